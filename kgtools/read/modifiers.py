"""Codes that say something of others: staged codings go in, with `valence` and so on filled from codes beside them.

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

_SAME = (
    *("incident", "source", "coder", "start", "end", "native_start", "native_end", "fragment", "segment"),
    *("file", "col"),
)
"""What two codings of the same words by the same coder agree in."""


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
    """Fill cells of `staged_coding` from codes that say something of the others on the same words.

    Args:
        crosswalk: what it says of a code goes before what our codebook says.
        ours: the codes of our codebook.

    Returns:
        Findings on codes that contradict each other, and on those that stand alone.
    """
    if isinstance(crosswalk, Wide):
        return []
    said = []
    for (code,) in database.execute("SELECT DISTINCT code FROM staged_coding WHERE code IS NOT NULL").fetchall():
        targets = crosswalk.mapped(code)
        if targets is None:
            if (meant := ours.modifier(code)) is not None:
                said.append((code, *meant))
        elif targets[0].term is None:
            said += [(code, name, str(value)) for name, value in targets[0].model_dump(exclude_none=True).items()]
    if not said:
        return []
    small_table(database, "modifier", "code VARCHAR, name VARCHAR, value VARCHAR", sorted(said))
    same = ", ".join(f'"{name}"' for name in _SAME)
    database.execute(
        f"""CREATE TABLE modified AS
            SELECT "row", lineno, file, incident, code, name, value, hash({same}) AS words
            FROM staged_coding JOIN modifier USING (code);
            CREATE TABLE words AS
            SELECT DISTINCT hash({same}) AS words FROM staged_coding WHERE code NOT IN (SELECT code FROM modifier)"""
    )
    for name in OVERRULED:
        database.execute(
            f"""UPDATE staged_coding SET {name} = value
                FROM (SELECT words, any_value(value) AS value FROM modified WHERE name = {text(name)}
                      GROUP BY words HAVING count(DISTINCT value) = 1) m
                WHERE {name} IS NULL AND code NOT IN (SELECT code FROM modifier)
                  AND m.words = hash({same})"""
        )
    return findings_of(
        database,
        """SELECT 'warning', 'code:modifier',
                  format('`{}` says something of other codings, but the same coder has none on the same words; '
                         || 'mark exactly the same words with both', code),
                  'code', code, file, lineno, incident
           FROM modified WHERE words NOT IN (SELECT words FROM words)
           UNION ALL
           SELECT 'warning', 'code:modifier',
                  format('the same words are marked with {} by one coder, so neither counts; keep one of them',
                         string_agg(DISTINCT '`' || code || '`', ' and ' ORDER BY '`' || code || '`')),
                  'code', any_value(code), file, min(lineno), incident
           FROM modified WHERE words IN (SELECT words FROM words)
           GROUP BY words, name, file, incident HAVING count(DISTINCT value) > 1
           ORDER BY ALL""",
    )
