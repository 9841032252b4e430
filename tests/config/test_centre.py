"""config/centre/loader.py: a centre's folder becomes a `Centre`, or a list of everything that is wrong with it."""

import unicodedata
from datetime import date, time

import pytest
from pydantic import ValidationError

from config.centre.loader import Centre, CentreDataError, Hours, load_centre


def test_a_small_centre_loads(folder):
    centre = load_centre(folder.path)

    assert (centre.code, centre.name["en"], centre.priority.others_between) == ("small", "Small centre", 3)
    assert [(department.code, department.position) for department in centre.departments] == [("HT", 1), ("DD", 2)]
    assert centre.counters[0].departments == ["HT", "DD"]
    assert [procedure.limit_unit for procedure in centre.procedures] == ["same_day", "working_days"]


def test_papers_are_told_in_each_language(folder):
    papers = load_centre(folder.path).procedures[0].papers

    assert papers == [{"vi": "Tờ khai", "en": "Form"}, {"vi": "Giấy chứng sinh", "en": "Certificate"}]


def test_a_procedure_without_papers_or_limit_is_welcome(folder):
    folder.append("procedures.csv", "DD-2,DD,Hỏi đáp,,,,,5,,\n")

    procedure = load_centre(folder.path).procedures[-1]

    assert (procedure.name, procedure.papers) == ({"vi": "Hỏi đáp"}, [])
    assert (procedure.limit_value, procedure.limit_unit) == (None, None)


def test_a_further_language_is_one_more_key_and_column(folder):
    folder.change("departments.toml", 'en = "Land"', 'en = "Land", fr = "Terre"')
    folder.change("procedures.csv", "name_en", "name_fr")

    centre = load_centre(folder.path)

    assert centre.departments[1].name["fr"] == "Terre"
    assert centre.procedures[0].name == {"vi": "Khai sinh", "fr": "Birth"}


def test_departments_come_in_the_order_of_their_positions(folder):
    folder.change("departments.toml", 'code = "HT"', 'code = "HT"\nposition = 9')

    assert [department.code for department in load_centre(folder.path).departments] == ["DD", "HT"]


def test_hours_are_spans_of_time_and_unnamed_weekdays_are_closed(folder):
    folder.append("hours.toml", '[opened]\n2026-08-22 = ["07:30-11:30"]\n')

    hours = load_centre(folder.path).hours

    assert hours.weekly["mon"] == [(time(7, 30), time(11, 30)), (time(13, 30), time(16, 30))]
    assert hours.weekly["sun"] == []
    assert hours.opened == {date(2026, 8, 22): [(time(7, 30), time(11, 30))]}


def test_hours_survive_the_way_through_json(folder):
    folder.append("hours.toml", '[opened]\n2026-08-22 = ["07:30-11:30"]\n')
    hours = load_centre(folder.path).hours

    assert Hours.model_validate(hours.model_dump(mode="json")) == hours
    assert Hours.model_validate_json(hours.model_dump_json()) == hours


def test_a_whole_centre_survives_the_way_through_json(folder):
    centre = load_centre(folder.path)

    assert Centre.model_validate_json(centre.model_dump_json()) == centre


def test_a_centre_cannot_be_changed(folder):
    with pytest.raises(ValidationError, match="frozen"):
        load_centre(folder.path).departments[0].prefix = "Z"


def test_files_as_excel_and_windows_write_them_are_read(folder):
    for file in folder.path.iterdir():
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))

    assert len(load_centre(folder.path).procedures) == 2


def test_decomposed_letters_are_put_together(folder):
    folder.change("departments.toml", "Hộ tịch", unicodedata.normalize("NFD", "Hộ tịch"))

    assert load_centre(folder.path).departments[0].name["vi"] == unicodedata.normalize("NFC", "Hộ tịch")


def test_blank_lines_in_the_procedures_are_passed_over(folder):
    folder.append("procedures.csv", "\n\n")

    assert len(load_centre(folder.path).procedures) == 2


def test_two_letter_prefixes_are_free_where_no_offline_number_can_look_like_them(folder):
    folder.change("departments.toml", '"B"', '"AQ"')

    assert load_centre(folder.path).departments[1].prefix == "AQ"


def test_a_folder_that_is_not_there_is_told_by_its_name(tmp_path):
    with pytest.raises(CentreDataError, match="nowhere: is not a folder"):
        load_centre(tmp_path / "nowhere")


def test_many_problems_are_told_at_once_with_file_and_row(folder, told):
    folder.change("centre.toml", "Asia/Ho_Chi_Minh", "Asia/Hochiminh")
    folder.change("departments.toml", 'prefix = "B"', 'prefix = "A"')
    folder.change("counters.toml", '"DD"]', '"XD"]')
    folder.change("hours.toml", "07:30-11:30", "07:30-14:00")
    folder.change("procedures.csv", "DD-1,DD", "HT-1,TP")

    assert told() == [
        'centre.toml:timezone: "Asia/Hochiminh" is not a time zone such as "Asia/Ho_Chi_Minh"',
        "hours.toml:weekly.mon: 07:30-14:00 and 13:30-16:30 overlap or are out of order",
        'departments.toml:department 2: prefix "A" is already that of department 1',
        'departments.toml:department 2: no counter serves "DD"',
        'counters.toml:counter 1: departments: there is no department "XD"',
        'procedures.csv:3: code "HT-1" is already that of line 2',
        'procedures.csv:3: department: there is no department "TP"',
    ]


def test_the_text_of_the_error_is_one_line_a_problem(folder):
    folder.change("centre.toml", '"small"', '"small centre"')
    folder.change("hours.toml", "VN", "XX")

    with pytest.raises(CentreDataError) as caught:
        load_centre(folder.path)

    assert str(caught.value).splitlines() == [str(problem) for problem in caught.value.problems]
    assert caught.value.exit_code == 1


def test_an_entry_that_is_wrong_in_itself_raises_no_false_alarms(folder):
    folder.change("departments.toml", 'prefix = "B"', 'prefix = "b"')

    assert [problem.row for problem in folder.problems()] == ["department 2"]


def test_departments_that_cannot_be_read_raise_no_false_alarms(folder):
    folder.write("departments.toml", "[[department]\n")

    assert [(problem.file, problem.row) for problem in folder.problems()] == [("departments.toml", 1)]
