"""config/cli.py: what every `motcua` command has in common."""

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from config.cli import COMMANDS, MotcuaCommand, MotcuaGroup, main, motcua
from config.errors import MotcuaError
from config.settings import SettingsError

MOTCUA = Path(sys.executable).with_name("motcua")


@click.command(cls=MotcuaCommand)
@click.option("--loud", is_flag=True)
@click.pass_obj
def show(settings, loud):
    click.echo(f"{settings.server.database} {loud}")


@click.group(cls=MotcuaGroup)
def tools():
    pass


@tools.command()
@click.pass_obj
def port(settings):
    click.echo(settings.server.port)


@pytest.fixture
def site_file(tmp_path: Path) -> Path:
    file = tmp_path / "site.toml"
    file.write_text("[server]\ndatabase = 'sqlite:///site.db'\nport = 8080\n")
    return file


@pytest.fixture
def wrong_file(tmp_path: Path) -> Path:
    file = tmp_path / "wrong.toml"
    file.write_text("[server]\nprot = 8080\n")
    return file


def run_motcua(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")}
    return subprocess.run(
        [MOTCUA, *arguments], env={**bare, **variables}, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_command_gets_the_settings_of_the_site_file(site_file):
    result = CliRunner().invoke(show, ["--config", str(site_file)])

    assert result.output == "sqlite:///site.db False\n"


def test_the_database_flag_beats_the_site_file(site_file):
    result = CliRunner().invoke(show, ["--config", str(site_file), "--database", "sqlite:///flag.db", "--loud"])

    assert result.output == "sqlite:///flag.db True\n"


def test_the_commands_of_a_group_take_the_same_options(site_file):
    result = CliRunner().invoke(tools, ["port", "--config", str(site_file)])

    assert result.output == "8080\n"


def test_a_wrong_setting_ends_the_command_before_it_does_anything(wrong_file):
    result = CliRunner().invoke(show, ["--config", str(wrong_file)])

    assert isinstance(result.exception, SettingsError)
    assert result.output == ""


def test_a_folder_is_no_site_file(tmp_path):
    assert CliRunner().invoke(show, ["--config", str(tmp_path)]).exit_code == 2


def test_help_lists_every_command_without_loading_a_room():
    script = "import sys; from click.testing import CliRunner; from config.cli import motcua; "
    script += "print(CliRunner().invoke(motcua, ['--help']).output); "
    script += "sys.exit(any(room in sys.modules for room in ('kiosk', 'display_server', 'printer')))"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)

    assert result.returncode == 0
    assert [name for name in COMMANDS if f"  {name} " not in result.stdout] == []


def test_every_listed_command_is_brought_by_a_room():
    assert {entry.name for entry in entry_points(group="motcua.commands")} == set(COMMANDS)


def test_an_unknown_command_is_wrong_use():
    result = CliRunner().invoke(motcua, ["fly"])

    assert result.exit_code == 2
    assert "No such command 'fly'" in result.output


@pytest.mark.parametrize(("error", "code"), [(MotcuaError("no paper"), 1), (SettingsError("no such setting"), 2)])
def test_an_error_raised_on_purpose_is_one_line_and_its_exit_code(monkeypatch, capsys, error, code):
    @click.command()
    def fail():
        raise error

    monkeypatch.setattr(motcua, "get_command", lambda ctx, name: fail)
    monkeypatch.setattr(sys, "argv", ["motcua", "fail"])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == code
    assert capsys.readouterr() == ("", f"motcua: {error}\n")


def test_a_missing_package_is_told_with_the_way_to_get_it(monkeypatch):
    class Entry:
        name = "kiosk"
        value = "kiosk.cli:kiosk"

        def load(self):
            raise ModuleNotFoundError("No module named 'kivy'", name="kivy")

    monkeypatch.setattr("config.cli.entry_points", lambda **_: [Entry()])

    result = CliRunner().invoke(motcua, ["kiosk"])

    assert str(result.exception) == "motcua kiosk needs the package kivy: pip install 'motcua[kiosk]'"


def test_the_installed_command_tells_its_version():
    result = run_motcua("--version")

    assert result.returncode == 0
    assert result.stdout.startswith("motcua")
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[server]\nprot = 8080\n", "server.prot: no such setting"),
        ("[server]\nport = 'x'\n", "server.port: "),
        (None, "cannot be read: "),
    ],
)
def test_the_installed_command_tells_a_wrong_key_type_or_path_in_one_line(tmp_path, text, told):
    file = tmp_path / "site.toml"
    if text is not None:
        file.write_text(text)

    result = run_motcua("printer", "list", "--config", str(file))

    assert result.returncode == 2
    assert result.stderr.startswith(f"motcua: {file}: {told}")
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_the_installed_command_tells_a_wrong_variable_in_one_line():
    result = run_motcua("printer", "list", MOTCUA_SERVER__PORT="x")

    assert result.returncode == 2
    assert result.stderr.startswith("motcua: environment: server.port: ")
    assert result.stderr.count("\n") == 1
