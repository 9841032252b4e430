"""The one loader of a centre's folder: what `motcua import` reads.

Everything is checked before anything is returned, and every problem is told at once: whoever keeps the data mends the
whole folder in one go.
"""

from pathlib import Path
from typing import TypeVar

from config.centre.documents_and_synonyms import elsewhere, with_lists
from config.centre.models import (
    WEEKDAYS,
    Centre,
    CentreInfo,
    Counter,
    Department,
    Hours,
    LocalizedText,
    Priority,
    PriorityReason,
    Procedure,
)
from config.centre.procedures import read_procedures
from config.centre.reader import check_model, folded, read_emblem, read_entries, read_toml
from config.centre.validation import UnvalidatedCentre, check_draft
from config.input.problems import WHOLE, CentreDataError, Problem, Problems

__all__ = [
    "WEEKDAYS",
    "Centre",
    "CentreDataError",
    "Counter",
    "Department",
    "Hours",
    "LocalizedText",
    "Priority",
    "PriorityReason",
    "Problem",
    "Procedure",
    "load_centre",
]


Table = TypeVar("Table", CentreInfo, Hours)


def load_centre(folder: Path, notes: list[str] | None = None) -> Centre:
    """The centre described by `folder`: centre.toml, departments.toml, counters.toml, hours.toml, procedures.csv or
    procedures.xlsx, and, where they are there, papers.toml, synonyms.toml, elsewhere.toml and
    emblem.png.

    `notes` gets one line for each kind of look-alike that was replaced.

    Departments come ordered by position; counters and procedures as their files list them.
    Raises `CentreDataError` with every problem found, each with file and row.
    """
    if not folder.is_dir():
        raise CentreDataError([Problem(str(folder), WHOLE, "is not a folder")])
    problems = Problems()
    draft = _read(folder, problems)
    procedures = with_lists(folder, draft.procedures, problems)
    others = elsewhere(folder, problems)
    emblem = read_emblem(folder / "emblem.png", problems)
    check_draft(draft, problems)
    if notes is not None:
        notes += problems.notes()
    if problems.found or draft.about is None or draft.hours is None:
        raise CentreDataError(problems.found)
    return Centre(
        **dict(draft.about),
        hours=draft.hours,
        emblem=emblem,
        departments=sorted(draft.departments.models, key=lambda department: department.position),
        counters=draft.counters.models,
        procedures=procedures,
        elsewhere=others,
    )


def _read(folder: Path, problems: Problems) -> UnvalidatedCentre:
    return UnvalidatedCentre(
        about=_read_table(CentreInfo, folder / "centre.toml", problems),
        departments=read_entries(Department, folder / "departments.toml", "department", problems),
        counters=read_entries(Counter, folder / "counters.toml", "counter", problems),
        hours=_read_table(Hours, folder / "hours.toml", problems),
        procedures=read_procedures(folder, problems),
    )


def _read_table(model: type[Table], path: Path, problems: Problems) -> Table | None:
    values = read_toml(path, problems)
    if values is None:
        return None
    values = {key: folded(value, path.name, key, problems, key=key) for key, value in values.items()}
    return check_model(model, values, path.name, None, problems)
