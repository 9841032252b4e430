"""A kiosk's own numbers: one letter for each disk, two kiosks with one token, restores, other kiosks' tickets."""

import pytest
from sqlalchemy import update

from display_server.db import tables
from display_server.domain.numbering import OFFLINE_LETTERS
from display_server.services.kiosks.status import KioskReport, list_kiosks, report_kiosk
from display_server.services.recovery.epoch import begin_epoch
from display_server.services.recovery.offline_letters import MOST_DISKS, letter_of
from display_server.services.tickets.centre_snapshot import centre_view
from display_server.services.tickets.offline_sync import OfflineTicket
from display_server.services.tickets.tickets import TicketRequest
from tests.display_server.service_harness import ServiceHarness
from tests.server_process import new_id


def paper(number: str, request_id: str | None = None, department: str = "HT", age: float = 5.0) -> OfflineTicket:
    return OfflineTicket(TicketRequest(request_id or new_id(), department), number, age)


def report(hall: ServiceHarness, instance: str, journal: str, up_seconds: float = 1) -> bool:
    told = KioskReport(
        version="1", slips_waiting=0, to_hand_in=0, up_seconds=up_seconds, instance=instance, journal=journal
    )
    return report_kiosk(hall.site, hall.kiosk, told).twin


def trouble(hall: ServiceHarness) -> list[str]:
    return list_kiosks(hall.site, hall.clerk).kiosks[0].trouble


def test_the_first_disk_has_the_kiosks_letter_and_keeps_it(small_hall: ServiceHarness) -> None:
    first = letter_of(small_hall.site, small_hall.kiosk, "disk-1")
    assert first == small_hall.kiosk.offline_letter
    assert letter_of(small_hall.site, small_hall.kiosk, "disk-1") == first


def test_a_new_disk_has_another_letter_and_the_old_ones_paper_is_still_taken(small_hall: ServiceHarness) -> None:
    first = letter_of(small_hall.site, small_hall.kiosk, "disk-1")
    assert small_hall.hand_in(paper(f"A{first}001"))[0].status == "accepted"
    second = letter_of(small_hall.site, small_hall.kiosk, "disk-2")
    assert second not in (None, first)
    assert small_hall.hand_in(paper(f"A{second}001"))[0].status == "accepted"
    assert small_hall.hand_in(paper(f"A{first}002"))[0].status == "accepted"
    other = small_hall.enrol("kiosk", "kiosk 2")
    assert other.offline_letter not in (first, second)
    assert small_hall.hand_in(paper(f"A{second}009"), kiosk=other)[0].status == "rejected"


def test_the_centre_names_the_highest_number_that_was_taken_in(small_hall: ServiceHarness) -> None:
    letter = letter_of(small_hall.site, small_hall.kiosk, "disk-1")
    small_hall.hand_in(paper(f"A{letter}004"))
    view = centre_view(small_hall.site, small_hall.kiosk, journal="disk-1")
    last = {each.code: each.offline_last for each in view.departments}
    assert last["HT"] == 4
    assert last["DD"] == 0
    small_hall.clock.advance(days=1)
    view = centre_view(small_hall.site, small_hall.kiosk, journal="disk-1")
    assert view.departments[0].offline_last == 0


def test_two_starts_heard_in_turns_are_two_kiosks(small_hall: ServiceHarness) -> None:
    letter = letter_of(small_hall.site, small_hall.kiosk, "card")
    assert not report(small_hall, "one", "card")
    small_hall.clock.advance(seconds=5)
    assert not report(small_hall, "two", "card")  # so far a restart
    small_hall.clock.advance(seconds=5)
    assert report(small_hall, "one", "card")
    assert "two_kiosks" in trouble(small_hall)
    assert letter_of(small_hall.site, small_hall.kiosk, "card") is None
    small_hall.clock.advance(minutes=2)
    report(small_hall, "one", "card")
    assert "two_kiosks" not in trouble(small_hall)
    again = letter_of(small_hall.site, small_hall.kiosk, "card")
    assert again not in (None, letter)  # both printed with the old one


def test_three_kiosks_with_one_copied_card_are_noticed(small_hall: ServiceHarness) -> None:
    """They are heard one after another, so that no two of them are ever heard in turns."""
    first = letter_of(small_hall.site, small_hall.kiosk, "disk-1")
    heard = []
    for seconds in (0, 10, 20):
        heard += [report(small_hall, f"start-{each}", "disk-1", up_seconds=600 + seconds) for each in "abc"]
        small_hall.clock.advance(seconds=10)
    assert heard == [False] + [True] * 8
    assert "two_kiosks" in trouble(small_hall)
    assert letter_of(small_hall.site, small_hall.kiosk, "disk-1") is None
    small_hall.clock.advance(minutes=2)
    assert letter_of(small_hall.site, small_hall.kiosk, "disk-1") not in (None, first)


