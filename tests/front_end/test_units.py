"""The unit tests of the browser scripts, by Node's own test runner."""

import subprocess

from playwright._impl._driver import compute_driver_executable

from tests.front_end.__main__ import CHECKS, ROOT


def test_unit_tests_of_the_scripts_pass() -> None:
    done = subprocess.run(
        [compute_driver_executable()[0], *CHECKS["units"]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "pass 0\n" not in done.stdout
