"""What is asked at the same moment is done together: one transaction, one wait for the disk, for all of them."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

MOST = 64  # in one transaction: nobody waits long for the others
TURNS = 2  # of the server's loop without anybody new: it looks at its sockets once in between

Wanted = TypeVar("Wanted")
Answer = TypeVar("Answer")


class Asked(Generic[Wanted, Answer]):
    """One caller's wish, and what became of it: an answer or an error."""

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.answer: Answer | None = None
        self.error: Exception | None = None

    @property
    def is_done(self) -> bool:
        return self.answer is not None or self.error is not None


class Gathering(Generic[Wanted, Answer]):
    """Callers meet here; one of them does the work for all.

    `do(asked)` sets each one's `answer` or `error`; an exception of its own is everybody's who has neither.
    """

    def __init__(self, do: Callable[[list[Asked[Wanted, Answer]]], None]) -> None:
        self._do = do
        self._waiting: deque[Asked[Wanted, Answer]] = deque()
        self._turn = threading.Lock()

    def ask(self, wanted: Wanted) -> Answer:
        """The answer to `wanted`; raises its error."""
        asked: Asked[Wanted, Answer] = Asked(wanted)
        self._waiting.append(asked)
        self._let_others_come()
        while not asked.is_done:
            with self._turn:
                if not asked.is_done:
                    self._do_next()
        if asked.error is not None:
            raise asked.error
        assert asked.answer is not None  # noqa: S101 - done without an error
        return asked.answer

    def _let_others_come(self) -> None:
        """The server's other greenlets read what has arrived, and ask too. Nobody waits for who has not come yet."""
        quiet_turns = 0
        while quiet_turns < TURNS and len(self._waiting) < MOST:
            before = len(self._waiting)
            time.sleep(0)
            quiet_turns = 0 if len(self._waiting) > before else quiet_turns + 1

    def _do_next(self) -> None:
        together = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST))]
        try:
            self._do(together)
        except Exception as error:  # noqa: BLE001 - each caller raises it
            for asked in together:
                if not asked.is_done:
                    asked.error = error
