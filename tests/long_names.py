"""A centre whose official names are as long as they may be: 60 queues, 23 counters behind one of them, five languages.

Every third queue has a 500-letter name, every third one of 190 letters, the rest one long word without a blank. Half of
them have a short name. What is drawn from it must fit everywhere.
"""

from itertools import cycle, islice
from string import ascii_uppercase
from typing import Any

from config.centre.loader import Centre, load_centre
from config.centre.models import LONGEST_NAME
from config.centre.validation import SECOND_LETTERS
from tests.server_process import CENTRES

LANGUAGES = ("vi", "en", "fr", "de", "pl")
"""Those that the names are in; of the last three tests make up catalogues."""
USUAL = 190
QUEUES = 60
COUNTERS = 23
CROWDED = "D00"
"""The queue that all counters serve."""
SENTENCE = (
    "Phòng Tiếp nhận và Trả kết quả giải quyết thủ tục hành chính về đăng ký, cấp giấy chứng nhận quyền sử dụng đất, "
    "quyền sở hữu nhà ở và tài sản khác gắn liền với đất đối với hộ gia đình, cá nhân và cộng đồng dân cư; "
)
WORD = "Nghiêngngửakhuỷuthuỷtrưởngthượngxuyênxuyếnquyềnquyếtnguyễnnguyệtnghiệpphướcphường"


def words(letters: int, mark: str = "") -> str:
    """An official name of exactly so many letters that begins with `mark` and ends with "HẾT"."""
    text = mark + "".join(islice(cycle(SENTENCE), max(0, letters - len(mark) - 4)))
    return (text.rstrip() + " " * (letters - 4 - len(text.rstrip())) + " HẾT").replace("  ", "nn")


def unbroken(letters: int, mark: str = "") -> str:
    """The same without a single blank."""
    return mark + "".join(islice(cycle(WORD), letters - len(mark) - 3)) + "HẾT"


def by_language(text: str) -> dict[str, str]:
    return {"vi": text} | {language: f"{text[:-3]}{language.upper()}." for language in LANGUAGES[1:]}


def _name(place: int, letter: str) -> dict[str, str]:
    mark = f"{letter}{place}"
    kinds = (words(LONGEST_NAME, f"{mark} "), words(USUAL, f"{mark} "), unbroken(USUAL, mark))
    return by_language(kinds[place % 3])


def _short(place: int, text: str) -> dict[str, str]:
    return by_language(f"Tên ngắn {text} {place}") if place % 2 else {}


def _prefixes() -> list[str]:
    return [*ascii_uppercase, *(first + second for first in ascii_uppercase for second in SECOND_LETTERS)]


def long_centre(queues: int = QUEUES, **changes: Any) -> Centre:
    """The centre; `changes` replace whole entries of it."""
    codes = [f"D{place:02d}" for place in range(queues)]
    data = load_centre(CENTRES / "xa_mau").model_dump(mode="json") | {
        "code": "dai",
        "name": by_language(words(LONGEST_NAME, "Trung tâm ")),
        "languages": ["vi", "en"],
        "departments": [
            {
                "code": code,
                "prefix": prefix,
                "name": _name(place, "Q"),
                "short": _short(place, "cơ quan"),
                "position": place + 1,
            }
            for place, (code, prefix) in enumerate(zip(codes, _prefixes(), strict=False))
        ],
        "counters": [
            {
                "code": str(place + 1) if place % 4 else f"Q{place + 1}",
                "name": by_language(words(LONGEST_NAME, f"Quầy {place + 1} ")),
                "short": _short(place, "quầy"),
                "departments": [CROWDED, *codes[place + 1 :: COUNTERS]],
                "area": "Khu A",
            }
            for place in range(COUNTERS)
        ],
        "procedures": [
            {
                "code": f"{code}-{number}",
                "department": code,
                "name": _name(3 * place + number, "T"),
                "short": _short(number, "thủ tục"),
                "minutes": 10,
                "papers": [by_language(words(USUAL, "Giấy tờ "))] * 3,
            }
            for place, code in enumerate(codes)
            for number in range(3)
        ],
    }
    return Centre.model_validate(data | changes)
