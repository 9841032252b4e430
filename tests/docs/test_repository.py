"""The repository's own files: licences, hooks, workflow, release."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT

NOTICE = (ROOT / "NOTICE").read_text(encoding="utf-8")
RECIPES = (ROOT / "Makefile").read_text(encoding="utf-8")


def test_notice_names_every_library() -> None:
    table = subprocess.run(
        [ROOT / ".venv" / "bin" / "python", ROOT / ".ci" / "licences.py"], capture_output=True, text=True, check=True
    ).stdout
    listed = NOTICE.partition("Libraries\n---------\n")[2]
    names = {line.partition(":")[0] for line in listed.splitlines()}
    assert {line.partition(":")[0] for line in table.splitlines()} <= names
    assert "see the package" not in listed


def test_notice_names_every_font() -> None:
    fonts = [*(ROOT / "config" / "fonts").glob("*.ttf"), *(ROOT / "display_server" / "static").rglob("*.woff2")]
    named = [
        re.compile(re.escape(glob).replace(r"\*", r"[\w-]*")) for glob in re.findall(r"[\w/]+/[\w*-]+\.\w+", NOTICE)
    ]
    assert [font.name for font in fonts if not any(each.fullmatch(str(font.relative_to(ROOT))) for each in named)] == []
    assert all((ROOT / name).exists() for name in re.findall(r"config/fonts/[\w-]+\.txt", NOTICE))


def test_hooks_are_the_checks_of_make() -> None:
    hooks = re.findall(r"entry: (.*)", (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    checks = RECIPES.partition("\nchecks:")[2].partition("\n\n")[0]
    assert re.findall(r"@(\.venv/bin/.*)", checks) == [each for each in hooks if "pytest" not in each]


def test_the_workflow_runs_targets_that_exist() -> None:
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    for target in re.findall(r"run: make (\S+)", workflow):
        assert re.search(rf"^{target}:", RECIPES, re.MULTILINE)
    for script in re.findall(r"run: (\.ci/\S+)", workflow):
        assert os.access(ROOT / script, os.X_OK)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose version 1.2.3 can be released."""
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci" / "release").write_bytes((ROOT / ".ci" / "release").read_bytes())
    (tmp_path / ".ci" / "release").chmod(0o755)
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n')
    (tmp_path / "CHANGELOG.md").write_text("# Changes\n\n## Unreleased\n\n## 1.2.3 (2026-12-01)\n- A change.\n")
    git(tmp_path, "init", "-q")
    commit(tmp_path)
    return tmp_path


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


def commit(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "x")


def check(folder: Path, version: str) -> tuple[int, str]:
    done = subprocess.run([folder / ".ci" / "release", version, "--check"], capture_output=True, text=True, check=False)
    return done.returncode, done.stderr.strip().splitlines()[-1]


def test_a_release_is_checked_before_anything_is_made(repository: Path) -> None:
    assert check(repository, "1.2.3") == (0, "release: version 1.2.3 can be released")
    assert check(repository, "1.2") == (1, "release: wrong use: .ci/release X.Y.Z [--check]")
    assert check(repository, "1.2.4") == (1, "release: pyproject.toml says version 1.2.3")
    git(repository, "tag", "v1.2.3")
    assert check(repository, "1.2.3") == (1, "release: the tag v1.2.3 is there already")


def test_a_release_needs_its_changes_written_down(repository: Path) -> None:
    changes = repository / "CHANGELOG.md"
    changes.write_text("# Changes\n\n## Unreleased\n- A change.\n")
    assert check(repository, "1.2.3") == (1, "release: the work tree has changes: commit them first")
    commit(repository)
    assert check(repository, "1.2.3") == (1, "release: CHANGELOG.md has no heading '## 1.2.3 (YYYY-MM-DD)'")
    changes.write_text("# Changes\n\n## 1.2.3 (2026-12-01)\n\n## 1.2.2 (2026-11-01)\n- Another.\n")
    commit(repository)
    assert check(repository, "1.2.3") == (1, "release: the section 1.2.3 of CHANGELOG.md is empty")
