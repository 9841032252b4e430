"""What for: the department's procedures, and the way past them."""

from kivy.properties import AliasProperty, BooleanProperty

from kiosk.api.models import Centre, Department, Procedure
from kiosk.ui.screens.base import KioskScreen, load_kv
from kiosk.ui.widgets import long_names as names  # noqa: F401 - the .kv file names its widgets
from kiosk.ui.widgets.paged import ItemCard

HEIGHTS = ((90, 122), (140, 158), (1000, 194))  # of a card, by the characters of its name


class ProcedureCard(ItemCard):
    """A procedure's name."""

    def choose(self) -> None:
        self.model.dispatch("on_choose_procedure", self.item.code)

    def code_words(self, procedure: Procedure | None) -> str:
        return f"procedure:{procedure.code}" if procedure else ""

    def title(self, procedure: Procedure | None, language: str) -> str:  # noqa: ARG002 - makes the text follow
        return self.model.short(procedure)


class ProceduresScreen(KioskScreen):
    card_class = AliasProperty(lambda _: ProcedureCard)
    dense = BooleanProperty(False)

    def on_pre_enter(self) -> None:
        self.ids.paged.first()

    def number_now(self) -> None:
        self.model.dispatch("on_skip_procedure")

    def department_words(self, department: Department | None, language: str) -> str:  # noqa: ARG002
        return self.model.words(department.name) if department else ""

    def title_words(self, department: Department | None, language: str) -> str:  # noqa: ARG002
        return self.model.title(department)

    def procedures(self, centre: Centre | None, department: Department | None) -> list[Procedure]:
        return list(centre.procedures_of(department.code)) if centre and department else []

    def lowest(self, procedures: list[Procedure], language: str) -> int:  # noqa: ARG002 - makes the height follow
        """Cards high enough for the longest name in large letters."""
        longest = max((len(self.model.short(one)) for one in procedures), default=0)
        return next(height for characters, height in HEIGHTS if longest <= characters)

    def offers_priority(self, centre: Centre | None, is_open: bool, may_touch: bool) -> bool:
        return is_open and may_touch and centre is not None and bool(centre.priority_reasons)


load_kv(__file__)
