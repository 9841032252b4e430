"""The technician of a province sees all centres, and nothing of theirs can be changed from there."""

from dataclasses import replace

from playwright.sync_api import expect

from config.centre.loader import load_centre
from display_server.services.centre.import_centre import import_centre
from tests.pages.conftest import Complaints, NewPage
from tests.server_process import CENTRES, ServerProcess


def test_all_centres_trouble_first_and_no_other_page(
    hall: ServerProcess, new_page: NewPage, complaints: Complaints
) -> None:
    complaints.allow("403")
    import_centre(hall.site, load_centre(CENTRES / "xa_mau"))
    commune = replace(hall, centre="xa_mau")
    hall.take("KHDT")
    told = {"version": "1", "slips_waiting": 0, "to_hand_in": 0, "up_seconds": 1.5, "problems": ["paper_out"]}
    assert commune.ask("POST", "/api/v1/kiosks/report", told, commune.token("kiosk")).status == 200
    name, password = hall.add_staff("Tỉnh", "province")
    page = new_page(viewport={"width": 1280, "height": 800})
    page.goto(hall.url + "/sign-in")
    page.fill("#name", name)
    page.fill("#password", password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/province")
    rows = page.locator("#centres tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("Hết giấy")
    expect(rows.nth(1)).to_contain_text("Hoạt động tốt")
    expect(page.locator("#sum")).to_have_text("2 trung tâm · 1 người đang chờ · 1 số đã cấp hôm nay")
    token = page.locator("meta[name=csrf-token]").get_attribute("content")
    press = """token => fetch("/api/v1/counters/1/call-next", {method: "POST", body: '{"request_id": "p1"}',
        headers: {"X-CSRFToken": token, "Content-Type": "application/json"}}).then((answer) => answer.status)"""
    assert page.evaluate(press, token) == 403
    page.goto(hall.url + "/admin")
    expect(page.locator("body")).to_contain_text("403")
