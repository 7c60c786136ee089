"""Cells, as SQL: names of columns go in; what a wrong cell meets, what to say of it, and its true form come out.

A rule is a column, a condition that a wrong row meets, and an expression for the message: what is wrong, what is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kgtools.read.tables import text

INTEGER = r"[+-]?\d{1,15}(\.0*)?"
COUNT = r"\d{1,15}(\.0*)?"
NUMBER = r"[+-]?\d+(\.\d+)?"
_MOMENT = r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:[0-5]\d(?:\.\d+)?)?(?: ?(Z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?))?)?"
_MONTH = r"\d{4}(-(0[1-9]|1[0-2]))?"

LONGEST_NAME = 1_000
"""Characters that a name may have (an id, a code, an actor): it becomes part of IRIs, and stands in messages."""

LONGEST_TEXT = 4 * 2**20
"""Bytes that a text may have: with what is escaped in it, it is to fit into the 16 MiB of a line of N-Quads that
Oxigraph reads."""

SAID = """CREATE MACRO said(cell) AS
    trim(regexp_replace(if(length(cell) > 60, left(cell, 59) || '…', cell), '\\s+', ' ', 'g'))"""
"""SQL for a cell as messages show it: on one line, and not at length."""


def too_long(names: Iterable[str], texts: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Rules for how long cells may be."""
    for name in names:
        yield (
            name,
            f'length("{name}") > {LONGEST_NAME}',
            f"""format('the cell `{name}` has {{}} characters; a name has at most {LONGEST_NAME}, and '
                       || 'longer text belongs in another column', length("{name}"))""",
        )
    for name in texts:
        yield (
            name,
            f'strlen("{name}") > {LONGEST_TEXT}',
            f"""format('the cell `{name}` has {{}} bytes; a text has at most {LONGEST_TEXT}, so shorten it',
                       strlen("{name}"))""",
        )


def one_of(column: str, words: Iterable[str], what: str) -> tuple[str, str, str]:
    known = list(words)
    listed = ", ".join(text(word) for word in known)
    return (
        column,
        f'"{column}" NOT IN ({listed})',
        f"""'`' || said("{column}") || '` is no {what}; there are {", ".join(known)}'""",
    )


def no_such(column: str, what: str) -> str:
    """SQL text that says that a column's cell is not what it should be."""
    return f"""'{column} `' || said("{column}") || '` is no {what}'"""


OFFSET = "count of characters; write 0, 1, 2, or leave the cell empty"
MOMENT_MEANT = "date; write 2026-11-21, or 2026-11-21T14:30:00+01:00"


def is_moment(column: str) -> str:
    """SQL that holds for dates, and dates with a time, as in ISO 8601; a blank may stand for its T."""
    day, time = (f"regexp_extract({column}, '{_MOMENT}', {group})" for group in (1, 2))
    return (
        f"(regexp_full_match({column}, '{_MONTH}') OR (regexp_full_match({column}, '{_MOMENT}')"
        f" AND TRY_CAST({day} AS DATE) IS NOT NULL"
        f" AND ({time} = '' OR TRY_CAST({time} || ':00' AS TIME) IS NOT NULL)))"
    )


def moment(column: str) -> str:
    """SQL that writes such a date in the form of XML Schema."""
    day, time, seconds, zone = (f"regexp_extract({column}, '{_MOMENT}', {group})" for group in range(1, 5))
    offset = (
        f"if({zone} IN ('', 'Z'), {zone}, left({zone}, 3) || ':' || if(length({zone}) > 3, right({zone}, 2), '00'))"
    )
    return f"if({time} = '', {column}, {day} || 'T' || {time} || if({seconds} = '', ':00', {seconds}) || {offset})"


def whole(column: str) -> str:
    """SQL for a whole number that a spreadsheet may have written as `2.0`."""
    return f"CAST(split_part({column}, '.', 1) AS BIGINT)"
