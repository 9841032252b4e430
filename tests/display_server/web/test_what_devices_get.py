"""Every field of every answer that a device can get, beside the list of what it needs: a new field fails here first.

A note, a reason of priority and a name of staff stand in everything that can hold one.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from display_server.web.auth.authorization import DEVICES, ENDPOINT_PERMISSIONS
from tests.display_server.service_harness import ServiceHarness
from tests.display_server.web.clients import Clients
from tests.server_process import new_id

SECRET = "Bí Mật"
CALL = "called_at counter department id language number open priority recall seq ticket_id"
NAMED = "code name.en name.vi"
TICKET = """ahead business_day counter department id issued_at language number offline procedure state wait.high
    wait.low no_wait waited_seconds itinerary[]"""
HISTORY = "action actor at counter number details.seq"
AT_COUNTER = """announcement.announced_at announcement.before announcement.no_show_from code day.mean_seconds day.served
    departments[] name.en name.vi now back_at state undo.number undo.step undo.until waiting_count"""
CALLED = """called_at counter counter_name.en counter_name.vi department id issued_at language number procedure recall
    reason.code reason.text.en reason.text.vi seq state ticket_id waited_seconds itinerary[]"""


def under(prefix: str, names: str) -> str:
    return " ".join(f"{prefix}.{name}" for name in names.split())


HALL = {
    "hall": " ".join((
        under("calls[]", CALL),
        under("counters[]", NAMED + " number open state"),
        under("departments[]", "code no_counter open wait.high wait.low waiting"),
        "centre now open seq version back_at.2 opens_at",
    )),
    "hall/calls?after=0": under("calls[]", CALL),
    "hall/names": " ".join(
        under(each, NAMED + more) for each, more in (("centre", ""), ("counters[]", ""), ("departments[]", " prefix"))
    ),
    "hall/media": "items[].name items[].kind items[].version",
}  # fmt: skip
COUNTERS = {"counters": under("counters[]", "code departments[] name.en name.vi state")}
NEEDED: dict[str, dict[str, str]] = {
    "display": HALL,
    "button": HALL | COUNTERS | {
        "button": "counter number state text waiting",
        "counters/1": f"{AT_COUNTER} {under('call', CALLED)}",
        "counters/1/call-next": under("call", CALLED),
    },
    "counter": HALL | COUNTERS | {
        "counters/1": " ".join((
            AT_COUNTER, under("call", CALLED), under("next_reason", "code text.en text.vi"),
            *(under(f"{line}[]", TICKET) for line in ("waiting", "parked", "missed")),
        )),
        "counters/1/call-next": under("call", CALLED),
        "tickets/{id}": f"{TICKET} {under('history[]', HISTORY)}",
    },
    "kiosk": HALL | {
        "centre": """business_day catalogue closes_at code epoch languages[] name.en name.vi now open timezone version
            hours.mon[][] hours.tue[][] hours.wed[][] hours.thu[][] hours.fri[][] slip.note.en slip.note.vi """
        + " ".join((
            under("departments[]", NAMED + " counters[] no_wait offline_last offline_prefix open prefix wait.high"),
            under("departments[]", "wait.low waiting"),
            under("priority_reasons[]", NAMED),
            under("procedures[]", NAMED + " department minutes"),
        )),
        # A kiosk reads those alone that it took itself: it knows the reason and the request.
        "tickets/{id}": f"{TICKET} priority request_id status_url page {under('history[]', HISTORY)}",
    },
}  # fmt: skip
OF_THE_ASKER = {"centre", "tickets/{id}"}  # of a kiosk: the reasons to choose from, and the one that it sent


def fields(value: Any, at: str = "") -> Iterator[str]:
    """The paths of whatever says something: null, empty texts and empty lists do not."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from fields(part, f"{at}.{name}" if at else name)
    elif isinstance(value, list):
        for part in value:
            yield from fields(part, f"{at}[]")
    elif value not in (None, ""):
        yield at


@pytest.fixture
def busy(small_hall: ServiceHarness) -> tuple[Clients, int]:
    """Somebody waits, was set aside with a note, is missing and stands at counter 1, each with a reason of priority."""
    clients = Clients(small_hall.site)

    def press(step: str, at: str = "1", **body: Any) -> Any:
        path = f"/api/v1/counters/{at}/{step}"
        return clients.ask("supervisor", "POST", path, json={"request_id": new_id()} | body)

    wish = {"department": "HT", "priority": "elderly", "procedure": "HT-1", "then": ["DD"]}
    first = clients.ask("kiosk", "POST", "/api/v1/tickets", json={"request_id": new_id()} | wish).json["id"]
    for _ in range(6):
        small_hall.take(priority="elderly")
    press("call-next")
    assert press("park", reason=f"{SECRET} 034071001234").status_code == 200
    press("call-next")
    assert press("no-show").status_code == 200
    press("call-next", "2")
    assert press("transfer", "2", counter="1", note=SECRET).status_code == 200
    assert press("break", "2", minutes=5, reason=SECRET).status_code == 200
    assert press("call-next").json["call"]["note"] == SECRET  # staff read it
    return clients, first


@pytest.mark.parametrize("kind", sorted(DEVICES))
def test_a_device_gets_what_it_needs_and_nothing_else(busy: tuple[Clients, int], kind: str) -> None:
    clients, ticket = busy
    for path, needed in NEEDED[kind].items():
        method, body = ("POST", {"json": {"request_id": new_id()}}) if path.endswith("call-next") else ("GET", {})
        answer = clients.ask(kind, method, "/api/v1/" + path.format(id=ticket), **body)
        assert answer.status_code == 200, (path, answer.json)
        assert set(fields(answer.json)) - set(needed.split()) == set(), path
        told = json.dumps(answer.json, ensure_ascii=False)
        assert SECRET not in told, path
        assert "elderly" not in told or (kind == "kiosk" and path in OF_THE_ASKER), path


def test_every_endpoint_that_a_device_reads_is_in_the_list(busy: tuple[Clients, int]) -> None:
    """What is not listed answers no JSON, or only what the device itself sent or how it is to be set up."""
    own = {"kiosk.get_emblem", "kiosk.get_slip", "hall.stream", "hall.media_file", "hall.ask_rating", "hall.voice",
           "hall.voice_chime"}  # fmt: skip
    app = busy[0].app
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint not in own and not rule.rule.endswith(".mp3"):
            kinds = ENDPOINT_PERMISSIONS.get(rule.endpoint, frozenset()) & DEVICES
            path = rule.rule.removeprefix("/api/v1/").replace("<code>", "1").replace("<int:id>", "{id}")
            for kind in kinds:
                assert any(listed.partition("?")[0] == path for listed in NEEDED[kind]), (kind, rule.rule)
