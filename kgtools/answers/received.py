"""Received: what a server answers, as bytes, goes in; the variables and terms, or the triples, that it says come out.

Why not an engine's reader: servers differ in what they write (Virtuoso says `typed-literal`, and calls blank nodes
`nodeID://b1`). All terms are checked here, so that nobody who uses them needs to.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kgtools.errors import EngineError
from kgtools.write import one_line

if TYPE_CHECKING:
    import pyoxigraph as ox

    from kgtools.answers.values import Term

    Rows = tuple[tuple[str, ...], list[tuple[Term | None, ...]]]

_BOOLEAN = "http://www.w3.org/2001/XMLSchema#boolean"


_VIRTUOSO = "__ASK_RETVAL"
"""The variable by which Virtuoso answers an ASK, with a row or none."""


def rows_of(content: bytes, name: str) -> Rows | bool:
    """The answer to a SELECT, or to an ASK (W3C SPARQL 1.1 Query Results JSON Format).

    Args:
        name: the server, in errors.

    Raises:
        EngineError: it is no such answer, or has a term that is none.
    """
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise EngineError(f"{name}: the server sent what is broken, or was cut off (it is no JSON)") from error
    try:
        match answer:
            case {"head": {"vars": ["__ASK_RETVAL"]}, "results": {"bindings": [*found]}}:
                return bool(found)  # Virtuoso's way: a row, or none
        if "boolean" in answer:
            if not isinstance(answer["boolean"], bool):
                raise ValueError("an ASK is answered by true or false")
            return answer["boolean"]
        variables = tuple(answer["head"]["vars"])
        if variables == (_VIRTUOSO,):
            return bool(answer["results"]["bindings"])
        if not all(isinstance(one, str) for one in variables) or len(set(variables)) < len(variables):
            raise ValueError("variables that are none")
        reader = _Reader()
        return variables, [reader.row(row, variables) for row in answer["results"]["bindings"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise EngineError(f"{name}: the server sent JSON that is no SPARQL results") from error
    except ValueError as error:
        said = one_line(str(error))
        raise EngineError(f"{name}: the server sent results with a term that is none ({said[:200]})") from error


def triples_of(content: bytes, media_type: str, name: str) -> list[ox.Triple]:
    """The answer to a CONSTRUCT or DESCRIBE, in N-Triples or Turtle.

    Raises:
        EngineError: it is in another syntax, or broken.
    """
    import pyoxigraph as ox

    form = {"text/plain": ox.RdfFormat.N_TRIPLES, "application/x-turtle": ox.RdfFormat.TURTLE}.get(
        media_type
    ) or ox.RdfFormat.from_media_type(media_type)
    if form not in (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.TURTLE):
        raise EngineError(f"{name}: the server sent {media_type} where RDF was asked for")
    try:
        return [quad.triple for quad in ox.parse(content, form)]
    except SyntaxError as error:
        said = one_line(error.msg or "")
        raise EngineError(f"{name}: the server sent what is broken, or was cut off ({said})") from error


class _Reader:
    """Reads rows; blank nodes keep one name for as long as it lives, whatever a server calls them."""

    def __init__(self) -> None:
        self.nameless: dict[str, ox.BlankNode] = {}

    def row(self, row: Any, variables: Sequence[str]) -> tuple[Term | None, ...]:
        if not row.keys() <= set(variables):
            raise ValueError("a variable that the head does not name")
        return tuple(self.term(row[name]) if name in row else None for name in variables)

    def term(self, value: Any) -> Term:
        import pyoxigraph as ox

        kind = value["type"]
        if kind == "triple":  # RDF 1.2
            parts = (self.term(value["value"][part]) for part in ("subject", "predicate", "object"))
            return ox.Triple(*parts)  # type: ignore[arg-type]  # it refuses what cannot stand there
        said = value["value"]
        if not isinstance(said, str):
            raise TypeError
        if kind == "uri":
            return ox.NamedNode(said)
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
