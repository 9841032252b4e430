"""A schema that changes: the hall as it was is kept first."""

from pathlib import Path

import pytest

from display_server.services.recovery import restore_hall
from display_server.services.start import open_site
from display_server.store.migrate import HEAD, current_revision, run
from tests.display_server.small_hall import SmallHall
from tests.display_server.store.test_copies import numbers


def test_the_hall_before_the_upgrade_can_be_restored(
    small_hall: SmallHall, database: str, second_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    small_hall.take()
    run(small_hall.site.engine, "0014", down=True)
    small_hall.close()
    settings, keys = small_hall.site.settings, small_hall.site.keys
    site = open_site(settings, small_hall.clock, keys)
    assert current_revision(site.engine) == HEAD
    site.close()
    folder = Path(database.removeprefix("sqlite:///")).parent if database.startswith("sqlite") else tmp_path
    (copy,) = folder.glob("*.schema-0014.*")
    restore_hall(copy, second_database)
    restored = SmallHall(second_database)
    assert numbers(restored)[0] == 1
    restored.close()
