"""Barcodes of GS k, drawn by python-barcode."""

from PIL import Image

from printer.virtual.paper_canvas import bars

# GS k m → name in python-barcode (Epson's reference, forms A and B).
KINDS = {0: "upca", 2: "ean13", 3: "ean8", 4: "code39", 5: "itf", 6: "codabar"}
KINDS |= {65: "upca", 67: "ean13", 68: "ean8", 69: "code39", 70: "itf", 71: "codabar", 73: "code128"}


def barcode(kind: int, data: bytes, dots: int, height: int) -> Image.Image:
    """The barcode with `dots` a narrow bar. Raises ValueError for a kind or data that cannot be."""
    if kind not in KINDS:
        raise ValueError(f"barcode kind {kind} is not known here")
    text = data.decode("ascii", "replace")
    import barcode as library  # type: ignore[import-untyped]  # noqa: PLC0415 - slow to load, seldom needed
    from barcode.errors import BarcodeError  # type: ignore[import-untyped]  # noqa: PLC0415

    if KINDS[kind] == "code128":  # Epson puts the code set in front: {A, {B, {C
        text = text[2:] if text.startswith("{") else text
    try:
        modules = library.get_barcode_class(KINDS[kind])(text).build()[0]
    except (BarcodeError, ValueError, KeyError) as error:
        raise ValueError(f"barcode {KINDS[kind]}: {error or text!r}") from error
    return bars([[module != "1" for module in modules]], dots, height)
