"""Who works at which counter, and who comes: a believable mix for whichever centre is shown."""

from collections.abc import Iterator
from random import Random

from config.centre.loader import Centre
from display_server.demo.environment import DemoEnvironment
from display_server.demo.http_client import ApiClient, Session
from display_server.demo.simulation.clerk import Clerk
from display_server.demo.simulation.event_log import EventLog
from display_server.demo.simulation.scenario import Scenario
from display_server.services.staff.staff import Role

SIGNED_IN = 3  # the others press at their counter's own device: sign-ins are limited to some a minute
PRIORITY = 0.12
ENGLISH = 0.1
SILO = 7


def create_clerks(hall: DemoEnvironment, day: Scenario, record: EventLog, counters: list[str]) -> dict[str, Clerk]:
    """A clerk for each of the counters: the first sign in and use the counter page's API."""
    apis = [_signed_in(hall, code) for code in counters[:SIGNED_IN]]
    apis += [hall.server.with_token(hall.access.counters[code]) for code in counters[SIGNED_IN:]]
    return {code: Clerk(day, record, api, code) for api, code in zip(apis, counters, strict=True)}


def _signed_in(hall: DemoEnvironment, counter: str) -> ApiClient:
    clerk = hall.access.person(Role.CLERK)
    session = Session(hall.server.host, hall.server.port)
    session.sign_in(clerk.name, clerk.password, f"/counter/{counter}")
    return session


def counter_for_guests(centre: Centre) -> str | None:
    """A counter that nobody needs to staff, because others serve all of its queues."""
    for counter in centre.counters:
        others = {code for other in centre.counters if other is not counter for code in other.departments}
        if set(counter.departments) <= others:
            return counter.code
    return None


def wishes(centre: Centre, chance: Random) -> Iterator[tuple[str, str | None]]:
    """Department and priority reason of one visitor after the other, without end.

    Every department comes once before the busy ones come again: a short morning shows them all.
    """
    departments = [department.code for department in centre.departments]
    load = _load(centre)
    reasons = [reason.code for reason in centre.priority.reasons]
    first = chance.sample(departments, len(departments))
    while True:
        department = first.pop() if first else chance.choices(departments, load)[0]
        yield department, chance.choice(reasons) if reasons and chance.random() < PRIORITY else None


def _load(centre: Centre) -> list[int]:
    """How busy each department is: as busy as it has counters, but one is too busy for its only counter.

    Real waits come from that: pooled, the counters of a centre hardly ever have a queue.
    """
    serving = [
        [counter for counter in centre.counters if department.code in counter.departments]
        for department in centre.departments
    ]
    load = [len(counters) for counters in serving]
    alone = [n for n, counters in enumerate(serving) if len(counters) == 1 and len(counters[0].departments) == 1]
    if alone:
        load[alone[0]] = SILO
    return load
