"""Members: triples and the IRIs of classes go in; what HermiT says must be an instance of each comes out.

Why not by owlready2, as all else: it has HermiT work out every class of every thing, which for a thousand incidents
takes minutes where the classes that are asked for take seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from kgtools.errors import EngineError
from kgtools.reason.graph import Graph
from kgtools.reason.process import OwlApi
from kgtools.reason.runtime import SECONDS


def members(
    triples: Iterable[str], classes: Iterable[str], *, further: Iterable[Path] = (), seconds: float = SECONDS
) -> dict[str, frozenset[str]]:
    """HermiT's instances of named classes.

    Args:
        triples: what is true beside ontology and theories, as N-Triples or N-Quads.
        classes: their IRIs.
        further: ontology files, merged in.
        seconds: how long the reasoner may take.

    Returns:
        For each class, the IRIs of what must be an instance of it.

    Raises:
        EngineError: there is no Java, the reasoner failed, or all is inconsistent, so that all would be instances.
        OntologyError: a file cannot be read.
    """
    graph = Graph.of(triples, further=further)
    graph.leave_out_axioms()
    with OwlApi(seconds) as api, TemporaryDirectory() as folder:
        file = Path(folder, "graph.ttl")
        graph.write(file)
        found = api.ask("instances", file=str(file), classes=sorted({*classes}))
    if found is None:
        raise EngineError("what is reasoned over is inconsistent, so everything would be an instance of every class")
    return {iri: frozenset(things) for iri, things in found.items()}
