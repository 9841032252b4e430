"""Heads of requests that two servers in a row could read differently: refused.

RFC 9112, 6.3 and 11.2. A proxy in front that takes another view of where a request ends could be made to hand on the
rest of it as somebody else's request.
"""

import re
from collections.abc import Sequence
from email.message import Message

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)
ONCE = ("content-length", "transfer-encoding", "host", "content-type", "authorization")


def ambiguity(headers: Message) -> str | None:
    """What makes the head unclear, None for nothing."""
    if headers.defects or headers.get_payload():
        return "a line of the header is none"
    for name, value in headers.items():
        if not TOKEN.fullmatch(name):
            return "the name of a header is malformed"
        if "\r" in value or "\n" in value or "\0" in value:
            return "a header goes over several lines"
    for name in ONCE:
        if len(_all(headers, name)) > 1:
            return f"{name} is sent more than once"
    return _length(_all(headers, "content-length"), _all(headers, "transfer-encoding"))


def _length(lengths: Sequence[str], encodings: Sequence[str]) -> str | None:
    if lengths and encodings:
        return "content-length and transfer-encoding exclude each other"
    if lengths and not LENGTH.fullmatch(lengths[0].strip(" \t")):
        return "content-length is no number"
    if encodings and encodings[0].strip(" \t").lower() != "chunked":
        return "transfer-encoding is not chunked"
    return None


def _all(headers: Message, name: str) -> list[str]:
    return [str(value) for value in headers.get_all(name, [])]
