"""Measures: how often units were judged in which way goes in, coefficients of agreement with their influences come out.

Why written here: of the libraries that are maintained and permissively licensed, none takes several coders who skip
some units and gives all of these with intervals, and all want every judgment in memory. Here units that were judged
alike are counted once, so a hundred thousand incidents are a handful of kinds.

Why influences: every coefficient is a smooth function of sums over units. What one unit adds to it, to first order (its
influence), gives the variance by the delta method (Fleiss, Cohen and Everitt 1969 for kappa, Gwet 2008 for the others),
and adds up where several units belong to one incident: see `interval`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import fsum
from typing import Any

Judged = tuple[Any, ...]
"""How a unit was judged: a category for each coder, or None for one who did not judge it."""

Units = Mapping[Judged, int]
"""How many units were judged in each way."""


@dataclass(frozen=True)
class Coefficient:
    """A coefficient of agreement.

    Args:
        value: the estimate; None where it is undefined.
        units: how many units it rests on.
        influence: what a unit judged in a certain way adds to the estimate; units not named here add nothing.
        reason: why it is undefined.
    """

    value: float | None
    units: int = 0
    influence: Mapping[Judged, float] = field(default_factory=dict)
    reason: str = ""


NOBODY = "no two coders judged the same unit"
ALIKE = "all judgments are of one category, so nothing tells agreement from chance"


def percent_agreement(units: Units) -> Coefficient:
    """The share of a unit's pairs of coders that agree, and of that the mean over units (Gwet 2014, chapter 2)."""
    share = {kind: _agreeing(kind) for kind in units if _many(kind)}
    n = sum(units[kind] for kind in share)
    if not n:
        return Coefficient(None, reason=NOBODY)
    value = fsum(units[kind] * at for kind, at in share.items()) / n
    return Coefficient(value, n, {kind: (at - value) / n for kind, at in share.items()})


def fleiss_kappa(units: Units) -> Coefficient:
    """Fleiss' kappa (Fleiss 1971), where coders may skip units as in Gwet (2014, chapter 2).

    Agreement by chance is the sum of the squares of the categories' prevalences; the prevalence of one is the mean over
    units of the share of coders who chose it, also of units that one coder judged.
    """
    return _beyond_chance(units, lambda shares: fsum(at * at for at in shares.values()), lambda at: 2 * at)


def gwet_ac1(units: Units) -> Coefficient:
    """Gwet's AC1 (Gwet 2008; 2014, chapter 2, for coders who may skip units).

    Agreement by chance is the sum of p(1 - p) over the prevalences p of the categories, as for Fleiss' kappa, by the
    number of categories less one. The categories are those that were used.
    """
    more = len({category for kind in units for category in kind if category is not None}) - 1
    return _beyond_chance(
        units, lambda shares: fsum(at * (1 - at) for at in shares.values()) / more, lambda at: (1 - 2 * at) / more
    )


def cohen_kappa(units: Units, one: int = 0, other: int = 1) -> Coefficient:
    """Cohen's kappa of two coders (Cohen 1960) on the units that both judged.

    Agreement by chance is the sum over categories of the product of the shares in which each of the two chose it. The
    influence gives the variance of Fleiss, Cohen and Everitt (1969).
    """
    pairs: Counter[tuple[Hashable, Hashable]] = Counter()
    for kind, count in units.items():
        if kind[one] is not None and kind[other] is not None:
            pairs[kind[one], kind[other]] += count
    n = pairs.total()
    if not n:
        return Coefficient(None, reason=NOBODY)
    firsts, seconds = Counter[Any](), Counter[Any]()
    for (first, second), count in pairs.items():
        firsts[first] += count
        seconds[second] += count
    chance = fsum(firsts[category] * seconds[category] for category in firsts) / n**2
    if chance == 1:
        return Coefficient(None, n, reason=ALIKE)
    observed = sum(count for (first, second), count in pairs.items() if first == second) / n
    value = (observed - chance) / (1 - chance)
    influence = {}
    for kind in units:
        first, second = kind[one], kind[other]
        if first is not None and second is not None:
            moved = (seconds[first] + firsts[second]) / n - 2 * chance
            influence[kind] = ((first == second) - observed - (1 - value) * moved) / (1 - chance) / n
    return Coefficient(value, n, influence)


def mean_kappa(units: Units) -> Coefficient:
    """The mean of Cohen's kappa over all pairs of coders for which it is defined (Light 1971).

    For two coders that is Cohen's kappa.
    """
    size = max((len(kind) for kind in units), default=0)
    pairs = [cohen_kappa(units, *pair) for pair in combinations(range(size), 2)]
    defined = [one for one in pairs if one.value is not None]
    n = sum(count for kind, count in units.items() if _many(kind))
    if not defined:
        return Coefficient(None, n, reason=ALIKE if n else NOBODY)
    influence = {
        kind: fsum(one.influence.get(kind, 0) for one in defined) / len(defined) for kind in units if _many(kind)
    }
    return Coefficient(fsum(one.value or 0 for one in defined) / len(defined), n, influence)


