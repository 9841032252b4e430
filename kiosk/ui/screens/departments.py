"""Which department: large cards with their queues, live."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from math import ceil, sqrt
from typing import Any

from kivy.properties import AliasProperty, BooleanProperty, NumericProperty, ObjectProperty, StringProperty

from config.icons import pictograms
from kiosk.api.models import NO_COUNTER, Centre, Department
from kiosk.ui.screens.base import KioskScreen, load_kv
from kiosk.ui.widgets.basic import Background
from kiosk.ui.widgets.formatting import wait_words, waiting_words
from kiosk.ui.widgets.paged import ItemCard

FEW = 5
LINE = 103  # units: two lines of a name in large type
UNGROUPED = 9  # departments that are quickly heard one after the other


class DepartmentSign(Background):
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


@dataclass(frozen=True)
class Group:
    """Neighbouring departments behind one choice; none of them: the way back to all groups."""

    departments: tuple[Department, ...]
    open: Callable[[], None] = field(compare=False)

    @property
    def code(self) -> str:
        return self.departments[0].code if self.departments else "all"


class DepartmentCard(ItemCard):
    """A department's name, its sign, its queue. `wide`: the sign stands beside the name, not below it.

    `tight`: with little height, so that queue and wait share one line; `roomy`: that line has room for both.
    `flat`: a line of a list, for large type: name and queue beside each other. `small`: no room for the sign; `bare`:
    nor for more than the name, where nothing else must be said.
    """

    wide = BooleanProperty(False)
    tight = BooleanProperty(False)
    roomy = BooleanProperty(False)
    flat = BooleanProperty(False)
    small = BooleanProperty(False)
    bare = BooleanProperty(False)

    def choose(self) -> None:
        if isinstance(self.item, Group):
            self.item.open()
        else:
            self.model.dispatch("on_choose_department", self.item.code)

    def code_words(self, item: Department | Group | None) -> str:
        if isinstance(item, Group):
            return f"group:{item.code}"
        return f"department:{item.code}" if item else ""

    def department(self, item: Department | Group | None) -> Department | None:
        return item if isinstance(item, Department) else None

    def title(self, item: Department | Group | None, language: str) -> str:  # noqa: ARG002 - makes the text follow
        _ = self.model.gettext
        if not isinstance(item, Group):
            return self.model.short(item)
        if not item.departments:
            return _("Other departments")
        first, last = (self.model.short(item.departments[place]) for place in (0, -1))
        return _("From %(first)s to %(last)s") % {"first": first, "last": last} if first != last else first

    def queue(self, item: Department | Group | None, tight: bool, roomy: bool, language: str) -> str:
        _ = self.model.gettext
        if not isinstance(item, Department):
            return ""
        if not item.open:
            return _("No numbers now")
        if tight and roomy and (wait := self.wait(item, language)):
            return _("%(n)d waiting · %(wait)s") % {"n": item.waiting, "wait": wait}
        return waiting_words(self.model, item.waiting)

    def line(self, item: Department | Group | None, language: str) -> str:
        """The queue in a list, where there is room for one thing: that no counter is open counts more."""
        is_left_alone = isinstance(item, Department) and item.open and item.no_wait == NO_COUNTER
        return (
            self.wait(item, language)
            if is_left_alone
            else self.queue(item, tight=False, roomy=False, language=language)
        )

    def wait(self, item: Department | Group | None, language: str) -> str:  # noqa: ARG002
        if not isinstance(item, Department) or not item.open:
            return ""
        if item.no_wait == NO_COUNTER:
            return self.model.gettext("No counter open")
        if item.waiting == 0:
            return ""
        return wait_words(self.model, item.wait)

    def is_served(self, item: Department | Group | None) -> bool:
        """Whether nothing must be said of its queue."""
        return isinstance(item, Group) or (item is not None and item.open and item.no_wait != NO_COUNTER)

    def is_open(self, item: Department | Group | None) -> bool:
        return isinstance(item, Group) or (item is not None and item.open)


class DepartmentsScreen(KioskScreen):
    card_class = AliasProperty(lambda _: DepartmentCard)

    group = ObjectProperty(None, allownone=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.model.bind(on_home=lambda _: self._open(None))

    def listed(self, centre: Centre | None, aloud: bool, group: int | None) -> list[Department | Group]:
        """The departments; by ear many of them in groups, so that none is more than a few choices away."""
        departments = list(centre.departments) if centre else []
        if not aloud or len(departments) <= UNGROUPED:
            return list(departments)
        size = ceil(sqrt(len(departments)))
        groups = [tuple(departments[start : start + size]) for start in range(0, len(departments), size)]
        if group is not None and group < len(groups):
            return [*groups[group], Group((), lambda: self._open(None))]
        return [Group(each, partial(self._open, place)) for place, each in enumerate(groups)]

    def _open(self, group: int | None) -> None:
        self.group = group
        self.ids.paged.first()

    def columns(self, centre: Centre | None, portrait: bool, large: bool) -> int:
        """Few departments, and large type, get wide cards."""
        if self.are_few(centre) or large:
            return 1 if portrait else 2
        return 2 if portrait else 4

    def lowest(self, columns: int, portrait: bool, low: bool, large: bool) -> int:
        """The least height of a card, in units; in large type cards are the lines of a list."""
        if large:
            return LINE
        many = columns > (1 if portrait else 2)
        return (200 if portrait else 210 if low else 240) if many else 200

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


load_kv(__file__)
