"""Screens: from the press to the painted number in Chromium, to the last of 1,000 plain watchers, and what they cost.

python -m tests.benchmarks.bench_screens [--watchers 8000] [--soak MINUTES]

The watchers run in processes of their own (the system's limit of open files holds for each). `--soak`: a screen of a
busy hall in Chromium, a call every second for so many minutes, its heap printed as it goes.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from display_server.selftest.command import CENTRES
from display_server.selftest.scratch import Client, ScratchServer, percentile
from tests.pages.conftest import CHROMIUM_SWITCHES
from tests.scratch_hall import new_id

CALLS = 40
WATCHED_CALLS = 20
PROCESS_HOLDS = 2000  # watchers of one process
PUBLICATIONS = re.compile(r"^motcua_hall_publications (\S+)", re.MULTILINE)


class Hall:
    """Visitors come and are called, one counter after the other."""

    def __init__(self, server: ScratchServer) -> None:
        self.server = server
        self.kiosk = Client(server.port, server.kiosk_token)
        self.counters = {code: Client(server.port, token) for code, token in server.counter_tokens.items()}
        first = next(iter(self.counters.values()))
        self.departments = {one["code"]: one["departments"][0] for one in first.get("/api/v1/counters")[1]["counters"]}
        self.turn = 0

    def visitor(self) -> str:
        """Somebody takes a number; the counter that will call it."""
        code = list(self.counters)[self.turn % len(self.counters)]
        self.turn += 1
        self.kiosk.post("/api/v1/tickets", {"request_id": new_id(), "department": self.departments[code]})
        return code

    def call(self, code: str) -> tuple[float, Any]:
        """When it was pressed, and the call."""
        pressed = time.monotonic()
        return pressed, self.counters[code].post(f"/api/v1/counters/{code}/call-next", {"request_id": new_id()})[1][
            "call"
        ]


@contextmanager
def running(folder: Path) -> Iterator[ScratchServer]:
    server = ScratchServer(folder, CENTRES / "thai_binh", f"sqlite:///{folder}/scratch.db")
    server.prepare()
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def watching(port: int, count: int) -> Iterator[list[subprocess.Popen[str]]]:
    """So many plain watchers, all with their first state."""
    processes = []
    try:
        for start in range(0, count, PROCESS_HOLDS):
            command = [sys.executable, "-m", "display_server.selftest.watchers", str(port)]
            processes.append(
                subprocess.Popen(
                    [*command, str(min(PROCESS_HOLDS, count - start))],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            assert processes[-1].stdout is not None
            assert processes[-1].stdout.readline().strip() == "ready"
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def reports(processes: list[subprocess.Popen[str]]) -> dict[int, tuple[float, int]]:
    """Of each call: when the last of all watchers had it, and how many had it."""
    found: dict[int, tuple[float, int]] = {}
    for process in processes:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("report\n")
        process.stdin.flush()
        for seq, last, count in json.loads(process.stdout.readline())["calls"]:
            so_far = found.get(int(seq), (0.0, 0))
            found[int(seq)] = (max(so_far[0], last), so_far[1] + int(count))
    return found


def first_event(server: ScratchServer) -> bytes:
    """The state as a watcher gets it."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/api/v1/hall/stream", timeout=30) as stream:
        while not (line := stream.readline()).startswith(b"data: {"):
            pass
        return line[6:-1]


def publications(server: ScratchServer) -> float:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics", timeout=30) as answer:
        found = PUBLICATIONS.search(answer.read().decode())
    return float(found[1]) if found else float("nan")


