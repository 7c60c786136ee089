"""Shared: data that were loaded twice, for the verdicts of different coders, go in; one store for both comes out.

Why: whoever compares coders asks for one after the other, and large data do not fit in memory as often as there are
coders. Each question goes on to see the verdicts that it was loaded with, and no others: a query that says nothing of
coders would count those of all of them together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kgtools.pipeline.query import Here

if TYPE_CHECKING:
    import pyoxigraph as ox


def shared(made: Here, kept: Iterable[Here]) -> Here:
    """What was loaded, in the store of something that is kept, if that is the same but for verdicts.

    Args:
        made: what was loaded last.
        kept: what was loaded before, in memory.
    """
    for one in kept:
        if _is_same(made.store.inner, one.store.inner):
            one.only = _graphs(one.store.inner) if one.only is None else one.only
            one.store.inner.bulk_extend(quad for quad in made.store.inner if _is_verdict(quad))
            return Here(
                one.store,
                made.vocabulary,
                made.findings,
                made.made,
                seconds=made.seconds,
                services=made.services,
                only=_graphs(made.store.inner),
            )
    return made


def _is_same(one: ox.Store, other: ox.Store) -> bool:
    """Whether two stores hold the same beside verdicts."""
    return all(quad in other for quad in _beside(one)) and sum(1 for _ in _beside(one)) == sum(
        1 for _ in _beside(other)
    )


def _beside(store: ox.Store) -> Iterator[ox.Quad]:
    return (quad for quad in store if not _is_verdict(quad))


def _is_verdict(quad: ox.Quad) -> bool:
    return "/verdicts/" in getattr(quad.graph_name, "value", "")


def _graphs(store: ox.Store) -> frozenset[str]:
    return frozenset(graph.value for graph in store.named_graphs())
