"""The agent for call buttons that cannot speak HTTP: MQTT buttons, USB keypads, serial keypads (docs/buttons.md).

It is a client of the server's doors and knows nothing else of the server.
"""
