"""Endpoints as sources: what a server holds goes in; pieces of whole chains come out, and nothing is written.

A server may answer with fewer rows than there are and not say so. So whatever is asked is counted too; where too little
came, less is asked at once. Long lists are asked for page by page, each after the last name of the one before. Terms
go into a query only after they were checked to be IRIs. A node without a name cannot be asked about in another query
(W3C SPARQL 1.1 Query, 4.1.4); where such nodes are parts of incidents, all is fetched in one answer, and cut here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property

from kgtools.endpoint import Endpoint
from kgtools.errors import EngineError, InputError
from kgtools.read.closure import BESIDE, BRIEFLY, CHANGED, EITHER, LARGEST, PARTS, WITHIN, Held, Target, pieces
from kgtools.sparql.terms import IRI
from kgtools.vocabulary import PREFIXES, Vocabulary

_TYPE = f"<{PREFIXES['rdf']}type>"

_NODES = 500
"""Nodes that one query is about."""

_PAGE = 50_000
"""Rows that are asked for at once."""

_THERE, _ARE = "<urn:kgtools:there>", "<urn:kgtools:are>"
"""What an answer that counts itself says its count with."""

_COUNTED = "SELECT (COUNT(*) AS ?n) WHERE { %s }"

NAMELESS = "it has incidents with blank nodes, and so is"
"""Why all that a server holds is fetched."""


def pieces_of(
    endpoint: Endpoint,
    vocabulary: Vocabulary,
    targets: Iterable[tuple[str, str]],
    at_once: int = 500,
    largest: int = LARGEST,
) -> tuple[int, Iterator[tuple[int, list[str]]]]:
    """Cut what a server holds into pieces of whole chains; see `kgtools.read.closure.pieces`.

    Args:
        targets: what shapes are about, as kind (`targetClass`, …) and IRI.

    Raises:
        InputError: it holds no incident, or too much hangs together.
        EngineError: the server fails, gives only a part of what it holds, or holds something else meanwhile.
    """
    wanted = list(targets)
    remote = Remote(endpoint)
    if remote.has_nameless(wanted, vocabulary):
        return pieces(
            Held(remote.everything(largest, f"{NAMELESS} to be fetched and checked as one")),
            endpoint.name,
            vocabulary,
            wanted,
            at_once,
            largest,
        )
    return pieces(remote, endpoint.name, vocabulary, wanted, at_once, largest)


def whole(endpoint: Endpoint, largest: int = LARGEST) -> list[str]:
    """All that a server holds, all graphs as one, as N-Triples, sorted: for shapes that look anywhere.

    Raises:
        InputError: it holds nothing, or too much.
        EngineError: as `pieces_of`.
    """
    lines = Remote(endpoint).everything(
        largest, "shapes of your own may look anywhere, and so it is to be fetched and checked as one"
    )
    if not lines:
        raise InputError("holds nothing", endpoint.name)
    return lines


class NamelessError(EngineError):
    """A node without a name is part of an incident, so that nobody can ask about it."""


class Remote:
    """A server as a `Source`.

    Args:
        without: what the predicates begin with of triples that are not asked for.
    """

    def __init__(self, endpoint: Endpoint, without: str = "") -> None:
        self.endpoint = endpoint
        self.seen = f' FILTER(!STRSTARTS(STR(?p), "{without}"))' if without else ""
        self.size = _NODES
        self.page = _PAGE
        self.in_default = True
        """Whether the default graph may hold all that is in named ones: many servers make it the union of these."""

    @cached_property
    def _places(self) -> tuple[str, ...]:
        """Where triples are: in the default graph, in named ones, or in both, which may overlap.

        Graphs that were named are the default graph, and all that there is; what GRAPH then sees depends on the server.
        """
        if self.endpoint.graphs:
            return ("%s",)
        default = self.endpoint.ask("ASK { ?s ?p ?o }")
        named = self.endpoint.ask("ASK { GRAPH ?g { ?s ?p ?o } }")
        return ("%s",) * default + ("GRAPH ?g { %s }",) * named or ("%s",)

    def anywhere(self, pattern: str, places: int = 2) -> str:
        """A pattern, in whichever graphs there are."""
        return " UNION ".join("{ " + place % pattern + " }" for place in self._places[:places])

    # As a source

    def about(self, nodes: Collection[str], *, briefly: bool = False) -> Iterator[str]:
        """See `kgtools.read.closure.Source`; the same for the others."""
        only = f" FILTER(isLiteral(?o) || ?p IN ({', '.join(BRIEFLY)}))" if briefly else self.seen
        return self._by_nodes("?s", nodes, f"?s ?p ?o{only}", "?s ?p ?o", "?s ?p ?o")

    def naming(self, nodes: Collection[str], predicate: str) -> Iterator[str]:
        return self._by_nodes("?o", nodes, f"?s {predicate} ?o", "?s ?o", f"?s {predicate} ?o")

    def within(self, nodes: Collection[str]) -> Iterator[str]:
        # Asked whether ?p is IN these, Virtuoso goes through all triples that have them; asked in this way, it takes a
        # twentieth of the time.
        pattern = f"?s ?p ?o FILTER(!(?p NOT IN ({', '.join((*WITHIN, *EITHER))})))"
        for line in self._by_nodes("?o", nodes, pattern, "?s", f"?s {_ARE} {_THERE}"):
            yield line.partition(" ")[0]

    def count(self, target: Target) -> int:
        return self._count(self._pattern(target), "!isLiteral(?node)")

    def focus(self, target: Target) -> Iterable[str]:
        return self.listed(self._pattern(target))

    def _pattern(self, target: Target) -> str:
        iris = " ".join(checked(f"<{iri}>" for iri in target.iris))
        if target.kind == "targetClass":
            return self.anywhere(f"VALUES ?class {{ {iris} }} ?node {_TYPE} ?class")
        return self.anywhere(f"?node {iris} ?end" if target.kind == "targetSubjectsOf" else f"?start {iris} ?node")

    # Asking

    def _by_nodes(self, node: str, nodes: Collection[str], triple: str, variables: str, template: str) -> Iterator[str]:
        """What a template makes of the answers to a pattern, asked of a few nodes at a time."""
        if any(one.startswith("_:") for one in nodes):
            raise NamelessError(f"{self.endpoint.name}: a node without a name cannot be asked about")
        ordered = list(checked(sorted(nodes)))
        start = 0
        while start < len(ordered):
            batch = ordered[start : start + self.size]
            pattern = f"VALUES {node} {{ {' '.join(batch)} }} {triple}"
            lines, expected = self._constructed(template, variables, pattern)
            if len(lines) == expected:
                yield from lines
                start += len(batch)
            elif self.in_default:
                self.in_default = False
            elif len(batch) > 1:
                self.size = (len(batch) + 1) // 2
            else:
                raise self._short(len(lines), expected, f"triples with {batch[0]}")

    def _constructed(self, template: str, variables: str, pattern: str) -> tuple[set[str], int]:
        """The triples made of a pattern, and how many there should be, told in the same answer; -1 if it is cut off."""
        rows = self.anywhere(pattern, 1 if self.in_default else 2)
        if variables == "?s":
            rows = f"{{ SELECT DISTINCT ?s WHERE {{ {rows} }} }}"
        counted = _COUNTED % f"SELECT DISTINCT {variables} WHERE {{ {self.anywhere(pattern)} }}"
        query = f"CONSTRUCT {{ {template} . {_THERE} {_ARE} ?n }} WHERE {{ {rows} UNION {{ {counted} }} }}"
        lines = set(self.endpoint.construct(query))
        told = [line for line in lines if line.startswith(f"{_THERE} {_ARE} ")]
        lines.difference_update(told)
        return lines, int(told[0].split('"')[1]) if len(told) == 1 else -1

    def _count(self, pattern: str, what: str) -> int:
        """How many nodes of some kind ?node may be in a pattern."""
        return self.endpoint.count(_COUNTED % f"SELECT DISTINCT ?node WHERE {{ {pattern} FILTER({what}) }}")

    def listed(self, pattern: str) -> list[str]:
        """All IRIs that ?node may be in a pattern."""
        expected = self._count(pattern, "isIRI(?node)")
        found: list[str] = []
        if expected <= self.page:
            rows = self.endpoint.select(f"SELECT DISTINCT ?node WHERE {{ {pattern} FILTER(isIRI(?node)) }}")
            found = list(checked(row.get("node", "") for row in rows))
            if len(found) < expected:
                self.page = max(1, len(found))
                found = []
        if len(found) < expected:
            for names in self.endpoint.pages(pattern, self.page):
                found += checked(f"<{name}>" for name in names)
                if len(found) >= expected:
                    break
        if len(set(found)) != expected:
            raise self._short(len(set(found)), expected, "nodes of one kind")
        return found

    def _short(self, got: int, expected: int, what: str) -> EngineError:
        if got > expected >= 0:
            return EngineError(f"{self.endpoint.name}: {CHANGED}")
        of = f", {expected:,} in all" if expected >= 0 else ""
        return EngineError(
            f"{self.endpoint.name}: the server gives only {got:,} of its {what}{of}; raise its limit on results"
        )

    # All at once

    def has_nameless(self, targets: Iterable[tuple[str, str]], vocabulary: Vocabulary) -> bool:
        """Whether a node without a name is part of an incident, or something that shapes are about."""
        asked = sorted(targets)
        told = {*WITHIN, *BESIDE, *(f"<{iri}>" for kind, iri in asked if kind != "targetClass")}
        tops = {*PARTS, *(iri for kind, iri in asked if kind == "targetClass")}
        kinds = {below for iri in tops for below in vocabulary.below(iri)}
        classes = " ".join(checked(f"<{iri}>" for iri in sorted(kinds)))
        patterns = [f"?s {one} ?o" for one in checked(sorted(told))]
        return any(
            # Each by itself takes a server a moment; all in one might take it too long.
            self.endpoint.ask(f"ASK {{ {{ {self.anywhere(one)} }} FILTER(isBlank(?s) || isBlank(?o)) }}")
            for one in (*patterns, f"VALUES ?o {{ {classes} }} ?s {_TYPE} ?o")
        )

    def everything(self, largest: int, why: str) -> list[str]:
        """All triples, sorted, if there are not too many."""
        pattern = self.anywhere("?s ?p ?o")
        expected = self.endpoint.count(_COUNTED % f"SELECT DISTINCT ?s ?p ?o WHERE {{ {pattern} }} LIMIT {largest + 1}")
        if expected > largest:
            raise InputError(
                f"holds more than {largest:,} triples; {why}. Write it into a file, and take that",
                self.endpoint.name,
            )
        lines = set(self.endpoint.construct(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {pattern} }}"))
        if len(lines) < expected and not self.endpoint.ask(f"ASK {{ {pattern} FILTER(isBlank(?s) || isBlank(?o)) }}"):
            lines = set(self.about(self.listed(self.anywhere("?node ?p ?o"))))
        if len(lines) != expected:
            raise self._short(len(lines), expected, "triples")
        return sorted(lines)


def checked(terms: Iterable[str]) -> Iterator[str]:
    """The terms, each sure to be an IRI, so that nothing in it can end it and go on as SPARQL."""
    for term in terms:
        if not re.fullmatch(f"<{IRI}>", term):
            raise EngineError(f"{term[:80]!r} is no IRI that can be asked for")
        yield term
