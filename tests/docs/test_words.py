"""Documents use the field's words."""

import re
from pathlib import Path

import pytest

from tests.docs.banned_words import BANNED, IN_TITLES, found
from tests.docs.markdown import CODE, LINK, ROOT, documents, headings, name, prose

CHANGES = ROOT / "CHANGELOG.md"
DECISIONS = ROOT / "docs" / "explanation" / "decisions.md"


@pytest.mark.parametrize("document", documents(), ids=name)
def test_titles_and_file_names_use_standard_words(document: Path) -> None:
    titles = [re.sub("_", " ", document.stem), *(CODE.sub("", title) for title in headings(document))]
    assert {title: words for title in titles if (words := found(title, BANNED, IN_TITLES))} == {}


@pytest.mark.parametrize("document", [each for each in documents() if each != CHANGES], ids=name)
def test_sentences_use_standard_words(document: Path) -> None:
    plain = [(number, LINK.sub("]", CODE.sub("", line))) for number, line in prose(document)]
    assert {number: words for number, line in plain if (words := found(line, BANNED))} == {}


def test_a_banned_word_is_found() -> None:
    assert found("The doors, and what passes through them", BANNED, IN_TITLES)
    assert found("What is on paper", BANNED, IN_TITLES)
    assert not found("Known gaps", BANNED, IN_TITLES)
    assert not found("indoor, warehouse, wallet", BANNED, IN_TITLES)


def test_decisions_are_numbered() -> None:
    numbers = [int(title.partition(".")[0]) for title in headings(DECISIONS)[1:]]
    assert numbers == sorted(set(numbers))


def test_no_decision_stands_twice() -> None:
    """Merges keep the lines of both sides (.gitattributes)."""
    lines = [line for _, line in prose(DECISIONS) if line]
    assert sorted(lines) == sorted(set(lines))
    assert [line for line in lines if line.startswith("**")] == []
