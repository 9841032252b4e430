"""Rules between the entries and files of a centre; each entry by itself is checked by its model."""

from dataclasses import dataclass
from typing import Any

from config.centre.models import CentreInfo, Counter, Department, Hours, Procedure
from config.centre.reader import ParsedTable
from config.i18n import why_not_drawn
from config.input.problems import Problems

# Kiosks put a letter of their own behind a prefix while the server is away ("AK001"). They are given these letters
# last, so a department may end in one of them without being taken for another's offline numbers.
SECOND_LETTERS = "QRUV"


@dataclass
class UnvalidatedCentre:
    """A centre as it was read, with whatever could be understood."""

    about: CentreInfo | None
    hours: Hours | None
    departments: ParsedTable[Department]
    counters: ParsedTable[Counter]
    procedures: ParsedTable[Procedure]


def check_draft(draft: UnvalidatedCentre, problems: Problems) -> None:
    """Every rule between entries. One that is wrong in itself still counts as mentioned: no false alarms."""
    _check_reasons(draft.about, problems)
    _check_languages(draft.about, problems)
    _check_days(draft.hours, problems)
    for key in ("code", "prefix", "position"):
        _check_unique(draft.departments, key, problems)
    _check_prefixes(draft.departments, problems)
    _check_first(draft.about, draft.departments, problems)
    _check_served(draft.departments, draft.counters, problems)
    _check_unique(draft.counters, "code", problems)
    _check_counters(draft.counters, draft.departments, problems)
    _check_unique(draft.procedures, "code", problems)
    _check_procedures(draft.procedures, draft.departments, problems)


def _check_reasons(about: CentreInfo | None, problems: Problems) -> None:
    codes = [reason.code for reason in about.priority.reasons] if about else []
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        problems.add("centre.toml", "priority.reasons", f'code "{code}" is used twice')


def _check_first(about: CentreInfo | None, departments: ParsedTable[Department], problems: Problems) -> None:
    codes = about.queues_first if about else []
    for code in _unknown(codes, departments):
        problems.add("centre.toml", "queues_first", f'there is no department "{code}"')
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        problems.add("centre.toml", "queues_first", f'"{code}" is listed twice')


def _check_languages(about: CentreInfo | None, problems: Problems) -> None:
    # Here and not in the model: which fonts a machine has is no matter of data that was taken in already.
    for language in about.languages if about else []:
        if reason := why_not_drawn(language):
            problems.add("centre.toml", "languages", f'the translation "{language}": {reason}')


def _check_days(hours: Hours | None, problems: Problems) -> None:
    for day in sorted(set(hours.closed) & set(hours.opened)) if hours else []:
        problems.add("hours.toml", f"opened.{day}", "is listed under closed as well")


def _check_unique(entries: ParsedTable[Any], key: str, problems: Problems) -> None:
    """Raw values, so that a code counts even where the rest of its entry is wrong. Case makes no difference."""
    first_rows: dict[str, int | str] = {}
    for row, values in entries.raw or []:
        value = str(values.get(key, "")).casefold()
        if value and value in first_rows:
            problems.add(entries.file, row, f'{key} "{values[key]}" is already that of {_place(first_rows[value])}')
        first_rows.setdefault(value, row)


def _place(row: int | str) -> str:
    return f"line {row}" if isinstance(row, int) else row


def _check_prefixes(departments: ParsedTable[Department], problems: Problems) -> None:
    owners = {department.prefix: department.code for department in departments.models}
    for row, department in departments.valid:
        first, second = department.prefix[0], department.prefix[1:]
        if second and first in owners and second not in SECOND_LETTERS:
            problems.add(
                departments.file,
                row,
                f'prefix "{department.prefix}" would be taken for an offline number of {owners[first]} ("{first}"); '
                f"its second letter must be one of {', '.join(SECOND_LETTERS)}",
            )


def _check_counters(counters: ParsedTable[Counter], departments: ParsedTable[Department], problems: Problems) -> None:
    for row, counter in counters.valid:
        for code in _unknown(counter.departments, departments):
            problems.add(counters.file, row, f'departments: there is no department "{code}"')
        for code in sorted({code for code in counter.departments if counter.departments.count(code) > 1}):
            problems.add(counters.file, row, f'departments: "{code}" is listed twice')


def _check_procedures(
    procedures: ParsedTable[Procedure], departments: ParsedTable[Department], problems: Problems
) -> None:
    for row, procedure in procedures.valid:
        for code in _unknown([procedure.department], departments):
            problems.add(procedures.file, row, f'department: there is no department "{code}"')


def _unknown(codes: list[str], departments: ParsedTable[Department]) -> list[str]:
    """Those codes that no department has; none when the departments could not be read at all."""
    if departments.raw is None:
        return []
    known = {str(values.get("code")) for _, values in departments.raw}
    return [code for code in codes if code not in known]


def _check_served(departments: ParsedTable[Department], counters: ParsedTable[Counter], problems: Problems) -> None:
    if counters.raw is None:
        return
    lists = [values.get("departments") for _, values in counters.raw]
    served = {str(code) for codes in lists if isinstance(codes, list) for code in codes}
    for row, department in departments.valid:
        if department.code not in served:
            problems.add(departments.file, row, f'no counter serves "{department.code}"')
