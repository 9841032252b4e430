"""Calls as clerks and screens see them, with the reason in words."""

from typing import Any

from sqlalchemy import Row

from config.i18n import translations
from display_server.domain.queue_policy import Reason
from display_server.domain.state_machine import TicketState
from display_server.services.catalogue.catalogue import Catalogue
from display_server.services.core.schemas import CallView, HallCall, ReasonView, Text

# A call's reason, for the clerk and for whoever asks why this number came first.
_WORDS = {
    Reason.OLDEST: "First in line, after %(minutes)d min",
    Reason.PRIORITY: "Priority visitor's turn, after %(minutes)d min",
    Reason.WAITED_TOO_LONG: "Waited longer than the centre allows: %(minutes)d min",
    Reason.SENT_HERE: "Sent to this counter by a colleague",
    Reason.TRANSFERRED: "Comes from another counter, after %(minutes)d min",
    Reason.WEIGHT: "Waits in a queue that counts for more here, after %(minutes)d min",
    Reason.CHOSEN: "Called by number by the clerk",
    Reason.RECALL: "Called again",
}


def call_view(
    catalogue: Catalogue, call: Row[Any], ticket: Row[Any], note: str | None, state: TicketState | None = None
) -> CallView:
    """`note`: the text of the ticket's note. `state`: the ticket's state where it is newer than `ticket`."""
    counter = catalogue.counter_by_id[call.counter_id]
    procedure = catalogue.procedure_by_id[ticket.procedure_id].code if ticket.procedure_id is not None else None
    return CallView(
        id=call.id,
        seq=call.seq,
        ticket_id=ticket.id,
        number=call.number,
        counter=counter.code,
        counter_name=counter.name,
        counter_short=counter.short,
        department=catalogue.department_by_id[ticket.department_id].code,
        procedure=procedure,
        priority=ticket.priority,
        language=ticket.language,
        state=state or ticket.state,
        recall=call.recall,
        called_at=call.called_at,
        issued_at=ticket.issued_at,
        waited_seconds=call.reason["waited_seconds"],
        reason=_reason_of(catalogue, call.reason),
        note=note,
        itinerary=ticket.itinerary,
    )


def _reason_of(catalogue: Catalogue, stored: dict[str, Any]) -> ReasonView:
    """Of a recall the reason of the first call; `recall` tells that it was called again."""
    reason = stored.get("first", stored)
    return ReasonView(code=reason["code"], text=reason_text(catalogue.languages, reason))


def reason_text(languages: list[str], reason: dict[str, Any]) -> Text:
    """The stored reason in each language."""
    words = _WORDS[Reason(reason["code"])]
    values = {"minutes": reason["waited_seconds"] // 60}
    return {language: translations(language).gettext(words) % values for language in languages}


def hall_call(catalogue: Catalogue, row: Row[Any]) -> HallCall:
    """`row`: a call with its ticket's `language` and `is_priority`."""
    return HallCall(
        seq=row.seq,
        id=row.id,
        ticket_id=row.ticket_id,
        number=row.number,
        counter=catalogue.counter_by_id[row.counter_id].code,
        department=catalogue.department_by_id[row.department_id].code,
        called_at=row.called_at,
        language=row.language,
        priority=row.is_priority,
        recall=row.recall,
        open=row.ended_at is None,
    )
