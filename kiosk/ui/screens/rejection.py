"""No number this time: why, in plain words, and what to do instead."""

from datetime import datetime

from kiosk.core.ticket_flow import Declined, Why
from kiosk.ui.screens.base import KioskScreen, load_namesake
from kiosk.ui.widgets.formatting import opening_words

ICONS = {
    Why.CLOSED: "moon",
    Why.DEPARTMENT_CLOSED: "clock",
    Why.DEPARTMENT_GONE: "info-circle",
    Why.NOT_WELCOME: "tool",
    Why.NO_SERVER: "wifi-off",
    Why.FAULT: "tool",
}


class NoticeScreen(KioskScreen):
    def choose_another(self) -> None:
        self.model.dispatch("on_back")

    def home(self) -> None:
        self.model.dispatch("on_home")

    def icon(self, declined: Declined | None) -> str:
        return ICONS[declined.why] if declined else ""

    def title(self, declined: Declined | None, language: str) -> str:  # noqa: ARG002 - makes the text follow
        _ = self.model.gettext
        if declined is None:
            return ""
        return {
            Why.CLOSED: _("The counters are closed now"),
            Why.DEPARTMENT_CLOSED: _("This department has just stopped giving numbers"),
            Why.DEPARTMENT_GONE: _("This department is not served here any more"),
            Why.NOT_WELCOME: _("This machine is not in service"),
            Why.NO_SERVER: _("This machine cannot give numbers just now"),
            Why.FAULT: _("Something went wrong in this machine"),
        }[declined.why]

    def advice(self, declined: Declined | None, language: str, opens_at: datetime | None) -> str:  # noqa: ARG002
        _ = self.model.gettext
        if declined is None:
            return ""
        if declined.why is Why.CLOSED:
            return opening_words(self.model)
        if declined.why in {Why.DEPARTMENT_CLOSED, Why.DEPARTMENT_GONE}:
            return _("Please choose another department, or ask our staff: they will gladly help.")
        return _("We are sorry. Please ask our staff for a number.")

    def may_choose(self, declined: Declined | None) -> bool:
        return declined is not None and declined.why in {Why.DEPARTMENT_CLOSED, Why.DEPARTMENT_GONE}


load_namesake(__file__)
