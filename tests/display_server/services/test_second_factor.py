"""The second factor: no code twice, recovery codes once each, a reset by the server's command, another key file."""

from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest
from sqlalchemy import select

from display_server.db import tables
from display_server.services.core.actors import Actor
from display_server.services.errors import Invalid, InvalidTransition, NotFound
from display_server.services.keys.key_file import KeyRing
from display_server.services.keys.keys import Keys, UnreadableField
from display_server.services.staff.client_addresses import Source
from display_server.services.staff.second_factor import (
    WrongCode,
    check_code,
    confirm_enrolment,
    factor_state,
    remove_factor,
    renew_recovery_codes,
    reset_factor,
    reset_factor_of,
    start_enrolment,
)
from display_server.services.staff.sessions import begin_session, find_session
from display_server.services.staff.sign_in_limits import Locked
from display_server.services.staff.staff import Role, StaffMember
from tests.display_server.service_harness import ServiceHarness
from tests.display_server.services.test_sessions import HOURS, again, member

HERE = Source("192.0.2.1", "192.0.2.1")


class Phone:
    """A member with the app on their phone."""

    def __init__(self, hall: ServiceHarness, name: str = "Lan", role: Role = Role.ADMINISTRATOR) -> None:
        self.hall, self.member = hall, member(hall, name, role)
        self.app = pyotp.TOTP(start_enrolment(hall.site, self.member, "nhỏ").secret)
        self.codes = confirm_enrolment(hall.site, self.actor, self.code())
        hall.clock.advance(seconds=30)

    @property
    def actor(self) -> Actor:
        return self.member.actor()

    def code(self, steps: int = 0) -> str:
        return self.app.at(int(self.hall.clock().timestamp()) + 30 * steps)

    def give(self, code: str, source: Source = HERE) -> str:
        try:
            return check_code(self.hall.site, self.member, code, source)
        except WrongCode:
            return "wrong"
        except Locked:
            return "locked"


@pytest.fixture
def phone(small_hall: ServiceHarness) -> Phone:
    return Phone(small_hall)


def actions(hall: ServiceHarness) -> list[str]:
    return [row.action for row in hall.rows(select(tables.journal).order_by(tables.journal.c.id))]


def test_no_code_is_good_twice(phone: Phone) -> None:
    code = phone.code()
    assert [phone.give(code), phone.give(code)] == ["app", "wrong"]
    assert phone.give(phone.code(-1)) == "wrong"  # an earlier one neither
    phone.hall.clock.advance(seconds=30)
    assert phone.give(phone.code()) == "app"


def test_the_code_of_the_enrolment_signs_nobody_in(small_hall: ServiceHarness) -> None:
    lan = member(small_hall, "Lan")
    app = pyotp.TOTP(start_enrolment(small_hall.site, lan, "nhỏ").secret)
    code = app.at(small_hall.clock())
    confirm_enrolment(small_hall.site, lan.actor(), code)
    with pytest.raises(WrongCode):
        check_code(small_hall.site, lan, code, HERE)


def test_of_two_at_the_same_moment_one_takes_the_code(phone: Phone) -> None:
    code = phone.code()
    with ThreadPoolExecutor(4) as pool:
        told = sorted(pool.map(lambda _: phone.give(code), range(4)))
    assert told == ["app", "wrong", "wrong", "wrong"]
    with ThreadPoolExecutor(4) as pool:
        told = sorted(pool.map(lambda _: phone.give(phone.codes[0]), range(4)))
    assert told == ["recovery", "wrong", "wrong", "wrong"]


@pytest.mark.parametrize(("steps", "told"), [(-2, "wrong"), (-1, "app"), (0, "app"), (1, "app"), (2, "wrong")])
def test_a_phone_may_be_half_a_minute_off(phone: Phone, steps: int, told: str) -> None:
    phone.hall.clock.advance(seconds=60)
    assert phone.give(phone.code(steps)) == told


@pytest.mark.parametrize("code", ["", "000000", "12345", "abcdef", "１２３４５６", "x" * 16, "0" * 5000, "\x00"])
def test_nonsense_is_no_code(phone: Phone, code: str) -> None:
    assert phone.give(code) == "wrong"


def test_a_code_may_be_typed_with_a_space(phone: Phone) -> None:
    code = phone.code()
    assert phone.give(f" {code[:3]} {code[3:]} ") == "app"


def test_recovery_codes_are_ten_and_good_once_each(phone: Phone) -> None:
    assert len(set(phone.codes)) == 10
    assert [phone.give(code) for code in phone.codes[:3]] == ["recovery"] * 3
    assert phone.give(phone.codes[0]) == "wrong"
    assert phone.give(phone.codes[3].upper().replace("-", " ")) == "recovery"
    assert factor_state(phone.hall.site, phone.member.id).recovery_codes == 6
    kept = str(phone.hall.rows(select(tables.recovery_code)))
    assert all(code not in kept and code.replace("-", "") not in kept for code in phone.codes)
    assert actions(phone.hall).count("recovery_used") == 4


