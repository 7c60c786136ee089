"""Rows together: tables, those beside them and both ontologies' hierarchies go in; what cannot all hold comes out.

SKOS says which matches exclude each other: exactMatch is disjoint with broadMatch and relatedMatch (S46), and so with
narrowMatch, its inverse; related is disjoint with what is broader (S27). exactMatch is transitive (S45), so it holds
through all tables at once, and through what targets themselves say is the same. https://www.w3.org/TR/skos-reference/.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product

from kgtools.align.rows import found
from kgtools.align.table import LEXICAL, LOGICAL, NOT_FOUND, Alignment, Correspondence
from kgtools.align.terms import Terms
from kgtools.model import Finding

EXACT, CLOSE, BROAD, NARROW, RELATED = LEXICAL

_DISJOINT = frozenset(map(frozenset, combinations((EXACT, BROAD, NARROW, RELATED), 2)))

Placed = tuple[Alignment, Correspondence]


def together(
    tables: Sequence[Alignment], beside: Sequence[Alignment], refused: Alignment, ours: Terms, theirs: Terms
) -> Iterator[Finding]:
    """What rows say that cannot, or need not, be said together; told of the rows of `tables`.

    Args:
        beside: tables that hold too, and are not checked.
        refused: mappings that were turned down.
    """
    for table in tables:
        yield from _pairs(table)
        if table.iri != refused.iri:
            yield from _refused(table, refused)
    checked = {id(row) for table in tables for row in table.correspondences}
    rows = [(table, row) for table in (*tables, *beside) for row in _positive(table)]
    same = _Classes(ours, theirs, rows)
    yield from _exact(rows, checked, same)
    yield from _cycles(rows, checked, same, ours, theirs)


def _positive(table: Alignment) -> list[Correspondence]:
    known = {*LOGICAL, *LEXICAL}
    return [
        row
        for row in table.correspondences
        if not row.negated and row.predicate in known and NOT_FOUND not in (row.subject, row.object)
    ]


def _pairs(table: Alignment) -> Iterator[Finding]:
    """Rows of one table on the same two terms."""
    pairs: dict[tuple[str, str], list[Correspondence]] = {}
    for row in table.correspondences:
        if row.subject != NOT_FOUND:
            pairs.setdefault((row.subject, row.object), []).append(row)
    for rows in pairs.values():
        kinds: dict[tuple[bool, str], Correspondence] = {}  # what was said before, each where it was said first
        steps = ((first, row) for row in rows for first in _before(kinds, row))
        for first, second in steps:
            of, to = table.curie(second.subject), table.curie(second.object)
            before, now = _words(table, first), _words(table, second)
            if first.negated != second.negated:
                if first.predicate == second.predicate:
                    message = f"row {first.row} says `{before}` of `{of}` and `{to}`, and this one `{now}`; keep one"
                    yield found(table, second, "violation", "mapping:contradiction", message)
            elif first.predicate == second.predicate:
                message = f"`{of}` {now} `{to}` stands in row {first.row} already; remove one"
                yield found(table, second, "warning", "mapping:twice", message)
            elif not first.negated and frozenset({first.lexical, second.lexical}) in _DISJOINT:
                message = f"row {first.row} says `{before}` of `{of}` and `{to}`, which excludes `{now}`; keep one"
                yield found(table, second, "violation", "mapping:contradiction", message)
            elif not first.negated:
                message = f"row {first.row} says `{before}` of `{of}` and `{to}` too; keep the stronger"
                yield found(table, second, "warning", "mapping:twice", message)


def _before(kinds: dict[tuple[bool, str], Correspondence], row: Correspondence) -> list[Correspondence]:
    """The first rows that say each what was said before of the terms of a row, which is one of them from now on."""
    before = [*kinds.values()]
    kinds.setdefault((row.negated, row.predicate), row)
    return before


def _words(table: Alignment, row: Correspondence) -> str:
    return ("not " if row.negated else "") + table.curie(row.predicate)


def _refused(table: Alignment, refused: Alignment) -> Iterator[Finding]:
    """Rows that were turned down elsewhere."""
    no = {(row.subject, row.predicate, row.object): row for row in refused.correspondences if row.negated}
    for row in table.correspondences:
        other = no.get((row.subject, row.predicate, row.object))
        if other and not row.negated:
            why = f" ({other.comment})" if other.comment else ""
            message = f"this mapping is refused in {refused.file}:{other.row}{why}"
            yield found(table, row, "violation", "mapping:refused", message)


class _Classes:
    """Which terms are the same: as the ontologies say by themselves (`own`), and with exact matches (`of`)."""

    def __init__(self, ours: Terms, theirs: Terms, rows: Iterable[Placed]) -> None:
        edges: dict[str, set[str]] = {}
        for terms in (ours, theirs):
            for iri, others in terms.same.items():
                edges.setdefault(iri, set()).update(others)
        for a, above in _hierarchy(ours, theirs).items():  # each under the other
            for b in above:
                if a in _hierarchy_above(b, ours, theirs):
                    edges.setdefault(a, set()).add(b)
                    edges.setdefault(b, set()).add(a)
        self.own = _components(edges)
        for _, row in rows:
            if row.lexical == EXACT:
                edges.setdefault(row.subject, set()).add(row.object)
                edges.setdefault(row.object, set()).add(row.subject)
        self._of = _components(edges)

    def of(self, iri: str) -> str:
        return self._of.get(iri, iri)

    def of_own(self, iri: str) -> str:
        return self.own.get(iri, iri)


def _hierarchy(ours: Terms, theirs: Terms) -> dict[str, frozenset[str]]:
    return {iri: _hierarchy_above(iri, ours, theirs) for iri in {*ours.above, *theirs.above}}


def _hierarchy_above(iri: str, ours: Terms, theirs: Terms) -> frozenset[str]:
    return ours.above.get(iri, frozenset()) | theirs.above.get(iri, frozenset())


def _components(edges: Mapping[str, set[str]]) -> dict[str, str]:
    """The least of those that each is connected with."""
    least: dict[str, str] = {}
    for start in sorted(edges):
        if start not in least:
            least[start] = start
            queue = deque([start])
            while queue:
                for other in edges.get(queue.popleft(), ()):
                    if other not in least:
                        least[other] = start
                        queue.append(other)
    return least


def _exact(rows: Sequence[Placed], checked: set[int], same: _Classes) -> Iterator[Finding]:
    """Two of ours that exact matches make the same, and two of one target's."""
    groups: dict[str, list[Placed]] = {}
    for table, row in rows:
        if row.lexical == EXACT:
            groups.setdefault(same.of(row.subject), []).append((table, row))
    for group in groups.values():
        seen: dict[str, Placed] = {}  # of each side, the row with its first term
        for table, row in sorted(group, key=lambda one: (id(one[1]) in checked, one[0].id, one[1].row)):
            for side, iri in (("", row.subject), (table.iri, row.object)):
                before = seen.setdefault(side, (table, row))
                first = before[1].subject if not side else before[1].object
                if same.of_own(first) != same.of_own(iri) and id(row) in checked:
                    where = f"{before[0].file}:{before[1].row}"
                    other = table.curie(first)
                    message = (
                        f"exact matches are transitive, so this one and {where} make `{other}` and "
                        f"`{table.curie(iri)}` the same; weaken one"
                    )
                    yield found(table, row, "violation", "mapping:exact", message)


