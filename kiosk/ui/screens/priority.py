"""A reason to be served earlier, kindly asked; nobody else sees this screen."""

from kivy.properties import AliasProperty, BooleanProperty

from kiosk.api.models import Centre, PriorityReason
from kiosk.ui.screens.base import KioskScreen, load_kv
from kiosk.ui.widgets.paged import ItemCard


class ReasonCard(ItemCard):
    """One reason; the chosen one is filled."""

    chosen = BooleanProperty(False)

    def choose(self) -> None:
        self.model.dispatch("on_choose_priority", self.item.code)

    def pictogram(self, reason: PriorityReason | None) -> str:
        return reason.pictogram if reason else ""

    def code_words(self, reason: PriorityReason | None) -> str:
        return f"priority:{reason.code}" if reason else ""

    def title(self, reason: PriorityReason | None, language: str) -> str:  # noqa: ARG002 - makes the text follow
        return self.model.words(reason.name) if reason else ""

    def is_chosen(self, reason: PriorityReason | None, chosen: PriorityReason | None) -> bool:
        return reason is not None and chosen is not None and reason.code == chosen.code


class PriorityScreen(KioskScreen):
    card_class = AliasProperty(lambda _: ReasonCard)

    def none(self) -> None:
        self.model.dispatch("on_choose_priority", "")

    def reasons(self, centre: Centre | None) -> list[PriorityReason]:
        return list(centre.priority_reasons) if centre else []


load_kv(__file__)
