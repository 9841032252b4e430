"""The staff's way: four corners, the PIN, the service screen, and back to the start."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from config.errors import MotcuaError
from kiosk.api.client import Refused, ServerUnavailable
from kiosk.devices.tts import Utterance
from kiosk.maintenance.diagnostics import Service
from kiosk.maintenance.pin import Verdict
from kiosk.ui.view_model import ViewModel

log = logging.getLogger(__name__)


class MaintenanceController:
    """Answers the model's events of the service screens; whatever may wait runs in a thread of its own.

    `show(name)` changes the screen, `on_ui(call)` runs a call in the UI thread, `restart()` ends this run of the kiosk.
    """

    def __init__(
        self,
        model: ViewModel,
        service: Service,
        show: Callable[[str], None],
        on_ui: Callable[[Callable[[], None]], None],
        restart: Callable[[], None],
    ) -> None:
        self._model = model
        self._service = service
        self._show = show
        self._on_ui = on_ui
        self._restart = restart
        self._worker = ThreadPoolExecutor(1, "service")
        self._looking = False
        self._inside = False
        model.bind(
            on_ask_service=self._open,
            on_enter_pin=self._check,
            on_service_do=self._do,
            on_back=self._leave,
            on_home=self._leave,
        )

    def look(self, shown: str) -> None:
        """Renew what the service screens show; called again and again."""
        if shown in {"pin", "service"} and not self._looking:
            self._looking = True
            self._submit(self._renew_facts if shown == "service" else self._renew_pin)

    def stop(self) -> None:
        self._worker.shutdown()

    def _open(self, model: ViewModel) -> None:
        if model.busy:
            return
        model.dispatch("on_home")  # whoever stood there has gone
        self._submit(self._renew_pin)
        self._show("pin")

    def _check(self, _: ViewModel, pin: str) -> None:
        def check() -> None:
            answer = self._service.pin.check(pin)
            self._on_ui(lambda: self._checked(answer))

        self._submit(check)

    def _checked(self, answer: Any) -> None:
        self._model.pin = answer
        if answer.verdict is Verdict.RIGHT:
            log.info("service screen: opened")
            self._inside = True
            self._submit(self._renew_facts)
            self._show("service")

    def _do(self, model: ViewModel, action: str) -> None:
        _ = model.gettext
        name, _colon, key = action.partition(":")
        service = self._service
        if name == "restart":
            log.info("service screen: restart")
            self._restart()
            return
        if name == "trial":
            self._submit(self._give_trial_number)
            return
        loud = _("This is how loud the kiosk speaks.")
        sample = Utterance(loud, model.language)
        does, said = {
            "test": (service.print_test, _("A test slip is on its way to the printer.")),
            "paper": (service.paper_changed, _("The printer is asked again; waiting slips come now.")),
            "reprint": (lambda: service.reprint(key), _("The slip is printed again, marked as a copy.")),
            "louder": (lambda: service.change_volume(1, sample), loud),
            "quieter": (lambda: service.change_volume(-1, sample), loud),
            "brighter": (lambda: service.change_brightness(1), ""),
            "darker": (lambda: service.change_brightness(-1), ""),
        }[name]

        def run() -> None:
            does()
            self._on_ui(lambda: setattr(model, "service_said", said))
            self._renew_facts()

        self._submit(run)

    def _give_trial_number(self) -> None:
        words = self._trial_in_words()
        self._on_ui(lambda: setattr(self._model, "service_said", words))
        self._renew_facts()

    def _trial_in_words(self) -> str:
        _ = self._model.gettext
        try:
            trial = self._service.trial_number()
        except ServerUnavailable as away:
            log.warning("service screen: no trial number: %s", away)
            return _("The server does not answer, so there is no trial number.")
        except Refused as refusal:
            log.warning("service screen: no trial number: %s", refusal)
            return _("The server gives no trial number: {reason}").format(reason=refusal)
        if trial.status_url is None:
            said = _("The server gave the trial number {number}, without a code for phones: set server.public_url.")
        else:
            said = _("The server gave the trial number {number}. Its slip is on its way to the printer.")
        return said.format(number=trial.number)

    def _renew_facts(self) -> None:
        facts = self._service.facts()
        self._on_ui(lambda: setattr(self._model, "service", facts if self._inside else None))
        self._looking = False

    def _renew_pin(self) -> None:
        state = self._service.pin.state()

        def show() -> None:
            # The word "wrong" stays until the next digit; a lock counts down.
            if self._model.pin is None or self._model.pin.verdict is not Verdict.WRONG:
                self._model.pin = state

        self._on_ui(show)
        self._looking = False

    def _leave(self, *_: Any) -> None:
        model, self._inside = self._model, False
        model.service = model.pin = None
        model.service_said = ""

    def _submit(self, call: Callable[[], None]) -> None:
        def run() -> None:
            try:
                call()
            except (MotcuaError, OSError):
                log.exception("service screen")
                words = self._model.gettext("That did not work. The log says why.")
                self._on_ui(lambda: setattr(self._model, "service_said", words))
                self._looking = False

        with suppress(RuntimeError):  # the kiosk is ending
            self._worker.submit(run)
