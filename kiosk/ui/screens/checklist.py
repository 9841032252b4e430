"""What to bring, and how long it takes: read before a number is taken, so that nobody queues for a missing document."""

from datetime import datetime

from kivy.properties import AliasProperty, BooleanProperty, NumericProperty

from kiosk.api.models import Centre, Procedure
from kiosk.ui.screens.base import KioskScreen, load_kv
from kiosk.ui.widgets import long_names as names  # noqa: F401 - the .kv file names its widgets
from kiosk.ui.widgets.document_lines import Document, DocumentCard, Fact, documents, facts, height_for, own_height
from kiosk.ui.widgets.formatting import limit_words

LONG, SHORT = 200, 100  # letters of a name
HEIGHTS = ((120, 104), (250, 150), (10_000, 240))  # of a line, by the letters of its document
LEAST = 80  # units


class ChecklistScreen(KioskScreen):
    """`needed`: how many documents there are; `lacking`: how many of them are not ticked. `all_ready`: none is left."""

    card_class = AliasProperty(lambda _: DocumentCard)
    needed = NumericProperty(0)
    lacking = NumericProperty(0)
    all_ready = BooleanProperty(False)

    def on_pre_enter(self) -> None:
        self.ids.paged.first()

    def take(self) -> None:
        self.model.dispatch("on_take")

    def count(self, procedure: Procedure | None) -> int:
        return len(procedure.papers) if procedure else 0

    def procedure_words(self, procedure: Procedure | None, language: str) -> str:  # noqa: ARG002
        return self.model.words(procedure.name) if procedure else ""

    def title_words(self, procedure: Procedure | None, language: str) -> str:  # noqa: ARG002
        return self.model.title(procedure)

    def more_room(self, procedure: Procedure | None, language: str) -> int:
        """Units of height, in portrait, for a name that is longer than most."""
        return 110 if len(self.title_words(procedure, language)) > LONG else 0

    def lowest(self, lines: list[Fact | Document], language: str) -> int:  # noqa: ARG002 - makes the height follow
        """Lines high enough for the longest document."""
        return height_for(self.model, lines, HEIGHTS)

    def own_height(self, line: Fact | Document, width: float) -> float:
        least = self.model.target / self.model.u if isinstance(line, Document) else 0.0
        return own_height(self.model, line, width, max(LEAST, least))

    def limit_words(self, procedure: Procedure | None, language: str, now: datetime, is_open: bool) -> str:  # noqa: ARG002
        return limit_words(self.model, procedure.limit if procedure else None)

    def lines(
        self, procedure: Procedure | None, limit: str, papers: str, note: str, is_cramped: bool, language: str
    ) -> list[Fact | Document]:
        """The documents, after what is to be known of fee, form and time limit.

        `is_cramped`: in low reach and landscape, where of `limit` and `papers` only what is in the `note` stands above.
        """
        said = (("time", limit), ("ask", papers))
        moved = [Fact(kind, {language: words}) for kind, words in said if is_cramped and words and words not in note]
        return [*moved, *facts(procedure), *documents(procedure)]

    def papers_words(self, procedure: Procedure | None, is_open: bool, language: str) -> str:  # noqa: ARG002
        _ = self.model.gettext
        if procedure is None:
            return ""
        if not procedure.papers:
            return _("Our staff will tell you which papers are needed.")
        return _("Please have these papers with you. Touch each one that you have:")

    def note_words(self, limit: str, papers: str, portrait: bool, title: str) -> str:
        """In low reach: what stands above, where there is only to read, as far as there is room."""
        if not portrait:
            return papers if len(title) <= SHORT else ""
        return limit

    def take_words(self, is_open: bool, lacking: float, needed: float, language: str) -> str:  # noqa: ARG002
        _ = self.model.gettext
        if not is_open:
            return _("The counters are closed now")
        if needed > lacking > 0:
            return _("Take a number all the same")
        return _("I have everything: take a number")

    def lacking_words(self, lacking: float, needed: float, language: str) -> str:  # noqa: ARG002
        if lacking in {0, needed}:
            return self.model.gettext("One is missing")
        return self.model.ngettext("%(n)d is missing", "%(n)d are missing", int(lacking)) % {"n": lacking}

    def offers_priority(self, centre: Centre | None, is_open: bool, may_touch: bool) -> bool:
        return is_open and may_touch and centre is not None and bool(centre.priority_reasons)


load_kv(__file__)
