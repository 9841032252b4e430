"""The buttons' file: right as a whole, or one line that says what is wrong."""

import subprocess
from pathlib import Path

import pytest

from display_server.button_agent.config import PlanError, load_plan
from tests.server_process import MOTCUA, ROOT, clean_environment

EXAMPLE = ROOT / "config" / "buttons.toml"


def test_the_example_is_right(tmp_path: Path) -> None:
    plan = load_plan(EXAMPLE)
    assert plan.mqtt is not None
    assert (len(plan.mqtt.button), len(plan.keypad), len(plan.serial[0].keypad)) == (1, 1, 1)
    done = subprocess.run(
        [MOTCUA, "buttons", str(EXAMPLE), "--check"],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, f"{EXAMPLE}: 3 buttons\n")


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ('"single" = "next"', '"single" = "nxt"', "mqtt.button.0.keys.single: must be 'next'"),
        ("try_seconds", "trie_seconds", "trie_seconds: no such key"),
        ('"02 31 4E 03"', '"02 31 4X 03"', "serial.0.keypad.0.frames: non-hexadecimal"),
        ('"02 31 4E 03"', '"02 31"', "serial.0: the frame 02 31 is the beginning of another one"),
        ("zigbee2mqtt/quay-1/action", "zigbee2mqtt/+/action", "mqtt.button.0.topic"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", "server_url"),
        ("the-token-of-button-2", "short", "keypad.0.token: must have at least 16 letters"),
        ("{ 96 =", "{ Enter =", "keypad.0.keys.Enter"),
        ("[mqtt]", "[mqtt", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(tmp_path: Path, was: str, now: str, said: str) -> None:
    file = tmp_path / "buttons.toml"
    text = EXAMPLE.read_text()
    assert was in text
    file.write_text(text.replace(was, now))
    done = subprocess.run(
        [MOTCUA, "buttons", str(file)], env=clean_environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith(f"motcua: {file}: ")
    assert said in done.stderr


def test_a_token_is_never_in_what_is_said(tmp_path: Path) -> None:
    file = tmp_path / "buttons.toml"
    file.write_text('server_url = "http://a"\n[[keypad]]\ntoken = "shh"\ndevice = "/dev/x"\nkeys = {96 = "next"}\n')
    with pytest.raises(PlanError) as error:
        load_plan(file)
    assert "shh" not in str(error.value)


def test_a_file_without_buttons_or_none_at_all(tmp_path: Path) -> None:
    file = tmp_path / "buttons.toml"
    with pytest.raises(PlanError, match="cannot be read"):
        load_plan(file)
    file.write_text('server_url = "http://a"\n')
    with pytest.raises(PlanError, match="there is no button"):
        load_plan(file)
