"""What a kiosk fetches again and again: only what is new."""

from config.centre.loader import load_centre
from tests.server_process import CENTRES, ServerProcess


def test_procedures_are_not_sent_to_whoever_holds_them(open_hall: ServerProcess) -> None:
    kiosk = open_hall.token("kiosk")
    whole = open_hall.ask("GET", "/api/v1/centre", token=kiosk).json()
    assert whole["procedures"]
    again = open_hall.ask("GET", f"/api/v1/centre?known={whole['catalogue']}", token=kiosk).json()
    assert again["procedures"] is None
    lasting = [
        {**one, "wait": None, "waiting": None} for one in whole["departments"]
    ]  # what else the hall does goes on
    assert [{**one, "wait": None, "waiting": None} for one in again["departments"]] == lasting
    older = open_hall.ask("GET", f"/api/v1/centre?known={whole['catalogue'] - 1}", token=kiosk).json()
    assert older["procedures"] == whole["procedures"]


def test_the_emblem(open_hall: ServerProcess) -> None:
    address = open_hall.ask("GET", "/api/v1/centre", token=open_hall.token("kiosk")).json()["emblem"]
    picture = open_hall.ask("GET", address)
    assert picture.headers["Content-Type"] == "image/png"
    assert picture.body == load_centre(CENTRES / "thai_binh").emblem
    again = open_hall.ask("GET", address, headers={"If-None-Match": picture.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")


def test_a_kiosk_is_told_what_visitors_ask_besides_the_papers(open_hall: ServerProcess) -> None:
    centre = open_hall.ask("GET", "/api/v1/centre", token=open_hall.token("kiosk")).json()
    late = [one for one in centre["procedures"] if one["limit"]["until"]]
    assert late
    assert {one["limit"]["unit"] for one in late} == {"same_day"}
    assert any(one["fee"] == {"vi": "135.000 đồng", "en": "135,000 VND"} for one in centre["procedures"])
    assert all("paraphrased" not in str(one["limit"]) for one in centre["procedures"])
    assert any(one["what"]["vi"] == "Đăng ký kết hôn" for one in centre["elsewhere"])
