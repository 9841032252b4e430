"""Who may go through which door, and what a door answers to nonsense."""

import http.client
import json
from typing import Any

import pytest
from sqlalchemy import update

from display_server.db import tables
from display_server.services.devices.devices import DeviceKind, add_device
from tests.server_process import Answer, ServerProcess, new_id

CODE = "1"
GETS = {
    "/api/v1/centre": "kiosk",
    "/api/v1/tickets/1": "kiosk",
    "/api/v1/tickets/by-address/forged": "kiosk",
    "/api/v1/counters": "counter",
    f"/api/v1/counters/{CODE}": "counter",
    "/api/v1/hall": "display",
    "/api/v1/hall/calls?after=0": "display",
    "/api/v1/hall/names": "display",
}
STEPS = [
    "call-next",
    "recall",
    "start",
    "finish",
    "no-show",
    "park",
    "cancel",
    "transfer",
    "call",
    "open",
    "close",
    "break",
]
POSTS = {
    "/api/v1/tickets": "kiosk",
    "/api/v1/tickets/offline": "kiosk",
} | {f"/api/v1/counters/{CODE}/{step}": "counter" for step in STEPS}
ADMIN = ["/api/v1/admin/overview", "/api/v1/admin/history?number=A001"]


def token(hall: ServerProcess, kind: str) -> str:
    return hall.token(kind, CODE if kind in ("counter", "button") else None)


def assert_problem(answer: Answer, status: int, name: str | None = None) -> Any:
    assert answer.status == status, answer
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert problem["type"].startswith("/problems/")
    assert name is None or problem["type"] == f"/problems/{name}"
    return problem


@pytest.mark.parametrize("path", [*GETS, *ADMIN])
def test_reading_needs_a_token_except_what_everybody_in_the_hall_sees(open_hall: ServerProcess, path: str) -> None:
    if path.startswith("/api/v1/hall"):
        assert open_hall.ask("GET", path).status == 200
    else:
        answer = open_hall.ask("GET", path)
        assert_problem(answer, 401, "unauthenticated")
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", POSTS)
def test_changing_anything_needs_a_token(open_hall: ServerProcess, path: str) -> None:
    assert_problem(open_hall.ask("POST", path, {"request_id": new_id()}), 401, "unauthenticated")
    assert_problem(open_hall.ask("POST", path, raw=b"{not even json"), 401, "unauthenticated")


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer", "Basic YTpi", "wrong", "", "Bearer \u00e9"])
def test_a_wrong_token_is_refused_even_where_none_is_needed(open_hall: ServerProcess, header: str) -> None:
    for path in ("/api/v1/centre", "/api/v1/hall"):
        answer = open_hall.ask("GET", path, headers={"Authorization": header.encode("latin-1")})  # type: ignore[dict-item]
        assert_problem(answer, 401, "unauthenticated")


@pytest.mark.parametrize("path", POSTS)
def test_the_right_token_for_the_wrong_door(open_hall: ServerProcess, path: str) -> None:
    wrong = {"kiosk": ["display", "counter", "button"], "counter": ["display", "kiosk"]}[POSTS[path]]
    for kind in wrong:
        assert_problem(open_hall.ask("POST", path, {"request_id": new_id()}, token(open_hall, kind)), 403, "forbidden")


@pytest.mark.parametrize("path", ADMIN)
@pytest.mark.parametrize("kind", ["kiosk", "counter", "display", "button"])
def test_no_device_sees_the_administration(open_hall: ServerProcess, path: str, kind: str) -> None:
    assert_problem(open_hall.ask("GET", path, token=token(open_hall, kind)), 403, "forbidden")


@pytest.mark.parametrize("step", STEPS)
def test_a_counters_device_may_not_work_at_another_counter(open_hall: ServerProcess, step: str) -> None:
    body = {"request_id": new_id()} | {"call": {"number": "A001"}, "transfer": {"department": "KHDT"}}.get(step, {})
    answer = open_hall.ask("POST", f"/api/v1/counters/2/{step}", body, open_hall.token("counter", "1"))
    assert_problem(answer, 403, "forbidden")


@pytest.mark.parametrize("step", STEPS)
def test_an_unknown_counter(open_hall: ServerProcess, step: str) -> None:
    body = {"request_id": new_id()} | {"call": {"number": "A001"}, "transfer": {"department": "KHDT"}}.get(step, {})
    answer = open_hall.ask("POST", f"/api/v1/counters/99/{step}", body, open_hall.token("counter", "1"))
    assert_problem(answer, 404, "not-found")


