"""No paper, with the real printer, server and kiosk: said before, held afterwards, printed again by staff."""

from pathlib import Path

from display_server.services.kiosks.status import request_reprint
from display_server.services.reporting.dashboard import number_history
from tests.end_to_end.printed_slips import Printer, read_number
from tests.end_to_end.test_staff_and_kiosk import seen, set_printer, staff
from tests.end_to_end.test_ticket_to_hall import CANDIDATES, kiosk_at
from tests.kiosk.driver import until
from tests.server_process import ServerProcess, new_id


def test_a_slip_whose_visitor_has_left_does_not_come_before_the_next_ones(
    hall: ServerProcess, printer: Printer, tmp_path: Path
) -> None:
    with kiosk_at(hall, printer, tmp_path, KIOSK__ASK_PROCEDURE="false") as kiosk:

        def take(department: str) -> str:
            kiosk.touch("begin")
            kiosk.shows("departments")
            kiosk.touch(f"department:{department}")
            return str(kiosk.shows("number")["number"])

        set_printer(printer, paper="out")
        until(lambda: "Máy in đã hết giấy." in kiosk.state()["texts"], "it is said before a number is taken")
        assert any("Ông/bà vẫn lấy được số" in text for text in kiosk.state()["texts"])
        first = take("KHDT")
        kiosk.touch("done")
        kiosk.shows("start")
        second = take("XD")
        set_printer(printer, paper="ok")
        until(lambda: kiosk.state()["slip"] == "out", "the second visitor's slip")
        assert len(printer.slips()) == 1
        assert read_number(printer.newest(), CANDIDATES) == second != first

        until(lambda: (report := seen(hall).kiosks[0].report) and report.held == [first], "staff see which one is held")
        ticket = number_history(hall.site, staff(hall), first, None).ticket
        request_reprint(hall.site, staff(hall), ticket.id, new_id())
        until(lambda: len(printer.slips()) == 2, "the slip that staff asked for")
        assert read_number(printer.newest(), CANDIDATES) == first
        until(lambda: (report := seen(hall).kiosks[0].report) and report.held == [], "nothing is held any more")
