"""What is wrong with a value, in plain words: pydantic's own are written for programmers."""

from collections import defaultdict
from typing import Any

from pydantic_core import ErrorDetails

from config.text.types import for_messages

LIMIT = r"^[1-9][0-9]{0,6} *(per|/) *([1-9][0-9]{0,2} *)?(second|minute|hour|day)s?$"
UNKNOWN_KEY = "unknown key"

# What a value of each written form looks like. A test finds every pattern of settings, centres and requests here.
WRITTEN = {
    r"^[A-Za-z0-9_-]{1,32}$": "must be 1 to 32 of A-Z a-z 0-9 _ -",
    r"^[A-Za-z0-9._-]{1,32}$": "must be 1 to 32 of A-Z a-z 0-9 . _ -",
    r"^[A-Za-z0-9-]{1,64}$": "must be 1 to 64 of A-Z a-z 0-9 -",
    r"^[A-Za-z0-9_-]{8,64}$": "must be 8 to 64 of A-Z a-z 0-9 _ -",
    r"^[A-Za-z0-9._:-]{1,64}$": "must be 1 to 64 of A-Z a-z 0-9 . _ : -",
    r"^[A-Za-z0-9._-]{0,64}$": "must be at most 64 of A-Z a-z 0-9 . _ -",
    r"^[A-Za-z0-9.+_-]{0,32}$": "must be at most 32 of A-Z a-z 0-9 . + _ -",
    r"^[A-Za-z0-9 ]{1,16}$": "must be 1 to 16 letters A-Z and digits",
    r"^[A-Z]{1,2}$": "must be one or two capitals A-Z",
    r"^[A-Z]$": "must be one capital A-Z",
    r"^[A-Z]{1,3}[0-9]{3,6}$": "must be a number such as A007",
    r"^[a-z]{2}$": "must be a language of two letters such as vi",
    r"^[a-z]{2,3}$": "must be a language such as vi",
    r"^([a-z]{2,3}|visitor)$": 'must be a language such as vi, or "visitor"',
    r"^[a-z_-]{0,16}$": "must be at most 16 of a-z _ -",
    r"^[!-~]{1,200}$": "must be 1 to 200 signs without blanks",
    r"^https?://": "must be an address such as http://192.168.1.10:8000",
    r"^https?://[^/]+$": "must be an address such as http://192.168.1.10:8000, without a path",
    r"^(https?://.+)?$": "must be an address such as https://sso.example.vn/realms/tinh, or empty",
    r"^[a-z]+://": "must be an address such as tcp://192.168.1.20:9100",
    r"^(age1|ssh-)": "must be a public key that begins with age1 or ssh-",
    r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$": 'must be a span of time such as "11:30-13:30"',
    LIMIT: 'must be a limit such as "60 per minute"',
    r"^[^+#]+$": "must be a topic without + and #",
}
_PLAIN = {
    "extra_forbidden": UNKNOWN_KEY,
    "missing": "is missing",
    "none_required": "must be empty",
    "union_tag_not_found": "does not say of which kind it is",
    "finite_number": "must be a number that ends",
}
_KINDS = (  # (how pydantic's kind of error begins, what is asked for)
    ("int", "must be a whole number"),
    ("float", "must be a number"),
    ("decimal", "must be a number"),
    ("bool", "must be true or false"),
    ("bytes", "must be text"),
    ("string_type", "must be text in quotes"),
    ("string_sub_type", "must be text in quotes"),
    ("list", "must be a list such as [ … ]"),
    ("tuple", "must be a list such as [ … ]"),
    ("set", "must be a list such as [ … ]"),
    ("dict", 'must be a table such as { vi = "…" }'),
    ("mapping", 'must be a table such as { vi = "…" }'),
    ("model", "must be a table of keys and values"),
    ("timezone_aware", "must say its time zone, such as 2026-11-23T08:00:00+07:00"),
    ("timezone", "must have no time zone"),
    ("datetime", "must be a moment such as 2026-11-23T08:00:00+07:00"),
    ("date", 'must be a date such as "2026-11-23"'),
    ("time", 'must be a time of day such as "07:30"'),
    ("path", "must be a path"),
    ("url", "must be an address such as https://xep-hang.example.vn"),
    ("ip_", "must be an address such as 10.20.0.0"),
    ("json", "is not JSON"),
)
_OF_CONTEXT = {
    "union_tag_invalid": "must be one of {expected_tags}, not '{tag}'",
    "multiple_of": "must be a multiple of {multiple_of}",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "at least"),
    "less_than_equal": ("le", "at most"),
    "greater_than": ("gt", "more than"),
    "less_than": ("lt", "less than"),
}


def plain_reason(detail: ErrorDetails, *, with_input: bool = False) -> str:
    """One line for one error. `with_input`: ends in what was given instead, cut and escaped, where that is short."""
    given, is_own = detail.get("input"), detail["type"] in {"value_error", "assertion_error"}
    shown = with_input and not is_own and isinstance(given, str | int | float) and detail["type"] not in _PLAIN
    return for_messages(_reason(detail), 400) + (f", not {for_messages(repr(given))}" if shown else "")


def _reason(detail: ErrorDetails) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in {"value_error", "assertion_error"}:
        return str(context.get("error", detail["msg"]))
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind in _BOUNDS:
        bound, words = _BOUNDS[kind]
        limit = context[bound]
        return f"must be {words} {int(limit) if isinstance(limit, float) and limit.is_integer() else limit}"
    if kind == "string_pattern_mismatch":
        return WRITTEN.get(context["pattern"], f"must be written as {context['pattern']}")
    if kind in _OF_CONTEXT:
        return _OF_CONTEXT[kind].format_map(defaultdict(str, context))
    return _of_length(kind, context) or next((words for start, words in _KINDS if kind.startswith(start)), _UNNAMED)


_UNNAMED = "is not what is asked for here"


def _of_length(kind: str, context: dict[str, Any]) -> str:
    lengths = {
        "string_too_short": ("at least", "min_length", "letter"),
        "string_too_long": ("at most", "max_length", "letter"),
        "too_short": ("at least", "min_length", "entry"),
        "too_long": ("at most", "max_length", "entry"),
    }
    if kind not in lengths:
        return ""
    words, bound, what = lengths[kind]
    count = context[bound]
    plural = {"letter": "letters", "entry": "entries"}[what]
    return f"must have {words} {count} {what if count == 1 else plural}"
