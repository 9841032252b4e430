"""The longest names on every page: nothing sticks out of its box, nothing lies over something else, all can be read."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from display_server.services.centre.import_centre import import_centre
from display_server.services.core.centres import find_centre
from tests.long_names import CROWDED, QUEUES, long_centre
from tests.pages.conftest import NewPage
from tests.server_process import ServerProcess, new_id

AT_ONCE = 4  # queues on the board
SIZES = [(1920, 1080), (1080, 1920), (3840, 2160), (1366, 625)]
LAYOUTS = ["board", "zone&area=Khu A", "waiting", f"results&departments={CROWDED}", "media"]
STAFF = [
    "/admin",
    "/admin/screens",
    "/admin/kiosks",
    "/admin/announcements",
    "/admin/devices",
    "/admin/staff",
    "/counter",
]
# Boxes that hold text of their own: what is wider or higher than the box is cut off or lies over something else.
# A box that scrolls by itself is meant to; one whose only excess is the diacritics' room above a line is not cut.
STICK_OUT = """() => {
  const found = [];
  const scrolls = (style) => [style.overflowX, style.overflowY].some((one) => ["auto", "scroll"].includes(one));
  const hasText = (e) => Array.from(e.childNodes).some((node) => node.nodeType === 3 && node.textContent.trim());
  const unseen = ".visually-hidden, .ticker, [hidden], svg, script, select";
  const isSeen = (e) => e.getClientRects().length && !e.closest(unseen);
  const told = (e) => [e.className || e.id || e.tagName, e.textContent.slice(0, 60)];
  for (const e of document.body.querySelectorAll("*")) {
    if (!isSeen(e) || !hasText(e)) continue;
    const style = getComputedStyle(e);
    if (!scrolls(style)) {
      const isCut = style.overflowY === "hidden" && e.scrollHeight > e.clientHeight + 2;
      const isWide = e.clientWidth && e.scrollWidth > e.clientWidth + 1;
      if (isWide || isCut) found.push([...told(e), e.scrollWidth, e.clientWidth, e.scrollHeight, e.clientHeight]);
    }
    const box = e.getBoundingClientRect();
    for (let up = e.parentElement; up && !scrolls(getComputedStyle(up)); up = up.parentElement) {
      const outer = up.getBoundingClientRect(), { overflowX, overflowY } = getComputedStyle(up);
      const aside = overflowX === "hidden" && box.right > outer.right + 1 && box.left < outer.right - 1;
      const below = overflowY === "hidden" && box.bottom > outer.bottom + 2 && box.top < outer.bottom - 2;
      if (overflowX === "hidden" && box.left >= outer.right - 1) break; // in no sight at all
      if (aside || below) found.push([...told(e), "is cut by", ...told(up)]);
    }
  }
  return found;
}"""
NO_SCROLL_ASIDE = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
READY = (
    "() => document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 1300))))"
)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One running hall with the long centre; some wait, some are called, by numbered counters and named ones."""
    folder = tmp_path_factory.mktemp("hall")
    environment = {"MOTCUA_HALL__FRESH_SECONDS": "0.1"}
    running = ServerProcess(folder, f"sqlite:///{folder}/hall.db", centre="xa_mau", environment=environment)
    import_centre(running.site, long_centre())
    running.centre_id, running.centre = find_centre(running.site, "dai"), "dai"
    running.start()
    for place in range(40):
        running.take(f"D{place % QUEUES:02d}", procedure=f"D{place % QUEUES:02d}-{place % 3}")
    for counter in ("Q1", "2", "3", "4", "Q5", "6", "Q9"):
        running.take(CROWDED, procedure=f"{CROWDED}-0")
        running.call_next(counter)
    yield running
    running.stop()
    running.site.engine.dispose()


@pytest.fixture
def page(hall: ServerProcess, new_page: NewPage) -> Page:
    return new_page()


def nothing_sticks_out(page: Page, where: str) -> None:
    page.evaluate(READY)
    assert page.evaluate(STICK_OUT) == [], where
    assert page.evaluate(NO_SCROLL_ASIDE), where


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_screens_of_the_hall(hall: ServerProcess, page: Page, layout: str) -> None:
    page.goto(f"{hall.url}/hall?centre=dai&layout={layout}")
    page.locator("#queues li").first.wait_for(state="attached")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        nothing_sticks_out(page, f"{layout} at {width}×{height}")


def stands_in(page: Page, path: str, kind: str, body: str) -> None:
    headers = {"Content-Type": kind, "Cache-Control": "no-store"}
    page.route(f"**/api/v1/{path}?*", lambda route: route.fulfill(body=body, headers=headers))


