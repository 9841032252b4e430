"""The doors of the hall's voice: the sound of a call, the chime, and who may speak."""

import time
from typing import Any

import pytest

from display_server.services.devices.devices import DeviceKind, add_device
from tests.server_process import ServerProcess, new_id


@pytest.fixture
def seq(open_hall: ServerProcess) -> int:
    ticket = open_hall.take("TC", language="en")
    made = open_hall.press("21", "call", number=ticket["number"])
    return int(made.json()["call"]["seq"])


def test_a_call_is_a_sound_that_a_browser_may_keep(open_hall: ServerProcess, seq: int) -> None:
    answer = open_hall.ask("GET", f"/api/v1/hall/voice/{seq}.mp3")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "audio/mpeg")
    assert 10_000 < len(answer.body) <= 60_000
    again = open_hall.ask("GET", f"/api/v1/hall/voice/{seq}.mp3", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    part = open_hall.ask("GET", f"/api/v1/hall/voice/{seq}.mp3", headers={"Range": "bytes=0-99"})
    assert (part.status, part.body) == (206, answer.body[:100])


def test_the_chime_is_shorter(open_hall: ServerProcess) -> None:
    answer = open_hall.ask("GET", "/api/v1/hall/voice/chime.mp3")
    assert answer.status == 200
    assert 1000 < len(answer.body) < 12_000


@pytest.mark.parametrize(
    ("path", "status"), [("999999.mp3", 404), ("0.mp3", 422), ("x.mp3", 404), ("1.wav", 404), (f"{2**63}.mp3", 422)]
)
def test_what_is_not_a_call(open_hall: ServerProcess, path: str, status: int) -> None:
    assert open_hall.ask("GET", f"/api/v1/hall/voice/{path}").status == status


def ask(hall: ServerProcess, token: str | None = None, **body: object) -> Any:
    answer = hall.ask("POST", "/api/v1/hall/speaker", body, token)
    assert answer.status == 200, answer
    return answer.json()


def test_one_page_of_a_group_speaks(open_hall: ServerProcess) -> None:
    speaks = {"speak": True, "quiet": False, "nobody": False, "spoken": 0}
    silent = speaks | {"speak": False}
    assert ask(open_hall, screen="screen-one", group="here") == speaks
    assert ask(open_hall, screen="screen-two", group="here") == silent
    assert ask(open_hall, screen="screen-two", group="there") == speaks
    assert ask(open_hall, screen="screen-two", group="here", wish="on", spoken=4) == silent
    assert ask(open_hall, screen="screen-one", group="here") == speaks


def test_nothing_that_an_anonymous_page_sends_silences_a_display(open_hall: ServerProcess, seq: int) -> None:
    """As seen in a hall: one phone that asked like this every two seconds, and the call was never spoken."""
    phone = {"screen": "visitor-phone", "wish": "on", "group": ";", "able": True, "spoken": 2**63 - 1}
    first, second = enrol(open_hall, "wins one"), enrol(open_hall, "wins two")
    ask(open_hall, **phone)
    answer = ask(open_hall, first, screen="the-page-of-one", group=";")
    assert (answer["speak"], answer["spoken"] < seq) == (True, True)
    for _ in range(3):
        assert not ask(open_hall, **phone)["speak"]
        assert ask(open_hall, first, screen="the-page-of-one", group=";")["speak"]
        assert not ask(open_hall, second, screen="the-page-of-two", group=";")["speak"]
    for _ in range(20):  # thousands of names are no more than one
        ask(open_hall, screen=f"made-up-{new_id()[:8]}", group=new_id(), wish="on")
    assert ask(open_hall, first, screen="the-page-of-one", group=";", spoken=seq)["spoken"] == seq
    assert ask(open_hall, second, screen="the-page-of-two", group=";", spoken=2**63 - 1)["spoken"] == seq
    assert not ask(open_hall, first, screen="the-page-of-one", group=";", able=False)["speak"]  # and gives it back


def enrol(hall: ServerProcess, name: str) -> str:
    return add_device(hall.site, hall.centre_id, DeviceKind.DISPLAY, f"{name} {new_id()[:6]}", None)


def test_only_a_display_says_what_was_announced(open_hall: ServerProcess, seq: int) -> None:
    body = {"seqs": [seq, 2**63 - 1], "spoken": True}
    door = "/api/v1/hall/announced"
    announcement = {"door": "/api/v1/counters/21", "token": open_hall.token("counter", "21")}

    def announced_at() -> Any:
        found = open_hall.ask("GET", announcement["door"], token=announcement["token"]).json()["announcement"]
        return found["announced_at"]

    assert open_hall.ask("POST", door, body).status == 401
    for kind, counter in (("kiosk", None), ("counter", "21"), ("button", "21")):
        assert open_hall.ask("POST", door, body, open_hall.token(kind, counter)).status == 403
    assert announced_at() is None
    display = enrol(open_hall, "announces")
    assert open_hall.ask("POST", door, body, display).status == 204
    first = announced_at()
    assert first is not None
    assert open_hall.ask("POST", door, body, display).status == 204
    assert announced_at() == first


@pytest.mark.parametrize(
    "body",
    [{}, {"seqs": []}, {"seqs": [1]}, {"seqs": [0], "spoken": True}, {"seqs": [2**63], "spoken": True},
     {"seqs": ["x"], "spoken": True}, {"seqs": list(range(1, 102)), "spoken": True}, {"seqs": [1], "spoken": "maybe"}],
)  # fmt: skip
def test_an_announcement_that_cannot_be(open_hall: ServerProcess, body: dict[str, object]) -> None:
    assert open_hall.ask("POST", "/api/v1/hall/announced", body, open_hall.token("display")).status == 422


def test_no_show_is_refused_before_the_announcement(open_hall: ServerProcess, seq: int) -> None:
    display = enrol(open_hall, "lives")
    report = {"layout": "board", "version": 1, "seq": 0, "visible": True, "muted": False, "connected": True,
              "width": 1920, "height": 1080, "shows": "21;"}  # fmt: skip
    assert open_hall.ask("POST", "/api/v1/hall/report", report, display).status == 200
    refused = open_hall.press("21", "no-show")
    assert (refused.status, refused.json()["announcements_before"]) == (409, 0)
    assert open_hall.ask("POST", "/api/v1/hall/announced", {"seqs": [seq], "spoken": True}, display).status == 204
    assert open_hall.press("21", "no-show").status == 200


def test_while_many_wait_a_call_is_said_shorter(open_hall: ServerProcess, seq: int) -> None:
    sizes = {}
    for form in ("full", "brief", "short"):
        answer = open_hall.ask("GET", f"/api/v1/hall/voice/{seq}.mp3?form={form}")
        assert answer.status == 200
        sizes[form] = len(answer.body)
    assert sizes["short"] < sizes["brief"] < sizes["full"]
    assert open_hall.ask("GET", f"/api/v1/hall/voice/{seq}.mp3?form=none").status == 422


def test_an_anonymous_flood_is_bounded_and_a_display_is_not_held_up(idle_hall: ServerProcess) -> None:
    idle_hall.environment["MOTCUA_SERVER__HALL_LIMIT"] = "5 per minute"
    hall = idle_hall.start()
    door, body = "/api/v1/hall/speaker", {"screen": "screen-one"}
    assert [hall.ask("POST", door, body).status for _ in range(7)] == [200] * 5 + [429] * 2
    assert [hall.ask("GET", "/api/v1/hall/voice/chime.mp3").status for _ in range(7)] == [200] * 5 + [429] * 2
    display = hall.token("display")
    assert {hall.ask("POST", door, body, display).status for _ in range(12)} == {200}
    assert {hall.ask("GET", "/api/v1/hall/voice/chime.mp3", token=display).status for _ in range(12)} == {200}


def test_a_muted_hall(open_hall: ServerProcess) -> None:
    answer = ask(open_hall, screen="screen-one", group="muted", able=False)
    assert answer == {"speak": False, "quiet": False, "nobody": True, "spoken": 0}


def test_a_screen_with_a_token_may_ask(open_hall: ServerProcess) -> None:
    token = open_hall.token("display")
    answer = open_hall.ask("POST", "/api/v1/hall/speaker", {"screen": "screen-one"}, token)
    assert answer.status == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"screen": "short"},
        {"screen": "x" * 65},
        {"screen": "no spaces here"},
        {"screen": "screen-one", "wish": "off"},
        {"screen": "screen-one", "spoken": -1},
        {"screen": "screen-one", "group": "g" * 2001},
    ],
)
def test_a_wish_to_speak_that_cannot_be(open_hall: ServerProcess, body: dict[str, object]) -> None:
    assert open_hall.ask("POST", "/api/v1/hall/speaker", body).status == 422


def test_a_hall_that_is_not_public_speaks_to_its_own_screens_only(
    open_hall: ServerProcess, idle_hall: ServerProcess
) -> None:
    idle_hall.environment["MOTCUA_HALL__PUBLIC"] = "false"
    hall = idle_hall.start()
    for method, path, body in (
        ("GET", "/api/v1/hall/voice/chime.mp3", None),
        ("POST", "/api/v1/hall/speaker", {"screen": "screen-one"}),
    ):
        assert hall.ask(method, path, body).status == 401
        assert hall.ask(method, path, body, hall.token("display")).status == 200


def test_clips_are_made_when_the_server_starts(idle_hall: ServerProcess) -> None:
    folder = idle_hall.folder / "voices"
    idle_hall.environment["MOTCUA_VOICE__DATA_DIR"] = str(folder)
    idle_hall.start()
    until = time.monotonic() + 60
    while len(list(folder.rglob("*.wav"))) < 100 or list(folder.rglob("*.part")):
        assert time.monotonic() < until
        time.sleep(0.2)
