"""Administrators add people; people choose passwords and PINs of their own."""

import os
from dataclasses import replace
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from display_server.services.core.actors import Actor
from display_server.services.staff.staff import list_staff, set_pin
from tests.pages.conftest import Complaints, NewPage
from tests.server_process import ServerProcess

SERIOUS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}


def assert_accessible(page: Page) -> None:
    found: Any = Axe().run(page, options=SERIOUS).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == []


def look(page: Page, name: str) -> None:
    """Keeps a picture where somebody wants to see it."""
    if folder := os.environ.get("MOTCUA_LOOK"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def sign_in(page: Page, name: str, password: str) -> None:
    page.fill("#name", name)
    page.fill("#password", password)
    page.press("#password", "Enter")


def test_from_an_invitation_to_a_password_of_ones_own(
    hall: ServerProcess, new_page: NewPage, complaints: Complaints
) -> None:
    complaints.allow("403")
    boss, clerk = new_page(), new_page(viewport={"width": 380, "height": 760})
    hall.add_staff("Quản trị", "administrator")
    boss.goto(hall.url + "/admin/staff")
    sign_in(boss, "Quản trị", "mot cua hai cua")
    boss.wait_for_url("**/admin/staff")
    boss.fill("#name", "Nguyễn Thị Lan")
    boss.fill("#counters", "1, 2")
    boss.press("#counters", "Enter")
    row = boss.locator("#people tr", has_text="Nguyễn Thị Lan")
    expect(row).to_contain_text("1, 2")
    first = boss.locator("#password").inner_text()
    assert_accessible(boss)
    look(boss, "staff")

    clerk.goto(hall.url + "/counter/1")
    sign_in(clerk, "Nguyễn Thị Lan", first)
    clerk.wait_for_url("**/account")
    assert clerk.evaluate("() => fetch('/api/v1/counters').then((answer) => answer.status)") == 403
    clerk.goto(hall.url + "/counter")
    clerk.wait_for_url("**/account")  # nothing else before the password
    assert_accessible(clerk)
    look(clerk, "account-first")
    for field, text in (("#old", first), ("#new", "mot cua ba cua"), ("#again", "mot cua ba cua")):
        clerk.fill(field, text)
    clerk.press("#again", "Enter")
    expect(clerk.locator("[role=status]")).to_contain_text("Đã đổi mật khẩu")
    assert_accessible(clerk)
    look(clerk, "account")
    answer = clerk.evaluate("() => fetch('/api/v1/counters').then((answer) => answer.json())")
    assert [counter["code"] for counter in answer["counters"]] == ["1", "2"]

    row.get_by_role("button", name="Đăng xuất").click()
    expect(boss.locator("#status")).to_contain_text("đã bị đăng xuất")
    clerk.reload()
    expect(clerk.locator("#password")).to_be_visible()
    look(clerk, "sign-in")


def test_the_page_in_english_for_administrators_only(
    hall: ServerProcess, new_page: NewPage, complaints: Complaints
) -> None:
    complaints.allow("403")
    page = new_page()
    hall.add_staff("Sup", "supervisor")
    page.goto(hall.url + "/admin/staff?lang=en")
    sign_in(page, "Sup", "mot cua hai cua")
    expect(page).to_have_url(hall.url + "/admin")  # asked for another page, led to one's own
    page.goto(hall.url + "/admin/staff?lang=en")
    expect(page.locator("body")).to_contain_text("403")


def test_a_counter_is_enrolled_by_its_code_and_its_clerk_signs_in_by_pin(
    hall: ServerProcess, new_page: NewPage, complaints: Complaints
) -> None:
    complaints.allow("401")
    boss, counter = new_page(), new_page(viewport={"width": 800, "height": 1000})
    hall.add_staff("Boss", "administrator")
    hall.add_staff("Lan", "clerk")
    member = next(each for each in list_staff(hall.site, hall_actor(hall)).staff if each.name == "Lan")
    set_pin(hall.site, replace(hall_actor(hall), id=member.id, name="Lan"), "mot cua hai cua", "470913")
    counter.goto(hall.url + "/pair")
    look(counter, "pair")
    boss.goto(hall.url + "/admin/devices")
    sign_in(boss, "Boss", "mot cua hai cua")
    boss.wait_for_url("**/admin/devices")
    boss.fill("#code", counter.locator("#code").inner_text())
    boss.select_option("#counter", "2")
    boss.fill("#name", "Máy quầy 2")
    boss.press("#name", "Enter")
    row = boss.locator("#devices tr", has_text="Máy quầy 2")
    expect(row).to_contain_text("Quầy")
    assert_accessible(boss)
    look(boss, "devices")

    counter.wait_for_url("**/sign-in")
    assert_accessible(counter)
    look(counter, "sign-in-pin")
    assert counter.locator("#pin-names option").count() == 0  # nobody's name for a stranger at the counter
    for pin in ("111222", "470913"):
        counter.fill("#pin-name", "Lan")
        counter.fill("#pin", pin)
        counter.press("#pin", "Enter")
    counter.wait_for_url("**/counter")
    counter.get_by_role("button", name="Đăng xuất").click()
    counter.goto(hall.url + "/sign-in")
    names = counter.locator("#pin-names option").evaluate_all("(all) => all.map((each) => each.value)")
    assert names == ["Lan"]  # who used it lately
    counter.fill("#pin-name", "Lan")
    counter.fill("#pin", "470913")
    counter.press("#pin", "Enter")
    counter.wait_for_url("**/counter")
    boss.on("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button", name="Thu hồi").click()
    expect(row).to_have_count(0)
    for _ in range(3):  # the token's owner is remembered for a second
        counter.wait_for_timeout(600)
        counter.goto(hall.url + "/counter")
        if "/sign-in" in counter.url:
            break
    expect(counter.locator("#password")).to_be_visible()
    expect(counter.locator("#pin")).to_have_count(0)


def hall_actor(hall: ServerProcess) -> Actor:
    return Actor("staff", 0, "test", hall.centre_id, role="administrator")
