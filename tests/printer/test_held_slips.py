"""A slip comes out while its visitor may be there: afterwards it is held until somebody asks for it."""

from datetime import timedelta
from typing import get_args

import pytest

from display_server.services.kiosks.status import PrinterProblem
from printer.jobs.store import JobStore
from printer.jobs.worker import HOLD_AFTER, MAX_JOB_AGE
from printer.rendering.image import render_slip
from printer.slip.layout import load_layout
from printer.transports.status import PROBLEMS
from tests.printer.conftest import Hall, make_slip, same
from tests.printer.test_worker import Start

LAYOUT = load_layout("standard_80mm")
FOR_EVER = timedelta(hours=1)


def drawn(number: str) -> object:
    return render_slip(make_slip(number=number), LAYOUT)


@pytest.mark.parametrize("fault", [{"paper": "out"}, {"cover_open": True}, {"offline": True}, {"cutter_error": True}])
def test_the_next_visitors_slip_is_the_first_that_comes_out(
    paper_hall: Hall, work: Start, fault: dict[str, object]
) -> None:
    paper_hall.set(**fault)
    one = work(paper_hall.url, hold_after=FOR_EVER)
    one.worker.submit("first", make_slip(number="A004"))
    one.until_problem({"paper": "paper_out"}.get(next(iter(fault)), next(iter(fault))))
    one.worker.visitor_left("first")
    one.until_state("first", "given_up")
    one.worker.submit("second", make_slip(number="F002"))
    paper_hall.set(**{name: "ok" if name == "paper" else False for name in fault})
    one.until_state("second", "printed")
    assert same(paper_hall.pictures(1)[0], drawn("F002"))
    held = one.worker.job("first")
    assert held is not None
    assert held.is_held
    one.worker.reprint("first")
    one.until_state("first", "printed")
    assert same(paper_hall.pictures(2)[1], drawn("A004")), "no byte of it ever went out: it is no copy"


def test_who_leaves_while_the_printer_works_gets_the_slip(paper_hall: Hall, work: Start) -> None:
    one = work(paper_hall.url)
    one.worker.submit("k", make_slip())
    one.worker.visitor_left("k")
    one.until_state("k", "printed")


def test_who_waits_gets_the_slip_when_the_paper_is_back(paper_hall: Hall, work: Start) -> None:
    paper_hall.set(paper="out")
    one = work(paper_hall.url)
    one.worker.submit("k", make_slip())
    one.until_problem("paper_out")
    paper_hall.set(paper="ok")
    one.until_state("k", "printed")


def test_two_minutes_for_a_visitor_and_thirty_for_staff(paper_hall: Hall, work: Start, store: JobStore) -> None:
    assert (timedelta(minutes=2), timedelta(minutes=30)) == (HOLD_AFTER, MAX_JOB_AGE)
    paper_hall.set(paper="out")
    one = work(paper_hall.url, hold_after=timedelta(seconds=0.05), patience=FOR_EVER)
    one.worker.submit("visitor", make_slip(number="A001"))
    one.until_state("visitor", "given_up")
    one.worker.reprint("visitor", asked="7")
    one.worker.submit("another", make_slip(number="A002"))
    one.until_state("another", "given_up")
    assert [job.key for job in store.waiting()] == ["visitor"], "staff wait for it beside the printer"
    paper_hall.set(paper="ok")
    one.until_state("visitor", "printed")
    assert same(paper_hall.pictures(1)[0], drawn("A001"))


def test_what_a_power_cut_left_behind_for_long_is_held(paper_hall: Hall, work: Start, store: JobStore) -> None:
    store.add("old", make_slip(number="A001"), "standard_80mm")
    store.add("sending", make_slip(number="A002"), "standard_80mm")
    store.mark_sending("sending")
    store._db.execute("UPDATE job SET created_at = '2026-01-01T00:00:00+00:00'")
    store.add("new", make_slip(number="A003"), "standard_80mm")
    one = work(paper_hall.url)
    one.until_state("new", "printed")
    assert [job.state for job in map(one.worker.job, ("old", "sending")) if job] == ["given_up", "given_up"]
    one.worker.reprint("sending")
    one.until_state("sending", "printed")
    job = one.worker.job("sending")
    assert job is not None
    assert job.copy, "it may have been on paper"


def test_the_server_takes_in_every_problem_that_a_printer_may_have() -> None:
    assert set(PROBLEMS) <= set(get_args(PrinterProblem))
