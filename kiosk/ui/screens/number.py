"""The number, as large as it goes, and what the visitor may expect."""

from math import ceil

from kiosk.api.models import Department, PriorityReason, Procedure
from kiosk.core.ticket_flow import TicketIssued
from kiosk.ui.screens.base import KioskScreen, load_kv
from kiosk.ui.widgets import long_names as names  # noqa: F401 - the .kv file names their widgets
from kiosk.ui.widgets import qr  # noqa: F401 - the .kv file names their widgets
from kiosk.ui.widgets.formatting import slip_trouble_words, stay_words, wait_words

MOST_COUNTERS = 4
SMALL = 180  # units: a fingertip takes so much of a screen of 7 inches


class NumberScreen(KioskScreen):
    def done(self) -> None:
        self.model.dispatch("on_home")

    def stay(self) -> None:
        self.model.dispatch("on_extend_time")

    def is_cramped(self, large: bool, trouble: str, portrait: bool, least: float) -> bool:
        """Whether large letters, or places to touch on a very small screen, take the room. `least`: units."""
        return not portrait and (least > SMALL or (large and bool(trouble)))

    def stay_words(self, seconds: float, language: str) -> str:  # noqa: ARG002 - makes the text follow
        return stay_words(self.model, ceil(seconds))

    def number_words(self, given: TicketIssued | None) -> str:
        return given.ticket.number if given else ""

    def department_words(self, department: Department | None, language: str) -> str:  # noqa: ARG002
        return self.model.words(department.name) if department else ""

    def title_words(self, department: Department | None, language: str) -> str:  # noqa: ARG002
        return self.model.title(department)

    def detail_words(self, procedure: Procedure | None, reason: PriorityReason | None, language: str) -> str:  # noqa: ARG002
        _ = self.model.gettext
        if reason is not None:
            return _("Priority: %(reason)s") % {"reason": self.model.words(reason.name)}
        return self.model.title(procedure)

    def ahead_words(self, given: TicketIssued | None, language: str) -> str:  # noqa: ARG002
        _ = self.model.gettext
        if given is None or given.ticket.ahead is None:
            return ""
        if given.ticket.ahead == 0:
            return _("nobody")
        return self.model.ngettext("%(n)d person", "%(n)d people", given.ticket.ahead) % {"n": given.ticket.ahead}

    def wait_words(self, given: TicketIssued | None, language: str) -> str:  # noqa: ARG002
        return wait_words(self.model, given.ticket.wait, given.ticket.no_wait) if given else ""

    def knows_wait(self, given: TicketIssued | None) -> bool:
        return given is not None and given.ticket.ahead is not None

    def where_words(self, department: Department | None, language: str) -> str:  # noqa: ARG002
        """The counters that may call; empty where they are unknown, or too many to keep in mind."""
        if department is None or not 0 < len(department.counters) <= MOST_COUNTERS:
            return ""
        return self.model.ngettext(
            "You will be called to counter %(counters)s.",
            "You will be called to one of the counters %(counters)s.",
            len(department.counters),
        ) % {"counters": ", ".join(department.counters)}

    def address(self, given: TicketIssued | None, trouble: str) -> str:
        """Where a phone finds the number, when paper does not hold it; the server knows no address of an own number."""
        return given.ticket.status_url or "" if given and trouble else ""

    def slip_words(self, slip: str, trouble: str, language: str) -> str:  # noqa: ARG002
        _ = self.model.gettext
        if trouble:
            return slip_trouble_words(self.model, trouble)
        if slip == "sent":
            return _("Please take your slip. If none comes out, the number is valid without it.")
        return _("Please take your slip") if slip == "out" else _("Your slip is being printed …")

    def keep_words(self, address: str, language: str) -> str:  # noqa: ARG002
        _ = self.model.gettext
        if address:
            return _("Scan this code to keep the number on your phone. It is valid without a slip.")
        return _("Please remember this number or take a photo of it: it is valid without a slip.")


load_kv(__file__)
