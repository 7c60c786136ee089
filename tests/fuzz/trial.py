"""A trial: an input goes through the command line, in this process; how it ended, and what was wrong, come out."""

from __future__ import annotations

import io
import os
import re
import sys
import tempfile
import traceback
import warnings
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch
from zlib import crc32

import pyoxigraph as ox

from kgtools.cli import main
from kgtools.pipeline import Job
from kgtools.read import Bundle
from kgtools.vocabulary import Vocabulary

from .inputs import Input

SECRET = "CANARY-of-a-file-that-nobody-named"
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_OA, _EVCO = "http://www.w3.org/ns/oa#", "https://w3id.org/evco#"


@dataclass(frozen=True)
class Ended:
    """How a trial ended.

    Args:
        code: the exit code; None where an exception came through.
        told: the last line on stderr.
        wrong: what should not have been; empty where all is well.
    """

    code: int | None
    told: str
    wrong: str


def trial(given: Input) -> Ended:
    """Run an input, in folders of its own that are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        folder = Path(name)
        for part in ("bundle", "tmp"):
            (folder / part).mkdir()
        (folder / "secret.txt").write_text(SECRET, encoding="utf-8")
        for file, content in given.files.items():
            path = folder / "bundle" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        before = _tree(folder)
        code, told, bundles, wrong = _run(given, folder)
        if not wrong:
            wrong = _look(folder, code, told, before) or "".join(map(_counted, bundles[:1]))
        if not wrong and code in (0, 1) and given.imports:
            wrong = _graph(folder / "out.nq", bundles[0], given) or _twice(given, folder)
        return Ended(code, told.strip().rpartition("\n")[2], wrong)


def _run(given: Input, folder: Path, out: str = "out.nq") -> tuple[int | None, str, list[Bundle], str]:
    """The exit code, what stands on stderr, the bundles that were read, and the exception that came through."""
    bundles: list[Bundle] = []
    read = Job.read

    def kept(job: Job, paths: Any) -> list[Bundle]:
        bundles[:] = read(job, paths)
        return bundles

    told = io.StringIO()
    arguments = [*given.arguments, "-o", str(folder / out), "--jobs", "1"]
    with (
        patch.object(Job, "read", kept),
        patch.object(Vocabulary, "read", _vocabulary),
        patch.object(tempfile, "tempdir", str(folder / "tmp")),
        chdir(folder / "bundle"),
        redirect_stderr(told),
        redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("error")
        try:
            return main(arguments), told.getvalue(), bundles, ""
        except BaseException as error:
            frames = traceback.extract_tb(error.__traceback__)[-6:]
            where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames))
            return None, told.getvalue(), bundles, f"{type(error).__name__}: {str(error)[:300]!r} at {where}"


@cache
def _vocabulary(files: Any = ()) -> Vocabulary:
    return _READ(files)


_READ = Vocabulary.read


def _tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, but for the result."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".nq")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def _look(folder: Path, code: int | None, told: str, before: dict[str, bytes]) -> str:
    """What is wrong with what was said and what was written."""
    out = folder / "out.nq"
    if code not in (0, 1, 2):
        return f"exit code {code}"
    if code == 2 and told.count("\n") != 1:
        return f"exit code 2 with {told.count(chr(10))} lines: {told[:300]!r}"
    if code == 2 and out.exists():
        return "exit code 2, and a result"
    if code == 2 and len(told) > 1500:
        return f"a line of {len(told)} characters: {told[:200]!r}"
    if code == 2 and str(folder) in told:
        return f"a path that nobody gave: {told[:300]!r}"
    if code != 2 and not out.exists():
        return f"exit code {code}, and no result"
    if control := _CONTROL.search(told):
        return f"a control character on stderr: {told[max(0, control.start() - 100) : control.end() + 20]!r}"
    if "Traceback" in told or "Warning:" in told:
        return f"not for users: {told[:300]!r}"
    if (after := _tree(folder)) != before:
        changed = [name for name in {*before, *after} if before.get(name) != after.get(name)]
        return f"written beside the result: {', '.join(sorted(changed)[:5])}"
    if out.exists() and SECRET.encode() in out.read_bytes():
        return "a file that nobody named was read"
    return ""


def _counted(bundle: Bundle) -> str:
    """What is wrong with the numbers of rows: each is taken in, or there is a violation that says why not."""
    lost = bundle.rows_read - bundle.rows_taken
    why = [one.shape for one in bundle.findings if one.severity == "violation"]
    if lost < 0 or bundle.rows_taken < 0:
        return f"{bundle.rows_read} rows read, {bundle.rows_taken} taken"
    if lost and not why:
        return f"{lost} rows lost without a word"
    if not lost and any(shape.startswith("coding:") and shape != "coding:leads-to" for shape in why):
        return f"no row lost, and yet {why}"
    ((rows,),) = bundle.database.execute('SELECT count(DISTINCT "row") FROM coding').fetchall()
    left = [one for one in bundle.findings if one.shape == "code:left-out"]
    if rows > bundle.rows_taken or (rows < bundle.rows_taken and not left):
        return f"{bundle.rows_taken} rows taken, and {rows} there"
    return ""


def _graph(path: Path, bundle: Bundle, given: Input) -> str:
    """What is wrong with a graph: it is no RDF, lacks annotations, or quotes what does not stand there."""
    of: dict[str, dict[str, list[str]]] = {}
    for quad in ox.parse(path=str(path), format=ox.RdfFormat.N_QUADS):
        subject, said = str(quad.subject.value), getattr(quad.object, "value", None)
        if said is not None and not subject.startswith("https://w3id.org/"):
            of.setdefault(subject, {}).setdefault(quad.predicate.value, []).append(said)
    kinds = [set(node.get(_RDF_TYPE, ())) for node in of.values()]
    annotated = sum(_EVCO + "CodedSegment" in kind and _EVCO + "InferredCoding" not in kind for kind in kinds)
    ((rows,),) = bundle.database.execute('SELECT count(DISTINCT ("row", col)) FROM coding').fetchall()
    if annotated != rows:
        return f"{rows} codings, and {annotated} annotations"
    if b"narrative" in given.files.get("crosswalk.yaml", b""):  # another text than that which was coded
        return ""
    for node in of.values():
        parts = [of.get(part, {}) for part in node.get(_OA + "hasSelector", ())]
        every = {name: values for part in parts for name, values in part.items()}
        (report,) = node.get(_OA + "hasSource", ("",))[:1]
        narrative = of.get(report, {}).get(_EVCO + "narrative")
        start, end, exact = (every.get(_OA + name) for name in ("start", "end", "exact"))
        rule = (every.get(_EVCO + "offsetRule") or ["paragraph"])[0]
        if narrative and start and end and exact and rule not in ("paragraph", "time"):
            there = narrative[0][int(start[0]) : int(end[0])]
            if there != exact[0]:
                return f"{exact[0][:80]!r} is quoted, and {there[:80]!r} stands there ({rule})"
    return ""


def _twice(given: Input, folder: Path) -> str:
    """What is wrong with a second go, for some inputs: another graph, or another that is read from the first."""
    chance = crc32(given.name.encode()) % 8
    if chance > 2:
        return ""
    once = (folder / "out.nq").read_bytes().splitlines()
    if chance == 0:
        _run(given, folder, "again.nq")
        return "" if once == (folder / "again.nq").read_bytes().splitlines() else "another graph the second time"
    code, told, _, wrong = _run(replace(given, arguments=("import", "../out.nq")), folder, "again.nq")
    if code is None or code == 2:
        return wrong or f"its graph is refused: {told[:300]}"
    lost = set(once) ^ set((folder / "again.nq").read_bytes().splitlines())
    return f"its graph is read as another: {sorted(lost)[:4]} ({len(lost)})" if lost else ""


def show(given: Input) -> str:
    """A trial in words, for who replays it."""
    ended = trial(given)
    asked = f"{given.name}: kgtools {' '.join(given.arguments)}"
    return f"{asked}\nexit code {ended.code}: {ended.told}\n{ended.wrong or 'all is well'}"


def in_memory(gigabytes: float) -> None:
    """Let this process have so much memory, and no more."""
    if sys.platform == "linux":
        import resource

        size = int(gigabytes * 2**30)
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
