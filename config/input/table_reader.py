"""The one reader of tables that people keep in a spreadsheet: CSV in every form that Excel writes, and .xlsx.

What a spreadsheet adds by itself is taken away: separators, byte-order marks, empty rows and columns, a title above the
header, line breaks within cells. Whatever could change what is meant is a problem with its row and column.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from config.input.problems import Problems, read_or_tell
from config.input.table_rows import Row, column_letter
from config.input.xlsx import read_workbook
from config.text.legacy_encodings import decode, is_tcvn3, unreadable
from config.text.types import for_messages

DELIMITERS = (",", ";", "\t")
TCVN3 = "is written with a TCVN3 font (.VnTime): change it to Unicode"
FIRST_ROWS = 5  # among which the header stands
MOST_ROWS = 20_000
OTHER_FORMS = (".xls", ".xlsm", ".xlsb", ".ods")
_BREAKS = re.compile(r"\s*[\r\n]+\s*")
_SEP = re.compile(r'"?sep=([^\r\n])"?,*;*\t*(\r\n|\r|\n)', re.IGNORECASE)


@dataclass(frozen=True)
class Columns:
    """What a table may have. `pattern`: names of further columns."""

    required: Sequence[str]
    optional: Sequence[str]
    pattern: re.Pattern[str]

    def knows(self, name: str) -> bool:
        return name in {*self.required, *self.optional} or self.pattern.fullmatch(name) is not None

    def fits(self, names: Sequence[str]) -> bool:
        """Whether a header has all that it needs, nothing unknown and nothing twice."""
        return set(self.required) <= set(names) and all(map(self.knows, names)) and len(set(names)) == len(names)


@dataclass
class Table:
    """`header`: folded names; each row has as many cells. `letters`: of the columns, as the spreadsheet has them.

    `width`: cells of the header as it was written.
    """

    file: str
    header: Row
    letters: list[str]
    width: int
    rows: list[Row] = field(default_factory=list)

    @property
    def is_workbook(self) -> bool:
        return isinstance(self.header.place, str)

    def column(self, place: int) -> str:
        """How a column is named in messages: "column C (name_vi)" of a workbook, "name_vi" of a CSV."""
        name = self.header.cells[place] or "no name"
        return f"column {self.letters[place]} ({name})" if self.is_workbook else name


def read_table(folder: Path, name: str, columns: Columns, problems: Problems) -> Table | None:
    """The table `name` of a folder, from `name`.csv or `name`.xlsx. None, with its problems, where there is none."""
    path = _find(folder, name, problems)
    if path is None:
        return None
    data = read_or_tell(path, problems)
    if data is None:
        return None
    rows = _of_workbook(data, path.name, columns, problems) if path.suffix == ".xlsx" else None
    if path.suffix == ".csv":
        rows = _of_text(data, path.name, columns, problems)
    return None if rows is None else _table(rows, path.name, columns, problems)


def _find(folder: Path, name: str, problems: Problems) -> Path | None:
    text, workbook = folder / f"{name}.csv", folder / f"{name}.xlsx"
    is_text, is_workbook = (path.exists() or path.is_symlink() for path in (text, workbook))
    if is_text and is_workbook:
        problems.add(workbook.name, 1, f"{text.name} is there too: keep the one that is right, and take the other away")
        return None
    if is_text or is_workbook:
        return text if is_text else workbook
    other = next((form for form in OTHER_FORMS if (folder / f"{name}{form}").exists()), None)
    hint = f"; save {name}{other} as .xlsx" if other else ""
    problems.add(text.name, 1, f"the file is missing{hint}")
    return None


def _of_workbook(data: bytes, file: str, columns: Columns, problems: Problems) -> list[Row] | None:
    try:
        sheets = read_workbook(data, MOST_ROWS)
    except ValueError as error:
        problems.add(file, 1, str(error))
        return None
    found = [rows for rows in sheets.values() if any(_has_all(each, columns) for each in _beginning(rows))]
    if len(found) > 1:
        names = ", ".join(for_messages(str(rows[0].place).rpartition(" row ")[0], 40) for rows in found)
        problems.add(file, 1, f"the table is on several sheets ({names}): keep one")
        return None
    return found[0] if found else next(filter(None, sheets.values()), [])


def _of_text(data: bytes, file: str, columns: Columns, problems: Problems) -> list[Row] | None:
    text = decode(data)
    if text is None:
        problems.add(file, *unreadable(data))
        return None
    start = 1
    if marked := _SEP.match(text):
        text, start = text[marked.end() :], 2
    delimiter = marked[1] if marked else _delimiter(text, columns)
    rows: list[Row] = []
    for row in _records(text, delimiter, start):
        if isinstance(row, _Broken):
            problems.add(file, row.line, row.reason)
        elif len(rows) == MOST_ROWS:
            problems.add(file, row.place, f"more than {MOST_ROWS} rows")
            break
        else:
            rows.append(row)
    return rows


def _delimiter(text: str, columns: Columns) -> str:
    """The one with which the first rows have the most names of columns; a comma where none has any."""
    best, most = ",", 0
    for delimiter in DELIMITERS:
        rows = [row for row in islice(_records(text, delimiter, 1), FIRST_ROWS) if isinstance(row, Row)]
        known = max((len(_names(row, columns)) for row in rows), default=0)
        if known > most:
            best, most = delimiter, known
    return best


class _Broken(NamedTuple):
    line: int
    reason: str


def _records(text: str, delimiter: str, line: int) -> Iterator[Row | _Broken]:
    """Each record with the line that it starts on; in the end, maybe, what is wrong with the file."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    start = line
    try:
        for cells in reader:
            yield Row(line, cells)
            line = start + reader.line_num
    except csv.Error as error:
        yield _Broken(line, f"not valid CSV: {error}")


