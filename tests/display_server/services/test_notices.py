"""Announcements of staff: what is refused, what is shown when, and whose it is."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from display_server.services.core.actors import Actor
from display_server.services.displays import notices as announcements
from display_server.services.displays.media import media_view
from display_server.services.displays.notices import AnnouncementText
from display_server.services.errors import Invalid, NotFound
from tests.display_server.service_harness import ServiceHarness


def said(hall: ServiceHarness, start: float = 0, end: float = 60, **text: str) -> AnnouncementText:
    """From and until so many minutes from now."""
    now = hall.clock.now
    times: dict[str, Any] = {
        "starts_at": now + timedelta(minutes=start),
        "ends_at": now + timedelta(minutes=end),
    }
    return AnnouncementText(text=text or {"vi": "Mất điện lúc 15 giờ"}, **times)


def shown(hall: ServiceHarness) -> list[dict[str, str]]:
    return media_view(hall.site, hall.centre_id).announcements


def test_shown_from_its_beginning_to_its_end(small_hall: ServiceHarness) -> None:
    announcements.add_announcement(small_hall.site, small_hall.clerk, said(small_hall, 10, 20, vi="A", en="B"))
    seen = []
    for _ in range(4):
        seen.append(shown(small_hall))
        small_hall.clock.advance(minutes=7)
    assert seen == [[], [], [{"vi": "A", "en": "B"}], []]


@pytest.mark.parametrize("text", [{}, {"vi": " "}, {"vi": "x" * 301}])
def test_words_that_are_none(small_hall: ServiceHarness, text: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        AnnouncementText(text=text, starts_at=small_hall.clock.now, ends_at=small_hall.clock.now + timedelta(hours=1))


def test_what_is_refused(small_hall: ServiceHarness) -> None:
    add = announcements.add_announcement
    with pytest.raises(Invalid, match="does not speak"):
        add(small_hall.site, small_hall.clerk, said(small_hall, vi="A", fr="B"))
    with pytest.raises(Invalid, match="over already"):
        add(small_hall.site, small_hall.clerk, said(small_hall, -20, -10))
    with pytest.raises(ValidationError, match="end after"):
        said(small_hall, 20, 10)
    for _ in range(announcements.MOST):
        add(small_hall.site, small_hall.clerk, said(small_hall))
    with pytest.raises(Invalid, match="already"):
        add(small_hall.site, small_hall.clerk, said(small_hall))


def test_another_centre_neither_sees_nor_changes_it(small_hall: ServiceHarness) -> None:
    announcements.add_announcement(small_hall.site, small_hall.clerk, said(small_hall))
    stranger = Actor("staff", 9, "Ai", small_hall.centre_id + 1, role="hall")
    assert announcements.list_announcements(small_hall.site, stranger).announcements == []
    (mine,) = announcements.list_announcements(small_hall.site, small_hall.clerk).announcements
    with pytest.raises(NotFound):
        announcements.end_announcement(small_hall.site, stranger, mine.id)
    announcements.end_announcement(small_hall.site, small_hall.clerk, mine.id)
    assert shown(small_hall) == []


BOTH = {"vi": "Có cháy. Xin ra cửa chính.", "en": "Fire. Please leave."}


def emergency(hall: ServiceHarness, **more: Any) -> AnnouncementText:
    return AnnouncementText(**{"text": BOTH, "starts_at": hall.clock.now + timedelta(hours=1), "urgent": True} | more)


def test_an_emergency_begins_at_once_and_stays_in_the_state_until_it_is_ended(small_hall: ServiceHarness) -> None:
    announcements.add_announcement(small_hall.site, small_hall.clerk, emergency(small_hall, spoken=True))
    small_hall.clock.advance(days=2000)
    (urgent,) = small_hall.hall().urgent
    assert (urgent.text, urgent.urgent, urgent.spoken) == (BOTH, True, True)
    assert shown(small_hall) == []  # not in the running line as well
    (listed,) = announcements.list_announcements(small_hall.site, small_hall.clerk).announcements
    assert (listed.urgent, listed.ends_at, listed.is_shown) == (True, None, True)
    assert announcements.spoken_text(small_hall.site, small_hall.centre_id, urgent.id) == BOTH
    announcements.end_announcement(small_hall.site, small_hall.clerk, urgent.id)
    assert small_hall.hall().urgent == []
    with pytest.raises(NotFound):
        announcements.spoken_text(small_hall.site, small_hall.centre_id, urgent.id)


def test_an_emergency_has_every_language_and_no_end_and_nothing_else_may_lack_one(small_hall: ServiceHarness) -> None:
    now = small_hall.clock.now
    with pytest.raises(Invalid, match="en is missing"):
        announcements.add_announcement(small_hall.site, small_hall.clerk, emergency(small_hall, text={"vi": "Cháy"}))
    with pytest.raises(ValidationError):
        emergency(small_hall, ends_at=now + timedelta(days=1))
    with pytest.raises(ValidationError):
        AnnouncementText(text=BOTH, starts_at=now)


def test_what_is_not_to_be_spoken_has_no_sound(small_hall: ServiceHarness) -> None:
    announcements.add_announcement(small_hall.site, small_hall.clerk, said(small_hall))
    (only,) = media_view(small_hall.site, small_hall.centre_id).notices
    with pytest.raises(NotFound):
        announcements.spoken_text(small_hall.site, small_hall.centre_id, only.id)
