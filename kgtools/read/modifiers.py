"""Codes that say something of others: staged codings go in, with `valence` and so on filled from codes beside them.

Who codes in a program has no column for valence or bearer, but can mark the same words with a second code. Such a code
is `Valence > positive` (or another of our codebook, `kgtools codebook`), or one that a crosswalk gives a valence and so
on, and no term. What one coder so says of some words is said of all that the same coder coded on the same words; a cell
of its own goes before it.
"""

from __future__ import annotations

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


def modifier_of(code: str, vocabulary: Vocabulary | None = None) -> tuple[str, str] | None:
    """The column and the value that a code of our codebook stands for; None for all other codes.

    Args:
        vocabulary: where the words for roles are from; default: the ontology and the theories that come along.
    """
    from kgtools.codebook import modifiers_by_path

    parts = parts_of(code)
    return modifiers_by_path(vocabulary).get(tuple(parts[-2:]))


def in_our_codebook(code: str, vocabulary: Vocabulary) -> str | None:
    """The term that a code's path stands for in our codebook, which coders may have put below a code of their own."""
    from kgtools.codebook import terms_by_path

    parts = parts_of(code)
    paths = terms_by_path(vocabulary) if len(parts) > 1 else {}
    return next((iri for at in range(len(parts) - 1) if (iri := paths.get(tuple(parts[at:])))), None)


def apply_modifiers(database: duckdb.DuckDBPyConnection, crosswalk: Segments | Wide) -> list[Finding]:
    """Fill cells of `staged_coding` from codes that say something of the others on the same words.

    Returns:
        Findings on codes that contradict each other, and on those that stand alone.
    """
    if isinstance(crosswalk, Wide):
        return []
    said = []
    for (code,) in database.execute("SELECT DISTINCT code FROM staged_coding WHERE code IS NOT NULL").fetchall():
        targets = crosswalk.mapped(code)
        if targets is None:
            if (meant := modifier_of(code)) is not None:
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
