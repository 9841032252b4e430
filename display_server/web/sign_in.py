"""Staff sign in with name and password; Flask-Login keeps the session."""

import time
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, redirect, render_template, request, session, url_for
from flask_login import LoginManager, UserMixin, login_required, login_user, logout_user

from display_server.services.staff import Member, Role, find_member
from display_server.services.staff import sign_in as check_password
from display_server.web.access import site
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
    longest = site().settings.server.session_hours * 3600
    if time.time() - session.get("since", 0) > longest:  # each answer renews the cookie, so its own age is not enough
        return None
    member = find_member(site(), int(member_id)) if member_id.isdecimal() else None
    return SignedIn(member) if member is not None else None


@sign_in.get("/sign-in")
def form() -> Any:
    return render_template("sign_in.html", error=None, next=_safe_next(request.args.get("next")))


@sign_in.post("/sign-in")
def enter() -> Any:
    """A wrong name and a wrong password are told apart by nobody."""
    count_request(site().settings.server.sign_in_limit)
    target = _safe_next(request.form.get("next"))
    name, password = request.form.get("name", ""), request.form.get("password", "")
    member = check_password(site(), name.strip(), password)
    if member is None:
        return render_template("sign_in.html", error="wrong", next=target, name=name), 401
    session.clear()  # nothing of an earlier visitor of this browser goes on
    session.permanent = True
    session["since"] = int(time.time())
    login_user(SignedIn(member))
    return redirect(PROVINCE_PAGE if member.role is Role.PROVINCE else target)


@sign_in.post("/sign-out")
@login_required  # type: ignore[untyped-decorator]  # the library has no types
def leave() -> Any:
    logout_user()
    session.clear()
    return redirect(url_for("pages.start"))


def _safe_next(target: str | None) -> str:
    """Only a path of our own, so that nobody is led away by a crafted link."""
    if not target or "\\" in target or not target.startswith("/") or target.startswith("//"):
        return "/counter"
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else "/counter"
