"""A wall clock that jumps is not heard of once the server has told the time."""

from datetime import UTC, datetime, timedelta

import pytest

import kiosk.core.server_clock
from kiosk.core.server_clock import ServerClock

JUMPS = [timedelta(days=1), timedelta(days=-1)]


class Wall(datetime):
    """The wall clock, set wrong by `wrong_by`."""

    wrong_by = timedelta()

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        assert tz is UTC
        return datetime.now(UTC) + cls.wrong_by


@pytest.fixture(params=JUMPS, ids=["a day ahead", "a day behind"])
def jump(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> timedelta:
    monkeypatch.setattr(Wall, "wrong_by", request.param)
    monkeypatch.setattr(kiosk.core.server_clock, "datetime", Wall)
    return timedelta(request.param.days)


def apart(clock: ServerClock) -> float:
    return abs((clock.now() - datetime.now(UTC)).total_seconds())


def test_before_the_server_has_spoken_there_is_only_the_wall_clock(jump: timedelta) -> None:
    assert apart(ServerClock()) == pytest.approx(abs(jump.total_seconds()), abs=5)


def test_the_servers_word_stands(jump: timedelta) -> None:
    assert jump
    clock = ServerClock()
    clock.sync(datetime.now(UTC))
    assert apart(clock) < 5
