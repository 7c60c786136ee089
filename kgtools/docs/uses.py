"""Uses: terms, propositions, questions and shapes go in; where each term is used, and how it is coded, comes out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from kgtools.docs.terms import Ontology
from kgtools.model import Severity
from kgtools.questions import CompetencyQuestion
from kgtools.read.columns import FROM
from kgtools.sparql import named_in
from kgtools.theory import Proposition, Slot, Theory
from kgtools.vocabulary import EVCO, PREFIXES, Vocabulary, curie, load, local

if TYPE_CHECKING:
    import pyoxigraph as ox

Used = TypeVar("Used")


@dataclass(frozen=True)
class SlotUse:
    """A slot that names a term: as what fills it, or in another way, told in words."""

    proposition: Proposition
    slot: Slot
    how: str


@dataclass(frozen=True)
class ShapeUse:
    """A shape, as the page lists it."""

    id: str
    name: str
    message: str
    severity: Severity
    file: str
    names: frozenset[str]


@dataclass(frozen=True)
class Coded:
    """How a term is written in tables.

    Args:
        column: with its table, such as `codings` and `code`.
        cell: what is written there.
        instead: of a class that is inferred and never coded, what is to be written in its place.
    """

    table: str = ""
    column: str = ""
    cell: str = ""
    instead: str = ""


class Uses:
    """Who uses which term.

    Args:
        shapes: the files of shapes.
    """

    def __init__(
        self,
        ontology: Ontology,
        vocabulary: Vocabulary,
        theories: Sequence[Theory],
        questions: Sequence[CompetencyQuestion],
        shapes: Iterable[Path],
    ) -> None:
        self.ontology, self.vocabulary = ontology, vocabulary
        self.theories, self.questions = theories, questions
        self.shapes = sorted((shape for path in shapes for shape in _shapes(path)), key=lambda one: one.id)

    # Propositions

    @cached_property
    def _slots(self) -> Mapping[str, list[SlotUse]]:
        found: dict[str, list[SlotUse]] = {}
        for theory in self.theories:
            for proposition in theory.propositions:
                for slot in proposition.slots:
                    for how, iris in _named_by(slot).items():
                        for iri in iris:
                            found.setdefault(iri, []).append(SlotUse(proposition, slot, how))
        return found

    def slots(self, iri: str) -> list[SlotUse]:
        """The slots that name a term themselves."""
        return self._slots.get(iri, [])

    def slots_above(self, iri: str) -> list[tuple[str, list[SlotUse]]]:
        """The slots that a class fills as one of a class above it: that class, and its slots."""
        above = self.ontology.sorted(self.vocabulary.above(iri) - {iri})
        return [(one, fills) for one in above if (fills := [use for use in self.slots(one) if use.how == "fills"])]

    @cached_property
    def _framed(self) -> Mapping[str, list[tuple[str, Proposition]]]:
        found: dict[str, list[tuple[str, Proposition]]] = {}
        for theory in self.theories:
            for one in theory.propositions:
                for word, iri in (("scope", one.scope), ("perspective", one.perspective), ("unit", one.unit)):
                    if iri:
                        found.setdefault(iri, []).append((word, one))
        return found

    def framed(self, iri: str) -> dict[str, list[Proposition]]:
        """The propositions that a term is the scope, perspective or unit of."""
        found: dict[str, list[Proposition]] = {}
        for word, proposition in self._framed.get(iri, ()):
            found.setdefault(word, []).append(proposition)
        return found

    @cached_property
    def sparql(self) -> Mapping[str, str]:
        """The query that judges each proposition, by its id."""
        from kgtools.query import query_of

        return {one.id: query_of(one, theory) for theory in self.theories for one in theory.propositions}

    @cached_property
    def _queries(self) -> Mapping[str, list[Proposition]]:
        propositions = {one.id: one for theory in self.theories for one in theory.propositions}
        return _inverted((propositions[id], named_in(text, {})) for id, text in self.sparql.items())

    def queries(self, iri: str) -> list[Proposition]:
        """The propositions whose queries name a term."""
        return self._queries.get(iri, [])

    # Questions and shapes

    @cached_property
    def _asked(self) -> Mapping[str, list[CompetencyQuestion]]:
        return _inverted((one, named_in(one.sparql, {})) for one in self.questions)

    def asked(self, iri: str) -> list[CompetencyQuestion]:
        """The competency questions that name a term."""
        return self._asked.get(iri, [])

    @cached_property
    def _checked(self) -> Mapping[str, list[ShapeUse]]:
        return _inverted((one, one.names) for one in self.shapes)

    def checked(self, iri: str) -> list[ShapeUse]:
        """The shapes that name a term."""
        return self._checked.get(iri, [])

    # Tables

    def coded(self, iri: str) -> list[Coded]:
        """How a term is written in tables; none where tables have no place for it."""
        words = self.vocabulary
        if iri in words.instead:
            return [Coded(instead=words.instead[iri])]
        if iri in words.elements:
            known = local(iri) if words.resolve(local(iri)) == iri else self.ontology.short(iri)
            return [Coded("codings", "code", known)]
        if iri in words.channels:
            return [Coded("incidents", "channel", local(iri))]
        if iri in words.roles.values():
            word = words.notations[iri]
            return [Coded("actors", "role", word), Coded("codings", "bearer", word), Coded("codings", "toward", word)]
        name = curie(iri)
        columns = [Coded(table, names[name]) for table, names in FROM.items() if name in names]
        return columns or [
            Coded(table, column, words.notations.get(iri) or local(iri))
            for table, names in FROM.items()
            for property_, column in names.items()
            if {*self.ontology.iris(iri, "rdf:type")} & {*self._ranges(property_)}
        ]

    def _ranges(self, property_: str) -> list[str]:
        prefix, _, rest = property_.partition(":")
        return self.ontology.iris(PREFIXES[prefix] + rest, "rdfs:range") if prefix == "evco" else []


def _named_by(slot: Slot) -> dict[str, tuple[str, ...]]:
    """The terms that a slot names, by what they are to it."""
    return {
        "fills": slot.classes,
        "valence asked for": tuple(filter(None, [slot.valence])),
        "opposing valence": tuple(filter(None, [slot.opposing])),
        "valence that never fills": tuple(filter(None, [slot.never])),
        "bearer": slot.bearers,
        "not the bearer": slot.not_bearers,
        "toward": slot.towards,
        "recorded absence opposes": slot.absences,
    }


def _inverted(pairs: Iterable[tuple[Used, Iterable[str]]]) -> dict[str, list[Used]]:
    """By name, what has that name, in order."""
    found: dict[str, list[Used]] = {}
    for one, names in pairs:
        for name in names:
            found.setdefault(name, []).append(one)
    return found


_NAME = re.compile(r"\b(\w+):([A-Za-z][\w-]*)")


def _shapes(path: Path) -> Iterator[ShapeUse]:
    """The shapes of a file that have a name of their own, with the IRIs that they mention, in their SPARQL too."""
    import pyoxigraph as ox

    from kgtools.validate import SHAPES
    from kgtools.validate.rules import Rules

    store, prefixes = load([path])
    rules = Rules("".join(f"{quad.triple} .\n" for quad in store))
    spaces = {**prefixes, **PREFIXES}

    def mentioned(node: ox.NamedNode | ox.BlankNode, seen: set[object]) -> Iterator[str]:
        seen.add(node)
        for quad in store.quads_for_pattern(node, None, None, None):
            value = quad.object
            if isinstance(value, ox.NamedNode) and not value.value.startswith(SHAPES):
                yield value.value
            elif isinstance(value, ox.Literal) and quad.predicate.value.startswith(PREFIXES["sh"]):
                if local(quad.predicate.value) in ("select", "ask"):
                    yield from (
                        spaces[prefix] + rest for prefix, rest in _NAME.findall(value.value) if prefix in spaces
                    )
            elif isinstance(value, ox.BlankNode) and value not in seen:
                yield from mentioned(value, seen)

    for subject in {quad.subject for quad in store}:
        if isinstance(subject, ox.NamedNode) and subject.value.startswith(SHAPES):
            rule = rules.rule(subject.value)
            if rule.name:
                names = frozenset(
                    iri for iri in mentioned(subject, set()) if iri.startswith((EVCO, *PREFIXES.values()))
                )
                yield ShapeUse(
                    subject.value.removeprefix(SHAPES),
                    rule.name,
                    rule.help,
                    rule.severity,
                    f"shapes/{path.name}",
                    names,
                )
