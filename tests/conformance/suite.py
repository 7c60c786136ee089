"""The suite: its manifests go in, its cases come out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pyoxigraph as ox

SUITE = Path(__file__).resolve().parents[3] / "shared" / "suites" / "shacl"
UNLISTED = ("sparql/component/nodeValidator-001.ttl",)
"""Cases that no manifest names."""

COUNT = 121

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SHT = "http://www.w3.org/ns/shacl-test#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


@dataclass(frozen=True)
class Case:
    """A case of the suite.

    Args:
        name: its file below the suite, without its ending.
        kind: what kind of test it is, as an IRI.
        data: the file with the data graph.
        shapes: the file with the shapes graph.
        result: the node of the expected report, or the IRI of what is expected instead.
        graph: what the case's file says.
    """

    name: str
    kind: str
    data: Path
    shapes: Path
    result: Any
    graph: tuple[ox.Triple, ...]

    @property
    def folder(self) -> str:
        """The folder of the suite that it is in."""
        return self.name.rpartition("/")[0]


def cases(root: Path = SUITE) -> list[Case]:
    """All cases, in the order of their names."""
    found = [case for start in ("manifest.ttl", *UNLISTED) for case in _cases(root / start, root)]
    return sorted(found, key=lambda case: case.name)


def _cases(path: Path, root: Path) -> Iterator[Case]:
    graph = tuple(
        quad.triple for quad in ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=path.resolve().as_uri())
    )

    def told(node: Any, predicate: str) -> list[Any]:
        return [one.object for one in graph if one.subject == node and one.predicate.value == predicate]

    me = ox.NamedNode(path.resolve().as_uri())
    for included in told(me, MF + "include"):
        yield from _cases(_path(included), root)
    for entries in told(me, MF + "entries"):
        rest = entries
        while rest.value != RDF + "nil":
            [entry], [rest] = told(rest, RDF + "first"), told(rest, RDF + "rest")
            [kind], [action], [result] = (told(entry, one) for one in (RDF + "type", MF + "action", MF + "result"))
            [data], [shapes] = told(action, SHT + "dataGraph"), told(action, SHT + "shapesGraph")
            name = str(path.resolve().relative_to(root.resolve()).with_suffix(""))
            yield Case(name, kind.value, _path(data), _path(shapes), result, graph)


def _path(iri: Any) -> Path:
    return Path(unquote(urlsplit(iri.value).path))
