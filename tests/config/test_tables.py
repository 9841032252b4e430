"""A centre's table as Excel writes it: every form is read alike, and what is wrong is said in Excel's terms."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font

from config.centre.loader import load_centre
from config.centre.models import Procedure
from config.input.xlsx import MOST_BYTES
from tests.config.conftest import FILES

TABLE = [line.split(",") for line in FILES["procedures.csv"].splitlines()]
WIDTH = len(TABLE[0])


def as_csv(rows: list[list[str]], delimiter: str = ",") -> str:
    """As Excel writes text: CRLF, quotes where they are needed."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def padded(rows: list[list[str]], more: int) -> list[list[str]]:
    return [row + [""] * (WIDTH - len(row) + more) for row in rows]


A_DAY = datetime(2026, 11, 28)  # noqa: DTZ001 - a cell of a sheet knows no time zone
BLANK: list[str] = []
TITLE = ["DANH MỤC THỦ TỤC HÀNH CHÍNH NĂM 2026"]
SHAPES: dict[str, bytes] = {
    "CSV UTF-8": b"\xef\xbb\xbf" + as_csv(TABLE).encode(),
    "CSV UTF-8 of a Vietnamese Windows": b"\xef\xbb\xbf" + as_csv(TABLE, ";").encode(),
    "plain UTF-8 with line feeds": as_csv(TABLE).replace("\r\n", "\n").encode(),
    "old Mac line ends": as_csv(TABLE).replace("\r\n", "\r").encode(),
    "Unicode Text": b"\xff\xfe" + as_csv(TABLE, "\t").encode("utf-16-le"),
    "Unicode Text, the other way round": b"\xfe\xff" + as_csv(TABLE, "\t").encode("utf-16-be"),
    "tabs": as_csv(TABLE, "\t").encode(),
    "sep=,": ("sep=,\r\n" + as_csv(TABLE)).encode(),
    "sep=;": b"\xef\xbb\xbf" + ("sep=;\r\n" + as_csv(TABLE, ";")).encode(),
    "sep=|": ("SEP=|\r\n" + as_csv(TABLE, "|")).encode(),
    "empty rows at the end": as_csv([*TABLE, *padded([BLANK] * 3, 0)]).encode(),
    "empty rows everywhere": as_csv(padded([BLANK, TABLE[0], BLANK, TABLE[1], BLANK, BLANK, TABLE[2]], 0)).encode(),
    "rows of blanks": as_csv([TABLE[0], ["  "] * WIDTH, *TABLE[1:], ["\u00a0"] * WIDTH]).encode(),
    "empty columns at the end": as_csv(padded(TABLE, 4)).encode(),
    "an empty column at the beginning": as_csv([["", *row] for row in TABLE]).encode(),
    "an empty column in the middle": as_csv([[*row[:3], "", *row[3:]] for row in TABLE]).encode(),
    "header in capitals": as_csv([[name.upper() for name in TABLE[0]], *TABLE[1:]]).encode(),
    "header with blanks": as_csv([[f" {name.replace('_', ' ').title()} " for name in TABLE[0]], *TABLE[1:]]).encode(),
    "a title above the header": as_csv(padded([TITLE, BLANK, *TABLE], 0)).encode(),
    "two titles": as_csv([TITLE, ["(ban hành kèm theo)"], *TABLE]).encode(),
    "cells left out at the end": as_csv([TABLE[0], *(row[:8] for row in TABLE[1:])]).encode(),
    "numbers with decimals": as_csv(
        [[{"12": "12.0", "15": "15,00"}.get(cell, cell) for cell in row] for row in TABLE]
    ).encode(),
    "leading zeros": as_csv([[{"10": "010", "12": "012"}.get(cell, cell) for cell in row] for row in TABLE]).encode(),
}


@pytest.fixture
def expected(folder: Any) -> list[Procedure]:
    return load_centre(folder.path).procedures


