"""The main job: bundles go in, a folder with graph, findings and verdicts comes out.

An incident needs nothing beyond its chain. So the codings are cut into chunks of whole chains, and `work` takes one
chunk to its quads, findings and verdicts: every step costs the same per incident however many there are.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

from kgtools.derive import Question, derive, in_order, questions
from kgtools.errors import InputError, OntologyError
from kgtools.lift import lift, lift_frame, lift_terms, lift_verdicts
from kgtools.model import ANY, CODER_SETS, SEVERITIES, Finding, Verdict
from kgtools.read import BASE, Bundle, Chunk, encoded, is_bundle, read
from kgtools.store import Endpoint, Store, write_rdf
from kgtools.theory import Theory, read_theories
from kgtools.view import Named, view
from kgtools.vocabulary import EVCO, Vocabulary
from kgtools.write import FINDING_COLUMNS, VERDICT_COLUMNS, replacing, sorted_findings, unwritten, write_csv

if TYPE_CHECKING:
    from kgtools.reason import Answer

Record = TypeVar("Record", Finding, Verdict)

Target = Path | Store | Endpoint | IO[bytes]
"""Where lifted quads may go."""


@dataclass(frozen=True)
class Job:
    """What is asked, apart from the data.

    Args:
        theory_files: theories beside those that come with kgtools.
        coders: `any`, `majority`, `all`, or one coder's name.
        every: also verdicts that are silent or not applicable.
        crosswalk: how somebody else's codes and columns map to ours.
        base: what the IRIs of data start with.
    """

    theory_files: tuple[Path, ...] = ()
    coders: str = ANY
    every: bool = False
    crosswalk: Path | None = None
    base: str = BASE

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*[/:#]", self.base):
            raise InputError(f"`{self.base}` (--base) is no IRI that names can follow; write urn:…: or https://…/")

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The terms that codes may be."""
        return Vocabulary.read(self.theory_files)

    @cached_property
    def theories(self) -> list[Theory]:
        """The theories to judge.

        Raises:
            OntologyError: a theory file cannot be read, or a shape for theories finds a violation in it.
        """
        from kgtools.validate import validate_theory

        theories = read_theories(self.theory_files)
        for path in self.theory_files:
            wrong = [finding for finding in validate_theory(path, "shacl-rust") if finding.severity == "violation"]
            if wrong:
                more = f" (and {len(wrong) - 1} more; `kgtools validate {path}` lists them)" if len(wrong) > 1 else ""
                raise OntologyError(f"{path}: {wrong[0].message}{more}")
        return theories

    @cached_property
    def questions(self) -> list[Question]:
        """Their propositions' queries."""
        return questions(self.theories)

    @cached_property
    def named(self) -> Named:
        """The classes that their slots name."""
        return Named.by(self.theories)

    def read(self, paths: Iterable[Path]) -> list[Bundle]:
        """Read what is to be worked on.

        Raises:
            InputError: something cannot be read, two bundles share a name, or nobody of the name asked for coded.
        """
        bundles: list[Bundle] = []
        for path in paths:
            for bundle in read(path, self.vocabulary, self.crosswalk, self.base):
                if any(bundle.iri == other.iri for other in bundles):
                    raise InputError(
                        f"is called `{bundle.name}` like another bundle of this call; rename it, or take it alone", path
                    )
                bundles.append(bundle)
        if self.coders not in CODER_SETS:
            known = sorted({coder for bundle in bundles for coder in bundle.coders()})
            if self.coders not in known:
                raise InputError(f"no coder `{self.coders}`; there are {', '.join([*CODER_SETS, *known])}")
        return bundles


@dataclass
class Outcome:
    """What came of a chunk."""

    quads: list[str]
    findings: list[Finding]
    verdicts: list[Verdict]


def judge(chunk: Chunk, job: Job) -> tuple[list[Finding], list[Verdict]]:
    """A chunk's verdicts, and what was found on its links."""
    seen = view(chunk, job.coders, job.vocabulary, job.named)
    return seen.findings, derive(seen, job.coders, job.questions, every=job.every)


def work(chunk: Chunk, frame: Sequence[str], job: Job) -> Outcome:
    """Lift, validate and judge one chunk.

    Args:
        frame: what is said once of the chunk's bundle (`lift_frame`), which its codings refer to.
    """
    quads = lift(chunk, job.vocabulary)
    findings, verdicts = judge(chunk, job)
    return Outcome(quads, [*findings, *_checked([*frame, *quads], job)], verdicts)


