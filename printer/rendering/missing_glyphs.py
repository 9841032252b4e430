"""Letters that a slip lacks are named in the log: once each, not with every slip."""

import logging

log = logging.getLogger(__name__)

_told: set[str] = set()


def tell_lost(letters: set[str], why: str) -> None:
    """Name those of `letters` that were not named before. `why`: "no font draws", …"""
    if fresh := sorted(letters - _told):
        _told.update(fresh)
        named = ", ".join(f'"{letter}" (U+{ord(letter):04X})' for letter in fresh)
        log.warning("slip: %s %s; a blank or a question mark stands for each", why, named)
