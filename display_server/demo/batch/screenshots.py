"""Pictures of pages, taken by Chromium in a process of its own.

`python -m display_server.demo.batch.screenshots < PLAN`

PLAN: a JSON list of shots, see `Shot`. A shot with `name` signs in first, through the form, as people do.
"""

import shutil
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click
from pydantic import BaseModel, TypeAdapter

from display_server.demo.errors import DemoError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
]
PATIENCE_MILLISECONDS = 15_000
SETTLE_MILLISECONDS = 1_500  # motion on the pages is over by then


class Shot(BaseModel):
    """One picture of `url`, `width` × `height` in CSS pixels, times `scale`; taken once `words` can be read."""

    url: str
    file: Path
    width: int
    height: int
    scale: float = 1
    words: str = ""
    name: str = ""
    password: str = ""


Shots = TypeAdapter(list[Shot])


def why_not() -> str:
    """Why no pictures of pages can be taken here; empty when they can."""
    if _browser() is None:
        return "no Chromium on this machine: no pictures of pages"
    try:
        import playwright  # noqa: F401, PLC0415 - only asked whether it is there
    except ModuleNotFoundError:
        return "the package playwright is not installed (pip install 'motcua[dev]'): no pictures of pages"
    return ""


def take(shots: list[Shot]) -> None:
    """Raises `DemoError` where a page does not come, or not with its words."""
    from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415 - optional

    with (
        sync_playwright() as playwright,
        closing(playwright.chromium.launch(executable_path=_browser(), args=FLAGS)) as chromium,
    ):
        for shot in shots:
            try:
                _shoot(chromium, shot)
            except Error as error:
                raise DemoError(f"{shot.url}: {error.message.splitlines()[0]}") from error


def _shoot(chromium: "Browser", shot: Shot) -> None:
    page = chromium.new_page(
        viewport={"width": shot.width, "height": shot.height}, device_scale_factor=shot.scale, locale="vi-VN"
    )
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    page.goto(shot.url)
    if urlsplit(page.url).path == "/sign-in":
        page.fill("[name=name]", shot.name)
        page.fill("[name=password]", shot.password)
        page.press("[name=password]", "Enter")
        page.wait_for_url(shot.url)
    if shot.words:
        page.get_by_text(shot.words).filter(visible=True).first.wait_for()
    page.evaluate("document.fonts.ready.then(() => null)")
    page.wait_for_timeout(SETTLE_MILLISECONDS)
    page.screenshot(path=shot.file)
    page.close()


def _browser() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


if __name__ == "__main__":
    try:
        take(Shots.validate_json(sys.stdin.read()))
    except DemoError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
