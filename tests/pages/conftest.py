"""A real browser for the pages: Chromium, a fresh context for each page; no complaint of the browser goes unheard.

The pages' policy forbids evaluated strings: give `wait_for_function` a function ("() => …"), not an expression.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

NewPage = Callable[..., Page]

CHROMIUM_SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


class Complaints:
    """What the browser held against the pages of a test: console errors (CSP violations too) and uncaught errors."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.allowed: list[re.Pattern[str]] = []

    def allow(self, pattern: str) -> None:
        """This test provokes complaints that match `pattern`, a regular expression."""
        self.allowed.append(re.compile(pattern))

    def allow_lost_server(self) -> None:
        """This test takes the server away."""
        self.allow(r"net::ERR_")

    def listen(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.heard.append(f"uncaught: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.heard.append(f"{message.text} ({message.location.get('url', '')})")

    def unexpected(self) -> list[str]:
        return [text for text in self.heard if not any(pattern.search(text) for pattern in self.allowed)]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, once for all tests: Debian's where there is one, else Playwright's own."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_SWITCHES)
        yield found
        found.close()


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """Fails the test at its end if the browser complained of anything that the test did not allow."""
    found = Complaints()
    yield found
    assert found.unexpected() == []


@pytest.fixture
def new_page(browser: Browser, complaints: Complaints) -> Iterator[NewPage]:
    """Makes pages, each in a context of its own (somebody else's browser); options are those of the context."""
    contexts = []

    def make(**options: Any) -> Page:
        wanted: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "locale": "vi-VN"} | options
        context = browser.new_context(**wanted)
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        complaints.listen(page)
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """One page in a fresh context, 1280×800."""
    return new_page()
