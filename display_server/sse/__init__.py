"""Server-sent events: a change of a centre reaches every connected display. Imports `display_server.metrics` only."""
