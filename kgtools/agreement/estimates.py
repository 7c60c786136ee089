"""Estimates: what coders coded goes in, how far they agree comes out: over all codes, per pair of coders, per code.

What can be told of each unit is said in `coded`. Over all codes each incident stands for as many units as there are
codes, which are not independent; so intervals count what whole incidents add.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

from kgtools.agreement.coded import NAMED, Coded, coded
from kgtools.agreement.interval import interval, interval_of
from kgtools.agreement.measures import (
    Coefficient,
    Units,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    masi,
    mean_kappa,
    percent_agreement,
)

if TYPE_CHECKING:
    from typing import Literal

    from kgtools.read import Bundle

    By = Literal["overall", "pair", "code", "proposition"]

PERCENT, COHEN = "percent-agreement", "cohen-kappa"

MEASURES: Mapping[str, Callable[[Units], Coefficient]] = {
    PERCENT: percent_agreement,
    COHEN: mean_kappa,
    "fleiss-kappa": fleiss_kappa,
    "krippendorff-alpha": krippendorff_alpha,
    "gwet-ac1": gwet_ac1,
}
"""What is worked out for units that coders put into categories; for several coders the mean of the pairs' kappas."""

MASI = "krippendorff-alpha-masi"
"""Alpha where the values are sets of codes."""

WHOLE, SETS = "all codes", "sets of codes"
CODE_UNIT, SET_UNIT = "incident x code", "incident"


@dataclass(frozen=True, slots=True)
class Estimate:
    """How far coders agree in something, by one measure.

    Args:
        by: over all codes, for a pair of coders, for one code, or for one proposition.
        of: what they agree in: all codes, sets of codes, a code, a proposition's id.
        coders: whose judgments are compared.
        measure: the measure's name.
        value: the estimate; None where it is undefined.
        low, high: its 95% confidence interval; None where there is none.
        unit: what is judged: an incident and code, an incident, or a chain.
        units: how many were judged by two coders or more.
        incidents: how many incidents or chains these are in, which is what intervals rest on.
        yes: of a code, how many incidents somebody coded it in.
        reason: why there is no value, or no interval.
    """

    by: By
    of: str
    coders: tuple[str, ...]
    measure: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    units: int
    incidents: int
    yes: int | None = None
    reason: str = ""


@dataclass
class Agreement:
    """How far coders agree.

    Args:
        coders: their names, sorted.
        coded: how many incidents each coded.
        incidents: how many any of them coded.
        shared: how many two or more of them coded: only these tell of agreement.
        codes: how many codes somebody found in these.
        unnamed: how many rows have no coder, and are left out.
        sets_of: how many incidents' sets of codes were compared.
        estimates: what was worked out.
    """

    coders: tuple[str, ...]
    coded: tuple[int, ...]
    incidents: int
    shared: int
    codes: int
    unnamed: int
    sets_of: int = 0
    estimates: list[Estimate] = field(default_factory=list)

    @classmethod
    def of(cls, given: Coded) -> Agreement:
        """What is known before anything is worked out."""
        return cls(given.coders, given.coded, given.incidents, given.shared, len(given.codes), given.unnamed)


def compared(
    bundles: Sequence[Bundle],
    by: Collection[str] = ("overall", "code"),
    only: Sequence[str] = (),
    most: int | None = None,
) -> Agreement:
    """How far the coders of some bundles agree in their codes.

    Args:
        by: `overall`, `code`, or both.
        only: the coders to compare; else all.
        most: how many codes are told one by one: those found in most incidents; else all.

    Returns:
        The estimates; none where no incident was coded by two coders.
    """
    with coded(bundles, only) as given:
        made = Agreement.of(given)
        if given.shared and "overall" in by:
            sets, made.sets_of = of_sets(given)
            made.estimates += [*overall(given), sets]
        if given.shared and "code" in by:
            made.estimates += per_code(given, most)
    return made


