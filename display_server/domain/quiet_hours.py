"""Quiet hours: spans of the day in which the hall does not speak."""

from collections.abc import Iterable
from datetime import time


def is_quiet(spans: Iterable[str], now: time) -> bool:
    """`spans`: "HH:MM-HH:MM" in the centre's own time, the end not included; one that ends earlier than it begins
    runs past midnight.
    """
    return any(_holds(span[:5], span[6:], f"{now:%H:%M}") for span in spans)


def _holds(begin: str, end: str, now: str) -> bool:
    return begin <= now < end if begin <= end else now >= begin or now < end
