"""Texts beside the audit log: erased, the chain verifies; changed, added or removed, it does not."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, select, update

from display_server.db import tables
from display_server.domain.audit_chain import commitment
from display_server.domain.state_machine import Action, CounterState
from display_server.services.calling.queue_admin import remove_from_queue, set_priority
from display_server.services.calling.visit_actions import TransferTarget, perform_action, set_counter_state
from display_server.services.core.idempotency import run_idempotent
from display_server.services.core.schemas import CallResponse
from display_server.services.keys.commitments import ERASED, UNREADABLE
from display_server.services.keys.keys import Keys
from display_server.services.privacy.erasure import erase_texts
from display_server.services.reporting.audit import export, verify
from tests.display_server.service_harness import ServiceHarness
from tests.server_process import new_id

NOTE = "Ông Trần Văn A, CCCD 034071001234, thiếu giấy"
audit_text, journal = tables.audit_text, tables.journal


def everything(hall: ServiceHarness) -> str:
    """All rows of all tables, as they are stored."""
    with hall.site.read() as connection:
        return str([connection.execute(select(each)).all() for each in tables.metadata.sorted_tables])


@pytest.fixture
def noted_hall(small_hall: ServiceHarness) -> ServiceHarness:
    """A visitor parked with a note, and one whose priority was set by hand."""
    small_hall.take()
    small_hall.next()
    small_hall.step(Action.PARK, note=NOTE)
    with small_hall.site.read() as connection:
        reason = next(iter(small_hall.site.catalogue(connection, small_hall.centre_id).reasons))
    set_priority(small_hall.site, small_hall.clerk, small_hall.take().id, reason, new_id())
    return small_hall


def problems(hall: ServiceHarness) -> list[str]:
    return verify(hall.site, hall.centre_id).problems


def last(hall: ServiceHarness) -> dict[str, Any]:
    return list(export(hall.site, hall.centre_id, None, None))[-1]


def erase(hall: ServiceHarness, commitments: list[str]) -> None:
    with hall.site.write(hall.clerk) as transaction:
        erase_texts(transaction, commitments, limit="asked")


def change(hall: ServiceHarness, work: Callable[[Connection], Any]) -> None:
    """What somebody with the database's password can do."""
    with hall.site.write_without_lock() as connection:
        work(connection)


def test_a_note_is_shown_to_clerks_and_stands_nowhere_in_clear(noted_hall: ServiceHarness) -> None:
    parked = noted_hall.counter().parked
    assert [ticket.note for ticket in parked] == [NOTE]
    assert noted_hall.ticket(parked[0].id).history[-1].details == {"note": NOTE}
    assert verify(noted_hall.site, noted_hall.centre_id).texts == 3  # with the kiosk's name
    for word in ("Trần", "034071001234", "thiếu"):
        assert word not in everything(noted_hall)


def test_every_field_for_free_text(small_hall: ServiceHarness) -> None:
    """Each endpoint that takes a text: shown while it is there, nowhere in clear, not in answers kept for a week."""
    hall, words = (
        small_hall,
        [f"Bà Nguyễn Thị {word}" for word in ("Một", "Nguyệt", "Tám", "Bốn")],
    )  # letters that no key spells
    tickets = [hall.take() for _ in range(3)]
    hall.next()
    first = perform_action(hall.site, hall.clerk, "1", Action.PARK, "p1", note=words[0])
    again = perform_action(hall.site, hall.clerk, "1", Action.PARK, "p1", note=words[0])
    assert first == again
    hall.next()
    sent = perform_action(
        hall.site, hall.clerk, "1", Action.TRANSFER, "t1", target=TransferTarget(department="DD", note=words[1])
    )
    assert sent == perform_action(
        hall.site, hall.clerk, "1", Action.TRANSFER, "t1", target=TransferTarget(department="DD", note=words[1])
    )
    assert sent is not None
    assert sent.call is not None
    assert sent.call.note == words[1]
    remove_from_queue(hall.site, hall.clerk, tickets[2].id, words[2], "c1")
    set_counter_state(hall.site, hall.clerk, "1", CounterState.BREAK, reason=words[3])
    assert hall.counter().break_reason == words[3]
    told = [line["texts"] for line in export(hall.site, hall.centre_id, None, None) if line["texts"]]
    assert [each for line in told for each in line.values()][-4:] == words
    assert not [word for word in words if word in everything(hall) or word.split()[-1] in everything(hall)]
    assert problems(hall) == []


def test_a_step_taken_back_brings_the_older_note_back(small_hall: ServiceHarness) -> None:
    small_hall.take()
    small_hall.next()
    small_hall.step(Action.PARK, note=NOTE)
    here = small_hall.call("1", "A001")
    assert here.note == NOTE
    small_hall.transfer("1", department="DD", note="khác")
    undone = small_hall.undo()
    assert undone is not None
    assert undone.note == NOTE
    assert problems(small_hall) == []


def test_an_erased_text_is_gone_and_the_log_is_whole(noted_hall: ServiceHarness) -> None:
    sealed = noted_hall.rows(select(journal.c.sealed).where(journal.c.action == "parked"))[0].sealed
    erase(noted_hall, [sealed["note"]])
    erase(noted_hall, [sealed["note"]])  # a second time finds nothing, and says nothing
    found = verify(noted_hall.site, noted_hall.centre_id)
    assert (found.problems, found.texts, found.erased) == ([], 2, 1)
    assert [ticket.note for ticket in noted_hall.counter().parked] == [None]
    parked = next(
        line for line in export(noted_hall.site, noted_hall.centre_id, None, None) if line["action"] == "parked"
    )
    assert parked["texts"] == {"note": ERASED}
    assert last(noted_hall)["details"] == {"limit": "asked", "gone": [sealed["note"]]}


