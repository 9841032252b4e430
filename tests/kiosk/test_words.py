"""Words in every language, and colours that can be read."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.i18n import translations
from kiosk.ui.theme import Theme

KIOSK = Path(__file__).parents[2] / "kiosk"
IN_KV = re.compile(r'\bsay\(\s*"((?:[^"\\]|\\.)*)"')
IN_PYTHON = {"_", "say", "gettext", "ngettext"}


def messages_in_python(path: Path) -> Iterator[tuple[str, ...]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            texts = tuple(
                one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)
            )
            if name in IN_PYTHON and texts:
                yield texts


def all_messages() -> list[tuple[str, ...]]:
    found = [message for path in KIOSK.rglob("*.py") for message in messages_in_python(path)]
    found += [(text,) for path in KIOSK.rglob("*.kv") for text in IN_KV.findall(path.read_text())]
    return sorted(set(found))


def test_messages_are_found_in_code_and_in_layouts() -> None:
    found = all_messages()
    assert ("Take a number",) in found
    assert ("Taking your number …",) in found
    assert ("%(n)d person waiting", "%(n)d people waiting") in found


@pytest.mark.parametrize("message", all_messages(), ids=lambda message: message[0][:40])
def test_every_message_is_said_in_vietnamese(message: tuple[str, ...]) -> None:
    vietnamese = translations("vi")
    said = vietnamese.ngettext(*message, 2) if len(message) == 2 else vietnamese.gettext(message[0])
    assert said not in {"", *message}
    fields = re.findall(r"%\(\w+\)d?s?", message[-1])
    assert sorted(re.findall(r"%\(\w+\)d?s?", said)) == sorted(fields)


def test_english_needs_no_translation_and_counts_in_english() -> None:
    english = translations("en")
    assert english.gettext("Take a number") == "Take a number"
    assert english.ngettext("%(n)d person", "%(n)d people", 1) == "%(n)d person"
    assert english.ngettext("%(n)d person", "%(n)d people", 2) == "%(n)d people"


def luminance(colour: tuple[float, ...]) -> float:
    """Relative luminance, WCAG 2.2."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("pair", Theme.TEXT_ON_GROUND, ids=" on ".join)
def test_text_stands_out_from_its_ground(pair: tuple[str, str]) -> None:
    text, ground = (luminance(getattr(Theme, name)) for name in pair)
    assert (max(text, ground) + 0.05) / (min(text, ground) + 0.05) >= 7
