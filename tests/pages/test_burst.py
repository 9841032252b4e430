"""Every counter of the hall calls within one second: nobody's number is lost, late or announced in vain.

The server, its sounds and their lengths are real. Time in the pages is Playwright's clock, so that a minute and a half
passes in seconds; only the audio element is played: a sound ends when its real length has passed on that clock.
"""

import threading
from typing import Any

import miniaudio
import pytest
from playwright.sync_api import Page, expect

from display_server.services.devices.devices import DeviceKind, add_device
from tests.pages.conftest import NewPage
from tests.pages.test_counter_page import expect_ready, sign_in
from tests.pages.test_ticket_page import path_of
from tests.server_process import ServerProcess

COUNTERS = 23
ALL_WITHIN_MS = 90_000
STEP_MS = 250
FORMS = ("full", "brief", "short")

# A sound lasts as long as the server's real one (`lengths`, filled by the test), on the page's own clock.
PLAYED_SOUND = """(() => {
  window.lengths = {};
  window.sounds = [];
  HTMLMediaElement.prototype.play = function () {
    const address = new URL(this.src);
    const what = address.pathname.split("/").pop() + " " + (address.searchParams.get("form") || "full");
    window.sounds.push({ what, at: performance.now() });
    const sign = setInterval(() => this.ontimeupdate && this.ontimeupdate(), 200);
    setTimeout(() => {
      clearInterval(sign);
      if (this.onended) this.onended();
    }, window.lengths[what]);
    return Promise.resolve();
  };
  window.AudioContext = class {
    constructor() { this.state = "running"; }
  };
})()"""


@pytest.fixture
def talking_hall(idle_hall: ServerProcess) -> ServerProcess:
    """The provincial hall with the standard voice; a visitor called in vain has no time of grace."""
    idle_hall.environment["MOTCUA_VOICE__DATA_DIR"] = str(idle_hall.folder / "voices")
    idle_hall.environment["MOTCUA_HALL__REPORT_SECONDS"] = "60"  # the server's clock goes on while the pages' stand
    return idle_hall.start()


def display_page(hall: ServerProcess, new_page: NewPage, path: str = "/hall") -> Page:
    """An enrolled display of the hall; its clock stands until the test moves it."""
    page = new_page(viewport={"width": 1920, "height": 1080})
    token = add_device(hall.site, hall.centre_id, DeviceKind.DISPLAY, f"display of {path}", None)
    page.context.add_cookies([{"name": "device", "value": token, "url": hall.url}])
    page.add_init_script(PLAYED_SOUND)
    page.clock.install()
    with page.expect_response(lambda answer: "/report" in answer.url):
        page.goto(hall.url + path)
    page.clock.pause_at(page.evaluate("() => Date.now() + 1000") / 1000)
    return page


