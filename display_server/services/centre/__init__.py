"""The centre as a whole: import, its checks, and what an administrator confirms. Imports `services.tickets`
and below.
"""