def _beginning(rows: list[Row]) -> list[Row]:
    return list(islice((row for row in rows if not row.is_empty), FIRST_ROWS))


def _folded(name: str) -> str:
    """A column's name as it is meant: "Name VI" and "NAME_VI" are name_vi."""
    return re.sub(r"[\s\u00a0]+", "_", name.strip().strip("\ufeff").casefold())


def _names(row: Row, columns: Columns) -> set[str]:
    return {name for name in map(_folded, row.cells) if columns.knows(name)}


def _has_all(row: Row, columns: Columns) -> bool:
    return set(columns.required) <= _names(row, columns)


def _table(rows: list[Row], file: str, columns: Columns, problems: Problems) -> Table | None:
    rows = [row for row in rows if not row.is_empty]
    header, rest = _header(rows, columns)
    width = max(
        (index + 1 for row in [header, *rest] for index, cell in enumerate(row.cells) if cell.strip()), default=0
    )
    names = [_folded(cell) for cell in _padded(header.cells, width)]
    used = {index for row in rest for index, cell in enumerate(row.cells) if cell.strip()}
    # A value beyond the header is a cell too many in its row, as after a comma in a name.
    kept = [index for index in range(len(header.cells)) if names[index] or index in used]
    letters = [column_letter(index) for index in kept]
    table = Table(file, replace(header, cells=[names[index] for index in kept]), letters, len(header.cells))
    for row in rest if columns.fits(table.header.cells) else ():
        _keep(table, row, kept, columns, problems)
    return table


def _header(rows: list[Row], columns: Columns) -> tuple[Row, list[Row]]:
    """The header, and what stands below. Rows of one cell above it are a title, if the header is certain."""
    for index, row in enumerate(rows[:FIRST_ROWS]):
        if _has_all(row, columns):
            return row, rows[index + 1 :]
        if sum(bool(cell.strip()) for cell in row.cells) != 1:
            break
    return (rows[0], rows[1:]) if rows else (Row(1, []), [])


def _keep(table: Table, row: Row, kept: list[int], columns: Columns, problems: Problems) -> None:
    last = kept[-1] + 1 if kept else 0
    lacking = {name for index, name in zip(kept, table.header.cells, strict=True) if index >= len(row.cells)}
    # Excel leaves out the last cells of rows where they are empty, so those of columns that may be missing may.
    if not table.is_workbook and (len(row.cells) > table.width or lacking & set(columns.required)):
        count = f"{len(row.cells)} columns where the header has {table.width}"
        problems.add(table.file, row.place, count)
        return
    places = {index: place for place, index in enumerate(kept)}
    for index, trouble in row.troubles:
        if index in places:
            problems.add(table.file, row.place, f"{table.column(places[index])}: {trouble}")
    cells = _padded([_BREAKS.sub(" ", cell).strip() for cell in row.cells], last)
    for index in kept:
        if is_tcvn3(cells[index]):
            where = table.column(places[index])
            problems.add(
                table.file, row.place, f"{where}: is written with a TCVN3 font (.VnTime): change it to Unicode"
            )
    dates = frozenset(places[index] for index in row.dates if index in places)
    table.rows.append(Row(row.place, [cells[index] for index in kept], dates))


def _padded(cells: list[str], width: int) -> list[str]:
    return cells + [""] * (width - len(cells))
