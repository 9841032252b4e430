"""Who may use which endpoint: one table, checked before anything else of a request is looked at."""

from dataclasses import replace

from flask import Request, current_app, g, request
from flask_login import current_user
from flask_wtf import CSRFProtect

from display_server.services.core.actors import Actor
from display_server.services.core.centres import find_centre
from display_server.services.core.context import ServerContext
from display_server.services.devices.devices import DeviceAuthenticator
from display_server.services.errors import Forbidden, Unauthenticated

csrf = CSRFProtect()

KIOSK, COUNTER, DISPLAY, BUTTON, STAFF, ANYONE = "kiosk", "counter", "display", "button", "staff", "anyone"
DEVICES = frozenset({KIOSK, COUNTER, DISPLAY, BUTTON})
COUNTER_ACTORS = frozenset({COUNTER, BUTTON, STAFF})
# The hall's state is what everyone in the hall sees; `hall.public = false` asks for a token or a sign-in all the same.
HALL = DEVICES | {STAFF, ANYONE}

ENDPOINT_PERMISSIONS: dict[str, frozenset[str]] = {
    "kiosk.get_centre": frozenset({KIOSK, STAFF}),
    "kiosk.get_emblem": HALL,
    "kiosk.post_ticket": frozenset({KIOSK, STAFF}),
    "kiosk.post_trial_number": frozenset({KIOSK}),
    "kiosk.post_offline": frozenset({KIOSK}),
    "kiosk.report": frozenset({KIOSK}),
    "kiosk.get_ticket": frozenset({KIOSK, COUNTER, STAFF}),
    "kiosk.get_slip": frozenset({KIOSK}),
    "counter.list_all": COUNTER_ACTORS,
    "counter.show": COUNTER_ACTORS,
    "counter.stream": frozenset({STAFF}),
    "counter.next_visitor": COUNTER_ACTORS,
    "counter.recall": COUNTER_ACTORS,
    "counter.start": COUNTER_ACTORS,
    "counter.finish": COUNTER_ACTORS,
    "counter.no_show": COUNTER_ACTORS,
    "counter.park": COUNTER_ACTORS,
    "counter.cancel": COUNTER_ACTORS,
    "counter.call_ticket": COUNTER_ACTORS,
    "counter.transfer": COUNTER_ACTORS,
    "counter.add_next_department": COUNTER_ACTORS,
    "counter.undo": COUNTER_ACTORS,
    "counter.open_counter": COUNTER_ACTORS,
    "counter.close_counter": COUNTER_ACTORS,
    "counter.take_break": COUNTER_ACTORS,
    "button.show": frozenset({BUTTON}),
    "button.press_key": frozenset({BUTTON}),
    "hall.state": HALL,
    "hall.stream": HALL,
    "hall.calls_after": HALL,
    "hall.directory": HALL,
    "hall.media": HALL,
    "hall.media_file": HALL,
    "hall.report": frozenset({DISPLAY}),
    "hall.announced": frozenset({DISPLAY}),
    "hall.ask_rating": frozenset({DISPLAY}),
    "hall.give_rating": frozenset({DISPLAY}),
    "hall.voice": HALL,
    "hall.voice_chime": HALL,
    "hall.voice_notice": HALL,
    "hall.speaker": HALL,
    "numbers.show": frozenset({STAFF}),
    "numbers.find": frozenset({STAFF}),
    "numbers.print_slip": frozenset({STAFF}),
    "admin.overview": frozenset({STAFF}),
    "admin.number_history": frozenset({STAFF}),
    "admin.why": frozenset({STAFF}),
    "admin.ratings": frozenset({STAFF}),
    "admin.kiosks": frozenset({STAFF}),
    "admin.reprint": frozenset({STAFF}),
    "admin.set_priority": frozenset({STAFF}),
    "admin.take_out": frozenset({STAFF}),
    "admin.move": frozenset({STAFF}),
    "admin.screens": frozenset({STAFF}),
    "admin.pair_screen": frozenset({STAFF}),
    "admin.change_screen": frozenset({STAFF}),
    "admin.revoke_screen": frozenset({STAFF}),
    "admin.province": frozenset({STAFF}),
    "admin.announcements": frozenset({STAFF}),
    "admin.announce": frozenset({STAFF}),
    "admin.change_announcement": frozenset({STAFF}),
    "admin.end_announcement": frozenset({STAFF}),
    "confirmations.sending": frozenset({STAFF}),
    "confirmations.clock": frozenset({STAFF}),
    "devices.rotate": DEVICES,
    "people.devices": frozenset({STAFF}),
    "people.pair_device": frozenset({STAFF}),
    "people.rename_device": frozenset({STAFF}),
    "people.revoke_device": frozenset({STAFF}),
    "people.staff": frozenset({STAFF}),
    "people.add_staff": frozenset({STAFF}),
    "people.change_staff": frozenset({STAFF}),
    "people.reset_password": frozenset({STAFF}),
    "people.sign_out": frozenset({STAFF}),
    "sign_ins.sessions": frozenset({STAFF}),
    "sign_ins.end_session": frozenset({STAFF}),
    "sign_ins.reset_second_factor": frozenset({STAFF}),
    "sign_ins.identities": frozenset({STAFF}),
    "sign_ins.confirm_identity": frozenset({STAFF}),
    "sign_ins.remove_identity": frozenset({STAFF}),
}
# A device that is not enrolled yet; the token of its pairing is checked by the endpoint itself.
PUBLIC_ENDPOINTS = {"devices.start", "devices.state"}
CENTRE_ROLES = {"clerk", "hall", "supervisor", "administrator"}
COUNTER_ROLES = {"clerk", "supervisor", "administrator"}  # hall staff look, and call nobody
STAFF_ROLES = {
    "counter.next_visitor": COUNTER_ROLES,
    "counter.recall": COUNTER_ROLES,
    "counter.start": COUNTER_ROLES,
    "counter.finish": COUNTER_ROLES,
    "counter.no_show": COUNTER_ROLES,
    "counter.park": COUNTER_ROLES,
    "counter.call_ticket": COUNTER_ROLES,
    "counter.transfer": COUNTER_ROLES,
    "counter.add_next_department": COUNTER_ROLES,
    "counter.undo": COUNTER_ROLES,
    "counter.open_counter": COUNTER_ROLES,
    "counter.close_counter": COUNTER_ROLES,
    "counter.take_break": COUNTER_ROLES,
    "kiosk.post_ticket": CENTRE_ROLES,
    "numbers.show": CENTRE_ROLES,
    "numbers.find": CENTRE_ROLES,
    "numbers.print_slip": CENTRE_ROLES,
    "admin.overview": {"hall", "supervisor", "administrator"},
    "admin.ratings": {"supervisor", "administrator"},
    "admin.number_history": {"hall", "supervisor", "administrator"},
    "admin.why": {"hall", "supervisor", "administrator"},
    "admin.kiosks": {"hall", "supervisor", "administrator"},
    "admin.reprint": {"hall", "supervisor", "administrator"},
    "admin.set_priority": {"hall", "supervisor", "administrator"},
    "admin.take_out": {"hall", "supervisor", "administrator"},
    "admin.move": {"supervisor", "administrator"},
    "admin.screens": {"hall", "supervisor", "administrator"},
    "admin.pair_screen": {"hall", "supervisor", "administrator"},
    "admin.change_screen": {"hall", "supervisor", "administrator"},
    "admin.revoke_screen": {"hall", "supervisor", "administrator"},
    "admin.announcements": {"hall", "supervisor", "administrator"},
    "admin.announce": {"hall", "supervisor", "administrator"},
    "admin.change_announcement": {"hall", "supervisor", "administrator"},
    "admin.end_announcement": {"hall", "supervisor", "administrator"},
    "admin.province": {"province"},
    "confirmations.sending": {"administrator"},
    "confirmations.clock": {"administrator"},
    "people.devices": {"administrator"},
    "people.pair_device": {"administrator"},
    "people.rename_device": {"administrator"},
    "people.revoke_device": {"administrator"},
    "people.staff": {"administrator"},
    "people.add_staff": {"administrator"},
    "people.change_staff": {"administrator"},
    "people.reset_password": {"administrator"},
    "people.sign_out": {"administrator"},
    "sign_ins.sessions": {"administrator"},
    "sign_ins.end_session": {"administrator"},
    "sign_ins.reset_second_factor": {"administrator"},
    "sign_ins.identities": {"administrator"},
    "sign_ins.confirm_identity": {"administrator"},
    "sign_ins.remove_identity": {"administrator"},
}
# Of these clerks have none unless `counter.clerks_give_numbers` is on.
GIVING_NUMBERS = {"kiosk.post_ticket", "numbers.show", "numbers.find", "numbers.print_slip"}
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
# What a screen says of itself, under its cookie. Their JSON bodies cannot be sent by another site's form.
DISPLAY_ENDPOINTS = {"hall.report", "hall.announced", "hall.speaker", "hall.ask_rating", "hall.give_rating"}
DEVICE_COOKIE = "device"
API = "/api/"