def krippendorff_alpha(
    units: Units,
    distance: Callable[[Any, Any], float] | None = None,
    far: Mapping[Any, float] | None = None,
) -> Coefficient:
    """Krippendorff's alpha (Krippendorff 2011, section C; 2019, chapter 12).

    It is 1 less observed by expected disagreement: how far the values of a unit are from one another on average, by how
    far any two values are.

    A unit that fewer than two coders judged tells nothing and is left out, as the source says.

    Args:
        distance: how far two values are from each other, 0 to 1; else 0 for the same and 1 for others (nominal).
        far: how far each value is from all values of all units together, where that is known already.
    """
    pairable = {kind: [value for value in kind if value is not None] for kind in units if _many(kind)}
    values: Counter[Any] = Counter()
    for kind, given in pairable.items():
        for value in given:
            values[value] += units[kind]
    total, n = values.total(), sum(units[kind] for kind in pairable)
    if not total:
        return Coefficient(None, reason=NOBODY)
    if far is None:
        far = (
            {value: total - count for value, count in values.items()}
            if distance is None
            else {one: fsum(count * distance(one, other) for other, count in values.items()) for one in values}
        )
    expected = fsum(count * far[value] for value, count in values.items())
    if expected == 0:
        return Coefficient(None, n, reason=ALIKE)
    apart = {kind: _apart(given, distance) for kind, given in pairable.items()}
    observed = fsum(units[kind] * at for kind, at in apart.items())
    value = 1 - (total - 1) * observed / expected
    influence = {
        kind: ((total - 1) * (2 * observed * fsum(far[one] for one in given) / expected - apart[kind]) - observed * r)
        / expected
        for kind, given in pairable.items()
        for r in (len(given),)
    }
    return Coefficient(value, n, influence)


def masi(one: frozenset[Any], other: frozenset[Any]) -> float:
    """How far two sets are from each other (Passonneau 2006): 1 less the Jaccard index times monotonicity.

    Monotonicity is 1 for equal sets, 2/3 where one holds the other, 1/3 where they share something, else 0.
    """
    if one == other:
        return 0.0
    shared = len(one & other)
    if not shared:
        return 1.0
    return 1 - shared / len(one | other) * (2 / 3 if one <= other or other <= one else 1 / 3)


def _beyond_chance(
    units: Units, chance_of: Callable[[Mapping[Hashable, float]], float], slope: Callable[[float], float]
) -> Coefficient:
    """(observed - chance) / (1 - chance), where chance is a sum over categories of a function of their prevalence.

    Args:
        chance_of: agreement by chance, by the prevalence of each category.
        slope: the derivative of a category's summand.
    """
    observed = percent_agreement(units)
    if observed.value is None:
        return observed
    split = {kind: _shares(kind) for kind in units if any(category is not None for category in kind)}
    n = sum(units[kind] for kind in split)
    parts: dict[Hashable, list[float]] = {}
    for kind, shares in split.items():
        for category, share in shares.items():
            parts.setdefault(category, []).append(units[kind] * share)
    if len(parts) < 2:
        return Coefficient(None, observed.units, reason=ALIKE)
    prevalence = {category: fsum(given) / n for category, given in parts.items()}
    chance = chance_of(prevalence)
    value = (observed.value - chance) / (1 - chance)
    at_mean = fsum(slope(at) * at for at in prevalence.values())
    influence = {}
    for kind, shares in split.items():
        moved = (fsum(slope(prevalence[category]) * at for category, at in shares.items()) - at_mean) / n
        influence[kind] = (observed.influence.get(kind, 0) - (1 - value) * moved) / (1 - chance)
    return Coefficient(value, observed.units, influence)


def _many(kind: Judged) -> bool:
    """Whether two coders or more judged."""
    return len(kind) - kind.count(None) > 1


def _shares(kind: Judged) -> dict[Hashable, float]:
    """Which share of those who judged chose each category."""
    given = Counter(category for category in kind if category is not None)
    return {category: count / given.total() for category, count in given.items()}


def _agreeing(kind: Judged) -> float:
    """Which share of the pairs of those who judged agree."""
    given = Counter(category for category in kind if category is not None)
    return sum(count * (count - 1) for count in given.values()) / (given.total() * (given.total() - 1))


def _apart(given: Sequence[Hashable], distance: Callable[[Any, Any], float] | None) -> float:
    """How far the values of a unit are from one another, over all ordered pairs, by the number of others of a value."""
    if distance is None:
        same = sum(count * count for count in Counter(given).values())
        return (len(given) ** 2 - same) / (len(given) - 1)
    return 2 * fsum(distance(*pair) for pair in combinations(given, 2)) / (len(given) - 1)
