import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from printer.errors import JobError
from printer.jobs.store import JobState, JobStore
from printer.slip.slip import Slip
from tests.printer.conftest import make_slip


def test_a_job_is_on_disk_when_add_returns(tmp_path: Path) -> None:
    slip = make_slip()
    JobStore(tmp_path / "jobs.db").add("k", slip, "standard_80mm")
    job = JobStore(tmp_path / "jobs.db").get("k")
    assert job is not None
    assert (job.state, job.layout, job.copy, job.attempts) == (JobState.QUEUED, "standard_80mm", False, 0)
    assert Slip.from_json(job.slip_json) == slip


def test_every_write_waits_for_the_disk(store: JobStore) -> None:
    assert store._db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert store._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_the_same_key_again_changes_nothing(store: JobStore) -> None:
    first = store.add("k", make_slip(), "standard_80mm")
    store.mark_sending("k")
    store.finish("k", JobState.PRINTED)
    again = store.add("k", make_slip(number="B002"), "large_80mm")
    assert (again.id, again.state, again.slip_json) == (first.id, JobState.PRINTED, first.slip_json)
    assert len(store.latest()) == 1


def test_many_threads_with_one_key_make_one_job(store: JobStore) -> None:
    together = threading.Barrier(8)

    def add() -> None:
        together.wait()
        store.add("k", make_slip(), "standard_80mm")

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.latest()) == len(store.history("k")) == 1


def test_jobs_wait_in_the_order_they_came(store: JobStore) -> None:
    for key in ("c", "a", "b"):
        store.add(key, make_slip(), "standard_80mm")
    store.mark_sending("a")
    store.finish("a", JobState.FAILED, "broke")
    assert [job.key for job in store.waiting()] == ["c", "a", "b"]
    assert [job.key for job in store.latest(2)] == ["b", "a"]


def test_the_history_tells_states_reasons_and_times(store: JobStore) -> None:
    store.add("k", make_slip(), "standard_80mm")
    store.mark_sending("k")
    store.finish("k", JobState.FAILED, "the line broke")
    events = store.history("k")
    assert [(event.state, event.reason) for event in events] == [
        ("queued", ""),
        ("sending", ""),
        ("failed", "the line broke"),
    ]
    assert all(before.at <= after.at for before, after in pairwise(events))


def test_what_was_being_sent_when_the_power_went_comes_again_as_a_copy(tmp_path: Path) -> None:
    before = JobStore(tmp_path / "jobs.db")
    for key in ("sent", "cut off", "waiting"):
        before.add(key, make_slip(), "standard_80mm")
    before.mark_sending("sent")
    before.finish("sent", JobState.SENT)
    before.mark_sending("cut off")
    after = JobStore(tmp_path / "jobs.db")
    assert [job.key for job in after.recover()] == ["cut off"]
    assert [(job.key, job.copy, job.attempts) for job in after.waiting()] == [
        ("cut off", True, 0),
        ("waiting", False, 0),
    ]
    assert after.recover() == []


def test_a_failed_attempt_makes_the_next_one_a_copy(store: JobStore) -> None:
    store.add("k", make_slip(), "standard_80mm")
    assert not store.mark_sending("k").copy
    assert store.finish("k", JobState.FAILED, "broke").copy


def test_a_reprint_is_a_copy_unless_it_never_left(store: JobStore) -> None:
    store.add("printed", make_slip(), "standard_80mm")
    store.mark_sending("printed")
    store.finish("printed", JobState.PRINTED)
    assert store.reprint("printed").copy
    store.add("never left", make_slip(), "standard_80mm")
    store.finish("never left", JobState.GIVEN_UP, "no paper")
    assert not store.reprint("never left").copy
    assert {job.key for job in store.waiting()} == {"printed", "never left"}


def test_a_reprint_of_what_is_on_its_way_is_no_second_slip(store: JobStore) -> None:
    store.add("k", make_slip(), "standard_80mm")
    store.mark_sending("k")
    assert store.reprint("k").state is JobState.SENDING


@pytest.mark.parametrize("step", ["reprint", "mark_sending", "finish"])
def test_an_unknown_key_is_an_error(store: JobStore, step: str) -> None:
    with pytest.raises(JobError, match="no print job 'x'"):
        getattr(store, step)(*(("x", JobState.SENT) if step == "finish" else ("x",)))


def test_old_finished_jobs_are_forgotten_and_waiting_ones_never(store: JobStore) -> None:
    for key in ("done", "waiting"):
        store.add(key, make_slip(), "standard_80mm")
    store.finish("done", JobState.GIVEN_UP, "no paper")
    assert store.purge_before(datetime.now(UTC) - timedelta(days=1)) == 0
    assert store.purge_before(datetime.now(UTC) + timedelta(seconds=1)) == 1
    assert store.get("done") is None
    assert store.history("done") == []
    assert store.get("waiting") is not None


def test_a_file_that_cannot_be_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(JobError, match="cannot be kept") as caught:
        JobStore(tmp_path / "file" / "jobs.db")
    assert "\n" not in str(caught.value)
    (tmp_path / "garbage.db").write_bytes(b"not a database at all, but long enough to look" * 50)
    with pytest.raises(JobError, match="file is not a database"):
        JobStore(tmp_path / "garbage.db")


def test_a_newer_file_is_left_alone(tmp_path: Path) -> None:
    JobStore(tmp_path / "jobs.db").close()
    with sqlite3.connect(tmp_path / "jobs.db") as newer:
        newer.execute("PRAGMA user_version = 99")
    with pytest.raises(JobError, match="newer Motcua"):
        JobStore(tmp_path / "jobs.db")


def test_a_full_disk_loses_no_job_and_says_so(store: JobStore) -> None:
    store.add("k", make_slip(), "standard_80mm")
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    papers = [{"vi": "x" * 900} for _ in range(40)]
    with pytest.raises(JobError, match="full"):
        store.add("too much", make_slip(papers=papers), "standard_80mm")
    assert [job.key for job in store.waiting()] == ["k"]
