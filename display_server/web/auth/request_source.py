"""From where a request comes: an enrolled device, a browser that staff used before, a trusted network, an address.

The cookie `browser` holds a random id and a keyed hash of each name that was right here; it lets nobody in. Whoever
comes in again from this browser is apart from all strangers, so that nobody else's wrong attempts slow them down.
"""

import secrets
from typing import Any

from flask import request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from display_server.services.errors import Unauthenticated
from display_server.services.staff.client_addresses import Source, source_of
from display_server.web.auth.authorization import screen, site

BROWSER_COOKIE = "browser"
COOKIE_DAYS = 400  # browsers keep none longer
MOST_NAMES = 12


def source(name: str | None = None) -> Source:
    """Who asks. `name`: the one that is to sign in; only a browser that it was right in before counts for it."""
    address = request.remote_addr or ""
    try:
        device = screen()
    except Unauthenticated:
        device = None
    if device is not None:
        return Source(f"device {device.id}", address, is_known=True)
    known = remembered()
    if name is not None and _mark(name) in known.get("names", []):
        return Source(f"browser {known['id']}", address, is_known=True)
    return source_of(address, site().settings.server.trusted_networks)


def remembered() -> dict[str, Any]:
    """What this browser's cookie holds: `id`, `names`, `centre` (a code). Empty for a strange or changed one."""
    try:
        found = _signer().loads(request.cookies.get(BROWSER_COOKIE, ""))
    except BadSignature:
        return {}
    return found if isinstance(found, dict) else {}


def remember(response: Response, name: str, centre: str) -> Response:
    """Note in the browser that this name was right here, and that it belongs to this centre."""
    known = remembered()
    names = [mark for mark in known.get("names", []) if mark != _mark(name)][-(MOST_NAMES - 1) :]
    kept = {"id": known.get("id") or secrets.token_urlsafe(9), "names": [*names, _mark(name)], "centre": centre}
    response.set_cookie(
        BROWSER_COOKIE,
        str(_signer().dumps(kept)),
        max_age=COOKIE_DAYS * 24 * 3600,
        httponly=True,
        samesite="Lax",
        secure=site().settings.server.secure_cookies,
    )
    return response


def _mark(name: str) -> str:
    return site().keys.lookup(f"browser:{name.casefold()}")[:16]


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(site().keys.session_keys(), salt="browser")
