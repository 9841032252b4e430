"""Print jobs that survive a power cut: the store, the printers by URL, and the thread that prints. Imports
every other package of `printer`; knows no kiosk.
"""
