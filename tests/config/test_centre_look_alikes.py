"""Look-alikes are folded and said; files that are none, or never end, are one clear line."""

import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from config.centre.loader import load_centre
from config.input.problems import CentreDataError
from config.text.look_alikes import fold
from config.text.types import clean_line
from tests.config.test_text import BAD

SECRET = "root:$y$j9T$secret:19000"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Ðất đai", "Đất đai"),
        ("\u0189ất \u00f0ai \u0256o", "Đất đai đo"),
        ("M\u1eabu 01\u2011TP\u2010KT", "Mẫu 01-TP-KT"),
        ("UBND\u2013TP", "UBND-TP"),
        ("Hộ tịch \u2013 Chứng thực", "Hộ tịch \u2013 Chứng thực"),
        ("7\u20139 ngày", "7\u20139 ngày"),
        ("Hộ\u00a0tịch\u3000xã\u2009", "Hộ tịch xã "),
        ("Ho\u0323\u0302 ti\u0323ch", "Hộ tịch"),
        ("Hô\u0323 ti\u0323ch Viê\u0323t", "Hộ tịch Việt"),  # Windows-1258
        ("chu\u031b\u0301ng; tie\u0301\u0302p", "chứng; tiếp"),
        ("a\u0341\u02cb", "á\u02cb"),
        ("Hoa\u02ca", "Hoá"),
        ("Quầy \uff11\uff12", "Quầy 12"),
        ("đất\u00ad đai\ufeff", "đất đai"),
        ("“Một cửa” ‘x’ 5′", "“Một cửa” ‘x’ 5′"),
        ("行政服务中心（一）", "行政服务中心（一）"),
        ("ការិយាល័យ\u200bច្រក\u200cចេញ", "ការិយាល័យ\u200bច្រក\u200cចេញ"),
    ],
)
def test_what_was_meant(written: str, meant: str) -> None:
    found, kinds = fold(written)
    assert found == meant
    assert bool(kinds) == (written != meant)


@pytest.mark.parametrize("written", ["“HT\u20131”", "\uff28\uff34\uff0d\uff11", "HT\u20111", "‘HT\u00ad\u22121’"])
def test_a_code_is_what_it_looks_like(written: str) -> None:
    assert fold(written, is_code=True)[0] == "HT-1"


@given(st.text(max_size=30), st.booleans())
@example("A\u00b4\u0302", False)
@example("\u00b4\u02ca", False)
def test_folding_again_changes_nothing(text: str, is_code: bool) -> None:
    once = fold(text, is_code=is_code)[0]
    twice, kinds = fold(once, is_code=is_code)
    assert (twice, kinds) == (once, set())


def test_each_kind_is_said_once_with_its_rows(folder):
    folder.change("procedures.csv", "Khai sinh", "Khai\u00a0sinh \u00d0")
    folder.change("procedures.csv", "Tách thửa", "Tách\u00a0thửa")
    folder.change("departments.toml", '"HT"', '"HT\u20111"')
    folder.change("counters.toml", '"HT"', '"HT\uff0d1"')
    folder.change("procedures.csv", "HT-1,HT,", "HT\u20131,HT\u22121,")
    folder.change("papers.toml", '"HT-1"', '"HT\u20131"')
    notes: list[str] = []
    centre = load_centre(folder.path, notes)
    assert 'departments.toml:department 1: hyphens that are none became "-"' in notes
    assert "procedures.csv:2, 3: special blanks became plain ones" in notes
    assert [note for note in notes if "Ð" in note] == ["procedures.csv:2: Ð, Ɖ and their small letters became Đ and đ"]
    assert [department.code for department in centre.departments] == ["HT-1", "DD"]
    assert centre.procedures[0].name["vi"] == "Khai sinh Đ"


def test_nothing_is_said_where_nothing_was_folded(folder):
    notes: list[str] = []
    load_centre(folder.path, notes)
    assert notes == []


