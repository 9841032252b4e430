"""What to bring, and how long it takes: read before a number is taken, so that nobody queues for a missing paper."""

from dataclasses import dataclass
from datetime import datetime

from kivy.properties import AliasProperty, StringProperty

from kiosk.api.models import Centre, Procedure, Text
from kiosk.ui.screens.base import KioskScreen, load_kv
from kiosk.ui.widgets import long_names as names  # noqa: F401 - the .kv file names its widgets
from kiosk.ui.widgets.formatting import limit_words
from kiosk.ui.widgets.paged import Item

LONG = 200  # letters of a name
ICONS = {"fee": "coins", "form": "clipboard-list", "limit": "info-circle"}
HEIGHTS = ((120, 104), (250, 150), (10_000, 240))  # of a line, by the letters of its paper


@dataclass(frozen=True)
class Fact:
    """Something to know besides the papers. `kind`: one of `ICONS`."""

    kind: str
    told: Text


class PaperLine(Item):
    """One paper of the list, or a fact."""

    words = StringProperty("")

    def title(self, line: Text | Fact | None, language: str) -> str:  # noqa: ARG002 - makes the text follow
        if isinstance(line, Fact):
            _ = self.model.gettext
            pattern = {"fee": _("Fee: %(told)s"), "form": _("Form: %(told)s")}.get(line.kind, "%(told)s")
            return pattern % {"told": self.model.words(line.told)}
        return self.model.words(line) if line else ""

    def icon(self, line: Text | Fact | None) -> str:
        return ICONS[line.kind] if isinstance(line, Fact) else "file-text"


class ChecklistScreen(KioskScreen):
    card_class = AliasProperty(lambda _: PaperLine)

    def on_pre_enter(self) -> None:
        self.ids.paged.first()

    def take(self) -> None:
        self.model.dispatch("on_take")

    def procedure_words(self, procedure: Procedure | None, language: str) -> str:  # noqa: ARG002
        return self.model.words(procedure.name) if procedure else ""

    def title_words(self, procedure: Procedure | None, language: str) -> str:  # noqa: ARG002
        return self.model.title(procedure)

    def more_room(self, procedure: Procedure | None, language: str) -> int:
        """Units of height, in portrait, for a name that is longer than most."""
        return 110 if len(self.title_words(procedure, language)) > LONG else 0

    def lowest(self, lines: list[Text | Fact], language: str) -> int:  # noqa: ARG002 - makes the height follow
        """Lines high enough for the longest paper."""
        texts = (line.told if isinstance(line, Fact) else line for line in lines)
        longest = max((len(self.model.words(text)) for text in texts), default=0)
        return next(height for characters, height in HEIGHTS if longest <= characters)

    def limit_words(self, procedure: Procedure | None, language: str, now: datetime, is_open: bool) -> str:  # noqa: ARG002
        return limit_words(self.model, procedure.limit if procedure else None)

    def lines(self, procedure: Procedure | None) -> list[Text | Fact]:
        """The papers, after what is to be known of fee, form and time limit."""
        if procedure is None:
            return []
        facts = [
            Fact("fee", procedure.fee),
            Fact("form", {"vi": procedure.form} if procedure.form else {}),
            Fact("limit", procedure.limit.note if procedure.limit else {}),
        ]
        return [*(fact for fact in facts if fact.told), *procedure.papers]

    def papers_words(self, procedure: Procedure | None, language: str) -> str:  # noqa: ARG002
        _ = self.model.gettext
        if procedure is None:
            return ""
        if not procedure.papers:
            return _("Our staff will tell you which papers are needed.")
        return _("Please have these papers with you:")

    def offers_priority(self, centre: Centre | None, is_open: bool, may_touch: bool) -> bool:
        return is_open and may_touch and centre is not None and bool(centre.priority_reasons)


load_kv(__file__)
