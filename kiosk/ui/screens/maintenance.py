"""The staff's screen: how this kiosk is, and what can be done about it on the spot."""

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.maintenance.diagnostics import Diagnostics, SlipLine
from kiosk.ui.screens.base import KioskScreen, load_kv
from kiosk.ui.widgets.basic import ThemedWidget
from printer.jobs.store import JobState


class FactRow(ThemedWidget, BoxLayout):
    """One fact; what is wrong has a sign and a ground of its own, not only a colour."""

    label = StringProperty("")
    value = StringProperty("")
    good = BooleanProperty(True)


class StepRow(ThemedWidget, BoxLayout):
    """A value with a step down and a step up."""

    label = StringProperty("")
    value = StringProperty("")
    less = StringProperty("")
    more = StringProperty("")
    usable = BooleanProperty(True)


class SlipRow(ThemedWidget, BoxLayout):
    """One of the latest slips, and the way to have it again."""

    place = StringProperty("")
    line = ObjectProperty(None, allownone=True)

    def number_words(self, line: SlipLine | None) -> str:
        return line.number if line else ""

    def state_words(self, line: SlipLine | None, language: str) -> str:  # noqa: ARG002 - makes the text follow
        _ = self.model.gettext
        if line is None:
            return ""
        state = {
            JobState.QUEUED: _("waits"),
            JobState.SENDING: _("is being printed"),
            JobState.PRINTED: _("printed"),
            JobState.SENT: _("sent to the printer"),
            JobState.FAILED: _("failed, is tried again"),
            JobState.GIVEN_UP: _("held: the visitor had left") if line.held else _("given up"),
        }[line.state]
        return f"{line.at.astimezone(self.model.now.tzinfo):%H:%M} · {state}"

    def again(self) -> None:
        if self.line:
            self.model.dispatch("on_service_do", f"reprint:{self.line.key}")


class ServiceScreen(KioskScreen):
    def do(self, action: str) -> None:
        self.model.dispatch("on_service_do", action)

    def title_words(self, facts: Diagnostics | None, language: str) -> str:  # noqa: ARG002
        _ = self.model.gettext
        return _("Service: %(device)s") % {"device": facts.device} if facts else ""

    def version_words(self, facts: Diagnostics | None) -> str:
        return f"Motcua {facts.version}" if facts else ""

    def printer_words(self, facts: Diagnostics | None, language: str) -> str:
        _ = self.model.gettext
        if facts is None:
            return ""
        status = facts.printer
        if status.problems:
            return status.message(language)
        if status.reachable is None:
            return _("not asked yet")
        return _("ready") if status.reports_status else _("ready; it says nothing of paper and cover")

    def server_words(self, facts: Diagnostics | None, language: str) -> str:  # noqa: ARG002
        _ = self.model.gettext
        if facts is None:
            return ""
        if facts.refused:
            return _("refuses this kiosk: its token is not valid")
        return {True: _("connected"), False: _("cannot be reached"), None: _("not asked yet")}[facts.online]

    def voice_words(self, facts: Diagnostics | None, language: str) -> str:  # noqa: ARG002
        _ = self.model.gettext
        if facts is None:
            return ""
        return {
            "": _("ready"),
            "starting": _("not asked yet"),
            "no_synthesiser": _("espeak-ng is not installed"),
            "no_player": _("no audio player is installed"),
            # What players and libraries say of it is in no language of the centre: the log has it.
            "no_sound": _("no sound: the sound device does not answer (see the log)"),
        }[facts.voice_trouble]

    def scanner_words(self, facts: Diagnostics | None, language: str) -> str:  # noqa: ARG002
        _ = self.model.gettext
        if facts is None:
            return ""
        return {
            "undeclared": _("not named in the settings"),
            "unknown": _("not available on this machine"),
            "there": _("ready"),
            "missing": _("not plugged in"),
        }[facts.scanner]

    def printer_is_good(self, facts: Diagnostics | None) -> bool:
        return facts is None or not facts.printer.problems

    def server_is_good(self, facts: Diagnostics | None) -> bool:
        return facts is None or (facts.online is not False and not facts.refused)

    def scanner_is_good(self, facts: Diagnostics | None) -> bool:
        return facts is None or facts.scanner != "missing"

    def count(self, facts: Diagnostics | None, name: str) -> str:
        return str(getattr(facts, name)) if facts else ""

    def is_none(self, facts: Diagnostics | None, name: str) -> bool:
        return facts is None or not getattr(facts, name)

    def percent(self, facts: Diagnostics | None, name: str, language: str) -> str:  # noqa: ARG002
        _ = self.model.gettext
        if facts is None:
            return ""
        value = getattr(facts, name)
        return _("not available on this machine") if value is None else f"{value} %"

    def dims(self, facts: Diagnostics | None) -> bool:
        return facts is not None and facts.brightness is not None

    def slip(self, facts: Diagnostics | None, place: int) -> SlipLine | None:
        return facts.latest[place] if facts and place < len(facts.latest) else None


load_kv(__file__)
