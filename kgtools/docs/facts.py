"""Facts: a term goes in; what its file says of it comes out, line by line, each under what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kgtools.docs.graphs import ends
from kgtools.docs.terms import KINDS, Ontology, Term, expanded
from kgtools.docs.words import Ref, Words, in_words, joined, plain
from kgtools.vocabulary import curie, local

if TYPE_CHECKING:
    from kgtools.docs.terms import Node


@dataclass(frozen=True)
class Fact:
    """A line: what it is about, and what there is to say.

    Args:
        text: what there is to say are texts, such as a notation, which a reader may look for.
    """

    about: str
    values: tuple[Words, ...]
    text: bool = False


_AXIOMS = {
    "rdfs:subClassOf": "subclass of",
    "rdfs:subPropertyOf": "subproperty of",
    "owl:equivalentClass": "equivalent to",
    "owl:equivalentProperty": "equivalent to",
    "owl:disjointUnionOf": "disjoint union of",
    "rdfs:domain": "domain",
    "rdfs:range": "range",
    "owl:inverseOf": "inverse of",
    "owl:propertyChainAxiom": "follows from",
}
"""Axioms that are told in words of their own, in this order."""

_SYMMETRIC = ("owl:disjointWith", "owl:propertyDisjointWith", "owl:differentFrom")
_MEMBERS = ("owl:members", "owl:distinctMembers", "owl:disjointUnionOf")
_ELSEWHERE = (
    *("rdf:type", "rdfs:label", "rdfs:comment", "rdfs:isDefinedBy", "dcterms:source"),
    *("skos:definition", "skos:scopeNote", "skos:example", "evco:codeInstead"),
)
"""What a page says in another place."""


class Facts:
    """What an ontology says of its terms."""

    def __init__(self, ontology: Ontology) -> None:
        self.ontology = ontology
        self._leading: dict[tuple[str, str], list[str]] = {}
        for term in ontology.terms.values():
            if term.kind.endswith("property"):
                for name in ("rdfs:domain", "rdfs:range"):
                    for iri in ends(ontology, term, name):
                        self._leading.setdefault((name, iri), []).append(term.iri)

    def of(self, term: Term) -> list[Fact]:
        """All that is said of a term, apart from what it is called, means and comes from."""
        found = [*self._kinds(term), *self._axioms(term), *self._around(term), *self._others(term)]
        return [fact for fact in found if fact.values]

    def _kinds(self, term: Term) -> Iterable[Fact]:
        """What it is an instance of; of a property, what holds of it as one."""
        types = [iri for iri in self.ontology.iris(term.iri, "rdf:type") if curie(iri) not in KINDS]
        if term.kind.endswith("property"):
            words = [re.sub(r"(?<=[a-z])(?=[A-Z])", " ", local(iri).removesuffix("Property")).lower() for iri in types]
            yield Fact("characteristics", (joined(((word,) for word in sorted(words)), ", "),) if words else ())
        else:
            yield Fact("instance of", tuple((Ref(iri),) for iri in types))

    def _axioms(self, term: Term) -> Iterable[Fact]:
        for name, about in _AXIOMS.items():
            if name == "owl:propertyChainAxiom":
                chains = [self.ontology.members(node) for node in self.ontology.objects(term.iri, name)]
                each = [joined((in_words(self.ontology, one) for one in chain), ", then ") for chain in chains]
            elif name == "owl:disjointUnionOf":
                lists = [self.ontology.members(node) for node in self.ontology.objects(term.iri, name)]
                each = [
                    joined(self._in_order(in_words(self.ontology, one) for one in one_list), ", ") for one_list in lists
                ]
            else:
                each = [in_words(self.ontology, node) for node in self.ontology.objects(term.iri, name)]
            yield Fact(about, self._in_order(each))

    def _around(self, term: Term) -> Iterable[Fact]:
        """What others say of it."""
        other = self.ontology.having
        yield Fact(
            f"super{'class' if term.kind == 'class' else 'property'} of",
            _refs(self._known({*other("rdfs:subClassOf", term.iri), *other("rdfs:subPropertyOf", term.iri)})),
        )
        said_already = set(self.ontology.iris(term.iri, "owl:inverseOf"))
        yield Fact("inverse of", _refs(self._known(set(other("owl:inverseOf", term.iri)) - said_already)))
        excluded: set[str] = set()
        for name in _SYMMETRIC:
            excluded |= {*self.ontology.iris(term.iri, name), *other(name, term.iri)}
        for head in self.ontology.lists_with(term.iri):
            if any(self.ontology.subjects(name, head) for name in _MEMBERS):
                excluded |= {str(getattr(one, "value", "")) for one in self.ontology.members(head)} - {term.iri}
        yield Fact("different from" if term.kind == "individual" else "disjoint with", _refs(self._known(excluded)))
        if term.kind == "class":
            yield Fact("instances", _refs(self._known(other("rdf:type", term.iri))))
            for name, about in (("rdfs:domain", "in the domain of"), ("rdfs:range", "in the range of")):
                yield Fact(about, _refs(self.ontology.sorted(self._leading.get((name, term.iri), ()))))

    def _others(self, term: Term) -> Iterable[Fact]:
        import pyoxigraph as ox

        told = {expanded(name) for name in (*_AXIOMS, *_SYMMETRIC, *_ELSEWHERE)}
        rest: Mapping[str, list[Node]] = self.ontology.said(term.iri)
        for iri in self.ontology.sorted(set(rest) - told):
            label = self.ontology.text(iri, "rdfs:label") or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", local(iri)).lower()
            values = dict.fromkeys(rest[iri])
            text = all(isinstance(one, ox.Literal) for one in values)
            yield Fact(label, self._in_order(self._value(one) for one in values), text)

    def _value(self, node: Node) -> Words:
        """What a property says, a text without quotes around it."""
        import pyoxigraph as ox

        return (node.value,) if isinstance(node, ox.Literal) else in_words(self.ontology, node)

    def _known(self, iris: Iterable[str]) -> list[str]:
        return [iri for iri in self.ontology.sorted(iris) if iri in self.ontology.terms]

    def _in_order(self, each: Iterable[Words]) -> tuple[Words, ...]:
        """What has a name first, then the rest, each in alphabetical order."""
        return tuple(sorted(each, key=lambda words: (len(words) > 1, plain(self.ontology, words).lower())))


def _refs(iris: Iterable[str]) -> tuple[Words, ...]:
    return tuple((Ref(iri),) for iri in iris)
