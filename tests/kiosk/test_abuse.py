"""A server that answers late, wrongly or of something else, and a visitor who changes the language anywhere: one ticket
or a clear word, and the screen is never stuck."""

from pathlib import Path

from tests.kiosk.driver import Kiosk, until
from tests.kiosk.fake_server import FakeServer, department, small_centre

MOODS = ("slow", "garbage", "strange", "error", "hang_up", "lost", "elsewhere", "endless")
LATE = 30.0  # seconds; the server's word that comes so late must not make a second ticket


def test_whatever_the_server_answers_each_visitor_gets_one_number(tmp_path: Path) -> None:
    with FakeServer() as server, Kiosk(server.url, tmp_path) as kiosk:
        server.slow_seconds = LATE
        numbers = []
        for mood in MOODS:
            server.mood = "well"
            until(lambda: (state := kiosk.state())["online"] and not state["to_hand_in"], "the server and the hand-in")
            kiosk.touch("begin")
            kiosk.shows("departments")
            server.mood = mood
            kiosk.touch("department:TP")
            state = kiosk.shows("number")
            assert state["offline"], mood
            numbers.append(state["number"])
            kiosk.touch("done")
            kiosk.shows("start")
        server.mood = "well"
        until(lambda: not kiosk.state()["to_hand_in"], "the hand-in")
        assert len(set(numbers)) == len(MOODS)
        assert sorted(ticket["number"] for ticket in server.tickets.values()) == sorted(numbers)


def test_a_department_that_no_longer_exists_is_said_and_another_may_be_chosen(tmp_path: Path) -> None:
    with FakeServer() as server, Kiosk(server.url, tmp_path, KIOSK__REFRESH_SECONDS="5") as kiosk:
        kiosk.touch("begin")
        kiosk.shows("departments")
        offered = server.centre["departments"]
        server.centre = server.centre | {"departments": [one for one in offered if one["code"] != "TP"]}
        kiosk.touch("department:TP")
        assert kiosk.shows("notice")["declined"] == "department_gone"
        assert server.tickets == {}
        kiosk.touch("choose_another")
        kiosk.shows("departments")
        until(lambda: "department:TP" not in kiosk.state()["targets"], "the department's end")


def test_a_department_that_closed_that_moment_is_said_and_another_may_be_chosen(tmp_path: Path) -> None:
    with FakeServer() as server, Kiosk(server.url, tmp_path) as kiosk:
        kiosk.touch("begin")
        kiosk.shows("departments")
        server.refusal = {"type": "/problems/department-closed", "title": "Closed", "status": 409}
        kiosk.touch("department:TP")
        state = kiosk.shows("notice")
        assert (state["declined"], server.tickets) == ("department_closed", {})
        assert "Cơ quan này vừa ngừng nhận số" in state["texts"]
        server.refusal = None
        kiosk.touch("choose_another")
        kiosk.shows("departments")
        kiosk.touch("department:TP")
        assert kiosk.shows("number")["number"] == "A001"


def test_a_procedure_whose_department_went_while_it_was_read_is_said(tmp_path: Path) -> None:
    with FakeServer() as server, Kiosk(server.url, tmp_path) as kiosk:
        kiosk.touch("begin")
        kiosk.shows("departments")
        kiosk.touch("department:XD")
        kiosk.shows("procedures")
        offered = server.centre["departments"]
        server.centre = server.centre | {"departments": [one for one in offered if one["code"] != "XD"]}
        asked = server.requests.count("GET /api/v1/centre")
        until(lambda: server.requests.count("GET /api/v1/centre") > asked + 1, "the kiosk's next look")
        kiosk.touch("procedure:XD-001")
        assert kiosk.shows("notice")["declined"] == "department_gone"
        assert "a fault in the window" not in kiosk.log()


def test_a_finger_that_rests_while_its_visit_ends_takes_nothing(tmp_path: Path) -> None:
    lift = tmp_path / "lift"  # fingers go up only while this file is there
    before = f"""
import pathlib
from kiosk.ui.automation import Fingers
plain = Fingers.update
def update(self, dispatch_fn):
    if not self._down or pathlib.Path({str(lift)!r}).exists():
        plain(self, dispatch_fn)
Fingers.update = update
"""
    lift.touch()
    with FakeServer() as server, Kiosk(server.url, tmp_path, before=before) as kiosk:
        kiosk.touch("begin")
        kiosk.shows("departments")
        lift.unlink()
        kiosk.touch("department:TP")
        until(lambda: kiosk.state()["held"] == ["department:TP"], "the finger on the card")
        kiosk.press("f8", "escape")
        kiosk.shows("start")
        lift.touch()
        kiosk.touch("begin")
        kiosk.shows("departments")
        assert kiosk.state()["held"] == []
        assert server.tickets == {}


def test_the_language_may_change_at_any_step_and_no_step_is_lost(tmp_path: Path) -> None:
    centre = small_centre()
    centre["departments"].append(department("LAST", "Q", "Sở Cuối", "The last department"))
    with FakeServer(centre) as server, Kiosk(server.url, tmp_path) as kiosk:

        def change(screen: str) -> None:
            language = "en" if kiosk.shows(screen)["language"] == "vi" else "vi"
            kiosk.touch(f"language:{language}")
            until(lambda: kiosk.state()["language"] == language, language)
            assert kiosk.shows(screen)["clipped"] == []

        change("start")
        kiosk.touch("begin")
        change("departments")
        kiosk.touch("ask_priority")
        change("priority")
        kiosk.touch("priority:elderly")
        change("departments")
        kiosk.touch("search")
        kiosk.shows("search")
        kiosk.touch("key:k")
        until(lambda: kiosk.state()["typed"] == "k", "the letter")
        change("search")
        assert kiosk.state()["typed"] == "k"
        kiosk.touch("back")
        kiosk.shows("departments")
        kiosk.touch("department:TP")
        state = kiosk.shows("number")
        language = state["language"]
        change("number")
        assert kiosk.state()["number"] == state["number"]
        assert [(ticket["priority"], ticket["language"]) for ticket in server.tickets.values()] == [
            ("elderly", language)
        ]
