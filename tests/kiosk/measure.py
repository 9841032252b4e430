"""`python -m tests.kiosk.measure`: how long a visitor waits for the machine. Printed, not asserted.

The kiosk runs at 1080×1920 in a process of its own, against the test server and a printer that takes bytes over TCP.
"""

import socket
import statistics
import tempfile
import threading
import time
from pathlib import Path

from tests.kiosk.driver import Kiosk, until
from tests.kiosk.fake_server import FakeServer, real_centre

VISITS = 40


class FirstBytes:
    """A printer's socket that notes when bytes come."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.slips: list[float] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            threading.Thread(target=self._read, args=(connection,), daemon=True).start()

    def _read(self, connection: socket.socket) -> None:
        while data := connection.recv(65536):
            if len(data) > 500:  # a raster, not a status request
                self.slips.append(time.perf_counter())


def p(values: list[float], percent: int) -> str:
    return f"{statistics.quantiles(values, n=100)[percent - 1] * 1000:.0f} ms"


def resident_mib(process_id: int) -> float:
    return int(Path(f"/proc/{process_id}/statm").read_text().split()[1]) * 4096 / 2**20


def main() -> None:
    printer, folder = FirstBytes(), Path(tempfile.mkdtemp())
    centre = real_centre(procedures=[])
    server_times: list[float] = []
    with FakeServer(centre) as server:
        answer = server.answer

        def note_time(*request: object) -> tuple[int, object]:
            if request[:2] == ("POST", "/api/v1/tickets"):
                server_times.append(time.perf_counter())
            return answer(*request)  # type: ignore[arg-type]

        server.answer = note_time  # type: ignore[method-assign, assignment]
        began = time.perf_counter()
        with Kiosk(server.url, folder, (1080, 1920), PRINTER__URL=f"tcp://127.0.0.1:{printer.port}") as kiosk:
            until(lambda: "begin" in kiosk.state()["targets"], "the start screen")
            print(f"cold start to a start screen that takes touches: {time.perf_counter() - began:.2f} s")
            assert kiosk._process
            start_memory = resident_mib(kiosk._process.pid)
            numbers, papers, asked = [], [], []
            for _ in range(VISITS):
                kiosk.touch("begin")
                place = kiosk.shows("departments")["targets"]["department:KHDT"]
                slips = len(printer.slips)
                tapped = time.perf_counter()
                kiosk.tap((place["x"], place["y"]))
                until(lambda: kiosk.state()["number"], "the number")
                numbers.append(time.perf_counter() - tapped)
                until(lambda slips=slips: len(printer.slips) > slips, "the slip")  # type: ignore[misc]
                papers.append(printer.slips[slips] - tapped)
                asked.append(server_times[-1] - tapped)
                kiosk.touch("done")
                kiosk.shows("start")
            memory = resident_mib(kiosk._process.pid)
            for what, values in (
                ("request at the server", asked),
                ("number known to the screen", numbers),
                ("first byte at the printer", papers),
            ):
                print(f"tap → {what}: median {p(values, 50)}, p95 {p(values, 95)} ({VISITS} visits)")
            print(f"resident: {start_memory:.0f} MiB at the start, {memory:.0f} MiB after {VISITS} visits")


if __name__ == "__main__":
    main()
