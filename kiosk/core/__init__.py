"""Everything of a kiosk but its window: outbox, ticket requests, offline numbers, polling, status reports.
Imports `kiosk.api`, `kiosk.devices`, `kiosk.process` and `printer`; no Kivy.
"""
