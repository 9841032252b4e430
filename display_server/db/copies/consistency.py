"""Does what stands in a database make sense? Looked at whole before a backup or a copy becomes a hall.

SQLite keeps anything in any column, and a backup that somebody edited may hold anything on PostgreSQL too: what would
end the first write or page with an error is named here, by table and row.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import JSON, BigInteger, Column, Connection, Date, DateTime, Integer, Row, Table, func, select
from sqlalchemy.exc import SQLAlchemyError

from display_server.db.tables import UtcDateTime, centre, journal, metadata

ROWS_AT_ONCE = 1000
GROWTH = 1_000_000  # what a counted number may still grow by
LARGEST_COUNT = 2**53 - GROWTH  # what pages and kiosks can still count exactly
LARGEST_INTEGER = 2**31 - 1 - GROWTH  # of PostgreSQL's INTEGER
LARGEST_ON_PAPER = 990_000  # six digits fit on slips and in calls
ON_PAPER = {("ticket", "number"), ("number_series", "last")}
FIRST_DAY, LAST_DAY = date(1969, 12, 31), date(2099, 12, 31)  # a clock without battery wakes up in 1970
FIRST_YEAR, LAST_YEAR = 1900, 8999  # of moments: far enough from what no time zone can show
AHEAD = timedelta(days=61)  # of the newest day, of whatever vouches for it


MOST_TOLD = 10


def unsound(connection: Connection, today: date) -> list[str]:
    """What makes no sense, one sentence each, some at most; `today` by this machine's clock. Reads every row."""
    found = list(islice(_of_rows(connection), MOST_TOLD))
    return found or list(_of_days(connection, today))


def _of_rows(connection: Connection) -> Iterator[str]:
    yield from _broken_references(connection)
    for table in metadata.sorted_tables:
        yield from _in_table(connection, table)


def _of_days(connection: Connection, today: date) -> Iterator[str]:
    rows = connection.execute(select(centre.c.id, centre.c.code, centre.c.business_day)).all()
    if not rows:
        yield "there is no centre in it"
    for row in rows:
        at = connection.execute(select(func.max(journal.c.at)).where(journal.c.centre_id == row.id)).scalar()
        vouched = max(today, at.date()) if at is not None else today
        if row.business_day is not None and row.business_day > vouched + AHEAD:
            yield f"the newest day of the centre {row.code} is {row.business_day}, and nothing was written near it"


def unsound_centres(connection: Connection) -> Iterator[str]:
    """Of the centres alone, which every start looks at: numbers that cannot be counted on, time zones unknown here."""
    counted = [column for column in centre.c if isinstance(column.type, Integer)]
    for row in connection.execute(select(centre.c.code, centre.c.timezone, *counted)):
        values = row._asdict()
        for column in counted:
            if why := _why_number(column, values[column.name]):
                yield f"the centre {row.code}: {column.name} {why}"
        yield from _of_time_zone(row)


def _of_time_zone(row: Row[Any]) -> Iterator[str]:
    try:
        ZoneInfo(row.timezone)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        yield f"the centre {row.code}: the time zone {row.timezone!r} is not known here (apt install tzdata?)"


def _broken_references(connection: Connection) -> Iterator[str]:
    if connection.dialect.name == "sqlite":  # PostgreSQL checks them as it takes the rows
        for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
            yield f"table {table}, row {row}: the {parent} that it belongs to is not there"


def _in_table(connection: Connection, table: Table) -> Iterator[str]:
    last = "the first row"
    try:
        for row in connection.execute(select(table), execution_options={"yield_per": ROWS_AT_ONCE}):
            last = f"the row after {_key(table, row)}"
            yield from _in_row(table, row)
    except (ValueError, TypeError, AttributeError, OverflowError, SQLAlchemyError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        yield f"table {table.name}: {last} or one soon after it cannot be read ({reason[:100]})"


def _in_row(table: Table, row: Row[Any]) -> Iterator[str]:
    if table is centre:
        yield from _of_time_zone(row)
    for column, value in zip(table.c, row, strict=True):
        if why := _why(column, value):
            yield f"table {table.name}, row with {_key(table, row)}: {column.name} {why}"


def _key(table: Table, row: Row[Any]) -> str:
    values = row._asdict()
    return ", ".join(f"{key.name} {str(values[key.name])[:40]!r}" for key in table.primary_key)


def _why(column: Column[Any], value: Any) -> str:
    kind = column.type
    if isinstance(kind, JSON):
        return _why_json(column, value)
    if value is None:
        return ""
    if isinstance(kind, UtcDateTime | DateTime):
        is_sound = isinstance(value, datetime) and FIRST_YEAR <= value.year <= LAST_YEAR
        return "" if is_sound else "is no moment that can be"
    if isinstance(kind, Date):
        return "" if isinstance(value, date) and FIRST_DAY <= value <= LAST_DAY else f"is {value}: no day that can be"
    if isinstance(kind, Integer):
        return _why_number(column, value)
    return (
        "" if isinstance(value, kind.python_type | int if kind.python_type is float else kind.python_type) else _OTHER
    )


_OTHER = "is of another kind"

# What JSON columns hold, by name; an answer that is kept for a press (`answer`) may be anything;
# hours and rules are read by the centre's own types (services/recovery).
_TEXTS = {"name", "short", "slip_note", "text"}  # by language
_LISTS = {"languages", "queues_first", "also", "itinerary", "reasons", "counters"}  # of strings
_OBJECTS = {"reason", "details", "sealed", "screen", "report", "last_step"}


def _why_json(column: Column[Any], value: Any) -> str:
    if value is None:  # also JSON's own null, which NOT NULL lets in
        return "" if column.nullable else "is missing"
    name = column.name
    if name in _TEXTS | _OBJECTS:
        is_sound = isinstance(value, dict) and (
            name in _OBJECTS or all(isinstance(each, str) for each in value.values())
        )
    elif name in _LISTS:
        is_sound = isinstance(value, list) and all(isinstance(each, str) for each in value)
    else:  # papers, each by language
        is_sound = name != "papers" or (isinstance(value, list) and all(isinstance(each, dict) for each in value))
    return "" if is_sound else _OTHER


def _why_number(column: Column[Any], value: Any) -> str:
    if value is None or isinstance(value, bool):
        return ""
    if not isinstance(value, int):
        return _OTHER
    largest = LARGEST_COUNT if isinstance(column.type, BigInteger) or column.primary_key else LARGEST_INTEGER
    if (str(column.table), column.name) in ON_PAPER:
        largest = LARGEST_ON_PAPER
    return f"is {value}: no number that can be" if abs(value) > largest else ""
