"""From ten metres before a 55-inch display everything essential is read, on every layout, lying and upright."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from display_server.services.devices.displays import ESSENTIAL, LEAST_ARC_MINUTES
from tests.pages.conftest import NewPage
from tests.pages.gallery import fill
from tests.server_process import ServerProcess

MEASURED = "() => motcua.visualAngle({diagonal_inches: 55, farthest_metres: 10})"
SHOWN = {
    "board": {"number", "counter", "list_number", "list_counter", "queue_prefix", "queue_count", "queue_name"},
    "zone&counters=1,2,3,4": {"number", "counter", "list_number", "queue_prefix", "queue_count"},
    "waiting": {"number", "counter", "waiting_called", "waiting_count", "waiting_name"},
    "results&departments=TRAKQ,KHDT,XD": {"list_number", "list_counter"},
}


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("readable")
    fresh = {"MOTCUA_HALL__FRESH_SECONDS": "0.1"}
    running = ServerProcess(folder, f"sqlite:///{folder}/hall.db", environment=fresh).start()
    fill(running, 40, 9)
    yield running
    running.stop()
    running.site.engine.dispose()


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920)], ids=["lying", "upright"])
def test_what_is_essential_is_read_at_ten_metres_and_every_text_is_measured(
    hall: ServerProcess, new_page: NewPage, size: tuple[int, int]
) -> None:
    width, height = size
    screen = {"width": width, "height": height}
    page = new_page(viewport=screen, screen=screen)
    for layout, kinds in SHOWN.items():
        page.goto(f"{hall.url}/hall?layout={layout}")
        wait_for_texts(page, kinds)
        found = page.evaluate(MEASURED)
        assert kinds <= set(found), layout
        small = {kind: found[kind] for kind in found if kind in ESSENTIAL and found[kind] < LEAST_ARC_MINUTES}
        assert small == {}, layout
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), layout


def wait_for_texts(page: Page, kinds: set[str]) -> None:
    page.wait_for_function(
        """(kinds) => window.motcua && motcua.visualAngle
        && kinds.every((kind) => kind in motcua.visualAngle({diagonal_inches: 55, farthest_metres: 10}))""",
        arg=sorted(kinds),
        polling=100,
    )
