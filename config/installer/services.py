"""The units of a kind of machine: which of them run, started, stopped and asked for their health."""

from contextlib import suppress
from dataclasses import dataclass

from config.installer.errors import InstallError
from config.installer.files import has_token
from config.installer.health import wait_until_healthy
from config.installer.layout import STARTED, Layout
from config.installer.machine import Machine, say

KIOSK, KIOSK_X11 = "motcua-kiosk.service", "motcua-kiosk-x11.service"
BUTTONS = "motcua-buttons.service"


@dataclass(frozen=True)
class Services:
    """`health_seconds`: how long a server may take until it is healthy."""

    layout: Layout
    machine: Machine
    health_seconds: float

    def start(self, kind: str, *, needs_kiosk: bool) -> None:
        """Enabled and started, the kiosk last. Raises `InstallError`, also when a server is not healthy.

        A kiosk that is not needed, as it did not run before either, is told of and no more.
        """
        self.start_servers(kind)
        try:
            self.start_kiosk(kind)
        except InstallError as error:
            if needs_kiosk:
                raise
            say(str(error))

    def has_kiosk(self, kind: str) -> bool:
        """Whether one runs now."""
        try:
            self.machine.ask("is-active", self._kiosk(), what="the kiosk")
        except InstallError:
            return False
        return KIOSK in STARTED[kind]

    def start_servers(self, kind: str) -> None:
        """All but the kiosk. The agent of call buttons stays off without its plan."""
        units = [unit for unit in STARTED[kind] if unit != KIOSK]
        if not self.layout.at("/etc/motcua/buttons.toml").exists():
            units = [unit for unit in units if unit != BUTTONS]
        self.machine.start(units)
        if self.machine.systemctl is not None:
            wait_until_healthy(self.layout, units, self.health_seconds)

    def start_kiosk(self, kind: str) -> None:
        """It stays off until it has been enrolled."""
        if KIOSK in STARTED[kind] and has_token(self.layout):
            self.machine.start([self._kiosk()])

    def stop(self, kind: str) -> None:
        """Raises `InstallError` when one does not stop."""
        self.machine.stop([self._kiosk() if unit == KIOSK else unit for unit in STARTED[kind]])

    def retire(self, kind: str, new_kind: str) -> None:
        """What the machine ran as `kind` and does not as `new_kind` does not come back when it starts."""
        for unit in set(STARTED[kind]) - set(STARTED[new_kind]):
            with suppress(InstallError):  # it was never enabled
                self.machine.ask("disable", "--now", unit, what=unit)

    def _kiosk(self) -> str:
        """The one under X, where the site put that unit."""
        has_x11 = self.layout.at(f"/etc/systemd/system/{KIOSK_X11}").exists()
        return KIOSK_X11 if has_x11 else KIOSK
