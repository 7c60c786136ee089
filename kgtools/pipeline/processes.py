"""Processes: tasks and a function go in, their results come out in the order of the tasks, from as many cores as asked.

Workers are started afresh (`spawn`), so that no thread or lock of the parent is in them; they leave Ctrl-C to the
parent, and end when it is gone, however it went.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any, TypeVar

from kgtools.errors import EngineError

Task = TypeVar("Task")
Result = TypeVar("Result")
Context = TypeVar("Context")


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def spread(
    function: Callable[[Task, Context], Result],
    tasks: Iterable[Task],
    context: Context,
    jobs: int,
    *,
    early: bool = False,
) -> Iterator[Result]:
    """Do tasks, and yield what comes of them in their order, holding only a few at a time.

    Args:
        function: what to do with a task; a function of a module.
        tasks: taken one by one, as there is room.
        context: what the function gets beside each task; it goes to each process once.
        jobs: how many processes; one, or a single task, is done right here.
        early: start the processes at once, since there are many tasks, and the first one is long in coming.

    Raises:
        EngineError: a process was killed from outside.
    """
    waiting_tasks = iter(tasks)
    first = [] if early else list(islice(waiting_tasks, 2))
    if jobs < 2 or (len(first) < 2 and not early):
        for task in chain(first, waiting_tasks):
            yield function(task, context)
        return

    from concurrent.futures import Future, ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import active_children, get_context

    others = set(active_children())
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), _begin, (function, context))
    done = False
    try:
        if early:
            for _ in range(jobs):
                with _unseen_by_workers():
                    pool.submit(os.getpid)
        waiting: deque[Future[Any]] = deque()
        for task in chain(first, waiting_tasks):
            with _unseen_by_workers():
                waiting.append(pool.submit(_do, task))
            if len(waiting) > jobs + 1:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
        done = True
    except BrokenProcessPool as error:
        raise EngineError(
            "a worker process was ended from outside, perhaps for want of memory; try again with --jobs 1"
        ) from error
    finally:
        if not done:
            for process in set(active_children()) - others:
                process.terminate()
        pool.shutdown(cancel_futures=True)


@contextmanager
def _unseen_by_workers() -> Iterator[None]:
    """Ctrl-C is for the process that people started: one started in here does not get it, from its first moment on.

    Why masked: `_begin` comes too late for what is pressed while Python itself starts. The parent gets it afterwards.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # which would take the mask off when it starts its own process
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_work: tuple[Callable[[Any, Any], Any], Any] | None = None
"""In a worker: the function, and what it gets beside each task."""


def _begin(function: Callable[[Any, Any], Any], context: Any) -> None:
    global _work
    _work = (function, context)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _do(task: Any) -> Any:
    assert _work is not None
    function, context = _work
    return function(task, context)
