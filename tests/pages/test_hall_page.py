"""The screen of the hall in a real browser, against the real server: no call is missed."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from display_server.db import tables
from display_server.services.calling.calls import call_next
from display_server.services.core.actors import Actor
from tests.pages.conftest import Complaints, NewPage
from tests.server_process import ServerProcess, new_id

SHOWN_SECONDS = 3  # what every call gets at least; the halls of these tests give no more
FIRST_LOAD_BYTES = 150_000
DAY_MS = 24 * 60 * 60 * 1000

# Writes down what stands on the screen as the current number, and since when.
WATCH_THE_NUMBER = """() => {
  const number = document.getElementById("number");
  window.seen = [];
  new MutationObserver(() => {
    const last = window.seen[window.seen.length - 1];
    if (!last || last.number !== number.textContent) {
      window.seen.push({ number: number.textContent, at: performance.now() });
    }
  }).observe(number, { childList: true, characterData: true, subtree: true });
}"""

WRONG_CLOCK = """(() => {
  const RightDate = Date;
  window.Date = class extends RightDate {
    constructor(...given) {
      if (given.length) super(...given);
      else super(RightDate.now() + (%d));
    }
    static now() {
      return RightDate.now() + (%d);
    }
  };
})()"""


@pytest.fixture
def page(idle_hall: ServerProcess, new_page: NewPage) -> Page:
    """One page, closed before the hall ends: the browser would complain of a lost stream."""
    return new_page()


@pytest.fixture
def screen(page: Page, quick_hall: ServerProcess) -> Page:
    """A screen that has been on since before the first call."""
    return switch_on(page, quick_hall)


@pytest.fixture
def quick_hall(idle_hall: ServerProcess) -> ServerProcess:
    """A hall that gives each call no longer than it must, and whose state holds few calls."""
    idle_hall.environment |= {"MOTCUA_HALL__SHOW_SECONDS": str(SHOWN_SECONDS), "MOTCUA_HALL__LATEST_CALLS": "4"}
    return idle_hall.start()


def switch_on(page: Page, hall: ServerProcess, query: str = "") -> Page:
    page.goto(f"{hall.url}/hall{query}")
    page.locator("#queues li").first.wait_for()
    return page


def announced(page: Page) -> list[str]:
    numbers: list[str] = page.evaluate("() => window.motcua.announced.map((call) => call.number)")
    return numbers


def wait_until_announced(page: Page, numbers: list[str]) -> None:
    """Waits until the last of `numbers` has had its time; then they, and no others, must have been announced."""
    page.wait_for_function(
        "(count) => window.motcua.announced.length >= count && window.motcua.callQueue.isIdle()",
        arg=len(numbers),
        polling=50,
        timeout=45_000,
    )
    assert announced(page) == numbers


def wait_for_current(page: Page, number: str) -> None:
    expect(page.locator("#number")).to_have_text(number, timeout=15_000)


def listed(page: Page) -> list[str]:
    return page.locator("#called .called-number").all_inner_texts()


def call_visitor(hall: ServerProcess, counter: str = "1", **wish: Any) -> str:
    """Somebody takes a number and is called; the number."""
    hall.take(**wish)
    return str(hall.call_next(counter)["number"])


def call_behind_the_server(hall: ServerProcess, counter: str = "1") -> str:
    """A call that is in the database while no server runs: the number."""
    actor = Actor("staff", 1, "Lan", hall.centre_id, role="clerk")
    answer = call_next(hall.site, actor, counter, new_id())
    assert answer is not None
    assert answer.call is not None
    return answer.call.number


def test_a_call_appears_with_its_number_and_its_counter(screen: Page, quick_hall: ServerProcess) -> None:
    expect(screen.locator("#nobody")).to_be_visible()
    number = call_visitor(quick_hall, priority="elderly")
    wait_for_current(screen, number)
    expect(screen.locator("#counter")).to_have_text("1")
    expect(screen.locator("#department")).to_have_text("Sở Kế hoạch và Đầu tư")
    expect(screen.locator("#secondary")).to_contain_text(f"Number {number}, please go to counter 1")
    expect(screen.locator("#priority")).to_be_visible()
    expect(screen.locator("#nobody")).to_be_hidden()


def test_an_unknown_layout_shows_the_board_and_who_waits_where(page: Page, quick_hall: ServerProcess) -> None:
    switch_on(page, quick_hall, "?layout=nonsense")
    expect(page.locator("body")).to_have_attribute("data-layout", "board")
    tile = page.locator("#queues li").filter(has_text="Sở Tài chính")
    expect(tile).to_have_count(0)  # nobody waits there
    quick_hall.take("TC")
    quick_hall.take("TC")
    expect(tile.locator(".queue-prefix")).to_have_text("B")
    expect(tile.locator(".queue-count")).to_have_text("2")


def test_calls_made_at_once_are_shown_one_after_the_other(screen: Page, quick_hall: ServerProcess) -> None:
    counters = quick_hall.ask("GET", "/api/v1/counters", token=quick_hall.token("counter", "1")).json()["counters"][:8]
    for counter in counters:
        quick_hall.take(counter["departments"][0])
        quick_hall.token("counter", counter["code"])
    screen.evaluate(WATCH_THE_NUMBER)
    at_once([partial(quick_hall.call_next, counter["code"]) for counter in counters])
    made = quick_hall.ask("GET", "/api/v1/hall/calls?after=0").json()["calls"]
    numbers = [call["number"] for call in made]
    assert len(numbers) == 8

    wait_until_announced(screen, numbers)
    seen = screen.evaluate("() => window.seen")
    assert [one["number"] for one in seen] == numbers
    log = screen.evaluate("() => window.motcua.announced")
    for times in ([one["at"] for one in seen], [one["at"] for one in log]):
        shown = [later - earlier for earlier, later in pairwise(times)]
        assert min(shown) >= SHOWN_SECONDS * 1000
    assert listed(screen) == numbers[-2::-1]


def at_once(deeds: list[Callable[[], Any]]) -> None:
    gate = threading.Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> None:
        gate.wait()
        deed()

    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_recall_is_announced_again_but_listed_once(screen: Page, quick_hall: ServerProcess) -> None:
    first = call_visitor(quick_hall)
    wait_for_current(screen, first)
    expect(screen.locator("#recall")).to_be_hidden()
    quick_hall.press("1", "recall")
    expect(screen.locator("#recall")).to_be_visible()
    second = call_visitor(quick_hall)
    wait_until_announced(screen, [first, first, second])
    expect(screen.locator("#called li")).to_have_count(1)
    expect(screen.locator("#called .called-number")).to_have_text(first)


def test_a_reload_in_the_middle_neither_repeats_nor_loses_a_call(screen: Page, quick_hall: ServerProcess) -> None:
    first, second, third = (
        call_visitor(quick_hall),
        call_visitor(quick_hall, "2"),
        call_visitor(quick_hall, "3", department="XD"),
    )
    wait_for_current(screen, second)
    switch_on(screen, quick_hall)
    wait_for_current(screen, second)
    assert announced(screen) == []
    wait_until_announced(screen, [third])
    assert listed(screen) == [second, first]


def test_a_screen_switched_on_late_announces_what_is_fresh_and_lists_the_rest(
    page: Page, quick_hall: ServerProcess
) -> None:
    old = [call_visitor(quick_hall) for _ in range(2)]
    grow_old(quick_hall)
    fresh = call_visitor(quick_hall)
    switch_on(page, quick_hall)
    wait_until_announced(page, [fresh])
    wait_for_current(page, fresh)
    assert listed(page) == old[::-1]


def test_a_screen_switched_on_after_a_quiet_hour_announces_nothing(
    quick_hall: ServerProcess, new_page: NewPage
) -> None:
    """The state that it gets was built when the calls were new: the time must not come from there."""
    earlier = switch_on(new_page(), quick_hall)
    number = call_visitor(quick_hall)
    wait_for_current(earlier, number)
    earlier.close()
    page = new_page()
    page.add_init_script(LATE_SIGN_OF_LIFE)
    switch_on(page, quick_hall)
    wait_for_current(page, number)
    wait_until_announced(page, [])


# What the server says an hour later: the same state, and the time in its sign of life.
LATE_SIGN_OF_LIFE = """(() => {
  const listen = EventSource.prototype.addEventListener;
  EventSource.prototype.addEventListener = function (kind, hear) {
    if (kind !== "ping") return listen.call(this, kind, hear);
    return listen.call(this, kind, (event) => {
      hear({ data: new Date(Date.parse(event.data) + 3600000).toISOString() });
    });
  };
})()"""


def grow_old(hall: ServerProcess) -> None:
    """All calls so far were made an hour ago."""
    with hall.site.engine.begin() as connection:
        connection.execute(update(tables.call).values(called_at=datetime.now(UTC) - timedelta(hours=1)))


def test_a_lost_server_is_said_and_what_it_called_meanwhile_is_announced(
    screen: Page, quick_hall: ServerProcess, complaints: Complaints
) -> None:
    complaints.allow_lost_server()
    first = call_visitor(quick_hall)
    wait_until_announced(screen, [first])
    lost = screen.locator("#lost")
    expect(lost).to_be_hidden()
    quick_hall.take()
    quick_hall.kill()

    expect(lost).to_be_visible()
    expect(lost).to_contain_text("Mất kết nối")
    dimmed = "() => Number(getComputedStyle(document.querySelector('main')).opacity) < 0.5"
    screen.wait_for_function(dimmed, polling=50)
    meanwhile = call_behind_the_server(quick_hall)

    quick_hall.start()
    expect(lost).to_be_hidden(timeout=20_000)
    wait_until_announced(screen, [first, meanwhile])
    assert not screen.evaluate(dimmed)
    wait_for_current(screen, meanwhile)


def test_a_hole_in_the_calls_is_filled(idle_hall: ServerProcess, page: Page, complaints: Complaints) -> None:
    """The state holds one call; two were made while the screen heard nothing."""
    complaints.allow_lost_server()
    idle_hall.environment |= {"MOTCUA_HALL__SHOW_SECONDS": str(SHOWN_SECONDS), "MOTCUA_HALL__LATEST_CALLS": "1"}
    idle_hall.start()
    first = call_visitor(idle_hall)
    switch_on(page, idle_hall)
    wait_for_current(page, first)
    for _ in range(2):
        idle_hall.take()
    idle_hall.kill()
    expect(page.locator("#lost")).to_be_visible()
    missed = [call_behind_the_server(idle_hall, counter) for counter in ("1", "2")]
    idle_hall.start()
    wait_until_announced(page, [first, *missed])


def test_the_screens_own_clock_does_not_matter(quick_hall: ServerProcess, new_page: NewPage) -> None:
    old = call_visitor(quick_hall)
    grow_old(quick_hall)
    fresh = call_visitor(quick_hall)
    pages = []
    for wrong_by in (-DAY_MS, DAY_MS):
        page = new_page(timezone_id="America/New_York")
        page.add_init_script(WRONG_CLOCK % (wrong_by, wrong_by))
        pages.append(switch_on(page, quick_hall))
    for page in pages:
        before = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh"))
        wait_until_announced(page, [fresh])
        assert listed(page) == [old]
        clock, date = page.locator("#clock").inner_text(), page.locator("#date").inner_text()
        now = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh"))
        assert clock in {f"{minute:%H:%M}" for minute in (before, now)}
        assert any(f"{day.day}/{day.month}/{day.year}" in date for day in (before, now))


def test_the_first_load_is_small_and_comes_from_the_server_alone(page: Page, quick_hall: ServerProcess) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    received: list[int] = []
    network = page.context.new_cdp_session(page)
    network.on("Network.dataReceived", lambda event: received.append(event["dataLength"]))
    network.send("Network.enable")
    number = call_visitor(quick_hall, priority="elderly")
    switch_on(page, quick_hall)
    wait_until_announced(page, [number])
    page.wait_for_function(
        "() => document.fonts.status === 'loaded' && document.fonts.check('700 1rem \"Be Vietnam Pro\"')"
    )
    assert [url for url in asked if not url.startswith(quick_hall.url)] == []
    assert 20_000 < sum(received) <= FIRST_LOAD_BYTES


def test_nothing_runs_over_the_edge_of_any_screen(quick_hall: ServerProcess, new_page: NewPage) -> None:
    """The longest names and numbers, on every kind of screen: the call stays inside its card."""
    quick_hall.take("LDTBXH", priority="elderly", language="en")
    counters = quick_hall.ask("GET", "/api/v1/counters", token=quick_hall.token("counter", "1")).json()["counters"]
    counter = next(one["code"] for one in counters if "LDTBXH" in one["departments"])
    number = quick_hall.call_next(counter)["number"]
    for width, height in ((1920, 1080), (1080, 1920), (3840, 2160), (1366, 768), (2560, 1080)):
        page = switch_on(new_page(viewport={"width": width, "height": height}), quick_hall)
        wait_for_current(page, number)
        page.wait_for_function(INSIDE_THE_CARD, polling=50)
        page.close()


@pytest.mark.parametrize("queues", [1, 4, 20])
def test_the_call_fits_however_many_queues_stand_below(
    quick_hall: ServerProcess, new_page: NewPage, queues: int
) -> None:
    number = call_visitor(quick_hall, priority="elderly")
    page = new_page(viewport={"width": 1920, "height": 1080})
    page.route(
        "**/api/v1/hall/stream*", lambda route: route.fulfill(body=with_queues(quick_hall, queues), headers=STREAM)
    )
    switch_on(page, quick_hall)
    expect(page.locator("#queues .is-waiting")).to_have_count(min(queues, 4))  # the others in turns
    wait_for_current(page, number)
    page.wait_for_function(INSIDE_THE_CARD, polling=50)


STREAM = {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}


def with_queues(hall: ServerProcess, count: int) -> str:
    """The hall's state as an event, with only so many queues."""
    state = hall.hall()
    departments = [one | {"waiting": 30 + at * 20} for at, one in enumerate(state["departments"][:count])]
    return f"event: hall\ndata: {json.dumps(state | {'departments': departments})}\n\n"


INSIDE_THE_CARD = """() => {
  const card = document.getElementById("call").getBoundingClientRect();
  const inside = ["number", "counter", "department", "secondary", "priority"]
    .map((id) => document.getElementById(id).getBoundingClientRect())
    .filter((box) => box.width > 0)
    .every((box) => box.left >= card.left && box.right <= card.right)
    && ["call-card"].map((id) => document.getElementById(id).getBoundingClientRect())
    .every((box) => box.top >= card.top && box.bottom <= card.bottom);
  const page = document.documentElement;
  return inside && page.scrollWidth <= page.clientWidth && page.scrollHeight <= page.clientHeight;
}"""
