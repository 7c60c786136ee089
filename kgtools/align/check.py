"""Checks: alignments and their targets' files go in; findings on rows, on rows together, and on the whole come out.

What a table says is held to both ontologies (`rows`), to what it and the others say besides (`together`), and, as a
bridge, to a reasoner (`merged`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kgtools.align.table import Alignment, alignments, one_upper, refused
from kgtools.model import Finding
from kgtools.write import sorted_findings

if TYPE_CHECKING:
    from kgtools.reason import OwlApi


def check(
    tables: Sequence[Alignment],
    targets: Iterable[Path] = (),
    *,
    theories: Iterable[Path] = (),
    reasoned: bool = True,
    api: OwlApi | None = None,
) -> list[Finding]:
    """What is wrong or remarkable in some tables of mappings.

    Args:
        targets: the files of the ontologies that they map to, and of what these import, in any RDF syntax.
        theories: theory files, where subjects are terms of theirs.
        reasoned: whether ours, the bridge and the targets are merged and given to the reasoner, which needs Java.
        api: Java that runs already.

    Raises:
        InputError: a file cannot be read, or the tables are built on different upper ontologies.
        EngineError: the reasoner cannot start, or failed.
    """
    from kgtools.align.merged import merged
    from kgtools.align.rows import by_row
    from kgtools.align.terms import Terms
    from kgtools.align.together import together

    targets, theories = tuple(targets), tuple(theories)
    if reasoned:
        one_upper(tables)
    ours, theirs = Terms.ours(theories), Terms.read(targets)
    ids = {name for one in tables for name in (one.id, one.iri)}
    beside = [one for one in alignments() if not {one.id, one.iri} & ids]
    found = [finding for one in tables for finding in by_row(one, ours, theirs, alone=len(tables) == 1)]
    found += together(tables, beside, refused(), ours, theirs)
    if reasoned:
        found += merged(tables, targets, theories, api)
    return sorted_findings(found)


def check_each(tables: Sequence[Alignment], *, theories: Iterable[Path] = (), reasoned: bool = True) -> list[Finding]:
    """Check tables of whatever upper ontologies: those of each apart. No target's file is looked at."""
    groups = [[one for one in tables if one.upper == upper] for upper in dict.fromkeys(one.upper for one in tables)]
    return sorted_findings(
        finding for group in groups for finding in check(group, theories=theories, reasoned=reasoned)
    )
