"""The server: tickets, calls, counters, displays, staff, and their HTTP API and pages.

Imports `config` only: a slip is printed by the kiosk that owns the printer.
"""
