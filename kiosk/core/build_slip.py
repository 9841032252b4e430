"""From a ticket to what stands on its paper."""

from datetime import datetime

from kiosk.api.models import NO_COUNTER, Centre, Procedure, Text, Ticket, TrialNumber, Wish, title_in_language
from kiosk.core.opening_hours import zone
from printer.slip.slip import Slip

NO_CENTRE = {"vi": "Trung tâm Phục vụ hành chính công"}
TRIAL_WORDS = {"vi": "PHIẾU IN THỬ - KHÔNG CÓ GIÁ TRỊ", "en": "TRIAL SLIP - NOT VALID"}


def build_slip(
    centre: Centre | None, wish: Wish, ticket: Ticket, *, offline: bool, emblem: bytes | None = None
) -> Slip:
    """The slip of `ticket`. Without a known centre it still holds number and department code. `emblem`: a PNG.

    Raises ValueError where the server's words do not make a slip.
    """
    department = centre.department(wish.department) if centre else None
    procedure = centre.procedure(wish.procedure) if centre else None
    priority = centre.priority(wish.priority) if centre else None
    return Slip(
        number=ticket.number,
        department=department.name if department else {"vi": wish.department},
        centre=_heading(centre) if centre else NO_CENTRE,
        issued_at=ticket.issued_at,
        timezone=zone(centre).key,
        ahead=ticket.ahead,
        wait_low=min(ticket.wait.low, ticket.wait.high) if ticket.wait else None,
        wait_high=ticket.wait.high if ticket.wait else None,
        no_counter=ticket.no_wait == NO_COUNTER,
        priority=priority.name if priority else None,
        procedure=procedure.name if procedure else None,
        papers=procedure.papers if procedure else (),
        counters=department.counters if department else (),
        status_url=ticket.status_url,
        note=centre.slip.note if centre else None,
        emblem=emblem,
        language=wish.language or "vi",
        offline=offline,
    )


def documents_slip_of(
    centre: Centre | None,
    procedure: Procedure,
    ready: tuple[bool, ...],
    language: str,
    limit: str,
    at: datetime,
    emblem: bytes | None = None,
) -> Slip:
    """The list of what `procedure` needs, without a number. `ready`: as in `Slip`; `limit`: how long the result takes,
    in `language`; `at`: aware.

    Raises ValueError where the server's words do not make a slip.
    """
    department = centre.department(procedure.department) if centre else None
    return Slip(
        is_list=True,
        department=department.name if department else {"vi": procedure.department},
        centre=_heading(centre) if centre else NO_CENTRE,
        issued_at=at,
        timezone=zone(centre).key,
        procedure=procedure.name,
        papers=procedure.papers,
        ready=ready,
        fee=dict(procedure.fee) or None,
        form=procedure.form or None,
        limit={language: limit} if limit else None,
        emblem=emblem,
        language=language,
    )


def trial_slip_of(centre: Centre | None, trial: TrialNumber, at: datetime) -> Slip:
    """A slip that nobody can take for a number, though it came the same way. `at`: aware."""
    return Slip(
        number=trial.number,
        department=TRIAL_WORDS,
        centre=_heading(centre) if centre else NO_CENTRE,
        issued_at=at,
        timezone=zone(centre).key,
        status_url=trial.status_url,
        note=TRIAL_WORDS,
    )


def _heading(centre: Centre) -> Text:
    """The centre's name above the number: the short one where the official one would take half the paper."""
    return {language: title_in_language(centre.name, centre.short, language) for language in centre.name}
