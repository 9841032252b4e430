"""Every screen of the kiosk, one after the other, in any language and mode, with the longest names there are."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from config.i18n import FOLDER
from tests.kiosk.driver import Kiosk, until
from tests.kiosk.fake_server import SECRET, FakeServer, department, real_centre, tomorrow

MARK = "§"
OLD_CARD = "034050001234|151234567|Nguyễn Văn Khoát|02031950|Nam|Thôn Đông, Thái Thụy, Thái Bình|15082021"
SLIP = f"http://192.168.1.2:8080/t/{SECRET}"
LONG_CENTRE = {
    "vi": "Trung tâm Phục vụ hành chính công và Kiểm soát thủ tục hành chính tỉnh Bà Rịa – Vũng Tàu",
    "en": "Bà Rịa – Vũng Tàu Provincial Centre for Public Administration Services and Control of Procedures",
}
LONG_PROCEDURE = {
    "code": "LONG",
    "department": "CLOSED",
    "name": {
        "vi": "Chuyển đổi công ty trách nhiệm hữu hạn một thành viên, hai thành viên trở lên hoặc công ty cổ phần "
        "thành doanh nghiệp tư nhân, đồng thời thay đổi người đại diện theo pháp luật và địa chỉ trụ sở chính",
        "en": "Conversion of a one-member or multi-member limited liability company or a joint stock company into a "
        "private enterprise, with a change of its legal representative and of the address of its head office",
    },
    "limit": {"value": 35, "unit": "working_days", "note": ""},
    "minutes": 20,
    "papers": [
        {
            "vi": "Bản sao hợp lệ giấy tờ pháp lý của cá nhân đối với người đại diện theo pháp luật của công ty",
            "en": "Valid copy of the personal identity papers of the company's legal representative",
        },
        {"vi": "Giấy đề nghị đăng ký doanh nghiệp (bản chính)", "en": "Application for registration (original)"},
        {"vi": "Điều lệ công ty chuyển đổi", "en": "Charter of the converted company"},
        {
            "vi": "Hợp đồng chuyển nhượng hoặc giấy tờ chứng minh hoàn tất việc chuyển nhượng cổ phần, phần vốn góp",
            "en": "Contract of transfer, or papers proving that the transfer of shares or capital was completed",
        },
        {"vi": "Giấy ủy quyền, nếu nộp hồ sơ thay", "en": "Power of attorney, if you come on behalf of another"},
        {"vi": "Căn cước công dân của người nộp", "en": "Your citizen identity card"},
        {"vi": "Biên lai lệ phí", "en": "Receipt of the fee"},
    ],
}


def long_centre(**changes: Any) -> dict[str, Any]:
    """A province whose centre, departments and procedures have the longest names; the last department has no number."""
    centre = real_centre(name=LONG_CENTRE)
    stopped = department(
        "STOPPED",
        "Z",
        "Sở Lao động - Thương binh và Xã hội",
        "Department of Labour, War Invalids and Social Affairs",
        open=False,
        pictogram="heart-handshake",
    )
    busy = department(
        "BUSY",
        "Y",
        "Sở Nông nghiệp và Phát triển nông thôn",
        "Department of Agriculture and Rural Development",
        waiting=128,
        wait={"low": 115, "high": 240},
        pictogram="plant-2",
        counters=["11", "12", "14", "15"],
    )
    return (
        centre
        | {
            "departments": [*centre["departments"][:3], stopped, busy, *centre["departments"][3:]],
            "procedures": [LONG_PROCEDURE | {"department": "BUSY"}, *centre["procedures"]],
        }
        | changes
    )


def closed_centre() -> dict[str, Any]:
    """The same one outside its hours."""
    return long_centre(open=False, opens_at=tomorrow().isoformat())


def tour(kiosk: Kiosk, language: str, mode: str = "") -> Iterator[str]:
    """Lead `kiosk` through a visit in `language` and `mode` ("large", "low", ""); the name of each screen."""
    enter(kiosk, language, mode)
    yield "start"
    kiosk.touch("begin")
    kiosk.shows("departments")
    yield "departments"
    kiosk.touch("ask_priority")
    kiosk.shows("priority")
    yield "priority"
    find(kiosk, "priority:small_child")
    kiosk.shows("departments")
    yield "departments with priority"
    find(kiosk, "department:STOPPED")
    kiosk.shows("notice")
    yield "notice"
    kiosk.touch("choose_another")
    kiosk.shows("departments")
    find(kiosk, "department:BUSY")
    yield from _from_procedures_to_number(kiosk)
    kiosk.touch("done")
    kiosk.shows("start")


def tour_when_closed(kiosk: Kiosk, language: str, mode: str = "") -> Iterator[str]:
    """Outside the hours: what is there to read, and no number."""
    enter(kiosk, language, mode)
    yield "start when closed"
    kiosk.touch("browse")
    kiosk.shows("departments")
    yield "departments when closed"
    find(kiosk, "department:BUSY")
    kiosk.shows("procedures")
    yield "procedures when closed"
    find(kiosk, "procedure:LONG")
    kiosk.shows("checklist")
    yield "checklist when closed"
    kiosk.touch("list")
    kiosk.shows("documents")
    yield "documents when closed"
    for screen in ("checklist", "procedures", "departments", "start"):
        kiosk.touch("back")
        kiosk.shows(screen)


def enter(kiosk: Kiosk, language: str, mode: str) -> None:
    """On the start screen: the visitor's language and mode."""
    if kiosk.shows("start")["language"] != language:
        kiosk.touch(f"language:{language}")
        until(lambda: kiosk.state()["language"] == language, language)
    if mode:
        kiosk.touch(f"mode:{mode}")
        until(lambda: kiosk.state()["modes"][mode], mode)


