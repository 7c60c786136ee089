"""Reasoned: an ontology of the OWL API goes in; what HermiT says of pieces of it comes out (within `owlapi`).

Why in pieces: of some ontologies (SEPIO, by its chains of properties) HermiT takes seconds for each class, and of the
few axioms that can matter to a class hundredths. These are found by locality (Cuenca Grau et al. 2008, JAIR 31): what
follows from a ⊥-module for its terms is what follows from everything.

Facts about things are never local, and would bring nearly everything into each module. So a piece is the module among
the axioms about classes and properties, and, where it names things (`owl:oneOf`, `owl:hasValue`), the facts that are
joined to these, even through other things. Facts about things that are joined to none of them cannot matter to a class
if the whole is consistent: a model of the piece and one of the whole, side by side, are a model of both. This does not
hold for rules (SWRL) and keys, which are about any two things, nor would it for the property that joins everything
(`owl:topObjectProperty`): rules and keys are in no piece, only in the question whether everything is consistent. So
what is found to have no instance has none, and what has none by a rule or a key alone is not found.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kgtools.reason.smallest import smallest

TOGETHER = 20
"""Classes that are looked at in one piece: to begin takes HermiT longer than a class does, until a piece is large."""


@dataclass
class Joined:
    """Facts that are joined by the things that they are about.

    Args:
        things: the things.
        facts: the axioms.
    """

    things: set[str]
    facts: list[Any]


class Reasoned:
    """An ontology that HermiT is asked about piece by piece, within Java."""

    def __init__(self, ontology: Any) -> None:
        import jpype

        self.ontology = ontology
        self._manager = ontology.getOWLOntologyManager()
        self._factory = self._manager.getOWLDataFactory()
        self._modules = jpype.JClass("uk.ac.manchester.cs.owlapi.modularity.SyntacticLocalityModuleExtractor")
        self._kind = jpype.JClass("uk.ac.manchester.cs.owlapi.modularity.ModuleType").BOT
        self._reasoner = jpype.JClass("org.semanticweb.HermiT.Reasoner")
        self._configuration = jpype.JClass("org.semanticweb.HermiT.Configuration")()
        self._configuration.throwInconsistentOntologyException = False
        self._set = jpype.JClass("java.util.HashSet")
        axioms = [axiom.getAxiomWithoutAnnotations() for axiom in ontology.getLogicalAxioms()]
        self._axioms = self._set(axioms)
        self._terms = self._set([axiom for axiom in axioms if of_terms(axiom) and _kind(axiom) not in _ACROSS])
        self.across = sum(_kind(axiom) in _ACROSS for axiom in axioms)

    def _class(self, iri: str) -> Any:
        import jpype

        return self._factory.getOWLClass(jpype.JClass("org.semanticweb.owlapi.model.IRI").create(iri))

    def _module(self, axioms: Any, about: Any) -> Any:
        """Those of some axioms that can matter to some terms, facts, rules and keys among them."""
        return self._modules(self._manager, None, axioms, self._kind).extract(about)

    @cached_property
    def _extractor(self) -> Any:
        return self._modules(self._manager, None, self._terms, self._kind)

    @cached_property
    def _naming(self) -> list[tuple[Any, set[str]]]:
        """The axioms about classes and properties that name things, with these."""
        named = [(axiom, {str(thing) for thing in axiom.getIndividualsInSignature()}) for axiom in self._terms]
        return [(axiom, things) for axiom, things in named if things]

    @cached_property
    def _joined(self) -> list[Joined]:
        """All facts, those together that are joined."""
        found: list[Joined] = []
        for axiom in self._axioms:
            if of_terms(axiom):
                continue
            one = Joined(_things(axiom), [axiom])
            for other in [other for other in found if other.things & one.things]:
                one = Joined(one.things | other.things, one.facts + other.facts)
                found.remove(other)
            found.append(one)
        return found

    def _piece(self, classes: Iterable[Any]) -> Any:
        """The axioms that can matter to whether some classes have instances; no rules and keys."""
        about = self._set(list(classes))
        facts: list[Any] = []
        left = self._joined
        while True:
            module = self._extractor.extract(about)
            named = {thing for axiom, things in self._naming if module.contains(axiom) for thing in things}
            new = [one for one in left if one.things & named]
            if not new:
                module.addAll(self._set(facts))
                return module
            left = [one for one in left if not one.things & named]
            for axiom in (axiom for one in new for axiom in one.facts):
                facts.append(axiom)
                about.addAll(axiom.getSignature())

    def empty(self, iris: Iterable[str] | None = None) -> Iterator[str]:
        """Those of some classes, or of all, that can have no instance, of an ontology that is consistent; as IRIs."""
        if iris is None:
            iris = (str(one.getIRI()) for one in self.ontology.getClassesInSignature() if not one.isBuiltIn())
        classes = [self._class(iri) for iri in sorted(iris)]
        for start in range(0, len(classes), TOGETHER):
            yield from self._empty(classes[start : start + TOGETHER])

    def _empty(self, classes: Sequence[Any]) -> list[str]:
        ontology = self._manager.createOntology(self._piece(classes))
        reasoner = self._reasoner(self._configuration, ontology)
        try:
            return [str(one.getIRI()) for one in classes if not reasoner.isSatisfiable(one)]
        finally:
            reasoner.dispose()
            self._manager.removeOntology(ontology)

    def _wrong(self, axioms: Sequence[Any], iri: str | None) -> bool:
        """Whether some axioms are inconsistent, or, if a class is named, leave it without instances."""
        about = self._set() if iri is None else self._set([self._class(iri)])
        module = self._module(self._set(axioms), about)
        if module.isEmpty():
            return False
        ontology = self._manager.createOntology(module)
        reasoner = self._reasoner(self._configuration, ontology)
        try:
            return not reasoner.isConsistent() or (iri is not None and not reasoner.isSatisfiable(self._class(iri)))
        finally:
            reasoner.dispose()
            self._manager.removeOntology(ontology)

    def consistent(self) -> bool:
        """Whether everything can be true together."""
        return not self._wrong(self._axioms, None)

    def why(self, iri: str | None, key: Callable[[Any], str]) -> list[Any]:
        """A smallest set of axioms by which a class can have no instance, or, if none is named, that are inconsistent.

        Args:
            key: orders axioms, so that the same one of several sets is found each time.
        """
        if iri is None:
            axioms = self._module(self._axioms, self._set())
        else:
            axioms = self._piece([self._class(iri)])
            if not self._wrong(list(axioms), iri):  # rules and keys are to blame
                axioms = self._module(self._axioms, self._set([self._class(iri)]))
        return smallest(
            sorted(axioms, key=lambda axiom: (not of_terms(axiom), key(axiom))), lambda some: self._wrong(some, iri)
        )

    def roots(self, iris: Collection[str]) -> list[str]:
        """Classes without instances: first those that are not so because of another of them, then the others."""
        below: dict[str, set[str]] = {iri: set() for iri in iris}
        for iri, named in below.items():
            one = self._class(iri)
            for axiom in (
                *self.ontology.getSubClassAxiomsForSubClass(one),
                *self.ontology.getEquivalentClassesAxioms(one),
            ):
                named |= {str(other.getIRI()) for other in axiom.getClassesInSignature()} & below.keys() - {iri}

        def reached(iri: str) -> set[str]:
            seen, open = set[str](), [iri]
            while open:
                new = below[open.pop()] - seen
                seen |= new
                open += new
            return seen

        on = {iri: reached(iri) for iri in below}
        return sorted(on, key=lambda iri: (any(iri not in on[other] for other in on[iri]), iri))


def of_terms(axiom: Any) -> bool:
    """Whether an axiom is about classes and properties, and not about single things."""
    return not str(axiom.getAxiomType().getName()).endswith(("Assertion", "Individual", "Individuals"))


_ACROSS = ("Rule", "HasKey")
"""Axioms about classes and properties that compare any named things."""


def _kind(axiom: Any) -> str:
    return str(axiom.getAxiomType().getName())


def _things(axiom: Any) -> set[str]:
    return {str(thing) for thing in (*axiom.getIndividualsInSignature(), *axiom.getAnonymousIndividuals())}
