"""The kiosk's window: time, idleness, and what the machine has to tell the screens."""

import gc
import logging
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from typing import Any

import click
from kivy.app import App
from kivy.base import ExceptionHandler, ExceptionManager
from kivy.clock import Clock
from kivy.config import Config
from kivy.core.window import Window
from kivy.input import MotionEvent

from config.errors import MotcuaError
from config.i18n import drawable_languages
from config.settings import Settings
from kiosk.api.models import Limit
from kiosk.core.core import KioskCore
from kiosk.core.opening_hours import is_open, next_opening
from kiosk.core.ticket_flow import TicketIssued
from kiosk.devices.tts import SpeechSynthesizer, Utterance
from kiosk.maintenance.diagnostics import Diagnostics, Service
from kiosk.maintenance.gesture import ServiceGesture
from kiosk.process.kivy_environment import release_llvm_memory
from kiosk.process.watchdog import ALIVE, BEAT_SECONDS, notify
from kiosk.ui.automation import UiAutomation
from kiosk.ui.controllers.documents import DocumentsController
from kiosk.ui.controllers.idle_timer import IdleTimer
from kiosk.ui.controllers.maintenance import MaintenanceController
from kiosk.ui.controllers.scan import ScanController
from kiosk.ui.controllers.visit import VisitController
from kiosk.ui.keypad import Keypad
from kiosk.ui.remote_control import RemoteControlServer
from kiosk.ui.root_layout import RootLayout
from kiosk.ui.screen_reader import ScreenReader
from kiosk.ui.screens.scan import ScannerKeys
from kiosk.ui.theme import Theme
from kiosk.ui.view_model import ViewModel
from kiosk.ui.widgets.formatting import limit_words
from kiosk.ui.widgets.low_memory_rendering import enable_low_memory_rendering
from printer.errors import JobError
from printer.jobs.devices import is_configured
from printer.jobs.store import JobState

log = logging.getLogger(__name__)

TICK_SECONDS = 0.25
YOUNG_GARBAGE_SECONDS = 2.0
VISITS_BEFORE_GC_FREEZE = 10
# A server that answers at once needs no "please wait", which would only flash.
PATIENCE_SECONDS = 0.3
# Within this time after a change of screens everything on it has been drawn.
SHADERS_SECONDS = 2.0
ON_PAPER = frozenset({JobState.PRINTED, JobState.SENT})
NOT_ON_PAPER = frozenset({JobState.FAILED, JobState.GIVEN_UP})


class NoWindowError(MotcuaError):
    """Neither a display nor a place to draw: the log says what was tried."""


