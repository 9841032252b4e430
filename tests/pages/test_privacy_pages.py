"""What visitors are told about their data, and the warning at the note fields."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.pages.test_counter_page import hall, shared_hall, sign_in
from tests.server_process import ServerProcess

__all__ = ["hall", "shared_hall"]  # fixtures

PERSONAL = ["CCCD 034071001234", "034 071 001 234", "034.071.001.234", "số 123456789", "034071001234", "0912 345 678"]
HARMLESS = ["thiếu bản sao", "H54-260115-0001", "2 bản, 15 trang, 7.30", "12345678", "1234567890123"]
WRONG = re.compile("is-error")


def at_the_counter(page: Page, hall: ServerProcess) -> None:
    hall.take("KHDT")
    sign_in(page, hall)
    page.locator('[data-step="call-next"]').click()
    expect(page.locator('[data-step="park"]')).to_be_enabled()


def test_a_number_of_a_card_or_phone_is_noticed_before_it_is_sent(hall: ServerProcess, page: Page) -> None:
    at_the_counter(page, hall)
    page.locator('[data-step="park"]').click()
    expect(page.locator("#park-reason-hint")).to_contain_text("Không ghi họ tên")
    for words in PERSONAL:
        assert page.evaluate("(words) => window.motcua.looksPersonal(words)", words), words
    for words in HARMLESS:
        assert not page.evaluate("(words) => window.motcua.looksPersonal(words)", words), words
    page.locator("#park-reason").fill("ông A 034 071 001 234")
    page.keyboard.press("Enter")
    expect(page.locator("#park-reason-hint")).to_have_class(WRONG)
    expect(page.locator("#park-dialog")).to_be_visible()
    page.locator("#park-reason").fill("thiếu bản sao")
    page.keyboard.press("Enter")
    expect(page.locator("#park-dialog")).to_be_hidden()
    expect(page.locator("#parked")).to_contain_text("thiếu bản sao")


def test_the_clerk_may_send_it_all_the_same(hall: ServerProcess, page: Page) -> None:
    at_the_counter(page, hall)
    page.locator('[data-step="park"]').click()
    page.locator("#park-reason").fill("biên lai 123456789")
    page.keyboard.press("Enter")
    expect(page.locator("#park-reason-hint")).to_have_class(WRONG)
    page.keyboard.press("Enter")
    expect(page.locator("#parked")).to_contain_text("biên lai 123456789")


@pytest.mark.parametrize(("language", "words"), [("vi", "Quyền của ông/bà"), ("en", "Your rights")])
def test_visitors_are_told_about_their_data(hall: ServerProcess, page: Page, language: str, words: str) -> None:
    page.goto(f"{hall.url}/?lang={language}")
    page.get_by_role("link", name="Your data" if language == "en" else "Dữ liệu của ông/bà").click()
    expect(page.locator("main")).to_contain_text(words)
    expect(page.locator("main")).to_contain_text("30")
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.goto(f"{hall.url}/sign-in?lang={language}")
    expect(page.locator('a[href^="/privacy"]')).to_be_visible()
