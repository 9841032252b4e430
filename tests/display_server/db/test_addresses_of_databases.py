"""An address of a database that cannot be used is one line with exit code 1, for every command that takes one."""

import os
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner

from config.errors import MotcuaError
from config.private_files import make_private_file
from display_server.cli.audit import audit
from display_server.cli.backup import backup, copy, restore
from display_server.cli.server import device, import_centre
from display_server.db.engine import DatabaseError, known_url, open_engine
from tests.server_process import CENTRES

UNUSABLE = [
    "sqlite://",
    "sqlite:///",
    "sqlite:///:memory:",
    "sqlite:///file:x?mode=memory&uri=true",
    "sqlite:////tmp/x.db?timeout=x",
    "sqlite:////tmp/x.db?foo=bar",
    "sqlite://host/x.db",
    "sqlite:////tmp/%00x".replace("%00", "\0"),
    f"sqlite:////tmp/{'a' * 300}/x.db",
    "postgresql://h:abc/x",
    "mysql://h/x",
    "x",
    "",
]


@pytest.mark.parametrize("address", UNUSABLE)
def test_it_is_told_in_one_line(address: str) -> None:
    with pytest.raises(DatabaseError) as refused:
        known_url(address)
    assert "\n" not in str(refused.value)
    assert refused.value.exit_code == 1


def test_a_device_is_no_database_and_keeps_its_mode(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    pipe.chmod(0o666)
    with pytest.raises(DatabaseError, match="is no file"):
        open_engine(f"sqlite:///{pipe}")
    make_private_file(pipe)
    assert stat.S_IMODE(pipe.stat().st_mode) == 0o666
    assert list(tmp_path.iterdir()) == [pipe]


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///:memory:", "postgresql://h:abc/x"])
def test_every_command_says_so(address: str, sqlite_template: Path, tmp_path: Path) -> None:
    own, file = f"sqlite:///{sqlite_template}", str(tmp_path / "x")
    for command, arguments in (
        (copy, [own, address]),
        (copy, [address, f"sqlite:///{tmp_path}/new.db"]),
        (backup, [file, "--database", address]),
        (restore, [str(sqlite_template), "--database", address]),
        (import_centre, [str(CENTRES / "xa_mau"), "--database", address]),
        (audit, ["verify", "--database", address]),
        (device, ["add", "kiosk", "x", "--database", address]),
    ):
        done = CliRunner().invoke(command, arguments)
        assert isinstance(done.exception, MotcuaError), (arguments, done.exception)
        assert "\n" not in str(done.exception)
    assert list(tmp_path.iterdir()) == []
