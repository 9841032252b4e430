"""A virtual printer: parses ESC/POS, answers as a real one would, keeps its slips as pictures.

Imports `printer.rendering`, `printer.transports` and below.
"""
