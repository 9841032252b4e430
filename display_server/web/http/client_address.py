"""From where a request comes, behind a proxy: an IP address, whatever a sender wrote into X-Forwarded-For."""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class KnownAddress:
    """`app` behind one proxy (RFC 7239 in its older form). What is no address is not believed: the proxy's stands."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app
        self._proxied = ProxyFix(self._with_address, x_for=1, x_proto=1, x_host=1)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        return self._proxied(environ, start_response)

    def _with_address(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        told = environ.get("REMOTE_ADDR", "")
        peer = environ.get("werkzeug.proxy_fix.orig", {}).get("REMOTE_ADDR", "")
        environ["REMOTE_ADDR"] = read_address(told) or read_address(peer) or ""
        return self._app(environ, start_response)


def read_address(told: str) -> str | None:
    """The IP address in `told` in its shortest form, without port or zone; None where there is none."""
    told = told.strip().strip('"')
    if told.startswith("["):
        told = told[1:].partition("]")[0]
    elif told.count(":") == 1:
        told = told.partition(":")[0]
    try:
        found = ip_address(told.partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)
