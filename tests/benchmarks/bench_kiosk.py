"""How long a visitor waits for the machine: the real kiosk at 1080×1920, the real server, a virtual printer on TCP.

python -m tests.benchmarks.bench_kiosk
"""

import tempfile
import time
from pathlib import Path
from statistics import median

from display_server.selftest.command import CENTRES
from display_server.selftest.scratch import ScratchServer, percentile
from tests.benchmarks.bench_printing import StopWatch
from tests.kiosk.driver import Kiosk, until

VISITS = 40
LOOK_EVERY = 0.05  # the kiosk's state is asked for no more often, so that asking costs it little


def resident_mib(process_id: int) -> float:
    return int(Path(f"/proc/{process_id}/statm").read_text().split()[1]) * 4096 / 2**20


def visit(kiosk: Kiosk, watch: StopWatch, department: str) -> float:
    """One visitor from the start screen to the paper; seconds from the tap on the department to the first byte."""
    kiosk.touch("begin")
    place = kiosk.shows("departments")["targets"][f"department:{department}"]
    watch.first_byte = 0.0
    watch.cut.clear()
    tapped = time.perf_counter()
    kiosk.tap((place["x"], place["y"]))
    assert watch.cut.wait(30), "no paper came"
    until(lambda: _paused(kiosk)["number"], "the number")
    kiosk.touch("done")
    kiosk.shows("start")
    return watch.first_byte - tapped


def _paused(kiosk: Kiosk) -> dict[str, object]:
    time.sleep(LOOK_EVERY)
    return kiosk.state()


def main() -> None:
    """Print the figures."""
    watch, folder = StopWatch(), Path(tempfile.mkdtemp(prefix="motcua-bench-"))
    server = ScratchServer(folder, CENTRES / "thai_binh", f"sqlite:///{folder}/scratch.db")
    server.prepare()
    server.start()
    try:
        began = time.perf_counter()
        settings = {
            "KIOSK__TOKEN": server.kiosk_token,
            "KIOSK__ASK_PROCEDURE": "false",
            "KIOSK__REFRESH_SECONDS": "5",
            "PRINTER__URL": watch.url,
        }
        with Kiosk(f"http://127.0.0.1:{server.port}", folder / "kiosk", (1080, 1920), **settings) as kiosk:
            until(lambda: "begin" in kiosk.state()["targets"], "the start screen")
            print(f"kiosk: cold start to a start screen that takes touches: {time.perf_counter() - began:.2f} s")
            assert kiosk._process
            before = resident_mib(kiosk._process.pid)
            papers = [visit(kiosk, watch, "KHDT") * 1000 for _ in range(VISITS)]
            after = resident_mib(kiosk._process.pid)
        print(
            f"kiosk: tap → first byte at the printer: median {median(papers):.0f} ms,"
            f" p95 {percentile(papers, 0.95):.0f} ms, first {papers[0]:.0f} ms ({VISITS} visits)"
        )
        print(f"kiosk: resident: {before:.0f} MiB at the start, {after:.0f} MiB after {VISITS} visits")
    finally:
        server.stop()


if __name__ == "__main__":
    main()
