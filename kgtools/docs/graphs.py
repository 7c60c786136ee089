"""Graphs: a module of the ontology goes in; what its pictures show comes out: boxes of terms, and the lines between.

Why so: what is below what, and which property leads from where to where, are told in two pictures, since in one the
lines soon cross. A property is a box of its own, and what it leads from and to stands on either side, a class on both
where it must; so a picture never gets wider than three boxes. Properties that lead from and to the same, and inverse
ones, share a box. A property with plain values is a line in the box of the class that has it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from kgtools.docs.terms import Module, Ontology, Term
from kgtools.theory import Proposition, Theory
from kgtools.vocabulary import local

if TYPE_CHECKING:
    from kgtools.docs.terms import Node

BoxKind = Literal["class", "outer", "property", "proposition", "module"]


@dataclass(frozen=True)
class Line:
    """A line of text in a box, and where it leads on the page."""

    text: str
    anchor: str = ""
    quiet: bool = False


@dataclass(frozen=True)
class Box:
    """A box: its lines, the first of which is what it is called."""

    id: str
    kind: BoxKind
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Arrow:
    """A line between two boxes, from left to right.

    Args:
        below: what is to the right is below what is to the left; the arrow points to the left then.
    """

    source: str
    target: str
    below: bool = False


@dataclass
class Graph:
    """What a picture shows."""

    title: str
    boxes: dict[str, Box] = field(default_factory=dict)
    arrows: list[Arrow] = field(default_factory=list)

    def add(self, box: Box) -> None:
        """Add a box, unless there is one of its name."""
        self.boxes.setdefault(box.id, box)

    def lead(self, source: str, target: str, *, below: bool = False) -> None:
        """Add a line, unless there is one already."""
        arrow = Arrow(source, target, below)
        if arrow not in self.arrows:
            self.arrows.append(arrow)


def of_modules(ontology: Ontology) -> Graph:
    """Which module imports which: what is imported stands to the right."""
    graph = Graph("Which module builds on which; an arrow leads to what is imported")
    modules = {module.iri: module for module in ontology.modules}
    for module in modules.values():
        if module.imports or any(module.iri in other.imports for other in modules.values()):
            graph.add(Box(module.iri, "module", (Line(module.id, module.anchor),)))
    for module in modules.values():
        for other in module.imports:
            if other in modules:
                graph.lead(module.iri, other)
    return graph


def classes_of(ontology: Ontology, module: Module) -> Graph:
    """The classes of a module, each to the right of those that it is a kind of; dashed what is declared elsewhere."""
    graph = Graph(f"The classes of the module {module.id}")

    def box(iri: str) -> Box:
        term = ontology.terms[iri]
        return Box(iri, "class" if term.module == module.iri else "outer", (Line(term.label, term.anchor),))

    for term in module.of("class"):
        for parent in ontology.iris(term.iri, "rdfs:subClassOf"):
            if parent in ontology.terms and parent != term.iri:
                graph.add(box(parent))
                graph.add(box(term.iri))
                graph.lead(parent, term.iri, below=True)
    elsewhere = {id.partition(" ")[2] for id in properties_of(ontology, module).boxes}
    for term in module.of("class"):
        if term.iri not in elsewhere:
            graph.add(box(term.iri))
    return graph


def properties_of(ontology: Ontology, module: Module) -> Graph:
    """The properties of a module, between the classes that they lead from and those that they lead to."""
    graph = Graph(
        f"The properties of the module {module.id}: what has them to the left, what they lead to to the right"
    )
    values: dict[str, list[Line]] = {}
    shared: dict[tuple[tuple[str, ...], tuple[str, ...]], list[Line]] = {}
    told: set[str] = set()
    for term in module.terms:
        if term.kind.endswith("property") and term.iri not in told:
            domains, ranges = ends(ontology, term, "rdfs:domain"), ends(ontology, term, "rdfs:range")
            inverse = _inverse(ontology, term, module)
            told |= {term.iri, *([inverse.iri] if inverse else [])}
            data = [local(iri) for iri in ranges if iri not in ontology.terms]
            name = f"{term.label}: {' or '.join(data)}" if data else term.label
            if len(domains) == 1 and (data or term.kind == "data property"):
                values.setdefault(domains[0], []).append(Line(name, term.anchor, quiet=True))
                continue
            lines = shared.setdefault((domains, tuple(iri for iri in ranges if iri in ontology.terms)), [])
            lines.append(Line(name, term.anchor))
            if inverse:
                lines.append(Line(f"↔ {inverse.label}", inverse.anchor))

    def box(side: str, iri: str) -> Box:
        term = ontology.terms[iri]
        lines = (Line(term.label, term.anchor), *(values.get(iri, ()) if side == "from" else ()))
        return Box(f"{side} {iri}", "class" if term.module == module.iri else "outer", lines)

    for (domains, ranges), lines in shared.items():
        property_ = Box(f"property {lines[0].anchor}", "property", tuple(lines))
        for iri in domains:
            graph.add(box("from", iri))
            graph.lead(f"from {iri}", property_.id)
        graph.add(property_)
        for iri in ranges:
            graph.add(box("to", iri))
            graph.lead(property_.id, f"to {iri}")
    for iri in values:
        graph.add(box("from", iri))
    return graph


def _inverse(ontology: Ontology, term: Term, module: Module) -> Term | None:
    """The property of the module that a property is the inverse of, or that says so of it; None for itself."""
    others = [*ontology.iris(term.iri, "owl:inverseOf"), *ontology.having("owl:inverseOf", term.iri)]
    found = [ontology.terms[iri] for iri in others if iri in ontology.terms and iri != term.iri]
    return next((one for one in found if one.module == module.iri), None)


def ends(ontology: Ontology, term: Term, name: str) -> tuple[str, ...]:
    """The classes, or datatypes, that a property leads from or to; of a union, its members."""
    found: list[str] = []

    def walk(node: Node, depth: int) -> None:
        unions = ontology.objects(node, "owl:unionOf") if depth < 5 else []
        if unions:
            for member in ontology.members(unions[0]):
                walk(member, depth + 1)
        elif (iri := getattr(node, "value", "")) and (iri in ontology.terms or "#" in iri):
            found.append(iri)

    for node in ontology.objects(term.iri, name):
        walk(node, 0)
    return tuple(ontology.sorted(found))


def of_theory(ontology: Ontology, theory: Theory) -> Graph:
    """The propositions of a theory between the conditions that they name and what they claim to come of these."""
    graph = Graph(f"The propositions of {theory.label}: conditions to the left, what is claimed to the right")

    def slot_boxes(proposition: Proposition, role: str) -> Iterable[Box]:
        for slot in proposition.antecedents if role == "antecedent" else proposition.consequents:
            terms = [ontology.terms[iri] for iri in slot.classes if iri in ontology.terms]
            last = Line(local(slot.valence), quiet=True) if slot.valence else None
            lines = (*(Line(term.label, term.anchor) for term in terms), *([last] if last else []))
            if lines:
                yield Box(f"{role} {' '.join([*slot.classes, slot.valence or ''])}", "class", lines)

    for proposition in theory.propositions:
        graph.add(
            Box(proposition.iri, "proposition", (Line(proposition.id, ontology.anchors.get(proposition.iri, "")),))
        )
        for box in slot_boxes(proposition, "antecedent"):
            graph.add(box)
            graph.lead(box.id, proposition.iri)
        for box in slot_boxes(proposition, "consequent"):
            graph.add(box)
            graph.lead(proposition.iri, box.id)
    return graph
