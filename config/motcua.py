"""The entry point of `motcua`: before anything of ours is imported, are `config`, `printer`, … ours at all?

The user's four packages have names that other distributions may use too. The wheel carries this file as the top-level
module `motcua`, which no other package shadows (pyproject.toml); it imports the standard library alone.
"""

import hashlib
import json
import sys
from base64 import urlsafe_b64encode
from importlib.machinery import PathFinder
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

PACKAGES = ("config", "printer", "display_server", "kiosk")


def main() -> None:
    """Run `motcua`, or end with one line and exit code 1 when a package that it would import is not its own."""
    if reason := why_not_ours(distribution("motcua")):
        sys.exit(f"motcua: {reason}: install Motcua into a virtual environment of its own")
    from config.cli import main as run  # noqa: PLC0415 - only now is it known to be ours

    run()


def why_not_ours(motcua: Distribution) -> str:
    """What is wrong with the first package that is not of the distribution `motcua`; empty when all are its own."""
    folder, digests = _source_folder(motcua), {}
    if folder is None:
        folder, digests = Path(str(motcua.locate_file(""))), _digests(motcua)
    for name in PACKAGES:
        own = folder / name / "__init__.py"
        found = PathFinder.find_spec(name)
        place = found.origin if found is not None else None
        if place is None:
            return f"its package {name!r} is missing: {own} is not there"
        if not _is_same(Path(place), own) or _digest(own) != digests.get(name, _digest(own)):
            return f"the package {name!r} in {place} is not Motcua's{_owner(name, Path(place))}"
    return ""


def _source_folder(motcua: Distribution) -> Path | None:
    """The checkout, where Motcua is installed from one (`pip install -e`)."""
    origin = json.loads(motcua.read_text("direct_url.json") or "{}")
    if not origin.get("dir_info", {}).get("editable"):
        return None
    return Path(url2pathname(urlsplit(origin["url"]).path))


def _digests(motcua: Distribution) -> dict[str, str]:
    """What was installed as each package's `__init__.py`: a later installation may have written over it."""
    record = (line.split(",") for line in (motcua.read_text("RECORD") or "").splitlines())
    known = {path: digest for path, digest, *_ in record}
    return {name: known[f"{name}/__init__.py"] for name in PACKAGES if f"{name}/__init__.py" in known}


def _digest(file: Path) -> str:
    return "sha256=" + urlsafe_b64encode(hashlib.sha256(file.read_bytes()).digest()).decode().rstrip("=")


def _is_same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)


def _owner(name: str, place: Path) -> str:
    for each in distributions():
        if each.name == "motcua":
            continue
        for file in each.files or ():
            if file.parts[0] in (name, f"{name}.py") and _is_same(Path(str(file.locate())), place):
                return f" but of {each.name} {each.version}"
    return ""
