"""Every fault that is caused on purpose, with what makes it: `tests/faults/test_catalogue.py` runs each a few times,
`python -m tests.faults.report` often."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.faults.clock_faults import clock_jumps
from tests.faults.environment import Counts
from tests.faults.kiosk_failpoints import OFFLINE, ONLINE
from tests.faults.network import broken_line, hand_in_lost
from tests.faults.offline_pair import two_kiosks_away
from tests.faults.printing import broken_printer, unplugged_printer, unplugged_serial_printer
from tests.faults.process_kills import box_killed, kiosk_killed, server_killed
from tests.faults.server_failpoints import STEPS


@dataclass(frozen=True)
class Case:
    """`run(folder, times)` causes the fault that often, and fails unless paper and tickets are the same."""

    name: str
    run: Callable[[Path, int], Counts]
    few: int
    often: int = 20


CASES = (
    *(Case(f"kiosk killed: {step}", partial(kiosk_killed, step=step), few=3) for step in [*ONLINE, *OFFLINE]),
    *(Case(f"server killed: {step}", partial(server_killed, step=step), few=2) for step in STEPS),
    Case("one box, power cut at each of the kiosk's steps", box_killed, few=1),
    Case("network: nothing arrives", partial(broken_line, mood="cut"), few=1),
    Case("network: half-open", partial(broken_line, mood="half_open"), few=1),
    Case("network: answers 2 s late", partial(broken_line, mood="slow"), few=1),
    Case("network: reset in the middle of the answer", partial(broken_line, mood="reset"), few=2),
    Case("network: answer lost after the commit", partial(broken_line, mood="lost"), few=2),
    Case("network: answer to the hand-in lost", hand_in_lost, few=1),
    Case("printer: out of paper", partial(broken_printer, paper="out"), few=1),
    Case("printer: out of paper in the middle of a slip", partial(broken_printer, paper_left_mm=25), few=1),
    Case("printer: cover open", partial(broken_printer, cover_open=True), few=1),
    Case("printer: hangs", partial(broken_printer, unresponsive=True), few=1),
    Case("printer: answers garbage when asked how it is", partial(broken_printer, speaks="garbage"), few=1),
    Case("printer: cable out", partial(unplugged_printer, mood="cut"), few=1),
    Case("printer: the line breaks in the middle", partial(unplugged_printer, mood="reset"), few=1),
    Case(
        "serial printer: out of paper in the middle of a slip",
        partial(broken_printer, serial=True, paper_left_mm=25),
        few=1,
    ),
    Case("serial printer: hangs", partial(broken_printer, serial=True, unresponsive=True), few=1),
    Case("serial printer: answers garbage", partial(broken_printer, serial=True, speaks="garbage"), few=1),
    Case("serial printer: cable out", unplugged_serial_printer, few=1),
    Case("two kiosks without the server for an hour, 300 visitors", two_kiosks_away, few=1, often=3),
    Case("kiosk's clock a day ahead, without the server", partial(clock_jumps, days=1), few=1),
    Case("kiosk's clock a day behind, without the server", partial(clock_jumps, days=-1), few=1),
)
