"""Checking: data goes in by its paths; what readers and shapes find in it comes out sorted, and nothing is written."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kgtools.endpoint import Endpoint
from kgtools.errors import InputError
from kgtools.lift import lift, lift_frame
from kgtools.model import ANY, Finding
from kgtools.pipeline.carry import lifted
from kgtools.pipeline.job import Job
from kgtools.pipeline.processes import spread
from kgtools.pipeline.run import Progress
from kgtools.pipeline.runs import Runs, pack
from kgtools.pipeline.served import served
from kgtools.pipeline.work import Task, checked, told_apart
from kgtools.read import is_bundle
from kgtools.read.lines import lines_of
from kgtools.read.pieces import cut
from kgtools.store import is_store, quads_of, spooled, write_quads
from kgtools.view import view
from kgtools.vocabulary import EVCO, PREFIXES, Vocabulary
from kgtools.write import finding_key

THEORY = tuple(EVCO + kind for kind in ("Theory", "Proposition", "AntecedentSlot", "ConsequentSlot", "Implication"))
DATA = tuple(EVCO + kind for kind in ("Incident", "CodedSegment", "IncidentReport", "AbsenceRecord", "Bundle"))
TERM = tuple(
    PREFIXES["owl"] + kind
    for kind in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "NamedIndividual")
)


def validate_all(
    paths: Sequence[Path],
    job: Job,
    shapes: Sequence[Path] = (),
    engine: str = "auto",
    *,
    ours: bool | None = None,
    endpoint: Endpoint | None = None,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Runs[Finding]:
    """What the readers and the shapes find in some data.

    Bundles are lifted first; RDF is validated as it is. Our shapes are for incidents and codings, for theories, or for
    the ontology, whichever the data hold, and need nothing beyond a chain. Nobody knows that of other shapes, so these
    get all of a path's data at once.

    Args:
        shapes: files of shapes.
        engine: as for `kgtools.validate.validate`.
        ours: whether our shapes are used; None where there are no others.
        endpoint: a server whose data are validated too; it is only read from.
        jobs: how many processes.
        progress: told how far it is.

    Returns:
        Findings, sorted, each once; a finding on RDF has the file and the line in which its focus node is described.

    Raises:
        InputError: something cannot be read, or holds nothing that our shapes are about.
        EngineError: an engine, or a process, failed.
    """
    check = _Check(job, tuple(shapes), engine, not shapes if ours is None else ours, jobs, progress or _untold)
    found: Runs[Finding] = Runs(finding_key)
    several = len(paths) > 1
    for path in paths:
        for some in check.bundle(path, several) if is_bundle(path) else check.graph(path, several):
            found.add(pack(some, finding_key))
    if endpoint is not None:
        for some in served(endpoint, job, shapes, engine, ours=check.ours, jobs=jobs, progress=progress):
            found.add(pack(some, finding_key))
    return found


@dataclass(frozen=True)
class _Check:
    """What is to be done with each path; its methods yield findings, some at a time."""

    job: Job
    shapes: tuple[Path, ...]
    engine: str
    ours: bool
    jobs: int
    progress: Progress

    def bundle(self, path: Path, several: bool) -> Iterator[Sequence[Finding]]:
        """What is found in a bundle of tables."""
        (bundle,) = self.job.read([path])
        prefix = bundle.name if several else ""
        yield told_apart(bundle.findings, prefix)
        if self.ours:
            frame, of, done = lift_frame(bundle), bundle.count(), 0
            tasks = (Task(chunk, frame) for chunk in bundle.chunks())
            for incidents, found in spread(_lifted, tasks, (self.job, self.engine), self.jobs):
                yield told_apart(found, prefix)
                done += incidents
                self.progress("validating", done, of)
        if self.shapes:
            yield told_apart(self._theirs(lifted([bundle], self.job, jobs=self.jobs)), prefix)

    def graph(self, path: Path, several: bool) -> Iterator[Sequence[Finding]]:
        """What is found in an RDF file, a store, or standard input."""
        name = "standard input" if str(path) == "-" else str(path) if several else path.name
        with spooled(path) as file:
            unplaced: list[Finding] = []
            if self.ours:
                for found in self._graph(file):
                    unplaced += (one for one in found if not one.file)
                    yield [one for one in found if one.file]
            if self.shapes:
                found = self._theirs(quads_of(file))
                unplaced += (one for one in found if not one.file)
                yield [one for one in found if one.file]
            yield _placed(unplaced, file, name)

    def _graph(self, path: Path) -> Iterator[Sequence[Finding]]:
        """What our shapes find in RDF."""
        from kgtools.validate import validate_ontology, validate_theory

        self.progress("reading", 0, 0)
        with cut(path) as data:
            if data.has(DATA):
                of, done = data.count(), 0
                try:
                    for lines, found in spread(_piece, data.pieces(), (self.job.vocabulary, self.engine), self.jobs):
                        yield found
                        done += lines
                        self.progress("validating", done, of)
                except InputError:
                    write_quads(path, Path(os.devnull))  # says which line of the file is no N-Quads
                    raise
            elif data.has(THEORY):
                yield validate_theory(path, self.engine)
            elif data.has(TERM, EVCO):
                yield validate_ontology(path, self.engine)
            else:
                said = "holds no incidents, no codings, no theory and no terms of EVCO, which our shapes are about"
                raise InputError(f"{said}; for other data name your own --shapes", path)

    def _theirs(self, lines: Iterable[str]) -> list[Finding]:
        """What other shapes find in all data at once."""
        from kgtools.validate import validate

        self.progress("validating", 0, 0)
        return [*validate(lines, self.shapes, self.engine, vocabulary=self.job.vocabulary)]


def _lifted(task: Task, context: tuple[Job, str]) -> tuple[int, list[Finding]]:
    job, engine = context
    found = view(task.chunk, ANY, job.vocabulary, job.named).findings
    lines = [*task.frame, *lift(task.chunk, job.vocabulary)]
    return len(task.chunk.incidents), [*found, *checked(lines, job, engine)]


def _piece(piece: tuple[int, str], context: tuple[Vocabulary, str]) -> tuple[int, list[Finding]]:
    from kgtools.validate import validate

    (lines, text), (vocabulary, engine) = piece, context
    return lines, [*validate(text, None, engine, vocabulary=vocabulary)]


def _placed(findings: Sequence[Finding], path: Path, name: str) -> list[Finding]:
    """Findings that know no row, with the file and the line in which their focus nodes are described."""
    lines = {} if is_store(path) else lines_of(path, {node for one in findings if (node := _node(one))})
    return [replace(one, file=name, row=lines.get(_node(one))) for one in findings]


def _node(finding: Finding) -> str:
    """A finding's focus node: an IRI, or the label of a blank node, which tables do not show."""
    result = getattr(finding, "result", None)
    return finding.focus or (result.focus if result is not None and result.focus.startswith("_:") else "")


def _untold(step: str, done: int, of: int) -> None:
    """Nobody asked how far it is."""
