import pytest

from printer.slip.layout import load_layout
from printer.slip.template import TemplateContext, wait_range
from tests.printer.conftest import make_slip

LAYOUT = load_layout("standard_80mm")


def test_the_visitors_language_leads() -> None:
    text = {"vi": "Quầy {counters}", "en": "Counter {counters}"}
    assert TemplateContext(make_slip(), LAYOUT).lines(text) == ("Quầy 1, 2", "Counter 1, 2")
    assert TemplateContext(make_slip(language="en"), LAYOUT).lines(text) == ("Counter 1, 2", "Quầy 1, 2")


def test_a_language_that_the_layout_lacks_falls_back_to_its_first() -> None:
    assert TemplateContext(make_slip(language="fr"), LAYOUT).lines({"vi": "có", "en": "yes"}) == ("yes", "có")


def test_nothing_is_said_twice() -> None:
    assert TemplateContext(make_slip(), LAYOUT).lines({"vi": "{number}", "en": "{number}"}) == ("A001", None)
    assert TemplateContext(make_slip(department="Sở Y tế"), LAYOUT).lines({"vi": "{department}"}) == ("Sở Y tế", None)


def test_a_text_about_what_is_not_known_is_left_out() -> None:
    assert TemplateContext(make_slip(ahead=None), LAYOUT).lines({"vi": "{ahead} người"}) is None


def test_conditions_can_be_turned_round() -> None:
    filling = TemplateContext(make_slip(offline=True), LAYOUT)
    assert filling.is_true("offline")
    assert not filling.is_true("not offline")
    assert filling.is_true("not copy")


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [(5, 15, "5–15"), (5, 5, "5"), (0, 0, "< 1"), (0, 5, "0–5"), (None, 9, "9"), (4, None, "4"), (None, None, None)],
)
def test_the_wait_is_a_range(low: int | None, high: int | None, shown: str | None) -> None:
    assert wait_range(make_slip(wait_low=low, wait_high=high)) == shown


def test_the_day_is_named_in_the_language() -> None:
    text = {"vi": "{weekday} {date} {time}", "en": "{weekday} {date} {time}"}
    assert TemplateContext(make_slip(), LAYOUT).lines(text) == ("Thứ Hai 23/11/2026 08:32", "Monday 23/11/2026 08:32")
