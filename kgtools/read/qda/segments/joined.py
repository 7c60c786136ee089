"""Joined names: cells with the names of several codes in each go in, the names come out, and what stays ambiguous.

Names may hold what joins them. So a cell of which it is known how many codes it has is cut into as many pieces such
that as many as possible are codes that are known: from a cell with a single code, or from one that can be cut in one
way only. What is then found makes further codes known, until nothing changes; only cells that hold what became known
are cut anew. Names seldom hold line breaks: cells that
are joined by these are cut at each where there is no better reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

_LONGEST = 12
"""So many pieces may one name be made of."""

_MOST = 120
"""So many pieces may a cell have and still be cut by what is known."""

_MOST_TIMES = 50
"""So often may a cell be cut anew, as more becomes known; what is unsure then stays so."""

_Way = tuple[int, int, "tuple[_Way, str] | None"]
"""Names that are unknown; in how many ways so few are; the way to the last name, and that one."""

Cell = tuple[str, int | None]
"""What stands in a cell, and how many codes that is, where the table says so."""


@dataclass(frozen=True)
class Parted:
    """The names in a cell; `sure` if nothing else fits as well."""

    names: tuple[str, ...]
    sure: bool


def part(cells: Collection[Cell], joined_by: Sequence[str]) -> dict[Cell, Parted]:
    """Cut cells that join names of codes.

    Args:
        cells: distinct cells that are not empty.
        joined_by: what may stand between names, the likeliest first; the cells of a table all have the same.

    Returns:
        The names in each cell, in their order there.
    """
    mark = _mark(cells, joined_by)
    pieces = {cell: _pieces(cell[0], mark) for cell in cells}
    known = {_name(pieces[cell], mark) for cell in cells if cell[1] == 1}
    for (_, count), one in pieces.items():
        if count == len(one):
            known.update(one)
    found = {cell: _cut(one, cell[1], known, mark) for cell, one in pieces.items()}
    holding: dict[str, list[Cell]] = {}
    for cell, one in pieces.items():
        for piece in dict.fromkeys(one):
            holding.setdefault(piece, []).append(cell)
    times: Counter[Cell] = Counter()
    changed = set(found)
    while fresh := {name for cell in changed if found[cell].sure for name in found[cell].names} - known:
        known |= fresh
        changed = set()
        for name in fresh:
            # Only cells that hold all pieces of a name may hold the name; those with the rarest are the fewest to ask.
            of_name = [holding[piece] for piece in _pieces(name, mark) if piece in holding]
            near = min(of_name, key=len, default=[])
            changed.update(cell for cell in near if times[cell] < _MOST_TIMES and name in _name(pieces[cell], mark))
        times.update(changed)
        for cell in changed:
            found[cell] = _cut(pieces[cell], cell[1], known, mark)
    return found


def _mark(cells: Collection[Cell], joined_by: Sequence[str]) -> str:
    """What stands between names: what can stand there in all cells and is left over in the fewest."""
    several = [(text, count) for text, count in cells if count != 1]
    left: Mapping[str, int] = {
        mark: sum(len(_pieces(text, mark)) - count for text, count in several if count)
        for mark in joined_by
        if all(len(_pieces(text, mark)) >= (count or 1) for text, count in several)
        and any(len(_pieces(text, mark)) > 1 for text, _ in several)
    }
    if not left:
        seen = Counter({mark: sum(mark in text for text, _ in several) for mark in joined_by})
        return max(joined_by, key=lambda mark: seen[mark])
    return min(left, key=lambda mark: left[mark])


def _pieces(text: str, mark: str) -> tuple[str, ...]:
    text = text.replace("\r\n", "\n").replace("_x000D_\n", "\n")
    return tuple(piece.strip() for piece in text.split(mark) if piece.strip())


def _name(pieces: Sequence[str], mark: str) -> str:
    return mark.join(pieces)


def _cut(pieces: Sequence[str], count: int | None, known: Collection[str], mark: str) -> Parted:
    """Cut a cell into names. One is sure if it is the only way with so many known names, and at most one unknown."""
    if count is not None and (count < 1 or count > len(pieces)):
        return Parted(tuple(pieces), False)
    if count == len(pieces):
        return Parted(tuple(pieces), True)
    if count == 1:
        return Parted((_name(pieces, mark),), True)
    if len(pieces) > _MOST:
        return Parted(tuple(pieces), False)
    best = _best(pieces, count, known, mark)
    if best is None:
        return Parted(tuple(pieces), False)
    strange, ways, names = best
    if count is None and strange:
        return Parted(tuple(pieces), len(pieces) == 1 or mark == "\n")
    sure = ways == 1 and strange <= 1
    return Parted(tuple(pieces) if mark == "\n" and not sure else names, sure)


def _best(
    pieces: Sequence[str], count: int | None, known: Collection[str], mark: str
) -> tuple[int, int, tuple[str, ...]] | None:
    """The way to cut pieces into names with the fewest unknown ones, and how many ways there are that are as good.

    Of several, that whose last names are the shortest. Where it is not said how many names there are, any number does.
    """
    ways: list[dict[int, _Way]] = [{0: (0, 1, None)}]
    for end in range(1, len(pieces) + 1):
        here: dict[int, _Way] = {}
        for start in range(end - 1, max(-1, end - 1 - _LONGEST), -1):
            name = _name(pieces[start:end], mark)
            strange = int(name not in known)
            for number, before in ways[start].items():
                if count is not None and number >= count:
                    continue
                key = 0 if count is None else number + 1
                way = (before[0] + strange, before[1], (before, name))
                if key not in here or way[0] < here[key][0]:
                    here[key] = way
                elif way[0] == here[key][0]:
                    here[key] = (way[0], here[key][1] + way[1], here[key][2])
        ways.append(here)
    best = ways[-1].get(count or 0)
    if best is None:
        return None
    names = []
    last = best[2]
    while last is not None:
        names.append(last[1])
        last = last[0][2]
    return best[0], best[1], tuple(reversed(names))
