"""Why a visitor is set aside: the reasons that a clerk's page offers, and what the visitor's phone makes of them.

What a clerk writes by hand stays with staff: the phone learns only which of these reasons it is, if any.
"""

from typing import Literal

from config.i18n import available_languages, translations

ParkReason = Literal["papers", "form", "fee", "colleague"]

PARK_REASONS: dict[ParkReason, str] = {
    "papers": "Papers are missing",
    "form": "Fills in a form",
    "fee": "Pays a fee",
    "colleague": "Waits for a colleague",
}


def park_reason(note: str | None) -> ParkReason | None:
    """Which of the reasons a note is, in whatever language it was chosen; None: something else, or nothing."""
    if note is None:
        return None
    said = note.strip().casefold()
    for code, words in PARK_REASONS.items():
        if said in {translations(language).gettext(words).casefold() for language in available_languages()}:
            return code
    return None
