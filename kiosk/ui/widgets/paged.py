"""Many cards on one screen: as many as stay large, and two large buttons to the rest."""

from math import ceil
from pathlib import Path
from typing import Any

from kivy.clock import Clock
from kivy.lang import Builder
from kivy.properties import BooleanProperty, ListProperty, NumericProperty, ObjectProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.ui.widgets.basic import ThemedWidget, TouchButton


class Item(ThemedWidget, BoxLayout):
    """A line that shows one item of a list, only to read."""

    item = ObjectProperty(None, allownone=True)
    points = NumericProperty(36)


class ItemCard(TouchButton):
    """A card that shows one item of a list."""

    item = ObjectProperty(None, allownone=True)
    points = NumericProperty(36)


class PageBar(ThemedWidget, BoxLayout):
    """Where one is among the pages, and two large buttons to the others."""

    paged = ObjectProperty()
    page = NumericProperty(0)
    pages = NumericProperty(1)
    rest = NumericProperty(0)

    def on_paged(self, _: Any, paged: "Paged") -> None:
        for name in ("page", "pages", "rest"):
            setattr(self, name, getattr(paged, name))
            paged.fbind(name, self.setter(name))

    def turn(self, pages: int) -> None:
        self.paged.turn(pages)

    def page_words(self, page: float, pages: float, language: str) -> str:  # noqa: ARG002 - makes the text follow
        _ = self.model.gettext
        return _("Page %(page)d of %(pages)d") % {"page": page + 1, "pages": pages}

    def more_words(self, rest: float, language: str) -> str:  # noqa: ARG002
        _ = self.model.gettext
        return self.model.ngettext("%(n)d more", "%(n)d more", int(rest)) % {"n": rest} if rest else _("More")


class Paged(ThemedWidget, BoxLayout):
    """Cards for `items` in `columns`, each between `lowest` and `highest` units high, evenly spread over pages,
    their names of `points` units.

    The bar to turn them stands below the cards in portrait, and in the footer where height is dear.
    `own_height(item, width)`: the units that one needs across `width` units; where all of them fit like that, they
    stand on one page. `card_class` is an `ItemCard` or `Item`. Items that change keep their cards, so that a finger on
    one is not lost.
    """

    items = ListProperty([])
    card_class = ObjectProperty(ItemCard)
    own_height = ObjectProperty(None, allownone=True)
    even = BooleanProperty(True)
    columns = NumericProperty(2)
    lowest = NumericProperty(220)
    highest = NumericProperty(320)
    gap = NumericProperty(24)
    bar = NumericProperty(132)
    points = NumericProperty(36)
    footer = ObjectProperty(None, allownone=True)
    page = NumericProperty(0)
    pages = NumericProperty(1)
    row_height = NumericProperty(100)
    rest = NumericProperty(0)

    def __init__(self, **kwargs: Any) -> None:
        self._cards: list[Any] = []
        super().__init__(**kwargs)
        self._trigger = Clock.create_trigger(self._show, -1)
        for name in ("items", "size", "columns", "page", "lowest", "highest", "points"):
            self.fbind(name, self._trigger)
        for name in ("u", "least_type", "language", "aloud"):
            self.model.fbind(name, self._trigger)
        self.model.fbind("portrait", self._place_bar)
        self.model.bind(on_home=self.first)
        self._page_bar = PageBar(paged=self)
        Clock.schedule_once(self._place_bar, -1)

    def first(self, *_: Any) -> None:
        """Back to the first page."""
        self.page = 0

    def turn(self, pages: int) -> None:
        """Forwards or backwards, as far as there are pages."""
        self.page = min(max(self.page + pages, 0), self.pages - 1)

    def _place_bar(self, *_: Any) -> None:
        if self._page_bar.parent:
            self._page_bar.parent.remove_widget(self._page_bar)
        place = self.ids.below if self.model.portrait or self.footer is None else self.footer
        place.add_widget(self._page_bar)

    def _show(self, *_: Any) -> None:
        heights = self._own_heights()
        self.even = not heights
        per_page = len(heights) or self._arrange()
        self.pages = 1 if heights else self.pages
        self.page = min(self.page, self.pages - 1)
        start = int(self.page) * per_page
        self.rest = max(len(self.items) - start - per_page, 0)
        self._fill(self.items[start : start + per_page])
        for card, height in zip(self._cards, heights, strict=False):
            card.size_hint_y, card.height = None, height

    def _own_heights(self) -> list[float]:
        """In pixels, of all items on one page; none where they have no heights of their own, or no room."""
        if self.own_height is None or self.columns > 1:
            return []
        heights = [self.own_height(item, self.width / self.model.u) * self.model.u for item in self.items]
        return heights if sum(heights) + self.gap * self.model.u * (len(heights) - 1) <= self.height else []

    def _arrange(self) -> int:
        """Set `pages` and `row_height`; how many cards stand on a page."""
        unit, count, columns = self.model.u, max(len(self.items), 1), int(self.columns)
        room = self.height
        rows = self._rows(room)
        if count > rows * columns:
            room -= self.bar * unit
            rows = self._rows(room)
        self.pages = ceil(count / (rows * columns))
        used = ceil(ceil(count / self.pages) / columns)
        gaps = self.gap * unit * (used - 1)
        self.row_height = min((room - gaps) / used, self.highest * unit)
        return int(used * columns)

    def _rows(self, room: float) -> int:
        unit = self.model.u
        return max(int((room + self.gap * unit) // ((self.lowest + self.gap) * unit)), 1)

    def _fill(self, items: list[Any]) -> None:
        grid = self.ids.grid
        # Cards are kept and used again: Kivy never quite forgets a widget (40 KiB a visitor).
        self._cards += [self.card_class(item=item) for item in items[len(self._cards) :]]
        cards = self._cards[: len(items)]
        if len(grid.children) != len(items):
            grid.clear_widgets()
            for card in cards:
                grid.add_widget(card)
        for card, item in zip(cards, items, strict=True):
            card.item = item
            card.points = self.points
            card.size_hint_y = 1


Builder.load_file(str(Path(__file__).with_suffix(".kv")))
