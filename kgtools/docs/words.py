"""Words: a class expression goes in, what it says in words like those of the Manchester syntax comes out.

OWL 2 Web Ontology Language: Manchester Syntax (W3C, 2012), 2.4, gives the words. Terms are called by their labels, and
are links; so `bearer only (customer or customer community)` can be read, and followed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kgtools.docs.terms import Ontology
from kgtools.vocabulary import local

if TYPE_CHECKING:
    from kgtools.docs.terms import Node


@dataclass(frozen=True)
class Ref:
    """A term or other resource that is named in a text."""

    iri: str


Words = tuple[str | Ref, ...]
"""A text, some parts of which are links."""

_QUANTIFIED = {"owl:someValuesFrom": "some", "owl:allValuesFrom": "only", "owl:hasValue": "value"}
_COUNTED = {
    "owl:minCardinality": "min",
    "owl:maxCardinality": "max",
    "owl:cardinality": "exactly",
    "owl:minQualifiedCardinality": "min",
    "owl:maxQualifiedCardinality": "max",
    "owl:qualifiedCardinality": "exactly",
}
_FACETS = {"minInclusive": "≥", "maxInclusive": "≤", "minExclusive": ">", "maxExclusive": "<"}
_DEEP = 20
"""How deep expressions within expressions are told: a file may have them in a circle."""


def in_words(ontology: Ontology, node: Node, *, inner: bool = False, depth: int = 0) -> Words:
    """What a class, data range, property or value is called; an anonymous one by what it says.

    Args:
        inner: it stands within another expression, so that one of several words gets parentheses.
    """
    import pyoxigraph as ox

    if isinstance(node, ox.NamedNode):
        return (Ref(node.value),)
    if isinstance(node, ox.Literal):
        return (f"“{node.value}”",) if node.datatype.value.endswith(("#string", "#langString")) else (node.value,)
    if depth > _DEEP:
        return ("…",)
    said = _anonymous(ontology, node, depth + 1)
    return ("(", *said, ")") if inner and len(said) > 1 and said[0] != "{" else said


def joined(parts: Iterable[Words], between: str) -> Words:
    """Several texts as one."""
    made: list[str | Ref] = []
    for number, part in enumerate(parts):
        made += [between, *part] if number else part
    return tuple(made)


def plain(ontology: Ontology, words: Words) -> str:
    """A text without its links, to sort by."""
    return "".join(ontology.label(one.iri) if isinstance(one, Ref) else one for one in words)


def _anonymous(ontology: Ontology, node: Node, depth: int) -> Words:
    def one(name: str) -> Node | None:
        return next(iter(ontology.objects(node, name)), None)

    def each(list_: Node) -> list[Words]:
        found = [in_words(ontology, member, inner=True, depth=depth) for member in ontology.members(list_)]
        return sorted(found, key=lambda words: (plain(ontology, words).startswith("("), plain(ontology, words)))

    if (list_ := one("owl:unionOf")) is not None:
        return joined(each(list_), " or ")
    if (list_ := one("owl:intersectionOf")) is not None:
        return joined(each(list_), " and ")
    if (list_ := one("owl:oneOf")) is not None:
        return ("{", *joined(each(list_), ", "), "}")
    for name in ("owl:complementOf", "owl:datatypeComplementOf"):
        if (other := one(name)) is not None:
            return ("not ", *in_words(ontology, other, inner=True, depth=depth))
    if (other := one("owl:inverseOf")) is not None:
        return ("inverse of ", *in_words(ontology, other, inner=True, depth=depth))
    if (other := one("owl:onDatatype")) is not None and (list_ := one("owl:withRestrictions")) is not None:
        return (*in_words(ontology, other, depth=depth), "[", *joined(_facets(ontology, list_), ", "), "]")
    if (on := one("owl:onProperty")) is not None:
        return (*in_words(ontology, on, inner=True, depth=depth), *_restricted(ontology, node, depth))
    return ("something that is described without a name",)


def _restricted(ontology: Ontology, node: Node, depth: int) -> Words:
    """What a restriction asks of its property."""
    for name, word in _QUANTIFIED.items():
        for value in ontology.objects(node, name):
            return (f" {word} ", *in_words(ontology, value, inner=True, depth=depth))
    for name, word in _COUNTED.items():
        for count in ontology.objects(node, name):
            of = [*ontology.objects(node, "owl:onClass"), *ontology.objects(node, "owl:onDataRange")]
            what = (" ", *in_words(ontology, of[0], inner=True, depth=depth)) if of else ()
            return (f" {word} {getattr(count, 'value', '')}", *what)
    return (" Self",) if ontology.objects(node, "owl:hasSelf") else (" of some kind",)


def _facets(ontology: Ontology, list_: Node) -> list[Words]:
    """The bounds of a data range, such as `≥ 0`."""
    found = [
        f"{_FACETS.get(local(name), local(name))} {getattr(value, 'value', '')}"
        for member in ontology.members(list_)
        for name, values in ontology.said(member).items()
        for value in values
    ]
    return [(one,) for one in sorted(found)]
