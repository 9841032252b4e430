"""A centre as files: its folder is read, validated and reported on here, all problems at once. `loader` is
the entry. Imports `config.input`, `config.text` and the data modules of `config`; knows no database.
"""
