"""What is asked at the same moment is done together: one transaction, one wait for the disk, for all of them."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

MAX_BATCH_SIZE = 64  # in one transaction: nobody waits long for the others
IDLE_YIELDS = 2  # of the server's loop without anybody new: it looks at its sockets once in between

Request = TypeVar("Request")
Answer = TypeVar("Answer")


class PendingRequest(Generic[Request, Answer]):
    """One caller's wish, and what became of it: an answer or an error."""

    def __init__(self, wanted: Request) -> None:
        self.wanted = wanted
        self.answer: Answer | None = None
        self.error: Exception | None = None

    @property
    def is_done(self) -> bool:
        return self.answer is not None or self.error is not None


class Batcher(Generic[Request, Answer]):
    """Callers meet here; one of them does the work for all.

    `do(asked)` sets each one's `answer` or `error`; an exception of its own is everybody's who has neither.
    """

    def __init__(self, do: Callable[[list[PendingRequest[Request, Answer]]], None]) -> None:
        self._do = do
        self._waiting: deque[PendingRequest[Request, Answer]] = deque()
        self._turn = threading.Lock()

    def submit(self, wanted: Request) -> Answer:
        """The answer to `wanted`; raises its error."""
        asked: PendingRequest[Request, Answer] = PendingRequest(wanted)
        self._waiting.append(asked)
        self._wait_for_batch()
        while not asked.is_done:
            with self._turn:
                if not asked.is_done:
                    self._run_batch()
        if asked.error is not None:
            raise asked.error
        assert asked.answer is not None  # noqa: S101 - done without an error
        return asked.answer

    def _wait_for_batch(self) -> None:
        """The server's other greenlets read what has arrived, and ask too. Nobody waits for who has not come yet."""
        quiet_turns = 0
        while quiet_turns < IDLE_YIELDS and len(self._waiting) < MAX_BATCH_SIZE:
            before = len(self._waiting)
            time.sleep(0)
            quiet_turns = 0 if len(self._waiting) > before else quiet_turns + 1

    def _run_batch(self) -> None:
        together = [self._waiting.popleft() for _ in range(min(len(self._waiting), MAX_BATCH_SIZE))]
        try:
            self._do(together)
        except Exception as error:  # noqa: BLE001 - each caller raises it
            for asked in together:
                if not asked.is_done:
                    asked.error = error
