"""OWL class expressions: made as values, they come out in Manchester syntax for people and as Turtle for reasoners.

Only what propositions need: W3C OWL 2 Manchester Syntax (2.4), and OWL 2 Mapping to RDF Graphs (2.1).
"""

from __future__ import annotations

from dataclasses import dataclass

from kgtools.query.parts import curie_or_iri

WIDTH = 112
"""So wide may a line of Manchester syntax be, before it is broken."""


@dataclass(frozen=True)
class Named:
    """A class by its IRI."""

    iri: str


@dataclass(frozen=True)
class All:
    """What is of every one of some classes (an intersection)."""

    of: tuple[Term, ...]


@dataclass(frozen=True)
class Either:
    """What is of one of some classes or more (a union)."""

    of: tuple[Term, ...]


@dataclass(frozen=True)
class OneOf:
    """One of some individuals, by their IRIs."""

    individuals: tuple[str, ...]


@dataclass(frozen=True)
class Some:
    """What stands in a property, by its IRI, to something of a class."""

    property: str
    of: Term


Term = Named | All | Either | OneOf | Some


def all_of(terms: list[Term]) -> Term:
    """The intersection of some classes; one alone is itself."""
    return terms[0] if len(terms) == 1 else All(tuple(terms))


def either(classes: tuple[str, ...]) -> Term:
    """The union of some classes by their IRIs; one alone is itself."""
    return Named(classes[0]) if len(classes) == 1 else Either(tuple(map(Named, classes)))


def manchester(term: Term, indent: int = 0) -> str:
    """An expression in Manchester syntax, as CURIEs where our prefixes allow it.

    Args:
        indent: how far lines after the first are moved to the right.
    """
    flat = _flat(term)
    if indent + len(flat) <= WIDTH:
        return flat
    if isinstance(term, All | Either):
        word = "and" if isinstance(term, All) else "or"
        broken = f"\n{' ' * indent}{word} "
        return broken.join(_inner(one, indent + len(word) + 1) for one in term.of)
    if isinstance(term, Some):
        return f"{curie_or_iri(term.property)} some\n{' ' * (indent + 2)}{_inner(term.of, indent + 2)}"
    return flat


def _inner(term: Term, indent: int) -> str:
    """An expression within another, in parentheses where it needs them."""
    if isinstance(term, Named | OneOf):
        return _flat(term)
    return f"({manchester(term, indent + 1)})"


def _flat(term: Term) -> str:
    """An expression on one line."""

    def inner(one: Term) -> str:
        return _flat(one) if isinstance(one, Named | OneOf) else f"({_flat(one)})"

    match term:
        case Named(iri):
            return curie_or_iri(iri)
        case All(of):
            return " and ".join(map(inner, of))
        case Either(of):
            return " or ".join(map(inner, of))
        case OneOf(individuals):
            return f"{{{', '.join(map(curie_or_iri, individuals))}}}"
        case Some(property, OneOf((individual,))):
            return f"{curie_or_iri(property)} value {curie_or_iri(individual)}"
        case Some(property, of):
            return f"{curie_or_iri(property)} some {inner(of)}"


def turtle(term: Term, indent: int = 4) -> str:
    """An expression as Turtle: the name of a class, else a blank node with what is said of it."""
    match term:
        case Named(iri):
            return curie_or_iri(iri)
        case All(of):
            return _listed("owl:intersectionOf", [turtle(one, indent + 8) for one in of], indent)
        case Either(of):
            return _listed("owl:unionOf", [turtle(one, indent + 8) for one in of], indent)
        case OneOf(individuals):
            return _listed("owl:oneOf", [curie_or_iri(one) for one in individuals], indent)
        case Some(property, OneOf((individual,))):
            return _restriction(property, f"owl:hasValue {curie_or_iri(individual)}", indent)
        case Some(property, of):
            return _restriction(property, f"owl:someValuesFrom {turtle(of, indent + 4)}", indent)


def _restriction(property: str, said: str, indent: int) -> str:
    return _node("owl:Restriction", [f"owl:onProperty {curie_or_iri(property)}", said], indent)


def _listed(property: str, members: list[str], indent: int) -> str:
    pad = f"\n{' ' * (indent + 8)}"
    return _node("owl:Class", [f"{property} ({pad}{pad.join(members)}\n{' ' * (indent + 4)})"], indent)


def _node(kind: str, said: list[str], indent: int) -> str:
    pad = f"\n{' ' * (indent + 4)}"
    return f"[{pad}{f' ;{pad}'.join([f'a {kind}', *said])}\n{' ' * indent}]"
