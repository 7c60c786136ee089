"""Reasons: a slot and what a view says of an element go in; why the one does not fit the other comes out, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from kgtools.model import Element
from kgtools.theory import ACTOR, Slot
from kgtools.view import View
from kgtools.vocabulary import VIEW, local

Wrong = Literal["valence", "bearer", "toward", "same bearer", "order", "coders", "narrower", "taken"]


MOST_NAMES = 8
"""So many names are listed in a sentence."""


@dataclass(frozen=True)
class Reason:
    """Why an element does not fit: what is wrong with it, in a word and in a sentence, and against which element."""

    wrong: Wrong
    words: str
    against: Element | None = None


def listed(names: Sequence[str]) -> str:
    """Names in a sentence; of many, the first and how many more."""
    if len(names) > MOST_NAMES:
        return f"{', '.join(names[:MOST_NAMES])} and {len(names) - MOST_NAMES:,} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


class Facts:
    """The triples of a view, to be asked one by one."""

    def __init__(self, seen: View) -> None:
        self._values: dict[tuple[str, str], set[str]] = {}
        for line in seen.lines:
            subject, predicate, value = line[1:-3].split("> <")
            self._values.setdefault((subject, predicate), set()).add(value)

    def values(self, subject: str, predicate: str) -> set[str]:
        """The objects, for a predicate of the view."""
        return self._values.get((subject, VIEW + predicate), set())

    def says(self, subject: str, predicate: str, value: str) -> bool:
        """Whether there is this triple."""
        return value in self.values(subject, predicate)

    def came_before(self, one: str, other: str) -> bool:
        """Whether one element is recorded as coming before another: in an incident, or along the chain."""
        if self.says(one, "precedes", other):
            return True
        later = self.values(other, "at")
        return any(not later.isdisjoint(self.values(moment, "before")) for moment in self.values(one, "at"))


def valence_words(slot: Slot, element: Element) -> str:
    """Why an element's valence does not do."""
    said = f"{element.valence} valence" if element.valence else "no valence is recorded"
    if slot.valence:
        return f"{said}, and {local(slot.valence)} is asked for"
    return f"{said}, and it must not be {local(slot.never or '')}"


def actor_words(wrong: str, bearer: str | None, known: set[str], asked: tuple[str, ...], never: tuple[str, ...]) -> str:
    """Why whoever bears an element, or whom it is directed at, does not do; empty where it does."""
    said = " or ".join("a known actor" if one == ACTOR else local(one) for one in asked)
    prefix = "by" if wrong == "bearer" else "toward"
    if asked and known.isdisjoint(asked):
        if bearer is None:
            return f"no {'bearer' if wrong == 'bearer' else '`toward`'} is recorded, and {said} is asked for"
        return f"{prefix} {bearer}, not known to be {said}"
    taboo = [local(one) for one in never if one in known]
    return f"{prefix} {bearer}, known to be {' and '.join(taboo)}" if taboo else ""