@pytest.mark.parametrize("bad", [bad for bad in BAD.values() if bad != "a\nb" and "\ud83d" not in bad])
def test_bad_text_in_the_table_is_named_with_its_row(folder, bad):
    folder.change("procedures.csv", "Tách thửa", f'"{bad}"')
    problems = folder.problems()
    assert all(problem.file == "procedures.csv" for problem in problems), problems
    assert all(str(problem).isprintable() and len(str(problem)) < 500 for problem in problems)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("departments.toml", "Hộ tịch", "\\u202eHộ tịch"),
        ("departments.toml", "Hộ tịch", "x" * 2_000_000),
        ("departments.toml", '"HT"', f'"{"x" * 2_000_000}"'),
        ("centre.toml", "max_wait_minutes = 20", f"max_wait_minutes = {'9' * 5000}"),
        ("centre.toml", "max_wait_minutes = 20", "max_wait_minutes = 99999999999999999999"),
        ("centre.toml", "max_wait_minutes = 20", "max_wait_minutes = inf"),
        ("departments.toml", 'prefix = "A"', 'prefix = "A"\nposition = 2147483648'),
        ("procedures.csv", ",12,working_days", ",99999999999999999999,working_days"),
        ("procedures.csv", "Tách thửa", "x" * 200_000),
        ("hours.toml", "[weekly]", "closed = [0001-01-01]\n[weekly]"),
        ("centre.toml", 'code = "small"', "x = " + "[" * 20_000 + "]" * 20_000 + '\ncode = "small"'),
        ("centre.toml", 'code = "small"', ".".join(["x"] * 20_000) + ' = 1\ncode = "small"'),
        ("papers.toml", "[paper]", '[paper."' + "x" * 2_000_000 + '"]\nvi = "x"\n[paper]'),
        ("procedures.csv", ",source", ",source," + "x" * 100_000),
    ],
)
def test_what_is_out_of_bounds_is_told_in_short_lines(folder, file, old, new):
    folder.change(file, old, new)
    problems = folder.problems()
    assert problems[0].file == file
    assert all(len(str(problem)) < 600 and str(problem).isprintable() for problem in problems)


@pytest.mark.parametrize("name", ["counters.toml", "procedures.csv", "papers.toml", "emblem.png"])
def test_files_that_are_none(folder, tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    path: Path = folder.path / name
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "shadow"
    elsewhere.write_text(SECRET + "\n")
    path.unlink(missing_ok=True)
    for make, reason in (
        (lambda: path.symlink_to("/dev/zero"), "is a link to something outside the folder"),
        (lambda: path.symlink_to(elsewhere), "is a link to something outside the folder"),
        (lambda: os.mkfifo(path), "is not a regular file"),
    ):
        make()
        told = [str(problem) for problem in folder.problems()]
        assert f"{name}:1: cannot be read: {reason}" in told
        assert "secret" not in "".join(told)
        path.unlink()
    path.write_bytes(b"")
    os.truncate(path, 21 * 2**20)
    assert f"{name}:1: cannot be read: is larger than 20 MiB" in [str(problem) for problem in folder.problems()]


def test_a_link_within_the_folder_is_read(folder) -> None:
    (folder.path / "procedures.csv").rename(folder.path / "kept.csv")
    (folder.path / "procedures.csv").symlink_to("kept.csv")
    assert load_centre(folder.path).procedures


def test_curly_quotes_in_toml_are_named(folder) -> None:
    folder.change("departments.toml", '"Hộ tịch"', "“Hộ tịch”")
    with pytest.raises(CentreDataError, match="curly quotes"):
        load_centre(folder.path)


@given(st.text(max_size=30))
def test_what_was_folded_and_cleaned_stays_so(text: str) -> None:
    try:
        cleaned = clean_line(fold(text)[0])
    except ValueError:
        return
    assert clean_line(fold(cleaned)[0]) == cleaned
