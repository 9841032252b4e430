"""How long somebody waits, or why nobody can tell: no counter serves the queue now, or the centre is closed.

Every place that tells minutes asks here: the kiosk before and after the number, the slip, the phone, the displays, the
counters and the overview.
"""

from display_server.services.catalogue.catalogue import Catalogue
from display_server.services.catalogue.queue_load import QueueLoad
from display_server.services.core.business_day import is_open_on
from display_server.services.core.context import ServerContext
from display_server.services.core.schemas import NoWait, Wait


def wait_in(
    site: ServerContext,
    catalogue: Catalogue,
    load: QueueLoad,
    department: str,
    ahead: int,
    counter_id: int | None = None,
) -> tuple[Wait | None, NoWait | None]:
    """Minutes behind `ahead` others, or None and the reason. Open counters go on after hours with those who wait.

    `counter_id`: the only counter that may call the visitor, who was sent there.
    """
    if is_served(load, department, counter_id):
        wait = load.wait(department, ahead)
        return Wait(low=wait.low, high=wait.high), None
    return None, _reason(site, catalogue)


def is_served(load: QueueLoad, department: str, counter_id: int | None = None) -> bool:
    """Whether a counter is open that may call who waits there."""
    return department in load.served if counter_id is None else counter_id in load.open_counters


def wait_to_join(
    site: ServerContext, catalogue: Catalogue, load: QueueLoad, department: str, ahead: int
) -> tuple[Wait | None, NoWait | None]:
    """The same for who would take a number now: none is given while the centre is closed."""
    if not is_open(site, catalogue):
        return None, "closed"
    return wait_in(site, catalogue, load, department, ahead)


def is_open(site: ServerContext, catalogue: Catalogue) -> bool:
    """Whether the centre gives out numbers now."""
    now = site.clock()
    return is_open_on(site, catalogue, now, site.activity.day(catalogue, now))


def _reason(site: ServerContext, catalogue: Catalogue) -> NoWait:
    return "no_counter" if is_open(site, catalogue) else "closed"
