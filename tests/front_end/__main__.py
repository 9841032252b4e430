"""`python -m tests.front_end`: ESLint, types and unit tests of the browser scripts. Exit code 1 when any of them fails.

Node.js is the one that Playwright brings along; `setup.sh` installs the npm packages.
"""

import subprocess
import sys
from pathlib import Path

from playwright._impl._driver import compute_driver_executable

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MODULES = HERE / "node_modules"
SCRIPTS = ["display_server/static/js", "display_server/demo/static", "tests/front_end"]
CHECKS = {
    "eslint": [
        MODULES / "eslint/bin/eslint.js",
        "--config",
        HERE / "eslint.config.js",
        "--max-warnings",
        "0",
        *SCRIPTS,
    ],
    "types": [MODULES / "typescript/bin/tsc", "--project", HERE],
    "units": ["--test", *sorted((HERE / "unit").glob("*.test.js"))],
}


def run(check: str) -> int:
    """One check from the top folder; its exit code, with its output on this process's own."""
    return subprocess.run([compute_driver_executable()[0], *CHECKS[check]], cwd=ROOT, check=False).returncode


def main() -> int:
    if not MODULES.is_dir():
        print("tests/front_end: no npm packages; run MOTCUA_SETUP=test ./setup.sh", file=sys.stderr)
        return 1
    return max(run(check) for check in CHECKS)


if __name__ == "__main__":
    sys.exit(main())
