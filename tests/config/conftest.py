"""A small centre's folder to break in every way."""

from collections.abc import Callable
from pathlib import Path

import pytest

from config.centre.loader import CentreDataError, Problem, load_centre

FILES = {
    "centre.toml": """\
code = "small"
name = { vi = "Trung tâm nhỏ", en = "Small centre" }
timezone = "Asia/Ho_Chi_Minh"
languages = ["vi", "en"]
slip_note = { vi = "Xin chờ", en = "Please wait" }

[priority]
mode = "strict"
max_wait_minutes = 20
reasons = [{ code = "elderly", name = { vi = "Người cao tuổi", en = "Elderly person" } }]
""",
    "departments.toml": """\
[[department]]
code = "HT"
prefix = "A"
name = { vi = "Hộ tịch", en = "Civil status" }

[[department]]
code = "DD"
prefix = "B"
name = { vi = "Đất đai", en = "Land" }
""",
    "counters.toml": """\
[[counter]]
code = "1"
name = { vi = "Quầy 1", en = "Counter 1" }
departments = ["HT", "DD"]
""",
    "hours.toml": """\
country = "VN"

[weekly]
mon = ["07:30-11:30", "13:30-16:30"]
""",
    "procedures.csv": """\
code,department,name_vi,name_en,limit_value,limit_unit,limit_note,minutes,official_code,source
HT-1,HT,Khai sinh,Birth,0,same_day,,10,,
DD-1,DD,Tách thửa,Split a parcel,12,working_days,,15,,
""",
    "papers.toml": """\
[paper]
form = { vi = "Tờ khai", en = "Form" }
birth = { vi = "Giấy chứng sinh", en = "Certificate" }

[[checklist]]
procedures = ["HT-1"]
papers = ["form", "birth"]
""",
}


class Folder:
    """A centre's folder on disk that tests change and load."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        (self.path / name).write_bytes(text.encode())

    def change(self, name: str, old: str, new: str) -> None:
        text = (self.path / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new, 1))

    def append(self, name: str, text: str) -> None:
        self.write(name, (self.path / name).read_text(encoding="utf-8") + text)

    def problems(self) -> list[Problem]:
        with pytest.raises(CentreDataError) as caught:
            load_centre(self.path)
        return caught.value.problems


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def told(folder: Folder) -> Callable[[], list[str]]:
    return lambda: [str(problem) for problem in folder.problems()]
