"""Meanings: the distinct codes that were staged, and a crosswalk, go in; what each code stands for comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kgtools.read.crosswalk import LEFT_OUT, Segments, Target, Wide
from kgtools.read.modifiers import OurCodes
from kgtools.read.tables import small_table
from kgtools.vocabulary import Vocabulary

if TYPE_CHECKING:
    import duckdb


def say_meanings(
    database: duckdb.DuckDBPyConnection, vocabulary: Vocabulary, crosswalk: Segments | Wide, ours: OurCodes
) -> None:
    """Make the table `meaning`: of each distinct code one row a term, or one row that says why there is none.

    Its `state` is `term`, or else `none` (left out on purpose), `modifier` (says something of other codes), `instead`
    (inferred, never coded) or `unmapped`.

    Args:
        crosswalk: what it says of a code goes before the code's own name.
        ours: the codes of our codebook.
    """
    rows: list[tuple[Any, ...]] = []
    for col, code in database.execute(
        "SELECT DISTINCT col, code FROM staged_coding WHERE code IS NOT NULL ORDER BY ALL"
    ).fetchall():
        targets = crosswalk.codes.get(col, {}).get(code) if isinstance(crosswalk, Wide) else crosswalk.mapped(code)
        for n, target in enumerate([Target(term=code)] if targets is None else targets, 1):
            if (targets is None and ours.modifier(code)) or target.term is None:
                rows.append((col, code, 0, "modifier", *[None] * 7))
                continue
            state, term, hint = _meaning(target.term, vocabulary, ours, mapped=targets is not None)
            step = None if target.step is None else str(target.step)
            rows.append(
                (
                    col,
                    code,
                    0 if targets is None else n,
                    state,
                    term,
                    hint,
                    target.presence,
                    target.valence,
                    target.bearer,
                    target.toward,
                    step,
                )
            )
    small_table(
        database,
        "meaning",
        "col VARCHAR, code VARCHAR, n INTEGER, state VARCHAR, term VARCHAR, hint VARCHAR, "
        "presence VARCHAR, valence VARCHAR, bearer VARCHAR, toward VARCHAR, step VARCHAR",
        rows,
    )


def _meaning(name: str, vocabulary: Vocabulary, ours: OurCodes, *, mapped: bool) -> tuple[str, str | None, str]:
    """A name's state (term, none, instead, unmapped), its class, and what a finding adds."""
    if mapped and name == LEFT_OUT:
        return "none", None, ""
    term = vocabulary.resolve(name) or ours.term(name)
    if term is not None and term in vocabulary.instead:
        return "instead", None, vocabulary.instead[term]
    if term in vocabulary.elements:
        return "term", term, ""
    return "unmapped", None, vocabulary.suggestion(name)
