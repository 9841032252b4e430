"""What the sheets of an .xlsx file hold, as text: values that Excel computed, never a formula.

A workbook is a zip of XML: how much comes out of it is bounded before it is unpacked, and defusedxml refuses entities.
"""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from config.input.table_rows import Row
from config.text.types import for_messages

OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # an .xls, or a workbook that is locked with a password
MOST_BYTES = 32 * 2**20
MOST_FILES = 1000
MOST_SHEETS = 50
MOST_COLUMNS = 256
CUT = "the value of this formula is not in the file: open it in Excel and save it again"
_CARRIAGE_RETURN = "_x000D_"  # ECMA-376, 22.4.2.4: how XML keeps what it would lose


def read_workbook(data: bytes, most_rows: int) -> dict[str, list[Row]]:
    """The rows of each visible sheet by its name. Raises `ValueError`, one line, for what is no workbook."""
    if data.startswith(OLE):
        raise ValueError("is an old .xls, or locked with a password: save it as .xlsx without one")
    try:
        _check_size(data)
        values, formulas = _open(data, values=True), _open(data, values=False)
        return {
            sheet.title: _rows(sheet, formulas[sheet.title], most_rows)
            for sheet in values.worksheets[:MOST_SHEETS]
            if sheet.sheet_state == "visible"
        }
    except _TooMuch as error:
        raise ValueError(str(error)) from error
    except ImportError as error:
        raise ValueError("reading .xlsx needs the Python package openpyxl (it is part of a server)") from error
    except Exception as error:  # openpyxl lets through whatever its parsers raise
        raise ValueError("is not a workbook that can be read: open it in Excel and save it again as .xlsx") from error


class _TooMuch(Exception):
    pass


def _check_size(data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        listed = archive.infolist()
    if len(listed) > MOST_FILES or sum(each.file_size for each in listed) > MOST_BYTES:
        raise _TooMuch(f"unpacks to more than {MOST_BYTES // 2**20} MiB: no table of procedures is as large")


def _open(data: bytes, *, values: bool) -> Any:
    import defusedxml  # noqa: F401, PLC0415 - openpyxl uses it by itself where it is there; without it nothing is read
    import openpyxl  # noqa: PLC0415 - slow to load, and most commands read none

    return openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=values, keep_links=False)


def _rows(values: Any, formulas: Any, most: int) -> list[Row]:
    found: list[Row] = []
    gap: Any = None  # openpyxl gives one and the same row for all that are not there, maybe a million
    for number, (cells, written) in enumerate(zip(_cells(values), _cells(formulas), strict=False), start=1):
        row = _row(f"{for_messages(values.title, 40)} row {number}", cells, written) if cells is not gap else None
        if row is None:
            gap = cells
            continue
        if len(found) == most:
            raise _TooMuch(f"more than {most} rows on sheet {for_messages(values.title, 40)}")
        found.append(row)
    return found


def _cells(sheet: Any) -> Iterator[tuple[Any, ...]]:
    sheet.reset_dimensions()  # what a sheet says of its size may be anything
    yield from sheet.iter_rows(max_col=MOST_COLUMNS)


def _row(place: str, cells: tuple[Any, ...], written: tuple[Any, ...]) -> Row | None:
    texts, dates, troubles = [], set(), []
    for index, (cell, source) in enumerate(zip(cells, written, strict=False)):
        texts.append(_text(cell))
        if isinstance(cell.value, date | time):
            dates.add(index)
        if cell.value is None and getattr(source, "data_type", "") == "f":
            troubles.append((index, CUT))
        if getattr(cell, "data_type", "") == "e":
            troubles.append((index, f"Excel could not compute it ({for_messages(str(cell.value), 20)})"))
    if not troubles and not any(texts):
        return None
    return Row(place, texts, frozenset(dates), tuple(troubles))


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float | int):
        return _number(value, str(cell.number_format or ""))
    if isinstance(value, date | time):
        return _moment(value)
    return str(value).replace(_CARRIAGE_RETURN, "").strip()


def _moment(value: date | time) -> str:
    """As it is written by people who write dates for computers; seconds only where there are any."""
    if isinstance(value, time):
        return value.isoformat("auto" if value.second or value.microsecond else "minutes")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return value.isoformat()


def _number(value: float, shown: str) -> str:
    """A number as it is seen in its cell: 2 formatted "00" is 02, and 5.0 is 5."""
    if shown and set(shown) == {"0"} and float(value).is_integer():
        return str(int(value)).zfill(len(shown))
    whole, _, decimals = shown.partition(".")
    if whole == "0" and decimals and set(decimals) == {"0"} and not float(value).is_integer():
        return f"{value:.{len(decimals)}f}"
    return str(int(value)) if float(value).is_integer() else repr(value)
