"""Asking: data goes in by its paths; verdicts, findings, or a reasoner's answer come out, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kgtools.model import Finding, Verdict
from kgtools.pipeline.carry import lifted
from kgtools.pipeline.job import Job
from kgtools.pipeline.processes import spread
from kgtools.pipeline.run import Progress, untold
from kgtools.pipeline.work import judge, told_apart
from kgtools.read import Bundle, Chunk, Source, is_bundle
from kgtools.store import Store, triples_of
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
    bundles = job.read(sources)
    return together(judged(bundles, job, jobs, progress or untold), len(bundles) > 1)


def judged(
    bundles: Sequence[Bundle], job: Job, jobs: int, progress: Progress
) -> Iterator[tuple[Bundle, list[Finding], list[Verdict]]]:
    """Bundle by bundle, what was found in reading it, and the verdicts on it."""
    _ = job.questions, job.named  # worked out once, before processes get a copy
    done, of = 0, sum(bundle.count() for bundle in bundles)
    for bundle in bundles:
        findings, verdicts = list(bundle.findings), list[Verdict]()
        for incidents, dropped, said in spread(_judged, bundle.chunks(), job, jobs):
            findings += dropped
            verdicts += said
            done += incidents
            progress("judging", done, of)
        yield bundle, findings, verdicts


def together(
    said: Iterable[tuple[Bundle, list[Finding], list[Verdict]]], several: bool
) -> tuple[list[Finding], list[Verdict]]:
    """Findings and verdicts on some bundles, sorted, told apart where there are several."""
    findings: list[Finding] = []
    verdicts: list[Verdict] = []
    for bundle, found, judged in said:
        prefix = bundle.name if several else ""
        findings += told_apart(found, prefix)
        verdicts += told_apart(judged, prefix)
    return sorted_findings(findings), sorted(verdicts, key=verdict_key)


def _judged(chunk: Chunk, job: Job) -> tuple[int, list[Finding], list[Verdict]]:
    return len(chunk.incidents), *judge(chunk, job)


def reason_over(
    paths: Iterable[Path],
    job: Job,
    further: Iterable[Path] = (),
    *,
    explain: bool = False,
    realize: bool = False,
    profile: bool = False,
    classify: bool = True,
    seconds: float | None = None,
    tell: Callable[[int], None] | None = None,
) -> tuple[list[Finding], Answer]:
    """Whether some data is consistent with ontology and theories, and what of it was not taken in.

    Bundles are lifted first; RDF is taken as it is.

    Args:
        further: ontology files of others, merged in.
        explain, realize, profile, classify, seconds: as in `kgtools.reason.reason`.
        tell: told, before a reasoner starts, how many triples of data there are.
    """
    from kgtools.reason import SECONDS, reason

    lines: list[str] = []
    files: list[Path] = []
    findings: list[Finding] = []
    for path in paths:
        if is_bundle(path):
            bundles = job.read([path])
            lines += lifted(bundles, job)
            findings += [finding for bundle in bundles for finding in bundle.findings]
        elif path.is_file():
            files.append(path)
        else:
            lines += Store.of(path).lines()
    if tell:
        tell(len(lines) + sum(len(triples_of(file)) for file in files))
    answer = reason(
        lines,
        [*job.theory_files, *files],
        further=further,
        explain=explain,
        realize=realize,
        profile=profile,
        classify=classify,
        seconds=seconds or SECONDS,
    )
    return sorted_findings(findings), answer
