"""Agreeing: data goes in by its paths; how far its coders agree comes out, in codes and in what these say of theories.

For a proposition, each coder's own codings are judged alone, chunk by chunk, and the verdicts on a unit are compared. A
coder judged an incident who has a row in it, and a chain who has one in each of its incidents. Where a proposition does
not apply, nobody judged: its scope is a fact of the incident, not of its coders.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from kgtools.agreement.coded import NAMED
from kgtools.agreement.estimates import Agreement, Estimate, compared, estimates
from kgtools.agreement.measures import Judged
from kgtools.derive import derive
from kgtools.errors import InputError
from kgtools.model import Finding
from kgtools.pipeline.job import Job
from kgtools.pipeline.processes import spread
from kgtools.pipeline.run import Progress, untold
from kgtools.pipeline.work import told_apart
from kgtools.read import Bundle, Chunk, Source
from kgtools.view import view
from kgtools.write import sorted_findings

BY = ("overall", "code", "proposition")
"""What agreement is worked out by."""

Counts = dict[tuple[str, str], Counter[Judged]]
"""How units were judged, by theory and proposition."""


def agreement_of(
    sources: Sequence[Source],
    job: Job,
    by: Sequence[str] = BY,
    only: Sequence[str] = (),
    *,
    jobs: int = 1,
    progress: Progress | None = None,
) -> tuple[list[Finding], Agreement]:
    """How far the coders of some data agree, and what was found in reading it.

    Args:
        by: some of `BY`.
        only: the coders to compare; else all.
        jobs: how many processes.
        progress: told how far it is.

    Raises:
        InputError: something cannot be read, there is no such coder, no two coders coded the same incident, or they
            found nothing there.
        EngineError: a process failed.
    """
    tell = progress or untold
    tell("reading", 0, 0)
    bundles = job.read(sources)
    _known(bundles, only)
    tell("comparing codes", 0, 0)
    made = compared(bundles, by, only)
    if not made.shared:
        raise InputError("no incident was coded by two of the coders, so there is nothing in which they could agree")
    if not made.codes:
        raise InputError(
            "the coders recorded only absences in the incidents that two of them coded: no code to agree in"
        )
    if "proposition" in by:
        made.estimates += _per_proposition(bundles, job, made.coders, jobs, tell)
    several = len(bundles) > 1
    findings = (told_apart(bundle.findings, bundle.name if several else "") for bundle in bundles)
    return sorted_findings(finding for those in findings for finding in those), made


def _known(bundles: Sequence[Bundle], only: Sequence[str]) -> None:
    coders = sorted({coder for bundle in bundles for coder in bundle.coders()})
    for name in only:
        if name not in coders:
            raise InputError(f"no coder `{name}`; there are {', '.join(coders) or 'none: no row names its coder'}")
    compared = sorted(set(only)) or coders
    if len(compared) < 2:
        who = f"there is only `{compared[0]}`" if compared else "no row names its coder (column `coder`)"
        raise InputError(f"agreement takes two coders or more, and {who}")


def _per_proposition(
    bundles: Sequence[Bundle], job: Job, coders: Sequence[str], jobs: int, tell: Progress
) -> Iterator[Estimate]:
    """How far the verdicts agree that each coder's own codings yield."""
    _ = job.questions, job.named  # worked out once, before processes get a copy
    counts: Counts = {}
    done, of = 0, sum(bundle.count() for bundle in bundles)
    for bundle in bundles:
        for incidents, found in spread(_judged, bundle.chunks(), (job, tuple(coders)), jobs):
            for key, units in found.items():
                counts.setdefault(key, Counter()).update(units)
            done += incidents
            tell("judging for each coder", done, of)
    for theory in job.theories:
        for proposition in theory.propositions:
            unit = "chain" if proposition.of_chains else "incident"
            units = counts.get((theory.id, proposition.id), Counter())
            yield from estimates("proposition", proposition.id, coders, units, unit)


def _judged(chunk: Chunk, context: tuple[Job, Sequence[str]]) -> tuple[int, Counts]:
    """How the units of a chunk that two coders or more judged were judged."""
    job, coders = context
    judges = {id: {one.coder for one in rows if one.coder in coders} for id, rows in chunk.codings.items()}
    chains: dict[str, list[str]] = {}
    for incident in chunk.incidents:
        chains.setdefault(incident.chain, []).append(incident.id)
    whole = {chain: set.intersection(*(judges[id] for id in members)) for chain, members in chains.items()}
    verdicts: dict[tuple[str, str, str, str], dict[str, str]] = {}
    for coder in coders:
        asked = {
            chain
            for chain, members in chains.items()
            if any(coder in judges[id] and len(judges[id]) > 1 for id in members)
        }
        if not asked:
            continue
        incidents = tuple(one for one in chunk.incidents if one.chain in asked)
        part = replace(chunk, incidents=incidents, codings={one.id: chunk.codings[one.id] for one in incidents})
        for one in derive(view(part, coder, job.vocabulary, job.named), coder, job.questions, every=True):
            theirs = whole[one.unit] if one.unit_type == "chain" else judges[one.unit]
            if coder in theirs and len(theirs) > 1 and one.verdict != "not-applicable":
                unit = (one.theory, one.proposition, one.unit_type, one.unit)
                verdicts.setdefault(unit, {})[coder] = one.verdict
    found: Counts = {}
    for (theory, proposition, _, _), said in verdicts.items():
        alone = tuple(said.get(coder) for coder in coders)
        kind = alone if len(coders) <= NAMED else tuple(sorted(filter(None, alone)))
        found.setdefault((theory, proposition), Counter())[kind] += 1
    return len(chunk.incidents), found