class PasswordChangeRequired(Forbidden):
    problem = "change-password"
    title = "The first password must be changed"


class SecondFactorIsFirst(Forbidden):
    problem = "second-factor"
    title = "Your role needs a second factor"


def site() -> ServerContext:
    """The site that this server serves."""
    found: ServerContext = current_app.extensions["motcua_site"]
    return found


def actor() -> Actor:
    """Who is asking, once `authorize_request` has let them in."""
    found: Actor = g.actor
    return found


def authorize_request() -> None:
    """Before every request of the API: 401 without a valid token or sign-in, 403 with the wrong one.

    An endpoint that stands in no table is shut to everybody.
    """
    endpoint = request.endpoint
    if endpoint is None or endpoint in PUBLIC_ENDPOINTS or not request.path.startswith(API):
        return  # no route leads there: 404 or 405
    allowed = ENDPOINT_PERMISSIONS.get(endpoint, frozenset())
    who = _authenticate(request)
    if who is None:
        if ANYONE not in allowed or not site().settings.hall.public:
            raise Unauthenticated("send a device's token as 'Authorization: Bearer TOKEN', or sign in")
        who = Actor(ANYONE, 0, ANYONE, find_centre(site(), request.args.get("centre")))
    if who.kind not in allowed or not _role_fits(who):
        raise Forbidden(f"a {who.role or who.kind} may not use this endpoint")
    g.actor = replace(who, address=request.remote_addr)


