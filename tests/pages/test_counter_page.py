"""A clerk works at the counter's page, in a real browser against the real server."""

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, Request, expect

from tests.pages.conftest import Complaints, NewPage
from tests.server_process import ServerProcess

PASSWORD = "mot cua hai cua"
COUNTERS = ("1", "2")  # both serve the department of `ServerProcess.take`
_staff = count(1)


@pytest.fixture(scope="module")
def shared_hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One hall for this file: to start one takes longer than most of what is tested here."""
    folder = tmp_path_factory.mktemp("hall")
    environment = {"MOTCUA_SERVER__SIGN_IN_LIMIT": "1000 per minute"}
    hall = ServerProcess(folder, f"sqlite:///{folder}/hall.db", environment=environment)
    yield hall
    hall.stop()
    hall.site.engine.dispose()


@pytest.fixture
def hall(shared_hall: ServerProcess) -> ServerProcess:
    """The hall with its server running; nobody waits, is parked or was missed at the two counters, which are closed."""
    if shared_hall.process is None:
        shared_hall.start()
    for counter in COUNTERS:
        view = shared_hall.ask("GET", f"/api/v1/counters/{counter}", token=shared_hall.token("counter", counter)).json()
        for ticket in view["waiting"] + view["parked"] + view["missed"]:
            shared_hall.press(counter, "call", ticket_id=ticket["id"])
        shared_hall.press(counter, "finish")
        shared_hall.press(counter, "close")
    return shared_hall


def sign_in(page: Page, hall: ServerProcess, counter: str = "1", query: str = "") -> str:
    """As a clerk does it: the keyboard alone. The clerk's name."""
    name, password = hall.add_staff(f"Lan {next(_staff)}", password=PASSWORD)
    page.goto(f"{hall.url}/counter/{counter}{query}")
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    expect_ready(page)
    return name


def expect_ready(page: Page) -> None:
    expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    expect(page.locator('[data-step="call-next"]')).to_be_enabled()


def press(page: Page, key: str) -> None:
    """A key, once the page takes it."""
    expect(page.locator("body")).not_to_have_class(re.compile("is-busy"))
    if key == "Space":
        expect(page.locator('[data-step="call-next"]')).to_be_enabled()
    page.keyboard.press(key)


def expect_visitor(page: Page, number: str, state: str) -> None:
    expect(page.locator("#number")).to_have_text(number)
    expect(page.locator("#visit-state")).to_have_attribute("data-state", state)


def expect_nobody(page: Page) -> None:
    expect(page.locator("#nobody")).to_be_visible()


def state_of(hall: ServerProcess, ticket: Any) -> Any:
    return hall.ask("GET", f"/api/v1/tickets/{ticket['id']}", token=hall.token("kiosk")).json()


def actions_of(hall: ServerProcess, ticket: Any) -> list[str]:
    return [entry["action"] for entry in state_of(hall, ticket)["history"]]


def test_a_visitor_is_worked_by_keyboard_alone(hall: ServerProcess, page: Page) -> None:
    ticket = hall.take()
    sign_in(page, hall)
    expect(page.locator("#waiting-count")).to_have_text("1")
    press(page, "Space")
    expect_visitor(page, ticket["number"], "called")
    expect(page.locator("#status")).to_have_text(f"Đã gọi số {ticket['number']}")
    expect(page.locator("#waiting-count")).to_have_text("0")
    press(page, "r")
    expect(page.locator("#status")).to_have_text(f"Đã gọi lại số {ticket['number']}")
    press(page, "s")
    expect_visitor(page, ticket["number"], "serving")
    press(page, "f")
    expect_nobody(page)
    assert actions_of(hall, ticket) == ["issued", "called", "recalled", "serving", "finished"]


def test_it_shows_who_the_visitor_is_and_why_they_were_next(hall: ServerProcess, page: Page) -> None:
    hall.take(priority="elderly", language="en", procedure="KHDT-001")
    sign_in(page, hall)
    expect(page.locator("#waiting .mark").first).to_have_text("★ Ưu tiên")
    press(page, "Space")
    expect(page.locator("#marks")).to_contain_text("Người cao tuổi")
    expect(page.locator("#marks")).to_contain_text("Dùng tiếng Anh")
    expect(page.locator("#procedure-name")).to_have_text("Đăng ký thành lập doanh nghiệp")
    expect(page.locator("#department")).to_have_text("Sở Kế hoạch và Đầu tư")
    expect(page.locator("#why")).to_contain_text("Đứng đầu hàng")
    expect(page.locator("#timer")).to_have_text(re.compile(r"Đã gọi \d\d:\d\d"))


