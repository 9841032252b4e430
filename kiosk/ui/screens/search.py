"""Finding a procedure by typing: what fits appears with each letter."""

from typing import Any

from kivy.clock import Clock
from kivy.properties import AliasProperty, ListProperty, ObjectProperty

from kiosk.api.models import Centre
from kiosk.search.procedure_search import Answer, Search, SearchResult
from kiosk.ui.screens.base import KioskScreen, load_kv
from kiosk.ui.widgets.keyboard import LONGEST
from kiosk.ui.widgets.paged import ItemCard

# Letters that fit beside each other, however wide: the end of what is typed is seen.
SEEN = 26
# The keyboard's width beside what was found; and from how many units for a finger on a screen counts as small.
KEYBOARD, WIDE_KEYBOARD, SMALL_SCREEN = 1.14, 1.7, 120


class FoundCard(ItemCard):
    """A procedure with its department, or a department."""

    def choose(self) -> None:
        found: SearchResult = self.item
        self.model.dispatch("on_choose_procedure" if found.procedure else "on_choose_department", found.code)

    def code_words(self, found: SearchResult | None) -> str:
        return f"found:{found.code}" if found else ""

    def title(self, found: SearchResult | None, language: str) -> str:  # noqa: ARG002 - makes the text follow
        return self.model.short(found.procedure or found.department) if found else ""

    def department_words(self, found: SearchResult | None, language: str) -> str:  # noqa: ARG002
        """Whose procedure it is; of a queue itself nothing: its name says what it is."""
        return self.model.short(found.department) if found and found.procedure else ""


class SearchScreen(KioskScreen):
    card_class = AliasProperty(lambda _: FoundCard)
    answer = ObjectProperty(Answer())
    found = ListProperty([])

    def __init__(self, **kwargs: Any) -> None:
        self._search: Search | None = None
        self._indexed: tuple[Any, ...] = ()
        self._index_soon = Clock.create_trigger(self._index, 0)
        super().__init__(**kwargs)
        self.model.fbind("centre", lambda *_: self._index_soon())
        self._index_soon()

    def on_pre_enter(self) -> None:
        self._index()

    def look(self, typed: str) -> None:
        """`typed` has changed."""
        self.ids.paged.first()
        self.answer = self._search.find(typed, self.ids.keyboard.keys) if self._search else Answer()
        self.found = list(self.answer.found)

    def keyboard_share(self, target: float, unit: float) -> float:
        """How wide the keyboard is beside what was found: wider on small screens, where keys would be too narrow."""
        return WIDE_KEYBOARD if target > SMALL_SCREEN * unit else KEYBOARD

    def typed_words(self, typed: str, language: str) -> str:  # noqa: ARG002
        _ = self.model.gettext
        if len(typed) > SEEN:
            return "…" + typed[-SEEN:]
        return typed or _("What have you come for?")

    def status_words(self, typed: str, answer: Answer, language: str) -> str:  # noqa: ARG002
        _ = self.model.gettext
        if len(typed) >= LONGEST:
            return _("No more letters fit. Please touch “Clear” to begin again.")
        if not typed.strip():
            return _("Touch the letters. Accents are not needed: “khai sinh”, “so do”, “ho chieu” …")
        if answer.guessed:
            return _("Did you mean …?")
        if not answer.found:
            return ""
        return self.model.ngettext("%(n)d found", "%(n)d found", len(answer.found)) % {"n": len(answer.found)}

    def is_guess(self, answer: Answer) -> bool:
        return answer.guessed

    def is_elsewhere(self, answer: Answer) -> bool:
        return answer.elsewhere is not None

    def advice_words(self, typed: str, answer: Answer, language: str) -> str:  # noqa: ARG002
        """Where nothing was found: who does it, or what to do."""
        _ = self.model.gettext
        if answer.found or not typed.strip():
            return ""
        if answer.elsewhere is None:
            return _("Nothing was found. Try another word, go back and choose a department, or ask our staff.")
        what, office = self.model.words(answer.elsewhere.what), self.model.words(answer.elsewhere.office)
        return _("%(what)s: not done here. Please go to %(office)s.") % {"what": what, "office": office}

    def _index(self, *_: Any) -> None:
        """Only what a centre offers is indexed, not how many wait: that changes all the time."""
        centre: Centre | None = self.model.centre
        if centre is None:
            return
        names = [(department.code, department.name) for department in centre.departments]
        offered = (centre.procedures, names, centre.elsewhere)
        if offered != self._indexed:
            self._indexed, self._search = offered, Search(centre)
            self.look(self.ids.keyboard.typed)


load_kv(__file__)
