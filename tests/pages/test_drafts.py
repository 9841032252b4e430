"""What was typed into a page of staff is there again after a sign-in that became necessary meanwhile."""

from collections.abc import Iterator
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from display_server.db import tables
from display_server.services.core.actors import system_actor
from display_server.services.devices.displays import ScreenSettings, pair_screen
from display_server.services.devices.pairing import start_pairing
from tests.pages.conftest import Complaints, NewPage
from tests.server_process import ServerProcess

_names = count(1)


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("drafts")
    limit = {"MOTCUA_SERVER__SIGN_IN_LIMIT": "1000 per minute"}
    running = ServerProcess(folder, f"sqlite:///{folder}/hall.db", environment=limit).start()
    pair_screen(
        running.site, system_actor(running.centre_id), start_pairing(running.site).code, "Màn cửa", ScreenSettings()
    )
    yield running
    running.stop()
    running.site.engine.dispose()


def sign_in(page: Page, name: str, password: str) -> None:
    page.fill("#name", name)
    page.fill("#password", password)
    page.keyboard.press("Enter")


def lose_session(hall: ServerProcess) -> None:
    with hall.site.write_without_lock() as connection:
        connection.execute(tables.staff_session.delete())


@pytest.mark.parametrize(
    ("path", "typed", "begin"),
    [
        ("/admin/announcements?lang=en", {"#text-vi": "Chiều nay nghỉ", "#ends": "31/12/2099 16:30"}, ""),
        ("/admin/staff", {"#name": "Người mới", "#counters": "1, 2"}, ""),
        ("/admin/screens", {"#name": "Màn ở sảnh", "#diagonal": "55"}, "#displays button"),
        ("/admin/devices", {"#name": "Ki-ốt mới"}, ""),
    ],
    ids=["announcements", "staff", "screens", "devices"],
)
def test_what_was_typed_is_there_again_after_the_sign_in(
    hall: ServerProcess, page: Page, complaints: Complaints, path: str, typed: dict[str, str], begin: str
) -> None:
    complaints.allow("401")
    name, password = hall.add_staff(f"Hoa {next(_names)}", "administrator")
    page.goto(hall.url + path)
    sign_in(page, name, password)
    page.wait_for_url(hall.url + path)
    if begin:
        page.locator(begin).first.click()
        expect(page.locator("#form-title")).to_have_text("Màn cửa")
    for field, text in typed.items():
        page.fill(field, text)
    lose_session(hall)
    page.evaluate("() => motcua.apiFetch('/api/v1/admin/overview')")  # as any of the page's own questions finds out
    page.wait_for_url("**/sign-in?next=*")
    sign_in(page, name, password)
    page.wait_for_url(hall.url + path)
    for field, text in typed.items():
        expect(page.locator(field)).to_have_value(text)
    if begin:
        expect(page.locator("#form-title")).to_have_text("Màn cửa")  # still the same one that is changed
    expect(page.locator("#status")).not_to_be_empty()
    page.reload()  # once, and not again
    expect(page.locator("#status")).to_be_empty()


def test_nobody_else_sees_what_was_typed(hall: ServerProcess, new_page: NewPage, complaints: Complaints) -> None:
    complaints.allow("401")
    page = new_page()
    people = [hall.add_staff(f"Hoa {next(_names)}", "supervisor") for _ in range(2)]
    page.goto(hall.url + "/admin/announcements")
    sign_in(page, *people[0])
    page.wait_for_url("**/admin/announcements")
    page.fill("#text-vi", "Chỉ của tôi")
    lose_session(hall)
    page.evaluate("() => motcua.apiFetch('/api/v1/admin/overview')")
    page.wait_for_url("**/sign-in?next=*")
    sign_in(page, *people[1])
    page.wait_for_url("**/admin/announcements")
    expect(page.locator("#none")).to_be_visible()
    expect(page.locator("#text-vi")).to_have_value("")
