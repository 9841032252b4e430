"""Endpoints of the counter: a clerk's page, a keypad or a button calls and serves visitors."""

import time
from datetime import timedelta

from flask import Response, session
from flask_login import current_user
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field, model_validator

from config.text.types import LARGEST_INT, Code, Name, Note, Number, RowId
from display_server.domain.state_machine import Action, CounterState
from display_server.services.calling.calls import call_next
from display_server.services.calling.calls import call_ticket as call_this_ticket
from display_server.services.calling.counter_view import MAX_LISTED_VISITORS, counter_state, counter_view, list_counters
from display_server.services.calling.visit_actions import (
    TransferTarget,
    add_service,
    perform_action,
    set_counter_state,
)
from display_server.services.calling.visit_actions import undo as undo_last
from display_server.services.core.request_fields import JsonBody, QueryValues
from display_server.services.core.schemas import CallResponse, CounterList, CounterView
from display_server.services.devices.schemas import without_people
from display_server.services.errors import Forbidden, NotFound
from display_server.services.staff.sessions import member_in_session
from display_server.sse.own_states import OwnState
from display_server.web.api.kiosk import RequestId
from display_server.web.auth.authorization import BUTTON, STAFF, actor, role_may_use, site
from display_server.web.auth.sign_in import session_seconds_left
from display_server.web.http.event_stream import EVENT_STREAM, connection, event_stream
from display_server.web.http.responses import Responses, json_response, problems, warned

counter = APIBlueprint("counter", __name__, url_prefix="/api/v1/counters", abp_tags=[Tag(name="counter")])

_STEP: Responses = {200: CallResponse, **problems(401, 403, 404, 409, 413, 422)}


class CounterPath(BaseModel):
    code: Code


class LineQuery(QueryValues):
    """How many of those who wait are wanted."""

    most: int = Field(MAX_LISTED_VISITORS, ge=1, le=1000)


class ExpectedCall(JsonBody):
    call_id: int | None = Field(
        None,
        ge=0,
        le=LARGEST_INT,
        description="the call that the clerk sees, 0 for nobody: 409 `moved-on` when another visitor is there now",
    )


class Press(ExpectedCall):
    request_id: RequestId


class StepRequest(ExpectedCall):
    request_id: RequestId | None = None


class StateRequest(StepRequest):
    confirm: bool = Field(
        default=False, description="also where people are left waiting without an open counter: see 409 `last-counter`"
    )


class BreakRequest(StateRequest):
    minutes: int | None = Field(None, ge=1, le=480, description="how long it will last")
    reason: Note | None = None


class ParkRequest(StepRequest):
    reason: Note | None = None


class CallRequest(StepRequest):
    number: Number | None = None
    ticket_id: RowId | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "CallRequest":
        if (self.number is None) == (self.ticket_id is None):
            raise ValueError("give either number or ticket_id")
        return self


class TransferRequest(StepRequest):
    department: Code | None = None
    counter: Code | None = None
    staff: Name | None = None
    note: Note | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "TransferRequest":
        if [self.department, self.counter, self.staff].count(None) != 2:  # noqa: PLR2004 - of three
            raise ValueError("give either department, counter or staff")
        return self


class ServiceRequest(StepRequest):
    department: Code


@counter.get("", responses={200: CounterList, **problems(401, 403)})
def list_all() -> Response:
    """All counters of the centre."""
    found, own = list_counters(site(), actor().centre_id), actor().counters
    mine = [each for each in found.counters if not own or each.code in own]
    return _seen(found.model_copy(update={"counters": mine}))


@counter.get("/<code>", responses={200: CounterView, **problems(401, 403, 404, 422)})
def show(path: CounterPath, query: LineQuery) -> Response:
    """The counter's visitor, its line (next first) and those set aside."""
    return _seen(counter_view(site(), actor(), path.code, query.most))


@counter.get("/<code>/stream", responses={200: EVENT_STREAM, **problems(401, 403, 404, 422)})
def stream(path: CounterPath, query: LineQuery) -> Response:
    """The same now and after every change of it, as server-sent events (`event: counter`), until the session ends."""
    here, session_id = site(), current_user.session_id
    ends_at = time.monotonic() + session_seconds_left()

    def build() -> OwnState | None:
        member = member_in_session(here, session_id) if time.monotonic() < ends_at else None
        if member is None or not role_may_use(member.role, "counter.stream"):
            return None
        try:
            return counter_state(here, member.actor(), path.code, query.most)
        except (Forbidden, NotFound):  # other counters than at the start, or the counter is gone
            return None

    first = counter_state(here, actor(), path.code, query.most)
    events = here.hub.subscribe_own(
        actor().centre_id, first, build, **connection(), session_id=session_id, device_id=session.get("device")
    )
    return event_stream(events)


@counter.post("/<code>/call-next", responses={**_STEP, 204: None})
def next_visitor(path: CounterPath, body: Press) -> Response:
    """The next visitor is called here; 204 when nobody waits. The same `request_id` again: the same answer."""
    called = call_next(site(), actor(), path.code, body.request_id, body.call_id)
    return _seen(called) if called is not None else Response(status=204)


