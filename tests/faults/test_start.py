"""A server that cannot start says why in one line, without a traceback, and ends with 1."""

import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.display_server.postgres import Cluster
from tests.server_process import MOTCUA, ROOT, ServerProcess, clean_environment


@pytest.fixture
def postgres() -> Iterator[Cluster]:
    """One that may be stopped: nobody else's."""
    cluster = Cluster().start()
    yield cluster
    cluster.stop()


def start(database: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [MOTCUA, "server", "--port", "0", "--database", database, *arguments],
        env=clean_environment(**environment),
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        check=False,
    )


def assert_one_line(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 1, done
    assert done.stdout == ""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("motcua: ")
    for word in words:
        assert word in lines[0]


def test_the_port_is_taken(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = start(f"sqlite:///{tmp_path}/hall.db", "--port", str(port))
    assert_one_line(done, f"127.0.0.1:{port}", "taken")


def test_an_address_that_is_not_ours(tmp_path: Path) -> None:
    assert_one_line(start(f"sqlite:///{tmp_path}/hall.db", "--host", "192.0.2.1"), "192.0.2.1")
    assert_one_line(start(f"sqlite:///{tmp_path}/hall.db", "--host", "no.such.host.invalid"), "no.such.host.invalid")


@pytest.mark.parametrize("folder", ["/proc/motcua", "/dev/null/motcua"])
def test_a_folder_that_cannot_be_written(folder: str) -> None:
    assert_one_line(start(f"sqlite:///{folder}/hall.db"), folder)


def test_a_database_that_is_a_folder(tmp_path: Path) -> None:
    assert_one_line(start(f"sqlite:///{tmp_path}"), str(tmp_path))


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "hall.db").write_text("this is a letter, not a database. " * 200)
    assert_one_line(start(f"sqlite:///{tmp_path}/hall.db"), "hall.db", "not a database")


def test_a_damaged_database(idle_hall: ServerProcess, tmp_path: Path) -> None:
    idle_hall.site.engine.dispose()
    with (tmp_path / "hall.db").open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 4000)
    assert_one_line(start(idle_hall.database), "hall.db", "malformed")


def test_a_database_of_something_else(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "hall.db") as other:
        other.execute("CREATE TABLE centre (x)")
    assert_one_line(start(f"sqlite:///{tmp_path}/hall.db"), "hall.db", "centre")


def test_a_newer_schema(idle_hall: ServerProcess) -> None:
    idle_hall.site.engine.dispose()
    with sqlite3.connect(idle_hall.database.removeprefix("sqlite:///")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    assert_one_line(start(idle_hall.database), "9999", "newer")


def test_a_database_server_that_is_away_is_waited_for(postgres: Cluster, tmp_path: Path) -> None:
    name = postgres.make_database()
    postgres.stop_serving()
    with (tmp_path / "said").open("w") as said:
        server = subprocess.Popen(
            [MOTCUA, "server", "--port", "0", "--database", postgres.url(name)],
            env=clean_environment(PGPASSWORD="secret"),
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        )
    try:
        while "waiting for the database" not in (tmp_path / "said").read_text():
            assert server.poll() is None
            time.sleep(0.1)
        postgres.serve()
        assert server.stdout is not None
        assert server.stdout.readline().startswith("http://")
    finally:
        server.terminate()
        server.communicate()
    assert "secret" not in (tmp_path / "said").read_text()


def test_a_command_does_not_wait_for_a_database_server() -> None:
    done = subprocess.run(
        [MOTCUA, "import", "config/centres/xa_mau", "--database", "postgresql://motcua:secret@127.0.0.1:1/hall"],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
        check=False,
    )
    assert_one_line(done, "127.0.0.1")
    assert "secret" not in done.stderr


def test_a_wrong_setting_is_wrong_use(tmp_path: Path) -> None:
    done = start(f"sqlite:///{tmp_path}/hall.db", MOTCUA_SERVER__PORT="eighty")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
