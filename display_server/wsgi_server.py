"""gevent serves: one process, thousands of watchers."""

import errno
import logging
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException
from typing import Any

import gevent
from gevent.event import Event
from gevent.pool import Pool
from gevent.pywsgi import WSGIHandler, WSGIServer

from config.errors import MotcuaError
from display_server.domain.clock import ClockJumpDetector
from display_server.request_heads import ambiguity
from display_server.services.core.actors import system_actor
from display_server.services.core.centres import list_centre_ids
from display_server.services.core.context import ServerContext
from display_server.services.core.server_names import in_an_address, is_this_machine_only, opens_on_phones
from display_server.services.privacy.retention import run_when_due
from display_server.services.tickets.end_of_day import close_business_days

SHUTDOWN_GRACE_SECONDS = 1.0  # for requests that are being answered; watchers are cut off after it
HEADER_SECONDS = 10.0  # for a request's header, once it has begun
IDLE_TIMEOUT_SECONDS = 60.0  # a client that neither sends nor takes anything for so long is cut off
DAMAGE_SECONDS = 2.0  # for a look at the whole database before the server says that it is ready
END_OF_DAY_CHECK_SECONDS = 60.0  # how often the end of a business day is looked for

try:
    import resource
except ImportError:  # Windows has neither the module nor the limit
    resource = None  # type: ignore[assignment]

log = logging.getLogger(__name__)


class ListenError(MotcuaError):
    """The address cannot be listened on."""


class _Handler(WSGIHandler):
    def MessageClass(self, *arguments: Any) -> Any:  # noqa: N802 - pywsgi's name
        """The headers as they came, before pywsgi reads anything out of them. A ValueError becomes 400."""
        try:
            headers = super().MessageClass(*arguments)
        except HTTPException as error:  # more than a hundred of them, or one without end
            raise ValueError("too many headers, or one that is too long") from error
        if problem := ambiguity(headers):
            raise ValueError(problem)
        return headers

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        environ["motcua.take_over"] = self._detach_socket
        return environ

    def read_request(self, raw_requestline: str) -> Any:
        """A header that drips in holds nobody's place for long. A ValueError becomes 400, as for a target that is not
        ASCII (RFC 9112, 3.2): Werkzeug cannot read such a query.
        """
        if not raw_requestline.isascii():
            raise ValueError("the request's target is not ASCII")
        with gevent.Timeout(HEADER_SECONDS, ValueError("the header took too long")):
            return super().read_request(raw_requestline)

    def _handle_client_error(self, error: Exception) -> Any:
        """A connection that breaks within a head is no fault of ours either: pywsgi would print its traceback."""
        known = ValueError("it broke off") if isinstance(error, OSError) else error
        return super()._handle_client_error(known)  # type: ignore[misc]

    def _detach_socket(self) -> Any:
        """The connection, for who writes the rest of the response by itself (live/watcher.py).

        This handler ends without another byte; its own hold on the connection goes with it.
        """
        self.close_connection = True
        self.response_use_chunked = False
        return self.socket.dup()

    def log_request(self) -> None:
        """Nothing: `web/observing.py` logs the route. The request's own line holds slips' addresses."""

    def log_error(self, msg: str, *args: Any) -> None:
        """What is no request, without what was sent."""
        log.info("refused: %s", msg.partition("%")[0].rstrip(" :(") if args else "a malformed request")


class _Server(WSGIServer):
    def handle(self, sock: Any, address: Any) -> None:
        # Without it every small answer waits 40 ms for the other side's delayed acknowledgement.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(IDLE_TIMEOUT_SECONDS)
        with suppress(ConnectionError):  # the other side is gone: nothing is left to do, and nothing went wrong here
            super().handle(sock, address)


