from display_server.domain.clock import ClockJumpDetector

DAY = 86_400.0


def test_a_steady_clock_is_believed_from_the_first_look() -> None:
    watch = ClockJumpDetector()
    assert all(watch.is_stable(1e9 + second, second) for second in range(0, 7200, 60))


def test_a_drifting_clock_is_believed() -> None:
    watch = ClockJumpDetector()
    assert all(watch.is_stable(1e9 + second * 1.001, second) for second in range(0, 864_000, 60))


def test_a_jump_is_believed_only_after_ten_minutes() -> None:
    watch = ClockJumpDetector()
    assert watch.is_stable(1e9, 0)
    assert not watch.is_stable(1e9 + DAY, 60)
    assert not watch.is_stable(1e9 + DAY + 540, 600)
    assert watch.is_stable(1e9 + DAY + 600, 660)


def test_a_jump_and_back_ends_no_day() -> None:
    watch = ClockJumpDetector()
    assert watch.is_stable(1e9, 0)
    assert not watch.is_stable(1e9 + DAY, 60)
    assert not watch.is_stable(1e9 + 120, 120)
    assert watch.is_stable(1e9 + 720, 720)
