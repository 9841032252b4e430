"""A browser that looks at pages, in a thread of its own: Playwright's loop then disturbs nobody else's."""

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self, TypeVar

from playwright.sync_api import Page, sync_playwright

Value = TypeVar("Value")

SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE_MS = 30_000


class Eyes:
    """Debian's Chromium. Every call on a page goes through `look`."""

    def __enter__(self) -> Self:
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._thread.submit(self._open).result()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.submit(self._close).result()
        self._thread.shutdown()

    def open(self, url: str, **context: Any) -> Page:
        """A page in a browser of its own, at `url`."""

        def opened() -> Page:
            page = self._browser.new_context(locale="vi-VN", **context).new_page()
            page.set_default_timeout(PATIENCE_MS)
            page.goto(url)
            return page

        return self._thread.submit(opened).result()

    def look(self, deed: Callable[[], Value]) -> Value:
        """The result of something done with a page."""
        return self._thread.submit(deed).result()

    def reads(self, page: Page, selector: str, text: str) -> None:
        """Wait until the element shows exactly this text."""
        shows = "([selector, text]) => document.querySelector(selector)?.textContent.trim() === text"
        self.look(lambda: page.wait_for_function(shows, arg=[selector, text]))

    def _open(self) -> None:
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(executable_path=shutil.which("chromium"), args=SWITCHES)

    def _close(self) -> None:
        self._browser.close()
        self._playwright.stop()