def test_a_visitor_set_aside_is_called_again_from_the_list(hall: ServerProcess, page: Page) -> None:
    ticket = hall.take()
    sign_in(page, hall)
    press(page, "Space")
    expect_visitor(page, ticket["number"], "called")
    press(page, "p")
    expect(page.locator("#park-dialog")).to_be_visible()
    press(page, "2")
    expect_nobody(page)
    expect(page.locator("#parked")).to_contain_text("Đang điền tờ khai")
    page.locator("#parked .button").focus()
    press(page, "Enter")
    expect_visitor(page, ticket["number"], "called")
    expect(page.locator("#parked-box")).to_be_hidden()


def note_for_staff(page: Page, hall: ServerProcess, ticket: dict[str, Any]) -> str | None:
    """The note as the signed-in clerk reads it; devices do not."""
    note: str | None = page.request.get(f"{hall.url}/api/v1/tickets/{ticket['id']}").json()["note"]
    return note


def test_a_visitor_is_set_aside_for_a_reason_in_the_clerks_own_words(hall: ServerProcess, page: Page) -> None:
    ticket = hall.take()
    sign_in(page, hall)
    press(page, "Space")
    expect_visitor(page, ticket["number"], "called")
    press(page, "p")
    page.locator("#park-reason").focus()
    page.keyboard.type("Lấy ảnh 3x4")
    page.keyboard.press("Enter")
    expect_nobody(page)
    assert state_of(hall, ticket)["state"] == "parked"
    assert note_for_staff(page, hall, ticket) == "Lấy ảnh 3x4"


def test_a_visitor_who_did_not_come_is_called_by_number(hall: ServerProcess, page: Page) -> None:
    ticket = hall.take()
    sign_in(page, hall)
    press(page, "Space")
    expect_visitor(page, ticket["number"], "called")
    press(page, "n")
    expect_nobody(page)
    expect(page.locator("#missed .row-number")).to_have_text(ticket["number"])
    press(page, "c")
    page.keyboard.type("a1")
    page.keyboard.press("Enter")
    expect(page.locator("#call-wrong")).to_be_visible()
    page.keyboard.type(ticket["number"].lower())
    page.keyboard.press("Enter")
    expect_visitor(page, ticket["number"], "called")
    expect(page.locator("#missed-box")).to_be_hidden()


def test_a_visitor_is_sent_on_to_a_department_with_a_note(hall: ServerProcess, page: Page) -> None:
    ticket = hall.take()
    sign_in(page, hall)
    press(page, "Space")
    expect_visitor(page, ticket["number"], "called")
    press(page, "t")
    page.keyboard.type("lao dong")
    expect(page.locator(".target:visible :checked")).to_have_count(1)
    page.locator("#transfer-note").focus()
    page.keyboard.type("Đã đủ giấy tờ")
    page.keyboard.press("Enter")
    expect_nobody(page)
    expect(page.locator("#status")).to_contain_text("Sở Lao động - Thương binh và Xã hội")
    after = state_of(hall, ticket)
    assert (after["state"], after["department"]) == ("waiting", "LDTBXH")
    assert note_for_staff(page, hall, ticket) == "Đã đủ giấy tờ"


def test_a_visitor_is_sent_to_a_counter_found_by_its_number(hall: ServerProcess, page: Page) -> None:
    ticket = hall.take()
    sign_in(page, hall)
    press(page, "Space")
    expect_visitor(page, ticket["number"], "called")
    press(page, "t")
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    expect_nobody(page)
    assert hall.call_next("2")["reason"]["code"] == "sent_here"


def test_two_clerks_press_at_once_and_get_two_visitors(hall: ServerProcess, new_page: NewPage) -> None:
    tickets = [hall.take(), hall.take()]
    pages = [new_page(), new_page()]
    sign_in(pages[0], hall, "1")
    sign_in(pages[1], hall, "2")
    for page in pages:
        page.evaluate("() => { document.querySelector('[data-step=\"call-next\"]').click(); }")
    for page in pages:
        expect(page.locator("#visit-state")).to_have_attribute("data-state", "called")
    assert {page.locator("#number").inner_text() for page in pages} == {ticket["number"] for ticket in tickets}


