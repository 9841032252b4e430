"""A television's browser of 2018 (Chrome 56): its language and its style sheets; and what eyes need.

Only what a screen of the hall loads is held to it; staff's pages may use more.
"""

import re
from pathlib import Path
from urllib.parse import urlsplit

import esprima
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.pages.conftest import NewPage
from tests.server_process import ServerProcess

STATIC = Path(__file__).parents[2] / "display_server" / "static"
FIRST_LOAD_BYTES = 150_000
SCREENS = {
    "board": "/hall",
    "zone": "/hall?layout=zone&counters=1,2",
    "waiting": "/hall?layout=waiting",
    "results": "/hall?layout=results&departments=TRAKQ,KHDT",
    "media": "/hall?layout=media",
    "counter": "/hall/counter/1",
    "pair": "/hall/pair",
}
SCREEN = pytest.mark.parametrize("address", SCREENS.values(), ids=SCREENS)

# ES2018 and later, as far as no parser tells: methods and globals.
NEW_CALLS = re.compile(
    r"\.(?:finally|flat|flatMap|replaceAll|matchAll|at|trimStart|trimEnd|replaceChildren|toSorted|hasOwn)\("
    r"|\b(?:Object\.fromEntries|Promise\.(?:allSettled|any)|AbortController|globalThis|structuredClone|ResizeObserver"
    r"|queueMicrotask|OffscreenCanvas|BigInt)\b"
)
SPREAD_PROPERTY = re.compile(r"[{,]\s*\.\.\.\w+[^()\[\]]*}\s*(?:=[^=>]|[;,)])")
NEW_STYLE = re.compile(
    r"(?<![-\w])(?:gap|row-gap|column-gap|inset|aspect-ratio|accent-color|backdrop-filter|place-items|place-content"
    r"|translate|scale|rotate)\s*:"
    r"|(?<![-\w])(?:clamp|min|max)\(|:(?:is|where|has|focus-visible)\b|\d(?:dvh|svh|lvh|dvw)\b|@(?:layer|container)"
    r"|display:\s*grid"
)


def loaded(hall: ServerProcess, kind: str) -> list[Path]:
    """The scripts or style sheets of all screens, by what their pages name."""
    pages = [hall.ask("GET", address.replace(" ", "%20")).body.decode() for address in SCREENS.values()]
    names = {name for page in pages for name in re.findall(rf"/static/({kind}/[\w.]+)", page)}
    assert names
    return sorted(STATIC / name for name in names | ({"js/rating.js"} if kind == "js" else {"css/rating.css"}))


def test_scripts_are_es2017(hall: ServerProcess) -> None:
    for file in loaded(hall, "js"):
        text = file.read_text(encoding="utf-8")
        try:
            esprima.parseScript(text)
        except esprima.Error as error:
            pytest.fail(f"{file.name}: {error}")
        code = re.sub(r"//.*", "", text)
        assert not NEW_CALLS.findall(code), (file.name, NEW_CALLS.findall(code))
        assert not SPREAD_PROPERTY.findall(code), (file.name, SPREAD_PROPERTY.findall(code))


@pytest.mark.parametrize("text", ["a?.b", "a ?? b", "try { f(); } catch { g(); }", "for await (const a of b) {}"])
def test_the_parser_refuses_what_is_newer(text: str) -> None:
    with pytest.raises(esprima.Error):
        esprima.parseScript(text)


def test_style_sheets_are_of_2018(hall: ServerProcess) -> None:
    for file in loaded(hall, "css"):
        text = re.sub(r"/\*.*?\*/", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        found = [match.group() for match in NEW_STYLE.finditer(text)]
        assert not found, (file.name, found)


@SCREEN
def test_the_first_load_is_small_and_comes_from_the_server_alone(hall: ServerProcess, page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    received: list[int] = []
    network = page.context.new_cdp_session(page)
    network.on("Network.dataReceived", lambda event: received.append(event["dataLength"]))
    network.send("Network.enable")
    page.goto(hall.url + address)
    page.wait_for_timeout(1500)
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(hall.url).netloc}
    assert 20_000 < sum(received) <= FIRST_LOAD_BYTES


@SCREEN
def test_axe_finds_nothing_and_every_contrast_is_7_to_1(hall: ServerProcess, page: Page, address: str) -> None:
    hall.take("KHDT", priority="elderly", language="en")
    hall.call_next("1")
    hall.take("TRAKQ")
    hall.call_next("23")
    page.goto(hall.url + address)
    page.wait_for_timeout(2500)  # what arrives has arrived
    assert complaints_of_axe(page) == []


def test_axe_finds_nothing_on_an_empty_hall_without_a_server_and_at_night(hall: ServerProcess, page: Page) -> None:
    page.goto(hall.url + "/hall?layout=nonsense")
    page.locator("#queues li").first.wait_for()
    assert complaints_of_axe(page) == []
    page.evaluate("() => motcua.showConnection(false)")
    assert complaints_of_axe(page, {"exclude": [[".is-stale"]]}) == []  # old numbers are dimmed on purpose
    page.evaluate("() => { document.getElementById('dark').hidden = false; }")
    assert complaints_of_axe(page, "#dark") == []


def complaints_of_axe(page: Page, part: str | dict[str, list[list[str]]] | None = None) -> list[str]:
    options = {
        "runOnly": {
            "type": "tag",
            "values": ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21aa", "wcag22aa", "best-practice"],
        },
        "rules": {"color-contrast-enhanced": {"enabled": True}},
    }
    found = Axe().run(page, context=part, options=options).response
    return [
        f"{violation['id']}: {node['html'][:150]}: {node['failureSummary'][:200]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def test_motion_is_only_for_those_who_want_it(hall: ServerProcess, new_page: NewPage) -> None:
    for wish, moves in (("no-preference", True), ("reduce", False)):
        page = new_page(reduced_motion=wish)
        page.goto(hall.url + "/hall")
        page.locator("#queues li").first.wait_for()
        hall.take()
        number = hall.call_next("1")["number"]
        expect(page.locator("#number")).to_have_text(number)
        expect(page.locator("#call-card")).to_have_class(re.compile("is-arriving"))
        names = page.evaluate(
            "() => ['number', 'counter'].map((id) => getComputedStyle(document.getElementById(id)).animationName)"
        )
        assert (names != ["none", "none"]) is moves
