"""A centre's folder goes into the database."""

import pytest
from sqlalchemy import func, select

from config.centre.loader import load_centre
from config.settings import load_settings
from display_server.bootstrap import create_context
from display_server.db import tables
from display_server.domain.state_machine import Action
from display_server.services.centre import import_centre as module
from display_server.services.centre.import_centre import import_centre
from display_server.services.core.actors import Actor
from display_server.services.core.centres import find_centre, list_centre_ids
from display_server.services.displays.hall import hall_names, hall_snapshot
from display_server.services.errors import InvalidTransition, NotFound
from display_server.services.reporting.dashboard import overview
from display_server.services.tickets.centre_snapshot import centre_view
from display_server.services.tickets.issuing import issue
from display_server.services.tickets.tickets import TicketRequest
from tests.display_server.sample_centre import counter, department, small_centre, text
from tests.display_server.service_harness import ServiceHarness
from tests.server_process import CENTRES

CATALOGUE = [tables.centre, tables.department, tables.procedure, tables.counter, tables.counter_department]


def counts(hall: ServiceHarness) -> list[int]:
    return [hall.rows(select(func.count()).select_from(table))[0][0] for table in CATALOGUE]


@pytest.mark.parametrize("name", ["thai_binh", "xa_mau"])
def test_the_centres_that_we_ship(empty_database: str, name: str) -> None:
    site = create_context(load_settings(server={"database": empty_database, "always_open": True}), create=True)
    done = import_centre(site, load_centre(CENTRES / name))
    assert done.is_new
    centre_id = find_centre(site, name)
    shown = centre_view(site, Actor("staff", 1, "Lan", centre_id))
    assert len(shown.departments) == done.departments
    assert all(each.counters for each in shown.departments)
    prefixes = {each.prefix for each in shown.departments}
    assert len(prefixes) == done.departments
    for each in shown.departments:
        ticket, _ = issue(site, Actor("staff", 1, "Lan", centre_id), TicketRequest(f"r-{each.code}", each.code))
        assert ticket.number == f"{each.prefix}001"
    site.engine.dispose()


def test_the_same_folder_twice_is_harmless(small_hall: ServiceHarness) -> None:
    ticket = small_hall.take()
    before = counts(small_hall)
    assert not import_centre(small_hall.site, small_centre()).is_new
    assert counts(small_hall) == before
    assert small_hall.drain() == [ticket.number]


def test_changes_are_seen_at_once(small_hall: ServiceHarness) -> None:
    assert small_hall.next("1") is None  # what the server remembers of the centre
    names = [department("HT", "A", 1) | {"name": text("Hộ tịch")}, department("DD", "B", 2), department("XH", "C", 3)]
    import_centre(small_hall.site, small_centre(departments=names, counters=[counter("9", ["XH", "DD", "HT"])]))
    shown = hall_names(small_hall.site, small_hall.centre_id)
    assert shown.departments[0].name["vi"] == "Hộ tịch"
    assert [each.code for each in shown.counters] == ["9"]
    with pytest.raises(NotFound):
        small_hall.next("1")


def test_short_names_reach_kiosk_hall_and_counter(small_hall: ServiceHarness) -> None:
    named = {"short": {"vi": "Ngắn"}}
    procedure = {"code": "HT-1", "department": "HT", "name": text("n" * 500), "minutes": 12} | named
    changes = {
        "short": {"en": "Short"},
        "departments": [department("HT", "A", 1) | named, department("DD", "B", 2), department("XH", "C", 3)],
        "counters": [counter("1", ["HT"]) | named, counter("2", ["DD", "XH"])],
        "procedures": [procedure],
    }
    import_centre(small_hall.site, small_centre(**changes))
    names, kiosk = hall_names(small_hall.site, small_hall.centre_id), centre_view(small_hall.site, small_hall.kiosk)
    assert (names.centre.short, kiosk.short) == ({"en": "Short"}, {"en": "Short"})
    for shown in (names.departments, names.counters, kiosk.departments):
        assert [each.short for each in shown][:2] == [{"vi": "Ngắn"}, {}]
    assert kiosk.procedures is not None
    assert [(each.short, len(each.name["vi"])) for each in kiosk.procedures] == [({"vi": "Ngắn"}, 500)]
    small_hall.take("HT")
    call = small_hall.next("1")
    assert call is not None
    assert (call.counter_short, call.counter_name["vi"]) == ({"vi": "Ngắn"}, "Quầy 1")
    assert [each.short for each in hall_snapshot(small_hall.site, small_hall.centre_id).counters] == [
        {"vi": "Ngắn"},
        {},
    ]
    today = overview(small_hall.site, small_hall.clerk).departments
    assert [each.short for each in today] == [{"vi": "Ngắn"}, {}, {}]


def test_prefixes_may_be_swapped(small_hall: ServiceHarness) -> None:
    small_hall.take("HT")
    swapped = [department("HT", "B", 1), department("DD", "A", 2), department("XH", "C", 3)]
    import_centre(small_hall.site, small_centre(departments=swapped))
    assert [small_hall.take("HT").number, small_hall.take("DD").number] == ["B001", "A002"]
    assert small_hall.drain("1") == ["A001", "B001"]


