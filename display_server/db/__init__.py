"""Tables, the engine, and what differs between SQLite and PostgreSQL. Decides nothing about tickets.

Files, schema, copies and one migration's support have packages of their own. Imports `config` only.
"""
