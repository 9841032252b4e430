"""A list of documents without a number: how it looks, and that nothing of it is kept."""

import json
from pathlib import Path
from typing import Any

import pytest

from printer.errors import LayoutError, SlipError
from printer.jobs.store import LIST_KEY, JobStore
from printer.jobs.worker import PrintWorker
from printer.rendering.image import render_slip
from printer.rendering.profile import DEFAULT, load_profile
from printer.rendering.slip_bytes import fitted, render_slip_bytes
from printer.slip.layout import DOCUMENTS, load_layout, parse_layout
from printer.slip.slip import Slip
from tests.printer.conftest import Hall, make_slip, same
from tests.printer.test_worker import Start

BIRTH, IDENTITY = "Giấy chứng sinh", "Căn cước công dân"
PAPERS = ({"vi": BIRTH, "en": "Certificate of birth"}, {"vi": IDENTITY, "en": "Identity card"})


def make_list(**changes: Any) -> Slip:
    facts = {"number": "", "is_list": True, "procedure": {"vi": "Khai sinh"}, "papers": PAPERS}
    return make_slip(**(facts | changes))


def typed(slip: Slip) -> str:
    return render_slip_bytes(slip, DOCUMENTS, load_profile("text"), 384).decode("ascii", "replace")


@pytest.mark.parametrize("wrong", [{"is_list": True}, {"number": ""}, {"papers": PAPERS, "ready": (True,)}])
def test_a_slip_has_a_number_or_is_a_list(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"number|count of papers"):
        make_slip(**wrong)


def test_a_list_is_the_same_again_after_it_was_stored_and_a_broken_one_is_told_in_a_line() -> None:
    slip = make_list(ready=(True, False), fee={"vi": "8.000 đồng"}, form="TK-01", limit={"vi": "Trong ngày"})
    assert Slip.from_json(slip.to_json()) == slip
    with pytest.raises(SlipError, match="number"):
        Slip.from_json(slip.to_json().replace('"is_list":true', '"is_list":false'))


def test_a_ticket_is_stored_without_what_only_lists_have() -> None:
    """The version before this one, after a step back, prints what is still queued."""
    assert not {"is_list", "ready", "fee", "form", "limit"} & set(json.loads(make_slip().to_json()))


def test_what_a_wrong_slip_holds_is_not_in_its_error() -> None:
    """It goes into the log."""
    for wrong in ({"status_url": "/t/" + "geheim" * 60}, {"papers": PAPERS, "ready": (True,)}):
        with pytest.raises(ValueError, match=r"slip|url|papers") as told:
            make_slip(**wrong)
        assert not any(secret in str(told.value) for secret in ("geheim", IDENTITY))


def test_a_layout_says_what_it_is_for(tmp_path: Path) -> None:
    assert load_layout(DOCUMENTS).purpose == "documents"
    no_list = 'purpose = "documents"\nwidth = 576\n[[block]]\nkind = "rule"\n'
    with pytest.raises(LayoutError, match="without its list"):
        parse_layout(no_list, "own.toml")
    store = JobStore(tmp_path / "jobs.db")
    with pytest.raises(LayoutError, match="purpose"):
        PrintWorker(store, f"virtual://{tmp_path}", DOCUMENTS, 1)
    store.close()


@pytest.mark.parametrize("width", [576, 512, 384])
def test_it_is_as_wide_as_the_tickets_and_says_what_is_missing(width: int) -> None:
    layout = fitted(load_layout(DOCUMENTS), load_profile(DEFAULT), width)
    plain, some, full = (make_list(ready=ready) for ready in ((), (True, False), (True, True)))
    pictures = [render_slip(slip, layout) for slip in (plain, some, full)]
    assert {picture.width for picture in pictures} == {width}
    assert len({picture.tobytes() for picture in pictures}) == 3


def test_in_the_printers_own_type_boxes_are_ticked_too() -> None:
    text = typed(make_list(ready=(True, False)))
    assert text.index("Con thieu") < text.index("[ ] Can cuoc") < text.index("Da co") < text.index("[x] Giay chung")
    assert "[x]" not in typed(make_list())
    assert "Con thieu" not in typed(make_list(ready=(True, True)))
    assert "khong phai la so thu tu" in text


def test_sixty_documents_of_190_letters_are_drawn_whole() -> None:
    names = tuple({"vi": (f"{place} " + "Bản sao hợp lệ giấy tờ " * 9)[:190].strip()} for place in range(60))
    slip = make_list(papers=names, ready=tuple(place % 2 == 0 for place in range(60)))
    assert "…" not in typed(slip)
    assert render_slip(slip, load_layout(DOCUMENTS)).height > 60 * 26


def test_a_list_comes_out_through_the_queue_and_is_forgotten_when_its_visitor_leaves(
    paper_hall: Hall, work: Start, store: JobStore
) -> None:
    one = work(paper_hall.url)
    slip = make_list(ready=(True, False))
    one.worker.submit_list("l", slip)
    one.until_state(LIST_KEY + "l", "printed")
    layout = fitted(load_layout(DOCUMENTS), load_profile(DEFAULT), load_layout("standard_80mm").width)
    assert same(paper_hall.pictures(1)[0], render_slip(slip, layout))
    assert store.latest() == [], "staff see no list among the numbers"
    one.worker.withdraw_list("l")
    one.until(lambda: store.get(LIST_KEY + "l") is None)
    store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = b"".join(path.read_bytes() for path in store._path.parent.glob(store._path.name + "*"))
    assert IDENTITY.encode() not in kept


def test_without_paper_nothing_of_it_comes_out_for_the_next_visitor(
    paper_hall: Hall, work: Start, store: JobStore
) -> None:
    paper_hall.set(paper="out")
    one = work(paper_hall.url)
    one.worker.submit_list("l", make_list())
    one.until_problem("paper_out")
    one.worker.withdraw_list("l")
    one.until(lambda: store.get(LIST_KEY + "l") is None)
    one.worker.submit("k", make_slip())
    paper_hall.set(paper="ok")
    one.until_state("k", "printed")
    assert same(paper_hall.pictures(1)[0], render_slip(make_slip(), load_layout("standard_80mm")))


def test_a_start_forgets_lists_and_prints_numbers(paper_hall: Hall, work: Start, store: JobStore) -> None:
    store.add("k", make_slip(), "standard_80mm")
    store.add(LIST_KEY + "l", make_list(), DOCUMENTS)
    store.mark_sending(LIST_KEY + "l")
    one = work(paper_hall.url)
    one.until_state("k", "printed")
    assert store.get(LIST_KEY + "l") is None
    assert len(paper_hall.pictures(1)) == 1
