"""Who is next: examples first, then properties that hold for every line."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from display_server.domain.queue_policy import (
    MICROSECONDS,
    Candidate,
    Choice,
    CounterQueues,
    PriorityPolicy,
    Reason,
    choose_next,
    predicted_call_order,
)

STRICT = PriorityPolicy("strict", 3, 1800)
INTERLEAVED = PriorityPolicy("interleaved", 3, 1800)
NEVER_TOO_LONG = 10**9


def visitor(
    ticket_id: int, place: int, *, priority: bool = False, department: int = 1, sent: bool = False
) -> Candidate:
    return Candidate(ticket_id, department, place, priority, assigned_to_counter=sent)


def chosen(*heads: Candidate, others: int | None = None, rule: PriorityPolicy = INTERLEAVED, now: int = 0) -> Choice:
    turns = {} if others is None else {1: others}
    choice = choose_next(heads, CounterQueues([1, 2]), turns, rule, now)
    assert choice is not None
    return choice


def test_nobody_waits() -> None:
    assert choose_next([], CounterQueues([1]), {}, STRICT, 0) is None


def test_first_come_is_first_served() -> None:
    early, late = visitor(1, 10), visitor(2, 20)
    assert chosen(late, early) == Choice(early, Reason.OLDEST)


def test_strict_priority_passes_others() -> None:
    other, priority = visitor(1, 10), visitor(2, 20, priority=True)
    assert chosen(other, priority, others=0, rule=STRICT) == Choice(priority, Reason.PRIORITY)


def test_interleaved_priority_waits_for_three_others() -> None:
    other, priority = visitor(1, 10), visitor(2, 20, priority=True)
    for others in (0, 1, 2):
        assert chosen(other, priority, others=others) == Choice(other, Reason.OLDEST)
    assert chosen(other, priority, others=3) == Choice(priority, Reason.PRIORITY)


def test_the_first_priority_visitor_of_a_day_need_not_wait() -> None:
    assert chosen(visitor(1, 10), visitor(2, 20, priority=True)).reason is Reason.PRIORITY


def test_a_priority_visitor_who_came_first_is_never_passed() -> None:
    priority, other = visitor(1, 10, priority=True), visitor(2, 20)
    assert chosen(priority, other, others=0) == Choice(priority, Reason.OLDEST)


def test_whoever_waited_longer_than_the_bound_is_next() -> None:
    other, priority = visitor(1, 0), visitor(2, 5, priority=True)
    now = 1800 * MICROSECONDS
    assert chosen(other, priority, rule=STRICT, now=now).reason is Reason.PRIORITY
    assert chosen(other, priority, rule=STRICT, now=now + 1) == Choice(other, Reason.WAITED_TOO_LONG)


def test_who_was_sent_here_comes_before_the_queues() -> None:
    sent, first = visitor(1, 20, department=9, sent=True), visitor(2, 10)
    assert chosen(first, sent) == Choice(sent, Reason.SENT_HERE)


def test_the_bound_comes_before_who_was_sent_here() -> None:
    sent, first = visitor(1, 20, department=9, sent=True), visitor(2, 10)
    assert chosen(first, sent, now=1801 * MICROSECONDS).candidate == first


def test_a_ranked_counter_empties_its_first_queue_first() -> None:
    heads = [visitor(1, 10, department=2), visitor(2, 20, department=1)]
    ranked = choose_next(heads, CounterQueues([1, 2]), {}, STRICT, 0)
    oldest = choose_next(heads, CounterQueues([1, 2], ranked=False), {}, STRICT, 0)
    assert ranked is not None
    assert ranked.candidate.ticket_id == 2
    assert oldest is not None
    assert oldest.candidate.ticket_id == 1


def test_the_turn_of_one_queue_says_nothing_about_another() -> None:
    heads = [visitor(1, 10, department=2), visitor(2, 20, department=2, priority=True)]
    choice = choose_next(heads, CounterQueues([1, 2]), {1: 0, 2: 3}, INTERLEAVED, 0)
    assert choice is not None
    assert choice.reason is Reason.PRIORITY


def test_three_others_then_one_priority_visitor() -> None:
    others = [visitor(place, place) for place in range(1, 10)]
    priority = [visitor(place, place, priority=True) for place in range(10, 13)]
    order = predicted_call_order(others + priority, CounterQueues([1]), {1: 0}, INTERLEAVED, 0, limit=12)
    assert "".join("p" if each.candidate.priority else "o" for each in order) == "ooopooopooop"


def test_who_comes_from_another_counter_goes_first_where_the_centre_says_so() -> None:
    first, second = visitor(1, 10), Candidate(2, 1, 20, priority=False, transferred=True)
    assert chosen(first, second) == Choice(first, Reason.OLDEST)
    assert chosen(first, second, rule=replace(INTERLEAVED, transferred_first=True)) == Choice(
        second, Reason.TRANSFERRED
    )


def test_a_wait_in_a_heavy_queue_counts_for_more() -> None:
    earlier, later = visitor(1, 10, department=1), visitor(2, 20, department=2)
    heavy = CounterQueues([1, 2], ranked=False, weights=[1, 3])
    assert choose_next([earlier, later], heavy, {}, STRICT, 24) == Choice(earlier, Reason.OLDEST)
    assert choose_next([earlier, later], heavy, {}, STRICT, 30) == Choice(later, Reason.WEIGHT)


# Properties

lines = st.lists(
    st.builds(
        Candidate,
        ticket_id=st.just(0),
        department_id=st.integers(1, 3),
        position=st.integers(0, 3_600).map(lambda seconds: seconds * MICROSECONDS),
        priority=st.booleans(),
        assigned_to_counter=st.sampled_from([False, False, False, True]),
        transferred=st.sampled_from([False, False, True]),
    ),
    max_size=25,
    unique_by=lambda candidate: candidate.position,
).map(lambda line: [replace(each, ticket_id=number) for number, each in enumerate(line)])
rules = st.builds(
    PriorityPolicy,
    mode=st.sampled_from(["strict", "interleaved"]),
    others_between=st.integers(1, 4),
    max_wait_seconds=st.sampled_from([0, 600, 1800, NEVER_TOO_LONG]),
    transferred_first=st.booleans(),
)
queues_of_a_counter = st.builds(
    CounterQueues,
    departments=st.permutations([1, 2, 3]),
    ranked=st.booleans(),
    weights=st.just(()) | st.lists(st.sampled_from([0.5, 1, 2, 10]), min_size=3, max_size=3),
)
turns = st.dictionaries(st.integers(1, 3), st.integers(0, 5))
nows = st.integers(0, 7_200).map(lambda seconds: seconds * MICROSECONDS)


def heads_of(line: list[Candidate]) -> list[Candidate]:
    """What the database gives: the first of each line, who came first from elsewhere, and who was sent here first."""
    firsts: dict[object, Candidate] = {}
    for each in sorted(line, key=lambda candidate: candidate.position):
        firsts.setdefault("sent" if each.assigned_to_counter else (each.department_id, each.priority), each)
        if each.transferred and not each.assigned_to_counter:
            firsts.setdefault((each.department_id, "transferred"), each)
    return list({each.ticket_id: each for each in firsts.values()}.values())


@given(lines, queues_of_a_counter, turns, rules, nows)
def test_the_heads_of_the_lines_tell_as_much_as_the_whole_lines(line, queues, others, rule, now) -> None:
    whole = choose_next(line, queues, others, rule, now)
    assert choose_next(heads_of(line), queues, others, rule, now) == whole


@given(lines, queues_of_a_counter, turns, rules, nows)
def test_nobody_is_lost_and_nobody_is_called_twice(line, queues, others, rule, now) -> None:
    order = [choice.candidate for choice in predicted_call_order(line, queues, others, rule, now, limit=100)]
    assert Counter(order) == Counter(line)


@given(lines, queues_of_a_counter, turns, rules, nows)
def test_inside_a_class_first_come_is_first_served(line, queues, others, rule, now) -> None:
    order = [choice.candidate for choice in predicted_call_order(line, queues, others, rule, now, limit=100)]
    classes: dict[object, list[int]] = {}
    for each in order:
        came_from_elsewhere = rule.transferred_first and each.transferred
        kind = (each.department_id, each.priority, each.assigned_to_counter, came_from_elsewhere)
        classes.setdefault(kind, []).append(each.position)
    assert all(places == sorted(places) for places in classes.values())


@given(lines, queues_of_a_counter, turns, rules, nows)
def test_whoever_waited_too_long_is_called_before_all_others(line, queues, others, rule, now) -> None:
    order = [choice.candidate for choice in predicted_call_order(line, queues, others, rule, now, limit=100)]
    overdue = [each for each in line if now - each.position > rule.max_wait_seconds * MICROSECONDS]
    assert order[: len(overdue)] == sorted(overdue, key=lambda candidate: candidate.position)


@given(lines, queues_of_a_counter, turns, rules, nows)
def test_nobody_is_passed_without_a_reason(line, queues, others, rule, now) -> None:
    choice = choose_next(line, queues, others, rule, now)
    if choice is None:
        return
    same_queue = [
        each for each in line if each.department_id == choice.candidate.department_id and not each.assigned_to_counter
    ]
    if choice.reason in (Reason.OLDEST, Reason.WEIGHT):
        assert choice.candidate.position == min(each.position for each in same_queue)
    if choice.reason is Reason.PRIORITY:
        assert choice.candidate.priority
        assert min(each.position for each in same_queue) < choice.candidate.position


@given(st.integers(1, 40), st.integers(1, 4))
def test_interleaved_gives_an_endless_priority_line_at_most_its_share(others: int, between: int) -> None:
    rule = PriorityPolicy("interleaved", between, NEVER_TOO_LONG)
    line = [visitor(n, n) for n in range(others)] + [visitor(100 + n, 100 + n, priority=True) for n in range(40)]
    order = [choice.candidate for choice in predicted_call_order(line, CounterQueues([1]), {1: 0}, rule, 0, limit=100)]
    until_last_other = max(position for position, each in enumerate(order) if not each.priority)
    passed = sum(1 for each in order[:until_last_other] if each.priority)
    assert passed <= others // between


@given(st.integers(1, 30), st.integers(60, 1800))
def test_an_endless_stream_of_priority_visitors_starves_nobody(step: int, bound: int) -> None:
    rule = PriorityPolicy("strict", 3, bound)
    other, now, called = visitor(0, 0), 0, None
    while called != other:
        now += step * MICROSECONDS
        fresh = visitor(now, now, priority=True)
        choice = choose_next([other, fresh], CounterQueues([1]), {}, rule, now)
        assert choice is not None
        called = choice.candidate
        assert now <= (bound + step) * MICROSECONDS
