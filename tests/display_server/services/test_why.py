"""Why was one number called before another? The journal answers."""

from datetime import date

import pytest

from display_server.rules.states import Step
from display_server.services.calls import AskedPress, Press, call_together
from display_server.services.errors import NotFound
from display_server.services.gathering import Asked
from display_server.services.why import why_called_before
from tests.display_server.small_hall import SmallHall
from tests.scratch_hall import new_id


def why(hall: SmallHall, first: str, then: str, day: date | None = None) -> tuple[str, str]:
    answer = why_called_before(hall.site, hall.clerk, first, then, day)
    return answer.code, answer.text["en"]


def take(hall: SmallHall, department: str = "HT", priority: str | None = None) -> str:
    hall.clock.advance(minutes=1)
    return str(hall.take(department, priority=priority).number)


def test_the_reason_of_the_call_is_told_in_words(small_hall: SmallHall) -> None:
    other, elderly = take(small_hall), take(small_hall, priority="elderly")
    assert small_hall.next_number() == elderly
    code, text = why(small_hall, elderly, other)
    assert code == "reason"
    assert "counter 1 before A001. Reason: Priority visitor's turn" in text
    assert "Lý do: Đến lượt" in why_called_before(small_hall.site, small_hall.clerk, elderly, other, None).text["vi"]


def test_the_earlier_one_came_earlier(small_hall: SmallHall) -> None:
    first, then = take(small_hall), take(small_hall)
    assert why(small_hall, first, then)[0] == "not_called"
    small_hall.next()
    assert why(small_hall, first, then) == (
        "earlier", "A001 was called at 08:02:00 to counter 1: it had waited longer than A002.",
    )  # fmt: skip
    small_hall.next()
    assert why(small_hall, then, first)[0] == "later"


def test_presses_of_one_moment_have_an_order_too(small_hall: SmallHall) -> None:
    first, then = take(small_hall), take(small_hall)
    presses: list[AskedPress] = [Asked(Press(small_hall.clerk, counter, new_id())) for counter in ("1", "2")]
    call_together(small_hall.site, presses)
    assert why(small_hall, first, then)[0] == "earlier"
    assert why(small_hall, then, first)[0] == "later"


def test_the_other_had_no_number_or_was_elsewhere(small_hall: SmallHall) -> None:
    away = take(small_hall)
    small_hall.next()
    small_hall.step(Step.PARK)
    called = take(small_hall)
    small_hall.next()
    assert why(small_hall, called, take(small_hall))[0] == "joined_later"
    assert why(small_hall, called, away)[0] == "later"
    small_hall.call("2", away)
    assert why(small_hall, called, away)[0] == "not_waiting"


def test_a_call_that_was_taken_back_does_not_count(small_hall: SmallHall) -> None:
    early, late = take(small_hall), take(small_hall)
    small_hall.next()
    small_hall.undo()
    assert why(small_hall, early, late)[0] == "not_called"
    assert small_hall.call("2", late).number == late
    assert why(small_hall, late, early)[0] == "reason"


def test_the_counter_does_not_serve_the_others_queue(small_hall: SmallHall) -> None:
    land, civil = take(small_hall, "DD"), take(small_hall, "HT")
    assert small_hall.next_number("1") == civil
    assert why(small_hall, civil, land)[0] == "other_queue"


def test_a_visitor_sent_to_another_counter_does_not_wait_for_this_one(small_hall: SmallHall) -> None:
    sent, stays = take(small_hall), take(small_hall)
    small_hall.next()
    small_hall.transfer("1", counter="2")
    assert small_hall.next_number("1") == stays
    assert why(small_hall, stays, sent)[0] == "other_queue"


def test_an_unknown_number(small_hall: SmallHall) -> None:
    with pytest.raises(NotFound):
        why(small_hall, "A001", "A002")
