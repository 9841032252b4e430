"""Each kind of mistake in a centre's folder is found, and told where it is."""

import struct

import pytest

from config.centre.loader import Centre, load_centre

DUPLICATE_DEPARTMENT = '[[department]]\ncode = "{code}"\nprefix = "{prefix}"\nname = {{ vi = "Khác" }}\n'
NEW_COUNTER = '[[counter]]\ncode = "{code}"\nname = {{ vi = "Quầy" }}\ndepartments = {departments}\n'


@pytest.mark.parametrize("name", ["centre.toml", "departments.toml", "counters.toml", "hours.toml", "procedures.csv"])
def test_a_missing_file(folder, told, name):
    (folder.path / name).unlink()

    assert told() == [f"{name}:1: the file is missing"]


@pytest.mark.parametrize("name", ["centre.toml", "procedures.csv"])
def test_a_file_that_cannot_be_read(folder, told, name):
    (folder.path / name).unlink()
    (folder.path / name).mkdir()

    assert told() == [f"{name}:1: cannot be read: Is a directory"]


@pytest.mark.parametrize("name", ["centre.toml", "procedures.csv"])
def test_a_file_that_is_not_utf8(folder, told, name):
    (folder.path / name).write_bytes("line\nkhông".encode("utf-16-le"))

    assert told()[0].startswith(f"{name}:2: is not UTF-8")


def test_toml_that_is_none(folder, told):
    folder.append("hours.toml", "tue = [\n")

    assert told()[0].startswith("hours.toml:")
    assert "not valid TOML" in told()[0]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('code = "small"', 'code = "small centre"', "code: must be 1 to 32 of A-Z a-z 0-9 _ -"),
        ('code = "small"', "", "code: is missing"),
        ('vi = "Trung tâm nhỏ", ', "", 'name: the Vietnamese is missing (key "vi")'),
        ('"Trung tâm nhỏ"', '"  "', 'name: the text is empty in language "vi"'),
        ('"Trung tâm nhỏ"', r'"Trung\ntâm"', "name.vi: must be one line without control characters"),
        ("en = ", "English = ", 'name: "English" is not a language code'),
        ("Asia/Ho_Chi_Minh", "../etc/passwd", "timezone: "),
        ("Asia/Ho_Chi_Minh", "Asia", "timezone: "),
        ('["vi", "en"]', '["en"]', 'languages: "vi" is missing'),
        ('["vi", "en"]', '["vi", "fr"]', 'languages: there is no translation "fr"; there are en, vi'),
        ('["vi", "en"]', '["vi", "vi"]', "languages: a language is listed twice"),
        ('"strict"', '"fair"', "priority.mode: must be 'strict' or 'interleaved', not 'fair'"),
        ("max_wait_minutes = 20", "max_wait_minutes = 0", "priority.max_wait_minutes: "),
        ('code = "elderly"', 'code = "elderly", age = 60', "priority.reasons.1.age: unknown key"),
        ("timezone", "colour = 3\ntimezone", "colour: unknown key"),
    ],
)
def test_a_mistake_in_the_centre_itself(folder, told, old, new, expected):
    folder.change("centre.toml", old, new)

    (problem,) = told()
    assert problem.startswith(f"centre.toml:{expected}")


def test_a_priority_reason_told_twice(folder, told):
    reason = '{ code = "elderly", name = { vi = "Người cao tuổi" } }'
    folder.change("centre.toml", "reasons = [", f"reasons = [{reason}, ")

    assert told() == ['centre.toml:priority.reasons: code "elderly" is used twice']


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"A"', '"a"', "prefix: must be one or two capitals A-Z, not 'a'"),
        ('"A"', '"ABC"', "prefix: must be one or two capitals A-Z"),
        ('"A"', '"Đ"', "prefix: must be one or two capitals A-Z"),
        ('"HT"', '"H T"', "code: must be 1 to 32 of A-Z a-z 0-9 _ -"),
        ('vi = "Hộ tịch", ', "", 'name: the Vietnamese is missing (key "vi")'),
        ('"Hộ tịch"', '""', 'name: the text is empty in language "vi"'),
        ('prefix = "A"', 'prefix = "A"\nprefx = "A"', "prefx: unknown key"),
        ('prefix = "A"', 'prefix = "A"\nposition = 0', "position: "),
        ('prefix = "A"', 'prefix = "A"\nkind = "shop"', "kind: "),
    ],
)
def test_a_mistake_in_a_department(folder, old, new, expected):
    folder.change("departments.toml", old, new)

    problem = folder.problems()[0]
    assert (problem.file, problem.row) == ("departments.toml", "department 1")
    assert problem.message.startswith(expected)


