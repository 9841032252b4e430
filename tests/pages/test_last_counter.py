"""Closing the last counter of a queue: the page asks, and everybody reads that no counter is open until one is."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import Complaints, NewPage
from tests.server_process import ServerProcess

SEEN_WITHIN = 12_000  # milliseconds: the waiting list asks for minutes every ten seconds
BOARDS = ["board", "zone&area=Khu A", "results", "waiting"]


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("last")
    environment = {"MOTCUA_HALL__FRESH_SECONDS": "0.1"}
    one = ServerProcess(folder, f"sqlite:///{folder}/hall.db", environment=environment).start()
    one.add_staff("Hoa", "supervisor")
    yield one
    one.stop()
    one.site.engine.dispose()


def at(hall: ServerProcess, page: Page, path: str) -> Page:
    page.goto(hall.url + path)
    page.fill("#name", "Hoa")
    page.fill("#password", "mot cua hai cua")
    page.keyboard.press("Enter")
    page.wait_for_url("**" + path)
    return page


def put(hall: ServerProcess, code: str, step: str) -> None:
    answer = hall.ask("POST", f"/api/v1/counters/{code}/{step}", {"confirm": True}, hall.token("counter", code))
    assert answer.status == 200, answer


def test_the_page_asks_and_harms_nobody_by_enter(hall: ServerProcess, page: Page, complaints: Complaints) -> None:
    complaints.allow("409")
    put(hall, "3", "open")
    for _ in range(2):
        hall.take("XD")
    clerk = at(hall, page, "/counter/3")
    expect(clerk.locator("#connection")).to_have_attribute("data-state", "live")
    for key, words in (("3", "Vẫn đóng quầy"), ("2", "Vẫn tạm nghỉ")):
        clerk.keyboard.press("m")
        clerk.keyboard.press(key)
        dialog = clerk.locator("#last-dialog")
        expect(dialog).to_be_visible()
        expect(clerk.locator("#last-queues")).to_have_text("Sở Xây dựng: 2 người đang chờ")
        expect(clerk.locator("#last-yes")).to_have_text(words)
        clerk.keyboard.press("Enter")  # the harmless answer has the focus
        expect(dialog).to_be_hidden()
    assert hall.ask("GET", "/api/v1/counters/3", token=hall.token("counter", "3")).json()["state"] == "free"
    clerk.keyboard.press("m")
    clerk.locator('[data-minutes="15"]').click()
    clerk.locator("#last-yes").click()
    expect(clerk.locator("#status")).to_have_text("Quầy đang tạm nghỉ", timeout=SEEN_WITHIN)
    found = hall.ask("GET", "/api/v1/hall").json()
    assert found["back_at"]["3"]  # what was asked for went along with the confirmation


def test_everybody_reads_it_until_a_counter_opens(hall: ServerProcess, new_page: NewPage) -> None:
    put(hall, "4", "open")
    ticket = hall.take("GTVT")
    boards = [new_page(viewport={"width": 1920, "height": 1080}) for _ in BOARDS]
    for board, layout in zip(boards, BOARDS, strict=True):
        board.goto(f"{hall.url}/hall?layout={layout}")
    staff, counters, phone = at(hall, new_page(), "/admin"), at(hall, new_page(), "/counter"), new_page()
    phone.goto(hall.url + ticket["page"])
    expect(phone.locator("#wait")).to_contain_text("phút")
    row = staff.locator("#departments tr", has_text="Sở Giao thông vận tải")
    expect(row).not_to_contain_text("chưa có quầy")
    put(hall, "4", "close")
    for board in boards:
        expect(board.locator("body")).to_contain_text("Chưa có quầy mở", timeout=SEEN_WITHIN)
    tile = boards[0].locator("#queues li", has=boards[0].locator(".queue-prefix", has_text="D"))
    expect(tile).to_contain_text("Chưa có quầy mở")
    line = boards[-1].locator("#waiting tr", has=boards[-1].locator(".waiting-prefix", has_text="D"))
    expect(line.locator(".waiting-minutes")).to_have_text("Chưa có quầy mở")
    expect(row).to_contain_text("hiện chưa có quầy nào mở", timeout=SEEN_WITHIN)
    card = counters.locator("#counters li", has_text="Quầy 4")
    expect(card).to_contain_text("1 người đang chờ – hiện chưa có quầy nào mở")
    expect(phone.locator("#hint")).to_contain_text("Hiện chưa có quầy nào mở", timeout=SEEN_WITHIN)
    expect(phone.locator("#wait")).to_be_empty()
    put(hall, "4", "open")
    expect(tile).not_to_contain_text("Chưa có quầy mở")
    expect(line.locator(".waiting-minutes")).not_to_contain_text("quầy", timeout=SEEN_WITHIN)
    expect(line.locator(".waiting-minutes")).not_to_be_empty(timeout=SEEN_WITHIN)
    expect(row).not_to_contain_text("chưa có quầy", timeout=SEEN_WITHIN)
    expect(phone.locator("#wait")).to_contain_text("phút", timeout=SEEN_WITHIN)
