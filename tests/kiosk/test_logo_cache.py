"""The centre's emblem stays with the kiosk, and follows the centre."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kiosk.api.client import ServerUnavailable
from kiosk.api.models import Centre, Ticket, Wish
from kiosk.core.build_slip import build_slip
from kiosk.core.logo_cache import Emblem
from tests.kiosk.fake_server import small_centre
from tests.printer.conftest import round_emblem


class Pictures:
    """A server with one picture an address; away when told so."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.away = False

    def fetch_image(self, path: str) -> bytes:
        self.asked.append(path)
        if self.away:
            raise ServerUnavailable("away")
        return f"picture at {path}".encode()


@pytest.fixture
def pictures() -> Pictures:
    return Pictures()


def centre(**changes: Any) -> Centre:
    return Centre.model_validate(small_centre(**changes) | {"now": "2026-11-16T01:00:00Z"})


def test_it_is_fetched_once_and_found_again_without_the_server(pictures: Pictures, tmp_path: Path) -> None:
    here = centre(emblem="/emblem?v=1")
    emblem = Emblem(pictures, tmp_path, None)
    for _ in range(3):
        emblem.update(here)
    assert emblem.path is not None
    assert emblem.path.read_bytes() == b"picture at /emblem?v=1"
    assert emblem.png() == b"picture at /emblem?v=1"
    assert pictures.asked == ["/emblem?v=1"]
    assert Emblem(pictures, tmp_path, here).path == emblem.path


def test_a_new_picture_replaces_the_old_file(pictures: Pictures, tmp_path: Path) -> None:
    emblem = Emblem(pictures, tmp_path, None)
    emblem.update(centre(emblem="/emblem?v=1"))
    emblem.update(centre(emblem="/emblem?v=2"))
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"picture at /emblem?v=2"]


def test_the_old_picture_stays_until_the_new_one_is_here(pictures: Pictures, tmp_path: Path) -> None:
    emblem = Emblem(pictures, tmp_path, None)
    emblem.update(centre(emblem="/emblem?v=1"))
    old, pictures.away = emblem.path, True
    emblem.update(centre(emblem="/emblem?v=2"))
    assert emblem.path == old
    pictures.away = False
    emblem.update(centre(emblem="/emblem?v=2"))
    assert emblem.path not in (None, old)


def test_a_centre_without_one(pictures: Pictures, tmp_path: Path) -> None:
    emblem = Emblem(pictures, tmp_path, None)
    emblem.update(centre(emblem="/emblem?v=1"))
    emblem.update(centre())
    assert emblem.path is None


def test_a_file_that_somebody_deleted_costs_no_slip(tmp_path: Path) -> None:
    emblem = Emblem(Pictures(), tmp_path, None)
    assert emblem.png() is None
    emblem.update(centre(emblem="/emblem?v=1"))
    assert emblem.path is not None
    emblem.path.unlink()
    assert emblem.png() is None


def test_the_emblem_reaches_the_paper() -> None:
    wish = Wish(request_id="r", department="TP")
    ticket = Ticket(request_id="r", number="A001", department="TP", issued_at=datetime.now(UTC))
    assert build_slip(None, wish, ticket, offline=False, emblem=round_emblem()).emblem
