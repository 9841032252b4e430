"""What many halls on one server cost while nothing happens."""

from collections.abc import Collection

import gevent
from gevent.socket import socketpair

from config.settings import load_settings
from display_server.sse.broadcaster import Broadcaster, HallState


def test_one_look_serves_all_watched_halls_and_wakes_those_that_changed() -> None:
    versions, looks, asked = {1: 5, 2: 8, 3: 2}, [], []

    def look(centre_ids: Collection[int]) -> dict[int, int]:
        looks.append(sorted(centre_ids))
        return {each: versions[each] for each in centre_ids}

    def revoked(device_ids: Collection[int]) -> set[int]:
        asked.append(sorted(device_ids))
        return {71}

    hub = Broadcaster(load_settings().hall)
    hub.build = lambda centre_id: HallState(versions[centre_id], b"{}")
    hub.versions, hub.revoked = look, revoked
    screens = {centre_id: socketpair() for centre_id in (1, 2)}
    for centre_id, (ours, _) in screens.items():
        list(hub.subscribe(centre_id, ours.dup, chunked=False, device_id=70 + centre_id))
    versions[2] += 1
    hub._poll_versions()
    assert looks == [[1, 2]]
    assert asked == [[71, 72]]
    assert [centre_id for centre_id, channel in hub._channels.items() if channel.dirty.is_set()] == [2]
    assert hub.subscriber_counts() == {1: 0, 2: 1}  # the revoked one is cut off
    for ours, theirs in screens.values():
        ours.close()
        theirs.close()


def test_screens_that_come_in_one_moment_share_a_channel_its_state_and_the_look() -> None:
    """After a power cut all of them do, while the database takes its time."""
    built, looks = [], []

    def build(centre_id: int) -> HallState:
        gevent.sleep(0.02)
        built.append(centre_id)
        return HallState(1, b"{}")

    def look(centre_ids: Collection[int]) -> dict[int, int]:
        looks.append(sorted(centre_ids))
        return dict.fromkeys(centre_ids, 1)

    hub = Broadcaster(load_settings().hall)
    hub.build, hub.versions, hub.revoked = build, look, lambda _: ()
    pairs = [(1 + number % 3, socketpair()) for number in range(12)]

    def watch(centre_id: int, ours: gevent.socket.socket) -> None:
        list(hub.subscribe(centre_id, ours.dup, chunked=False))

    gevent.joinall([gevent.spawn(watch, centre_id, ours) for centre_id, (ours, _) in pairs], raise_error=True)
    assert hub.subscriber_counts() == {1: 4, 2: 4, 3: 4}
    assert sorted(built) == [1, 2, 3]
    looks.clear()
    gevent.sleep(1.3)
    assert len(looks) in {1, 2}
    assert all(look == [1, 2, 3] for look in looks)
    for _, ends in pairs:
        for end in ends:
            end.close()
