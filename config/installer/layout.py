"""Where things lie on the machine, or below the scratch root that stands in for it."""

import os
from dataclasses import dataclass
from pathlib import Path

PLACES = ("/opt/motcua", "/etc/motcua", "/var/lib/motcua")  # the last one also begins /var/lib/motcua-keys
_SERVER = ["motcua-server.service", "motcua-backup.service", "motcua-backup.timer"]
# The units of each kind of machine; those that need a file of the site start when it is there.
UNITS = {
    "one-box": [*_SERVER, "motcua-buttons.service", "motcua-kiosk.service", "motcua-kiosk-x11.service"],
    "server": [*_SERVER, "motcua-buttons.service"],
    "kiosk": ["motcua-kiosk.service", "motcua-kiosk-x11.service"],
    "buttons": ["motcua-buttons.service"],
    "province": ["motcua-server@.service", *_SERVER[1:], "motcua-buttons.service"],
}
STARTED = {  # in the order in which they start; they stop in the other one
    "one-box": ["motcua-server.service", "motcua-backup.timer", "motcua-buttons.service", "motcua-kiosk.service"],
    "server": ["motcua-server.service", "motcua-backup.timer", "motcua-buttons.service"],
    "kiosk": ["motcua-kiosk.service", "motcua-kiosk-x11.service"],
    "buttons": ["motcua-buttons.service"],
    "province": [
        "motcua-server@8001.service",
        "motcua-server@8002.service",
        "motcua-backup.timer",
        "motcua-buttons.service",
    ],
}
# The list of packages in config/constraints; one with everything where nothing else is said.
LOCKED = {"server": "server", "province": "server", "buttons": "buttons"}
WITH_DATABASE = frozenset({"one-box", "server", "province"})


@dataclass(frozen=True)
class Layout:
    """`root`: "/" on a real machine. Below another root the files name paths in it, so that it can be tried there."""

    root: Path

    def at(self, path: str) -> Path:
        """Where the machine's absolute `path` is."""
        return self.root / path.lstrip("/")

    @property
    def is_real(self) -> bool:
        return self.root == Path("/")

    @property
    def versions(self) -> Path:
        return self.at("/opt/motcua/versions")

    @property
    def pip(self) -> Path:
        """The environment of the pip that fills the versions."""
        return self.at("/opt/motcua/pip")

    @property
    def link(self) -> Path:
        """The version that runs."""
        return self.at("/opt/motcua/current")

    @property
    def settings(self) -> Path:
        return self.at("/etc/motcua/motcua.toml")

    @property
    def backups(self) -> Path:
        return self.at("/var/lib/motcua/backups")

    def current(self) -> Path | None:
        """The folder of the version that runs, None on a machine without Motcua."""
        return self.link.resolve() if self.link.is_symlink() and self.link.exists() else None

    def point_to(self, version: Path) -> None:
        """The link changes at one moment: nothing ever sees none."""
        new = self.link.with_name("current.new")
        new.unlink(missing_ok=True)
        new.symlink_to(Path("versions") / version.name)
        new.replace(self.link)
        folder = os.open(self.link.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    def placed(self, text: str) -> str:
        """A file's text with the machine's paths as they are below this root."""
        if self.is_real:
            return text
        for place in PLACES:
            text = text.replace(place, str(self.at(place)))
        return text
