import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.api.models import Centre, Ticket, Wish
from kiosk.core.outbox import JournalError, Outbox, RequestState
from tests.kiosk.fake_server import small_centre

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
DAY = date(2026, 11, 23)
ONE = timedelta(days=1)


def a_wish(name: str = "one") -> Wish:
    return Wish(request_id=name, department="TP", language="vi")


def a_ticket(name: str = "one") -> Ticket:
    return Ticket(request_id=name, number="A001", department="TP", issued_at=NOW)


def tapped(journal: Outbox, name: str = "one") -> Wish:
    assert journal.record_request(a_wish(name), NOW)
    return a_wish(name)


def test_a_request_is_written_down_once(journal: Outbox) -> None:
    assert journal.record_request(a_wish(), NOW)
    assert not journal.record_request(a_wish(), NOW)
    assert journal.count(RequestState.TAPPED) == 1


def test_a_server_number_ends_the_request(journal: Outbox) -> None:
    tapped(journal)
    assert journal.issued(a_ticket())
    entry = journal.get("one")
    assert entry is not None
    assert (entry.state, entry.ticket) == (RequestState.ISSUED, a_ticket())


def test_an_answer_that_comes_after_the_own_number_changes_nothing(journal: Outbox) -> None:
    wish = tapped(journal)
    own = journal.issue_offline(wish, "AK", DAY, NOW)
    assert not journal.issued(a_ticket())
    entry = journal.get("one")
    assert entry is not None
    assert (entry.state, entry.ticket) == (RequestState.OFFLINE, own)


def test_no_own_number_after_the_servers(journal: Outbox) -> None:
    wish = tapped(journal)
    journal.issued(a_ticket())
    assert journal.issue_offline(wish, "AK", DAY, NOW) is None


@pytest.mark.parametrize("end", [Outbox.refused, Outbox.void])
def test_a_settled_request_stays_settled(journal: Outbox, end: Callable[[Outbox, str, str], bool]) -> None:
    wish = tapped(journal)
    assert end(journal, "one", "why")
    assert not end(journal, "one", "why")
    assert journal.issue_offline(wish, "AK", DAY, NOW) is None


def test_only_an_offline_number_is_handed_in(journal: Outbox) -> None:
    wish = tapped(journal)
    assert not journal.mark_synced("one", "accepted", DAY)
    journal.issue_offline(wish, "AK", DAY, NOW)
    assert journal.mark_synced("one", "accepted", DAY)
    assert not journal.rejected("one", "late", DAY)
    assert journal.to_hand_in(10) == []


def own_number(journal: Outbox, name: str, day: date, prefix: str = "AK") -> str:
    ticket = journal.issue_offline(tapped(journal, name), prefix, day, NOW)
    assert ticket is not None
    return ticket.number


def test_own_numbers_count_by_prefix_from_001(journal: Outbox) -> None:
    given = [own_number(journal, name, DAY, prefix) for name, prefix in (("a", "AK"), ("b", "AK"), ("c", "BK"))]
    assert given == ["AK001", "AK002", "BK001"]


def test_a_series_begins_again_on_the_day_after_its_last_number_was_taken_in(journal: Outbox) -> None:
    assert own_number(journal, "a", DAY) == "AK001"
    journal.mark_synced("a", "accepted", DAY)
    assert own_number(journal, "b", DAY) == "AK002"
    journal.mark_synced("b", "accepted", DAY)
    assert own_number(journal, "c", DAY + ONE) == "AK001"


def test_a_series_goes_on_while_a_number_is_left_to_hand_in(journal: Outbox) -> None:
    assert own_number(journal, "a", DAY) == "AK001"
    assert own_number(journal, "b", DAY + ONE) == "AK002"


@pytest.mark.parametrize("settle", [Outbox.mark_synced, Outbox.rejected])
def test_numbers_that_came_in_a_day_later_may_be_of_that_day(
    journal: Outbox, settle: Callable[[Outbox, str, str, date], bool]
) -> None:
    """Off over midnight: the kiosk knows only of Monday, but these visitors came on Tuesday, and so does the next."""
    own_number(journal, "a", DAY)
    own_number(journal, "b", DAY)
    settle(journal, "a", "how", DAY + ONE)
    settle(journal, "b", "how", DAY + ONE)
    assert own_number(journal, "c", DAY + ONE) == "AK003"
    settle(journal, "c", "how", DAY + ONE)
    assert own_number(journal, "d", DAY + 2 * ONE) == "AK001"


def test_numbers_that_the_server_would_not_have_are_kept_with_the_reason(journal: Outbox) -> None:
    for request in ("a", "b", "c"):
        own_number(journal, request, DAY)
        journal.rejected(request, f"why {request}", DAY)
    assert journal.rejections(2) == [("AK003", "why c"), ("AK002", "why b")]


