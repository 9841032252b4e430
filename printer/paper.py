"""From a slip to the bytes that print it."""

from printer.drawing import MOST_THRIFT, draw_slip
from printer.encoding import encode
from printer.layout import load_layout
from printer.slip import Slip


def slip_to_bytes(slip: Slip, layout: str) -> bytes:
    """ESC/POS bytes of `slip` in the layout of that name or path, no more than its `most_bytes` where that can be.

    Raises `LayoutError`.
    """
    loaded = load_layout(layout)
    for thrift in range(MOST_THRIFT):
        data = encode(draw_slip(slip, loaded, thrift), loaded.cut)
        if len(data) <= loaded.most_bytes:
            return data
    return encode(draw_slip(slip, loaded, MOST_THRIFT), loaded.cut)
