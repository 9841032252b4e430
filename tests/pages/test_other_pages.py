"""The pages beside the hall and the counters, followed from one to the next as people do."""

import re
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import Complaints, NewPage
from tests.server_process import ServerProcess, new_id

NARROWEST, NARROW = 320, 380
NO_SCROLL_ASIDE = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
BECOME_VISIBLE = "() => document.dispatchEvent(new Event('visibilitychange'))"
FEEL_VIBRATION = """window.felt = 0;
Object.defineProperty(navigator, "vibrate", { value: () => { window.felt += 1; return true; } });"""

SAID = {
    "vi": {
        "ahead": "Còn 1 người phía trước",
        "next": "Ông/bà là người tiếp theo",
        "called": "Đã đến lượt ông/bà",
        "counter": "Quầy",
        "finished": "Lượt của ông/bà đã xong",
        "kind": "hẹn gặp lại",
    },
    "en": {
        "ahead": "1 person ahead of you",
        "next": "You are next",
        "called": "It is your turn",
        "counter": "Counter",
        "finished": "Your visit is finished",
        "kind": "see you again",
    },
}


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One running hall for all: each test has a department of its own."""
    folder = tmp_path_factory.mktemp("hall")
    running = ServerProcess(folder, f"sqlite:///{folder}/hall.db").start()
    yield running
    running.stop()
    running.site.engine.dispose()


@pytest.fixture
def page(hall: ServerProcess, new_page: NewPage) -> Page:
    """One page, closed before the hall ends."""
    return new_page()


def enter(hall: ServerProcess, page: Page, role: str, path: str) -> None:
    """Goes to `path` as somebody of that role, through the sign-in page."""
    name, password = hall.add_staff(f"Hoa {new_id()[:6]}", role)
    page.goto(hall.url + path)
    page.fill("#name", name)
    page.fill("#password", password)
    page.keyboard.press("Enter")
    page.wait_for_url(hall.url + path)


def own_page(hall: ServerProcess, ticket: dict[str, str]) -> str:
    return hall.url + urlsplit(ticket["status_url"]).path


def test_every_card_of_the_start_page_leads_to_its_page(hall: ServerProcess, page: Page) -> None:
    page.goto(hall.url + "/")
    expect(page.locator("main")).to_contain_text("motcua kiosk")
    page.get_by_role("link", name="Màn hình sảnh").click()
    expect(page.locator("#queues li").first).to_be_visible()
    page.goto(hall.url + "/")
    page.get_by_role("link", name="Quầy 1", exact=True).click()
    expect(page).to_have_url(re.compile(r"/hall/counter/1$"))
    for card, behind in (("Gọi số", "/counter"), ("Quản trị", "/admin")):
        page.goto(hall.url + "/")
        page.get_by_role("link").filter(has_text=re.compile(card, re.IGNORECASE)).click()
        expect(page.locator("#password")).to_be_visible()
        assert quote(behind, safe="") in page.url


@pytest.mark.parametrize(("language", "department", "counter"), [("vi", "XD", "3"), ("en", "GTVT", "4")])
def test_the_phone_follows_its_ticket_to_the_end_without_a_reload(
    hall: ServerProcess, new_page: NewPage, language: str, department: str, counter: str
) -> None:
    said = SAID[language]
    hall.press(counter, "open")
    hall.take(department)
    ticket = hall.take(department, language=language)
    page = new_page(viewport={"width": NARROWEST, "height": 568})
    page.add_init_script(FEEL_VIBRATION)
    page.goto(own_page(hall, ticket))
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("#number")).to_have_text(ticket["number"])
    expect(page.locator("#ahead")).to_have_text(said["ahead"])
    expect(page.locator("#wait")).to_contain_text(re.compile(r"\d"))
    assert page.evaluate(NO_SCROLL_ASIDE)
    page.evaluate("() => { window.sameLoad = true; }")

    hall.call_next(counter)
    hall.press(counter, "finish")
    page.evaluate(BECOME_VISIBLE)
    expect(page.locator("#ahead")).to_have_text(said["next"])
    assert page.evaluate("() => window.felt") == 0

    hall.call_next(counter)
    page.evaluate(BECOME_VISIBLE)
    expect(page.locator("#state")).to_have_text(said["called"])
    expect(page.locator("#counter")).to_contain_text(f"{said['counter']}\N{NO-BREAK SPACE}{counter}")
    expect(page).to_have_title(re.compile(ticket["number"] + " → "))
    assert page.evaluate("() => window.felt") == 1
    assert page.evaluate(NO_SCROLL_ASIDE)

    hall.press(counter, "finish")
    page.evaluate(BECOME_VISIBLE)
    expect(page.locator("#state")).to_contain_text(said["finished"])
    expect(page.locator("#hint")).to_contain_text(said["kind"])
    expect(page.locator("#counter")).to_be_hidden()
    expect(page).to_have_title(ticket["number"])
    assert page.evaluate("() => window.sameLoad")


def test_the_phone_keeps_the_last_state_while_the_server_is_away(
    hall: ServerProcess, page: Page, complaints: Complaints
) -> None:
    complaints.allow_lost_server()
    ticket = hall.take("TNMT")
    page.goto(own_page(hall, ticket))
    expect(page.locator("#ahead")).to_have_text(SAID["vi"]["next"])
    hall.kill()
    page.evaluate(BECOME_VISIBLE)
    expect(page.locator("#lost")).to_contain_text("Mất kết nối")
    expect(page.locator("#ahead")).to_have_text(SAID["vi"]["next"])
    hall.start()
    hall.call_next("6")
    page.evaluate(BECOME_VISIBLE)
    expect(page.locator("#lost")).to_be_hidden()
    expect(page.locator("#state")).to_have_text(SAID["vi"]["called"])


def test_a_forged_address_of_a_ticket_is_a_kind_404(hall: ServerProcess, page: Page, complaints: Complaints) -> None:
    complaints.allow("404")
    address, _, secret = own_page(hall, hall.take("TP")).partition("~")
    forged = f"{address}~{'A' if secret[0] != 'A' else 'B'}{secret[1:]}"
    answer = page.goto(forged)
    assert answer is not None
    assert answer.status == 404
    expect(page.locator("h1")).to_have_text("Không có số này")
    expect(page.locator("main")).to_contain_text("There is no such number")
    expect(page.get_by_role("link")).to_have_count(0)  # a visitor has no use for the staff's start page
    assert hall.ask("GET", urlsplit(forged).path + "/state").status == 404


def test_the_administration_shows_the_hall_and_says_why_a_number_was_next(hall: ServerProcess, page: Page) -> None:
    hall.take()
    priority = hall.take(priority="elderly")
    enter(hall, page, "supervisor", "/admin")
    row = page.locator("#departments tr", has_text="Sở Kế hoạch và Đầu tư")
    expect(row.locator("td").nth(1)).to_have_text("2")
    called = hall.call_next("1")
    assert called["number"] == priority["number"]
    expect(page.locator("#counters li").first).to_contain_text(called["number"], timeout=8_000)  # asks every 5 s
    expect(row.locator("td").nth(1)).to_have_text("1")

    why = page.locator("#history-why")
    page.fill("#history-number", called["number"].lower())
    page.keyboard.press("Enter")
    expect(why).to_contain_text(f"Số {called['number']} được gọi đến quầy 1 lúc ")
    expect(why).to_contain_text("vì đến lượt người được ưu tiên")
    assert page.locator("#history li strong").all_inner_texts() == ["Cấp số", "Gọi"]
    waiting = hall.take()
    page.fill("#history-number", waiting["number"])
    page.keyboard.press("Enter")
    expect(why).to_have_text(f"Số {waiting['number']} chưa được gọi.")


def test_a_clerk_who_strays_into_the_administration_is_shown_the_way_back(
    hall: ServerProcess, page: Page, complaints: Complaints
) -> None:
    complaints.allow("403")
    enter(hall, page, "clerk", "/counter")
    answer = page.goto(hall.url + "/admin")
    assert answer is not None
    assert answer.status == 403
    expect(page.locator("main")).to_contain_text("Trang này thuộc công việc khác")
    page.get_by_role("link", name="Đến trang của tôi").click()
    expect(page).to_have_url(hall.url + "/counter")


def test_hall_staff_land_on_the_page_of_the_hall_and_are_offered_no_counter(
    hall: ServerProcess, page: Page, complaints: Complaints
) -> None:
    complaints.allow("403")
    name, password = hall.add_staff(f"Hoa {new_id()[:6]}", "hall")
    page.goto(hall.url + "/")
    page.get_by_role("link").filter(has_text=re.compile("Gọi số", re.IGNORECASE)).click()
    page.fill("#name", name)
    page.fill("#password", password)
    page.keyboard.press("Enter")
    expect(page).to_have_url(hall.url + "/admin")
    expect(page.locator(".tabs a[href='/counter']")).to_have_count(0)
    page.goto(hall.url + "/")
    expect(page.locator(".card[href='/counter']")).to_have_count(0)
    page.goto(hall.url + "/counter")
    page.get_by_role("link", name="Đến trang của tôi").click()
    expect(page).to_have_url(hall.url + "/admin")


def test_no_page_scrolls_sideways_on_a_narrow_screen(
    hall: ServerProcess, new_page: NewPage, complaints: Complaints
) -> None:
    complaints.allow("404")
    ticket = hall.take("LDTBXH", priority="elderly")
    for width in (NARROWEST, NARROW):
        page = new_page(viewport={"width": width, "height": 640})
        for address in (hall.url + "/", own_page(hall, ticket), hall.url + "/nothing-here"):
            page.goto(address)
            assert page.evaluate(NO_SCROLL_ASIDE), (width, address)
    enter(hall, page, "administrator", "/admin")
    page.locator("#departments tr").first.wait_for()
    for width in (NARROWEST, NARROW):
        page.set_viewport_size({"width": width, "height": 640})
        assert page.evaluate(NO_SCROLL_ASIDE), (width, "/admin")
