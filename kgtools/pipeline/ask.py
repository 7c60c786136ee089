"""Asking: data goes in by its paths; verdicts, findings, or a reasoner's answer come out, and nothing is written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from kgtools.model import Finding, Verdict
from kgtools.pipeline.carry import lifted
from kgtools.pipeline.job import Job
from kgtools.pipeline.processes import spread
from kgtools.pipeline.run import Progress
from kgtools.pipeline.work import judge, told_apart
from kgtools.read import Chunk, Source, is_bundle
from kgtools.store import Store
from kgtools.write import sorted_findings, verdict_key

if TYPE_CHECKING:
    from kgtools.reason import Answer


def derive_all(
    sources: Iterable[Source], job: Job, *, jobs: int = 1, progress: Progress | None = None
) -> tuple[list[Finding], list[Verdict]]:
    """The verdicts on some data, sorted, and what was found in reading it.

    Args:
        jobs: how many processes.
        progress: told how far it is.
    """
    findings: list[Finding] = []
    verdicts: list[Verdict] = []
    bundles = job.read(sources)
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
