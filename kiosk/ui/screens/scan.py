"""What a scan has brought, over whatever stands below; and the keys through which a scanner types."""

import time
from collections.abc import Callable
from typing import Any

from kivy.clock import Clock
from kivy.core.window import Keyboard
from kivy.uix.floatlayout import FloatLayout

from kiosk.api.models import Centre, TicketStatus
from kiosk.core.scan_decoder import ScanResult
from kiosk.devices.keyboard_wedge import KeyboardWedgeDetector
from kiosk.ui.screens.base import load_kv
from kiosk.ui.view_model import ViewModel
from kiosk.ui.widgets.basic import ThemedWidget
from kiosk.ui.widgets.formatting import wait_words

CLOSING = frozenset(Keyboard.keycodes[name] for name in ("enter", "numpadenter", "tab"))
# Long enough to read twice; then the slip of somebody who has walked away is nobody's to see.
SHOWN_SECONDS = 30.0


class ScanPanel(ThemedWidget, FloatLayout):
    """A few words about the scan and one or two places to touch."""

    def __init__(self, **kwargs: Any) -> None:
        self._closing = Clock.create_trigger(lambda _: self.close(), SHOWN_SECONDS)
        super().__init__(**kwargs)
        self.model.fbind("scanned", self._on_scanned)

    def close(self) -> None:
        self.model.dispatch("on_close_scan")

    def take(self) -> None:
        self.model.dispatch("on_take_offer")

    def icon(self, scanned: ScanResult | None) -> str:
        if scanned is None:
            return ""
        if scanned.reason:
            return scanned.reason.pictogram or "heart-handshake"
        return {"card": "id", "slip": "clock", "looking": "search", "away": "plug-connected-x"}.get(
            scanned.what, "info-circle"
        )

    def offers(self, scanned: ScanResult | None, given: Any) -> bool:
        """Whether there is something to take: not for somebody who has a number."""
        return scanned is not None and scanned.what == "priority" and given is None

    def title(self, scanned: ScanResult | None, language: str) -> str:  # noqa: ARG002 - makes the text follow
        _ = self.model.gettext
        if scanned is None:
            return ""
        if scanned.what == "priority" and scanned.reason:
            return _("You may be served earlier")
        if scanned.slip and scanned.what == "slip":
            return _slip_title(self.model, scanned.slip)
        return {
            "looking": _("One moment, please"),
            "card": _("Thank you"),
            "old": _("This slip is from another day"),
            "not ours": _("This slip is not known here"),
            "away": _("We cannot look that up just now"),
            "unknown": _("This code is not for this machine"),
        }.get(scanned.what, "")

    def advice(self, scanned: ScanResult | None, language: str) -> str:  # noqa: ARG002
        _ = self.model.gettext
        if scanned is None:
            return ""
        if scanned.what == "priority" and scanned.reason:
            return self._offer_words(scanned)
        if scanned.slip and scanned.what == "slip":
            return _slip_advice(self.model, scanned.slip)
        return {
            "looking": _("Your slip is being looked up."),
            "card": _("Please go on by touching the screen. Nothing on your card was kept."),
            "old": _("Please take a new number."),
            "not ours": _("It may be from another centre. Please take a new number, or ask our staff."),
            "away": _("Your number stays valid. Please watch the screens in the hall."),
            "unknown": _("Scan your citizen card or the code on your slip, or touch the screen."),
        }.get(scanned.what, "")

    def _offer_words(self, scanned: ScanResult) -> str:
        _ = self.model.gettext
        if self.model.given is not None:
            return _("You have your number already. Please tell our staff at the counter.")
        return _("%(reason)s: would you like to use your priority? Nothing on your card was kept.") % {
            "reason": self.model.words(scanned.reason.name if scanned.reason else None)
        }

    def _on_scanned(self, _: Any, scanned: ScanResult | None) -> None:
        self._closing.cancel()
        if scanned is not None:
            self._closing()


class ScannerKeys:
    """Listens to the window's keys. What a scanner types reaches nobody else. `on_scan(text)`: one whole scan."""

    def __init__(self, on_scan: Callable[[str], None]) -> None:
        self._on_scan = on_scan
        self._scanner = KeyboardWedgeDetector()

    def text(self, _window: Any, signs: str) -> bool:
        """Signs were typed."""
        return self._scanner.typed(signs, time.monotonic())

    def press(self, _window: Any, code: int, *_: Any) -> bool:
        """A key went down. Whether it closed a scan."""
        if code not in CLOSING:
            return False
        scan = self._scanner.closed(time.monotonic())
        if scan is None:
            return False
        self._on_scan(scan)
        return True


def _slip_title(model: ViewModel, slip: TicketStatus) -> str:
    _ = model.gettext
    number = {"number": slip.number, "counter": slip.counter or ""}
    if slip.state in {"called", "serving"} and slip.counter:
        return _("%(number)s: please go to counter %(counter)s") % number
    if slip.state == "waiting":
        return _("%(number)s: please wait a little") % number
    if slip.state == "no_show":
        return _("%(number)s has been called") % number
    if slip.state == "parked":
        return _("%(number)s is on hold") % number
    return _("%(number)s is done") % number


def _slip_advice(model: ViewModel, slip: TicketStatus) -> str:
    _ = model.gettext
    if slip.state == "waiting":
        centre: Centre | None = model.centre
        department = centre.department(slip.department) if centre else None
        wait = wait_words(model, slip.wait, slip.no_wait)
        lines = [_ahead(model, slip), wait, model.short(department)]  # the longest last
        return "\n".join(line for line in lines if line)
    if slip.state in {"called", "serving"}:
        return _("You are expected there now.")
    if slip.state == "no_show":
        return _("Nobody came to the counter then. Please ask our staff: they can call you again.")
    if slip.state == "parked":
        return _("Please ask at the counter where you were.")
    return _("Your visit with this number is over. Please take a new number if you need one.")


def _ahead(model: ViewModel, slip: TicketStatus) -> str:
    _ = model.gettext
    if not slip.ahead:
        return _("You are next")
    return model.ngettext("%(n)d person before you", "%(n)d people before you", slip.ahead) % {"n": slip.ahead}


load_kv(__file__)
