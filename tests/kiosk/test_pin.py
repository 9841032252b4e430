"""The PIN of the service screen: kept as a hash, no default, five wrong ones lock it for longer and longer."""

import json
from pathlib import Path

import pytest

from kiosk.maintenance.pin import LOCKED_SECONDS, Answer, Pin, PinError, Verdict
from tests.kiosk.test_command import run

PIN = "2580"


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "pin.json"


@pytest.fixture
def pin(path: Path, clock: Clock) -> Pin:
    kept = Pin(path, clock)
    kept.set(PIN)
    return kept


def test_the_right_pin_opens_and_the_file_holds_no_pin(pin: Pin, path: Path) -> None:
    assert pin.check(PIN) == Answer(Verdict.RIGHT)
    assert PIN not in path.read_text()
    assert json.loads(path.read_text())["hash"].startswith("$argon2id$")
    assert path.stat().st_mode & 0o077 == 0


def test_there_is_no_default_pin(path: Path) -> None:
    unset = Pin(path)
    for guess in ("", "0000", "1234", PIN):
        assert unset.check(guess).verdict is Verdict.NOT_SET


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"hash": 1}', "\0", '{"hash": "x", "wrong": "many"}'])
def test_a_broken_file_opens_nothing(pin: Pin, path: Path, content: str) -> None:
    path.write_text(content)
    assert pin.check(PIN).verdict is Verdict.NOT_SET


def test_a_broken_hash_opens_nothing(pin: Pin, path: Path) -> None:
    path.write_text(json.dumps({"hash": "x", "wrong": 0, "locked_until": 0}))
    assert pin.check(PIN).verdict is Verdict.WRONG


def test_five_wrong_pins_lock_for_longer_each_time_and_across_restarts(pin: Pin, path: Path, clock: Clock) -> None:
    for seconds in (*LOCKED_SECONDS, LOCKED_SECONDS[-1]):
        assert [Pin(path, clock).check("1111") for _ in range(5)] == [
            *(Answer(Verdict.WRONG, left) for left in (4, 3, 2, 1)),
            Answer(Verdict.LOCKED, 5, seconds),
        ]
        clock.now += seconds - 1
        assert Pin(path, clock).check(PIN) == Answer(Verdict.LOCKED, 5, 1), "not even the right one"
        clock.now += 1
    assert pin.check(PIN).verdict is Verdict.RIGHT
    assert [pin.check("1111").verdict for _ in range(4)] == [Verdict.WRONG] * 4, "the right one clears the count"


def test_the_count_is_on_disk_before_the_pin_is_looked_at(
    pin: Pin, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(*_: object) -> None:
        raise SystemExit

    monkeypatch.setattr("argon2.PasswordHasher.verify", power_cut)
    with pytest.raises(SystemExit):
        pin.check("1111")
    assert json.loads(path.read_text())["wrong"] == 1


def test_a_clock_that_jumps_back_does_not_lock_for_a_year(pin: Pin, clock: Clock) -> None:
    for _ in range(5):
        pin.check("1111")
    clock.now -= 365 * 86400
    assert pin.check(PIN) == Answer(Verdict.LOCKED, 5, LOCKED_SECONDS[0])


@pytest.mark.parametrize("bad", ["", "123", "12a4", "１２３４", "1234567890123", "0000", "1234", "4321", "67890"])
def test_pins_that_are_none_or_too_easy_are_refused(path: Path, bad: str) -> None:
    with pytest.raises(PinError):
        Pin(path).set(bad)
    assert not path.exists()


def test_a_disk_that_refuses_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(PinError, match="cannot be written"):
        Pin(tmp_path / "data" / "pin.json").set(PIN)


def set_by_command(folder: Path, pin: str) -> tuple[int, str]:
    result = run("pin", given=f"{pin}\n", MOTCUA_KIOSK__DATA_DIR=str(folder))
    return result.returncode, result.stderr


def test_the_command_sets_it_without_showing_it(tmp_path: Path) -> None:
    assert set_by_command(tmp_path, PIN) == (0, "motcua: the PIN of the service screen is set\n")
    assert Pin(tmp_path / "pin.json").check(PIN).verdict is Verdict.RIGHT
    assert set_by_command(tmp_path, "1234")[0] == 2
    assert Pin(tmp_path / "pin.json").check(PIN).verdict is Verdict.RIGHT, "the old one stays"
