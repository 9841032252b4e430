#!/usr/bin/env python3
"""A systemctl for a scratch root: units are really started and stopped, from the unit files that were installed.

    fake_systemctl.py ROOT VERB [UNIT]

What it was asked stands in ROOT/asked. `User=` and the sandbox are left out: the tests run as one user. A kiosk
stays out too: its unit is only noted.
"""

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

END_SECONDS = 20


def value(unit: str, key: str) -> str:
    return next(line.partition("=")[2] for line in unit.splitlines() if line.startswith(f"{key}="))


def stop(pid_file: Path) -> None:
    if not pid_file.exists():
        return
    pid = int(pid_file.read_text())
    pid_file.unlink()
    try:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + END_SECONDS
        while time.monotonic() < deadline:
            os.kill(pid, 0)
            time.sleep(0.05)
        sys.exit(f"{pid} does not end")
    except ProcessLookupError:
        return


def start(root: Path, name: str, pid_file: Path) -> None:
    unit = (root / "etc/systemd/system" / name).read_text()
    variable, _, setting = value(unit, "Environment").partition("=")
    with (root / f"{name}.log").open("a") as log:
        process = subprocess.Popen(
            shlex.split(value(unit, "ExecStart")),
            env=os.environ | {variable: setting},
            cwd=value(unit, "WorkingDirectory"),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    pid_file.write_text(str(process.pid))


def main() -> None:
    root, verb, *units = Path(sys.argv[1]), *sys.argv[2:]
    with (root / "asked").open("a") as asked:
        asked.write(" ".join([verb, *units]) + "\n")
    for unit in units:
        if (root / "refused").exists() and f"{verb} {unit}" in (root / "refused").read_text():
            sys.exit(f"Job for {unit} failed.")
        if unit != "motcua-server.service":
            continue
        pid_file = root / f"{unit}.pid"
        if verb in {"stop", "restart"}:
            stop(pid_file)
        if verb == "restart":
            start(root, unit, pid_file)


if __name__ == "__main__":
    main()
