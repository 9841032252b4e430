"""The kiosk's look, in one place: colours, sizes, type. Every pair of text and ground reaches 7:1 (WCAG 2.2, 1.4.6).

Lengths are in units: 1 unit is 1/1080 of the screen's shorter side, or of 1/1920 of the longer where that is less. What
must have a certain size in front of a visitor, whatever the screen, is in millimetres.
"""

from config.package_data import package_folder

Colour = tuple[float, float, float, float]

FONTS = package_folder("config") / "fonts"
WEIGHTS = ("Regular", "SemiBold", "Bold", "ExtraBold")


def color(code: str, alpha: float = 1.0) -> Colour:
    """`#RRGGBB` as Kivy wants it."""
    red, green, blue = (int(code[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue, alpha


class Theme:
    """The one theme: lacquer green of a temple door, warm paper, a little gold."""

    PORTRAIT = (1080, 1920)  # units
    SMALLEST = 31  # units: no type is smaller
    TARGET_MM = 20.0  # the least edge of a place to touch: a fingertip that trembles
    TARGET_SHARE = (
        0.13  # of the window's shorter side, at most: on 7 inches twenty millimetres are a fifth of the height
    )
    CAPITAL = 0.74  # height of a capital letter, of the size of the type (OS/2 table of Be Vietnam Pro)
    READABLE_MM = 6.1  # capital letters in large type: 0.7° at half a metre (EN 301 549, 5.1.4)
    LARGE, LARGEST = 1.25, 1.45  # large type is at least so much larger, and at most

    paper = color("#F5F1E8")
    card = color("#FFFFFF")
    card_down = color("#D5E8E4")
    card_closed = color("#E9E4D9")
    edge = color("#D9D1C0")
    ink = color("#13242B")
    quiet = color("#3D4B52")
    primary = color("#0B4A4F")
    primary_down = color("#062E32")
    primary_edge = color("#062E32")
    on_primary = color("#FFFFFF")
    quiet_on_primary = color("#DCEBE7")
    drum = color("#235C61")  # a tenth of white on the primary colour, ready mixed: Kivy draws a clear line twice
    gold = color("#E2B04A")
    gold_down = color("#D09C36")
    gold_edge = color("#A8791F")
    on_gold = color("#1B1A12")
    priority = color("#5A2348")
    priority_down = color("#3B1430")
    on_priority = color("#FFFFFF")
    warning = color("#FCE8BF")
    warning_edge = color("#E0B65A")
    on_warning = color("#3F2A00")
    veil = color("#0A1A1E", 0.72)
    clear = color("#FFFFFF", 0.0)
    dark = color("#000000")

    TEXT_ON_GROUND = (
        ("ink", "paper"),
        ("ink", "card"),
        ("ink", "card_down"),
        ("quiet", "paper"),
        ("quiet", "card"),
        ("quiet", "card_closed"),
        ("primary", "card"),
        ("primary", "card_down"),
        ("primary", "paper"),
        ("on_primary", "primary"),
        ("on_primary", "primary_down"),
        ("quiet_on_primary", "primary"),
        ("on_gold", "gold"),
        ("on_gold", "gold_down"),
        ("on_priority", "priority"),
        ("priority", "paper"),
        ("on_warning", "warning"),
    )
