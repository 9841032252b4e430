"""Every link and every path to a document leads somewhere."""

import re
from pathlib import Path

import pytest

from tests.docs.markdown import LINK, ROOT, anchors, documents, name, prose, tracked

ELSEWHERE = re.compile(r"^(https?|mailto):")
PATH = re.compile(r"\bdocs/[\w/-]+\.md\b")
CODE_FILE = re.compile(r"`([\w-][\w/-]*\.(?:py|js|css|html|kv|toml|sh))`")
BINARY = {".png", ".ttf", ".woff2", ".xlsx", ".ico", ".bin", ".gz", ".pdf", ".jpg", ".wav"}


def broken(document: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    file = (document.parent / path).resolve() if path else document
    return not file.exists() or (bool(anchor) and anchor not in anchors(file))


@pytest.mark.parametrize("document", documents(), ids=name)
def test_relative_links_lead_to_a_file_and_a_heading(document: Path) -> None:
    links = [(number, target) for number, line in prose(document) for target in LINK.findall(line)]
    assert [
        (number, target) for number, target in links if not ELSEWHERE.match(target) and broken(document, target)
    ] == []


def test_a_broken_link_is_found() -> None:
    readme = ROOT / "README.md"
    assert broken(readme, "docs/no_such_page.md")
    assert broken(readme, "docs/README.md#no-such-heading")
    assert not broken(readme, "docs/README.md")


def test_documents_that_other_files_name_exist() -> None:
    texts = [path for path in tracked() if path.suffix not in BINARY]
    missing = [
        (name(path), named)
        for path in texts
        for named in PATH.findall(path.read_text(encoding="utf-8", errors="replace"))
        if not (ROOT / named).exists() and path != Path(__file__)
    ]
    assert missing == []


def test_every_document_stands_in_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / target).resolve() for _, line in prose(index) for target in LINK.findall(line)}
    assert [
        name(path) for path in documents() if path.is_relative_to(index.parent) and path not in {index, *linked}
    ] == []


MADE_LATER = {"fr.toml", "config/voices/standard/CODE.toml", "announcements.toml"}
"""Files that a document tells its reader to write."""


@pytest.mark.parametrize("document", documents(), ids=name)
def test_the_code_files_that_a_document_names_exist(document: Path) -> None:
    known = [f"/{name(path)}" for path in tracked()]
    named = [file for _, line in prose(document) for file in CODE_FILE.findall(line) if file not in MADE_LATER]
    assert [file for file in named if not any(path.endswith(f"/{file}") for path in known)] == []
