"""One visitor's way, without a window."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from kiosk.api.models import Ticket, Wish
from kiosk.core.ticket_flow import Result, TicketIssued

with pytest.MonkeyPatch.context() as patched:
    # Kivy reads these while it is imported: without them it would log all tests of this process into a file of its own.
    for name in ("KIVY_NO_FILELOG", "KIVY_NO_CONFIG", "KIVY_NO_ARGS"):
        patched.setenv(name, "1")
    patched.setenv("KIVY_LOG_MODE", "PYTHON")
    from kiosk.ui.controllers.visit import VisitController
    from kiosk.ui.view_model import ViewModel


class Flow:
    def request_ticket(
        self,
        department: str,
        procedure: str | None,
        priority: str | None,
        language: str,
        done: Callable[[Result], None],
    ) -> bool:
        return False

    def next_visitor(self) -> None:
        pass


@pytest.fixture
def shown() -> list[str]:
    return []


@pytest.fixture
def model() -> ViewModel:
    return ViewModel("vi", 21.5)


@pytest.fixture
def visit(model: ViewModel, shown: list[str]) -> VisitController:
    return VisitController(model, Flow(), shown.append, lambda call: call(), language="vi", asks_procedure=False)


def given(request_id: str) -> TicketIssued:
    wish = Wish(request_id=request_id, department="TP", procedure=None, priority=None, language="en")
    moment = datetime(2026, 11, 23, 2, tzinfo=UTC)
    ticket = Ticket(request_id=request_id, number="A001", department="TP", ahead=0, issued_at=moment)
    return TicketIssued(wish, ticket, offline=False, on_paper=True)


def test_a_number_that_a_crash_interrupted_comes_back_once(
    visit: VisitController, model: ViewModel, shown: list[str]
) -> None:
    """The disk says it at once, the flow that finishes it a moment later: meanwhile the visitor may be done."""
    visit.show_recovered_ticket(given("cut"))
    assert (shown, model.language) == (["number"], "en")
    model.dispatch("on_home")
    visit.show_recovered_ticket(given("cut"))
    assert shown == ["number", "start"]


def test_nobody_is_disturbed_by_a_number_of_before(visit: VisitController, model: ViewModel, shown: list[str]) -> None:
    model.dispatch("on_begin")
    visit.show_recovered_ticket(given("cut"))
    assert shown == ["departments"]
