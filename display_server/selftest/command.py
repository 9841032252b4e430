"""The command: runs every measurement on a scratch server, prints a table or JSON, and fails on any fault."""

import json
import shutil
import tempfile
from pathlib import Path

import click

from config.cli import MotcuaCommand
from config.package_data import package_folder
from config.settings import Settings
from display_server.selftest import measure
from display_server.selftest.measure import Findings
from display_server.selftest.scratch import TemporaryServer

CENTRES = package_folder("config") / "centres"


@click.command(cls=MotcuaCommand)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--quick", is_flag=True, help="A tenth of the requests: finds faults, the figures are rough.")
@click.pass_obj
def selftest(settings: Settings, as_json: bool, quick: bool) -> None:  # noqa: ARG001 - the scratch server has its own
    """Races, latency and loss against a scratch server that this command starts itself."""
    work = Path(tempfile.mkdtemp(prefix="motcua-selftest-"))
    server = TemporaryServer(work, CENTRES / "thai_binh", f"sqlite:///{work}/scratch.db")
    try:
        server.prepare()
        findings = run(server, 0.1 if quick else 1.0)
    finally:
        server.stop()
        shutil.rmtree(work, ignore_errors=True)
    click.echo(json.dumps(_as_dict(findings)) if as_json else _as_table(findings))
    if any(findings.must_be_zero.values()):
        raise SystemExit(1)


def run(server: TemporaryServer, scale: float) -> Findings:
    """Every measurement in turn; `scale` 1 takes about half a minute."""
    findings = Findings()

    def times(count: int) -> int:
        return max(8, int(count * scale))

    server.start()
    findings.figures["server_ready_seconds"] = server.start_seconds
    findings.figures["server_memory_at_start_mib"] = server.memory_mib()
    with measure.watchers(server):
        measure.issue_tickets(server, findings, 1, times(2000))
        measure.issue_tickets(server, findings, 8, times(1000))
        _check_gaps(server, findings)
        measure.call_visitors(server, findings, 1, times(300))
        measure.call_visitors(server, findings, 8, times(300))
    measure.race_for_one(server, findings, times(50))
    measure.calls_to_screens(server, findings, times(100))
    measure.killed_under_load(server, findings, 8, max(1.0, 3 * scale))
    _check_gaps(server, findings)
    findings.figures["server_memory_at_end_mib"] = server.memory_mib()
    return findings


def _check_gaps(server: TemporaryServer, findings: Findings) -> None:
    numbers = server.all_numbers()
    findings.add_faults(gaps=measure.gaps(numbers), repeated_numbers=len(numbers) - len(set(numbers)))


def _as_dict(findings: Findings) -> dict[str, object]:
    rounded = {name: round(value, 2) for name, value in findings.figures.items()}
    return {"must_be_zero": findings.must_be_zero, "figures": rounded}


def _as_table(findings: Findings) -> str:
    faults = [
        f"{name:<40}{count:>12}   {'ok' if count == 0 else 'FAULT'}" for name, count in findings.must_be_zero.items()
    ]
    figures = [f"{name:<40}{value:>12.1f}" for name, value in findings.figures.items()]
    return "\n".join(["must be 0", *faults, "", "measured", *figures])
