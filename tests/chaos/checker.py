"""Does what clients were told agree with what is there? Pure: a history and the database's rows in, problems out.

The journal's order is the order in which everything happened: each transaction of a centre takes the centre's lock.
"""

from collections import Counter
from collections.abc import Iterable

from tests.chaos.history import OWN_NUMBER, Asked, History, Line, Problems, Ticket, Truth, by_request

# What the journal says of a step that was answered with success.
WORDS = {
    "start": "serving",
    "finish": "finished",
    "no-show": "no_show",
    "recall": "recalled",
    "transfer": "transferred",
    "park": "parked",
}
LEAVES = {"finished", "no_show", "parked", "cancelled", "transferred"}
TAPS = {"tap", OWN_NUMBER}


def check(history: History, truth: Truth) -> Problems:
    """Everything that must hold, each with what was found against it; empty lists where it holds."""
    return {
        "numbers_unique": _repeated(truth),
        "numbers_without_gaps": _gaps(truth),
        "served_once_at_a_time": _served_once(truth),
        "predicted_call_order": _order(truth),
        "order_of_taps": _earlier_is_smaller(history, truth),
        "acknowledged_is_there": _lost(history, truth),
        "done_once": _done_once(history, truth),
        "screens_show_a_prefix": _views(history, truth),
    }


def _repeated(truth: Truth) -> list[str]:
    held = Counter((ticket.day, ticket.name) for ticket in truth.tickets)
    return [f"{name} of {day} is held by {count} tickets" for (day, name), count in held.items() if count > 1]


def _gaps(truth: Truth) -> list[str]:
    voided = {line.number for line in truth.journal if line.action == "voided"}
    series: dict[tuple[str, str], set[int]] = {}
    for ticket in truth.tickets:
        series.setdefault((ticket.day, ticket.prefix), set()).add(ticket.number)
    missing = [
        (day, f"{prefix}{number:03d}")
        for (day, prefix), given in series.items()
        for number in range(1, max(given) + 1)
        if number not in given
    ]
    return [f"nobody has {name} of {day}" for day, name in missing if name not in voided]


def _served_once(truth: Truth) -> list[str]:
    """Nobody is at two counters, no counter has two visitors, and no step is of somebody who is elsewhere."""
    found = []
    at_counter: dict[str, int] = {}
    counter_of: dict[int, str] = {}
    in_vain = _called_in_vain(truth.journal)
    for place, line in enumerate(truth.journal):
        if place in in_vain:
            at_counter.pop(counter_of.pop(line.ticket_id or 0, ""), None)
        if line.ticket_id is None or line.counter is None:
            continue
        said = f"line {place}: {line.action} {line.number} at {line.counter}"
        if line.action == "called":
            if line.counter in at_counter:
                found.append(f"{said}, where {at_counter[line.counter]} still is")
            if line.ticket_id in counter_of:
                found.append(f"{said}, who is still at {counter_of[line.ticket_id]}")
            at_counter[line.counter], counter_of[line.ticket_id] = line.ticket_id, line.counter
        elif line.action in LEAVES | {"serving", "recalled"}:
            if at_counter.get(line.counter) != line.ticket_id:
                found.append(f"{said}, who is not there")
            if line.action in LEAVES:
                at_counter.pop(line.counter, None)
                counter_of.pop(line.ticket_id, None)
    return found


def check_paper(given: set[str], originals: Counter[str], copies: Counter[str]) -> list[str]:
    """Each number that a visitor was given is on paper, nothing else is, and none is twice without saying so."""
    paper = set(originals) | set(copies)
    return (
        [f"{number} was given and has no paper" for number in sorted(given - paper)]
        + [f"{number} is on paper and was given to nobody" for number in sorted(paper - given)]
        + [f"{number} is {count} times on paper" for number, count in originals.items() if count > 1]
    )


