"""The OWL API, in a process of its own: requests as JSON lines go in on stdin, answers come out on stdout.

Why a process: Java within Python (JPype) can be started once and never stopped, and takes Python along when it dies.
Here it can be given a time limit, and killed. `process` is the side that asks.

The OWL API and HermiT are those that owlready2 brings. What is printed by Java goes nowhere.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
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
    """What of a file is not OWL 2 DL.

    Args:
        asked: `file`, `prefixes`, and `unknown`: the IRIs of datatypes outside the OWL 2 map, which the OWL API passes
            over.

    Returns:
        For each violation: `rule`, the `term` at fault if there is one, the `axiom` (both in words), the `iris` in it.
    """
    import jpype

    ontology = loaded(asked["file"])
    words = Words(ontology, asked["prefixes"])
    factory = ontology.getOWLOntologyManager().getOWLDataFactory()
    found: list[dict[str, Any]] = []

    def add(rule: str, term: str, axiom: Any) -> None:
        iris = [] if axiom is None else sorted({str(entity.getIRI()) for entity in axiom.getSignature()})
        said = {"rule": rule, "term": term, "axiom": "" if axiom is None else words.of(axiom), "iris": iris}
        if said not in found:
            found.append(said)

    for one in _checked(ontology):
        term = _TERM.search(str(one.toString()))
        add(_rule(one), words.name(term[1]) if term else "", one.getAxiom())
    for iri in asked["unknown"]:
        datatype = factory.getOWLDatatype(jpype.JClass("org.semanticweb.owlapi.model.IRI").create(iri))
        for axiom in ontology.getReferencingAxioms(datatype):
            if axiom.isLogicalAxiom():
                add("Datatype outside the OWL 2 map", words.name(iri), axiom)
    return sorted(found, key=lambda said: (said["rule"], said["term"], said["axiom"]))


_TERM = re.compile(r"\A[^:<]*: <([^<>]*)>")
"""The term at fault, in what the OWL API says."""


def _checked(ontology: Any) -> Any:
    import jpype

    return jpype.JClass("org.semanticweb.owlapi.profiles.OWL2DLProfile")().checkOntology(ontology).getViolations()


def _rule(violation: Any) -> str:
    """The rule in words: what the OWL API calls it."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z]+", str(violation.getClass().getSimpleName()))
    return " ".join((words[0], *(word if word.isupper() else word.lower() for word in words[1:])))


def legal(asked: Asked) -> dict[str, int]:
    """Write a file anew, in functional syntax, without the axioms that HermiT stops on.

    Args:
        asked: `file`, and `to`, where it is written.

    Returns:
        The rules for whose sake axioms were left out, with how many.
    """
    import jpype

    ontology = loaded(asked["file"])
    manager = ontology.getOWLOntologyManager()
    counts: dict[str, int] = {}
    for _ in range(_ROUNDS):
        wrong = {one.getAxiom(): _rule(one) for one in _checked(ontology) if not _rule(one).startswith(_HARMLESS)}
        wrong.pop(None, None)
        for axiom, rule in wrong.items():
            manager.removeAxiom(ontology, axiom)
            counts[rule] = counts.get(rule, 0) + 1
        if not wrong:
            break
    form = jpype.JClass("org.semanticweb.owlapi.io.OWLFunctionalSyntaxOntologyFormat")()
    place = jpype.JClass("org.semanticweb.owlapi.model.IRI").create(Path(asked["to"]).as_uri())
    manager.saveOntology(ontology, form, place)
    return counts


_ROUNDS = 5
"""What is left of a circle of wrong axioms may be wrong in another way."""

_HARMLESS = (
    "Use of undeclared",
    "Use of reserved",
    "Illegal punning",
    "Datatype IRI",
    "Ontology",
    "Use of non absolute",
)
"""Violations that HermiT reasons on with."""


def consistent(asked: Asked) -> bool:
    """Whether all of a file can be true together; nothing is classified, which of some ontologies takes hours."""
    return Reasoned(loaded(asked["file"])).consistent()


def culprits(asked: Asked) -> list[tuple[str, list[str]]]:
    """Smallest sets of axioms by which a file is inconsistent, or by which classes can have no instance.

    Args:
        asked: `file`, `prefixes`, the IRIs of `classes` (none where the whole is inconsistent), and how many of them
            are explained, at `most`.

    Returns:
        For each class (empty for the whole) the axioms in words, facts about things first.
    """
    reasoned = Reasoned(loaded(asked["file"]))
    words = Words(reasoned.ontology, asked["prefixes"])

    def told(axioms: Iterable[Any]) -> list[str]:
        said = [(_of_terms(axiom), words.of(axiom)) for axiom in axioms]
        return [text for _, text in sorted(said)]

    classes = asked["classes"]
    if not classes:
        return [("", told(reasoned.why(None, words.of)))]
    first = reasoned.roots(classes)[: asked["most"]]
    return [(iri, told(reasoned.why(iri, words.of))) for iri in first]


def _of_terms(axiom: Any) -> bool:
    """Whether an axiom is about classes and properties, and not about single things."""
    return not _kind(axiom).endswith(("Assertion", "Individual", "Individuals"))


