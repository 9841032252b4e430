"""Numbers as they are said: sign by sign, or read as a number by each language's own rule."""

from collections.abc import Callable, Sequence

VIETNAMESE = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
ENGLISH = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
           "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")  # fmt: skip
ENGLISH_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
# After a ten some units change: hai mươi mốt, hai mươi tư, mười lăm, hai mươi lăm.
VIETNAMESE_AFTER_TENS = {1: "mốt", 4: "tư", 5: "lăm"}
MOST = 999_999


def spell_out(number: str, digits: Sequence[str]) -> list[str]:
    """The words for "A007" sign by sign; `digits`: the language's words for 0 to 9."""
    return [digits[int(sign)] if sign.isdecimal() else sign for sign in number]


def number_to_words(number: str, language: str, digits: Sequence[str]) -> list[str]:
    """The words for "A021": letters one by one, then zeros in front one by one, so that nobody hears A21, then the rest
    as a number. A language without a rule here is spelled.
    """
    figures = number.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    rest = figures.lstrip("0")
    rule = RULES.get(language)
    if rule is None or not rest.isdecimal() or int(rest) > MOST:
        return spell_out(number, digits)
    return spell_out(number[: len(number) - len(rest)], digits) + rule(int(rest))


def read_vietnamese(number: int) -> list[str]:
    """0 to 999,999: 21 hai mươi mốt, 15 mười lăm, 105 một trăm linh năm, 1005 một nghìn không trăm linh năm."""
    thousands, rest = divmod(number, 1000)
    if not thousands:
        return _vietnamese_hundreds(rest)
    words = [*_vietnamese_hundreds(thousands), "nghìn"]
    return words + (_vietnamese_hundreds(rest, full=True) if rest else [])


def _vietnamese_hundreds(number: int, *, full: bool = False) -> list[str]:
    hundreds, rest = divmod(number, 100)
    if not hundreds and not full:
        return _vietnamese_tens(rest)
    words = [VIETNAMESE[hundreds], "trăm"]
    if not rest:
        return words
    return words + (["linh", VIETNAMESE[rest]] if rest < len(VIETNAMESE) else _vietnamese_tens(rest))


def _vietnamese_tens(number: int) -> list[str]:
    tens, unit = divmod(number, 10)
    if not tens:
        return [VIETNAMESE[unit]]
    if tens == 1:
        # mười một and mười bốn keep their units; only five changes.
        return ["mười", *([] if not unit else ["lăm"] if unit == 5 else [VIETNAMESE[unit]])]  # noqa: PLR2004
    return [VIETNAMESE[tens], "mươi", *([VIETNAMESE_AFTER_TENS.get(unit, VIETNAMESE[unit])] if unit else [])]


def read_english(number: int) -> list[str]:
    """0 to 999,999: 21 twenty one, 105 one hundred and five."""
    thousands, rest = divmod(number, 1000)
    if not thousands:
        return _english_hundreds(rest)
    words = [*_english_hundreds(thousands), "thousand"]
    if not rest:
        return words
    return words + (["and"] if rest < 100 else []) + _english_hundreds(rest)  # noqa: PLR2004


def _english_hundreds(number: int) -> list[str]:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _english_tens(rest)
    return [ENGLISH[hundreds], "hundred", *(["and", *_english_tens(rest)] if rest else [])]


def _english_tens(number: int) -> list[str]:
    if number < len(ENGLISH):
        return [ENGLISH[number]]
    tens, unit = divmod(number, 10)
    return [ENGLISH_TENS[tens], *([ENGLISH[unit]] if unit else [])]


RULES: dict[str, Callable[[int], list[str]]] = {"vi": read_vietnamese, "en": read_english}