def _cycles(rows: Sequence[Placed], checked: set[int], same: _Classes, ours: Terms, theirs: Terms) -> Iterator[Finding]:
    """Rows by which something is broader than itself, together with both hierarchies."""
    names = next((table for table, _ in rows), None)
    if names is None:
        return
    up: dict[str, dict[str, str]] = {}  # class of terms, to those above it, each with what says so

    def edge(below: str, above: str, why: str) -> None:
        if same.of(below) != same.of(above):
            up.setdefault(same.of(below), {}).setdefault(same.of(above), why)

    for iri, broader in sorted(_hierarchy(ours, theirs).items()):
        for one in sorted(broader):
            edge(iri, one, f"`{names.curie(iri)}` is under `{names.curie(one)}`")
    exact = {(row.subject, row.object) for _, row in rows if row.lexical == EXACT}  # told as a contradiction
    placed = [(table, row, *ends) for table, row in rows if (ends := _upward(row))]
    for table, row, below, above in placed:
        edge(below, above, f"{table.file}:{row.row}")
    for table, row, below, above in placed:
        if id(row) not in checked:
            continue
        low, high = table.curie(below), table.curie(above)
        if same.of(below) == same.of(above):
            if same.of_own(below) != same.of_own(above) and (row.subject, row.object) not in exact:
                message = f"`{high}` is broader than `{low}` here, and exact matches make them the same; weaken one"
                yield found(table, row, "violation", "mapping:cycle", message)
        elif way := _way(up, same.of(above), same.of(below)):
            message = f"`{high}` is broader than `{low}` here, and narrower by {', '.join(way)}; weaken one"
            yield found(table, row, "violation", "mapping:cycle", message)
    yield from _folded(rows, checked, same, ours, theirs)


