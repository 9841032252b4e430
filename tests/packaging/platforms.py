"""`make wheels`: does every package of a hall come as a wheel? Asked of the package index, nothing is kept.

    python -m tests.packaging.platforms UV config/constraints/run.txt

Prints, for each Python and machine, the packages that are compiled; exit code 1 when one has no wheel.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

PYTHONS = ("3.11", "3.12", "3.13")
MACHINES = ("x86_64", "aarch64")
OLDEST_GLIBC = "manylinux_2_28"  # Debian 12 and Raspberry Pi OS 12 have 2.36


def compiled_packages(uv: str, locked: Path, python: str, machine: str) -> tuple[int, list[str]]:
    """How many packages are wanted there, and those of them that are not plain Python. Raises `LookupError`."""
    with tempfile.TemporaryDirectory() as folder:
        command = [uv, "--no-config", "pip", "install", "--dry-run", "--verbose", "--target", folder]
        command += ["--python-platform", f"{machine}-{OLDEST_GLIBC}", "--python-version", python]
        command += ["--only-binary", ":all:", "--no-cache", "--require-hashes", "-r", str(locked)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LookupError("\n".join(done.stderr.splitlines()[-3:]))
    wanted = re.findall(r"^ \+ (\S+)==", done.stderr, re.MULTILINE)
    wheels = set(re.findall(r"Selecting: \S+ \[\w+\] \(([^)\s]+\.whl)\)", done.stderr))
    return len(wanted), sorted(name.partition("-")[0] for name in wheels if not name.endswith("-none-any.whl"))


def main() -> None:
    uv, locked = sys.argv[1], Path(sys.argv[2])
    for machine in MACHINES:
        for python in PYTHONS:
            try:
                count, compiled = compiled_packages(uv, locked, python, machine)
            except LookupError as error:
                sys.exit(f"{machine}, Python {python}: a package has no wheel:\n{error}")
            print(f"{machine}, Python {python}: {count} packages, all as wheels; compiled: {', '.join(compiled)}")


if __name__ == "__main__":
    main()
