"""Motcua as a hall has it: the wheel, in an environment of its own, away from the checkout."""

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution, requires
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


def plain(name: str) -> str:
    """The one spelling of a distribution's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def needed_by(*extras: str) -> set[str]:
    """Every distribution that `pip install motcua[extras]` brings, by its plain name."""
    found: set[str] = set()
    to_do = [("motcua", frozenset(extras))]
    seen = set(to_do)
    while to_do:
        name, wanted = to_do.pop()
        for line in requires(name) or []:
            needed = Requirement(line)
            if needed.marker and not any(needed.marker.evaluate({"extra": extra}) for extra in wanted | {""}):
                continue
            found.add(plain(needed.name))
            step = plain(needed.name), frozenset(needed.extras)
            if step not in seen:
                seen.add(step)
                to_do.append(step)
    return found - {"motcua"}


def build_wheel(tree: Path, folder: Path) -> Path:
    """The wheel of `tree`, in `folder`."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=tree, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def link_packages(names: Iterable[str], folder: Path) -> Path:
    """A folder for PYTHONPATH with these distributions and no others, linked from the tests' own environment."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        found: Distribution = distribution(name)
        for top in {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}:
            if not (folder / top).exists():
                (folder / top).symlink_to(Path(str(found.locate_file(top))))
    return folder


@dataclass(frozen=True)
class Installed:
    """A virtual environment with the wheel in it and nothing else, not even pip."""

    folder: Path
    packages: Path  # a folder for each combination of extras, made when it is asked for

    @property
    def site(self) -> Path:
        """Where the wheel was unpacked."""
        return next((self.folder / "lib").glob("python3.*")) / "site-packages"

    def environment(self, *extras: str, **variables: str) -> dict[str, str]:
        """The variables for a command; a list of paths of its own in PYTHONPATH is put before the packages."""
        place = self.packages / ("-".join(sorted(extras)) or "none")
        if not place.exists():
            link_packages(needed_by(*extras), place)
        first = variables.pop("PYTHONPATH", "")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("MOTCUA_", "PYTHON"))}
        return kept | variables | {"PYTHONPATH": os.pathsep.join(filter(None, [first, str(place)]))}

    def command(self, *arguments: str) -> list[str]:
        return [str(self.folder / "bin" / "motcua"), *arguments]

    def run(self, *arguments: str, extras: tuple[str, ...] = (), **variables: str) -> subprocess.CompletedProcess[str]:
        """`motcua ARGUMENTS`, from the root of the file system."""
        return subprocess.run(
            self.command(*arguments),
            env=self.environment(*extras, **variables),
            cwd="/",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def install(wheel: Path, folder: Path) -> Installed:
    """Into a virtual environment made for it."""
    venv = folder / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(venv / "bin" / "python"), "install", "-q"]
    subprocess.run([*pip, "--no-deps", "--no-index", "--no-compile", str(wheel)], check=True, capture_output=True)
    return Installed(venv, folder / "packages")
