"""Bad text is refused at every endpoint, in the same way on both databases, and nothing of it is kept or logged."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import insert, update

from config.settings import load_settings
from display_server.bootstrap import create_context
from display_server.db import tables
from display_server.services.devices.pairing import start_pairing
from display_server.web.http.client_address import read_address
from tests.display_server.web.clients import PASSWORD, Clients
from tests.server_process import ServerProcess, new_id

BAD = ["a\x00b", "abc \ud83d", "a\u202eb", "a\ufdd0b", "\u3164"]
MANY = dict.fromkeys(("sign_in_limit", "pairing_limit", "page_limit"), "99999 per minute")
YEAR = {"starts_at": "2026-11-28T00:00:00Z", "ends_at": "2099-11-29T00:00:00Z"}
WITH_NUL = [
    "/hall?centre=%00",
    "/?centre=%00",
    "/t/1~x%00",
    "/t/1~x%00/state",
    "/hall/counter/%00",
    "/hall?area=%00",
    "/hall?%00=1",
    "/api/v1/hall?centre=%00",
    "/api/v1/hall/media/%00.png",
    "/api/v1/hall/voice/1.mp3?centre=a%00",
    "/sign-in?next=%00",
    "/static/%00",
    "/api/v1/centre/emblem?centre=x%00y",
    "/hall/pair?x=%00",
    "/pair?%00",
]
COOKIES = ["device", "pairing", "session"]
NO_NUMBERS = [
    "/api/v1/tickets/" + "9" * 30,
    "/api/v1/tickets/" + "9" * 5000,
    "/api/v1/tickets/\uff11",
    "/api/v1/tickets/0",
]
NO_DAYS = ["0001-01-01", "9999-12-31", "20261123", "5881580-01-01", "-1", "x"]
NO_MOMENTS = ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+14:00", 1e300, 10**30, "1e9"]
NO_ADDRESSES = ["x" * 300, "\x85", "::1%" + "z" * 200, "999.1.1.1"]
KHMER = "ការិយាល័យ\u200bច្រក\u200cចេញ"


@pytest.fixture
def clients(database: str) -> Iterator[Clients]:
    site = create_context(
        load_settings(server={"database": database, "always_open": True, "behind_proxy": True, **MANY})
    )
    yield Clients(site)
    site.engine.dispose()


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing that is refused is an error of the server."""
    yield
    assert [record for record in caplog.records if record.levelno >= logging.ERROR or record.exc_info] == []