def test_a_department_code_told_twice(folder, told):
    folder.append("departments.toml", DUPLICATE_DEPARTMENT.format(code="HT", prefix="C"))

    assert told() == ['departments.toml:department 3: code "HT" is already that of department 1']


def test_codes_that_differ_by_case_alone(folder, told):
    folder.append("departments.toml", DUPLICATE_DEPARTMENT.format(code="ht", prefix="C"))

    assert 'departments.toml:department 3: code "ht" is already that of department 1' in told()


def test_a_position_told_twice(folder, told):
    folder.change("departments.toml", 'code = "HT"', 'code = "HT"\nposition = 2')

    assert told() == ['departments.toml:department 2: position "2" is already that of department 1']


def test_a_prefix_that_an_offline_number_of_another_department_could_have(folder, told):
    folder.change("departments.toml", '"B"', '"AK"')

    (problem,) = told()
    assert problem.startswith('departments.toml:department 2: prefix "AK" would be taken for an offline number of HT')


def test_a_department_that_no_counter_serves(folder, told):
    folder.change("counters.toml", '["HT", "DD"]', '["DD"]')

    assert told() == ['departments.toml:department 1: no counter serves "HT"']


@pytest.mark.parametrize("text", ["", "department = 3\n", "department = []\n", "department = [1]\n"])
def test_no_departments(folder, told, text):
    folder.write("departments.toml", text)

    assert told() == ["departments.toml:department: at least one [[department]] is needed"]


def test_an_unknown_key_beside_the_entries(folder, told):
    folder.append("counters.toml", "[[counters]]\ncode = '2'\n")

    assert told() == ["counters.toml:counters: unknown key; entries are written as [[counter]]"]


@pytest.mark.parametrize(
    ("code", "departments", "expected"),
    [
        ("2", '["KH"]', 'departments: there is no department "KH"'),
        ("2", '["HT", "HT"]', 'departments: "HT" is listed twice'),
        ("2", "[]", "departments: must have at least 1 entry"),
        ("2", '"HT"', "departments: must be a list such as [ … ], not 'HT'"),
        ("2", "[3]", "departments.1: must be text in quotes, not 3"),
        ("1", '["HT"]', 'code "1" is already that of counter 1'),
        ("", '["HT"]', "code: must be 1 to 32 of A-Z a-z 0-9 _ -"),
    ],
)
def test_a_mistake_in_a_counter(folder, code, departments, expected):
    folder.append("counters.toml", NEW_COUNTER.format(code=code, departments=departments))

    (problem,) = folder.problems()
    assert (problem.file, problem.row) == ("counters.toml", "counter 2")
    assert problem.message.startswith(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[weekly]\nmon = ["11:30-07:30"]', "weekly.mon.1: ends at 07:30, not after its start at 11:30"),
        ('[weekly]\nmon = ["07:30-07:30"]', "weekly.mon.1: ends at 07:30, not after"),
        ('[weekly]\nmon = ["13:00-16:00", "07:30-11:30"]', "weekly.mon: 13:00-16:00 and 07:30-11:30 overlap or"),
        ('[weekly]\nmon = ["07:30-12:00", "11:00-16:00"]', "weekly.mon: 07:30-12:00 and 11:00-16:00 overlap or"),
        ('[weekly]\nmon = ["07:30-25:00"]', "weekly.mon.1.2: "),
        ('[weekly]\nmon = ["morning"]', 'weekly.mon.1: "morning" is not a span of time such as "07:30-11:30"'),
        ('[weekly]\nmonday = ["07:30-11:30"]', "weekly.monday: is not one of mon, tue, wed"),
        ('country = "XX"\n[weekly]', 'country: the library "holidays" does not know the country "XX"'),
        ("closed = [2026-13-01]\n[weekly]", "1: not valid TOML"),
        ('closed = ["31/12/2026"]\n[weekly]', "closed.1: "),
        ("[weekly]\n[opened]\n2026-08-22 = []", "opened.2026-08-22: "),
        ('[weekly]\n[opened]\n22-08 = ["07:30-11:30"]', "opened.22-08: "),
        ('closed = [2026-08-22]\n[weekly]\n[opened]\n2026-08-22 = ["07:30-11:30"]', "opened.2026-08-22: is listed"),
        ("last_tickets_minutes = -5\n[weekly]", "last_tickets_minutes: "),
        ("lunch = true\n[weekly]", "lunch: unknown key"),
        ("", "weekly: is missing"),
    ],
)
def test_a_mistake_in_the_hours(folder, told, text, expected):
    folder.write("hours.toml", f"{text}\n")

    (problem,) = told()
    assert problem.startswith(f"hours.toml:{expected}")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("HT-2,HT,Kết hôn,Marriage,1,working_days,", "7 columns where the header has 10"),
        ("HT-2,HT,Kết hôn, trọng thể,Marriage,1,working_days,,10,,", "11 columns where the header has 10"),
        ("HT-2,HT,,Marriage,1,working_days,,10,,", 'name: the text is empty in language "vi"'),
        ("HT-2,KH,Kết hôn,,1,working_days,,10,,", 'department: there is no department "KH"'),
        ("HT-1,HT,Kết hôn,,1,working_days,,10,,", 'code "HT-1" is already that of line 2'),
        ("HT 2,HT,Kết hôn,,1,working_days,,10,,", "code: must be 1 to 32 of A-Z a-z 0-9 . _ -"),
        ("HT-2,HT,Kết hôn,,one,working_days,,10,,", "limit_value: must be a whole number"),
        ("HT-2,HT,Kết hôn,,-1,working_days,,10,,", "limit_value: "),
        ("HT-2,HT,Kết hôn,,1,weeks,,10,,", "limit_unit: must be 'working_days'"),
        ("HT-2,HT,Kết hôn,,1,,,10,,", "limit_value without limit_unit"),
        ("HT-2,HT,Kết hôn,,,working_days,,10,,", "limit_unit without limit_value"),
        ("HT-2,HT,Kết hôn,,1,working_days,,,,", "minutes: must be a whole number"),
        ("HT-2,HT,Kết hôn,,1,working_days,,0,,", "minutes: "),
        ('HT-2,HT,"Kết hôn,,1,working_days,,10,,', "not valid CSV: "),
    ],
)
def test_a_mistake_in_a_procedure(folder, row, expected):
    folder.append("procedures.csv", f"{row}\n")

    (problem,) = folder.problems()
    assert (problem.file, problem.row) == ("procedures.csv", 4)
    assert problem.message.startswith(expected)


