"""Nodes of RDF/XML and JSON-LD: a file and nodes go in, the line on which each is first described comes out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kgtools.errors import InputError
from kgtools.read.statements import resolved

Found = dict[str, int]
"""Nodes, each with the line on which it is first described."""

_LONGEST = 1 << 16
"""Bytes of a name that are looked at."""

# RDF/XML

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_SYNTAX = {_RDF + name for name in ("about", "ID", "nodeID", "resource", "datatype", "parseType", "bagID")}
_XML = "http://www.w3.org/XML/1998/namespace"


def in_xml(path: Path, nodes: set[str]) -> Found:
    """The lines of nodes in RDF/XML. Raises InputError for what is no XML, or defines entities beyond short text."""
    from xml.parsers.expat import ExpatError, ParserCreate

    from kgtools.read.limits import feed

    parser = ParserCreate(namespace_separator="")
    walk = _Walk(parser, path.resolve().as_uri(), nodes)
    parser.StartElementHandler = walk.start
    parser.EndElementHandler = walk.end
    parser.EntityDeclHandler = refuse_entities(path, lambda: parser.CurrentLineNumber)
    try:
        feed(parser, path)
    except ExpatError as error:
        raise InputError(f"not XML: {error}", path, error.lineno) from error
    return walk.found


def refuse_entities(path: Path | str, line: Callable[[], int]) -> Callable[..., None]:
    """What expat is to do with the definition of an entity: let short plain text pass, as OWL editors write namespaces.

    Anything else could make a small file large, or fetch another file (OWASP, XML External Entity Prevention).
    """

    def declared(name: str, _: bool, value: str | None, *__: object) -> None:
        if value is None or len(value) > _LONGEST_ENTITY or "&" in value or "%" in value:
            said = f"defines the entity `{name}`, which is not just a short text; write out what it stands for"
            raise InputError(said, path, line())

    return declared


_LONGEST_ENTITY = 1_000


class _Walk:
    """The elements of RDF/XML (W3C RDF 1.1 XML Syntax, 6 and 7), and which of them describe nodes looked for."""

    def __init__(self, parser: Any, base: str, nodes: set[str]) -> None:
        self.parser = parser
        self.nodes = nodes
        self.found: Found = {}
        self.open: list[tuple[str, str, tuple[str, int] | None]] = [("top", base, None)]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins; what it is follows from what the one around it is."""
        around, base, node = self.open[-1]
        if _XML + "base" in attributes:
            base = resolved(attributes[_XML + "base"], base)
        line = self.parser.CurrentLineNumber
        more = any(key not in _SYNTAX and not key.startswith(_XML) for key in attributes)
        described: tuple[str, int] | None = None
        if around == "top" and name == _RDF + "RDF":
            kind = "nodes"
        elif around in ("top", "nodes"):
            kind = "properties"
            described = self._named(attributes, "about", base, line)
            if described and (more or name != _RDF + "Description"):
                self._describe(*described)
        elif around == "properties":
            if node:
                self._describe(*node)
            kind = {"Literal": "text", "Resource": "properties"}.get(attributes.get(_RDF + "parseType", ""), "nodes")
            thing = self._named(
                {key: attributes[key] for key in attributes if key != _RDF + "ID"}, "resource", base, line
            )
            if thing and more:
                self._describe(*thing)
            if _RDF + "ID" in attributes:
                self._describe(resolved("#" + attributes[_RDF + "ID"], base), line)
        else:
            kind = "text"
        self.open.append((kind, base, described))

    def end(self, _: str) -> None:
        """An element ends."""
        self.open.pop()

    def _named(self, attributes: dict[str, str], name: str, base: str, line: int) -> tuple[str, int] | None:
        if _RDF + name in attributes:
            return resolved(attributes[_RDF + name], base), line
        if _RDF + "ID" in attributes:
            return resolved("#" + attributes[_RDF + "ID"], base), line
        return (f"_:{attributes[_RDF + 'nodeID']}", line) if _RDF + "nodeID" in attributes else None

    def _describe(self, node: str, line: int) -> None:
        if node in self.nodes:
            self.found.setdefault(node, line)


# JSON-LD

_JSON = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[{}\[\]:,]|\n|\r(?!\n)', re.S)


def in_json(path: Path, nodes: set[str]) -> Found:
    """The lines of nodes in JSON-LD, as `kgtools.read.lines` says. The file is not empty."""
    from mmap import ACCESS_READ, mmap

    found: Found = {}
    terms: dict[str, str] = {}
    base = path.resolve().as_uri()

    def expanded(name: str) -> str:
        prefix, colon, rest = name.partition(":")
        if colon and not rest.startswith("//") and prefix in terms:
            return terms[prefix] + rest
        return name if name.startswith("_:") else resolved(name, base)

    # Of each open object: its node and the line of that, whether more is said of it, and the key that was read last.
    open_: list[tuple[list[Any], bool]] = [([None, 0, False, ""], False)]
    line, skip, last = 1, 0, b""
    context: list[int] = []
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        for match in _JSON.finditer(data):
            token = match[0]
            if token in (b"\n", b"\r"):
                line += 1
                continue
            if context:
                skip += token in (b"{", b"[")
                skip -= token in (b"}", b"]")
                if skip == 0:
                    base = _learn(_json(data[context.pop() : match.end()]), terms, base)
                last = token
                continue
            told, is_object = open_[-1]
            if token in (b"{", b"["):
                if is_object and told[3] == "@context":
                    context.append(match.start())
                    skip = 1
                else:
                    open_.append(([None, 0, False, ""], token == b"{"))
            elif token in (b"}", b"]") and len(open_) > 1:
                open_.pop()
                if told[0] is not None and told[2] and told[0] in nodes:
                    found[told[0]] = min(told[1], found.get(told[0], told[1]))
            elif token == b":" and is_object and last[:1] == b'"':
                key = str(_json(last))
                told[3] = terms[key] if terms.get(key, "").startswith("@") else key
                told[2] = told[2] or told[3] not in _NO_STATEMENT
            elif token[:1] == b'"' and is_object and told[3] == "@id" and last == b":" and len(token) < _LONGEST:
                told[0], told[1] = expanded(str(_json(token))), line
            line += token.count(b"\n") if token[:1] == b'"' else 0
            last = token[:_LONGEST]
    return found


_NO_STATEMENT = {"@id", "@context", "@graph", "@index", "@value", "@language", "@list", "@set", "@included"}


def _json(text: bytes) -> Any:
    """What JSON says; nothing, if it is too long or deep to matter, or is no JSON."""
    import json

    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _learn(context: Any, terms: dict[str, str], base: str) -> str:
    """Add the terms of a context to those known; the base that holds from here."""
    for one in context if isinstance(context, list) else [context]:
        if isinstance(one, dict):
            for term, meaning in one.items():
                value = meaning.get("@id") if isinstance(meaning, dict) else meaning
                if term == "@base" and isinstance(value, str):
                    base = resolved(value, base)
                elif isinstance(value, str):
                    prefix, _, rest = value.partition(":")
                    terms[term] = terms[prefix] + rest if prefix in terms and not rest.startswith("//") else value
    return base
