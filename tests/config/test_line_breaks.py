"""Long names in little room."""

import random

import pytest

from config.text.line_breaks import clusters, shortened, wrapped
from tests.long_names import unbroken, words

TEXTS = [
    words(500),
    words(190),
    unbroken(500),
    "Sở Lao động - Thương binh và Xã hội",
    "a\u0323\u0302" * 200,  # letters that have no composed form stay whole
    "👩\u200d👩\u200d👧" * 30,
    "một\nhai\nba",
    "",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("width", [1, 7, 20, 61])
@pytest.mark.parametrize("most", [1, 2, 5])
def test_lines_are_narrow_enough_few_enough_and_say_what_the_text_says(text: str, width: int, most: int) -> None:
    def measure(line: str) -> float:
        return len(clusters(line))

    lines = shortened(text, width, most, measure)
    assert len(lines) <= most
    assert all(measure(line) <= max(width, 2) for line in lines)  # one letter and "…" at least
    said = "".join("".join(lines).split())
    whole = "".join(text.split())
    if said != whole:
        assert said.endswith("…")
        assert whole.startswith(said.removesuffix("…"))
        rest = whole.removeprefix(said.removesuffix("…"))
        assert clusters(whole)[-len(clusters(rest)) :] == clusters(rest)  # never between a letter and its marks


def test_the_ellipsis_stands_behind_a_whole_word() -> None:
    text = words(500)
    for width in range(12, 80):
        last = shortened(text, width, 3, len)[-1]
        assert last.endswith("…")
        assert last.removesuffix("…").split()[-1] in {word.strip(",;") for word in text.split()}


def test_nothing_is_lost_where_there_is_room() -> None:
    dice = random.Random(4)
    for _ in range(50):
        text = " ".join("x" * dice.randint(1, 30) for _ in range(dice.randint(1, 40)))
        lines = wrapped(text, 12, len)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert shortened(text, 12, len(lines), len) == lines


def test_a_dash_begins_no_line() -> None:
    assert wrapped("Lao động - Thương binh", 9, len) == ["Lao", "động -", "Thương", "binh"]
