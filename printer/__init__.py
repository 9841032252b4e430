"""Slips: their content, their rendering, the connections to printers, the print jobs, and a virtual printer.

Imports `config` only; knows nothing of kiosks, servers or displays.
"""
