"""There, where the data are: a server or a store goes in; verdicts come out, and what is asked for is written to it.

A server that takes updates is given the view, and the propositions' queries run in it as they are, over the graph of
the view alone. A view of many incidents goes there in parts, each a graph of its own: a server may answer with fewer
rows than there are and not say so, and a query over a part takes a part of the time. Each query gives a row for each
unit, so whatever is kept back is noticed; then the parts are made smaller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from kgtools.derive import COLUMNS, SAYING, Question, verdict_of
from kgtools.endpoint import Endpoint
from kgtools.errors import EngineError, InputError
from kgtools.lift import GRADES, lift_judged, lift_terms, lift_verdicts, verdict_graph
from kgtools.model import Finding, Verdict, VerdictValue
from kgtools.pipeline.ask import judged, together
from kgtools.pipeline.carry import view_graph
from kgtools.pipeline.job import Job
from kgtools.pipeline.run import Progress, untold
from kgtools.read import Bundle, Chunk
from kgtools.read.bundle import CHUNK
from kgtools.store import Store, is_store
from kgtools.theory import Proposition
from kgtools.view import View, view
from kgtools.vocabulary import ONTOLOGY_IRI
from kgtools.write import verdict_key

PART = 2_000
"""Incidents of a part, if none of its chains has more. Some servers give at most 10,000 rows at once, and in larger
parts each incident takes them longer."""

Wrote = Callable[[str], None]
"""Told the IRI of each graph that was written."""


def derive_there(
    endpoint: Endpoint,
    job: Job,
    *,
    write: bool = False,
    progress: Progress | None = None,
    wrote: Wrote | None = None,
    part: int = PART,
) -> tuple[list[Finding], list[Verdict]]:
    """The verdicts on what a server holds, judged in the server, sorted; and what was found in reading it.

    The views for the job's coders are written there, in place of those of the same coders that may be there.

    Args:
        endpoint: a server that takes updates.
        write: also write the verdicts there, in place of those on the same coders.
        progress: told how far it is.
        wrote: told what was written.
        part: how many incidents a graph of the view has at most.

    Raises:
        InputError: it has no address that takes updates, or what it holds cannot be read.
        EngineError: the server fails, or gives only a part of the rows however small the view.
    """
    if endpoint.update_url is None:
        raise InputError("is only read from; name the address that takes updates", endpoint.name)
    tell, written = progress or untold, wrote or (lambda _: None)
    tell("reading", 0, 0)
    bundles = job.read([endpoint])
    work = _There(endpoint, job, tell, written, sum(bundle.count() for bundle in bundles))
    said = []
    for bundle in bundles:
        findings, verdicts = work.judged(bundle, part)
        if write:
            _write(endpoint, bundle, verdicts, job, written)
        said.append((bundle, [*bundle.findings, *findings], verdicts))
    return together(said, len(bundles) > 1)


def derive_into(
    path: Path, job: Job, *, jobs: int = 1, progress: Progress | None = None, wrote: Wrote | None = None
) -> tuple[list[Finding], list[Verdict]]:
    """The verdicts on what a store folder holds, as `derive_all` has them, which are also written to it.

    Args:
        jobs, progress: as for `derive_all`.
        wrote: told what was written, in place of verdicts for the same coders.

    Raises:
        InputError: it is no store, or cannot be read or written.
    """
    if not is_store(path):
        raise InputError("is no store, and verdicts are written only to a store or a server", path)
    bundles = job.read([path])
    said = list(judged(bundles, job, jobs, progress or untold))
    store = Store(path)
    for bundle, _, verdicts in said:
        _write(store, bundle, verdicts, job, wrote or (lambda _: None))
    return together(said, len(bundles) > 1)


def _write(to: Store | Endpoint, bundle: Bundle, verdicts: list[Verdict], job: Job, wrote: Wrote) -> None:
    """Write verdicts as assessments, in place of those for the same coders; the terms too if they are not there."""
    graph = verdict_graph(bundle.iri, job.coders)
    to.drop_graph(graph)
    to.add(lift_verdicts(sorted(verdicts, key=verdict_key), bundle.iri))
    to.add(lift_judged(bundle.iri, job.coders))  # last, so that it is only said of what is whole
    wrote(graph)
    if not to.has(ONTOLOGY_IRI):
        to.add(lift_terms(job.vocabulary))
        wrote(ONTOLOGY_IRI)


class _FewRowsError(Exception):
    """A server gave fewer rows than there are units; perhaps on one chain, which cannot be cut."""

    def __init__(self, got: int, units: int, alone: bool) -> None:
        self.got, self.units, self.alone = got, units, alone


@dataclass
class _Part:
    """A part of a view that is on the server, and what is needed of it here."""

    graph: str
    known: View = field(default_factory=View)
    incidents: int = 0

    def add(self, seen: View) -> list[str]:
        """Take in the view of a chunk.

        Returns:
            Its triples, as N-Quads.
        """
        self.known.units |= seen.units
        self.known.elements |= seen.elements
        return [f"{line[:-1]}<{self.graph}> ." for line in seen.lines]


@dataclass
class _There:
    """A server, at work."""

    endpoint: Endpoint
    job: Job
    progress: Progress
    wrote: Wrote
    of: int
    done: int = 0

    def judged(self, bundle: Bundle, part: int) -> tuple[list[Finding], list[Verdict]]:
        """What is found on links, and the verdicts, in no order."""
        before = self.done
        while True:
            try:
                graphs, findings, verdicts = self._in_parts(bundle, part)
            except _FewRowsError as error:
                self.done = before
                if error.alone or not error.got:
                    raise EngineError(
                        f"{self.endpoint.name}: the server gives only {error.got:,} of {error.units:,} rows; raise its "
                        "limit on results"
                    ) from None
                part = max(1, min(error.got, part // 2))
                continue
            for graph in graphs:
                self.wrote(graph)
            return findings, verdicts

    def _in_parts(self, bundle: Bundle, size: int) -> tuple[list[str], list[Finding], list[Verdict]]:
        whole = view_graph(bundle.iri, self.job.coders)
        self.endpoint.drop_view(whole)
        graphs: list[str] = []
        findings: list[Finding] = []
        verdicts: list[Verdict] = []
        alone = bundle.count() <= size
        for chunks in _parts(bundle, size):
            part = _Part(whole if alone else f"{whole}/{len(graphs) + 1}")
            graphs.append(part.graph)
            for chunk in chunks:
                seen = view(chunk, self.job.coders, self.job.vocabulary, self.job.named)
                self.endpoint.add(part.add(seen))
                findings += seen.findings
                part.incidents += len(chunk.incidents)
            there = self.endpoint.over(part.graph)
            for number, question in enumerate(self.job.questions, 1):
                verdicts += self._asked(there, question, part.known)
                share = part.incidents * number // len(self.job.questions)
                self.progress("judging in the server", self.done + share, self.of)
            self.done += part.incidents
        return graphs, findings, verdicts

    def _asked(self, there: Endpoint, question: Question, known: View) -> Iterator[Verdict]:
        """The verdicts on a part."""
        proposition = question.proposition
        kind = "chain" if proposition.of_chains else "incident"
        units = {iri for iri, unit in known.units.items() if unit.kind == kind}
        rows = there.select(question.query)
        if len(rows) < len(units):
            alone = sum(unit.kind == "chain" for unit in known.units.values()) == 1
            raise _FewRowsError(len(rows), len(units), alone)
        for row in rows:
            try:
                values = {name: _value(row[name]) for name in COLUMNS}
                units.remove(values["unit"])
                verdict = verdict_of(values, proposition, known, self.job.coders)
                _require_sense(verdict, proposition)
            except (KeyError, ValueError):
                raise EngineError(
                    f"{there.name}: the server answers the query of {proposition.id} with what it was not asked for; "
                    "another may be writing there"
                ) from None
            if self.job.every or verdict.verdict in SAYING:
                yield verdict


def _require_sense(verdict: Verdict, proposition: Proposition) -> None:
    """Raise a ValueError where a verdict is none that a proposition's query can give."""
    slots = {*verdict.missing, *verdict.opposed, *(use.slot for use in verdict.uses)}
    if verdict.verdict not in get_args(VerdictValue) or verdict.grade not in ("", *GRADES):
        raise ValueError(verdict.verdict)
    if not slots <= {*proposition.by_id, "scope"}:
        raise ValueError(slots)


def _parts(bundle: Bundle, size: int) -> Iterator[list[Chunk]]:
    """The chunks of a bundle by parts of about so many incidents."""
    part: list[Chunk] = []
    count = 0
    for chunk in bundle.chunks(min(CHUNK, size)):
        if part and count + len(chunk.incidents) > size:
            yield part
            part, count = [], 0
        part.append(chunk)
        count += len(chunk.incidents)
    yield part


def _value(term: str) -> str:
    """The IRI, or the text of a literal, that a term of N-Triples is."""
    if term[0] == "<":
        return term[1:-1]
    if term[0] != '"' or "\\" in term:  # the queries give names of slots and IRIs, which hold nothing to escape
        raise ValueError(term)
    return term[1 : term.rindex('"')]
