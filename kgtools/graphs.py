"""Graphs: the names of the named graphs that there are go in; those that queries see come out."""

from __future__ import annotations

import re
from collections.abc import Iterable

MARKS = "/unfinished"
"""What the graph of a bundle's marks is called, after the bundle (`kgtools.store`)."""

VIEW = "/view/"
"""What stands between the bundle and the coders in the name of a view's graph."""

_CODERS = re.compile(r"[^/]+(/\d+)?")
"""Whose view it is, and which part of it."""


def seen(graphs: Iterable[str]) -> list[str]:
    """The graphs that queries see which name none: all but views, which repeat what is in others, and marks.

    A graph is one of these only beside its bundle: others may well be called so.

    >>> seen(["urn:b", "urn:b/codings", "urn:b/view/any", "urn:b/view/all/2", "http://example.org/view/any"])
    ['urn:b', 'urn:b/codings', 'http://example.org/view/any']
    """
    names = list(graphs)
    there = set(names)

    def repeats(name: str) -> bool:
        bundle, _, coders = name.rpartition(VIEW)
        return (bundle in there and bool(_CODERS.fullmatch(coders))) or (
            name.endswith(MARKS) and name.removesuffix(MARKS) in there
        )

    return [name for name in names if not repeats(name)]
