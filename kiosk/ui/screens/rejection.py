"""No number this time: why, in plain words, and what to do instead."""

from datetime import datetime

from kiosk.core.ticket_flow import RejectionReason, TicketRejected
from kiosk.ui.screens.base import KioskScreen, load_kv
from kiosk.ui.widgets.formatting import opening_words

ICONS = {
    RejectionReason.CLOSED: "moon",
    RejectionReason.DEPARTMENT_CLOSED: "clock",
    RejectionReason.DEPARTMENT_GONE: "info-circle",
    RejectionReason.NOT_WELCOME: "tool",
    RejectionReason.NO_SERVER: "wifi-off",
    RejectionReason.FAULT: "tool",
}


class RejectionScreen(KioskScreen):
    def choose_another(self) -> None:
        self.model.dispatch("on_back")

    def home(self) -> None:
        self.model.dispatch("on_home")

    def icon(self, declined: TicketRejected | None) -> str:
        return ICONS[declined.why] if declined else ""

    def title(self, declined: TicketRejected | None, language: str) -> str:  # noqa: ARG002 - makes the text follow
        _ = self.model.gettext
        if declined is None:
            return ""
        return {
            RejectionReason.CLOSED: _("The counters are closed now"),
            RejectionReason.DEPARTMENT_CLOSED: _("This department has just stopped giving numbers"),
            RejectionReason.DEPARTMENT_GONE: _("This department is not served here any more"),
            RejectionReason.NOT_WELCOME: _("This machine is not in service"),
            RejectionReason.NO_SERVER: _("This machine cannot give numbers just now"),
            RejectionReason.FAULT: _("Something went wrong in this machine"),
        }[declined.why]

    def advice(self, declined: TicketRejected | None, language: str, opens_at: datetime | None) -> str:  # noqa: ARG002
        _ = self.model.gettext
        if declined is None:
            return ""
        if declined.why is RejectionReason.CLOSED:
            return opening_words(self.model)
        if declined.why in {RejectionReason.DEPARTMENT_CLOSED, RejectionReason.DEPARTMENT_GONE}:
            return _("Please choose another department, or ask our staff: they will gladly help.")
        return _("We are sorry. Please ask our staff for a number.")

    def may_choose(self, declined: TicketRejected | None) -> bool:
        return declined is not None and declined.why in {
            RejectionReason.DEPARTMENT_CLOSED,
            RejectionReason.DEPARTMENT_GONE,
        }


load_kv(__file__)
