"""Staff sign in with a password, or with a PIN at a counter whose device is enrolled; Flask-Login keeps who it is."""

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Blueprint, Flask, redirect, render_template, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from display_server.services.core.actors import Actor
from display_server.services.core.centres import find_centre, get_catalogue
from display_server.services.errors import NotFound, Unauthenticated
from display_server.services.staff.authentication import (
    centres_to_choose,
    known_form,
    names_with_pin,
    sign_in_with_pin,
    welcome,
)
from display_server.services.staff.authentication import sign_in as check_password
from display_server.services.staff.second_factor import factor_state
from display_server.services.staff.sessions import Session, begin_session, find_session
from display_server.services.staff.sessions import sign_out as end_session
from display_server.services.staff.sign_in_limits import Locked
from display_server.services.staff.staff import StaffMember
from display_server.web.auth.authorization import COUNTER, screen, site, staff_actor
from display_server.web.auth.landing import landing, safe_next
from display_server.web.auth.rate_limit import check_wrong, count_wrong
from display_server.web.auth.request_source import remember, remembered, source

KEY = "key"  # of the session on the server, in the cookie
NO_MORE = ("single sign-on", "pin")  # ways in that ask for no second factor of ours

sign_in = Blueprint("sign_in", __name__)
logins = LoginManager()


class SignedIn(UserMixin):  # type: ignore[misc]  # the library has no types
    """Flask-Login's user: one of our staff.

    `must_enrol`: their role needs a second factor, and they have none yet. `session_id`: None at the sign-in itself.
    """

    def __init__(
        self, member: StaffMember, how: str, *, has_second_factor: bool, session_id: int | None = None
    ) -> None:
        self.member = member
        self.session_id = session_id
        self.how = how
        is_asked = member.role in site().settings.server.second_factor_roles and how not in NO_MORE
        self.must_enrol = is_asked and not has_second_factor

    def get_id(self) -> str:
        return str(self.member.id)


def register(app: Flask) -> None:
    logins.init_app(app, add_context_processor=False)  # an error page is shown also without a database
    logins.login_view = "sign_in.form"
    logins.user_loader(_load)
    app.register_blueprint(sign_in)


def _load(member_id: str) -> SignedIn | None:
    """Who the session says, unless it was ended, has had its time, or its device was revoked."""
    now = time.time()
    # A clock that was ahead and is right again: a session of the future would last until then.
    if abs(now - session.get("since", 0)) > _longest_seconds() or now > session.get("until", now):
        return None
    found = find_session(site(), str(session.get(KEY, "")))
    if found is None or str(found.member.id) != member_id:
        return None
    if "device" in session and session["device"] != getattr(_device(), "id", None):
        return None
    return _signed_in(found)


def session_seconds_left() -> float:
    """How long the session of this request lasts at most."""
    now = time.time()
    return float(min(session.get("since", 0) + _longest_seconds(), session.get("until", float("inf"))) - now)


def _longest_seconds() -> float:
    return site().settings.server.session_hours * 3600


def refresh() -> None:
    """The member as they are now, after a change of their own in this request."""
    found = find_session(site(), str(session.get(KEY, "")))
    if found is not None:
        login_user(_signed_in(found))


def _signed_in(found: Session) -> SignedIn:
    # Whoever needs no password here need not change one.
    member = replace(found.member, must_change=False) if found.how == "single sign-on" else found.member
    return SignedIn(member, found.how, has_second_factor=found.has_second_factor, session_id=found.id)


@sign_in.get("/sign-in")
def form() -> Any:
    return show_form()


@sign_in.post("/sign-in")
def submit_password() -> Any:
    """A wrong name, a wrong password and a name of two centres are told apart by nobody."""
    name, limit = known_form(request.form.get("name", "")), site().settings.server.sign_in_limit
    who = source(name)
    check_wrong(limit, who)
    try:
        member = check_password(site(), name, request.form.get("password", ""), who, _chosen_centre())
    except Locked as locked:
        return locked_out(locked, name)
    if member is None:
        count_wrong(limit, who)
        return refused(name, "wrong")
    if factor_state(site(), member.id).is_on:
        return ask_for_code(member, request.form.get("next"))
    return start_session(member, request.form.get("next"), "password")


