"""A technician in the evening: the service screen, the closed centre's server, the paper, and a phone."""

import urllib.request
from pathlib import Path

import pytest

from config.centre.loader import load_centre
from display_server.services.centre.import_centre import import_centre
from kiosk.maintenance.pin import Pin
from tests.end_to_end.printed_slips import Printer, read_code, read_number
from tests.kiosk.driver import Kiosk, until
from tests.kiosk.test_maintenance import PIN, open_service
from tests.server_process import CENTRES, ServerProcess


@pytest.fixture
def closed_hall(hall: ServerProcess) -> ServerProcess:
    centre = load_centre(CENTRES / hall.centre)
    never = centre.hours.model_copy(update={"weekly": {}, "opened": {}})
    import_centre(hall.site, centre.model_copy(update={"hours": never}))
    hall.stop()
    hall.environment["MOTCUA_SERVER__ALWAYS_OPEN"] = "false"
    return hall.start()


def test_a_trial_number_goes_the_whole_way_in_a_closed_centre(
    closed_hall: ServerProcess, printer: Printer, tmp_path: Path
) -> None:
    Pin(tmp_path / "kiosk" / "data" / "pin.json").set(PIN)
    wanted = {"KIOSK__TOKEN": closed_hall.token("kiosk"), "PRINTER__URL": printer.url}
    with Kiosk(closed_hall.url, tmp_path / "kiosk", **wanted) as kiosk:
        until(lambda: "giờ" in " ".join(kiosk.state()["texts"]), "the word that it is closed")
        open_service(kiosk)
        kiosk.touch("service:trial")
        until(lambda: "số thử A000" in " ".join(kiosk.state()["texts"]), f"the server's answer; {kiosk.log()}")
        until(printer.slips, "the paper")
        closed_hall.stop()
        kiosk.touch("service:trial")
        until(lambda: "Máy chủ không trả lời" in " ".join(kiosk.state()["texts"]), f"the reason; {kiosk.log()}")
        closed_hall.start()
    slip = printer.newest()
    assert read_number(slip, ["A000", "A001"]) == "A000"
    with urllib.request.urlopen(read_code(slip)) as page:
        assert "Điện thoại này đã kết nối được với máy chủ" in page.read().decode()
