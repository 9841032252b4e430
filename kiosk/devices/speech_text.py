"""How a text of the screen is said: numbers digit by digit, times and ranges in words, no ornaments."""

import re
from collections.abc import Callable

# A007, UT012, 0123, and a number alone: what is compared sign by sign with a screen or a slip. Counts stay counts.
SPELLED = re.compile(r"\b(?<!\d[.,])(?:[A-ZĐ]{1,4}\d+|0\d+|\d{5,})\b|^\d{3,}$")
# 8.000 (đồng) or 8,000: a synthesiser that meets the sign between the groups says them one by one.
AMOUNT = re.compile(r"\b[1-9]\d{0,2}(?:\.\d{3})+\b|\b[1-9]\d{0,2}(?:,\d{3})+\b")
TIME = re.compile(r"\b([01]?\d|2[0-3]):([0-5]\d)\b")
RANGE = re.compile(r"(\d+)\s*[–-]\s*(\d+)")
SHARE = re.compile(r"(\d+)\s*/\s*(\d+)")
ORNAMENT = re.compile(r"[‹›«»•·→←↑↓✓✗✔|/_*#]+")


def normalize_for_speech(text: str, say: Callable[[str], str]) -> str:
    """`text` as it should be spoken. `say`: gettext in the language of the text. Empty where nothing can be said."""
    _ = say

    def time(found: re.Match[str]) -> str:
        hour, minute = int(found[1]), found[2]
        if minute == "00":
            return _("%(hour)d o'clock") % {"hour": hour}
        return _("%(hour)d %(minute)s") % {"hour": hour, "minute": minute}

    text = TIME.sub(time, text)
    text = RANGE.sub(lambda found: _("%(low)s to %(high)s") % {"low": found[1], "high": found[2]}, text)
    text = SHARE.sub(lambda found: _("%(part)s of %(whole)s") % {"part": found[1], "whole": found[2]}, text)
    text = SPELLED.sub(lambda found: " ".join(found[0]), text)
    text = AMOUNT.sub(lambda found: re.sub("[.,]", "", found[0]), text)
    text = ORNAMENT.sub(" ", text).replace("…", ".")
    text = " ".join(text.split())
    return text if any(sign.isalnum() for sign in text) else ""