def plain_watchers(server: ScratchServer, hall: Hall, count: int) -> None:
    """Delay of the last watcher, memory of each, tickets meanwhile."""
    before = server.memory_mib()
    with watching(server.port, count) as processes:
        memory = (server.memory_mib() - before) * 1024 / count
        refused, pressed = 0, {}
        encoded = publications(server)
        for _ in range(WATCHED_CALLS):
            code = hall.visitor()
            time.sleep(0.4)
            at, call = hall.call(code)
            refused += call is None
            pressed[call["seq"]] = at
            time.sleep(0.4)
        encoded = publications(server) - encoded
        time.sleep(1)
        seen = reports(processes)
    delays = [(seen[seq][0] - at) * 1000 for seq, at in pressed.items()]
    missed = sum(count - seen[seq][1] for seq in pressed)
    print(
        f"{count} plain watchers: press → last of them: median {median(delays):.0f} ms, p95"
        f" {percentile(delays, 0.95):.0f} ms; calls not seen {missed}; tickets refused {refused}"
    )
    print(f"{count} plain watchers: server memory {memory:.1f} KiB each")
    print(f"{count} plain watchers: {WATCHED_CALLS * 2} changes encoded {encoded:.0f} times")


PAINTED = """() => {
  window.painted = [];
  const number = document.getElementById("number");
  new MutationObserver(() => {
    const text = number.textContent;
    // The frame after the next one: the picture with the number has been handed to the screen.
    requestAnimationFrame(() => setTimeout(() => window.painted.push([text, Date.now() / 1000]), 0));
  }).observe(number, { childList: true, characterData: true, subtree: true });
}"""


def painted(server: ScratchServer, hall: Hall, page: Page) -> None:
    page.goto(f"http://127.0.0.1:{server.port}/hall")
    page.locator("#queues li").first.wait_for()
    page.evaluate(PAINTED)
    # Calls made before the page came are announced first, as far as they are fresh.
    page.wait_for_function("() => window.motcua.announcer.isIdle()", polling=50, timeout=300_000)
    delays = []
    for _ in range(CALLS):
        code = hall.visitor()
        page.wait_for_function("() => window.motcua.announcer.isIdle()", polling=50)
        time.sleep(0.2)
        started = time.time()
        _, call = hall.call(code)
        page.wait_for_function("(n) => window.painted.some((one) => one[0] === n)", arg=call["number"], polling=20)
        shown = next(at for number, at in page.evaluate("() => window.painted") if number == call["number"])
        delays.append((shown - started) * 1000)
    print(
        f"press → painted in Chromium, 1920×1080: median {median(delays):.0f} ms,"
        f" p95 {percentile(delays, 0.95):.0f} ms, worst {max(delays):.0f} ms ({CALLS} calls)"
    )


def soak(server: ScratchServer, hall: Hall, page: Page, minutes: float) -> None:
    page.goto(f"http://127.0.0.1:{server.port}/hall")
    devtools: CDPSession = page.context.new_cdp_session(page)
    ends = time.monotonic() + minutes * 60
    calls, next_print = 0, 0.0
    while time.monotonic() < ends:
        hall.call(hall.visitor())
        calls += 1
        time.sleep(0.2)
        if time.monotonic() >= next_print:
            next_print = time.monotonic() + max(10, minutes * 60 / 12)
            devtools.send("HeapProfiler.collectGarbage")
            heap = devtools.send("Runtime.getHeapUsage")["usedSize"] / 2**20
            counts = devtools.send("Memory.getDOMCounters")
            print(f"soak: {calls:6d} calls: heap {heap:5.2f} MiB, {counts['nodes']} nodes,"
                  f" {counts['jsEventListeners']} listeners")  # fmt: skip


def main(arguments: list[str] | None = None) -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--watchers", type=int, default=1000)
    parser.add_argument("--soak", type=float, default=0)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder, running(Path(folder)) as server:
        hall = Hall(server)
        for _ in range(30):
            hall.call(hall.visitor())
        for _ in range(30):
            hall.visitor()
        state = len(first_event(server))
        print(f"state of a hall with {len(hall.counters)} counters and 22 queues: {state} bytes")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_SWITCHES)
            page = browser.new_page(viewport={"width": 1920, "height": 1080})
            if chosen.soak:
                soak(server, hall, page, chosen.soak)
            else:
                painted(server, hall, page)
            browser.close()
        if not chosen.soak:
            plain_watchers(server, hall, chosen.watchers)


if __name__ == "__main__":
    main()
