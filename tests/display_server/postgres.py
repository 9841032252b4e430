"""A PostgreSQL of our own for the tests: made in a scratch folder, reached through a socket in it, gone afterwards."""

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg

USER = "motcua"
IN_MEMORY = Path("/dev/shm")
INSTALLED = Path("/usr/lib/postgresql")
UNSAFE_BUT_QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60"


def in_memory() -> Path | None:
    """A folder that needs no disk, where the system has one: hundreds of scratch databases are made and dropped."""
    return IN_MEMORY if os.access(IN_MEMORY, os.W_OK) else None


def binaries() -> Path:
    """The folder of initdb and pg_ctl. These tests are never skipped: without PostgreSQL they fail."""
    on_path = shutil.which("initdb")
    found = sorted(INSTALLED.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if on_path is None and not found:
        raise FileNotFoundError("PostgreSQL's server is missing: apt-get install postgresql")
    return Path(on_path).parent if on_path else found[-1].parent


class Cluster:
    """`make_database` gives a fresh database, a copy of `template` in a few milliseconds.

    `options`: of the server. `on_disk`: as a real one, not in memory. `inside`: a folder to make it in.
    """

    def __init__(self, options: str = UNSAFE_BUT_QUICK, *, on_disk: bool = False, inside: Path | None = None) -> None:
        self._options = options
        self._bin = binaries()
        self._folder = Path(
            tempfile.mkdtemp(prefix="motcua-postgres-", dir=inside or (None if on_disk else in_memory()))
        )
        self._names = (f"hall_{number}" for number in itertools.count())
        self._as_user: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            account = pwd.getpwnam("postgres")
            os.chown(self._folder, account.pw_uid, account.pw_gid)
            self._as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def start(self) -> "Cluster":
        data = str(self._folder / "data")
        self._run("initdb", "-D", data, "-U", USER, "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
        self.serve()
        return self

    def serve(self) -> None:
        options = f"-k {self._folder} -c listen_addresses='' {self._options}"
        data, log = str(self._folder / "data"), str(self._folder / "log")
        self._run("pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start")

    def stop_serving(self, how: str = "immediate") -> None:
        """`how`: immediate (as a crash) or fast."""
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", how, "stop")

    @property
    def pid(self) -> int:
        """Of the process that the others are children of."""
        return int((self._folder / "data" / "postmaster.pid").read_text().partition("\n")[0])

    def stop(self) -> None:
        self.stop_serving()
        shutil.rmtree(self._folder, ignore_errors=True)

    def make_database(self, template: str = "template1") -> str:
        """The name of a new database."""
        name = next(self._names)
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop_database(self, name: str) -> None:
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://{USER}@/{name}?host={self._folder}"

    def execute(self, statement: str) -> None:
        with psycopg.connect(host=str(self._folder), user=USER, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._bin / program, *arguments],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd=self._folder,
            **self._as_user,
        )
