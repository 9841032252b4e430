"""A second factor is set up with a phone, asked for at the sign-in, and reset; sessions and identities are seen."""

import pyotp
from playwright.sync_api import Page, expect
from zxingcpp import read_barcodes

from display_server.services.staff.client_addresses import Source
from display_server.services.staff.single_sign_on import recognise
from tests.pages.conftest import Complaints, NewPage
from tests.pages.test_people_page import assert_accessible, look, sign_in
from tests.server_process import ServerProcess

PASSWORD = "mot cua hai cua"
PHONE = {"width": 380, "height": 760}


def address_in_the_qr_code(page: Page) -> str:
    import io

    from PIL import Image

    picture = Image.open(io.BytesIO(page.locator(".qr").screenshot()))
    return read_barcodes(picture)[0].text


def test_from_the_qr_code_to_a_sign_in_with_a_recovery_code(
    hall: ServerProcess, new_page: NewPage, complaints: Complaints
) -> None:
    complaints.allow("401")
    complaints.allow("422")
    page = new_page(viewport=PHONE)
    hall.add_staff("Nguyễn Quản Trị", "administrator")
    page.goto(hall.url + "/sign-in?next=/admin")
    sign_in(page, "Nguyễn Quản Trị", PASSWORD)
    page.wait_for_url("**/admin")
    page.goto(hall.url + "/account")
    assert_accessible(page)
    look(page, "factor-account")
    page.get_by_role("link", name="Thiết lập xác thực hai bước").click()
    look(page, "factor-off")
    page.fill("#old", PASSWORD)
    page.press("#old", "Enter")
    address = address_in_the_qr_code(page)
    assert address.startswith("otpauth://totp/Motcua:")
    app = pyotp.parse_uri(address)
    assert isinstance(app, pyotp.TOTP)
    assert page.locator(".typed-key").inner_text().replace(" ", "") == app.secret
    assert_accessible(page)
    look(page, "factor-scan")
    page.fill("#code", "000000")
    page.press("#code", "Enter")
    expect(page.locator("[role=alert]")).to_contain_text("Mã không đúng")
    page.fill("#code", app.now())
    page.press("#code", "Enter")
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    codes = page.locator(".recovery-codes li").all_inner_texts()
    assert_accessible(page)
    look(page, "factor-codes")

    page.get_by_role("link", name="Tôi đã cất giữ").click()
    page.goto(hall.url + "/account/second-factor")
    assert_accessible(page)
    look(page, "factor-on")
    page.get_by_role("button", name="Đăng xuất").click()
    page.goto(hall.url + "/sign-in?next=/admin")
    sign_in(page, "Nguyễn Quản Trị", PASSWORD)
    page.wait_for_url("**/sign-in/code*")
    assert page.evaluate("() => fetch('/api/v1/counters').then((answer) => answer.status)") == 401
    expect(page.locator("#code")).to_be_focused()
    assert_accessible(page)
    look(page, "factor-code")
    page.fill("#code", "000000")
    page.press("#code", "Enter")
    expect(page.locator("[role=alert]")).to_be_visible()
    assert_accessible(page)
    page.fill("#recovery", codes[0].upper())
    page.press("#recovery", "Enter")
    page.wait_for_url("**/admin")


def test_administrators_see_sessions_and_confirm_who_is_who(
    hall: ServerProcess, new_page: NewPage, complaints: Complaints
) -> None:
    complaints.allow("401")
    boss, clerk = new_page(viewport={"width": 1366, "height": 625}), new_page(viewport=PHONE)
    hall.add_staff("Sếp", "administrator")
    hall.add_staff("Trần Thị Hoa", "clerk")
    claims = {"iss": "https://sso.tinh.vn/realms/tinh", "sub": "f:4711-22-aa", "preferred_username": "Trần Thị Hoa"}
    recognise(hall.site, claims, Source("192.0.2.1"))
    clerk.goto(hall.url + "/counter")
    sign_in(clerk, "Trần Thị Hoa", PASSWORD)
    clerk.wait_for_url("**/counter")
    boss.goto(hall.url + "/admin/staff")
    sign_in(boss, "Sếp", PASSWORD)
    boss.wait_for_url("**/admin/staff")
    waiting = boss.locator("#identity-rows tr", has_text="Trần Thị Hoa")
    expect(waiting).to_contain_text("chờ xác nhận")
    boss.locator("#people tr", has_text="Trần Thị Hoa").get_by_role("button", name="Các phiên").click()
    session = boss.locator("#session-rows tr")
    expect(session).to_contain_text("Chrome")
    assert_accessible(boss)
    look(boss, "staff-sessions")
    session.get_by_role("button", name="Kết thúc").click()
    expect(boss.locator("#nowhere")).to_be_visible()
    clerk.reload()
    expect(clerk.locator("#password")).to_be_visible()

    boss.on("dialog", lambda dialog: dialog.accept())
    waiting.get_by_role("button", name="Đúng người").click()
    expect(waiting).to_contain_text("đã liên kết từ")
    assert recognise(hall.site, claims, Source("192.0.2.1")).member is not None
    boss.set_viewport_size(PHONE)
    assert_accessible(boss)
    look(boss, "staff-sessions-phone")
