"""Public doors answer each address only so often. The library `limits` counts, and is asked only where it matters."""

import time

from flask import request
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

_limiter = MovingWindowRateLimiter(MemoryStorage())


def count_device(limit: str, device_id: int, tickets: int) -> None:
    """Count so many tickets of one device against `limit`; 429 once there were too many: it asks again later."""
    item = parse(limit)
    key = (request.endpoint or "", str(device_id))
    if not _limiter.hit(item, *key, cost=tickets):
        reset = _limiter.get_window_stats(item, *key).reset_time
        raise TooManyRequests("too many tickets of this device", retry_after=max(1, round(reset - time.time())))


def count_request(limit: str) -> None:
    """Count this request against `limit` ("10 per minute") of its door and address; 429 once there were too many."""
    item = parse(limit)
    key = (request.endpoint or "", request.remote_addr or "")
    if not _limiter.hit(item, *key):
        reset = _limiter.get_window_stats(item, *key).reset_time
        raise TooManyRequests("too many requests from this address", retry_after=max(1, round(reset - time.time())))
