"""What a scan does to a visit: something is said over the screen, and the step below stays as it is."""

from collections.abc import Callable
from typing import Any

from kiosk.api.models import Centre
from kiosk.core.scan_decoder import ScanResult, TicketLookup, decode_citizen_card, secret_of
from kiosk.devices.keyboard_wedge import code_of
from kiosk.ui.view_model import ViewModel

FOR_STAFF = frozenset({"pin", "service"})


class ScanController:
    """Answers scans and the panel that tells of them. `shown()`: the screen below. UI thread only.

    `heeds_cards`: a card that shows the age offers priority; without it staff alone give it.
    """

    def __init__(
        self,
        model: ViewModel,
        look_up: TicketLookup,
        shown: Callable[[], str],
        on_ui: Callable[[Callable[[], None]], None],
        *,
        heeds_cards: bool = True,
    ) -> None:
        self._model = model
        self._look_up = look_up
        self._shown = shown
        self._on_ui = on_ui
        self._heeds_cards = heeds_cards
        self._asked = 0  # an answer that comes after another scan, or after the panel was closed, is dropped
        model.bind(
            on_take_offer=self._take_offer,
            on_close_scan=lambda _: self._tell(None),
            on_home=lambda _: self._tell(None),
            given=lambda *_: self._tell(None),
        )

    def scanned(self, scan: str) -> None:
        """A scanner has typed `scan`."""
        model = self._model
        centre: Centre | None = model.centre
        if model.busy or centre is None or self._shown() in FOR_STAFF:
            return
        model.dispatch("on_touched")
        scan = code_of(scan)
        secret = secret_of(scan)
        if secret is None:
            reasons = centre.priority_reasons if self._heeds_cards else ()
            self._tell(decode_citizen_card(scan, reasons, model.now.date()) or ScanResult("unknown"))
            return
        self._tell(ScanResult("looking"))
        asked = self._asked
        self._look_up.start(secret, lambda answer: self._on_ui(lambda: self._answered(asked, answer)))

    def _answered(self, asked: int, answer: ScanResult) -> None:
        if asked == self._asked:
            self._tell(answer)

    def _tell(self, scanned: ScanResult | None) -> None:
        self._asked += 1
        self._model.scanned = scanned

    def _take_offer(self, *_: Any) -> None:
        model = self._model
        scanned: ScanResult | None = model.scanned
        self._tell(None)
        if scanned is None or scanned.reason is None or model.given is not None:
            return
        model.priority = scanned.reason
        if self._shown() == "start" and model.open:
            model.dispatch("on_begin")
