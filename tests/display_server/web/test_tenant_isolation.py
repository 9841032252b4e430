"""Two centres on one server: whatever a route is asked, it shows and changes nothing of the other centre.

Every route of the application's own map is asked for what belongs to the other centre, by each device and role of one.
Then the other centre's own people ask the same: they must see or change it. So a route that this test does not know how
to fill fails it, until it is filled here or stands, with a reason, among those that hold nothing of a centre.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from argon2 import PasswordHasher
from flask_openapi3 import OpenAPI
from pyotp import TOTP
from sqlalchemy import select
from werkzeug.routing import Rule

from config.settings import load_settings
from display_server.app import create_app
from display_server.bootstrap import create_context
from display_server.db import tables
from display_server.domain.state_machine import Action, TicketState
from display_server.services.calling.calls import call_next
from display_server.services.calling.visit_actions import perform_action
from display_server.services.centre.import_centre import import_centre
from display_server.services.core.actors import Actor
from display_server.services.core.centres import find_centre
from display_server.services.core.context import ServerContext
from display_server.services.devices.devices import DeviceAuthenticator, DeviceKind, add_device
from display_server.services.devices.displays import ScreenSettings, pair_screen
from display_server.services.devices.pairing import start_pairing
from display_server.services.displays.notices import AnnouncementText, add_announcement, list_announcements
from display_server.services.displays.ratings import Rating, rate
from display_server.services.kiosks.status import request_reprint
from display_server.services.staff import staff
from display_server.services.staff.client_addresses import Source
from display_server.services.staff.second_factor import confirm_enrolment, factor_state, start_enrolment
from display_server.services.staff.sessions import begin_session
from display_server.services.staff.single_sign_on import recognise
from display_server.services.staff.staff import Role, add_staff, find_row, member_of, set_pin
from display_server.services.tickets.issuing import issue
from display_server.services.tickets.tickets import TicketRequest
from tests.display_server.sample_centre import counter, department, small_centre, text
from tests.display_server.service_harness import Clock
from tests.display_server.signed_in import cookie_of
from tests.server_process import new_id

PASSWORD, PIN = "mot cua hai cua", "246810"
# Whatever belongs to the other centre bears "zzbzzb" in its words, and its numbers begin with Z.
MARK = re.compile(r"[\w-]*zzbzzb[\w-]*|(?<![\w-])Z[A-Z]?\d{3}(?![\w-])")  # no random token looks like this
OFTEN = dict.fromkeys(("sign_in_limit", "pairing_limit", "page_limit", "hall_limit"), "99999 per minute")

# What is nobody's in particular, and why.
OF_NO_CENTRE = {
    "static": "files of the program",
    "openapi": "the description of the doors",
    "pages.favicon": "a picture of the program",
    "machines.healthz": "the server as a whole",
    "machines.metrics": "the operator's door for all centres; a proxy keeps it in the house",
    "pages.ticket": "who holds the slip's secret address may see that ticket anywhere",
    "pages.ticket_state": "the same",
    "privacy.page": "what visitors of any centre are told: its public name, its address, the time limits",
    "pages.pair": "a device that belongs to no centre yet",
    "pages.pair_state": "the same",
    "devices.start": "the same",
    "devices.state": "the same, with the token of its own pairing",
    "hall.voice_chime": "one sound for all",
    "hall.voice": "sound, which is not read here: the number is asked for in test_no_call_of_another_centre_is_spoken",
    "hall.speaker": "whether one's own screen speaks: test_the_speakers_of_two_centres_do_not_silence_each_other",
    "sign_in.form": "names of all centres, for who must choose theirs",
    "second_factor.form": "the second page of a sign-in, for whose password was right in this browser",
    "second_factor.enter": "the same",
    "second_factor.confirm": "of who is signed in: nothing in the request names anybody",
    "second_factor.new_codes": "the same",
    "second_factor.remove": "the same",
    "sign_in.submit_password": "whose password it is comes in, and acts in their own centre alone",
    "single_sign_on.start": "the province's own sign-in, set up nowhere here",
    "single_sign_on.callback": "the same",
}


OF_WHO_WAITS = {"admin.set_priority", "admin.take_out", "admin.move"}


@dataclass
class Centre:
    """One of the two, with a row of every kind. `book`: what each of its devices and people shows at a door."""

    site: ServerContext
    code: str
    word: str  # in all its texts and names
    prefix: str  # of all its numbers
    book: dict[str, dict[str, str]] = field(default_factory=dict)
    people: dict[str, Actor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        import_centre(self.site, self._data())
        self.id = find_centre(self.site, self.code)
        for kind in (DeviceKind.KIOSK, DeviceKind.COUNTER, DeviceKind.BUTTON):
            code = "1" if kind is not DeviceKind.KIOSK else None
            self.book[kind] = {"token": add_device(self.site, self.id, kind, f"{kind}-{self.word}", code)}
        for role in Role:
            name = f"{role}-{self.word}"
            add_staff(self.site, self.id, name, role, PASSWORD)
            self.book[role] = {"name": name}
            self.people[role] = member_of(self._member(role)).actor()
        self._screen()
        self.kiosk = DeviceAuthenticator(self.site).actor(self.book["kiosk"]["token"])
        self.tickets = [self.take(f"{self.word}-{number}") for number in range(6)]
        set_pin(self.site, self.people["clerk"], PASSWORD, PIN)
        said = {"text": text(f"tin {self.word}"), "starts_at": self.site.clock()}
        said |= {"ends_at": self.site.clock() + timedelta(days=1), "spoken": True}
        add_announcement(self.site, self.people["hall"], AnnouncementText.model_validate(said))
        self.reprint = request_reprint(self.site, self.people["hall"], self.tickets[0], f"{self.word}-again").id
        self.prepare()
        self.finish()
        rate(
            self.site,
            DeviceAuthenticator(self.site).actor(self.book["display"]["token"]),
            Rating(call_id=self.rated, score=1),
        )

    def _data(self) -> Any:
        plain = small_centre()
        others = [each.model_dump() for each in plain.departments[1:]]
        more: dict[str, Any] = {"emblem": f"PNG {self.word}".encode()}
        return small_centre(
            code=self.code,
            name=text(f"Trung tâm {self.word}"),
            departments=[
                department("HT", self.prefix, 1) | {"name": text(f"Hộ tịch {self.word}")},
                *[each | {"prefix": f"{self.prefix}{number}"} for number, each in zip("BC", others, strict=True)],
            ],
            counters=[
                counter("1", ["HT"]) | {"name": text(f"Quầy {self.word}")},
                counter(f"q-{self.word}", ["HT", "DD", "XH"]),
            ],
            **more,
        )

    def _member(self, role: str) -> Any:
        return find_row(self.site, tables.staff.c.name == f"{role}-{self.word}")

    def _screen(self) -> None:
        started = start_pairing(self.site)
        over_counter = ScreenSettings(layout="counter", counter="1")
        pair_screen(self.site, self.people["hall"], started.code, f"display-{self.word}", over_counter)
        self.book["display"] = {"token": started.token}

    def take(self, request_id: str) -> int:
        return issue(self.site, self.kiosk, TicketRequest(request_id, "HT"))[0].id

    def prepare(self) -> None:
        """A visitor is at counter 1, who works there is known, and a visit has just been finished."""
        answer = call_next(self.site, self.people["clerk"], "1", new_id())
        assert answer is not None
        assert answer.call is not None
        self.call = answer.call
        self.take(new_id() + self.word)

        self._prepare_sign_ins()

    def _prepare_sign_ins(self) -> None:
        """The clerk is signed in, the supervisor has a second factor, and somebody asks to be the one of the hall."""
        clerk, supervisor = (member_of(self._member(role)) for role in ("clerk", "supervisor"))
        begin_session(self.site, clerk, "password", "192.0.2.1", "Firefox", timedelta(hours=12))
        if not factor_state(self.site, supervisor.id).is_on:
            app = TOTP(start_enrolment(self.site, supervisor, self.word).secret)
            confirm_enrolment(self.site, supervisor.actor(), app.at(self.site.clock()))
        asked = {"iss": "https://sso.example", "sub": f"subject {self.word}", "preferred_username": f"hall-{self.word}"}
        recognise(self.site, asked, Source(""))

    def newest(self, table: Any, *conditions: Any) -> int:
        mine = (table.c.centre_id == self.id, *conditions)
        return int(self.first(select(table.c.id).where(*mine).order_by(table.c.id.desc())))

    def finish(self) -> None:
        perform_action(self.site, self.people["clerk"], "1", Action.FINISH, new_id())
        self.rated = self.call.id

    def first(self, query: Any) -> Any:
        with self.site.read() as connection:
            return connection.execute(query).scalars().first()

    def waiting(self) -> int:
        ticket = tables.ticket
        waits = (ticket.c.centre_id == self.id) & (ticket.c.state == TicketState.WAITING)
        return int(self.first(select(ticket.c.id).where(waits).order_by(ticket.c.id.desc())))

    def device(self, kind: str) -> int:
        device = tables.device
        own = (device.c.centre_id == self.id) & (device.c.kind == kind) & device.c.revoked_at.is_(None)
        return int(self.first(select(device.c.id).where(own).order_by(device.c.id)))

    def rows(self) -> dict[str, list[Any]]:
        """Everything of this centre in the database, by table."""
        found = {}
        with self.site.read() as connection:
            for table in tables.metadata.sorted_tables:
                key = table.c.id if table is tables.centre else table.c.get("centre_id")
                if key is not None:
                    rows = connection.execute(select(table).where(key == self.id).order_by(*table.primary_key))
                    found[table.name] = [tuple(row) for row in rows]
        return found


@dataclass
class Asked:
    """A request for what belongs to `of`."""

    path: str
    body: Any = None
    form: dict[str, str] | None = None

    def marks(self) -> set[str]:
        return set(MARK.findall(self.path + json.dumps(self.body, default=str) + str(self.form)))


@dataclass
class TwoCentres:
    site: ServerContext
    app: OpenAPI
    here: Centre
    there: Centre

    def ask(self, rule: Rule, method: str, asked: Asked, centre: Centre, who: str) -> tuple[int, str]:
        """Status and body of the answer that `who` of `centre` gets."""
        client = self.app.test_client()
        shown = centre.book.get(who, {})
        headers = {"Accept": "application/json" if rule.rule.startswith("/api") else "text/html"}
        if "token" in shown:
            client.set_cookie("device", shown["token"])
            headers["Authorization"] = f"Bearer {shown['token']}"
        elif "name" in shown:
            row = centre._member(who)
            with client.session_transaction() as session:
                session.update(cookie_of(self.site, row))
        sent = {"json": asked.body} if asked.form is None else {"data": asked.form}
        response = client.open(
            asked.path,
            method=method,
            headers=headers,
            environ_overrides={"motcua.take_over": None},
            **(sent if method == "POST" else {}),
        )
        # A stream has no end: its first event is the whole state.
        parts = iter(response.response)  # type: ignore[arg-type]
        body = next(parts, b"") if rule.endpoint in {"hall.stream", "counter.stream"} else b"".join(parts)  # type: ignore[arg-type]
        response.close()
        assert response.status_code != 500, (method, asked, who)
        return response.status_code, unquote(body.decode(errors="replace"))

    @property
    def offline_prefixes(self) -> list[str]:
        return [f"{centre.prefix}{centre.kiosk.offline_letter}" for centre in (self.here, self.there)]

    def requests(self, rule: Rule) -> list[Asked]:
        """The route, asked for what is there. Counters: by a code that both centres have, and by one of there only."""
        there = self.there
        ids: dict[str, Any] = {
            "id": there.tickets[0],
            "ticket_id": there.waiting() if rule.endpoint in OF_WHO_WAITS else there.tickets[0],
            "screen_id": there.device("display"),
            "device_id": there.device("counter"),
            "member_id": there.people["supervisor" if rule.endpoint == "sign_ins.reset_second_factor" else "clerk"].id,
            "session_id": there.newest(
                tables.staff_session, tables.staff_session.c.staff_id == there.people["clerk"].id
            ),
            "identity_id": there.newest(tables.staff_identity),
            "announcement_id": list_announcements(self.site, there.people["hall"]).announcements[0].id,
            "seq": there.call.seq,
            "secret": self.site.ticket_links.sign(there.tickets[0]),
            "key": "recall",
            "name": "anh.png",
            "filename": "css/common.css",
        }
        body = BODIES.get(rule.endpoint, lambda _: {})(self)
        form = FORMS[rule.endpoint](self) if rule.endpoint in FORMS else None
        query = f"?centre={there.code}&number=Z002&first=Z001&then=Z002&after=0&days=3"
        paths = []
        for code in ("1", f"q-{there.word}") if "code" in rule.arguments else ("",):
            filled = ids | {"code": code}
            paths.append(re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(filled[found[1]]), rule.rule) + query)  # noqa: B023
        return [Asked(path, body, form) for path in paths]


def _tap(two: TwoCentres, **more: Any) -> dict[str, Any]:
    return {"request_id": f"{two.there.word}-1", "department": "HT"} | more


def _announcement(_: TwoCentres) -> dict[str, Any]:
    span = {"starts_at": "2026-11-16T01:00:00Z", "ends_at": "2026-11-18T01:00:00Z"}
    return {"text": text("Xin chào"), "spoken": True} | span


def _fresh_code(two: TwoCentres, **more: Any) -> dict[str, Any]:
    return {"code": start_pairing(two.site).code, "name": new_id()} | more


def _said_by_screen(_: TwoCentres) -> dict[str, Any]:
    seen = {"visible": True, "muted": False, "connected": True, "width": 1920, "height": 1080}
    return {"layout": "board", "version": 1, "seq": 1} | seen


def _said_by_kiosk(two: TwoCentres) -> dict[str, Any]:
    counts = {"slips_waiting": 0, "to_hand_in": 0, "up_seconds": 1}
    return {"version": "1", **counts, "reprinted": [{"id": two.there.reprint, "done": True}]}


# What a route is sent; those that are missing get an empty object.
BODIES: dict[str, Callable[[TwoCentres], Any]] = {
    "kiosk.post_ticket": _tap,
    "kiosk.post_trial_number": lambda _: {"request_id": new_id()},
    "kiosk.post_offline": lambda two: [
        _tap(two, number=f"{prefix}001", issued_at="2026-11-16T00:59:00Z") for prefix in two.offline_prefixes
    ],
    "kiosk.report": _said_by_kiosk,
    "counter.next_visitor": lambda two: {"request_id": f"{two.there.word}-press"},
    "counter.call_ticket": lambda two: {"ticket_id": two.there.waiting()},
    "counter.transfer": lambda two: {"staff": two.there.people["clerk"].name},
    "counter.add_next_department": lambda _: {"department": "HT"},
    "hall.report": _said_by_screen,
    "hall.give_rating": lambda two: {"call_id": two.there.rated, "score": 5},
    "hall.speaker": lambda _: {"screen": "a-screen-of-ours"},
    "hall.announced": lambda two: {"seqs": list(range(1, len(two.there.tickets) + 1)), "spoken": True},
    "numbers.print_slip": lambda two: {"request_id": new_id(), "kiosk_id": two.there.kiosk.id},
    "admin.reprint": lambda _: {"request_id": new_id()},
    "admin.set_priority": lambda _: {"request_id": new_id(), "reason": "elderly"},
    "admin.take_out": lambda _: {"request_id": new_id()},
    "admin.move": lambda _: {"request_id": new_id(), "counter": "1"},
    "confirmations.clock": lambda _: {"day": "2026-11-16"},
    "admin.announce": _announcement,
    "admin.change_announcement": _announcement,
    "admin.pair_screen": _fresh_code,
    "admin.change_screen": lambda _: {"name": new_id()},
    "people.rename_device": lambda _: {"name": new_id()},
    "people.pair_device": lambda two: _fresh_code(two, kind="counter", counter="1"),
    "people.add_staff": lambda _: {"name": new_id(), "role": "clerk"},
    "people.change_staff": lambda _: {"role": "hall"},
}
FORMS: dict[str, Callable[[TwoCentres], dict[str, str]]] = {
    "sign_in.enter_with_pin": lambda two: {"name": two.there.people["clerk"].name, "pin": PIN},
    "account.new_password": lambda _: {"old": PASSWORD, "new": "mot cua ba cua", "again": "mot cua ba cua"},
    "second_factor.start": lambda _: {"old": PASSWORD},
    "account.new_pin": lambda _: {"old": PASSWORD, "pin": "135791"},
}


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoCentres]:
    folder = tmp_path_factory.mktemp("two")
    server = {"database": f"sqlite:///{folder}/hall.db", "always_open": True, **OFTEN}
    (folder / "khac").mkdir()
    (folder / "khac" / "anh.png").write_bytes(b"a picture of zzbzzb")
    site = create_context(
        load_settings(server=server, hall={"public": False, "media_dir": str(folder)}), Clock(), create=True
    )
    app = create_app(site)
    app.config["WTF_CSRF_METHODS"] = []  # what is tried here is who may, not from which page
    with pytest.MonkeyPatch.context() as patched:  # how slowly a password is hashed is tried elsewhere
        patched.setattr(staff, "_hasher", PasswordHasher(time_cost=1, memory_cost=64))
        yield TwoCentres(site, app, Centre(site, "day", "hhh", "A"), Centre(site, "khac", "zzbzzb", "Z"))
    site.engine.dispose()


def doors(app: OpenAPI) -> list[tuple[Rule, str]]:
    """Every route with each of its methods; the administration's, which send people and devices away, last."""
    found = [
        (rule, method) for rule in app.url_map.iter_rules() for method in (rule.methods or set()) & {"GET", "POST"}
    ]
    assert {method for rule, _ in found for method in rule.methods or ()} <= {"GET", "HEAD", "OPTIONS", "POST"}
    return sorted(found, key=lambda door: (door[1], "/admin/" in door[0].rule, door[0].rule))


