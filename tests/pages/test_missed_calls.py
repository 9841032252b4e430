"""The hall page when the state alone does not tell the whole: long bursts, and a backup that was restored."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from display_server.db.copies import backup_database
from tests.pages.conftest import Complaints
from tests.server_process import ServerProcess


def call(hall: ServerProcess, counter: str = "1", **wish: Any) -> Any:
    """A visitor comes and is called at once."""
    ticket = hall.take(**wish)
    answer = hall.press(counter, "call", number=ticket["number"])
    assert answer.status == 200, answer
    return answer.json()["call"]


def open_hall(hall: ServerProcess, page: Page) -> None:
    page.goto(hall.url + "/hall")
    page.wait_for_function("() => motcua.callQueue.lastSeq !== null")


def announced(page: Page, count: int, timeout: float = 30_000) -> list[Any]:
    page.wait_for_function("count => motcua.announced.length >= count", arg=count, timeout=timeout)
    found: list[Any] = page.evaluate("() => motcua.announced")
    return found


def test_a_call_is_listed_at_once_and_shown_large_in_its_turn(hall: ServerProcess, page: Page) -> None:
    open_hall(hall, page)
    first, second = call(hall, "1"), call(hall, "2")
    expect(page.locator(".called-number")).to_have_text([second["number"]])
    expect(page.locator("#number")).to_have_text(first["number"])
    expect(page.locator("#number")).to_have_text(second["number"])
    expect(page.locator(".called-number")).to_have_text([first["number"]])


@pytest.mark.parametrize("latest", ["1", "2"])
def test_a_reload_in_a_long_burst_keeps_the_call_that_the_state_has_dropped(
    idle_hall: ServerProcess, page: Page, latest: str
) -> None:
    idle_hall.environment |= {"MOTCUA_HALL__LATEST_CALLS": latest, "MOTCUA_HALL__SHOW_SECONDS": "60"}
    hall = idle_hall.start()
    open_hall(hall, page)
    made = [call(hall, str(counter)) for counter in range(1, 4)]
    page.wait_for_function("seq => motcua.callQueue.lastSeq >= seq", arg=made[-1]["seq"])
    for _ in range(2):
        page.reload()
        expect(page.locator("#number")).to_have_text(made[0]["number"])
        expect(page.locator("#number")).to_be_visible()
        page.wait_for_function("seq => motcua.callQueue.lastSeq >= seq", arg=made[-1]["seq"])
        assert page.evaluate("() => motcua.announced") == []
        assert page.evaluate("() => motcua.callQueue.queue.map(call => call.seq)") == [one["seq"] for one in made[1:]]


def test_numbers_that_go_backwards_after_a_restored_backup_are_followed(
    hall: ServerProcess, page: Page, complaints: Complaints, tmp_path: Path
) -> None:
    complaints.allow_lost_server()
    open_hall(hall, page)
    call(hall, "1")
    copy = tmp_path / "copy.db"
    backup_database(hall.database, copy)
    lost = call(hall, "2")
    announced(page, 2)
    hall.stop()
    hall.site.engine.dispose()
    for old in tmp_path.glob("hall.db*"):
        old.unlink()
    copy.rename(tmp_path / "hall.db")
    hall.reopen()
    hall.start()
    new = call(hall, "3")
    assert new["seq"] == lost["seq"]
    expect(page.locator("#counter")).to_have_text("3", timeout=30_000)
    assert announced(page, 3)[-1]["counter"] == "3"
