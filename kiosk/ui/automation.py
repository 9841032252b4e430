"""The window seen and touched from afar: pictures out, real touches in."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from io import BytesIO
from itertools import combinations, count
from typing import Any, TypeVar

from kivy.base import EventLoop
from kivy.clock import Clock
from kivy.core.window import Keyboard, Window
from kivy.graphics.opengl import GL_RGBA, GL_UNSIGNED_BYTE, glReadPixels
from kivy.input.motionevent import MotionEvent
from kivy.input.provider import MotionEventProvider
from kivy.uix.widget import Widget
from PIL import Image

from kiosk.ui.root_layout import RootLayout
from kiosk.ui.widgets.basic import FittingLabel, TouchButton

OLDEST_FRAME = 0.2
LINE_GAP = 0.2  # of the type size: so much above and below its letters a text is blank
PATIENCE = 5.0
LAYOUT_PASSES = 15  # Kivy makes at most twenty before a frame

Value = TypeVar("Value")


class Finger(MotionEvent):
    """A touch that came over the wire; hit-tested like any other."""

    def __init__(self, number: int, x: float, y: float) -> None:
        super().__init__("mirror", number, (x, y), is_touch=True, type_id="touch")

    def depack(self, args: tuple[float, float]) -> None:
        self.sx, self.sy = args
        self.profile = ["pos"]
        super().depack(args)


class Fingers(MotionEventProvider):
    """Touches from other threads: down with the next frame, up with the one after."""

    def __init__(self) -> None:
        super().__init__("mirror", "")
        self._coming: deque[Finger] = deque()
        self._down: list[Finger] = []
        self._numbers = count(1)

    def tap(self, points: Iterable[tuple[float, float]]) -> None:
        """One finger for each point, all at once. Fractions of the window, y from the top."""
        self._coming.extend(Finger(next(self._numbers), x, 1 - y) for x, y in points)

    def update(self, dispatch_fn: Callable[[str, MotionEvent], None]) -> None:
        for finger in self._down:
            finger.update_time_end()
            dispatch_fn("end", finger)
        self._down.clear()
        while self._coming:
            finger = self._coming.popleft()
            self._down.append(finger)
            dispatch_fn("begin", finger)


class UiAutomation:
    """What a remote needs of the window. All methods may be called from any thread but the UI's."""

    def __init__(self, root: RootLayout) -> None:
        self._root = root
        self._fingers = Fingers()
        EventLoop.add_input_provider(self._fingers)
        self.tap = self._fingers.tap
        self._one_at_a_time = threading.Lock()
        self._wanted = threading.Event()
        self._ready = threading.Event()
        self._pixels: tuple[tuple[int, int], bytes] = ((1, 1), b"\0\0\0\0")
        self._drawn, self._seen, self._taken_at = 0, -1, 0.0
        self._png = b""
        Window.bind(on_flip=self._on_flip)

    def press(self, keys: Iterable[str]) -> None:
        """Keys by Kivy's names, one after the other, each down and up; a single sign is also typed."""
        for key in keys:
            Clock.schedule_once(lambda _, key=key: _press(key))

    def frame(self) -> bytes:
        """The window as PNG; the same bytes while nothing changed, and for a fifth of a second."""
        with self._one_at_a_time:
            if self._seen == self._drawn or (self._png and time.monotonic() - self._taken_at < OLDEST_FRAME):
                return self._png
            self._ready.clear()
            self._wanted.set()
            Clock.schedule_once(lambda _: Window.canvas.ask_update())
            if not self._ready.wait(PATIENCE):
                raise TimeoutError("the window does not draw")
            self._png = self._encode()
            self._taken_at = time.monotonic()
            return self._png

    def in_ui(self, call: Callable[[], Value]) -> Value:
        """The answer of `call`, made in the UI's thread when what changed is laid out. TimeoutError when that hangs."""
        answer: list[Value] = []
        done = threading.Event()

        def run(passes: int) -> None:
            # In the same frame, behind the layouts that are due, and behind those that they bring about.
            if passes:
                Clock.schedule_once(lambda _: run(passes - 1), -1)
                return
            answer.append(call())
            done.set()

        Clock.schedule_once(lambda _: run(LAYOUT_PASSES))
        if not done.wait(PATIENCE):
            raise TimeoutError("the window does not answer")
        return answer[0]

    def targets(self) -> dict[str, dict[str, float]]:
        """Where to touch, by name: centre and size as fractions of the window, y from the top. UI thread only."""
        parts = [self._root.front, *([self._root.upper] if self._root.front is self._root.screen else [])]
        widgets = (widget for part in parts for widget in part.walk(restrict=True))
        touches = (widget for widget in widgets if isinstance(widget, TouchButton) and widget.name)
        return {touch.name: _place(touch) for touch in touches if not touch.disabled and touch.opacity}

    def held(self) -> list[str]:
        """The places on which a finger rests now. UI thread only."""
        touches = (widget for widget in self._root.walk() if isinstance(widget, TouchButton))
        return [touch.name for touch in touches if touch.state == "down"]

    def clipped(self) -> list[str]:
        """Texts that cannot be read in full: cut, beyond the window's edge, or over another text. UI thread only."""
        words = [widget for widget in self._root.walk() if isinstance(widget, FittingLabel) and widget.text]
        seen = [word for word in words if word.get_root_window() and _is_seen(word)]
        top = {word for word in self._root.top.walk(restrict=True) if isinstance(word, FittingLabel)}
        covered = _lie_over_another([word for word in seen if word in top])
        return [word.text for word in seen if _is_cut(word) or _is_outside(word) or word in covered]

    def ends_early(self) -> list[str]:
        """Texts that end in "…" in what is to be read, in full. UI thread only."""
        part = self._root if self._root.top is self._root.screen else self._root.top
        words = (widget for widget in part.walk(restrict=True) if isinstance(widget, FittingLabel))
        return [word.text for word in words if word.ends_early and _is_seen(word)]

    def smallest_type(self) -> float:
        """The least size of type on the screen, in pixels. UI thread only."""
        words = (widget for widget in self._root.screen.walk() if isinstance(widget, FittingLabel))
        return min((round(word.font_size, 2) for word in words if word.text and _is_seen(word)), default=0.0)

    def texts(self, part: Widget | None = None) -> list[str]:
        """All words on the screen, or on a part of the window. UI thread only."""
        words = (
            widget for widget in (part or self._root.screen).walk(restrict=True) if isinstance(widget, FittingLabel)
        )
        return [word.text for word in words if word.text and _is_seen(word)]

    def _on_flip(self, *_: Any) -> None:
        """Called when a frame is drawn and not yet shown: the pixels are whole."""
        self._drawn += 1
        if self._wanted.is_set():
            self._wanted.clear()
            width, height = (int(side) for side in Window.system_size)
            self._pixels = (width, height), glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE)
            self._seen = self._drawn
            self._ready.set()

    def _encode(self) -> bytes:
        size, pixels = self._pixels
        picture = Image.frombytes("RGBA", size, pixels).convert("RGB").transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        file = BytesIO()
        picture.save(file, "PNG", compress_level=1)
        return file.getvalue()


