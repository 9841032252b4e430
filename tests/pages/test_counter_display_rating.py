"""Over a counter, beyond the number: an arrow, when the clerk is back, and how the visit was."""

from playwright.sync_api import Page, expect

from display_server.services.core.actors import Actor
from display_server.services.displays.ratings import ratings_report
from tests.pages.conftest import NewPage
from tests.pages.test_displays import new_screen, staff_page
from tests.server_process import ServerProcess


def paired_over(hall: ServerProcess, new_page: NewPage, counter: str = "1") -> Page:
    screen, staff = new_page(viewport={"width": 1280, "height": 720}), staff_page(hall, new_page())
    code = new_screen(hall, screen)
    staff.fill("#code", code)
    staff.fill("#name", "Trên quầy")
    staff.select_option("#layout", "counter")
    staff.select_option("#counter", counter)
    staff.select_option("#arrow", "left")
    staff.click("#submit")
    screen.wait_for_url(hall.url + "/hall")
    expect(screen.locator("#code")).to_have_text(counter)
    staff.close()
    return screen


def scores(hall: ServerProcess) -> dict[str, list[int]]:
    report = ratings_report(hall.site, Actor("staff", 1, "Lan", hall.centre_id), 1)
    return {one.counter: one.scores for one in report.counters}


def serve(hall: ServerProcess, counter: str = "1") -> None:
    hall.take()
    hall.call_next(counter)
    hall.press(counter, "start")


def test_after_the_visit_five_faces_and_reasons_and_the_next_call_ends_it(
    hall: ServerProcess, new_page: NewPage
) -> None:
    screen = paired_over(hall, new_page)
    expect(screen.locator(".pointer")).to_have_attribute("data-arrow", "left")
    serve(hall)
    expect(screen.locator("#show")).to_have_attribute("data-state", "serving")
    rating = screen.locator("#rating")
    expect(rating).to_be_hidden()
    hall.press("1", "finish")
    expect(rating).to_be_visible()
    expect(screen.locator("#faces button")).to_have_count(5)
    screen.locator("#faces button").nth(1).click()
    expect(screen.locator("#reasons li:visible")).to_have_count(4)
    screen.get_by_role("button", name="Chờ lâu").click()
    screen.locator("#rating-send").click()
    expect(screen.locator("#rating-title")).to_contain_text("Cảm ơn")
    expect(rating).to_be_hidden()
    assert scores(hall) == {"1": [0, 1, 0, 0, 0]}

    serve(hall)
    hall.press("1", "finish")
    expect(rating).to_be_visible()
    screen.locator("#faces button").nth(4).click()
    serve(hall)  # before "Send": what was chosen counts, and the number is there at once
    expect(rating).to_be_hidden()
    expect(screen.locator("#number")).to_have_text("A003")
    assert scores(hall) == {"1": [0, 1, 0, 0, 1]}


def test_a_face_that_was_touched_counts_without_send(hall: ServerProcess, new_page: NewPage) -> None:
    screen = paired_over(hall, new_page)
    serve(hall)
    hall.press("1", "finish")
    screen.locator("#faces button").nth(3).click()
    screen.wait_for_timeout(9000)  # it sends itself
    assert scores(hall) == {"1": [0, 0, 0, 1, 0]}


def test_nobody_is_asked_on_a_screen_that_is_not_enrolled(hall: ServerProcess, page: Page) -> None:
    page.goto(hall.url + "/hall/counter/1")
    serve(hall)
    hall.press("1", "finish")
    expect(page.locator("#show")).to_have_attribute("data-state", "free")
    expect(page.locator("#rating")).to_have_count(0)


def test_a_break_says_when_the_clerk_is_back(hall: ServerProcess, page: Page) -> None:
    page.goto(hall.url + "/hall/counter/1?arrow=up")
    expect(page.locator(".pointer")).to_have_attribute("data-arrow", "up")
    hall.press("1", "break", minutes=15)
    expect(page.locator("#state-words")).to_have_text("Tạm nghỉ")
    expect(page.locator("#back")).to_contain_text("Làm việc lại lúc")
    hall.press("1", "open")
    expect(page.locator("#back")).to_be_hidden()
    hall.press("1", "break")
    expect(page.locator("#state-words")).to_have_text("Tạm nghỉ")
    expect(page.locator("#back")).to_be_hidden()


def test_a_closed_centre_says_when_it_opens(idle_hall: ServerProcess, page: Page) -> None:
    idle_hall.environment |= {"MOTCUA_SERVER__ALWAYS_OPEN": "false"}
    hall = idle_hall.start()
    state = hall.hall()
    page.route(
        "**/api/v1/hall/stream*",
        lambda route: route.fulfill(body=closed(state), headers={"Content-Type": "text/event-stream"}),
    )
    page.goto(hall.url + "/hall/counter/1")
    expect(page.locator("#back")).to_have_text("Mở cửa lúc 13:30")


def closed(state: dict[str, object]) -> str:
    import json

    noon = {"open": False, "now": "2026-11-23T05:00:00Z", "opens_at": "2026-11-23T06:30:00Z"}
    return f"event: hall\ndata: {json.dumps(state | noon)}\n\n"
