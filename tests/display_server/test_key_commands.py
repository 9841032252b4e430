"""`motcua key`, and a restore with and without its key file: as the technician of the province types it."""

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from display_server.db import tables
from display_server.db.encrypted_columns import EncryptedColumn
from display_server.db.engine import open_engine
from display_server.db.schema.migrate import upgrade
from display_server.services.keys import encrypted_fields, key_changes, key_file
from display_server.services.keys.key_file import KeyFileError, KeyRing
from display_server.services.keys.keys import LOOK_SECONDS, Keys
from display_server.services.keys.ticket_links import TicketLinkSigner
from tests.display_server.service_harness import ServiceHarness
from tests.display_server.web.test_sign_in import Browser
from tests.server_process import KEY_FILE, MOTCUA, ROOT, ServerProcess, clean_environment


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "motcua.key"


def run(path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = clean_environment() | {KEY_FILE: str(path)}
    return subprocess.run(
        [MOTCUA, *arguments], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def keys_in(path: Path) -> list[str]:
    ring = key_file.read(path)
    return [key.key for name in key_file.PURPOSES for key in getattr(ring, name)]


def test_create_makes_one_and_refuses_a_second(path: Path) -> None:
    done = run(path, "key", "create")
    assert (done.returncode, done.stdout) == (0, f"{path}\n")
    assert path.stat().st_mode & 0o777 == 0o600
    content = path.read_bytes()
    again = run(path, "key", "create")
    assert again.returncode == 1
    assert "is there already" in again.stderr
    assert path.read_bytes() == content


def test_export_writes_a_file_of_ones_own_or_stdout_and_replaces_nothing(path: Path, tmp_path: Path) -> None:
    run(path, "key", "create")
    copy = tmp_path / "copy.key"
    assert run(path, "key", "export", str(copy)).returncode == 0
    assert copy.stat().st_mode & 0o777 == 0o600
    assert keys_in(copy) == keys_in(path)
    assert run(path, "key", "export", str(copy)).returncode == 1
    unplugged = tmp_path / "stick" / "copy.key"
    assert run(path, "key", "export", str(unplugged)).returncode == 1
    assert not unplugged.parent.exists()
    assert json.loads(run(path, "key", "export").stdout) == json.loads(path.read_text())
    missing = run(tmp_path / "none.key", "key", "export")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert missing.stderr.count("\n") == 1


@pytest.fixture
def bare_hall(empty_database: str) -> str:
    """A database with a hall's tables, that no server has opened."""
    engine = open_engine(empty_database)
    upgrade(engine)
    engine.dispose()
    return empty_database


def test_show_names_keys_and_shows_none(path: Path, bare_hall: str) -> None:
    shown = run(path, "key", "show", "--database", bare_hall)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.count("made ") == 4
    assert not [key for key in keys_in(path) if key in shown.stdout + shown.stderr]


def test_rotate_keeps_the_old_keys_and_drop_old_removes_them(path: Path, bare_hall: str) -> None:
    assert run(path, "key", "rotate", "--database", bare_hall).returncode == 0
    first = key_file.read(path)
    rotated = run(path, "key", "rotate", "--database", bare_hall)
    assert rotated.returncode == 0, rotated.stderr
    assert "motcua key drop-old" in rotated.stderr
    second = key_file.read(path)
    assert [second.session[1:], second.address[1:]] == [first.session, first.address]
    dropped = run(path, "key", "drop-old", "--database", bare_hall)
    assert dropped.returncode == 0, dropped.stderr
    third = key_file.read(path)
    assert [len(getattr(third, name)) for name in key_file.PURPOSES] == [1] * 4
    assert third.session[0] == second.session[0]
    assert not [key for key in keys_in(path) if key in rotated.stdout + rotated.stderr + dropped.stdout]


def test_drop_old_says_what_it_did_and_warns_of_nothing_else(path: Path, bare_hall: str) -> None:
    nothing = run(path, "key", "drop-old", "--database", bare_hall)
    assert (nothing.returncode, "nothing was removed" in nothing.stderr) == (0, True)
    assert "sign in again" not in nothing.stderr
    assert run(path, "key", "rotate", "--database", bare_hall).returncode == 0
    dropped = run(path, "key", "drop-old", "--database", bare_hall)
    assert (dropped.returncode, "sign in again" in dropped.stderr) == (0, True)


def test_the_group_that_may_read_the_file_is_told_once_and_keeps_its_right(path: Path, bare_hall: str) -> None:
    run(path, "key", "create")
    path.chmod(0o640)
    before = path.stat()
    rotated = run(path, "key", "rotate", "--database", bare_hall)
    assert rotated.returncode == 0, rotated.stderr
    assert rotated.stderr.count("its group may read") == 1
    after = path.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


@pytest.mark.parametrize("wrong", ["mode", "content"])
def test_commands_that_only_look_name_a_key_file_that_may_not_be_used(
    path: Path, small_hall: ServiceHarness, wrong: str
) -> None:
    small_hall.take()
    run(path, "key", "create")
    path.chmod(0o644) if wrong == "mode" else path.write_text("half a fi")
    for command in (["audit", "verify"], ["audit", "export"]):
        done = run(path, *command, "--database", small_hall.database)
        assert done.returncode == 0, done.stderr
        assert done.stderr.count(str(path)) >= 1
        assert "others may read" in done.stderr or "is not a key file" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.fixture
def encrypted(small_hall: ServiceHarness, monkeypatch: pytest.MonkeyPatch) -> ServiceHarness:
    """Thirty tickets with an encrypted note, whose look-up stands in place of the request id."""
    column = EncryptedColumn(tables.ticket.c.note, tables.ticket.c.request_id, str.casefold)
    monkeypatch.setattr(encrypted_fields, "ENCRYPTED", (column,))
    monkeypatch.setattr(encrypted_fields, "ROWS_AT_ONCE", 7)
    for number in range(30):
        ticket = small_hall.take()
        with small_hall.site.write_without_lock() as connection:
            note = small_hall.site.keys.encrypt(f"Giấy {number}")
            connection.execute(update(tables.ticket).where(tables.ticket.c.id == ticket.id).values(note=note))
    small_hall.take()  # without a note
    return small_hall


def notes(hall: ServiceHarness, keys: Keys) -> list[str]:
    rows = hall.rows(select(tables.ticket.c.note).where(tables.ticket.c.note.is_not(None)).order_by(tables.ticket.c.id))
    return [keys.decrypt(row.note) for row in rows]


def test_all_fields_are_written_anew_and_the_old_key_is_not_needed_any_more(
    encrypted: ServiceHarness, path: Path
) -> None:
    key_file.create(path, encrypted.site.keys.ring)
    before = notes(encrypted, encrypted.site.keys)
    (count,) = key_changes.rotate_keys(encrypted.site.engine, path, wait=lambda _: None)
    assert (count.looked_at, count.unreadable) == (30, 0)
    rotated = Keys.load(path)
    only_new = Keys(rotated.ring.newest(*key_file.PURPOSES))
    assert notes(encrypted, only_new) == before
    rows = encrypted.rows(select(tables.ticket.c.request_id).where(tables.ticket.c.note.is_not(None)))
    assert {row.request_id for row in rows} == {only_new.lookup(note.casefold()) for note in before}
    key_changes.drop_old_keys(encrypted.site.engine, path)
    assert notes(encrypted, Keys.load(path)) == before
    known = encrypted.rows(select(tables.server_state.c.value).where(tables.server_state.c.name == "keys"))
    assert json.loads(known[0].value) == Keys.load(path).fingerprints()


def test_what_cannot_be_read_stays_and_its_key_can_come_back(
    encrypted: ServiceHarness, path: Path, tmp_path: Path
) -> None:
    old = tmp_path / "old.key"
    key_file.create(old, encrypted.site.keys.ring)
    key_file.create(path, KeyRing.made())
    (count,) = key_changes.rotate_keys(encrypted.site.engine, path, wait=lambda _: None)
    assert (count.looked_at, count.unreadable) == (30, 30)
    (count,) = key_changes.drop_old_keys(encrypted.site.engine, path)
    assert count.unreadable == 30
    assert key_changes.add_keys(path, old) == 4
    assert key_changes.add_keys(path, old) == 0
    (count,) = key_changes.rotate_keys(encrypted.site.engine, path, wait=lambda _: None)
    assert count.unreadable == 0


def test_a_running_process_takes_up_changed_keys_and_no_broken_file(path: Path) -> None:
    key_file.create(path, KeyRing.made())
    keys = Keys.load(path)
    signed = TicketLinkSigner(keys).sign(7)
    with key_file.changing(path):
        key_file.replace(path, KeyRing.made().joined(key_file.read(path)))
    other = Keys.load(path)
    assert keys.decrypt(other.encrypt("x")) == "x"  # at once, however short ago the file was looked at
    assert keys.fingerprints() == other.fingerprints()
    assert TicketLinkSigner(keys).read(signed) == 7
    path.write_text("half a fi")
    with pytest.raises(KeyFileError):
        Keys.load(path)
    keys._looked_at = 0.0
    assert keys.fingerprints() == other.fingerprints()


@pytest.fixture
def own_hall(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServerProcess]:
    """A running hall with a key file that no other test uses."""
    monkeypatch.setenv(KEY_FILE, str(path))
    hall = ServerProcess(tmp_path, f"sqlite:///{tmp_path}/hall.db").start()
    yield hall
    hall.stop()
    hall.site.engine.dispose()


def test_sessions_and_slips_go_on_through_a_rotation_and_end_with_the_old_keys(
    own_hall: ServerProcess, path: Path
) -> None:
    hall, browser = own_hall, Browser(own_hall)
    browser.sign_in(*hall.add_staff(role="administrator"))
    slip = hall.take()["page"]

    def seen() -> tuple[int, int]:
        time.sleep(1.1 * LOOK_SECONDS)
        return browser.ask("GET", "/api/v1/admin/staff").status, hall.ask("GET", slip).status

    assert seen() == (200, 200)
    assert run(path, "key", "rotate", "--database", hall.database).returncode == 0
    assert seen() == (200, 200)
    assert run(path, "key", "rotate", "--drop-old", "--database", hall.database).returncode == 0
    assert seen() == (401, 404)


def test_a_restore_without_its_key_file_starts_and_says_so(own_hall: ServerProcess, path: Path, tmp_path: Path) -> None:
    own_hall.take()
    backup = tmp_path / "monday.backup"
    assert run(path, "backup", str(backup), "--database", own_hall.database).returncode == 0
    assert not [key for key in keys_in(path) if key.encode() in backup.read_bytes()]
    elsewhere, fresh = f"sqlite:///{tmp_path}/new.db", tmp_path / "fresh" / "motcua.key"
    restored = run(fresh, "restore", str(backup), "--database", elsewhere)
    assert restored.returncode == 0, restored.stderr
    assert "a new one was made" in restored.stderr
    shown = run(fresh, "key", "show", "--database", elsewhere)
    assert shown.returncode == 0, shown.stderr
    known = run(path, "restore", str(backup), "--database", f"sqlite:///{tmp_path}/third.db")
    assert "go on after" in known.stderr  # the hall is new today
    assert known.stderr.count("\n") == 1
