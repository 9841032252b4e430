"""Kiosks, displays, counters' devices and buttons as devices: enrolment, tokens, pairing, display settings.
Imports `services.recovery` and below.
"""