def test_what_belongs_to_no_centre_are_routes_that_there_are(two: TwoCentres) -> None:
    assert set(OF_NO_CENTRE) <= {rule.endpoint for rule, _ in doors(two.app)}


def test_no_call_of_another_centre_is_spoken(two: TwoCentres) -> None:
    for _ in range(3):
        two.there.prepare()
    rule = next(rule for rule, _ in doors(two.app) if rule.endpoint == "hall.voice")
    asked = Asked(f"/api/v1/hall/voice/{two.there.call.seq}.mp3?centre={two.there.code}")
    assert two.ask(rule, "GET", asked, two.here, "display")[0] == 404
    assert two.ask(rule, "GET", asked, two.there, "display")[0] != 404


def test_the_speakers_of_two_centres_do_not_silence_each_other(two: TwoCentres) -> None:
    rule = next(rule for rule, _ in doors(two.app) if rule.endpoint == "hall.speaker")
    for centre in (two.here, two.there):
        status, body = two.ask(rule, "POST", Asked(rule.rule, {"screen": f"screen-{centre.code}"}), centre, "display")
        assert (status, json.loads(body)["speak"]) == (200, True)


def test_no_route_shows_or_changes_anything_of_another_centre(two: TwoCentres) -> None:
    # The last one: in the end the other centre's own people have sent their devices away.
    wrong = []
    everybody = [who for who in two.here.book if who != Role.PROVINCE]  # who sees every centre by right
    for rule, method in doors(two.app):
        if rule.endpoint in OF_NO_CENTRE:
            continue
        for centre in (two.here, two.there):
            centre.prepare()
            centre.finish()
            if rule.endpoint != "hall.ask_rating":  # the next call ends the question how the visit was
                centre.prepare()
        was, heard = two.there.rows(), set()
        for who in [*everybody, "anyone"]:
            for asked in two.requests(rule):
                body = two.ask(rule, method, asked, two.here, who)[1]
                heard.add(body)
                if seen := set(MARK.findall(body)) - asked.marks():
                    wrong.append(f"{method} {asked.path}: {who} sees {sorted(seen)}")
        now = two.there.rows()
        wrong += [f"{method} {rule.rule} changed {name}" for name, rows in now.items() if rows != was[name]]
        if not any(is_for(two, rule, method, who, heard, now) for who in two.there.book):
            wrong.append(f"{method} {rule.rule}: not even its own people see or change anything: fill it in here")
    assert wrong == [], "\n".join(wrong)


def is_for(two: TwoCentres, rule: Rule, method: str, who: str, heard: set[str], was: Any) -> bool:
    """Whether `who` of the other centre itself sees or changes something of it, so that the request was a good one.

    `heard`: what the strangers were told; `was`: the rows, which no refused request changes.
    """
    for asked in two.requests(rule):
        status, body = two.ask(rule, method, asked, two.there, who)
        sees = set(MARK.findall(body)) - asked.marks() or (method == "GET" and body not in heard)
        if status < 400 and (sees or two.there.rows() != was):
            return True
    return False
