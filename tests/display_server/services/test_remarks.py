"""What visitors are told of a procedure besides its papers: from the table through the database to a kiosk."""

from datetime import time
from pathlib import Path

import pytest

from config.centre.loader import CentreDataError, load_centre
from display_server.services.catalogue.procedure_notes import Remarks, dump_remarks, read_remarks
from tests.server_process import CENTRES

HEADER = "code,department,name_vi,limit_value,limit_unit,limit_note,minutes"


def with_rows(folder: Path, header: str, *rows: str) -> Path:
    """The model commune with another table of procedures."""
    for file in (CENTRES / "xa_mau").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    for name in ("papers.toml", "synonyms.toml"):
        (folder / name).unlink(missing_ok=True)
    (folder / "procedures.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return folder


def test_words_hour_fee_and_form_come_from_the_table_and_survive_the_column(tmp_path):
    header = f"{HEADER},limit_words_vi,limit_words_en,same_day_until,fee_vi,fee_en,form"
    row = "A-1,HT,Khai sinh,0,same_day,a remark,5,Nộp sau 15 giờ,After 15:00,15:00,8.000 đồng,,TK-01"
    procedure = load_centre(with_rows(tmp_path, header, row)).procedures[0]
    assert procedure.same_day_until == time(15)
    told = read_remarks(dump_remarks(procedure))
    words = {"vi": "Nộp sau 15 giờ", "en": "After 15:00"}
    assert told == Remarks(words=words, until="15:00", fee={"vi": "8.000 đồng"}, form="TK-01")


@pytest.mark.parametrize("stored", ["", "after 15:00: next working day", "{broken", '{"colour": 1}', "[1]"])
def test_a_remark_of_an_older_hall_is_shown_to_nobody(stored):
    assert read_remarks(stored) == Remarks()


@pytest.mark.parametrize(
    ("until", "unit", "reason"),
    [("3 pm", "same_day", '"3 pm" is not a time of day'), ("15:00", "", "same_day_until without limit_unit same_day")],
)
def test_an_hour_that_is_none_is_named(tmp_path, until, unit, reason):
    row = f"A-1,HT,Khai sinh,,{unit},,5,{until}"
    with pytest.raises(CentreDataError, match=reason):
        load_centre(with_rows(tmp_path, f"{HEADER},same_day_until", row))
