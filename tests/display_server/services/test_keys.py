"""The key file: made once, kept apart, told when it is wrong; encrypted fields and slips outlive a change of keys."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from config.settings import load_settings
from display_server.bootstrap import create_context
from display_server.db import tables
from display_server.db.encrypted_columns import EncryptedColumn
from display_server.services.core.context import ServerContext
from display_server.services.keys import encrypted_fields, key_file
from display_server.services.keys.key_file import KeyFileError, KeyRing
from display_server.services.keys.keys import Keys, UnreadableField
from display_server.services.keys.ticket_links import TicketLinkSigner
from tests.display_server.service_harness import ServiceHarness
from tests.server_process import ROOT

PHONE = "0912 345 678 – Đỗ Thị Hường 👵"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "motcua.key"


def opened(database: str, path: Path) -> ServerContext:
    return create_context(load_settings(server={"database": database, "key_file": str(path)}), create=True)


def state_of(site: ServerContext) -> dict[str, str]:
    with site.read() as connection:
        rows = connection.execute(select(tables.server_state.c.name, tables.server_state.c.value))
        return {row.name: row.value for row in rows}


def test_what_was_encrypted_comes_back_and_no_two_tokens_are_the_same() -> None:
    keys = Keys.temporary()
    tokens = {keys.encrypt(PHONE) for _ in range(3)}
    assert len(tokens) == 3
    assert {keys.decrypt(token) for token in tokens} == {PHONE}
    assert not any("0912" in token for token in tokens)


@pytest.mark.parametrize("token", ["", "x", "gAAAAA", "Đỗ", "0" * 200])
def test_what_no_key_opens_is_told(token: str) -> None:
    with pytest.raises(UnreadableField):
        Keys.temporary().decrypt(token)
    with pytest.raises(UnreadableField):
        Keys.temporary().decrypt(Keys.temporary().encrypt(PHONE))


def test_a_look_up_depends_on_text_and_key() -> None:
    keys = Keys.temporary()
    assert keys.lookup("0912345678") == keys.lookup("0912345678") != keys.lookup("0912345679")
    assert len(keys.lookup("0912345678")) == 64
    assert Keys.temporary().lookup("0912345678") != keys.lookup("0912345678")


def test_the_first_start_makes_a_file_for_its_user_alone(empty_database: str, path: Path) -> None:
    was = os.umask(0)
    try:
        site = opened(empty_database, path)
    finally:
        os.umask(was)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["motcua.key"]
    ring = key_file.read(path)
    everything = json.dumps(state_of(site))
    assert not [key for name in key_file.PURPOSES for key in getattr(ring, name) if key.key in everything]
    site.engine.dispose()


def test_a_second_start_takes_the_same_keys(empty_database: str, path: Path) -> None:
    one = opened(empty_database, path)
    content = path.read_bytes()
    two = opened(empty_database, path)
    assert two.keys.decrypt(one.keys.encrypt(PHONE)) == PHONE
    assert path.read_bytes() == content
    for site in (one, two):
        site.engine.dispose()


def test_processes_that_start_at_once_make_one_file(empty_database: str, path: Path) -> None:
    program = (
        "import sys; from config.settings import load_settings; from display_server.bootstrap import create_context;"
        "site = create_context(load_settings(server={'database': sys.argv[1], 'key_file': sys.argv[2]}), create=True);"
        "print(site.keys.fingerprints())"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program, empty_database, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    said = {process.communicate(timeout=60)[0] for process in started}
    assert [process.returncode for process in started] == [0] * 4
    assert said == {f"{Keys.load(path).fingerprints()}\n"}


def test_a_missing_file_is_never_made_again(empty_database: str, path: Path) -> None:
    opened(empty_database, path).engine.dispose()
    path.unlink()
    with pytest.raises(KeyFileError, match="put it back") as refused:
        opened(empty_database, path)
    assert "\n" not in str(refused.value)
    assert not path.exists()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[]",
        "no json",
        '{"field": []}',
        "\x00",
        '{"field": [{"made": "2026-11-28T00:00:00Z", "key": "geheim"}]}',
    ],
)
def test_a_broken_file_is_told_without_its_content_and_stays_as_it_is(
    empty_database: str, path: Path, content: str
) -> None:
    path.parent.mkdir()
    path.touch(mode=0o600)
    path.write_text(content)
    with pytest.raises(KeyFileError, match=r"motcua\.key") as refused:
        opened(empty_database, path)
    assert "\n" not in str(refused.value)
    assert "geheim" not in str(refused.value)
    assert path.read_text() == content


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o660, 0o606])
def test_a_file_that_others_may_read_or_change_is_refused(empty_database: str, path: Path, mode: int) -> None:
    opened(empty_database, path).engine.dispose()
    path.chmod(mode)
    with pytest.raises(KeyFileError, match="chmod 600"):
        opened(empty_database, path)
    path.chmod(0o640)  # root's, readable for the server's group
    opened(empty_database, path).engine.dispose()


@pytest.mark.parametrize("what", ["folder", "device", "dangling"])
def test_what_is_no_file_is_refused(empty_database: str, path: Path, what: str) -> None:
    path.parent.mkdir()
    if what == "folder":
        path.mkdir()
    else:
        path.symlink_to("/dev/zero" if what == "device" else path.parent / "nothing")
    with pytest.raises(KeyFileError, match=r"motcua\.key"):
        opened(empty_database, path)


def test_keys_leave_an_older_database_and_slips_keep_their_address(empty_database: str, path: Path) -> None:
    site = create_context(load_settings(server={"database": empty_database}), keys=Keys.temporary(), create=True)
    old = {"session": "s" * 43, "ticket": "t" * 43}
    with site.write_without_lock() as connection:
        connection.execute(insert(tables.server_state), [{"name": name, "value": key} for name, key in old.items()])
    site.engine.dispose()
    ring = KeyRing.made().with_addresses(old["ticket"]).model_copy(update={"address": ()})
    slip = TicketLinkSigner(Keys(ring.with_addresses(old["ticket"]))).sign(21)
    for _ in range(2):
        site = opened(empty_database, path)
        assert set(state_of(site)) == {"keys"}
        assert site.ticket_links.read(slip) == 21
        assert site.ticket_links.sign(21) != slip
        assert old["session"] not in site.keys.session_keys()  # it is in every backup that was ever made
        site.engine.dispose()


@pytest.fixture
def note(small_hall: ServiceHarness, monkeypatch: pytest.MonkeyPatch) -> int:
    """The ticket in whose note there is an encrypted text; the column counts as an encrypted one."""
    monkeypatch.setattr(encrypted_fields, "ENCRYPTED", (EncryptedColumn(tables.ticket.c.note),))
    ticket = small_hall.take()
    with small_hall.site.write_without_lock() as connection:
        connection.execute(update(tables.ticket).values(note=small_hall.site.keys.encrypt(PHONE)))
    return ticket.id


def test_a_wrong_key_file_is_told_with_what_cannot_be_read_and_the_hall_goes_on(
    small_hall: ServiceHarness, note: int, path: Path, key_file_of_tests: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = small_hall.site.keys.fingerprints()[0]
    key_file.create(path, KeyRing.made())
    site = opened(small_hall.database, path)
    assert f"{path} lacks keys that this database was written under: {first}" in caplog.text
    assert "ticket.note: 1 of 1 cannot be read" in caplog.text
    assert site.keys.decrypt(site.keys.encrypt(PHONE)) == PHONE
    site.engine.dispose()
    caplog.clear()
    site = opened(small_hall.database, key_file_of_tests)  # the right one again: the other key is not missed
    with site.read() as connection:
        token = connection.execute(select(tables.ticket.c.note).where(tables.ticket.c.id == note)).scalar_one()
    assert site.keys.decrypt(token) == PHONE
    assert "cannot be read" not in caplog.text
    assert json.loads(state_of(site)["keys"]) == [first]
    site.engine.dispose()