def test_the_address_of_whoever_erases_by_hand_is_no_problem(noted_hall: ServiceHarness) -> None:
    found = verify(noted_hall.site, noted_hall.centre_id)
    assert (found.problems, found.unreadable) == ([], 0)


def test_without_the_key_the_chain_verifies_and_texts_are_told_as_unreadable(noted_hall: ServiceHarness) -> None:
    noted_hall.site.keys = Keys.temporary()
    found = verify(noted_hall.site, noted_hall.centre_id)
    assert (found.problems, found.texts, found.unreadable) == ([], 3, 3)
    assert [ticket.note for ticket in noted_hall.counter().parked] == [UNREADABLE]


def other_text(hall: ServiceHarness) -> dict[str, Any]:
    return {"text": hall.site.keys.encrypt("không có gì")}


TAMPERING: dict[str, Callable[[ServiceHarness, Connection], Any]] = {
    "changed": lambda hall, connection: connection.execute(update(audit_text).values(other_text(hall))),
    "other salt": lambda _, connection: connection.execute(update(audit_text).values(salt=b"x" * 32)),
    "in clear, another": lambda _, connection: connection.execute(update(audit_text).values(plain="khác")),
    "emptied": lambda _, connection: connection.execute(update(audit_text).values(text=None, plain=None)),
    "another time limit": lambda _, connection: connection.execute(update(audit_text).values(kind="device")),
    "a later date": lambda hall, connection: connection.execute(
        update(audit_text).values(at=hall.clock() + timedelta(days=400))
    ),
    "a date one second off": lambda hall, connection: connection.execute(
        update(audit_text).values(at=hall.clock() - timedelta(seconds=1))
    ),
    "removed": lambda _, connection: connection.execute(delete(audit_text)),
    "added": lambda hall, connection: connection.execute(
        insert(audit_text).values(
            commitment=commitment(b"s" * 32, "x"),
            centre_id=hall.centre_id,
            kind="note",
            at=hall.clock(),
            salt=b"s" * 32,
            **other_text(hall),
        )
    ),
}


@pytest.mark.parametrize("how", TAMPERING)
def test_a_text_that_was_tampered_with_is_found(noted_hall: ServiceHarness, how: str) -> None:
    assert problems(noted_hall) == []
    change(noted_hall, lambda connection: TAMPERING[how](noted_hall, connection))
    assert problems(noted_hall)


def test_an_erased_text_that_is_back_is_found(noted_hall: ServiceHarness) -> None:
    row = noted_hall.rows(select(audit_text).where(audit_text.c.kind == "note"))[0]
    erase(noted_hall, [row.commitment])
    change(noted_hall, lambda connection: connection.execute(insert(audit_text).values(row._asdict())))
    assert problems(noted_hall) == [f"a text of {row.at:%Y-%m-%d} belongs to no line, or was erased before"]


def test_answers_that_were_kept_hold_no_note(small_hall: ServiceHarness) -> None:
    small_hall.take()
    call = small_hall.next()
    assert call is not None

    def act() -> CallResponse:
        return CallResponse(call=call.model_copy(update={"note": NOTE}))

    with small_hall.site.write(small_hall.clerk) as transaction:
        run_idempotent(transaction, "r", ["park", NOTE], CallResponse, act)
    row = small_hall.rows(select(tables.request).where(tables.request.c.request_id == "r"))[0]
    assert row.answer["call"]["note"] is None
    tried = hashlib.sha256(json.dumps(["park", NOTE]).encode()).hexdigest()
    assert len(row.fingerprint) == 64
    assert row.fingerprint != tried  # whoever guesses the note cannot see that the guess is right


def test_a_press_is_known_again_after_the_keys_were_changed(small_hall: ServiceHarness) -> None:
    small_hall.take()
    call = small_hall.next()
    assert call is not None
    keys, older = small_hall.site.keys, small_hall.site.keys.lookups
    for _ in range(2):
        with small_hall.site.write(small_hall.clerk) as transaction:
            assert (
                run_idempotent(transaction, "r", ["park", NOTE], CallResponse, lambda: CallResponse(call=call))
                is not None
            )
        keys.lookups = lambda text: ["0" * 64, *older(text)]  # type: ignore[method-assign]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    erasures=st.lists(st.integers(0, 99), max_size=6),
    texts=st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40), min_size=1, max_size=5),
)
def test_whatever_is_erased_in_whatever_order_the_log_is_whole(
    small_hall: ServiceHarness, erasures: list[int], texts: list[str]
) -> None:
    with small_hall.site.write(small_hall.clerk) as transaction:
        made = [transaction.write_journal("noted", texts={"note": text})["note"] for text in texts]
    for place in erasures:
        erase(small_hall, [made[place % len(made)]])
    found = verify(small_hall.site, small_hall.centre_id)
    assert found.problems == []
    told = [
        line["texts"]["note"]
        for line in export(small_hall.site, small_hall.centre_id, None, None)
        if line["texts"] and "note" in line["texts"]
    ]
    gone = {place % len(made) for place in erasures}
    assert told[-len(texts) :] == [ERASED if place in gone else text for place, text in enumerate(texts)]
