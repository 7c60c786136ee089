"""The page: an ontology, theories, questions, shapes and alignments go in; what the template lays out comes out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from kgtools.align.table import NOT_FOUND
from kgtools.docs.constructions import Construction, construction_of
from kgtools.docs.facts import Fact, Facts
from kgtools.docs.terms import Module, Ontology, Term
from kgtools.docs.uses import Uses
from kgtools.docs.words import Ref, Words
from kgtools.expression import Expression, NoExpression, expression_of
from kgtools.questions import CompetencyQuestion
from kgtools.report.place import anchored
from kgtools.theory import Implication, Proposition, Slot, Theory
from kgtools.vocabulary import ONTOLOGY_IRI, VIEW, curie, local

if TYPE_CHECKING:
    from kgtools.align import Alignment, Correspondence


@dataclass(frozen=True)
class Branch:
    """A class in the tree, with the classes below it."""

    term: Term
    below: tuple[Branch, ...]


@dataclass(frozen=True)
class Mapped:
    """A row of a table of mappings, and the table."""

    alignment: Alignment
    row: Correspondence


@dataclass(frozen=True)
class Part:
    """A piece of a text: where it leads; empty for plain words."""

    text: str
    href: str = ""


class Page:
    """What the template asks for.

    Args:
        alignments: the tables of mappings.
        refused: the tables of what was turned down; rows of other tables that deny a mapping count too.
    """

    def __init__(
        self, ontology: Ontology, uses: Uses, alignments: Sequence[Alignment], refused: Sequence[Alignment]
    ) -> None:
        self.ontology, self.uses = ontology, uses
        self.theories, self.questions, self.shapes = uses.theories, uses.questions, uses.shapes
        self.alignments = alignments
        self._facts = Facts(ontology)
        self._mapped: dict[str, list[Mapped]] = {}
        self._refused: list[Mapped] = []
        for alignment in (*alignments, *refused):
            for row in alignment.correspondences:
                if row.negated:
                    self._refused.append(Mapped(alignment, row))
                else:
                    self._mapped.setdefault(row.subject, []).append(Mapped(alignment, row))

    # The whole

    @property
    def title(self) -> str:
        return self.ontology.label(ONTOLOGY_IRI) if not self._text("dcterms:title") else self._text("dcterms:title")

    @property
    def description(self) -> str:
        return self._text("dcterms:description")

    @property
    def version(self) -> str:
        return self._text("owl:versionInfo")

    @property
    def citation(self) -> str:
        return self._text("dcterms:bibliographicCitation")

    @property
    def license(self) -> str:
        return next(iter(self.ontology.iris(ONTOLOGY_IRI, "dcterms:license")), "")

    @property
    def iri(self) -> str:
        return ONTOLOGY_IRI

    def _text(self, name: str) -> str:
        return self.ontology.text(ONTOLOGY_IRI, name)

    @cached_property
    def modules(self) -> list[Module]:
        """The modules that have terms of their own."""
        return [module for module in self.ontology.modules if module.terms]

    @cached_property
    def terms(self) -> list[Term]:
        """The terms of all modules, in alphabetical order."""
        return sorted(
            (term for one in self.modules for term in one.terms), key=lambda one: (one.label.lower(), one.iri)
        )

    @property
    def view_terms(self) -> list[Term]:
        """The terms that only queries use: those of the view."""
        return [term for term in self.terms if term.iri.startswith(VIEW)]

    @property
    def coded_terms(self) -> list[Term]:
        """All other terms."""
        return [term for term in self.terms if not term.iri.startswith(VIEW)]

    def is_view(self, module: Module) -> bool:
        """Whether a module has the view's vocabulary."""
        return all(term.iri.startswith(VIEW) for term in module.terms)

    def is_ambiguous(self, term: Term) -> bool:
        """Whether a term's label does not tell it from all others, so that its short IRI must."""
        return term.iri.startswith(VIEW) or self._labels[term.label] > 1

    @cached_property
    def _labels(self) -> Counter[str]:
        return Counter(term.label for term in self.terms)

    def count(self, *kinds: str) -> int:
        """How many terms of some kinds there are."""
        return sum(term.kind in kinds for term in self.terms)

    @property
    def foreign(self) -> list[Term]:
        return self.ontology.foreign

    def module_of(self, iri: str) -> Module | None:
        """The module of an IRI."""
        return next((module for module in self.ontology.modules if module.iri == iri), None)

    # The class tree

    @cached_property
    def tree(self) -> list[Branch]:
        """The classes that are below no other, each with those below it; those of other vocabularies only with some."""
        classes = list(self.ontology.classes())
        told: set[str] = set()
        branches = [self._branch(term, told) for term in classes if not self._parents(term)]
        return [branch for branch in branches if branch.term.module or branch.below]

    def _parents(self, term: Term) -> list[str]:
        above = self.ontology.iris(term.iri, "rdfs:subClassOf")
        return [iri for iri in above if iri in self.ontology.terms and iri != term.iri]

    def _branch(self, term: Term, told: set[str]) -> Branch:
        """A class with those below it; where it stands below several, they are told at the first place alone."""
        first = term.iri not in told
        told.add(term.iri)
        below = self.ontology.having("rdfs:subClassOf", term.iri) if first else []
        terms = [self.ontology.terms[iri] for iri in below if iri in self.ontology.terms and iri != term.iri]
        return Branch(term, tuple(self._branch(one, told) for one in terms))

    # A term

    def definitions(self, iri: str) -> list[str]:
        return self.ontology.texts(iri, "skos:definition") or self.ontology.texts(iri, "rdfs:comment")

    def notes(self, iri: str) -> list[str]:
        return self.ontology.texts(iri, "skos:scopeNote")

    def examples(self, iri: str) -> list[str]:
        return self.ontology.texts(iri, "skos:example")

    def facts(self, term: Term) -> list[Fact]:
        return self._facts.of(term)

    def sources(self, iri: str) -> list[Part]:
        """Where a term comes from: texts, and links by the names of what they lead to."""
        links = [Part(self._called(one), self.href(one)) for one in self.ontology.iris(iri, "dcterms:source")]
        return [*links, *(Part(text) for text in self.ontology.texts(iri, "dcterms:source"))]

    def _called(self, iri: str) -> str:
        """What a source is called: a theory's name, where it is what the theory is taken from."""
        if iri == ONTOLOGY_IRI:
            return "this ontology"
        for theory in self.theories:
            if iri in self.ontology.iris(theory.iri, "dcterms:source") and iri != theory.iri:
                return theory.label
        return self.ontology.label(iri)

    def href(self, iri: str) -> str:
        """Where a link to something leads: on this page where it is told here; empty where it cannot be followed."""
        for theory in self.theories:
            if iri == theory.iri:
                return f"#theory:{anchored(theory.id)}"
        if iri in self.ontology.anchors:
            return f"#{self.ontology.anchors[iri]}"
        if iri == ONTOLOGY_IRI:
            return "#place:top"
        module = self.module_of(iri)
        if module is not None:
            return f"#{module.anchor}"
        return iri if self.web(iri) else ""

    def parts(self, words: Words) -> list[Part]:
        """A text with its links."""
        return [
            Part(self.ontology.label(one.iri), self.href(one.iri)) if isinstance(one, Ref) else Part(one)
            for one in words
        ]

    def ref(self, iri: str) -> Words:
        """A link to something, as a text."""
        return (Ref(iri),)

    def web(self, iri: str) -> bool:
        """Whether an IRI can be followed on the web."""
        return iri.startswith(("https://", "http://"))

    def mapped(self, iri: str) -> list[Mapped]:
        """What a term is called elsewhere, table by table."""
        return self._mapped.get(iri, [])

    @cached_property
    def _constructions(self) -> list[Construction]:
        """The constructions beside the tables."""
        each = (construction_of(one, self.uses.vocabulary) for one in self.mapped_tables)
        return [one for one in each if one is not None]

    def construction(self, alignment: Alignment) -> Construction | None:
        """What lies beside a table of mappings, if anything."""
        return next((one for one in self._constructions if one.alignment is alignment), None)

    def constructed(self, iri: str) -> list[Construction]:
        """The constructions that name a term."""
        return [one for one in self._constructions if iri in one.names]

    def told_above(self, iri: str) -> list[Term]:
        """The nearest terms above one that are called something elsewhere."""
        seen, level = {iri}, [iri]
        while level:
            names = ("rdfs:subClassOf", "rdfs:subPropertyOf")
            over = [above for one in level for name in names for above in self.ontology.iris(one, name)]
            level = [one for one in self.ontology.sorted(over) if one in self.ontology.terms and one not in seen]
            seen.update(level)
            if told := [one for one in level if self.mapped(one) or self.constructed(one)]:
                return [self.ontology.terms[one] for one in told]
        return []

    def told_elsewhere(self, *each: Sequence[object]) -> str:
        """How much is told of what a term is called elsewhere: mappings, constructions, what was turned down."""
        mapped, made, refused = map(len, each)
        said = [f"{mapped} mapping{'s' if mapped > 1 else ''}"] if mapped else []
        said += [f"{made} by a construction"] if made else []
        return ", ".join([*said, f"{refused} turned down"] if refused else said)

    def target(self, alignment: Alignment) -> str:
        """What an alignment leads to, in words: its title, without our own name before it."""
        return re.sub(r"\AEVCO to (the )?", r"\1", alignment.title)

    def refused_for(self, iri: str) -> list[Mapped]:
        """The mappings of a term that were turned down."""
        return [one for one in self._refused if one.row.subject == iri]

    # Propositions

    def label(self, iri: str) -> str:
        return self.ontology.label(iri)

    def sparql(self, proposition: Proposition) -> str:
        return self.uses.sparql[proposition.id]

    def expression(self, proposition: Proposition) -> Expression | NoExpression:
        """The OWL class of the incidents that fill all slots of a proposition, or why there is none."""
        return expression_of(proposition, self.uses.vocabulary)

    def slot_parts(self, slot: Slot) -> list[Part]:
        """The classes of a slot, as links."""
        found: list[Part] = []
        for iri in slot.classes:
            found += [*([Part(" or ")] if found else []), Part(self.ontology.label(iri), self.href(iri))]
        return found

    def slot_rest(self, slot: Slot) -> str:
        """What a slot asks for beside its classes."""
        return slot.in_words().removeprefix(" or ".join(map(local, slot.classes))).removeprefix(",").strip()

    def resting(self, proposition: Proposition) -> list[tuple[Theory, Implication]]:
        """The advice that rests on a proposition."""
        return [
            (theory, one) for theory in self.theories for one in theory.implications if proposition.iri in one.rests_on
        ]

    def proposition(self, iri: str) -> Proposition | None:
        """A proposition by its IRI."""
        return next((one for theory in self.theories for one in theory.propositions if one.iri == iri), None)

    # Elsewhere

    @property
    def mapped_tables(self) -> list[Alignment]:
        """The tables that have mappings, and not only such as were turned down."""
        return [one for one in self.alignments if not all(row.negated for row in one.correspondences)]

    @property
    def refused(self) -> list[Mapped]:
        """All that was turned down, by the term of ours."""
        return sorted(
            self._refused,
            key=lambda one: (self.subject(one.row).lower(), one.row.object, one.alignment.id, one.row.row),
        )

    def subject(self, row: Correspondence) -> str:
        """What the term of ours is called; where there is none, the working name of what was thought of."""
        return self.ontology.label(row.subject) if self.has_term(row) else row.subject_label or "no such term"

    def has_term(self, row: Correspondence) -> bool:
        """Whether there is a term of ours at all."""
        return row.subject != NOT_FOUND

    def predicate(self, iri: str) -> str:
        """A predicate of mappings in words."""
        return _PREDICATES.get(curie(iri), curie(iri))

    def asked_terms(self, question: CompetencyQuestion) -> list[Term]:
        """The terms that a question names."""
        return [term for term in self.terms if question in self.uses.asked(term.iri)]

    def query_terms(self, names: Iterable[str]) -> list[Term]:
        """The terms of these IRIs, by label."""
        wanted = set(names)
        return [term for term in self.terms if term.iri in wanted]

    def is_defined(self, term: Term) -> bool:
        """Whether a class is inferred from what it is the same as."""
        return bool(self.ontology.objects(term.iri, "owl:equivalentClass"))


_PREDICATES = {
    "owl:equivalentClass": "is the same class as",
    "owl:equivalentProperty": "is the same property as",
    "rdfs:subClassOf": "is a kind of",
    "rdfs:subPropertyOf": "is a kind of",
    "owl:inverseOf": "is the inverse of",
    "skos:exactMatch": "means the same as",
    "skos:closeMatch": "means nearly the same as",
    "skos:broadMatch": "is narrower than",
    "skos:narrowMatch": "is broader than",
    "skos:relatedMatch": "has to do with",
}
"""Predicates of mappings, in words."""
