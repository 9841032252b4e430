"""A centre's data in memory: departments, procedures, counters, hours; and how busy its queues are. Imports
`services.errors`, `db` and `domain` only.
"""
