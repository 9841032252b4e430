"""What people type, and what they must get: at most three results down, or an honest nothing.

Each line: what is typed, and the codes of which one must be among the first three; "" where nothing must be offered.
Everything is found as typed with the keys of the screen, which compose Telex, and as plain letters.
"""

import unicodedata
from datetime import UTC, datetime

import pytest

from kiosk.api.models import Centre
from kiosk.search.procedure_search import Answer, Search
from kiosk.search.telex import compose
from tests.kiosk.fake_server import real_centre

PROVINCE = """
khai sinh = CONGCHUNG-003
khaisinh = CONGCHUNG-003
khia sinh = CONGCHUNG-003
khai sihn = CONGCHUNG-003
karaoke = VHTTDL-012
giay phep karaoke = VHTTDL-012
xin giay phep karaoke = VHTTDL-012
giấy phép kinh doanh karaoke = VHTTDL-012
karaoek = VHTTDL-012
visa = CA-006
hon nhan =
taxi =
passport = CA-001
pasport = CA-001
ho chieu = CA-001
hộ chiếu = CA-001
lam ho chieu = CA-001
cccd = CA-002
can cuoc = CA-002
căn cước công dân = CA-002
chung minh thu = CA-002
gplx = GTVT-001
bang lai xe = GTVT-001
bằng lái = GTVT-001
so do = TNMT-004 TNMT-007 TNMT-008 TNMT-009 TNMT-010
sổ đỏ = TNMT-004 TNMT-007 TNMT-008 TNMT-009 TNMT-010
mat so do = TNMT-007
mất sổ đỏ = TNMT-007
toi muon lam so do = TNMT-004 TNMT-007 TNMT-008 TNMT-009 TNMT-010
tach thua = TNMT-006
tách thửa đất = TNMT-006
birth certificate = CONGCHUNG-003
work permit = LDTBXH-001 LDTBXH-002
giay phep lao dong = LDTBXH-001 LDTBXH-002
business registration = KHDT-001
start a company = KHDT-001
dang ky kinh doanh = KHDT-001
thanh lap cong ty = KHDT-001
thanh lpa doanh nghiep = KHDT-001
so tu phap = TP
sở y tế = YT
y te = YT
tra ket qua = TRAKQ
nhan ket qua = TRAKQ
khdt-007 = KHDT-007
dai hoc xay nha =
80 tuoi =
ket hon =
kết hôn =
dang ky ket hon =
đăng ký kết hôn =
ho ngheo =
hộ nghèo =
so ho ngheo =
ho khau =
sổ hộ khẩu =
ly hon =
tien dien =
phat nguoi =
qwxzq =
asdfgh =
hoa sen =
mua ve may bay =
bong da =
xem phim =
pizza =
con meo =
thoi tiet =
"""
COMMUNE = """
khai sinh = HT-003 HT-006 HT-014
ket hon = HT-009
kết hôn = HT-009
dang ky ket hon = HT-009
marriage = HT-009
ho ngheo = VHXH-006
hộ nghèo = VHXH-006
hộ cận nghèo = VHXH-006
chung thuc = HT-001 HT-002 HT-012 HT-015
cong chung = HT-001 HT-002 HT-012 HT-015
sao y ban chinh = HT-001
so do = DD-005 DD-004 DD-006
khai tu = HT-008
giay doc than = HT-010
doc than = HT-010
xin xac nhan doc than = HT-010
nguoi khuyet tat = VHXH-001 VHXH-002
khuyte tat = VHXH-001 VHXH-002
mai tang = VHXH-004
xay nha = DD-001
giay phep xay dung = DD-001
ho kinh doanh = DD-007
mo quan = DD-007
tranh chap dat = DD-003
giam ho = HT-005
di chuc = HT-015
building permit = DD-001
funeral = VHXH-004
80 tuoi =
ho chieu =
passport =
cccd =
ho khau =
bang lai =
karaoke =
tuoi tre =
cuoi nguoi =
zzzz =
ca phe sua da =
bao gio co ket qua thi dau =
"""


def centre(folder: str) -> Centre:
    return Centre.model_validate({**real_centre(folder), "now": datetime.now(UTC)})


PLACES = {"thai_binh": PROVINCE, "xa_mau": COMMUNE}
SEARCHES = {folder: Search(centre(folder)) for folder in PLACES}
QUERIES = [
    (folder, typed.strip(), expected.split())
    for folder, lines in PLACES.items()
    for typed, _, expected in (line.partition("=") for line in lines.strip().splitlines())
]


def asked(folder: str, keys: str) -> Answer:
    """As the keyboard asks in Vietnamese: with what Telex made of it, and with the keys."""
    return SEARCHES[folder].find(compose(keys), keys)


def test_there_are_enough_of_them():
    assert len(QUERIES) >= 100
    assert sum(not expected for _, _, expected in QUERIES) >= 30


@pytest.mark.parametrize(("folder", "typed", "expected"), QUERIES, ids=[f"{one[0]}: {one[1]}" for one in QUERIES])
def test_what_is_meant_is_among_the_first_three_and_nonsense_finds_nothing(folder, typed, expected):
    found = [one.code for one in asked(folder, unicodedata.normalize("NFC", typed)).found]
    if expected:
        assert set(found[:3]) & set(expected), found
    else:
        assert found == []
