"""`make setup` installs what a hall runs; the tests' tools are apart."""

import ast
import sys
from importlib.metadata import metadata, packages_distributions
from pathlib import Path

from packaging.requirements import Requirement

from tests.packaging.installed import ROOT, needed_by, plain

OWN = ("config", "printer", "kiosk", "display_server")
# For types alone; on Windows alone; for the pictures of a demo, which says so when it is not there.
ELSEWHERE = {"_typeshed", "win32print", "playwright"}


def imported_by(package: str) -> dict[str, Path]:
    """Each top-level module that the package's files import, with a file that does."""
    names: dict[str, Path] = {}
    for file in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {each.name.partition(".")[0]: file for each in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names[node.module.partition(".")[0]] = file
    return names


def test_everything_that_a_hall_imports_is_installed_by_setup() -> None:
    installed, of_module = needed_by("hall"), packages_distributions()
    for package in OWN:
        for module, file in imported_by(package).items():
            if module in sys.stdlib_module_names or module in OWN or module in ELSEWHERE:
                continue
            owners = {plain(each) for each in of_module.get(module, [])}
            assert owners & installed, f"{file.relative_to(ROOT)} imports {module}, which `make setup` does not install"


def test_no_test_tool_is_installed_for_a_hall() -> None:
    tools = {"pytest", "playwright", "mypy", "ruff", "numpy", "miniaudio", "hypothesis", "schemathesis"}
    assert {plain(Requirement(line).name) for line in metadata("motcua").get_all("Requires-Dist") or []} > tools
    assert not needed_by("hall") & tools
