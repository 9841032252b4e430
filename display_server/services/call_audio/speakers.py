"""Which page of the hall speaks. Enrolled displays come first; other pages speak only where none of them does."""

import time
from dataclasses import dataclass

from display_server.domain.shown_calls import ShownCalls
from display_server.domain.speaker_election import GuestLease, network_of
from display_server.services.calling.announced_calls import announce, last_announced, last_seq
from display_server.services.calling.display_lease import ask_display, is_quiet_now, live_speakers
from display_server.services.core.actors import Actor
from display_server.services.core.context import ServerContext
from display_server.services.core.schemas import SpeakerView
from display_server.services.devices.devices import DeviceKind

MOST_GUEST_GROUPS = 64  # of all centres; a page beyond it speaks without being remembered


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page asks with. `page`: its own id. `able`: its browser lets it sound. `always`: it has a loudspeaker of
    its own; `spoken`: the last call that it has said; both are believed of an enrolled display alone.
    """

    page: str
    shown: ShownCalls
    always: bool = False
    able: bool = True
    spoken: int = 0


class Speakers:
    """Of all centres that this server serves."""

    def __init__(self, site: ServerContext) -> None:
        self._site = site
        self._guests: dict[tuple[int, str], GuestLease] = {}

    def ask(self, actor: Actor, asked: Asked) -> SpeakerView:
        """A page asks whether it speaks until it asks again, `LEASE_SECONDS` later at the latest."""
        with self._site.read() as connection:
            quiet = is_quiet_now(self._site, connection, actor.centre_id)
        is_display = actor.kind == DeviceKind.DISPLAY
        speaks, nobody, spoken = self._display(actor, asked) if is_display else self._guest(actor, asked)
        return SpeakerView(speak=speaks and not quiet, quiet=quiet, nobody=nobody, spoken=spoken)

    def guest_groups(self) -> int:
        """How many groups of pages that nobody enrolled are remembered."""
        return len(self._guests)

    def _display(self, actor: Actor, asked: Asked) -> tuple[bool, bool, int]:
        if asked.spoken:
            announce(self._site, actor, [asked.spoken], spoken=True)
        holder = f"{actor.id}:{asked.page}"
        speaks, somebody = ask_display(
            self._site, actor.centre_id, asked.shown, holder, always=asked.always, able=asked.able
        )
        with self._site.read() as connection:
            catalogue = self._site.catalogue(connection, actor.centre_id)
            return speaks, not somebody, last_announced(connection, catalogue, asked.shown)

    def _guest(self, actor: Actor, asked: Asked) -> tuple[bool, bool, int]:
        with self._site.read() as connection:
            displays = live_speakers(self._site, connection, actor.centre_id)
            newest = last_seq(connection, actor.centre_id)
        if any(shown.covers(asked.shown) for shown, _ in displays):
            return False, False, 0
        now = time.monotonic()
        lease = self._lease((actor.centre_id, asked.shown.key()), now)
        if lease is None or self._site.settings.voice.speakers == "all":
            return asked.able, not asked.able, 0
        page = (network_of(actor.address), asked.page)
        speaks = lease.ask(page, now, can_play=asked.able, last_seq=newest)
        return speaks, not lease.has_speaker(now), lease.handed_over_at if speaks else 0

    def _lease(self, key: tuple[int, str], now: float) -> GuestLease | None:
        """None: too many groups are asked about, made up by somebody."""
        if key not in self._guests:
            self._guests = {each: lease for each, lease in self._guests.items() if not lease.is_empty(now)}
            if len(self._guests) >= MOST_GUEST_GROUPS:
                return None
            self._guests[key] = GuestLease()
        return self._guests[key]
