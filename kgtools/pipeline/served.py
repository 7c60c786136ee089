"""Served data: a SPARQL server goes in, what shapes find in what it holds comes out, and nothing is written there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from kgtools.endpoint import Endpoint
from kgtools.model import Finding
from kgtools.pipeline.job import Job
from kgtools.pipeline.processes import spread
from kgtools.pipeline.run import Progress
from kgtools.read.endpoint import pieces_of, whole
from kgtools.vocabulary import Vocabulary


def served(
    endpoint: Endpoint,
    job: Job,
    shapes: Sequence[Path] = (),
    engine: str = "auto",
    *,
    ours: bool = True,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Iterator[list[Finding]]:
    """What shapes find in what a server holds.

    Ours need nothing beyond a chain, so pieces of whole chains are fetched and validated, the next ones meanwhile.
    Nobody knows that of other shapes, so these get all that there is at once, within limits.

    Args:
        shapes: files of shapes.
        engine: as for `kgtools.validate.validate`.
        ours: whether our shapes are used too.
        jobs: how many processes.
        progress: told how far it is.

    Yields:
        Findings, some at a time; those on a node that several pieces share come with each of them. Where no row is
        known, the file is the server's address.

    Raises:
        InputError: the server holds no incident, or too much for one piece.
        EngineError: the server, an engine, or a process, failed.
    """
    from kgtools.validate import Shapes, targets_of, validate

    theirs = Shapes.read(shapes) if shapes else None  # before anything is fetched
    if ours:
        total, pieces = pieces_of(endpoint, job.vocabulary, targets_of(Shapes.of_data().triples))
        tasks = ((incidents, "\n".join(lines)) for incidents, lines in pieces)
        done = 0
        for incidents, found in spread(_piece, tasks, (job.vocabulary, engine), jobs):
            yield _placed(found, endpoint)
            done += incidents
            if progress is not None:
                progress("validating", done, total)
    if theirs is not None:
        yield _placed(validate(whole(endpoint), theirs, engine, vocabulary=job.vocabulary), endpoint)


def _piece(piece: tuple[int, str], context: tuple[Vocabulary, str]) -> tuple[int, list[Finding]]:
    from kgtools.validate import validate

    (incidents, text), (vocabulary, engine) = piece, context
    return incidents, [*validate(text, None, engine, vocabulary=vocabulary)]


def _placed(findings: Sequence[Finding], endpoint: Endpoint) -> list[Finding]:
    return [one if one.file else replace(one, file=endpoint.name) for one in findings]
