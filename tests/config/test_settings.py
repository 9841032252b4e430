"""config/settings.py: defaults < site file < environment < flags, and one clear line for whatever is wrong."""

import json
import os
import re
import tomllib
from pathlib import Path

import pytest

from config.settings import DEFAULTS_FILE, Settings, SettingsError, load_settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("MOTCUA_"):
            monkeypatch.delenv(name)


@pytest.fixture
def site_file(tmp_path: Path) -> Path:
    return tmp_path / "site.toml"


def keys_of_the_code() -> set[str]:
    return {
        f"{section}.{key}"
        for section, field in Settings.model_fields.items()
        for key in getattr(field.annotation, "model_fields", {})
    }


def keys_of_the_file() -> set[str]:
    values = tomllib.loads(DEFAULTS_FILE.read_text(encoding="utf-8"))
    return {f"{section}.{key}" for section, keys in values.items() for key in keys}


def refusal(site_file: Path | None = None, **overrides: dict[str, object]) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(site_file, **overrides)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_every_setting_has_its_default_in_the_file_and_every_key_of_the_file_is_a_setting():
    assert keys_of_the_file() == keys_of_the_code()


def test_every_setting_is_documented_on_its_own_line():
    lines = DEFAULTS_FILE.read_text(encoding="utf-8").splitlines()
    settings = [line for line in lines if re.match(r"[a-z_]+ = ", line)]

    assert len(settings) == len(keys_of_the_code())
    assert [line for line in settings if not re.search(r" # \S.{9,}$", line)] == []


def test_the_defaults_load():
    assert load_settings().server.port == 8000


def test_a_site_file_changes_only_what_it_names(site_file):
    site_file.write_text("[server]\nport = 8080\n")

    settings = load_settings(site_file)

    assert settings.server.port == 8080
    assert settings.server.host == "127.0.0.1"


def test_a_site_file_from_a_windows_editor_is_read(site_file):
    site_file.write_bytes(b"\xef\xbb\xbf[server]\r\nport = 8080\r\n")

    assert load_settings(site_file).server.port == 8080


def test_the_environment_beats_the_site_file(site_file, monkeypatch):
    site_file.write_text("[server]\nport = 8080\n[log]\nlevel = 'debug'\n")
    monkeypatch.setenv("MOTCUA_SERVER__PORT", "9090")

    settings = load_settings(site_file)

    assert (settings.server.port, settings.log.level) == (9090, "debug")


def test_a_flag_beats_the_environment(monkeypatch):
    monkeypatch.setenv("MOTCUA_SERVER__PORT", "9090")

    assert load_settings(server={"port": 7070}).server.port == 7070


def test_the_environment_may_name_the_site_file(site_file, monkeypatch):
    site_file.write_text("[hall]\nlatest_calls = 5\n")
    monkeypatch.setenv("MOTCUA_CONFIG", str(site_file))

    assert load_settings().hall.latest_calls == 5


def test_the_environment_can_set_every_key(monkeypatch):
    values = tomllib.loads(DEFAULTS_FILE.read_text(encoding="utf-8"))
    for name in keys_of_the_code():
        section, key = name.split(".")
        value = values[section][key]
        text = value if isinstance(value, str) else json.dumps(value)  # as the library reads lists and tables
        monkeypatch.setenv(f"MOTCUA_{section}__{key}".upper(), text)

    assert load_settings() == Settings.model_validate(values)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[server]\nprot = 1\n", "server.prot: no such setting"),
        ("[sever]\nport = 1\n", "sever: no such setting"),
        ("[server]\nport = 'x'\n", "server.port: "),
        ("[server]\nport = 70000\n", "server.port: "),
        ("[server]\nalways_open = 'perhaps'\n", "server.always_open: "),
        ("server = 3\n", "server: "),
        ("[log]\nlevel = 'loud'\n", "log.level: "),
        ("[printer]\nurl = 'no scheme'\n", "printer.url: "),
        ("[kiosk]\nlanguage = 'Vietnamese'\n", "kiosk.language: "),
    ],
)
def test_a_wrong_key_or_value_is_told_with_file_and_key(site_file, text, key):
    site_file.write_text(text)

    assert refusal(site_file).startswith(f"{site_file}: {key}")


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"[server\n", "not valid TOML: "), (b"x = '\xff'\n", "cannot be read: ")],
)
def test_a_file_that_is_no_toml_is_told_with_its_name(site_file, content, reason):
    site_file.write_bytes(content)

    assert refusal(site_file).startswith(f"{site_file}: {reason}")


def test_a_missing_site_file_is_told_with_its_name(site_file):
    assert refusal(site_file).startswith(f"{site_file}: cannot be read: ")


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("MOTCUA_SERVER__PORT", "many", "environment: server.port: "),
        ("MOTCUA_SERVER__PROT", "1", "environment: MOTCUA_SERVER__PROT: no such setting"),
        ("MOTCUA_SEVER__PORT", "1", "environment: MOTCUA_SEVER__PORT: no such setting"),
        ("MOTCUA_SERVER_PORT", "1", "environment: MOTCUA_SERVER_PORT: no such setting"),
        ("MOTCUA_SERVER__PORT__X", "1", "environment: MOTCUA_SERVER__PORT__X: no such setting"),
        ("MOTCUA_SERVER", "no JSON", "environment: "),
        ("MOTCUA_SERVER", '{"prot": 1}', "environment: server.prot: no such setting"),
    ],
)
def test_a_wrong_variable_is_told_by_its_name_or_key(monkeypatch, variable, value, told):
    monkeypatch.setenv(variable, value)

    assert refusal().startswith(told)


def test_a_wrong_flag_is_told_as_the_command_line(site_file):
    site_file.write_text("[server]\nport = 8080\n")

    assert refusal(site_file, server={"port": -1}).startswith("command line: server.port: ")


def test_a_variable_that_names_no_section_is_left_alone(monkeypatch):
    monkeypatch.setenv("MOTCUA_SETUP", "test")

    assert load_settings().server.port == 8000


def test_settings_cannot_be_changed_afterwards():
    settings = load_settings()

    with pytest.raises(ValueError, match="frozen"):
        settings.server.port = 1
