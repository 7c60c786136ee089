"""Facts: chunks with their verdicts go in, what the report says of a run comes out, counted and cut to a size.

Why: a run has up to some hundred thousand incidents, in chunks and in several processes. So the facts of a chunk are a
value that can be pickled and added to those of the chunk before. Everything is counted; what is told one by one (units,
pairs, incidents) is kept as long as it is among the first so many. Chains are taken in the order of their first
incidents, so that it does not matter where a run was cut.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from kgtools.derive import SAYING
from kgtools.model import CODER_SETS, Actor, Coding, Element, Finding, Incident, Verdict, elements
from kgtools.report.attributed import attributed
from kgtools.report.compared import Comparison, Difference, compared
from kgtools.report.place import DIMENSIONS, UnitName, place_of
from kgtools.write import sorted_findings

if TYPE_CHECKING:
    from kgtools.pipeline import Job
    from kgtools.read import Chunk
    from kgtools.theory import Proposition
    from kgtools.view import View

Item = TypeVar("Item")
Key = TypeVar("Key")
Direction = Literal["co-creation", "co-destruction", "either"]

UNITS, PAIRS, DIFFERENCES = 40, 12, 100
"""How many units are named a proposition and verdict, how many pairs of a kind, and how many differences of coders."""


@dataclass
class Few(Generic[Item]):
    """The first few of something, and how many there are."""

    most: int
    count: int = 0
    first: list[Item] = field(default_factory=list)

    def put(self, item: Item) -> None:
        """One more."""
        self.count += 1
        if len(self.first) < self.most:
            self.first.append(item)

    def add(self, other: Few[Item]) -> None:
        """All of another, which come after."""
        self.count += other.count
        self.first += other.first[: self.most - len(self.first)]

    @property
    def more(self) -> int:
        """How many are not among the first."""
        return self.count - len(self.first)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two verdicts that share evidence: one supports its proposition, the other does not (quite) support its own."""

    supports: UnitName
    other: UnitName
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A verdict, and the coders whose own codings yield the same; None where coders were not compared."""

    verdict: Verdict
    alone: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Shown:
    """An incident told in detail: what was read of it, and what came of it.

    Args:
        bundle: the name of its bundle.
        uncounted: IRIs of the elements that some slot asks for and that do not count for the coders asked for.
        verdicts: what it says, sorted.
        of_chain: what its chain says, sorted; of a chain's first incident only.
        findings: what was found in it.
        actors: those whom it names, by name.
    """

    bundle: str
    incident: Incident
    codings: tuple[Coding, ...]
    uncounted: frozenset[str]
    verdicts: tuple[Said, ...]
    of_chain: tuple[Said, ...]
    findings: tuple[Finding, ...]
    actors: tuple[Actor, ...]


@dataclass
class Facts:
    """What the report says of some whole chains. Keys hold ids: theory, proposition, verdict, grade, slot.

    Attributes:
        room: how many incidents are kept in detail.
        counts: of `incidents`, `chains` (of two incidents or more), `elements`, `absences`; of `speaking incidents` and
            `speaking chains`, which say something; of incidents whose coders were `compared`.
        verdicts: by theory, proposition, verdict and grade.
        caveats: verdicts on inference alone (`inferred`), on the theory's own corpus (`own`), with an attributed
            outcome (`attributed`), by that and theory.
        slots: units that fill or oppose a slot, by theory, proposition, slot and which of the two.
        beneath: elements that stand under supporting verdicts, by theory, perspective and direction.
        settings: incidents by a dimension of where they happened, and its value.
        elsewhere: verdicts by dimension, value, theory, proposition and verdict.
        units: which units, by theory, proposition and verdict.
        pairs: verdicts that share evidence, by whether that is a `condition` (an element that stands in an antecedent
            slot of both) or other `evidence` only; theory and proposition of both, and the verdict of the other.
        kinds: how single coders' verdicts compare, by theory and `Comparison`.
        sets: verdicts for `any` and for `all`, by theory and both.
        differences: what single coders' own codings yield differently.
        shown: the incidents in detail.
    """

    room: int
    counts: Counter[str] = field(default_factory=Counter)
    verdicts: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    caveats: Counter[tuple[str, str]] = field(default_factory=Counter)
    slots: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    beneath: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    settings: Counter[tuple[str, str]] = field(default_factory=Counter)
    elsewhere: Counter[tuple[str, str, str, str, str]] = field(default_factory=Counter)
    units: dict[tuple[str, str, str], Few[UnitName]] = field(default_factory=dict)
    pairs: dict[tuple[str, str, str, str, str, str], Few[Pair]] = field(default_factory=dict)
    kinds: Counter[tuple[str, Comparison]] = field(default_factory=Counter)
    sets: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    differences: Few[Difference] = field(default_factory=lambda: Few(DIFFERENCES))
    shown: list[Shown] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        chunk: Chunk,
        seen: View,
        verdicts: Sequence[Verdict],
        by_coder: Mapping[str, Sequence[Verdict]],
        findings: Sequence[Finding],
        job: Job,
        room: int,
    ) -> Facts:
        """The facts of a chunk.

        Args:
            chunk: whole chains.
            seen: their view for the job's coders.
            verdicts: what is derived from it, units named as in the chunk.
            by_coder: the verdicts of each single coder by name, and where at hand those of `any` and of `all`; empty
                where coders are not to be compared.
            findings: what was found in these incidents, to be told with them.
            job: the theories, the vocabulary and the coders asked for.
            room: how many incidents may be kept in detail.
        """
        made = cls(room)
        return _Gathering(made, chunk, seen, job).run(verdicts, by_coder, findings)

    def add(self, other: Facts) -> None:
        """Take in the facts of the chunk that comes after."""
        for name in _COUNTERS:
            getattr(self, name).update(getattr(other, name))
        _join(self.units, other.units)
        _join(self.pairs, other.pairs)
        self.differences.add(other.differences)
        self.shown += other.shown[: self.room - len(self.shown)]


_COUNTERS = ("counts", "verdicts", "caveats", "slots", "beneath", "settings", "elsewhere", "kinds", "sets")


def _join(mine: dict[Key, Few[Item]], theirs: Mapping[Key, Few[Item]]) -> None:
    for key, few in theirs.items():
        mine.setdefault(key, Few(few.most)).add(few)


def direction(proposition: Proposition) -> Direction:
    """What a proposition speaks of: gain, where some consequence must be positive; loss, where some must be negative.

    One that asks for neither, or for both, speaks of either.
    """
    asked = {(slot.valence or "").rpartition("#")[2] for slot in proposition.consequents} & {"positive", "negative"}
    if len(asked) != 1:
        return "either"
    return "co-creation" if asked == {"positive"} else "co-destruction"


@dataclass
class _Gathering:
    """One chunk, at work."""

    made: Facts
    chunk: Chunk
    seen: View
    job: Job

    def __post_init__(self) -> None:
        self.propositions = {
            (theory.id, proposition.id): proposition
            for theory in self.job.theories
            for proposition in theory.propositions
        }

    def run(
        self, verdicts: Sequence[Verdict], by_coder: Mapping[str, Sequence[Verdict]], findings: Sequence[Finding]
    ) -> Facts:
        chains: dict[str, list[Incident]] = {}
        for incident in self.chunk.incidents:
            chains.setdefault(incident.chain, []).append(incident)
        root_of = {incident.id: incident.chain for incident in self.chunk.incidents}

        def by_chain(said: Iterable[Verdict]) -> dict[str, list[Verdict]]:
            grouped: dict[str, list[Verdict]] = {}
            for verdict in said:
                root = verdict.unit if verdict.unit_type == "chain" else root_of[verdict.unit]
                grouped.setdefault(root, []).append(verdict)
            return grouped

        found: dict[str, list[Finding]] = {}
        for finding in findings:
            found.setdefault(finding.incident, []).append(finding)
        said, apart = by_chain(verdicts), {name: by_chain(those) for name, those in by_coder.items()}
        for root, members in chains.items():
            judged = _in_order(said.get(root, ()), members)
            self._count(members, judged)
            self._pairs(judged)
            singles = {name: those.get(root, []) for name, those in apart.items()}
            if by_coder:
                self.made.counts["compared"] += len(members)
                self._compare(members, judged, singles)
            self._tell(members, judged, singles, found)
        return self.made

    def _name(self, verdict: Verdict) -> UnitName:
        return UnitName(self.chunk.name, verdict.unit, verdict.unit_type == "chain")

    def _count(self, members: Sequence[Incident], judged: Sequence[Verdict]) -> None:
        made = self.made
        made.counts["incidents"] += len(members)
        made.counts["chains"] += len(members) > 1
        places = {incident.id: [place_of([incident], dimension) for dimension in DIMENSIONS] for incident in members}
        of_all = [place_of(members, dimension) for dimension in DIMENSIONS]
        for incident in members:
            made.settings.update(zip(DIMENSIONS, places[incident.id], strict=True))
            for element in elements(incident, self.chunk.codings[incident.id]):
                made.counts["absences" if element.absent else "elements"] += 1
        members_by_id = {incident.id: incident for incident in members}
        beneath: dict[tuple[str, str, str], set[str]] = {}
        speaking: set[tuple[str, str]] = set()
        for verdict in judged:
            key = (verdict.theory, verdict.proposition)
            made.verdicts[*key, verdict.verdict, verdict.grade] += 1
            if verdict.verdict not in SAYING:
                continue
            speaking.add((verdict.unit_type, verdict.unit))
            proposition = self.propositions[key]
            where = of_all if verdict.unit_type == "chain" else places[verdict.unit]
            made.units.setdefault((*key, verdict.verdict), Few(UNITS)).put(self._name(verdict))
            for dimension, value in zip(DIMENSIONS, where, strict=True):
                made.elsewhere[dimension, value, *key, verdict.verdict] += 1
            for slot, opposes in {(use.slot, use.opposes) for use in verdict.uses}:
                made.slots[*key, slot, "opposed" if opposes else "filled"] += 1
            made.caveats["inferred", verdict.theory] += verdict.inferred_alone
            made.caveats["own", verdict.theory] += verdict.own_corpus
            evidence = [self.seen.elements[iri] for iri in verdict.evidence_iris]
            made.caveats["attributed", verdict.theory] += any(
                attributed(element, members_by_id, self.chunk.actors, self.job.vocabulary) for element in evidence
            )
            if verdict.verdict == "supports":
                under = (verdict.theory, proposition.perspective, direction(proposition))
                beneath.setdefault(under, set()).update(verdict.evidence_iris)
        made.beneath.update({under: len(iris) for under, iris in beneath.items()})
        for unit_type, _ in speaking:
            made.counts[f"speaking {unit_type}s"] += 1

    def _pairs(self, judged: Sequence[Verdict]) -> None:
        """Which verdicts of a chain share an element, where one supports and the other does not."""
        others = [verdict for verdict in judged if verdict.verdict in ("contradicts", "mixed")]
        for one in judged if others else ():
            if one.verdict != "supports":
                continue
            mine = set(one.evidence_iris)
            for other in others:
                shared = [self.seen.elements[iri] for iri in other.evidence_iris if iri in mine]
                if shared:
                    both = "condition" if self._conditions(one) & self._conditions(other) else "evidence"
                    key = (both, one.theory, one.proposition, other.theory, other.proposition, other.verdict)
                    pair = Pair(self._name(one), self._name(other), tuple(sorted({_called(each) for each in shared})))
                    self.made.pairs.setdefault(key, Few(PAIRS)).put(pair)

    def _conditions(self, verdict: Verdict) -> set[str]:
        """The elements that stand in its antecedent slots."""
        slots = self.propositions[verdict.theory, verdict.proposition].by_id
        return {use.element for use in verdict.uses if not use.opposes and slots[use.slot].role == "antecedent"}

    def _compare(
        self, members: Sequence[Incident], judged: Sequence[Verdict], singles: Mapping[str, Sequence[Verdict]]
    ) -> None:
        """What the coders of a chain, each taken alone, yield for its units."""
        coders = {
            incident.id: {coding.coder for coding in self.chunk.codings[incident.id] if coding.coder is not None}
            for incident in members
        }
        said = {self.job.coders: judged, **singles} if self.job.coders in CODER_SETS else dict(singles)
        for theory, kind, both, difference in compared(said, self.job.coders, coders, self.chunk.name, members):
            if kind is not None:
                self.made.kinds[theory, kind] += 1
            if both is not None:
                self.made.sets[theory, *both] += 1
            if difference is not None:
                self.made.differences.put(difference)

    def _tell(
        self,
        members: Sequence[Incident],
        judged: Sequence[Verdict],
        singles: Mapping[str, Sequence[Verdict]],
        found: Mapping[str, Sequence[Finding]],
    ) -> None:
        """Keep the incidents in detail as long as there is room."""
        made = self.made
        yielded: dict[tuple[str, str, str], list[str]] = {}
        for coder, verdicts in singles.items():
            for one in verdicts if coder not in CODER_SETS else ():
                yielded.setdefault((one.unit_iri, one.proposition_iri, one.verdict), []).append(coder)
        said = [
            Said(
                one,
                tuple(sorted(yielded.get((one.unit_iri, one.proposition_iri, one.verdict), ()))) if singles else None,
            )
            for one in judged
            if one.verdict in SAYING
        ]
        for at, incident in enumerate(members[: made.room - len(made.shown)]):
            codings = self.chunk.codings[incident.id]
            made.shown.append(
                Shown(
                    bundle=self.chunk.name,
                    incident=incident,
                    codings=codings,
                    uncounted=frozenset(self._uncounted(elements(incident, codings))),
                    verdicts=tuple(one for one in said if one.verdict.unit_iri == incident.iri),
                    of_chain=tuple(one for one in said if one.verdict.unit_type == "chain" and at == 0),
                    findings=tuple(sorted_findings(found.get(incident.id, ()))),
                    actors=tuple(self._actors(incident, codings)),
                )
            )

    def _uncounted(self, present: Iterable[Element]) -> Iterator[str]:
        named, above = self.job.named, self.job.vocabulary.above
        for element in present:
            asked = named.absences if element.absent else named.elements
            wanted = (
                any(element.term in above(name) for name in asked)
                if element.absent
                else not asked.isdisjoint(above(element.term))
            )
            if wanted and element.iri not in self.seen.elements:
                yield element.iri

    def _actors(self, incident: Incident, codings: Iterable[Coding]) -> Iterator[Actor]:
        names = {incident.told_by, *(name for coding in codings for name in (coding.bearer, coding.toward))}
        return (self.chunk.actors[name] for name in sorted(name for name in names if name in self.chunk.actors))


def _in_order(verdicts: Iterable[Verdict], members: Sequence[Incident]) -> list[Verdict]:
    """The verdicts on a chain, then those on its incidents in their order; each by theory and proposition."""
    at = {incident.id: number for number, incident in enumerate(members)}
    return sorted(
        verdicts,
        key=lambda one: (
            one.unit_type,
            at[one.unit] if one.unit_type == "incident" else 0,
            one.theory,
            one.proposition,
        ),
    )


def _called(element: Element) -> str:
    """An element in a word or two: its class, and its name or valence where it has one."""
    said = element.term.rpartition("#")[2].rpartition("/")[2]
    return f"{said} ({element.name or element.valence})" if element.name or element.valence else said
