"""Comparison: the verdicts that each coder's own codings yield go in, where they agree and differ comes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kgtools.derive import SAYING
from kgtools.model import ALL, ANY, CODER_SETS, Incident, Verdict
from kgtools.report.place import UnitName

Comparison = Literal["alike", "some", "contrary", "together"]
"""Each coder alone yields the same; only some of them yield it; two yield different ones; only all together do."""

NOTHING = "nothing"
"""What a coder yields who yields no verdict that says something."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A unit and a proposition on which the codings of single coders say different things.

    Args:
        kind: how they differ.
        alone: each coder of the unit with the verdict that the coder's own codings yield, or `nothing`.
        asked: the verdict for the coders asked for; None where that was one of them alone.
    """

    unit: UnitName
    theory: str
    proposition: str
    kind: Comparison
    alone: tuple[tuple[str, str], ...]
    asked: str | None


Compared = tuple[str, Comparison | None, tuple[str, str] | None, Difference | None]


def compared(
    said: Mapping[str, Sequence[Verdict]],
    asked: str,
    coders: Mapping[str, set[str]],
    bundle: str,
    members: Sequence[Incident],
) -> Iterator[Compared]:
    """Compare what coders yield for the units of one chain.

    Args:
        said: verdicts by coder or set of coders.
        asked: the coders that the report is on.
        coders: who coded in each incident.
        members: the incidents of the chain.

    Yields:
        For each unit and proposition that anybody yields a verdict on: the theory; how its coders compare, where it has
        several; the verdicts for `any` and `all`, where both were asked for; and the difference, where there is one.
    """
    order = {incident.id: number for number, incident in enumerate(members)}
    yielded: dict[tuple[str, int, str, str, str], dict[str, str]] = {}
    for name, verdicts in said.items():
        for one in verdicts:
            if one.verdict in SAYING:
                at = order[one.unit] if one.unit_type == "incident" else 0
                yielded.setdefault((one.unit_type, at, one.theory, one.proposition, one.unit), {})[name] = one.verdict
    for (unit_type, _, theory, proposition, unit), values in sorted(yielded.items()):
        theirs = coders[unit] if unit_type == "incident" else set().union(*coders.values())
        alone = tuple((name, values.get(name, NOTHING)) for name in sorted(theirs) if name in said)
        both = (values.get(ANY, NOTHING), values.get(ALL, NOTHING)) if {ANY, ALL} <= said.keys() else None
        kind = _kind([value for _, value in alone]) if len(alone) > 1 else None
        difference = None
        if kind is not None and kind != "alike":
            overall = values.get(asked, NOTHING) if asked in CODER_SETS else None
            called = UnitName(bundle, unit, unit_type == "chain")
            difference = Difference(called, theory, proposition, kind, alone, overall)
        yield theory, kind, both, difference


def _kind(values: Sequence[str]) -> Comparison:
    saying = {value for value in values if value != NOTHING}
    if not saying:
        return "together"
    if len(saying) > 1:
        return "contrary"
    return "alike" if NOTHING not in values else "some"
