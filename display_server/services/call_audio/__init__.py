"""Spoken calls: a library of clips, one a word, joined into one sound a call; and which page plays it.

Imports `services.displays` and below.
"""
