"""The doors of the hall's voice: the sound of a call, the chime, and who may speak."""

import time

import pytest

from tests.scratch_hall import ScratchHall


@pytest.fixture
def seq(open_hall: ScratchHall) -> int:
    open_hall.take("TC", language="en")
    made = open_hall.call_next("21")
    return int(made["seq"])


def test_a_call_is_a_sound_that_a_browser_may_keep(open_hall: ScratchHall, seq: int) -> None:
    answer = open_hall.ask("GET", f"/api/v1/hall/voice/{seq}.mp3")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "audio/mpeg")
    assert 10_000 < len(answer.body) <= 60_000
    again = open_hall.ask("GET", f"/api/v1/hall/voice/{seq}.mp3", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    part = open_hall.ask("GET", f"/api/v1/hall/voice/{seq}.mp3", headers={"Range": "bytes=0-99"})
    assert (part.status, part.body) == (206, answer.body[:100])


def test_the_chime_is_shorter(open_hall: ScratchHall) -> None:
    answer = open_hall.ask("GET", "/api/v1/hall/voice/chime.mp3")
    assert answer.status == 200
    assert 1000 < len(answer.body) < 12_000


@pytest.mark.parametrize(
    ("path", "status"), [("999999.mp3", 404), ("0.mp3", 422), ("x.mp3", 404), ("1.wav", 404), (f"{2**63}.mp3", 422)]
)
def test_what_is_not_a_call(open_hall: ScratchHall, path: str, status: int) -> None:
    assert open_hall.ask("GET", f"/api/v1/hall/voice/{path}").status == status


def ask(hall: ScratchHall, **body: object) -> object:
    answer = hall.ask("POST", "/api/v1/hall/speaker", body)
    assert answer.status == 200, answer
    return answer.json()


def test_one_screen_of_a_group_speaks(open_hall: ScratchHall) -> None:
    speaks = {"speak": True, "quiet": False, "nobody": False, "spoken": 0}
    silent = speaks | {"speak": False}
    assert ask(open_hall, screen="screen-one", group="here") == speaks
    assert ask(open_hall, screen="screen-two", group="here") == silent
    assert ask(open_hall, screen="screen-two", group="there") == speaks
    assert ask(open_hall, screen="screen-two", group="here", wish="on", spoken=4) == speaks | {"spoken": 4}
    assert ask(open_hall, screen="screen-one", group="here") == silent | {"spoken": 4}


def test_a_muted_hall(open_hall: ScratchHall) -> None:
    answer = ask(open_hall, screen="screen-one", group="muted", able=False)
    assert answer == {"speak": False, "quiet": False, "nobody": True, "spoken": 0}


def test_a_screen_with_a_token_may_ask(open_hall: ScratchHall) -> None:
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
def test_a_wish_to_speak_that_cannot_be(open_hall: ScratchHall, body: dict[str, object]) -> None:
    assert open_hall.ask("POST", "/api/v1/hall/speaker", body).status == 422


def test_a_hall_that_is_not_public_speaks_to_its_own_screens_only(
    open_hall: ScratchHall, idle_hall: ScratchHall
) -> None:
    idle_hall.environment["MOTCUA_HALL__PUBLIC"] = "false"
    hall = idle_hall.start()
    for method, path, body in (
        ("GET", "/api/v1/hall/voice/chime.mp3", None),
        ("POST", "/api/v1/hall/speaker", {"screen": "screen-one"}),
    ):
        assert hall.ask(method, path, body).status == 401
        assert hall.ask(method, path, body, hall.token("display")).status == 200


def test_clips_are_made_when_the_server_starts(idle_hall: ScratchHall) -> None:
    folder = idle_hall.folder / "voices"
    idle_hall.environment["MOTCUA_VOICE__DATA_DIR"] = str(folder)
    idle_hall.start()
    until = time.monotonic() + 60
    while len(list(folder.rglob("*.wav"))) < 100 or list(folder.rglob("*.part")):
        assert time.monotonic() < until
        time.sleep(0.2)
