"""After a restore nothing that may be on paper is given again, and old slips say so."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from display_server.db import tables
from display_server.domain.numbering import EPOCH_LETTERS, OFFLINE_LETTERS
from display_server.services.displays.phone import phone_of
from display_server.services.errors import LostInRestore, NotFound
from display_server.services.kiosks.status import request_reprint
from display_server.services.recovery.epoch import GAP, begin_epoch, mark_of, pause_sending, sending_allowed
from display_server.services.recovery.epoch_letters import Given, given_in
from display_server.services.tickets.offline_sync import OfflineTicket
from display_server.services.tickets.tickets import TicketRequest
from tests.display_server.service_harness import ServiceHarness
from tests.server_process import new_id


def secret_of(url: str) -> str:
    return url.rpartition("/")[2]


class Restored:
    """The hall as it was at the backup, and what it printed since, which the restored one knows nothing of."""

    def __init__(self, hall: ServiceHarness) -> None:
        self.hall = hall
        self.kept = [hall.take() for _ in range(3)]
        hall.next()
        self.lost = [hall.take() for _ in range(4)] + [hall.take("DD")]
        self.lost_call = hall.next("1")
        self.version = hall.hall().version
        with hall.site.write_without_lock() as connection:
            lost = [each.id for each in self.lost]
            self._delete(connection, lost)
        begin_epoch(hall.site.engine, hall.clock())

    def _delete(self, connection: object, lost: list[int]) -> None:
        """Back to the backup, as far as numbers are concerned."""
        assert hasattr(connection, "execute")
        connection.execute(tables.call.delete().where(tables.call.c.ticket_id.in_([*lost, self.kept[1].id])))
        drop = "ALTER TABLE journal DISABLE TRIGGER ALL", "DROP TRIGGER journal_no_delete"
        connection.exec_driver_sql(drop[connection.dialect.name == "sqlite"])
        connection.execute(tables.journal.delete().where(tables.journal.c.ticket_id.in_(lost)))
        connection.execute(tables.ticket.delete().where(tables.ticket.c.id.in_(lost)))
        connection.execute(update(tables.ticket).where(tables.ticket.c.id == self.kept[1].id).values(state="waiting"))
        connection.execute(tables.number_series.delete().where(tables.number_series.c.prefix != "A"))
        connection.execute(update(tables.number_series).values(last=3))
        connection.execute(update(tables.centre).values(call_seq=1, version=self.version - 9))


@pytest.fixture
def restored(small_hall: ServiceHarness) -> Restored:
    return Restored(small_hall)


def test_no_number_of_the_day_comes_again(restored: Restored) -> None:
    printed = {each.number for each in [*restored.kept, *restored.lost]}
    new = [restored.hall.take() for _ in range(5)] + [restored.hall.take("DD")]
    assert not printed & {each.number for each in new}
    letter = new[0].number[1]
    assert letter in EPOCH_LETTERS
    assert [each.number for each in new[:2]] == [f"A{letter}001", f"A{letter}002"]


def test_the_next_day_has_ordinary_numbers_again(restored: Restored) -> None:
    restored.hall.take()
    restored.hall.clock.advance(days=1)
    assert restored.hall.take().number == "A001"


def test_a_lost_slips_address_says_so_and_shows_nobody_elses_ticket(restored: Restored) -> None:
    site = restored.hall.site
    new = {restored.hall.take().id for _ in range(20)}
    for each in restored.lost:
        assert each.id not in new
        with pytest.raises(LostInRestore):
            phone_of(site, secret_of(each.status_url))
    for each in restored.kept:
        assert phone_of(site, secret_of(each.status_url)).view.number == each.number
    with pytest.raises(NotFound):
        phone_of(site, "7~not-signed-by-us")


def test_calls_and_the_halls_version_go_on_ahead_of_what_screens_remember(restored: Restored) -> None:
    assert restored.lost_call is not None
    call = restored.hall.next("1")
    assert call is not None
    assert call.seq > restored.lost_call.seq + 1000
    assert call.id > restored.lost_call.id + 1000
    assert restored.hall.hall().version > restored.version + 1000


def test_a_reprint_that_a_kiosk_may_have_printed_already_is_another_one_now(restored: Restored) -> None:
    asked = request_reprint(restored.hall.site, restored.hall.clerk, restored.kept[0].id, new_id())
    assert asked.id > GAP


def test_a_second_restore_of_the_day_has_another_letter_and_other_ids(restored: Restored) -> None:
    hall = restored.hall
    first = hall.take()
    hall.clock.advance(minutes=1)
    begin_epoch(hall.site.engine, hall.clock())
    second = hall.take()
    assert second.number[1] != first.number[1]
    assert second.number[1] in EPOCH_LETTERS
    assert second.id > first.id + 1000


def test_the_same_backup_again_takes_no_letter_that_the_replaced_database_had(restored: Restored) -> None:
    hall = restored.hall
    with hall.site.read() as connection:
        used = given_in(connection)
    (letter,) = [each.letter for each in used]
    with hall.site.write_without_lock() as connection:  # as if the first restore had never been
        connection.execute(update(tables.centre).values(epoch=0, epoch_day=None, epoch_letter=None, first_id=None))
    begin_epoch(hall.site.engine, hall.clock(), used)
    assert hall.take().number[1] != letter


def given(hall: ServiceHarness, letters: str, start: int = 0, centre: str = "nho") -> list[Given]:
    day = hall.clock().date()
    return [Given(centre=centre, day=day, letter=letter, start=start) for letter in letters]


ALL_LETTERS = EPOCH_LETTERS + OFFLINE_LETTERS


def test_with_every_letter_taken_no_queue_begins_at_001_again(small_hall: ServiceHarness) -> None:
    """Also one that has no number in the backup, and one that was made since."""
    lost = {small_hall.take(code).number for code in ("HT", "HT", "DD", "XH") for _ in range(2)}
    with small_hall.site.write_without_lock() as connection:  # back to a backup in which one queue alone had a number
        connection.execute(tables.number_series.delete().where(tables.number_series.c.prefix != "A"))
    begin_epoch(small_hall.site.engine, small_hall.clock(), given(small_hall, ALL_LETTERS))
    new = [small_hall.take(code).number for code in ("HT", "DD", "XH") for _ in range(2)]
    assert not lost & set(new)
    assert all(int(number[1:]) > 1000 for number in new), new
    assert int(new[1][1:]) == int(new[0][1:]) + 1
    small_hall.clock.advance(days=1)
    assert small_hall.take().number == "A001"


def test_a_second_restore_without_a_letter_goes_on_further_up(small_hall: ServiceHarness) -> None:
    begin_epoch(small_hall.site.engine, small_hall.clock(), given(small_hall, ALL_LETTERS))
    first = {small_hall.take(code).number for code in ("HT", "DD") for _ in range(3)}
    with small_hall.site.read() as connection:
        known = [*given_in(connection), *given(small_hall, ALL_LETTERS)]
    with small_hall.site.write_without_lock() as connection:  # the same backup once more, in the same second
        connection.execute(tables.number_series.delete())
        connection.execute(update(tables.centre).values(epoch=0, epoch_day=None, epoch_start=0))
    begin_epoch(small_hall.site.engine, small_hall.clock(), known)
    assert not first & {small_hall.take(code).number for code in ("HT", "DD") for _ in range(3)}


def test_a_letter_of_a_kiosk_is_never_the_servers(small_hall: ServiceHarness) -> None:
    letter = small_hall.kiosk.offline_letter
    assert letter is not None
    begin_epoch(small_hall.site.engine, small_hall.clock(), given(small_hall, ALL_LETTERS.replace(letter, "")))
    assert int(small_hall.take().number[1:]) > 1000


def test_a_letter_of_kiosks_that_the_server_takes_goes_on_above_what_a_kiosk_may_have_given(
    small_hall: ServiceHarness,
) -> None:
    """Which kiosk got it since the backup is not known; its own numbers begin at 001."""
    begin_epoch(small_hall.site.engine, small_hall.clock(), given(small_hall, EPOCH_LETTERS))
    number = small_hall.take().number
    assert number[1] in OFFLINE_LETTERS
    assert int(number[2:]) > 1000


def test_what_other_centres_and_other_days_were_given_takes_no_letter(small_hall: ServiceHarness) -> None:
    others = given(small_hall, EPOCH_LETTERS, centre="another")
    days_before = [
        each.model_copy(update={"day": each.day - timedelta(days=1)}) for each in given(small_hall, EPOCH_LETTERS)
    ]
    begin_epoch(small_hall.site.engine, small_hall.clock(), [*others, *days_before])
    assert small_hall.take().number[1:] in {f"{letter}001" for letter in EPOCH_LETTERS}


def test_where_nobody_knows_of_earlier_restores_no_number_of_one_comes_again(small_hall: ServiceHarness) -> None:
    """A new disk, twice on one day: whatever letter comes, the numbers differ."""
    seen: set[str] = set()
    for _ in range(12):  # 12 restores, five letters
        with small_hall.site.write_without_lock() as connection:
            connection.execute(tables.number_series.delete())
            connection.execute(update(tables.centre).values(epoch_day=None, epoch_letter=None, epoch_start=0))
        begin_epoch(small_hall.site.engine, small_hall.clock(), known_from=date.max)
        new = {small_hall.take(code).number for code in ("HT", "DD") for _ in range(3)}
        assert not seen & new
        seen |= new
        small_hall.clock.advance(minutes=1)


def test_a_lost_number_below_the_start_is_taken_back_and_none_above_it(small_hall: ServiceHarness) -> None:
    begin_epoch(small_hall.site.engine, small_hall.clock(), given(small_hall, ALL_LETTERS))
    small_hall.clock.advance(minutes=5)
    first = int(small_hall.take().number[1:])
    papers = [OfflineTicket(TicketRequest(new_id(), "HT"), number, 60.0) for number in ("A021", f"A{first + 7}")]
    assert [each.status for each in small_hall.hand_in(*papers)] == ["accepted", "rejected"]
    assert int(small_hall.take().number[1:]) == first + 1


def test_an_answer_that_was_kept_is_given_again_and_moves_nothing(small_hall: ServiceHarness) -> None:
    small_hall.take()
    called = small_hall.next(request_id="press")
    begin_epoch(small_hall.site.engine, small_hall.clock())
    again = small_hall.next(request_id="press")
    assert again is not None
    assert called is not None
    assert (again.id, again.seq, again.number) == (called.id, called.seq, called.number)
    assert small_hall.take(request_id="tap").id == small_hall.take(request_id="tap").id


def test_nothing_is_sent_until_it_is_confirmed(small_hall: ServiceHarness) -> None:
    def allowed() -> bool:
        with small_hall.site.read() as connection:
            return sending_allowed(connection, small_hall.centre_id)

    assert allowed()
    begin_epoch(small_hall.site.engine, small_hall.clock())
    assert not allowed()


def test_a_copy_sends_nothing_and_numbers_go_on(small_hall: ServiceHarness) -> None:
    small_hall.take()
    pause_sending(small_hall.site.engine)
    with small_hall.site.read() as connection:
        assert not sending_allowed(connection, small_hall.centre_id)
    assert small_hall.take().number == "A002"


def test_the_journal_tells_of_the_restore_once(restored: Restored) -> None:
    restored.hall.take()
    restored.hall.take()
    lines = restored.hall.rows(select(tables.journal).where(tables.journal.c.action == "restored"))
    assert len(lines) == 1
    assert lines[0].actor_kind == "system"
    assert lines[0].details["letter"] in EPOCH_LETTERS


def test_with_a_clock_in_1970_ids_and_numbers_are_new_all_the_same(small_hall: ServiceHarness) -> None:
    day = small_hall.take()
    now = small_hall.clock.now
    small_hall.clock.advance(days=-365 * 56)
    assert mark_of(small_hall.clock()) == 0
    begin_epoch(small_hall.site.engine, small_hall.clock())
    restored = small_hall.take()
    assert restored.number[1] in EPOCH_LETTERS
    assert restored.id > day.id + GAP - 1
    assert restored.business_day == day.business_day
    small_hall.clock.now = now
    small_hall.clock.advance(days=1)  # the backup was yesterday's, and today's numbers are on paper: the letter stays
    assert small_hall.take().number[:2] == restored.number[:2]
