"""The lines of a list of required documents: what to know of fee, form and time limit, then the documents."""

from dataclasses import dataclass
from math import ceil
from pathlib import Path

from kivy.lang import Builder
from kivy.properties import BooleanProperty, StringProperty

from kiosk.api.models import Procedure, Text
from kiosk.ui.view_model import ViewModel
from kiosk.ui.widgets.basic import Background
from kiosk.ui.widgets.paged import Item, ItemCard

FACT_ICONS = {
    "time": "calendar-event",
    "ask": "hand-click",
    "fee": "coins",
    "form": "clipboard-list",
    "limit": "info-circle",
}
POINTS = 36
# Of the type size: a letter's usual width, a line's height. Units: the box and the margins beside the words, and above.
LETTER, LINE, BESIDE, AROUND = 0.58, 1.4, 110, 14
MISSING, READY, UNMARKED = "missing", "ready", "unmarked"


@dataclass(frozen=True)
class Fact:
    """Something to know besides the documents. `kind`: one of `FACT_ICONS`."""

    kind: str
    told: Text


@dataclass(frozen=True)
class Document:
    """One document of the list. `place`: in the procedure's own order; `mark`: `MISSING`, `READY`, `UNMARKED`."""

    place: int
    name: Text
    mark: str = UNMARKED


def facts(procedure: Procedure | None) -> list[Fact]:
    """What is to be known of fee, form and time limit; empty for None."""
    if procedure is None:
        return []
    found = (
        Fact("fee", procedure.fee),
        Fact("form", {"vi": procedure.form} if procedure.form else {}),
        Fact("limit", procedure.limit.note if procedure.limit else {}),
    )
    return [fact for fact in found if fact.told]


def documents(procedure: Procedure | None) -> list[Document]:
    """The documents in the procedure's own order; empty for None."""
    return [Document(place, name) for place, name in enumerate(procedure.papers if procedure else ())]


def marked(procedure: Procedure | None, ticked: frozenset[int]) -> list[Document]:
    """The documents, those first that are still missing; in the procedure's order where nothing was ticked."""
    listed = documents(procedure)
    if not ticked:
        return listed
    missing = [Document(one.place, one.name, MISSING) for one in listed if one.place not in ticked]
    return [*missing, *(Document(one.place, one.name, READY) for one in listed if one.place in ticked)]


def line_words(model: ViewModel, line: Fact | Document | None) -> str:
    """What stands on a line, in the visitor's language; empty for None."""
    if isinstance(line, Document):
        return model.words(line.name)
    if line is None:
        return ""
    _ = model.gettext
    pattern = {"fee": _("Fee: %(told)s"), "form": _("Form: %(told)s")}.get(line.kind, "%(told)s")
    return pattern % {"told": model.words(line.told)}


def height_for(model: ViewModel, lines: list[Fact | Document], heights: tuple[tuple[int, int], ...]) -> int:
    """Units of height, by the letters of the longest line, as `heights` has them."""
    longest = max((len(line_words(model, line)) for line in lines), default=0)
    return next(height for letters, height in heights if longest <= letters)


def own_height(model: ViewModel, line: Fact | Document, width: float, least: float) -> float:
    """Units of height that a line of `width` units needs for its words, at least `least`."""
    points = max(POINTS, float(model.least_type / model.u))
    letters = max(1.0, (width - BESIDE) / (points * LETTER))
    return max(least, ceil(len(line_words(model, line)) / letters) * points * LINE + AROUND)


class TickBox(Background):
    """An empty box, or one with a tick."""

    is_ticked = BooleanProperty(False)


class DocumentCard(ItemCard):
    """One document, ticked with a touch; or a fact, only to read. `toggles`: by ear it says what it is now."""

    chosen = BooleanProperty(False)
    toggles = True

    def choose(self) -> None:
        self.model.dispatch("on_tick", self.item.place)

    def code_words(self, line: Fact | Document | None) -> str:
        return f"document:{line.place}" if isinstance(line, Document) else ""

    def is_chosen(self, line: Fact | Document | None, ticked: frozenset[int]) -> bool:
        return isinstance(line, Document) and line.place in ticked

    def title(self, line: Fact | Document | None, language: str) -> str:  # noqa: ARG002 - makes the text follow
        return line_words(self.model, line)

    def icon(self, line: Fact | Document | None) -> str:
        return FACT_ICONS[line.kind] if isinstance(line, Fact) else ""


class DocumentLine(Item):
    """The same, only to read and to take a photo of."""

    mark = StringProperty("")

    def mark_of(self, line: Fact | Document | None) -> str:
        return line.mark if isinstance(line, Document) else ""

    def title(self, line: Fact | Document | None, aloud: bool, language: str) -> str:  # noqa: ARG002
        """By ear with what its box shows."""
        _ = self.model.gettext
        patterns = {MISSING: _("Missing: %(name)s"), READY: _("You have: %(name)s")}
        pattern = patterns.get(self.mark_of(line), "%(name)s") if aloud else "%(name)s"
        return pattern % {"name": line_words(self.model, line)}

    def icon(self, line: Fact | Document | None) -> str:
        if isinstance(line, Fact):
            return FACT_ICONS[line.kind]
        return "file-text" if isinstance(line, Document) and line.mark == UNMARKED else ""


Builder.load_file(str(Path(__file__).with_suffix(".kv")))
