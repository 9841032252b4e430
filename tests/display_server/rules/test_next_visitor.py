"""Who is next: examples first, then properties that hold for every line."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from display_server.rules.next_visitor import (
    MICROSECONDS,
    Candidate,
    Choice,
    PriorityRule,
    Reason,
    choose_next,
    order_of_calls,
)

STRICT = PriorityRule("strict", 3, 1800)
INTERLEAVED = PriorityRule("interleaved", 3, 1800)
NEVER_TOO_LONG = 10**9


def visitor(
    ticket_id: int, place: int, *, priority: bool = False, department: int = 1, sent: bool = False
) -> Candidate:
    return Candidate(ticket_id, department, place, priority, sent_here=sent)


def chosen(*heads: Candidate, others: int | None = None, rule: PriorityRule = INTERLEAVED, now: int = 0) -> Choice:
    turns = {} if others is None else {1: others}
    choice = choose_next(heads, [1, 2], turns, rule, now)
    assert choice is not None
    return choice


def test_nobody_waits() -> None:
    assert choose_next([], [1], {}, STRICT, 0) is None


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
    ranked = choose_next(heads, [1, 2], {}, STRICT, 0, ranked=True)
    oldest = choose_next(heads, [1, 2], {}, STRICT, 0, ranked=False)
    assert ranked is not None
    assert ranked.candidate.ticket_id == 2
    assert oldest is not None
    assert oldest.candidate.ticket_id == 1


def test_the_turn_of_one_queue_says_nothing_about_another() -> None:
    heads = [visitor(1, 10, department=2), visitor(2, 20, department=2, priority=True)]
    choice = choose_next(heads, [1, 2], {1: 0, 2: 3}, INTERLEAVED, 0)
    assert choice is not None
    assert choice.reason is Reason.PRIORITY


def test_three_others_then_one_priority_visitor() -> None:
    others = [visitor(place, place) for place in range(1, 10)]
    priority = [visitor(place, place, priority=True) for place in range(10, 13)]
    order = order_of_calls(others + priority, [1], {1: 0}, INTERLEAVED, 0, limit=12)
    assert "".join("p" if each.priority else "o" for each in order) == "ooopooopooop"


# Properties

lines = st.lists(
    st.builds(
        Candidate,
        ticket_id=st.just(0),
        department_id=st.integers(1, 3),
        place=st.integers(0, 3_600).map(lambda seconds: seconds * MICROSECONDS),
        priority=st.booleans(),
        sent_here=st.sampled_from([False, False, False, True]),
    ),
    max_size=25,
    unique_by=lambda candidate: candidate.place,
).map(lambda line: [Candidate(n, c.department_id, c.place, c.priority, c.sent_here) for n, c in enumerate(line)])
rules = st.builds(
    PriorityRule,
    mode=st.sampled_from(["strict", "interleaved"]),
    others_between=st.integers(1, 4),
    max_wait_seconds=st.sampled_from([0, 600, 1800, NEVER_TOO_LONG]),
)
queue_orders = st.permutations([1, 2, 3])
turns = st.dictionaries(st.integers(1, 3), st.integers(0, 5))
nows = st.integers(0, 7_200).map(lambda seconds: seconds * MICROSECONDS)


def heads_of(line: list[Candidate]) -> list[Candidate]:
    """What the database gives: the first of each line, and the first who was sent here."""
    firsts: dict[object, Candidate] = {}
    for each in sorted(line, key=lambda candidate: candidate.place):
        firsts.setdefault("sent" if each.sent_here else (each.department_id, each.priority), each)
    return list(firsts.values())


@given(lines, queue_orders, turns, rules, nows, st.booleans())
def test_the_heads_of_the_lines_tell_as_much_as_the_whole_lines(line, queues, others, rule, now, ranked) -> None:
    whole = choose_next(line, queues, others, rule, now, ranked=ranked)
    assert choose_next(heads_of(line), queues, others, rule, now, ranked=ranked) == whole


@given(lines, queue_orders, turns, rules, nows, st.booleans())
def test_nobody_is_lost_and_nobody_is_called_twice(line, queues, others, rule, now, ranked) -> None:
    order = order_of_calls(line, queues, others, rule, now, ranked=ranked, limit=100)
    assert Counter(order) == Counter(line)


@given(lines, queue_orders, turns, rules, nows, st.booleans())
def test_inside_a_class_first_come_is_first_served(line, queues, others, rule, now, ranked) -> None:
    order = order_of_calls(line, queues, others, rule, now, ranked=ranked, limit=100)
    classes: dict[object, list[int]] = {}
    for each in order:
        classes.setdefault((each.department_id, each.priority, each.sent_here), []).append(each.place)
    assert all(places == sorted(places) for places in classes.values())


@given(lines, queue_orders, turns, rules, nows, st.booleans())
def test_whoever_waited_too_long_is_called_before_all_others(line, queues, others, rule, now, ranked) -> None:
    order = order_of_calls(line, queues, others, rule, now, ranked=ranked, limit=100)
    overdue = [each for each in line if now - each.place > rule.max_wait_seconds * MICROSECONDS]
    assert order[: len(overdue)] == sorted(overdue, key=lambda candidate: candidate.place)


@given(lines, queue_orders, turns, rules, nows, st.booleans())
def test_nobody_is_passed_without_a_reason(line, queues, others, rule, now, ranked) -> None:
    choice = choose_next(line, queues, others, rule, now, ranked=ranked)
    if choice is None:
        return
    same_queue = [each for each in line if each.department_id == choice.candidate.department_id and not each.sent_here]
    if choice.reason is Reason.OLDEST:
        assert choice.candidate.place == min(each.place for each in same_queue)
    if choice.reason is Reason.PRIORITY:
        assert choice.candidate.priority
        assert min(each.place for each in same_queue) < choice.candidate.place


@given(st.integers(1, 40), st.integers(1, 4))
def test_interleaved_gives_an_endless_priority_line_at_most_its_share(others: int, between: int) -> None:
    rule = PriorityRule("interleaved", between, NEVER_TOO_LONG)
    line = [visitor(n, n) for n in range(others)] + [visitor(100 + n, 100 + n, priority=True) for n in range(40)]
    order = order_of_calls(line, [1], {1: 0}, rule, 0, limit=100)
    until_last_other = max(position for position, each in enumerate(order) if not each.priority)
    passed = sum(1 for each in order[:until_last_other] if each.priority)
    assert passed <= others // between


@given(st.integers(1, 30), st.integers(60, 1800))
def test_an_endless_stream_of_priority_visitors_starves_nobody(step: int, bound: int) -> None:
    rule = PriorityRule("strict", 3, bound)
    other, now, called = visitor(0, 0), 0, None
    while called != other:
        now += step * MICROSECONDS
        fresh = visitor(now, now, priority=True)
        choice = choose_next([other, fresh], [1], {}, rule, now)
        assert choice is not None
        called = choice.candidate
        assert now <= (bound + step) * MICROSECONDS
