"""Names: the IRIs of an answer and their labels go in; what people read in place of each comes out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from kgtools.vocabulary import curie, local
from kgtools.write import one_line

_LONGEST = 60
"""Characters that a name may have which is an IRI."""

_SHORTEST = 10
"""Characters that are left of it at least."""


class Names:
    """What the IRIs of one answer are called, so that no two are called alike.

    An IRI is called by its label; the CURIE follows where the label does not say it, and where there is none, the IRI
    follows if another one has the same label. Without a label it is called by its CURIE, else by its end.

    Args:
        iris: those of the answer.
        labels: IRI to label, for those that have one.

    >>> names = Names(["https://w3id.org/evco#Delight", "urn:x:1"], {"https://w3id.org/evco#Delight": "delight"})
    >>> names["https://w3id.org/evco#Delight"], names["urn:x:1"]
    ('evco:Delight', 'urn:x:1')
    """

    def __init__(self, iris: Iterable[str], labels: Mapping[str, str]) -> None:
        found = sorted(set(iris))
        self.labels = {iri: label for iri in found if (label := one_line(labels.get(iri, "")))}
        first = {iri: self._first(iri) for iri in found}
        called = Counter(first.values())
        second = {iri: name if called[name] == 1 else self._told_apart(iri) for iri, name in first.items()}
        called = Counter(second.values())
        self.names = {iri: name if called[name] == 1 else one_line(iri) for iri, name in second.items()}

    def __getitem__(self, iri: str) -> str:
        return self.names[iri]

    def _first(self, iri: str) -> str:
        short, label = curie(iri), self.labels.get(iri)
        if label is None:
            return _cut(short)
        if short == iri:
            return label
        return short if _bare(label) == _bare(local(iri)) else f"{label} ({short})"

    def _told_apart(self, iri: str) -> str:
        label = self.labels.get(iri)
        return f"{label} ({_cut(iri)})" if label is not None else one_line(iri)


def _bare(text: str) -> str:
    """A name without what words are put together by."""
    return re.sub(r"[\W_]", "", text).casefold()


def _cut(iri: str) -> str:
    """An IRI, or what it ends with from a slash on."""
    if len(iri) <= _LONGEST:
        return one_line(iri)
    end = iri[1 - _LONGEST :]
    at = end.find("/")
    return "…" + one_line(end[at:] if 0 <= at < _LONGEST - _SHORTEST else end)
