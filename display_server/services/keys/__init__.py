"""Keys and what they protect: the key file, encrypted fields, commitments in the audit log, signed ticket
links. Imports `db` only.
"""
