"""Expressions: a proposition goes in; the OWL class of incidents that fill all its slots comes out, or why none does.

A second route to what the queries find (DESIGN 5): made from the same slots, and answered by a reasoner, which works
out by the ontology's own axioms what an element is an instance of. `facts` says what the reasoner is told of a chunk.

Why only some propositions have one. The classes that OWL 2 can say are trees: an incident has an element, which stands
in some property to another element, and so on; nothing is compared with what stands elsewhere in the tree. Two elements
may be held against each other where one is reached from the other, so a consequent says of each antecedent's element
that it may follow it. Elements of three slots or more, each held against each, make a circle.

What two elements are to each other is said by a property that holds where nothing contrary is recorded, since OWL has
no complement of a property, nor two properties on one pair: `view:mayFollow`, and `view:mayFollowOfOne` where the
bearers are not known to be two either.

Why no complement of a class either. What is ruled out is said by what is left: the other valences, `view:unrecorded`
among them, and a class of those of whom a role is not recorded. So, read as a condition, each expression is Horn, and
HermiT answers for a thousand incidents in seconds; with complements it tries case by case, minutes for a hundred.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

from kgtools.expression.terms import All, Named, OneOf, Some, Term, all_of, either, manchester, turtle
from kgtools.query.parts import curie_or_iri, valences
from kgtools.theory import ACTOR, INCIDENT, Proposition, Slot
from kgtools.vocabulary import EVCO, PREFIXES, VALENCES, VIEW, Vocabulary

MAY_FOLLOW, MAY_FOLLOW_OF_ONE = VIEW + "mayFollow", VIEW + "mayFollowOfOne"


@dataclass(frozen=True)
class Expression:
    """The class of the incidents that fill all slots of a proposition, whatever opposes it."""

    proposition: Proposition
    term: Term

    @property
    def iri(self) -> str:
        """The IRI of the class, which the reasoner is asked for."""
        return f"{self.proposition.iri}_filled"

    @property
    def denied(self) -> tuple[str, ...]:
        """The classes of actors that a bearer must not be of."""
        return tuple(sorted({role for slot in self.proposition.slots for role in slot.not_bearers}))

    def manchester(self) -> str:
        """The expression in Manchester syntax (W3C OWL 2 Manchester Syntax), over some lines."""
        return manchester(self.term)

    def turtle(self) -> str:
        """The definition of the class as Turtle (W3C OWL 2 Mapping to RDF Graphs), with its prefixes."""
        definition = f"{curie_or_iri(self.iri)} a owl:Class ;\n    owl:equivalentClass {turtle(self.term)} .\n"
        for role in self.denied:
            definition += f"\n{curie_or_iri(not_recorded(role))} a owl:Class ;\n"
            definition += f"    owl:disjointWith {curie_or_iri(role)} .\n"
        used = (name for name in sorted(PREFIXES) if f"{name}:" in definition)
        return "".join(f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in used) + "\n" + definition


@dataclass(frozen=True)
class NoExpression:
    """Why a proposition is no OWL class expression, in half a sentence."""

    reason: str


def expression_of(proposition: Proposition, vocabulary: Vocabulary) -> Expression | NoExpression:
    """The OWL class of the incidents that fill all slots of a proposition.

    Args:
        vocabulary: knows which classes exclude each other.

    Returns:
        The expression, or why there is none: the unit is a chain, an order is asked for, slots that must have
        different fillers could share one, or antecedents share a bearer.
    """
    if proposition.of_chains:
        return NoExpression(
            "it is on chains of incidents and asks what came before what in them, which no OWL class can say"
        )
    for slot in proposition.slots:
        if slot.after:
            return NoExpression(f"it asks for an order: {slot.id} comes after {' and '.join(slot.after)}")
    for slot in proposition.antecedents:
        if slot.same_bearer:
            return NoExpression(
                f"{slot.id} must have the bearer of {' and '.join(slot.same_bearer)}, and what is claimed is compared "
                "with both; an OWL class can compare an element with one other, but not three with each other"
            )
    for one, other in combinations(proposition.slots, 2):
        if "antecedent" in (one.role, other.role) and not exclude(one, other, vocabulary):
            return NoExpression(
                f"{one.id} and {other.id} need two different elements, but one element could fill both, and an OWL "
                "class cannot tell whether it is one or two"
            )
    parts: list[Term] = [Named(INCIDENT)]
    if proposition.scope:
        parts.append(Some(EVCO + "viaChannel", Named(proposition.scope)))
    for slot in proposition.consequents:
        parts.append(Some(EVCO + "hasElement", all_of([*_fits(slot), *_stands(slot, proposition)])))
    return Expression(proposition, All(tuple(parts)))


def not_recorded(role: str) -> str:
    """The class of those of whom it is not recorded that they are of a role (disjoint with it)."""
    return f"{role}_notRecorded"


def exclude(one: Slot, other: Slot, vocabulary: Vocabulary) -> bool:
    """Whether no element can fill both of two slots: by its class, its valence, or whose it is."""
    if all(vocabulary.excludes(this, that) for this in one.classes for that in other.classes):
        return True
    if set(valences(one, fills=True)).isdisjoint(valences(other, fills=True)):  # an element has one valence at most
        return True
    return any(
        bool(this.bearers) and all(vocabulary.above(role) & {*that.not_bearers} for role in this.bearers)
        for this, that in ((one, other), (other, one))
    )


def _fits(slot: Slot) -> list[Term]:
    """What the slot asks of an element by itself (DESIGN 5, filling)."""
    parts = [either(slot.classes)]
    if slot.valence or slot.never:
        every = (*(EVCO + valence for valence in VALENCES), VIEW + "unrecorded")
        fitting = dict.fromkeys((slot.valence, EVCO + "mixed") if slot.valence else every)
        parts.append(Some(VIEW + "valence", OneOf(tuple(one for one in fitting if one != slot.never))))
    if slot.bearers or slot.not_bearers:
        denied = [Named(not_recorded(role)) for role in slot.not_bearers]
        parts.append(Some(VIEW + "bearer", all_of([either(slot.bearers or (ACTOR,)), *denied])))
    if slot.towards:
        parts.append(Some(EVCO + "toward", either(slot.towards)))
    return parts


def _stands(slot: Slot, proposition: Proposition) -> list[Term]:
    """How a consequent's element stands to each antecedent's: never recorded before it, and perhaps of one bearer."""
    return [
        Some(MAY_FOLLOW_OF_ONE if other.id in slot.same_bearer else MAY_FOLLOW, all_of(_fits(other)))
        for other in proposition.antecedents
    ]
