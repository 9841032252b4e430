"""What can go wrong with a demo, each told in one clear line."""

from config.errors import MotcuaError


class DemoError(MotcuaError):
    """The demo cannot start, or cannot go on."""
