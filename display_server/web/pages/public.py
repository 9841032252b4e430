"""Pages for people: shells that the browser fills from the API's endpoints."""

from datetime import timedelta
from typing import Any, get_args

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from pydantic import ValidationError

from display_server.domain.state_machine import CALLABLE
from display_server.services.catalogue.catalogue import Catalogue
from display_server.services.core.actors import Actor
from display_server.services.core.centres import find_centre, get_catalogue
from display_server.services.devices.devices import rotate_token
from display_server.services.devices.displays import (
    Arrow,
    ScreenSettings,
    Voice,
    check_settings,
    screen_settings,
    shown_counters,
    shown_departments,
)
from display_server.services.devices.pairing import PairingState, pairing_state, start_pairing
from display_server.services.displays.phone import phone_of
from display_server.services.errors import DayEnded, LostInRestore, NotFound, ServiceError, Unauthenticated
from display_server.services.tickets.trial_ticket import TRIAL_SECRET
from display_server.web.auth.authorization import DEVICE_COOKIE, DISPLAY, screen, site
from display_server.web.auth.rate_limit import count_request
from display_server.web.http.i18n import short_name, use_language
from display_server.web.http.problems import problem

pages = Blueprint("pages", __name__)


PAIRING_COOKIE = "pairing"
TOKEN_LIVES = timedelta(days=30)
AFTER_PAIRING = {"counter": "/sign-in"}  # where a device goes once it is enrolled
MOST_HELD_SECONDS = 10  # shorter than any proxy's patience
COOKIE_DAYS = 400  # browsers keep none longer
OVERRIDABLE_SETTINGS = ScreenSettings.model_fields.keys() - {"voice"}  # what an address may ask of a screen's picture
SPEAKERS = {"one": "auto", "all": "on", "none": "off"}  # `voice.speakers` as a screen's own wish


@pages.get("/")
def start() -> Any:
    """Who are you: links to every part."""
    try:
        device = screen()
    except Unauthenticated:
        device = None
    return render_template("start.html", centre=_centre_for(device, None))


@pages.get("/hall")
def hall() -> Any:
    """The screen of the hall: what its address asks for, else what is kept for this device, else the board."""
    try:
        device = screen()
    except Unauthenticated:
        return _to_pairing()
    if device is None and not _is_public():
        return _to_pairing()
    catalogue = _centre_for(device, request.args.get("centre"))
    display, warning = _display_asked_for(catalogue, device)
    render = _render_counter_display if display.layout == "counter" else _board
    response = make_response(render(catalogue, display, warning, device))
    if device is not None:  # browsers forget a cookie after 400 days at the latest
        token = rotate_token(site(), device, TOKEN_LIVES)
        _set_device_cookie(response, token or request.cookies[DEVICE_COOKIE])
    return response


@pages.get("/hall/counter/<code>")
def counter_screen(code: str) -> Any:
    """The screen over a counter."""
    try:
        device = screen()
    except Unauthenticated:
        return _to_pairing()
    if device is None and not _is_public():
        return _to_pairing()
    catalogue = _centre_for(device, request.args.get("centre"))
    arrow = request.args.get("arrow")
    display = ScreenSettings(layout="counter", counter=catalogue.counter(code).code)
    if arrow in get_args(Arrow):
        display = display.model_copy(update={"arrow": arrow})
    return _render_counter_display(catalogue, display, None, device)


def _centre_for(device: Actor | None, asked: str | None) -> Catalogue:
    """The device's own centre, else that of who is signed in (the API gives them no other), else the one asked for."""
    if device is not None:
        return get_catalogue(site(), device.centre_id)
    if current_user.is_authenticated:
        return get_catalogue(site(), current_user.member.centre_id)
    return get_catalogue(site(), find_centre(site(), asked))


def _is_public() -> bool:
    """Whether this browser may see the hall without being one of its screens."""
    return bool(site().settings.hall.public or current_user.is_authenticated)


def _display_asked_for(catalogue: Catalogue, device: Actor | None) -> tuple[ScreenSettings, str | None]:
    """What to show, and what of it there is not: a screen must never be dark."""
    asked = {key: value for key, value in request.args.items() if key in OVERRIDABLE_SETTINGS and value}
    if not asked:
        return (screen_settings(site(), device.id) if device else ScreenSettings()), None
    lists = {key: asked[key].split(",") for key in ("counters", "departments") if key in asked}
    try:
        display = ScreenSettings.model_validate(asked | lists)
        check_settings(catalogue, display)
    except (ValidationError, ServiceError):
        return ScreenSettings(), request.query_string.decode(errors="replace")[:80]
    return display, None


def _board(catalogue: Catalogue, display: ScreenSettings, warning: str | None, device: Actor | None) -> str:
    return render_template(
        "hall.html",
        hall=hall_of(catalogue, display),
        layout=display.layout,
        display=_display_values(display, device),
        counters=shown_counters(catalogue, display),
        departments=shown_departments(catalogue, display),
        area=display.area,
        warning=warning,
    )


def _render_counter_display(
    catalogue: Catalogue, display: ScreenSettings, warning: str | None, device: Actor | None
) -> str:
    counter = catalogue.counter(display.counter or "")
    return render_template(
        "counter_display.html",
        hall=hall_of(catalogue),
        layout="counter",
        display=_display_values(display, device),
        warning=warning,
        reasons=site().rating_reasons if _asks_rating(display, device) else None,
        counter=counter,
        is_numbered=counter.code.isdecimal(),
        # "Quầy 7" says no more than the large 7 does.
        has_plain_name=counter.name["vi"].split()[1:] == [counter.code],
        departments=[catalogue.department_by_id[department_id] for department_id in counter.departments],
    )


