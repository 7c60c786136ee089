"""Smallest sets: things that are wrong together go in; those of them of which none can be spared come out.

QuickXplain (Junker 2004, AAAI, 167-172): halves what is left, so that of n things k guilty ones are found by some
k·log2(n/k) + 2k questions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def smallest(items: Sequence[Item], wrong: Callable[[Sequence[Item]], bool]) -> list[Item]:
    """Some of the items that are wrong together, while without any one of them they are not.

    Args:
        items: wrong together; in an order, of which the first are kept rather than the last.
        wrong: whether some items are wrong together. More items never make it right.
    """

    def needed(sure: list[Item], asked: bool, among: Sequence[Item]) -> list[Item]:
        if asked and wrong(sure):
            return []
        if len(among) == 1:
            return list(among)
        half = len(among) // 2
        first, last = among[:half], among[half:]
        of_last = needed([*sure, *first], bool(first), last)
        return [*needed([*sure, *of_last], bool(of_last), first), *of_last]

    return needed([], False, items) if items else []
