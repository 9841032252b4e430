"""The versions of the schema: migrations up and down, and whether a database has exactly this schema. Imports
`display_server.db` engine and tables.
"""
