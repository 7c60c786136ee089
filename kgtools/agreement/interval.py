"""Intervals: what units add to an estimate goes in, a 95% confidence interval comes out.

The variance is that of the delta method, with incidents as what was sampled: what the units of one incident add is
summed first (Liang and Zeger 1986), which for one unit an incident is Gwet's (2008). The interval is the estimate plus
and minus its root times the quantile of Student's t for the number of incidents less one (Gwet 2014, chapter 5), cut
off at what the measure can be.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from math import atan, cos, fsum, pi, sin, sqrt
from statistics import NormalDist

LEVEL = 0.95

ONE = "no interval: one unit alone does not tell how far the value may vary"
STILL = "no interval: no unit moves the value, so the data do not tell how far it may vary"


def interval(value: float, sums: Iterable[tuple[float, int]], lowest: float = -1.0) -> tuple[float, float] | str:
    """The interval around an estimate, or why there is none.

    Args:
        sums: what clusters (incidents) add to the estimate, each with how many clusters add that.
        lowest: the least that the measure can be; the most is 1.
    """
    given = [*sums]
    clusters = sum(count for _, count in given)
    total = fsum(at * count for at, count in given)
    return interval_of(value, clusters, total, fsum(at * at * count for at, count in given), lowest)


def interval_of(
    value: float, clusters: int, total: float, squares: float, lowest: float = -1.0
) -> tuple[float, float] | str:
    """As `interval`, from the sum and the sum of squares of what clusters add."""
    if clusters < 2:
        return ONE
    variance = (squares - total**2 / clusters) * clusters / (clusters - 1)
    if variance < 1e-18:
        return STILL
    reach = t_quantile(clusters - 1) * sqrt(variance)
    return max(min(lowest, value), value - reach), min(1.0, value + reach)


@lru_cache(maxsize=256)
def t_quantile(freedom: int, level: float = LEVEL) -> float:
    """What the absolute value of Student's t exceeds with probability 1 - `level`.

    By the finite series for whole degrees of freedom (Abramowitz and Stegun 1964, 26.7.3 and 26.7.4), and beyond 200 by
    the expansion 26.7.5, which is right to eight places there.
    """
    if freedom > _MANY:
        x: float = NormalDist().inv_cdf((1 + level) / 2)
        terms = (
            (x**3 + x) / 4,
            (5 * x**5 + 16 * x**3 + 3 * x) / 96,
            (3 * x**7 + 19 * x**5 + 17 * x**3 - 15 * x) / 384,
        )
        return x + fsum(term / freedom**power for power, term in enumerate(terms, 1))
    low, high = 0.0, 1e6
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < level else (low, middle)
    return (low + high) / 2


_MANY = 200


def _within(t: float, freedom: int) -> float:
    """The probability that Student's t is between -t and t."""
    angle = atan(t / sqrt(freedom))
    odd = freedom % 2
    term = cos(angle) if odd else 1.0
    series = term if freedom > 1 else 0.0
    for step in range(2 + odd, freedom - 1, 2):
        term *= cos(angle) ** 2 * (step - 1) / step
        series += term
    return 2 / pi * (angle + sin(angle) * series) if odd else sin(angle) * series
