"""Asking: data goes in by its paths; verdicts, findings, or a reasoner's answer come out, and nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kgtools.errors import InputError
from kgtools.lift import lift, lift_frame
from kgtools.model import ANY, Finding, Verdict
from kgtools.pipeline.carry import lifted
from kgtools.pipeline.job import Job
from kgtools.pipeline.processes import spread
from kgtools.pipeline.run import Progress
from kgtools.pipeline.work import Task, checked, judge, told_apart
from kgtools.read import Chunk, is_bundle
from kgtools.store import Store
from kgtools.view import view
from kgtools.vocabulary import EVCO
from kgtools.write import sorted_findings, verdict_key

if TYPE_CHECKING:
    from kgtools.reason import Answer


def derive_all(
    paths: Iterable[Path], job: Job, *, jobs: int = 1, progress: Progress | None = None
) -> tuple[list[Finding], list[Verdict]]:
    """The verdicts on some data, sorted, and what was found in reading it.

    Args:
        jobs: how many processes.
        progress: told how far it is.
    """
    findings: list[Finding] = []
    verdicts: list[Verdict] = []
    bundles = job.read(paths)
    _ = job.questions, job.named  # worked out once, before processes get a copy
    done, of = 0, sum(bundle.count() for bundle in bundles)
    for bundle in bundles:
        prefix = bundle.name if len(bundles) > 1 else ""
        findings += told_apart(bundle.findings, prefix)
        for incidents, dropped, said in spread(_judged, bundle.chunks(), job, jobs):
            findings += told_apart(dropped, prefix)
            verdicts += told_apart(said, prefix)
            done += incidents
            if progress is not None:
                progress("judging", done, of)
    return sorted_findings(findings), sorted(verdicts, key=verdict_key)


def _judged(chunk: Chunk, job: Job) -> tuple[int, list[Finding], list[Verdict]]:
    return len(chunk.incidents), *judge(chunk, job)


_INCIDENT = f"SELECT ?i {{ ?i a <{EVCO}Incident> }} LIMIT 1"
_THEORY_ALONE = (
    f"SELECT ?theory {{ ?theory a <{EVCO}Theory> . FILTER NOT EXISTS {{ ?one a <{EVCO}Incident> }} }} LIMIT 1"
)


def validate_all(
    paths: Sequence[Path],
    job: Job,
    shapes: Sequence[Path] | None = None,
    engine: str = "auto",
    *,
    jobs: int = 1,
    progress: Progress | None = None,
) -> list[Finding]:
    """What the readers and the shapes find, sorted.

    Bundles are lifted first; RDF is validated as it is, and a theory file by the shapes for theories.
    """
    from kgtools.validate import validate, validate_theory

    findings: list[Finding] = []
    for path in paths:
        if is_bundle(path):
            for bundle in job.read([path]):
                prefix = bundle.name if len(paths) > 1 else ""
                frame, done = lift_frame(bundle), 0
                findings += told_apart(bundle.findings, prefix)
                tasks = (Task(chunk, frame) for chunk in bundle.chunks())
                for incidents, found in spread(_checked, tasks, (job, shapes, engine), jobs):
                    findings += told_apart(found, prefix)
                    done += incidents
                    if progress is not None:
                        progress("validating", done, bundle.count())
            continue
        store = Store.of(path)
        if shapes is None and any(True for _ in store.select(_THEORY_ALONE)):
            findings += validate_theory(path, engine)
            continue
        if shapes is None and not any(True for _ in store.select(_INCIDENT)):
            raise InputError("holds no evco:Incident and no evco:Theory; for other data name your own --shapes", path)
        findings += validate(store.lines(), shapes, engine, vocabulary=job.vocabulary)
    return sorted_findings(findings)


def _checked(task: Task, context: tuple[Job, Sequence[Path] | None, str]) -> tuple[int, list[Finding]]:
    job, shapes, engine = context
    found = view(task.chunk, ANY, job.vocabulary, job.named).findings
    lines = [*task.frame, *lift(task.chunk, job.vocabulary)]
    return len(task.chunk.incidents), [*found, *checked(lines, job, shapes, engine)]


def reason_over(paths: Iterable[Path], job: Job) -> tuple[list[Finding], Answer]:
    """Whether some data is consistent with ontology and theories, and what of it was not taken in.

    Bundles are lifted first; RDF is taken as it is.
    """
    from kgtools.reason import reason

    lines: list[str] = []
    findings: list[Finding] = []
    for path in paths:
        if is_bundle(path):
            bundles = job.read([path])
            lines += lifted(bundles, job)
            findings += [finding for bundle in bundles for finding in bundle.findings]
        else:
            lines += Store.of(path).lines()
    return sorted_findings(findings), reason(lines, job.theory_files)
