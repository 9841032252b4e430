"""Every state and every step."""

import pytest

from display_server.domain.state_machine import AT_COUNTER, CALLABLE, Action, TicketState, next_state

ALLOWED = {
    (Action.RECALL, TicketState.CALLED): TicketState.CALLED,
    (Action.START, TicketState.CALLED): TicketState.SERVING,
    (Action.FINISH, TicketState.CALLED): TicketState.FINISHED,
    (Action.FINISH, TicketState.SERVING): TicketState.FINISHED,
    (Action.NO_SHOW, TicketState.CALLED): TicketState.NO_SHOW,
    (Action.PARK, TicketState.CALLED): TicketState.PARKED,
    (Action.PARK, TicketState.SERVING): TicketState.PARKED,
    (Action.TRANSFER, TicketState.CALLED): TicketState.WAITING,
    (Action.TRANSFER, TicketState.SERVING): TicketState.WAITING,
    (Action.CANCEL, TicketState.CALLED): TicketState.CANCELLED,
    (Action.CANCEL, TicketState.SERVING): TicketState.CANCELLED,
}


@pytest.mark.parametrize("step", list(Action))
@pytest.mark.parametrize("state", list(TicketState))
def test_each_step_in_each_state(step: Action, state: TicketState) -> None:
    assert next_state(step, state) is ALLOWED.get((step, state))


def test_a_visitor_is_at_a_counter_or_can_be_called_or_is_gone() -> None:
    gone = {TicketState.FINISHED, TicketState.CANCELLED}
    assert AT_COUNTER | CALLABLE | gone == set(TicketState)
    assert not AT_COUNTER & CALLABLE
