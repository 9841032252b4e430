"""What `--once` played, counted: as JSON, and to read."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from config.centre.loader import Centre
from display_server.demo.batch.screenshot_set import ScreenshotSet
from display_server.demo.simulation.event_log import EventLog

# What must be 0, in words.
FAULTS = {
    "repeated_numbers": "numbers given out twice",
    "missing_numbers": "gaps in the numbers",
    "double_calls": "visitors called to two counters at once",
    "calls_not_shown": "calls that the watching screen never received",
    "lost_tickets": "numbers given out that the server does not know",
    "left_waiting": "visitors still waiting at the end",
    "missing_slips": "kiosk numbers without paper",
    "odd_slips": "slips with something odd about them",
    "refused_tickets": "numbers refused",
    "refused_steps": "clerks' steps refused",
    "numbers_without_the_server": "kiosk numbers given out without the server",
}
NOTE = (
    "Played in haste: a visit takes one to four seconds instead of minutes. Waits are the real seconds between a "
    "number and its first call, without those who stood still while pictures were taken. They show that the "
    "figures add up and where a queue grows, not how long people would wait."
)


def summarise(
    centre: Centre, record: EventLog, album: ScreenshotSet, seconds: float, started: datetime
) -> dict[str, Any]:
    """The figures as one object."""
    waits = first_waits(record)
    return {
        "centre": centre.code,
        "started_at": started.isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "note": NOTE,
        "visitors": len(record.taken),
        "departments": len({taken.department for taken in record.taken}),
        "at_the_kiosk": sum(taken.at_kiosk for taken in record.taken),
        "priority": sum(taken.priority is not None for taken in record.taken),
        "calls": record.steps["call-next"] + record.steps["call"],
        "recalls": record.steps["recall"],
        "finished": record.steps["finish"],
        "no_shows": record.steps["no-show"],
        "parked": record.steps["park"],
        "transfers": record.steps["transfer"],
        "called_again_by_number": record.steps["call"],
        "wait_seconds": _spread(waits.values()),
        "by_department": list(_by_department(centre, record, waits)),
        "faults": {kind: record.faults[kind] for kind in FAULTS},
        "told": record.told,
        "pictures": album.taken,
        "pictures_missing": album.missing,
    }


def first_waits(record: EventLog) -> dict[str, float]:
    """Seconds from number to first call, by number; without those who waited while pictures were taken."""
    waits: dict[str, float | None] = {}
    for call in record.calls:
        issued, called = datetime.fromisoformat(call["issued_at"]), datetime.fromisoformat(call["called_at"])
        stood_still = record.pause is not None and issued < record.pause[1] < called
        waits.setdefault(call["number"], None if stood_still else (called - issued).total_seconds())
    return {number: wait for number, wait in waits.items() if wait is not None}


def repeated_and_missing(numbers: list[str]) -> tuple[list[str], list[str]]:
    """Numbers given out twice, and numbers skipped: per prefix they run from 001 without a gap."""
    repeated = [number for number, count in Counter(numbers).items() if count > 1]
    highest: dict[str, int] = {}
    for number in numbers:
        prefix, digits = _parts(number)
        highest[prefix] = max(highest.get(prefix, 0), digits)
    expected = {f"{prefix}{n:03d}" for prefix, last in highest.items() for n in range(1, last + 1)}
    return repeated, sorted(expected - set(numbers))


def write(summary: dict[str, Any], folder: Path) -> Path:
    """`summary.json` and `summary.md`; the latter's path."""
    (folder / "summary.json").write_text(json.dumps(summary, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    to_read = folder / "summary.md"
    to_read.write_text("\n".join(_lines(summary)) + "\n", encoding="utf-8")
    return to_read


def _parts(number: str) -> tuple[str, int]:
    match = re.fullmatch(r"(\D+)(\d+)", number)
    return (match[1], int(match[2])) if match else (number, 0)


def _spread(seconds: Iterable[float]) -> dict[str, float | None]:
    ordered = sorted(seconds)
    if not ordered:
        return {"median": None, "p90": None, "longest": None}
    p90 = ordered[min(len(ordered) - 1, int(0.9 * len(ordered)))]
    return {"median": round(median(ordered), 1), "p90": round(p90, 1), "longest": round(ordered[-1], 1)}


def _by_department(centre: Centre, record: EventLog, waits: dict[str, float]) -> Iterator[dict[str, Any]]:
    for department in centre.departments:
        numbers = [taken.number for taken in record.taken if taken.department == department.code]
        if numbers:
            spread = _spread(waits[number] for number in numbers if number in waits)
            yield {
                "code": department.code,
                "name": department.name["vi"],
                "visitors": len(numbers),
                "wait_seconds": spread,
            }


def _lines(summary: dict[str, Any]) -> Iterator[str]:
    yield f"# A short morning at {summary['centre']}"
    yield ""
    yield f"{summary['started_at']}, {summary['seconds']} s. {summary['note']}"
    yield ""
    yield from _table(("what", "how many"), _figures(summary))
    yield from _table(("must be 0", ""), [(FAULTS[kind], str(count)) for kind, count in summary["faults"].items()])
    yield from (f"- {line}" for line in summary["told"])
    head = ("department", "visitors", "wait, median s", "p90 s", "longest s")
    yield from _table(head, [_department_row(row) for row in summary["by_department"]])
    yield from _table(
        ("picture", "shows"), [(f"pictures/{file}", words) for file, words in summary["pictures"].items()]
    )
    if summary["pictures_missing"]:
        yield f"Missing: {summary['pictures_missing']}."


def _figures(summary: dict[str, Any]) -> list[tuple[str, str]]:
    names = ["visitors", "departments", "at_the_kiosk", "priority", "calls", "recalls", "finished", "no_shows"]
    names += ["parked", "transfers", "called_again_by_number"]
    rows = [(name.replace("_", " "), str(summary[name])) for name in names]
    wait = summary["wait_seconds"]
    return [*rows, ("wait in seconds: median, p90, longest", f"{wait['median']}, {wait['p90']}, {wait['longest']}")]


def _department_row(row: dict[str, Any]) -> tuple[str, ...]:
    wait = row["wait_seconds"]
    return (row["name"], str(row["visitors"]), str(wait["median"]), str(wait["p90"]), str(wait["longest"]))


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, tuple("-" * width for width in widths), *rows):
        yield "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
    yield ""