@pytest.mark.parametrize("shape", SHAPES)
def test_a_table_is_read_as_excel_writes_it(folder: Any, expected: list[Procedure], shape: str) -> None:
    (folder.path / "procedures.csv").write_bytes(SHAPES[shape])
    assert load_centre(folder.path).procedures == expected


def test_line_breaks_within_cells_become_blanks(folder: Any) -> None:
    rows = [TABLE[0], [TABLE[1][0], TABLE[1][1], "Đăng ký\n khai sinh\r\nlần đầu", *TABLE[1][3:]], TABLE[2]]
    (folder.path / "procedures.csv").write_bytes(as_csv(rows).encode())
    assert load_centre(folder.path).procedures[0].name["vi"] == "Đăng ký khai sinh lần đầu"
    folder.append("procedures.csv", "HT-2,HT,Kết hôn,,1,weeks,,10,,\n")
    (problem,) = folder.problems()
    assert problem.row == 6  # the line of the file, whatever cells went over several


@pytest.mark.parametrize(
    ("encoding", "name"), [("cp1258", "but Windows-1258"), ("tcvn3", "but TCVN3 (.VnTime)"), ("utf-16-le", "")]
)
def test_an_old_encoding_is_named(folder: Any, encoding: str, name: str) -> None:
    text = as_csv(TABLE)
    data = {
        # Excel writes the code page of Windows with its tones apart.
        "cp1258": b"HT-9,HT,\xd0\xe3ng k\xfd\xec khai sinh, \xf0\xe2\xec\xf0 \xf4\xec t\xf4,,,,,5,,",
        "tcvn3": b"HT-9,HT," + b"\xa7\xa8ng k\xfd khai sinh, \xae\xca\xa5 \xab t\xab,,,,,5,,",
    }.get(encoding)
    raw = text.encode() + data if data else text.encode(encoding)
    (folder.path / "procedures.csv").write_bytes(raw)
    (problem,) = folder.problems()
    assert problem.row == 4 or not data
    assert (
        problem.message
        == f"is not UTF-8{' ' + name if name else ''} (in Excel, save as “CSV UTF-8” or as a workbook (.xlsx))"
    )


def test_a_tcvn3_font_within_unicode_is_named(folder: Any) -> None:
    folder.append("procedures.csv", "HT-9,HT,§¨ng ký khai sinh ®Êt «,,,,,5,,\n")
    told = [problem.message for problem in folder.problems()]
    assert "name_vi: is written with a TCVN3 font (.VnTime): change it to Unicode" in told


def test_merged_cells_are_named_once(folder: Any) -> None:
    rows = [["HT-2", "HT", "a"], ["HT-3", "", "b"], ["HT-4", "", "c"], ["DD-2", "DD", "d"], ["DD-3", "", "e"]]
    for row in rows:
        folder.append("procedures.csv", ",".join([*row, "", "", "", "", "5", "", ""]) + "\n")
    (problem,) = folder.problems()
    assert str(problem) == (
        "procedures.csv:5: department is empty in rows 5, 6, 8, below a row that has one: merged cells? "
        "Write the code into every row"
    )


@pytest.mark.parametrize("code", ["1.001193", "2.000635.000.00.00.H54", "1.001193-X"])
def test_a_national_code_is_a_code(folder: Any, code: str) -> None:
    folder.append("procedures.csv", f"{code},HT,Kết hôn,,,,,5,{code},\n")
    folder.append("papers.toml", f'[[checklist]]\nprocedures = ["{code}"]\npapers = ["form"]\n')
    found = load_centre(folder.path).procedures[2]
    assert (found.code, found.official_code, len(found.papers)) == (code, code, 1)


