"""The server's HTTP API as a kiosk uses it: the client and the models of its messages. Imports `config` only."""
