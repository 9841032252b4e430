"""kill -9 at a named step, hundreds of times in a minute.

Lives are forked from one clean process that has loaded everything before (multiprocessing's fork server), so each costs
milliseconds. What is killed calls `at("name of the step")` from subclasses that the test puts in; production code has
no hooks.
"""

import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

LONG_TIME = 60.0
_CONTEXT = multiprocessing.get_context("forkserver")

At = Callable[[str], None]
"""What a life calls at each step: returns, unless this is the step to die at."""


def load_before(*modules: str) -> None:
    """Modules that every life needs, by name; loaded once. To be called before the first life of a test run."""
    _CONTEXT.set_forkserver_preload(list(modules))


def live(target: Callable[..., None], *args: Any, until: str | None = None, **options: Any) -> None:
    """Run `target(at, *args, **options)` in a process of its own; SIGKILL it where it calls `at(until)`.

    Without `until` it runs to its end. Fails if it ends early, or does not come there within a minute. `target` is a
    function of a module, and `args` can be pickled.
    """
    ours, theirs = _CONTEXT.Pipe()
    life = _CONTEXT.Process(target=_run, args=(target, theirs, until, args, options))
    life.start()
    theirs.close()
    try:
        said = _hear(ours)
    finally:
        life.kill()
        life.join(LONG_TIME)
        ours.close()
    wanted = "the end" if until is None else until
    assert said == wanted, f"wanted to come to {wanted!r}: {said}"


def _hear(ours: Connection) -> str:
    if not ours.poll(LONG_TIME):
        return "it did not come there"
    try:
        return str(ours.recv())
    except EOFError:
        return "it died by itself"


def _run(
    target: Callable[..., None], theirs: Connection, until: str | None, args: tuple[Any, ...], options: dict[str, Any]
) -> None:
    def at(step: str) -> None:
        if step == until:
            theirs.send(step)
            time.sleep(LONG_TIME)  # the axe falls

    target(at, *args, **options)
    theirs.send("the end")
    time.sleep(LONG_TIME)
