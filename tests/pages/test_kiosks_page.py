"""Staff see which kiosk is in trouble before a visitor does, and have a slip printed again."""

from typing import Any

from playwright.sync_api import Page, expect

from tests.pages.conftest import Complaints, NewPage
from tests.server_process import ServerProcess

SEEN_WITHIN = 10_000  # milliseconds


def staff_page(hall: ServerProcess, page: Page, role: str = "hall") -> Page:
    name, password = hall.add_staff("Hoa", role)
    page.goto(hall.url + "/admin/kiosks")
    page.fill("#name", name)
    page.fill("#password", password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


def report(hall: ServerProcess, **changes: Any) -> Any:
    told = {"version": "0.1.0", "slips_waiting": 0, "to_hand_in": 0, "up_seconds": 1.5} | changes
    answer = hall.ask("POST", "/api/v1/kiosks/report", told, hall.token("kiosk"))
    assert answer.status == 200, answer
    return answer.json()


def test_trouble_appears_and_goes_by_itself(hall: ServerProcess, page: Page) -> None:
    hall.token("kiosk")
    card = staff_page(hall, page).locator("#kiosks > li")
    expect(card).to_contain_text("Đang chờ tín hiệu đầu tiên")
    report(hall, problems=["paper_low"], problem_since="2026-11-23T01:00:00Z")
    expect(card).to_contain_text("Sắp hết giấy (từ 08:00)", timeout=SEEN_WITHIN)
    expect(card).to_have_class("has-problem")
    refused = [{"number": "AK007", "reason": "another ticket of 2026-11-23 holds AK007"}]
    report(hall, rejected=1, rejections=refused)
    expect(card).to_contain_text("AK007: another ticket of 2026-11-23 holds AK007", timeout=SEEN_WITHIN)
    report(hall, slips_waiting=2, to_hand_in=3)
    expect(card).to_contain_text("Hoạt động tốt", timeout=SEEN_WITHIN)
    expect(card).to_contain_text("Phiếu chờ in: 2 · Số chờ gửi lên máy chủ: 3")
    expect(card).to_contain_text("Không có tín hiệu", timeout=2 * SEEN_WITHIN)


def test_a_slip_is_asked_for_again_and_its_fate_is_told(
    hall: ServerProcess, page: Page, complaints: Complaints
) -> None:
    complaints.allow("404|422")
    hall.take("KHDT")
    staff = staff_page(hall, page)
    for number, told in (("Z999", "Hôm nay không có số này"), ("hello", "Xin kiểm tra lại số")):
        staff.fill("#number", number)
        staff.keyboard.press("Enter")
        expect(staff.locator("#form-status")).to_contain_text(told)
    staff.fill("#number", "a001")
    staff.keyboard.press("Enter")
    expect(staff.locator("#status")).to_contain_text("Số A001 đang được in lại tại kiosk")
    (order,) = report(hall)["reprints"]
    report(hall, reprinted=[{"id": order["id"], "done": False, "reason": "paper_out"}])
    expect(staff.locator("#reprints li")).to_contain_text("chưa in được: paper_out", timeout=SEEN_WITHIN)


def test_a_clerk_has_no_business_here(hall: ServerProcess, new_page: NewPage, complaints: Complaints) -> None:
    complaints.allow("403")
    page = new_page()
    staff_page(hall, page, role="clerk")
    expect(page).to_have_url(hall.url + "/counter")  # asked for another page, led to one's own
    page.goto(hall.url + "/admin/kiosks")
    expect(page.locator("body")).to_contain_text("403")


def test_a_held_slip_is_printed_again_with_a_touch(hall: ServerProcess, page: Page) -> None:
    hall.take("KHDT")
    staff = staff_page(hall, page)
    report(hall, problems=["paper_out"], held=["A001"])
    staff.locator("#kiosks button", has_text="A001").click(timeout=SEEN_WITHIN)
    expect(staff.locator("#number")).to_have_value("A001")
    staff.keyboard.press("Enter")
    expect(staff.locator("#status")).to_contain_text("Số A001 đang được in lại tại kiosk")
    assert len(report(hall)["reprints"]) == 1
    expect(staff.locator("#kiosks button")).to_have_count(0, timeout=SEEN_WITHIN)


def test_staff_read_that_slips_have_no_code(hall: ServerProcess, page: Page) -> None:
    """As shipped: the kiosk beside its server, asking 127.0.0.1, and no public_url."""
    hall.kill()
    hall.environment["MOTCUA_SERVER__PUBLIC_URL"] = ""
    hall.start()
    hall.token("kiosk")
    staff = staff_page(hall, page, role="supervisor")
    report(hall)
    said = "Phiếu không có mã QR: điện thoại không mở được địa chỉ của máy chủ"
    expect(staff.locator("#kiosks > li")).to_contain_text(said, timeout=SEEN_WITHIN)
    staff.goto(hall.url + "/admin")
    expect(staff.locator("#no-code")).to_contain_text(said)
    expect(staff.locator("#no-code")).to_be_visible()