def _checked(
    lines: Sequence[str], job: Job, shapes: Sequence[Path] | None = None, engine: str = "auto"
) -> list[Finding]:
    """What shapes find in a lifted chunk, without what the reader has said already, once for all rows."""
    from kgtools.validate import validate

    found = validate(lines, shapes, engine, vocabulary=job.vocabulary)
    return [finding for finding in found if finding.shape != "code:no-term"]


def derive_all(paths: Iterable[Path], job: Job) -> tuple[list[Finding], list[Verdict]]:
    """The verdicts on some data, sorted, and what was found in reading it."""
    findings: list[Finding] = []
    verdicts: list[Verdict] = []
    bundles = job.read(paths)
    for bundle in bundles:
        found, judged = [*bundle.findings], []
        for chunk in bundle.chunks():
            dropped, said = judge(chunk, job)
            found += dropped
            judged += said
        findings += _told_apart(found, bundle, bundles)
        verdicts += _told_apart(judged, bundle, bundles)
    return sorted_findings(findings), in_order(verdicts)


def _told_apart(records: list[Record], bundle: Bundle, beside: Sequence[object]) -> list[Record]:
    """Findings or verdicts, with the bundle's name before files and units where there are several bundles."""
    if len(beside) < 2:
        return records
    named: list[Record] = []
    for one in records:
        if isinstance(one, Verdict):
            named.append(replace(one, unit=f"{bundle.name}/{one.unit}"))
        else:
            named.append(replace(one, file=f"{bundle.name}/{one.file}"))
    return named


_INCIDENT = f"SELECT ?i {{ ?i a <{EVCO}Incident> }} LIMIT 1"
_THEORY_ALONE = (
    f"SELECT ?theory {{ ?theory a <{EVCO}Theory> . FILTER NOT EXISTS {{ ?one a <{EVCO}Incident> }} }} LIMIT 1"
)


def validate_all(
    paths: Sequence[Path], job: Job, shapes: Sequence[Path] | None = None, engine: str = "auto"
) -> list[Finding]:
    """What the readers and the shapes find, sorted.

    Bundles are lifted first; RDF is validated as it is, and a theory file by the shapes for theories.
    """
    from kgtools.validate import validate, validate_theory

    findings: list[Finding] = []
    for path in paths:
        if is_bundle(path):
            for bundle in job.read([path]):
                frame = lift_frame(bundle)
                found = [*bundle.findings]
                for chunk in bundle.chunks():
                    found += view(chunk, ANY, job.vocabulary, job.named).findings
                    found += _checked([*frame, *lift(chunk, job.vocabulary)], job, shapes, engine)
                findings += _told_apart(found, bundle, paths)
            continue
        store = Store.of(path)
        if shapes is None and any(True for _ in store.select(_THEORY_ALONE)):
            findings += validate_theory(path, engine)
            continue
        if shapes is None and not any(True for _ in store.select(_INCIDENT)):
            raise InputError("holds no evco:Incident and no evco:Theory; for other data name your own --shapes", path)
        findings += validate(store.lines(), shapes, engine, vocabulary=job.vocabulary)
    return sorted_findings(findings)


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


def lifted(bundles: Iterable[Bundle], job: Job, *, with_view: bool = False) -> Iterator[str]:
    """All quads of some bundles, a line each: data, codings, and the view for the job's coders if asked for."""
    for bundle in bundles:
        yield from lift_frame(bundle)
        graph = f"<{view_graph(bundle, job.coders)}>"
        for chunk in bundle.chunks():
            yield from lift(chunk, job.vocabulary)
            if with_view:
                for line in view(chunk, job.coders, job.vocabulary, job.named).lines:
                    yield f"{line[:-1]}{graph} ."


def view_graph(bundle: Bundle, coders: str) -> str:
    """The named graph of a bundle's view for some coders, which is the default graph that its queries run on."""
    return f"{bundle.iri}/view/{encoded(coders)}"


def target(output: Path | None, store: Path | None, endpoint: str | None, stdout: IO[bytes]) -> Target:
    """Where an import goes: a store, a server, a file, or else stdout."""
    if store is not None:
        return Store(store)
    if endpoint is not None:
        return Endpoint(endpoint)
    return stdout if output is None else output


def import_bundles(
    paths: Iterable[Path], job: Job, to: Target, *, with_view: bool = False, replace: bool = False
) -> list[Finding]:
    """Lift bundles into a file, a stream (N-Quads), a store or a server.

    Args:
        with_view: also the view for the job's coders.
        replace: in a store or server, drop what it has of a bundle of the same name first.

    Returns:
        What was found in reading them.

    Raises:
        InputError: something cannot be read or written, or a store has a bundle of the same name.
        EngineError: a server failed.
    """
    bundles = job.read(paths)
    lines = chain(lift_terms(job.vocabulary), lifted(bundles, job, with_view=with_view))
    if isinstance(to, Path):
        write_rdf(lines, to)
    elif isinstance(to, Store | Endpoint):
        for bundle in bundles:
            if replace:
                to.drop(bundle.iri)
            elif isinstance(to, Store) and to.has(bundle.iri):
                raise InputError(
                    f"the store has a bundle `{bundle.name}` already; give --replace to put this one in its place"
                )
        to.add(lines)
    else:
        _put(to, lines)
    return sorted_findings(finding for bundle in bundles for finding in bundle.findings)


