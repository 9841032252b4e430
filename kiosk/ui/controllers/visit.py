"""One visitor's way through the screens, from the first touch to the number and back to the start."""

from collections.abc import Callable
from typing import Any, Protocol

from kiosk.api.models import Centre
from kiosk.core.ticket_flow import RejectionReason, Result, TicketIssued, TicketRejected
from kiosk.ui.view_model import ViewModel


class TicketFlowProtocol(Protocol):
    def request_ticket(
        self,
        department: str,
        procedure: str | None,
        priority: str | None,
        language: str,
        done: Callable[[Result], None],
    ) -> bool: ...

    def next_visitor(self) -> None: ...


class VisitController:
    """Answers the model's events. `show(name)` changes the screen; `on_ui(call)` runs a call in the UI thread.

    `language`: what each visitor is met with. `asks_procedure`: departments with procedures ask for one first.
    `starts_with_queues()`: the start screen shows the queues, so that the way back to it ends no visit.
    """

    def __init__(
        self,
        model: ViewModel,
        flow: TicketFlowProtocol,
        show: Callable[[str], None],
        on_ui: Callable[[Callable[[], None]], None],
        *,
        language: str,
        asks_procedure: bool,
        starts_with_queues: Callable[[], bool] = lambda: False,
    ) -> None:
        self._model = model
        self._flow = flow
        self._show_screen = show
        self._on_ui = on_ui
        self._language = language
        self._asks_procedure = asks_procedure
        self._starts_with_queues = starts_with_queues
        self._back_stack = ["start"]  # the screens that lead back, the one shown last
        self._welcomed: set[str] = set()
        model.bind(
            on_begin=self._begin,
            on_choose_department=self._department,
            on_skip_procedure=self._number_now,
            on_choose_procedure=self._procedure,
            on_take=self._take,
            on_list=self._list,
            on_browse=self._begin,
            on_search=lambda _: self._show("search"),
            on_mode=self._mode,
            on_ask_priority=self._ask_priority,
            on_choose_priority=self._priority,
            on_back=self._back,
            on_home=self._home,
            on_choose_language=self._speak,
            on_read_name=self._show_name,
        )

    def show_recovered_ticket(self, given: TicketIssued) -> None:
        """A number that a crash interrupted: show it once, if nobody else has begun meanwhile.

        It may be said twice, by what was left on the disk and by the flow that finishes it.
        """
        if self._back_stack == ["start"] and given.wish.request_id not in self._welcomed:
            self._welcomed.add(given.wish.request_id)
            self._model.speak(given.wish.language or self._language)
            self._show_number(given)

    def _begin(self, *_: Any) -> None:
        self._show("start" if self._model.open and self._starts_with_queues() else "departments")

    def _department(self, _: Any, code: str) -> None:
        model = self._model
        centre: Centre | None = model.centre
        model.department = department = centre.department(code) if centre else None
        model.procedure = None
        if centre is None or department is None:
            self._decline(TicketRejected(RejectionReason.DEPARTMENT_GONE))
        elif model.open and not department.open:
            self._decline(TicketRejected(RejectionReason.DEPARTMENT_CLOSED))
        elif (self._asks_procedure or not model.open) and centre.procedures_of(code):
            self._show("procedures")
        elif not model.open:
            self._decline(TicketRejected(RejectionReason.CLOSED))
        else:
            self._take()

    def _number_now(self, *_: Any) -> None:
        self._model.procedure = None
        self._take()

    def _procedure(self, _: Any, code: str) -> None:
        """Its papers first: nobody queues for a missing one."""
        model = self._model
        centre: Centre | None = model.centre
        procedure = centre.procedure(code) if centre else None
        department = centre.department(procedure.department) if centre and procedure else None
        if department is None:
            self._decline(TicketRejected(RejectionReason.DEPARTMENT_GONE))
            return
        model.procedure, model.department = procedure, department
        self._show("checklist")

    def _list(self, _: Any, lacks_one: bool) -> None:
        self._model.lacks_one = lacks_one
        self._show("documents")

    def _ask_priority(self, *_: Any) -> None:
        self._show("priority")

    def _priority(self, _: Any, code: str) -> None:
        centre: Centre | None = self._model.centre
        self._model.priority = centre.priority(code) if centre else None
        self._back()

    def _back(self, *_: Any) -> None:
        left = self._back_stack.pop()
        if left == "notice" and "departments" in self._back_stack:
            self._show("departments")
        elif len(self._back_stack) > 1 or (self._starts_with_queues() and self._back_stack):
            self._show(self._back_stack[-1])
        else:
            self._model.dispatch("on_home")

    def _mode(self, _: Any, name: str) -> None:
        setattr(self._model, name, not getattr(self._model, name))

    def _home(self, *_: Any) -> None:
        """Everything that this visitor said is forgotten."""
        model = self._model
        if model.busy:
            return
        self._flow.next_visitor()
        model.department = model.procedure = model.priority = None
        model.given = model.declined = None
        model.slip = ""
        model.large = model.low = False
        model.speak(self._language)
        self._show("start")

    def _show_name(self, model: ViewModel, name: str) -> None:
        model.whole_name = name

    def _speak(self, _: Any, code: str) -> None:
        self._model.speak(code)

    def _take(self, *_: Any) -> None:
        model = self._model
        taken = self._flow.request_ticket(
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
        if isinstance(result, TicketIssued):
            self._show_number(result)
        else:
            self._decline(result)

    def _show_number(self, given: TicketIssued) -> None:
        model = self._model
        centre: Centre | None = model.centre
        if centre is not None:
            model.department = centre.department(given.wish.department)
            model.procedure = centre.procedure(given.wish.procedure)
            model.priority = centre.priority(given.wish.priority)
        model.given = given
        self._show("number")

    def _decline(self, declined: TicketRejected) -> None:
        self._model.declined = declined
        if declined.opens_at is not None:
            self._model.opens_at = declined.opens_at
        self._show("notice")

    def _show(self, name: str) -> None:
        if name in self._back_stack:
            del self._back_stack[self._back_stack.index(name) :]
        self._back_stack.append(name)
        self._model.whole_name = ""
        self._show_screen(name)
