"""The libraries that Motcua runs with and their licences, as the packages' own metadata name them.

`python .ci/licences.py` prints the table; `python .ci/licences.py --write` puts it into NOTICE.
"""

import importlib.metadata
import sys
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

NOTICE = Path(__file__).parents[1] / "NOTICE"
START = "Libraries\n---------\n"
PREFIX = "License :: "
UNCLEAR = {"", "Dual License", "UNKNOWN"}


def runtime() -> dict[str, importlib.metadata.Distribution]:
    """Every distribution that `motcua[hall]` needs on this machine, by canonical name."""
    found: dict[str, importlib.metadata.Distribution] = {}
    done: set[tuple[str, str]] = set()
    waiting = [("motcua", "hall")]
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in done:
            continue
        done.add((name, extra))
        found[name] = importlib.metadata.distribution(name)
        for line in found[name].requires or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                needed = canonicalize_name(requirement.name)
                waiting += [(needed, each) for each in {"", *requirement.extras}]
    del found["motcua"]
    return found


def licence(distribution: importlib.metadata.Distribution) -> str:
    """The SPDX expression, else the `License` field where it is one line, else the classifiers."""
    metadata = distribution.metadata
    if expression := metadata.get("License-Expression"):
        return expression
    field = (metadata.get("License") or "").strip()
    if field not in UNCLEAR and "\n" not in field:
        return field
    classifiers = [line for line in metadata.get_all("Classifier") or [] if line.startswith(PREFIX)]
    return " or ".join(line.rpartition(" :: ")[2] for line in classifiers) or "see the package"


def table() -> str:
    """One line for each library: name and licence."""
    return "".join(f"{name}: {licence(each)}\n" for name, each in sorted(runtime().items()))


if __name__ == "__main__":
    if "--write" in sys.argv:
        head, start, _ = NOTICE.read_text(encoding="utf-8").partition(START)
        NOTICE.write_text(head + start + table(), encoding="utf-8")
    else:
        print(table(), end="")
