"""Reasoned: an ontology of the OWL API goes in; what HermiT says of pieces of it comes out (within `owlapi`).

Why in pieces: of some ontologies (SEPIO, by its chains of properties) HermiT takes seconds for each class, and of the
few axioms that can matter to a class hundredths. These are found by locality (Cuenca Grau et al. 2008, JAIR 31): what
follows from a ⊥-module for its terms is what follows from everything.

Facts about things are never local, and would bring nearly everything into each module. So a piece is the module among
the axioms about classes and properties, and, where it names things (`owl:oneOf`, `owl:hasValue`), the facts that are
joined to these, even through other things. Facts about things that are joined to none of them cannot matter to a class
if the whole is consistent: a model of the piece and one of the whole, side by side, are a model of both. This does not
hold for rules (SWRL) and keys, which are about any two things: they are in no piece, only in the question whether
everything is consistent. So what is found to have no instance has none, and what has none by a rule or a key alone is
not found. Nor does it hold for the properties that join everything (`owl:topObjectProperty`): where an axiom names one,
all facts are in each piece.

The extractor of the OWL API has no eye for keys and definitions of datatypes, and takes the properties of all pairs,
and of none, for any others. What it could lose for that is in each module, with what can matter to its terms. And
whether everything is consistent is asked of everything.
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
        kinds, extreme = jpype.JClass("org.semanticweb.owlapi.model.AxiomType"), self._extreme("top", "bottom")
        unseen = (kinds.HAS_KEY, kinds.SWRL_RULE, kinds.DATATYPE_DEFINITION)
        self._lost = self._bare(*(ontology.getAxioms(kind) for kind in unseen), *extreme)
        self._kept = self._set(self._terms)
        self._kept.retainAll(self._lost)
        self._definitions = [
            (self._bare(ontology.getDatatypeDefinitions(one)), self._bare(ontology.getReferencingAxioms(one)))
            for one in ontology.getDatatypesInSignature()
            if not ontology.getDatatypeDefinitions(one).isEmpty()
        ]
        self.across = sum(_kind(axiom) in _ACROSS for axiom in axioms)

    def _bare(self, *several: Iterable[Any]) -> Any:
        """Axioms without what is noted of them."""
        return self._set([axiom.getAxiomWithoutAnnotations() for axioms in several for axiom in axioms])

    def _extreme(self, *which: str) -> list[Any]:
        """The axioms that name the properties of all pairs (`top`), or of none (`bottom`)."""
        kinds = [getattr(self._factory, f"getOWL{one.title()}{kind}Property") for one in which for kind in _PROPERTIES]
        return [self.ontology.getReferencingAxioms(kind()) for kind in kinds]

    def _class(self, iri: str) -> Any:
        import jpype

        return self._factory.getOWLClass(jpype.JClass("org.semanticweb.owlapi.model.IRI").create(iri))

    def _module(self, axioms: Any, about: Any) -> Any:
        """Those of some axioms that can matter to some terms, facts, rules and keys among them."""
        kept = self._set(axioms)
        kept.retainAll(self._lost)
        extractor = self._modules(self._manager, None, axioms, self._kind)
        module = self._set(extractor.extract(self._with_terms(about, kept)))
        module.addAll(kept)
        return module

    def _with_terms(self, about: Any, axioms: Iterable[Any]) -> Any:
        """Some terms, and those of some axioms."""
        terms = self._set(about)
        for axiom in axioms:
            terms.addAll(axiom.getSignature())
        return terms

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
        about = self._with_terms(list(classes), self._kept)
        facts: list[Any] = []
        left = self._joined
        everything = any(not axioms.isEmpty() for axioms in self._extreme("top"))
        while True:
            module = self._set(self._extractor.extract(about))
            module.addAll(self._kept)
            named = {thing for axiom, things in self._naming if module.contains(axiom) for thing in things}
            new = [one for one in left if everything or one.things & named]
            if not new:
                module.addAll(self._set(facts))
                return module
            left = [one for one in left if one not in new]
            of_new = [axiom for one in new for axiom in one.facts]
            facts += of_new
            about = self._with_terms(about, of_new)

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

    def _wrong(self, axioms: Iterable[Any], iri: str | None, *, whole: bool = False) -> bool:
        """Whether some axioms are inconsistent, or, if a class is named, leave it without instances.

        Args:
            whole: HermiT gets all of them, and not only those that can matter.
        """
        given = self._defined(axioms)
        if not whole:
            given = self._module(given, self._about(iri))
        if given.isEmpty():
            return False
        ontology = self._manager.createOntology(given)
        reasoner = self._reasoner(self._configuration, ontology)
        try:
            return not reasoner.isConsistent() or (iri is not None and not reasoner.isSatisfiable(self._class(iri)))
        finally:
            reasoner.dispose()
            self._manager.removeOntology(ontology)

    def _about(self, iri: str | None) -> Any:
        return self._set() if iri is None else self._set([self._class(iri)])

    def _defined(self, axioms: Iterable[Any]) -> Any:
        """Some axioms without those that name a datatype whose definition is not among them: HermiT stops on these."""
        given, before = self._set(axioms), -1
        while given.size() != before:
            before = given.size()
            for definitions, naming in self._definitions:
                here = self._set(definitions)
                here.retainAll(given)
                if here.isEmpty():
                    given.removeAll(naming)
        return given

    def consistent(self) -> bool:
        """Whether everything can be true together; of that, HermiT is asked about everything."""
        return not self._wrong(self._axioms, None, whole=True)

    def why(self, iri: str | None, key: Callable[[Any], str]) -> list[Any]:
        """A smallest set of axioms by which a class can have no instance, or, if none is named, that are inconsistent.

        Args:
            key: orders axioms, so that the same one of several sets is found each time.

        Returns:
            The axioms, of which HermiT has confirmed that they alone are wrong; none where no such set was found.
        """
        enough = next((some for some in self._parts(iri) if self._wrong(some, iri, whole=True)), None)
        # where no part is wrong, what is to blame is nothing that modules are right about
        ordered = sorted(
            self._axioms if enough is None else enough, key=lambda axiom: (not of_terms(axiom), key(axiom))
        )
        found = smallest(ordered, lambda some: self._wrong(some, iri, whole=enough is None))
        return found if self._wrong(found, iri, whole=True) else []

    def _parts(self, iri: str | None) -> Iterator[Any]:
        """The axioms that can matter to a class, then with rules, keys and facts; or to whether all is consistent."""
        if iri is not None:
            yield self._piece([self._class(iri)])
        yield self._module(self._axioms, self._about(iri))

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
    return not _kind(axiom).endswith(("Assertion", "Individual", "Individuals"))


_ACROSS = ("Rule", "HasKey")
"""Axioms about classes and properties that compare any named things."""


_PROPERTIES = ("Object", "Data")


def _kind(axiom: Any) -> str:
    return str(axiom.getAxiomType().getName())


def _things(axiom: Any) -> set[str]:
    return {str(thing) for thing in (*axiom.getIndividualsInSignature(), *axiom.getAnonymousIndividuals())}
