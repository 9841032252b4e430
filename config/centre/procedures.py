"""The table of procedures: procedures.csv or procedures.xlsx, each row one procedure."""

import re
from pathlib import Path
from typing import Any

from config.centre.missing_glyphs import letters_not_drawn
from config.centre.models import Procedure
from config.centre.reader import ParsedTable, check_model, keep_valid
from config.input.problems import Problems
from config.input.table_reader import Columns, Table, read_table
from config.input.table_rows import Row
from config.text.look_alikes import fold, fold_values
from config.text.types import for_messages

REQUIRED_COLUMNS = ("code", "department", "name_vi", "limit_value", "limit_unit", "limit_note", "minutes")
OPTIONAL_COLUMNS = ("official_code", "same_day_until", "form")
# Where a row comes from. Kept beside the data for its readers; the programs do not use it.
PROVENANCE_COLUMNS = ("level", "basis", "source", "status")
LANGUAGE_COLUMN = re.compile(r"(name|short|limit_words|fee)_[a-z]{2,3}")
COLUMNS = Columns(REQUIRED_COLUMNS, (*OPTIONAL_COLUMNS, *PROVENANCE_COLUMNS), LANGUAGE_COLUMN)
WHOLE = ("limit_value", "minutes")
CODES = ("code", "department", "official_code")
MADE_A_DATE = "Excel made a date of it: format the column as text, and type it again"
LOST_A_DOT = "lost its dot or its last zeros in Excel: format the column as text, and type it again"
MOST_NAMED = 20  # columns or rows in one message
_WHOLE_NUMBER = re.compile(r"(\d+)[.,]0+")
# A national code is a digit, a dot and six digits. Excel takes it for a number and loses its dot or its last zeros.
_DAMAGED_CODE = re.compile(r"[12]|[12][.,]?\d{1,5}|[12],?\d{6}")


def read_procedures(folder: Path, problems: Problems) -> ParsedTable[Procedure]:
    """The procedures of a centre's folder, with whatever could be understood."""
    table = read_table(folder, "procedures", COLUMNS, problems)
    entries: ParsedTable[Procedure] = ParsedTable(table.file if table else "procedures.csv")
    if table is None:
        return entries
    names = [fold(name, is_code=True)[0] for name in table.header.cells]
    table.header.cells[:] = names
    if not _header_is_right(table, problems):
        return entries
    entries.raw = []
    merged, above = [], ""
    for row in table.rows:
        values = _values(table, row, problems)
        entries.raw.append((row.place, values))
        if not values["department"] and above:
            merged.append(row)
            continue
        above = values["department"]
        _keep(entries, table, row, values, problems)
    _tell_merged(table, merged, problems)
    return entries


def _values(table: Table, row: Row, problems: Problems) -> dict[str, str]:
    """The row by the names of its columns, without look-alikes."""
    values, kinds = fold_values(dict(zip(table.header.cells, row.cells, strict=True)))
    problems.note_folded(table.file, row.place, kinds)
    for message in letters_not_drawn(values):
        problems.add(table.file, row.place, _located(table, message))
    return {**values, **{name: _WHOLE_NUMBER.sub(r"\1", values[name]) for name in WHOLE}}


def _keep(entries: ParsedTable[Procedure], table: Table, row: Row, values: dict[str, str], problems: Problems) -> None:
    found = Problems()
    for place in sorted(row.dates):
        if table.header.cells[place] in {*WHOLE, *CODES}:
            name = table.header.cells[place]
            found.add(
                table.file, row.place, f"{name}: Excel made a date of it: format the column as text, type it again"
            )
    if _DAMAGED_CODE.fullmatch(values.get("official_code", "")):
        found.add(table.file, row.place, f'official_code: "{values["official_code"]}" {LOST_A_DOT}')
    if not found.found:
        keep_valid(entries, check_model(Procedure, _procedure(values), table.file, row.place, found), row.place)
    for each in found.found:
        problems.add(table.file, row.place, _located(table, each.message))


def _located(table: Table, message: str) -> str:
    """The message with the column of a workbook in place of a key such as `name.vi`."""
    key, colon, _ = message.partition(": ")
    name = key.replace(".", "_") if key.replace(".", "_") in table.header.cells else f"{key}_vi"
    if not colon or not table.is_workbook or name not in table.header.cells:
        return message
    return table.column(table.header.cells.index(name)) + message.removeprefix(key)


def _tell_merged(table: Table, rows: list[Row], problems: Problems) -> None:
    if rows:
        places = [str(row.place).rpartition(" ")[2] for row in rows]
        more = f" and {len(places) - MOST_NAMED} more" if len(places) > MOST_NAMED else ""
        where = table.column(table.header.cells.index("department"))
        problems.add(
            table.file,
            rows[0].place,
            f"{where} is empty in rows {', '.join(places[:MOST_NAMED])}{more}, below a row that has one: merged cells? "
            "Write the code into every row",
        )


def _header_is_right(table: Table, problems: Problems) -> bool:
    header = table.header.cells
    missing = [name for name in REQUIRED_COLUMNS if name not in header]
    unknown = [
        for_messages(name, 40) or f"(empty: column {letter})"
        for name, letter in zip(header, table.letters, strict=True)
        if not COLUMNS.knows(name)
    ]
    twice = sorted({name for name in header if name and header.count(name) > 1})
    for reason, names in (("missing", missing), ("unknown", unknown), ("more than once", twice)):
        if names:
            problems.add(table.file, table.header.place, f"columns {reason}: {', '.join(names[:MOST_NAMED])}")
    return not (missing or unknown or twice)


def _procedure(row: dict[str, str]) -> dict[str, Any]:
    plain = {name: cell for name, cell in row.items() if name in {*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS} - {"name_vi"}}
    return {
        **plain,
        "limit_value": row["limit_value"] or None,
        "limit_unit": row["limit_unit"] or None,
        "name": {"vi": row["name_vi"]} | _by_language(row, "name_"),
        "short": _by_language(row, "short_"),
        "limit_words": _by_language(row, "limit_words_"),
        "same_day_until": row.get("same_day_until") or None,
        "fee": _by_language(row, "fee_"),
    }


def _by_language(row: dict[str, str], prefix: str) -> dict[str, str]:
    """The cells of the columns called `prefix` and a language; an empty one is a text that is not there."""
    return {name.removeprefix(prefix): cell for name, cell in row.items() if name.startswith(prefix) and cell}
