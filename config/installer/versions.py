"""A version: an environment of its own in /opt/motcua/versions, made whole before anything runs from it."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.installer.errors import InstallError
from config.installer.layout import Layout
from config.installer.machine import run, say

COMPLETE = ".complete"
TRIED = {"run": ["server", "kiosk", "buttons"], "server": ["server", "buttons"], "buttons": ["buttons"]}


@dataclass(frozen=True)
class Source:
    """`locked`: the list of packages in the wheel, "run", "server" or "buttons".

    `wheels`: a folder with the wheels of every package, for a hall without the internet.

    `is_bare`: nothing but Motcua is installed; its packages come from elsewhere (PYTHONPATH, an image).
    """

    wheel: Path
    locked: str = "run"
    wheels: Path | None = None
    is_bare: bool = False

    @property
    def name(self) -> str:
        """Of the version's folder: the release and, as builds of one release differ, a part of the wheel's digest."""
        try:
            digest = hashlib.sha256(self.wheel.read_bytes()).hexdigest()
        except OSError as error:
            raise InstallError(f"{self.wheel}: {error.strerror}") from error
        return f"{self.wheel.name.split('-')[1]}-{digest[:8]}-{self.locked}"


@contextmanager
def wheel_of(source: Path) -> Iterator[Path]:
    """`source` itself, or the wheel of the checkout that it is. Raises `InstallError`."""
    if source.is_file() and source.name.startswith("motcua-") and source.suffix == ".whl":
        yield source.absolute()
    elif (source / "pyproject.toml").is_file():
        with tempfile.TemporaryDirectory(prefix="motcua-build-") as folder:
            yield _built(source.absolute(), Path(folder))
    else:
        raise InstallError(f"{source}: is neither a wheel of Motcua (motcua-….whl) nor a checkout")


def _built(checkout: Path, folder: Path) -> Path:
    say(f"building the wheel of {checkout}")
    run([base_python(), "-m", "venv", folder / "venv"], what="the environment to build in")
    pip = [str(folder / "venv" / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "-q"]
    locked = checkout / "config" / "constraints" / "build.txt"
    run([*pip, "install", "--require-hashes", "-r", str(locked)], what="the packages to build with")
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), str(checkout)]
    run(build, what="the wheel could not be built")
    return next(folder.glob("motcua-*.whl"))


def make_version(layout: Layout, source: Source) -> Path:
    """The folder of the version, complete; left as it is when it was made before. Raises `InstallError`."""
    version = layout.versions / source.name
    if (version / COMPLETE).exists():
        return version
    if layout.is_real:
        refuse_closed(base_python())
    say(f"version {version.name}: packages into {version} (the first time takes a minute)")
    shutil.rmtree(version, ignore_errors=True)
    try:
        _fill(version, source, layout.pip)
        _try_out(version, source.locked)
    except BaseException:
        shutil.rmtree(version, ignore_errors=True)
        raise
    (version / COMPLETE).touch()
    return version


def _fill(version: Path, source: Source, tools: Path) -> None:
    python = base_python()
    if not (tools / "bin" / "pip").exists():  # one pip for all versions: none of them needs it when it runs
        shutil.rmtree(tools, ignore_errors=True)
        run([python, "-m", "venv", tools], what="the environment of pip")
    run([python, "-m", "venv", "--without-pip", version], what="the environment")
    target = ["--python", str(version / "bin" / "python")]
    pip = [str(tools / "bin" / "python"), "-m", "pip", *target, "install", "-q", "--disable-pip-version-check"]
    if not source.is_bare:
        locked = version / "constraints.txt"
        locked.write_bytes(_locked_in(source))
        index = ["--no-index", "--find-links", str(source.wheels)] if source.wheels else []
        wanted = ["--require-hashes", "--only-binary", ":all:", "-r", str(locked)]
        run([*pip, *index, *wanted], what="the packages could not be installed")
    wheel = [*pip, "--no-deps", "--no-index", "--force-reinstall", str(source.wheel)]
    run(wheel, what=f"{source.wheel.name} could not be installed")
    site = next((version / "lib").glob("python3.*")) / "site-packages"
    (version / "config").symlink_to(os.path.relpath(site / "config", version))


def _locked_in(source: Source) -> bytes:
    try:
        with zipfile.ZipFile(source.wheel) as archive:
            return archive.read(f"config/constraints/{source.locked}.txt")
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise InstallError(f"{source.wheel}: is no whole wheel of Motcua: {error}") from error


def _try_out(version: Path, locked: str) -> None:
    for command in TRIED[locked]:
        run([version / "bin" / "motcua", command, "--help"], what=f"version {version.name} does not run")


def remove_old(layout: Layout, kept: set[Path | None]) -> None:
    """All versions but those that are `kept`, and what a broken installation left."""
    for folder in layout.versions.iterdir():
        if folder not in kept:
            shutil.rmtree(folder)


def base_python() -> Path:
    """The Python below this one's environment. Raises `InstallError` when no version can be made with it."""
    python = Path(getattr(sys, "_base_executable", sys.executable))
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        raise InstallError(f"Python 3.11, 3.12 or 3.13 is needed; {python} is {sys.version.split()[0]}")
    if subprocess.run([python, "-c", "import ensurepip"], capture_output=True, check=False).returncode:
        raise InstallError(f"{python} makes no environments: apt-get install python3-venv")
    return python


def refuse_closed(python: Path) -> None:
    """Raises `InstallError` where the services' user may not enter its folder."""
    closed = [folder for folder in python.resolve().parents if not folder.stat().st_mode & 0o001]
    if closed:
        raise InstallError(
            f"{python} lies in {closed[0]}, which the services' user may not enter: use /usr/bin/python3"
        )
