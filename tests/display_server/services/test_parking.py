"""Why a visitor was set aside, as far as their phone is told."""

import pytest

from config.i18n import available_languages, translations
from display_server.domain.state_machine import Action
from display_server.services.calling.hold_reasons import PARK_REASONS, park_reason
from display_server.services.displays.phone import phone_of
from tests.display_server.service_harness import ServiceHarness


@pytest.mark.parametrize("code", PARK_REASONS)
def test_a_reason_chosen_on_the_page_is_known_in_every_language(code: str) -> None:
    for language in available_languages():
        words = translations(language).gettext(PARK_REASONS[code])
        assert park_reason(words) == code
        assert park_reason(f" {words.upper()} ") == code
    assert len({translations("vi").gettext(words) for words in PARK_REASONS.values()}) == len(PARK_REASONS)


@pytest.mark.parametrize("note", [None, "", "Chờ", "Ông A thiếu giấy tờ tùy thân", "giấy"])
def test_anything_else_is_no_reason_that_a_phone_is_told(note: str | None) -> None:
    assert park_reason(note) is None


def test_the_phone_is_told_the_reason_while_set_aside_and_never_the_note(small_hall: ServiceHarness) -> None:
    for note, told in (("Chờ cán bộ chuyên môn", "colleague"), ("Hồ sơ của ông A ở ngăn 2", None), (None, None)):
        ticket = small_hall.take()
        small_hall.next()
        small_hall.step(Action.PARK, note=note)
        secret = ticket.status_url.rpartition("/")[2]
        view = phone_of(small_hall.site, secret).view
        assert (view.state, view.parked_for) == ("parked", told)
        assert "ngăn 2" not in view.model_dump_json()
