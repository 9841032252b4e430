"""What tells this machine from another one with a copy of its disk."""

from contextlib import suppress
from pathlib import Path

SERIAL_NUMBER = Path("/sys/firmware/devicetree/base/serial-number")  # of a single-board computer
NETWORK_CARDS = Path("/sys/class/net")


def hardware_name() -> str:
    """The board's serial number, else the addresses of its built-in network cards; "" where it has neither."""
    with suppress(OSError):
        return SERIAL_NUMBER.read_text().strip("\0\n ")
    cards = []
    for card in sorted(NETWORK_CARDS.glob("*")):
        with suppress(OSError):
            if (card / "device").exists() and "usb" not in str((card / "device").resolve()):
                cards.append((card / "address").read_text().strip())
    return " ".join(cards)
