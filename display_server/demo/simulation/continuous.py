"""Visitors and clerks without end, beside whoever tries the hall meanwhile."""

import http.client
import random
import time
from collections.abc import Callable

import gevent
from gevent.pool import Group

from display_server.demo.environment import DemoEnvironment
from display_server.demo.errors import DemoError
from display_server.demo.simulation.event_log import EventLog
from display_server.demo.simulation.scenario import LIVELY, Scenario
from display_server.demo.simulation.staffing import counter_for_guests, create_clerks, wishes
from display_server.demo.simulation.visitors import ApiVisitor, KioskTrouble, KioskVisitor

GUEST_SECONDS = 20.0  # the kiosk is a guest's own for so long after each tap
AT_KIOSK_SECONDS, AT_DOOR_SECONDS = (6.0, 14.0), (1.5, 5.0)
MOST_WAITING = 60
AGAIN_SECONDS = 3.0


class ContinuousScenario:
    """`start` sets everybody going."""

    def __init__(self, hall: DemoEnvironment) -> None:
        self._hall = hall
        self._people = Group()
        self._record = EventLog()
        departments = [department.code for department in hall.centre.departments]
        self._day = Scenario(departments, LIVELY, has_guests=True, random=random.Random())  # noqa: S311 - a play
        self._wishes = wishes(hall.centre, self._day.random)
        self._at_kiosk = KioskVisitor(self._day, self._record, hall.kiosk, lambda _: None)
        self._at_door = ApiVisitor(self._record, hall.server.with_token(hall.access.visitors))

    def start(self) -> None:
        guests = counter_for_guests(self._hall.centre)
        counters = [counter.code for counter in self._hall.centre.counters if counter.code != guests]
        if guests is not None:
            self._hall.say(f"Visitors and clerks come by themselves; counter {guests} is left to you.")
        for clerk in create_clerks(self._hall, self._day, self._record, counters).values():
            self._people.start(gevent.Greenlet(clerk.work))
        self._people.start(gevent.Greenlet(self._again, self._come_to_the_kiosk))
        self._people.start(gevent.Greenlet(self._again, self._come_to_the_door))

    def stop(self) -> None:
        """Everybody goes home."""
        self._people.kill()

    def _again(self, deed: Callable[[], None]) -> None:
        """Over and over, also after a part of the hall was away."""
        while True:
            try:
                deed()
            except (OSError, ValueError, http.client.HTTPException, DemoError) as error:
                gevent.sleep(AGAIN_SECONDS)  # nothing to tell where the demo is ending just now
                self._hall.say(f"A visitor went away: {error}")
            except KioskTrouble:  # a guest was quicker
                gevent.sleep(AGAIN_SECONDS)

    def _come_to_the_kiosk(self) -> None:
        self._day.spend(AT_KIOSK_SECONDS)
        if time.monotonic() - self._hall.touched_at > GUEST_SECONDS:
            self._at_kiosk.take(*next(self._wishes))

    def _come_to_the_door(self) -> None:
        self._day.spend(AT_DOOR_SECONDS)
        waiting = sum(
            department["waiting"] for department in self._hall.server.get("/api/v1/hall").json()["departments"]
        )
        if waiting < MOST_WAITING:
            self._at_door.take(*next(self._wishes))
