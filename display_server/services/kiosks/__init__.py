"""Kiosks at work: their status, print orders of staff, tickets that staff issue. Imports `services.tickets`
and below.
"""
