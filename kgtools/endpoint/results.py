"""Results: what a server answers goes in; terms, and whether it is what was asked for and whole, come out.

Why not an engine's reader: servers differ in what they write (Virtuoso says `typed-literal`, calls blank nodes
`nodeID://b1`, and has a table for true and false). All terms are checked here, so that nobody who uses them needs to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

from kgtools.endpoint.words import line

if TYPE_CHECKING:
    import pyoxigraph as ox

    from kgtools.sparql import Form
    from kgtools.sparql.terms import Term

    Received: TypeAlias = "Table | bool | list[ox.Triple]"
    """What a SELECT, an ASK, or a CONSTRUCT or DESCRIBE is answered with."""

RESULTS, TURTLE, TRIPLES = "application/sparql-results+json", "text/turtle", "application/n-triples"

_RESULTS = (RESULTS, "application/json")
_GRAPHS = {TRIPLES: TRIPLES, "text/plain": TRIPLES, TURTLE: TURTLE, "application/x-turtle": TURTLE}

_BROKEN = "what is broken, or was cut off"
_BOOLEAN = "http://www.w3.org/2001/XMLSchema#boolean"
_PLAIN = re.compile(r'[^"\\\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]*')
"""A text that N-Triples writes as it is."""

_TRUTH = "__ASK_RETVAL"
"""The variable by which Virtuoso 7 answers an ASK, with one row or none."""

T = TypeVar("T")

Row = Mapping[str, str]
"""An answer to a SELECT: its variables, without `?`, and their terms as N-Triples writes them."""


class Table(NamedTuple):
    """The answers to a SELECT: its variables, without `?`, and a term or None for each in each row."""

    variables: tuple[str, ...]
    rows: list[tuple[Term | None, ...]]


class ResultError(Exception):
    """What was sent is not what was asked for; the text completes `the server sent …`.

    Args:
        kind: its media type, where that is another one altogether.
    """

    def __init__(self, what: str, kind: str = "") -> None:
        super().__init__(what)
        self.kind = kind


def received(content: bytes, kind: str, form: Form) -> Received:
    """What a server sent to a query of some form, read and checked.

    Args:
        kind: its media type.

    Raises:
        ResultError: it is of another kind, broken, or has a term that is none.
    """
    if form == "SELECT":
        return _table(_answer(content, kind))
    return truth_of(content, kind) if form == "ASK" else triples_of(content, kind)


def truth_of(content: bytes, kind: str) -> bool:
    """The answer to an ASK. Raises as `received`."""
    answer = _answer(content, kind)
    if isinstance(answer.get("head"), dict) and answer["head"].get("vars") == [_TRUTH]:
        return any(getattr(row[0], "value", "") not in ("0", "false") for row in _table(answer).rows)
    said = answer.get("boolean")
    if not isinstance(said, bool):
        raise ResultError("an answer that is neither true nor false")
    return said


def rows_of(content: bytes, kind: str) -> list[Row]:
    """The answers to a SELECT as text, each without the variables that are unbound in it. Raises as `received`."""
    text = _Reader().text

    def read(row: dict[str, Any], _: object) -> Row:
        return {name: text(value) for name, value in row.items()}

    return _read(_answer(content, kind), read)[1]


def triples_of(content: bytes, kind: str) -> list[ox.Triple]:
    """A graph in N-Triples or Turtle, its blank nodes named anew. Raises as `received`."""
    import pyoxigraph as ox

    if kind not in _GRAPHS:
        raise ResultError(f"{kind} where RDF was asked for", kind)
    form = ox.RdfFormat.N_TRIPLES if _GRAPHS[kind] == TRIPLES else ox.RdfFormat.TURTLE
    try:
        return [quad.triple for quad in ox.parse(content, form, rename_blank_nodes=True)]
    except SyntaxError as error:
        raise ResultError(f"{_BROKEN} ({line(error.msg)})") from error


def _answer(content: bytes, kind: str) -> dict[str, Any]:
    """Results of a SELECT or an ASK (W3C SPARQL 1.1 Query Results JSON Format)."""
    if kind not in _RESULTS:
        raise ResultError(f"{kind} where results were asked for", kind)
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ResultError(f"{_BROKEN} (it is no JSON)") from error
    if not isinstance(answer, dict):
        raise ResultError("JSON that is no SPARQL results")
    return answer


def _table(answer: Mapping[str, Any]) -> Table:
    term = _Reader().term
    return Table(*_read(answer, lambda row, names: tuple(term(row[name]) if name in row else None for name in names)))


def _read(
    answer: Mapping[str, Any], read: Callable[[dict[str, Any], Sequence[str]], T]
) -> tuple[tuple[str, ...], list[T]]:
    """The variables of an answer, and what is read of each row."""
    match answer:
        case {"head": {"vars": [*variables]}, "results": {"bindings": [*rows]}} if _are_names(variables):
            known = set(variables)
        case _:
            raise ResultError("JSON that is no SPARQL results")
    try:
        if not all(row.keys() <= known for row in rows):
            raise ValueError("a variable that the head does not name")
        return tuple(variables), [read(row, variables) for row in rows]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ResultError(f"results with a term that is none ({line(str(error))})") from error


def _are_names(variables: Sequence[object]) -> bool:
    return all(isinstance(one, str) for one in variables) and len(set(variables)) == len(variables)


class _Reader:
    """Reads terms; blank nodes keep one name for as long as it lives, whatever a server calls them."""

    def __init__(self) -> None:
        self.nameless: dict[str, ox.BlankNode] = {}

    def text(self, value: Any) -> str:
        """A term as N-Triples writes it."""
        kind, said = value["type"], value["value"]
        if kind == "uri" and isinstance(said, str):
            return _named(said)[1]
        if kind == "literal" and len(value) == 2 and _PLAIN.fullmatch(said):  # as most are, in half the time
            return f'"{said}"'
        return str(self.term(value))

    def term(self, value: Any) -> Term:
        import pyoxigraph as ox

        kind, said = value["type"], value["value"]
        if kind == "triple":  # RDF 1.2
            parts = (self.term(said[part]) for part in ("subject", "predicate", "object"))
            return ox.Triple(*parts)  # type: ignore[arg-type]  # it refuses what cannot stand there
        if not isinstance(said, str):
            raise TypeError("a value that is no text")
        if kind == "uri":
            return _named(said)[0]
        if kind == "bnode":
            return self.nameless.setdefault(said, ox.BlankNode(f"b{len(self.nameless)}"))
        if kind not in ("literal", "typed-literal"):
            raise ValueError(f"of type {kind}")
        said.encode()  # half a surrogate pair is no character
        if "xml:lang" in value:
            return ox.Literal(said, language=value["xml:lang"])
        datatype = value.get("datatype")
        if datatype == _BOOLEAN:
            said = {"1": "true", "0": "false"}.get(said, said)  # which Virtuoso writes, whatever it was given
        return ox.Literal(said, datatype=ox.NamedNode(datatype) if datatype is not None else None)


@lru_cache(1 << 14)
def _named(said: str) -> tuple[ox.NamedNode, str]:
    """An IRI, and as N-Triples writes it; a ValueError where it is none. What one query tells of, the next does too."""
    import pyoxigraph as ox

    node = ox.NamedNode(said)
    return node, str(node)
