"""Staff come in through the province's own sign-in: OpenID Connect, by Authlib."""

import logging
from typing import Any

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Blueprint, Flask, current_app, request, session, url_for
from joserfc.errors import JoseError
from requests import RequestException

from display_server.services.core.server_names import base_address
from display_server.services.errors import NotFound
from display_server.services.staff.single_sign_on import Outcome, recognise
from display_server.web.auth.authorization import site
from display_server.web.auth.landing import safe_next
from display_server.web.auth.rate_limit import check_wrong, count_request, count_wrong
from display_server.web.auth.request_source import source
from display_server.web.auth.sign_in import refused, start_session

ANSWER_SECONDS = 10.0  # how long the provider may take
NEXT = "single_sign_on_next"

single_sign_on = Blueprint("single_sign_on", __name__)
log = logging.getLogger(__name__)


def register(app: Flask) -> None:
    """The endpoints are always there; without an issuer they answer 404."""
    settings = site_settings(app)
    oauth = OAuth(app)
    if settings.issuer:
        oauth.register(
            "provider",
            client_id=settings.client_id,
            client_secret=settings.client_secret or None,
            server_metadata_url=settings.issuer.rstrip("/") + "/.well-known/openid-configuration",
            client_kwargs={
                "scope": settings.scope,
                "code_challenge_method": "S256",
                "timeout": ANSWER_SECONDS,
            },
        )
    app.extensions["motcua_oauth"] = oauth
    app.register_blueprint(single_sign_on)
    app.context_processor(lambda: {"single_sign_on": settings.label if settings.issuer else ""})


def site_settings(app: Flask) -> Any:
    return app.extensions["motcua_site"].settings.single_sign_on


@single_sign_on.get("/sign-in/single")
def start() -> Any:
    """To the provider. A link, not a form: the pages' policy lets no form lead out of the house."""
    count_request(site().settings.server.page_limit)
    provider = _provider()
    session[NEXT] = safe_next(request.args.get("next"))
    base = base_address(site().settings.server, request.scheme, request.host)
    if base is None:
        raise NotFound("this server is not known under this address: server.public_url or server.names")
    try:
        return provider.authorize_redirect(base + url_for("single_sign_on.callback"))
    except RequestException as error:
        return _failed(error)


@single_sign_on.get("/sign-in/single/back")
def callback() -> Any:
    """From the provider; state, nonce and signature are checked by Authlib."""
    limit, who = site().settings.server.sign_in_limit, source()
    check_wrong(limit, who)
    provider, target = _provider(), session.get(NEXT)
    try:
        told = provider.authorize_access_token().get("userinfo") or {}
    except (OAuthError, JoseError, RequestException) as error:
        count_wrong(limit, who)
        return _failed(error)
    found = recognise(site(), told, who)
    if found.member is not None:
        return start_session(found.member, target, "single sign-on")
    log.warning("single sign-on: a first sign-in is %s", found.outcome)
    if found.outcome is Outcome.ASKED:
        return refused("", "asked")
    count_wrong(limit, who)
    return refused("", "unknown")


def _failed(error: Exception) -> Any:
    log.warning("single sign-on failed: %s", type(error).__name__)  # its text may hold codes and addresses
    return refused("", "single")


def _provider() -> Any:
    found = current_app.extensions["motcua_oauth"].create_client("provider")
    if found is None:
        raise NotFound("this site has no single sign-on")
    return found
