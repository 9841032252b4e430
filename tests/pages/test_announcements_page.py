"""Staff announce something to the hall; it runs on the screens with pictures, and ends by itself or at once."""

from playwright.sync_api import Page, expect

from tests.pages.conftest import Complaints, NewPage
from tests.scratch_hall import ScratchHall

LONG = "Từ thứ Hai, bộ phận tiếp nhận hồ sơ đất đai chuyển sang quầy số 5 và số 6, kính mời quý vị chú ý số trên phiếu."


def staff_page(hall: ScratchHall, page: Page, role: str = "hall") -> Page:
    name, password = hall.add_staff("Hoa", role)
    page.goto(hall.url + "/admin/announcements")
    page.fill("#name", name)
    page.fill("#password", password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


def test_said_shown_changed_and_taken_off(hall: ScratchHall, new_page: NewPage, complaints: Complaints) -> None:
    complaints.allow("422")
    staff = staff_page(hall, new_page(timezone_id="America/New_York"))  # the centre's clock counts, not the browser's
    expect(staff.locator("#none")).to_be_visible()
    staff.fill("#text-vi", LONG)
    staff.fill("#ends", "2020-01-01T08:00")
    staff.click("#submit")
    expect(staff.locator("#form-told")).to_contain_text("Giờ kết thúc phải sau")
    staff.fill("#ends", "2099-12-31T16:30")
    staff.click("#submit")
    card = staff.locator("#announcements > li")
    expect(card).to_contain_text("đang hiển thị, đến 16:30 31/12/2099 · Hoa")
    screen = new_page(viewport={"width": 1920, "height": 1080})
    screen.goto(hall.url + "/hall?layout=media")
    expect(screen.locator("#ticker-words")).to_have_text(LONG)

    card.get_by_role("button", name="Thay đổi").click()
    expect(staff.locator("#text-vi")).to_have_value(LONG)
    expect(staff.locator("#ends")).to_have_value("2099-12-31T16:30")
    staff.fill("#text-en", "Land files: counters 5 and 6.")
    staff.fill("#starts", "2099-01-01T07:30")
    staff.click("#submit")
    expect(card).to_contain_text("từ 07:30 01/01/2099 đến 16:30 31/12/2099")
    screen.reload()
    expect(screen.locator("#ticker")).to_be_hidden()

    staff.fill("#text-vi", "Đang viết dở")
    card.get_by_role("button", name="Gỡ xuống").click()
    expect(card).to_have_count(0)
    expect(staff.locator("#text-vi")).to_have_value("Đang viết dở")
    expect(staff.locator("#none")).to_be_visible()


def test_a_clerk_announces_nothing(hall: ScratchHall, page: Page, complaints: Complaints) -> None:
    complaints.allow("403")
    staff_page(hall, page, role="clerk")
    expect(page).to_have_url(hall.url + "/counter")  # asked for another page, led to one's own
    page.goto(hall.url + "/admin/announcements")
    expect(page.locator("body")).to_contain_text("403")