def _asks_rating(display: ScreenSettings, device: Actor | None) -> bool:
    """Only an enrolled screen may hand a rating in, and only over the counter that staff gave it."""
    if device is None or "still" in request.args or not site().settings.hall.rating:
        return False
    kept = screen_settings(site(), device.id)
    return display.rating and kept.rating and (kept.layout, kept.counter) == ("counter", display.counter)


def _display_values(display: ScreenSettings, device: Actor | None) -> dict[str, Any]:
    """What the page's script needs to know of its own screen. `is_preview`: a preview, which reports nothing."""
    is_preview = "still" in request.args
    return {
        "name": device.name if device else "",
        "is_enrolled": device is not None and device.kind == DISPLAY and not is_preview,
        "is_preview": is_preview,
        "settings": display,
    }


def hall_of(catalogue: Catalogue, display: ScreenSettings | None = None) -> dict[str, Any]:
    settings = site().settings.hall
    return {
        "url": f"/api/v1/hall?centre={catalogue.code}",
        "centre_name": short_name(catalogue),
        "timezone": catalogue.timezone,
        "show_seconds": settings.show_seconds,
        "fresh_seconds": settings.fresh_seconds,
        "silent_seconds": settings.silent_seconds,
        "report_seconds": settings.report_seconds,
        "picture_seconds": settings.picture_seconds,
        "night": settings.night,
        "rating_seconds": settings.rating_seconds,
        "voice": _voice_of_screen(display or ScreenSettings()),
    }


def _voice_of_screen(display: ScreenSettings) -> str:
    """Whether the screen speaks: as its address says, else as staff or the site say. A preview never does."""
    if "still" in request.args:
        return "off"
    asked = request.args.get("voice", "")
    return (asked if asked in get_args(Voice) else "") or display.voice or SPEAKERS[site().settings.voice.speakers]


@pages.get("/pair")
@pages.get("/hall/pair")
def pair() -> Any:
    """A new device shows a code; once staff have confirmed it, the screen goes on by itself."""
    token = request.cookies.get(PAIRING_COOKIE)
    if token and pairing_state(site(), token).state == "paired":
        return redirect(url_for("pages.pair_state"))
    count_request(site().settings.server.pairing_limit)
    started, is_screen = start_pairing(site()), request.path != "/pair"
    lives = max(0.0, (started.expires_at - site().clock()).total_seconds())
    response = make_response(render_template("pair.html", code=started.code, lives=lives, is_screen=is_screen))
    _set_cookie(response, PAIRING_COOKIE, started.token, max_age=int(lives))
    return response


@pages.get("/hall/pair/state")
def pair_state() -> Any:
    """`paired` comes with the screen's own cookie; it is never seen by a script."""
    token = request.cookies.get(PAIRING_COOKIE, "")
    found = pairing_state(site(), token) if token else PairingState(state="unknown")
    response = jsonify(state=found.state, page=AFTER_PAIRING.get(found.kind or "", "/hall"))
    if found.state == "paired":
        _set_device_cookie(response, token)
        response.delete_cookie(PAIRING_COOKIE)
    return response


def _to_pairing() -> Any:
    """Without the cookie of a screen that was revoked."""
    response = redirect(url_for("pages.pair"))
    response.delete_cookie(DEVICE_COOKIE)
    return response


def _set_device_cookie(response: Any, token: str) -> None:
    _set_cookie(response, DEVICE_COOKIE, token, max_age=COOKIE_DAYS * 24 * 3600)


def _set_cookie(response: Any, name: str, value: str, max_age: int) -> None:
    secure = site().settings.server.secure_cookies
    response.set_cookie(name, value, max_age=max_age, httponly=True, samesite="Lax", secure=secure)


@pages.get("/t/<secret>")
def ticket(secret: str) -> Any:
    """The visitor's own page, found by the address on the slip; 410 once its day is over."""
    count_request(site().settings.server.page_limit)
    if secret == TRIAL_SECRET:
        return render_template("trial.html")
    phone = phone_of(site(), secret)
    use_language(phone.language)
    return render_template(
        "ticket.html", ticket=phone.view.model_dump(mode="json"), centre=phone.catalogue, secret=secret
    )


@pages.get("/t/<secret>/state")
def ticket_state(secret: str) -> Any:
    """The same as JSON, for the page to stay right.

    `?wait=SECONDS`: the answer is held back that long, or until the number is called to a counter.
    """
    count_request(site().settings.server.page_limit)
    try:
        phone = phone_of(site(), secret)
        seconds = min(request.args.get("wait", 0, type=int), MOST_HELD_SECONDS)
        if seconds > 0 and phone.view.state in CALLABLE:
            site().hub.wait_for_call(phone.catalogue.centre_id, phone.view.number, seconds)
            phone = phone_of(site(), secret)
    except (NotFound, DayEnded, LostInRestore) as error:
        return problem(error.status, error.problem, error.title, str(error))
    return phone.view.model_dump(mode="json")


@pages.after_request
def _of_a_slip(response: Response) -> Response:
    """Whoever holds the address sees the page: it is kept nowhere, led nowhere and found by no search."""
    if request.path.startswith("/t/"):
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@pages.get("/favicon.ico")
def favicon() -> Any:
    return redirect(url_for("static", filename="icon.svg"))
