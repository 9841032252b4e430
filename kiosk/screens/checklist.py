"""What to bring, and how long it takes: read before a number is taken, so that nobody queues for a missing paper."""

from kivy.properties import AliasProperty, StringProperty

from kiosk.messages import Centre, Procedure, Text
from kiosk.screens.base import KioskScreen, load_namesake
from kiosk.screens.paged import Item
from kiosk.screens.wording import limit_words


class PaperLine(Item):
    """One paper of the list."""

    words = StringProperty("")

    def title(self, paper: Text | None, language: str) -> str:  # noqa: ARG002 - makes the text follow
        return self.model.words(paper) if paper else ""


class ChecklistScreen(KioskScreen):
    card_class = AliasProperty(lambda _: PaperLine)

    def on_pre_enter(self) -> None:
        self.ids.paged.first()

    def take(self) -> None:
        self.model.dispatch("on_take")

    def procedure_words(self, procedure: Procedure | None, language: str) -> str:  # noqa: ARG002
        return self.model.words(procedure.name) if procedure else ""

    def limit_words(self, procedure: Procedure | None, language: str) -> str:  # noqa: ARG002
        return limit_words(self.model, procedure.limit if procedure else None)

    def papers(self, procedure: Procedure | None) -> list[Text]:
        return list(procedure.papers) if procedure else []

    def papers_words(self, procedure: Procedure | None, language: str) -> str:  # noqa: ARG002
        _ = self.model.gettext
        if procedure is None:
            return ""
        if not procedure.papers:
            return _("Our staff will tell you which papers are needed.")
        return _("Please have these papers with you:")

    def offers_priority(self, centre: Centre | None, is_open: bool) -> bool:
        return is_open and centre is not None and bool(centre.priority_reasons)


load_namesake(__file__)
