"""Agreed: agreement between coders goes in; a picture of it by code and the rows of the table beside come out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from kgtools.agreement.estimates import MASI, PERCENT, Agreement, Estimate
from kgtools.agreement.told import HEADS, rows_of, said
from kgtools.layout import templates

ALPHA = "krippendorff-alpha"
"""What is drawn: it takes any number of coders, and those who skip incidents."""

CODES = 30
"""So many codes are told: those that were found in most incidents."""

MARKS = (0.667, 0.8)
"""Below the first, Krippendorff (2019, chapter 12) would draw no conclusions; from the second on they are reliable."""


@dataclass(frozen=True)
class Agreed:
    """How far coders agree in one code or in all, or how far a pair of coders does.

    Args:
        name: of the code, or of the coders.
        count: in how many incidents the code was found; of a pair, or all codes, how many units there are.
        estimates: by measure.
    """

    name: str
    count: int
    estimates: dict[str, Estimate]

    @property
    def alpha(self) -> Estimate:
        return self.estimates[ALPHA]

    def said(self, measure: str) -> str:
        """A value with its interval, as the command prints it."""
        return said(self.estimates[measure]) if measure in self.estimates else ""


@dataclass(frozen=True)
class Dot:
    """A row of the picture: where the estimate and the ends of its interval stand; None where there are none."""

    y: float
    row: Agreed
    x: float | None
    low: float | None
    high: float | None


class AgreedCodes:
    """What the report tells of how far coders agree in their codes, of which it is given those it has room for."""

    def __init__(self, agreement: Agreement) -> None:
        self.agreement = agreement
        rows = [
            Agreed(one[0].of, one[0].yes or 0, {each.measure: each for each in one})
            for one in rows_of(agreement.estimates, "code")
        ]
        self.codes = sorted(rows, key=_by_alpha)
        self.more = agreement.codes - len(rows)
        whole = [one for one in agreement.estimates if one.by == "overall" and one.measure != MASI]
        self.whole = Agreed("all codes", whole[0].units, {one.measure: one for one in whole})
        self.sets = next(one for one in agreement.estimates if one.measure == MASI)
        self.pairs = [
            Agreed(", ".join(one.coders), one.units, {one.measure: one})
            for one in agreement.estimates
            if one.by == "pair"
        ]
        heads = {**HEADS, PERCENT: "percent agreement"}
        self.measures = [(name, head) for name, head in heads.items() if name in self.whole.estimates]

    def said(self, one: Estimate) -> str:
        """A value with its interval, as the command prints it."""
        return said(one)

    @property
    def picture(self) -> str:
        """Alpha of each code with its interval, and of all codes together: an SVG document."""
        rows = [self.whole, *self.codes]
        lowest = min((one for row in rows for one in (row.alpha.value, row.alpha.low) if one is not None), default=0.0)
        least = -ceil(max(-lowest, 0.0) * 5 - 1e-9) / 5  # the scale begins at zero, or a fifth below
        left, width = 236.0, 560.0
        dots = [
            Dot(56 + 24 * at + (10 if at else 0), row, *(_place(one, least, left, width) for one in _ends(row)))
            for at, row in enumerate(rows)
        ]
        ticks = [(_place(at / 5, least, left, width), f"{at / 5:.1f}") for at in range(round(least * 5), 6)]
        return (
            templates("kgtools.report")
            .get_template("dots.svg.j2")
            .render(
                dots=dots,
                ticks=ticks,
                marks=[(_place(at, least, left, width), at) for at in MARKS],
                bottom=dots[-1].y + 20,
                height=dots[-1].y + 44,
            )
            .strip()
        )


def _ends(row: Agreed) -> Sequence[float | None]:
    return row.alpha.value, row.alpha.low, row.alpha.high


def _place(value: float | None, least: float, left: float, width: float) -> float | None:
    return None if value is None else round(left + (value - least) / (1 - least) * width, 1)


def _by_alpha(row: Agreed) -> tuple[bool, float, int, str]:
    """The most agreed in first, what is undefined last."""
    value = row.alpha.value
    return value is None, -(value or 0.0), -row.count, row.name
