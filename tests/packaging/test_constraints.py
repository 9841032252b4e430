"""config/constraints: what is installed is what was tested, file by file."""

import re
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.packaging.installed import ROOT, needed_by, plain

FOLDER = ROOT / "config" / "constraints"
FILES = sorted(FOLDER.iterdir())
TOOLS = {"pytest", "playwright", "mypy", "ruff", "numpy", "miniaudio", "hypothesis", "schemathesis", "hatchling"}


def entries(file: Path) -> list[tuple[Requirement, list[str]]]:
    """Each requirement with its digests."""
    text = re.sub(r"^#.*\n", "", file.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    found = []
    for line in text.splitlines():
        requirement, *digests = re.split(r"\s+--hash=", line.strip())
        found.append((Requirement(requirement), digests))
    return found


def pins(name: str) -> dict[str, str]:
    return {plain(each.name): str(each.specifier) for each, _ in entries(FOLDER / f"{name}.txt")}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_line_is_one_version_with_its_digests(file: Path) -> None:
    for requirement, digests in entries(file):
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert digests, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in digests), requirement


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_index_stands_in_a_file(file: Path) -> None:
    assert not re.search(r"://|@ |--(extra-)?index|--find-links|--trusted", file.read_text())


def test_what_a_hall_runs_is_what_the_tests_ran() -> None:
    run, tests = pins("run"), pins("test")
    assert pins("server").items() | pins("buttons").items() <= run.items()
    assert run.items() <= tests.items()
    assert pins("build").items() <= tests.items() | {("editables", pins("build")["editables"])}
    assert tests.keys() >= TOOLS
    assert not run.keys() & TOOLS


def test_everything_that_is_needed_is_there() -> None:
    """A dependency that was added without `make lock` would be installed by nobody."""
    for extra, name in {"hall": "run", "server": "server", "buttons": "buttons", "dev": "test"}.items():
        assert needed_by(extra) - pins(name).keys() == set()
    known = pins("test")
    for line in requires("motcua") or []:
        needed = Requirement(line)
        if plain(needed.name) != "motcua":
            assert needed.specifier.contains(known[plain(needed.name)].removeprefix("==")), line
