"""A centre small enough to think about: three queues, four counters, and every rule in use."""

from typing import Any

from config.centre.loader import Centre

MORNING_AND_AFTERNOON = [("07:30", "11:30"), ("13:30", "16:30")]


def text(words: str) -> dict[str, str]:
    return {"vi": words, "en": words}


def small_centre(**changes: Any) -> Centre:
    """`changes` replace whole entries of the centre."""
    data: dict[str, Any] = {
        "code": "nho",
        "name": text("Trung tâm nhỏ"),
        "timezone": "Asia/Ho_Chi_Minh",
        "languages": ["vi", "en"],
        "priority": priority(),
        "slip_note": text("Vui lòng chờ"),
        "departments": [department("HT", "A", 1), department("DD", "B", 2), department("XH", "C", 3)],
        "procedures": [
            {"code": "HT-1", "department": "HT", "name": text("Khai sinh"), "minutes": 12},
            {"code": "DD-1", "department": "DD", "name": text("Đất"), "minutes": 20},
        ],
        "counters": [
            counter("1", ["HT"]),
            counter("2", ["HT"]),
            counter("3", ["DD", "HT"]),
            counter("4", ["DD", "XH"], order="oldest"),
        ],
        "hours": {"weekly": dict.fromkeys(["mon", "tue", "wed", "thu", "fri"], MORNING_AND_AFTERNOON), "country": "VN"},
    }
    return Centre.model_validate(data | changes)


def department(code: str, prefix: str, position: int) -> dict[str, Any]:
    return {"code": code, "prefix": prefix, "name": text(code), "position": position}


def counter(code: str, departments: list[str], order: str = "ranked") -> dict[str, Any]:
    return {"code": code, "name": text(f"Quầy {code}"), "departments": departments, "order": order}


def priority(mode: str = "interleaved", max_wait_minutes: int = 30) -> dict[str, Any]:
    reasons = [{"code": "elderly", "name": text("Người cao tuổi")}]
    return {"mode": mode, "others_between": 3, "max_wait_minutes": max_wait_minutes, "reasons": reasons}
