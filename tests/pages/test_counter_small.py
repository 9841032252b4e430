"""The counter's page on small monitors, with two people at one counter, a long line, and names that are alike."""

import re
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from display_server.db import tables
from tests.pages.conftest import NewPage
from tests.pages.test_counter_page import expect_ready, expect_visitor, press
from tests.server_process import ServerProcess, new_id

WINDOWS = [(1366, 625), (1366, 768), (1024, 600)]
HIDDEN_PARTS = """() => {
  const box = document.querySelector(".visitor").getBoundingClientRect();
  const ids = ["number", "note", "department", "why", "itinerary", "procedure-name", "required-documents"];
  const parts = ids.map((id) => [id, document.getElementById(id)]);
  const isOut = ([, one]) => !one.offsetParent || one.getBoundingClientRect().bottom > box.bottom + 1;
  return parts.filter(isOut).map(([id]) => id);
}"""
CUT_BUTTONS = """() => Array.from(document.querySelectorAll(".actions button")).filter((one) => {
  const box = one.getBoundingClientRect();
  const words = one.querySelector("span");
  return box.bottom > innerHeight || words.scrollWidth > words.clientWidth + 1 && words.clientWidth > 0
    || one.scrollHeight > one.clientHeight + 1;
}).map((one) => one.textContent)"""
_names = count(1)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("small_counter")
    limit = {"MOTCUA_SERVER__SIGN_IN_LIMIT": "1000 per minute"}
    running = ServerProcess(folder, f"sqlite:///{folder}/hall.db", environment=limit).start()
    yield running
    running.stop()
    running.site.engine.dispose()


def sign_in(hall: ServerProcess, page: Page, counter: str, name: str = "") -> str:
    name, password = hall.add_staff(name or f"Mai {next(_names)}")
    page.goto(f"{hall.url}/counter/{counter}")
    page.fill("#name", name)
    page.fill("#password", password)
    page.keyboard.press("Enter")
    expect_ready(page)
    return name


def test_a_small_monitor_shows_the_whole_visitor_and_every_button(hall: ServerProcess, page: Page) -> None:
    """With papers, an itinerary, a colleague's note, a priority; and with the red band, too."""
    centre = hall.ask("GET", "/api/v1/centre", token=hall.token("kiosk")).json()
    papers = {one["code"]: len(one["papers"]) for one in centre["procedures"] if one["department"] == "XD"}
    code = max((one for one in papers if papers[one] <= 5), key=papers.__getitem__)
    ticket = hall.take("XD", procedure=code, priority="elderly")
    hall.press("3", "open")
    assert hall.press("3", "call", ticket_id=ticket["id"]).status == 200
    assert hall.press("3", "then", department="KHDT").status == 200
    assert hall.press("3", "park", reason="Chờ bản vẽ có dấu của phòng kỹ thuật, hồ sơ ở ngăn số 2").status == 200
    sign_in(hall, page, "3")
    page.locator("#parked button").click()
    expect_visitor(page, ticket["number"], "called")
    for width, height in WINDOWS:
        page.set_viewport_size({"width": width, "height": height})
        for band in (False, True):
            page.evaluate(
                """(band) => {
                document.getElementById("banner").hidden = !band;
                document.getElementById("banner-text").textContent = band ? "Không kết nối được máy chủ" : "";
                window.dispatchEvent(new Event("resize"));
            }""",
                band,
            )
            page.screenshot(path=f"/tmp/pages_counter_{width}x{height}_{band}.png")
            assert page.evaluate(CUT_BUTTONS) == [], (width, height, band)
            if page.evaluate(HIDDEN_PARTS):
                assert (width, height) == (1024, 600) or band, (width, height, page.evaluate(HIDDEN_PARTS))
                expect(page.locator("#below")).to_be_visible()
            else:
                expect(page.locator("#below")).to_be_hidden()
    page.keyboard.press("r")
    expect(page.locator("#marks")).to_contain_text("Gọi lại")
    expect(page.locator("#why")).not_to_have_text("Gọi lại")


