"""Who is next at a counter, and why. The rule is data: `PriorityPolicy`, and each counter's queues with their weights.

Order of the reasons, first that applies:
1. somebody has waited longer than the bound: the longest waiting of them (so nobody starves, whatever else holds);
2. somebody was sent to this very counter;
3. (the place of appointments, which Motcua does not know yet)
4. the counter's first queue in which anybody waits (`ranked`), or the queue whose longest wait × weight is greatest;
   within it somebody who comes from another counter, where the centre lets them go first (`transferred_first`); else
   a priority visitor if it is priority's turn; else first come first served; but a priority visitor who came first of
   all is never passed by a later one.
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
    TRANSFERRED = "transferred"
    WEIGHT = "weight"
    CHOSEN = "chosen"
    RECALL = "recall"


@dataclass(frozen=True, slots=True)
class Candidate:
    """The head of one line. `place` is when the ticket joined, in the centre's own microseconds."""

    ticket_id: int
    department_id: int
    position: int
    priority: bool
    assigned_to_counter: bool = False
    transferred: bool = False


@dataclass(frozen=True, slots=True)
class PriorityPolicy:
    mode: str  # "strict" or "interleaved"
    others_between: int
    max_wait_seconds: float
    transferred_first: bool = False  # before the others of their queue; else by the time they first came


@dataclass(frozen=True, slots=True)
class CounterQueues:
    """What a counter serves: ids of departments in its order, each with the weight of its waits."""

    departments: Sequence[int]
    ranked: bool = True
    weights: Sequence[float] = ()  # in the same order; none: all weigh the same

    def weight(self, department: int) -> float:
        if not self.weights or department not in self.departments:
            return 1.0
        return self.weights[self.departments.index(department)]


@dataclass(frozen=True, slots=True)
class Choice:
    candidate: Candidate
    reason: Reason


def choose_next(
    heads: Iterable[Candidate],
    queues: CounterQueues,
    others_since_priority: Mapping[int, int],
    rule: PriorityPolicy,
    now: int,
) -> Choice | None:
    """The next visitor among the `heads` of the lines that a counter serves, or None when nobody waits.

    `heads`: per department at most one priority and one other visitor, the first of each, and the first who came from
    another counter; and the first sent here.
    `others_since_priority`: per department, others called since the last priority call (missing: none was called yet).
    `now`: the centre's microseconds, on the scale of `Candidate.place`.
    """
    waiting = sorted(heads, key=lambda candidate: candidate.position)
    if not waiting:
        return None
    if now - waiting[0].position > rule.max_wait_seconds * MICROSECONDS:
        return Choice(waiting[0], Reason.WAITED_TOO_LONG)
    sent_here = [candidate for candidate in waiting if candidate.assigned_to_counter]
    if sent_here:
        return Choice(sent_here[0], Reason.SENT_HERE)
    department = _queue(waiting, queues, now)
    line = [candidate for candidate in waiting if candidate.department_id == department]
    choice = _within_queue(line, others_since_priority.get(department), rule)
    if choice.reason is Reason.OLDEST and not queues.ranked and choice.candidate is not waiting[0]:
        return Choice(choice.candidate, Reason.WEIGHT)
    return choice


def _queue(waiting: list[Candidate], queues: CounterQueues, now: int) -> int:
    if not queues.ranked:
        # Those in `waiting` stand in order of their places, and max() takes the first of equals.
        return max(waiting, key=lambda one: max(0, now - one.position) * queues.weight(one.department_id)).department_id
    rank = {department: position for position, department in enumerate(queues.departments)}
    return min(waiting, key=lambda one: rank.get(one.department_id, len(rank))).department_id


def _within_queue(line: list[Candidate], others: int | None, rule: PriorityPolicy) -> Choice:
    first = line[0]
    transferred = next((candidate for candidate in line if candidate.transferred), None)
    if rule.transferred_first and transferred is not None and transferred is not first:
        return Choice(transferred, Reason.TRANSFERRED)
    priority = next((candidate for candidate in line if candidate.priority), None)
    priority_turn = rule.mode == "strict" or others is None or others >= rule.others_between
    if priority is None or priority is first or not priority_turn:
        return Choice(first, Reason.OLDEST)
    return Choice(priority, Reason.PRIORITY)


def predicted_call_order(
    waiting: Iterable[Candidate],
    queues: CounterQueues,
    others_since_priority: Mapping[int, int],
    rule: PriorityPolicy,
    now: int,
    *,
    limit: int,
) -> list[Choice]:
    """The first `limit` of those who wait for a counter, as it would call them if nothing else happened."""
    left, others = list(waiting), dict(others_since_priority)
    order: list[Choice] = []
    while len(order) < limit:
        choice = choose_next(left, queues, others, rule, now)
        if choice is None:
            break
        chosen = choice.candidate
        left.remove(chosen)
        order.append(choice)
        others[chosen.department_id] = 0 if chosen.priority else others.get(chosen.department_id, 0) + 1
    return order
