"""Work: one chunk of whole chains goes in; its quads, findings, verdicts and what a report tells of it come out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from kgtools.derive import SAYING, derive
from kgtools.lift import lift, lift_verdicts
from kgtools.model import CODER_SETS, Finding, Verdict
from kgtools.pipeline.job import Job
from kgtools.pipeline.runs import pack
from kgtools.read import Bundle, Chunk
from kgtools.store import without_prefixes
from kgtools.view import view
from kgtools.write import finding_key, verdict_key

if TYPE_CHECKING:
    from kgtools.report import Facts

Record = TypeVar("Record", Finding, Verdict)


@dataclass(frozen=True)
class Task:
    """A chunk, and what is to be done with it.

    Args:
        frame: what is said once of the chunk's bundle (`lift_frame`), which its codings refer to.
        prefix: what files and units are told by where there are several bundles.
        beside: single coders, or sets of them, whose verdicts are compared with those asked for.
        room: how many incidents a report may tell in detail.
        read: what was found in reading these incidents, to be told with them.
        lost: the incidents of the chunk whose own row was left out, so that what it said is not known.
    """

    chunk: Chunk
    frame: Sequence[str] = ()
    prefix: str = ""
    beside: Sequence[str] = ()
    room: int = 0
    read: Sequence[Finding] = ()
    lost: Collection[str] = ()


@dataclass
class Tally:
    """Counts of findings and verdicts; they add up."""

    findings: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    inferred_alone: int = 0
    own_corpus: int = 0

    @classmethod
    def of(cls, verdicts: Iterable[Verdict]) -> Tally:
        """Count verdicts, by theory, proposition, verdict and grade."""
        made = cls()
        for one in verdicts:
            made.verdicts[one.theory, one.proposition, one.verdict, one.grade] += 1
            made.inferred_alone += one.inferred_alone
            made.own_corpus += one.own_corpus
        return made

    def add(self, other: Tally) -> None:
        """Take in other counts."""
        self.findings.update(other.findings)
        self.verdicts.update(other.verdicts)
        self.inferred_alone += other.inferred_alone
        self.own_corpus += other.own_corpus


@dataclass
class Outcome:
    """What came of a chunk, in a form that is cheap to hand from process to process: text, and packed records."""

    incidents: int
    quads: bytes
    assessments: bytes
    findings: list[bytes]
    verdicts: list[bytes]
    tally: Tally
    facts: Facts


def judge(chunk: Chunk, job: Job) -> tuple[list[Finding], list[Verdict]]:
    """A chunk's verdicts, and what was found on its links."""
    seen = view(chunk, job.coders, job.vocabulary, job.named)
    return seen.findings, derive(seen, job.coders, job.questions, every=job.every)


def work(task: Task, job: Job) -> Outcome:
    """Lift, validate and judge a chunk, and gather what a report tells of it."""
    from kgtools.report import Facts

    chunk = task.chunk
    quads = lift(chunk, job.vocabulary)
    seen = view(chunk, job.coders, job.vocabulary, job.named)
    verdicts = derive(seen, job.coders, job.questions, every=job.every)
    findings = [*seen.findings, *checked([*task.frame, *quads], task, job)]
    by_coder = compared(chunk, verdicts, task.beside, job)
    facts = Facts.of(chunk, seen, verdicts, by_coder, [*task.read, *findings], job, task.room)
    assessments = without_prefixes(lift_verdicts(sorted(verdicts, key=verdict_key), chunk.bundle))
    return Outcome(
        len(chunk.incidents),
        "".join(f"{line}\n" for line in quads).encode(),
        assessments,
        pack(told_apart(findings, task.prefix), finding_key),
        pack(told_apart(verdicts, task.prefix), verdict_key),
        Tally.of(verdicts),
        facts,
    )


def compared(
    chunk: Chunk, verdicts: Sequence[Verdict], beside: Sequence[str], job: Job
) -> dict[str, Sequence[Verdict]]:
    """The verdicts of each of several coders, or sets of them.

    Where a chain has but one coder, these are the ones at hand, for that coder and for any set; so only chains of
    several coders are judged again.
    """
    if not beside:
        return {}
    by_chain: dict[str, set[str | None]] = {}
    for incident in chunk.incidents:
        by_chain.setdefault(incident.chain, set()).update(coding.coder for coding in chunk.codings[incident.id])
    alone = {chain: coders for chain, coders in by_chain.items() if len(coders) < 2 and job.coders in CODER_SETS}
    chain_of = {incident.id: incident.chain for incident in chunk.incidents}
    incidents = tuple(incident for incident in chunk.incidents if incident.chain not in alone)
    rest = replace(chunk, incidents=incidents, codings={one.id: chunk.codings[one.id] for one in incidents})
    found: dict[str, Sequence[Verdict]] = {}
    for coders in beside:
        judged = derive(view(rest, coders, job.vocabulary, job.named), coders, job.questions)
        at_hand = (
            replace(one, coders=coders)
            for one in verdicts
            if one.verdict in SAYING
            and (known := alone.get(one.unit if one.unit_type == "chain" else chain_of[one.unit])) is not None
            and (coders in CODER_SETS or coders in known)
        )
        found[coders] = [*judged, *at_hand]
    return found


def checked(lines: Sequence[str], task: Task, job: Job, engine: str = "shacl-rust") -> list[Finding]:
    """What shapes find in a lifted chunk, without what the reader has said already, once for all rows."""
    from kgtools.validate import validate

    found = validate(lines, None, engine, vocabulary=job.vocabulary)
    kept = (one for one in found if one.shape not in _SAID and not _is_of_a_lost_row(one, task))
    return [_at_its_codings(one, task.chunk) for one in kept]


def _is_of_a_lost_row(finding: Finding, task: Task) -> bool:
    return finding.incident in task.lost and finding.row is None and finding.severity != "violation"


def _at_its_codings(finding: Finding, chunk: Chunk) -> Finding:
    """A finding on an incident that has no row of its own, at the first of its codings."""
    codings = chunk.codings.get(finding.incident, ()) if finding.row is None else ()
    return replace(finding, file=codings[0].place.file, row=codings[0].place.row) if codings else finding


_SAID = ("code:no-term", "link:itself")
"""Shapes that look for what readers and the view say of tables."""


def left_out(bundle: Bundle) -> frozenset[str]:
    """The incidents of a bundle whose own row could not be taken in, and says so."""
    said = (one for one in bundle.findings if one.severity == "violation" and one.shape.startswith("incident:"))
    return frozenset(one.incident for one in said if one.path not in ("follows", "told_by"))


def lost_in(chunk: Chunk, lost: Collection[str]) -> list[str]:
    """Those of some incidents that are in a chunk."""
    return [one.id for one in chunk.incidents if one.id in lost]


def told_apart(records: Iterable[Record], prefix: str) -> list[Record]:
    """Findings or verdicts, with a bundle's name before files and units where there are several bundles."""
    if not prefix:
        return list(records)
    return [
        replace(one, unit=f"{prefix}/{one.unit}")
        if isinstance(one, Verdict)
        else replace(one, file=f"{prefix}/{one.file}")
        for one in records
    ]
