"""The main job: bundles go in; a folder with graph, findings, verdicts and a report comes out, or the report alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from kgtools.errors import InputError
from kgtools.lift import lift_codebook, lift_frame, lift_terms
from kgtools.model import ANY, SEVERITIES, Finding, Verdict
from kgtools.pipeline.job import Job
from kgtools.pipeline.processes import spread
from kgtools.pipeline.runs import Runs, pack
from kgtools.pipeline.work import Outcome, Tally, Task, left_out, lost_in, told_apart, work
from kgtools.read import Source
from kgtools.store import prefix_lines, put_lines
from kgtools.write import (
    FINDING_COLUMNS,
    VERDICT_COLUMNS,
    finding_key,
    replacing,
    unwritten,
    verdict_key,
    write_csv,
)

if TYPE_CHECKING:
    from kgtools.report import About, Facts

Progress = Callable[[str, int, int], None]
"""Told of a step by name, how many incidents are done, and how many there are (0: not known yet)."""

WRITTEN = (
    *("graph.nq", "report.ttl", "findings.csv", "verdicts.ttl", "verdicts.csv", "report.html"),
    "summary.json",
)
"""The files of a run."""


@dataclass
class Summary:
    """What a run did, as `summary.json` says it; and its findings and verdicts, sorted."""

    bundles: list[dict[str, Any]] = field(default_factory=list)
    coders: str = ANY
    tally: Tally = field(default_factory=Tally)
    found: Runs[Finding] = field(default_factory=lambda: Runs(finding_key))
    said: Runs[Verdict] = field(default_factory=lambda: Runs(verdict_key))

    @property
    def findings(self) -> Counter[str]:
        """How many there are of each severity."""
        return self.tally.findings

    @property
    def all_findings(self) -> list[Finding]:
        """All of them; in a large run many."""
        return list(self.found)

    @property
    def verdicts(self) -> list[Verdict]:
        """All of them; in a large run many."""
        return list(self.said)

    def as_json(self) -> dict[str, Any]:
        """Counts, and the caveats that go with them."""
        told: dict[str, dict[str, int]] = {}
        for (theory, proposition, verdict, grade), count in sorted(self.tally.verdicts.items()):
            told.setdefault(f"{theory}/{proposition}", {})[f"{verdict} ({grade})" if grade else verdict] = count
        return {
            "bundles": self.bundles,
            "coders": self.coders,
            "findings": {severity: self.findings[severity] for severity in SEVERITIES},
            "verdicts": told,
            "verdicts_total": self.tally.verdicts.total(),
            "verdicts_on_inference_alone": self.tally.inferred_alone,
            "verdicts_on_own_corpus": self.tally.own_corpus,
            "caveats": CAVEATS,
        }


CAVEATS = [
    "A share of supporting incidents is not a probability: critical incidents sample extremes.",
    "Where a proposition was induced from the corpus (verdicts_on_own_corpus), support illustrates and does not test.",
    "A value outcome for somebody other than the one who told the incident is attributed, not experienced.",
    "Verdicts on inference alone rest on what a crosswalk made of codes, not on what a coder said in these terms.",
]
"""What the method demands to be said with any count."""


def run(paths: Sequence[Path], out: Path, job: Job, *, jobs: int = 1, progress: Progress | None = None) -> Summary:
    """The main job.

    Writes `graph.nq`, `report.ttl`, `findings.csv`, `verdicts.ttl`, `verdicts.csv`, `report.html` and `summary.json` to
    the folder `out`: each beside, and when all are whole, renamed. The same input gives the same bytes.

    Args:
        jobs: how many processes.
        progress: told how far it is.

    Raises:
        InputError: something cannot be read or written.
        OntologyError: a theory is wrong.
        EngineError: an engine, or a process, failed.
    """
    made = _Run(paths, job, jobs, progress or untold)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(unwritten(error), out) from error
    with ExitStack() as files:
        beside = {name: files.enter_context(replacing(out / name)) for name in WRITTEN}
        made.judge(beside["graph.nq"], beside["verdicts.ttl"])
        made.write(beside)
    return made.summary


def facts_of(
    sources: Sequence[Source], job: Job, *, room: int | None = None, jobs: int = 1, progress: Progress | None = None
) -> tuple[Facts, About, Summary]:
    """Judge some data for a report, and write nothing.

    Args:
        room: how many incidents are told in detail.

    Returns:
        What `kgtools.report.write_report` needs, and what was found.

    Raises:
        As `run`.
    """
    made = _Run(sources, job, jobs, progress or untold, room)
    made.judge()
    return made.facts, made.about(), made.summary


def untold(step: str, done: int, of: int) -> None:
    """Nobody asked how far it is."""


class _Run:
    """A run, at work: what is to be judged is read at once.

    Args:
        room: how many incidents the report tells in detail.
    """

    def __init__(
        self, sources: Sequence[Source], job: Job, jobs: int, progress: Progress, room: int | None = None
    ) -> None:
        from kgtools.report import ROOM, Facts

        self.job, self.jobs, self.progress = job, jobs, progress
        self.room = ROOM if room is None else room
        self.summary = Summary(coders=job.coders)
        self.facts = Facts(self.room)
        progress("reading", 0, 0)
        self.bundles = job.read(sources)

    def judge(self, graph: IO[bytes] | None = None, assessments: IO[bytes] | None = None) -> None:
        """Do all that is done chunk by chunk.

        Args:
            graph: where quads go.
            assessments: where the verdicts go as RDF.
        """
        _ = self.job.questions, self.job.named  # worked out once, before processes get a copy
        if graph is not None:
            put_lines(graph, lift_terms(self.job.vocabulary))
            for bundle in self.bundles:
                put_lines(graph, [*lift_frame(bundle), *lift_codebook(bundle, self.job.vocabulary)])
        if assessments is not None:
            assessments.write(prefix_lines())
        done, of = 0, sum(bundle.count() for bundle in self.bundles)
        for outcome in spread(work, self._tasks(), self.job, self.jobs):
            if graph is not None:
                graph.write(outcome.quads)
            if assessments is not None:
                assessments.write(outcome.assessments)
            self._take(outcome)
            done += outcome.incidents
            self.progress("judging", done, of)
        self.summary.tally.findings = Counter(finding.severity for finding in self.summary.found)

    def _tasks(self) -> Iterator[Task]:
        from kgtools.report import beside_one_another

        told = 0
        for bundle in self.bundles:
            frame = lift_frame(bundle)
            prefix = bundle.name if len(self.bundles) > 1 else ""
            self.summary.found.add(pack(told_apart(bundle.findings, prefix), finding_key))
            self.summary.bundles.append(
                {
                    "name": bundle.name,
                    "iri": bundle.iri,
                    "rows_read": bundle.rows_read,
                    "rows_taken": bundle.rows_taken,
                    "incidents": bundle.count(),
                    "coders": bundle.coders(),
                }
            )
            found: dict[str, list[Finding]] = {}
            for finding in bundle.findings:
                found.setdefault(finding.incident, []).append(finding)
            beside = beside_one_another(bundle.coders(), self.job.coders)
            lost = left_out(bundle)
            for chunk in bundle.chunks():
                room = max(0, self.room - told)
                told += len(chunk.incidents)
                read = [one for incident in chunk.incidents for one in found.get(incident.id, ())] if room else []
                yield Task(chunk, frame, prefix, beside if room else (), room, read, lost_in(chunk, lost))

    def _take(self, outcome: Outcome) -> None:
        self.summary.found.add(outcome.findings)
        self.summary.said.add(outcome.verdicts)
        self.summary.tally.add(outcome.tally)
        self.facts.add(outcome.facts)

    def about(self) -> About:
        """What the report is about."""
        from kgtools.agreement.estimates import compared
        from kgtools.report import About, Found, Source
        from kgtools.report.agreed import CODES

        sources = tuple(map(Source.of, self.bundles))
        agreement = (
            compared(self.bundles, most=CODES) if len({name for one in sources for name in one.coders}) > 1 else None
        )
        return About(
            sources,
            tuple(self.job.theories),
            self.job.coders,
            Found.of(self.summary.found),
            agreement=agreement if agreement is not None and agreement.codes else None,
        )

    def write(self, files: dict[str, IO[bytes]]) -> None:
        """Write what needs the whole job."""
        from kgtools.report import write_report
        from kgtools.validate import write_report_graph

        self.progress("writing", 0, 0)
        write_report_graph(self.summary.found, files["report.ttl"], conforms=not self.summary.findings.total())
        _table(self.summary.found, FINDING_COLUMNS, files["findings.csv"])
        _table(self.summary.said, VERDICT_COLUMNS, files["verdicts.csv"])
        write_report(self.facts, self.about(), files["report.html"])
        text = json.dumps(self.summary.as_json(), indent=1, ensure_ascii=False) + "\n"
        files["summary.json"].write(text.encode())


def _table(records: Iterable[Finding | Verdict], columns: Sequence[str], file: IO[bytes]) -> None:
    text = TextIOWrapper(file, "utf-8", newline="", write_through=True)
    write_csv(records, columns, text)
    text.detach()
