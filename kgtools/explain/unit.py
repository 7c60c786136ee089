"""A unit: a chain and an incident of it go in; what bears on its verdict, and the verdict, come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kgtools.derive import Question, derive
from kgtools.errors import OntologyError
from kgtools.model import Incident, Verdict
from kgtools.pipeline import Job
from kgtools.read import Chunk
from kgtools.view import View, view


def judged(chunk: Chunk, coders: str, question: Question, job: Job, incident: str) -> tuple[View, Verdict]:
    """The view of a chain for some coders, and what the chain, or an incident of it, says of one proposition.

    For a proposition on incidents the view may lack what is coded of the others.
    """
    if not question.proposition.of_chains:
        chunk = by_itself(chunk, incident)
    seen = view(chunk, coders, job.vocabulary, job.named)
    for verdict in derive(seen, coders, [question], every=True):
        if question.proposition.of_chains or verdict.unit == incident:
            return seen, verdict
    raise OntologyError(
        f"the query of {question.proposition.id} has no row for `{incident}`; it needs one for any unit"
    )


def by_itself(chunk: Chunk, incident: str) -> Chunk:
    """An incident without its chain, if nothing in the chain bears on what it says itself, else the chunk as it is.

    Why: a view of a long chain takes long. Of the others an incident has its teller only, unless links lead into it.
    """
    ids = {coding.id for coding in chunk.codings.get(incident, ())}
    for id, codings in chunk.codings.items():
        if id != incident and any(not ids.isdisjoint(coding.leads_to) for coding in codings):
            return chunk
    by_id = {one.id: one for one in chunk.incidents}
    this = one = by_id[incident]
    while one.told_by is None and one.follows is not None:
        one = by_id[one.follows]
    this = replace(this, follows=None, told_by=one.told_by)
    return replace(chunk, incidents=(this,), codings={incident: chunk.codings.get(incident, ())})


def in_line(incidents: Sequence[Incident]) -> list[Incident]:
    """The incidents of a chain, each after the one that it follows; a branch is told to its end before the next."""
    after: dict[str | None, list[Incident]] = {}
    for one in incidents:
        after.setdefault(one.follows, []).append(one)
    waiting, line = [*reversed(after.get(None, ()))], []
    while waiting:
        one = waiting.pop()
        line.append(one)
        waiting += reversed(after.get(one.id, ()))
    return line
