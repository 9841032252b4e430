"""From a slip to the bytes that print it."""

from printer.drawing import draw_slip
from printer.encoding import encode
from printer.layout import load_layout
from printer.slip import Slip


def slip_to_bytes(slip: Slip, layout: str) -> bytes:
    """ESC/POS bytes of `slip` in the layout of that name or path. Raises `LayoutError`."""
    loaded = load_layout(layout)
    return encode(draw_slip(slip, loaded), loaded.cut)