@counter.post("/<code>/call", responses=_STEP)
def call_ticket(path: CounterPath, body: CallRequest) -> Response:
    """A certain visitor (waiting, parked or missed) is called here."""
    return _done(
        call_this_ticket(
            site(),
            actor(),
            path.code,
            number=body.number,
            ticket_id=body.ticket_id,
            request_id=body.request_id,
            seen=body.call_id,
        )
    )


@counter.post("/<code>/recall", responses=_STEP)
def recall(path: CounterPath, body: StepRequest) -> Response:
    """The visitor is called again."""
    return _step(path, Action.RECALL, body)


@counter.post("/<code>/start", responses=_STEP)
def start(path: CounterPath, body: StepRequest) -> Response:
    """The visitor has come: service begins."""
    return _step(path, Action.START, body)


@counter.post("/<code>/finish", responses=_STEP)
def finish(path: CounterPath, body: StepRequest) -> Response:
    """The visit is over."""
    return _step(path, Action.FINISH, body)


@counter.post("/<code>/no-show", responses=_STEP)
def no_show(path: CounterPath, body: StepRequest) -> Response:
    """The visitor did not come: out of the line, where the number can still be called, or back in it (a setting)."""
    return _step(path, Action.NO_SHOW, body)


@counter.post("/<code>/cancel", responses=_STEP)
def cancel(path: CounterPath, body: StepRequest) -> Response:
    """The visitor does not want the visit any more."""
    return _step(path, Action.CANCEL, body)


@counter.post("/<code>/park", responses=_STEP)
def park(path: CounterPath, body: ParkRequest) -> Response:
    """The visitor is set aside (a paper is missing, a form is filled in) and called again later."""
    called = perform_action(
        site(), actor(), path.code, Action.PARK, body.request_id, note=body.reason, seen=body.call_id
    )
    return _done(called, body.reason)


@counter.post("/<code>/transfer", responses=_STEP)
def transfer(path: CounterPath, body: TransferRequest) -> Response:
    """The visitor goes on to another department, counter or person and keeps their place in line."""
    target = TransferTarget(body.department, body.counter, body.staff, body.note)
    called = perform_action(
        site(), actor(), path.code, Action.TRANSFER, body.request_id, target=target, seen=body.call_id
    )
    return _done(called, body.note)


@counter.post("/<code>/then", responses=_STEP)
def add_next_department(path: CounterPath, body: ServiceRequest) -> Response:
    """One more service on the ticket: when finished here, the visitor waits for that department by itself."""
    return _done(add_service(site(), actor(), path.code, body.department, body.request_id, body.call_id))


@counter.post("/<code>/undo", responses=_STEP)
def undo(path: CounterPath, body: StepRequest) -> Response:
    """The last step at the counter is taken back, within `counter.undo_seconds`."""
    return _done(undo_last(site(), actor(), path.code, body.request_id, body.call_id))


@counter.post("/<code>/open", responses={200: CounterView, **problems(401, 403, 404, 413, 422)})
def open_counter(path: CounterPath, body: StepRequest) -> Response:
    """The counter is open."""
    return _set(path, CounterState.OPEN, StateRequest(request_id=body.request_id, confirm=True))


@counter.post("/<code>/close", responses={200: CounterView, **problems(401, 403, 404, 409, 413, 422)})
def close_counter(path: CounterPath, body: StateRequest) -> Response:
    """The counter is closed. The last open one of a queue in which people wait: 409 `last-counter` until confirmed."""
    return _set(path, CounterState.CLOSED, body)


@counter.post("/<code>/break", responses={200: CounterView, **problems(401, 403, 404, 409, 413, 422)})
def take_break(path: CounterPath, body: BreakRequest) -> Response:
    """The counter takes a break; the screen above it says until when, if that is given. 409 as `close`."""
    back_in = timedelta(minutes=body.minutes) if body.minutes is not None else None
    set_counter_state(site(), actor(), path.code, CounterState.BREAK, back_in, body.reason, confirmed=body.confirm)
    return _seen(warned(counter_view(site(), actor(), path.code), body.reason))


def _step(path: CounterPath, step: Action, body: StepRequest) -> Response:
    return _done(perform_action(site(), actor(), path.code, step, body.request_id, seen=body.call_id))


def _done(called: CallResponse | None, note: str | None = None) -> Response:
    return _seen(warned(called if called is not None else CallResponse(call=None), note))


def _set(path: CounterPath, state: CounterState, body: StateRequest) -> Response:
    set_counter_state(site(), actor(), path.code, state, confirmed=body.confirm)
    return _seen(counter_view(site(), actor(), path.code))


def _seen(shown: BaseModel) -> Response:
    """Notes, reasons of priority and names are for who is signed in: a keypad, button or display shows none."""
    kind = actor().kind
    return json_response(shown if kind == STAFF else without_people(shown, for_button=kind == BUTTON))
