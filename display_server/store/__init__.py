"""Tables, the engine and migrations. Nothing here decides anything."""
