"""The demo's own folder: emptied or kept, one demo at a time, and never somebody else's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Settings, load_settings
from display_server.demo.errors import DemoError
from display_server.demo.seed import Folder, find_folder, load, seed
from display_server.services.staff.staff import Role


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    found = Folder(tmp_path, keep=False)
    yield found
    found.close()


def settings(folder: Folder) -> Settings:
    return load_settings(server={"database": f"sqlite:///{folder.path}/motcua.db"})


def test_every_role_and_every_counter_has_a_key(folder: Folder) -> None:
    centre = load("xa_mau")
    access = seed(settings(folder), centre, folder)
    assert {person.role for person in access.staff} == set(Role)
    assert set(access.counters) == {counter.code for counter in centre.counters}
    assert len({access.kiosk, access.visitors, *access.counters.values()}) == 2 + len(centre.counters)


def test_passwords_are_made_up_anew(tmp_path: Path) -> None:
    passwords: list[str] = []
    for name in ("one", "two"):
        folder = Folder(tmp_path / name, keep=False)
        passwords += [person.password for person in seed(settings(folder), load("xa_mau"), folder).staff]
        folder.close()
    assert len(set(passwords)) == len(passwords) == 10


def test_only_the_owner_may_read_the_keys(folder: Folder) -> None:
    seed(settings(folder), load("xa_mau"), folder)
    assert folder.access_file.stat().st_mode & 0o077 == 0


def test_a_kept_hall_has_the_same_keys(folder: Folder, tmp_path: Path) -> None:
    access = seed(settings(folder), load("xa_mau"), folder)
    folder.close()
    kept = Folder(tmp_path, keep=True)
    assert seed(settings(kept), load("xa_mau"), kept) == access
    with pytest.raises(DemoError, match="holds xa_mau; give --centre xa_mau"):
        seed(settings(kept), load("thai_binh"), kept)
    kept.close()


def test_without_keep_nothing_of_the_last_demo_is_left(folder: Folder, tmp_path: Path) -> None:
    seed(settings(folder), load("xa_mau"), folder)
    (tmp_path / "slips").mkdir()
    (tmp_path / "slips" / "slip-0001.png").touch()
    folder.close()
    again = Folder(tmp_path, keep=False)
    assert {path.name for path in tmp_path.iterdir()} <= {"lock", "lock-journal"}
    again.close()


def test_one_demo_at_a_time_uses_a_folder(folder: Folder, tmp_path: Path) -> None:
    with pytest.raises(DemoError, match="another demo is running there"):
        Folder(tmp_path, keep=False)


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(DemoError, match="holds something else than a demo"):
        Folder(tmp_path, keep=False)
    assert (tmp_path / "thesis.txt").exists()


def test_an_unknown_centre_is_told_with_those_that_there_are() -> None:
    with pytest.raises(DemoError, match="there are: thai_binh, xa_mau"):
        find_folder("../secrets")
