"""Staff at the server and a kiosk in the hall: trouble is seen within seconds, and a slip comes out once more."""

import json
import urllib.request
from pathlib import Path
from typing import Any

from display_server.services.core.actors import Actor
from display_server.services.kiosks.print_orders import order_slip
from display_server.services.kiosks.staff_tickets import given_number
from display_server.services.kiosks.status import KioskList, list_kiosks, request_reprint
from display_server.services.tickets.issuing import issue
from display_server.services.tickets.tickets import TicketRequest
from tests.end_to_end.printed_slips import Printer, read_number
from tests.end_to_end.test_ticket_to_hall import kiosk_at, take
from tests.kiosk.driver import until
from tests.server_process import ServerProcess, new_id

SEEN_WITHIN = 10.0


def seen(hall: ServerProcess) -> KioskList:
    return list_kiosks(hall.site, staff(hall))


def staff(hall: ServerProcess) -> Actor:
    return Actor("staff", 1, "Hoa", hall.centre_id, role="hall")


def set_printer(printer: Printer, **conditions: Any) -> None:
    asked = urllib.request.Request(f"{printer.web}/conditions", json.dumps(conditions).encode(), method="POST")
    asked.add_header("Content-Type", "application/json")
    urllib.request.urlopen(asked, timeout=10).close()


def test_a_printers_trouble_is_seen_within_seconds(hall: ServerProcess, printer: Printer, tmp_path: Path) -> None:
    with kiosk_at(hall, printer, tmp_path) as kiosk:
        until(lambda: seen(hall).kiosks[0].report, "the first report")
        for condition, told in (({"paper": "low"}, "paper_low"), ({"paper": "out"}, "paper_out")):
            set_printer(printer, **condition)
            until(lambda told=told: seen(hall).kiosks[0].trouble == [told], told, SEEN_WITHIN)  # type: ignore[misc]
        set_printer(printer, paper="ok")
        until(lambda: seen(hall).kiosks[0].trouble == [], "paper again", SEEN_WITHIN)
        kiosk.kill()
        until(lambda: seen(hall).kiosks[0].trouble == ["silent"], "a kiosk without power", 2 * SEEN_WITHIN)


def test_a_slip_that_staff_ask_for_comes_out_once_as_a_copy(
    hall: ServerProcess, printer: Printer, tmp_path: Path
) -> None:
    with kiosk_at(hall, printer, tmp_path) as kiosk:
        request_id = take(kiosk)["request_id"]
        until(lambda: len(printer.slips()) == 1, "the slip")
        ticket = hall.take(request_id=request_id, language="vi")
        asked = request_reprint(hall.site, staff(hall), ticket["id"], new_id())
        until(lambda: seen(hall).reprints[0].state == "printed", "the copy")
        assert len(printer.slips()) == 2
        kiosk.kill()
        kiosk.start()
        until(lambda: seen(hall).kiosks[0].report, "the kiosk is back")
        again = request_reprint(hall.site, staff(hall), ticket["id"], new_id())
        assert again.id != asked.id
        until(lambda: seen(hall).reprints[0].state == "printed", "another copy")
        assert len(printer.slips()) == 3


def test_a_number_that_staff_gave_comes_out_once_at_the_kiosk_that_they_chose(
    hall: ServerProcess, printer: Printer, tmp_path: Path
) -> None:
    with kiosk_at(hall, printer, tmp_path) as kiosk:
        until(lambda: seen(hall).kiosks[0].report, "the first report")
        set_printer(printer, paper="out")
        until(lambda: seen(hall).kiosks[0].trouble == ["paper_out"], "no paper", SEEN_WITHIN)
        given, _ = issue(hall.site, staff(hall), TicketRequest(new_id(), "KHDT"))
        kiosk_id = seen(hall).kiosks[0].id
        order_slip(hall.site, staff(hall), given.id, kiosk_id, new_id())

        def state() -> str:
            return given_number(hall.site, staff(hall), given.id).orders[0].state

        until(lambda: state() == "told", "the order at the kiosk", SEEN_WITHIN)
        kiosk.kill()  # power is lost while it waits for paper
        kiosk.start()
        until(lambda: seen(hall).kiosks[0].trouble == ["paper_out"], "the kiosk is back", 2 * SEEN_WITHIN)
        set_printer(printer, paper="ok")
        until(lambda: state() == "printed", "the slip", 2 * SEEN_WITHIN)
        assert len(printer.slips()) == 1
        assert read_number(printer.newest(), [given.number, "A002", "B001"]) == given.number
