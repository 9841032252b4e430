"""Text from people and devices: the one type for all of it, look-alike letters, old encodings, personal
numbers, line breaks. Imports nothing of Motcua.
"""
