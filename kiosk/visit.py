"""One visitor's way through the screens, from the first touch to the number and back to the start."""

from collections.abc import Callable
from typing import Any, Protocol

from kiosk.messages import Centre
from kiosk.screens.model import Model
from kiosk.ticket_flow import Declined, Given, Result, Why

BEFORE = {"procedures": "departments", "notice": "departments"}


class Gives(Protocol):
    def tap(
        self,
        department: str,
        procedure: str | None,
        priority: str | None,
        language: str,
        done: Callable[[Result], None],
    ) -> bool: ...

    def next_visitor(self) -> None: ...


class Visit:
    """Answers the model's events. `show(name)` changes the screen; `on_ui(call)` runs a call in the UI thread.

    `language`: what each visitor is met with. `asks_procedure`: departments with procedures ask for one first.
    """

    def __init__(
        self,
        model: Model,
        flow: Gives,
        show: Callable[[str], None],
        on_ui: Callable[[Callable[[], None]], None],
        *,
        language: str,
        asks_procedure: bool,
    ) -> None:
        self._model = model
        self._flow = flow
        self._show_screen = show
        self._on_ui = on_ui
        self._language = language
        self._asks_procedure = asks_procedure
        self._screen = "start"
        self._before_priority = "departments"
        model.bind(
            on_begin=self._begin,
            on_choose_department=self._department,
            on_number_now=self._number_now,
            on_choose_procedure=self._procedure,
            on_ask_priority=self._ask_priority,
            on_choose_priority=self._priority,
            on_back=self._back,
            on_home=self._home,
            on_choose_language=self._speak,
        )

    def welcome_back(self, given: Given) -> None:
        """A number that a crash interrupted: show it, if nobody else has begun meanwhile."""
        if self._screen == "start":
            self._model.speak(given.wish.language or self._language)
            self._show_number(given)

    def _begin(self, *_: Any) -> None:
        self._show("departments")

    def _department(self, _: Any, code: str) -> None:
        model = self._model
        centre: Centre | None = model.centre
        model.department = department = centre.department(code) if centre else None
        model.procedure = None
        if centre is None or department is None:
            self._decline(Declined(Why.DEPARTMENT_GONE))
        elif not department.open:
            self._decline(Declined(Why.DEPARTMENT_CLOSED))
        elif self._asks_procedure and centre.procedures_of(code):
            self._show("procedures")
        else:
            self._take()

    def _number_now(self, *_: Any) -> None:
        self._model.procedure = None
        self._take()

    def _procedure(self, _: Any, code: str) -> None:
        self._model.procedure = self._model.centre.procedure(code)
        self._take()

    def _ask_priority(self, *_: Any) -> None:
        self._before_priority = self._screen
        self._show("priority")

    def _priority(self, _: Any, code: str) -> None:
        self._model.priority = self._model.centre.priority(code)
        self._show(self._before_priority)

    def _back(self, *_: Any) -> None:
        if self._screen == "departments":
            self._model.dispatch("on_home")
        else:
            self._show(self._before_priority if self._screen == "priority" else BEFORE.get(self._screen, "start"))

    def _home(self, *_: Any) -> None:
        """Everything that this visitor said is forgotten."""
        model = self._model
        if model.busy:
            return
        self._flow.next_visitor()
        model.department = model.procedure = model.priority = None
        model.given = model.declined = None
        model.slip = ""
        model.speak(self._language)
        self._show("start")

    def _speak(self, _: Any, code: str) -> None:
        self._model.speak(code)

    def _take(self) -> None:
        model = self._model
        taken = self._flow.tap(
            model.department.code,
            model.procedure.code if model.procedure else None,
            model.priority.code if model.priority else None,
            model.language,
            lambda result: self._on_ui(lambda: self._taken(result)),
        )
        if taken:
            model.busy = True

    def _taken(self, result: Result) -> None:
        self._model.busy = False
        if isinstance(result, Given):
            self._show_number(result)
        else:
            self._decline(result)

    def _show_number(self, given: Given) -> None:
        model = self._model
        centre: Centre | None = model.centre
        if centre is not None:
            model.department = centre.department(given.wish.department)
            model.procedure = centre.procedure(given.wish.procedure)
            model.priority = centre.priority(given.wish.priority)
        model.given = given
        self._show("number")

    def _decline(self, declined: Declined) -> None:
        self._model.declined = declined
        if declined.opens_at is not None:
            self._model.opens_at = declined.opens_at
        self._show("notice")

    def _show(self, name: str) -> None:
        self._screen = name
        self._show_screen(name)
