"""`make bench`: every benchmark in turn, each in a process of its own; the server's figures are kept in var/bench."""

import subprocess
import sys
import time

BENCHMARKS = (
    "server",
    "old_tickets",
    "watchers",
    "scale",
    "push_proxy",
    "screens",
    "printing",
    "offline",
    "search",
    "kiosk",
    "voice",
)


def main() -> int:
    """One that fails does not end the others; how many failed."""
    failed = []
    for name in BENCHMARKS:
        began = time.monotonic()
        done = subprocess.run([sys.executable, "-m", f"tests.benchmarks.bench_{name}"], check=False)
        print(f"--- {name}: {time.monotonic() - began:.0f} s", flush=True)
        if done.returncode:
            failed.append(name)
    if failed:
        print(f"without figures: {', '.join(failed)}", file=sys.stderr)
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