def test_more_queues_than_have_room_are_shown_in_turns(hall: ServerProcess, page: Page) -> None:
    """Only those where somebody waits, in type that is read from afar."""
    state = hall.ask("GET", "/api/v1/hall?centre=dai").json()
    busy = [one | {"waiting": 1 + at % 2} for at, one in enumerate(state["departments"]) if at % 3]
    idle = [one | {"waiting": 0} for at, one in enumerate(state["departments"]) if not at % 3]
    fixed = json.dumps(state | {"departments": busy + idle})
    stands_in(page, "hall/stream", "text/event-stream", f"event: hall\ndata: {fixed}\n\n")
    stands_in(page, "hall", "application/json", fixed)  # the page asks for it when its stream breaks off
    page.clock.install()
    page.goto(f"{hall.url}/hall?centre=dai&layout=board")
    page.locator("#queues li").first.wait_for(state="attached")
    seen: set[str] = set()
    for _ in range(2 * -(-len(busy) // AT_ONCE)):  # twice round: on a busy machine the clock runs on between two looks
        shown = page.locator("#queues .queue-prefix").all_inner_texts()
        assert 1 <= len(shown) <= AT_ONCE
        seen |= set(shown)
        page.clock.run_for(8100)
    assert len(seen) == len(busy)


@pytest.mark.parametrize("counter", ["Q1", "2", "8", "Q21"])
def test_the_screen_over_a_counter(hall: ServerProcess, page: Page, counter: str) -> None:
    page.goto(f"{hall.url}/hall/counter/{counter}?centre=dai")
    page.locator("#state-words").wait_for()
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        nothing_sticks_out(page, f"counter {counter} at {width}×{height}")


def enter(hall: ServerProcess, page: Page, path: str, role: str = "administrator") -> None:
    name, password = hall.add_staff(f"Hoa {new_id()[:6]}", role)
    page.goto(hall.url + path)
    page.fill("#name", name)
    page.fill("#password", password)
    page.press("#password", "Enter")
    page.wait_for_url(hall.url + path)


@pytest.mark.parametrize("path", STAFF)
def test_the_pages_of_staff(hall: ServerProcess, page: Page, path: str) -> None:
    enter(hall, page, path)
    for width, height in ((1366, 625), (360, 740), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        nothing_sticks_out(page, f"{path} at {width}×{height}")


@pytest.mark.parametrize("counter", ["Q1", "2"])
def test_the_page_of_a_counter(hall: ServerProcess, page: Page, counter: str) -> None:
    enter(hall, page, f"/counter/{counter}", "clerk")
    expect(page.locator("#card")).to_be_visible()
    for width, height in ((1366, 625), (360, 740), (1920, 1080)):
        page.set_viewport_size({"width": width, "height": height})
        nothing_sticks_out(page, f"counter {counter} at {width}×{height}")
    page.keyboard.press("t")
    expect(page.locator("#transfer-dialog")).to_be_visible()
    nothing_sticks_out(page, "the list of where to send a visitor")


def test_a_name_is_opened_with_a_key_and_stays_open(hall: ServerProcess, page: Page) -> None:
    enter(hall, page, "/admin")
    name = page.locator("#departments .whole-name").first
    whole = long_centre().departments[0].name["vi"]
    expect(name.locator("p")).to_be_hidden()
    name.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(name.locator("p")).to_have_text(whole)
    expect(name.locator("p")).to_be_visible()
    page.wait_for_timeout(6000)  # the page has drawn its table anew
    expect(name.locator("p")).to_be_visible()
    assert page.evaluate("() => document.activeElement.tagName") == "SUMMARY"


def test_the_counters_card_opens_to_the_whole_name(hall: ServerProcess, page: Page) -> None:
    enter(hall, page, "/counter/Q1", "clerk")
    department = page.locator("#department")
    expect(department.locator("summary")).to_contain_text("…")
    department.locator("summary").click()
    expect(department.locator("p")).to_have_text(long_centre().departments[0].name["vi"])


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_phone_shows_the_whole_name(hall: ServerProcess, new_page: NewPage, language: str) -> None:
    phone = new_page(viewport={"width": 360, "height": 740})
    ticket = hall.take(CROWDED, language=language)
    phone.goto(hall.url + ticket["page"])
    expect(phone.locator(".phone-department")).to_have_text(long_centre().departments[0].name[language])
    nothing_sticks_out(phone, "waiting")
    for counter in ("Q13", "Q17"):
        while (call := hall.call_next(counter)) and call["number"] != ticket["number"]:
            pass
        if call:
            break
    phone.reload()
    counters = {counter.code: counter for counter in long_centre().counters}
    assert call is not None
    expect(phone.locator("#counter")).to_contain_text(counters[call["counter"]].name[language])
    nothing_sticks_out(phone, "called")


@pytest.mark.parametrize("width", [360, 1366])
def test_the_start_page_and_sign_in(hall: ServerProcess, new_page: NewPage, width: int) -> None:
    page = new_page(viewport={"width": width, "height": 740})
    for path in ("/?centre=dai", "/sign-in?centre=dai", "/privacy?centre=dai"):
        page.goto(hall.url + path)
        nothing_sticks_out(page, path)
