"""Catalogues and names in languages of other scripts: real words where a visitor looks first, made up for the rest."""

import re
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from config.i18n import FOLDER

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
WORDS = {
    "zh": {
        "Take a number": "取号",
        "Touch here": "请按这里",
        "Welcome to": "欢迎光临",
        "Which department do you need?": "您要去哪个部门？",
        "Open today %(hours)s": "今日办公时间 %(hours)s",
        "Nobody is waiting": "无人等候",
        "Back": "返回",
        "Search": "搜索",
        "I have a reason for priority": "我有优先理由",
        "Take a number now": "立即取号",
        "Your number": "您的号码",
        "Ahead of you": "您前面",
        "Expected wait": "预计等候",
        "Please take your slip": "请取走您的号票",
        "Done": "完成",
    },
    "ko": {
        "Take a number": "번호표 받기",
        "Touch here": "여기를 누르세요",
        "Welcome to": "어서 오십시오",
        "Which department do you need?": "어느 부서를 찾으십니까?",
        "Open today %(hours)s": "오늘 업무 시간 %(hours)s",
        "Nobody is waiting": "기다리는 사람 없음",
        "Back": "뒤로",
        "Search": "검색",
        "I have a reason for priority": "우선 사유가 있습니다",
        "Take a number now": "지금 번호 받기",
        "Your number": "내 번호",
        "Ahead of you": "앞에 계신 분",
        "Expected wait": "예상 대기 시간",
        "Please take your slip": "번호표를 가져가세요",
        "Done": "완료",
    },
    "km": {"Take a number": "យកលេខ", "Touch here": "ចុចទីនេះ", "Welcome to": "សូមស្វាគមន៍មកកាន់", "Back": "ត្រឡប់ក្រោយ"},
    "fr": {"Take a number": "Prendre un numéro", "Touch here": "Touchez ici", "Back": "Retour"},
}
NAMES = {
    "zh": {"centre": "太平省公共行政服务中心", "TP": "司法厅（第一窗口、第二窗口）", "TNMT": "自然资源与环境厅"},
    "ko": {"centre": "타이빈성 공공행정 서비스 센터", "TP": "사법국", "TNMT": "천연자원환경국"},
    "km": {"centre": "មជ្ឈមណ្ឌលសេវារដ្ឋបាលសាធារណៈ", "TP": "មន្ទីរយុត្តិធម៌", "TNMT": "មន្ទីរធនធានធម្មជាតិ និងបរិស្ថាន"},
    "fr": {"centre": "Centre provincial de services publics", "TP": "Service de la justice"},
}
LETTERS = {
    "zh": ("请稍候工作人员将为您办理业务谢谢合作您的号码有效", "", 0.45),
    "ko": ("잠시만 기다려 주십시오 직원이 도와 드리겠습니다 번호는 유효합니다", "", 0.6),
    "km": ("សូម\u200bរង់ចាំ\u200bបន្តិច\u200bបុគ្គលិក\u200bនឹង\u200bជួយ\u200bអ្នក ", "", 1.1),
    "fr": ("veuillez attendre un instant notre personnel vous aidera avec plaisir ", "", 1.2),
}


def catalogues(folder: Path, *codes: str) -> str:
    """Fill `folder` with ours and one for each of `codes`; the code that lets a kiosk use them (`Kiosk.before`)."""
    folder.mkdir(parents=True, exist_ok=True)
    for known in FOLDER.glob("*.po"):
        (folder / known.name).write_bytes(known.read_bytes())
    with (FOLDER / "vi.po").open("rb") as file:
        messages = [message for message in read_po(file, locale="vi") if message.id]
    for code in codes:
        made = Catalog(locale=code)
        for message in messages:
            made[message.id] = Message(message.id, _in(code, message.id, made.num_plurals), flags=message.flags)
        with (folder / f"{code}.po").open("wb") as file:
            write_po(file, made)
    return f"import config.i18n, pathlib; config.i18n.FOLDER = pathlib.Path({str(folder)!r})"


def also_in(centre: dict[str, Any], *codes: str) -> dict[str, Any]:
    """`centre` in further languages; only some of its departments have names in them."""
    names = {code: NAMES.get(code, {}) for code in codes}
    own = {code: of_code["centre"] for code, of_code in names.items() if of_code}
    departments = [
        one
        | {
            "name": one["name"]
            | {code: of_code[one["code"]] for code, of_code in names.items() if one["code"] in of_code}
        }
        for one in centre["departments"]
    ]
    return centre | {"languages": ["vi", "en", *codes], "name": centre["name"] | own, "departments": departments}


def _in(code: str, text: str | tuple[str, str], plurals: int) -> str | tuple[str, ...]:
    return _made(code, text) if isinstance(text, str) else tuple(_made(code, text[-1]) for _ in range(plurals))


def _made(code: str, text: str) -> str:
    if text in WORDS.get(code, {}):
        return WORDS[code][text]
    letters, _, share = LETTERS[code]
    kept = "".join(f" {found} " for found in PLACEHOLDER.findall(text))
    return "".join(islice(cycle(letters), max(2, round(len(text) * share)))).strip() + kept.rstrip()
