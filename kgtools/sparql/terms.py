"""Terms: an IRI or a literal goes in; it, as every engine reads it back, comes out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

from kgtools.errors import InputError
from kgtools.sparql.tokens import named_character, shown

if TYPE_CHECKING:
    import pyoxigraph as ox

    Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
    """What may stand in a cell of an answer."""

_STRING = "http://www.w3.org/2001/XMLSchema#string"
IRI = r"""[A-Za-z][A-Za-z0-9+.-]*:[^<>"{}|^`\\\x00-\x20\x7f-\x9f\ud800-\udfff]*"""
"""An absolute IRI (W3C SPARQL 1.1 Query, 19.8, IRIREF; RFC 3987, 2.2)."""

_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")
_ESCAPED = re.compile(r'\\[uU]|[\\"\t\n\r\f\x08]')
_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r", "\f": "\\f", "\b": "\\b"}


def written(term: ox.NamedNode | ox.Literal) -> str:
    """An IRI or literal as every engine reads it back.

    Why so: rdflib reads `\\u0041` before it reads texts, and finds one too where a backslash stands before `u0041`
    (written `\\\\u0041`). The `u` is therefore written by its number there, with eight digits, since of four it would
    read on.

    Raises:
        InputError: it is neither, or cannot be written in SPARQL 1.1.
    """
    import pyoxigraph as ox

    if isinstance(term, ox.NamedNode):
        if not re.fullmatch(IRI, term.value):
            raise InputError(f"{shown(term.value)} is no IRI; write one as https://…, without spaces and brackets")
        return f"<{term.value}>"
    if not isinstance(term, ox.Literal):
        raise InputError(f"{shown(str(term))} is neither an IRI nor a literal, so no query can name it")
    if getattr(term, "direction", None) is not None:
        raise InputError(f"{shown(term.value)} has a direction, which SPARQL 1.1 does not know; leave it out")
    if wrong := _FORBIDDEN.search(term.value):
        raise InputError(f"{shown(term.value)} has {named_character(wrong[0])} in it, which is no text; leave it out")
    said = f'"{_ESCAPED.sub(_escape, term.value)}"'
    if term.language:
        return f"{said}@{term.language}"
    return said if term.datatype.value == _STRING else f"{said}^^{written(term.datatype)}"


def text_of(term: str) -> str | None:
    """The text that a term of a query is, without language and datatype; None for other terms.

    >>> text_of("'all'"), text_of('"tous"@fr'), text_of(r'"\\q"')
    ('all', None, None)
    """
    import pyoxigraph as ox

    if term[0] not in "\"'" or term[-1] not in "\"'":
        return None
    try:
        (triple,) = ox.parse(f"<urn:s> <urn:p> {term} .", ox.RdfFormat.TURTLE)  # which writes texts as SPARQL does
    except SyntaxError:
        return None
    return triple.object.value if isinstance(triple.object, ox.Literal) else None


def _escape(match: re.Match[str]) -> str:
    found = match[0]
    return f"\\\\\\U{ord(found[1]):08X}" if len(found) == 2 else _SHORT.get(found, f"\\{found}")


def iri_in(text: str) -> str | None:
    """An IRI as a query names it; None where a text is none, or one that only a lenient reader takes for one."""
    import pyoxigraph as ox

    try:
        return written(ox.NamedNode(text))
    except (ValueError, InputError):
        return None
