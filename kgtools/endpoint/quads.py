"""Quads to be sent: N-Quads go in, a line each; updates, or graphs to be added, of a size that servers take, come out.

How large one may be is known from trials: Virtuoso 7 refuses an update of some 1,100 quads (it makes 10,000 lines of
SQL of them) or of 10 MB, and is quickest with a few hundred. What is sent is read and written anew unless it is plain,
so that nothing in it can end a term and go on as SPARQL. A node without a name is one only within a request (W3C SPARQL
1.1 Update, 4.1.1), so quads that such nodes join are sent together.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from kgtools.errors import InputError
from kgtools.sparql.terms import IRI

if TYPE_CHECKING:
    import pyoxigraph as ox

_MOST, _LONGEST = 500, 1 << 20
"""Quads, and bytes of them, in one update."""

_MOST_IN_GRAPH, _LONGEST_GRAPH = 20_000, 1 << 22
"""Triples, and bytes of them, that are put into a graph at once."""

_PLAIN = re.compile(
    rf'(<{IRI}> <{IRI}> (?:<{IRI}>|"[^"\\\x00-\x1f\x7f]*"(?:@[A-Za-z]+(?:-[A-Za-z0-9]+)*|\^\^<{IRI}>)?)) (<{IRI}>) \.'
)
"""A quad that is written in SPARQL as it is in N-Quads, as most are."""

_ESCAPES = {'"': r"\"", "\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
_TO_ESCAPE = re.compile(r'\\[uU]|["\\\x00-\x1f\x7f]')


class Sent(NamedTuple):
    """A quad as it is sent: its triple, its graph (empty: the default one), and the nodes in it that have no name."""

    triple: str
    graph: str
    nameless: tuple[str, ...] = ()


def iri(text: str) -> str:
    """An IRI in angle brackets, sure to end where it ends. Raises InputError where it is none."""
    if not re.fullmatch(IRI, text):
        raise InputError(f"`{text[:80]}` is no IRI that a server can be asked for")
    return f"<{text}>"


def updates(lines: Iterable[str]) -> Iterator[str]:
    """SPARQL 1.1 Updates that add N-Quads.

    Raises:
        InputError: a line is no quad, or one that SPARQL 1.1 has no way to add.
    """
    for part in _parts(_together(lines)):
        yield _update(part)


def documents(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Graphs, by their IRIs (empty: the default graph), and N-Triples to be added to them, in parts.

    Raises:
        InputError: as `updates`, or a node without a name is in two graphs, which cannot be sent at once.
    """
    graphs: dict[str, _Part] = {}
    for group in _together(lines):
        graph = group[0].graph
        if any(one.graph != graph for one in group):
            raise InputError("a node without a name is in two graphs, which are sent one by one; give it a name")
        full = graphs.setdefault(graph, _Part(_MOST_IN_GRAPH, _LONGEST_GRAPH)).take(group)
        if full:
            yield graph[1:-1], _document(full)
    yield from ((graph[1:-1], _document(part.quads)) for graph, part in graphs.items())


def in_graph(lines: Iterable[str], graph: str) -> Iterator[str]:
    """N-Quads, or N-Triples, put into one graph. Raises as `updates`."""
    there = iri(graph)
    return (f"{_sent(one).triple} {there} ." for one in lines)


def _update(batch: list[Sent]) -> str:
    graphs: dict[str, list[str]] = {}
    for one in batch:
        graphs.setdefault(one.graph, []).append(f"{one.triple} .")
    parts = ("\n".join([f"GRAPH {graph} {{", *some, "}"] if graph else some) for graph, some in graphs.items())
    text = "\n".join(["{", *parts, "}"])
    # Virtuoso takes no node without a name in INSERT DATA.
    return f"INSERT {text} WHERE {{ }}" if any(one.nameless for one in batch) else f"INSERT DATA {text}"


def _document(quads: list[Sent]) -> str:
    return "".join(f"{one.triple} .\n" for one in quads)


