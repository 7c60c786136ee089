"""Trials in processes of their own: names of inputs go in, how each ended comes out, also where a process died."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import signal
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from .inputs import made
from .trial import Ended, in_memory, trial

PATIENCE = 20.0
"""Seconds that an input may take."""

_AT_FIRST = 60.0
"""Seconds that a new process may take for its first input, and all that it loads for that."""

_TOGETHER = 400
"""Inputs that one process takes, so that what engines keep does not pile up."""

_MEMORY = 4.0
"""Gigabytes that a process may have."""


def trials(names: Iterable[str]) -> Iterator[tuple[str, Ended, float]]:
    """How each input ends, and how many seconds it took."""
    worker: _Worker | None = None
    for name in names:
        if worker is None or worker.done >= _TOGETHER:
            if worker is not None:
                worker.end()
            worker = _Worker()
        start = time.perf_counter()
        ended = worker.of(name)
        yield name, ended, time.perf_counter() - start
        if not worker.lives():
            worker = None
    if worker is not None:
        worker.end()


class _Worker:
    """A process that does trials, one after the other."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._here, there = context.Pipe()
        with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False) as file:
            self._trace = Path(file.name)
        self._process = context.Process(target=_work, args=(there, str(self._trace)), daemon=True)
        self._process.start()
        there.close()
        self.done = 0

    def of(self, name: str) -> Ended:
        """How an input ends; a process that hangs is ended."""
        self._here.send(name)
        patience = PATIENCE if self.done else _AT_FIRST
        self.done += 1
        try:
            if self._here.poll(patience):
                ended: Ended = self._here.recv()
                return ended
        except EOFError:
            self._process.join()
            code = self._process.exitcode
            return Ended(None, "", f"the process died ({code}): {self._where()}")
        if self._process.pid is not None:
            _ask(self._process.pid)
        where = self._where()
        self.end()
        return Ended(None, "", f"not done after {patience:.0f} seconds: {where}")

    def lives(self) -> bool:
        return self._process.is_alive()

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self._here.close()
        self._trace.unlink(missing_ok=True)

    def _where(self) -> str:
        lines = [line.strip() for line in self._trace.read_text(errors="replace").splitlines() if "File " in line]
        return " < ".join(lines[:8])


def _ask(process: int) -> None:
    """Have a process write down where it is."""
    os.kill(process, signal.SIGUSR1)
    time.sleep(1)


def _work(there: Any, trace: str) -> None:
    in_memory(_MEMORY)
    with Path(trace).open("w") as file:
        os.dup2(file.fileno(), 2)  # what engines say when they die
        faulthandler.enable(file)
        faulthandler.register(signal.SIGUSR1, file, all_threads=False)
        while True:
            try:
                name = there.recv()
            except EOFError:
                return
            there.send(trial(made(name)))