def _folded(rows: Sequence[Placed], checked: set[int], same: _Classes, ours: Terms, theirs: Terms) -> Iterator[Finding]:
    """Exact matches that make a term the same as one that is above it, in a way through the other ontology."""
    up = {
        iri: {one: f"`{iri}`" for one in above if same.of_own(one) != same.of_own(iri)}
        for iri, above in _hierarchy(ours, theirs).items()
    }
    above = {iri: _reached(up, iri) for _, row in rows if row.lexical == EXACT for iri in (row.subject, row.object)}
    exact: dict[str, dict[str, list[tuple[int, Placed]]]] = {}  # of ours, to theirs, to the rows, each with its place
    for place, (table, row) in enumerate(rows):
        if row.lexical == EXACT:
            exact.setdefault(row.subject, {}).setdefault(row.object, []).append((place, (table, row)))
    for a, b, x, y in _crossed(exact, above):
        for one, other in product(exact[a][x], exact[b][y]):
            (_, (first_table, first)), (_, (table, row)) = sorted(
                (one, other), key=lambda placed: (id(placed[1][1]) in checked, placed[0])
            )
            if id(row) in checked:
                message = (
                    f"`{table.curie(a)}` is under `{table.curie(b)}`, and by the exact matches here and in "
                    f"{first_table.file}:{first.row} `{table.curie(y)}` is under `{table.curie(x)}`; weaken one"
                )
                yield found(table, row, "violation", "mapping:cycle", message)


def _crossed(
    exact: Mapping[str, Mapping[str, object]], above: Mapping[str, set[str]]
) -> Iterator[tuple[str, str, str, str]]:
    """Two of ours, the one under the other, and what each is exactly, the other way around."""
    for a in exact:
        for b in sorted(above[a] & exact.keys()):
            for y in exact[b]:
                for x in sorted(above[y] & exact[a].keys()):
                    yield a, b, x, y


def _reached(up: Mapping[str, Mapping[str, str]], start: str) -> set[str]:
    """What is above something, at whatever height, without itself."""
    reached: set[str] = set()
    ends = [start]
    while ends:
        new = up.get(ends.pop(), {}).keys() - reached
        reached |= new
        ends += new
    return reached - {start}


def _upward(row: Correspondence) -> tuple[str, str] | None:
    """The narrower and the broader term of a row; None where it says nothing of that kind."""
    if row.lexical == BROAD:
        return row.subject, row.object
    return (row.object, row.subject) if row.lexical == NARROW else None


def _way(up: Mapping[str, Mapping[str, str]], start: str, end: str) -> list[str]:
    """What says, step by step, that one is under the other, on the shortest way; empty where nothing does."""
    before: dict[str, tuple[str, str]] = {}
    queue = deque([start])
    while queue:
        at = queue.popleft()
        if at == end:
            way = []
            while at != start:
                at, why = before[at]
                way.append(why)
            return way[::-1]
        for other, why in sorted(up.get(at, {}).items()):
            if other not in before and other != start:
                before[other] = (at, why)
                queue.append(other)
    return []
