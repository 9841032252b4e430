"""The command line: `python3 -m config.installer install | upgrade | rollback | status`."""

import argparse
import os
import sys
import zipfile
from pathlib import Path

from config.installer.errors import InstallError
from config.installer.health import HEALTH_SECONDS
from config.installer.layout import LOCKED, STARTED, Layout
from config.installer.machine import Machine, say
from config.installer.steps import Installer, one_at_a_time, read_note
from config.installer.versions import Source, wheel_of

ABOUT = """Puts Motcua on this machine, with its user, folders and services; renews it; goes back.

install   what SOURCE holds runs afterwards. Safe to repeat; another version that runs is upgraded.
upgrade   the same, on a machine that has one: packages, services stopped, backup, database brought up to date,
          services started, health check. When a step fails the version before runs again, with its database.
rollback  the version before runs again.
status    which version runs, and which came before it.
"""


def main(arguments: list[str] | None = None) -> int:
    """Exit code: 0 done, 1 a step failed (one line says which and why), 2 wrong use."""
    given = _parser().parse_args(arguments)
    _keep_wheel_to_ourselves()
    layout = Layout(given.root.absolute())
    try:
        _check_user(layout)
        with one_at_a_time(layout):
            sys.stdout.write(f"{_carry_out(given, layout)}\n")
    except InstallError as error:
        say(str(error))
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="motcua-install", description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("task", choices=["install", "upgrade", "rollback", "status"])
    parser.add_argument("source", nargs="?", type=Path, metavar="SOURCE", help="a wheel or a checkout; else its own")
    parser.add_argument("--kind", choices=list(STARTED), help="what this machine is; one-box if not given")
    parser.add_argument("--centre", type=Path, metavar="FOLDER", help="import this centre when the server is set up")
    parser.add_argument("--wheels", type=Path, metavar="FOLDER", help="the packages' wheels: no internet is needed")
    parser.add_argument("--bare", action="store_true", help="install no packages beside Motcua: they are there")
    parser.add_argument("--no-debian-packages", action="store_true", help="install none: they are there")
    parser.add_argument("--restore-backup", action="store_true", help="rollback: to the database of then, too")
    parser.add_argument("--health-seconds", type=float, default=HEALTH_SECONDS, metavar="N", help="wait so long")
    parser.add_argument("--root", type=Path, default=Path("/"), metavar="DIR", help="a scratch root, to try it in")
    parser.add_argument("--systemctl", metavar="PROGRAM", help="in place of systemctl; in a scratch root: none")
    return parser


def _carry_out(given: argparse.Namespace, layout: Layout) -> str:
    systemctl = given.systemctl or ("systemctl" if layout.is_real else None)
    installer = Installer(
        layout=layout,
        machine=Machine(layout, systemctl),
        kind=_kind(given.kind, layout),
        centre=given.centre.absolute() if given.centre else None,
        with_packages=not given.no_debian_packages,
        health_seconds=given.health_seconds,
    )
    if given.task == "status":
        return installer.status()
    if given.task == "rollback":
        return f"{installer.roll_back(with_backup=given.restore_backup).name} runs"
    if given.task == "upgrade" and layout.current() is None:
        raise InstallError("there is nothing to upgrade: install")
    with wheel_of(given.source or _own_source()) as wheel:
        locked = LOCKED.get(installer.kind, "run")
        source = Source(wheel, locked, given.wheels.absolute() if given.wheels else None, is_bare=given.bare)
        return f"{installer.install(source).name} runs"


def _kind(given: str | None, layout: Layout) -> str:
    """An upgrade keeps what the machine is."""
    now = layout.current()
    return given or (read_note(now).kind if now is not None else "one-box")


def _own_source() -> Path:
    """The wheel or the checkout that this program itself comes from. Raises `InstallError`."""
    place = Path(__file__).parents[2]
    if zipfile.is_zipfile(place) or (place / "pyproject.toml").is_file():
        return place
    raise InstallError("say which wheel or checkout: motcua-install upgrade SOURCE")


def _keep_wheel_to_ourselves() -> None:
    """The wheel that this program runs from is no place for the versions' own programs to import from."""
    paths = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path and not path.endswith(".whl")]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)


def _check_user(layout: Layout) -> None:
    if layout.is_real and os.geteuid() != 0:
        raise InstallError("run this as root")


if __name__ == "__main__":
    sys.exit(main())
