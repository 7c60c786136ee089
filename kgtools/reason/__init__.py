"""Reasoning: ontology, theories and some data go in, whether they can all be true comes out (OWL 2 DL, by HermiT).

`graph` makes of them what HermiT can take, `hermit` asks it by owlready2. A reasoner that cannot start or stops is an
error, and never read as "inconsistent".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kgtools.reason.runtime import SECONDS, java
from kgtools.vocabulary import PREFIXES, curie

if TYPE_CHECKING:
    from kgtools.reason.graph import Graph
    from kgtools.reason.hermit import Inferred

__all__ = ["Answer", "Culprit", "instances", "java", "reason"]

_THING, _NOTHING = PREFIXES["owl"] + "Thing", PREFIXES["owl"] + "Nothing"
_TYPE, _SUBCLASS, _EQUIVALENT = (
    PREFIXES["rdf"] + "type",
    PREFIXES["rdfs"] + "subClassOf",
    PREFIXES["owl"] + "equivalentClass",
)


@dataclass(frozen=True)
class Culprit:
    """A smallest set of axioms that cannot be true together, or by which a class can have no instance.

    Args:
        what: `inconsistent`, or the class as a CURIE.
        axioms: each in words, with CURIEs and labels.
    """

    what: str
    axioms: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """What the reasoner says.

    Args:
        consistent: whether everything can be true together.
        unsatisfiable: classes that nothing can be an instance of, as CURIEs, sorted; empty where all is inconsistent.
        triples: how many triples were reasoned over.
        left_out: what was left out, with how often: datatypes that OWL 2 does not have, for literals of them; else
            in words.
        hierarchy: inferred pairs of a class and one directly above it, as CURIEs; those that follow from what was
            asserted of named classes are not among them.
        types: inferred pairs of a thing and one of its narrowest classes, in the same way; only if asked for.
        culprits: smallest sets of axioms behind what is wrong; only if asked for.
    """

    consistent: bool
    unsatisfiable: tuple[str, ...]
    triples: int
    left_out: tuple[tuple[str, int], ...]
    hierarchy: tuple[tuple[str, str], ...] = ()
    types: tuple[tuple[str, str], ...] = ()
    culprits: tuple[Culprit, ...] = ()


def reason(
    lines: Iterable[str] = (),
    theories: Iterable[Path] = (),
    *,
    further: Iterable[Path] = (),
    explain: bool = False,
    realize: bool = False,
    seconds: float = SECONDS,
) -> Answer:
    """Ask HermiT whether ontology, theories and data are consistent.

    Args:
        lines: data as N-Quads, a line each; all graphs are taken as one.
        theories: theory files beside those that come with kgtools.
        further: ontology files in any syntax of RDF, merged in: another ontology, a bridge to it.
        explain: also find smallest sets of axioms behind what is wrong.
        realize: also say of which classes things are instances.
        seconds: how long the reasoner may take.

    Raises:
        EngineError: there is no Java, or the reasoner failed.
        OntologyError: a file cannot be read.
    """
    from kgtools.reason.graph import Graph
    from kgtools.reason.hermit import Hierarchy

    graph = Graph.of(lines, theories, further)
    graph.leave_out_axioms()
    found = _ask(graph, seconds)
    if not found.consistent:
        return Answer(False, (), len(graph.sources), graph.counted())
    asserted = graph.named()
    before, after = Hierarchy(asserted), Hierarchy({*asserted, *found.triples})
    classes = {child for child, predicate, parent in found.triples if predicate in (_SUBCLASS, _EQUIVALENT)}
    unsatisfiable = {iri for iri in classes if _NOTHING in after.above(iri)} - {_NOTHING}
    pairs = {
        (child, parent)
        for child, predicate, parent in found.triples
        if predicate in (_SUBCLASS, _EQUIVALENT)
        and child not in unsatisfiable
        and parent not in (_THING, *before.above(child))
    }
    types = set[tuple[str, str]]()
    if realize:
        known: dict[str, set[str]] = {}
        for thing, predicate, one in asserted:
            if predicate == _TYPE:
                known.setdefault(thing, set()).update(before.above(one))
        types = {
            (thing, one)
            for thing, predicate, one in found.triples
            if predicate == _TYPE and one != _THING and one not in known.get(thing, ())
        }
    return Answer(
        True,
        tuple(sorted(map(curie, unsatisfiable))),
        len(graph.sources),
        graph.counted(),
        _curies(pairs),
        _curies(types),
    )


def instances(
    triples: Iterable[str], classes: Iterable[str], *, further: Iterable[Path] = (), seconds: float = SECONDS
) -> dict[str, frozenset[str]]:
    """HermiT's instances of named classes.

    Args:
        triples: what is true beside ontology and theories, as N-Triples or N-Quads.
        classes: their IRIs.
        further: ontology files, merged in.

    Returns:
        For each class, the IRIs of what must be an instance of it.

    Raises:
        EngineError: there is no Java, the reasoner failed, or all is inconsistent, so that all would be instances.
        OntologyError: a file cannot be read.
    """
    from kgtools.errors import EngineError
    from kgtools.reason.graph import Graph
    from kgtools.reason.hermit import Hierarchy

    graph = Graph.of(triples, further=further)
    graph.leave_out_axioms()
    found = _ask(graph, seconds)
    if not found.consistent:
        raise EngineError("what is reasoned over is inconsistent, so everything would be an instance of every class")
    said = {*graph.named(), *found.triples}
    hierarchy = Hierarchy(said)
    members: dict[str, set[str]] = {iri: set() for iri in classes}
    for thing, predicate, one in said:
        if predicate == _TYPE:
            for above in hierarchy.above(one):
                if above in members:
                    members[above].add(thing)
    return {iri: frozenset(things) for iri, things in members.items()}


def _ask(graph: Graph, seconds: float) -> Inferred:
    """HermiT's answer on a graph."""
    from kgtools.reason.hermit import inferred

    with TemporaryDirectory() as folder:
        file = Path(folder, "graph.nt")
        graph.write(file)
        return inferred(file, seconds)


def _curies(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((curie(one), curie(other)) for one, other in pairs))
