"""Rows of databases: cells of any type go in, what they say comes out, and what a tree of rows says by its keys.

SQLite's columns take values of any type, whatever a table declares.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from kgtools.model import Finding
from kgtools.read.qda.remarks import Remarks
from kgtools.read.tables import lost

Cell = str | int | float | bytes | None

DEEPEST = 100
"""Codes that may stand one below the other."""

_WHOLE = re.compile("-?[0-9]{1,18}")


def text(cell: Cell) -> str | None:
    """A cell as text; None where it says nothing."""
    if cell is None:
        return None
    said = cell.decode("utf-8", errors="replace") if isinstance(cell, bytes) else str(cell)
    return said if said.strip() else None


def number(cell: Cell) -> int | None:
    """A cell as a whole number; None where it is none."""
    if isinstance(cell, int):
        return cell
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() else None
    said = (text(cell) or "").strip()
    return int(said) if _WHOLE.fullmatch(said) else None


def upward(key: int, above: Mapping[int, int | None]) -> list[int]:
    """A key, then those above it, the nearest first; each at most once, and no more than `DEEPEST`."""
    found = {key: None}
    one = above.get(key)
    while one is not None and one not in found and len(found) < DEEPEST:
        found[one] = None
        one = above.get(one)
    return list(found)


def path_to(key: int, names: Mapping[int, str], above: Mapping[int, int | None]) -> tuple[str, ...]:
    """The name of what has this key, after those of what it stands below."""
    return tuple(names[one] for one in reversed(upward(key, above)) if one in names)


def lacking(path: Path, table: str, rows: Sequence[int | None], what: str) -> list[Finding]:
    """Findings on rows that are left out, as what they refer to is lacking, and that are no codings.

    Args:
        path: the database.
        rows: their ids.
        what: what is wrong with them: `of a file that is not there`.
    """
    remarks = Remarks(f"{path.name}#{table}")
    for row in rows:
        remarks.add("warning", "project:reference", f"the row is {what}, and is left out", line=row, kind=what)
    return remarks.all()


def lost_codings(path: Path, table: str, rows: Sequence[int | None], what: str) -> list[Finding]:
    """A violation for each coding that is left out, as what it refers to is lacking (see `lacking`)."""
    said = f"the row is {what}, so its coding is left out; delete it in the program, or restore what it refers to"
    return [lost(f"{path.name}#{table}", row, said) for row in rows]