def test_a_queue_that_has_visitors_waiting_is_not_retired(small_hall: ServiceHarness) -> None:
    small_hall.take("XH")
    with pytest.raises(InvalidTransition, match="XH"):
        import_centre(small_hall.site, without_xh())
    assert small_hall.drain("4") == ["C001"]  # nothing has changed
    import_centre(small_hall.site, without_xh())
    with pytest.raises(NotFound):
        small_hall.take("XH")


def test_a_queue_that_has_somebody_parked_is_not_retired(small_hall: ServiceHarness) -> None:
    small_hall.take("XH")
    small_hall.next("4")
    small_hall.step(Action.PARK, "4")
    with pytest.raises(InvalidTransition, match="XH"):
        import_centre(small_hall.site, without_xh())


def without_xh() -> module.Centre:
    departments = [department("HT", "A", 1), department("DD", "B", 2)]
    counters = [counter("1", ["HT"]), counter("2", ["HT"]), counter("3", ["DD", "HT"]), counter("4", ["DD"])]
    return small_centre(departments=departments, counters=counters)


def without_counter_2() -> module.Centre:
    return small_centre(counters=[counter("1", ["HT"]), counter("3", ["DD", "HT"]), counter("4", ["DD", "XH"])])


def test_a_counter_with_a_visitor_is_not_retired(small_hall: ServiceHarness) -> None:
    small_hall.take()
    small_hall.next("2")
    with pytest.raises(InvalidTransition, match="counter 2"):
        import_centre(small_hall.site, without_counter_2())
    small_hall.step(Action.FINISH, "2")
    import_centre(small_hall.site, without_counter_2())


def test_a_counter_that_visitors_were_sent_to_is_not_retired(small_hall: ServiceHarness) -> None:
    small_hall.take()
    small_hall.next("1")
    small_hall.transfer("1", counter="2")
    with pytest.raises(InvalidTransition, match="counter 2"):
        import_centre(small_hall.site, without_counter_2())


def test_history_is_never_deleted(small_hall: ServiceHarness) -> None:
    ticket = small_hall.take("XH")
    small_hall.next("4")
    small_hall.step(Action.FINISH, "4")
    before = counts(small_hall)[:4]
    import_centre(small_hall.site, small_centre(
        departments=[department("HT", "A", 1)], counters=[counter("1", ["HT"])], procedures=[],
    ))  # fmt: skip
    assert counts(small_hall)[:4] == before
    assert small_hall.actions(ticket.id) == ["issued", "called", "finished"]
    assert small_hall.ticket(ticket.id).department == "XH"
    assert [call.number for call in small_hall.hall().calls] == ["C001"]


def test_what_was_retired_may_come_back(small_hall: ServiceHarness) -> None:
    import_centre(small_hall.site, without_xh())
    import_centre(small_hall.site, small_centre())
    assert small_hall.take("XH").number == "C001"
    assert small_hall.next_number("4") == "C001"


def test_a_prefix_that_spells_a_kiosks_offline_numbers_is_refused(small_hall: ServiceHarness) -> None:
    spelled = [department("HT", "A", 1), department("DD", "AK", 2), department("XH", "C", 3)]
    with pytest.raises(InvalidTransition, match="AK"):
        import_centre(small_hall.site, small_centre(departments=spelled))
    assert small_hall.take("DD").number == "B001"


def test_a_two_letter_prefix_that_no_kiosk_writes_is_welcome(small_hall: ServiceHarness) -> None:
    other = [department("HT", "A", 1), department("DD", "AQ", 2), department("XH", "C", 3)]
    import_centre(small_hall.site, small_centre(departments=other))
    assert small_hall.take("DD").number == "AQ001"
    assert small_hall.enrol("kiosk", "kiosk 2").offline_letter == "H"


def test_an_import_that_fails_leaves_nothing_behind(
    small_hall: ServiceHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("the power is gone")

    monkeypatch.setattr(module, "_put_links", fail)
    before = counts(small_hall)
    with pytest.raises(OSError, match="power"):
        import_centre(small_hall.site, small_centre(code="khac"))
    assert counts(small_hall) == before
    assert list_centre_ids(small_hall.site) == [small_hall.centre_id]


def test_two_centres_in_one_database_are_apart(small_hall: ServiceHarness) -> None:
    import_centre(small_hall.site, small_centre(code="khac", departments=[department("HT", "A", 1)], counters=[
        counter("1", ["HT"])], procedures=[]))  # fmt: skip
    other = find_centre(small_hall.site, "khac")
    stranger = Actor("staff", 2, "Minh", other)
    mine = small_hall.take(request_id="tap-1")
    theirs, is_new = issue(small_hall.site, stranger, TicketRequest("tap-1", "HT"))
    assert is_new
    assert (mine.number, theirs.number) == ("A001", "A001")
    version = small_hall.hall().version
    issue(small_hall.site, stranger, TicketRequest("tap-2", "HT"))
    assert small_hall.hall().version == version
    assert small_hall.drain("1") == ["A001"]
    with pytest.raises(NotFound):
        small_hall.ticket(theirs.id)
    with pytest.raises(NotFound):
        small_hall.call("1", ticket_id=theirs.id)


def test_no_centre_yet(empty_database: str) -> None:
    site = create_context(load_settings(server={"database": empty_database}), create=True)
    with pytest.raises(NotFound, match="motcua import"):
        find_centre(site, None)
    site.engine.dispose()
