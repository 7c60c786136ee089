"""Results: what a server answers goes in; terms, and whether it is what was asked for and whole, come out."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kgtools.endpoint.words import line

if TYPE_CHECKING:
    import pyoxigraph as ox

RESULTS, TURTLE, TRIPLES = "application/sparql-results+json", "text/turtle", "application/n-triples"

_RESULTS = (RESULTS, "application/json")
_GRAPHS = {TRIPLES: TRIPLES, "text/plain": TRIPLES, TURTLE: TURTLE, "application/x-turtle": TURTLE}

_BROKEN = "what is broken, or was cut off"

Row = Mapping[str, str]
"""An answer to a SELECT: its variables, without `?`, and their terms as N-Triples writes them."""


class ResultError(Exception):
    """What was sent is not what was asked for; the text completes `the server sent …`.

    Args:
        kind: its media type, where that is another one altogether.
    """

    def __init__(self, what: str, kind: str = "") -> None:
        super().__init__(what)
        self.kind = kind


_BOOLEAN = "http://www.w3.org/2001/XMLSchema#boolean"

_PLAIN = re.compile(r'[^"\\\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]*')
"""A text that N-Triples writes as it is."""


def answer_of(content: bytes, kind: str) -> dict[str, Any]:
    """Results of a SELECT or an ASK (W3C SPARQL 1.1 Query Results JSON Format). Raises ResultError where it is none."""
    if kind not in _RESULTS:
        raise ResultError(f"{kind} where results were asked for", kind)
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ResultError(f"{_BROKEN} (it is no JSON)") from error
    if not isinstance(answer, dict):
        raise ResultError("JSON that is no SPARQL results")
    return answer


def truth_of(answer: Mapping[str, Any]) -> bool:
    """The answer to an ASK; of Virtuoso 7 it is a table with one row or none. Raises as `answer_of`."""
    said = answer.get("boolean")
    if isinstance(answer.get("head"), dict) and answer["head"].get("vars") == ["__ASK_RETVAL"]:
        return any('"0"' not in row["__ASK_RETVAL"] for row in rows_of(answer))
    if not isinstance(said, bool):
        raise ResultError("an answer that is neither true nor false")
    return said


def truth(said: bool) -> bytes:
    """The answer to an ASK as the standard has it (W3C SPARQL 1.1 Query Results JSON Format, 3.3)."""
    return json.dumps({"head": {}, "boolean": said}).encode()


def rows_of(answer: Mapping[str, Any]) -> list[Row]:
    """The answers to a SELECT. Raises as `answer_of`."""
    try:
        rows = answer["results"]["bindings"]
    except (KeyError, TypeError) as error:
        raise ResultError("JSON that is no SPARQL results") from error
    try:
        return [{name: _term(value) for name, value in row.items()} for row in rows]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ResultError(f"results with a term that is none ({line(str(error))})") from error


def media_type_of(kind: str) -> str:
    """The syntax of a graph, N-Triples or Turtle. Raises as `answer_of`."""
    if kind not in _GRAPHS:
        raise ResultError(f"{kind} where RDF was asked for", kind)
    return _GRAPHS[kind]


def triples_of(content: bytes, kind: str) -> list[str]:
    """A graph as N-Triples, a line each, its blank nodes named anew. Raises as `answer_of`."""
    try:
        return [f"{quad.triple} ." for quad in _parsed(content, kind)]
    except SyntaxError as error:
        raise ResultError(f"{_BROKEN} ({line(error.msg)})") from error


def require_graph(content: bytes, kind: str) -> None:
    """See that all of a graph can be read. Raises as `answer_of`."""
    try:
        deque(_parsed(content, kind), maxlen=0)
    except SyntaxError as error:
        raise ResultError(f"{_BROKEN} ({line(error.msg)})") from error


def _parsed(content: bytes, kind: str) -> ox.QuadParser:
    import pyoxigraph as ox

    form = ox.RdfFormat.N_TRIPLES if media_type_of(kind) == TRIPLES else ox.RdfFormat.TURTLE
    return ox.parse(content, form, rename_blank_nodes=True)


def _term(value: Mapping[str, str]) -> str:
    """A term of SPARQL results in JSON as N-Triples writes it; a ValueError where it is none."""
    kind, said = value["type"], value["value"]
    if kind == "uri":
        return _named(said)
    if kind == "literal" and len(value) == 2 and _PLAIN.fullmatch(said):  # as most are, in half the time
        return f'"{said}"'
    import pyoxigraph as ox

    if kind == "bnode":
        return f"_:{said}" if re.fullmatch("[A-Za-z0-9]+", said) else f"_:x{said.encode().hex()}"
    if kind not in ("literal", "typed-literal"):
        raise ValueError(f"of type {kind}")
    datatype = ox.NamedNode(value["datatype"]) if "datatype" in value else None
    if value.get("datatype") == _BOOLEAN:
        said = {"1": "true", "0": "false"}.get(said, said)  # which Virtuoso writes, whatever it was given
    return str(ox.Literal(said, language=value.get("xml:lang"), datatype=None if "xml:lang" in value else datatype))


@lru_cache(1 << 14)
def _named(said: str) -> str:
    """An IRI as N-Triples writes it; a ValueError where it is none. What one query tells of, the next one does too."""
    import pyoxigraph as ox

    return str(ox.NamedNode(said))