def test_a_double_press_and_a_key_held_down_are_one_press(hall: ServerProcess, page: Page) -> None:
    ticket, second = hall.take(), hall.take()
    sign_in(page, hall)
    page.keyboard.down("Space")
    page.keyboard.down("Space")
    page.keyboard.up("Space")
    page.keyboard.press("Space")
    expect_visitor(page, ticket["number"], "called")
    expect_ready(page)
    assert actions_of(hall, ticket) == ["issued", "called"]
    assert actions_of(hall, second) == ["issued"]


def test_nobody_waits(hall: ServerProcess, page: Page) -> None:
    sign_in(page, hall)
    press(page, "Space")
    expect(page.locator("#status")).to_have_text("Không còn ai chờ")
    expect_nobody(page)


def test_a_press_while_the_server_is_away_is_done_once(hall: ServerProcess, page: Page, complaints: Complaints) -> None:
    complaints.allow_lost_server()
    first, second = hall.take(), hall.take()
    sign_in(page, hall)
    hall.kill()
    press(page, "Space")
    expect(page.locator("#banner-text")).to_contain_text("Đang gửi lại")
    expect(page.locator('[data-step="call-next"]')).to_be_disabled()
    hall.start()
    expect_visitor(page, first["number"], "called")
    expect(page.locator("#banner")).to_be_hidden()
    assert actions_of(hall, first) == ["issued", "called"]
    assert actions_of(hall, second) == ["issued"]


def test_a_press_whose_answer_was_lost_is_sent_again_under_the_same_id(
    hall: ServerProcess, page: Page, complaints: Complaints
) -> None:
    complaints.allow_lost_server()
    first, second = hall.take(), hall.take()
    sign_in(page, hall)
    sent: list[str] = []

    def lose_the_first_answer(route: Any, request: Request) -> None:
        sent.append((request.post_data_json or {})["request_id"])
        if len(sent) == 1:
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/call-next", lose_the_first_answer)
    press(page, "Space")
    expect(page.locator("#status")).to_have_text(f"Đã gọi số {first['number']}")
    expect_visitor(page, first["number"], "called")
    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert actions_of(hall, first) == ["issued", "called"]
    assert actions_of(hall, second) == ["issued"]


def test_the_end_of_the_sign_in_is_told_and_the_press_is_done_after_the_next(
    hall: ServerProcess, page: Page, complaints: Complaints
) -> None:
    complaints.allow("401")
    ticket = hall.take()
    name = sign_in(page, hall)
    page.context.clear_cookies()
    press(page, "Space")
    expect(page.locator("#banner-text")).to_contain_text("đăng nhập lại")
    assert actions_of(hall, ticket) == ["issued"]
    page.locator("#banner-link").click()
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{hall.url}/counter/1")
    expect_visitor(page, ticket["number"], "called")
    page.reload()
    expect_visitor(page, ticket["number"], "called")
    assert actions_of(hall, ticket) == ["issued", "called"]


def test_a_step_that_came_too_late_says_what_happened(hall: ServerProcess, page: Page, complaints: Complaints) -> None:
    complaints.allow("409")
    ticket = hall.take()
    sign_in(page, hall)
    press(page, "c")
    hall.call_next("2")
    page.keyboard.type(ticket["number"])
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_have_text("Không thực hiện được: số này đã được gọi đến quầy.")
    expect_nobody(page)


def test_keys_mean_nothing_while_typing_or_beside_an_open_dialog(hall: ServerProcess, page: Page) -> None:
    ticket = hall.take()
    hall.take()
    sign_in(page, hall)
    press(page, "Space")
    expect_visitor(page, ticket["number"], "called")
    press(page, "c")
    page.keyboard.type("sfn p")
    page.keyboard.press("Escape")
    expect(page.locator("#call-dialog")).to_be_hidden()
    press(page, "m")
    page.keyboard.press("s")
    page.keyboard.press("f")
    page.keyboard.press("Escape")
    expect(page.locator("#menu-dialog")).to_be_hidden()
    page.keyboard.press("Control+f")
    press(page, "s")
    expect_visitor(page, ticket["number"], "serving")
    assert actions_of(hall, ticket) == ["issued", "called", "serving"]


