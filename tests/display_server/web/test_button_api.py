"""An HTTP button, as an ESP32 or a Shelly has it: a POST with a token in its header, and an answer for a lamp."""

from http import HTTPStatus

from display_server.services.devices.devices import DeviceKind, add_device
from tests.display_server.web.test_api_access import assert_problem
from tests.server_process import ServerProcess, new_id

COUNTER, DEPARTMENT = "5", "STP"


def test_a_bare_post_calls_and_a_get_never_does(open_hall: ServerProcess) -> None:
    counter = next(
        one
        for one in open_hall.ask("GET", "/api/v1/counters", token=open_hall.token("counter", COUNTER)).json()[
            "counters"
        ]
        if one["code"] == COUNTER
    )
    number = open_hall.take(counter["departments"][0])["number"]
    token = open_hall.token("button", COUNTER)
    assert open_hall.ask("POST", "/api/v1/button/open", token=token).json()["state"] == "free"
    for path in ("/api/v1/button/next", "/api/v1/button/next?token=" + token):
        assert open_hall.ask("GET", path, token=token).status == HTTPStatus.METHOD_NOT_ALLOWED
    assert open_hall.ask("GET", "/api/v1/button", token=token).json()["number"] is None
    answer = open_hall.ask("POST", "/api/v1/button/next", token=token)
    assert (answer.status, answer.json()["number"], answer.json()["state"]) == (200, number, "called")
    assert open_hall.ask("GET", "/api/v1/button", token=token).json() == answer.json()


def test_the_token_is_good_in_the_header_alone(open_hall: ServerProcess) -> None:
    token = open_hall.token("button", COUNTER)
    for headers in ({}, {"Cookie": f"device={token}"}):
        answer = open_hall.ask("POST", "/api/v1/button/next?token=" + token, {"token": token}, headers=headers)
        assert_problem(answer, 401, "unauthenticated")


def test_nonsense_is_told_and_calls_nobody(open_hall: ServerProcess) -> None:
    token = open_hall.token("button", COUNTER)
    assert_problem(open_hall.ask("POST", "/api/v1/button/eject", token=token), 422)
    assert_problem(open_hall.ask("POST", "/api/v1/button/next", {"request_id": "a b"}, token=token), 422)
    assert_problem(open_hall.ask("POST", "/api/v1/button/next", raw=b"{", token=token), 422)
    for kind in ("kiosk", "display", "counter"):
        other = open_hall.token(kind, COUNTER if kind == "counter" else None)
        assert_problem(open_hall.ask("POST", "/api/v1/button/next", token=other), 403)


def test_a_closed_counter_and_an_empty_one_are_told_plainly(open_hall: ServerProcess) -> None:
    name = new_id()
    token = add_device(open_hall.site, open_hall.centre_id, DeviceKind.BUTTON, name, "6")
    open_hall.ask("POST", "/api/v1/button/close", token=token)
    problem = assert_problem(open_hall.ask("POST", "/api/v1/button/next", token=token), 409)
    assert "counter 6 is not open" in problem["detail"]
    open_hall.ask("POST", "/api/v1/button/open", token=token)
    assert_problem(open_hall.ask("POST", "/api/v1/button/recall", token=token), 409)
