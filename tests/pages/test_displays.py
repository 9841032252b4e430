"""A new screen joins without typing, staff give it its picture and see within seconds when it is dark."""

import time
from typing import Any

from playwright.sync_api import Page, expect

from tests.pages.conftest import Complaints, NewPage
from tests.server_process import ServerProcess

SEEN_WITHIN = 10_000  # milliseconds from the plug being pulled to the staff's page


def staff_page(hall: ServerProcess, page: Page, role: str = "hall") -> Page:
    name, password = hall.add_staff("Hoa", role)
    page.goto(hall.url + "/admin/screens")
    page.fill("#name", name)
    page.fill("#password", password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/screens")
    return page


def new_screen(hall: ServerProcess, page: Page) -> str:
    """Switched on for the first time: the code that it shows."""
    page.goto(hall.url + "/hall/pair")
    return page.locator("#code").inner_text()


def confirm(staff: Page, code: str, name: str, layout: str = "board", **fields: str) -> None:
    staff.fill("#code", code)
    staff.fill("#name", name)
    staff.select_option("#layout", layout)
    for field, value in fields.items():
        staff.locator(f"#{field}").fill(value)
    staff.click("#submit")


def card(staff: Page, name: str) -> Any:
    return staff.locator("#displays > li", has=staff.get_by_role("heading", name=name, exact=True))


def test_a_screen_is_paired_changed_and_switched_off(
    hall: ServerProcess, new_page: NewPage, complaints: Complaints
) -> None:
    complaints.allow("404|409|401")
    screen, staff = new_page(), staff_page(hall, new_page())
    code = new_screen(hall, screen)
    confirm(staff, "XXX XXX", "Màn 1")
    expect(staff.locator("#form-status")).to_contain_text("không có màn hình nào hiện mã này")
    confirm(staff, code.lower(), "Màn 1", "waiting")
    screen.wait_for_url(hall.url + "/hall")
    expect(screen.locator("body")).to_have_attribute("data-layout", "waiting")
    expect(card(staff, "Màn 1").locator(".display-status")).not_to_contain_text("chờ tín hiệu")
    assert "device" in {cookie["name"] for cookie in screen.context.cookies() if cookie["httpOnly"]}

    confirm(staff, code, "Màn 2")  # a code is good once
    expect(staff.locator("#form-status")).to_contain_text("không có màn hình nào hiện mã này")

    card(staff, "Màn 1").get_by_role("button", name="Thay đổi").click()
    staff.fill("#name", "Cửa vào")
    staff.select_option("#layout", "zone")
    staff.fill("#counters", "1, 2")
    staff.select_option("#voice", "off")
    staff.click("#submit")
    expect(screen.locator("body")).to_have_attribute("data-layout", "zone")
    expect(screen.locator("body")).to_have_attribute("data-voice", "off")
    expect(screen.locator(".area-name")).to_contain_text("1, 2")
    expect(card(staff, "Cửa vào")).to_contain_text("Một số quầy")

    staff.on("dialog", lambda dialog: dialog.accept())
    card(staff, "Cửa vào").get_by_role("button", name="Ngắt").click()
    screen.wait_for_url("**/hall/pair")
    expect(staff.locator("#displays > li")).to_have_count(0)
    confirm(staff, screen.locator("#code").inner_text(), "Cửa vào")  # its name is free again
    screen.wait_for_url(hall.url + "/hall")


def test_a_hall_that_is_not_public_shows_a_code_first(idle_hall: ServerProcess, new_page: NewPage) -> None:
    idle_hall.environment |= {"MOTCUA_HALL__PUBLIC": "false"}
    hall = idle_hall.start()
    screen, staff = new_page(), staff_page(hall, new_page())
    screen.goto(hall.url + "/hall")
    screen.wait_for_url("**/hall/pair")
    confirm(staff, screen.locator("#code").inner_text(), "Sảnh", diagonal="43", farthest="30")
    screen.wait_for_url(hall.url + "/hall")
    expect(screen.locator("#queues li").first).to_be_visible()
    hall.take()
    number = hall.call_next("1")["number"]
    expect(screen.locator("#number")).to_have_text(number)
    expect(card(staff, "Sảnh").locator(".display-status")).to_contain_text("ít nhất 20′")


def test_staff_see_a_dark_screen_within_ten_seconds(
    hall: ServerProcess, new_page: NewPage, complaints: Complaints
) -> None:
    complaints.allow_lost_server()
    screen, staff = new_page(), staff_page(hall, new_page())
    confirm(staff, new_screen(hall, screen), "Màn 2")
    screen.wait_for_url(hall.url + "/hall")
    told = card(staff, "Màn 2").locator(".display-status")
    expect(told).not_to_contain_text("chờ tín hiệu")
    screen.close()
    died = time.monotonic()
    expect(told).to_contain_text("Không có tín hiệu", timeout=SEEN_WITHIN)
    assert time.monotonic() - died < SEEN_WITHIN / 1000


def test_the_list_shows_each_screen_as_it_is_and_the_form_a_preview(hall: ServerProcess, new_page: NewPage) -> None:
    screen, staff = new_page(), staff_page(hall, new_page())
    staff.select_option("#layout", "waiting")
    form = staff.frame_locator("#preview")
    expect(form.locator("#waiting tr").first).to_be_visible()
    confirm(staff, new_screen(hall, screen), "Màn 3", "waiting")
    expect(card(staff, "Màn 3")).to_be_visible()
    shown = card(staff, "Màn 3").frame_locator("iframe")
    expect(shown.locator("#waiting tr").first).to_be_visible()
    streams = "() => performance.getEntriesByType('resource').filter((one) => one.name.includes('/stream')).length"
    for frame in staff.frames[1:]:
        assert frame.evaluate(streams) == 0  # a browser has only six connections


def test_the_number_is_measured_against_the_farthest_seat(hall: ServerProcess, page: Page) -> None:
    """58 mm capitals at 10 m are 20′ (ISO 9241-3's table in the domain notes)."""
    page.goto(hall.url + "/hall")
    found = page.evaluate(
        """() => {
          const across = Math.hypot(screen.width, screen.height);
          const pixels = parseFloat(getComputedStyle(document.getElementById("number")).fontSize) * 0.7;
          const diagonal_inches = 58 / 25.4 / (pixels / across);
          return [10, 20].map((farthest_metres) => motcua.visualAngle({ diagonal_inches, farthest_metres }).number);
        }"""
    )
    assert 19.8 < found[0] < 20.2
    assert 9.9 < found[1] < 10.1