def _called_in_vain(journal: list[Line]) -> set[int]:
    """Where in the journal a number was voided whose holder, with another one on paper, had been called by it.

    They go back into the line, unless a clerk had ever begun with them.
    """
    begun, called, found = set(), set(), set()
    for place, line in enumerate(journal):
        if line.action == "serving":
            begun.add(line.ticket_id)
        elif line.action == "called":
            called.add(line.ticket_id)
        elif line.action == "voided" and line.ticket_id in called - begun:
            found.add(place)
    return found


def _order(truth: Truth) -> list[str]:
    """Whoever is called as the next one has the earliest place of all who wait in that queue.

    Not of those who wait under a number that nobody holds: their place may become that of their own, earlier tap.
    """
    tickets = {ticket.id: ticket for ticket in truth.tickets}
    unheld = {line.ticket_id for line in truth.journal if line.action == "voided"}
    in_vain = _called_in_vain(truth.journal)
    queue_of = {ticket.id: ticket.department for ticket in truth.tickets}
    waiting: dict[int, str] = {}
    found = []
    for place, line in enumerate(truth.journal):
        ticket = tickets.get(line.ticket_id or 0)
        if ticket is None:
            continue
        if line.action in {"issued", "handed_in"} or place in in_vain:
            waiting[ticket.id] = queue_of[ticket.id]
        elif line.action == "transferred" and line.department is not None:
            waiting[ticket.id] = queue_of[ticket.id] = line.department
        elif line.action == "called":
            queue = waiting.pop(ticket.id, None)
            if queue is None and not line.chosen:
                found.append(f"{line.number} was called as call {line.seq} and was in no line")
            if not line.chosen and ticket.id not in unheld:
                held = {each: its for each, its in waiting.items() if each not in unheld}
                found += _passed(ticket, queue, held, tickets)
        if line.action == "voided":
            unheld.discard(ticket.id)
    return found


def _passed(ticket: Ticket, queue: str | None, waiting: dict[int, str], tickets: dict[int, Ticket]) -> list[str]:
    before = [
        tickets[each].name for each, line in waiting.items() if line == queue and tickets[each].place < ticket.place
    ]
    return [f"{ticket.name} was called before {', '.join(sorted(before)[:5])}"] if before else []


def _earlier_is_smaller(history: History, truth: Truth) -> list[str]:
    """Whoever had a number before another one tapped for the same queue has a smaller number and the earlier place.

    Numbers of a kiosk's own are another series: among themselves.
    """
    tickets = {ticket.request_id: ticket for ticket in truth.tickets}
    taps = [each for each in history.asked if each.what in TAPS]
    found = []
    for series in sorted({(each.what, each.where) for each in taps}):
        visits = [
            # A tap that is repeated may have been done at its first attempt, though nobody heard the answer.
            (min(each.asked_at for each in attempts), min(told), tickets[request_id])
            for request_id, attempts in by_request(each for each in taps if (each.what, each.where) == series).items()
            if (told := [each.answered_at or 0.0 for each in attempts if each.done])
            if request_id in tickets
        ]
        found += _overtaken(visits)
    return found


def _overtaken(visits: list[tuple[float, float, Ticket]]) -> list[str]:
    """`visits`: when each was first asked for, when it was first answered, and its ticket."""
    answered = sorted(visits, key=lambda visit: visit[1])
    found, earlier = [], 0
    latest: Ticket | None = None
    for asked_at, _, mine in sorted(visits, key=lambda visit: visit[0]):
        while earlier < len(answered) and answered[earlier][1] < asked_at:
            known = answered[earlier][2]
            latest = known if latest is None or known.place > latest.place else latest
            earlier += 1
        if latest is not None and (latest.place >= mine.place or latest.number >= mine.number) and latest.id != mine.id:
            found.append(f"{mine.name} was asked for after {latest.name} had been given")
    return found


