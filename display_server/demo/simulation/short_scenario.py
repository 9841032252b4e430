"""A short morning from the first visitor to the last, with a pause in the middle for pictures."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import gevent

from display_server.demo.environment import DemoEnvironment
from display_server.demo.errors import DemoError
from display_server.demo.processes import LOOK_SECONDS
from display_server.demo.simulation.event_log import EventLog
from display_server.demo.simulation.scenario import HASTY, Scenario
from display_server.demo.simulation.screen import Screen
from display_server.demo.simulation.staffing import ENGLISH, create_clerks, wishes
from display_server.demo.simulation.visitors import ApiVisitor, KioskVisitor

if TYPE_CHECKING:
    Task = gevent.Greenlet[[], None]

Pictures = Callable[[list[str], Callable[[str], None]], None]

AT_KIOSK, AT_DOOR, LATE = 13, 36, 26
PEAK_SECONDS, LATER_SECONDS = (0.05, 0.35), (0.3, 1.0)  # between two: half of them come at the opening
SETTLE_SECONDS = 1.5  # by then every clerk has called whoever is next, and waits
LONGEST_SECONDS = 240.0


class ShortScenario:
    """`on_screen(name)`: a visitor stands before that screen of the kiosk. `pictures(addresses, recall)`: called while
    all pause, with the phone pages of those who came last and a way to have a counter's visitor called again.
    """

    def __init__(self, hall: DemoEnvironment, on_screen: Callable[[str], None], pictures: Pictures) -> None:
        self._hall = hall
        self._pictures = pictures
        self.record = EventLog()
        self._day = Scenario([department.code for department in hall.centre.departments], HASTY, has_guests=False)
        self._wishes = wishes(hall.centre, self._day.random)
        visitors = hall.server.with_token(hall.access.visitors)
        self._at_kiosk = KioskVisitor(self._day, self.record, hall.kiosk, on_screen)
        self._at_door = ApiVisitor(self.record, visitors)

    def play(self) -> EventLog:
        """Raises `DemoError`, or whatever went wrong in the middle of it."""
        screen = gevent.spawn(Screen(self._hall.server, self.record).watch)
        try:
            counters = [counter.code for counter in self._hall.centre.counters]
            self._clerks = create_clerks(self._hall, self._day, self.record, counters)
            clerks = [gevent.spawn(clerk.work) for clerk in self._clerks.values()]
            self._wait([gevent.spawn(self._come_to_the_kiosk), gevent.spawn(self._come_to_the_door)], clerks)
            self._pause_for_pictures()
            self._day.close_the_door()
            self._wait(clerks)
            gevent.sleep(SETTLE_SECONDS)  # the last call reaches the screen
        finally:
            screen.kill()
        return self.record

    def _come_to_the_kiosk(self) -> None:
        for _ in range(AT_KIOSK):
            language = "en" if self._day.random.random() < ENGLISH else None
            self._at_kiosk.take(*next(self._wishes), language)

    def _come_to_the_door(self) -> None:
        for n in range(AT_DOOR):
            self._at_door.take(*next(self._wishes))
            self._day.spend(PEAK_SECONDS if n < AT_DOOR / 2 else LATER_SECONDS)

    def _pause_for_pictures(self) -> None:
        began = datetime.now(UTC)
        self._day.goes_on.clear()
        last = [ticket["page"] for ticket in self._late_visitors() if ticket is not None]
        gevent.sleep(SETTLE_SECONDS)
        self._pictures(last, lambda counter: self._clerks[counter].recall())
        self._day.goes_on.set()
        self.record.pause = began, datetime.now(UTC)

    def _late_visitors(self) -> Iterator[dict[str, str] | None]:
        for _ in range(LATE):
            yield self._at_door.take(*next(self._wishes))

    def _wait(self, until_done: "list[Task]", meanwhile: "Sequence[Task]" = ()) -> None:
        """Until the greenlets are done; an error in any of them, or a part that dies, is raised here."""
        deadline = time.monotonic() + LONGEST_SECONDS
        while not all(one.ready() for one in until_done):
            for one in [*until_done, *meanwhile]:
                if one.ready():
                    one.get()
            self._hall.look(restart=False)
            if time.monotonic() > deadline:
                raise DemoError(f"the morning did not end within {LONGEST_SECONDS:.0f} s")
            gevent.sleep(LOOK_SECONDS)
        gevent.joinall(until_done, raise_error=True)
