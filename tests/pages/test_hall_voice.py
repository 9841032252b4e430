"""The hall speaks, in a real browser with real audio elements: once per call, in order, from one screen."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from display_server.services.devices.devices import DeviceKind, add_device
from tests.pages.conftest import CHROMIUM_SWITCHES, Complaints, NewPage
from tests.pages.test_counter_page import sign_in
from tests.server_process import ServerProcess, new_id
from tests.voice_bank import bank_of_tones

TAKEOVER_SECONDS = 10
SHOWN_SECONDS = 3

# Writes down what every audio element of the page does. The page itself knows nothing of it.
LISTEN = """(() => {
  window.sounds = [];
  const known = new WeakSet();
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    if (!known.has(this)) {
      known.add(this);
      ["play", "playing", "ended", "error"].forEach((kind) => this.addEventListener(kind, () => {
        const found = /voice\\/([a-z0-9]+)\\.mp3/.exec(this.currentSrc || this.src);
        const what = found ? found[1] : "";
        window.sounds.push({ kind, what, at: performance.now(), length: this.duration, volume: this.volume });
      }));
    }
    return play.call(this);
  };
})()"""


@pytest.fixture(scope="session")
def loud_browser(browser: Browser) -> Iterator[Browser]:
    """Chromium as docs/reference/displays.md starts it on a hall's screen: sound needs no touch."""
    switches = [*CHROMIUM_SWITCHES, "--autoplay-policy=no-user-gesture-required"]
    found = browser.browser_type.launch(executable_path=shutil.which("chromium"), args=switches)
    yield found
    found.close()


@pytest.fixture
def new_screen(loud_browser: Browser, complaints: Complaints) -> Iterator[NewPage]:
    """Makes screens that may sound, each a browser of its own."""
    contexts = []

    def make(**options: Any) -> Page:
        context = loud_browser.new_context(viewport={"width": 960, "height": 540}, **options)
        contexts.append(context)
        page = context.new_page()
        page.add_init_script(LISTEN)
        complaints.listen(page)
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def voice_hall(idle_hall: ServerProcess, tmp_path: Path) -> ServerProcess:
    """A hall whose words are short tones."""
    idle_hall.environment |= {
        "MOTCUA_HALL__SHOW_SECONDS": str(SHOWN_SECONDS),
        "MOTCUA_VOICE__BANK": str(bank_of_tones(tmp_path / "bank")),
        "MOTCUA_VOICE__DATA_DIR": str(tmp_path / "voices"),
    }
    return idle_hall


def enrol(page: Page, hall: ServerProcess) -> Page:
    """The page's browser becomes a display of the hall."""
    token = add_device(hall.site, hall.centre_id, DeviceKind.DISPLAY, f"display {new_id()}", None)
    page.context.add_cookies([{"name": "device", "value": token, "url": hall.url}])
    return page


def switch_on(page: Page, hall: ServerProcess, query: str = "") -> Page:
    """The page, once the server has answered whether it speaks."""
    with page.expect_response(lambda answer: "/speaker" in answer.url):
        page.goto(f"{hall.url}/hall{query}")
    page.locator("#queues li").first.wait_for()
    return page


def call(hall: ServerProcess, counter: str = "1", **wish: Any) -> Any:
    """A visitor comes and is called at once."""
    ticket = hall.take(**wish)
    answer = hall.press(counter, "call", number=ticket["number"])
    assert answer.status == 200, answer
    return answer.json()["call"]


def spoken(page: Page, kind: str = "ended") -> list[int]:
    """The calls that have been said to the end (or begun: `play`)."""
    sounds = page.evaluate("() => window.sounds")
    return [int(each["what"]) for each in sounds if each["kind"] == kind and each["what"].isdigit()]


