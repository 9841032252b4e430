"""Everybody's own sign-in: password, PIN, second factor, and where one is signed in."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_login import login_required

from display_server.services.core.centres import get_catalogue
from display_server.services.errors import Invalid
from display_server.services.staff.second_factor import factor_state
from display_server.services.staff.sessions import end_session, keep_session, list_sessions
from display_server.services.staff.staff import WRONG_PASSWORD, change_password, set_pin, sign_out_everywhere
from display_server.web.auth.authorization import site, staff_actor
from display_server.web.auth.rate_limit import check_wrong, count_wrong
from display_server.web.auth.request_source import source
from display_server.web.auth.sign_in import KEY, refresh, user

account = Blueprint("account", __name__)


@account.before_request
@login_required  # type: ignore[untyped-decorator]  # the library has no types
def signed_in_only() -> None:
    """Everything here is one's own."""


@account.get("/account")
def show() -> Any:
    return page()


@account.post("/account/password")
def new_password() -> Any:
    """Every other session of this person ends; this one goes on."""
    new = request.form.get("new", "")
    if new != request.form.get("again", ""):
        return page(error="again"), 422
    error = asked_for_password(lambda: change_password(site(), staff_actor(), request.form.get("old", ""), new))
    if error is not None:
        return page(error="old" if error == WRONG_PASSWORD else "easy"), 422
    keep_session(site(), user().member.id, str(session.get(KEY, "")))
    refresh()
    return page(done="password")


@account.post("/account/pin")
def new_pin() -> Any:
    error = asked_for_password(
        lambda: set_pin(site(), staff_actor(), request.form.get("old", ""), request.form.get("pin", ""))
    )
    if error is not None:
        return page(error="old" if error == WRONG_PASSWORD else "pin"), 422
    return page(done="pin")


@account.post("/account/sessions/<int:session_id>/end")
def leave_one(session_id: int) -> Any:
    """One session, say on a computer that was left; it may be this one."""
    end_session(site(), staff_actor(), user().member.id, session_id)
    return redirect(url_for("account.show"), 303)


@account.post("/account/sign-out-everywhere")
def leave_everywhere() -> Any:
    sign_out_everywhere(site(), staff_actor(), user().member.id)
    session.clear()
    return redirect(url_for("pages.start"))


def page(error: str | None = None, done: str | None = None, **values: Any) -> str:
    """The page of one's own sign-in. `error`, `done`: what to say on top."""
    member = user().member
    catalogue = get_catalogue(site(), member.centre_id)
    own = str(session.get(KEY, ""))
    return render_template(
        "account.html",
        member=member,
        must_enrol=user().must_enrol,
        how=user().how,
        centre=catalogue,
        zone=ZoneInfo(catalogue.timezone),
        sessions=list_sessions(site(), staff_actor(), member.id, own).sessions,
        factor=factor_state(site(), member.id),
        error=error,
        done=done,
        **values,
    )


def asked_for_password(work: Callable[[], object]) -> str | None:
    """Do what needs the present password; what was wrong with it, if it was. Wrong passwords are counted."""
    limit, who = site().settings.server.sign_in_limit, source(user().member.name)
    check_wrong(limit, who)
    try:
        work()
    except Invalid as error:
        if str(error) == WRONG_PASSWORD:
            count_wrong(limit, who)
        return str(error)
    return None