def test_two_people_at_one_counter_are_both_told_and_the_log_has_it(hall: ServerProcess, new_page: NewPage) -> None:
    first, second = new_page(), new_page()
    lan = sign_in(hall, first, "5")
    press(first, "m")
    first.keyboard.press("1")
    expect(first.locator("#handover")).to_be_hidden()
    quan = sign_in(hall, second, "5")
    expect(second.locator("#handover")).to_contain_text(f"{lan} đang làm việc tại quầy này")
    press(second, "m")
    second.keyboard.press("1")
    expect(second.locator("#handover")).to_contain_text(f"nhận quầy này từ {lan}")
    expect(first.locator("#handover")).to_contain_text(f"{quan} vừa nhận quầy này")
    actions = [row.action for row in journal(hall)]
    assert actions.count("handed_over") == 1


def journal(hall: ServerProcess) -> list[Any]:
    with hall.site.read() as connection:
        return list(connection.execute(select(tables.journal.c.action)).all())


def test_who_signed_in_later_is_offered_at_once_oneself_never_and_whole_words_come_first(
    hall: ServerProcess, new_page: NewPage
) -> None:
    page, other = new_page(), new_page()
    lan = sign_in(hall, page, "1", "lan")
    press(page, "m")
    page.keyboard.press("1")
    ticket = hall.take()
    press(page, "Space")
    expect_visitor(page, ticket["number"], "called")
    sign_in(hall, other, "2", "hoa")  # after the first page was loaded
    press(other, "m")
    other.keyboard.press("1")
    expect(other.locator("#state")).to_have_attribute("data-state", "free")
    press(page, "t")
    chosen = page.locator("#transfer-targets label:has(:checked) .target-name")
    page.keyboard.type("hoa")
    expect(chosen).to_contain_text("hoa")
    expect(page.locator("#transfer-targets label:visible").first).to_contain_text("hoa")
    page.fill("#transfer-search", lan)
    expect(page.locator("#transfer-targets label:visible .target-name", has_text=re.compile("^lan"))).to_have_count(0)
    page.fill("#transfer-search", "zzz")
    page.keyboard.press("Enter")  # nothing is shown as chosen: nothing is sent
    expect(page.locator("#transfer-dialog")).to_be_visible()
    page.fill("#transfer-search", "hoa")
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_contain_text("hoa")
    view = hall.ask("GET", "/api/v1/counters/2", token=hall.token("counter", "2")).json()
    assert [one["number"] for one in view["waiting"] if one["counter"] == "2"] == [ticket["number"]]


def test_a_long_line_is_found_by_number_and_procedure_and_reached_to_its_end(hall: ServerProcess, page: Page) -> None:
    procedures = hall.ask("GET", "/api/v1/centre", token=hall.token("kiosk")).json()["procedures"]
    one = next(each for each in procedures if each["department"] == "GTVT")
    tickets = [hall.take("GTVT", request_id=new_id()) for _ in range(44)]
    wanted = hall.take("GTVT", procedure=one["code"])
    sign_in(hall, page, "4")
    rows = page.locator("#waiting .row")
    expect(rows).to_have_count(30)
    page.click("#queue-more")
    expect(rows).to_have_count(45)
    expect(rows.last).to_contain_text(wanted["number"])
    expect(rows.last.locator(".row-about")).not_to_be_empty()
    page.fill("#queue-filter", tickets[33]["number"].lower())
    expect(rows).to_have_count(1)
    page.fill("#queue-filter", one["name"]["vi"][:30])
    expect(rows).to_have_count(1)
    rows.first.locator("button").click()
    expect_visitor(page, wanted["number"], "called")
    page.fill("#queue-filter", "zzzz")
    expect(page.locator("#queue-none")).to_be_visible()