class KioskApp(App):
    """The touchscreen, from the first frame to the last."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self.starts_again = False
        self.model = ViewModel(settings.kiosk.language, settings.kiosk.diagonal_inches)
        self.model.start_queues = settings.kiosk.start_queues
        self.model.asks_procedure = settings.kiosk.ask_procedure
        self.model.touch_priority = settings.kiosk.priority_by == "touch"
        self._machine = KioskCore(settings, self._changed)
        self._remote: RemoteControlServer | None = None
        self._voice = SpeechSynthesizer(settings.speech, self._changed, self._on_saying)
        self._update_due = Clock.create_trigger(self._update, 0)
        # The print jobs are asked off the UI thread: they may be waiting for the disk.
        self._slip_state: JobState | None = None
        self._shown_slip = ""
        self._slip_looker = ThreadPoolExecutor(1, "slip")

    def build(self) -> RootLayout:
        Window.clearcolor = Theme.paper
        enable_low_memory_rendering(Window)
        Window.bind(on_resize=lambda _, width, height: self.model.fit(width, height))
        self.model.fit(*Window.size)
        self._frame = RootLayout(model=self.model)
        kiosk = self._settings.kiosk
        self._visit = VisitController(
            self.model,
            self._machine.flow,
            self._frame.show,
            _on_ui,
            language=kiosk.language,
            asks_procedure=kiosk.ask_procedure,
            starts_with_queues=lambda: self._frame.starts_with_queues,
        )
        self._documents = DocumentsController(
            self.model, self._machine.printer, self._machine.print_list, self._in_background, _on_ui, self._limit_words
        )
        self._watchfulness = IdleTimer(self.model, lambda: self._frame.shown, kiosk.idle_seconds, kiosk.result_seconds)
        self._service = MaintenanceController(
            self.model,
            Service(self._machine, self._voice, kiosk.data_dir, self._settings.printer.url, kiosk.server_url),
            self._frame.show,
            _on_ui,
            self._restart,
        )
        self._corners = ServiceGesture()
        self._guide = ScreenReader(self.model, self._frame, self._voice)
        self._keypad = Keypad(self._settings.keypad, self.model, self._frame)
        Window.bind(on_touch_down=lambda *_: self._watchfulness.touched(), on_key_down=self._keypad.press)
        Window.bind(on_touch_up=self._on_touch_up)
        self._scans = ScanController(
            self.model,
            self._machine.look_up,
            lambda: self._frame.shown,
            _on_ui,
            heeds_cards=kiosk.priority_by != "staff",
        )
        # Bound after the keypad, asked before it: a scanner's closing Enter chooses nothing.
        self._scanner_keys = ScannerKeys(self._scans.scanned)
        Window.bind(on_key_down=self._scanner_keys.press, on_textinput=self._scanner_keys.text)
        self.model.bind(
            on_extend_time=lambda _: self._watchfulness.touched(),
            on_touched=lambda _: self._watchfulness.touched(),
            busy=self._on_busy,
            given=self._on_given,
        )
        if kiosk.fullscreen:
            Window.bind(on_request_close=lambda *_, **__: True)  # Alt-F4 and the like
        return self._frame

    def on_start(self) -> None:
        ExceptionManager.add_handler(ResetOnErrorHandler(self._abandon_visit))
        self._update()
        if given := self._machine.last_unprinted_ticket():
            _on_ui(lambda: self._visit.show_recovered_ticket(given))
        self._machine.start()
        self._voice.start()
        self._machine.flow.recover(lambda given: _on_ui(lambda: self._visit.show_recovered_ticket(given)))
        Clock.schedule_interval(self._tick, TICK_SECONDS)
        Clock.schedule_interval(lambda _: notify(ALIVE), BEAT_SECONDS)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: Clock.schedule_once(lambda _: self.stop()))
        if self._settings.kiosk.remote_port:
            self._open_remote(self._settings.kiosk.remote_port)
        Clock.schedule_once(lambda _: self._say_ready(), 0)
        Clock.schedule_once(self._frame.build_ahead, 0)
        schedule_gc_on_ui_thread(self.model)
        leave_soon = Clock.create_trigger(lambda _: release_llvm_memory(), SHADERS_SECONDS)
        self.model.bind(on_home=lambda _: leave_soon())
        leave_soon()

    def on_stop(self) -> None:
        if self._remote:
            self._remote.stop()
        self._service.stop()
        self._voice.stop()
        self._slip_looker.shutdown()
        self._machine.stop()

    def open_settings(self, *_: Any) -> bool:
        """No key opens Kivy's settings on a kiosk."""
        return False

    def state(self) -> dict[str, Any]:
        """What is shown, for tests and demonstrations. From any thread but the UI's."""
        return self._mirror.in_ui(self._state)

    def frame(self) -> bytes:
        """The window as PNG."""
        return self._mirror.frame()

    def tap(self, points: list[tuple[float, float]]) -> None:
        """Fingers on the window."""
        self._mirror.tap(points)

    def press(self, keys: list[str]) -> None:
        """Keys of a keyboard."""
        self._mirror.press(keys)

    def _open_remote(self, port: int) -> None:
        self._mirror = UiAutomation(self._frame)
        self._remote = RemoteControlServer(port, self)
        # Not before there is a frame: the first one takes seconds on a busy machine, and who asks would wait for it.
        Window.bind(on_flip=self._start_remote_control)

    def _start_remote_control(self, *_: Any) -> None:
        Window.unbind(on_flip=self._start_remote_control)
        if self._remote:
            self._remote.start()

    def _say_ready(self) -> None:
        width, height = Window.size
        seen = f", seen and tapped at {self._remote.url}" if self._remote else ""
        notify(f"READY=1\n{ALIVE}")
        click.echo(f"motcua: kiosk ready, {width}×{height}, server {self._settings.kiosk.server_url}{seen}", err=True)

    def _changed(self) -> None:
        """From any thread."""
        self._in_background(self._look_at_slip)

    def _in_background(self, call: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the kiosk is ending
            self._slip_looker.submit(call)

    def _limit_words(self, limit: Limit | None) -> str:
        return limit_words(self.model, limit)

    def _look_at_slip(self) -> None:
        given: TicketIssued | None = self.model.given
        try:
            job = self._machine.printer.job(given.wish.request_id) if given else None
            self._slip_state = job.state if job else None
        except JobError:
            log.exception("the slip's state is not known")
        self._documents.look()
        self._update_due()

    def _tick(self, _: float) -> None:
        self._update_time()
        self._guide.announce_changes()
        self._service.look(self._frame.shown)
        if self._voice.speaking and not self.model.asks_to_stay:
            self._watchfulness.touched()  # nobody can answer before the question is heard
        self._watchfulness.look()

    def _on_touch_up(self, window: Any, touch: MotionEvent) -> None:
        if self._corners.touch(touch.sx * window.width, touch.sy * window.height, window.width, window.height):
            # After this touch has done whatever it does: it may have been on a button.
            _on_ui(lambda: self.model.dispatch("on_ask_service"))

    def _restart(self) -> None:
        self.starts_again = True
        self.stop()

    def _on_saying(self, utterance: Utterance) -> None:
        """In the voice's thread."""
        _on_ui(lambda: setattr(self.model, "saying", utterance.shown))

    def _on_busy(self, _: ViewModel, busy: bool) -> None:
        self.model.busy_shown = False
        if busy:
            Clock.schedule_once(lambda _: setattr(self.model, "busy_shown", self.model.busy), PATIENCE_SECONDS)
        else:
            self._watchfulness.touched()
            self._machine.watch.poll_now()
            self._update()

    def _on_given(self, _: ViewModel, given: TicketIssued | None) -> None:
        if self._shown_slip:
            self._machine.printer.visitor_left(self._shown_slip)
        self._shown_slip = given.wish.request_id if given else ""
        self._slip_state = None
        self._update_slip()
        self._changed()

    def _update(self, *_: Any) -> None:
        """What the machine knows, onto the screens."""
        watch, model = self._machine.watch, self.model
        model.centre = watch.centre
        model.emblem = str(watch.emblem.path or "")
        model.online = watch.online is not False
        model.refused = bool(watch.refused)
        model.can_scan = self._machine.scanner.presence == "there"
        model.can_speak = not self._voice.trouble
        offered = watch.centre.languages if watch.centre else (self._settings.kiosk.language,)
        model.languages = [code for code in offered if code in drawable_languages()]
        self._update_time()
        self._update_slip()

    def _update_time(self) -> None:
        centre, moment = self.model.centre, self._machine.now()
        self.model.now = moment.replace(second=0, microsecond=0)
        if centre is not None:
            self.model.open = is_open(centre, moment)
            self.model.opens_at = next_opening(centre, moment) or self.model.opens_at

    def _update_slip(self) -> None:
        given, status = self.model.given, self._machine.printer.status
        problem = status.problems[0] if status.blocked else ""
        state = self._slip_state if given else None
        if state in ON_PAPER:
            # Bytes that a printer took which says nothing are not yet paper.
            unsure = state is JobState.SENT and not status.reports_status and is_configured(self._settings.printer.url)
            self.model.slip, self.model.trouble = "sent" if unsure else "out", ""
            return
        broken = state in NOT_ON_PAPER or (given is not None and not given.on_paper)
        self.model.slip = "printing" if given else ""
        self.model.trouble = problem or ("error" if broken else "")

    def _abandon_visit(self) -> None:
        self.model.busy = False
        self.model.dispatch("on_home")

    def _state(self) -> dict[str, Any]:
        model, screen = self.model, self._frame.screen
        given: TicketIssued | None = model.given
        paged = next((widget for widget in screen.walk() if hasattr(widget, "pages")), None)
        return {
            "screen": self._frame.shown,
            "accepts_touch": self._frame.accepts_touch,
            "language": model.language,
            "portrait": model.portrait,
            "open": model.open,
            "online": model.online,
            "says_away": self._frame.shows_offline_banner,
            "department": model.department.code if model.department else None,
            "procedure": model.procedure.code if model.procedure else None,
            "priority": model.priority.code if model.priority else None,
            "ticked": sorted(model.ticked),
            "list_slip": model.list_slip,
            "number": given.ticket.number if given else None,
            "request_id": given.wish.request_id if given else None,
            "offline": given.offline if given else None,
            "ahead": given.ticket.ahead if given else None,
            "typed": self._frame.typed,
            "scanned": model.scanned.what if model.scanned else None,
            "scanned_texts": self._mirror.texts(self._frame.top),
            "whole_name": model.whole_name,
            "declined": model.declined.why if model.declined else None,
            "busy": model.busy,
            "slip": model.slip,
            "trouble": model.trouble,
            "asks_to_stay": model.asks_to_stay,
            "modes": {"large": model.large, "low": model.low},
            "aloud": model.aloud,
            "dark": model.dark,
            "heard": list(self._guide.heard),
            "voice": self._voice.trouble,
            "service": _facts(model.service),
            "to_hand_in": self._machine.hand_in.pending,
            "page": int(paged.page) if paged else 0,
            "pages": int(paged.pages) if paged else 1,
            "targets": self._mirror.targets(),
            "held": self._mirror.held(),
            "texts": self._mirror.texts(),
            "all_texts": self._mirror.texts(self._frame),
            "smallest_type": self._mirror.smallest_type(),
            "clipped": self._mirror.clipped(),
            "ends_early": self._mirror.ends_early(),
        }


class ResetOnErrorHandler(ExceptionHandler):
    """A fault in the window is logged, and the next visitor finds the start screen; a fault that repeats ends it."""

    MOST, WITHIN_SECONDS = 5, 60.0

    def __init__(self, abandon: Callable[[], None]) -> None:
        super().__init__()
        self._abandon = abandon
        self._faults: list[float] = []

    def handle_exception(self, inst: BaseException) -> int:
        now = time.monotonic()
        self._faults = [fault for fault in self._faults if now - fault < self.WITHIN_SECONDS] + [now]
        if not isinstance(inst, Exception) or len(self._faults) > self.MOST:
            return int(ExceptionManager.RAISE)
        log.error("a fault in the window", exc_info=inst)
        Clock.schedule_once(lambda _: self._abandon())
        return int(ExceptionManager.PASS)


def schedule_gc_on_ui_thread(model: ViewModel) -> None:
    """Dead widgets are collected in this thread only, and never in the middle of an event.

    Another thread that stumbled upon them would unbind them while the window is calling them: "weakly-referenced object
    no longer exists". The young ones go as they come, all of them when a visitor has gone. What stands for good once
    every screen has been met is not looked through any more: it would take tenths of a second each time.
    """
    visits = count(1)

    def collect_all(_: float) -> None:
        gc.collect()
        if next(visits) <= VISITS_BEFORE_GC_FREEZE:
            gc.freeze()

    gc.disable()
    Clock.schedule_interval(lambda _: gc.collect(1), YOUNG_GARBAGE_SECONDS)
    all_soon = Clock.create_trigger(collect_all, TICK_SECONDS)
    model.bind(on_home=lambda _: all_soon())


def _facts(facts: Diagnostics | None) -> dict[str, Any] | None:
    if facts is None:
        return None
    names = ("waiting", "to_hand_in", "online", "volume", "brightness", "scanner")
    return {name: getattr(facts, name) for name in names}


def _on_ui(call: Callable[[], None]) -> None:
    Clock.schedule_once(lambda _: call())


def run(settings: Settings) -> bool:
    """Show the kiosk until its window closes; whether it is meant to start again.

    The window's size and kind come from the environment (kiosk.process.kivy_environment).
    """
    # Touches reach us through the window; reading the devices as well would count each of them twice.
    Config.remove_option("input", "%(name)s")
    if Window is None:
        raise NoWindowError("no window can be opened: docs/how-to/installation.md, When it does not run")
    app = KioskApp(settings)
    app.run()
    return app.starts_again
