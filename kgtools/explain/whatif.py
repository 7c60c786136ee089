"""What would change a verdict: a unit before a proposition goes in, edits that were tried and do change it come out.

A counterfactual is listed only if it holds: the edit is made on a copy of the chain, the view is made anew, and the
proposition's own query judges again. So nothing here can contradict `derive`. What is not listed was not tried or
changes nothing; the list is not complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import combinations, islice

from kgtools.explain.edits import Edit, Kind, added, altered, channel, links, steps, turned, without
from kgtools.explain.situation import Situation, SlotState
from kgtools.explain.unit import judged
from kgtools.model import CODER_SETS, Element
from kgtools.read import Chunk

MOST = 6
"""So many changes are listed."""

_TRIES = 24
"""So many ways are tried to code one thing, or two things that are missing."""

_WORTH = 300_000_000
"""How much all tries for one verdict may take: each takes the number of elements in the unit, cubed.

Why a count and not a clock: the same data must give the same explanation, however fast the machine is.
"""

_GRADES = ("unordered", "co-occurrence", "ordered", "linked")
"""From weak to strong. A proposition yields `co-occurrence` if it asks for no order, `ordered` if it does."""

_RANK: dict[Kind, int] = {
    "alter": 0, "add": 1, "channel": 1, "remove": 2, "steps": 3, "links": 3, "coders": 4, "counter": 5, "without": 6,
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """A change that was tried, and what the verdict is then.

    Args:
        kind: what is done.
        words: how it is said.
        verdict, grade: what comes of it.
        ways: the edits, each of which has this effect by itself; an edit in several parts is a tuple of more than one.
        coders: the sets of coders, each of which has this effect.
    """

    kind: Kind
    words: str
    verdict: str
    grade: str
    ways: tuple[tuple[Edit, ...], ...] = ()
    coders: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """How many edits it takes."""
        return max((len(way) for way in self.ways), default=1)


def edited(chunk: Chunk, way: Iterable[Edit]) -> Chunk:
    """The chain with some edits made, one after the other."""
    for edit in way:
        chunk = edit.apply(chunk)
    return chunk


def changes(situation: Situation) -> list[Change]:
    """What would change the verdict, or the grade of a support: the smallest and likeliest first, at most six."""
    return _Trial(situation).run()


def most_tries(situation: Situation) -> int:
    """So many changes are tried at most: on long chains few, and on very long ones none."""
    return _WORTH // max(1, len(situation.every)) ** 3


class _SpentError(Exception):
    """All has been tried that may be."""


class _Trial:
    """One situation, on which edits are tried."""

    def __init__(self, situation: Situation) -> None:
        self.situation = situation
        self.now = (situation.verdict.verdict, situation.verdict.grade)
        self.found: list[Change] = []
        self.tries = 0  # of pairs, of which there may be many
        self.left = most_tries(situation)

    def run(self) -> list[Change]:
        with suppress(_SpentError):
            self._all()
        self.found.sort(key=lambda one: (one.size, _RANK[one.kind]))
        return self.found[:MOST]

    def _all(self) -> None:
        situation = self.situation
        for state in situation.slots.values():
            self._slot(state)
        self._any_of(channel(situation))
        self._opposing()
        if situation.verdict.verdict == "silent" and not any(one.verdict != "silent" for one in self.found):
            self._pairs()
        self._coders()
        if situation.verdict.verdict in ("supports", "contradicts", "mixed"):
            self._without()
        if situation.verdict.verdict == "supports":
            self._stronger()

    # Trying

    def _outcome(self, way: Sequence[Edit], coders: str | None = None) -> tuple[str, str]:
        """The verdict and grade that come of some edits, or of other coders."""
        situation = self.situation
        if self.left <= 0:
            raise _SpentError
        self.left -= 1
        chunk = edited(situation.chunk, way)
        coders = coders or situation.coders
        _, verdict = judged(chunk, coders, situation.question, situation.job, situation.incident)
        return verdict.verdict, verdict.grade

    def _keep(self, way: tuple[Edit, ...], outcome: tuple[str, str] | None = None) -> bool:
        """Try some edits; keep them if they change the verdict. A change of the grade alone must be for the better."""
        outcome = outcome or self._outcome(way)
        if not self._matters(outcome):
            return False
        words = ", and ".join(edit.words for edit in way)
        self.found.append(Change(way[-1].kind, words, *outcome, ways=(way,)))
        return True

    def _matters(self, outcome: tuple[str, str]) -> bool:
        if outcome == self.now:
            return False
        if outcome[0] == self.now[0]:
            return _GRADES.index(outcome[1]) > _GRADES.index(self.now[1])
        return True

    def _any_of(self, edits: Iterable[Edit]) -> bool:
        """Try edits that come to the same; keep the first that changes the verdict."""
        return any(self._keep((edit,)) for edit in edits)

    # What to try

    def _slot(self, state: SlotState) -> None:
        """One slot filled, where nothing fills it; and where it can be opposed, opposed."""
        situation, slot = self.situation, state.slot
        if not state.fills:
            for miss in [miss for miss in state.near if len(miss.reasons) == 1 and not miss.opposes][:3]:
                self._any_of(altered(situation, slot, miss))
            self._coded(added(situation, slot))
        if not state.opposes and (slot.opposing or slot.absences):
            self._coded(_counter(way) for way in added(situation, slot, opposing=True))

    def _coded(self, ways: Iterable[list[Edit]]) -> bool:
        """Try ways to code one thing; keep the first that changes the verdict, for all classes that do the same."""
        for way in islice(ways, min(_TRIES, max(1, self.left // 5))):  # something is left for what comes after
            if not way:
                continue
            outcome = self._outcome(way[:1])
            if self._matters(outcome):
                same = [way[0], *(edit for edit in way[1:] if self._outcome([edit]) == outcome)]
                self.found.append(Change(way[0].kind, _alternatives(same), *outcome, ways=tuple((e,) for e in same)))
                return True
        return False

    def _opposing(self) -> None:
        """What opposes left out, or coded the other way round."""
        situation = self.situation
        against = {one.iri: (one, state) for state in situation.slots.values() for one in state.opposes}
        alone = [self._keep((without(situation, [one]),)) for one, _ in against.values()]
        if len(against) > 1 and not any(alone):
            self._keep((without(situation, [one for one, _ in against.values()]),))
        mixed = [
            (one, state)
            for state in situation.slots.values()
            for one in state.fills
            if state.slot.opposing and one.valence == "mixed"
        ]
        for element, state in (*against.values(), *mixed):
            if not element.absent:
                self._any_of(turned(situation, state.slot, element, "remove"))

    def _pairs(self) -> None:
        """Two things at once: for each two of what is missing, the first that changes the verdict."""
        situation = self.situation
        states = [state for state in situation.slots.values() if not state.there]
        scope = [*channel(situation)]
        needed = {state.slot.id for state in states if state.slot.role == "antecedent"}
        conditions = [situation.slots[slot.id] for slot in situation.proposition.antecedents]
        if not needed and any(state.slot.id in situation.verdict.missing for state in conditions):
            states = [*conditions, *states]  # each is there, but no reading of them all: one more may make it
        if scope:
            for state in states if len(needed) < 2 else ():
                if needed <= {state.slot.id}:
                    self._pair(scope, state.slot.id)
            return
        for one, other in combinations(states, 2):
            if needed <= {one.slot.id, other.slot.id}:
                self._pair(_one_each(self._fillers(situation, one)), other.slot.id)

    def _pair(self, firsts: Iterable[Edit], slot: str) -> None:
        """One of some edits, and with it a slot filled: the first such that changes the verdict."""
        situation, before = self.situation, self.tries
        for first in islice(firsts, _TRIES):
            self.left -= 1
            between = Situation(
                first.apply(situation.chunk), situation.incident, situation.question, situation.coders, situation.job
            )
            for second in islice(_one_each(self._fillers(between, between.slots[slot])), _TRIES):
                self.tries += 1
                if self._keep((first, second)) or self.tries - before >= _TRIES or self.tries >= 4 * _TRIES:
                    return

    @staticmethod
    def _fillers(situation: Situation, state: SlotState) -> Iterator[list[Edit]]:
        """Ways to fill a slot: by what comes near, else by something new."""
        for miss in state.near:
            if len(miss.reasons) == 1 and not miss.opposes:
                yield from ([edit] for edit in altered(situation, state.slot, miss))
        yield from added(situation, state.slot)

    def _coders(self) -> None:
        """Other coders asked."""
        situation = self.situation
        others = [one for one in (*CODER_SETS, *situation.coder_names) if one != situation.coders]
        by_outcome: dict[tuple[str, str], list[str]] = {}
        for coders in others:
            by_outcome.setdefault(self._outcome((), coders), []).append(coders)
        for outcome, coders_ in by_outcome.items():
            if outcome != self.now:
                words = f"with `--coders {coders_[0]}`" + "".join(f" or `{one}`" for one in coders_[1:])
                self.found.append(Change("coders", words, *outcome, coders=tuple(coders_)))

    def _without(self) -> None:
        """Each element that the verdict rests on, left out alone: what brings it down."""
        situation = self.situation
        fellows: dict[str, int] = {}
        used: dict[str, Element] = {}
        for state in situation.slots.values():
            for one in state.fills:
                used[one.iri] = one
                fellows[one.iri] = min(len(state.fills), fellows.get(one.iri, len(state.fills)))
        hardest = sorted(used, key=lambda iri: fellows[iri])[: min(_TRIES, max(1, self.left // 2))]
        by_outcome: dict[tuple[str, str], list[Edit]] = {}
        for element in (one for one in used.values() if one.iri in hardest):
            edit = without(situation, [element], "without")
            outcome = self._outcome([edit])
            if outcome[0] != self.now[0]:
                by_outcome.setdefault(outcome, []).append(edit)
        for outcome, edits in by_outcome.items():
            names = [edit.words.removesuffix(" not coded") for edit in edits]
            words = f"{names[0]} not coded" if len(names) == 1 else f"any one of {', '.join(names)} not coded"
            self.found.append(Change("without", words, *outcome, ways=tuple((edit,) for edit in edits)))

    def _stronger(self) -> None:
        """Steps or links recorded, so that the grade is better."""
        situation = self.situation
        if self.now[1] == _GRADES[-1]:
            return
        readings = islice(situation.complete_readings(), 12)
        whole = [*readings]
        if self.now[1] == "unordered":
            self._any_of(edit for reading in whole for edit in [steps(situation, reading)] if edit.changed)
        made = [edit for reading in whole for edit in [links(situation, reading)] if edit is not None]
        self._any_of(sorted(made, key=lambda edit: len(edit.changed)))


def _counter(way: list[Edit]) -> list[Edit]:
    return [replace(edit, kind="counter") for edit in way]


def _one_each(ways: Iterable[list[Edit]]) -> Iterator[Edit]:
    """The first edit of each way."""
    for way in ways:
        yield from way[:1]


def _alternatives(same: Sequence[Edit]) -> str:
    """The words of edits that differ in the class alone, as one."""
    first = same[0].words
    added_ = [_class(edit) for edit in same]
    return first.replace(added_[0], " or ".join(added_), 1) if len(added_) > 1 else first


def _class(edit: Edit) -> str:
    return next(after.code for before, after in edit.changed if before is None and after is not None)