def test_the_row_of_a_procedure_is_the_line_it_starts_on(folder):
    folder.change("procedures.csv", "Birth", '"Birth\nof a child"')
    folder.append("procedures.csv", "HT-2,HT,Kết hôn,,1,weeks,,10,,\n")

    assert [problem.row for problem in folder.problems()] == [5]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("name_vi", "name", ["columns missing: name_vi", "columns unknown: name"]),
        ("name_en", "name_vi", ["columns more than once: name_vi"]),
        ("source", "Source!", ["columns unknown: source!"]),
        ("code,department", "department", ["columns missing: code"]),
    ],
)
def test_a_wrong_header(folder, told, old, new, expected):
    folder.change("procedures.csv", old, new)

    assert told() == [f"procedures.csv:1: {message}" for message in expected]


def test_a_column_without_a_name_that_holds_something(folder, told):
    folder.change("procedures.csv", ",source", ",")
    folder.append("procedures.csv", "HT-2,HT,Kết hôn,,1,working_days,,10,,here\n")

    assert told() == ["procedures.csv:1: columns unknown: (empty: column J)"]


def test_an_empty_table_of_procedures(folder, told):
    folder.write("procedures.csv", "")

    assert told()[0].startswith("procedures.csv:1: columns missing: code, department")


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"\x08\x06\x00\x00\x00"


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (b"", "is not a PNG picture"),
        (b"GIF89a", "is not a PNG picture"),
        (png(20, 200), "is 20×200 pixels; each edge must have 64 to 2000"),
        (png(200, 9000), "is 200×9000 pixels; each edge must have 64 to 2000"),
        (png(200, 200) + bytes(300_000), "is larger than 200 KiB"),
    ],
)
def test_an_emblem_that_is_none(folder, told, picture, expected):
    (folder.path / "emblem.png").write_bytes(picture)

    assert told() == [f"emblem.png:1: {expected}"]


def test_an_emblem_survives_being_kept_as_json(folder):
    (folder.path / "emblem.png").write_bytes(png(200, 200))
    centre = load_centre(folder.path)

    assert Centre.model_validate_json(centre.model_dump_json()) == centre


@pytest.mark.parametrize(
    ("codes", "problem"), [('["NOPE"]', 'there is no department "NOPE"'), ('["HT", "HT"]', '"HT" is listed twice')]
)
def test_what_comes_first_on_kiosks_is_a_department_once(folder, told, codes, problem):
    folder.change("centre.toml", "slip_note", f"queues_first = {codes}\nslip_note")
    assert told() == [f"centre.toml:queues_first: {problem}"]
