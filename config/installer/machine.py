"""What is done to the machine: programs, packages, users, folders, services."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.installer.errors import InstallError
from config.installer.layout import Layout

# OpenGL in software, so that the kiosk draws on a machine without a graphics card; USB for printers; espeak-ng is the
# voice, alsa-utils lets it sound.
PACKAGES = ["python3-venv", "ca-certificates", "espeak-ng"]
KIOSK_PACKAGES = [
    *["alsa-utils", "cage", "xwayland", "libusb-1.0-0"],
    *["libegl1", "libgl1", "libgles2", "libgl1-mesa-dri", "libegl-mesa0"],
]


def say(line: str) -> None:
    """A line for the person who watches."""
    sys.stderr.write(f"motcua-install: {line}\n")
    sys.stderr.flush()


def run(command: Sequence[str | Path], *, what: str, variables: Mapping[str, str] | None = None) -> str:
    """Its standard output. Raises `InstallError`: `what` failed, and the last line that the program said."""
    try:
        done = subprocess.run(
            command, env=dict(os.environ) | dict(variables or {}), cwd="/", capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise InstallError(f"{what}: {command[0]}: {error.strerror}") from error
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()
        raise InstallError(f"{what}: {said[-1]}")
    return done.stdout


@dataclass(frozen=True)
class Machine:
    """`systemctl`: the program that is asked; None in a scratch root, where no service is started."""

    layout: Layout
    systemctl: str | None

    def add_packages(self, kind: str) -> None:
        """Debian's packages that are missing."""
        wanted = PACKAGES + (KIOSK_PACKAGES if kind in {"kiosk", "one-box"} else [])
        query = ["dpkg-query", "-W", "-f=${Package} ${Status}\n", *wanted]
        known = subprocess.run(query, capture_output=True, text=True, check=False).stdout
        missing = [name for name in wanted if f"{name} install ok installed" not in known]
        if not missing:
            return
        say(f"Debian packages: {' '.join(missing)}")
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "update", "-qq"], what="apt-get update", variables=quiet)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
        run(install, what="Debian packages", variables=quiet)

    def add_users_and_folders(self) -> None:
        """The user motcua, its groups and folders, as sysusers.d and tmpfiles.d describe them."""
        root = f"--root={self.layout.root}"
        sysusers, tmpfiles = (self.layout.at(f"/etc/{kind}/motcua.conf") for kind in ("sysusers.d", "tmpfiles.d"))
        run(["systemd-sysusers", root, str(sysusers)], what="the user motcua")
        run(["systemd-tmpfiles", root, "--create", str(tmpfiles)], what="the folders")
        if self.layout.is_real and Path("/run/udev/control").exists():  # a container has no udev of its own
            run(["udevadm", "control", "--reload"], what="the rules for devices")

    def ask(self, *words: str, what: str) -> None:
        """`systemctl WORDS`. Raises `InstallError`."""
        if self.systemctl is not None:
            run([self.systemctl, *words], what=what)

    def start(self, units: Sequence[str]) -> None:
        """Enabled for every start of the machine, and started now."""
        self.ask("daemon-reload", what="the services")
        for unit in units:
            self.ask("enable", unit, what=f"{unit} could not be enabled")
            self.ask("restart", unit, what=f"{unit} did not start")

    def stop(self, units: Sequence[str]) -> None:
        for unit in reversed(units):
            self.ask("stop", unit, what=f"{unit} did not stop")

    def motcua(self, version: Path, *arguments: str | Path, what: str) -> str:
        """A command of `version`, as the service's user and with the site's settings."""
        as_user: list[str | Path] = ["runuser", "-u", "motcua", "--"] if self.layout.is_real else []
        command = [*as_user, "env", f"MOTCUA_CONFIG={self.layout.settings}", version / "bin" / "motcua", *arguments]
        return run(command, what=what).strip()
