"""Endpoints: SPARQL queries and updates go to a server, terms and triples, or an error of one line, come back.

What a server says is taken for what a stranger says: an answer is bounded in time and size, must be of the kind that
was asked for and whole, and every IRI in it is checked before anybody uses it. Nothing is followed to another address,
since a user and a password may go with what is asked.

`requests` makes what is sent, `wire` sends it, waits and sends it again, `login` knows what goes with it; `results`
reads what comes back, and `words` has the lines on what went wrong; `quads` cuts data into updates or graphs that
servers take.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import quote

from kgtools.endpoint.login import PASSWORD, TOKEN, USER, login_for
from kgtools.endpoint.quads import documents, in_graph, insert_data, iri, updates
from kgtools.endpoint.requests import graph_store, name_of, protocol, require_address
from kgtools.endpoint.results import (
    RESULTS,
    TRIPLES,
    TURTLE,
    ResultError,
    Row,
    answer_of,
    media_type_of,
    require_graph,
    rows_of,
    triples_of,
    truth,
    truth_of,
)
from kgtools.endpoint.wire import RefusedError, Wire
from kgtools.endpoint.words import ADDING, PUTTING, QUERY, UPDATE, Errand
from kgtools.errors import EngineError, InputError
from kgtools.vocabulary import EVCO

if TYPE_CHECKING:
    from kgtools.sparql import Form

T = TypeVar("T")

__all__ = ["PASSWORD", "TOKEN", "USER", "Endpoint", "RefusedError", "Row", "insert_data"]

_LARGEST = 1 << 28
"""Bytes of an answer that is still read: a quarter of a gigabyte."""

_IN_ADDRESS = 1_500
"""Characters up to which a query goes into the address (GET); longer ones are posted."""

_MOST_GRAPHS = 2_000
"""Named graphs that a query can be sent over."""

_PAGE = 10_000
"""Names that are asked for at once: what Virtuoso sorts and gives at most unless told otherwise."""

_INCIDENT = f"?incident a <{EVCO}Incident>"

_ACCEPTED = {"SELECT": RESULTS, "ASK": RESULTS}
_GRAPHS_ACCEPTED = f"{TRIPLES}, {TURTLE};q=0.5"


class Endpoint:
    """A SPARQL 1.1 server (W3C SPARQL 1.1 Protocol). It is contacted only when something is asked or sent.

    Args:
        url: the address that takes queries, and updates where there is no other for these, by HTTP.
        update_url: the address that takes updates.
        graph_store: the address that takes graphs (W3C SPARQL 1.1 Graph Store HTTP Protocol); where there is one, what
            is added goes there, and not into updates.
        graphs: the IRIs of the named graphs that queries see as their default graph; else what the server takes for it.
        seconds: how long one answer may take, with all that is done to get it.
        largest: how many bytes one answer may have.

    Raises:
        InputError: an address is none, or has a user or a password in it, or a graph's name is no IRI.
    """

    def __init__(
        self,
        url: str,
        *,
        update_url: str | None = None,
        graph_store: str | None = None,
        graphs: Sequence[str] = (),
        seconds: float = 120,
        largest: int = _LARGEST,
    ) -> None:
        for address in (url, update_url, graph_store):
            if address is not None:
                require_address(address)
        for graph in graphs:
            iri(graph)
        self.url, self.update_url, self.graph_store, self.graphs = url, update_url, graph_store, tuple(graphs)
        self.name = name_of(url)
        """What errors call it."""
        self.seconds, self.largest = seconds, largest
        self.asks = True
        """Whether it is known where it takes queries."""

    @classmethod
    def to_write(
        cls, *, update_url: str | None = None, graph_store: str | None = None, seconds: float = 120
    ) -> Endpoint:
        """A server of which nobody has said where it takes queries; asking it something is an InputError."""
        one = cls(update_url or graph_store or "", update_url=update_url, graph_store=graph_store, seconds=seconds)
        one.asks = False
        return one

    def over(self, *graphs: str) -> Endpoint:
        """The same server, whose queries see some named graphs as their default graph."""
        for graph in graphs:
            iri(graph)
        other = copy(self)
        other.graphs = graphs
        return other

    def visible(self) -> Endpoint:
        """The same server, whose queries see its incidents without naming a graph.

        Servers differ in what a query sees that names none. Where that is no incident, but named graphs have some, it
        is made all of these graphs but for views, which repeat what is in others; so it is where there is no incident
        at all, and it would see nothing. Else, and where `graphs` are given, it is left.

        Raises:
            InputError: there are too many.
            EngineError: as `select`.
        """
        if self.graphs or self.ask(f"ASK {{ {_INCIDENT} }}"):
            return self
        if not self.ask(f"ASK {{ GRAPH ?g {{ {_INCIDENT} }} }}") and (
            self.ask("ASK { ?s ?p ?o }") or not self.ask("ASK { GRAPH ?g { ?s ?p ?o } }")
        ):
            return self
        found = self.iris('GRAPH ?node { ?s ?p ?o } FILTER(!CONTAINS(STR(?node), "/view/"))', limit=_MOST_GRAPHS + 1)
        if len(found) > _MOST_GRAPHS:
            raise InputError(
                f"has more than {_MOST_GRAPHS:,} named graphs, and no incident in its default graph; name those that "
                "are to be asked with --graph, or let the server take all for its default graph",
                self.name,
            )
        return self.over(*found)

    # Updates

    def update(self, text: str) -> None:
        """Send a SPARQL 1.1 Update.

        Raises:
            InputError: there is a login for another server only.
            EngineError: the server does not answer, or refuses.
        """
        # What one address takes for queries and another for updates may be one and the same.
        sure = self.update_url is not None
        errand = UPDATE if sure else Errand(UPDATE.failed, UPDATE.addresses, UPDATE.again, sure=False)
        address = self.update_url or self.url
        self._wire(address).send(partial(protocol, address, text, "INSERT", RESULTS), errand)

    def add(self, lines: Iterable[str]) -> None:
        """Add N-Quads, a line each, in parts of a size that servers take: to the graph store if there is one.

        Raises:
            InputError: a line is no quad, or one that cannot be sent; or as `update`.
            EngineError: as `update`.
        """
        if self.graph_store is None:
            for text in updates(lines):
                self.update(text)
            return
        for graph, triples in documents(lines):
            self._store("POST", graph, triples)

    def replace_graph(self, graph: str, lines: Iterable[str]) -> None:
        """Put N-Triples, or the triples of N-Quads, into a named graph, in place of what is in it. Raises as `add`."""
        quads = in_graph(lines, graph)
        if self.graph_store is None:
            self.update(f"DROP SILENT GRAPH {iri(graph)}")
            self.add(quads)
            return
        method: Literal["PUT", "POST"] = "PUT"
        for _, triples in documents(quads):
            self._store(method, graph, triples)
            method = "POST"
        if method == "PUT":
            self._delete(graph)

    def drop(self, bundle: str) -> None:
        """Remove all graphs of a bundle: its data, codings, views and verdicts. Raises as `update`."""
        inside = _of("?node", bundle)
        if self.graph_store is not None or (self.update_url is not None and self.asks):
            # One by one is what servers do best; some would take all triples together for one transaction.
            for graph in self.over().iris(f"GRAPH ?node {{ ?s ?p ?o }} FILTER({inside})"):
                self._delete(graph)
        else:
            self.update(
                f"DELETE {{ GRAPH ?node {{ ?s ?p ?o }} }} WHERE {{ GRAPH ?node {{ ?s ?p ?o }} FILTER({inside}) }}"
            )

    def remove(self, bundle: str, graph: str) -> None:
        """Remove a bundle from a graph that holds others too: all that is said of what is called after it.

        Raises:
            InputError, EngineError: as `update`.
        """
        there = f"GRAPH {iri(graph)} {{ ?s ?p ?o }}"
        self.update(f"DELETE {{ {there} }} WHERE {{ {there} FILTER({_of('?s', bundle)}) }}")

    def _delete(self, graph: str) -> None:
        if self.update_url is not None or self.graph_store is None:
            self.update(f"DROP SILENT GRAPH {iri(graph)}")
            return
        try:
            self._store("DELETE", graph, "")
        except RefusedError as error:
            if error.status != 404:  # it is gone already
                raise

    def _store(self, method: Literal["PUT", "POST", "DELETE"], graph: str, triples: str) -> None:
        assert self.graph_store is not None
        which = f"graph={quote(graph, safe='')}" if graph else "default"
        address = f"{self.graph_store}{'&' if '?' in self.graph_store else '?'}{which}"
        errand = PUTTING if method == "PUT" else ADDING
        self._wire(self.graph_store).send(partial(graph_store, method, address, triples), errand)

    # Queries

    def ask(self, query: str) -> bool:
        """The answer to an ASK. Raises as `select`."""
        return self._taken(lambda: truth_of(answer_of(*self._query(query, "ASK"))))

    def select(self, query: str) -> list[Row]:
        """The answers to a SELECT (W3C SPARQL 1.1 Query Results JSON Format).

        Raises:
            InputError: it is none, or there is a login for another server only.
            EngineError: the server does not answer, refuses, or what it answers is broken, too long or too late.
        """
        return self._taken(lambda: rows_of(answer_of(*self._query(query, "SELECT"))))

    def count(self, query: str) -> int:
        """The one number, called ?n, that a SELECT answers. Raises as `select`."""
        rows = self.select(query)
        found = re.match(r'"(\d+)"', rows[0].get("n", "")) if len(rows) == 1 else None
        if found is None:
            raise self._failed("no number where it was asked to count")
        return int(found[1])

    def construct(self, query: str) -> list[str]:
        """The triples that a CONSTRUCT makes, as N-Triples, a line each; some may come twice. Raises as `select`.

        Blank nodes are named anew, so that those of two answers are never taken for the same.
        """
        return self._taken(lambda: triples_of(*self._query(query, "CONSTRUCT")))

    def answer(self, query: str) -> tuple[bytes, str]:
        """What the server answers to any query, sure to be whole, and its media type.

        Returns:
            To a SELECT or ASK, SPARQL results in JSON (`application/sparql-results+json`); to a CONSTRUCT or DESCRIBE,
            `application/n-triples` or `text/turtle`.

        Raises:
            InputError, EngineError: as `select`.
        """
        from kgtools.sparql import form_of

        form = form_of(query)
        content, kind = self._query(query, form)

        def seen() -> tuple[bytes, str]:
            if form == "ASK":
                return truth(truth_of(answer_of(content, kind))), RESULTS
            if form == "SELECT":
                rows_of(answer_of(content, kind))
                return content, RESULTS
            require_graph(content, kind)
            return content, media_type_of(kind)

        return self._taken(seen)

    def has(self, graph: str, about: str | None = None) -> bool:
        """Whether anything, or anything about something, is in a named graph. Raises as `select`."""
        node = "?s" if about is None else iri(about)
        return self.over().ask(f"ASK {{ GRAPH {iri(graph)} {{ {node} ?p ?o }} }}")

    def named_graphs(self, limit: int | None = None) -> list[str]:
        """The IRIs of the named graphs that hold something, sorted as the server sorts. Raises as `select`."""
        return self.over().iris("GRAPH ?node { ?s ?p ?o }", limit=limit)

    def iris(self, pattern: str, *, limit: int | None = None, page: int = _PAGE) -> list[str]:
        """All IRIs that ?node may be in a pattern, asked for page by page, each after the last of the one before.

        So a server that gives fewer rows at once than it was asked for, and does not say so, holds nothing back.

        Args:
            limit: no more than these.
            page: how many to ask for at once.

        Raises:
            InputError, EngineError: as `select`.
        """
        found: list[str] = []
        while limit is None or len(found) < limit:
            after = f"FILTER(STR(?node) > {_text(found[-1])})" if found else ""
            rows = self.select(
                f"SELECT DISTINCT ?node WHERE {{ {pattern} FILTER(isIRI(?node)) {after} }} "
                f"ORDER BY STR(?node) LIMIT {page if limit is None else min(page, limit - len(found))}"
            )
            more = [row.get("node", "")[1:-1] for row in rows]
            if not more:
                break
            if found and more[-1] == found[-1]:
                raise self._failed("the same names again where it was asked for those that follow")
            found += more
        return found

    def _query(self, query: str, form: Form) -> tuple[bytes, str]:
        """What the server answers to a query of a form, and the media type that it gives it."""
        if not self.asks:
            raise InputError("nobody has said where it takes queries; name that with --endpoint", self.name)
        if not query.startswith(f"{form} "):  # an update is never sent as a query, which some servers would carry out
            from kgtools.sparql import form_of

            if form_of(query) != form:
                raise InputError(f"is no {form} query: {query[:80]!r}")
        length = len(query) + sum(len(graph) + len("&default-graph-uri=") for graph in self.graphs)
        by_address = length <= _IN_ADDRESS and "?" not in self.url
        accept = _ACCEPTED.get(form, _GRAPHS_ACCEPTED)
        make = partial(protocol, self.url, query, form, accept, self.graphs, by_address=by_address)
        return self._wire(self.url).send(make, QUERY)

    def _taken(self, read: Callable[[], T]) -> T:
        """What is read of an answer, or an error that says what is wrong with it."""
        try:
            return read()
        except ResultError as error:
            raise self._failed(str(error), error.kind) from error

    def _failed(self, what: str, kind: str = "") -> EngineError:
        said = self._wire(self.url).login.masked(f"{self.name}: the server sent {what}")
        return RefusedError(f"{said}; {QUERY.addresses}", 200, page="html" in kind) if kind else EngineError(said)

    def _wire(self, address: str) -> Wire:
        return Wire(name_of(address), self.seconds, self.largest, login_for(address, self.url))


def _of(variable: str, bundle: str) -> str:
    """A condition: that something is called as a bundle, or after it."""
    text = _text(bundle)
    return f'STR({variable}) = {text} || STRSTARTS(STR({variable}), {text[:-1]}/")'


def _text(name: str) -> str:
    """An IRI as a string in SPARQL; being one, it holds nothing that would end that. Raises InputError otherwise."""
    return f'"{iri(name)[1:-1]}"'
