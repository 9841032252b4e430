"""The last mile to thousands of phones by nginx's nchan, beside our own server that serves them all itself.

python -m tests.benchmarks.bench_push_proxy [--watchers 2000]

Needs Debian's libnginx-mod-nchan. One connection to our server's stream feeds nginx, which every watcher asks instead;
the same presses are made both ways. docs/measurements/capacity.md reckons with the processor time.
"""

import argparse
import http.client
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any

from display_server.selftest.scratch import TemporaryServer
from tests.benchmarks.bench_screens import Hall
from tests.benchmarks.bench_watchers import reports, watching
from tests.benchmarks.results import Figures, processor_seconds, serving
from tests.kiosk.driver import free_port, until

CALLS = 20
MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
CONFIGURATION = """
load_module {module};
worker_processes 1;
worker_rlimit_nofile 20000;
pid {folder}/nginx.pid;
events {{ worker_connections 19000; }}
http {{
    access_log off;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location = /api/v1/hall/stream {{
            nchan_subscriber eventsource;
            nchan_channel_id hall;
            nchan_subscriber_first_message -1;  # who comes new gets the last state, as from our server
        }}
        location = /publish {{
            nchan_publisher;
            nchan_channel_id hall;
            nchan_message_buffer_length 1;
            client_max_body_size 1m;
        }}
    }}
}}
"""


def main(arguments: list[str] | None = None) -> None:
    """Print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--watchers", type=int, default=2000)
    count = parser.parse_args(arguments).watchers
    figures = Figures("push_proxy")
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as name:
        folder = Path(name)
        with serving(folder / "hall", f"sqlite:///{folder}/hall.db") as server:
            hall = Hall(server)
            for _ in range(30):
                hall.call(hall.visitor())
            own = _measure(figures, f"{count} watchers of our server", hall, server.port, [server.pid], count)
            with nchan(folder) as (port, pid), feeding(server, port):
                proxy = _measure(
                    figures, f"{count} watchers of nchan", hall, port, [pid, server.pid], count, own["processor"]
                )
                figures.add("nchan: its memory for each watcher", proxy["memory"] / count, "KiB")
    figures.write()


def _measure(
    figures: Figures, name: str, hall: Hall, port: int, pids: list[int], count: int, beside: float | None = None
) -> dict[str, float]:
    memory = _resident_kib(pids[0])
    with watching(port, count) as processes:
        memory = _resident_kib(pids[0]) - memory
        before, pressed = sum(map(processor_seconds, pids)), {}
        for _ in range(CALLS):
            at, call = hall.call(hall.visitor())
            pressed[call["seq"]] = at
            time.sleep(0.6)
        processor = (sum(map(processor_seconds, pids)) - before) * 1000 / CALLS
        seen = reports(processes)
    delays = [(seen[seq][0] - at) * 1000 for seq, at in pressed.items() if seq in seen]
    ratio = processor / beside if beside else None
    figures.add(f"{name}: press → the last of them, median", median(delays), "ms")
    figures.add(f"{name}: press → the last of them, worst", max(delays), "ms")
    missed = sum(count - seen[seq][1] if seq in seen else count for seq in pressed)
    figures.add(f"{name}: calls that one did not see", missed, "")
    figures.add(f"{name}: processor time of a visit, all servers", processor, "ms", ratio, "our server alone")
    return {"processor": processor, "memory": memory}


def _resident_kib(pid: int) -> float:
    """Of a process and its children."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    own = next(float(line.split()[1]) for line in lines if line.startswith("VmRSS"))
    return own + sum(_resident_kib(int(child)) for child in children)


@contextmanager
def nchan(folder: Path) -> Iterator[tuple[int, int]]:
    """An nginx with nchan: its port and its process."""
    if not MODULE.exists():
        raise SystemExit("nchan is missing: apt-get install libnginx-mod-nchan")
    port, file = free_port(), folder / "nginx.conf"
    file.write_text(CONFIGURATION.format(module=MODULE, folder=folder, port=port))
    command = ["/usr/sbin/nginx", "-e", str(folder / "nginx.log"), "-p", str(folder), "-c", str(file)]
    process = subprocess.Popen([*command, "-g", "daemon off;"])
    try:
        until(lambda: _answers(port), "nginx answers")
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    with suppress(OSError, http.client.HTTPException):
        http.client.HTTPConnection("127.0.0.1", port, timeout=1).request("GET", "/")
        return True
    return False


@contextmanager
def feeding(server: TemporaryServer, port: int) -> Iterator[None]:
    """Each state of the hall's stream is published in nginx, over one connection each."""
    stream: Any = urllib.request.urlopen(f"http://127.0.0.1:{server.port}/api/v1/hall/stream", timeout=60)
    proxy = http.client.HTTPConnection("127.0.0.1", port)
    fed = threading.Event()

    def feed() -> None:
        with suppress(OSError, http.client.HTTPException):  # until the server or nginx ends
            for line in stream:
                if line.startswith(b"data: {"):
                    proxy.request(
                        "POST", "/publish", line.removeprefix(b"data: ").strip(), {"X-EventSource-Event": "hall"}
                    )
                    proxy.getresponse().read()
                    fed.set()

    feeder = threading.Thread(target=feed, daemon=True)
    feeder.start()
    assert fed.wait(10)
    yield


if __name__ == "__main__":
    main()