def per_code(given: Coded, most: int | None = None) -> list[Estimate]:
    """How far coders agree in each code: the unit is an incident.

    Args:
        most: how many codes, those found in most incidents; else all.
    """
    by_code = given.by_code()
    found = {code: sum(count for (_, yes), count in masks.items() if yes) for code, masks in by_code.items()}
    kept = {*sorted(found, key=lambda code: (-found[code], given.codes[code]))[:most]}
    made: list[Estimate] = []
    for code, masks in by_code.items():
        if code in kept:
            units = Counter({given.judgments(each): count for each, count in masks.items()})
            made += estimates("code", given.codes[code], given.coders, units, "incident", yes=found[code])
    return made


def overall(given: Coded) -> list[Estimate]:
    """How far coders agree over all codes, and for more than two coders, how far each pair of them does."""
    masks: Counter[tuple[int, int]] = Counter()
    for each in given.by_code().values():
        masks.update(each)
    judgments = {each: given.judgments(each) for each in sorted(masks)}
    units = Counter({judgments[each]: masks[each] for each in judgments})
    names = [name for name in MEASURES if given.told_apart or name != COHEN]
    asked: list[tuple[By, tuple[str, ...], str, Coefficient, int]] = [
        ("overall", given.coders, name, MEASURES[name](units), given.shared) for name in names
    ]
    if given.told_apart and len(given.coders) > 2:
        judged = given.judged()
        for one, other in combinations(range(len(given.coders)), 2):
            both = sum(count for mask, count in judged.items() if mask >> one & mask >> other & 1)
            pair = (given.coders[one], given.coders[other])
            asked.append(("pair", pair, COHEN, cohen_kappa(units, one, other), both))
    sums = given.added(
        [{each: found.influence.get(said, 0.0) for each, said in judgments.items()} for *_, found, _ in asked]
    )
    return [
        _estimate(by, WHOLE, coders, name, found, CODE_UNIT, clusters, _around(name, found, clusters, *added))
        for (by, coders, name, found, clusters), added in zip(asked, sums, strict=True)
    ]


def of_sets(given: Coded) -> tuple[Estimate, int]:
    """How far coders agree in the set of codes of an incident, and of how many incidents the sets were compared."""
    units = given.sets()
    values = Counter[frozenset[int]]()
    for sets, count in units.items():
        for one in sets:
            values[one] += count
    found = krippendorff_alpha(units, masi, given.far(values) if values else None)
    n = units.total()
    around = _interval(MASI, found, units)
    return _estimate("overall", SETS, given.coders, MASI, found, SET_UNIT, n, around), n


def estimates(
    by: By, of: str, coders: Sequence[str], units: Units, unit: str, yes: int | None = None
) -> list[Estimate]:
    """All measures of independent units.

    Args:
        units: how they were judged; a place for each coder, or where there are more than `NAMED`, in no order.
    """
    made = []
    for name, measure in MEASURES.items():
        if name != COHEN or len(coders) <= NAMED:
            found = measure(units)
            around = _interval(name, found, units)
            made.append(_estimate(by, of, tuple(coders), name, found, unit, found.units, around, yes))
    return made


def _interval(name: str, found: Coefficient, units: Units) -> tuple[float, float] | str:
    if found.value is None:
        return found.reason
    sums = [(found.influence[kind], count) for kind, count in units.items() if kind in found.influence]
    return interval(found.value, sums, _lowest(name))


def _around(name: str, found: Coefficient, clusters: int, total: float, squares: float) -> tuple[float, float] | str:
    if found.value is None:
        return found.reason
    return interval_of(found.value, clusters, total, squares, _lowest(name))


def _lowest(name: str) -> float:
    return 0.0 if name == PERCENT else -1.0


def _estimate(
    by: By,
    of: str,
    coders: tuple[str, ...],
    name: str,
    found: Coefficient,
    unit: str,
    incidents: int,
    around: tuple[float, float] | str,
    yes: int | None = None,
) -> Estimate:
    low, high, reason = (None, None, around) if isinstance(around, str) else (*around, "")
    value = found.value if found.value is None else round(found.value, _PLACES)
    low, high = (one if one is None else round(one, _PLACES) for one in (low, high))
    return Estimate(by, of, coders, name, value, low, high, unit, found.units, incidents, yes, reason)


_PLACES = 6
"""Decimals that are kept: more would depend on the order in which a machine adds."""
