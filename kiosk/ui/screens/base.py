"""What all screens share."""

from pathlib import Path

from kivy.lang import Builder
from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.screenmanager import Screen

from kiosk.ui.widgets import header_footer as bars  # noqa: F401 - the .kv files name its widgets
from kiosk.ui.widgets.basic import ThemedWidget


def load_kv(module_file: str) -> None:
    """Load the `.kv` beside a module."""
    Builder.load_file(str(Path(module_file).with_suffix(".kv")))


class KioskScreen(ThemedWidget, Screen):
    """One step of a visit, on the window's own colour. Its `name` is what `/state` calls it.

    `moves_down`: in low reach it stands in the lower part of the window; a screen that has its places to touch there
    anyway does not move. `heading`, `note`: what it asks; in low reach they stand above, where there is only to read.
    `has_footer`: it ends in a row of its own that has room for the languages.
    """

    moves_down = BooleanProperty(True)
    heading = StringProperty("")
    note = StringProperty("")
    has_footer = BooleanProperty(True)
