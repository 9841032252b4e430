"""A visitor takes a number.

Taps of one moment share a transaction: on a small machine the wait for the disk and the ways to the database cost more
than the rest of a tap, and a morning's first minutes bring many at once.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import literal_column

from display_server.db import tables
from display_server.db.upsert import Upsert
from display_server.services.core.actors import Actor
from display_server.services.core.batching import Batcher, PendingRequest
from display_server.services.core.business_day import is_open_on, raise_series
from display_server.services.core.context import ServerContext, UnitOfWork
from display_server.services.core.schemas import TicketView
from display_server.services.errors import CentreClosed, RequestIdReused, ServiceError
from display_server.services.recovery.epoch import series_prefix
from display_server.services.tickets.tickets import (
    Queues,
    TicketRequest,
    TicketRow,
    add_tickets,
    count_waiting,
    find_by_requests,
    number_of,
    ticket_values,
    view_within,
)

series = tables.number_series

_TAKE_NUMBERS = Upsert(
    series,
    ("centre_id", "business_day", "prefix"),
    {"last": series.c.last + literal_column("excluded.last")},
    series.c.prefix,
    series.c.last,
)


@dataclass(frozen=True, slots=True)
class IssueRequest:
    """Who asks for which ticket."""

    actor: Actor
    wish: TicketRequest


Issued = tuple[TicketView, bool]  # the ticket, and whether it is new
PendingIssue = PendingRequest[IssueRequest, Issued]


@dataclass(frozen=True, slots=True)
class _NewTicket:
    """A ticket to make: its columns, and the transaction as its own tap sees it."""

    own: UnitOfWork
    values: dict[str, Any]


def issue(site: ServerContext, actor: Actor, wish: TicketRequest) -> Issued:
    """The visitor's ticket, and whether it is new. The same `request_id` gives the same ticket, always.

    Raises `NotFound` (department, procedure), `Invalid` (priority, language), `CentreClosed`, `RequestIdReused`.
    """
    taps = site.issue_batchers.get(actor.centre_id)
    if taps is None:
        taps = site.issue_batchers.setdefault(actor.centre_id, Batcher(partial(issue_batch, site)))
    answer: Issued = taps.submit(IssueRequest(actor, wish))
    return answer


def issue_batch(site: ServerContext, taps: Sequence[PendingIssue]) -> None:
    """Taps of one centre, in the order they came, in one transaction: each gets its answer or its error."""
    with site.write(taps[0].wanted.actor, ticks=len(taps)) as transaction:
        issued = _issue(transaction, taps)
    for tap, answer in issued:  # only what is committed is answered
        tap.answer = answer


def _issue(transaction: UnitOfWork, taps: Sequence[PendingIssue]) -> list[tuple[PendingIssue, Issued]]:
    """The answers to the taps that get one, in their order; the others have their error."""
    asked = {tap.wanted.wish.request_id for tap in taps}
    rows = find_by_requests(transaction.connection, transaction.centre_id, asked)
    drafts = _drafts(transaction, taps, rows)
    new = {row.request_id: row for row in _make(transaction, list(drafts.values()))}
    transaction.changed = bool(new)
    in_line = _queue_lengths_before(transaction, list(new.values()))
    issued = []
    for tap in taps:
        if tap.error is not None:
            continue
        request_id = tap.wanted.wish.request_id
        row = new.pop(request_id, None)
        if row is None:
            issued.append((tap, (view_within(transaction, rows[request_id]), False)))
            continue
        issued.append((tap, (view_within(transaction, row, in_line), True)))
        in_line[row.department_id, row.is_priority] += 1
        rows[request_id] = row  # for a second tap of the same request
    return issued


def _drafts(transaction: UnitOfWork, taps: Sequence[PendingIssue], rows: dict[str, TicketRow]) -> dict[str, _NewTicket]:
    """The tickets to make, by request, each at its own place."""
    drafts: dict[str, _NewTicket] = {}
    first_place = transaction.logical_clock - len(taps) + 1
    for place, tap in enumerate(taps, first_place):
        wish = tap.wanted.wish
        try:
            if wish.request_id in rows:
                _check_same(rows[wish.request_id].wish, wish)
            elif wish.request_id in drafts:
                _check_same(drafts[wish.request_id].values["wish"], wish)
            else:
                own = replace(transaction, actor=tap.wanted.actor, logical_clock=place)
                _check_open(own)
                drafts[wish.request_id] = _NewTicket(own, ticket_values(own, wish))
        except ServiceError as error:
            tap.error = error
    return drafts


def _check_same(earlier: str, wish: TicketRequest) -> None:
    if earlier != wish.fingerprint():
        raise RequestIdReused("this request_id was used for another ticket")


def _check_open(transaction: UnitOfWork) -> None:
    if is_open_on(transaction.site, transaction.catalogue, transaction.now, transaction.day):
        return
    opens_at = transaction.catalogue.hours.opens_at(transaction.now)
    raise CentreClosed(
        "the centre gives out no numbers now", opens_at=opens_at.isoformat() if opens_at is not None else None
    )


def _make(transaction: UnitOfWork, drafts: Sequence[_NewTicket]) -> list[TicketRow]:
    """Numbers and rows for `drafts`, and what the journal says of them."""
    if not drafts:
        return []
    departments = transaction.catalogue.department_by_id
    epoch = transaction.epoch
    prefixes = [
        series_prefix(departments[draft.values["department_id"]].prefix, transaction.day, epoch.day, epoch.letter)
        for draft in drafts
    ]
    numbers = _allocate_numbers(transaction, Counter(prefixes))
    tickets = [
        draft.values | {"prefix": prefix, "number": next(numbers[prefix])}
        for draft, prefix in zip(drafts, prefixes, strict=True)
    ]
    rows = add_tickets(transaction, tickets)
    for draft, row in zip(drafts, rows, strict=True):
        draft.own.write_journal("issued", ticket_id=row.id, number=number_of(row))
    return rows


def _allocate_numbers(transaction: UnitOfWork, wanted: Counter[str]) -> dict[str, Iterator[int]]:
    """The next numbers of each prefix, as many as `wanted`."""
    epoch = transaction.epoch
    if epoch.start and epoch.is_on(transaction.day):
        for prefix in wanted:
            raise_series(transaction.connection, transaction.centre_id, transaction.day, prefix, epoch.start)
    key = {"centre_id": transaction.centre_id, "business_day": transaction.day}
    first = [key | {"prefix": prefix, "last": count} for prefix, count in wanted.items()]
    taken = _TAKE_NUMBERS.run_all(transaction.connection, first)
    return {row.prefix: iter(range(row.last - wanted[row.prefix] + 1, row.last + 1)) for row in taken}


def _queue_lengths_before(transaction: UnitOfWork, new: Sequence[TicketRow]) -> Queues:
    """Who was in the lines that the new tickets join."""
    if not new:
        return Counter()
    departments = {row.department_id for row in new}
    first_place = min(row.place for row in new)
    return count_waiting(transaction.connection, transaction.centre_id, transaction.day, departments, first_place)
