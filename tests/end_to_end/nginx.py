"""Debian's nginx with config/deploy/nginx.conf as it is, but for its ports, its certificate and its servers."""

import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
from pathlib import Path
from typing import Any, Self

from tests.kiosk.driver import free_port, until
from tests.server_process import ROOT, Answer

SITE = ROOT / "config" / "deploy" / "nginx.conf"
AROUND = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/site.conf;
}}
"""


class Nginx:
    """In front of server processes on `ports`; `port` speaks TLS with a certificate of its own."""

    def __init__(self, folder: Path, ports: list[int]) -> None:
        program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
        assert program, "nginx is missing: apt-get install nginx-light"
        self.program, self._folder = program, folder
        folder.mkdir()
        self.port, self.plain_port = free_port(), free_port()
        self._make_certificate()
        site = SITE.read_text().replace("/etc/motcua/tls", str(folder))
        site, upstreams = re.subn(
            r"(?m)^    server 127\.0\.0\.1:8001(.*)\n    server 127\.0\.0\.1:8002.*\n",
            lambda found: "".join(f"    server 127.0.0.1:{port}{found[1]}\n" for port in ports),
            site,
        )
        assert upstreams == 2
        for usual, port in ((443, self.port), (80, self.plain_port)):
            site = site.replace(f"listen {usual} ", f"listen 127.0.0.1:{port} ")
            site = site.replace(f"listen [::]:{usual} ", f"listen [::1]:{port} ")
        if not socket.has_ipv6 or not Path("/proc/net/if_inet6").exists() or not Path("/proc/net/if_inet6").read_text():
            site = re.sub(r"(?m)^ +listen \[::1\].*\n", "", site)  # a test machine without it
        site = site.replace("/var/log/nginx", str(folder))
        assert "/motcua.log motcua;" in site
        (folder / "site.conf").write_text(site)
        (folder / "nginx.conf").write_text(AROUND.format(folder=folder))

    def __enter__(self) -> Self:
        command = [self.program, "-c", str(self._folder / "nginx.conf"), "-e", str(self._folder / "error.log")]
        self._process = subprocess.Popen(command)
        until(self._is_up, "nginx")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(20)

    def _is_up(self) -> bool:
        pid = self._folder / "pid"
        return pid.exists() and pid.read_text().strip() != ""

    def connection(self) -> http.client.HTTPSConnection:
        trust = ssl.create_default_context(cafile=str(self._folder / "fullchain.pem"))
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=trust)

    def ask(
        self, method: str, path: str, body: Any = None, token: str | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        sent = {"Content-Type": "application/json", **(headers or {})}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        connection = self.connection()
        try:
            connection.request(method, path, body and json.dumps(body), sent)
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def _make_certificate(self) -> None:
        subprocess.run(
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-days", "2", "-subj", "/CN=motcua", "-addext", "subjectAltName=IP:127.0.0.1",
                "-keyout", str(self._folder / "privkey.pem"), "-out", str(self._folder / "fullchain.pem"),
            ],
            check=True,
            capture_output=True,
        )  # fmt: skip
