"""The one base of every error that Motcua raises on purpose."""


class MotcuaError(Exception):
    """Something a person can act on. Its text is one clear line; commands print it and end with `exit_code`."""

    exit_code = 1
