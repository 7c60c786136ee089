"""Named: a query goes in; the IRIs that it names, and the prefixes that it declares, come out."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kgtools.sparql.tokens import Token, tokens, unescaped


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
    found = dict.fromkeys(iri for _, iri in named_tokens(text, prefixes) if iri)
    return list(found)


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


def named_tokens(text: str, prefixes: Mapping[str, str]) -> list[tuple[Token, str]]:
    """The tokens of a query, each with the IRI that it is, or nothing; the prefixes that it declares are left out.

    Raises:
        InputError: the text is no SPARQL.
    """
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
