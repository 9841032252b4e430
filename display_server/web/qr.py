"""QR codes as the path of an SVG, drawn into a page without a picture of their own."""

from dataclasses import dataclass

import qrcode

MARGIN = 4  # modules of white around it, as the standard asks


@dataclass(frozen=True, slots=True)
class QrPath:
    """`size`: width and height in modules, with the margin; `path`: what is black, for `<path d>`."""

    size: int
    path: str


def qr_path(text: str) -> QrPath:
    """`text` as a QR code that bears 15 % of damage."""
    code = qrcode.QRCode(border=MARGIN, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    dark = [f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark]
    return QrPath(len(rows), "".join(dark))
