"""Asking the OWL API: requests go to the process of `owlapi`, answers or one line on what failed come back."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import deque
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any

from kgtools.errors import EngineError
from kgtools.reason.hermit import failed
from kgtools.reason.runtime import MEGABYTES, SECONDS, jar, library


class OwlApi:
    """Java with the OWL API and HermiT, for as long as it is open; it is started when first asked.

    >>> from kgtools.reason.asked import OwlApi
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
            process.kill()  # it holds nothing that is worth an orderly end
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
        if self._process is None:
            self._start()
        return self._ask({"do": do, **asked})

    def _start(self) -> None:
        found = library()
        self._answers, self._remarks = SimpleQueue(), deque(maxlen=50)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kgtools.reason.owlapi"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        Thread(target=_drain, args=(self._process.stdout, self._answers), daemon=True).start()
        Thread(target=_keep, args=(self._process.stderr, self._remarks), daemon=True).start()
        self._ask(
            {"do": "start", "jvm": str(found) if found else None, "jar": str(jar()), "megabytes": self._megabytes}
        )

    def _ask(self, asked: dict[str, Any]) -> Any:
        process = self._process
        assert process is not None
        assert process.stdin is not None
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


def _drain(pipe: Any, answers: SimpleQueue[str | None]) -> None:
    for line in pipe:
        answers.put(line)
    answers.put(None)


def _keep(pipe: Any, remarks: deque[str]) -> None:
    for line in pipe:
        remarks.append(line.strip())
