"""The OWL 2 DL profile: a reasoned graph goes in; what of it is not OWL 2 DL comes out.

The OWL API checks it. It passes over two things, which are looked for here: datatypes that OWL 2 does not have, and
nameless things that are joined in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kgtools.reason.answer import Violation
from kgtools.vocabulary import Names

if TYPE_CHECKING:
    import pyoxigraph as ox

    from kgtools.reason.graph import Graph
    from kgtools.reason.process import OwlApi


def not_in_profile(graph: Graph, api: OwlApi) -> list[Violation]:
    """What of a graph is not OWL 2 DL, sorted.

    Args:
        graph: from which no axioms have been left out yet.

    Raises:
        EngineError: there is no Java, or it failed.
    """
    with TemporaryDirectory() as folder:
        file = Path(folder, "graph.ttl")
        graph.write(file)
        said = api.ask("violations", file=str(file), prefixes=graph.prefixes, unknown=sorted(graph.unknown_datatypes()))
    files = graph.files()
    found = {Violation(one["rule"], one["term"], one["axiom"], _place(one["iris"], files)) for one in said}
    for circle in graph.circles():
        places = {path for triple in circle for path in graph.sources[triple]}
        axiom = "; ".join(_fact(triple, names, graph.prefixes) for names in [dict[str, str]()] for triple in circle)
        found.add(Violation("Circle of things without a name", "", axiom, str(*places) if len(places) == 1 else ""))
    return sorted(found, key=lambda one: (one.rule, one.term, one.axiom, one.file))


def _place(iris: Iterable[str], files: Mapping[str, frozenset[Path]]) -> str:
    """The one file that names all of some IRIs; empty where none does, or several do."""
    named = [files[iri] for iri in iris if iri in files]
    places = frozenset[Path].intersection(*named) if named else frozenset()
    return str(*places) if len(places) == 1 else ""


def _fact(triple: ox.Triple, names: dict[str, str], prefixes: Mapping[str, str]) -> str:
    """A triple between blank nodes, which are numbered as they come."""
    ends = [names.setdefault(str(node), f"_:{len(names) + 1}") for node in (triple.subject, triple.object)]
    return f"{ends[0]} {Names(prefixes).short(triple.predicate.value)} {ends[1]}"
