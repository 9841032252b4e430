"""One name and one password, however they are typed: decomposed, with blanks, by a command or on a page."""

import os
import subprocess
import unicodedata

import pytest
from sqlalchemy import select, update

from display_server.db import tables
from display_server.services.core.actors import system_actor
from display_server.services.devices.devices import DeviceKind, NameTaken, add_device
from display_server.services.errors import Invalid
from display_server.services.staff.authentication import sign_in, sign_in_with_pin
from display_server.services.staff.client_addresses import Source
from display_server.services.staff.passwords import is_common
from display_server.services.staff.single_sign_on import Outcome, recognise
from display_server.services.staff.staff import Role, _hasher, add_staff, change_password, invite, set_pin
from tests.display_server.service_harness import ServiceHarness
from tests.server_process import MOTCUA, ROOT, clean_environment

PASSWORD = "mật khẩu của Lệ Ễ"
APART = unicodedata.normalize("NFD", PASSWORD)
TYPED = [" Lệ Mai ", "Lệ\u00a0Mai", "Lệ  Mai", unicodedata.normalize("NFD", "Lệ Mai"), "\ufeffLệ Ma\u200bi"]


def test_one_name_at_every_entrance(small_hall: ServiceHarness) -> None:
    site, device = small_hall.site, small_hall.enrol("counter", "counter 1", "1")
    assert add_staff(site, small_hall.centre_id, TYPED[0], Role.CLERK, PASSWORD) == "Lệ Mai"
    member = sign_in(site, TYPED[1], PASSWORD)
    assert member is not None
    set_pin(site, member.actor(), PASSWORD, "246810")
    for typed in TYPED:
        assert sign_in(site, typed, PASSWORD) is not None
        assert sign_in_with_pin(site, device, typed, "246810") is not None
        with pytest.raises(NameTaken):
            add_staff(site, small_hall.centre_id, typed, Role.CLERK, PASSWORD)
        with pytest.raises(NameTaken):
            invite(site, system_actor(small_hall.centre_id), typed, Role.CLERK, [])


@pytest.mark.parametrize("name", ["a\x00b", "a\ud83d", "\u202eiaM", "\u200b", " ", "x" * 65, "\u3164"])
def test_names_that_are_none(small_hall: ServiceHarness, name: str) -> None:
    with pytest.raises(Invalid) as refused:
        add_staff(small_hall.site, small_hall.centre_id, name, Role.CLERK, PASSWORD)
    assert str(refused.value).isprintable()
    with pytest.raises(Invalid):
        add_device(small_hall.site, small_hall.centre_id, DeviceKind.DISPLAY, name, None)
    assert sign_in(small_hall.site, name, PASSWORD) is None


def test_a_password_is_one_however_its_letters_are_composed(small_hall: ServiceHarness) -> None:
    site = small_hall.site
    add_staff(site, small_hall.centre_id, "Lan", Role.CLERK, APART)
    assert sign_in(site, "Lan", PASSWORD) is not None
    assert sign_in(site, "Lan", APART) is not None
    assert sign_in(site, "Lan", f" {PASSWORD}") is None  # never trimmed


def test_a_hash_from_before_still_opens_and_is_renewed(small_hall: ServiceHarness) -> None:
    site = small_hall.site
    add_staff(site, small_hall.centre_id, "Lan", Role.CLERK, "mot cua hai cua")
    with site.write_without_lock() as connection:
        connection.execute(update(tables.staff).values(password_hash=_hasher.hash(APART)))
    assert sign_in(site, "Lan", "mot cua hai cua") is None
    assert sign_in(site, "Lan", APART) is not None
    assert sign_in(site, "Lan", PASSWORD) is not None, "it is kept as NFC now"
    member = sign_in(site, "Lan", APART)
    assert member is not None
    change_password(site, member.actor(), PASSWORD, "một cửa hai cửa")
    assert sign_in(site, "Lan", "một cửa hai cửa") is not None


@pytest.mark.parametrize(
    "password",
    ["12345678", "password1", "qwertyuiop", "Abc@123456", "admin@123", "matkhau123", "Mật khẩu 1", "anhyeuem1",
     "01011990", "lehoaimai1", "Lệ Hoài Mai"],
)  # fmt: skip
def test_common_passwords_are_refused(small_hall: ServiceHarness, password: str) -> None:
    with pytest.raises(Invalid, match=r"easy|letters"):
        add_staff(small_hall.site, small_hall.centre_id, "Lệ Hoài Mai", Role.CLERK, password)
    assert small_hall.rows(select(tables.staff)) == []


@pytest.mark.parametrize("password", ["mot cua hai cua", "another password", "áo dài tím hoa cà", "kR7-vq2-Lp9"])
def test_others_are_taken(password: str) -> None:
    assert not is_common(password, "Lệ Hoài Mai")


def run(database: str, *arguments: bytes | str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [os.fsencode(each) for each in (MOTCUA, *arguments, "--database", database)]
    return subprocess.run(command, env=clean_environment(), input=stdin, capture_output=True, cwd=ROOT, check=False)


def test_the_command_takes_what_windows_writes_and_refuses_what_is_no_text(small_hall: ServiceHarness) -> None:
    database, added = small_hall.database, ("staff", "add", " Mai ", "--role", "clerk", "--password-stdin")
    done = run(database, *added, stdin=b"\xef\xbb\xbfmot cua hai cua\r\n")
    assert (done.returncode, done.stdout) == (0, b"Mai: clerk\n"), done.stderr
    assert sign_in(small_hall.site, "Mai", "mot cua hai cua") is not None
    for arguments, stdin in (
        (("staff", "add", b"\xff", *added[3:]), b"x"),
        (added, b"\xff\xfem\x00o\x00t\x00"),
        (("device", "add", "display", b"T\xc3\xa0\xff"), b""),
        (("device", "add", "display", "x", "--centre", b"\xff"), b""),
        (("staff", "add", "a\u202eb", *added[3:]), b"mot cua hai cua"),
        (("backup", b"/tmp/\xff.db"), b""),
    ):
        done = run(database, *arguments, stdin=stdin)
        assert done.returncode in {1, 2}
        assert b"Traceback" not in done.stderr
        assert done.stderr.count(b"\n") == 1, done.stderr
        assert done.stdout == b""


def test_single_sign_on_knows_the_same_names(small_hall: ServiceHarness) -> None:
    add_staff(small_hall.site, small_hall.centre_id, "Lệ Mai", Role.CLERK, PASSWORD)
    claim, here = small_hall.site.settings.single_sign_on.claim, Source("192.0.2.1", "192.0.2.1")
    for name, outcome in ((TYPED[3], Outcome.ASKED), ("Lệ\x00Mai", Outcome.UNKNOWN), ("\ud83d", Outcome.UNKNOWN)):
        told = {"iss": "https://sso.example", "sub": f"subject of {name!a}", claim: name}
        assert recognise(small_hall.site, told, here).outcome == outcome
