"""Graphs: the name of a bundle, or of all graphs, goes in; which named graphs are its own, or are seen, comes out."""

from __future__ import annotations

import re
from collections.abc import Iterable

MARKS = "/unfinished"
"""What the graph of the marks of an unfinished import is called, after the bundle (`kgtools.store`)."""

VIEW = "/view/"
"""What stands between the bundle and the coders in the name of a view's graph."""

_ONE = ("", "/codings", MARKS)
_MANY = (VIEW, "/verdicts/")
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


def graphs_of(bundle: str) -> tuple[str, ...]:
    """The graphs that a bundle has one of: what happened, its codings, its marks."""
    return tuple(f"{bundle}{one}" for one in _ONE)


def beginnings_of(bundle: str) -> tuple[str, ...]:
    """What the graphs are called after that a bundle has several of: its views and its verdicts."""
    return tuple(f"{bundle}{one}" for one in _MANY)


def is_of(graph: str, bundle: str) -> bool:
    """Whether a named graph is one of a bundle's.

    Not all that are called after it: with `urn:x:A` and `urn:x:A/` for bases, a bundle `urn:x:A/B` is another study.
    """
    return graph in graphs_of(bundle) or graph.startswith(beginnings_of(bundle))
