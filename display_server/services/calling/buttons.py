"""Real call buttons: a press calls through the same services as a clerk's page, and is done once.

A worn contact bounces, a finger lingers, a key gets stuck. Presses of one key within `counter.button_debounce_ms` of
each other are one press; the last one stands in the device's row, so that a restart or another process knows it too.
"""

import uuid
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, Field
from sqlalchemy import select, update

from display_server.db import tables
from display_server.domain.state_machine import Action, CounterState
from display_server.services.calling.calls import call_next
from display_server.services.calling.counter_view import counter_view
from display_server.services.calling.visit_actions import perform_action, set_counter_state
from display_server.services.core.actors import Actor
from display_server.services.core.context import ServerContext

STUCK = timedelta(seconds=10)  # a key that goes on for so long is not held by a clerk
STILL = timedelta(seconds=30)  # how long after its last press it is called stuck

device = tables.device


class ButtonKey(StrEnum):
    NEXT = "next"
    RECALL = "recall"
    START = "start"
    FINISH = "finish"
    NO_SHOW = "no-show"
    PARK = "park"
    OPEN = "open"
    CLOSE = "close"
    BREAK = "break"


STATES = {
    ButtonKey.OPEN: CounterState.OPEN,
    ButtonKey.CLOSE: CounterState.CLOSED,
    ButtonKey.BREAK: CounterState.BREAK,
}


class ButtonView(BaseModel):
    """What a lamp or a small display beside the button needs."""

    counter: str
    state: Literal["free", "called", "serving", "break", "closed"]
    number: str | None = Field(description="who is called here or served")
    waiting: int = Field(description="how many wait for this counter")
    text: str = Field(description="for a display of 16 ASCII signs", examples=["A007          12", "closed        12"])


def press(site: ServerContext, actor: Actor, key: ButtonKey, request_id: str | None) -> ButtonView:
    """Do what `key` of the button `actor` stands for; how its counter is then.

    `request_id`: of a button that can count its presses, for repeating one that got no answer. Raises what the step
    raises: `InvalidTransition` where it is not possible, as calling somebody to a closed counter.
    """
    counter = _counter(site, actor)
    request_id = _noted(site, actor, key, request_id)
    if key is ButtonKey.NEXT:
        call_next(site, actor, counter, request_id)
    elif key in STATES:
        set_counter_state(site, actor, counter, STATES[key])
    else:
        perform_action(site, actor, counter, Action(key), request_id)
    return button_view(site, actor)


def button_view(site: ServerContext, actor: Actor) -> ButtonView:
    """The counter of the button `actor`."""
    view = counter_view(site, actor, _counter(site, actor))
    number = view.call.number if view.call is not None else None
    return ButtonView(
        counter=view.code,
        state=view.state,
        number=number,
        waiting=view.waiting_count,
        text=f"{number or view.state:<10}{view.waiting_count:>6}",
    )


def is_stuck(pressed: dict[str, Any] | None, now: datetime) -> bool:
    """Whether the last presses of a button (`report` of its row) look like a key that does not come up again."""
    if not pressed or "first" not in pressed:
        return False
    first, last = (datetime.fromisoformat(pressed[name]) for name in ("first", "last"))
    return last - first >= STUCK and now - last <= STILL


def _counter(site: ServerContext, actor: Actor) -> str:
    with site.read() as connection:
        return site.catalogue(connection, actor.centre_id).counter_by_id[actor.counter_id or 0].code


def _noted(site: ServerContext, actor: Actor, key: ButtonKey, request_id: str | None) -> str:
    """The request that this press belongs to: its own, or that of the press which it only repeats."""
    here = device.c.id == actor.id
    within = timedelta(milliseconds=site.settings.counter.button_debounce_ms)
    with site.write_without_lock() as connection:
        now = site.clock()
        before = connection.execute(select(device.c.report).where(here).with_for_update()).scalar_one() or {}
        if before.get("key") == key and abs(now - datetime.fromisoformat(before["last"])) < within:
            pressed = before | {"last": now.isoformat()}
        else:
            request_id = request_id or uuid.uuid4().hex
            pressed = {"key": key, "request_id": request_id, "first": now.isoformat(), "last": now.isoformat()}
        connection.execute(update(device).where(here).values(report=pressed, reported_at=now))
    return str(pressed["request_id"])
