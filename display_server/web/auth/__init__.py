"""Who may use which endpoint, and how people and devices prove who they are. One table of permissions,
checked before anything else of a request. Imports services.
"""
