"""Which pages are open to whom: where a sign-in leads, what pages link to, and the way on from a refusal."""

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, url_for
from flask_login import current_user
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from config.text.types import has_controls
from display_server.services.core.centres import get_catalogue
from display_server.services.staff.staff import Role, StaffMember
from display_server.web.auth.authorization import role_may_use, site

# Staff's pages, each with the endpoint that it is filled from: whoever may use that may open the page.
PAGES = {
    "desk.counters": "counter.next_visitor",
    "desk.counter": "counter.next_visitor",
    "desk.admin": "admin.overview",
    "desk.numbers": "numbers.show",
    "desk.kiosks": "admin.kiosks",
    "desk.screens": "admin.screens",
    "desk.announcements": "admin.announcements",
    "desk.staff": "people.staff",
    "desk.devices": "people.devices",
    "desk.province": "admin.province",
}
# Not pages to work with: nobody is led to them after a sign-in.
NOT_LANDED_ON = ("sign_in.", "second_factor.", "single_sign_on.", "static")


def register(app: Flask) -> None:
    app.context_processor(_context)


def role_may_open(role: str, endpoint: str) -> bool:
    """Whether a page is open to a role; what is not one of staff's pages is open to everybody."""
    needed = PAGES.get(endpoint)
    return needed is None or role_may_use(role, needed)


def home_of(member: StaffMember) -> str:
    """The path of the page that this person works with."""
    if member.role is Role.PROVINCE:
        return url_for("desk.province")
    if member.role is not Role.CLERK:
        return url_for("desk.admin")
    if len(member.counters) == 1 and member.counters[0] in get_catalogue(site(), member.centre_id).counters:
        return url_for("desk.counter", code=member.counters[0])
    return url_for("desk.counters")


def landing(member: StaffMember, wanted: str | None) -> str:
    """Where a sign-in leads: to the `wanted` page if there is one and this person may open it, else to their own."""
    path = safe_next(wanted)
    return path if path and _may_open(member, path) else home_of(member)


def safe_next(target: str | None) -> str:
    """A path of our own, so that nobody is led away by a crafted link; else empty."""
    if not target or has_controls(target) or "\\" in target or not target.startswith("/") or target.startswith("//"):
        return ""
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else ""


def _may_open(member: StaffMember, target: str) -> bool:
    try:
        endpoint, values = current_app.url_map.bind("").match(urlsplit(target).path, "GET")
    except (HTTPException, RequestRedirect):
        return False
    if endpoint.startswith(NOT_LANDED_ON) or target.startswith("/api/"):
        return False
    if endpoint == "desk.counter" and member.counters and values["code"] not in member.counters:
        return False
    return role_may_open(member.role, endpoint)


def _context() -> dict[str, Any]:
    """`my_home()`: the signed-in person's own page, else empty. `may_open(endpoint)`: whether to offer a page here.

    Both look only when a page asks: an error page is shown also while the database cannot be read.
    """
    return {"my_home": _my_home, "may_open": _is_offered}


def _member() -> StaffMember | None:
    found: StaffMember | None = current_user.member if current_user.is_authenticated else None
    return found


def _my_home() -> str:
    member = _member()
    return home_of(member) if member is not None else ""


def _is_offered(endpoint: str) -> bool:
    member = _member()
    return member is None or role_may_open(member.role, endpoint)
