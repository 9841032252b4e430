"""What restores gave is kept beside the key file: a second one of the day repeats no letter, on either database."""

import json
import os
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from display_server.bootstrap import note_epochs
from display_server.db.copies import backup_database
from display_server.db.engine import DatabaseError
from display_server.domain.numbering import EPOCH_LETTERS
from display_server.services.recovery.epoch_letters import Given
from display_server.services.recovery.kept_epochs import file_beside, keep, note, read_kept
from display_server.services.recovery.recovery import restore_hall
from tests.display_server.postgres import Cluster
from tests.display_server.service_harness import ServiceHarness

DAYS_BEFORE = datetime(2026, 11, 1, tzinfo=UTC)
MONDAY = date(2026, 11, 16)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "motcua.key"


@pytest.fixture
def kept(key_file: Path) -> Path:
    """The file of a machine that has been at work for weeks."""
    path = file_beside(key_file)
    keep(path, [], DAYS_BEFORE)
    return path


@pytest.fixture
def backup(small_hall: ServiceHarness, tmp_path: Path) -> Path:
    small_hall.take()
    backup_database(small_hall.database, tmp_path / "hall.backup")
    return tmp_path / "hall.backup"


@pytest.fixture
def fresh(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Empty databases of the same kind, as many as are asked for."""
    made: list[str] = []
    cluster: Cluster | None = None if database.startswith("sqlite") else request.getfixturevalue("postgres")

    def make() -> str:
        made.append(cluster.make_database() if cluster else f"{tmp_path}/{len(made)}.db")
        return cluster.url(made[-1]) if cluster else f"sqlite:///{made[-1]}"

    yield make
    for each in made if cluster else ():
        assert cluster is not None
        cluster.drop_database(each)


def numbers_after(backup: Path, database: str, hall: ServiceHarness, key_file: Path | None) -> list[str]:
    """Those that a hall restored at the small hall's time gives."""
    restore_hall(backup, database, clock=hall.clock, key_file=key_file)
    restored = ServiceHarness(database)
    restored.clock.now = hall.clock.now
    given = [restored.take(code).number for code in ("HT", "DD", "HT")]
    restored.close()
    return given


def test_five_restores_of_one_backup_into_five_databases_have_five_letters(
    small_hall: ServiceHarness, backup: Path, fresh: Callable[[], str], key_file: Path, kept: Path
) -> None:
    every = [numbers_after(backup, fresh(), small_hall, key_file) for _ in range(5)]
    assert {each[0][1] for each in every} == set(EPOCH_LETTERS)
    assert {each[0][2:] for each in every} == {"001"}
    sixth = numbers_after(backup, fresh(), small_hall, key_file)
    seventh = numbers_after(backup, fresh(), small_hall, key_file)
    given = [number for each in [*every, sixth, seventh] for number in each]
    assert len(set(given)) == len(given)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    small_hall.clock.advance(days=1)
    assert numbers_after(backup, fresh(), small_hall, key_file)[0][1:] in {f"{each}001" for each in EPOCH_LETTERS}


def test_a_machine_of_today_knows_nothing_of_today(
    small_hall: ServiceHarness, backup: Path, fresh: Callable[[], str], key_file: Path
) -> None:
    """A new disk: the first restore makes the file, the second one still does not take everything for known."""
    told: list[str] = []
    restore_hall(backup, fresh(), clock=small_hall.clock, key_file=key_file, tell=told.append)
    assert len(told) == 1
    assert "is not known here" in told[0]
    every = [numbers_after(backup, fresh(), small_hall, key_file) for _ in range(3)]
    assert all(int(number[2:]) > 1000 for each in every for number in each)
    assert len({number for each in every for number in each}) == 9
    small_hall.clock.advance(days=2)
    assert numbers_after(backup, fresh(), small_hall, key_file)[0][2:] == "001"


@pytest.mark.parametrize("content", ["", "half a fi", "{}", json.dumps({"known_from": "x", "given": []})])
def test_a_damaged_file_is_known_as_nothing_and_stops_no_restore(
    small_hall: ServiceHarness, backup: Path, fresh: Callable[[], str], key_file: Path, kept: Path, content: str
) -> None:
    kept.write_text(content)
    assert int(numbers_after(backup, fresh(), small_hall, key_file)[0][2:]) > 1000
    assert len(read_kept(kept, small_hall.clock()).given) == 1


def test_a_file_that_cannot_be_written_stops_no_restore_and_is_believed_no_longer(
    small_hall: ServiceHarness,
    backup: Path,
    fresh: Callable[[], str],
    key_file: Path,
    kept: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("display_server.services.recovery.kept_epochs.written_aside", full)
    assert int(numbers_after(backup, fresh(), small_hall, key_file)[0][2:]) > 1000


def test_a_disk_that_is_full_in_between_leaves_the_database_as_it_was(
    small_hall: ServiceHarness,
    backup: Path,
    fresh: Callable[[], str],
    key_file: Path,
    kept: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("display_server.services.recovery.recovery.keep", full)
    database = fresh()
    with pytest.raises(DatabaseError, match="No space left"):
        restore_hall(backup, database, clock=small_hall.clock, key_file=key_file)
    monkeypatch.undo()
    assert numbers_after(backup, database, small_hall, key_file)[0][2:] == "001"


def test_a_server_that_starts_keeps_what_its_database_was_given(
    small_hall: ServiceHarness, backup: Path, second_database: str, key_file: Path, kept: Path
) -> None:
    """On another machine of the same database, or where the file was lost."""
    numbers_after(backup, second_database, small_hall, key_file)
    before = read_kept(kept, small_hall.clock()).given
    kept.unlink()
    restored = ServiceHarness(second_database)
    restored.site.settings = restored.site.settings.model_copy(
        update={"server": restored.site.settings.server.model_copy(update={"key_file": key_file})}
    )
    for _ in range(2):
        note_epochs(restored.site)
    assert read_kept(kept, small_hall.clock()).given == before
    restored.close()


def test_a_file_made_while_a_clock_was_ahead_holds_once_it_is_right(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    keep(path, [], DAYS_BEFORE + timedelta(days=3650))
    note(path, [Given(centre="nho", day=MONDAY, letter="Q", start=0)], DAYS_BEFORE)
    assert read_kept(path, DAYS_BEFORE).known_from == date(2026, 11, 2)


@pytest.mark.parametrize("now", [datetime(2026, 11, 16, 23, 59, tzinfo=UTC), datetime(2026, 11, 16, tzinfo=UTC)])
def test_of_a_day_that_has_begun_anywhere_nothing_is_known(tmp_path: Path, now: datetime) -> None:
    keep(tmp_path / "kept", [], now)
    assert read_kept(tmp_path / "kept", now).known_from > (now + timedelta(hours=14)).date()