def test_restarts_one_after_another_are_no_second_kiosk(small_hall: ServiceHarness) -> None:
    for number in range(4):
        assert not report(small_hall, f"start-{number}", "disk-1", up_seconds=3)
        small_hall.clock.advance(seconds=40)
        assert not report(small_hall, f"start-{number}", "disk-1", up_seconds=43)
        small_hall.clock.advance(seconds=5)


def test_restarts_are_no_second_kiosk(small_hall: ServiceHarness) -> None:
    for number in range(6):
        small_hall.clock.advance(seconds=5)
        assert not report(small_hall, f"start-{number}", "card")
    assert trouble(small_hall) == []


def test_a_copied_token_on_another_disk_is_noticed_and_has_a_letter_of_its_own(small_hall: ServiceHarness) -> None:
    letters = {letter_of(small_hall.site, small_hall.kiosk, journal) for journal in ("disk-1", "disk-2")}
    assert len(letters) == 2
    twins = [report(small_hall, start, disk) for start, disk in [("a", "disk-1"), ("b", "disk-2"), ("a", "disk-1")]]
    assert twins == [False, False, True]
    assert "two_kiosks" in trouble(small_hall)


def test_a_kiosk_may_not_renumber_another_ones_ticket(small_hall: ServiceHarness) -> None:
    first = small_hall.take(request_id="online-1")
    other = small_hall.enrol("kiosk", "kiosk 2")
    stolen = small_hall.hand_in(paper(f"A{other.offline_letter}002", "online-1"), kiosk=other)[0]
    assert stolen.status == "rejected"
    assert small_hall.ticket(first.id).number == first.number
    with small_hall.site.write_without_lock() as connection:  # the same machine, enrolled under another name
        connection.execute(
            update(tables.device)
            .where(tables.device.c.id == small_hall.kiosk.id)
            .values(revoked_at=small_hall.clock.now)
        )
    assert small_hall.hand_in(paper(f"A{other.offline_letter}002", "online-1"), kiosk=other)[0].status == "renumbered"


def test_a_letter_that_the_backup_does_not_know_is_given_to_its_disk_again(small_hall: ServiceHarness) -> None:
    letter_of(small_hall.site, small_hall.kiosk, "disk-1")
    begin_epoch(small_hall.site.engine, small_hall.clock())
    assert letter_of(small_hall.site, small_hall.kiosk, "disk-2", held="N") == "N"
    # Whoever tells none gets none today: it may be on paper.
    assert letter_of(small_hall.site, small_hall.kiosk, "disk-3") is None
    small_hall.clock.advance(days=1)
    assert letter_of(small_hall.site, small_hall.kiosk, "disk-3") is not None


def test_no_kiosk_enrolled_on_the_restored_day_gives_numbers_of_its_own_on_it(small_hall: ServiceHarness) -> None:
    begin_epoch(small_hall.site.engine, small_hall.clock())
    small_hall.clock.advance(minutes=1)
    new = small_hall.enrol("kiosk", "kiosk 2")
    assert letter_of(small_hall.site, new, "disk-9") is None
    assert letter_of(small_hall.site, small_hall.kiosk, "disk-1") == small_hall.kiosk.offline_letter
    small_hall.clock.advance(days=1)
    assert letter_of(small_hall.site, new, "disk-9") == new.offline_letter


def test_numbers_lost_in_a_restore_are_taken_back_at_their_place(small_hall: ServiceHarness) -> None:
    small_hall.take(request_id="kept")
    begin_epoch(small_hall.site.engine, small_hall.clock())
    small_hall.clock.advance(minutes=10)
    new = small_hall.take()
    handed = small_hall.hand_in(
        paper("A001", "kept", age=600), paper("A002", "lost", age=300.0), paper("A003", "lost too", age=299.0)
    )
    assert [each.status for each in handed] == ["already", "accepted", "accepted"]
    assert small_hall.drain() == ["A001", "A002", "A003", new.number]
    letter = new.number[1]
    assert small_hall.hand_in(paper(f"A{letter}002"))[0].status == "rejected"  # the server is still to give it
    small_hall.clock.advance(days=1)
    assert small_hall.hand_in(paper("A009"))[0].status == "rejected"


@pytest.mark.parametrize("held", ["Q", "A", "Y", "Z", "É", "KK"])
def test_a_letter_that_no_kiosk_can_have_is_not_believed(small_hall: ServiceHarness, held: str) -> None:
    letter_of(small_hall.site, small_hall.kiosk, "disk-1")
    assert letter_of(small_hall.site, small_hall.kiosk, "disk-2", held=held) in OFFLINE_LETTERS


def test_one_token_does_not_take_every_letter(small_hall: ServiceHarness) -> None:
    granted = [
        letter_of(small_hall.site, small_hall.kiosk, f"disk-{count}", held=letter)
        for count, letter in enumerate(OFFLINE_LETTERS)
    ]
    assert len([letter for letter in granted if letter]) == MOST_DISKS
    assert small_hall.enrol("kiosk", "kiosk 2").offline_letter
