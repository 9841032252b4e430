"""A server, a line that can be broken, a kiosk without a window, its printer: and what came of it all."""

import time
from pathlib import Path
from typing import Any, Self

from config.settings import load_settings
from display_server.domain.state_machine import TicketState
from display_server.services.devices.devices import DeviceKind, add_device
from kiosk.core.core import KioskCore
from kiosk.core.ticket_flow import TicketIssued
from printer.jobs.store import DONE
from tests.end_to_end.printed_slips import Printer
from tests.faults.consistency_check import Paper, check, in_database
from tests.faults.kiosk_failpoints import MANY, tap
from tests.faults.proxy import Proxy
from tests.kiosk.driver import free_port, until
from tests.server_process import ServerProcess

Counts = dict[str, float]
# The kiosk looks for the server so seldom that it is a tap that meets the fault.
SELDOM = 30.0


class Scene:
    """`kiosk`, `printer`: changes of its settings. Use it with `with`; `counts()` at the end of the block."""

    def __init__(
        self, folder: Path, kiosk: dict[str, Any] | None = None, printer: dict[str, Any] | None = None
    ) -> None:
        self.hall = ServerProcess(folder, f"sqlite:///{folder}/hall.db", "xa_mau", port=free_port())
        self.printer = Printer(folder / "slips")
        self.proxy = Proxy(self.hall.port)
        self.settings = load_settings(
            kiosk={"server_url": self.proxy.url, "token": self.hall.token("kiosk"), "data_dir": folder / "kiosk"}
            | {"refresh_seconds": SELDOM}
            | (kiosk or {}),
            printer={"url": f"{self.printer.url}?profile=text"} | (printer or {}),
        )
        self.slowest_tap = self.longest_until_handed_in = 0.0
        self.taps: list[str] = []
        self.paper: Paper = self.printer

    def __enter__(self) -> Self:
        self.hall.start()
        self.proxy.__enter__()
        self.machine = self.start_kiosk()
        return self

    def __exit__(self, *_: object) -> None:
        self.machine.stop()
        self.proxy.__exit__()
        self.printer.__exit__()
        self.hall.stop()
        self.hall.site.engine.dispose()

    def enrol_kiosk(self, name: str) -> str:
        """The token of a further kiosk."""
        return add_device(self.hall.site, self.hall.centre_id, DeviceKind.KIOSK, name, None)

    def print_through(self, url: str) -> None:
        """The kiosk starts anew and reaches its printer through `url`."""
        self.machine.stop()
        self.settings = self.settings.model_copy(
            update={"printer": self.settings.printer.model_copy(update={"url": url})}
        )
        self.start_kiosk()

    def start_kiosk(self) -> KioskCore:
        self.machine = KioskCore(self.settings, lambda: None)
        self.machine.start()
        return self.machine

    def online(self) -> None:
        until(lambda: self.machine.watch.online, "the server")

    def tap(self) -> TicketIssued:
        """One visitor; how long the number took is kept."""
        began = time.monotonic()
        given = tap(self.machine)
        self.slowest_tap = max(self.slowest_tap, time.monotonic() - began)
        self.taps.append(given.ticket.number)
        return given

    def handed_in(self) -> None:
        """Wait until the server knows every number; how long that took is kept."""
        began = time.monotonic()
        until(lambda: self.machine.hand_in.pending == 0, "all handed in", 60)
        self.longest_until_handed_in = max(self.longest_until_handed_in, time.monotonic() - began)

    def in_line(self) -> list[str]:
        """The numbers that wait, in the order of their places."""
        tickets = in_database(self.hall.site)
        waiting = [number for number, row in tickets.items() if row.state == TicketState.WAITING]
        return sorted(waiting, key=lambda number: int(tickets[number].place))

    def counts(self, patience: float = 60) -> Counts:
        """Paper and tickets, once everything has come to rest. Fails where they differ, or after so many seconds."""
        until(lambda: self.machine.hand_in.pending == 0 and all_printed(self.machine), "all at rest", patience)
        found = check(self.paper, self.hall.site)
        assert found["tickets"] == len(self.taps), (found, self.taps)
        return {"taps": len(self.taps), **found} | {
            "slowest_tap": self.slowest_tap,
            "handed_in_after": self.longest_until_handed_in,
        }


def all_printed(machine: KioskCore) -> bool:
    """No slip is waiting for the printer, or on its way to it."""
    return all(job.state in DONE for job in machine.jobs.latest(MANY))
