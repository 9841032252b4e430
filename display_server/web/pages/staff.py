"""Pages of those who work here: shells that the browser fills from the API, each for whoever may use its endpoints."""

from functools import partial
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user, login_required

from display_server.services.calling.counter_session import require_counter_access
from display_server.services.catalogue.catalogue import Catalogue
from display_server.services.core.centres import get_catalogue
from display_server.services.devices.displays import LAYOUTS
from display_server.services.errors import Forbidden
from display_server.web.auth.authorization import site
from display_server.web.auth.landing import role_may_open
from display_server.web.pages.public import hall_of

desk = Blueprint("desk", __name__)

# Of the administration, by the last part of its address. Who may open each: `landing.PAGES`.
ADMIN_PAGES = {
    "": "admin.html",
    "/kiosks": "kiosks.html",
    "/screens": "screens.html",
    "/announcements": "announcements.html",
    "/staff": "staff.html",
    "/devices": "devices.html",
    "/province": "province.html",
}


@desk.before_request
def own_sign_in_first() -> Any:
    """Who has got a first password, or lacks a second factor that their role needs, works nowhere before that is done.

    What is public stays so.
    """
    if current_user.is_authenticated and (current_user.member.must_change or current_user.must_enrol):
        return redirect(url_for("account.show"))
    return None


@desk.get("/counter")
@login_required  # type: ignore[untyped-decorator]  # the library has no types
def counters() -> Any:
    """A clerk chooses a counter."""
    return _page("counters.html")


@desk.get("/counter/<code>")
@login_required  # type: ignore[untyped-decorator]  # the library has no types
def counter(code: str) -> Any:
    """A clerk works at a counter."""
    catalogue = _own_centre()
    return _page(
        "counter.html",
        counter=require_counter_access(catalogue, current_user.member.actor(), code),
        hall=hall_of(catalogue),
        undo_seconds=site().settings.counter.undo_seconds,
    )


@desk.get("/numbers")
@login_required  # type: ignore[untyped-decorator]  # the library has no types
def numbers() -> Any:
    """Staff give a number."""
    return _page("numbers.html")


def _page(template: str, **values: Any) -> str:
    """For the roles that the page is open to."""
    role = current_user.member.role
    if not role_may_open(role, request.endpoint or ""):
        raise Forbidden(f"a {role} may not use this page")
    return render_template(template, member=current_user.member, centre=_own_centre(), **values)


def _own_centre() -> Catalogue:
    return get_catalogue(site(), current_user.member.centre_id)


for _part, _template in ADMIN_PAGES.items():
    _show = partial(_page, _template, layouts=LAYOUTS)
    desk.add_url_rule(f"/admin{_part}", _template.removesuffix(".html"), login_required(_show))
