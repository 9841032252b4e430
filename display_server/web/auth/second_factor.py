"""The second factor's pages: the code after the password, and one's own settings of it."""

import time
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_login import login_required

from display_server.services.core.centres import get_catalogue
from display_server.services.errors import InvalidTransition
from display_server.services.keys.keys import UnreadableField
from display_server.services.staff import second_factor as services
from display_server.services.staff.second_factor import Enrolment, WrongCode, check_code, factor_state
from display_server.services.staff.sessions import keep_session
from display_server.services.staff.sign_in_limits import Locked
from display_server.services.staff.staff import WRONG_PASSWORD, StaffMember, check_own_password, find_member
from display_server.web.auth.account import asked_for_password
from display_server.web.auth.authorization import site, staff_actor
from display_server.web.auth.rate_limit import check_wrong, count_wrong
from display_server.web.auth.request_source import source
from display_server.web.auth.sign_in import KEY, refresh, refused, start_session, user
from display_server.web.qr import qr_path

HALF_SECONDS = 300  # after the password was right, its code must come within this
HALF = "half"

second_factor = Blueprint("second_factor", __name__)


@second_factor.get("/sign-in/code")
def form() -> Any:
    """The second page of a sign-in."""
    return _code_page() if _half_in() is not None else refused("", "too-slow")


@second_factor.post("/sign-in/code")
def enter() -> Any:
    """A code of the app, or a recovery code; each is good once."""
    member = _half_in()
    if member is None:
        return refused("", "too-slow")
    limit, who = site().settings.server.sign_in_limit, source(member.name)
    check_wrong(limit, who)
    try:
        check_code(site(), member, request.form.get("code", "")[:64], who)
    except Locked as locked:
        seconds = locked.fields["retry_after"]
        return _code_page(error="locked", wait=seconds), 429, {"Retry-After": str(seconds)}
    except UnreadableField:
        return _code_page(error="unreadable"), 503
    except WrongCode:
        count_wrong(limit, who)
        return _code_page(error="wrong"), 401
    return start_session(member, session[HALF]["next"], "password")


def _half_in() -> StaffMember | None:
    """Whose password was right in this browser a moment ago, and has been neither changed nor ended since."""
    half = session.get(HALF)
    if half is None or not 0 <= time.time() - half["at"] <= HALF_SECONDS:
        return None
    member = find_member(site(), half["member"])
    return member if member is not None and member.sessions == half["sessions"] else None


def _code_page(**values: Any) -> str:
    member = _half_in()
    zone = ZoneInfo(get_catalogue(site(), member.centre_id).timezone) if member is not None else None
    now = site().clock().astimezone(zone)
    return render_template("second_factor_code.html", **({"error": None, "wait": 0, "now": now} | values))


@second_factor.before_request
def _own_pages() -> Any:
    if not request.path.startswith("/sign-in/"):
        return login_required(lambda: None)()
    return None


@second_factor.get("/account/second-factor")
def show() -> Any:
    """One's own second factor: whether it is on, and what can be done."""
    return page()


@second_factor.post("/account/second-factor/start")
def start() -> Any:
    """With the present password: a new secret, shown as a QR code, of which a code must come back."""
    if user().member.must_change:
        return redirect(url_for("account.show"))
    error = asked_for_password(lambda: check_own_password(site(), staff_actor(), request.form.get("old", "")))
    if error is not None:
        return page(error="old"), 422
    try:
        return page(enrolment=services.start_enrolment(site(), user().member, _centre_name()))
    except InvalidTransition:
        return page(), 409


@second_factor.post("/account/second-factor/confirm")
def confirm() -> Any:
    """The first code: it is on, and the recovery codes are shown this once."""
    try:
        codes = services.confirm_enrolment(site(), staff_actor(), request.form.get("code", "")[:64])
    except WrongCode:
        return page(enrolment=services.pending_enrolment(site(), user().member, _centre_name()), error="code"), 422
    except (InvalidTransition, UnreadableField):
        return page(error="again"), 409
    keep_session(site(), user().member.id, str(session.get(KEY, "")))
    refresh()
    return page(codes=codes)


@second_factor.post("/account/second-factor/codes")
def new_codes() -> Any:
    """With password and code: ten new recovery codes."""
    error = _password_and_code()
    if error is not None:
        return error
    return page(codes=services.renew_recovery_codes(site(), staff_actor()))


@second_factor.post("/account/second-factor/remove")
def remove() -> Any:
    """With password and code: the password alone is asked for again."""
    error = _password_and_code()
    if error is not None:
        return error
    services.remove_factor(site(), staff_actor())
    refresh()
    return page(done="removed")


def _password_and_code() -> Any:
    """None when both are right, else the answer that says what is not."""
    error = asked_for_password(lambda: check_own_password(site(), staff_actor(), request.form.get("old", "")))
    if error == WRONG_PASSWORD:
        return page(error="old"), 422
    limit, who = site().settings.server.sign_in_limit, source(user().member.name)
    check_wrong(limit, who)
    try:
        check_code(site(), user().member, request.form.get("code", "")[:64], who)
    except Locked as locked:
        return page(error="locked", wait=locked.fields["retry_after"]), 429
    except UnreadableField:
        return page(error="unreadable"), 503
    except WrongCode:
        count_wrong(limit, who)
        return page(error="code"), 422
    return None


def page(enrolment: Enrolment | None = None, **values: Any) -> str:
    """The page of one's own second factor. `enrolment`: one that waits for its first code."""
    member = user().member
    catalogue = get_catalogue(site(), member.centre_id)
    return render_template(
        "second_factor.html",
        **({"error": None, "done": None, "codes": None, "wait": 0} | values),
        member=member,
        centre=catalogue,
        must_enrol=user().must_enrol,
        how=user().how,
        state=factor_state(site(), member.id),
        enrolment=enrolment,
        qr=qr_path(enrolment.address) if enrolment is not None else None,
        now=site().clock().astimezone(ZoneInfo(catalogue.timezone)),
        recovery_codes=services.RECOVERY_CODES,
    )


def _centre_name() -> str:
    return str(get_catalogue(site(), user().member.centre_id).name["vi"])
