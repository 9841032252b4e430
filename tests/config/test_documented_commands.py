"""Every command, option and file that the documents name is there."""

import re
import shlex
from pathlib import Path

import click
import pytest

from config.cli import motcua

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "config").rglob("README.md")])
CODE = re.compile(r"`(motcua [^`]+)`")
LINE = re.compile(r"^(?:\s*#\s+|\s*(?:[A-Z_]+=\S+\s+)?)(motcua .*)$")


def documented(document: Path) -> list[str]:
    """The command lines of a document: in a block of code, or between backquotes."""
    found, in_block = [], False
    for line in document.read_text(encoding="utf-8").splitlines():
        if line.lstrip().startswith("```"):
            in_block = not in_block
        elif in_block and (match := LINE.match(line)):
            found.append(match[1])
        elif not in_block:
            found += CODE.findall(line)
    return found


def wrong_with(line: str) -> str:
    """What the command line would be refused for; empty when there is nothing."""
    words = shlex.split(re.split(r"\s#|[|<>;&…·]", line)[0])[1:]
    command: click.Command = motcua
    context = click.Context(motcua)
    for word in words:
        if word.startswith("-"):
            known = {each for option in command.get_params(context) for each in option.opts + option.secondary_opts}
            if word.partition("=")[0] not in known:
                return f"no option {word}"
        elif isinstance(command, click.Group):
            below = command.get_command(context, word)
            if below is None:
                return f"no command {word}"
            command, context = below, click.Context(below, parent=context)
    return ""


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_commands_of_a_document_exist(document: Path) -> None:
    assert {line: wrong for line in documented(document) if (wrong := wrong_with(line))} == {}


def test_a_command_that_is_not_there_is_found() -> None:
    assert wrong_with("motcua backup --weekly FOLDER") == ""
    assert wrong_with("motcua backup --monthly FOLDER") == "no option --monthly"
    assert wrong_with("motcua staff promote lan") == "no command promote"
    assert len(documented(ROOT / "docs" / "how-to" / "operations.md")) > 10


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_files_that_a_document_names_exist(document: Path) -> None:
    named = re.findall(
        r"(?:/opt/motcua/)?(config/(?:deploy|centres|tickets)/[\w./@-]+[\w])", document.read_text("utf-8")
    )
    assert [name for name in named if not (ROOT / name).exists() and not list(ROOT.glob(name + "*"))] == []
    linked = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text("utf-8"))
    assert [link for link in linked if not (document.parent / link).exists()] == []
