"""The kiosk's disk is full: the server's numbers are still given, on the screen; none is lost, none comes twice."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kiosk.core.ticket_flow import RejectionReason, Result, TicketIssued, TicketRejected
from tests.faults.consistency_check import in_database, on_paper
from tests.faults.environment import Scene, all_printed
from tests.kiosk.driver import until


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process, and so of the kiosk in it, takes another byte. Server and printer are processes of
    their own; no right of root is needed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def take(scene: Scene) -> Result:
    return scene.machine.flow.take_ticket("HT", None, None, "vi")


def test_the_servers_number_is_on_the_screen_and_all_goes_on_with_space(tmp_path: Path) -> None:
    with Scene(tmp_path) as scene:
        scene.online()
        before = scene.tap().ticket.number
        until(lambda: all_printed(scene.machine), "the paper")
        with full_disk():
            given = take(scene)
            assert isinstance(given, TicketIssued)
            assert not given.on_paper
            scene.proxy.mood = "half_open"
            assert take(scene) == TicketRejected(RejectionReason.FAULT)
        scene.proxy.mood = "well"
        scene.online()
        after = scene.tap().ticket.number
        until(lambda: scene.machine.hand_in.pending == 0 and all_printed(scene.machine), "all at rest")
        originals, copies = on_paper(scene.printer)
        assert originals == {before: 1, after: 1}
        assert not copies
        assert [before, given.ticket.number, after] == list(in_database(scene.hall.site))
