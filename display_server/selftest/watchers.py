"""Many plain watchers of the hall's stream, in a process of its own so that they cost the measured clients nothing.

Talks over its pipes: `ready`, then a JSON object on a line of its own for every line read on stdin.
"""

import contextlib
import json
import re
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field

import click

READ = 1 << 16
# Reading a hundred whole states as JSON would take longer than sending them did.
CALL = re.compile(rb'\{"seq":(\d+),"id":')


@dataclass
class Watcher:
    """One connection to the stream: the bytes not yet understood, the calls seen and when."""

    connection: socket.socket
    rest: bytes = b""
    seen: dict[int, float] = field(default_factory=dict)

    def take(self, data: bytes, now: float) -> None:
        self.rest += data
        *events, self.rest = self.rest.split(b"\n\n")
        for event in events:
            for found in CALL.finditer(event):
                seq = int(found[1])
                if seq in self.seen:
                    break  # newest first: the rest was seen with an earlier state
                self.seen[seq] = now


def watch(port: int, count: int) -> None:
    selector = selectors.DefaultSelector()
    watchers = [_open(port, selector) for _ in range(count)]
    selector.register(sys.stdin, selectors.EVENT_READ)
    while not all(watcher.rest or watcher.seen for watcher in watchers):
        _read_once(selector)
    click.echo("ready")
    while not _read_once(selector):
        pass
    click.echo(json.dumps(_report(watchers)))


def _open(port: int, selector: selectors.BaseSelector) -> Watcher:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall(b"GET /api/v1/hall/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n")
    connection.setblocking(False)
    watcher = Watcher(connection)
    selector.register(connection, selectors.EVENT_READ, watcher)
    return watcher


def _read_once(selector: selectors.BaseSelector) -> bool:
    """Read what is there; true once the parent asks for the report."""
    asked = False
    received = []
    for key, _ in selector.select():
        if key.data is None:
            sys.stdin.readline()
            asked = True
            continue
        with contextlib.suppress(BlockingIOError):
            received.append((key.data, key.data.connection.recv(READ), time.monotonic()))
    for watcher, data, now in received:
        watcher.take(data, now)
    return asked


def _report(watchers: list[Watcher]) -> dict[str, list[list[float]]]:
    """Per call: its seq, when the last watcher had it, and how many had it."""
    everything = sorted({seq for watcher in watchers for seq in watcher.seen})
    rows = []
    for seq in everything:
        times = [watcher.seen[seq] for watcher in watchers if seq in watcher.seen]
        rows.append([seq, max(times), len(times)])
    return {"calls": rows}


if __name__ == "__main__":
    watch(int(sys.argv[1]), int(sys.argv[2]))
