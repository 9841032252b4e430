"""Staff sign in with a password, or with a PIN at a counter whose device is enrolled; Flask-Login keeps the session."""

import time
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, redirect, render_template, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user, logout_user

from config.text import has_controls
from display_server.services.actors import Actor
from display_server.services.errors import Invalid, Unauthenticated
from display_server.services.hall import catalogue_of
from display_server.services.sign_ins import Locked, names_with_pin, note_sign_out, sign_in_with_pin
from display_server.services.sign_ins import sign_in as check_password
from display_server.services.staff import (
    Member,
    Role,
    change_password,
    find_member,
    set_pin,
    sign_out_everywhere,
)
from display_server.web.access import COUNTER, screen, site, staff_actor
from display_server.web.rate_limit import count_request

PROVINCE_PAGE = "/admin/province"  # the one page of who belongs to no hall

sign_in = Blueprint("sign_in", __name__)
logins = LoginManager()


class SignedIn(UserMixin):  # type: ignore[misc]  # the library has no types
    """Flask-Login's user: one of our staff."""

    def __init__(self, member: Member) -> None:
        self.member = member

    def get_id(self) -> str:
        return str(self.member.id)


def register(app: Flask) -> None:
    logins.init_app(app)
    logins.login_view = "sign_in.form"
    logins.user_loader(_load)
    app.register_blueprint(sign_in)


def _load(member_id: str) -> SignedIn | None:
    """Who the session says, unless it has had its time, was ended everywhere, or its device was revoked."""
    now = time.time()
    longest = site().settings.server.session_hours * 3600
    # A changed password renews the cookie, so its own age is not enough.
    if now - session.get("since", 0) > longest or now > session.get("until", now):
        return None
    member = find_member(site(), int(member_id)) if member_id.isdecimal() else None
    if member is None or member.sessions != session.get("sessions", 0):
        return None
    if "device" in session and session["device"] != getattr(_device(), "id", None):
        return None
    if "single_sign_on" in session:  # whoever needs no password here need not change one
        member = replace(member, must_change=False)
    return SignedIn(member)


@sign_in.get("/sign-in")
def form() -> Any:
    return _form()


@sign_in.post("/sign-in")
def enter() -> Any:
    """A wrong name and a wrong password are told apart by nobody."""
    count_request(site().settings.server.sign_in_limit)
    name = request.form.get("name", "")
    try:
        member = check_password(site(), name, request.form.get("password", ""), request.remote_addr or "")
    except Locked as locked:
        return _locked(locked, name)
    return refused(name, "wrong") if member is None else let_in(member, request.form.get("next"))


@sign_in.post("/sign-in/pin")
def enter_with_pin() -> Any:
    """Only at a counter's device that is enrolled; the session ends with the device's enrolment."""
    count_request(site().settings.server.sign_in_limit)
    device = _device()
    name = request.form.get("name", "")
    if device is None:
        return refused(name, "wrong")
    try:
        member = sign_in_with_pin(site(), device, name, request.form.get("pin", ""), request.remote_addr or "")
    except Locked as locked:
        return _locked(locked, name)
    return refused(name, "wrong-pin") if member is None else let_in(member, request.form.get("next"), device)


@sign_in.post("/sign-out")
@login_required  # type: ignore[untyped-decorator]  # the library has no types
def leave() -> Any:
    note_sign_out(site(), staff_actor())
    logout_user()
    session.clear()
    return redirect(url_for("pages.start"))


@sign_in.get("/account")
@login_required  # type: ignore[untyped-decorator]  # the library has no types
def account() -> Any:
    """Staff's own password and PIN."""
    return _account()


@sign_in.post("/account/password")
@login_required  # type: ignore[untyped-decorator]  # the library has no types
def new_password() -> Any:
    """Every other session of this person ends; this one goes on."""
    count_request(site().settings.server.sign_in_limit)
    new = request.form.get("new", "")
    if new != request.form.get("again", ""):
        return _account(error="again"), 422
    try:
        change_password(site(), staff_actor(), request.form.get("old", ""), new)
    except Invalid as error:
        return _account(error=_WRONG_PASSWORD.get(str(error), "easy")), 422
    _keep_session()
    return _account(done="password")


@sign_in.post("/account/pin")
@login_required  # type: ignore[untyped-decorator]  # the library has no types
def new_pin() -> Any:
    count_request(site().settings.server.sign_in_limit)
    try:
        set_pin(site(), staff_actor(), request.form.get("old", ""), request.form.get("pin", ""))
    except Invalid as error:
        return _account(error=_WRONG_PASSWORD.get(str(error), "pin")), 422
    return _account(done="pin")


@sign_in.post("/account/sign-out-everywhere")
@login_required  # type: ignore[untyped-decorator]  # the library has no types
def leave_everywhere() -> Any:
    sign_out_everywhere(site(), staff_actor(), current_user.member.id)
    session.clear()
    return redirect(url_for("pages.start"))


_WRONG_PASSWORD = {"the present password is wrong": "old"}


def let_in(member: Member, wanted: str | None, device: Actor | None = None) -> Any:
    """A fresh session for `member`, ended with `device`'s enrolment, if one is given; on to the `wanted` page."""
    target = safe_next(wanted)
    session.clear()  # nothing of an earlier visitor of this browser goes on
    session.permanent = True
    now = site().clock()
    session["since"] = int(time.time())
    session["sessions"] = member.sessions
    closing = catalogue_of(site(), member.centre_id).hours.day_ends_at(now)
    if closing is not None and not site().settings.server.always_open:
        grace = site().settings.server.session_after_closing_minutes * 60
        session["until"] = int(time.time() + (closing - now).total_seconds() + grace)
    if device is not None:
        session["device"] = device.id
    login_user(SignedIn(member))
    if member.must_change:
        return redirect(url_for("sign_in.account"))
    return redirect(PROVINCE_PAGE if member.role is Role.PROVINCE else target)


def _keep_session() -> None:
    member = find_member(site(), current_user.member.id)
    if member is not None:
        session["sessions"] = member.sessions
        login_user(SignedIn(member))


def _device() -> Actor | None:
    """The counter's device that this browser is, if it is enrolled."""
    try:
        found = screen()
    except Unauthenticated:
        return None
    return found if found is not None and found.kind == COUNTER else None


def _form(**values: Any) -> Any:
    device = _device()
    return render_template(
        "sign_in.html",
        **({"error": None, "name": "", "wait": 0} | values),
        next=safe_next(request.values.get("next")),
        device=device,
        names=names_with_pin(site(), device) if device is not None else [],
    )


def refused(name: str, error: str) -> Any:
    return _form(error=error, name=name), 401


def _locked(locked: Locked, name: str) -> Any:
    seconds = locked.fields["retry_after"]
    return _form(error="locked", name=name, wait=seconds), 429, {"Retry-After": str(seconds)}


def _account(error: str | None = None, done: str | None = None) -> Any:
    member = current_user.member
    return render_template("account.html", member=member, centre=_centre(member), error=error, done=done)


def _centre(member: Member) -> Any:
    return catalogue_of(site(), member.centre_id)


def safe_next(target: str | None) -> str:
    """Only a path of our own, so that nobody is led away by a crafted link."""
    if not target or has_controls(target) or "\\" in target or not target.startswith("/") or target.startswith("//"):
        return "/counter"
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else "/counter"