@pytest.mark.parametrize("code", ["1001193", "1,001193", "1.00119", "1.1", "2"])
def test_a_national_code_that_excel_took_for_a_number_is_told(folder: Any, code: str) -> None:
    folder.append("procedures.csv", f'HT-2,HT,Kết hôn,,,,,5,"{code}",\n')
    (problem,) = folder.problems()
    assert problem.message.startswith(f'official_code: "{code}" lost its dot or its last zeros in Excel')


# --- Workbooks ---------------------------------------------------------------------------------------------------


def save(folder: Any, book: Workbook, name: str = "procedures.xlsx") -> Path:
    (folder.path / "procedures.csv").unlink(missing_ok=True)
    book.save(folder.path / name)
    return Path(folder.path / name)


def workbook(rows: list[list[Any]] | None = None, title: str = "Thủ tục") -> Workbook:
    """The small centre's table with numbers as numbers."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows if rows is not None else TABLE:
        sheet.append([int(cell) if isinstance(cell, str) and cell.isdecimal() else cell or None for cell in row])
    return book


def changed(act: Callable[[Any], None]) -> Workbook:
    book = workbook()
    act(book.active)
    return book


def wide_and_styled(sheet: Any) -> None:
    sheet["A1"].font = Font(bold=True)
    sheet["XFD1048576"].font = Font(bold=True)  # the last cell that there is, with nothing in it


def titled(sheet: Any) -> None:
    sheet.insert_rows(1, 2)
    sheet["A1"] = TITLE[0]
    sheet.merge_cells("A1:J1")


WORKBOOKS: dict[str, Callable[[], Workbook]] = {
    "as it is": workbook,
    "empty columns and rows": lambda: changed(lambda sheet: (sheet.insert_cols(1, 2), sheet.insert_rows(3, 2))),  # type: ignore[arg-type, return-value]
    "a title": lambda: changed(titled),
    "formatted to the last cell": lambda: changed(wide_and_styled),
    "header in capitals": lambda: changed(lambda sheet: sheet.__setitem__("A1", "CODE")),
    "numbers with decimals": lambda: changed(lambda sheet: sheet.__setitem__("E3", 12.0)),
    "numbers as text": lambda: changed(lambda sheet: sheet.__setitem__("H2", "010")),
    "breaks": lambda: changed(lambda sheet: sheet.__setitem__("C2", "Khai\n sinh")),
    "carriage returns": lambda: changed(lambda sheet: sheet.__setitem__("C2", "Khai_x000D_\n sinh")),
}


@pytest.mark.parametrize("shape", WORKBOOKS)
def test_a_workbook_is_read(folder: Any, expected: list[Procedure], shape: str) -> None:
    save(folder, WORKBOOKS[shape]())
    assert load_centre(folder.path).procedures == expected


def test_other_sheets_are_passed_over_and_two_tables_are_refused(folder: Any, expected: list[Procedure]) -> None:
    book = workbook()
    book.create_sheet("Ghi chú", 0).append(["Cập nhật ngày 28/11"])
    book.create_sheet("Cũ").append(TABLE[0])
    book["Cũ"].sheet_state = "hidden"
    save(folder, book)
    assert load_centre(folder.path).procedures == expected
    book["Cũ"].sheet_state = "visible"
    save(folder, book)
    (problem,) = folder.problems()
    assert str(problem) == "procedures.xlsx:1: the table is on several sheets (Thủ tục, Cũ): keep one"


def test_a_mistake_is_told_by_sheet_row_and_column(folder: Any) -> None:
    rows = [
        ["HT 2", "HT", "Kết hôn", None, 1, "weeks", None, 0],
        ["HT-3", "KH", None, None, 1, "working_days", None, 9],
    ]
    book = workbook()
    sheet: Any = book.active
    for row in rows:
        sheet.append(row)
    sheet["L5"] = "x"
    save(folder, book)
    (problem,) = folder.problems()
    assert str(problem) == "procedures.xlsx:Thủ tục row 1: columns unknown: (empty: column L)"
    sheet["L5"] = None
    save(folder, book)
    units = "'working_days', 'calendar_days', 'same_day' or 'hours'"
    assert [(problem.row, problem.message) for problem in folder.problems()] == [
        ("Thủ tục row 4", "column A (code): must be 1 to 32 of A-Z a-z 0-9 . _ -, not 'HT 2'"),
        ("Thủ tục row 4", f"column F (limit_unit): must be {units}, not 'weeks'"),
        ("Thủ tục row 4", "column H (minutes): must be at least 1, not '0'"),
        ("Thủ tục row 5", 'column C (name_vi): the text is empty in language "vi"'),
    ]


def test_numbers_dates_and_formulas(folder: Any) -> None:
    book = workbook()
    sheet: Any = book.active
    sheet.append(["HT-2", "HT", "Kết hôn", None, 5.0, "working_days", A_DAY, 7, 1.00119])
    sheet.append([2, "HT", "Mã số", None, None, None, None, 5, '=HYPERLINK("http://evil.example","x")'])
    sheet["A5"].number_format = "00"
    sheet["I4"].number_format = "0.000000"
    path = save(folder, book)
    (problem,) = folder.problems()
    assert str(problem) == (
        "procedures.xlsx:Thủ tục row 5: column I (official_code): the value of this formula is not in the file: "
        "open it in Excel and save it again"
    )
    as_computed(path, "x")
    found = load_centre(folder.path).procedures
    assert (found[2].limit_value, found[2].limit_note, found[2].official_code) == (5, "2026-11-28", "1.001190")
    assert (found[3].code, found[3].official_code) == ("02", "x")  # the text of the link, and nothing is opened


def as_computed(path: Path, value: str) -> None:
    """The file as Excel saves it: beside the formula stands its value."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    cell = sheet[sheet.index('<c r="I5"') :].partition("</c>")[0]
    made = re.sub(r"<v>.*|<v ?/>", f"<v>{value}</v>", cell.replace('<c r="I5"', '<c r="I5" t="str"'))
    path.write_bytes(zipped(**parts | {"xl/worksheets/sheet1.xml": sheet.replace(cell, made).encode()}))


