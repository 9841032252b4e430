"""A province on one database: 104 commune centres on PostgreSQL, on one server process and on two.

python -m tests.benchmarks.bench_scale

Where the clients take half of a small machine, rates say little of a larger one. So the processor time of each ticket,
call and poll of a phone is counted too, of the server's processes and of PostgreSQL's; docs/measurements/capacity.md
reckons with it.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any

from config.centre.loader import Centre, load_centre
from config.settings import load_settings
from display_server.bootstrap import create_context
from display_server.selftest.command import CENTRES
from display_server.selftest.measure import Load, new_id, run_concurrently
from display_server.selftest.scratch import Client, TemporaryServer, percentile
from display_server.services.centre.import_centre import import_centre
from display_server.services.core.centres import find_centre
from display_server.services.core.context import ServerContext
from display_server.services.devices.devices import DeviceKind, add_device
from tests.benchmarks.results import Figures, postgres, processor_seconds
from tests.display_server.postgres import Cluster

PROVINCE = 104  # communes and wards of Hưng Yên
CLIENTS = 8
EACH = 150
ANY_NUMBER = "1000000 per minute"  # the phones of this benchmark share one address


class Commune:
    """What its devices know: their tokens, a department, the counter that serves it."""

    def __init__(self, site: ServerContext, model: Centre, number: int) -> None:
        centre = model.model_copy(update={"code": f"xa_{number}"})
        import_centre(site, centre)
        centre_id = find_centre(site, centre.code)
        self.counter = centre.counters[0].code
        self.department = centre.counters[0].departments[0]
        self.kiosk = add_device(site, centre_id, DeviceKind.KIOSK, "kiosk", None)
        self.desk = add_device(site, centre_id, DeviceKind.COUNTER, "desk", self.counter)


def main() -> None:
    """Print and keep the figures."""
    figures = Figures("scale")
    os.environ["MOTCUA_SERVER__PAGE_LIMIT"] = ANY_NUMBER
    with tempfile.TemporaryDirectory(prefix="motcua-bench-") as folder, postgres() as cluster:
        database = cluster.url(cluster.make_database())
        site = create_context(load_settings(server={"database": database}), create=True)
        model = load_centre(CENTRES / "xa_mau")
        communes = [Commune(site, model, number) for number in range(PROVINCE)]
        site.engine.dispose()
        for count in (1, 2):
            with processes(Path(folder), database, count) as servers:
                _measure(
                    figures, f"{PROVINCE} centres, {count} process{'es' * (count > 1)}", communes, servers, cluster
                )
    figures.write()


@contextmanager
def processes(folder: Path, database: str, count: int) -> Iterator[list[TemporaryServer]]:
    with ExitStack() as stack:
        servers = []
        for _ in range(count):
            server = TemporaryServer(folder, CENTRES / "xa_mau", database)
            server.start()
            stack.callback(server.stop)
            servers.append(server)
        yield servers


def _measure(
    figures: Figures, name: str, communes: list[Commune], servers: list[TemporaryServer], cluster: Cluster
) -> None:
    addresses: list[str] = []

    def take(ask: Callable[..., Any], commune: Commune) -> Any:
        body = {"request_id": new_id(), "department": commune.department}
        status, ticket = ask(commune.kiosk, "/api/v1/tickets", body)
        addresses.append("/t/" + ticket["status_url"].rpartition("/")[2] + "/state")
        return status == HTTPStatus.CREATED

    def call(ask: Callable[..., Any], commune: Commune) -> Any:
        body = {"request_id": new_id()}
        return ask(commune.desk, f"/api/v1/counters/{commune.counter}/call-next", body)[0] == HTTPStatus.OK

    def look(ask: Callable[..., Any], _: Commune) -> Any:
        return ask("", addresses[hash(new_id()) % len(addresses)], None)[0] == HTTPStatus.OK

    for server in servers:  # each process reads each centre's catalogue once
        clients = [Client(server.port, commune.kiosk) for commune in communes]
        for client in clients:
            client.get("/api/v1/centre")
            client.close()
    for what, act in (("tickets", take), ("calls", call), ("looks of a phone", look)):
        before = _processor_seconds(servers, cluster)
        load = _crowd(communes, servers, act)
        seconds = [after - earlier for after, earlier in zip(_processor_seconds(servers, cluster), before, strict=True)]
        assert all(load.answers), f"{what}: {load.answers.count(False)} were refused"
        figures.add(f"{name}: {what}, {CLIENTS} clients", load.rate(), "/s")
        figures.add(f"{name}: {what}, p99", percentile(load.seconds, 0.99) * 1000, "ms")
        for whose, used in zip(("the server", "PostgreSQL"), seconds, strict=True):
            figures.add(f"{name}: {what}, processor time of {whose}, each", used * 1000 / len(load.answers), "ms")


def _crowd(communes: list[Commune], servers: list[TemporaryServer], act: Callable[..., Any]) -> Load:
    """Each client goes round communes of its own, at one of the servers."""
    clients: dict[tuple[int, str], Client] = {}

    def turn(_: Client, me: int, number: int) -> Any:
        commune = communes[(number * CLIENTS + me) % len(communes)]

        def ask(token: str, path: str, body: Any) -> Any:
            client = clients.get((me, token))
            if client is None:
                client = clients[me, token] = Client(servers[me % len(servers)].port, token)
            return client.post(path, body) if body is not None else client.get(path)

        return act(ask, commune)

    load = run_concurrently(CLIENTS, EACH, lambda me: Client(servers[me % len(servers)].port, ""), turn)
    for client in clients.values():
        client.close()
    return load


def _processor_seconds(servers: list[TemporaryServer], cluster: Cluster) -> tuple[float, float]:
    """So far, of the server's processes and of PostgreSQL's."""
    return sum(processor_seconds(server.pid) for server in servers), processor_seconds(cluster.pid)


if __name__ == "__main__":
    main()