def until(holds: Callable[[], bool], page: Page, seconds: float = 15) -> float:
    """Waits, letting the browser go on; how long it took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        page.wait_for_timeout(50)
    return time.monotonic() - began


def test_a_burst_is_spoken_once_each_in_order_with_what_is_shown(
    voice_hall: ServerProcess, new_screen: NewPage
) -> None:
    hall = voice_hall.start()
    screen = switch_on(new_screen(), hall)
    numbers = [hall.take()["number"] for _ in range(8)]
    for counter in range(1, 9):
        hall.token("counter", str(counter))
    presses = [
        threading.Thread(target=hall.press, args=(str(counter), "call"), kwargs={"number": number})
        for counter, number in enumerate(numbers, 1)
    ]
    for press in presses:
        press.start()
    for press in presses:
        press.join()
    made = [each["seq"] for each in hall.ask("GET", "/api/v1/hall/calls?after=0").json()["calls"]]
    assert len(made) == 8
    until(lambda: len(spoken(screen)) == 8, screen, 60)
    screen.wait_for_timeout(1000)
    assert spoken(screen, "play") == spoken(screen) == made
    log = {each["seq"]: each["at"] for each in screen.evaluate("() => motcua.announced")}
    began = {int(each["what"]): each["at"] for each in screen.evaluate("() => sounds") if each["kind"] == "playing"}
    ended = {int(each["what"]): each["at"] for each in screen.evaluate("() => sounds") if each["kind"] == "ended"}
    for seq, following in zip(made, [*made[1:], None], strict=True):
        assert began[seq] >= log[seq]
        assert following is None or log[following] >= ended[seq]


def test_a_long_announcement_holds_its_call(idle_hall: ServerProcess, tmp_path: Path, new_screen: NewPage) -> None:
    bank = bank_of_tones(tmp_path / "bank", chime_seconds=5)
    idle_hall.environment |= {"MOTCUA_HALL__SHOW_SECONDS": "3", "MOTCUA_VOICE__BANK": str(bank)}
    hall = idle_hall.start()
    screen = switch_on(new_screen(), hall)
    first, second = call(hall, "1"), call(hall, "2")
    until(lambda: len(spoken(screen)) == 2, screen, 30)
    log = {each["seq"]: each["at"] for each in screen.evaluate("() => motcua.announced")}
    assert log[second["seq"]] - log[first["seq"]] > 5000


def test_a_reload_says_no_call_again(voice_hall: ServerProcess, new_screen: NewPage) -> None:
    hall = voice_hall.start()
    screen = switch_on(new_screen(), hall)
    first = call(hall)
    until(lambda: spoken(screen) == [first["seq"]], screen)
    switch_on(screen, hall)
    second = call(hall)
    until(lambda: spoken(screen) == [second["seq"]], screen)
    assert spoken(screen, "play") == [second["seq"]]


def test_one_screen_of_the_hall_speaks_and_another_takes_over(voice_hall: ServerProcess, new_screen: NewPage) -> None:
    hall = voice_hall.start()
    speaking = switch_on(enrol(new_screen(), hall), hall)
    waiting = [switch_on(enrol(new_screen(), hall), hall) for _ in range(2)]
    first = call(hall)
    until(lambda: spoken(speaking) == [first["seq"]], speaking)
    assert [spoken(each, "play") for each in waiting] == [[], []]
    speaking.wait_for_timeout(500)
    speaking.close()
    second = call(hall)
    took = until(lambda: any(spoken(each, "play") for each in waiting), waiting[0], TAKEOVER_SECONDS)
    assert took <= TAKEOVER_SECONDS
    waiting[0].wait_for_timeout(3000)
    assert sorted(spoken(each, "play") for each in waiting) == [[], [second["seq"]]]


def test_a_screen_whose_browser_is_killed_is_replaced(
    voice_hall: ServerProcess, browser: Browser, new_screen: NewPage
) -> None:
    hall = voice_hall.start()
    switches = [*CHROMIUM_SWITCHES, "--autoplay-policy=no-user-gesture-required"]
    dying = browser.browser_type.launch(executable_path=shutil.which("chromium"), args=switches)
    switch_on(dying.new_page(), hall)
    waiting = switch_on(new_screen(), hall)
    killer = dying.new_browser_cdp_session()
    with suppress(Error):  # it dies before it can answer
        killer.send("Browser.crash")
    made = call(hall)
    until(lambda: spoken(waiting) == [made["seq"]], waiting, TAKEOVER_SECONDS + 3)


def test_a_screen_with_a_loudspeaker_of_its_own_speaks_always_and_off_never(
    voice_hall: ServerProcess, new_screen: NewPage
) -> None:
    hall = voice_hall.start()
    pages = {wish: switch_on(enrol(new_screen(), hall), hall, f"?voice={wish}") for wish in ("auto", "on")}
    pages["off"] = enrol(new_screen(), hall)
    pages["off"].goto(f"{hall.url}/hall?voice=off")
    pages["auto"].wait_for_timeout(2500)
    made = call(hall)
    until(lambda: spoken(pages["on"]) == [made["seq"]], pages["on"])
    assert spoken(pages["auto"], "play") == []
    assert spoken(pages["off"], "play") == []
    expect(pages["off"].locator("#number")).to_have_text(made["number"])


def test_a_display_speaks_whatever_an_open_page_of_somebody_else_asks(
    voice_hall: ServerProcess, new_screen: NewPage
) -> None:
    hall = voice_hall.start()
    stranger = switch_on(new_screen(), hall, "?voice=on")
    first = call(hall)
    until(lambda: spoken(stranger) == [first["seq"]], stranger)  # in a hall without any display
    display = switch_on(enrol(new_screen(), hall), hall)
    stranger.wait_for_timeout(2500)
    second = call(hall)
    until(lambda: spoken(display)[-1:] == [second["seq"]], display, 30)  # the first is fresh: it may say that too
    assert spoken(stranger, "play") == [first["seq"]]


def test_a_muted_browser_says_so_lets_another_speak_and_is_put_right_by_a_touch(
    voice_hall: ServerProcess, new_page: NewPage, new_screen: NewPage
) -> None:
    hall = voice_hall.start()
    muted = new_page()
    muted.add_init_script(LISTEN)
    switch_on(muted, hall)
    notice = muted.locator("#sound")
    expect(notice).to_be_visible()
    expect(notice).to_contain_text("Chạm")
    first = call(hall)
    muted.wait_for_timeout(1000)
    assert spoken(muted) == []

    screen = switch_on(new_screen(), hall)
    expect(notice).to_be_hidden()  # somebody speaks
    second = call(hall)
    until(lambda: spoken(screen)[-1:] == [second["seq"]], screen)
    screen.close()

    expect(notice).to_be_visible(timeout=TAKEOVER_SECONDS * 1000)
    notice.click()
    expect(notice).to_be_hidden()
    third = call(hall)
    until(lambda: third["seq"] in spoken(muted), muted)
    assert first["seq"] not in spoken(muted)


def test_quiet_hours(voice_hall: ServerProcess, new_screen: NewPage) -> None:
    voice_hall.environment["MOTCUA_VOICE__QUIET_HOURS"] = '["00:00-12:00", "12:00-00:00"]'
    hall = voice_hall.start()
    screens = [switch_on(new_screen(), hall, query) for query in ("", "?voice=on")]
    made = call(hall)
    for screen in screens:
        expect(screen.locator("#number")).to_have_text(made["number"])
        screen.wait_for_timeout(1500)
        assert screen.evaluate("() => sounds") == []
        expect(screen.locator("#sound")).to_be_hidden()


def test_a_call_that_cannot_be_said_is_still_chimed_and_the_next_is_said(
    voice_hall: ServerProcess, new_screen: NewPage, complaints: Complaints, tmp_path: Path
) -> None:
    complaints.allow("503")
    hall = voice_hall.start()
    screen = switch_on(new_screen(), hall)
    clip = tmp_path / "bank" / "vi" / "3.wav"
    sound = clip.read_bytes()
    clip.write_bytes(b"not a sound")
    call(hall, "3")
    until(lambda: "error" in [each["kind"] for each in screen.evaluate("() => sounds")], screen)
    assert spoken(screen) == []
    clip.write_bytes(sound)
    second = call(hall, "3")
    until(lambda: spoken(screen) == [second["seq"]], screen)


def test_a_screen_in_the_browser_of_a_clerk_who_is_signed_in_speaks(
    voice_hall: ServerProcess, new_screen: NewPage
) -> None:
    hall = voice_hall.start()
    screen = new_screen()
    sign_in(screen, hall)
    with screen.expect_response(lambda answer: "/speaker" in answer.url) as asked:
        screen.goto(f"{hall.url}/hall")
    assert asked.value.status == 200
    made = call(hall)
    until(lambda: spoken(screen) == [made["seq"]], screen)
