"""Named: a query goes in; the IRIs that it names, and whether it may find properties and classes it does not name,
come out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from kgtools.sparql.forms import form_of
from kgtools.sparql.tokens import Token, tokens, unescaped

_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_ABOVE = frozenset(
    f"http://www.w3.org/2000/01/rdf-schema#{name}" for name in ("subClassOf", "subPropertyOf")
)  # by which one comes from a class to what is not named
_NODES = ("var", "iri", "name")


def named_in(text: str, prefixes: Mapping[str, str]) -> list[str]:
    """The IRIs that a query names, each once, in its order.

    >>> named_in("PREFIX e: <urn:e#> ASK { ?x a e:X ; s:p <urn:y> }", {"s": "urn:s#"})
    ['urn:e#X', 'urn:s#p', 'urn:y']

    Args:
        text: the query.
        prefixes: what prefixes stand for that it does not declare.

    Raises:
        InputError: the text is no SPARQL.
    """
    found = dict.fromkeys(iri for _, iri in _named(text, prefixes) if iri)
    return list(found)


def asks_openly(text: str, prefixes: Mapping[str, str]) -> bool:
    """Whether a query may find properties or classes that it does not name: by a variable, a path, or DESCRIBE.

    In doubt it does: then more is worked out than it needs.

    >>> asks_openly("SELECT * { ?x a ?type }", {}), asks_openly("SELECT * { ?x a <urn:T> ; <urn:p> ?y }", {})
    (True, False)

    Raises:
        InputError: the text is no SPARQL.
    """
    if form_of(text) == "DESCRIBE":
        return True
    read = _named(text, prefixes)
    depth = 0
    for place, (token, iri) in enumerate(read):
        depth += (token.text == "{") - (token.text == "}")
        if depth == 0:
            continue
        after = [one for one, _ in read[place + 1 : place + 2]]
        follows = after[0].kind if after else ""
        if iri in _ABOVE or (
            token.text == "!" and (follows in ("iri", "name") or [one.word for one in after] == ["a"])
        ):
            return True
        if (token.word == "a" or iri == _TYPE) and follows == "var":
            return True
        before = read[place - 1][0]
        if token.kind == "var" and (before.kind in _NODES or before.text in (";", "]")) and _is_object(after):
            return True
    return False


def _is_object(after: Sequence[Token]) -> bool:
    return bool(after) and (
        after[0].kind in (*_NODES, "text", "number")
        or after[0].text in ("[", "(", "+", "-")
        or after[0].word in ("true", "false")
    )


def prefixes_in(text: str) -> dict[str, str]:
    """The prefixes that a query declares.

    >>> prefixes_in("PREFIX e: <urn:e#> ASK { ?x a e:X }")
    {'e': 'urn:e#'}

    Raises:
        InputError: the text is no SPARQL.
    """
    read = list(tokens(text))
    return {
        read[place + 1].text[:-1]: unescaped(read[place + 2].text[1:-1])
        for place, token in enumerate(read)
        if token.word == "prefix" and [one.kind for one in read[place + 1 : place + 3]] == ["name", "iri"]
    }


def _named(text: str, prefixes: Mapping[str, str]) -> list[tuple[Token, str]]:
    """The tokens of a query, each with the IRI that it is; prologues are left out."""
    known = {**prefixes, **prefixes_in(text)}
    found: list[tuple[Token, str]] = []
    read = list(tokens(text))
    place = 0
    while place < len(read):
        token, after = read[place], read[place + 1 : place + 3]
        if token.word == "prefix" and [one.kind for one in after] == ["name", "iri"]:
            place += 3
            continue
        found.append((token, _iri(token, known)))
        place += 1
    return found


def _iri(token: Token, prefixes: Mapping[str, str]) -> str:
    if token.kind == "iri":
        return unescaped(token.text[1:-1])
    prefix, _, rest = token.text.partition(":")
    if token.kind != "name" or prefix not in prefixes:
        return ""
    return prefixes[prefix] + re.sub(r"\\(.)", r"\1", rest)
