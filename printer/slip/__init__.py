"""What a slip says, without a printer: its content, its layout as data, the template that fills it. Plain
Python: no I/O beyond reading layout files. Imports `printer.errors` and `config`.
"""