def free_texts(clients: Clients, bad: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Every endpoint that takes words of people: who, path, body."""
    pairing = start_pairing(clients.site).code
    return [
        ("administrator", "/api/v1/admin/announcements", {"text": {"vi": bad}, **YEAR}),
        ("administrator", "/api/v1/admin/staff", {"name": bad, "role": "clerk"}),
        ("administrator", "/api/v1/admin/devices", {"name": bad, "code": pairing, "kind": "display"}),
        ("administrator", "/api/v1/admin/screens", {"name": bad, "code": pairing}),
        ("administrator", "/api/v1/admin/screens", {"name": "x", "code": pairing, "settings": {"area": bad}}),
        ("administrator", "/api/v1/admin/tickets/1/cancel", {"request_id": "x", "note": bad}),
        ("counter", "/api/v1/counters/1/park", {"reason": bad}),
        ("counter", "/api/v1/counters/1/break", {"reason": bad}),
        ("counter", "/api/v1/counters/1/transfer", {"department": "DD", "note": bad}),
        ("counter", "/api/v1/counters/1/transfer", {"staff": bad}),
    ]


@pytest.mark.usefixtures("quiet")
def test_bad_text_is_refused_by_every_endpoint_for_words(clients: Clients) -> None:
    for bad in BAD:
        for who, path, body in free_texts(clients, bad):
            answer = clients.ask(who, "POST", path, json=body)
            assert answer.status_code == 422, (path, bad.encode("unicode_escape"), answer.text)
            json.loads(answer.data.decode())
    assert clients.ask("display", "GET", "/api/v1/hall/media").json["announcements"] == []


@pytest.mark.usefixtures("quiet")
def test_a_nul_or_half_a_character_anywhere_in_a_body_is_refused(clients: Clients) -> None:
    for bad in ("\x00", "\ud83d"):
        for body in ({"request_id": "x", "department": f"HT{bad}"}, {bad: 1}, [[{"a": [bad]}]]):
            assert clients.ask("kiosk", "POST", "/api/v1/tickets", json=body).status_code == 422
    raw = b'{"request_id": "x", "department": "\xed\xa0\xbd"}'
    for body in (raw, raw.decode("latin-1").encode("utf-16"), b'{"a":' * 500, b"[" * 100_000, b'{"a": 1e999}'):
        answer = clients.ask("kiosk", "POST", "/api/v1/tickets", data=body, content_type="application/json")
        assert answer.status_code == 422, body[:40]


@pytest.mark.usefixtures("quiet")
def test_what_a_device_says_of_itself_is_cleaned(clients: Clients) -> None:
    report = {"layout": "board", "version": 1, "seq": 1, "visible": True, "muted": False, "connected": True}
    said = report | {"width": 1, "height": 1, "problems": ["\u202e" + "x" * 9000 + "\nfile"]}
    assert clients.ask("display", "POST", "/api/v1/hall/report", json=said).status_code == 200
    agent = "Mozilla\x85\x9f" + "x" * 500
    assert clients.ask("kiosk", "GET", "/api/v1/centre", headers={"User-Agent": agent}).status_code == 200
    screens = clients.ask("administrator", "GET", "/api/v1/admin/screens").json["screens"]
    assert [len(each["report"]["problems"][0]) for each in screens if each["report"]] == [200]
    devices = clients.ask("administrator", "GET", "/api/v1/admin/devices").json["devices"]
    assert all(len(each["program"]) <= 120 and each["program"].isprintable() for each in devices)


@pytest.mark.usefixtures("quiet")
def test_a_nul_in_an_address_is_refused(clients: Clients) -> None:
    for path in WITH_NUL:
        assert clients.ask("anyone", "GET", path).status_code == 422


@pytest.mark.usefixtures("quiet")
def test_a_nul_in_a_form_is_refused_and_odd_names_are_nobody(clients: Clients) -> None:
    for field in ("name", "password", "next"):
        form = {"name": "x", "password": "y", "next": "/counter"} | {field: "a\x00"}
        assert clients.ask("anyone", "POST", "/sign-in", data=form).status_code == 422
    for number, name in enumerate(("a\x01", "\u202ex", "\ufdd0", "x" * 5000, "\u200b", "")):
        sent = {"data": {"name": name, "password": PASSWORD}, "headers": {"X-Forwarded-For": f"10.0.0.{number}"}}
        assert clients.ask("anyone", "POST", "/sign-in", **sent).status_code == 401


@pytest.mark.usefixtures("quiet")
def test_cookies_of_any_kind(clients: Clients) -> None:
    for cookie in COOKIES:
        for value in ("%00", "\x00", "\xff\xfe", "x" * 4000):
            for path in ("/", "/hall", "/hall/pair/state", "/api/v1/hall", "/sign-in"):
                answer = clients.ask("anyone", "GET", path, headers={"Cookie": f"{cookie}={value}"})
                assert answer.status_code < 500, (path, value)


@pytest.mark.usefixtures("quiet")
def test_numbers_in_paths(clients: Clients) -> None:
    for path in NO_NUMBERS:
        assert clients.ask("kiosk", "GET", path).status_code in {404, 422}
        assert clients.ask("kiosk", "GET", f"/api/v1/centre?known={path.rpartition('/')[2]}").status_code in {200, 422}


@pytest.mark.usefixtures("quiet")
def test_days_in_queries(clients: Clients) -> None:
    for day in NO_DAYS:
        for path in ("history?number=A001", "why?first=A001&then=A002"):
            assert clients.ask("administrator", "GET", f"/api/v1/admin/{path}&day={day}").status_code == 422


@pytest.mark.usefixtures("quiet")
def test_moments_in_bodies(clients: Clients) -> None:
    for ends_at in NO_MOMENTS:
        said = {"text": {"vi": "x"}, "starts_at": "2026-11-28T00:00:00Z", "ends_at": ends_at}
        assert clients.ask("administrator", "POST", "/api/v1/admin/announcements", json=said).status_code == 422


@pytest.mark.usefixtures("quiet")
def test_words_of_other_scripts_come_back_as_they_were_sent(clients: Clients) -> None:
    for words in (KHMER, "Chào 👨\u200d👩\u200d👧!", "דלת פתוחה", "Ủ" * 300, "a<b>&\"'"):
        said = {"text": {"vi": words, "en": words}, **YEAR}
        listed = clients.ask("administrator", "POST", "/api/v1/admin/announcements", json=said)
        assert listed.status_code == 200, listed.text
        assert words in [each["text"]["vi"] for each in listed.json["announcements"]]
        assert {"vi": words, "en": words} in clients.ask("display", "GET", "/api/v1/hall/media").json["announcements"]
    pasted = {"text": {"vi": "Hôm nay\r\nnghỉ\n\nbuổi chiều\n"}, **YEAR}
    listed = clients.ask("administrator", "POST", "/api/v1/admin/announcements", json=pasted)
    assert listed.json["announcements"][-1]["text"]["vi"] == "Hôm nay nghỉ buổi chiều"


@pytest.mark.usefixtures("quiet")
def test_a_forwarded_address_that_is_none_tells_nothing(clients: Clients) -> None:
    clients.of("administrator")
    for number, sent in enumerate(NO_ADDRESSES):
        proxy = {"headers": {"X-Forwarded-For": sent}, "environ_overrides": {"REMOTE_ADDR": f"10.0.0.{number}"}}
        for name in ("administrator", "nobody here"):
            form = {"name": name, "password": "wrong"}
            assert clients.ask("anyone", "POST", "/sign-in", data=form, **proxy).status_code == 401


def test_addresses() -> None:
    told = ["10.0.0.1", "10.0.0.1:8080", "[2001:db8::1]:443", "2001:DB8:0::1", "::ffff:10.0.0.1", "fe80::1%eth0", "x"]
    known = ["10.0.0.1", "10.0.0.1", "2001:db8::1", "2001:db8::1", "10.0.0.1", "fe80::1", None]
    assert [read_address(each) for each in told] == known


def test_what_an_older_motcua_kept_breaks_no_answer(clients: Clients) -> None:
    """Half a character in a row (SQLite keeps it; PostgreSQL in JSON too) is escaped, not a fault."""
    clients.of("administrator")
    now = clients.site.clock()
    values = {"centre_id": clients.centre_id, "text": {"vi": "abc \ud83d"}, "starts_at": now}
    with clients.site.write_without_lock() as connection:
        connection.execute(insert(tables.announcement).values(values | {"ends_at": now.replace(year=2099)}))
        connection.execute(update(tables.device).values(report={"version": "x", "up_seconds": None}))
    for path in ("admin/announcements", "admin/kiosks", "admin/screens", "admin/devices", "hall/media"):
        answer = clients.ask("administrator", "GET", f"/api/v1/{path}")
        assert answer.status_code == 200, (path, answer.text)
        json.loads(answer.data.decode())


def test_over_the_socket_too(open_hall: ServerProcess) -> None:
    kiosk, refused = open_hall.token("kiosk"), []
    body = b'{"request_id": "%s", "department": "KHDT\\ud83d"}' % new_id().encode()
    refused.append(open_hall.ask("POST", "/api/v1/tickets", raw=body, token=kiosk))
    refused += [open_hall.ask("GET", path) for path in ("/hall?centre=%00", "/t/1~%00", "/api/v1/hall?centre=%00")]
    assert [answer.status for answer in refused] == [422] * 4
    assert open_hall.ask("GET", "/api/v1/tickets/" + "9" * 5000, token=kiosk).status == 404
    log = (open_hall.folder / "server.log").read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert " ERROR " not in log