def _lost(axiom: Any) -> bool:
    """Whether the OWL API's extractor of modules may lose an axiom that matters.

    It has no eye for keys, rules and definitions of datatypes, and takes the properties that hold of all pairs, and of
    none, for any others.
    """
    return _kind(axiom) in _UNSEEN or any(str(entity.getIRI()) in _EXTREME for entity in axiom.getSignature())


def _kind(axiom: Any) -> str:
    return str(axiom.getAxiomType().getName())


_DEFINITION = "DatatypeDefinition"
_UNSEEN = ("HasKey", "Rule", _DEFINITION)

_EXTREME = frozenset(
    f"http://www.w3.org/2002/07/owl#{which}{kind}Property" for which in ("top", "bottom") for kind in ("Object", "Data")
)


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
        self._datatypes = {str(one.getDatatype().getIRI()) for one in self._axioms if _kind(one) == _DEFINITION}

    def _class(self, iri: str) -> Any:
        import jpype

        return self._factory.getOWLClass(jpype.JClass("org.semanticweb.owlapi.model.IRI").create(iri))

    def _module(self, axioms: Any, about: Any) -> Any:
        """Those of some axioms that can matter to some terms (Cuenca Grau et al. 2008, JAIR 31, ⊥-locality).

        Those that the extractor would lose are always among them, and what can matter to their terms.
        """
        kept = self._set([axiom for axiom in axioms if _lost(axiom)])
        terms = self._set(about)
        for axiom in kept:
            terms.addAll(axiom.getSignature())
        module = self._set(self._modules(self._manager, None, axioms, self._kind).extract(terms))
        module.addAll(kept)
        return module

    def _wrong(self, axioms: Sequence[Any], iri: str | None, *, whole: bool = False) -> bool:
        """Whether some axioms are inconsistent, or, if a class is named, leave it without instances.

        Args:
            whole: HermiT gets all of them, and not only those that can matter.
        """
        given = self._set(self._defined(axioms))
        if not whole:
            given = self._module(given, self._set() if iri is None else self._set([self._class(iri)]))
        if given.isEmpty():
            return False
        ontology = self._manager.createOntology(given)
        reasoner = self._reasoner(self._configuration, ontology)
        try:
            return not reasoner.isConsistent() or (iri is not None and not reasoner.isSatisfiable(self._class(iri)))
        finally:
            reasoner.dispose()
            self._manager.removeOntology(ontology)

    def _defined(self, axioms: Iterable[Any]) -> list[Any]:
        """Some axioms without those that name a datatype whose definition is not among them: HermiT stops on these."""
        given = list(axioms)
        while self._datatypes:
            here = {str(one.getDatatype().getIRI()) for one in given if _kind(one) == _DEFINITION}
            kept = [
                one
                for one in given
                if not {str(named.getIRI()) for named in one.getDatatypesInSignature()} & self._datatypes - here
            ]
            if len(kept) == len(given):
                break
            given = kept
        return given

    def consistent(self) -> bool:
        """Whether everything can be true together: of that, HermiT is asked about everything."""
        return not self._wrong(self._axioms, None, whole=True)

    def why(self, iri: str | None, key: Callable[[Any], str]) -> list[Any]:
        """A smallest set of axioms by which a class can have no instance, or, if none is named, that are inconsistent.

        Args:
            key: orders axioms, so that the same one of several sets is found each time.

        Returns:
            The axioms, of which HermiT has confirmed that they alone are wrong; none where no such set was found.
        """
        axioms = self._module(self._axioms, self._set() if iri is None else self._set([self._class(iri)]))
        whole = not self._wrong(axioms, iri, whole=True)
        if whole:  # what is to blame is not in the module, so that modules are no help
            axioms = self._axioms
        ordered = sorted(axioms, key=lambda axiom: (not _of_terms(axiom), key(axiom)))
        found = smallest(ordered, lambda some: self._wrong(some, iri, whole=whole))
        return found if self._wrong(found, iri, whole=True) else []

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
    """Answer requests until there can be no more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what Java prints is no answer
    kinds: dict[str, Callable[[Asked], Any]] = {
        "violations": violations,
        "legal": legal,
        "culprits": culprits,
        "consistent": consistent,
        "instances": instances,
    }
    requests: SimpleQueue[str] = SimpleQueue()
    Thread(target=_listen, args=(requests,), daemon=True).start()
    while True:
        asked = json.loads(requests.get())
        try:
            if asked["do"] == "start":
                start(asked["jvm"], asked["jar"], asked["megabytes"])
                said: dict[str, Any] = {"answer": True}
            else:
                said = {"answer": kinds[asked["do"]](asked)}
        except Exception as error:
            said = {"error": f"{type(error).__name__}: {' '.join(str(error).split())}"[:500]}
        answers.write(json.dumps(said) + "\n")
        answers.flush()


def _listen(requests: SimpleQueue[str]) -> None:
    """Take in requests; when who asks is gone, end, with all of the group, whatever Java is at."""
    for line in sys.stdin:
        requests.put(line)
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


if __name__ == "__main__":
    serve()
