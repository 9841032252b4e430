"""Who is next at a counter, and why.

Order of the reasons, first that applies:
1. somebody has waited longer than the bound: the longest waiting of them (so nobody starves, whatever else holds);
2. somebody was sent to this very counter;
3. the counter's first queue in which anybody waits (`ranked`), or the queue of the longest waiting (`oldest`);
   within it a priority visitor if it is priority's turn, else first come first served; but a priority visitor who
   came first of all is never passed by a later one.
Priority's turn: always (`strict`), or once after every `others_between` other visitors (`interleaved`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

MICROSECONDS = 1_000_000


class Reason(StrEnum):
    """Why this visitor was called. Stored with the call; a complaint is answered from it."""

    OLDEST = "oldest"
    PRIORITY = "priority"
    WAITED_TOO_LONG = "waited_too_long"
    SENT_HERE = "sent_here"
    CHOSEN = "chosen"
    RECALL = "recall"


@dataclass(frozen=True, slots=True)
class Candidate:
    """The head of one line. `place` is when the ticket joined, in the centre's own microseconds."""

    ticket_id: int
    department_id: int
    place: int
    priority: bool
    sent_here: bool = False


@dataclass(frozen=True, slots=True)
class PriorityRule:
    mode: str  # "strict" or "interleaved"
    others_between: int
    max_wait_seconds: float


@dataclass(frozen=True, slots=True)
class Choice:
    candidate: Candidate
    reason: Reason


def choose_next(
    heads: Iterable[Candidate],
    queues: Sequence[int],
    others_since_priority: Mapping[int, int],
    rule: PriorityRule,
    now: int,
    *,
    ranked: bool = True,
) -> Choice | None:
    """The next visitor among the `heads` of the lines that a counter serves, or None when nobody waits.

    `heads`: per department at most one priority and one other visitor, the first of each; and the first sent here.
    `queues`: ids of the departments that the counter serves, in its order.
    `others_since_priority`: per department, others called since the last priority call (missing: none was called yet).
    `now`: the centre's microseconds, on the scale of `Candidate.place`.
    """
    waiting = sorted(heads, key=lambda candidate: candidate.place)
    if not waiting:
        return None
    if now - waiting[0].place > rule.max_wait_seconds * MICROSECONDS:
        return Choice(waiting[0], Reason.WAITED_TOO_LONG)
    sent_here = [candidate for candidate in waiting if candidate.sent_here]
    if sent_here:
        return Choice(sent_here[0], Reason.SENT_HERE)
    department = _first_queue(waiting, queues) if ranked else waiting[0].department_id
    line = [candidate for candidate in waiting if candidate.department_id == department]
    return _within_queue(line, others_since_priority.get(department), rule)


def _first_queue(waiting: list[Candidate], queues: Sequence[int]) -> int:
    rank = {department: position for position, department in enumerate(queues)}
    return min(waiting, key=lambda candidate: rank.get(candidate.department_id, len(rank))).department_id


def _within_queue(line: list[Candidate], others: int | None, rule: PriorityRule) -> Choice:
    first = line[0]
    priority = next((candidate for candidate in line if candidate.priority), None)
    priority_turn = rule.mode == "strict" or others is None or others >= rule.others_between
    if priority is None or priority is first or not priority_turn:
        return Choice(first, Reason.OLDEST)
    return Choice(priority, Reason.PRIORITY)


def order_of_calls(
    waiting: Iterable[Candidate],
    queues: Sequence[int],
    others_since_priority: Mapping[int, int],
    rule: PriorityRule,
    now: int,
    *,
    ranked: bool = True,
    limit: int,
) -> list[Candidate]:
    """The first `limit` of those who wait for a counter, in the order it would call them if nothing else happened."""
    left, others = list(waiting), dict(others_since_priority)
    order: list[Candidate] = []
    while len(order) < limit:
        choice = choose_next(left, queues, others, rule, now, ranked=ranked)
        if choice is None:
            break
        chosen = choice.candidate
        left.remove(chosen)
        order.append(chosen)
        others[chosen.department_id] = 0 if chosen.priority else others.get(chosen.department_id, 0) + 1
    return order
