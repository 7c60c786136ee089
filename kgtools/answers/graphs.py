"""Graphs: the triples that an answer is go in; the same triples in one order, blank nodes called alike, come out.

Why blank nodes are told apart here: RDFC-1.0, which names them so that equal graphs are written alike, takes time that
grows exponentially with graphs made to do so, and a stranger's server may send one. Colors that are refined until they
stay as they are name all but graphs of high symmetry alike, in time that is bounded: a node gets the hash of what is
said of it, and of its neighbors' hashes, again and again (color refinement, as in Aidan Hogan (2017), "Canonical Forms
for Isomorphic and Equivalent RDF Graphs", ACM Transactions on the Web 11, section 4). What is alike after that is named
in the order in which it came.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING

from kgtools.vocabulary import PREFIXES

if TYPE_CHECKING:
    import pyoxigraph as ox

_TYPE = f"<{PREFIXES['rdf']}type>"

_ROUNDS = 20
"""How often the colors are refined at most; blank nodes in data hang together in short chains."""


def ordered(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """Triples, each once, sorted by subject, `rdf:type` first, then predicate and object."""
    import pyoxigraph as ox

    found = list(dict.fromkeys(triples))
    colors = _colors(found)
    named = {
        node: ox.BlankNode(f"b{number}") for number, node in enumerate(sorted(colors, key=lambda node: colors[node]))
    }

    def renamed(term: object) -> object:
        if isinstance(term, ox.Triple):
            return ox.Triple(*map(renamed, term))  # type: ignore[arg-type]  # what stood there may stand there
        return named.get(term, term) if isinstance(term, ox.BlankNode) else term

    return sorted(map(renamed, found), key=_key)  # type: ignore[arg-type]  # triples stay triples


def _key(triple: ox.Triple) -> tuple[tuple[int, int, str], bool, str, tuple[int, int, str]]:
    predicate = str(triple.predicate)
    return _rank(triple.subject), predicate != _TYPE, predicate, _rank(triple.object)


def _rank(term: object) -> tuple[int, int, str]:
    import pyoxigraph as ox

    if isinstance(term, ox.BlankNode):
        return 1, int(term.value[1:]), ""
    return (0 if isinstance(term, ox.NamedNode) else 2), 0, str(term)


def _colors(triples: list[ox.Triple]) -> dict[ox.BlankNode, str]:
    """The color of each blank node."""
    import pyoxigraph as ox

    colors: dict[ox.BlankNode, str] = {}

    def see(term: object) -> None:
        if isinstance(term, ox.BlankNode):
            colors.setdefault(term, "")
        elif isinstance(term, ox.Triple):
            for part in term:
                see(part)

    for triple in triples:
        see(triple)
    for _ in range(_ROUNDS if colors else 0):
        said: dict[ox.BlankNode, list[str]] = {node: [] for node in colors}
        for triple in triples:
            ends = (triple.subject, triple.object)
            for own in {end for end in ends if isinstance(end, ox.BlankNode)}:
                parts = ("@" if end == own else _told(end, colors) for end in ends)
                said[own].append(f"{triple.predicate} {' '.join(parts)}")
        new = {
            node: sha256("\n".join([colors[node], *sorted(lines)]).encode()).hexdigest() for node, lines in said.items()
        }
        settled = len(set(new.values())) == len(set(colors.values()))
        colors = new
        if settled:
            break
    return colors


def _told(term: object, colors: dict[ox.BlankNode, str]) -> str:
    """A term as its neighbors see it."""
    import pyoxigraph as ox

    if isinstance(term, ox.BlankNode):
        return f"_:{colors[term]}"
    if isinstance(term, ox.Triple):
        return f"<<( {' '.join(_told(part, colors) for part in term)} )>>"
    return str(term)
