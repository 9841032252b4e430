"""Every state and every step."""

import pytest

from display_server.domain.state_machine import AT_COUNTER, CALLABLE, Step, TicketState, state_after

ALLOWED = {
    (Step.RECALL, TicketState.CALLED): TicketState.CALLED,
    (Step.START, TicketState.CALLED): TicketState.SERVING,
    (Step.FINISH, TicketState.CALLED): TicketState.FINISHED,
    (Step.FINISH, TicketState.SERVING): TicketState.FINISHED,
    (Step.NO_SHOW, TicketState.CALLED): TicketState.NO_SHOW,
    (Step.PARK, TicketState.CALLED): TicketState.PARKED,
    (Step.PARK, TicketState.SERVING): TicketState.PARKED,
    (Step.TRANSFER, TicketState.CALLED): TicketState.WAITING,
    (Step.TRANSFER, TicketState.SERVING): TicketState.WAITING,
    (Step.CANCEL, TicketState.CALLED): TicketState.CANCELLED,
    (Step.CANCEL, TicketState.SERVING): TicketState.CANCELLED,
}


@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("state", list(TicketState))
def test_each_step_in_each_state(step: Step, state: TicketState) -> None:
    assert state_after(step, state) is ALLOWED.get((step, state))


def test_a_visitor_is_at_a_counter_or_can_be_called_or_is_gone() -> None:
    gone = {TicketState.FINISHED, TicketState.CANCELLED}
    assert AT_COUNTER | CALLABLE | gone == set(TicketState)
    assert not AT_COUNTER & CALLABLE
