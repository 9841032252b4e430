"""Staff give a number from their page: by keyboard, once whatever happens, on paper at a kiosk or for a phone."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from display_server.services.devices.devices import DeviceKind, add_device
from tests.pages.conftest import Complaints, NewPage
from tests.server_process import ServerProcess

SEEN_WITHIN = 10_000  # milliseconds
GIVE = "**/api/v1/tickets"


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("numbers")
    environment = {"MOTCUA_SERVER__PUBLIC_URL": "https://mot-cua.example.vn", "MOTCUA_HALL__FRESH_SECONDS": "0.1"}
    one = ServerProcess(folder, f"sqlite:///{folder}/hall.db", environment=environment).start()
    one.add_staff("Hoa", "hall")
    yield one
    one.stop()
    one.site.engine.dispose()


def report(hall: ServerProcess, token: str | None = None, **changes: Any) -> Any:
    told = {"version": "0.1.0", "slips_waiting": 0, "to_hand_in": 0, "up_seconds": 1.5} | changes
    answer = hall.ask("POST", "/api/v1/kiosks/report", told, token or hall.token("kiosk"))
    assert answer.status == 200, answer
    return answer.json()["reprints"]


def signed_in(hall: ServerProcess, page: Page, path: str = "/numbers") -> Page:
    page.goto(hall.url + path)
    page.fill("#name", "Hoa")
    page.fill("#password", "mot cua hai cua")
    page.keyboard.press("Enter")
    page.wait_for_selector("#choices > li")
    return page


def choose(page: Page, letters: str) -> None:
    page.focus("#search")
    page.keyboard.type(letters)
    page.keyboard.press("Enter")


def given(hall: ServerProcess, page: Page) -> list[str]:
    answer = page.request.get(hall.url + "/api/v1/numbers")
    return [each["ticket"]["number"] for each in answer.json()["given"]]


def test_by_keyboard_alone_onto_paper_at_a_kiosk(hall: ServerProcess, page: Page) -> None:
    report(hall)
    staff = signed_in(hall, page)
    expect(staff.locator("#choices > li")).to_have_count(22)
    expect(staff.locator("#search")).to_be_focused()
    expect(staff.locator("#where")).to_contain_text("kiosk – sẵn sàng")
    choose(staff, "khai sinh")
    expect(staff.locator("#chosen")).to_contain_text("Đăng ký khai sinh")
    expect(staff.locator("#chosen-queue")).to_have_text("chưa có người chờ · hiện chưa có quầy nào mở")
    staff.keyboard.press("Enter")
    expect(staff.locator("#card-number")).to_have_text("CV001")
    expect(staff.locator("#card-department")).to_have_text("Quầy chứng thực – hộ tịch")
    expect(staff.locator("#card-code path")).to_have_attribute("d", re.compile("^M"))
    expect(staff.locator("#card-slip")).to_contain_text("kiosk")
    (order,) = report(hall)
    assert (order["ticket"]["number"], order["ticket"]["procedure"] is not None) == ("CV001", True)
    assert order["ticket"]["status_url"].startswith("https://mot-cua.example.vn/t/")
    report(hall, reprinted=[{"id": order["id"], "done": True}])
    expect(staff.locator("#card-slip")).to_have_text("Phiếu đã in ra ở kiosk.", timeout=SEEN_WITHIN)
    staff.focus("#next")
    staff.keyboard.press("Enter")
    expect(staff.locator("#search")).to_be_focused()
    expect(staff.locator("#chosen")).to_have_text("Chưa chọn")
    expect(staff.locator("#given > li")).to_contain_text("CV001")


def test_one_number_for_two_presses_a_lost_answer_and_a_reload(
    hall: ServerProcess, page: Page, complaints: Complaints
) -> None:
    complaints.allow("net::ERR_|503")
    staff = signed_in(hall, page)
    before = given(hall, staff)
    choose(staff, "xay dung")
    staff.select_option("#where", "")
    lost = []

    def lose(route: Route) -> None:
        """The server does it, and nobody hears."""
        lost.append(json.loads(route.request.post_data or "{}")["request_id"])
        if len(lost) < 3:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    staff.route(GIVE, lose)
    staff.dblclick("#give")
    expect(staff.locator("#sending")).to_contain_text("Vẫn chỉ là một số")
    staff.reload()
    expect(staff.locator("#card-number")).not_to_be_empty()
    assert len(set(lost)) == 1
    assert len(given(hall, staff)) == len(before) + 1
    expect(staff.locator("#card-slip")).to_contain_text("Chưa in")
    number = staff.locator("#card-number").inner_text()
    staff.unroute(GIVE)
    staff.reload()
    expect(staff.locator("#card-number")).to_have_text(number)
    assert len(given(hall, staff)) == len(before) + 1


def test_which_kiosk_cannot_print_and_another_one_does(hall: ServerProcess, page: Page) -> None:
    second = add_device(hall.site, hall.centre_id, DeviceKind.KIOSK, "Kiosk tầng hai", None)
    report(hall, problems=["paper_out"])
    report(hall, second)
    staff = signed_in(hall, page)
    expect(staff.locator("#where-status")).to_have_text("kiosk: Hết giấy")
    staff.select_option("#where", label="kiosk – Hết giấy")
    choose(staff, "tu phap")
    staff.keyboard.press("Enter")
    expect(staff.locator("#card-number")).not_to_be_empty()
    expect(staff.locator("#card-slip")).to_contain_text("kiosk")  # the order is with the server
    (order,) = report(hall, problems=["paper_out"])
    expect(staff.locator("#card-slip")).to_contain_text("kiosk chưa in được (Hết giấy)", timeout=SEEN_WITHIN)
    report(hall, second)
    staff.select_option("#card-where", label="Kiosk tầng hai – sẵn sàng")
    staff.click("#card-print")
    expect(staff.locator("#card-slip")).to_contain_text("Kiosk tầng hai")
    (copy,) = report(hall, second)
    assert (copy["ticket"]["number"], copy["is_copy"]) == (order["ticket"]["number"], True)
    report(hall, second, reprinted=[{"id": copy["id"], "done": True}])
    told = "Phiếu đã in ra ở Kiosk tầng hai. (có ghi là bản in lại)"
    expect(staff.locator("#card-slip")).to_have_text(told, timeout=SEEN_WITHIN)


def test_nothing_chosen_nothing_found_and_english(hall: ServerProcess, page: Page) -> None:
    staff = signed_in(hall, page)
    staff.click("#give")
    expect(staff.locator("#status")).to_have_text("Xin chọn cơ quan hoặc thủ tục trước")
    staff.fill("#search", "zzzz")
    expect(staff.locator("#choices")).to_contain_text("Không tìm thấy")
    staff.goto(hall.url + "/numbers?lang=en")
    expect(staff.locator("h1")).to_have_text("Give a number")
    staff.fill("#search", "birth")
    expect(staff.locator("#choices > li").first).to_contain_text("no counter open at present")


def test_a_closed_department_and_a_refusal_are_told(hall: ServerProcess, page: Page, complaints: Complaints) -> None:
    complaints.allow("409|404")
    staff = signed_in(hall, page)
    problem = {
        "type": "/problems/closed",
        "status": 409,
        "title": "x",
        "detail": "x",
        "opens_at": "2026-11-30T00:30:00Z",
    }
    staff.route(GIVE, lambda route: route.fulfill(status=409, json=problem))
    choose(staff, "xay dung")
    staff.click("#give")
    expect(staff.locator("#status")).to_contain_text("07:30")
    expect(staff.locator("#form")).to_be_visible()
    staff.unroute(GIVE)
    staff.route(GIVE, lambda route: route.fulfill(status=404, json=problem | {"type": "/problems/not-found"}))
    staff.click("#give")
    expect(staff.locator("#status")).to_contain_text("không còn nữa")


@pytest.mark.parametrize("size", [(1366, 625), (390, 844)])
def test_it_fits(hall: ServerProcess, new_page: NewPage, size: tuple[int, int]) -> None:
    staff = signed_in(hall, new_page(viewport={"width": size[0], "height": size[1]}))
    wide = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert staff.evaluate(wide)
    choose(staff, "xay dung")
    expect(staff.locator("#give")).to_be_in_viewport()
    staff.select_option("#where", "")
    staff.keyboard.press("Tab")
    staff.click("#give")
    expect(staff.locator("#card-number")).not_to_be_empty()
    assert staff.evaluate(wide)
    expect(staff.locator("#card-number")).to_be_in_viewport()


def test_a_clerk_comes_in_by_the_setting_alone(hall: ServerProcess, new_page: NewPage, complaints: Complaints) -> None:
    complaints.allow("403")
    name, password = hall.add_staff("Lan")
    page = new_page()
    page.goto(hall.url + "/numbers")
    page.fill("#name", name)
    page.fill("#password", password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/counter" in url)
    expect(page.get_by_role("link", name="Cấp số")).to_have_count(0)