def _authenticate(asked: Request) -> Actor | None:
    header = asked.headers.get("Authorization")
    if header is not None:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("the Authorization header must be 'Bearer TOKEN'")
        return _devices().actor(token.strip(), asked.user_agent.string)
    cookie = asked.cookies.get(DEVICE_COOKIE)
    if cookie and asked.endpoint in DISPLAY_ENDPOINTS:
        return _devices().actor(cookie, asked.user_agent.string)
    if current_user.is_authenticated:
        if asked.method not in SAFE_METHODS and asked.endpoint not in DISPLAY_ENDPOINTS:
            csrf.protect()
        if current_user.member.must_change:
            raise PasswordChangeRequired("change your first password before anything else")
        if current_user.must_enrol:
            raise SecondFactorIsFirst("set up your second factor on /account before anything else")
        return staff_actor()
    return _devices().actor(cookie, asked.user_agent.string) if cookie and asked.method in SAFE_METHODS else None


def staff_actor() -> Actor:
    """Who is signed in, and from where."""
    found: Actor = current_user.member.actor()
    return replace(found, address=request.remote_addr)


def screen() -> Actor | None:
    """The device whose cookie a page's request carries. Raises `Unauthenticated` when it was revoked."""
    cookie = request.cookies.get(DEVICE_COOKIE)
    return _devices().actor(cookie, request.user_agent.string) if cookie else None


def _devices() -> DeviceAuthenticator:
    book: DeviceAuthenticator = current_app.extensions["motcua_devices"]
    return book


def _role_fits(who: Actor) -> bool:
    return who.kind != STAFF or role_may_use(who.role, request.endpoint or "")


def role_may_use(role: str | None, endpoint: str) -> bool:
    """Whether a member of staff with this role may use an endpoint of the API."""
    if role == "clerk" and endpoint in GIVING_NUMBERS and not site().settings.counter.clerks_give_numbers:
        return False
    return role in STAFF_ROLES.get(endpoint, CENTRE_ROLES)
