"""A real slip of every kind, decoded from its picture and scanned at the kiosk that printed it."""

from pathlib import Path
from typing import Any

import zxingcpp

from display_server.services.kiosks.status import request_reprint
from display_server.services.reporting.dashboard import number_history
from printer.slip.layout import layout_names
from tests.end_to_end.printed_slips import Printer, read_code
from tests.end_to_end.test_staff_and_kiosk import staff
from tests.end_to_end.test_ticket_to_hall import kiosk_at
from tests.kiosk.driver import Kiosk, until
from tests.server_process import PHONES, ServerProcess, new_id

ASK_NOTHING = {"KIOSK__ASK_PROCEDURE": "false", "KIOSK__ANSWER_SECONDS": "1"}


def take(kiosk: Kiosk, department: str = "KHDT", *, priority: bool = False) -> dict[str, Any]:
    kiosk.shows("start")
    kiosk.touch("begin")
    kiosk.shows("departments")
    if priority:
        kiosk.touch("ask_priority")
        kiosk.shows("priority")
        kiosk.touch("priority:elderly")
        kiosk.shows("departments")
    kiosk.touch(f"department:{department}")
    until(lambda: kiosk.state()["slip"] == "out", f"the paper; {kiosk.log()}")
    state = kiosk.shows("number")
    kiosk.touch("done")
    kiosk.shows("start")
    return state


def scan(kiosk: Kiosk, code: str, before: str = "") -> str:
    """Through the keyboard's entrance, as a scanner types; what the panel says."""
    kiosk.press(*(before + code), "enter")
    until(lambda: kiosk.state()["scanned"] not in {None, "looking"}, "the panel")
    state = kiosk.state()
    assert state["scanned"] == "slip", (state["scanned"], code)
    kiosk.touch("scan:close")
    until(lambda: kiosk.state()["scanned"] is None, "the panel's end")
    return " ".join(state["scanned_texts"])


def test_every_slip_is_known_to_the_kiosk_that_printed_it(
    hall: ServerProcess, printer: Printer, tmp_path: Path
) -> None:
    with kiosk_at(hall, printer, tmp_path, **ASK_NOTHING) as kiosk:
        for priority in (False, True):
            number = take(kiosk, priority=priority)["number"]
            code = read_code(printer.newest())
            assert code.startswith(f"{PHONES}/t/")
            assert number in scan(kiosk, code)
        for before in ("]Q1", "]Q3", "\ufeff", "\x02"):
            assert number in scan(kiosk, code, before)

        ticket = number_history(hall.site, staff(hall), number, None).ticket
        request_reprint(hall.site, staff(hall), ticket.id, new_id())
        until(lambda: len(printer.slips()) == 3, "the copy")
        assert number in scan(kiosk, read_code(printer.newest()))

        hall.kill()
        own = take(kiosk)
        assert own["offline"]
        assert not zxingcpp.read_barcodes(printer.newest()), "the server had no part in it: no address is known"
        hall.start()
        until(lambda: kiosk.state()["to_hand_in"] == 0, "handed in", patience=60)


def test_every_layout_has_a_code_that_is_scanned(hall: ServerProcess, printer: Printer, tmp_path: Path) -> None:
    for layout in layout_names():
        with kiosk_at(hall, printer, tmp_path / layout, PRINTER__LAYOUT=layout, **ASK_NOTHING) as kiosk:
            number = take(kiosk)["number"]
            assert number in scan(kiosk, read_code(printer.newest())), layout


def test_a_kiosk_beside_its_server_prints_no_address_of_itself(
    hall: ServerProcess, printer: Printer, tmp_path: Path
) -> None:
    """As shipped: one box, server_url 127.0.0.1, no public_url."""
    hall.kill()
    hall.environment["MOTCUA_SERVER__PUBLIC_URL"] = ""
    hall.start()
    with kiosk_at(hall, printer, tmp_path, **ASK_NOTHING) as kiosk:
        take(kiosk)
        assert not zxingcpp.read_barcodes(printer.newest())
