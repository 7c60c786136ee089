"""Graphs: the names of the named graphs that there are go in; those that queries see come out."""

from __future__ import annotations

from collections.abc import Iterable

MARKS = "/unfinished"
"""What the graph of a bundle's marks is called, after the bundle (`kgtools.store`)."""

VIEW = "/view/"
"""What stands between the bundle and the coders in the name of a view's graph."""


def seen(graphs: Iterable[str]) -> list[str]:
    """The graphs that queries see which name none: all but views, which repeat what is in others, and marks.

    A graph is one of these only beside its bundle: others may well be called so.

    >>> seen(["urn:b", "urn:b/codings", "urn:b/view/any", "http://example.org/view/any"])
    ['urn:b', 'urn:b/codings', 'http://example.org/view/any']
    """
    names = list(graphs)
    there = set(names)

    def repeats(name: str) -> bool:
        bundle, _, coders = name.rpartition(VIEW)
        return ("/" not in coders and bundle in there) or (name.endswith(MARKS) and name.removesuffix(MARKS) in there)

    return [name for name in names if not repeats(name)]