def find(kiosk: Kiosk, name: str) -> None:
    """Turn the pages to the place called `name` and touch it."""
    state = kiosk.state()
    for _ in range(state["page"]):
        kiosk.touch("previous")
    until(lambda: not kiosk.state()["page"], "the first page")
    while name not in (state := kiosk.state())["targets"]:
        page = state["page"]
        kiosk.touch("next")
        until(lambda page=page: kiosk.state()["page"] == page + 1, f"the page after {page}, with {name}")  # type: ignore[misc]
    kiosk.touch(name)


def _from_procedures_to_number(kiosk: Kiosk) -> Iterator[str]:
    kiosk.shows("procedures")
    yield "procedures"
    find(kiosk, "procedure:LONG")
    kiosk.shows("checklist")
    yield "checklist"
    kiosk.touch("document:0")
    until(lambda: kiosk.state()["ticked"] == [0], "a tick")
    kiosk.touch("missing")
    kiosk.shows("documents")
    yield "documents"
    kiosk.touch("take")
    kiosk.shows("number")
    until(lambda: (state := kiosk.state())["slip"] == "out" or state["trouble"], "the slip, or the printer's trouble")
    yield "number"


def made_up_language(folder: Path, code: str = "fr") -> None:
    """Fill `folder` with our catalogues and one more, in which each text is the English one between two marks."""
    with (FOLDER / "vi.po").open("rb") as file:
        messages = [message for message in read_po(file, locale="vi") if message.id]
    catalogue = Catalog(locale=code)
    for message in messages:
        catalogue[message.id] = Message(message.id, _marked(message.id), flags=message.flags)
    for known in FOLDER.glob("*.po"):
        (folder / known.name).write_bytes(known.read_bytes())
    with (folder / f"{code}.po").open("wb") as file:
        write_po(file, catalogue)


def also_in(code: str, data: Any) -> Any:
    """`data` with each of the centre's own texts in one more language, its English text between two marks."""
    if isinstance(data, list):
        return [also_in(code, one) for one in data]
    if isinstance(data, dict) and set(data) == {"vi", "en"}:
        return data | {code: _marked(data["en"])}
    if isinstance(data, dict):
        return {key: also_in(code, value) for key, value in data.items()}
    return data


def _marked(text: Any) -> Any:
    return f"{MARK}{text}{MARK}" if isinstance(text, str) else tuple(_marked(one) for one in text)


def tour_aside(kiosk: Kiosk, server: FakeServer, language: str, mode: str) -> Iterator[str]:
    """What stands aside of the way to a number: the search, what a scan brings up, and the start without the server."""
    server.slip = slip()
    enter(kiosk, language, mode)
    kiosk.touch("begin")
    kiosk.shows("departments")
    kiosk.touch("search")
    kiosk.shows("search")
    yield "search"
    _type(kiosk, "chuyen doi")
    until(lambda: any(name.startswith("found:") for name in kiosk.state()["targets"]), "something found")
    yield "search with what was found"
    kiosk.touch("key:clear")
    until(lambda: not kiosk.state()["typed"], "an empty line")
    _type(kiosk, "qwx")
    until(lambda: not any(name.startswith("found:") for name in kiosk.state()["targets"]), "nothing found")
    yield "search without success"
    kiosk.touch("back")
    kiosk.shows("departments")
    for name, code in (("card", OLD_CARD), ("slip", SLIP), ("unknown code", "8934563138164")):
        kiosk.press(*code, "enter")
        until(lambda: kiosk.state()["scanned"], f"the panel of a {name}")
        if name == "slip":
            until(lambda: "A007" in " ".join(kiosk.state()["scanned_texts"]), "the slip")
        yield f"panel of a {name}"
        kiosk.touch("scan:close")
        until(lambda: kiosk.state()["scanned"] is None, "the panel's end")
    server.mood = "error"
    until(lambda: not kiosk.state()["online"], "the server's absence")
    kiosk.touch("back")
    kiosk.shows("start")
    yield "start without the server"
    server.mood = "well"
    until(lambda: not kiosk.state()["says_away"], "the server")


def slip(**changes: Any) -> dict[str, Any]:
    """What the server says of an earlier slip."""
    today = datetime.now(UTC).astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    return {
        "number": "A007", "department": "BUSY", "state": "waiting", "ahead": 128, "wait": {"low": 115, "high": 240},
        "counter": None, "business_day": today.isoformat(), **changes,
    }  # fmt: skip


def _type(kiosk: Kiosk, keys: str) -> None:
    for key in keys:
        before = kiosk.state()["typed"]
        kiosk.touch("key:space" if key == " " else f"key:{key}")
        until(lambda before=before: kiosk.state()["typed"] != before, f"key {key}")