def _lost(history: History, truth: Truth) -> list[str]:
    """Every answer that promised something, held against what is there."""
    tickets = {ticket.request_id: ticket for ticket in truth.tickets}
    calls = {call.seq: call for call in truth.calls}
    lines = Counter((line.action, line.ticket_id, line.counter) for line in truth.journal)
    found = []
    promised: Counter[tuple[str, int | None, str]] = Counter()
    for attempts in by_request(each for each in history.asked if each.done).values():
        told = attempts[0]
        if told.what in TAPS:
            ticket = tickets.get(told.request_id)
            if ticket is None or ticket.name != told.number or told.ticket_id not in {None, ticket.id}:
                found.append(f"{told.client} was given {told.number}, there is {ticket}")
        elif told.what == "call-next":
            call = calls.get(told.seq or 0)
            if call is None or (call.ticket_id, call.number, call.counter) != (told.ticket_id, told.number, told.where):
                found.append(f"{told.client} was told of call {told.seq} of {told.number}, there is {call}")
        else:
            promised[WORDS[told.what], told.ticket_id, told.where] += 1
    found += [
        f"{key} was promised {count} times, done {lines[key]}" for key, count in promised.items() if lines[key] < count
    ]
    if [call.seq for call in truth.calls] != list(range(1, len(truth.calls) + 1)):
        found.append("the calls' own numbers have a hole or repeat")
    return found


def _done_once(history: History, truth: Truth) -> list[str]:
    """A request that was sent again got the same answer, no two requests share one, and nothing is there unasked."""
    found = []
    answers: dict[tuple[str, int | str | None], str] = {}
    for request_id, attempts in by_request(each for each in history.asked if each.done).items():
        told = {(each.ticket_id, each.number, each.seq) for each in attempts}
        if len(told) > 1:
            found.append(f"{request_id} was answered with {sorted(map(str, told))}")
        first = attempts[0]
        if first.what in TAPS | {"call-next"}:
            key = (first.what, first.seq if first.what == "call-next" else first.number)
            if answers.setdefault(key, request_id) != request_id:
                found.append(f"{request_id} and {answers[key]} were answered with the same {key}")
    taps = {each.request_id for each in history.asked if each.what in TAPS}
    twice = Counter(ticket.request_id for ticket in truth.tickets)
    found += [f"{request_id} made {count} tickets" for request_id, count in twice.items() if count > 1]
    found += [f"nobody asked for {ticket.name}" for ticket in truth.tickets if ticket.request_id not in taps]
    asked = Counter(
        each.where for each in {each.request_id: each for each in _of(history, "call-next", "recall")}.values()
    )
    made = Counter(call.counter for call in truth.calls)
    found += [
        f"{count} calls at {counter}, {asked[counter]} asked for"
        for counter, count in made.items()
        if count > asked[counter]
    ]
    return found


def _of(history: History, *what: str) -> Iterable[Asked]:
    return (each for each in history.asked if each.what in what)


def _views(history: History, truth: Truth) -> list[str]:
    """Each state is the truth up to some call, none goes back, and in the end a connected screen knows it all."""
    calls = [(call.seq, call.number, call.counter) for call in truth.calls]
    found = []
    last: dict[str, tuple[int, int]] = {}
    for shown in history.shown:
        expected = tuple(calls[max(0, shown.seq - truth.latest) : shown.seq][::-1])
        if shown.seq > len(calls) or shown.calls != expected:
            found.append(f"{shown.screen} showed {shown.calls[:3]} at {shown.seq}, not {expected[:3]}")
        if (shown.version, shown.seq) < last.get(shown.screen, (0, 0)):
            found.append(f"{shown.screen} went back from {last[shown.screen]} to {(shown.version, shown.seq)}")
        last[shown.screen] = (shown.version, shown.seq)
        if shown.is_last and shown.seq != len(calls):
            found.append(f"{shown.screen} ended at call {shown.seq} of {len(calls)}")
    return found