def serve(app: Any, site: ServerContext, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or Ctrl-C. `ready` gets the address once connections are accepted.

    Raises `ListenError`, one line, when the address is taken or not ours.
    """
    host, port = site.settings.server.host, site.settings.server.port
    _allow_many_connections()
    _warn_of_plain_http(site)
    if not list_centre_ids(site):
        log.warning("there is no centre yet: motcua import DIR (docs/how-to/installation.md, 3)")
    _warn_of_slips(site)
    gevent.get_hub().print_exception = _log_lost  # type: ignore[method-assign, assignment]
    server = _Server((host, port), app, handler_class=_Handler, log=None, error_log=log, spawn=Pool())
    try:
        server.start()
    except OSError as error:
        reason = "the port is taken" if error.errno == errno.EADDRINUSE else error.strerror
        raise ListenError(f"cannot listen on {host}:{port}: {reason}") from error
    told_to_stop = Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(each, told_to_stop.set)
    gevent.spawn(_look_for_damage, site).join(DAMAGE_SECONDS)  # a large database is looked at while it serves
    gevent.spawn(_end_days, site)
    gevent.spawn(_keep_time_limits, site)
    gevent.spawn(app.extensions["motcua_voice"].prepare)
    site.wakeups.start(lambda centre_id, urgent: site.heard(centre_id, urgent=urgent))
    ready(f"http://{in_an_address(host)}:{server.server_port}")
    told_to_stop.wait()
    site.hub.stop()
    server.stop(timeout=SHUTDOWN_GRACE_SECONDS)
    site.wakeups.stop()
    site.engine.dispose()


def _log_lost(context: Any, kind: Any, value: Any, trace: Any) -> None:  # noqa: ARG001 - gevent's signature
    """An exception that a greenlet died of: in the log's own lines, which hold no values, not raw on stderr."""
    log.error("a task died", exc_info=(kind, value, trace) if isinstance(value, BaseException) else None)


def _warn_of_plain_http(site: ServerContext) -> None:
    server = site.settings.server
    if not server.behind_proxy and not is_this_machine_only(server.host):
        log.warning(
            "%s: passwords and tokens travel unencrypted on this network; docs/how-to/installation.md, TLS, puts nginx"
            " in front",
            server.host,
        )


def _warn_of_slips(site: ServerContext) -> None:
    public_url = site.settings.server.public_url
    if not public_url:
        log.warning(
            "server.public_url is not set: slips have a code only where the kiosk's server_url is an address that "
            "phones can open (docs/how-to/installation.md, 3)"
        )
    elif not opens_on_phones(public_url):
        log.warning("server.public_url: phones cannot open %s, so slips have no code", public_url)


def _allow_many_connections() -> None:
    """Each watcher is an open file; the usual 1,024 are too few for a province."""
    if resource is not None:
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        with suppress(ValueError, OSError):  # some systems promise more than they give
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _look_for_damage(site: ServerContext) -> None:
    """A broken file takes no numbers: readiness says so from the start."""
    found = gevent.get_hub().threadpool.apply(site.look_for_damage)
    if found:
        log.critical("the database is damaged: %s: stop the server and restore a backup", found)


def _keep_time_limits(site: ServerContext) -> None:
    """What is too old is erased while the hall is closed; looked for every minute, so that a run cut off goes on."""
    watch = ClockJumpDetector()
    while True:
        gevent.sleep(END_OF_DAY_CHECK_SECONDS)
        try:
            if watch.is_stable(site.clock().timestamp(), time.monotonic()):
                for centre_id in list_centre_ids(site):
                    run_when_due(site, centre_id)
        except Exception:  # a full disk or a database that is away: the next minute tries again
            log.exception("what is too old could not be erased")


def _end_days(site: ServerContext) -> None:
    """At start and then every minute, so that a server that slept through midnight catches up."""
    watch = ClockJumpDetector()
    while True:
        try:
            if watch.is_stable(site.clock().timestamp(), time.monotonic()):
                for centre_id in list_centre_ids(site):
                    close_business_days(site, system_actor(centre_id))
        except Exception:  # a database that is away for a minute must not end this
            log.exception("the end of the day could not be written")
        gevent.sleep(END_OF_DAY_CHECK_SECONDS)
