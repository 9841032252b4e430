"""Staff announce something to the hall; it runs on the screens with pictures, and ends by itself or at once."""

from urllib.parse import urlsplit

from playwright.sync_api import Page, expect

from tests.pages.conftest import Complaints, NewPage
from tests.server_process import ServerProcess

INSIDE = """(id) => {
  const box = document.getElementById(id).getBoundingClientRect();
  return box.top >= 0 && box.bottom <= innerHeight + 1 && box.height > 100;
}"""
LONG = "Từ thứ Hai, bộ phận tiếp nhận hồ sơ đất đai chuyển sang quầy số 5 và số 6, kính mời quý vị chú ý số trên phiếu."


def staff_page(hall: ServerProcess, page: Page, role: str = "hall") -> Page:
    name, password = hall.add_staff("Hoa" if role == "hall" else f"Hoa {role}", role)
    page.goto(hall.url + "/admin/announcements")
    page.fill("#name", name)
    page.fill("#password", password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


def test_said_shown_changed_and_taken_off(hall: ServerProcess, new_page: NewPage, complaints: Complaints) -> None:
    complaints.allow("422")
    staff = staff_page(hall, new_page(timezone_id="America/New_York"))  # the centre's clock counts, not the browser's
    expect(staff.locator("#none")).to_be_visible()
    staff.fill("#text-vi", LONG)
    staff.fill("#ends", "01/01/2020 08:00")
    staff.click("#submit")
    expect(staff.locator("#form-status")).to_contain_text("Giờ kết thúc phải sau")
    staff.fill("#ends", "31/12/2099 16:30")
    staff.fill("#text-vi", "Ông A, 0912 345 678")
    staff.click("#submit")
    expect(staff.locator("#text-vi-hint")).to_contain_text("Có vẻ là số")
    staff.fill("#text-vi", LONG)
    staff.click("#submit")
    card = staff.locator("#notices > li")
    expect(card).to_contain_text("đang hiển thị, đến 16:30 31/12/2099 · Hoa")
    screen = new_page(viewport={"width": 1920, "height": 1080})
    screen.goto(hall.url + "/hall?layout=media")
    expect(screen.locator("#ticker-words")).to_have_text(LONG)

    card.get_by_role("button", name="Thay đổi").click()
    expect(staff.locator("#text-vi")).to_have_value(LONG)
    expect(staff.locator("#ends")).to_have_value("31/12/2099 16:30")
    staff.fill("#text-en", "Land files: counters 5 and 6.")
    staff.fill("#starts", "01/01/2099 07:30")
    staff.click("#submit")
    expect(card).to_contain_text("từ 07:30 01/01/2099 đến 16:30 31/12/2099")
    screen.reload()
    expect(screen.locator("#ticker")).to_be_hidden()

    staff.fill("#text-vi", "Đang viết dở")
    card.get_by_role("button", name="Gỡ xuống").click()
    expect(card).to_have_count(0)
    expect(staff.locator("#text-vi")).to_have_value("Đang viết dở")
    expect(staff.locator("#none")).to_be_visible()


def test_a_clerk_announces_nothing(hall: ServerProcess, page: Page, complaints: Complaints) -> None:
    complaints.allow("403")
    staff_page(hall, page, role="clerk")
    expect(page).to_have_url(hall.url + "/counter")  # asked for another page, led to one's own
    page.goto(hall.url + "/admin/announcements")
    expect(page.locator("body")).to_contain_text("403")


EMERGENCY = {"vi": "Có cháy ở tầng hai. Xin ra cửa chính ngay.", "en": "Fire on the second floor. Please leave now."}
PLACES = ("/hall?layout=waiting", "/hall?layout=results&departments=TRAKQ", "/hall?layout=media", "/hall/counter/1")


def test_an_emergency_is_on_every_display_and_phone_at_once_in_both_languages_until_it_is_ended(
    hall: ServerProcess, new_page: NewPage, complaints: Complaints
) -> None:
    complaints.allow("422")
    staff = staff_page(hall, new_page(), role="supervisor")
    board = new_page(viewport={"width": 1920, "height": 1080})
    board.goto(hall.url + "/hall")
    board.locator("#queues li").first.wait_for(state="attached")
    phone = new_page(viewport={"width": 390, "height": 780})
    phone.goto(hall.url + urlsplit(hall.take()["status_url"]).path)
    staff.check("#urgent")
    expect(staff.locator("#starts")).to_be_hidden()
    for language, text in EMERGENCY.items():
        staff.fill(f"#text-{language}", text)
    staff.once("dialog", lambda dialog: dialog.accept())
    staff.click("#submit")
    expect(staff.locator("#notices > li")).to_contain_text("KHẨN CẤP, đến khi gỡ xuống")
    for text in EMERGENCY.values():
        expect(board.locator("#emergency")).to_contain_text(text)
    board.screenshot(path="/tmp/pages_emergency_board.png")
    other = new_page(viewport={"width": 1920, "height": 1080})
    for place in PLACES:
        other.goto(hall.url + place)
        for text in EMERGENCY.values():
            expect(other.locator("#emergency")).to_contain_text(text)
        assert other.evaluate(INSIDE, "emergency")
        other.screenshot(path=f"/tmp/pages_emergency_{PLACES.index(place)}.png")
    phone.reload()
    for text in EMERGENCY.values():
        expect(phone.locator(".phone-notice.is-urgent")).to_contain_text(text)
    phone.screenshot(path="/tmp/pages_emergency_phone.png")
    staff.get_by_role("button", name="Gỡ xuống").click()
    expect(board.locator("#emergency")).to_be_hidden()
    phone.reload()
    expect(phone.locator(".phone-notice")).to_have_count(0)


def test_an_ordinary_announcement_is_on_every_layout_and_on_phones(hall: ServerProcess, new_page: NewPage) -> None:
    staff = staff_page(hall, new_page(), role="administrator")
    staff.fill("#text-vi", LONG)
    staff.click("#submit")
    expect(staff.locator("#notices > li")).to_have_count(1)
    page = new_page(viewport={"width": 1920, "height": 1080})
    for place in ("/hall", *PLACES):
        page.goto(hall.url + place)
        expect(page.locator("#ticker-words" if "media" in place else "#news")).to_have_text(LONG)
        page.screenshot(path=f"/tmp/pages_news_{place.replace('/', '_')[:30]}.png")
    page.goto(hall.url + urlsplit(hall.take()["status_url"]).path)
    expect(page.locator(".phone-notice")).to_have_text(LONG)
    staff.get_by_role("button", name="Gỡ xuống").click()
    expect(staff.locator("#none")).to_be_visible()


def test_a_media_display_without_media_shows_the_board(hall: ServerProcess, new_page: NewPage) -> None:
    page = new_page(viewport={"width": 1920, "height": 1080})
    page.goto(hall.url + "/hall?layout=media")
    expect(page.locator("#media")).to_be_hidden()
    hall.take("XD")
    expect(page.locator("#queues")).to_be_visible()
    page.screenshot(path="/tmp/pages_media_empty.png")
