"""A clerk's day at the counter's page by keyboard alone; what goes wrong in it; and how it looks."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.pages.conftest import Complaints, NewPage
from tests.pages.test_counter_page import (
    expect_nobody,
    expect_visitor,
    hall,
    press,
    shared_hall,
    sign_in,
    state_of,
)
from tests.server_process import ServerProcess

__all__ = ["hall", "shared_hall"]  # fixtures
TABLET, NARROW = {"width": 1280, "height": 800}, {"width": 380, "height": 800}


def told(page: Page, text: str) -> None:
    expect(page.locator("#status")).to_contain_text(text)


def menu(page: Page, digit: str) -> None:
    press(page, "m")
    page.keyboard.press(digit)


def choose(page: Page, letters: str) -> None:
    page.keyboard.type(letters)
    expect(page.locator("#transfer-targets :checked")).to_have_count(1)


def test_a_whole_day_by_keyboard_alone(hall: ServerProcess, page: Page, complaints: Complaints) -> None:
    complaints.allow("409")  # asked back before the break
    tickets = [hall.take() for _ in range(6)]
    numbers = [ticket["number"] for ticket in tickets]
    sign_in(page, hall, query="?lang=en")
    menu(page, "1")  # opens the counter
    told(page, "The counter is open")

    press(page, "Space")
    expect_visitor(page, numbers[0], "called")
    expect(page.locator("#next-why")).to_contain_text("First in line")
    press(page, "s")
    expect_visitor(page, numbers[0], "serving")
    press(page, "a")  # one more service, found by a few letters
    choose(page, "construct")
    page.keyboard.press("Enter")
    told(page, "afterwards")
    expect(page.locator("#itinerary")).to_contain_text("Construction")
    press(page, "f")
    told(page, "goes on to the next department")
    assert state_of(hall, tickets[0])["department"] == "XD"
    expect(page.locator("#day")).to_contain_text("1 served")

    press(page, "Space")
    press(page, "n")  # a slip of the finger …
    told(page, "no-show")
    press(page, "u")  # … is taken back
    told(page, "Undone")
    expect_visitor(page, numbers[1], "called")
    press(page, "p")
    page.keyboard.press("1")
    expect_nobody(page)
    press(page, "c")
    page.keyboard.type(numbers[1])
    page.keyboard.press("Enter")
    expect_visitor(page, numbers[1], "called")
    press(page, "t")
    choose(page, "2")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("cần dấu")
    page.keyboard.press("Enter")
    told(page, "transferred to")

    menu(page, "2")
    page.locator("#last-yes").press("Enter")  # the only counter of a queue in which people wait
    told(page, "on a break")
    for number in numbers[2:]:
        press(page, "Space")
        expect_visitor(page, number, "called")
    press(page, "Space")
    told(page, "Queue is empty")
    menu(page, "3")
    told(page, "The counter is closed")


def test_a_clerk_changes_a_key_and_the_device_keeps_it(hall: ServerProcess, page: Page) -> None:
    ticket = hall.take()
    sign_in(page, hall, query="?lang=en")
    press(page, "m")
    page.keyboard.press("4")
    page.keyboard.press("Enter")  # the first: call the next
    page.keyboard.press("0")
    expect(page.locator("#keys-hint")).to_have_text("Changed, on this device.")
    page.keyboard.press("Escape")
    page.reload()
    expect(page.locator('[data-step="call-next"] kbd')).to_have_text("0")
    expect(page.locator("#nobody-hint")).to_contain_text("Press 0")
    expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    page.keyboard.press("Space")
    expect_nobody(page)
    press(page, "0")
    expect_visitor(page, ticket["number"], "called")


HOLD_UP_STREAM = """{
  const listen = EventSource.prototype.addEventListener;
  EventSource.prototype.addEventListener = function (kind, act) {
    return listen.call(this, kind, (event) => window.isHeldUp || act(event));
  };
}"""


def test_a_late_press_in_a_second_window_calls_nobody_and_says_what_happened(
    hall: ServerProcess, page: Page, complaints: Complaints
) -> None:
    """The second window's stream is held up: it still shows that nobody is here."""
    complaints.allow("409")
    first, second = hall.take(), hall.take()
    page.add_init_script(HOLD_UP_STREAM)
    sign_in(page, hall, query="?lang=en")
    page.evaluate("() => { window.isHeldUp = true; }")
    hall.press("1", "call-next")
    page.keyboard.press("Space")
    told(page, f"{first['number']} has been called here meanwhile")
    assert state_of(hall, first)["state"] == "called"
    assert state_of(hall, second)["state"] == "waiting"


def test_a_browser_that_dies_in_the_middle_of_a_visit_loses_nothing(hall: ServerProcess, new_page: NewPage) -> None:
    ticket = hall.take()
    page = new_page()
    sign_in(page, hall)
    press(page, "Space")
    press(page, "s")
    expect_visitor(page, ticket["number"], "serving")
    page.context.close()
    again = new_page()
    sign_in(again, hall)
    expect_visitor(again, ticket["number"], "serving")
    press(again, "f")
    expect_nobody(again)


@pytest.mark.parametrize("size", [TABLET, NARROW], ids=["tablet", "narrow"])
def test_axe_finds_nothing_with_long_names_and_every_dialog(hall: ServerProcess, page: Page, size: Any) -> None:
    for priority in ("merit", None, "elderly"):
        hall.take(priority=priority, language="en", procedure="KHDT-001", department="KHDT")
    page.set_viewport_size(size)
    sign_in(page, hall)
    assert complaints_of_axe(page) == []
    press(page, "Space")
    press(page, "s")
    expect(page.locator("#visit-state")).to_have_attribute("data-state", "serving")
    assert complaints_of_axe(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= size["width"]
    for key, dialog in (("a", "transfer"), ("t", "transfer"), ("p", "park"), ("c", "call"), ("m", "menu")):
        press(page, key)
        expect(page.locator(f"#{dialog}-dialog")).to_be_visible()
        assert complaints_of_axe(page, f"#{dialog}-dialog") == []
        page.keyboard.press("Escape")
    press(page, "m")
    page.keyboard.press("4")
    assert complaints_of_axe(page, "#keys-dialog") == []


def complaints_of_axe(page: Page, part: str | None = None) -> list[str]:
    found = Axe().run(page, context=part).response["violations"]
    return [f"{each['id']}: {[node['html'] for node in each['nodes']]}" for each in found]
