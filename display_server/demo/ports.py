"""Ports that are free, and the address under which others reach this machine."""

import socket
from collections.abc import Iterator

NEARBY = 50
EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared with, not listened on


def free_port(host: str, wanted: int) -> int:
    """`wanted` where it is free, else a free one close to it; 0 for any."""
    return next(filter(None, (_bound(host, port) for port in _candidates(wanted))))


def reachable(host: str) -> str:
    """`host` as others write it: this machine's own address where the demo listens everywhere."""
    if host not in EVERYWHERE:
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent: it only tells the way out
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def _candidates(wanted: int) -> Iterator[int]:
    if wanted:
        yield from range(wanted, min(wanted + NEARBY, 65536))
    while True:
        yield 0


def _bound(host: str, port: int) -> int:
    """The port, if it could be listened on."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return 0
        return int(probe.getsockname()[1])
