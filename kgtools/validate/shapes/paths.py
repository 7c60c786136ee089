"""Property paths: SHACL's way of saying them in triples goes in, SPARQL's goes out, and back (W3C SHACL, 2.3.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from kgtools.vocabulary import PREFIXES

_SH, _RDF = PREFIXES["sh"], PREFIXES["rdf"]
_REPEATED = {"zeroOrMorePath": "*", "oneOrMorePath": "+", "zeroOrOnePath": "?"}
_MARKS = {mark: name for name, mark in _REPEATED.items()}

Told = Callable[[Any, str], list[Any]]
"""From a node and the IRI of a property to what a graph says there."""


def looked_up(triples: Iterable[Any]) -> Told:
    """A graph as something to look things up in."""
    known: dict[tuple[Any, str], list[Any]] = {}
    for triple in triples:
        known.setdefault((triple.subject, triple.predicate.value), []).append(triple.object)
    return lambda node, predicate: known.get((node, predicate), [])


Path = str | tuple[str, "Path"] | tuple[str, list["Path"]]
"""A path in pieces: an IRI between `<` and `>`, or what is done and what it is done to.

What is done is `^`, `*`, `+` or `?` to one path, `/` or `|` to several.
"""


def path_text(path: Any, told: Told) -> str:
    """A path of a shapes graph as SPARQL writes it, its IRIs in full; empty where it is none.

    A path that is said in two ways is taken as its list, as the W3C test suite has it (`path-strange-001`).

    Args:
        path: what stands at sh:path.
        told: looks things up in the graph.
    """
    try:
        return _text(path, told, 0)
    except (ValueError, RecursionError):
        return ""


def _text(path: Any, told: Told, depth: int) -> str:
    if depth > _DEEPEST:
        raise ValueError("a path in a path without end")
    if type(path).__name__ in ("NamedNode", "URIRef"):
        return f"<{getattr(path, 'value', path)}>"
    if told(path, _RDF + "first"):
        return "(" + " / ".join(_text(step, told, depth + 1) for step in members(path, told)) + ")"
    for several in told(path, _SH + "alternativePath"):
        return "(" + " | ".join(_text(step, told, depth + 1) for step in members(several, told)) + ")"
    for inner in told(path, _SH + "inversePath"):
        return "^" + _text(inner, told, depth + 1)
    for name, mark in _REPEATED.items():
        for inner in told(path, _SH + name):
            text = _text(inner, told, depth + 1)
            return (f"({text})" if text[0] == "^" or text[-1] in _MARKS else text) + mark
    raise ValueError("no path")


_DEEPEST = 50


def members(start: Any, told: Told) -> Iterator[Any]:
    """The members of an RDF list. Raises ValueError where the list is none."""
    seen: set[str] = set()
    while str(start).strip("<>") != _RDF + "nil":
        first, rest = told(start, _RDF + "first"), told(start, _RDF + "rest")
        if len(first) != 1 or len(rest) != 1 or str(start) in seen:
            raise ValueError("no list")
        seen.add(str(start))
        yield first[0]
        start = rest[0]


_TOKENS = re.compile(r"<[^<>]*>|[\^()/|*+?]")


def path_pieces(text: str) -> Path:
    """A path of SPARQL in pieces (SPARQL 1.1, 9.1); raises ValueError where it is none."""
    tokens = _TOKENS.findall(text)
    if "".join(tokens) != re.sub(r"\s", "", text) or not tokens:
        raise ValueError(f"`{text}` is no path")
    path, rest = _several(tokens, "|")
    if rest:
        raise ValueError(f"`{text}` is no path")
    return path


def _several(tokens: list[str], mark: str) -> tuple[Path, list[str]]:
    """Alternatives, each a sequence."""
    parts: list[Path] = []
    while True:
        part, tokens = _several(tokens, "/") if mark == "|" else _step(tokens)
        parts.append(part)
        if tokens[:1] != [mark]:
            return (parts[0] if len(parts) == 1 else (mark, parts)), tokens
        tokens = tokens[1:]


def _step(tokens: list[str]) -> tuple[Path, list[str]]:
    if tokens[:1] == ["^"]:
        inner, tokens = _step(tokens[1:])
        return ("^", inner), tokens
    if tokens[:1] == ["("]:
        inner, tokens = _several(tokens[1:], "|")
        if tokens[:1] != [")"]:
            raise ValueError("a parenthesis is not closed")
        path, tokens = inner, tokens[1:]
    elif tokens and tokens[0].startswith("<"):
        path, tokens = tokens[0], tokens[1:]
    else:
        raise ValueError("a step is missing")
    if tokens and tokens[0] in _MARKS:
        return (tokens[0], path), tokens[1:]
    return path, tokens


def in_turtle(path: Path, term: Callable[[str], str]) -> str:
    """A path in pieces as Turtle says it, with nameless nodes."""
    if isinstance(path, str):
        return term(path)
    kind, inner = path
    if kind in "/|":
        steps = "( " + " ".join(in_turtle(one, term) for one in _list(inner)) + " )"
        return steps if kind == "/" else f"[ sh:alternativePath {steps} ]"
    return f"[ sh:{_MARKS.get(kind, 'inversePath')} {in_turtle(inner, term)} ]"  # type: ignore[arg-type]  # one path


def in_json(path: Path, term: Callable[[str], Any]) -> Any:
    """The same as JSON-LD, whose context has the terms of SHACL."""
    if isinstance(path, str):
        return term(path)
    kind, inner = path
    if kind in "/|":
        steps = {"@list": [in_json(one, term) for one in _list(inner)]}
        return steps if kind == "/" else {"alternativePath": steps}
    return {_MARKS.get(kind, "inversePath"): in_json(inner, term)}  # type: ignore[arg-type]  # one path


def _list(inner: Path | list[Path]) -> list[Path]:
    return inner if isinstance(inner, list) else [inner]


def steps_of(path: Path) -> Iterable[tuple[str, Any]]:
    """Everything that is done in a path, with what it is done to."""
    if isinstance(path, tuple):
        yield path
        for one in _list(path[1]):
            yield from steps_of(one)
