"""The commands of `motcua` that need the database. Each opens it, does one thing and says what it did.
Imports everything of the server; nothing imports it.
"""
