"""The server's commands: results on stdout, talk on stderr; 0 done, 1 failed, 2 wrong use."""

import json
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from pyotp import TOTP

from config.cli import main
from display_server.db import tables
from display_server.domain.numbering import EPOCH_LETTERS, OFFLINE_LETTERS
from display_server.services.devices.devices import DeviceAuthenticator
from display_server.services.staff.authentication import sign_in
from display_server.services.staff.client_addresses import Source
from display_server.services.staff.second_factor import confirm_enrolment, factor_state, start_enrolment
from display_server.services.staff.single_sign_on import recognise
from display_server.services.staff.staff import Role, add_staff, find_row, member_of
from tests.display_server.service_harness import ServiceHarness
from tests.server_process import CENTRES, MOTCUA, ROOT, clean_environment


def motcua(*arguments: object, database: str | None = None, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [MOTCUA, *map(str, arguments)] + (["--database", database] if database else [])
    return subprocess.run(
        command,
        env=clean_environment(),
        input=stdin,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=200,
        check=False,
    )


@pytest.fixture
def file_database(sqlite_template: Path, tmp_path: Path) -> str:
    shutil.copyfile(sqlite_template, tmp_path / "hall.db")
    return f"sqlite:///{tmp_path}/hall.db"


def test_a_centre_is_imported_and_imported_again(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/new/folder/hall.db"
    first = motcua("import", CENTRES / "xa_mau", database=database)
    again = motcua("import", CENTRES / "xa_mau", database=database)
    assert (first.returncode, first.stdout) == (0, "xa_mau: imported: 4 queues, 30 procedures, 3 counters\n")
    assert (again.returncode, again.stdout) == (0, "xa_mau: updated: 4 queues, 30 procedures, 3 counters\n")


def test_an_import_tells_long_names_that_have_no_short_one(file_database: str, tmp_path: Path) -> None:
    folder = shutil.copytree(CENTRES / "xa_mau", tmp_path / "centre")
    departments = (folder / "departments.toml").read_text(encoding="utf-8")
    long_one = departments.replace('name = { vi = "', f'name = {{ vi = "{"Phòng " * 20}', 1)
    (folder / "departments.toml").write_text(long_one, encoding="utf-8")
    done = motcua("import", folder, database=file_database)
    assert (done.returncode, done.stdout) == (0, "xa_mau: imported: 4 queues, 30 procedures, 3 counters\n")
    assert "hint: departments.toml: " in done.stderr
    assert "letters in language 'vi' and there is no short one" in done.stderr


def test_a_broken_folder_is_told_with_all_its_problems_and_changes_nothing(file_database: str, tmp_path: Path) -> None:
    folder = shutil.copytree(CENTRES / "xa_mau", tmp_path / "centre")
    departments = (folder / "departments.toml").read_text(encoding="utf-8")
    (folder / "departments.toml").write_text(departments.replace('prefix = "B"', 'prefix = "A"'), encoding="utf-8")
    counters = (folder / "counters.toml").read_text(encoding="utf-8")
    (folder / "counters.toml").write_text(counters.replace('"DD"', '"NOWHERE"'), encoding="utf-8")
    before = Path(file_database.removeprefix("sqlite:///")).read_bytes()
    done = motcua("import", folder, database=file_database)
    assert done.returncode == 1
    assert "departments.toml" in done.stderr
    assert "counters.toml" in done.stderr
    assert "NOWHERE" in done.stderr
    assert "Traceback" not in done.stderr
    assert Path(file_database.removeprefix("sqlite:///")).read_bytes() == before


def test_a_token_is_alone_on_stdout(file_database: str) -> None:
    done = motcua("device", "add", "kiosk", "kiosk 2", database=file_database)
    assert done.returncode == 0
    token = done.stdout.removesuffix("\n")
    assert len(token.split()) == 1
    hall = ServiceHarness(file_database)
    assert DeviceAuthenticator(hall.site).actor(token).name == "kiosk 2"
    hall.close()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["device", "add", "kiosk", "kiosk"], 1, "already"),
        (["device", "add", "counter", "keypad"], 1, "--counter"),
        (["device", "add", "counter", "keypad", "--counter", "99"], 1, "99"),
        (["device", "add", "kiosk", "k", "--centre", "nowhere"], 1, "nowhere"),
        (["device", "add", "toaster", "t"], 2, "toaster"),
        (["device", "add"], 2, "kiosk"),
        (["device"], 2, "add"),
        (["staff", "add", "Lan"], 2, "--role"),
        (["server", "--port", "eighty"], 2, "eighty"),
        (["server", "--port", "70000"], 2, "70000"),
        (["import"], 2, "FOLDER"),
        (["import", "/nowhere"], 1, "/nowhere"),
        (["restore", "/nowhere"], 1, "/nowhere: there is no such file"),
        (["backup", "/nowhere/copy"], 1, "/nowhere/copy"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_what_goes_wrong_is_told_on_stderr(
    file_database: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    words: str,
) -> None:
    database = None if arguments in (["device"], ["nonsense"]) else file_database
    monkeypatch.setattr(sys, "argv", ["motcua", *arguments, *(["--database", database] if database else [])])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr()
    assert ended.value.code == code, told
    assert words in told.err
    assert told.out == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["device", "add", "kiosk", "k"],
        ["device", "renew", "k"],
        ["staff", "add", "Lan", "--role", "clerk", "--password-stdin"],
        ["audit", "verify"],
        ["audit", "export"],
        ["backup", "FOLDER/copy"],
        ["import", "/nowhere"],
        ["restore", "/nowhere"],
    ],
)
def test_a_command_that_fails_makes_no_database(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    own = [each.replace("FOLDER", str(tmp_path)) for each in arguments]
    monkeypatch.setattr(sys, "argv", ["motcua", *own, "--database", f"sqlite:///{tmp_path}/new/typo.db"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert (ended.value.code, capsys.readouterr().err.count("\n")) == (1, 1)
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_cannot_listen_leaves_no_database(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = motcua("server", "--host", "127.0.0.1", "--port", port, database=f"sqlite:///{tmp_path}/new/hall.db")
    assert (done.returncode, "the port is taken" in done.stderr) == (1, True)
    assert not (tmp_path / "new").exists()


def test_another_kind_of_database_is_told(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["motcua", "audit", "verify", "--database", "mysql://a:secret@b/c"])
    with pytest.raises(SystemExit):
        main()
    told = capsys.readouterr().err
    assert "sqlite:///FILE or postgresql://" in told
    assert "secret" not in told


def test_a_password_is_read_from_stdin(file_database: str) -> None:
    arguments = ("staff", "add", "Lan", "--role", "clerk", "--password-stdin")
    done = motcua(*arguments, database=file_database, stdin="mot cua hai cua\n")
    assert (done.returncode, done.stdout) == (0, "Lan: clerk\n")
    short = motcua("staff", "add", "Minh", *arguments[3:], database=file_database, stdin="short\n")
    assert short.returncode == 1
    hall = ServiceHarness(file_database)
    assert sign_in(hall.site, "Lan", "mot cua hai cua") is not None
    hall.close()


def test_backup_and_restore(file_database: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert motcua("backup", copy, database=file_database).stdout == f"{copy}\n"
    restored = f"sqlite:///{tmp_path}/restored.db"
    assert motcua("restore", copy, database=restored).returncode == 0
    again = motcua("restore", copy, database=restored)
    assert again.returncode == 1
    assert "already" in again.stderr
    hall = ServiceHarness(restored)
    number = hall.take().number
    assert number[:2] in {f"A{letter}" for letter in EPOCH_LETTERS + OFFLINE_LETTERS}
    assert int(number[2:]) > 1000  # the key file is of today: what was restored before is not known
    hall.close()


def test_the_selftest_finds_no_fault() -> None:
    done = motcua("selftest", "--quick", "--json")
    assert done.returncode == 0, done
    result = json.loads(done.stdout)
    assert set(result) == {"must_be_zero", "figures"}
    assert set(result["must_be_zero"]) >= {
        "repeated_numbers",
        "gaps",
        "double_calls",
        "calls_never_shown",
        "lost_after_kill",
    }
    assert set(result["must_be_zero"].values()) == {0}
    assert result["figures"]["acknowledged_before_kill"] > 0


def test_a_command_takes_none_of_several_centres_by_itself(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/hall.db"
    for centre in ("xa_mau", "thai_binh"):
        assert motcua("import", CENTRES / centre, database=database).returncode == 0
    for command in (("device", "add", "kiosk", "k9"), ("device", "renew", "k9"), ("audit", "verify")):
        refused = motcua(*command, database=database)
        assert (refused.returncode, refused.stdout) == (2, ""), command
        assert "--centre CODE: xa_mau, thai_binh" in refused.stderr
        assert refused.stderr.count("\n") == 1
    added = motcua("device", "add", "kiosk", "k9", "--centre", "thai_binh", database=database)
    assert added.returncode == 0


def test_a_second_factor_is_reset_and_an_identity_confirmed_by_commands(file_database: str) -> None:
    hall = ServiceHarness(file_database)
    add_staff(hall.site, hall.centre_id, "Lan", Role.PROVINCE, "mot cua hai cua")
    row = find_row(hall.site, tables.staff.c.name == "Lan")
    assert row is not None
    lan = member_of(row)
    app = TOTP(start_enrolment(hall.site, lan, "nhỏ").secret)
    confirm_enrolment(hall.site, lan.actor(), app.at(hall.clock()))
    recognise(hall.site, {"iss": "https://sso", "sub": "s1", "preferred_username": "Lan"}, Source(""))
    assert motcua("staff", "reset-second-factor", "Lan", database=file_database).stdout == (
        "Lan: the second factor is reset\n"
    )
    assert not factor_state(hall.site, lan.id).is_on
    for name in ("Lan", "Nobody"):
        again = motcua("staff", "reset-second-factor", name, database=file_database)
        assert (again.returncode, again.stderr.count("\n")) == (1, 1)
    number, *told = motcua("staff", "identities", database=file_database).stdout.split()
    assert told == ["waits", "Lan", "https://sso", "s1"]
    assert motcua("staff", "confirm-identity", number, database=file_database).returncode == 0
    assert "bound" in motcua("staff", "identities", database=file_database).stdout
    missing = motcua("staff", "confirm-identity", "999", database=file_database)
    assert (missing.returncode, missing.stderr.count("\n")) == (1, 1)
    hall.close()


def test_a_server_without_a_centre_says_what_to_do_and_gives_an_address_that_opens(tmp_path: Path) -> None:
    command = [MOTCUA, "server", "--host", "::1", "--port", "0", "--database", f"sqlite:///{tmp_path}/hall.db"]
    with subprocess.Popen(
        command, env=clean_environment(), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        try:
            address = server.stdout.readline().strip()
            assert address.startswith("http://[::1]:")
            with urllib.request.urlopen(f"{address}/healthz", timeout=20) as answer:
                assert answer.status == 200
        finally:
            server.terminate()
        assert "there is no centre yet: motcua import DIR" in server.stderr.read()
