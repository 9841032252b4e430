"""The two centres that come with Motcua."""

import csv
import re
from collections import Counter as Count
from datetime import date, time
from pathlib import Path

import pytest

import config
from config.centre.loader import Centre, load_centre

CENTRES = Path(config.__file__).parent / "centres"


@pytest.fixture(scope="module")
def thai_binh() -> Centre:
    return load_centre(CENTRES / "thai_binh")


@pytest.fixture(scope="module")
def xa_mau() -> Centre:
    return load_centre(CENTRES / "xa_mau")


@pytest.fixture(scope="module", params=sorted(folder.name for folder in CENTRES.iterdir() if folder.is_dir()))
def centre(request: pytest.FixtureRequest) -> Centre:
    return load_centre(CENTRES / request.param)


def rows(name: str) -> list[dict[str, str]]:
    with (CENTRES / name / "procedures.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_thai_binh_has_19_departments_and_three_desks(thai_binh):
    kinds = Count(department.kind for department in thai_binh.departments)

    assert kinds == {"department": 19, "desk": 3}
    assert [department.position for department in thai_binh.departments[:19]] == list(range(1, 20))


def test_thai_binh_has_200_procedures_with_time_limits(thai_binh):
    assert len(thai_binh.procedures) == 200
    assert [procedure.code for procedure in thai_binh.procedures if procedure.limit_unit is None] == []


def test_thai_binh_tells_which_procedures_are_sourced():
    assert Count(row["status"] for row in rows("thai_binh")) == {"law": 91, "page": 25, "code": 12, "plausible": 72}


def test_thai_binh_has_23_counters_of_which_two_are_shared_and_one_gives_results(thai_binh):
    plan = [counter.departments for counter in thai_binh.counters]
    counters_of = Count(department for departments in plan for department in departments)

    assert [counter.code for counter in thai_binh.counters] == [str(number) for number in range(1, 24)]
    assert [len(departments) for departments in plan] == [1] * 20 + [6, 6, 1]
    assert plan[-1] == ["TRAKQ"]
    assert set(counters_of.values()) == {1, 2}


def test_thai_binh_is_open_on_weekdays_morning_and_afternoon(thai_binh):
    day = [(time(7, 30), time(11, 30)), (time(13, 30), time(16, 30))]

    assert thai_binh.hours.country == "VN"
    assert [thai_binh.hours.weekly[key] for key in ("mon", "tue", "wed", "thu", "fri")] == [day] * 5
    assert thai_binh.hours.weekly["sat"] == thai_binh.hours.weekly["sun"] == []


def test_swap_days_are_weekend_days_that_are_worked(centre):
    assert sorted(centre.hours.opened) == [date(2026, 1, 10), date(2026, 8, 22)]
    assert {day.weekday() for day in centre.hours.opened} == {5}


def test_xa_mau_has_four_queues_and_three_counters(xa_mau):
    assert (len(xa_mau.departments), len(xa_mau.counters), len(xa_mau.procedures)) == (4, 3, 30)
    assert xa_mau.hours.weekly["sat"] == [(time(7, 30), time(11, 30))]


def test_every_procedure_has_a_checklist_in_every_language(centre):
    papers = {frozenset(paper) for procedure in centre.procedures for paper in procedure.papers}

    assert [procedure.code for procedure in centre.procedures if not procedure.papers] == []
    assert papers == {frozenset(centre.languages)}


def test_every_name_is_there_in_every_language_of_the_centre(centre):
    entries = [*centre.departments, *centre.procedures, *centre.counters, *centre.priority.reasons, centre]

    assert [entry.code for entry in entries if not set(centre.languages) <= set(entry.name)] == []


def test_prefixes_avoid_letters_that_are_read_as_digits_or_hard_to_say(centre):
    assert [entry.code for entry in centre.departments if re.search("[IJOSWYZ]", entry.prefix)] == []


def test_the_five_priority_reasons_are_there(centre):
    codes = [reason.code for reason in centre.priority.reasons]

    assert codes == ["elderly", "small_child", "pregnant", "disabled", "merit"]


def test_the_readme_tells_how_many_procedures_are_only_plausible(centre):
    plausible = sum(row["status"] == "plausible" for row in rows(centre.code))
    readme = (CENTRES / centre.code / "README.md").read_text(encoding="utf-8")

    assert f"({plausible} of " in readme or f"`plausible` ({plausible})" in readme
