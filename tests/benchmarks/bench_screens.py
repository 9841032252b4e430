"""Screens in Chromium: from the press to the number on the hall's screen, and on the clerk's own page.

python -m tests.benchmarks.bench_screens [--soak MINUTES]

`--soak`: a screen of a busy hall, a call every second for so many minutes, its heap printed as it goes.
"""

import argparse
import os
import re
import shutil
import tempfile
import time
import urllib.request
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from display_server.selftest.scratch import Client, TemporaryServer, percentile
from tests.benchmarks.results import Figures, serving
from tests.pages.conftest import CHROMIUM_SWITCHES
from tests.server_process import ServerProcess, new_id

CALLS = 30
SHOW_SECONDS = "3"  # for a call at least: the least that is allowed
PUBLICATIONS = re.compile(r"^motcua_hall_publications (\S+)", re.MULTILINE)


class Hall:
    """Visitors come and are called, one counter after the other."""

    def __init__(self, server: TemporaryServer) -> None:
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


def first_event(server: TemporaryServer) -> bytes:
    """The state as a watcher gets it."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/api/v1/hall/stream", timeout=30) as stream:
        while not (line := stream.readline()).startswith(b"data: {"):
            pass
        return line[6:-1]


def publications(server: TemporaryServer) -> float:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics", timeout=30) as answer:
        found = PUBLICATIONS.search(answer.read().decode())
    return float(found[1]) if found else float("nan")


PAINTED = """() => {
  window.painted = [];
  const number = document.getElementById("number");
  new MutationObserver(() => {
    const text = number.textContent;
    // The frame after the next one: the picture with the number has been handed to the screen.
    requestAnimationFrame(() => setTimeout(() => window.painted.push([text, Date.now() / 1000]), 0));
  }).observe(number, { childList: true, characterData: true, subtree: true });
}"""


def painted(figures: Figures, server: TemporaryServer, hall: Hall, page: Page) -> None:
    page.goto(f"http://127.0.0.1:{server.port}/hall")
    page.locator("#queues li").first.wait_for()
    page.evaluate(PAINTED)
    delays = []
    for _ in range(CALLS):
        code = hall.visitor()
        # A call is announced once those before it have had their time.
        page.wait_for_function("() => window.motcua.callQueue.isIdle()", polling=50, timeout=120_000)
        time.sleep(0.2)
        started = time.time()
        _, call = hall.call(code)
        page.wait_for_function("(n) => window.painted.some((one) => one[0] === n)", arg=call["number"], polling=20)
        shown = next(at for number, at in page.evaluate("() => window.painted") if number == call["number"])
        delays.append((shown - started) * 1000)
    add_delays(figures, "press → painted on the hall's screen, 1920×1080", delays)


PRESSED = """() => {
  window.delays = [];
  let pressed = 0;
  window.addEventListener("keydown", () => { pressed = performance.now(); }, true);
  new MutationObserver(() => {
    requestAnimationFrame(() => setTimeout(() => window.delays.push(performance.now() - pressed), 0));
  }).observe(document.getElementById("number"), { childList: true, characterData: true, subtree: true });
}"""


def clerk(figures: Figures, folder: Path, browser: Browser) -> None:
    """The clerk's own page, the key that calls; signed in as clerks are."""
    hall = ServerProcess(folder, f"sqlite:///{folder}/clerk.db").start()
    try:
        name, password = hall.add_staff()
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{hall.url}/counter/1")
        for word, key in ((name, "Tab"), (password, "Enter")):
            page.keyboard.type(word)
            page.keyboard.press(key)
        ready = page.locator('[data-step="call-next"]:enabled')
        ready.wait_for()
        page.evaluate(PRESSED)
        for turn in range(CALLS):
            hall.take()
            ready.wait_for()
            page.keyboard.press("Space")
            page.wait_for_function("(n) => window.delays.length > n", arg=turn, polling=20)
        add_delays(figures, "press → painted on the clerk's own page", page.evaluate("() => window.delays"))
    finally:
        hall.stop()
        hall.site.engine.dispose()


def add_delays(figures: Figures, what: str, delays: list[float]) -> None:
    figures.add(f"{what}, median of {len(delays)}", median(delays), "ms")
    figures.add(f"{what}, p95", percentile(delays, 0.95), "ms")
    figures.add(f"{what}, worst", max(delays), "ms")


def soak(server: TemporaryServer, hall: Hall, page: Page, minutes: float) -> None:
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
    """Print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--soak", type=float, default=0)
    chosen = parser.parse_args(arguments)
    figures = Figures("screens")
    os.environ["MOTCUA_HALL__SHOW_SECONDS"] = SHOW_SECONDS
    with (
        tempfile.TemporaryDirectory(prefix="motcua-bench-") as name,
        serving(Path(name), f"sqlite:///{name}/scratch.db") as server,
        sync_playwright() as playwright,
    ):
        hall = Hall(server)
        for _ in range(10):
            hall.call(hall.visitor())
        for _ in range(30):
            hall.visitor()
        figures.add(f"state of a hall with {len(hall.counters)} counters, 22 queues", len(first_event(server)), "bytes")
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_SWITCHES)
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        if chosen.soak:
            soak(server, hall, page, chosen.soak)
        else:
            painted(figures, server, hall, page)
            page.close()
            clerk(figures, Path(name), browser)
        browser.close()
    figures.write()


if __name__ == "__main__":
    main()
