"""A kiosk as it stands in a hall, but for its window: journal, own numbers, their hand-in, printer and paper."""

import random
from pathlib import Path

from config.settings import load_settings
from kiosk.core.core import KioskCore
from tests.chaos.checker import check_paper
from tests.chaos.clients import QUEUES, Client
from tests.chaos.history import OWN_NUMBER, Asked, History, Problems, now
from tests.end_to_end.printed_slips import Printer
from tests.faults.consistency_check import on_paper
from tests.faults.environment import all_printed
from tests.faults.kiosk_failpoints import tap
from tests.kiosk.driver import until

BETWEEN_VISITORS = 0.2  # seconds, in the mean
LOOKS_EVERY = 1.0
AT_REST_WITHIN = 120.0  # all handed in, all on paper


class StandingKiosk(Client):
    """Goes to the one server at `url`, and gives numbers of its own while that does not answer.

    `slowest`: seconds that a visitor waited for a number, whoever gave it.
    """

    def __init__(self, name: str, history: History, url: str, token: str, chance: random.Random, folder: Path) -> None:
        super().__init__(name, history, [], token, chance)
        self.slowest = 0.0
        self.printer = Printer(folder / "slips")
        self.machine = KioskCore(
            load_settings(
                kiosk={"server_url": url, "token": token, "data_dir": folder, "refresh_seconds": LOOKS_EVERY},
                printer={"url": f"{self.printer.url}?profile=text"},
            ),
            lambda: None,
        )

    def start(self) -> None:
        self.machine.start()
        until(lambda: self.machine.watch.centre is not None, "the centre")
        super().start()

    def turn(self) -> None:
        queue, asked_at = self.chance.choice(QUEUES), now()
        given = tap(self.machine, queue)
        told, answered_at = given.ticket, now()
        self.slowest = max(self.slowest, answered_at - asked_at)
        what = OWN_NUMBER if given.offline else "tap"
        self.history.add(Asked(self.name, what, queue, told.request_id, asked_at, answered_at, 201, number=told.number))
        self.stopping.wait(2 * BETWEEN_VISITORS * self.chance.random())

    def settle(self) -> None:
        """After the last visitor: every own number is handed in, every slip is out."""
        until(lambda: self.machine.hand_in.pending == 0, "all handed in", AT_REST_WITHIN)
        until(lambda: all_printed(self.machine), "all printed", AT_REST_WITHIN)

    def problems(self) -> Problems:
        given = {each.number or "" for each in self.history.asked if each.client == self.name}
        return {"paper": check_paper(given, *on_paper(self.printer))}

    def close(self) -> None:
        self.machine.stop()
        self.printer.__exit__()