@pytest.mark.parametrize(("cell", "name"), [("A4", "code"), ("I4", "official_code"), ("H4", "minutes")])
def test_a_date_that_excel_made_of_something_is_told(folder: Any, cell: str, name: str) -> None:
    book = workbook()
    book.active.append(["HT-2", "HT", "Kết hôn", None, None, None, None, 5])  # type: ignore[union-attr]
    book.active[cell] = A_DAY  # type: ignore[index]
    save(folder, book)
    (problem,) = folder.problems()
    assert str(problem).startswith(f"procedures.xlsx:Thủ tục row 4: column {cell[0]} ({name}): Excel made a date of it")


def test_an_error_of_excel_is_told(folder: Any) -> None:
    book = workbook()
    book.active["G2"] = "#REF!"  # type: ignore[index]
    save(folder, book)
    (problem,) = folder.problems()
    assert problem.message == "column G (limit_note): Excel could not compute it (#REF!)"


def test_merged_departments_of_a_workbook(folder: Any) -> None:
    book = workbook()
    sheet: Any = book.active
    for number in range(4, 8):
        sheet.append([f"HT-{number}", "HT", "Kết hôn", None, None, None, None, 5])
    sheet.merge_cells("B4:B7")
    save(folder, book)
    (problem,) = folder.problems()
    assert str(problem).startswith(
        "procedures.xlsx:Thủ tục row 5: column B (department) is empty in rows 5, 6, 7, below"
    )


def test_letters_that_no_font_has_are_named_with_row_and_column(folder: Any) -> None:
    book = workbook()
    book.active["C3"] = "Đất \U0001f3e0\U00013000"  # type: ignore[index]
    save(folder, book)
    (problem,) = folder.problems()
    assert str(problem).startswith("procedures.xlsx:Thủ tục row 3: column C (name_vi): ")
    assert "U+13000" in problem.message


