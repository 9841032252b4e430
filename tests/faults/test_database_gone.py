"""A server whose database's file is gone, another one, or broken: it acknowledges nothing and says so."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from display_server.db.copies import backup_database
from tests.faults.test_database_faults import assert_not_ready, wish
from tests.server_process import ServerProcess


def file_of(hall: ServerProcess) -> Path:
    return Path(hall.database.removeprefix("sqlite:///"))


def moved(file: Path) -> None:
    for name in (file.name, f"{file.name}-wal", f"{file.name}-shm"):
        file.with_name(name).rename(file.with_name(f"away-{name}"))


def deleted(file: Path) -> None:
    file.unlink()


def replaced(file: Path) -> None:
    backup_database(f"sqlite:///{file}", file.with_name("copy"))
    file.with_name("copy").replace(file)


def without_its_wal(file: Path) -> None:
    file.with_name(f"{file.name}-wal").unlink()


@pytest.mark.parametrize("happens", [moved, deleted, replaced, without_its_wal])
def test_no_ticket_is_acknowledged_into_a_file_that_is_gone(
    commune: ServerProcess, happens: Callable[[Path], None]
) -> None:
    kiosk, counter = commune.token("kiosk"), commune.token("counter", "1")
    earlier = wish()
    assert commune.ask("POST", "/api/v1/tickets", earlier, kiosk).status == 201
    happens(file_of(commune))
    for _ in range(2):
        answer = commune.ask("POST", "/api/v1/tickets", wish(), kiosk)
        assert (answer.status, answer.json()["type"]) == (503, "/problems/database")
    assert commune.ask("POST", "/api/v1/counters/1/call-next", {"request_id": "x" * 32}, counter).status == 503
    if happens is not without_its_wal:
        assert commune.ask("POST", "/api/v1/tickets", earlier, kiosk).status == 503
        assert commune.ask("GET", "/api/v1/centre", token=kiosk).status == 503
    assert_not_ready(commune)


def spoil(file: Path) -> None:
    """Noise in the middle of the file, as a dying disk leaves it; the first pages stay."""
    with file.open("r+b") as opened:
        for place in range(4096 * 8, file.stat().st_size, 4096):
            opened.seek(place)
            opened.write(random.Random(place).randbytes(4096))


def test_a_server_over_a_broken_file_is_not_ready_from_its_start(idle_commune: ServerProcess) -> None:
    kiosk = idle_commune.token("kiosk")
    idle_commune.site.engine.dispose()
    file = file_of(idle_commune)
    with closing(sqlite3.connect(file)) as connection:
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ticket'").fetchone()
    with file.open("r+b") as opened:
        opened.seek((page - 1) * 4096)
        opened.write(b"\x55" * 4096)
    idle_commune.start()
    assert_not_ready(idle_commune)
    assert "damaged" in idle_commune.ask("GET", "/healthz").json()["detail"]
    assert commune_refuses(idle_commune, kiosk)
    assert_not_ready(idle_commune)


def commune_refuses(hall: ServerProcess, kiosk: str) -> bool:
    answer = hall.ask("POST", "/api/v1/tickets", wish(), kiosk)
    return (answer.status, answer.json()["type"]) == (503, "/problems/database")


def test_a_file_that_breaks_under_the_server_is_told_by_the_first_request_that_meets_it(commune: ServerProcess) -> None:
    kiosk = commune.token("kiosk")
    file = file_of(commune)
    assert commune.ask("GET", "/healthz").status == 200
    commune.stop()
    commune.site.engine.dispose()
    commune.start()
    spoil(file)
    assert commune_refuses(commune, kiosk)
    assert_not_ready(commune)


def test_a_file_of_another_program_is_not_touched(commune: ServerProcess, tmp_path: Path) -> None:
    commune.stop()
    foreign = tmp_path / "foreign.db"
    with closing(sqlite3.connect(foreign)) as other:
        other.execute("CREATE TABLE notes (text)")
        other.execute("INSERT INTO notes VALUES ('mine')")
        other.commit()
    was = foreign.read_bytes()
    commune.database = f"sqlite:///{foreign}"
    with pytest.raises(AssertionError, match=r"motcua: .*holds another program's tables \(notes\)"):
        commune.start()
    assert foreign.read_bytes() == was
    assert not list(tmp_path.glob("foreign.db-*"))
