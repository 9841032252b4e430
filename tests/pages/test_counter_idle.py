"""A counter's page at which nothing happens asks the server for nothing, however busy the rest of the hall is."""

from playwright.sync_api import Page, expect

from tests.pages.test_counter_page import expect_visitor, press, sign_in
from tests.server_process import ServerProcess

IDLE_SECONDS = 20  # as it was measured once: 57 requests
OTHER_DEPARTMENT, OTHER_COUNTER = "XD", "3"
PAUSE_MS = 500
LOADED = """() => ["centre", "counters"].every(
  (name) => performance.getEntriesByName(location.origin + "/api/v1/" + name).length)"""


def test_an_idle_counter_page_asks_nothing_while_others_work(hall: ServerProcess, page: Page) -> None:
    sign_in(page, hall)
    expect(page.locator("#waiting-count")).to_have_text("0")
    page.wait_for_function(LOADED)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(f"{request.method} {request.url}"))
    for at in range(IDLE_SECONDS * 1000 // PAUSE_MS):
        hall.take(OTHER_DEPARTMENT)
        if at % 4 == 0:
            assert hall.call_next(OTHER_COUNTER)
            hall.press(OTHER_COUNTER, "finish")
        page.wait_for_timeout(PAUSE_MS)
    assert requests == []
    expect(page.locator("#connection")).to_have_attribute("data-state", "live")

    ticket = hall.take()  # what concerns the counter comes by itself, too
    expect(page.locator("#waiting-count")).to_have_text("1")
    hall.call_next()
    expect_visitor(page, ticket["number"], "called")
    assert requests == []
    press(page, "s")
    expect_visitor(page, ticket["number"], "serving")
    assert [one.split("/")[-1] for one in requests] == ["start"]
