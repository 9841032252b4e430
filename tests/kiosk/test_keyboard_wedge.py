"""A scanner is told from fingers by its speed and its closing key."""

from kiosk.devices.keyboard_wedge import LONGEST, KeyboardWedgeDetector


def fed(scanner: KeyboardWedgeDetector, text: str, gap: float, start: float = 10.0) -> tuple[float, list[bool]]:
    now, taken = start, []
    for sign in text:
        taken.append(scanner.typed(sign, now))
        now += gap
    return now, taken


def test_a_burst_that_ends_with_enter_is_a_scan_once() -> None:
    scanner = KeyboardWedgeDetector()
    now, taken = fed(scanner, "034050001234|x", 0.005)

    assert taken == [False] + [True] * 13
    assert scanner.closed(now) == "034050001234|x"
    assert scanner.closed(now) is None
    assert "0340" not in repr(scanner)


def test_fingers_are_no_scan() -> None:
    scanner = KeyboardWedgeDetector()
    now, taken = fed(scanner, "khai sinh", 0.15)

    assert not any(taken)
    assert scanner.closed(now) is None


def test_enter_long_after_a_burst_is_somebody_s_own() -> None:
    scanner = KeyboardWedgeDetector()
    now, _ = fed(scanner, "0340500012", 0.005)

    assert scanner.closed(now + 1) is None


def test_a_short_burst_is_no_scan_and_does_not_stick_to_the_next() -> None:
    scanner = KeyboardWedgeDetector()
    now, _ = fed(scanner, "12", 0.005)
    assert scanner.closed(now) is None
    now, _ = fed(scanner, "abcdefgh", 0.005, now)
    assert scanner.closed(now) == "abcdefgh"


def test_an_endless_burst_is_cut() -> None:
    scanner = KeyboardWedgeDetector()
    now, _ = fed(scanner, "9" * (LONGEST * 3), 0.001)

    assert len(scanner.closed(now) or "") == LONGEST
