"""Measuring: a command goes in, how long it took and how much memory it and its children held at most come out."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
"""Where commands run, so their paths are to be absolute."""

EVERY = 0.02
"""Seconds between two looks at the memory."""


@dataclass(frozen=True)
class Measured:
    """What a run took.

    Args:
        seconds: from start to end, by the clock.
        peak: bytes of resident memory of the process and its children, at the look that found most. What processes
            share is counted for each, so it is rather too much than too little.
        stopped: why it has no result, empty where it has one.
    """

    seconds: float
    peak: int
    stopped: str = ""


def measure(command: Sequence[object], limit: float, memory: int, log: Path) -> Measured:
    """Run a command by this Python in a process of its own.

    Args:
        command: what follows `python`.
        limit: seconds after which it is stopped.
        memory: bytes of memory at which it is stopped.
        log: where to put what it says.
    """
    with log.open("wb") as said:
        begun = time.perf_counter()
        process = subprocess.Popen([sys.executable, *map(str, command)], cwd=ROOT, stdout=said, stderr=said)
        watch = _Watch(process.pid, begun + limit, memory)
        watch.start()
        code = process.wait()
        seconds = time.perf_counter() - begun
        watch.over.set()
        watch.join()
    stopped = watch.stopped and watch.stopped.format(limit=limit, memory=memory / 2**30)
    if not stopped and code != 0:
        last = log.read_text("utf-8", "replace").strip().rpartition("\n")[2]
        stopped = f"ended with code {code}" + (f": {last}" if last else "")
    return Measured(seconds, watch.peak, stopped)


class _Watch(threading.Thread):
    """Looks at a process and its children until it is over, and stops them where they go beyond the limits."""

    def __init__(self, pid: int, end: float, memory: int) -> None:
        super().__init__(daemon=True)
        self.process, self.end, self.memory = psutil.Process(pid), end, memory
        self.over = threading.Event()
        self.peak = 0
        self.stopped = ""

    def run(self) -> None:
        while not self.over.wait(EVERY):
            held = 0
            family = self._family()
            for one in family:
                try:
                    held += one.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.peak = max(self.peak, held)
            if held > self.memory:
                self.stopped = "not finished within {memory:.1f} GiB"
            elif time.perf_counter() > self.end:
                self.stopped = "not finished after {limit:.0f} s"
            if self.stopped:
                for one in family:
                    try:
                        one.kill()
                    except psutil.NoSuchProcess:
                        continue
                return

    def _family(self) -> list[psutil.Process]:
        try:
            return [self.process, *self.process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []


def machine() -> dict[str, str | int]:
    """What it is measured on: cores, processor, memory, Python and engines."""
    import platform
    from importlib.metadata import version

    cpu = Path("/proc/cpuinfo")
    names = (
        [line.partition(":")[2].strip() for line in cpu.read_text().splitlines() if line.startswith("model name")]
        if cpu.is_file()
        else []
    )
    return {
        "cores": len(psutil.Process().cpu_affinity())
        if hasattr(psutil.Process, "cpu_affinity")
        else psutil.cpu_count(),
        "processor": names[0] if names else platform.processor() or platform.machine(),
        "memory": psutil.virtual_memory().total,
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        **{name: version(name) for name in ("kgtools", "pyoxigraph", "shacl-rust", "duckdb", "rdflib", "pyshacl")},
    }
