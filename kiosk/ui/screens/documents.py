"""The list of documents to take along, on one screen: for a photo or a printed list, with or without a number."""

from kivy.properties import AliasProperty, BooleanProperty, StringProperty

from kiosk.api.models import Procedure
from kiosk.ui.screens.base import KioskScreen, load_kv
from kiosk.ui.widgets import long_names as names  # noqa: F401 - the .kv file names its widgets
from kiosk.ui.widgets.document_lines import Document, DocumentLine, Fact, facts, height_for, marked, own_height
from kiosk.ui.widgets.formatting import limit_words, slip_trouble_words

HEIGHTS = ((60, 66), (130, 104), (250, 150), (10_000, 230))  # of a line, by the letters of its document
LEAST = 62  # units: the box, and a little


class DocumentsScreen(KioskScreen):
    """`may_print`: the list can be asked for now. `stacked`: the places to touch stand above each other.
    `cramped`: what to do has no room beside the procedure's name, which the step before showed.
    """

    card_class = AliasProperty(lambda _: DocumentLine)
    may_print = BooleanProperty(False)
    cramped = BooleanProperty(False)
    stacked = BooleanProperty(True)
    answer = StringProperty("")

    def on_pre_enter(self) -> None:
        self.ids.paged.first()

    def procedure_words(self, procedure: Procedure | None, language: str) -> str:  # noqa: ARG002 - makes the text follow
        return self.model.words(procedure.name) if procedure else ""

    def title_words(self, procedure: Procedure | None, language: str) -> str:  # noqa: ARG002
        return self.model.title(procedure)

    def limit_words(self, procedure: Procedure | None, language: str, is_open: bool) -> str:  # noqa: ARG002
        return limit_words(self.model, procedure.limit if procedure else None)

    def lines(self, procedure: Procedure | None, ticked: frozenset[int]) -> list[Fact | Document]:
        return [*marked(procedure, ticked), *facts(procedure)]

    def lowest(self, lines: list[Fact | Document], language: str) -> int:  # noqa: ARG002
        return height_for(self.model, lines, HEIGHTS)

    def own_height(self, line: Fact | Document, width: float) -> float:
        return own_height(self.model, line, width, LEAST)

    def answer_words(self, procedure: Procedure | None, ticked: frozenset[int], lacks_one: bool, language: str) -> str:  # noqa: ARG002
        """What to do about a missing document; how to take the list along, where none is said to be missing."""
        _ = self.model.gettext
        lacking = len(procedure.papers) - len(ticked) if procedure else 0
        if not lacks_one:
            return _("You may take a photo of this screen, or have the list printed.")
        kind = _(
            "That is no problem: you may take a number and be advised at the counter, or come back with everything."
        )
        if not ticked:
            return kind
        missing = self.model.ngettext("%(n)d document is missing.", "%(n)d documents are missing.", lacking)
        return f"{missing % {'n': lacking}} {kind}"

    def print_words(self, list_slip: str, trouble: str, lists_left: float, language: str) -> str:  # noqa: ARG002
        """What stands where the list is asked for: also what has become of it."""
        _ = self.model.gettext
        if list_slip == "out":
            return _("Please take your list")
        if trouble or list_slip == "failed":
            is_out = trouble == "paper_out"
            why = slip_trouble_words(self.model, trouble) if is_out else _("The list cannot be printed just now.")
            return f"{why} {_('Please take a photo of this screen.')}"
        if not list_slip and not lists_left:
            return _("Please take a photo of this screen.")
        return {
            "printing": _("Your list is being printed …"),
            "sent": _("Your list should come out now; if not, please take a photo of this screen."),
        }.get(list_slip, _("Print the list"))


load_kv(__file__)
