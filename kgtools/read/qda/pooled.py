"""What the texts of a project tell together: how well each rule fits each text goes in, which rules stand comes out.

Why pool: critical incidents are short, and two selections of a page often fit several rules. But a program counts in
one way throughout a project, so what one text leaves open, others tell.

Why more is asked for than of a text alone: projects are merged from parts that several programs wrote. There the
evidence is divided, so the best rule must have nine of ten points on which it and another differ (where nine in ten
selections are of whole words, a right rule gets 0.54 to 0.04 of them: see `positions`). Nor is a rule out that more
than one in twenty of the texts that tell the two apart clearly prefer. And the selections must fit the best rule at
least by half. A single selection counts three points at most: it may be of a text that somebody changed later.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from math import inf

from kgtools.read.qda.counted import Rule, all_rules, of_text
from kgtools.read.qda.project import Unit

LEAD = 3.0
"""Points by which a rule must be ahead."""

_DIVIDED = 10
_CONTRADICTED = 20
_FIT = 0.5


def ahead(gain: float, loss: float, least: float = 0.5) -> bool:
    """Whether a rule is clearly better than another.

    Args:
        gain: the points that it has more, of selections where it has more.
        loss: those that the other has more.
        least: by which part of all of these it must be ahead.
    """
    return gain - loss >= max(LEAD, least * (gain + loss))


def compared(points: Sequence[float], others: Sequence[float], most: float = inf) -> tuple[float, float]:
    """The gain and loss of a rule against another, from the points that selections give each, `most` for one."""
    gain = loss = 0.0
    for one, other in zip(points, others, strict=True):
        if one > other:
            gain += one - other if one - other < most else most
        elif one < other:
            loss += other - one if other - one < most else most
    return gain, loss


class Evidence:
    """How well each rule fits the texts of a project so far.

    Args:
        unit: what the program is known to count in these texts; None where that is not known.
    """

    def __init__(self, unit: Unit | None) -> None:
        self._rules = all_rules(unit)
        count = len(self._rules)
        self._total = [0.0] * count
        self._fit = [0.0] * count
        self._could = 0.0
        self._gain = [[0.0] * count for _ in self._rules]
        self._told = [[0] * count for _ in self._rules]
        self._clear = [[0] * count for _ in self._rules]
        self._standing: frozenset[int] | None = None

    def add(
        self, which: Mapping[Rule, int], points: Sequence[Sequence[float]], could: float, left: Container[int]
    ) -> None:
        """Count a text.

        Args:
            which: for each rule that can differ in this text, its place in `points`.
            points: for those that do differ, what each selection gives.
            could: what the selections could give together.
            left: the places of those that the text leaves by itself.
        """
        self._standing = None
        members: list[list[int]] = [[] for _ in points]
        rules = list(which)
        for index, rule in enumerate(self._rules):
            members[which[of_text(rule, rules)]].append(index)
        self._could += could
        for selections, alike in zip(points, members, strict=True):
            total, fit = sum(selections), sum(max(0.0, one) for one in selections)
            for index in alike:
                self._total[index] += total
                self._fit[index] += fit
        for one, selections in enumerate(points):
            for other, others in enumerate(points[:one]):
                if selections != others:
                    gain, loss = compared(selections, others, LEAD)
                    self._compare(members[one], members[other], gain, clear=one in left and other not in left)
                    self._compare(members[other], members[one], loss, clear=other in left and one not in left)

    def _compare(self, ones: list[int], others: list[int], gain: float, *, clear: bool) -> None:
        for one in ones:
            gains, told = self._gain[one], self._told[one]
            for other in others:
                gains[other] += gain
                told[other] += 1
                self._clear[one][other] += clear

    def standing(self, which: Mapping[Rule, int]) -> dict[int, Rule]:
        """The rules that the project leaves.

        Args:
            which: see `add`.

        Returns:
            Their places in a text's points, each with the first rule that stands there, as it is called in this text.
        """
        if self._standing is None:
            self._standing = self._left()
        rules = list(which)
        found: dict[int, Rule] = {}
        for index in sorted(self._standing):
            rule = of_text(self._rules[index], rules)
            found.setdefault(which[rule], rule)
        return found

    def _left(self) -> frozenset[int]:
        every = range(len(self._rules))
        best = max(every, key=lambda rule: self._total[rule])
        if self._fit[best] < _FIT * self._could:
            return frozenset(every)
        return frozenset(one for one in every if not self._out(best, one))

    def _out(self, best: int, other: int) -> bool:
        if self._clear[other][best] * _CONTRADICTED > self._told[best][other]:
            return False
        return ahead(self._gain[best][other], self._gain[other][best], 1 - 2 / _DIVIDED)
