"""Tickets: issued, counted, looked up, uploaded from kiosks, ended with the day. Imports `services.staff`
names and below.
"""
