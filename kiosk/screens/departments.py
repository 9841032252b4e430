"""Which department: large cards with their queues, live."""

from kivy.properties import AliasProperty

from config.pictograms import pictograms
from kiosk.messages import Centre, Department
from kiosk.screens.base import KioskScreen, load_namesake
from kiosk.screens.paged import ItemCard
from kiosk.screens.wording import wait_words, waiting_words

FEW = 5


class DepartmentCard(ItemCard):
    """A department's name, its letter, its queue."""

    def choose(self) -> None:
        self.model.dispatch("on_choose_department", self.item.code)

    def badge(self, department: Department | None) -> str:
        """Its letter, where it has no pictogram."""
        return department.prefix if department and department.pictogram not in pictograms() else ""

    def pictogram(self, department: Department | None) -> str:
        return department.pictogram if department else ""

    def code_words(self, department: Department | None) -> str:
        return f"department:{department.code}" if department else ""

    def title(self, department: Department | None, language: str) -> str:  # noqa: ARG002 - makes the text follow
        return self.model.words(department.name) if department else ""

    def queue(self, department: Department | None, language: str) -> str:  # noqa: ARG002
        _ = self.model.gettext
        if department is None:
            return ""
        if not department.open:
            return _("No numbers now")
        return waiting_words(self.model, department.waiting)

    def wait(self, department: Department | None, language: str) -> str:  # noqa: ARG002
        if department is None or not department.open or department.waiting == 0:
            return ""
        return wait_words(self.model, department.wait)

    def is_open(self, department: Department | None) -> bool:
        return department is not None and department.open


class DepartmentsScreen(KioskScreen):
    card_class = AliasProperty(lambda _: DepartmentCard)

    def departments(self, centre: Centre | None) -> list[Department]:
        return list(centre.departments) if centre else []

    def columns(self, centre: Centre | None, portrait: bool, large: bool) -> int:
        """Few departments get wide cards."""
        if self.are_few(centre) or (portrait and large):
            return 1 if portrait else 2
        return 2 if portrait else 3 if large else 4

    def points(self, centre: Centre | None, portrait: bool) -> int:
        return 54 if self.are_few(centre) else 36 if portrait else 34

    def are_few(self, centre: Centre | None) -> bool:
        return centre is not None and len(centre.departments) <= FEW

    def offers_priority(self, centre: Centre | None) -> bool:
        return centre is not None and bool(centre.priority_reasons)


load_namesake(__file__)
