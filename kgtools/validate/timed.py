"""Time: work for an engine and how long it may take go in; what it answers comes out, or that it took too long.

Why: a pattern that backtracks, or a query that joins everything with everything, can take longer than anybody lives.
What an engine in Python does can be interrupted by a timer (its regular expressions hold all threads, but look out for
signals); a compiled one looks out for nothing, but lets other threads go on, so it works in one of its own, which is
left behind when it takes too long.
"""

from __future__ import annotations

import signal
import threading
import traceback
from collections.abc import Callable
from typing import Any, TypeVar

from kgtools.errors import EngineError

Answer = TypeVar("Answer")

START = 60.0
"""Seconds that any data may take."""

PER_TRIPLE = 0.01
"""Seconds more for each triple: many times what the slowest engine needs."""


def patience(triples: int) -> float:
    """The seconds that an engine may take for so many triples."""
    return START + PER_TRIPLE * triples


_ADVICE = (
    "look in the shapes for a pattern with repetitions of repetitions, as in (a+)+, and for queries that join much "
    "with much"
)


def in_time(work: Callable[[], Answer], engine: str, seconds: float, advice: str = _ADVICE) -> Answer:
    """The answer of an engine, if it has one in time.

    Args:
        engine: its name; `pyshacl` runs here (and without a limit if this is not the main thread, or on a system
            without timers), others in a thread.
        advice: what to do where it took longer.

    Raises:
        EngineError: it took longer, or what the work raises.
    """
    wrong = f"{engine} was not done after {seconds:g} seconds; {advice}"
    if engine != "pyshacl":
        return _in_thread(work, seconds, wrong)
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        return work()
    return _with_timer(work, seconds, wrong)


class _OutOfTimeError(BaseException):
    """Raised by the timer; not an Exception, since engines catch those."""


def _with_timer(work: Callable[[], Answer], seconds: float, wrong: str) -> Answer:
    def ring(*_: object) -> None:
        raise _OutOfTimeError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)  # and again, should it be caught after all
    try:
        return work()
    except _OutOfTimeError:
        raise EngineError(wrong) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _in_thread(work: Callable[[], Answer], seconds: float, wrong: str) -> Answer:
    answered: list[Any] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            answered.append(work())
        except BaseException as error:
            traceback.clear_frames(error.__traceback__)  # what Oxigraph gave must be left in the thread that asked
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise EngineError(wrong)
    if failed:
        raise failed[0]
    answer: Answer = answered[0]
    return answer
