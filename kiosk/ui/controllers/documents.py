"""What a visitor does with the list of documents: tick them, and have it printed without a number.

What was ticked stays in this process and in the print job, which is deleted when the visitor has left; no log names it.
"""

import logging
import uuid
from collections.abc import Callable
from typing import Any, Protocol

from config.errors import MotcuaError
from kiosk.api.models import Limit, Procedure
from kiosk.ui.view_model import ViewModel
from printer.errors import JobError
from printer.jobs.store import JobState, PrintJob

log = logging.getLogger(__name__)

MAX_LISTS = 3  # of one visit: a roll of paper is no toy
PRINTING, SENT, OUT, FAILED = "printing", "sent", "out", "failed"
SHOWN_STATES = {JobState.PRINTED: OUT, JobState.SENT: SENT, JobState.FAILED: FAILED, JobState.GIVEN_UP: FAILED}


class ListPrinter(Protocol):
    def list_job(self, name: str) -> PrintJob | None: ...

    def withdraw_list(self, name: str) -> None: ...


class DocumentsController:
    """Answers the model's events. UI thread, but for `look`.

    `print_list(name, procedure, ready, language, limit)` may wait, so it runs in `background(call)`; `on_ui(call)` runs
    a call in the UI thread; `limit_words(limit)`: how long a result takes, in the visitor's language.
    """

    def __init__(
        self,
        model: ViewModel,
        printer: ListPrinter,
        print_list: Callable[[str, Procedure, tuple[bool, ...], str, str], None],
        background: Callable[[Callable[[], None]], None],
        on_ui: Callable[[Callable[[], None]], None],
        limit_words: Callable[[Limit | None], str],
    ) -> None:
        self._model = model
        self._printer = printer
        self._print_list = print_list
        self._background = background
        self._on_ui = on_ui
        self._limit_words = limit_words
        self._names: list[str] = []
        model.lists_left = MAX_LISTS
        model.bind(
            on_tick=self._tick,
            on_print_list=self._print,
            on_home=self._home,
            procedure=self._forget_ticks,
            language=self._offer_again,
        )

    def look(self) -> None:
        """How far the latest list is; from any thread."""
        if not self._names:
            return
        name = self._names[-1]
        try:
            job = self._printer.list_job(name)
        except JobError:
            log.exception("the printed list's state is not known")
            return
        if job is not None:
            state = SHOWN_STATES.get(job.state, PRINTING)
            self._on_ui(lambda: self._shows(name, state))

    def _tick(self, _: Any, place: int) -> None:
        self._model.ticked = self._model.ticked ^ {place}
        self._offer_again()

    def _forget_ticks(self, *_: Any) -> None:
        self._model.ticked = frozenset()
        self._model.lacks_one = False
        self._offer_again()

    def _offer_again(self, *_: Any) -> None:
        """Another list than the one that was printed."""
        self._model.list_slip = ""

    def _print(self, *_: Any) -> None:
        model = self._model
        if model.procedure is None or model.list_slip or model.trouble or not model.lists_left:
            return
        name = str(uuid.uuid4())
        self._names.append(name)
        model.lists_left = MAX_LISTS - len(self._names)
        model.list_slip = PRINTING
        procedure, ready, language = model.procedure, self._ready(model.procedure), model.language
        limit = self._limit_words(procedure.limit)
        self._background(lambda: self._submit(name, procedure, ready, language, limit))

    def _ready(self, procedure: Procedure) -> tuple[bool, ...]:
        ticked = self._model.ticked
        return tuple(place in ticked for place in range(len(procedure.papers))) if ticked else ()

    def _submit(self, name: str, procedure: Procedure, ready: tuple[bool, ...], language: str, limit: str) -> None:
        """In the background. What the error says may hold what was ticked: the log names its kind alone."""
        try:
            self._print_list(name, procedure, ready, language, limit)
        except (MotcuaError, ValueError, OSError) as error:
            log.error("a list of documents did not reach the printer: %s", type(error).__name__)  # noqa: TRY400
            self._on_ui(lambda: self._shows(name, FAILED))

    def _shows(self, name: str, state: str) -> None:
        """Unless the visitor has left, or wants another list by now."""
        if self._model.list_slip and self._names and self._names[-1] == name:
            self._model.list_slip = state

    def _home(self, *_: Any) -> None:
        if self._model.busy:
            return
        for name in self._names:
            self._printer.withdraw_list(name)
        self._names = []
        self._model.lists_left = MAX_LISTS
        self._forget_ticks()
