"""Finding a procedure among 943, a key at a time.

The centre: the 200 procedures of Thái Bình, and further ones made of them as real catalogues have them: the same matter
as a new grant, a renewal, a change, a replacement or a withdrawal.
"""

import time
from datetime import UTC, datetime
from itertools import islice, product
from statistics import median

from kiosk.api.models import Centre
from kiosk.search.procedure_search import Search, fold
from tests.kiosk.fake_server import real_centre

PROCEDURES = 943
VARIANTS = (
    ("Gia hạn", "Renewal"),
    ("Cấp lại", "Replacement"),
    ("Điều chỉnh, bổ sung", "Change"),
    ("Thu hồi", "Withdrawal"),
)
SENTENCES = ("tôi muốn làm lại sổ đỏ bị mất", "xin phép xây nhà cấp 4", "how do I get a birth certificate", "khia sihn")


def big_centre() -> Centre:
    """943 procedures in 19 departments."""
    told = real_centre()
    procedures = list(told["procedures"])
    made = (
        {
            **procedure,
            "code": f"{procedure['code']}-{verb_vi[0]}{len(verb_en)}",
            "name": {
                "vi": f"{verb_vi}: {procedure['name']['vi']}",
                "en": f"{verb_en}: {procedure['name'].get('en', procedure['name']['vi'])}",
            },
        }
        for (verb_vi, verb_en), procedure in product(VARIANTS, told["procedures"])
    )
    procedures += islice(made, PROCEDURES - len(procedures))
    return Centre.model_validate({**told, "procedures": procedures, "now": datetime.now(UTC)})


def main() -> None:
    """Print the time for a key, over every name typed letter by letter."""
    centre = big_centre()
    started = time.perf_counter()
    search = Search(centre)
    print(f"search: {len(centre.procedures)} procedures indexed in {(time.perf_counter() - started) * 1000:.0f} ms")
    names = [fold(procedure.name["vi"]) for procedure in centre.procedures[::12]]
    for what, typed in (("names", names), ("sentences and slips", SENTENCES)):
        times = sorted(_ms(search, text[: end + 1]) for text in typed for end in range(len(text)))
        p99 = times[int(len(times) * 0.99)]
        print(
            f"search: a key, {what}: median {median(times):.1f} ms, p99 {p99:.1f} ms,"
            f" worst {times[-1]:.1f} ms ({len(times)} keys)"
        )


def _ms(search: Search, typed: str) -> float:
    started = time.perf_counter()
    search.find(typed)
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
