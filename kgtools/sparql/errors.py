"""Errors: a query that an engine does not understand goes in; one line on what is wrong, and where, comes out.

Why two parsers: Oxigraph says which prefix or variable is wrong, but of a sentence that is not whole only where it gave
up, which may be the end. rdflib says where the part begins that it could not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType

from kgtools.sparql.tokens import tokens
from kgtools.vocabulary import PREFIXES
from kgtools.write import one_line

_PLACE = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_SENTENCE = re.compile(r"(?:\A|, )((?:The|A|An) [A-Za-z][^,\[\]]*)")


def with_prefixes(sparql: str, further: Mapping[str, str] = MappingProxyType({})) -> str:
    """A query with the prefixes that kgtools knows, and further ones, where it uses them and does not declare them.

    >>> with_prefixes("SELECT * { ?s a evco:Incident }")
    'PREFIX evco: <https://w3id.org/evco#>\\nSELECT * { ?s a evco:Incident }'

    Raises:
        InputError: the text is no SPARQL.
    """
    read = list(tokens(sparql))
    if read and read[0].word == "define":  # Virtuoso's, which must come first
        return sparql
    declared = {name.text for before, name in pairwise(read) if before.word == "prefix"}
    lines = [
        f"PREFIX {name}: <{space}>\n"
        for name, space in {**further, **PREFIXES}.items()
        # One too many does no harm, and what has the form of an IRI may be a comparison of names.
        if f"{name}:" not in declared and re.search(rf"(?<![\w:.-]){name}:", sparql)
    ]
    return "".join(lines) + sparql


def error_in(text: str) -> SyntaxError | None:
    """What Oxigraph finds wrong with a query; the query must ask no other server, since it is run on nothing."""
    import pyoxigraph as ox

    try:
        ox.Store().query(text)
    except SyntaxError as error:
        return error
    except (ValueError, OSError, RuntimeError):  # a function that it does not know, which others may
        return None
    return None


def in_words(error: SyntaxError, sparql: str, further: Mapping[str, str] = MappingProxyType({})) -> str:
    """What is wrong with a query, where in it, and what would be right.

    Args:
        error: what Oxigraph said of it, `with_prefixes`.
        sparql: the query as the user wrote it.
        further: the prefixes that were known beside ours.
    """
    said = error.msg or str(error)
    match = _PLACE.match(said)
    if match is None:
        return f"the query is no SPARQL: {one_line(said)[:300]}"
    text = with_prefixes(sparql, further)
    lines = text.split("\n")
    above = len(lines) - len(sparql.split("\n"))
    line, column = int(match[1]), int(match[2])
    if "Prefix not found" in match[3]:
        before = lines[line - 1][: column - 1] if line <= len(lines) else ""
        name = re.search(r"([\w.-]*):[^\s:]*\Z", before)
        called = f"the prefix `{name[1]}:`" if name else "a prefix"
        return f"{called} in line {line - above} of the query is not declared; write PREFIX name: <IRI> before SELECT"
    if sentence := _SENTENCE.search(match[3]):
        return f"the query is no SPARQL (line {line - above}): {one_line(sentence[1])}"
    line, column = _not_read(text) or (line, column)
    here = one_line(" ".join("\n".join(lines[line - 1 :])[column - 1 :].split())[:40])
    place = f"(line {line - above}, column {column})"
    if not here:
        return f"the query ends too early {place}"
    return f"the query cannot be read from `{here}` on {place}; what stands there is not whole, or not SPARQL 1.1"


def _not_read(text: str) -> tuple[int, int] | None:
    """Line and column from which on rdflib cannot read a query; None if it can."""
    from pyparsing import ParseBaseException
    from rdflib.plugins.sparql.parser import parseQuery

    try:
        parseQuery(text)
    except ParseBaseException as error:
        return error.lineno, error.column
    except (ValueError, RecursionError):
        return None
    return None
