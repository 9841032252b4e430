"""Under which names this server may be linked to: a request's own `Host` header is written by whoever sends it."""

import ipaddress
import socket
from urllib.parse import urlsplit

from config.settings import ServerSettings

LOCAL = "localhost"
# Names that every machine takes for itself.
NOBODY_ELSE = (".localhost", ".localdomain", "ip6-localhost", "ip6-loopback", ".invalid")


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


def phone_address(server: ServerSettings, scheme: str, host: str) -> str | None:
    """Where a visitor's phone finds this server; None where no address is known that a phone can open.

    The bare name of this machine is none: it means something on this network only where somebody has set it up, and
    then it stands in `server.names`.
    """
    base = base_address(server, scheme, host)
    if base is None or not opens_on_phones(base):
        return None
    name = (urlsplit(base).hostname or "").rstrip(".")
    configured = bool(server.public_url) or name in {each.lower() for each in server.names}
    return base if configured or _address(name) is not None or _is_full_name(name) else None


def address_in_hall(server: ServerSettings, scheme: str, host: str) -> str:
    """What another machine opens: the asker's own address where it can be one, else `phone_address`, else "…".

    A page that is read on this machine under localhost must not send others there.
    """
    asked = server.model_copy(update={"public_url": ""})
    return phone_address(asked, scheme, host) or phone_address(server, scheme, host) or "…"


def opens_on_phones(base: str) -> bool:
    """Whether another machine can open an address that begins so: not where it means "this machine" or one cable."""
    name = (urlsplit(base).hostname or "").rstrip(".")
    address = _address(name)
    if address is None:
        return bool(name) and name != LOCAL and not name.endswith(NOBODY_ELSE)
    return not (
        address.is_loopback
        or address.is_link_local
        or address.is_unspecified
        or address.is_multicast
        or (address.version == 4 and address.is_reserved)  # noqa: PLR2004 - IP's versions
    )


def _is_full_name(name: str) -> bool:
    return "." in name and not name.endswith(".local")


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that `name` spells, in any of the ways that a phone would take for one: also 127.1, 0x7f.1."""
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        try:
            return ipaddress.IPv4Address(socket.inet_aton(name)) if name and " " not in name else None
        except OSError:
            return None
    inner = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return inner or address


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
