"""What is told of procedures in lists of its own: the papers to bring, and what people call them."""

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, RootModel

from config.centre.models import Elsewhere, LocalizedText, PaperName, Procedure, RequiredDocuments, Synonym
from config.centre.reader import ParsedTable, check_entries, check_model, folded, read_entries, read_toml
from config.input.problems import Problems
from config.package_data import package_folder

SHARED_SYNONYMS = package_folder("config") / "synonyms.toml"
SHARED_ELSEWHERE = package_folder("config") / "elsewhere.toml"
WORDS = re.compile(r"\w+")


class Papers(RootModel[Annotated[dict[PaperName, LocalizedText], Field(max_length=1000)]]):
    """Each paper's words by its name."""


def with_lists(folder: Path, procedures: ParsedTable[Procedure], problems: Problems) -> list[Procedure]:
    """The procedures with the papers of papers.toml and the words of synonyms.toml and the shared list.

    Both files may be missing: nothing is said then of any paper, and the shared words alone hold.
    """
    papers = _papers(folder / "papers.toml", procedures, problems)
    synonyms = _synonyms(folder / "synonyms.toml", procedures, problems)
    return [
        procedure.model_copy(
            update={"papers": papers.get(procedure.code, []), "also": _also(procedure, synonyms)},
        )
        for procedure in procedures.models
    ]


def elsewhere(folder: Path, problems: Problems) -> list[Elsewhere]:
    """What other offices do: the centre's own elsewhere.toml, where it is there, before the shared list."""
    own, shared = (
        read_entries(Elsewhere, path, "elsewhere", problems).models if path.exists() else []
        for path in (folder / SHARED_ELSEWHERE.name, SHARED_ELSEWHERE)
    )
    return [*own, *shared]


def _papers(path: Path, procedures: ParsedTable[Procedure], problems: Problems) -> dict[str, list[LocalizedText]]:
    values = read_toml(path, problems) if path.exists() else None
    if values is None:
        return {}
    paper = folded(values.pop("paper", {}), path.name, "paper", problems)
    named = check_model(Papers, paper, path.name, None, problems)
    lists = check_entries(RequiredDocuments, values, path, "checklist", problems)
    if named is None:
        return {}
    texts, by_procedure, used = named.root, {}, set()
    for row, checklist in lists.valid:
        used |= set(checklist.papers)
        _check_known("papers", "paper", checklist.papers, texts, path.name, row, problems)
        _check_procedures(checklist.procedures, procedures, path.name, row, problems)
        for code in checklist.procedures:
            if code in by_procedure:
                problems.add(path.name, row, f'procedures: "{code}" has a list already')
            by_procedure[code] = [texts[name] for name in checklist.papers if name in texts]
    for name in sorted(texts.keys() - used):
        problems.add(path.name, f"paper.{name}", "is on no list")
    return by_procedure


def _synonyms(path: Path, procedures: ParsedTable[Procedure], problems: Problems) -> list[Synonym]:
    shared = read_entries(Synonym, SHARED_SYNONYMS, "synonym", problems)
    own: ParsedTable[Synonym] = ParsedTable(path.name)
    if path.exists():
        own = read_entries(Synonym, path, "synonym", problems)
    for row, synonym in own.valid:
        _check_procedures(synonym.procedures, procedures, path.name, row, problems)
    return [*own.models, *shared.models]


def _also(procedure: Procedure, synonyms: list[Synonym]) -> list[str]:
    names = [_spaced(name) for name in procedure.name.values()]
    also = [
        words
        for synonym in synonyms
        if procedure.code in synonym.procedures
        or any(_spaced(meaning) in name for meaning in synonym.means for name in names)
        for words in synonym.said
    ]
    return list(dict.fromkeys(also))


def _spaced(text: str) -> str:
    """Lower-case words between spaces, so that only whole words are found in it."""
    return f" {' '.join(WORDS.findall(text.casefold()))} "


def _check_procedures(
    codes: list[str], procedures: ParsedTable[Procedure], file: str, row: int | str, problems: Problems
) -> None:
    if procedures.raw is not None:
        known = {str(values.get("code")) for _, values in procedures.raw}
        _check_known("procedures", "procedure", codes, known, file, row, problems)


def _check_known(
    key: str, what: str, names: list[str], known: Any, file: str, row: int | str, problems: Problems
) -> None:
    for name in names:
        if name not in known:
            problems.add(file, row, f'{key}: there is no {what} "{name}"')
