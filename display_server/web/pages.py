"""Pages for people: shells that the browser fills from the API's doors."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import current_user, login_required

from display_server.services.catalogue import Catalogue
from display_server.services.errors import Forbidden, NotFound
from display_server.services.hall import catalogue_of, find_centre
from display_server.services.tickets import look_up_secret
from display_server.web.access import STAFF_ROLES, site
from display_server.web.kiosk_api import with_address
from display_server.web.rate_limit import count_request
from display_server.web.words import page_language, use_language

pages = Blueprint("pages", __name__)

LAYOUTS = ("board",)


@pages.get("/")
def start() -> Any:
    """Who are you: links to every part."""
    centre_id = find_centre(site(), None)
    return render_template("start.html", centre=catalogue_of(site(), centre_id))


@pages.get("/hall")
def hall() -> Any:
    """The screen of the whole hall. An unknown layout shows the board: a screen must never be dark."""
    asked = request.args.get("layout", "board")
    return render_template("hall.html", hall=_hall(), layout=asked if asked in LAYOUTS else "board")


@pages.get("/hall/counter/<code>")
def counter_screen(code: str) -> Any:
    """The screen over a counter."""
    catalogue = catalogue_of(site(), find_centre(site(), request.args.get("centre")))
    counter = catalogue.counter(code)
    return render_template(
        "counter_screen.html",
        hall=_hall(),
        counter=counter,
        is_numbered=counter.code.isdecimal(),
        # "Quầy 7" says no more than the large 7 does.
        has_plain_name=counter.name["vi"].split()[1:] == [counter.code],
        departments=[catalogue.department_by_id[department_id] for department_id in counter.departments],
    )


def _hall() -> dict[str, Any]:
    return _hall_of(catalogue_of(site(), find_centre(site(), request.args.get("centre"))))


def _hall_of(catalogue: Catalogue) -> dict[str, Any]:
    settings = site().settings.hall
    return {
        "url": f"/api/v1/hall?centre={catalogue.code}",
        "centre_name": catalogue.name.get(page_language(), catalogue.name["vi"]),
        "timezone": catalogue.timezone,
        "show_seconds": settings.show_seconds,
        "fresh_seconds": settings.fresh_seconds,
        "silent_seconds": settings.silent_seconds,
    }


@pages.get("/counter")
@login_required  # type: ignore[untyped-decorator]  # the library has no types
def counters() -> Any:
    """A clerk chooses a counter."""
    return render_template("counters.html", member=current_user.member, centre=_own_centre())


@pages.get("/counter/<code>")
@login_required  # type: ignore[untyped-decorator]  # the library has no types
def counter(code: str) -> Any:
    """A clerk works at a counter."""
    catalogue = _own_centre()
    return render_template(
        "counter.html",
        member=current_user.member,
        centre=catalogue,
        counter=catalogue.counter(code),
        hall=_hall_of(catalogue),
    )


@pages.get("/admin")
@login_required  # type: ignore[untyped-decorator]  # the library has no types
def admin() -> Any:
    """The hall at a glance, and why a number was next."""
    role = current_user.member.role
    if role not in STAFF_ROLES["admin.overview"]:
        raise Forbidden(f"a {role} may not use this page")
    return render_template("admin.html", member=current_user.member, centre=_own_centre())


def _own_centre() -> Catalogue:
    return catalogue_of(site(), current_user.member.centre_id)


@pages.get("/t/<secret>")
def ticket(secret: str) -> Any:
    """The visitor's own page, found by the address on the slip."""
    count_request(site().settings.server.page_limit)
    found, catalogue = look_up_secret(site(), secret)
    use_language(found.language)
    department = catalogue.departments.get(found.department)
    return render_template(
        "ticket.html",
        ticket=with_address(found),
        department=department.name if department else {},
        centre=catalogue,
        secret=secret,
    )


@pages.get("/t/<secret>/state")
def ticket_state(secret: str) -> Any:
    """The same ticket as JSON, for the page to stay right."""
    count_request(site().settings.server.page_limit)
    try:
        found, _ = look_up_secret(site(), secret)
    except NotFound:
        return {"type": "/problems/not-found", "title": "There is no such ticket", "status": 404}, 404
    return found.model_dump(mode="json")


@pages.get("/favicon.ico")
def favicon() -> Any:
    return redirect(url_for("static", filename="icon.svg"))
