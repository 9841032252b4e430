"""The lock of the maintenance screen: a PIN, on keys of its own."""

from kivy.properties import StringProperty

from kiosk.maintenance.pin import LONGEST, Answer, Verdict
from kiosk.ui.screens.base import KioskScreen, load_kv
from kiosk.ui.widgets.basic import Pill


class PinKey(Pill):
    """A digit, or what follows the digits."""


class PinScreen(KioskScreen):
    """`entered`: the digits so far; gone as soon as they are sent or the screen is left."""

    entered = StringProperty("")

    def on_leave(self) -> None:
        self.entered = ""

    def press(self, key: str) -> None:
        if key == "ok":
            pin, self.entered = self.entered, ""
            if pin:
                self.model.dispatch("on_enter_pin", pin)
        elif key == "delete":
            self.entered = self.entered[:-1]
        elif len(self.entered) < LONGEST:
            self.entered += key

    def may_enter(self, answer: Answer | None) -> bool:
        return answer is not None and answer.verdict in {Verdict.RIGHT, Verdict.WRONG}

    def dots(self, entered: str) -> str:
        return " ".join("•" * len(entered))

    def title_words(self, answer: Answer | None, language: str) -> str:  # noqa: ARG002 - makes the text follow
        _ = self.model.gettext
        if answer is not None and answer.verdict is Verdict.NOT_SET:
            return _("No PIN has been set yet")
        if answer is not None and answer.verdict is Verdict.LOCKED:
            return _("Locked after too many wrong PINs")
        return _("For our staff")

    def advice_words(self, answer: Answer | None, said: str, language: str) -> str:  # noqa: ARG002
        _ = self.model.gettext
        if said:
            return said
        if answer is None:
            return ""
        if answer.verdict is Verdict.NOT_SET:
            return _("On this machine, as the kiosk's user, run: motcua kiosk pin")
        if answer.verdict is Verdict.LOCKED:
            minutes, seconds = divmod(answer.seconds, 60)
            return _("Open again in %(time)s.") % {"time": f"{minutes}:{seconds:02}"}
        if answer.verdict is Verdict.WRONG:
            left = self.model.ngettext("%(n)d try left.", "%(n)d tries left.", answer.tries) % {"n": answer.tries}
            return _("This PIN is wrong.") + " " + left
        return _("Please enter the PIN.")


load_kv(__file__)
