"""Who is asking: a device, a member of staff, or nobody in particular."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """`kind`: kiosk, counter, display, button, staff or system. `counter_id`: the counter a device is bound to.

    `counters`: the codes of the counters that a member of staff works at; none: every counter.
    `address`: from where the request came; None for the server itself and its commands.
    """

    kind: str
    id: int
    name: str
    centre_id: int
    counter_id: int | None = None
    role: str | None = None
    offline_letter: str | None = None
    counters: tuple[str, ...] = ()
    address: str | None = None


def system_actor(centre_id: int) -> Actor:
    """The server itself: the end of a day, an import."""
    return Actor("system", 0, "motcua", centre_id)