def let_pass(page: Page, milliseconds: int, until: int = 0) -> None:
    """So much time passes for the page, or until so many calls were announced; its requests are answered meanwhile."""
    for _ in range(milliseconds // STEP_MS):
        page.clock.run_for(STEP_MS)
        page.evaluate("() => fetch('/favicon.ico')")
        if until and page.evaluate("count => motcua.announced.length >= count && motcua.callQueue.isIdle()", until):
            return


def call_everywhere(hall: ServerProcess) -> list[Any]:
    """A visitor for each counter, and all counters call at one moment; the calls in their order."""
    counters = hall.ask("GET", "/api/v1/counters", token=hall.token("counter", "1")).json()["counters"]
    assert len(counters) == COUNTERS
    tickets = {each["code"]: hall.take(each["departments"][0], language="en") for each in counters}
    for code in tickets:
        hall.token("counter", code)
    presses = [
        threading.Thread(target=hall.press, args=(code, "call"), kwargs={"number": ticket["number"]})
        for code, ticket in tickets.items()
    ]
    for press in presses:
        press.start()
    for press in presses:
        press.join()
    calls: list[Any] = hall.ask("GET", "/api/v1/hall/calls?after=0").json()["calls"]
    return calls


def learn_lengths(page: Page, hall: ServerProcess) -> None:
    """How long each call really sounds, in milliseconds, by what the page asks for."""
    found = {}
    for call in hall.ask("GET", "/api/v1/hall/calls?after=0").json()["calls"]:
        for form in FORMS:
            mp3 = hall.ask("GET", f"/api/v1/hall/voice/{call['seq']}.mp3?form={form}", token=hall.token("display")).body
            found[f"{call['seq']}.mp3 {form}"] = miniaudio.decode(mp3).duration * 1000
    page.evaluate("lengths => { window.lengths = lengths }", found)


def announced(page: Page) -> list[Any]:
    found: list[Any] = page.evaluate("() => motcua.announced")
    return found


def announcement(hall: ServerProcess, counter: str) -> Any:
    return hall.ask("GET", f"/api/v1/counters/{counter}", token=hall.token("counter", counter)).json()["announcement"]


def test_a_burst_is_seen_at_once_everywhere_and_announced_in_time(
    talking_hall: ServerProcess, new_page: NewPage
) -> None:
    hall = talking_hall
    screen = display_page(hall, new_page)
    let_pass(screen, 2500)  # it asks whether it speaks
    over_counter = display_page(hall, new_page, "/hall/counter/23")
    phone = new_page()
    phone.clock.install()
    waiting = hall.take("TRAKQ")
    hall.token("counter", "23")

    made = call_everywhere(hall)
    learn_lengths(screen, hall)
    let_pass(screen, STEP_MS)  # of the phone's and the counter's clocks nothing passes: it comes with the call itself
    listed = screen.locator("#called .called-number")
    expect(listed).to_have_count(COUNTERS - 1)
    big = screen.locator("#number").inner_text()
    assert {*listed.all_inner_texts(), big} == {call["number"] for call in made}
    at_23 = next(call["number"] for call in made if call["counter"] == "23")
    expect(over_counter.locator("#number")).to_have_text(at_23)
    phone.goto(hall.url + path_of(waiting))
    phone.clock.pause_at(phone.evaluate("() => Date.now() + 1000") / 1000)
    expect(phone.locator("#state")).to_have_text("Xin chờ")
    assert hall.press("23", "call", number=waiting["number"]).status == 200
    expect(phone.locator("#state")).to_have_text("Đã đến lượt ông/bà")
    expect(over_counter.locator("#number")).to_have_text(waiting["number"])
    assert (
        screen.locator("#called .called-number").first.evaluate("each => parseFloat(getComputedStyle(each).fontSize)")
        >= 131
    )

    calls = hall.ask("GET", "/api/v1/hall/calls?after=0").json()["calls"]
    learn_lengths(screen, hall)
    standing = [call["seq"] for call in calls if call["number"] != at_23]
    began = announced(screen)[0]["at"]
    let_pass(screen, ALL_WITHIN_MS, until=len(standing))
    log = announced(screen)
    assert [each["seq"] for each in log] == standing
    sounds = screen.evaluate("() => window.sounds")
    lengths = screen.evaluate("() => window.lengths")
    assert [each["what"].partition(".")[0] for each in sounds] == [str(seq) for seq in standing]
    assert sounds[-1]["at"] + lengths[sounds[-1]["what"]] - began <= ALL_WITHIN_MS
    forms = [each["what"].partition(" ")[2] for each in sounds]
    assert forms[0] in {"full", "brief"}  # one chime; how many wait when the first arrives is up to the network
    assert set(forms[1:]) == {"short"}
    for call in calls:
        if call["seq"] in standing:
            assert announcement(hall, call["counter"])["announced_at"] is not None


def test_what_has_ended_is_not_announced_and_a_recall_is(talking_hall: ServerProcess, new_page: NewPage) -> None:
    hall = talking_hall
    screen = display_page(hall, new_page)
    let_pass(screen, 2500)
    made = call_everywhere(hall)
    learn_lengths(screen, hall)
    let_pass(screen, STEP_MS)
    expect(screen.locator("#called .called-number")).to_have_count(COUNTERS - 1)
    report_alive(hall)
    refused = hall.press(made[5]["counter"], "no-show")
    assert (refused.status, refused.json()["announcements_before"]) == (409, 5)
    assert hall.press(made[6]["counter"], "finish").status == 200
    assert hall.press(made[7]["counter"], "park").status == 200
    assert hall.press(made[8]["counter"], "cancel").status == 200
    again = hall.press(made[9]["counter"], "recall").json()["call"]
    screen.wait_for_function("seq => motcua.callQueue.lastSeq >= seq", arg=again["seq"])
    learn_lengths(screen, hall)
    seen = watch_the_number(screen)
    standing = [call["seq"] for call in made if call["seq"] not in {made[at]["seq"] for at in (6, 7, 8, 9)}]
    let_pass(screen, ALL_WITHIN_MS, until=len(standing) + 1)
    assert [each["seq"] for each in announced(screen)] == [*standing, again["seq"]]
    spoken = [int(each["what"].partition(".")[0]) for each in screen.evaluate("() => window.sounds")]
    assert spoken == [*standing, again["seq"]]
    assert not {made[at]["number"] for at in (6, 7, 8)} & set(screen.evaluate(seen))
    assert hall.press(made[5]["counter"], "no-show").status == 200


def watch_the_number(page: Page) -> str:
    """Writes down every number that stands large on the screen from now on; what to evaluate for them."""
    page.evaluate("""() => {
      const number = document.getElementById("number");
      window.seen = [];
      new MutationObserver(() => window.seen.push(number.textContent))
        .observe(number, { childList: true, characterData: true, subtree: true });
    }""")
    return "() => window.seen"


def test_a_long_list_turns_its_pages(talking_hall: ServerProcess, new_page: NewPage) -> None:
    hall = talking_hall
    screen = display_page(hall, new_page, "/hall?voice=off")
    made = call_everywhere(hall)
    let_pass(screen, STEP_MS)
    rows = screen.locator("#called li")
    expect(rows).to_have_count(COUNTERS - 1)
    in_sight = """() => {
      const box = document.getElementById("called").getBoundingClientRect();
      return Array.from(document.querySelectorAll("#called li")).filter((row) => {
        const { left, right, top, bottom } = row.getBoundingClientRect();
        return left >= box.left - 1 && right <= box.right + 1 && top >= box.top - 1 && bottom <= box.bottom + 1;
      }).map((row) => row.querySelector(".called-number").textContent);
    }"""
    turned: list[list[str]] = []
    for _ in range(7):
        turned.append(screen.evaluate(in_sight))
        let_pass(screen, 5000)
    assert all(0 < len(page) <= 4 for page in turned)
    large = {each["number"] for each in announced(screen)}
    assert large | {number for page in turned for number in page} == {call["number"] for call in made}
    expect(screen.locator("#called-page")).to_contain_text("/6")


def report_alive(hall: ServerProcess) -> None:
    """A display that shows every call lives: the pages' own clocks stand, and so do their reports."""
    report = {"layout": "board", "version": 1, "seq": 0, "visible": True, "muted": False, "connected": True,
              "width": 1920, "height": 1080, "shows": ";"}  # fmt: skip
    assert hall.ask("POST", "/api/v1/hall/report", report, hall.token("display")).status == 200


def test_the_clerk_sees_that_a_call_was_not_announced_yet(talking_hall: ServerProcess, page: Page) -> None:
    hall = talking_hall
    display = hall.token("display")
    hall.take("XD")
    hall.take("KHDT")
    first = hall.call_next("3")
    sign_in(page, hall)
    report_alive(hall)
    expect_ready(page)
    page.keyboard.press("Space")
    coming, no_show = page.locator("#coming"), page.locator('[data-step="no-show"]')
    expect(coming).to_have_text("Chưa đọc số này (còn 1 số trước)")
    expect(no_show).to_be_disabled()
    page.keyboard.press("n")
    expect(page.locator("#status")).to_have_text("Chưa đọc số này (còn 1 số trước)")
    expect(page.locator('[data-step="call-next"]')).to_be_enabled()
    page.keyboard.press("Space")  # would finish a visitor who has heard nothing
    expect(page.locator("#status")).to_contain_text("chưa được đọc. Nhấn lần nữa")
    door = "/api/v1/hall/announced"
    assert hall.ask("POST", door, {"seqs": [first["seq"]], "spoken": True}, display).status == 204
    expect(coming).to_have_text("Chưa đọc số này (sắp đến lượt đọc)")
    assert hall.ask("POST", door, {"seqs": [first["seq"] + 1], "spoken": True}, display).status == 204
    expect(coming).to_be_hidden()
    expect(no_show).to_be_enabled()
    page.keyboard.press("n")
    expect(page.locator("#status")).to_contain_text("vắng mặt")
