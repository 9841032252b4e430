"""The start page: the kiosk to see and tap, the paper that comes out, the hall, and a way into every part."""

import hashlib
import re
import time
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, jsonify, redirect, render_template, request, send_from_directory
from gevent.pywsgi import WSGIServer

from display_server.demo.environment import DemoEnvironment
from display_server.demo.http_client import Answer, ApiClient
from display_server.demo.status_poller import StatusPoller

CONTENT_SECURITY_POLICY = "default-src 'self'; img-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'"
LARGEST_BODY = 4096
SLIP = re.compile(r"slip-\d+\.png")
FROM_THE_HALL = "../static"  # the typeface and the icon are the same


def create_start_page(hall: DemoEnvironment) -> Flask:
    """The application; `hall` is running."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    watch = StatusPoller(hall)
    app.before_request(_only_own_pages)
    app.after_request(_headers)
    app.register_error_handler(OSError, _away)
    app.add_url_rule("/", "start", lambda: _start(hall))
    app.add_url_rule("/state", "state", lambda: jsonify(watch.state()))
    app.add_url_rule("/kiosk/frame.png", "frame", lambda: _picture(hall.kiosk.get("/frame.png")))
    app.add_url_rule("/kiosk/state", "kiosk_state", lambda: jsonify(hall.kiosk.get("/state").json()))
    app.add_url_rule("/kiosk/tap", "tap", lambda: _tap(hall), methods=["POST"])
    app.add_url_rule("/printer", "printer", lambda: _pass_on(hall.printer_web, "/conditions"), methods=["POST"])
    app.add_url_rule("/slips/<name>", "slip", lambda name: _slip(hall, name))
    app.add_url_rule("/phone", "phone", lambda: _phone(hall))
    app.add_url_rule("/common/<path:name>", "common", _common)
    return app


def serve_start_page(app: Flask, host: str, port: int) -> WSGIServer:
    """Serve in the background, until `stop` of what is given back."""
    server = WSGIServer((host, port), app, log=None)
    server.start()
    return server


def _start(hall: DemoEnvironment) -> str:
    return render_template(
        "start_page.html",
        centre=hall.centre,
        hall_url=_hall_url(hall),
        staff=hall.access.staff,
        window=hall.wish.window,
    )


def _picture(answer: Answer) -> Response:
    """As it is, or "not modified": a screen on which nothing happens costs nothing."""
    if answer.status != HTTPStatus.OK:
        abort(HTTPStatus.BAD_GATEWAY)
    response = Response(answer.body, mimetype="image/png")
    response.set_etag(hashlib.blake2b(answer.body, digest_size=12).hexdigest())
    return response.make_conditional(request)  # type: ignore[return-value]


def _tap(hall: DemoEnvironment) -> Response:
    hall.touched_at = time.monotonic()
    return _pass_on(hall.kiosk, "/tap")


def _phone(hall: DemoEnvironment) -> Any:
    """The phone page of the number called last."""
    calls = hall.server.get("/api/v1/hall").json()["calls"]
    if not calls:
        return redirect("/")
    for token in (hall.access.visitors, hall.access.kiosk):  # each kiosk sees the tickets that it took
        found = hall.server.with_token(token).get(f"/api/v1/tickets/{calls[0]['ticket_id']}")
        if found.status == HTTPStatus.OK:
            return redirect(_hall_url(hall) + found.json()["page"])
    return redirect("/")


def _hall_url(hall: DemoEnvironment) -> str:
    """The hall's server at the address under which the start page is seen."""
    address = urlsplit(f"//{request.host}").hostname or "127.0.0.1"
    return f"http://{f'[{address}]' if ':' in address else address}:{hall.wish.hall_port}"


def _pass_on(api: ApiClient, path: str) -> Response:
    answer = api.post(path, request.get_json())
    return Response(answer.body, answer.status, mimetype="application/json")


def _slip(hall: DemoEnvironment, name: str) -> Response:
    if not SLIP.fullmatch(name):
        abort(HTTPStatus.NOT_FOUND)
    return send_from_directory(hall.slips, name, max_age=3600)


def _common(name: str) -> Response:
    return send_from_directory(FROM_THE_HALL, name, max_age=3600)


def _away(_: OSError) -> tuple[Any, int]:
    return jsonify(detail="a part of the hall does not answer"), HTTPStatus.BAD_GATEWAY


def _only_own_pages() -> None:
    """Nobody else's page may tap this kiosk, whoever opens it on this machine."""
    origin = request.headers.get("Origin")
    if request.method == "POST" and (origin is None or urlsplit(origin).netloc != request.host):
        abort(HTTPStatus.FORBIDDEN)


def _headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers.setdefault("Cache-Control", "no-cache")
    return response
