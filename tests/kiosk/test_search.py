"""Finding a procedure from whatever people type."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.api.models import Centre
from kiosk.search.procedure_search import Answer, Search, fold
from tests.kiosk.fake_server import real_centre


def search_in(folder: str) -> Search:
    return Search(Centre.model_validate({**real_centre(folder), "now": datetime.now(UTC)}))


THAI_BINH, XA_MAU = search_in("thai_binh"), search_in("xa_mau")
CODES = [entry.found.code for entry in THAI_BINH._entries]


def codes(answer: Answer) -> list[str]:
    return [one.code for one in answer.found]


def test_folding_takes_diacritics_and_case_away() -> None:
    assert fold("  Sổ ĐỎ, (đất-đai)!") == "so do dat dai"
    assert fold("Đ\u1ed5i a\u0309") == "doi a"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("khai sinh", "CONGCHUNG-003"),
        ("sinh khai", "CONGCHUNG-003"),
        ("KHAI SINH", "CONGCHUNG-003"),
        ("khai si", "CONGCHUNG-003"),
        ("khaisinh", "CONGCHUNG-003"),
        ("khia sinh", "CONGCHUNG-003"),
        ("giấy khai sinh", "CONGCHUNG-003"),
        ("birth", "CONGCHUNG-003"),
        ("dang ky kinh doanh", "KHDT-001"),
        ("start a company", "KHDT-001"),
        ("cccd", "CA-002"),
        ("chung minh thu", "CA-002"),
        ("gplx", "GTVT-001"),
        ("bằng lái", "GTVT-001"),
        ("hộ chiếu", "CA-001"),
        ("ho chieeu", "CA-001"),
        ("passport", "CA-001"),
        ("mất sổ đỏ", "TNMT-007"),
        ("tach thua", "TNMT-006"),
        ("karaoke", "VHTTDL-012"),
        ("so tu phap", "TP"),
        ("khdt-007", "KHDT-007"),
    ],
)
def test_the_first_result(typed: str, expected: str) -> None:
    assert codes(THAI_BINH.find(typed))[0] == expected


@pytest.mark.parametrize("typed", ["so do", "sổ đỏ", "SO DO", "tôi muốn làm sổ đỏ"])
def test_a_land_certificate_is_found_by_what_people_call_it(typed: str) -> None:
    first = codes(THAI_BINH.find(typed))[:4]

    assert "TNMT-007" in first
    assert all(code.startswith("TNMT") for code in first)
    assert codes(XA_MAU.find(typed))[0].startswith("DD-")


def test_diacritics_that_are_typed_count() -> None:
    assert codes(THAI_BINH.find("sở y tế"))[0] == "YT"
    assert codes(THAI_BINH.find("y te"))[0] == "YT"


@pytest.mark.parametrize("typed", ["", "   ", "?!", "qwxzqwxz", "x" * 500])
def test_nothing_is_found_for_nothing(typed: str) -> None:
    assert THAI_BINH.find(typed) == Answer()


@given(st.text(max_size=60))
def test_any_text_is_survived(typed: str) -> None:
    assert set(codes(THAI_BINH.find(typed))) <= set(CODES)


@given(st.sampled_from(THAI_BINH._entries), st.randoms(use_true_random=False))
def test_every_entry_is_found_by_the_words_of_its_name_in_any_order(entry, random) -> None:
    words = fold(next(iter((entry.found.procedure or entry.found.department).name.values()))).split()
    random.shuffle(words)

    assert entry.found.code in codes(THAI_BINH.find(" ".join(words)))


@given(st.sampled_from(THAI_BINH._entries), st.data())
def test_every_entry_is_found_by_the_beginnings_of_its_words(entry, data) -> None:
    """Whatever is found with them, an entry that has all words is among it: it may only be outranked."""
    name = fold((entry.found.procedure or entry.found.department).name["vi"]).split()
    words = [word[: data.draw(st.integers(max(len(word) - 1, 1), len(word)))] for word in name]
    answer = THAI_BINH.find(" ".join(words))
    assert answer.found
    # Words that others have whole ("s", "con") are surely those; only beginnings are a guess.
    assert not answer.guessed or entry.found.code in codes(answer)


@pytest.mark.parametrize("typed", ["ket hon", "ho ngheo", "hộ khẩu", "toi muon dang ky ket hon"])
def test_what_another_office_does_is_said_and_nothing_else_offered(typed: str) -> None:
    answer = THAI_BINH.find(typed)
    assert answer.found == ()
    assert answer.elsewhere is not None
    assert "nơi ông/bà cư trú" in answer.elsewhere.office["vi"]


def test_what_the_centre_does_itself_comes_before_what_others_do() -> None:
    assert XA_MAU.find("ket hon").elsewhere is None
    assert codes(XA_MAU.find("ket hon"))[0] == "HT-009"
    assert XA_MAU.find("cccd").elsewhere is not None
    assert THAI_BINH.find("cccd").elsewhere is None


@pytest.mark.parametrize(
    ("typed", "guessed"), [("khai sinh", False), ("khia sinh", True), ("karaoek", True), ("kar", False), ("tp", False)]
)
def test_a_guess_is_told_as_one(typed: str, guessed: bool) -> None:
    answer = THAI_BINH.find(typed)
    assert answer.found
    assert answer.guessed is guessed


@pytest.mark.parametrize("typed", ["hon", "tuoi", "hoat", "ngue"])
def test_words_of_four_letters_and_fewer_are_never_taken_for_others(typed: str) -> None:
    for search in (THAI_BINH, XA_MAU):
        for one in search.find(typed).found:
            words = {word for text in search._entries[0:] if text.found == one for word in text.weights}
            assert any(word.startswith(typed) for word in words)


def test_the_better_reading_counts_where_letters_were_composed_by_mistake() -> None:
    assert codes(THAI_BINH.find("kẩoke", "karaoke")) == codes(THAI_BINH.find("karaoke"))
    assert codes(THAI_BINH.find("vía", "visa")) == codes(THAI_BINH.find("visa"))
    assert codes(THAI_BINH.find("sổ đỏ", "soor ddor")) == codes(THAI_BINH.find("sổ đỏ"))
    assert THAI_BINH.find("tãi", "taxi").found == ()