def test_a_key_right_after_a_dialog_closed_is_a_step(hall: ServerProcess, page: Page) -> None:
    hall.take()
    sign_in(page, hall)
    press(page, "c")
    expect(page.locator("#call-number")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    expect(page.locator("#menu-dialog")).to_be_visible()


def test_the_focus_returns_to_where_the_dialog_was_opened(hall: ServerProcess, page: Page) -> None:
    sign_in(page, hall)
    page.locator("#menu").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#menu-dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#menu")).to_be_focused()


def test_the_counter_takes_a_break_closes_and_opens(hall: ServerProcess, page: Page) -> None:
    sign_in(page, hall)
    for digit, state in [("1", "free"), ("2", "break"), ("3", "closed")]:
        press(page, "m")
        page.keyboard.press(digit)
        expect(page.locator("#state")).to_have_attribute("data-state", state)


def test_a_break_ends_by_the_centres_clock_wherever_the_browser_stands(hall: ServerProcess, new_page: NewPage) -> None:
    page = new_page(timezone_id="America/New_York")
    sign_in(page, hall)
    press(page, "m")
    page.locator('[data-minutes="15"]').click()
    expect(page.locator("#state")).to_have_attribute("data-state", "break")
    view = hall.ask("GET", "/api/v1/counters/1", token=hall.token("counter", "1")).json()
    back = datetime.fromisoformat(view["back_at"]).astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    expect(page.locator("#nobody-hint")).to_contain_text(f"trở lại lúc {back:%H:%M}")


def test_the_line_grows_by_itself(hall: ServerProcess, page: Page) -> None:
    sign_in(page, hall)
    hall.take()
    hall.take(priority="disabled")
    expect(page.locator("#waiting-count")).to_have_text("2")
    expect(page.locator("#waiting .row-number")).to_have_count(2)


def test_the_page_fits_a_narrow_window_and_its_targets_a_finger(hall: ServerProcess, page: Page) -> None:
    ticket, *_ = [hall.take(priority="merit", language="en") for _ in range(3)]
    sign_in(page, hall)
    press(page, "Space")
    expect_visitor(page, ticket["number"], "called")
    page.set_viewport_size({"width": 380, "height": 800})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380
    small = page.evaluate(
        """() => Array.from(document.querySelectorAll("button, a, input, summary"))
            .map((one) => [one.outerHTML, one.getBoundingClientRect()])
            .filter(([, box]) => box.width && (box.width < 44 || box.height < 44)).map(([html]) => html)"""
    )
    assert small == []
    page.keyboard.press("t")
    expect(page.locator("#transfer-dialog")).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380


def test_a_wrong_password_is_told_and_the_right_one_leads_to_the_counters(
    hall: ServerProcess, page: Page, complaints: Complaints
) -> None:
    complaints.allow("401")
    name, password = hall.add_staff(f"Lan {next(_staff)}")
    page.goto(hall.url + "/counter")
    page.fill("#name", name)
    page.fill("#password", "wrong password")
    page.keyboard.press("Enter")
    expect(page.locator("#error")).to_be_visible()
    expect(page.locator("#name")).to_have_value(name)
    expect(page.locator("#password")).to_be_focused()
    page.keyboard.type(password)
    page.locator("#show").click()
    expect(page.locator("#password")).to_have_attribute("type", "text")
    page.keyboard.press("Enter")
    expect(page.locator(".counter-card")).to_have_count(23)
    expect(page.locator(".counter-card").nth(12)).to_contain_text("Sở Lao động - Thương binh và Xã hội")
    hall.press("1", "open")
    expect(page.locator(".counter-card").first).to_contain_text("Sẵn sàng")
    page.locator(".counter-card").first.press("Enter")
    expect(page).to_have_url(f"{hall.url}/counter/1")
    expect_ready(page)


def test_signing_out_ends_it(hall: ServerProcess, page: Page) -> None:
    sign_in(page, hall)
    page.goto(hall.url + "/counter")
    page.locator(".leave button").click()
    expect(page).to_have_url(hall.url + "/")
    page.goto(hall.url + "/counter/1")
    expect(page.locator("#password")).to_be_visible()


def test_the_page_speaks_english_when_asked(hall: ServerProcess, page: Page) -> None:
    ticket = hall.take()
    sign_in(page, hall, query="?lang=en")
    expect(page).to_have_url(f"{hall.url}/counter/1?lang=en")
    press(page, "Space")
    expect(page.locator("#status")).to_have_text(f"{ticket['number']} called")
