"""From a slip to the bytes that print it."""

from math import inf

from PIL import Image

from printer.rendering.escpos_raster import encode
from printer.rendering.image import MAX_COMPACTION_LEVEL, render_slip
from printer.rendering.profile import DEFAULT, Profile, load_profile
from printer.rendering.text_mode import slip_to_text
from printer.slip.layout import Layout, load_layout
from printer.slip.slip import Slip

# A compaction level of `render_slip`, and how many times too long a slip may be for it: the second language of the
# required documents is never a quarter of a slip, all second languages are not two fifths. Beyond, it would be drawn
# in vain.
COMPACTION_STEPS = ((1, 4 / 3), (2, 1.6), (3, 3.0), (MAX_COMPACTION_LEVEL, inf))


def render_slip_bytes(slip: Slip, layout: str, profile: Profile | None = None, max_width: int | None = None) -> bytes:
    """ESC/POS bytes of `slip` in the layout of that name or path, for a printer of `profile` (a picture if not given).

    `max_width`: dots of the paper, for a layout that may be wider. Raises `LayoutError`.
    """
    profile = profile or load_profile(DEFAULT)
    loaded = fitted(load_layout(layout), profile, max_width)
    if profile.mode == "text":
        return slip_to_text(slip, loaded, profile)
    return as_picture(slip, loaded, profile)[1]


def fitted(layout: Layout, profile: Profile, max_width: int | None = None) -> Layout:
    """The layout, no wider than the print head: what does not fit on the paper would be cut off, digits too."""
    width = min(layout.width, profile.width or layout.width, max_width or layout.width)
    return layout if width == layout.width else layout.model_copy(update={"width": width})


def as_picture(slip: Slip, layout: Layout, profile: Profile) -> tuple[Image.Image, bytes]:
    """The slip as drawn and as bytes; on a slow line no more than the layout's `most_bytes` where that can be."""
    thrift = 0
    while True:
        picture = render_slip(slip, layout, thrift)
        data = encode(picture, layout.cut, doubles=profile.doubles)
        if not profile.slow or len(data) <= layout.most_bytes or thrift == MAX_COMPACTION_LEVEL:
            return picture, data
        too_long = len(data) / layout.most_bytes
        thrift = next(step for step, enough_for in COMPACTION_STEPS if step > thrift and too_long <= enough_for)
