"""The start page, and the hall at a glance: for those who are responsible for it."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import insert

from display_server.db import tables
from display_server.services.recovery.epoch import pause_sending, sending_allowed
from tests.pages.conftest import Complaints, NewPage
from tests.server_process import ServerProcess


def enter(hall: ServerProcess, page: Page, role: str) -> None:
    name, password = hall.add_staff("Hoa", role)
    page.goto(hall.url + "/admin")
    page.fill("#name", name)
    page.fill("#password", password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)


def test_the_start_page_leads_everywhere(hall: ServerProcess, page: Page) -> None:
    page.goto(hall.url + "/")
    links = page.locator("main a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert {"/hall", "/counter", "/admin", "/hall/counter/1"} <= set(links)
    for link in links:
        assert hall.ask("GET", link).status in (200, 302), link


def test_a_supervisor_sees_queues_counters_and_devices(hall: ServerProcess, page: Page) -> None:
    hall.take("KHDT")
    hall.take("KHDT")
    called = hall.call_next("1")
    enter(hall, page, "supervisor")
    row = page.locator("#departments tr", has_text="Sở Kế hoạch và Đầu tư")
    expect(row.locator("td").nth(1)).to_have_text("1")
    expect(row.locator("td").nth(3)).to_have_text("2")
    expect(page.locator("#counters li").first).to_contain_text(called["number"])
    expect(page.locator("#devices tr", has_text="kiosk")).to_contain_text("giây trước")


def test_it_answers_why_a_number_was_next(hall: ServerProcess, page: Page) -> None:
    ticket = hall.take("KHDT", priority="elderly")
    hall.call_next("1")
    enter(hall, page, "administrator")
    page.fill("#history-number", ticket["number"].lower())
    page.keyboard.press("Enter")
    expect(page.locator("#history li")).to_have_count(2)
    expect(page.locator("#history li").nth(0)).to_contain_text("Cấp số")
    expect(page.locator("#history li").nth(1)).to_contain_text("Quầy 1")
    expect(page.locator("#history li").nth(1)).to_contain_text("đứng đầu hàng")


def test_it_answers_why_a_number_was_called_before_another(hall: ServerProcess, page: Page) -> None:
    first, then = hall.take("KHDT"), hall.take("KHDT")
    while (hall.call_next("1") or {}).get("number") != first["number"]:
        pass
    enter(hall, page, "supervisor")
    page.fill("#history-number", first["number"])
    page.fill("#history-other", then["number"])
    page.keyboard.press("Enter")
    expect(page.locator("#history-why")).to_contain_text(f"đã chờ lâu hơn số {then['number']}")


def test_a_number_that_nobody_holds_is_told(hall: ServerProcess, page: Page, complaints: Complaints) -> None:
    complaints.allow("404|422")
    enter(hall, page, "supervisor")
    for number, told in (("A999", "Ngày đó không có số này"), ("what", "Xin kiểm tra lại số")):
        page.fill("#history-number", number)
        page.keyboard.press("Enter")
        expect(page.locator("#history-status")).to_contain_text(told)


def test_a_clerk_is_told_that_it_is_not_for_clerks(hall: ServerProcess, page: Page, complaints: Complaints) -> None:
    complaints.allow("403")
    enter(hall, page, "clerk")
    expect(page).to_have_url(hall.url + "/counter")  # led to one's own page
    page.goto(hall.url + "/admin")
    expect(page.locator("#status")).to_contain_text("Trang này thuộc công việc khác")
    expect(page.locator("#departments tr")).to_have_count(0)


def test_a_page_that_is_not_there_is_told_kindly(hall: ServerProcess, page: Page, complaints: Complaints) -> None:
    complaints.allow("404")
    page.goto(hall.url + "/nothing-here")
    expect(page.locator("h1")).to_have_text("Không có trang này")
    page.get_by_role("link", name="Về trang đầu").click()
    expect(page).to_have_url(hall.url + "/")


def test_nothing_is_wider_than_a_narrow_window(hall: ServerProcess, new_page: NewPage) -> None:
    page = new_page(viewport={"width": 380, "height": 800})
    page.goto(hall.url + "/")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380
    enter(hall, page, "administrator")
    expect(page.locator("#departments tr").first).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 380


def test_a_supervisor_changes_who_waits(hall: ServerProcess, page: Page, complaints: Complaints) -> None:
    complaints.allow("409")
    first, second = hall.take("KHDT"), hall.take("KHDT")
    enter(hall, page, "supervisor")
    page.fill("#history-number", second["number"])
    page.keyboard.press("Enter")
    page.select_option("#change-reason", "elderly")
    page.click("#change-priority")
    expect(page.locator("#history li").last).to_contain_text("Thay đổi ưu tiên")
    assert hall.call_next("1")["number"] == second["number"]
    page.click("#change-priority")
    expect(page.locator("#history-status")).to_contain_text("vừa được gọi")

    page.fill("#history-number", first["number"])
    page.press("#history-number", "Enter")
    page.select_option("#change-where", "counter:5")
    page.click("#change-move")
    expect(page.locator("#history li").last).to_contain_text("Chuyển tiếp")
    page.on("dialog", lambda dialog: dialog.accept())
    page.fill("#change-note", "CCCD 034071001234")
    page.click("#change-cancel")
    expect(page.locator("#change-note-hint")).to_contain_text("Có vẻ là số")
    page.fill("#change-note", "về lấy thêm giấy")
    with page.expect_request("**/cancel") as sent:
        page.click("#change-cancel")
    assert sent.value.post_data_json["note"] == "về lấy thêm giấy"
    expect(page.locator("#history-title")).to_contain_text("đã hủy")
    expect(page.locator("#change")).to_be_hidden()


def test_hall_staff_give_priority_and_send_nobody_elsewhere(hall: ServerProcess, page: Page) -> None:
    waiting = hall.take("KHDT")
    enter(hall, page, "hall")
    page.fill("#history-number", waiting["number"])
    page.keyboard.press("Enter")
    expect(page.locator("#change-cancel")).to_be_visible()
    expect(page.locator("#change-move")).to_have_count(0)
    page.select_option("#change-reason", "elderly")
    page.click("#change-priority")
    expect(page.locator("#history li").last).to_contain_text("Thay đổi ưu tiên")


def test_a_wrong_clock_is_told_to_who_can_set_it(hall: ServerProcess, page: Page) -> None:
    ahead = {"at": datetime.now(UTC) + timedelta(hours=3), "tick": 0, "business_day": datetime.now(UTC).date()}
    with hall.site.write_without_lock() as connection:
        connection.execute(
            insert(tables.journal).values(
                centre_id=hall.centre_id, action="issued", actor_kind="kiosk", actor_id=1, **ahead
            )
        )
    hall.stop()
    hall.start()
    hall.take("KHDT")
    enter(hall, page, "supervisor")
    expect(page.locator("#status")).to_contain_text("Đồng hồ máy chủ đang sai", timeout=20_000)


def test_an_administrator_confirms_that_messages_may_be_sent(hall: ServerProcess, page: Page) -> None:
    pause_sending(hall.site.engine)
    enter(hall, page, "administrator")
    expect(page.locator("#sending")).to_be_visible()
    with page.expect_response("**/api/v1/admin/sending/confirm") as confirmed:
        page.click("#sending-confirm")
    assert confirmed.value.ok
    expect(page.locator("#sending")).to_be_hidden()
    with hall.site.read() as connection:
        assert sending_allowed(connection, hall.centre_id)
    page.reload()
    expect(page.locator("#day")).not_to_be_empty()
    expect(page.locator("#sending")).to_be_hidden()


def test_nobody_else_can_confirm_it(hall: ServerProcess, page: Page) -> None:
    pause_sending(hall.site.engine)
    enter(hall, page, "supervisor")
    expect(page.locator("#sending")).to_contain_text("Quản trị viên")
    expect(page.locator("#sending-confirm")).to_have_count(0)
