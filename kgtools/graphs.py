"""Graphs: the name of a bundle goes in; which named graphs are its own comes out.

Not all that are called after it: with `urn:x:A` and `urn:x:A/` for bases, a bundle `urn:x:A/B` is another study.
"""

from __future__ import annotations

MARKS = "/unfinished"
"""What the graph of the marks of an unfinished import is called, after the bundle."""

_ONE = ("", "/codings", MARKS)
_MANY = ("/view/", "/verdicts/")


def graphs_of(bundle: str) -> tuple[str, ...]:
    """The graphs that a bundle has one of: what happened, its codings, its marks."""
    return tuple(f"{bundle}{one}" for one in _ONE)


def beginnings_of(bundle: str) -> tuple[str, ...]:
    """What the graphs are called after that a bundle has several of: its views and its verdicts."""
    return tuple(f"{bundle}{one}" for one in _MANY)


def is_of(graph: str, bundle: str) -> bool:
    """Whether a named graph is one of a bundle's."""
    return graph in graphs_of(bundle) or graph.startswith(beginnings_of(bundle))
