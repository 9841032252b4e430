"""Under which names this server may be linked to: a request's own `Host` header is written by whoever sends it."""

import ipaddress
import socket
from urllib.parse import urlsplit

from config.settings import ServerSettings

LOCAL = "localhost"


def base_address(server: ServerSettings, scheme: str, host: str) -> str | None:
    """Where links to this server begin: `public_url`, else `host` if it is ours. None: there is none to give.

    Ours are this machine's own addresses, its name, localhost, and the names in `server.names`.
    """
    if server.public_url:
        return server.public_url.rstrip("/")
    try:
        parts = urlsplit(f"//{host}")
        name, port = parts.hostname, parts.port
    except ValueError:
        return None
    if name is None or parts.username is not None or parts.path or not is_own(server, name):
        return None
    return f"{scheme}://{in_an_address(name)}" + (f":{port}" if port is not None else "")


def in_an_address(host: str) -> str:
    """A host as it stands in a URL: an IPv6 address in brackets."""
    return f"[{host}]" if ":" in host else host


def is_own(server: ServerSettings, name: str) -> bool:
    """Whether `name` (a host without its port) is this server."""
    name = name.lower().rstrip(".")
    known = {LOCAL, socket.gethostname().lower(), socket.getfqdn().lower(), *(each.lower() for each in server.names)}
    return (
        name in known - {""}
        or f"{name}.local" in known
        or name.removesuffix(".local") in known - {""}
        or _is_address(name)
    )


def is_this_machine_only(host: str) -> bool:
    """Whether an address that is listened on is reached from this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == LOCAL


def _is_address(name: str) -> bool:
    """Whether it is one of this machine's addresses: only those can be bound to."""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    if address.is_unspecified or address.is_multicast:
        return False
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET  # noqa: PLR2004 - IP's versions
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((name, 0))
    except OSError:
        return False
    return True
