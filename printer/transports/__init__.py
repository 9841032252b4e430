"""Connections that carry bytes to a printer and its status back: TCP, USB, serial, device files, spoolers;
and their discovery. Imports `printer.errors` and python-escpos' USB part; knows no slip.
"""