def test_what_is_unknown(open_hall: ServerProcess) -> None:
    kiosk, counter = token(open_hall, "kiosk"), token(open_hall, "counter")
    wish = {"request_id": new_id(), "department": "NOWHERE"}
    assert_problem(open_hall.ask("POST", "/api/v1/tickets", wish, kiosk), 404, "not-found")
    assert_problem(open_hall.ask("GET", "/api/v1/tickets/999999", token=kiosk), 404, "not-found")
    assert_problem(open_hall.ask("GET", "/api/v1/tickets/by-address/forged", token=kiosk), 404, "not-found")
    assert_problem(open_hall.ask("GET", "/api/v1/hall?centre=nowhere"), 404, "not-found")
    assert_problem(open_hall.press(CODE, "call", number="Z999"), 404, "not-found")
    assert_problem(open_hall.ask("GET", "/api/v1/counters/99", token=counter), 404, "not-found")


@pytest.mark.parametrize(
    "path", ["/nowhere", "/api/v1/nowhere", "/api/", "/api/v1/tickets/", "/api/v1/hall/x/y", "/t/forged"]
)
def test_an_unknown_path_is_a_problem_too(open_hall: ServerProcess, path: str) -> None:
    for headers in ({}, {"Accept": "*/*"}, {"Accept": "application/json"}):
        assert_problem(open_hall.ask("GET", path, headers=headers), 404)


def test_a_browser_gets_a_page(open_hall: ServerProcess) -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    answer = open_hall.ask("GET", "/nowhere", headers={"Accept": accept})
    assert answer.status == 404
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/api/v1/counters/{CODE}/call-next"),
        ("GET", "/api/v1/tickets"),
        ("DELETE", "/api/v1/tickets/1"),
        ("POST", "/api/v1/hall"),
        ("PUT", "/api/v1/tickets"),
        ("POST", "/healthz"),
        ("PATCH", "/openapi.json"),
    ],
)
def test_a_wrong_method_is_a_problem_and_changes_nothing(open_hall: ServerProcess, method: str, path: str) -> None:
    answer = open_hall.ask(method, path, {} if method != "GET" else None, token(open_hall, "kiosk"))
    assert_problem(answer, 405)
    assert answer.headers["Allow"]


@pytest.mark.parametrize("path", ["/", "/api/v1/hall", "/api/v1/hall/stream", "/healthz", "/metrics", "/openapi.json"])
def test_head_answers_without_a_body(open_hall: ServerProcess, path: str) -> None:
    answer = open_hall.ask("HEAD", path)
    assert (answer.status, answer.body) == (200, b"")


TICKET = {"request_id": "r-1", "department": "KHDT"}
NONSENSE: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"{", "application/json"),
    "text": (b"hello", "application/json"),
    "an empty body": (b"", "application/json"),
    "a list": (b"[]", "application/json"),
    "a number": (b"7", "application/json"),
    "null": (b"null", "application/json"),
    "JSON in a string": (json.dumps(json.dumps(TICKET)).encode(), "application/json"),
    "a form": (b"request_id=r-1&department=KHDT", "application/x-www-form-urlencoded"),
    "JSON that calls itself text": (json.dumps(TICKET).encode(), "text/plain"),
    "invalid UTF-8": (b'{"request_id": "r-1", "department": "\xff\xfe"}', "application/json"),
    "NaN": (b'{"request_id": "r-1", "department": NaN}', "application/json"),
    "a lone surrogate": (b'{"request_id": "\\ud800", "department": "KHDT"}', "application/json"),
    "a huge number": (b'{"request_id": "r-1", "department": ' + b"9" * 5000 + b"}", "application/json"),
    "an infinite number": (b'{"request_id": 1e999, "department": "KHDT"}', "application/json"),
    "deep nesting": (b"[" * 100_000 + b"]" * 100_000, "application/json"),
    "deep nesting inside": (b'{"request_id": ' * 15_000 + b"1" + b"}" * 15_000, "application/json"),
    "a key twice": (b'{"request_id": "r-1", "request_id": "r-2", "department": "KHDT"}', "application/json"),
}


@pytest.mark.parametrize("path", ["/api/v1/tickets", "/api/v1/tickets/offline", f"/api/v1/counters/{CODE}/call-next"])
@pytest.mark.parametrize("what", NONSENSE)
def test_nonsense_is_malformed(open_hall: ServerProcess, path: str, what: str) -> None:
    raw, content_type = NONSENSE[what]
    if (path.endswith("/offline"), what) == (True, "a list"):
        return  # an empty hand-in is none of these
    headers = {"Content-Type": content_type}
    assert_problem(open_hall.ask("POST", path, raw=raw, headers=headers, token=token(open_hall, POSTS[path])), 422)


