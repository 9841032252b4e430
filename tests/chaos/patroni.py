"""Three nodes of PostgreSQL under Patroni and etcd on loopback, from the very file that a province copies.

`python -m tests.chaos --on patroni` kills the primary under load again and again and prints what came of it.
"""

import json
import os
import pwd
import shutil
import signal
import string
import subprocess
import tempfile
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.display_server.postgres import binaries
from tests.kiosk.driver import free_port
from tests.server_process import ROOT

TEMPLATE = ROOT / "config" / "deploy" / "patroni" / "patroni.yml"
PASSWORD = "mot cua hai cua"
NODES = 3
READY_SECONDS = 120.0
LOOK_SECONDS = 0.2


@dataclass
class Node:
    """One machine: Patroni and its PostgreSQL, in a process group of their own."""

    name: str
    port: int
    rest_port: int
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    def asks(self, what: str) -> dict[str, Any]:
        """What this node's Patroni says of `what`; nothing where it does not answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.rest_port}/{what}", timeout=2) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except (OSError, ValueError):
            return {}

    @property
    def postmaster(self) -> int:
        return int((self.folder / "data" / "postmaster.pid").read_text().splitlines()[0])


class PatroniCluster:
    """As `Cluster`: `start`, `make_database`, `url`, `stop`. Killed nodes are started again with `mend`."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="motcua-patroni-"))
        self._as_user: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            account = pwd.getpwnam("postgres")
            os.chown(self._folder, account.pw_uid, account.pw_gid)
            self._as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        self._client_ports = [free_port() for _ in range(NODES)]
        self._etcd: list[subprocess.Popen[bytes]] = []
        self.nodes = [
            Node(f"node{number}", free_port(), free_port(), self._folder / f"node{number}") for number in range(NODES)
        ]
        for node in self.nodes:
            node.folder.mkdir()
            if self._as_user:
                os.chown(node.folder, self._as_user["user"], self._as_user["group"])

    def start(self) -> "PatroniCluster":
        try:
            self._start_etcd()
            self.start_node(self.nodes[0])
            self.until(lambda: self.primary() is not None, "a primary")
            self.mend()
        except BaseException:
            self.stop()
            raise
        return self

    def _start_etcd(self) -> None:
        peers = [free_port() for _ in range(NODES)]
        everybody = ",".join(f"etcd{number}=http://127.0.0.1:{port}" for number, port in enumerate(peers))
        for number, (peer, client) in enumerate(zip(peers, self._client_ports, strict=True)):
            command = ["etcd", "--name", f"etcd{number}", "--data-dir", str(self._folder / f"etcd{number}")]
            command += ["--initial-cluster", everybody, "--initial-cluster-state", "new"]
            for kind, port in (("peer", peer), ("client", client)):
                command += [f"--listen-{kind}-urls", f"http://127.0.0.1:{port}"]
            command += ["--heartbeat-interval", "300", "--election-timeout", "3000"]  # the machine may be busy
            command += ["--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}"]
            command += ["--advertise-client-urls", f"http://127.0.0.1:{client}"]
            self._etcd.append(self._spawn(command, self._folder / f"etcd{number}.log"))

    def start_node(self, node: Node) -> None:
        values = {
            "NODE": node.name,
            "ADDRESS": "127.0.0.1",
            "NETWORK": "127.0.0.1/32",
            "PORT": str(node.port),
            "REST_PORT": str(node.rest_port),
            "ETCD_HOSTS": ",".join(f"127.0.0.1:{port}" for port in self._client_ports),
            "DATA": str(node.folder / "data"),
            "BINARIES": str((binaries() / "initdb").resolve().parent),
            "PASSWORD": PASSWORD,
            "WATCHDOG": "off",
        }
        file = node.folder / "patroni.yml"
        file.write_text(string.Template(TEMPLATE.read_text(encoding="utf-8")).substitute(values), encoding="utf-8")
        node.process = self._spawn(["patroni", str(file)], node.folder / "log")

    def _spawn(self, command: list[str], log: Path) -> subprocess.Popen[bytes]:
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self._folder), "LC_ALL": "C.UTF-8"}
        with log.open("ab") as out:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd=self._folder,
                env=environment,
                start_new_session=True,
                **self._as_user,
            )

    def primary(self) -> Node | None:
        return next((node for node in self.nodes if self._is_primary(node.asks("patroni"))), None)

    @staticmethod
    def _is_primary(said: dict[str, Any]) -> bool:
        return said.get("role") in {"master", "primary"} and said.get("state") == "running"

    def is_whole(self) -> bool:
        """A leader, and two that follow it, of whom etcd knows one as the synchronous one: it may take over."""
        members = next((found for node in self.nodes if (found := node.asks("cluster").get("members"))), [])
        roles = sorted(each["role"] for each in members if each["state"] in {"running", "streaming"})
        return roles == ["leader", *["replica"] * (NODES - 2), "sync_standby"]

    def until(self, condition: Any, what: str) -> None:
        give_up = time.monotonic() + READY_SECONDS
        while not condition():
            if time.monotonic() > give_up:
                raise TimeoutError(f"no {what} within {READY_SECONDS:.0f} s\n{self.said()}")
            time.sleep(LOOK_SECONDS)

    def said(self) -> str:
        """The end of each node's log, for whoever looks into a failure."""
        logs = [node.folder / "log" for node in self.nodes]
        return "\n\n".join(f"{log}\n{log.read_text()[-3000:]}" for log in logs if log.exists())

    def kill_postgres(self) -> Node:
        """Kill -9 of the primary's PostgreSQL; its Patroni lives. The node that was hit."""
        node = self._primary_now()
        os.kill(node.postmaster, signal.SIGKILL)
        return node

    def kill_node(self) -> Node:
        """Kill -9 of all that runs on the primary's machine: Patroni and PostgreSQL with every backend."""
        node = self._primary_now()
        assert node.process is not None
        doomed = [*_children(node.postmaster), node.postmaster, *_children(node.process.pid), node.process.pid]
        for pid in doomed:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        node.process.wait()
        node.process = None
        return node

    def _primary_now(self) -> Node:
        node = self.primary()
        assert node is not None
        return node

    def mend(self) -> None:
        """Start what is dead, and wait until all nodes are well: only then may the next one die."""
        for node in self.nodes:
            if node.process is None:
                self.start_node(node)
        self.until(self.is_whole, "all nodes")

    def make_database(self) -> str:
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as connection:
            connection.execute("CREATE DATABASE motcua")
        return "motcua"

    def url(self, name: str) -> str:
        """Every node, of which the one that can be written is taken: nobody has to be told of a failover."""
        hosts = "&".join(f"host=127.0.0.1:{node.port}" for node in self.nodes)
        password = PASSWORD.replace(" ", "%20")
        return f"postgresql+psycopg://postgres:{password}@/{name}?{hosts}&target_session_attrs=read-write"

    def _dsn(self, name: str) -> str:
        hosts, ports = ",".join(["127.0.0.1"] * NODES), ",".join(str(node.port) for node in self.nodes)
        return psycopg.conninfo.make_conninfo(
            host=hosts, port=ports, dbname=name, user="postgres", password=PASSWORD, target_session_attrs="read-write"
        )

    def stop(self) -> None:
        for node in self.nodes:
            if node.process is not None:
                node.process.terminate()
        for node in self.nodes:
            if node.process is not None:
                node.process.wait(60)
        for each in self._etcd:
            each.kill()
            each.wait()
        shutil.rmtree(self._folder, ignore_errors=True)


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []
