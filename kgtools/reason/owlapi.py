"""The OWL API, in a process of its own: requests as JSON lines go in on stdin, answers come out on stdout.

Why a process: Java within Python (JPype) can be started once and never stopped, and takes Python along when it dies.
Here it can be given a time limit, and killed. `asked` is the side that asks.

The OWL API and HermiT are those that owlready2 brings. What is printed by Java goes nowhere.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kgtools.reason.smallest import smallest
from kgtools.reason.worded import Words

Asked = Mapping[str, Any]


def start(jvm: str | None, jar: str, megabytes: int) -> None:
    """Start Java in this process.

    Args:
        jvm: the library that is Java; None where JPype may look for it.
    """
    import jpype

    quiet = ("-XX:+IgnoreUnrecognizedVMOptions", "--enable-native-access=ALL-UNNAMED")
    jpype.startJVM(f"-Xmx{megabytes}M", *quiet, jvmpath=jvm, classpath=[jar], convertStrings=True)


def loaded(file: str) -> Any:
    """The ontology that a file of N-Triples (with the ending of Turtle) is."""
    import jpype

    manager = jpype.JClass("org.semanticweb.owlapi.apibinding.OWLManager").createOWLOntologyManager()
    return manager.loadOntologyFromOntologyDocument(jpype.JClass("java.io.File")(file))


def violations(asked: Asked) -> list[dict[str, Any]]:
    """What of a file is not OWL 2 DL: rule, axiom in words, and the IRIs that it names."""
    import jpype

    ontology = loaded(asked["file"])
    words = Words(ontology, asked["prefixes"])
    report = jpype.JClass("org.semanticweb.owlapi.profiles.OWL2DLProfile")().checkOntology(ontology)
    found = []
    for one in report.getViolations():
        axiom = one.getAxiom()
        rule = str(one.getClass().getSimpleName())
        said = {
            "rule": rule,
            "axiom": "" if axiom is None else words.of(axiom),
            "about": words.told(str(one.toString()), axiom),
            "iris": [] if axiom is None else sorted(str(entity.getIRI()) for entity in axiom.getSignature()),
        }
        if said not in found:
            found.append(said)
    return sorted(found, key=lambda said: (said["rule"], said["axiom"], said["about"]))


def legal(asked: Asked) -> dict[str, int]:
    """Write a file anew without the axioms that HermiT stops on.

    Returns:
        What was left out, with how often.
    """
    import jpype

    ontology = loaded(asked["file"])
    manager = ontology.getOWLOntologyManager()
    words = Words(ontology, asked["prefixes"])
    counts: dict[str, int] = {}
    for _ in range(_ROUNDS):
        report = jpype.JClass("org.semanticweb.owlapi.profiles.OWL2DLProfile")().checkOntology(ontology)
        wrong = {}
        for one in report.getViolations():
            rule = str(one.getClass().getSimpleName())
            if one.getAxiom() is not None and not rule.startswith(_HARMLESS):
                wrong[words.of(one.getAxiom())] = one.getAxiom()
        if not wrong:
            break
        for said, axiom in sorted(wrong.items()):
            manager.removeAxiom(ontology, axiom)
            counts[said] = counts.get(said, 0) + 1
    form = jpype.JClass("org.coode.owlapi.turtle.TurtleOntologyFormat")()
    manager.saveOntology(
        ontology, form, jpype.JClass("org.semanticweb.owlapi.model.IRI").create(Path(asked["to"]).as_uri())
    )
    return counts


_ROUNDS = 5
_HARMLESS = ("UseOfUndeclared", "UseOfReserved", "IllegalPunning", "DatatypeIRIAlso", "Ontology", "UseOfNonAbsolute")
"""Violations that HermiT reasons on with."""


def culprits(asked: Asked) -> dict[str, Any]:
    """Smallest sets of axioms by which a file is inconsistent, or by which classes can have no instance.

    Returns:
        `sets`: the class (none where the whole is inconsistent) with axioms in words.
    """
    reasoned = Reasoned(loaded(asked["file"]))
    words = Words(reasoned.ontology, asked["prefixes"])

    def told(axioms: Iterable[Any]) -> list[str]:
        said = [(bool(axiom.isLogicalAxiom() and _of_terms(axiom)), words.of(axiom)) for axiom in axioms]
        return [text for _, text in sorted(said)]

    classes = asked["classes"]
    if not classes:
        return {"sets": [["", told(reasoned.why_inconsistent(words.of))]]}
    first = reasoned.roots(classes)[: asked["most"]]
    return {"sets": [[iri, told(reasoned.why_unsatisfiable(iri, words.of))] for iri in first]}


def _of_terms(axiom: Any) -> bool:
    """Whether an axiom is about classes and properties, and not about single things."""
    return not str(axiom.getAxiomType().getName()).endswith(("Assertion", "Individual", "Individuals"))


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
        self._axioms = self._set([axiom.getAxiomWithoutAnnotations() for axiom in ontology.getLogicalAxioms()])

    def _class(self, iri: str) -> Any:
        import jpype

        return self._factory.getOWLClass(jpype.JClass("org.semanticweb.owlapi.model.IRI").create(iri))

    def _module(self, axioms: Any, about: Any) -> Any:
        """Those of some axioms that can matter to some terms (Cuenca Grau et al. 2008, JAIR 31, ⊥-locality)."""
        return self._modules(self._manager, None, axioms, self._kind).extract(about)

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

    def _why(self, iri: str | None, key: Callable[[Any], str]) -> list[Any]:
        about = self._set() if iri is None else self._set([self._class(iri)])
        module = self._module(self._axioms, about)
        return smallest(
            sorted(module, key=lambda axiom: (not _of_terms(axiom), key(axiom))), lambda some: self._wrong(some, iri)
        )

    def why_inconsistent(self, key: Callable[[Any], str]) -> list[Any]:
        """A smallest set of axioms that are inconsistent; `key` orders what it is looked for in."""
        return self._why(None, key)

    def why_unsatisfiable(self, iri: str, key: Callable[[Any], str]) -> list[Any]:
        """A smallest set of axioms by which a class can have no instance."""
        return self._why(iri, key)

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


def instances(asked: Asked) -> dict[str, list[str]] | None:
    """What must be an instance of some classes, by a file.

    Args:
        asked: `file`, and `classes`, their IRIs.

    Returns:
        For each class the IRIs; None where all is inconsistent.
    """
    import jpype

    ontology = loaded(asked["file"])
    factory, iri_of = (
        ontology.getOWLOntologyManager().getOWLDataFactory(),
        jpype.JClass("org.semanticweb.owlapi.model.IRI"),
    )
    configuration = jpype.JClass("org.semanticweb.HermiT.Configuration")()
    configuration.throwInconsistentOntologyException = False
    reasoner = jpype.JClass("org.semanticweb.HermiT.Reasoner")(configuration, ontology)
    try:
        if not reasoner.isConsistent():
            return None
        found = {}
        for iri in asked["classes"]:
            things = reasoner.getInstances(factory.getOWLClass(iri_of.create(iri)), False).getFlattened()
            found[iri] = sorted(str(thing.getIRI()) for thing in things)
        return found
    finally:
        reasoner.dispose()


def serve() -> None:
    """Answer requests until there are no more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what Java prints is no answer
    kinds: dict[str, Callable[[Asked], Any]] = {"violations": violations, "legal": legal, "culprits": culprits}
    kinds["instances"] = instances
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            if asked["do"] == "start":
                start(asked["jvm"], asked["jar"], asked["megabytes"])
                said = {"answer": True}
            else:
                said = {"answer": kinds[asked["do"]](asked)}
        except Exception as error:
            said = {"error": f"{type(error).__name__}: {' '.join(str(error).split())}"[:500]}
        answers.write(json.dumps(said) + "\n")
        answers.flush()


if __name__ == "__main__":
    serve()
