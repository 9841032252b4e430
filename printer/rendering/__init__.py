"""From a slip to bytes: fonts, pictures, ESC/POS raster and text mode, and what a printer can do (its
profile). Imports `printer.slip`; knows no connection.
"""
