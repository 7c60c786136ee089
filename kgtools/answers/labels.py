"""Labels: IRIs, and something that answers SELECTs, go in; what each is called comes out, where that is said.

The IRIs are asked about in batches, so that an answer of any size costs few queries. Of chains nothing is said, nor of
those who are known by their role alone; their IRIs, which `kgtools.lift` makes, say what they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import unquote

from kgtools.errors import InputError
from kgtools.sparql import written
from kgtools.vocabulary import PREFIXES

if TYPE_CHECKING:
    from kgtools.answers.values import Term

Select = Callable[[str], Iterable[Sequence["Term | None"]]]
"""Answers a SELECT with its rows."""

_AT_ONCE = 300
"""IRIs that one query is about."""

_KINDS = (f"{PREFIXES['rdfs']}label", f"{PREFIXES['skos']}prefLabel", f"{PREFIXES['dcterms']}identifier")
"""What says how something is called, best first."""

_LANGUAGES = ("en", "")
"""Languages of labels, best first; others after them."""


def labels_from(select: Select, iris: Iterable[str]) -> dict[str, str]:
    """What IRIs are called, where that is said: by their label, else by their identifier, in English first."""
    import pyoxigraph as ox

    asked = [text for iri in sorted(set(iris)) if (text := _writable(iri)) is not None]
    kinds = " ".join(f"<{kind}>" for kind in _KINDS)
    best: dict[str, tuple[int, int, str]] = {}
    for at in range(0, len(asked), _AT_ONCE):
        about = " ".join(asked[at : at + _AT_ONCE])
        query = f"SELECT ?iri ?kind ?label {{ VALUES ?iri {{ {about} }} VALUES ?kind {{ {kinds} }} ?iri ?kind ?label }}"
        for iri, kind, label in select(query):
            if not isinstance(iri, ox.NamedNode) or not isinstance(kind, ox.NamedNode):
                continue
            if not isinstance(label, ox.Literal) or kind.value not in _KINDS:
                continue
            language = (label.language or "").partition("-")[0]
            preferred = _LANGUAGES.index(language) if language in _LANGUAGES else len(_LANGUAGES)
            rank = (_KINDS.index(kind.value), preferred, label.value)
            best[iri.value] = min(best.get(iri.value, rank), rank)
    return {iri: label for iri, (_, _, label) in best.items()}


def named_by_iri(iris: Iterable[str]) -> dict[str, str]:
    """What chains are called, and those who have a role in an incident, by their IRIs.

    >>> named_by_iri(["urn:b/chain/I%2019", "urn:b/incident/I28/role/firm", "urn:b/incident/I28"])
    {'urn:b/chain/I%2019': 'I 19 (chain)', 'urn:b/incident/I28/role/firm': 'firm of I28'}
    """
    found: dict[str, str] = {}
    for iri in iris:
        if chain := _CHAIN.fullmatch(iri):
            found[iri] = f"{unquote(chain['id'])} (chain)"
        elif role := _ROLE.fullmatch(iri):
            found[iri] = f"{unquote(role['role'])} of {unquote(role['id'])}"
    return found


_CHAIN = re.compile(r".*/chain/(?P<id>[^/#]+)")
_ROLE = re.compile(r".*/incident/(?P<id>[^/#]+)/role/(?P<role>[^/#]+)")


def _writable(iri: str) -> str | None:
    """An IRI as a query names it; None for what a lenient reader took for one."""
    import pyoxigraph as ox

    try:
        return written(ox.NamedNode(iri))
    except (ValueError, InputError):
        return None
