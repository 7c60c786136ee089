"""Asking the OWL API: requests go to the process of `owlapi`, answers or one line on what failed come back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any

from kgtools.errors import EngineError
from kgtools.reason.hermit import failed
from kgtools.reason.runtime import MEGABYTES, SECONDS, jar, library


class OwlApi:
    """Java with the OWL API and HermiT, for as long as it is open; it is started when first asked.

    >>> from kgtools.reason.process import OwlApi
    >>> with OwlApi() as api:  # doctest: +SKIP
    ...     api.ask("violations", file="ontology.ttl", prefixes={})
    []

    Args:
        seconds: how long one answer may take.
        megabytes: how much memory Java may take.
    """

    def __init__(self, seconds: float = SECONDS, megabytes: int = MEGABYTES) -> None:
        self._seconds = seconds
        self._megabytes = megabytes
        self._process: subprocess.Popen[str] | None = None
        self._answers: SimpleQueue[str | None] = SimpleQueue()
        self._remarks: deque[str] = deque(maxlen=50)
        self._java = False

    def __enter__(self) -> OwlApi:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process. When asked again, another is started."""
        process, self._process = self._process, None
        if process is not None:
            _kill(process)
            process.wait()
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()

    def ask(self, do: str, **asked: Any) -> Any:
        """Ask for one thing of `owlapi`.

        Raises:
            StoppedError: HermiT would not take what it was given.
            EngineError: there is no Java, or it failed, died, or took too long; nothing is known then.
        """
        process = self._opened()
        if not self._java:
            found = library()
            jvm = str(found) if found else None
            self._ask(process, {"do": "start", "jvm": jvm, "jar": str(jar()), "megabytes": self._megabytes})
            self._java = True
        return self._ask(process, {"do": do, **asked})

    def group(self) -> int | None:
        """The group of processes that ends when this one does, however it ends; None where there are no groups.

        Another Java, started into it, is so not left behind, at work for nobody.
        """
        return self._opened().pid if _GROUPS else None

    def _opened(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._answers, self._remarks, self._java = SimpleQueue(), deque(maxlen=50), False
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "kgtools.reason.owlapi"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                env={**os.environ, "PYTHONPATH": os.pathsep.join(_places())},
                process_group=0 if _GROUPS else None,
            )
            Thread(target=_drain, args=(self._process.stdout, self._answers), daemon=True).start()
            Thread(target=_keep, args=(self._process.stderr, self._remarks), daemon=True).start()
        return self._process

    def _ask(self, process: subprocess.Popen[str], asked: dict[str, Any]) -> Any:
        if process.stdin is None:
            raise EngineError("the reasoner's process takes no questions, so nothing is known")
        try:
            process.stdin.write(json.dumps(asked) + "\n")
            process.stdin.flush()
            said = self._answers.get(timeout=self._seconds)
        except Empty:
            self.close()
            raise EngineError(
                f"the reasoner was not done after {self._seconds:g} s, so nothing is known; reason over less"
            ) from None
        except OSError:
            said = None
        except BaseException:  # Ctrl-C
            self.close()
            raise
        if said is None:
            code = process.wait()
            remark = next((line for line in reversed(self._remarks) if "Error" in line), "")
            self.close()
            raise EngineError(f"Java died (exit code {code}{f': {remark}' if remark else ''}), so nothing is known")
        answer = json.loads(said)
        if "error" in answer:
            self.close()
            raise failed(answer["error"])
        return answer["answer"]


_GROUPS = hasattr(os, "killpg")


def _kill(process: subprocess.Popen[str]) -> None:
    """End a process, and its group; it holds nothing that is worth an orderly end."""
    if _GROUPS:
        with suppress(ProcessLookupError, PermissionError):  # it has ended already
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def _places() -> list[str]:
    """Where the process finds modules: where this one does, but not in the folder in which it happens to stand."""
    here = str(Path(__file__).resolve().parents[2])
    return [*(place for place in sys.path if place), here]


def _drain(pipe: Any, answers: SimpleQueue[str | None]) -> None:
    for line in pipe:
        answers.put(line)
    answers.put(None)


def _keep(pipe: Any, remarks: deque[str]) -> None:
    for line in pipe:
        remarks.append(line.strip())
