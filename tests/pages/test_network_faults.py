"""The hall page behind bad lines: a dead Wi-Fi, a proxy that buffers, a slow one; many screens of one browser."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import Complaints
from tests.pages.flaky_proxy import FlakyProxy
from tests.server_process import ServerProcess

NOTICED_SECONDS = 15


@pytest.fixture
def line(hall: ServerProcess) -> Iterator[FlakyProxy]:
    with FlakyProxy(hall.port) as line:
        yield line


def call_visitor(hall: ServerProcess) -> str:
    hall.take()
    return str(hall.call_next("1")["number"])


def switch_on(page: Page, line: FlakyProxy) -> None:
    page.goto(line.url + "/hall")
    page.locator("#queues li").first.wait_for(timeout=30_000)


def leave(page: Page) -> None:
    """Before its line ends, of which the browser would complain."""
    page.goto("about:blank")


def test_a_dead_line_is_noticed_and_what_was_called_meanwhile_is_shown(
    hall: ServerProcess, line: FlakyProxy, page: Page, complaints: Complaints
) -> None:
    complaints.allow_lost_server()
    first = call_visitor(hall)
    switch_on(page, line)
    expect(page.locator("#number")).to_have_text(first)
    line.frozen = True  # not an error, not an end: nothing comes any more
    died = time.monotonic()
    expect(page.locator("#lost")).to_be_visible(timeout=NOTICED_SECONDS * 1000)
    assert time.monotonic() - died < NOTICED_SECONDS
    meanwhile = call_visitor(hall)
    line.frozen = False
    expect(page.locator("#lost")).to_be_hidden(timeout=30_000)
    expect(page.locator("#number")).to_have_text(meanwhile)
    assert page.evaluate("() => window.motcua.announced.map((call) => call.number)")[-1] == meanwhile
    leave(page)


def test_behind_a_proxy_that_holds_the_stream_back_the_page_asks(hall: ServerProcess, page: Page) -> None:
    with FlakyProxy(hall.port, hold_back=256 * 1024) as line:
        switch_on(page, line)
        expect(page.locator("#lost")).to_be_hidden()
        for _ in range(2):
            number = call_visitor(hall)
            expect(page.locator("#number")).to_have_text(number, timeout=15_000)
        time.sleep(12)  # longer than the silence after which numbers would be marked as old
        expect(page.locator("#lost")).to_be_hidden()
        leave(page)


def test_a_slow_line_is_no_lost_line(hall: ServerProcess, page: Page) -> None:
    with FlakyProxy(hall.port, delay=1.5) as line:
        switch_on(page, line)
        number = call_visitor(hall)
        expect(page.locator("#number")).to_have_text(number)
        expect(page.locator("#lost")).to_be_hidden()
        leave(page)
