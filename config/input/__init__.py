"""Files that people hand over: bounded TOML, tables as spreadsheets write them, and plain words for what is
wrong with a value. Imports `config.text` and `config.errors` only.
"""
