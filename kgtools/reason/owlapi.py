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
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

from kgtools.reason.reasoned import Reasoned, of_terms
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
        iris = [] if axiom is None else _iris(axiom)
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


def _iris(axiom: Any) -> list[str]:
    """What an axiom names, sorted."""
    return sorted({str(entity.getIRI()) for entity in axiom.getSignature()})


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


def empty(asked: Asked) -> dict[str, Any] | None:
    """Which classes of a file can have no instance; nothing is classified, which of some ontologies takes hours.

    Args:
        asked: `file`, and, where it is known to be consistent, the IRIs of the only `classes` to look at.

    Returns:
        `classes`: their IRIs; `across`: how many rules and keys count for consistency alone (`reasoned`); None where
        not all of the file can be true together.
    """
    given = Reasoned(loaded(asked["file"]))
    only = asked.get("classes")
    if only is None and not given.consistent():
        return None
    return {"classes": [*given.empty(only)], "across": given.across}


def culprits(asked: Asked) -> list[tuple[str, list[tuple[str, list[str]]]]]:
    """Smallest sets of axioms by which a file is inconsistent, or by which classes can have no instance.

    Args:
        asked: `file`, `prefixes`, the IRIs of `classes` (none where the whole is inconsistent), and how many of them
            are explained, at `most`.

    Returns:
        For each class (empty for the whole) the axioms, facts about things first: each in words, with the IRIs in it.
    """
    given = Reasoned(loaded(asked["file"]))
    words = Words(given.ontology, asked["prefixes"])

    def told(axioms: Iterable[Any]) -> list[tuple[str, list[str]]]:
        said = [(of_terms(axiom), words.of(axiom), _iris(axiom)) for axiom in axioms]
        return [(text, iris) for _, text, iris in sorted(said)]

    classes = asked["classes"]
    if not classes:
        return [("", told(given.why(None, words.of)))]
    first = given.roots(classes)[: asked["most"]]
    return [(iri, told(given.why(iri, words.of))) for iri in first]


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
        "empty": empty,
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
