"""People who may sign in: accounts, passwords, second factor, sessions, sign-in limits, single sign-on.
Imports `services.devices` and below.
"""
