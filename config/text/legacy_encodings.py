"""Text as old Vietnamese programs and Excel write it: UTF-8 and UTF-16 are read, Windows-1258 and TCVN3 are named."""

import codecs
import re
import unicodedata

# In TCVN 5712 these bytes are the letters ă â ê ô ơ ư đ and the tones of a; in a font they look like signs of Latin-1.
_TCVN3_LETTERS = range(0xA8, 0xAF)
_LOOK = "[\u00a8\u00a9\u00aa\u00ab\u00ac\u00ad\u00ae\u00b5-\u00b9\u00be]"
_TCVN3 = re.compile(rf"(?<=[^\W\d_]){_LOOK}|{_LOOK}(?=[^\W\d_])")
_VIETNAMESE = re.compile("[ăâđêôơưĂÂĐÊÔƠƯ\u1ea0-\u1ef9]")
SAVE_AS = "in Excel, save as “CSV UTF-8” or as a workbook (.xlsx)"


def decode(data: bytes) -> str | None:
    """The text of UTF-8, or of UTF-16 with its byte-order mark; None for anything else."""
    is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text


def unreadable(data: bytes) -> tuple[int, str]:
    """The line and what is wrong with data that `decode` does not read; the encoding by name where it can be told."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return 1, f"is broken UTF-16 ({SAVE_AS})"
    try:
        data.decode("utf-8-sig")
        line = data.count(b"\n", 0, data.find(b"\x00")) + 1
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    name = _name(data)
    return line, f"is not UTF-8{f' but {name}' if name else ''} ({SAVE_AS})"


def is_tcvn3(text: str) -> bool:
    """Whether Unicode text is TCVN3 that was shown with a font of its own (.VnTime): "§¨ng ký" for "Đăng ký"."""
    return len(set(_TCVN3.findall(text))) > 1


def _name(data: bytes) -> str:
    high = [byte for byte in data if byte >= 0x80]  # noqa: PLR2004 - beyond ASCII
    if not high or b"\x00" in data:
        return ""
    if sum(byte in _TCVN3_LETTERS for byte in high) * 5 > len(high):
        return "TCVN3 (.VnTime)"
    try:
        text = unicodedata.normalize("NFC", data.decode("cp1258"))
    except UnicodeDecodeError:
        return ""
    return "Windows-1258" if _VIETNAMESE.search(text) else ""