def test_new_recovery_codes_replace_the_old(phone: Phone) -> None:
    new = renew_recovery_codes(phone.hall.site, phone.actor)
    assert [phone.give(phone.codes[0]), phone.give(new[0])] == ["wrong", "recovery"]


def test_a_code_of_another_member_is_wrong(phone: Phone) -> None:
    other = Phone(phone.hall, "Minh", Role.CLERK)
    assert [other.give(phone.codes[0]), other.give(phone.code())] == ["wrong", "wrong"]


@pytest.mark.parametrize("years", [-56, 10])
def test_a_clock_that_is_wrong_locks_nobody_out(phone: Phone, years: int) -> None:
    code = phone.code()
    phone.hall.clock.advance(days=365 * years)
    assert [phone.give(code), phone.give(phone.codes[0])] == ["wrong", "recovery"]


def test_wrong_codes_lock_and_a_known_browser_waits_for_itself_alone(phone: Phone) -> None:
    assert [phone.give("000000") for _ in range(6)] == ["wrong"] * 5 + ["locked"]
    assert phone.give(phone.codes[0]) == "locked"
    told = [phone.give("000000", Source(f"198.51.100.{number}")) for number in range(8)]
    assert told == ["wrong"] * 5 + ["locked"] * 3  # whoever has the password goes on elsewhere
    assert phone.give(phone.codes[0], Source("browser 1", is_known=True)) == "recovery"
    assert "sign_in_failed" in actions(phone.hall)


def test_an_enrolment_that_was_never_confirmed_asks_nothing(small_hall: ServiceHarness) -> None:
    lan = member(small_hall, "Lan")
    start_enrolment(small_hall.site, lan, "nhỏ")
    assert not factor_state(small_hall.site, lan.id).is_on
    with pytest.raises(WrongCode):
        confirm_enrolment(small_hall.site, lan.actor(), "000000")
    assert not factor_state(small_hall.site, lan.id).is_on
    with pytest.raises(InvalidTransition):
        confirm_enrolment(small_hall.site, member(small_hall, "Minh").actor(), "000000")


def test_nobody_changes_the_secret_of_one_that_is_on(phone: Phone) -> None:
    with pytest.raises(InvalidTransition):
        start_enrolment(phone.hall.site, phone.member, "nhỏ")
    assert phone.give(phone.code()) == "app"


def test_switching_it_off_and_on_again(phone: Phone) -> None:
    remove_factor(phone.hall.site, phone.actor)
    assert phone.give(phone.codes[0]) == "wrong"
    start_enrolment(phone.hall.site, phone.member, "nhỏ")
    assert [each for each in actions(phone.hall) if each.startswith("factor")] == ["factor_set", "factor_removed"]


def test_the_secret_is_not_in_the_database(small_hall: ServiceHarness) -> None:
    secret = start_enrolment(small_hall.site, member(small_hall, "Lan"), "nhỏ").secret
    stored = small_hall.rows(select(tables.second_factor.c.secret))[0][0]
    assert secret not in stored
    assert small_hall.site.keys.decrypt(stored) == secret


def test_with_another_key_file_recovery_codes_and_the_reset_still_work(phone: Phone) -> None:
    phone.hall.site.keys = Keys(KeyRing.made())
    with pytest.raises(UnreadableField):
        check_code(phone.hall.site, phone.member, phone.code(), HERE)
    assert phone.give(phone.codes[0]) == "recovery"
    reset_factor_of(phone.hall.site, "Lan")
    assert not factor_state(phone.hall.site, phone.member.id).is_on


def test_a_reset_ends_every_session(phone: Phone) -> None:
    lan: StaffMember = again(phone.hall, "Lan")
    key = begin_session(phone.hall.site, lan, "password", "", "", HOURS)
    reset_factor_of(phone.hall.site, "Lan", phone.hall.centre_id)
    assert find_session(phone.hall.site, key) is None
    for name in ("Lan", "Nobody"):
        with pytest.raises(NotFound):
            reset_factor_of(phone.hall.site, name)


def test_an_administrator_resets_anothers_and_not_their_own(phone: Phone) -> None:
    other = Phone(phone.hall, "Minh", Role.CLERK)
    reset_factor(phone.hall.site, phone.actor, other.member.id)
    assert not factor_state(phone.hall.site, other.member.id).is_on
    with pytest.raises(InvalidTransition):
        reset_factor(phone.hall.site, phone.actor, phone.member.id)


def test_a_wrong_code_is_told_as_wrong_input() -> None:
    assert issubclass(WrongCode, Invalid)
