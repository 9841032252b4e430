"""Pairing, settings and reports of screens; the media folder."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from display_server.services.core.actors import Actor
from display_server.services.core.centres import get_catalogue
from display_server.services.devices.devices import DeviceAuthenticator, NameTaken
from display_server.services.devices.displays import (
    ScreenReport,
    ScreenSettings,
    ScreenView,
    change_screen,
    list_screens,
    pair_screen,
    report_screen,
    revoke_screen,
    shown_counters,
    shown_departments,
)
from display_server.services.devices.pairing import CODE_TTL, pairing_state, start_pairing
from display_server.services.displays.media import find_media, media_view
from display_server.services.errors import Invalid, NotFound, ServiceError, Unauthenticated
from tests.display_server.service_harness import ServiceHarness

WELL = ScreenReport(
    layout="board", version=1, seq=0, visible=True, muted=False, connected=True, width=1920, height=1080
)


def paired(hall: ServiceHarness, name: str = "Màn 1", **settings: object) -> tuple[int, Actor]:
    started = start_pairing(hall.site)
    wanted = ScreenSettings.model_validate(settings)
    screen_id = pair_screen(hall.site, hall.clerk, started.code, name, wanted)
    return screen_id, DeviceAuthenticator(hall.site).actor(started.token)


def shown(hall: ServiceHarness) -> ScreenView:
    (view,) = list_screens(hall.site, hall.clerk).screens
    return view


def test_the_screens_own_token_becomes_good_when_its_code_is_confirmed(small_hall: ServiceHarness) -> None:
    started = start_pairing(small_hall.site)
    assert pairing_state(small_hall.site, started.token).state == "waiting"
    with pytest.raises(Unauthenticated):
        DeviceAuthenticator(small_hall.site).actor(started.token)
    screen_id = pair_screen(small_hall.site, small_hall.clerk, started.code.lower(), " Màn 1 ", ScreenSettings())
    assert pairing_state(small_hall.site, started.token).state == "paired"
    actor = DeviceAuthenticator(small_hall.site).actor(started.token)
    assert (actor.id, actor.kind, actor.name) == (screen_id, "display", "Màn 1")


def test_a_code_is_good_once_and_for_ten_minutes(small_hall: ServiceHarness) -> None:
    started, late = start_pairing(small_hall.site), start_pairing(small_hall.site)
    pair_screen(small_hall.site, small_hall.clerk, started.code, "Màn 1", ScreenSettings())
    with pytest.raises(NotFound):
        pair_screen(small_hall.site, small_hall.clerk, started.code, "Màn 2", ScreenSettings())
    small_hall.clock.now += CODE_TTL + timedelta(seconds=1)
    assert pairing_state(small_hall.site, late.token).state == "unknown"
    with pytest.raises(NotFound):
        pair_screen(small_hall.site, small_hall.clerk, late.code, "Màn 3", ScreenSettings())


@pytest.mark.parametrize(
    ("name", "settings", "error"),
    [
        ("  ", {}, Invalid),
        ("x" * 65, {}, Invalid),
        ("Màn 1", {"layout": "counter"}, Invalid),
        ("Màn 1", {"layout": "counter", "counter": "99"}, NotFound),
        ("Màn 1", {"counters": ["99"]}, NotFound),
        ("Màn 1", {"departments": ["NONE"]}, NotFound),
        ("Màn 1", {"area": "Nowhere"}, NotFound),
    ],
)
def test_what_is_wrong_is_refused_and_the_code_stays_good(
    small_hall: ServiceHarness, name: str, settings: dict[str, object], error: type[ServiceError]
) -> None:
    started = start_pairing(small_hall.site)
    with pytest.raises(error):
        pair_screen(small_hall.site, small_hall.clerk, started.code, name, ScreenSettings.model_validate(settings))
    pair_screen(small_hall.site, small_hall.clerk, started.code, "Màn 1", ScreenSettings())


def test_two_screens_have_two_names_and_a_revoked_one_frees_its_own(small_hall: ServiceHarness) -> None:
    screen_id, _ = paired(small_hall)
    with pytest.raises(NameTaken):
        paired(small_hall)
    other_id, _ = paired(small_hall, "Màn 2")
    with pytest.raises(NameTaken):
        change_screen(small_hall.site, small_hall.clerk, other_id, "Màn 1", ScreenSettings())
    revoke_screen(small_hall.site, small_hall.clerk, screen_id)
    assert paired(small_hall)[0] != screen_id
    with pytest.raises(NotFound):
        revoke_screen(small_hall.site, small_hall.clerk, screen_id)


def test_a_report_is_answered_with_what_the_screen_should_show(small_hall: ServiceHarness) -> None:
    screen_id, actor = paired(small_hall)
    change_screen(small_hall.site, small_hall.clerk, screen_id, "Màn 1", ScreenSettings(layout="waiting"))
    assert report_screen(small_hall.site, actor, WELL).layout == "waiting"


def test_a_screen_without_a_sign_is_dark_and_one_that_reports_trouble_says_which(small_hall: ServiceHarness) -> None:
    _, actor = paired(small_hall)
    assert (shown(small_hall).dark_seconds, shown(small_hall).trouble) == (0, [])  # it has just been paired
    report_screen(small_hall.site, actor, WELL)
    small_hall.clock.advance(seconds=20)
    assert (shown(small_hall).dark_seconds, shown(small_hall).trouble) == (20, ["dark"])
    ill = {"visible": False, "muted": True, "connected": False, "arc_minutes": 14.5, "problems": ["a.png: empty"]}
    report_screen(small_hall.site, actor, WELL.model_copy(update=ill))
    assert shown(small_hall).trouble == ["behind", "hidden", "muted", "small", "problem"]
    assert shown(small_hall).too_small == ["number"]


def test_every_text_too_small_is_named_and_names_alone_are_no_trouble(small_hall: ServiceHarness) -> None:
    _, actor = paired(small_hall)
    texts = {"number": 51.7, "queue_count": 2.4, "list_number": 19.9, "queue_name": 3.1, "counter": 20.0}
    report_screen(small_hall.site, actor, WELL.model_copy(update={"texts": texts}))
    assert shown(small_hall).too_small == ["queue_count", "queue_name", "list_number"]
    assert shown(small_hall).trouble == ["small"]
    report_screen(small_hall.site, actor, WELL.model_copy(update={"texts": {"number": 30.0, "queue_name": 3.1}}))
    assert (shown(small_hall).too_small, shown(small_hall).trouble) == (["queue_name"], [])


def test_a_board_of_results_needs_its_departments(small_hall: ServiceHarness) -> None:
    screen_id, _ = paired(small_hall)
    with pytest.raises(Invalid):
        change_screen(small_hall.site, small_hall.clerk, screen_id, "Màn 1", ScreenSettings(layout="results"))
    code = next(iter(get_catalogue(small_hall.site, small_hall.centre_id).departments))
    results = ScreenSettings(layout="results", departments=[code])
    change_screen(small_hall.site, small_hall.clerk, screen_id, "Màn 1", results)


def test_a_zone_shows_its_counters_and_the_departments_served_there(small_hall: ServiceHarness) -> None:
    catalogue = get_catalogue(small_hall.site, small_hall.centre_id)
    code, counter = next(iter(catalogue.counters.items()))
    zone = ScreenSettings(layout="zone", counters=[code])
    assert shown_counters(catalogue, zone) == [code]
    served = {catalogue.department_by_id[each].code for each in counter.departments}
    assert set(shown_departments(catalogue, zone)) == served
    assert shown_counters(catalogue, ScreenSettings()) == shown_departments(catalogue, ScreenSettings()) == []


def test_only_listed_files_of_the_media_folder_are_given_out(database: str, tmp_path: Path) -> None:
    folder = tmp_path / "media"
    (folder / "inner").mkdir(parents=True)
    (folder / "a.png").write_bytes(b"x")
    (folder / "inner" / "b.png").write_bytes(b"x")
    (folder / ".hidden.png").write_bytes(b"x")
    (folder / "announcements.toml").write_text("[[announcement]]\ntext = 3")
    (tmp_path / "secret.png").write_bytes(b"x")
    (tmp_path / "secret.toml").write_text('[[announcement]]\ntext = { vi = "geheim" }')
    for name, target in (("link.png", "/etc/passwd"), ("out.png", "../secret.png"), ("renamed.png", "notes.db")):
        (folder / name).symlink_to(target)
    (folder / "notes.db").write_bytes(b"x")
    (folder / "alias.png").symlink_to("a.png")
    (folder / "of-hidden.png").symlink_to(".hidden.png")
    (folder / "gone.png").symlink_to("none.png")
    (folder / "hard.png").hardlink_to(tmp_path / "secret.png")
    (folder / "hard-hidden.png").hardlink_to(folder / ".hidden.png")
    os.mkfifo(folder / "pipe.png")
    hall = ServiceHarness(database, hall={"media_dir": str(folder)})
    view = media_view(hall.site, hall.centre_id)
    assert [item.name for item in view.items] == ["a.png"]
    skipped = {each.name for each in view.skipped}
    links = {"link.png", "out.png", "renamed.png", "alias.png", "of-hidden.png", "gone.png"}
    assert skipped == links | {"announcements.toml", "hard.png", "hard-hidden.png", "pipe.png", "notes.db"}
    (folder / "announcements.toml").unlink()
    (folder / "announcements.toml").symlink_to(tmp_path / "secret.toml")
    assert media_view(hall.site, hall.centre_id).announcements == []
    (folder / "announcements.toml").unlink()
    (folder / "announcements.toml").hardlink_to(tmp_path / "secret.toml")
    assert media_view(hall.site, hall.centre_id).announcements == []
    assert find_media(hall.site, hall.centre_id, "a.png") == (folder, "a.png")
    for wrong in (
        *links,
        "hard.png",
        "hard-hidden.png",
        "pipe.png",
        "../secret.png",
        "inner/b.png",
        ".hidden.png",
        "announcements.toml",
        "/etc/passwd",
        "A.PNG",
        "",
    ):
        with pytest.raises(NotFound):
            find_media(hall.site, hall.centre_id, wrong)
    hall.close()


def test_pictures_come_in_the_order_of_their_numbers(database: str, tmp_path: Path) -> None:
    for name in ("10.png", "9.png", "a2.jfif", "A10.jpg", "a1.jpg", "2.PNG"):
        (tmp_path / name).write_bytes(b"x")
    hall = ServiceHarness(database, hall={"media_dir": str(tmp_path)})
    names = [item.name for item in media_view(hall.site, hall.centre_id).items]
    assert names == ["2.PNG", "9.png", "10.png", "a1.jpg", "a2.jfif", "A10.jpg"]
    hall.close()


def test_a_centre_with_a_media_folder_of_its_own_shows_that_one(small_hall: ServiceHarness, tmp_path: Path) -> None:
    for folder in (tmp_path / "nho", tmp_path / "khac"):
        folder.mkdir()
        (folder / f"{folder.name}.png").write_bytes(b"x")
    (tmp_path / "shared.png").write_bytes(b"x")
    hall = ServiceHarness(small_hall.database, hall={"media_dir": str(tmp_path)})
    assert [item.name for item in media_view(hall.site, hall.centre_id).items] == ["nho.png"]
    for others in ("khac.png", "shared.png"):
        with pytest.raises(NotFound):
            find_media(hall.site, hall.centre_id, others)
    hall.close()


def test_a_media_folder_that_cannot_be_read_is_told(database: str, tmp_path: Path) -> None:
    hall = ServiceHarness(database, hall={"media_dir": str(tmp_path / "none")})
    assert [skipped.name for skipped in media_view(hall.site, hall.centre_id).skipped] == ["none"]
    hall.close()
