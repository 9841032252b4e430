"""The database is busy, full or away for a while: a clean answer, nothing half done, and it works again afterwards."""

import os
import resource
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.display_server.postgres import Cluster
from tests.display_server.web.sse_client import Watching
from tests.kiosk.driver import until
from tests.server_process import ServerProcess, new_id

AS_ROOT = [] if os.geteuid() == 0 else ["sudo", "-n"]


def wish() -> dict[str, str]:
    return {"request_id": new_id(), "department": "HT"}


def lock(hall: ServerProcess) -> sqlite3.Connection:
    """Another process's write, not yet committed."""
    other = sqlite3.connect(hall.database.removeprefix("sqlite:///"), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    return other


def test_a_ticket_waits_for_a_locked_database(commune: ServerProcess) -> None:
    kiosk = commune.token("kiosk")
    commune.ask("GET", "/api/v1/centre", token=kiosk)
    other = lock(commune)
    answers = []
    visitors = [
        threading.Thread(target=lambda: answers.append(commune.ask("POST", "/api/v1/tickets", wish(), kiosk)))
        for _ in range(4)
    ]
    for visitor in visitors:
        visitor.start()
    time.sleep(2)  # the fault itself: it lasts two seconds
    assert answers == []
    other.execute("ROLLBACK")
    other.close()
    for visitor in visitors:
        visitor.join()
    assert [answer.status for answer in answers] == [201] * 4
    assert sorted(answer.json()["number"] for answer in answers) == ["A001", "A002", "A003", "A004"]


def test_a_locked_database_holds_up_no_reader(commune: ServerProcess) -> None:
    kiosk = commune.token("kiosk")
    commune.ask("GET", "/api/v1/centre", token=kiosk)
    with Watching(commune) as screen:
        screen.next()
        other = lock(commune)
        visitors = [
            threading.Thread(target=lambda: commune.ask("POST", "/api/v1/tickets", wish(), kiosk)) for _ in range(40)
        ]
        for visitor in visitors:
            visitor.start()
        for _ in range(5):
            assert commune.ask("GET", "/api/v1/hall").status == 200
            assert commune.ask("GET", "/api/v1/centre", token=kiosk).status == 200
        other.execute("ROLLBACK")
        other.close()
        for visitor in visitors:
            visitor.join()
        assert screen.until(lambda state: state["departments"][0]["waiting"] == 40)


def test_a_database_that_stays_locked_is_a_clean_503(commune: ServerProcess) -> None:
    kiosk = commune.token("kiosk")
    commune.ask("GET", "/api/v1/centre", token=kiosk)
    other = lock(commune)
    body = wish()
    answer = commune.ask("POST", "/api/v1/tickets", body, kiosk)
    other.execute("ROLLBACK")
    other.close()
    assert (answer.status, answer.json()["type"]) == (503, "/problems/database")
    assert commune.ask("POST", "/api/v1/tickets", body, kiosk).json()["number"] == "A001"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with disk_of(3, tmp_path / "disk") as disk:
        yield disk


@contextmanager
def disk_of(mebibytes: int, disk: Path) -> Iterator[Path]:
    """Only root mounts; who may install what the tests need (setup.sh) may do that as well."""
    disk.mkdir()
    options = f"size={mebibytes}m,mode=755,uid={os.geteuid()},gid={os.getegid()}"
    subprocess.run([*AS_ROOT, "mount", "-t", "tmpfs", "-o", options, "tmpfs", disk], check=True)
    try:
        yield disk
    finally:  # lazily: after a failure the server may still hold it
        subprocess.run([*AS_ROOT, "umount", "--lazy", disk], check=True)


def remount(disk: Path, how: str) -> None:
    subprocess.run([*AS_ROOT, "mount", "-o", f"remount,{how}", disk], check=True)


def take_until_refused(hall: ServerProcess, most: int = 2000) -> list[str]:
    """The numbers given until the answer is a clean 503."""
    kiosk, taken = hall.token("kiosk"), []
    for _ in range(most):
        answer = hall.ask("POST", "/api/v1/tickets", wish(), kiosk)
        if answer.status != 201:
            break
        taken.append(answer.json()["number"])
    assert (answer.status, answer.json()["type"]) == (503, "/problems/database")
    assert hall.ask("GET", "/api/v1/hall").status == 200
    assert_not_ready(hall)
    return taken


def assert_not_ready(hall: ServerProcess) -> None:
    until(lambda: hall.ask("GET", "/healthz").status == 503, "healthz tells of it", 5)
    assert hall.ask("GET", "/healthz").json()["type"] == "/problems/database"


def assert_it_goes_on(hall: ServerProcess, taken: list[str]) -> None:
    taken = [*taken, hall.take("HT")["number"]]
    assert taken == [f"A{number:03d}" for number in range(1, len(taken) + 1)]
    assert hall.ask("GET", "/healthz").status == 200
    hall.stop()
    hall.site.engine.dispose()
    with closing(sqlite3.connect(hall.database.removeprefix("sqlite:///"))) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_full_disk_is_a_clean_503_and_works_again_with_space(small_disk: Path, tmp_path: Path) -> None:
    hall = ServerProcess(tmp_path, f"sqlite:///{small_disk}/hall.db", "xa_mau").start()
    hall.token("kiosk")
    ballast = small_disk / "ballast"
    fill(ballast)
    taken = take_until_refused(hall)
    ballast.unlink()
    assert_it_goes_on(hall, taken)


def test_a_full_disk_under_postgresql_is_a_clean_503_and_works_again_with_space(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="motcua-full-") as name, disk_of(96, Path(name) / "disk") as disk:
        Path(name).chmod(0o755)
        cluster = Cluster("-c max_connections=40 -c max_wal_size=32MB -c min_wal_size=32MB", inside=disk).start()
        hall = ServerProcess(tmp_path, cluster.url(cluster.make_database()), "xa_mau").start()
        try:
            hall.token("kiosk")
            fill(disk / "ballast")
            taken = take_until_refused(hall, most=20_000)
            (disk / "ballast").unlink()
            taken.append(hall.take("HT")["number"])
            assert taken == [f"A{number:03d}" for number in range(1, len(taken) + 1)]
            assert hall.ask("GET", "/healthz").status == 200
        finally:
            hall.stop()
            hall.site.engine.dispose()
            cluster.stop()


def test_a_read_only_disk_is_told_in_one_line(small_disk: Path, tmp_path: Path) -> None:
    hall = ServerProcess(tmp_path, f"sqlite:///{small_disk}/hall.db", "xa_mau").start()
    number = hall.take("HT")["number"]
    hall.stop()
    hall.site.engine.dispose()
    remount(small_disk, "ro")
    with pytest.raises(AssertionError, match=r"motcua: .*lies on a disk that is mounted read-only"):
        hall.start()
    hall.stop()
    remount(small_disk, "rw")
    hall.start()
    assert_it_goes_on(hall, [number])


def test_a_file_that_may_not_grow_is_a_clean_503_and_works_again(commune: ServerProcess) -> None:
    commune.token("kiosk")
    assert commune.process is not None
    _, most = resource.prlimit(commune.process.pid, resource.RLIMIT_FSIZE)
    size = Path(commune.database.removeprefix("sqlite:///") + "-wal").stat().st_size
    resource.prlimit(commune.process.pid, resource.RLIMIT_FSIZE, (size + 100_000, most))
    taken = take_until_refused(commune)
    resource.prlimit(commune.process.pid, resource.RLIMIT_FSIZE, (most, most))
    assert_it_goes_on(commune, taken)


@pytest.fixture
def ailing_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 16 MiB that, as a system's does, turns read-only at its first error."""
    image, disk = tmp_path / "disk.img", tmp_path / "ailing"
    image.write_bytes(b"\0" * (16 << 20))
    disk.mkdir()
    subprocess.run(["/usr/sbin/mkfs.ext4", "-q", image], check=True)
    mend(image, disk)
    yield disk
    subprocess.run([*AS_ROOT, "umount", "--lazy", disk], check=False)  # a test that failed may have left it so


def mend(image: Path, disk: Path) -> None:
    """What a technician does: check the disk, and mount it again."""
    checked = subprocess.run(["/usr/sbin/e2fsck", "-fy", image], capture_output=True, check=False)
    assert checked.returncode in {0, 1}, checked  # 1: errors were corrected
    subprocess.run([*AS_ROOT, "mount", "-o", "loop,errors=remount-ro", image, disk], check=True)
    subprocess.run([*AS_ROOT, "chown", f"{os.geteuid()}:{os.getegid()}", disk], check=True)


def break_disk(disk: Path) -> None:
    """The kernel meets an error, as on an SD card that wears out."""
    source = subprocess.run(["findmnt", "-n", "-o", "SOURCE", disk], capture_output=True, text=True, check=True)
    trigger = Path("/sys/fs/ext4") / Path(source.stdout.strip()).name / "trigger_fs_error"
    subprocess.run([*AS_ROOT, "tee", trigger], input=b"1", stdout=subprocess.DEVNULL, check=True)


def test_a_disk_that_turns_read_only_under_the_server_is_a_clean_503(ailing_disk: Path, tmp_path: Path) -> None:
    hall = ServerProcess(tmp_path, f"sqlite:///{ailing_disk}/hall.db", "xa_mau").start()
    hall.token("kiosk")
    first = hall.take("HT")["number"]
    break_disk(ailing_disk)
    taken = [first, *take_until_refused(hall)]
    hall.stop()
    hall.site.engine.dispose()
    subprocess.run([*AS_ROOT, "umount", ailing_disk], check=True)
    mend(tmp_path / "disk.img", ailing_disk)
    hall.start()
    assert_it_goes_on(hall, taken)


def fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            pass
