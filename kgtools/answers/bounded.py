"""Bounded: the rows or triples that an engine goes on to find go in; they come out, until too many or too late.

Why: a query that joins everything with everything ends when the memory does, and whoever waited for it cannot stop the
engine, which works on in a thread of its own. It stops where nobody takes what it finds.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from kgtools.errors import EngineError

_MOST = 10_000_000
"""Terms that an answer may have: about three gigabytes."""

_LOOKS = 1_000
"""Rows after which the clock is looked at."""

Row = TypeVar("Row")


def in_bounds(rows: Iterable[Row], width: int, until: float) -> Iterator[Row]:
    """The same rows.

    Args:
        rows: what is found, row by row.
        width: how many terms are in each.
        until: when nobody waits for them any longer, by `time.monotonic`.

    Raises:
        EngineError: they are too many, or it is later than that.
    """
    most = _MOST // max(width, 1)
    for number, row in enumerate(rows):
        if number >= most:
            raise EngineError(f"the query gives more than {most:,} rows, too many to hold; count them, or ask in parts")
        if number % _LOOKS == 0 and time.monotonic() > until:
            raise EngineError("the query was not done in its time; ask for less, give LIMIT, or more time (timeout)")
        yield row
