"""The agent for call buttons without HTTP: MQTT buttons, USB keypads, serial keypads (docs/how-to/buttons.md).

It is a client of the server's doors and knows nothing else of the server.
"""
