"""The page: facts and what they are about go in, what the templates lay out comes out, each section as values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from kgtools.model import SEVERITIES, Finding
from kgtools.report.about import About
from kgtools.report.agreed import AgreedCodes
from kgtools.report.facts import Facts, Few, Pair
from kgtools.report.marks import Piece
from kgtools.report.pictures import DIRECTIONS, PARTS, Side, duality, flow, perspective_name, picture, sides
from kgtools.report.place import DIMENSIONS, UNRECORDED, UnitName, anchored
from kgtools.report.told import ToldChain, ToldVerdict, told_chains
from kgtools.theory import Implication, Proposition, Theory
from kgtools.vocabulary import local

if TYPE_CHECKING:
    from kgtools.report.compared import Difference

SAID = ("supports", "mixed", "contradicts")
MOST = 25
"""How many values of one dimension, or kinds of pairs, are told: the most frequent ones."""


@dataclass(frozen=True)
class Judged:
    """A proposition with its verdicts: how many of each verdict and grade, and which units."""

    theory: Theory
    proposition: Proposition
    counts: dict[str, int]
    units: dict[str, Few[UnitName]]

    @property
    def total(self) -> int:
        """How many units say something of it."""
        return sum(few.count for few in self.units.values())


@dataclass(frozen=True)
class Setting:
    """A value of a dimension: how many incidents have it, and the verdicts in it, by theory."""

    value: str
    incidents: int
    verdicts: dict[str, dict[str, int]]


@dataclass(frozen=True)
class Bound:
    """A proposition that units in settings of one kind alone support, though incidents of others are there."""

    proposition: str
    supports: int
    only: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class PairKind:
    """Propositions of which one is supported and the other is not, on the same evidence, and where."""

    supports: str
    verdict: str
    other: str
    pairs: Few[Pair]


@dataclass(frozen=True)
class FoundShape:
    """What one shape found: how much, and the first of it."""

    severity: str
    shape: str
    count: int
    first: tuple[Finding, ...]


class Page:
    """What the templates ask for."""

    def __init__(self, facts: Facts, about: About) -> None:
        self.facts, self.about = facts, about
        self.several = len(about.bundles) > 1
        self.parts = PARTS
        self.directions = DIRECTIONS
        self.dimensions = DIMENSIONS

    # Names

    @property
    def name(self) -> str:
        """What the page is called."""
        names = [source.name for source in self.about.bundles]
        return ", ".join(names) if len(names) <= 4 else f"{', '.join(names[:3])} and {len(names) - 3} more bundles"

    def unit(self, unit: UnitName) -> str:
        """A unit as it is called on the page."""
        return f"{unit.bundle}/{unit.id}" if self.several else unit.id

    def anchor(self, unit: UnitName) -> str:
        """Where a unit is told on the page; empty where it is not."""
        name = ":".join(anchored(part) for part in ((unit.bundle, unit.id) if self.several else (unit.id,)))
        return f"{'chain' if unit.chain else 'incident'}:{name}" if unit in self._told else ""

    @cached_property
    def _told(self) -> frozenset[UnitName]:
        incidents = {UnitName(one.bundle, one.incident.id) for one in self.facts.shown}
        heads = {UnitName(one.bundle, one.incident.chain, chain=True) for one in self.facts.shown}
        return frozenset(incidents | heads)

    def perspective(self, iri: str) -> str:
        """A perspective by name."""
        return perspective_name(iri)

    # What was read

    @property
    def incidents(self) -> int:
        return self.facts.counts["incidents"]

    @property
    def verdict_count(self) -> int:
        """How many verdicts say something."""
        return sum(few.count for few in self.facts.units.values())

    def caveat(self, name: str) -> int:
        """How many verdicts a caveat is on: `inferred`, `own` or `attributed`."""
        return sum(count for (each, _), count in self.facts.caveats.items() if each == name)

    @cached_property
    def coders(self) -> list[str]:
        """All coders by name."""
        return sorted({coder for source in self.about.bundles for coder in source.coders})

    def codes(self, shape: str) -> list[Finding]:
        """Codes left out on purpose (`code:left-out`), or mapped to nothing (`code:unmapped`)."""
        return [one for (_, each), kept in self.about.found.first.items() if each == shape for one in kept]

    def codes_more(self, shape: str) -> int:
        """How many findings on codes are not among `codes`."""
        return sum(n for (_, each), n in self.about.found.counts.items() if each == shape) - len(self.codes(shape))

    @cached_property
    def findings(self) -> list[FoundShape]:
        """Findings by severity and shape, the most severe and most frequent first."""
        found = self.about.found
        order = sorted(found.counts, key=lambda key: (SEVERITIES.index(key[0]), -found.counts[key], key[1]))
        return [FoundShape(*key, found.counts[key], tuple(found.first[key][: found.most])) for key in order]

    # Propositions

    @cached_property
    def judged(self) -> dict[str, list[Judged]]:
        """The propositions by theory."""
        return {theory.id: [self._judged(theory, one) for one in theory.propositions] for theory in self.about.theories}

    def _judged(self, theory: Theory, proposition: Proposition) -> Judged:
        key = (theory.id, proposition.id)
        counts = {name: self.facts.verdicts[*key, *kind] for kind, name in PARTS.items()}
        units = {said: self.facts.units.get((*key, said), Few(0)) for said in SAID}
        return Judged(theory, proposition, counts, units)

    @cached_property
    def by_id(self) -> dict[str, Judged]:
        """All propositions by id."""
        return {one.proposition.id: one for group in self.judged.values() for one in group}

    def picture(self, theory: Theory) -> str:
        """A theory's propositions by verdict and grade."""
        return picture(self.facts, [theory])

    @cached_property
    def sides(self) -> list[Side]:
        """Verdicts by perspective and direction."""
        return sides(self.facts, self.about.theories)

    @property
    def duality(self) -> str:
        return duality(self.sides)

    @property
    def undirected(self) -> int:
        """How many verdicts are on propositions that claim neither gain nor loss."""
        return sum(one.supports + one.mixed + one.contradicts for one in self.sides if one.direction == "either")

    @cached_property
    def chain_propositions(self) -> list[Judged]:
        return [one for one in self.by_id.values() if one.proposition.of_chains]

    def flow(self, one: Judged) -> str:
        return flow(self.facts, one.proposition)

    def slot_count(self, one: Judged, slot: str, sign: str) -> int:
        """In how many units a slot is `filled`, or `opposed`."""
        return self.facts.slots[one.theory.id, one.proposition.id, slot, sign]

    def rests_on(self, implication: Implication) -> list[Judged]:
        """The propositions that an implication rests on."""
        return [one for one in self.by_id.values() if one.proposition.iri in implication.rests_on]

    def pairs(self, shared: str) -> list[PairKind]:
        """Pairs of verdicts that share a `condition`, or other `evidence` only; the most frequent kinds first."""
        kinds = [
            PairKind(supports, verdict, other, few)
            for (both, _, supports, _, other, verdict), few in self.facts.pairs.items()
            if both == shared
        ]
        return sorted(kinds, key=lambda one: (-one.pairs.count, one.supports, one.other, one.verdict))

    # Elsewhere

    def settings(self, dimension: str) -> list[Setting]:
        """The values of a dimension, most frequent first, what is not recorded last."""
        values = {value for each, value in self.facts.settings if each == dimension}
        values |= {key[1] for key in self.facts.elsewhere if key[0] == dimension}
        counted = self.facts.settings
        made = []
        for value in sorted(values, key=lambda value: (value == UNRECORDED, -counted[dimension, value], value)):
            verdicts = {theory.id: dict.fromkeys(SAID, 0) for theory in self.about.theories}
            for theory, said, count in self._by_place.get((dimension, value), ()):
                verdicts[theory][said] += count
            made.append(Setting(value, counted[dimension, value], verdicts))
        return made

    @cached_property
    def _by_place(self) -> dict[tuple[str, str], list[tuple[str, str, int]]]:
        grouped: dict[tuple[str, str], list[tuple[str, str, int]]] = {}
        for (dimension, value, theory, _, said), count in self.facts.elsewhere.items():
            grouped.setdefault((dimension, value), []).append((theory, said, count))
        return grouped

    @property
    def most(self) -> int:
        return MOST

    @cached_property
    def bound(self) -> list[Bound]:
        """Propositions that two units or more support, all of them where a dimension has one and the same value.

        Only recorded values of dimensions that have more than one in the data are taken: else there is no elsewhere.
        """
        recorded: dict[str, set[str]] = {}
        for dimension, value in self.facts.settings:
            if value != UNRECORDED:
                recorded.setdefault(dimension, set()).add(value)
        supported: dict[str, dict[str, set[str]]] = {}
        for dimension, value, _, proposition, said in self.facts.elsewhere:
            if said == "supports":
                supported.setdefault(proposition, {}).setdefault(dimension, set()).add(value)
        made = []
        for id, one in self.by_id.items():
            only = [
                (dimension, next(iter(values)))
                for dimension, values in sorted(supported.get(id, {}).items())
                if len(values) == 1 and len(recorded.get(dimension, ())) > 1 and values <= recorded[dimension]
            ]
            if only and one.units["supports"].count > 1:
                made.append(Bound(id, one.units["supports"].count, tuple(only)))
        return made

    # Coders

    @cached_property
    def agreed(self) -> AgreedCodes | None:
        """How far coders agree in their codes; None where no two coded the same incident."""
        return None if self.about.agreement is None else AgreedCodes(self.about.agreement)

    @property
    def kinds(self) -> dict[str, dict[str, int]]:
        """How single coders' verdicts compare, by theory."""
        return {
            theory.id: {kind: self.facts.kinds[theory.id, kind] for kind in ("alike", "some", "contrary", "together")}
            for theory in self.about.theories
        }

    @property
    def differences(self) -> Sequence[Difference]:
        return self.facts.differences.first

    @cached_property
    def sets(self) -> list[tuple[str, str, int]]:
        """What verdicts for `any` become for `all`, with how many: only those that change."""
        joined: dict[tuple[str, str], int] = {}
        for (_, any_, all_), count in self.facts.sets.items():
            if any_ != all_:
                joined[any_, all_] = joined.get((any_, all_), 0) + count
        return [(*key, count) for key, count in sorted(joined.items())]

    @property
    def sets_same(self) -> int:
        """How many verdicts are the same for `any` and for `all`."""
        return sum(count for (_, any_, all_), count in self.facts.sets.items() if any_ == all_)

    # Incidents

    @cached_property
    def chains(self) -> list[ToldChain]:
        """The incidents told in detail, chain by chain."""
        return told_chains(self)

    @property
    def verdicts(self) -> Iterable[tuple[str, ToldVerdict]]:
        """The verdicts on the units told in detail, each with the anchor of its unit."""
        for chain in self.chains:
            for verdict in chain.verdicts:
                yield chain.anchor, verdict
            for told in chain.incidents:
                for verdict in told.verdicts:
                    yield told.anchor, verdict

    @cached_property
    def verdicts_shown(self) -> int:
        return sum(1 for _ in self.verdicts)

    def strokes(self, piece: Piece) -> list[int]:
        """The numbers of the coders who marked a piece of text, which say how it is underlined."""
        coders = {coding.coder for segment in piece.covered_by for coding in segment.codings}
        return sorted(self.stroke(coder) for coder in coders)

    def stroke(self, coder: str | None) -> int:
        """The number of a coder's underline; the fifth coder begins anew, and rows without a name have their own."""
        return self.coders.index(coder) % 4 if coder in self.coders else 4

    def word(self, iri: str) -> str:
        """The last part of an IRI."""
        return local(iri)
