"""config/deploy/container: what can be known of an image and of a compose file without building them."""

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.settings import load_settings
from tests.packaging.installed import ROOT, build_wheel

FOLDER = ROOT / "config" / "deploy" / "container"
CONTAINERFILE = FOLDER / "Containerfile"
BIN = Path(sys.executable).parent


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text())
    return loaded


def test_the_containerfile_has_no_faults_that_hadolint_knows() -> None:
    checked = subprocess.run([BIN / "hadolint", CONTAINERFILE], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout) == (0, "")


def test_the_compose_file_is_what_the_specification_says(tmp_path: Path) -> None:
    check = [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*check, FOLDER / "compose.yaml"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    wrong = tmp_path / "compose.yaml"
    wrong.write_text((FOLDER / "compose.yaml").read_text().replace("restart: always", "restart: [always]", 1))
    assert subprocess.run([*check, wrong], capture_output=True, check=False).returncode == 1


def test_the_wheel_is_made_from_what_the_containerfile_copies(tmp_path: Path) -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINERFILE.read_text(), re.MULTILINE)
    for name in " ".join(copied).split():
        target = tmp_path / "src" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, dirs_exist_ok=True)
        else:
            shutil.copy(ROOT / name, target)
        assert f"!{name.split('/')[0]}" in (ROOT / ".dockerignore").read_text().splitlines()
    wheels = build_wheel(tmp_path / "src", tmp_path / "one"), build_wheel(ROOT, tmp_path / "two")
    one, two = (set(zipfile.ZipFile(wheel).namelist()) for wheel in wheels)
    assert one == two
    for name in re.findall(r"-r (config/constraints/\w+\.txt)", CONTAINERFILE.read_text()):
        assert (ROOT / name).is_file()


def test_every_setting_of_the_containers_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = re.findall(r"(MOTCUA_\w+)=(\S+)", CONTAINERFILE.read_text())
    server = compose()["services"]["server-1"]["environment"]
    pairs += [(name, value) for name, value in server.items() if name.startswith("MOTCUA_")]
    assert len(pairs) > 8
    for name, value in pairs:
        monkeypatch.setenv(name, "https://hall.example.vn" if value.startswith("${") else value)
    settings = load_settings()
    assert settings.server.database == "postgresql:///motcua"
    assert settings.server.behind_proxy
    assert settings.server.secure_cookies
    assert str(settings.server.key_file) == "/var/lib/motcua-keys/motcua.key"


def test_secrets_come_from_outside_and_images_have_a_version() -> None:
    services = compose()["services"]
    for service in services.values():
        assert re.search(r":[\w.-]*\d|:\$\{", service["image"]), service["image"]
        for name, value in service.get("environment", {}).items():
            assert "PASSWORD" not in name or value.startswith("${MOTCUA_DATABASE_PASSWORD:?")
    example = (FOLDER / "env.example").read_text()
    assert set(re.findall(r"^(\w+)=$", example, re.MULTILINE)) == {"MOTCUA_DATABASE_PASSWORD", "MOTCUA_PUBLIC_URL"}
    assert {"server-1", "server-2", "database", "nginx"} == set(services)
    assert [name for name, service in services.items() if "ports" in service] == ["nginx"]


def test_nginx_is_set_up_as_everywhere_but_for_the_addresses() -> None:
    own, shared = (FOLDER / "nginx.conf").read_text(), (FOLDER.parent / "nginx.conf").read_text()
    services = compose()["services"]
    for number in (1, 2):
        address = services[f"server-{number}"]["networks"]["hall"]["ipv4_address"]
        shared = shared.replace(f"127.0.0.1:800{number}", f"{address}:8000")
    shared = shared.replace("/var/log/nginx/motcua.log", "/dev/stdout")
    without_comment = re.compile(r"\A(#.*\n)+")
    assert without_comment.sub("", own) == without_comment.sub("", shared)
