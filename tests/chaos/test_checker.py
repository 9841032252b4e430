"""The checker is held against histories that are broken on purpose, one way each: it must name what is wrong."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.checker import check, check_paper
from tests.chaos.history import OWN_NUMBER, Asked, Call, History, Line, Shown, Ticket, Truth

Break = Callable[[History, Truth], Any]


def good() -> tuple[History, Truth]:
    """Four visitors; three are called to two counters, one is transferred, one screen watches."""
    tickets = [Ticket(number, f"tap-{number}", "monday", "A", number, "HT", number * 10) for number in range(1, 5)]
    taps = [
        Asked("kiosk", "tap", "HT", ticket.request_id, ticket.id, ticket.id + 0.5, 201, ticket.id, ticket.name)
        for ticket in tickets
    ]
    calls = [Call(1, 1, "A001", "1"), Call(2, 2, "A002", "2"), Call(3, 3, "A003", "1")]
    presses = [
        Asked(f"counter {call.counter}", "call-next", call.counter, f"press-{call.seq}", 10 + call.seq, 10.5 + call.seq)
        for call in calls
    ]
    told = [
        replace(press, status=200, ticket_id=call.ticket_id, number=call.number, seq=call.seq)
        for press, call in zip(presses, calls, strict=True)
    ]
    steps = [
        Asked("counter 1", "start", "1", "start-1", 11.6, 11.7, 200, 1, "A001", 1),
        Asked("counter 2", "transfer", "2", "transfer-2", 12.6, 12.7, 200, 2, "A002", 2),
    ]
    journal = [Line("issued", ticket.id, ticket.name) for ticket in tickets] + [
        Line("called", 1, "A001", "1", 1),
        Line("serving", 1, "A001", "1"),
        Line("called", 2, "A002", "2", 2),
        Line("transferred", 2, "A002", "2", department="DD"),
        Line("finished", 1, "A001", "1"),
        Line("called", 3, "A003", "1", 3),
    ]
    shown = [
        Shown("screen", 4, 0, ()),
        Shown("screen", 5, 1, ((1, "A001", "1"),)),
        Shown("screen", 9, 3, ((3, "A003", "1"), (2, "A002", "2")), is_last=True),
    ]
    return History([*taps, *told, *steps], shown), Truth(tickets, calls, journal, latest=2)


def test_what_is_well_is_found_well() -> None:
    assert {name: found for name, found in check(*good()).items() if found} == {}


def test_attempts_without_an_answer_and_refusals_promise_nothing() -> None:
    history, truth = good()
    history.asked += [
        Asked("kiosk", "tap", "HT", "lost", 20.0),
        Asked("kiosk", "tap", "HT", "full", 21.0, 21.1, 503),
        Asked("counter 1", "finish", "1", "late", 22.0, 22.1, 409),
    ]
    assert not any(check(history, truth).values())


def test_a_tap_that_is_repeated_may_have_been_done_at_once() -> None:
    history, truth = good()
    first = history.asked[0]
    history.asked[0] = replace(first, answered_at=None, status=None, ticket_id=None, number=None)
    history.asked.append(replace(first, asked_at=50.0, answered_at=51.0, status=200))
    assert not any(check(history, truth).values())


def of(index: int, **changes: Any) -> Break:
    return lambda history, _: history.asked.__setitem__(index, replace(history.asked[index], **changes))


def ticket(index: int, **changes: Any) -> Break:
    return lambda _, truth: truth.tickets.__setitem__(index, replace(truth.tickets[index], **changes))


def line(index: int, **changes: Any) -> Break:
    return lambda _, truth: truth.journal.__setitem__(index, replace(truth.journal[index], **changes))


def screen(index: int, **changes: Any) -> Break:
    return lambda history, _: history.shown.__setitem__(index, replace(history.shown[index], **changes))


def swapped(_: History, truth: Truth) -> None:
    one, other = truth.tickets[2:]
    truth.tickets[2:] = [replace(one, number=other.number), replace(other, number=one.number)]


BROKEN: dict[str, tuple[str, Break]] = {
    "a number twice": ("numbers_unique", ticket(3, number=3)),
    "a number that nobody has": ("numbers_without_gaps", lambda _, truth: truth.tickets.pop(1)),
    "two counters call one visitor": ("served_once_at_a_time", line(6, ticket_id=1, number="A001")),
    "a counter calls while somebody is there": ("served_once_at_a_time", lambda _, truth: truth.journal.pop(8)),
    "a visit ends at another counter": ("served_once_at_a_time", line(8, counter="2")),
    "a later visitor is called first": ("predicted_call_order", line(6, ticket_id=4, number="A004", action="called")),
    "somebody is called who is in no line": ("predicted_call_order", lambda _, truth: truth.journal.pop(2)),
    "a later tap got an earlier place": ("order_of_taps", ticket(0, place=99)),
    "a later tap got a smaller number": ("order_of_taps", swapped),
    "a ticket is lost": ("acknowledged_is_there", lambda _, truth: truth.tickets.pop()),
    "a ticket has another number than was told": ("acknowledged_is_there", of(3, number="A005")),
    "a call is lost": ("acknowledged_is_there", lambda _, truth: truth.calls.pop()),
    "a call is of another visitor than was told": ("acknowledged_is_there", of(6, ticket_id=4)),
    "a step is lost": ("acknowledged_is_there", lambda _, truth: truth.journal.pop(5)),
    "a call's number is left out": ("acknowledged_is_there", lambda _, truth: truth.calls.pop(0)),
    "a repeated tap makes a second ticket": ("done_once", ticket(3, request_id="tap-3")),
    "a repeated tap is answered with another ticket": (
        "done_once",
        lambda history, _: history.asked.append(replace(history.asked[0], ticket_id=2, number="A002")),
    ),
    "two taps are answered with one ticket": ("done_once", of(1, ticket_id=1, number="A001")),
    "a ticket that nobody asked for": ("done_once", ticket(3, request_id="nobody")),
    "more calls than presses": ("done_once", lambda history, _: history.asked.pop(4)),
    "a screen shows a call that never was": ("screens_show_a_prefix", screen(1, calls=((1, "A004", "1"),))),
    "a screen leaves a call out": ("screens_show_a_prefix", screen(2, calls=((3, "A003", "1"), (1, "A001", "1")))),
    "a screen goes back": ("screens_show_a_prefix", lambda history, _: history.shown.insert(2, history.shown[0])),
    "a screen knows the future": ("screens_show_a_prefix", screen(2, seq=4)),
    "a screen stays behind": ("screens_show_a_prefix", screen(2, seq=2, calls=((2, "A002", "2"), (1, "A001", "1")))),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_found(name: str) -> None:
    history, truth = good()
    rule, spoil = BROKEN[name]
    spoil(history, truth)
    assert check(history, truth)[rule], check(history, truth)


def test_every_rule_is_seen_to_fail() -> None:
    assert {rule for rule, _ in BROKEN.values()} == set(check(*good()))


def with_own_numbers() -> tuple[History, Truth]:
    """Besides, a kiosk gave two numbers by itself; the server had made a ticket for one of them and called it."""
    history, truth = good()
    for number, request_id in enumerate(("own-1", "own-2"), start=1):
        truth.tickets.append(Ticket(10 + number, request_id, "monday", "AK", number, "HT", 50 + number))
        asked = Asked("kiosk with paper", OWN_NUMBER, "HT", request_id, 5.0 + number, 5.5 + number, 201)
        history.asked.append(replace(asked, number=f"AK{number:03d}"))
    truth.calls.append(Call(4, 11, "A005", "2"))
    history.asked.append(Asked("counter 2", "call-next", "2", "press-4", 14.0, 14.5, 200, 11, "A005", 4))
    truth.journal += [
        Line("issued", 11, "A005"),
        Line("finished", 3, "A003", "1"),
        Line("called", 4, "A004", "1", chosen=True),
        Line("called", 11, "A005", "2", 4),
        Line("voided", 11, "A005"),
        Line("renumbered", 11, "AK001"),
        Line("handed_in", 12, "AK002"),
        Line("called", 11, "AK001", "2", 5),
    ]
    history.shown.clear()
    return history, truth


def test_a_number_of_a_kiosks_own_takes_the_place_of_one_that_nobody_holds() -> None:
    assert not any(check(*with_own_numbers()).values())


@pytest.mark.parametrize(
    ("rule", "spoil"),
    [
        ("acknowledged_is_there", lambda _, truth: truth.tickets.pop()),
        ("acknowledged_is_there", ticket(4, number=7)),
        ("order_of_taps", ticket(4, place=99)),
        ("done_once", lambda history, _: history.asked.pop(-2)),
        ("served_once_at_a_time", line(14, action="renumbered")),
        ("predicted_call_order", line(17, ticket_id=12)),
    ],
)
def test_own_numbers_that_are_wrong_are_found(rule: str, spoil: Break) -> None:
    history, truth = with_own_numbers()
    spoil(history, truth)
    assert check(history, truth)[rule], check(history, truth)


def test_paper_and_numbers_are_the_same() -> None:
    assert check_paper({"A001", "A002"}, Counter({"A001": 1}), Counter({"A001": 3, "A002": 1})) == []
    assert check_paper({"A001"}, Counter(), Counter()) == ["A001 was given and has no paper"]
    assert check_paper(set(), Counter({"A001": 1}), Counter()) == ["A001 is on paper and was given to nobody"]
    assert check_paper({"A001"}, Counter({"A001": 2}), Counter()) == ["A001 is 2 times on paper"]
