"""The agent for call buttons that cannot speak HTTP: MQTT buttons, USB keypads, serial keypads.

A client of the HTTP API; it imports `config` only and nothing of the server.
"""
