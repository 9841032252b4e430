"""A press is done once, however often it is sent: the answer of each `request_id` is kept and given again."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import bindparam, insert, select

from display_server.db import tables
from display_server.services.core.context import UnitOfWork
from display_server.services.core.schemas import CallResponse
from display_server.services.errors import RequestIdReused
from display_server.services.keys.commitments import text_of

Answer = TypeVar("Answer", bound=BaseModel)

request = tables.request
_FIND = select(request.c.fingerprint, request.c.answer).where(
    request.c.centre_id == bindparam("centre_id"), request.c.request_id == bindparam("request_id")
)
_KEEP = insert(request)
_NOTE = select(tables.ticket.c.note).where(tables.ticket.c.id == bindparam("ticket"))


def run_idempotent(
    transaction: UnitOfWork,
    request_id: str | None,
    fingerprint: list[Any],
    answer_type: type[Answer],
    act: Callable[[], Answer | None],
) -> Answer | None:
    """`act()`, or the answer that this `request_id` got before. None asks for no such promise.

    Raises `RequestIdReused` when the `fingerprint` (what was asked, JSON) differs from the first one's.
    """
    if request_id is None:
        return act()
    key = {"centre_id": transaction.centre_id, "request_id": request_id}
    # What was asked may hold a note: under a key, so that nobody can find it by trying. Newest key first.
    asked = transaction.site.keys.lookups(json.dumps(fingerprint))
    earlier = transaction.connection.execute(_FIND, key).one_or_none()
    if earlier is not None:
        if earlier.fingerprint not in asked:
            raise RequestIdReused("this request_id was used for a different request")
        transaction.changed = False
        return _again(transaction, answer_type.model_validate(earlier.answer)) if earlier.answer is not None else None
    answer = act()
    stored = _lean(answer.model_dump(mode="json")) if answer is not None else None
    transaction.connection.execute(_KEEP, key | {"fingerprint": asked[0], "at": transaction.now, "answer": stored})
    return answer


def _lean(answer: dict[str, Any]) -> dict[str, Any]:
    """Without the visitor's note: it stands in one place alone, where it can be erased."""
    call = answer.get("call")
    return answer | {"call": call | {"note": None}} if isinstance(call, dict) else answer


def _again(transaction: UnitOfWork, answer: Answer) -> Answer:
    """With the note that the visitor has now."""
    if isinstance(answer, CallResponse) and answer.call is not None:
        note = transaction.connection.execute(_NOTE, {"ticket": answer.call.ticket_id}).scalar()
        answer.call.note = text_of(transaction.connection, transaction.site.keys, note)
    return answer
