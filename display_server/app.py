"""The application: settings in, Flask app out. `serve` runs it under gevent."""

from datetime import timedelta

from flask import Flask, Request, Response, current_app, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_openapi3 import Info, OpenAPI
from itsdangerous import URLSafeTimedSerializer

from display_server.services.call_audio.call_announcements import CallAnnouncementService
from display_server.services.core.context import ServerContext
from display_server.services.devices.devices import DeviceAuthenticator
from display_server.services.keys.keys import Keys
from display_server.services.reporting.health import Health
from display_server.web.api.admin import admin
from display_server.web.api.button import button
from display_server.web.api.confirmations import confirmations
from display_server.web.api.counter import counter
from display_server.web.api.devices import devices
from display_server.web.api.hall import hall
from display_server.web.api.kiosk import kiosk
from display_server.web.api.monitoring import machines
from display_server.web.api.staff import people
from display_server.web.api.staff_sign_ins import sign_ins
from display_server.web.api.staff_tickets import numbers
from display_server.web.auth import landing, sign_in
from display_server.web.auth import oidc as single_sign_on
from display_server.web.auth.account import account
from display_server.web.auth.authorization import API, authorize_request, csrf, site
from display_server.web.auth.second_factor import second_factor
from display_server.web.http import i18n as words
from display_server.web.http import problems
from display_server.web.http import request_logging as observing
from display_server.web.http.client_address import KnownAddress
from display_server.web.http.path_converters import RowNumber
from display_server.web.http.strict_json import JsonRequest, refuse_bad_text
from display_server.web.pages.privacy import privacy
from display_server.web.pages.public import pages
from display_server.web.pages.staff import desk

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; object-src 'none'; frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
)
PERMISSIONS_POLICY = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
HSTS = "max-age=31536000"  # a year; sent over TLS only
# What stands there is for who is signed in: no cache and no "back" button after signing out shows it.
STAFF_PATHS = ("/admin", "/account", "/counter", "/numbers", "/sign-in", "/api/v1/admin/")


class _Sessions(SecureCookieSessionInterface):
    """Signed under the newest session key; those that an older one signed go on.

    A device sends its token and no cookie: its requests make no signer.
    """

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer:  # noqa: ARG002 - Flask's signature
        how = {"key_derivation": self.key_derivation, "digest_method": self.digest_method}
        return URLSafeTimedSerializer(
            self._keys.session_keys(), salt=self.salt, serializer=self.serializer, signer_kwargs=how
        )

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


def create_app(site: ServerContext) -> OpenAPI:
    app = OpenAPI(
        "display_server",
        info=Info(title="Motcua", version="1"),
        validation_error_callback=problems.malformed,
        doc_ui=False,
        security_schemes={
            "token": {"type": "http", "scheme": "bearer"},  # devices
            "session": {"type": "apiKey", "in": "cookie", "name": "session"},  # staff, with X-CSRFToken
        },
    )
    app.request_class = JsonRequest
    app.session_interface = _Sessions(site.keys)
    app.url_map.converters["int"] = RowNumber
    server = site.settings.server
    app.config.update(
        SECRET_KEY=site.keys.session_keys()[-1],
        MAX_CONTENT_LENGTH=server.max_body_kib * 1024,
        MAX_FORM_MEMORY_SIZE=server.max_body_kib * 1024,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=server.session_hours),
        # Set at the sign-in alone: an answer that was on its way while somebody signed out would sign them in again.
        SESSION_REFRESH_EACH_REQUEST=False,
        # `__Host-` binds the cookie to this very host; browsers take it over TLS alone.
        SESSION_COOKIE_NAME="__Host-session" if server.secure_cookies else "session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=server.secure_cookies,
        WTF_CSRF_CHECK_DEFAULT=False,  # `authorize_request` checks the API, `_check_form` the forms
        WTF_CSRF_TIME_LIMIT=None,  # a clerk's page stays open all day; the token ends with the session
    )
    app.extensions["motcua_site"] = site
    app.extensions["motcua_devices"] = DeviceAuthenticator(site)
    app.extensions["motcua_health"] = Health(site)
    app.extensions["motcua_voice"] = CallAnnouncementService(site)
    csrf.init_app(app)
    app.before_request(_use_csrf_key)
    observing.register(app)
    problems.register(app)
    for blueprint in (kiosk, counter, button, hall, admin, confirmations, numbers, people, sign_ins, devices, machines):
        app.register_api(blueprint)
    words.register(app)
    sign_in.register(app)
    landing.register(app)
    single_sign_on.register(app)
    app.register_blueprint(account)
    app.register_blueprint(second_factor)
    app.register_blueprint(pages)
    app.register_blueprint(desk)
    app.register_blueprint(privacy)
    app.before_request(refuse_bad_text)
    app.before_request(authorize_request)
    app.before_request(_check_form)
    app.after_request(_headers)
    app.add_url_rule("/openapi.json", "openapi", lambda: app.api_doc)
    if server.behind_proxy:
        app.wsgi_app = KnownAddress(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _use_csrf_key() -> None:
    """The oldest: forms that were open while the keys changed are still taken. Who may post, the session says."""
    current_app.config["WTF_CSRF_SECRET_KEY"] = site().keys.session_keys()[0]


def _check_form() -> None:
    is_routed = request.routing_exception is None  # a wrong method or path is told as such
    if is_routed and request.method == "POST" and not request.path.startswith(API):
        csrf.protect()


def _headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("X-Frame-Options", "SAMEORIGIN")  # old televisions know no frame-ancestors
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", HSTS)
    if request.path.startswith(STAFF_PATHS):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
