import pytest
from hypothesis import given
from hypothesis import strategies as st

from printer.virtual.parser import Command, Parser


def parsed(data: bytes) -> list[Command]:
    return list(Parser().feed(data))


@pytest.mark.parametrize(
    ("data", "command"),
    [
        (b"\x1b@", Command("initialise")),
        (b"\x1bJ\x05", Command("feed_dots", b"\x05")),
        (b"\x10\x04\x01", Command("realtime_status", b"\x01")),
        (b"\x1dVA\x00", Command("cut", b"A\x00")),
        (b"\x1dV\x00", Command("cut", b"\x00")),
        (b"\x1dV1", Command("cut", b"1")),
        (b"\x1dv0\x00\x01\x00\x02\x00\xaa\x55", Command("raster", b"\x00\x01\x00\x02\x00\xaa\x55")),
        (b"\x1dk\x02123456789012\x00", Command("barcode", b"\x02123456789012")),
        (b"\x1dkI\x04{Bab", Command("barcode", b"I{Bab")),
        (b"\x1d(k\x03\x00\x31\x51\x30", Command("code_2d", b"\x31\x51\x30")),
        (b"\x1b*\x21\x02\x00abcdef", Command("column_picture", b"\x21\x02\x00abcdef")),
        (b"xin ch\xe0o", Command("text", b"xin ch\xe0o")),
        (b"\x0a", Command("line_feed", b"\n")),
        (b"\x1bz", Command("unknown", b"\x1bz")),
        (b"\x1d(Z\x02\x00ab", Command("unknown", b"\x1d(Z\x02\x00")),
        (b"\x02", Command("unknown", b"\x02")),
    ],
)
def test_each_command_is_taken_apart(data: bytes, command: Command) -> None:
    assert parsed(data) == [command]


def test_status_requests_inside_a_picture_are_ink() -> None:
    commands = parsed(b"\x1dv0\x00\x03\x00\x01\x00\x10\x04\x01\x10\x04\x02")
    assert [command.name for command in commands] == ["raster", "realtime_status"]
    assert commands[1].data == b"\x02"


@given(st.binary(max_size=300), st.integers(1, 40))
def test_it_does_not_matter_how_the_line_cuts_the_bytes(data: bytes, size: int) -> None:
    parser = Parser()
    pieces = [command for start in range(0, len(data), size) for command in parser.feed(data[start : start + size])]
    whole = Parser()
    assert joined(pieces) == joined(list(whole.feed(data)))
    assert parser.unfinished == whole.unfinished


def joined(commands: list[Command]) -> list[Command]:
    """Text in pieces is the same text."""
    result: list[Command] = []
    for command in commands:
        if command.name == "text" and result and result[-1].name == "text":
            result[-1] = Command("text", result[-1].data + command.data)
        else:
            result.append(command)
    return result