class _Part:
    """What is to be sent at once, as it grows."""

    def __init__(self, most: int, longest: int) -> None:
        self.most, self.longest = most, longest
        self.quads: list[Sent] = []
        self.size = 0

    def take(self, group: list[Sent]) -> list[Sent]:
        """Add quads; what was there before, to be sent now, where they have no room beside it."""
        size = sum(len(one.triple.encode()) + len(one.graph) for one in group)
        full: list[Sent] = []
        if self.quads and (len(self.quads) + len(group) > self.most or self.size + size > self.longest):
            full, self.quads, self.size = self.quads, [], 0
        self.quads += group
        self.size += size
        return full


def _parts(groups: Iterable[list[Sent]]) -> Iterator[list[Sent]]:
    """Groups of quads in parts of the size of an update; a group is never cut."""
    part = _Part(_MOST, _LONGEST)
    for group in groups:
        if full := part.take(group):
            yield full
    if part.quads:
        yield part.quads


def _together(lines: Iterable[str]) -> Iterator[list[Sent]]:
    """Quads as they are sent, those together that nodes without names join, which come last."""
    nameless: list[Sent] = []
    for line in lines:
        sent = _sent(line)
        if sent.nameless:
            nameless.append(sent)
        else:
            yield [sent]
    above: dict[str, str] = {}

    def top(node: str) -> str:
        while (up := above.setdefault(node, node)) != node:
            above[node] = above[up]
            node = up
        return node

    for sent in nameless:
        for node in sent.nameless[1:]:
            above[top(node)] = top(sent.nameless[0])
    groups: dict[str, list[Sent]] = {}
    for sent in nameless:
        groups.setdefault(top(sent.nameless[0]), []).append(sent)
    yield from groups.values()


def _sent(line: str) -> Sent:
    """A line of N-Quads as it is sent."""
    if plain := _PLAIN.fullmatch(line):
        return Sent(plain[1], plain[2])
    import pyoxigraph as ox

    try:
        quads = [*ox.parse(line, ox.RdfFormat.N_QUADS)]
    except SyntaxError as error:
        raise InputError(f"{line[:80]!r} is no line of N-Quads ({error.msg})") from error
    if len(quads) != 1:
        raise InputError(f"{line[:80]!r} is no line of N-Quads")
    quad = quads[0]
    if isinstance(quad.graph_name, ox.BlankNode):
        raise InputError(f"{line[:80]!r}: SPARQL 1.1 cannot add to a graph without a name")
    triple = " ".join(_term(one) for one in quad.triple)
    nodes = [str(one) for one in (quad.subject, quad.object) if isinstance(one, ox.BlankNode)]
    return Sent(triple, iri(quad.graph_name.value) if isinstance(quad.graph_name, ox.NamedNode) else "", tuple(nodes))


def _term(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    """A term that is written alike in N-Triples and in SPARQL."""
    import pyoxigraph as ox

    if isinstance(term, ox.NamedNode):
        return iri(term.value)
    if isinstance(term, ox.BlankNode):
        return str(term)
    if isinstance(term, ox.Triple):
        raise InputError(f"SPARQL 1.1 has no triples as terms, such as {str(term)[:80]}")
    text = f'"{_TO_ESCAPE.sub(_escaped, term.value)}"'
    if term.language:
        return f"{text}@{term.language}"
    plain = term.datatype.value == "http://www.w3.org/2001/XMLSchema#string"
    return text if plain else f"{text}^^{iri(term.datatype.value)}"


def _escaped(match: re.Match[str]) -> str:
    r"""What cannot stand in a literal as it is.

    Never a backslash before u: some read `\uXXXX` as a character before they read anything else (W3C SPARQL 1.1 Query,
    19.2), also where the backslash is one that is meant. So it is the u that is written as such an escape; with eight
    digits, since rdflib takes four more that follow for a part of it.
    """
    found = match[0]
    if len(found) == 2:
        return rf"\\\U{ord(found[1]):08X}"
    return _ESCAPES.get(found) or f"\\U{ord(found):08X}"
