"""Statements of Turtle, TriG and N3: a file goes in, the subject of each statement and its line come out.

Why not a parser: they say what is stated, not where. So this reads words, and knows just enough of the grammar (W3C RDF
1.1 Turtle, 6.5; TriG, 4) to tell a statement's end from a dot elsewhere. What is not Turtle is read as well as can be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from mmap import ACCESS_READ, mmap
from pathlib import Path

_NAME = rb"(?:[A-Za-z_:\x80-\xff](?:[\w:%\-\x80-\xff]++|\\.|\.++(?=[\w:%\\\-\x80-\xff]))*+)"
_IRI = rb"<[^<>\"{}|^`\s]*+>"
_STRING = (
    rb'"""(?:[^"\\]++|\\.|"(?!""))*+"""'
    rb"|'''(?:[^'\\]++|\\.|'(?!''))*+'''"
    rb'|"(?:[^"\\\r\n]++|\\.)*+"'
    rb"|'(?:[^'\\\r\n]++|\\.)*+'"
)
_NUMBER = rb"\d++(?:\.\d++)?+(?:\.?[eE][+-]?\d++)?+|\.\d++(?:[eE][+-]?\d++)?+"
_COMMENT = rb"#[^\r\n]*+"
_GAP = re.compile(rb"(?:\s++|" + _COMMENT + rb")*+")

_REST = re.compile(
    rb"(?:[\s,;()\[\]^]++|"
    + _NAME
    + rb"|"
    + _IRI
    + rb"|"
    + _STRING
    + rb"|"
    + _NUMBER
    + rb"|"
    + _COMMENT
    # an annotation of RDF 1.2, the language of a string, and anything that ends no statement
    + rb"|\{\||\|\}|@[A-Za-z]++(?:-\w++)*+|[^.{}])*+",
    re.S,
)
"""All of a statement up to what ends it: a dot, or a brace."""

_FIRST = re.compile(rb"(?P<iri>" + _IRI + rb")|(?P<name>" + _NAME + rb")|(?P<directive>@\w++)|[.{}]")
"""What a statement begins with, if that is a name, a directive, or a brace."""

_QUOTED = re.compile(_STRING, re.S)


def subjects(path: Path, formulas: bool = False) -> Iterator[tuple[str, int]]:
    """The subject of each statement of a file, in order: IRIs in full, blank nodes as `_:label`; each with its line.

    Args:
        path: a file that is not empty.
        formulas: whether braces hold formulas, which are terms (N3), or graphs (TriG).

    Raises:
        OSError: it cannot be read.
    """
    base = path.resolve().as_uri()
    prefixes: dict[bytes, str] = {}
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        lines = _Lines(data)
        at = 3 if data[:3] == b"\xef\xbb\xbf" else 0

        def word(pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
            nonlocal at
            at = _GAP.match(data, at).end()  # type: ignore[union-attr]  # matches always
            match = pattern.match(data, at)
            at = match.end() if match else at
            return match

        inside = False
        while True:
            match = None if inside else word(_FIRST)
            inside = False
            if match is not None and (directive := _directive(match)):
                if directive == b"prefix" and (name := word(_FIRST)) and (iri := word(_FIRST)) and iri["iri"]:
                    prefixes[name[0][:-1]] = _term(iri, prefixes, base) or ""
                elif directive == b"base" and (iri := word(_FIRST)) and iri["iri"]:
                    base = _term(iri, prefixes, base) or base
                elif directive == b"version":
                    word(_QUOTED)
                if not match["directive"]:
                    continue  # the words of SPARQL end with no dot
            elif match is not None and match[0] in b".{}":
                inside = formulas and match[0] == b"}"
                continue
            elif match is not None:
                start = match.start()
                at = _GAP.match(data, at).end()  # type: ignore[union-attr]  # matches always
                if formulas or data[at : at + 1] != b"{" or data[at : at + 2] == b"{|":
                    subject = _term(match, prefixes, base)
                    if subject is not None:
                        yield subject, lines.at(start)
            at = _REST.match(data, at).end()  # type: ignore[union-attr]  # matches always
            if at >= len(data):
                return
            inside = formulas and data[at : at + 1] == b"}"
            at += 1


def _term(match: re.Match[bytes], prefixes: Mapping[bytes, str], base: str) -> str | None:
    """The term that a name or IRI stands for; None if its prefix was never declared."""
    text = match[0]
    if match["iri"]:
        return resolved(unescaped(text[1:-1]).decode(errors="replace"), base)
    if text[:2] == b"_:":
        return text.decode(errors="replace")
    prefix, _, local = text.partition(b":")
    space = prefixes.get(prefix)
    return None if space is None else space + _LOCAL.sub(rb"\1", local).decode(errors="replace")


def _directive(match: re.Match[bytes]) -> bytes:
    """The directive that a word is, in small letters; empty if it is none."""
    if match["directive"]:
        return bytes(match[0][1:])
    word = (match["name"] or b"").lower()
    return word if word in (b"prefix", b"base", b"graph", b"version") else b""


_LOCAL = re.compile(rb"\\(.)")
_ESCAPED = re.compile(rb"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def unescaped(iri: bytes) -> bytes:
    """An IRI without numeric escapes."""

    def letter(match: re.Match[bytes]) -> bytes:
        number = int(match[1] or match[2], 16)
        return chr(number).encode() if number < 0x110000 and not 0xD800 <= number < 0xE000 else match[0]

    return _ESCAPED.sub(letter, iri) if b"\\" in iri else iri


def resolved(iri: str, base: str) -> str:
    """An IRI against its base (RFC 3986, 5), as the parser has it; as it is, if that cannot be done."""
    if _ABSOLUTE.match(iri):
        return iri
    if iri.startswith("#"):
        return base.partition("#")[0] + iri
    import pyoxigraph as ox

    try:
        (quad,) = ox.parse(f"<{iri}> <urn:a> <urn:a> .".encode(), ox.RdfFormat.TURTLE, base_iri=base)
    except (SyntaxError, ValueError):
        return iri
    return str(quad.subject)[1:-1]


class _Lines:
    """The lines of a file, asked for in order."""

    def __init__(self, data: mmap) -> None:
        self.data = data
        self.seen = 0
        self.line = 1

    def at(self, place: int) -> int:
        """The line of a place at or after the one that was asked for before."""
        while self.seen < place:
            block = self.data[self.seen : min(place, self.seen + _BLOCK)]
            if block[-1:] == b"\r" and len(block) > 1 and self.seen + len(block) < place:
                block = block[:-1]
            self.line += block.count(b"\n") + block.count(b"\r") - block.count(b"\r\n")
            self.seen += len(block)
        return self.line


_BLOCK = 1 << 20


def line_at(data: mmap, place: int) -> int:
    """The line of a place in a file."""
    return _Lines(data).at(place)
