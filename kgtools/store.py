"""Stores: RDF goes in, answers to SPARQL come out; the embedded one (Oxigraph), and any SPARQL 1.1 server by its address.

Queries see all graphs as one unless told otherwise, since engines differ in what their default graph is.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from kgtools.errors import EngineError, InputError

if TYPE_CHECKING:
    import pyoxigraph as ox

FORMATS = (".ttl", ".nt", ".nq", ".trig", ".rdf", ".owl", ".xml", ".jsonld", ".json", ".n3")
"""The endings of RDF files that can be read."""


def is_store(path: Path) -> bool:
    """Whether a folder is a store that Oxigraph keeps."""
    return path.is_dir() and (path / "CURRENT").is_file()


class Store:
    """An Oxigraph store, in memory or in a folder.

    Args:
        folder: where it is kept; None for memory.
        read_only: open a folder without the right to write.
    """

    def __init__(self, folder: Path | None = None, *, read_only: bool = False) -> None:
        import pyoxigraph as ox

        try:
            if folder is None:
                self.inner = ox.Store()
            else:
                self.inner = ox.Store.read_only(str(folder)) if read_only else ox.Store(str(folder))
        except OSError as error:
            raise InputError(f"is no store that can be opened ({str(error).splitlines()[0]})", folder) from error

    @classmethod
    def of(cls, path: Path) -> Store:
        """A store with what an RDF file (any common syntax, `-` for Turtle, TriG or N-Quads from stdin) or store folder holds.

        Raises:
            InputError: there is no such file, or it is not what its ending says; with the line.
        """
        if is_store(path):
            return cls(path, read_only=True)
        store = cls()
        store.load(path)
        return store

    def load(self, path: Path) -> None:
        """Add what an RDF file holds. Raises InputError as `of`."""
        import pyoxigraph as ox

        name = "standard input" if str(path) == "-" else path
        endings = {".xml": "rdf", ".owl": "rdf", ".json": "jsonld"}
        try:
            if str(path) == "-":
                self.inner.bulk_load(sys.stdin.buffer.read(), ox.RdfFormat.TRIG)
            elif path.suffix.lower() not in FORMATS:
                raise InputError(f"is no RDF file by its ending; there are {', '.join(FORMATS)}", path)
            else:
                ending = endings.get(path.suffix.lower(), path.suffix.lower()[1:])
                self.inner.bulk_load(path=str(path), format=ox.RdfFormat.from_extension(ending), base_iri=path.resolve().as_uri())
        except SyntaxError as error:
            raise InputError(f"not what its ending says: {error.msg}", name, error.lineno) from error
        except OSError as error:
            raise InputError(f"cannot be read ({error.strerror or error})", name) from error

    def add(self, lines: Iterable[str]) -> None:
        """Add N-Quads or N-Triples, a line each."""
        import pyoxigraph as ox

        self.inner.bulk_load("\n".join(lines).encode(), ox.RdfFormat.N_QUADS, lenient=True)

    def select(self, query: str, bound: Mapping[str, str] | None = None) -> ox.QuerySolutions:
        """The answers to a SELECT, with some variables (which it must return) bound to IRIs."""
        import pyoxigraph as ox

        values = {ox.Variable(name): ox.NamedNode(iri) for name, iri in (bound or {}).items()}
        answers = self.inner.query(query, use_default_graph_as_union=True, substitutions=values)
        assert isinstance(answers, ox.QuerySolutions)
        return answers

    def csv(self, query: str, bound: Mapping[str, str] | None = None) -> bytes:
        """The answers to a SELECT in the SPARQL 1.1 CSV format."""
        import pyoxigraph as ox

        return self.select(query, bound).serialize(format=ox.QueryResultsFormat.CSV)


class Endpoint:
    """A SPARQL 1.1 server that updates are sent to.

    Args:
        url: the address that takes SPARQL 1.1 Update by POST. It is contacted only when something is sent.
    """

    BATCH = 5000
    """Quads in one request."""

    def __init__(self, url: str) -> None:
        if not re.match(r"https?://[^/]+", url):
            raise InputError(f"`{url}` is no address of a server; write http://… or https://…")
        self.url = url

    def add(self, lines: Iterable[str]) -> None:
        """Send N-Quads, a line each, as INSERT DATA in batches.

        Raises:
            EngineError: the server does not answer, or refuses.
        """
        batch: list[str] = []
        for line in lines:
            batch.append(line)
            if len(batch) == self.BATCH:
                self._send(batch)
                batch = []
        if batch:
            self._send(batch)

    def _send(self, lines: list[str]) -> None:
        from urllib.error import URLError

        from SPARQLWrapper import POST, SPARQLWrapper
        from SPARQLWrapper.SPARQLExceptions import SPARQLWrapperException

        wrapper = SPARQLWrapper(self.url)
        wrapper.setMethod(POST)
        wrapper.setTimeout(60)
        wrapper.setQuery(insert_data(lines))
        try:
            wrapper.query()
        except (SPARQLWrapperException, URLError, OSError) as error:
            reason = getattr(error, "reason", None) or str(error).splitlines()[0]
            raise EngineError(f"{self.url}: the server did not take the data: {reason}") from error


_QUAD = re.compile(r"(.*) (<[^<>]*>) \.")


def insert_data(lines: Iterable[str]) -> str:
    """A SPARQL 1.1 Update that adds N-Quads. A quad is written as N-Quads writes it, which SPARQL reads alike."""
    graphs: dict[str, list[str]] = {}
    for line in lines:
        match = _QUAD.fullmatch(line)
        assert match is not None
        graphs.setdefault(match[2], []).append(f"{match[1]} .")
    return "INSERT DATA {\n" + "\n".join(f"GRAPH {graph} {{\n" + "\n".join(triples) + "\n}" for graph, triples in graphs.items()) + "\n}"