def _press(key: str) -> None:
    code = Keyboard.keycodes.get(key, ord(key) if len(key) == 1 else 0)
    Window.dispatch("on_key_down", code, 0, key if len(key) == 1 else None, [])
    if len(key) == 1:
        Window.dispatch("on_textinput", key)
    Window.dispatch("on_key_up", code, 0)


def _place(widget: Widget) -> dict[str, float]:
    x, y = widget.to_window(*widget.center)
    width, height = Window.size
    return {
        "x": round(x / width, 4),
        "y": round(1 - y / height, 4),
        "width": round(widget.width / width, 4),
        "height": round(widget.height / height, 4),
    }


def _is_cut(word: FittingLabel) -> bool:
    parent = word.parent
    return bool(word.text) and (word.clipped or word.y < parent.y - 1 or word.top > parent.top + 1)


def _drawn(word: FittingLabel) -> tuple[float, float, float, float]:
    """Left, bottom, right and top of the letters in the window, in pixels."""
    width, height = word.texture_size
    x, y = word.to_window(word.left(word.halign, word.x, word.width, width), word.center_y - height / 2)
    return x, y, x + width, y + height


def _is_outside(word: FittingLabel) -> bool:
    left, bottom, right, top = _drawn(word)
    width, height = Window.size
    return left < -1 or right > width + 1 or bottom < -1 or top > height + 1


def _lie_over_another(words: list[FittingLabel]) -> set[FittingLabel]:
    """Those whose letters lie in part where another's are. A fifth of a line is the room between lines."""
    found: set[FittingLabel] = set()
    places = [(word, *_drawn(word)) for word in words if min(word.texture_size) > 1]
    for (one, *a), (other, *b) in combinations(places, 2):
        across, up = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
        if across > 1 and up > LINE_GAP * min(one.font_size, other.font_size):
            found |= {one, other}
    return found


def _is_seen(widget: Widget) -> bool:
    while isinstance(widget, Widget):
        if not widget.opacity or not widget.height:
            return False
        widget = widget.parent
    return True
