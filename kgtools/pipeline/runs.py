"""Runs: records that come sorted, chunk by chunk, go in; all of them come out sorted, each once.

Why: a run may have a million findings or verdicts, and their tables are sorted as a whole. Kept packed, and unpacked a
few at a time while the chunks are merged, they take a tenth of the memory that they would take as values.
"""

from __future__ import annotations

import heapq
import pickle
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

Record = TypeVar("Record")

_BLOCK = 50
"""Records packed together."""


def pack(records: Iterable[Record], key: Callable[[Record], Any]) -> list[bytes]:
    """Records, sorted by a key, in packed blocks."""
    ordered = sorted(records, key=key)
    return [zlib.compress(pickle.dumps(ordered[at : at + _BLOCK]), 1) for at in range(0, len(ordered), _BLOCK)]


class Runs(Generic[Record]):
    """Sorted runs of records.

    Args:
        key: what they are sorted by.
    """

    def __init__(self, key: Callable[[Record], Any]) -> None:
        self.key = key
        self.runs: list[list[bytes]] = []

    def add(self, blocks: list[bytes]) -> None:
        """Add a run that `pack` made."""
        if blocks:
            self.runs.append(blocks)

    def __iter__(self) -> Iterator[Record]:
        """All records, sorted, each once."""
        alike: list[Record] = []
        for record in heapq.merge(*map(_unpacked, self.runs), key=self.key):
            if alike and self.key(alike[0]) != self.key(record):
                alike = []
            if record not in alike:
                alike.append(record)
                yield record


def _unpacked(blocks: list[bytes]) -> Iterator[Any]:
    for block in blocks:
        yield from pickle.loads(zlib.decompress(block))