def test_a_server_that_says_an_earlier_day_makes_no_series_begin_again(journal: Outbox) -> None:
    own_number(journal, "a", DAY)
    journal.mark_synced("a", "accepted", DAY)
    assert own_number(journal, "b", DAY - ONE) == "AK002"


def test_a_busy_day_goes_on_with_four_digits(journal: Outbox) -> None:
    with journal._write() as db:
        db.execute("INSERT INTO series VALUES ('AK', ?, 999)", (DAY.isoformat(),))
    ticket = journal.issue_offline(tapped(journal), "AK", DAY, NOW)
    assert ticket is not None
    assert ticket.number == "AK1000"


def test_forgotten_requests_do_not_free_their_numbers(journal: Outbox) -> None:
    journal.issue_offline(tapped(journal), "AK", DAY, NOW)
    journal.mark_synced("one", "accepted", DAY)
    assert journal.purge_before(datetime.now(UTC) + timedelta(days=1), 0) == 1
    ticket = journal.issue_offline(tapped(journal, "two"), "AK", DAY, NOW)
    assert ticket is not None
    assert ticket.number == "AK002"


def test_what_the_server_does_not_know_is_never_forgotten(journal: Outbox) -> None:
    journal.issue_offline(tapped(journal), "AK", DAY, NOW)
    tapped(journal, "two")
    assert journal.purge_before(datetime.now(UTC) + timedelta(days=400), 60) == 0


def test_threads_get_different_numbers(journal: Outbox) -> None:
    names = [f"visitor-{number}" for number in range(60)]
    with ThreadPoolExecutor(8) as pool:
        tickets = pool.map(lambda name: journal.issue_offline(tapped(journal, name), "AK", DAY, NOW), names)
        numbers = {ticket.number for ticket in tickets if ticket}
    assert numbers == {f"AK{number:03d}" for number in range(1, 61)}


def test_the_centre_is_remembered(tmp_path: Path) -> None:
    centre = Centre.model_validate({**small_centre(), "now": NOW})
    first = Outbox(tmp_path / "journal.db")
    assert first.centre() is None
    first.cache_centre(centre)
    first.close()
    again = Outbox(tmp_path / "journal.db")
    assert again.centre() == centre
    again.close()


def test_a_second_kiosk_on_the_same_folder_is_told_so(journal: Outbox, tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="another kiosk is running"):
        Outbox(tmp_path / "journal.db")


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(JournalError, match=r"journal\.db: the journal cannot be kept"):
        Outbox(tmp_path / "file" / "journal.db")


def test_a_file_that_is_no_journal_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(JournalError, match=r"journal\.db"):
        Outbox(tmp_path / "journal.db")


def test_a_journal_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "journal.db") as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(JournalError, match="newer Motcua"):
        Outbox(tmp_path / "journal.db")


GIVER = """
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from kiosk.core.outbox import Outbox
from kiosk.api.models import Wish
journal = Outbox(Path(sys.argv[1]))
for number in range(10_000):
    wish = Wish(request_id=f"{sys.argv[2]}-{number}", department="TP")
    journal.record_request(wish, datetime.now(UTC))
    ticket = journal.issue_offline(wish, "AK", date(2026, 11, 23), datetime.now(UTC))
    print(wish.request_id, ticket.number, flush=True)
"""


def numbers_given_until_killed(path: Path, name: str, after: int) -> dict[str, str]:
    command = [sys.executable, "-c", GIVER, str(path), name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(after)]
        process.send_signal(signal.SIGKILL)
        lines += process.stdout.read().splitlines(keepends=True)
    return dict(line.split() for line in lines if line.endswith("\n"))


def test_no_number_comes_twice_and_none_is_lost_when_the_power_goes(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    seen: dict[str, str] = {}
    for round_, after in enumerate((3, 17, 40)):
        seen |= numbers_given_until_killed(path, f"round-{round_}", after)
    journal = Outbox(path)
    kept = {entry.wish.request_id: entry.ticket.number for entry in journal.to_hand_in(10_000) if entry.ticket}
    journal.close()
    assert seen.items() <= kept.items()
    assert len(set(kept.values())) == len(kept)


def test_the_order_is_that_of_writing_whatever_the_clock_does(journal: Outbox) -> None:
    for name, clock in (("first", NOW), ("second", NOW - timedelta(hours=3)), ("third", NOW)):
        journal.record_request(a_wish(name), clock)
        journal.issue_offline(a_wish(name), "AK", DAY, clock)
    assert [entry.wish.request_id for entry in journal.to_hand_in(10)] == ["first", "second", "third"]
