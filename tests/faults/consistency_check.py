"""What is on paper, and what the server knows: the two must be the same."""

import re
from collections import Counter
from typing import Any, Protocol

from sqlalchemy import select

from display_server.db import tables
from display_server.services.core.context import ServerContext

NUMBER = re.compile(r"[A-Z]{1,3}\d{3,6}")
COPY = "BAN SAO"
BLANK_ROWS = 64


class Paper(Protocol):
    """What came out of a printer, or of several."""

    def slips(self) -> list[dict[str, Any]]: ...


def on_paper(printer: Paper) -> tuple[Counter[str], Counter[str]]:
    """How often each number came out of a printer in text mode, without and with the word for a copy."""
    originals: Counter[str] = Counter()
    copies: Counter[str] = Counter()
    for slip in printer.slips():
        if not slip["text"] and slip["height"] <= BLANK_ROWS:
            continue  # before a copy the printer cuts off what may be the rest of a torn slip
        number = next((line for line in slip["text"] if NUMBER.fullmatch(line.strip())), None)
        assert number is not None, slip
        (copies if any(COPY in line for line in slip["text"]) else originals)[number.strip()] += 1
    return originals, copies


def in_database(site: ServerContext) -> dict[str, Any]:
    """The tickets by number; a number that two tickets hold fails here."""
    with site.read() as connection:
        rows = list(connection.execute(select(tables.ticket)))
    tickets = {f"{row.prefix}{row.number:03d}": row for row in rows}
    assert len(tickets) == len(rows)
    assert len({row.request_id for row in rows}) == len(rows)
    return tickets


def check(printer: Paper, site: ServerContext) -> dict[str, int]:
    """Paper and tickets match, and no number is twice on paper without saying so; the counts for the table."""
    originals, copies = on_paper(printer)
    paper, tickets = set(originals) | set(copies), set(in_database(site))
    twice = {number for number, count in originals.items() if count > 1}
    counts = {
        "on_paper": len(paper),
        "tickets": len(tickets),
        "missing_on_paper": len(tickets - paper),
        "unknown_to_the_server": len(paper - tickets),
        "twice_without_copy": len(twice),
        "copies": sum(copies.values()),
    }
    assert not tickets - paper, f"no paper: {sorted(tickets - paper)}; {counts}"
    assert not paper - tickets, f"no ticket: {sorted(paper - tickets)}; {counts}"
    assert not twice, f"twice: {sorted(twice)}; {counts}"
    return counts
