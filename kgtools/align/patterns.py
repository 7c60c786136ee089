"""Patterns: a class or property of ours goes in; the SPARQL that finds what it holds of in data as coded comes out.

Data say what was coded and no more: the narrowest class, one direction of a property, nothing that a reasoner would
add. So a pattern asks for a class and all below it, for a property with those below it and the inverses of all, and for
a class that is inferred by its definition. Definitions may be intersections of classes, restrictions to a value
(`owl:hasValue`) and to some filler (`owl:someValuesFrom`), nested at will (OWL 2 RL, 4.3, tables 5, 6 and 9, read
backward); what else OWL can say of a class has no pattern here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kgtools.vocabulary import PREFIXES, Names, Vocabulary, curie, load, ontology_files, theory_files

if TYPE_CHECKING:
    import pyoxigraph as ox

    Node = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

_OWL, _RDF, _RDFS = PREFIXES["owl"], PREFIXES["rdf"], PREFIXES["rdfs"]
_PROPERTIES = ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")


class NoPatternError(Exception):
    """A class or property that no pattern finds; says why."""


short = Names(PREFIXES).short
"""A term of ours as a query writes it."""


@dataclass(frozen=True)
class _Property:
    """What is said of a property."""

    below: set[str] = field(default_factory=set)
    inverses: set[str] = field(default_factory=set)
    symmetric: bool = False
    transitive: bool = False


class Patterns:
    """The patterns of our terms.

    Args:
        vocabulary: the classes, and the theory files that were read for them.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._store, _ = load([*ontology_files(), *theory_files(), *vocabulary.theories])
        self._properties = self._read_properties()

    @staticmethod
    def of(vocabulary: Vocabulary) -> Patterns:
        """The patterns of a vocabulary, read once."""
        return _of(vocabulary.theories)

    def kind(self, iri: str) -> Literal["class", "property", "individual"] | None:
        """What a term of ours is; None for what is none of ours."""
        if iri in self.vocabulary.parents:
            return "class"
        if iri in self._properties:
            return "property"
        return "individual" if self._says(iri, _RDF + "type", _OWL + "NamedIndividual") else None

    # Properties

    def between(self, iri: str, subject: str, target: str) -> str:
        """The pattern that holds where a property, or one below it, leads from one variable to another.

        Args:
            iri: the property.
            subject, target: variables, with their question marks, or terms as a query writes them.

        Raises:
            NoPatternError: it is no property of ours.
        """
        if iri not in self._properties:
            raise NoPatternError(f"{curie(iri)} is no property of ours")
        return f"{subject} {self._path(iri)} {target} ."

    def _path(self, iri: str) -> str:
        steps = [("" if forward else "^") + short(one) for one, forward in self._steps(iri)]
        if self._properties[iri].transitive:
            own = [step for step in steps if step.lstrip("^") != short(iri)] or steps
            return f"({'|'.join(own)})+"
        return "|".join(steps) if len(steps) == 1 else f"({'|'.join(steps)})"

    def _steps(self, iri: str) -> list[tuple[str, bool]]:
        """The properties that imply one, each with whether it leads the same way; that one first, the rest by name."""
        found = {(iri, True)}
        open_ends = [(iri, True)]
        while open_ends:
            one, forward = open_ends.pop()
            about = self._properties.get(one, _Property())
            implied = {(other, forward) for other in about.below} | {(other, not forward) for other in about.inverses}
            if about.symmetric:
                implied.add((one, not forward))
            open_ends += implied - found
            found |= implied
        return sorted(found, key=lambda step: (step != (iri, True), not step[1], step[0]))

    def _read_properties(self) -> dict[str, _Property]:
        found: dict[str, _Property] = {}
        for kind in _PROPERTIES:
            for iri in self._subjects(_RDF + "type", _OWL + kind):
                found[iri] = _Property(
                    symmetric=self._says(iri, _RDF + "type", _OWL + "SymmetricProperty"),
                    transitive=self._says(iri, _RDF + "type", _OWL + "TransitiveProperty"),
                )
        for iri in found:
            for above in self._objects(iri, _RDFS + "subPropertyOf"):
                if above in found:
                    found[above].below.add(iri)
            for other in self._objects(iri, _OWL + "inverseOf"):
                if other in found:
                    found[iri].inverses.add(other)
                    found[other].inverses.add(iri)
        return found

    # Classes

    def instances(self, iri: str, subject: str) -> list[str]:
        """The lines of the pattern that finds the instances of a class.

        Args:
            iri: the class.
            subject: the variable that they are to be, with its question mark.

        Raises:
            NoPatternError: it is inferred from what has no pattern.
        """
        return self._instances(iri, subject, _Fresh(), ())

    def _instances(self, iri: str, subject: str, fresh: _Fresh, within: tuple[str, ...]) -> list[str]:
        below = sorted(self.vocabulary.below(iri))
        branches = [self._coded(below, subject, fresh)]
        for one in below:
            for definition in self._definitions(one):
                if self._conjuncts(definition) & set(below) or one in within:
                    continue  # what fits it is one of these anyway
                try:
                    branches.append([*self._fitting(definition, subject, fresh, (*within, one))])
                except NoPatternError as error:
                    if one in self.vocabulary.instead:
                        raise NoPatternError(f"{curie(one)} is inferred, {error}") from None
        if len(branches) == 1:
            return branches[0]
        lines: list[str] = []
        for branch in branches:
            lines += ["UNION {" if lines else "{", *(f"  {line}" for line in branch), "}"]
        return lines

    def _coded(self, classes: list[str], subject: str, fresh: _Fresh) -> list[str]:
        """What finds things that are said to be of one of some classes."""
        if len(classes) == 1:
            return [f"{subject} a {short(classes[0])} ."]
        kind = fresh.variable("class")
        return [f"VALUES {kind} {{ {' '.join(map(short, classes))} }}", f"{subject} a {kind} ."]

    def _fitting(self, node: Node, subject: str, fresh: _Fresh, within: tuple[str, ...]) -> Iterator[str]:
        """What finds the things that fit a class expression."""
        import pyoxigraph as ox

        if isinstance(node, ox.NamedNode):
            if node.value not in self.vocabulary.parents and node.value != _OWL + "Thing":
                raise NoPatternError(f"by {curie(node.value)}, which is no class of ours")
            if node.value != _OWL + "Thing":
                yield from self._instances(node.value, subject, fresh, within)
            return
        parts = self._listed(node)
        for part in parts:
            yield from self._fitting(part, subject, fresh, within)
        if parts:
            return
        on = [one.value for one in self._nodes(node, _OWL + "onProperty") if isinstance(one, ox.NamedNode)]
        values, fillers = self._nodes(node, _OWL + "hasValue"), self._nodes(node, _OWL + "someValuesFrom")
        if len(on) != 1 or len(values) + len(fillers) != 1:
            raise NoPatternError("by more than classes, values and fillers")
        if values:
            (value,) = values
            yield self.between(on[0], subject, short(value.value) if isinstance(value, ox.NamedNode) else str(value))
            return
        filler = fresh.variable("some")
        yield self.between(on[0], subject, filler)
        yield from self._fitting(fillers[0], filler, fresh, within)

    def _definitions(self, iri: str) -> list[Node]:
        """What a class is said to be equivalent to, classes with a name left out."""
        import pyoxigraph as ox

        found = self._nodes(ox.NamedNode(iri), _OWL + "equivalentClass")
        return [one for one in found if isinstance(one, ox.BlankNode)]

    def _conjuncts(self, node: Node) -> set[str]:
        """The classes with a name that an expression asks for."""
        import pyoxigraph as ox

        return {part.value for part in self._listed(node) if isinstance(part, ox.NamedNode)}

    def _listed(self, node: Node) -> list[Node]:
        """The parts of an intersection; none of what is none."""
        rest = self._nodes(node, _OWL + "intersectionOf")
        found: list[Node] = []
        while rest and (first := self._nodes(rest[0], _RDF + "first")):
            found += first
            rest = self._nodes(rest[0], _RDF + "rest")
        return found

    # What the files say

    def _nodes(self, node: Node, predicate: str) -> list[Node]:
        import pyoxigraph as ox

        if not isinstance(node, (ox.NamedNode, ox.BlankNode)):
            return []
        return [quad.object for quad in self._store.quads_for_pattern(node, ox.NamedNode(predicate), None)]

    def _objects(self, iri: str, predicate: str) -> list[str]:
        import pyoxigraph as ox

        return [one.value for one in self._nodes(ox.NamedNode(iri), predicate) if isinstance(one, ox.NamedNode)]

    def _subjects(self, predicate: str, value: str) -> list[str]:
        import pyoxigraph as ox

        quads = self._store.quads_for_pattern(None, ox.NamedNode(predicate), ox.NamedNode(value))
        return sorted({quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)})

    def _says(self, iri: str, predicate: str, value: str) -> bool:
        return value in self._objects(iri, predicate)


class _Fresh:
    """Variables that a pattern has not used yet."""

    def __init__(self) -> None:
        self.count = 0

    def variable(self, word: str) -> str:
        self.count += 1
        return f"?{word}{self.count}"


@lru_cache(maxsize=4)
def _of(theories: tuple[Path, ...]) -> Patterns:
    return Patterns(Vocabulary.read(theories))
