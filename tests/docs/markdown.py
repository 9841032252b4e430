"""The documents of the repository, as far as the tests read them."""

import re
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEADING = re.compile(r"^#{1,6} (.*)$")
LINK = re.compile(r"\]\(([^()\s]+)\)")
CODE = re.compile(r"`[^`]*`")


@cache
def tracked() -> list[Path]:
    """Every file that the repository keeps or is about to keep."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return sorted({ROOT / name for name in names if name and (ROOT / name).is_file()})


@cache
def documents() -> list[Path]:
    """Every Markdown file."""
    return [path for path in tracked() if path.suffix == ".md"]


def name(path: Path) -> str:
    """The path as a reader of the repository writes it."""
    return path.relative_to(ROOT).as_posix()


@cache
def prose(path: Path) -> list[tuple[int, str]]:
    """The lines outside blocks of code, with their numbers from 1."""
    lines, fenced = [], False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and not line.startswith("    "):
            lines.append((number, line))
    return lines


@cache
def headings(path: Path) -> list[str]:
    """The headings, without their marks."""
    return [match[1] for _, line in prose(path) if (match := HEADING.match(line))]


@cache
def anchors(path: Path) -> set[str]:
    """What a link may name after `#`, as GitHub and GitLab make it."""
    plain = [LINK.sub("]", title).replace("`", "").strip().lower() for title in headings(path)]
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in plain}
