"""What `reason` says of the cross-check: propositions with what each route found go in, lines or values come out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from kgtools.cli.output import many

if TYPE_CHECKING:
    from kgtools.pipeline import Checked

_SHOWN = 10
"""Incidents on which the routes differ that are named for people."""


def lines_of(checked: Sequence[Checked]) -> list[str]:
    """The cross-check for people: how many incidents fill all slots, by each route, and where the routes differ."""
    if not checked:
        return []
    having = [one for one in checked if not one.reason]
    differing = sum(not one.agrees for one in having)
    found = f"{many(differing, 'proposition')} of {len(having)} differ{'s' if differing == 1 else ''}"
    same = f"the same for {many(len(having), 'proposition')}"
    if not any(one.queried for one in having):
        same += ", but no incident fills any, so that this says little"
    lines = [f"incidents that fill all slots, by query (SPARQL) and by class (OWL): {found if differing else same}"]
    wide = max(len(one.proposition) for one in checked)
    for one in checked:
        said = f"  {one.proposition:{wide}}"
        if one.reason:
            lines.append(f"{said}  no class, for {one.reason}")
            continue
        lines.append(f"{said} {len(one.queried):6} {len(one.reasoned):6}{'' if one.agrees else '  differ'}")
        for route, names in (("SPARQL", one.only_queried), ("OWL", one.only_reasoned)):
            if names:
                more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
                lines.append(f"    only by {route}: {', '.join(names[:_SHOWN])}{more}")
    return lines


def values_of(checked: Iterable[Checked]) -> list[dict[str, object]]:
    """The cross-check for programs: per proposition counts and differences, or why it has no class."""
    return [
        {"proposition": one.proposition, "no_class": one.reason}
        if one.reason
        else {
            "proposition": one.proposition,
            "sparql": len(one.queried),
            "owl": len(one.reasoned),
            "only_sparql": one.only_queried,
            "only_owl": one.only_reasoned,
        }
        for one in checked
    ]
