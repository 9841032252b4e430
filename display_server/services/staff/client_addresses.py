"""From where a request comes, as the limits see it: which addresses count as one, and which are trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

GROUP_BITS = 64  # what a provider gives to one household or one hall at least; inside it addresses cost nothing
LONGEST = 45


@dataclass(frozen=True, slots=True)
class Source:
    """Who asks, as far as limits tell people apart.

    `key`: what is counted together. `address`: as it came; it goes into the audit trail.
    `is_known`: an enrolled device, a browser that this member signed in from before, or a trusted network: what
    strangers do elsewhere never slows it down. `is_shared`: several people stand behind one key, so that the wrong
    attempts of all of them together mean nothing.
    """

    key: str
    address: str = ""
    is_known: bool = False
    is_shared: bool = False


def address_group(address: str) -> str:
    """Addresses that one person can have at will count as one: an IPv6 /64. IPv4 inside IPv6 is IPv4.

    What is no address stays as it is, at most 45 letters of it.
    """
    found = _parse(address)
    if found is None:
        return address[:LONGEST]
    if isinstance(found, IPv6Address):
        return str(IPv6Network((found, GROUP_BITS), strict=False))
    return str(found)


def source_of(address: str, trusted: Sequence[IPv4Network | IPv6Network]) -> Source:
    """An address without anything else that is known of who asks."""
    found = _parse(address)
    if found is not None and any(found in network for network in trusted):
        return Source(f"trusted {found}"[:64], address, is_known=True, is_shared=True)
    return Source(address_group(address), address)


def _parse(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address.partition("%")[0])  # "%eth0": the card it came in by
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