@pytest.mark.parametrize(
    "wish",
    [
        {"department": "KHDT"},
        {"request_id": "r-1"},
        {"request_id": "", "department": "KHDT"},
        {"request_id": "x" * 65, "department": "KHDT"},
        {"request_id": "a b", "department": "KHDT"},
        {"request_id": "r-1\n", "department": "KHDT"},
        {"request_id": 7, "department": "KHDT"},
        {"request_id": "r-1", "department": ""},
        {"request_id": "r-1", "department": "x" * 33},
        {"request_id": "r-1", "department": ["KHDT"]},
        {"request_id": "r-1", "department": "KHDT\u0000"},
        {"request_id": "r-1", "department": "KHDT", "language": "klingon"},
        {"request_id": "r-1", "department": "KHDT", "language": "fr"},
        {"request_id": "r-1", "department": "KHDT", "priority": "in_a_hurry"},
        {"request_id": "r-1", "department": "KHDT", "priority": True},
    ],
)
def test_a_wish_that_cannot_be(open_hall: ServerProcess, wish: dict[str, Any]) -> None:
    assert_problem(open_hall.ask("POST", "/api/v1/tickets", wish, token(open_hall, "kiosk")), 422, "invalid")


@pytest.mark.parametrize(
    ("step", "body"),
    [
        ("call-next", {}),
        ("call", {"request_id": "r-1"}),
        ("call", {"number": "A001", "ticket_id": 1}),
        ("call", {"number": "first"}),
        ("call", {"ticket_id": 0}),
        ("call", {"ticket_id": 2**63}),
        ("call", {"ticket_id": 1.5}),
        ("transfer", {}),
        ("transfer", {"department": "KHDT", "counter": "2"}),
        ("transfer", {"department": "KHDT", "note": "n" * 201}),
        ("park", {"reason": "n" * 201}),
        ("recall", {"request_id": "a b"}),
        ("open", {"request_id": "a b"}),
    ],
)
def test_a_step_that_cannot_be(open_hall: ServerProcess, step: str, body: dict[str, Any]) -> None:
    path = f"/api/v1/counters/{CODE}/{step}"
    problem = assert_problem(open_hall.ask("POST", path, body, token(open_hall, "counter")), 422, "invalid")
    assert problem["errors"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/hall/calls",
        "/api/v1/hall/calls?after=-1",
        "/api/v1/hall/calls?after=x",
        "/api/v1/hall?centre=a/b",
        f"/api/v1/hall/calls?after={2**63}",
        "/api/v1/tickets/0",
        f"/api/v1/tickets/{2**63}",
        "/api/v1/counters/a%20b",
    ],
)
def test_a_question_that_cannot_be(open_hall: ServerProcess, path: str) -> None:
    assert_problem(open_hall.ask("GET", path, token=token(open_hall, "counter")), 422, "invalid")


def test_a_body_that_is_too_large(open_hall: ServerProcess) -> None:
    body = json.dumps(TICKET | {"language": "v" * 300_000}).encode()
    assert_problem(open_hall.ask("POST", "/api/v1/tickets", raw=body, token=token(open_hall, "kiosk")), 413)


def test_a_body_that_is_too_large_and_does_not_say_so_first(open_hall: ServerProcess) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", open_hall.port, timeout=30)
    headers = {"Authorization": f"Bearer {token(open_hall, 'kiosk')}", "Content-Type": "application/json"}
    connection.request("POST", "/api/v1/tickets", iter([b"[1" * 1000] * 200), headers, encode_chunked=True)
    response = connection.getresponse()
    assert (response.status, response.headers["Content-Type"]) == (413, "application/problem+json")
    connection.close()


def test_a_step_needs_no_body(open_hall: ServerProcess) -> None:
    answer = open_hall.ask("POST", "/api/v1/counters/15/open", token=open_hall.token("button", "15"))
    assert answer.status == 200
    assert answer.json()["state"] == "free"


def test_a_revoked_device_is_out(open_hall: ServerProcess) -> None:
    revoked = add_device(open_hall.site, open_hall.centre_id, DeviceKind.KIOSK, "to be revoked", None)
    with open_hall.site.write_without_lock() as connection:
        mine = tables.device.c.name == "to be revoked"
        connection.execute(update(tables.device).where(mine).values(revoked_at=open_hall.site.clock()))
    assert_problem(open_hall.ask("GET", "/api/v1/centre", token=revoked), 401, "unauthenticated")