def test_a_workbook_beside_a_csv_is_refused(folder: Any) -> None:
    workbook().save(folder.path / "procedures.xlsx")
    (problem,) = folder.problems()
    assert str(problem) == (
        "procedures.xlsx:1: procedures.csv is there too: keep the one that is right, and take the other away"
    )


def test_another_form_beside_nothing_is_named(folder: Any) -> None:
    (folder.path / "procedures.csv").rename(folder.path / "procedures.ods")
    (problem,) = folder.problems()
    assert str(problem) == "procedures.csv:1: the file is missing; save procedures.ods as .xlsx"


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def with_sheet(xml: bytes) -> bytes:
    """The small workbook with other XML for its sheet."""
    out = io.BytesIO()
    workbook().save(out)
    with zipfile.ZipFile(out) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return zipped(**parts | {"xl/worksheets/sheet1.xml": xml})


BILLION = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet>&a;</worksheet>'


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "is not a workbook that can be read"),
        (b"code,department\n", "is not a workbook that can be read"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "is an old .xls, or locked with a password"),
        (zipped(**{"xl/x": bytes(MOST_BYTES + 1)}), "unpacks to more than 32 MiB"),
        (zipped(**{f"x{number}": b"" for number in range(1001)}), "unpacks to more than 32 MiB"),
        (zipped(**{"[Content_Types].xml": b"<x/>"}), "is not a workbook that can be read"),
        (with_sheet(BILLION), "is not a workbook that can be read"),
        (with_sheet(OUTSIDE), "is not a workbook that can be read"),
        (with_sheet(b"<worksheet><sheetData><row"), "is not a workbook that can be read"),
    ],
    ids=range(9),
)
def test_what_is_no_workbook_is_refused_in_one_line(folder: Any, data: bytes, told: str) -> None:
    (folder.path / "procedures.csv").unlink()
    (folder.path / "procedures.xlsx").write_bytes(data)
    (problem,) = folder.problems()
    assert str(problem).startswith(f"procedures.xlsx:1: {told}")
    assert "\n" not in str(problem)


def test_a_sheet_that_claims_to_be_endless_is_read_as_far_as_it_goes(folder: Any, expected: list[Procedure]) -> None:
    out = io.BytesIO()
    workbook().save(out)
    with zipfile.ZipFile(out) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    start = sheet.index("<dimension")
    claimed = sheet[:start] + '<dimension ref="A1:XFD1048576"/>' + sheet[sheet.index("/>", start) + 2 :]
    far = claimed.replace("</sheetData>", '<row r="1048576"><c r="A1048576"/></row></sheetData>')
    (folder.path / "procedures.csv").unlink()
    (folder.path / "procedures.xlsx").write_bytes(with_sheet(far.encode()))
    assert load_centre(folder.path).procedures == expected


def test_too_many_rows_are_refused(folder: Any) -> None:
    folder.append("procedures.csv", "x,HT,y,,,,,5,,\n" * 20_001)
    told = [problem.message for problem in folder.problems() if "more than" in problem.message]
    assert told == ["more than 20000 rows"]


def test_the_shipped_tables_are_the_same_as_workbooks(tmp_path: Path) -> None:
    """Real ones, with everything that real names hold."""
    for name in ("xa_mau", "thai_binh"):
        source = Path(__file__).parents[2] / "config" / "centres" / name
        copy = tmp_path / name
        copy.mkdir()
        for file in source.iterdir():
            (copy / file.name).write_bytes(file.read_bytes())
        rows = list(csv.reader((source / "procedures.csv").open(encoding="utf-8", newline="")))
        (copy / "procedures.csv").unlink()
        workbook([[*row] for row in rows]).save(copy / "procedures.xlsx")
        assert load_workbook(copy / "procedures.xlsx").active is not None
        assert load_centre(copy).procedures == load_centre(source).procedures
