"""`motcua privacy`: shown first, erased with --yes, logged without the text."""

from click.testing import CliRunner, Result

from display_server.cli.audit import audit
from display_server.cli.privacy import privacy
from display_server.domain.state_machine import Action
from tests.display_server.service_harness import ServiceHarness

NOTE = "Ông Trần Văn A, CCCD 034071001234"


def told(hall: ServiceHarness, *arguments: str) -> Result:
    return CliRunner().invoke(privacy, [*arguments, "--database", hall.database])


def test_show_and_erase(small_hall: ServiceHarness) -> None:
    small_hall.take("HT", procedure="HT-1")
    small_hall.next()
    small_hall.step(Action.PARK, note=NOTE)
    shown = told(small_hall, "show")
    assert shown.exit_code == 0
    assert next(line for line in shown.stdout.splitlines() if line.startswith("texts: note")).split()[2:] == [
        "1",
        "2026-11-16",
        "30",
    ]
    asked = ("erase", "--number", "A001", "--day", "2026-11-16")
    dry = told(small_hall, *asked)
    assert (dry.exit_code, "would be erased" in dry.stdout, small_hall.ticket(1).note) == (0, True, NOTE)
    done = told(small_hall, *asked, "--yes")
    assert (done.exit_code, "erased" in done.stdout, small_hall.ticket(1).note) == (0, True, None)
    assert "nothing is held" in told(small_hall, *asked, "--yes").stdout
    exported = CliRunner().invoke(audit, ["export", "--database", small_hall.database])
    assert exported.exit_code == 0
    assert "Trần" not in exported.stdout
    assert CliRunner().invoke(audit, ["verify", "--database", small_hall.database]).exit_code == 0
    assert told(small_hall, "run").exit_code == 0


def test_wrong_use(small_hall: ServiceHarness) -> None:
    for arguments in (["erase"], ["erase", "--ticket", "1", "--staff", "x"], ["erase", "--day", "2026-11-16"]):
        assert told(small_hall, *arguments).exit_code == 2
    for arguments in (["erase", "--ticket", "4711"], ["erase", "--staff", "Lan"], ["erase", "--number", "A999"]):
        assert told(small_hall, *arguments).exit_code == 1
