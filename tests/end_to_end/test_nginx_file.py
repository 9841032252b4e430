"""config/deploy/nginx.conf in front of one server: what it logs, what it lets through, and its form for one box."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.api.client import ServerClient, ServerUnavailable, UnusableAuthority
from tests.end_to_end.nginx import SITE, Nginx
from tests.server_process import ROOT, ServerProcess

CODE = "oidc-code-918273"


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[tuple[ServerProcess, Nginx]]:
    behind = {"MOTCUA_SERVER__BEHIND_PROXY": "true", "MOTCUA_SERVER__SECURE_COOKIES": "true"}
    hall = ServerProcess(tmp_path, f"sqlite:///{tmp_path}/hall.db", "xa_mau", behind).start()
    with Nginx(tmp_path / "nginx", [hall.port]) as nginx:
        yield hall, nginx
    hall.stop()
    hall.site.engine.dispose()


def test_no_slips_address_and_no_query_is_in_its_logs(proxied: tuple[ServerProcess, Nginx], tmp_path: Path) -> None:
    hall, nginx = proxied
    slip = hall.take("HT")["status_url"].rpartition("/")[2]
    paths = [
        f"/t/{slip}",
        f"/t/{slip}/state",
        f"/api/v1/tickets/by-address/{slip}",
        f"/sign-in/single/back?code={CODE}",
    ]
    for path in paths:
        assert nginx.ask("GET", path, token=hall.token("kiosk")).status < 500, path
    assert nginx.ask("GET", f"/hall?code={CODE}", headers={"Referer": f"https://motcua/t/{slip}"}).status == 200
    hall.kill()  # now nginx has errors to write
    for path in paths:
        assert nginx.ask("GET", path).status == 502, path
    assert nginx.ask("GET", f"/hall?x={hall.port}").status == 502
    folder = tmp_path / "nginx"
    logs = {each.name: each.read_text() for each in folder.glob("*.log")}
    assert "GET /t/- 200" in logs["motcua.log"]
    assert "Connection refused" in logs["error.log"]
    for name, log in logs.items():
        assert slip not in log, name
        assert CODE not in log, name


def test_health_is_for_this_machine_and_figures_for_nobody_outside(proxied: tuple[ServerProcess, Nginx]) -> None:
    _, nginx = proxied
    assert nginx.ask("GET", "/healthz").status == 200
    assert nginx.ask("GET", "/metrics").status == 404
    site = SITE.read_text()
    block = site[site.index("location = /healthz") :]
    assert block.index("allow 127.0.0.1;") < block.index("allow ::1;") < block.index("deny all;") < block.index("}")


def test_a_broken_database_tells_outsiders_no_path(proxied: tuple[ServerProcess, Nginx], tmp_path: Path) -> None:
    hall, _ = proxied
    (tmp_path / "hall.db").rename(tmp_path / "moved.db")
    here = hall.ask("GET", "/healthz")
    outside = hall.ask("GET", "/healthz", headers={"X-Forwarded-For": "192.0.2.7"})
    assert (here.status, outside.status) == (503, 503)
    assert "hall.db" in here.json()["detail"]
    assert str(tmp_path) not in outside.body.decode()
    assert "hall.db" not in outside.body.decode()
    assert "hall.db" in (tmp_path / "server.log").read_text()


def test_a_kiosk_trusts_the_authority_it_is_given_and_no_other(
    proxied: tuple[ServerProcess, Nginx], tmp_path: Path
) -> None:
    hall, nginx = proxied
    url, token = f"https://127.0.0.1:{nginx.port}", hall.token("kiosk")
    known = str(tmp_path / "nginx" / "fullchain.pem")
    assert ServerClient(url, token, 10, known).centre().code == "xa_mau"
    with pytest.raises(ServerUnavailable):
        ServerClient(url, token, 10).centre()
    for wrong in (tmp_path / "none.pem", SITE):
        with pytest.raises(UnusableAuthority, match=r"kiosk\.ca_file"):
            ServerClient(url, token, 10, str(wrong))


def test_it_answers_in_place_of_debians_own_page_and_by_both_protocols() -> None:
    site = SITE.read_text()
    for port in ("80", "443 ssl http2"):
        assert f"listen {port} default_server;" in site
        assert f"listen [::]:{port} default_server;" in site
    assert "rm /etc/nginx/sites-enabled/default" in (ROOT / "docs" / "how-to" / "installation.md").read_text()


def test_the_guides_line_makes_the_file_of_one_box(proxied: tuple[ServerProcess, Nginx], tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "how-to" / "installation.md").read_text()
    (line,) = [each for each in guide.splitlines() if each.startswith("# sed -e") and "nginx.conf" in each]
    command = (
        line.removeprefix("# ").partition(" > ")[0].replace("/opt/motcua/current/config/deploy/nginx.conf", str(SITE))
    )
    made = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=True).stdout
    assert made.count("server 127.0.0.1:8000 ") == 2
    assert "800" in made
    assert "8001 max" not in made
    assert "8002 max" not in made
    _, nginx = proxied
    mine = tmp_path / "nginx" / "site.conf"
    kept = [each for each in mine.read_text().splitlines() if "ssl_certificate" in each or "listen" in each]
    mine.write_text(_with(made, kept, tmp_path / "nginx"))
    tried = subprocess.run(
        [nginx.program, "-t", "-c", str(tmp_path / "nginx" / "nginx.conf")], capture_output=True, text=True, check=False
    )
    assert tried.returncode == 0, tried.stderr


def _with(site: str, kept: list[str], folder: Path) -> str:
    """The site with the ports and certificates of the test's own one."""
    lines = [each for each in site.splitlines() if "listen" not in each and "ssl_certificate" not in each]
    plain = [each for each in kept if "listen" in each and "ssl" not in each]
    secure = [each for each in kept if each not in plain]
    text = "\n".join(lines).replace("/var/log/nginx", str(folder))
    head, _, rest = text.partition("    server_name _;\n")
    middle, _, tail = rest.partition("    server_name _;\n")
    return head + "\n".join(plain) + "\n" + middle + "\n".join(secure) + "\n" + tail