@dataclass
class Summary:
    """What a run did, as `summary.json` says it."""

    bundles: list[dict[str, Any]] = field(default_factory=list)
    coders: str = ANY
    findings: Counter[str] = field(default_factory=Counter)
    verdicts: list[Verdict] = field(default_factory=list)
    all_findings: list[Finding] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Counts, and the caveats that go with them."""
        tally: dict[str, dict[str, int]] = {}
        for verdict in self.verdicts:
            counts = tally.setdefault(f"{verdict.theory}/{verdict.proposition}", {})
            name = f"{verdict.verdict} ({verdict.grade})" if verdict.grade else verdict.verdict
            counts[name] = counts.get(name, 0) + 1
        return {
            "bundles": self.bundles,
            "coders": self.coders,
            "findings": {severity: self.findings[severity] for severity in SEVERITIES},
            "verdicts": dict(sorted(tally.items())),
            "verdicts_total": len(self.verdicts),
            "verdicts_on_inference_alone": sum(verdict.inferred_alone for verdict in self.verdicts),
            "verdicts_on_own_corpus": sum(verdict.own_corpus for verdict in self.verdicts),
            "caveats": CAVEATS,
        }


CAVEATS = [
    "A share of supporting incidents is not a probability: critical incidents sample extremes.",
    "Where a proposition was induced from the corpus (verdicts_on_own_corpus), support illustrates and does not test.",
    "A value outcome for somebody other than the one who told the incident is attributed, not experienced.",
    "Verdicts on inference alone rest on what a crosswalk made of codes, not on what a coder said in these terms.",
]
"""What the method demands to be said with any count."""


def run(paths: Sequence[Path], out: Path, job: Job) -> Summary:
    """The main job.

    Writes `graph.nq`, `report.ttl`, `findings.csv`, `verdicts.ttl`, `verdicts.csv` and `summary.json` to the folder
    `out`, each beside and then renamed.

    Raises:
        InputError: something cannot be read or written.
        OntologyError: a theory is wrong.
    """
    from kgtools.validate import report_graph

    bundles = job.read(paths)
    summary = Summary(coders=job.coders)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(unwritten(error), out) from error
    assessed: list[str] = []
    with replacing(out / "graph.nq") as graph:
        _put(graph, lift_terms(job.vocabulary))
        for bundle in bundles:
            frame = lift_frame(bundle)
            _put(graph, frame)
            found: list[Finding] = [*bundle.findings]
            verdicts: list[Verdict] = []
            for chunk in bundle.chunks():
                outcome = work(chunk, frame, job)
                _put(graph, outcome.quads)
                verdicts += outcome.verdicts
                found += outcome.findings
            verdicts = in_order(verdicts)
            assessed += lift_verdicts(verdicts, bundle.iri)
            summary.verdicts += _told_apart(verdicts, bundle, bundles)
            summary.all_findings += _told_apart(found, bundle, bundles)
            summary.bundles.append(
                {
                    "name": bundle.name,
                    "iri": bundle.iri,
                    "rows_read": bundle.rows_read,
                    "rows_taken": bundle.rows_taken,
                    "incidents": bundle.count(),
                    "coders": bundle.coders(),
                }
            )
    summary.all_findings = sorted_findings(summary.all_findings)
    summary.verdicts = in_order(summary.verdicts)
    summary.findings = Counter(finding.severity for finding in summary.all_findings)
    with replacing(out / "report.ttl") as file:
        file.write(report_graph(summary.all_findings).encode())
    write_rdf(assessed, out / "verdicts.ttl")
    for name, records, columns in (
        ("findings.csv", summary.all_findings, FINDING_COLUMNS),
        ("verdicts.csv", summary.verdicts, VERDICT_COLUMNS),
    ):
        with replacing(out / name) as file:
            text = TextIOWrapper(file, "utf-8", newline="", write_through=True)
            write_csv(records, columns, text)
            text.detach()
    with replacing(out / "summary.json") as file:
        file.write((json.dumps(summary.as_json(), indent=1, ensure_ascii=False) + "\n").encode())
    return summary


def _put(file: Any, lines: Iterable[str]) -> None:
    file.writelines(f"{line}\n".encode() for line in lines)
