"""Public endpoints answer each address only so often. The library `limits` counts, and is asked only where it matters.

What counts as one address is decided in `services/addresses.py`; devices and trusted networks are apart.
"""

import time

from flask import request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from display_server.services.core.actors import Actor
from display_server.services.staff.client_addresses import Source
from display_server.web.auth.request_source import source

_limiter = MovingWindowRateLimiter(MemoryStorage())


def count_device(limit: str, who: Actor, tickets: int) -> None:
    """Count so many tickets of a device or member of staff against `limit`; 429 once there were too many."""
    item = parse(limit)
    key = (request.endpoint or "", f"{who.kind} {who.id}")
    if not _limiter.hit(item, *key, cost=tickets):
        reset = _limiter.get_window_stats(item, *key).reset_time
        raise TooManyRequests("too many tickets of this device", retry_after=max(1, round(reset - time.time())))


def count_request(limit: str) -> None:
    """Count this request against `limit` ("10 per minute") of its endpoint and source; 429 once there were too many."""
    item, key = parse(limit), _key(source())
    if not _limiter.hit(item, *key):
        raise _too_many(item, key)


def check_wrong(limit: str, who: Source) -> None:
    """429 where `who` was wrong at this endpoint too often; this request counts only once it is found wrong."""
    item, key = parse(limit), _key(who)
    if not who.is_shared and not _limiter.test(item, *key):
        raise _too_many(item, key)


def count_wrong(limit: str, who: Source) -> None:
    """Count this request, which was wrong, against `limit`."""
    if not who.is_shared:
        _limiter.hit(parse(limit), *_key(who))


def _key(who: Source) -> tuple[str, str]:
    return request.endpoint or "", who.key


def _too_many(item: RateLimitItem, key: tuple[str, str]) -> TooManyRequests:
    reset = _limiter.get_window_stats(item, *key).reset_time
    return TooManyRequests("too many requests from this address", retry_after=max(1, round(reset - time.time())))
