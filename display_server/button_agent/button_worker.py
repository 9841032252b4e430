"""One button at work: its presses one after the other, and its lamp kept up to date."""

import logging
import queue
import threading
from collections.abc import Callable

from config.errors import MotcuaError
from display_server.button_agent.client import ButtonClient, Feedback, new_request
from display_server.button_agent.config import Key

log = logging.getLogger(__name__)

FeedbackListener = Callable[[Feedback | None], None]


class ButtonWorker:
    """`told(feedback)`: called when the counter's state is new, with None when it is not known; in this one's thread.

    A key pressed while the same one is still under way is that press: the clerk only has no answer yet.
    """

    def __init__(self, name: str, client: ButtonClient, told: FeedbackListener, look_seconds: float) -> None:
        self._name, self._client, self._told, self._look_seconds = name, client, told, look_seconds
        self._presses: queue.Queue[tuple[Key, str] | None] = queue.Queue()
        self._under_way: set[Key] = set()
        self._lock = threading.Lock()
        self._last: tuple[Feedback | None] | None = None
        self._requests: dict[Key, str] = {}
        self._thread = threading.Thread(target=self._run, name=f"button {name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finish what was pressed."""
        self._presses.put(None)
        self._thread.join()

    def press(self, key: Key, *, held: bool = False) -> None:
        """From any thread. `held`: it did not come up since the last time; the server is told that, nothing is done."""
        with self._lock:
            if key in self._under_way:
                return
            self._under_way.add(key)
            if not held or key not in self._requests:
                self._requests[key] = new_request()
            self._presses.put((key, self._requests[key]))

    def again(self) -> None:
        """The lamp forgot what it was told (a cable was out)."""
        self._last = None

    def _run(self) -> None:
        while True:
            try:
                wanted = self._presses.get(timeout=self._look_seconds)
            except queue.Empty:
                self._tell(self._look())
                continue
            if wanted is None:
                return
            self._tell(self._press(*wanted))

    def _press(self, key: Key, request_id: str) -> Feedback | None:
        try:
            return self._client.press(key, request_id)
        except MotcuaError as error:
            log.warning("%s: %s was not done: %s", self._name, key, error)
            return self._look()
        finally:
            with self._lock:
                self._under_way.discard(key)

    def _look(self) -> Feedback | None:
        try:
            return self._client.look()
        except MotcuaError as error:
            log.debug("%s: no state: %s", self._name, error)
            return None

    def _tell(self, feedback: Feedback | None) -> None:
        if self._last == (feedback,):
            return
        self._last = (feedback,)
        try:
            self._told(feedback)
        except Exception:  # a lamp that cannot be lit must not take the button with it
            log.exception("%s: the lamp was not told", self._name)
