"""The cross-check: data goes in by its paths; the incidents that fill each proposition come out, by two routes.

One route is the queries', over the view. The other is a reasoner's: each proposition that can be is an OWL class of
incidents (`kgtools.expression`), and HermiT says which are its instances (DESIGN 5). What the two share, and what they
do not, stands in `kgtools.expression.facts`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kgtools.derive import derive
from kgtools.expression import Expression, NoExpression, expression_of
from kgtools.expression.facts import definitions, facts
from kgtools.model import Verdict
from kgtools.pipeline.job import Job
from kgtools.read import Chunk
from kgtools.read.bundle import CHUNK
from kgtools.theory import Proposition
from kgtools.view import view


@dataclass(frozen=True)
class Checked:
    """A proposition, and the incidents that fill all of its slots, as each route has them.

    Args:
        proposition: its id, or what its expression is called.
        reason: why it has no OWL class expression; empty where it has one.
        queried: what the query finds, as incidents are called, sorted.
        reasoned: what the reasoner finds.
    """

    proposition: str
    reason: str = ""
    queried: tuple[str, ...] = ()
    reasoned: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether both routes find the same."""
        return self.queried == self.reasoned

    @property
    def only_queried(self) -> tuple[str, ...]:
        """The incidents that only the query finds."""
        return tuple(sorted({*self.queried} - {*self.reasoned}))

    @property
    def only_reasoned(self) -> tuple[str, ...]:
        """The incidents that only the reasoner finds."""
        return tuple(sorted({*self.reasoned} - {*self.queried}))


def expressions(job: Job) -> dict[str, Expression | NoExpression]:
    """The class expression of each proposition of a job's theories, by id, or why there is none."""
    return {
        proposition.id: expression_of(proposition, job.vocabulary)
        for theory in job.theories
        for proposition in theory.propositions
    }


def crosscheck(paths: Sequence[Path], job: Job, *, seconds: float | None = None) -> list[Checked]:
    """Both routes on some data, for the job's coders and theories.

    Args:
        paths: bundles, or RDF.
        seconds: how long the reasoner may take for some hundred incidents; None for its own limit.

    Returns:
        Every proposition, in the order of the theories.

    Raises:
        NoIncidentError: some RDF holds none.
        InputError: something cannot be read as incidents.
        EngineError: there is no Java, or the reasoner fails.
    """
    work = Crosscheck(job, expressions(job), seconds=seconds)
    bundles = job.read(paths)
    for bundle in bundles:
        for chunk in bundle.chunks():
            work.add(chunk, job.coders, f"{bundle.name}/" if len(bundles) > 1 else "")
    return work.checked()


class Crosscheck:
    """Both routes on one chunk after the other; the reasoner is asked of many incidents at once, for it starts anew.

    Args:
        job: its theories are judged.
        expressions: of its propositions, by what they are called.
        most: the reasoner is asked once there are so many incidents.
        seconds: how long it may take then; None for its own limit.
    """

    def __init__(
        self,
        job: Job,
        expressions: Mapping[str, Expression | NoExpression],
        *,
        most: int = CHUNK,
        seconds: float | None = None,
    ) -> None:
        self.job, self.expressions, self.most, self.seconds = job, expressions, most, seconds
        self._asked = {name: one for name, one in expressions.items() if isinstance(one, Expression)}
        ids = {one.proposition.id for one in self._asked.values()}
        self._questions = [one for one in job.questions if one.proposition.id in ids]
        self._propositions = {one.proposition.id: one.proposition for one in self._questions}
        self._denied = {role for one in self._asked.values() for role in one.denied}
        self._lines: list[str] = []
        self._waiting: dict[str, str] = {}
        self._queried: dict[str, set[str]] = {}
        self._reasoned: dict[str, set[str]] = {}

    def add(self, chunk: Chunk, coders: str, prefix: str = "") -> None:
        """Take in a chunk. The IRIs of incidents must differ from those taken in before.

        Args:
            coders: `any`, `majority`, `all`, or one coder's name.
            prefix: what stands before the names of its incidents.
        """
        seen = view(chunk, coders, self.job.vocabulary, self.job.named)
        for verdict in derive(seen, coders, self._questions):
            if fills_all(verdict, self._propositions[verdict.proposition]):
                self._queried.setdefault(verdict.proposition, set()).add(prefix + verdict.unit)
        self._lines += facts(chunk, seen, self._denied, self.job.vocabulary)
        self._waiting |= {incident.iri: prefix + incident.id for incident in chunk.incidents}
        if len(self._waiting) >= self.most:
            self._reason()

    def _reason(self) -> None:
        from kgtools.reason import instances
        from kgtools.reason.runtime import SECONDS

        found = instances(
            [*definitions(self._asked.values()), *self._lines],
            [expression.iri for expression in self._asked.values()],
            further=self.job.theory_files,
            seconds=SECONDS if self.seconds is None else self.seconds,
        )
        for name, expression in self._asked.items():
            incidents = found[expression.iri] & self._waiting.keys()
            self._reasoned.setdefault(name, set()).update(self._waiting[iri] for iri in incidents)
        self._lines, self._waiting = [], {}

    def checked(self) -> list[Checked]:
        """What came of all that was taken in."""
        if self._waiting:
            self._reason()
        return [
            Checked(name, one.reason)
            if isinstance(one, NoExpression)
            else Checked(
                name,
                queried=tuple(sorted(self._queried.get(one.proposition.id, ()))),
                reasoned=tuple(sorted(self._reasoned.get(name, ()))),
            )
            for name, one in self.expressions.items()
        ]


def fills_all(verdict: Verdict, proposition: Proposition) -> bool:
    """Whether a verdict's unit is in scope and fills every slot of the proposition, whatever opposes.

    A scope or a slot that is not met is missing; one that is opposed is not, so what fills each slot is looked at too.
    """
    return not verdict.missing and {*proposition.by_id} <= {use.slot for use in verdict.uses if not use.opposes}
