"""Codes that say something of others: codings go in, and come out with `valence` and so on from codes beside them.

Who codes in a program has no column for valence or bearer, but can mark the same words with a second code. Such a code
is `Valence > positive` (or another of our codebook, `kgtools codebook`), or one that a crosswalk gives a valence and so
on, and no term. What one coder so says of some words is said of all that the same coder coded on the same words; a cell
of its own goes before it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from kgtools.model import Finding
from kgtools.read.columns import OVERRULED
from kgtools.read.crosswalk import Segments, Wide, parts_of
from kgtools.read.tables import findings_of, small_table, text

if TYPE_CHECKING:
    import duckdb

    from kgtools.vocabulary import Vocabulary

_PLACE = ("start", "end", "native_start", "native_end", "fragment", "segment")
_SAME = ("file", "col", "incident", "source", "coder")
"""What two codings of the same words by the same coder agree in, beside the words."""

_WORDS = f"""CASE WHEN coalesce({", ".join(f'CAST("{name}" AS VARCHAR)' for name in _PLACE[:-1])}) IS NOT NULL
                  THEN hash({", ".join(_SAME)}, {", ".join(f'"{name}"' for name in _PLACE)})
                  WHEN coalesce(selection, segment) IS NOT NULL
                  THEN hash({", ".join(_SAME)}, if(selection IS NULL, segment, selection)) END"""
"""SQL for which words a coding is of: by where they stand; else by the key of the passage, or by what they are.

Codings of which none of it is known are of no words."""


class OurCodes:
    """The codes of our codebook, by the names along their paths, as far as coders may have put them elsewhere.

    Args:
        vocabulary: the terms, and the words for roles.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    @cached_property
    def _modifiers(self) -> dict[tuple[str, ...], tuple[str, str]]:
        from kgtools.codebook import modifiers_by_path

        return modifiers_by_path(self._vocabulary)

    @cached_property
    def _terms(self) -> dict[tuple[str, ...], str]:
        from kgtools.codebook import terms_by_path

        return terms_by_path(self._vocabulary)

    def modifier(self, code: str) -> tuple[str, str] | None:
        """The column and the value that a code stands for; None for codes that say nothing of others."""
        return self._modifiers.get(tuple(parts_of(code)[-2:]))

    def term(self, code: str) -> str | None:
        """The term that a code's path stands for, which coders may have put below a code of their own."""
        parts = parts_of(code)
        ends = (tuple(parts[at:]) for at in range(len(parts) - 1))
        return next((self._terms[end] for end in ends if end in self._terms), None)


def apply_modifiers(database: duckdb.DuckDBPyConnection, crosswalk: Segments | Wide, ours: OurCodes) -> list[Finding]:
    """Fill cells of `coded` from codes that say something of the others on the same words.

    A row that is left out says nothing of others. What a crosswalk's own code for a valence and so on fills in is
    inferred, for it is the crosswalk that says what the code means.

    Args:
        crosswalk: what it says of a code goes before what our codebook says.
        ours: the codes of our codebook.

    Returns:
        Findings on codes that contradict each other, and on those that stand alone.
    """
    if isinstance(crosswalk, Wide):
        return []
    said = []
    for (code,) in database.execute("SELECT DISTINCT code FROM coded WHERE state = 'modifier'").fetchall():
        targets = crosswalk.mapped(code)
        if targets is None:
            said.append((code, *(ours.modifier(code) or ("", "")), False))
        else:
            values = targets[0].model_dump(exclude_none=True)
            said += [(code, name, str(value), True) for name, value in values.items()]
    if not said:
        return []
    small_table(database, "modifier", "code VARCHAR, name VARCHAR, value VARCHAR, inferred BOOLEAN", sorted(said))
    database.execute(
        f"""CREATE TABLE modified AS
            SELECT "row", lineno, file, incident, code, name, value, m.inferred, {_WORDS} AS words
            FROM coded JOIN modifier m USING (code)
            WHERE "row" NOT IN (SELECT "row" FROM fault WHERE kind = 'coding');
            CREATE TABLE words AS SELECT DISTINCT {_WORDS} AS words FROM coded WHERE state <> 'modifier'"""
    )
    for place, name in enumerate(OVERRULED, 1):
        database.execute(
            f"""UPDATE coded
                SET {name} = m.value, inferred = if(m.inferred, greatest(coded.inferred, 1), coded.inferred)
                FROM (SELECT words, any_value(value) AS value, bool_and(inferred) AS inferred FROM modified
                      WHERE name = {text(name)} GROUP BY words HAVING count(DISTINCT value) = 1) m
                WHERE unsaid[{place}] AND state <> 'modifier' AND m.words = {_WORDS}"""
        )
    return findings_of(
        database,
        """SELECT 'warning', 'code:modifier',
                  format('`{}` says something of other codings, but the same coder has none on the same words; '
                         || 'mark exactly the same words with both', code),
                  'code', code, file, lineno, incident
           FROM modified WHERE words IS NULL OR words NOT IN (SELECT words FROM words WHERE words IS NOT NULL)
           UNION ALL
           SELECT 'warning', 'code:modifier',
                  format('the same words are marked with {} by one coder, so neither counts; keep one of them',
                         string_agg(DISTINCT '`' || code || '`', ' and ' ORDER BY '`' || code || '`')),
                  'code', any_value(code), file, min(lineno), incident
           FROM modified WHERE words IN (SELECT words FROM words)
           GROUP BY words, name, file, incident HAVING count(DISTINCT value) > 1
           ORDER BY ALL""",
    )