@sign_in.post("/sign-in/pin")
def enter_with_pin() -> Any:
    """Only at a counter's device that is enrolled; the session ends with the device's enrolment."""
    device, limit = _device(), site().settings.server.sign_in_limit
    name = known_form(request.form.get("name", ""))
    if device is None:
        return show_form(error="wrong", name=name, centres=[]), 401
    who = source(name)
    check_wrong(limit, who)
    try:
        member = sign_in_with_pin(site(), device, name, request.form.get("pin", ""), who)
    except Locked as locked:
        return locked_out(locked, name)
    if member is None:
        count_wrong(limit, who)
        return refused(name, "wrong-pin")
    return start_session(member, request.form.get("next"), "pin", device)


@sign_in.post("/sign-out")
def sign_out() -> Any:
    """The session ends on the server: a copy of its cookie is good no more either. Who is out already stays so."""
    if current_user.is_authenticated:
        end_session(site(), staff_actor(), str(session.get(KEY, "")))
        logout_user()
    session.clear()
    return redirect(url_for("pages.start"))


def start_session(member: StaffMember, wanted: str | None, how: str, device: Actor | None = None) -> Any:
    """A fresh session for `member`, ended with `device`'s enrolment, if one is given; on to the `wanted` page."""
    session.clear()  # nothing of an earlier visitor of this browser goes on
    session.permanent = True
    now = site().clock()
    session["since"] = int(time.time())
    catalogue = get_catalogue(site(), member.centre_id)
    closing = catalogue.hours.day_ends_at(now)
    if closing is not None and not site().settings.server.always_open:
        grace = site().settings.server.session_after_closing_minutes * 60
        session["until"] = int(time.time() + (closing - now).total_seconds() + grace)
    if device is not None:
        session["device"] = device.id
    who = source(member.name)
    longest = timedelta(hours=site().settings.server.session_hours)
    agent = request.user_agent.string
    session[KEY] = begin_session(site(), member, how, who.address, agent, longest)
    welcome(site(), member, how, who, **({"device": device.id} if device is not None else {}))
    has_factor = factor_state(site(), member.id).is_on
    user = SignedIn(member, how, has_second_factor=has_factor)
    login_user(user)
    first = member.must_change and how != "single sign-on"
    target = url_for("account.show") if first or user.must_enrol else landing(member, wanted)
    return remember(redirect(target), member.name, catalogue.code)


def ask_for_code(member: StaffMember, wanted: str | None) -> Any:
    """The password was right; nobody is signed in before a code is."""
    session.clear()
    session["half"] = {
        "member": member.id,
        "sessions": member.sessions,
        "at": int(time.time()),
        "next": safe_next(wanted),
    }
    return redirect(url_for("second_factor.form", lang=request.args.get("lang")))


def _chosen_centre() -> int | None:
    """The centre that was chosen, or that this device belongs to; it counts only where a name is not enough."""
    device = _screen()
    code = request.form.get("centre") or None
    if device is not None or code is None:
        return device.centre_id if device is not None else None
    try:
        return find_centre(site(), code)
    except NotFound:
        return None


def _device() -> Actor | None:
    """The counter's device that this browser is, if it is enrolled."""
    found = _screen()
    return found if found is not None and found.kind == COUNTER else None


def _screen() -> Actor | None:
    try:
        return screen()
    except Unauthenticated:
        return None


def show_form(**values: Any) -> str:
    """The sign-in page. `error`: what was wrong; `next`: where to go afterwards.

    An enrolled device knows its centre; elsewhere one chooses, where the server holds several.
    """
    device = _device()
    centres = values.pop("centres", centres_to_choose(site()) if _screen() is None else [])
    return render_template(
        "sign_in.html",
        **({"error": None, "name": "", "wait": 0, "next": safe_next(request.values.get("next"))} | values),
        device=device,
        names=names_with_pin(site(), device) if device is not None else [],
        centres=centres,
        centre=request.form.get("centre") or str(remembered().get("centre", "")),
    )


def sign_in_again() -> Any:
    """A form came without the session that it was made in: the cookie is gone, or the session is over.

    Who wanted to sign out is out; everybody else gets the sign-in form, and a session to send it in.
    """
    if request.path == url_for("sign_in.sign_out"):
        return redirect(url_for("pages.start"))
    wanted = request.form.get("next") if request.path.startswith("/sign-in") else url_for("account.show")
    name = request.form.get("name", "")[:64]
    return show_form(error="page-old", name=name, next=safe_next(wanted)), 400


def refused(name: str, error: str) -> Any:
    return show_form(error=error, name=name), 401


def locked_out(locked: Locked, name: str) -> Any:
    seconds = locked.fields["retry_after"]
    return show_form(error="locked", name=name, wait=seconds), 429, {"Retry-After": str(seconds)}


def user() -> SignedIn:
    """Who is signed in."""
    found: SignedIn = current_user
    return found
