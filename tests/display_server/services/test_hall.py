"""What screens, clerks and supervisors read."""

import json

import pytest

from display_server.domain.state_machine import Action
from display_server.services.displays.hall import calls_after, hall_state, hall_versions
from display_server.services.errors import Invalid, NotFound
from display_server.services.reporting.dashboard import number_history, overview
from tests.display_server.service_harness import ServiceHarness


def test_the_state_of_an_empty_hall(small_hall: ServiceHarness) -> None:
    hall = small_hall.hall()
    assert (hall.open, hall.centre, hall.seq, hall.calls) == (True, "nho", 0, [])
    assert [(each.code, each.waiting) for each in hall.departments] == [("HT", 0), ("DD", 0), ("XH", 0)]
    assert {each.state for each in hall.counters} == {"closed"}


def test_the_version_grows_with_every_change_and_only_then(small_hall: ServiceHarness) -> None:
    def version() -> int:
        return hall_versions(small_hall.site, [small_hall.centre_id])[small_hall.centre_id]

    versions = [version()]
    for change in [small_hall.take, small_hall.next, lambda: small_hall.step(Action.START)]:
        change()
        versions.append(version())
    assert versions == sorted(set(versions))
    assert hall_state(small_hall.site, small_hall.centre_id).version == versions[-1]
    small_hall.counter()
    small_hall.hall()
    assert version() == versions[-1]


def test_in_the_morning_the_board_is_empty_though_the_calls_are_counted_on(small_hall: ServiceHarness) -> None:
    small_hall.take()
    small_hall.next()
    small_hall.clock.advance(days=1)
    assert (small_hall.hall().calls, small_hall.hall().seq) == ([], 1)


def test_the_state_holds_the_latest_calls_newest_first(database: str) -> None:
    hall = ServiceHarness(database, hall={"latest_calls": 3})
    for _ in range(5):
        hall.take()
        hall.next()
    state = hall.hall()
    assert [call.seq for call in state.calls] == [5, 4, 3]
    assert [call.open for call in state.calls] == [True, False, False]
    assert state.seq == 5
    hall.close()


def test_a_screen_fills_a_hole(small_hall: ServiceHarness) -> None:
    for _ in range(5):
        small_hall.take()
        small_hall.next()
    missed = calls_after(small_hall.site, small_hall.centre_id, 2)
    assert [call.seq for call in missed.calls] == [3, 4, 5]
    assert calls_after(small_hall.site, small_hall.centre_id, 5).calls == []


def test_a_counter_shows_its_number_until_the_visit_ends(small_hall: ServiceHarness) -> None:
    small_hall.take()
    small_hall.next()

    def first() -> tuple[str, str | None]:
        shown = small_hall.hall().counters[0]
        return shown.state, shown.number

    assert first() == ("called", "A001")
    small_hall.step(Action.START)
    assert first() == ("serving", "A001")
    small_hall.step(Action.FINISH)
    assert first() == ("free", None)


def test_no_name_and_nothing_personal_is_in_the_state(small_hall: ServiceHarness) -> None:
    small_hall.take(priority="elderly", request_id="secret-request")
    small_hall.next()
    body = hall_state(small_hall.site, small_hall.centre_id).body.decode()
    assert "elderly" not in body  # that it is a priority call, not why
    assert "secret-request" not in body
    assert json.loads(body)["calls"][0]["priority"] is True


def test_closed_hours_are_shown(small_hall: ServiceHarness) -> None:
    small_hall.clock.advance(hours=4)
    hall = small_hall.hall()
    assert not hall.open
    assert not any(each.open for each in hall.departments)


def test_an_open_counter_shortens_the_wait(small_hall: ServiceHarness) -> None:
    for _ in range(10):
        small_hall.take()
    small_hall.next("1")
    small_hall.site.load_cache._measured.clear()
    alone = small_hall.hall().departments[0].wait
    small_hall.next("2")
    small_hall.site.load_cache._measured.clear()
    both = small_hall.hall().departments[0].wait
    assert both.high < alone.high


def test_the_overview_counts_the_day(small_hall: ServiceHarness) -> None:
    for _ in range(3):
        small_hall.take()
    small_hall.next()
    small_hall.step(Action.FINISH)
    small_hall.clock.advance(minutes=3)
    shown = overview(small_hall.site, small_hall.clerk)
    row = shown.departments[0]
    assert (row.issued, row.finished, row.waiting) == (3, 1, 2)
    assert 179 <= row.longest_wait_seconds <= 180
    assert [each.name for each in shown.devices] == ["kiosk"]


def test_why_a_number_was_next_is_answered_from_the_journal(small_hall: ServiceHarness) -> None:
    small_hall.take()
    small_hall.next()
    found = number_history(small_hall.site, small_hall.clerk, "A001", None)
    assert [entry.action for entry in found.history] == ["issued", "called"]
    assert (found.history[1].details or {})["reason"] == "oldest"
    with pytest.raises(NotFound):
        number_history(small_hall.site, small_hall.clerk, "A002", None)
    with pytest.raises(Invalid):
        number_history(small_hall.site, small_hall.clerk, "first", None)
