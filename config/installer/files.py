"""The files outside the version's folder: units, the command `motcua`, udev rules, the site's settings."""

import json
import os
import re
from pathlib import Path

from config.installer.layout import UNITS, Layout

COMMAND = "/usr/local/bin/motcua"
# What comes along with the units, by the name in config/deploy.
OTHERS = {
    "sysusers.conf": "/etc/sysusers.d/motcua.conf",
    "tmpfiles.conf": "/etc/tmpfiles.d/motcua.conf",
    "60-motcua.rules": "/etc/udev/rules.d/60-motcua.rules",
    "motcua": COMMAND,
    "motcua-install": "/usr/local/sbin/motcua-install",
}
ONE_BOX = "/etc/systemd/system/motcua-kiosk.service.d/one-box.conf"


def place_files(layout: Layout, version: Path, kind: str) -> None:
    """Those of `version`, in place of another one's. A file that the site changed with `systemctl edit` stays."""
    deploy = version / "config" / "deploy"
    wanted = {name: f"/etc/systemd/system/{name}" for name in UNITS[kind]} | OTHERS
    if kind == "one-box":
        wanted["one-box.conf"] = ONE_BOX
    for name, path in wanted.items():
        is_of_the_site = name == "motcua-kiosk-x11.service" and not layout.at(path).exists()
        if is_of_the_site or not (deploy / name).exists():
            continue
        text = (deploy / name).read_text(encoding="utf-8")
        is_read_below_the_root = name in {"sysusers.conf", "tmpfiles.conf"}
        write(layout.at(path), text if is_read_below_the_root else layout.placed(text), _mode(path))


def _mode(path: str) -> int:
    return 0o755 if path.startswith("/usr/local/") else 0o644


def write(path: Path, text: str, mode: int) -> None:
    """Whole or not at all; nothing is touched when it is there already."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, encoding="utf-8")
    new.chmod(mode)
    if path.exists():
        os.chown(new, path.stat().st_uid, path.stat().st_gid)
    new.replace(path)


def place_settings(layout: Layout, version: Path) -> None:
    """The site's settings, once: what the site writes there is its own."""
    if not layout.settings.exists():
        text = (version / "config" / "deploy" / "motcua.toml").read_text(encoding="utf-8")
        write(layout.settings, layout.placed(text), 0o640)


def has_token(layout: Layout) -> bool:
    """Whether the kiosk has been enrolled."""
    return re.search(r'^token = "[^"]', layout.settings.read_text(encoding="utf-8"), re.MULTILINE) is not None


def put_token(layout: Layout, token: str) -> None:
    text = layout.settings.read_text(encoding="utf-8")
    write(
        layout.settings,
        re.sub(r'^token = ""', f"token = {json.dumps(token)}", text, count=1, flags=re.MULTILINE),
        0o640,
    )
