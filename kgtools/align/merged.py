"""Merged: tables go in as bridges, with ours and the targets' files; what a reasoner says of the whole comes out."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kgtools.align.bridge import bridge
from kgtools.align.rows import found
from kgtools.align.table import Alignment
from kgtools.model import Finding

if TYPE_CHECKING:
    from kgtools.reason import Answer


def merged(tables: Sequence[Alignment], targets: Sequence[Path], theories: Sequence[Path]) -> Iterator[Finding]:
    """What the reasoner finds in ours, the targets and the bridges together.

    What it finds without the bridges too is the targets' own, and a warning.

    Raises:
        EngineError: the reasoner cannot start, or failed.
    """
    from kgtools.reason import reason

    table = tables[0]
    with tempfile.TemporaryDirectory() as place:
        bridges = []
        for number, one in enumerate(tables):
            path = Path(place, f"{number}.ttl")
            path.write_text(bridge(one, theories=theories), "utf-8")
            bridges.append(path)
        whole = reason(theories=theories, further=[*targets, *bridges], explain=True)
    for what, count in whole.left_out:
        said = f"{what} ({count}) was left out of what the reasoner was given"
        yield found(table, None, "info", "mapping:left-out", said)
    if whole.consistent and not whole.unsatisfiable:
        return
    without = reason(theories=theories, further=targets) if targets else None
    if not whole.consistent:
        if without and not without.consistent:
            message = "the target is inconsistent with ours before any mapping, so nothing more is known"
            yield found(table, None, "violation", "mapping:target", message + _why(whole, "inconsistent"))
        else:
            message = "ours, the target and these mappings cannot all be true"
            yield found(table, None, "violation", "mapping:inconsistent", message + _why(whole, "inconsistent"))
        return
    own = without.unsatisfiable if without else ()
    for name in whole.unsatisfiable:
        if name in own:
            message = f"`{name}` can have no instance in the target, before any mapping"
            yield found(table, None, "warning", "mapping:target", message)
        else:
            message = f"with these mappings `{name}` can have no instance{_why(whole, name)}"
            yield found(table, None, "violation", "mapping:unsatisfiable", message)


def _why(answer: Answer, what: str) -> str:
    """The axioms that are to blame, to end a message with."""
    for culprit in answer.culprits:
        if culprit.what == what:
            return f", by: {'; '.join(culprit.axioms)}"
    return ""
