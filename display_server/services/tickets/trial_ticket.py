"""A trial number: at any hour, from a kiosk through the database and back. It stands in no queue and counts nowhere."""

from typing import Annotated

from pydantic import BaseModel, Field

from display_server.domain.numbering import format_number
from display_server.services.core.actors import Actor
from display_server.services.core.context import ServerContext, UnitOfWork
from display_server.services.core.idempotency import run_idempotent
from display_server.services.errors import NotFound
from display_server.services.recovery.epoch import series_prefix

TRIAL_SECRET = "trial"  # noqa: S105 - the last part of the address on the slip, known to everybody
NEVER_ISSUED = 0  # every series begins at 1


class TrialNumber(BaseModel):
    """What a trial slip says. `number`: one that no visitor can get; `department`: a code."""

    number: str
    department: str
    status_url: Annotated[str | None, Field(description="a page that tells a phone that it reached the server")]


def give_trial_number(site: ServerContext, actor: Actor, request_id: str) -> TrialNumber:
    """A trial number of the centre's first queue. The log of the centre holds that it was asked for, and by whom.

    Raises `NotFound` in a centre without queues, `RequestIdReused`.
    """
    with site.write(actor) as transaction:
        trial = run_idempotent(transaction, request_id, ["trial"], TrialNumber, lambda: _make(transaction))
        assert trial is not None  # noqa: S101 - `_make` answers or raises
    return trial


def _make(transaction: UnitOfWork) -> TrialNumber:
    department = next(iter(transaction.catalogue.departments.values()), None)
    if department is None:
        raise NotFound("this centre has no queue")
    epoch = transaction.epoch
    prefix = series_prefix(department.prefix, transaction.day, epoch.day, epoch.letter)
    number = format_number(prefix, NEVER_ISSUED)
    transaction.write_journal("trial_number", number=number, device=transaction.actor.id)
    return TrialNumber(number=number, department=department.code, status_url=f"/t/{TRIAL_SECRET}")
