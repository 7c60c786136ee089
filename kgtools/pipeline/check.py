"""Checking: data goes in by its paths; what readers and shapes find in it comes out sorted, and nothing is written."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kgtools.endpoint import Endpoint
from kgtools.errors import InputError
from kgtools.lift import lift, lift_frame
from kgtools.model import ANY, Finding
from kgtools.pipeline.carry import lifted
from kgtools.pipeline.job import Job
from kgtools.pipeline.processes import spread
from kgtools.pipeline.run import Progress, untold
from kgtools.pipeline.runs import Runs, pack
from kgtools.pipeline.work import Task, checked, left_out, lost_in, told_apart
from kgtools.read import is_bundle, require_known
from kgtools.read.endpoint import pieces_of, whole
from kgtools.read.lines import lines_of
from kgtools.read.pieces import cut
from kgtools.store import is_store, quads_of, spooled, write_quads
from kgtools.view import view
from kgtools.vocabulary import EVCO, PREFIXES, Vocabulary
from kgtools.write import finding_key

if TYPE_CHECKING:
    from kgtools.validate import Shapes, Terms

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
        shapes: files of shapes; what is remarkable about these is found too.
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
    from kgtools.validate import Shapes, Terms, remarks

    theirs = Shapes.read(shapes) if shapes else None  # before anything else is read
    check = _Check(job, theirs, engine, not shapes if ours is None else ours, jobs, progress or untold, Terms())
    found: Runs[Finding] = Runs(finding_key)
    several = len(paths) > 1
    for path in paths:
        for some in check.bundle(path, several) if is_bundle(path) else check.graph(path, several):
            found.add(pack(some, finding_key))
    if endpoint is not None:
        for some in check.server(endpoint):
            found.add(pack(some, finding_key))
    if theirs is not None:
        found.add(pack(remarks(shapes, check.terms, job.vocabulary), finding_key))
    return found


@dataclass(frozen=True)
class _Check:
    """What is to be done with each path; its methods yield findings, some at a time."""

    job: Job
    shapes: Shapes | None
    engine: str
    ours: bool
    jobs: int
    progress: Progress
    terms: Terms

    def bundle(self, path: Path, several: bool) -> Iterator[Sequence[Finding]]:
        """What is found in a bundle of tables."""
        (bundle,) = self.job.read([path])
        prefix = bundle.name if several else ""
        yield told_apart(bundle.findings, prefix)
        if self.ours:
            frame, of, done = lift_frame(bundle), bundle.count(), 0
            lost = left_out(bundle)
            tasks = (Task(chunk, frame, lost=lost_in(chunk, lost)) for chunk in bundle.chunks())
            for incidents, found in spread(_lifted, tasks, (self.job, self.engine), self.jobs):
                yield told_apart(bundle.in_its_words(found), prefix)
                done += incidents
                self.progress("validating", done, of)
        if self.shapes is not None:
            found = self._theirs([*lifted([bundle], self.job, jobs=self.jobs)])
            yield told_apart(bundle.in_its_words(found), prefix)

    def graph(self, path: Path, several: bool) -> Iterator[Sequence[Finding]]:
        """What is found in an RDF file, a store, or standard input."""
        name = "standard input" if str(path) == "-" else str(path) if several else path.name
        if str(path) != "-" and not path.exists():
            raise InputError("no such file or folder; name a bundle, a table, an RDF file or a store", path)
        require_known(path)
        with spooled(path) as file:
            unplaced: list[Finding] = []
            try:
                for found in self._found_in(file):
                    unplaced += (one for one in found if one.file in ("", file.name) and one.row is None)
                    yield [one for one in found if one.file not in ("", file.name) or one.row is not None]
            except InputError as error:
                raise InputError(error.message, name, error.row) if error.path == file != path else error from None
            yield _placed(unplaced, file, name)

    def server(self, endpoint: Endpoint) -> Iterator[Sequence[Finding]]:
        """What is found in what a server holds; where no row is known, the file is its address."""
        from kgtools.validate import Shapes, targets_of

        if self.ours:
            of, pieces = pieces_of(endpoint, self.job.vocabulary, targets_of(Shapes.of_data().triples))
            tasks = ((incidents, "\n".join(lines)) for incidents, lines in pieces)
            yield from (_at(found, endpoint.name) for found in self._in_pieces(tasks, of))
        if self.shapes is not None:
            yield _at(self._theirs([*whole(endpoint)]), endpoint.name)

    def _found_in(self, path: Path) -> Iterator[Sequence[Finding]]:
        if self.ours:
            yield from self._graph(path)
        if self.shapes is not None:
            yield self._theirs(quads_of(path).split("\n"))

    def _in_pieces(
        self, pieces: Iterable[tuple[int, str]], of: int, *, early: bool = False
    ) -> Iterator[Sequence[Finding]]:
        """What our shapes find in pieces of N-Triples, each with how much of `of` it is."""
        done, context = 0, (self.job.vocabulary, self.engine)
        for part, found in spread(_piece, pieces, context, self.jobs, early=early):
            yield found
            done += part
            self.progress("validating", done, of)

    def _graph(self, path: Path) -> Iterator[Sequence[Finding]]:
        """What our shapes find in RDF."""
        from kgtools.validate import validate_ontology, validate_theory

        self.progress("reading", 0, 0)
        with cut(path) as data:
            if data.has(DATA):
                try:
                    yield from self._in_pieces(data.pieces(), of := data.count(), early=of > _MANY)
                except InputError:
                    write_quads(path, Path(os.devnull))  # says which line of the file is no N-Quads
                    raise
            elif data.has(THEORY):
                yield validate_theory(path, self.engine)
            elif data.has(TERM, EVCO):
                yield validate_ontology(path, self.engine)
            elif self.shapes is None:
                said = "holds no incidents, no codings, no theory and no terms of EVCO, which our shapes are about"
                raise InputError(f"{said}; for other data name your own --shapes", path)

    def _theirs(self, lines: list[str]) -> list[Finding]:
        """What other shapes find in all data at once."""
        from kgtools.validate import Terms, validate

        self.progress("validating", 0, 0)
        self.terms.add(Terms.of(lines))
        return [*validate(lines, self.shapes, self.engine, vocabulary=self.job.vocabulary)]


_MANY = 200_000
"""Quads that are worth several processes before it is known into how many pieces they fall."""


def _lifted(task: Task, context: tuple[Job, str]) -> tuple[int, list[Finding]]:
    job, engine = context
    found = view(task.chunk, ANY, job.vocabulary, job.named).findings
    lines = [*task.frame, *lift(task.chunk, job.vocabulary)]
    return len(task.chunk.incidents), [*found, *checked(lines, task, job, engine)]


def _piece(piece: tuple[int, str], context: tuple[Vocabulary, str]) -> tuple[int, list[Finding]]:
    from kgtools.validate import validate

    (lines, text), (vocabulary, engine) = piece, context
    return lines, [*validate(text, None, engine, vocabulary=vocabulary)]


def _at(findings: Sequence[Finding], name: str) -> list[Finding]:
    return [one if one.file else replace(one, file=name) for one in findings]


def _placed(findings: Sequence[Finding], path: Path, name: str) -> list[Finding]:
    """Findings that know no row, with the file and the line in which their focus nodes are described."""
    lines = {} if is_store(path) else lines_of(path, {node for one in findings if (node := _node(one))})
    return [replace(one, file=name, row=lines.get(_node(one))) for one in findings]


def _node(finding: Finding) -> str:
    """A finding's focus node: an IRI, or the label of a blank node, which tables do not show."""
    from kgtools.validate import ShapeFinding

    result = finding.result if isinstance(finding, ShapeFinding) else None
    return finding.focus or (result.focus if result is not None and result.focus.startswith("_:") else "")
