"""Which department: large cards with their queues, live."""

from typing import Any

from kivy.properties import AliasProperty, BooleanProperty, NumericProperty, ObjectProperty, StringProperty

from config.pictograms import pictograms
from kiosk.messages import NO_COUNTER, Centre, Department
from kiosk.screens.base import KioskScreen, load_namesake
from kiosk.screens.paged import ItemCard
from kiosk.screens.widgets import Ground
from kiosk.screens.wording import wait_words, waiting_words

FEW = 5


class DepartmentSign(Ground):
    """A department's pictogram on its ground; its letter, where it has none that is known here."""

    department = ObjectProperty(None, allownone=True)
    pictogram = StringProperty("")
    letter = StringProperty("")
    is_open = BooleanProperty(True)
    points = NumericProperty(60)

    def on_department(self, _: Any, department: Department | None) -> None:
        if department is not None:
            self.pictogram, self.letter, self.is_open = department.pictogram, department.prefix, department.open

    def is_known(self, pictogram: str) -> bool:
        return pictogram in pictograms()


class DepartmentCard(ItemCard):
    """A department's name, its sign, its queue. `wide`: the sign stands beside the name, not below it.

    `tight`: with little height, so that queue and wait share one line; `roomy`: that line has room for both.
    """

    wide = BooleanProperty(False)
    tight = BooleanProperty(False)
    roomy = BooleanProperty(False)

    def choose(self) -> None:
        self.model.dispatch("on_choose_department", self.item.code)

    def code_words(self, department: Department | None) -> str:
        return f"department:{department.code}" if department else ""

    def title(self, department: Department | None, language: str) -> str:  # noqa: ARG002 - makes the text follow
        return self.model.short(department)

    def queue(self, department: Department | None, tight: bool, roomy: bool, language: str) -> str:
        _ = self.model.gettext
        if department is None:
            return ""
        if not department.open:
            return _("No numbers now")
        if tight and roomy and (wait := self.wait(department, language)):
            return _("%(n)d waiting · %(wait)s") % {"n": department.waiting, "wait": wait}
        return waiting_words(self.model, department.waiting)

    def wait(self, department: Department | None, language: str) -> str:  # noqa: ARG002
        if department is None or not department.open:
            return ""
        if department.no_wait == NO_COUNTER:
            return self.model.gettext("No counter open")
        if department.waiting == 0:
            return ""
        return wait_words(self.model, department.wait)

    def is_open(self, department: Department | None) -> bool:
        return department is not None and department.open


class DepartmentsScreen(KioskScreen):
    card_class = AliasProperty(lambda _: DepartmentCard)

    def departments(self, centre: Centre | None) -> list[Department]:
        return list(centre.departments) if centre else []

    def columns(self, centre: Centre | None, portrait: bool, large: bool) -> int:
        """Few departments, and large type, get wide cards."""
        if self.are_few(centre) or large:
            return 1 if portrait else 2
        return 2 if portrait else 4

    def points(self, centre: Centre | None, portrait: bool) -> int:
        return 54 if self.are_few(centre) else 36 if portrait else 34

    def are_few(self, centre: Centre | None) -> bool:
        return centre is not None and len(centre.departments) <= FEW

    def offers_search(self, centre: Centre | None, aloud: bool) -> bool:
        return offers_search(centre, aloud)

    def offers_priority(self, centre: Centre | None, is_open: bool, may_touch: bool) -> bool:
        return is_open and may_touch and centre is not None and bool(centre.priority_reasons)


def offers_search(centre: Centre | None, aloud: bool) -> bool:
    """By ear, pages of departments are quicker than a keyboard of forty keys."""
    return not aloud and centre is not None and bool(centre.procedures)


load_namesake(__file__)
