"""Vietnamese letters for printers that have type of their own: TCVN-3, Windows-1258, or none at all."""

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

from printer.rendering.profile import Profile

SELECT_PAGE = b"\x1bt"
TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
PLAIN = str.maketrans({
    "đ": "d", "Đ": "D", "·": "-", "–": "-", "—": "-", "…": "...", "“": '"', "”": '"', "‘": "'", "’": "'", "„": '"',
    "«": '"', "»": '"', "₫": "d", "€": "EUR", "×": "x", "÷": "/", "−": "-", "⁄": "/", "‐": "-", "‑": "-",
    "≤": "<=", "≥": ">=",
    "№": "No", "☎": "Tel", "☏": "Tel", "✆": "Tel", "✓": "v", "✔": "v", "✗": "x", "✘": "x", "☐": "[ ]", "☑": "[x]",
    "→": "->", "←": "<-", "↑": "^", "↓": "v", "•": "*", "●": "*", "■": "*", "▪": "*", "►": ">", "▶": ">", "★": "*",
    "☆": "*", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ß": "ss", "ł": "l", "Ł": "L",
})  # fmt: skip
UNSEEN = frozenset({"Cf", "Mn", "Mc", "Me"})


def encode_text(text: str, profile: Profile) -> bytes:
    """`text` (one line) in the printer's letters, with the ESC t that it needs; what it lacks is folded to ASCII."""
    if profile.letters == "tcvn3":
        return b"".join(_tcvn3(text, profile.code_pages))
    if profile.letters == "cp1258":
        return SELECT_PAGE + bytes(profile.code_pages) + b"".join(_cp1258(letter) for letter in text)
    return strip_diacritics(text).encode("ascii")


def strip_diacritics(text: str) -> str:
    """ASCII that a Vietnamese reader understands: "Số thứ tự" → "So thu tu"."""
    plain = unicodedata.normalize("NFKD", text.translate(PLAIN)).translate(PLAIN)
    seen = (c for c in plain if not unicodedata.combining(c) and unicodedata.category(c) not in UNSEEN)
    return "".join(c if c.isascii() else "?" for c in seen)


def lost_letters(text: str, profile: Profile) -> list[str]:
    """The letters of `text` for which a printer with type of its own would print "?", each once."""
    return [letter for letter in dict.fromkeys(text) if _is_lost(letter, profile)]


@lru_cache(maxsize=4096)
def _is_lost(letter: str, profile: Profile) -> bool:
    return letter != "?" and encode_text(letter, profile).endswith(b"?")


@cache
def tcvn3_tables() -> tuple[dict[str, int], dict[str, int]]:
    """Letter → byte on the page of small letters and on that of capitals, from python-escpos's database."""
    from escpos.capabilities import CAPABILITIES  # noqa: PLC0415 - slow to load

    small, capital = (
        {letter: 0x80 + place for place, letter in enumerate("".join(CAPABILITIES["encodings"][name]["data"]))}
        for name in ("TCVN-3-1", "TCVN-3-2")
    )
    capital["Đ"] = capital.pop("Ð")  # the database has the Icelandic letter, which looks the same
    return {k: v for k, v in small.items() if k != " "}, {k: v for k, v in capital.items() if k != " "}


def _tcvn3(text: str, pages: tuple[int, ...]) -> Iterator[bytes]:
    tables, now = tcvn3_tables(), None
    for letter in unicodedata.normalize("NFC", text):
        page = next((page for page in (0, 1) if letter in tables[page]), None)
        if page is None:
            yield strip_diacritics(letter).encode("ascii")
            continue
        if page != now:
            yield SELECT_PAGE + bytes([pages[page]])
            now = page
        yield bytes([tables[page][letter]])


def _cp1258(letter: str) -> bytes:
    """The code has letters with hook, hat and breve; tones follow as marks of their own."""
    parts = unicodedata.normalize("NFD", letter)
    base = unicodedata.normalize("NFC", "".join(part for part in parts if part not in TONES))
    try:
        return (base + "".join(part for part in parts if part in TONES)).encode("cp1258")
    except UnicodeEncodeError:
        return strip_diacritics(letter).encode("ascii")
