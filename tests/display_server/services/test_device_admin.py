"""Devices join by a code, change their token, and are out at once when they are revoked."""

import pytest

from display_server.services.core.actors import Actor
from display_server.services.devices.devices import DeviceAuthenticator, DeviceKind, NameTaken, rotate_token
from display_server.services.devices.pairing import pairing_state, start_pairing
from display_server.services.errors import Invalid, NotFound, Unauthenticated
from display_server.services.reporting.device_admin import list_devices, pair_device, rename_device, revoke_device
from tests.display_server.service_harness import ServiceHarness


def joined(hall: ServiceHarness, kind: str, name: str, counter: str | None = None) -> tuple[Actor, str]:
    started = start_pairing(hall.site)
    pair_device(hall.site, hall.clerk, started.code.lower(), DeviceKind(kind), name, counter)
    state = pairing_state(hall.site, started.token)
    assert (state.state, state.kind) == ("paired", kind)
    return DeviceAuthenticator(hall.site).actor(started.token, "agent/1.2"), started.token


def test_every_kind_joins_by_a_code(small_hall: ServiceHarness) -> None:
    for kind, counter in (("kiosk", None), ("counter", "1"), ("button", "2"), ("display", None)):
        actor, _ = joined(small_hall, kind, f"new {kind}", counter)
        assert (actor.kind, actor.counter_id is not None) == (kind, counter is not None)
    listed = {each.name: each for each in list_devices(small_hall.site, small_hall.clerk).devices}
    assert (listed["new button"].counter, listed["new button"].program) == ("2", "agent/1.2")
    assert listed["new kiosk"].last_seen == small_hall.clock()


def test_what_cannot_be_enrolled_is_told_and_the_code_stays_good(small_hall: ServiceHarness) -> None:
    site, clerk, code = small_hall.site, small_hall.clerk, start_pairing(small_hall.site).code
    with pytest.raises(Invalid):
        pair_device(site, clerk, code, DeviceKind.BUTTON, "button", None)
    with pytest.raises(NotFound):
        pair_device(site, clerk, code, DeviceKind.BUTTON, "button", "99")
    with pytest.raises(NameTaken):
        pair_device(site, clerk, code, DeviceKind.KIOSK, "kiosk", None)
    with pytest.raises(NotFound):
        pair_device(site, clerk, "WRONG", DeviceKind.KIOSK, "other", None)
    pair_device(site, clerk, code, DeviceKind.BUTTON, "button", "1")


def test_a_revoked_device_is_out_and_its_name_is_free(small_hall: ServiceHarness) -> None:
    actor, token = joined(small_hall, "counter", "shared", "1")
    rename_device(small_hall.site, small_hall.clerk, actor.id, "at the door")
    with pytest.raises(NameTaken):
        rename_device(small_hall.site, small_hall.clerk, actor.id, "kiosk")
    revoke_device(small_hall.site, small_hall.clerk, actor.id)
    with pytest.raises(Unauthenticated):
        DeviceAuthenticator(small_hall.site).actor(token)
    with pytest.raises(NotFound):
        revoke_device(small_hall.site, small_hall.clerk, actor.id)
    joined(small_hall, "counter", "at the door", "1")


def test_a_token_is_replaced_by_the_first_use_of_the_next(small_hall: ServiceHarness) -> None:
    actor, old = joined(small_hall, "kiosk", "k")
    lost = rotate_token(small_hall.site, actor)
    assert DeviceAuthenticator(small_hall.site).actor(old) == actor  # the answer was lost: the old one is still good
    new = rotate_token(small_hall.site, actor)
    assert new is not None
    assert DeviceAuthenticator(small_hall.site).actor(new) == actor
    for dead in (old, str(lost)):
        with pytest.raises(Unauthenticated):
            DeviceAuthenticator(small_hall.site).actor(dead)
    assert DeviceAuthenticator(small_hall.site).actor(new) == actor


def test_the_letter_of_a_revoked_kiosk_rests_and_is_given_again(small_hall: ServiceHarness) -> None:
    first, _ = joined(small_hall, "kiosk", "k1")
    revoke_device(small_hall.site, small_hall.clerk, first.id)
    second, _ = joined(small_hall, "kiosk", "k2")
    assert second.offline_letter != first.offline_letter
    small_hall.clock.advance(days=3)
    assert joined(small_hall, "kiosk", "k3")[0].offline_letter == first.offline_letter
