"""What the demo prints once everything runs: where to look, and who may sign in."""

from collections.abc import Iterator

from display_server.demo.environment import DemoEnvironment
from display_server.demo.ports import reachable


def programme(hall: DemoEnvironment, start_page: str) -> Iterator[str]:
    """Aligned lines: the addresses, then names and passwords."""
    hall_url = f"http://{reachable(hall.wish.host)}:{hall.wish.hall_port}"
    yield f"{hall.centre.name['vi']} · {hall.centre.name['en']}"
    yield ""
    yield from _table(_places(hall, start_page, hall_url))
    yield ""
    yield from _table([(person.name, person.password, person.role) for person in hall.access.staff])
    yield ""
    yield "Ctrl-C ends it."


def _places(hall: DemoEnvironment, start_page: str, hall_url: str) -> list[tuple[str, ...]]:
    first = hall.centre.counters[0].code
    seen = "in its window" if hall.wish.window else "on the start page"
    return [
        ("START HERE", start_page),
        ("kiosk", f"{seen} (off-screen picture, a click is a tap)" if not hall.wish.window else seen),
        ("hall", f"{hall_url}/hall"),
        ("counter", f"{hall_url}/counter"),
        ("screen over a counter", f"{hall_url}/hall/counter/{first}"),
        ("administration", f"{hall_url}/admin"),
        ("paper", str(hall.slips)),
    ]


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  " + "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
