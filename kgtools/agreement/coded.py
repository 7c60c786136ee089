"""Coded: bundles that were read go in; what coders coded in the incidents that two or more of them coded comes out.

A coder judged an incident who has a row in it that was taken in; of such an incident, and of each code that somebody
found in any of them, the coder said yes (a row with that code, present) or no. An incident that a coder has no row in
is not judged by that coder. All of it is SQL over the tables of codings, and only how often incidents were judged in
which way leaves it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kgtools.agreement.measures import Judged
from kgtools.read.tables import small_table
from kgtools.vocabulary import curie, local

if TYPE_CHECKING:
    import duckdb

    from kgtools.read import Bundle

NAMED = 12
"""So many coders are told apart; of more it counts how many said what, which is enough but for Cohen's kappa."""

COMPARED_SETS = 10_000
"""So many sets of codes are compared, each with each; of more a part of the incidents is taken."""

Masks = tuple[int, int]
"""Who judged a unit and who said yes, a bit a coder; or, where coders are not told apart, how many."""


@dataclass(frozen=True)
class Coded:
    """What several coders coded.

    Args:
        coders: their names, sorted.
        coded: how many incidents each of them coded.
        incidents: how many incidents any of them coded.
        shared: how many incidents two or more of them coded.
        codes: what stands for each code in tables, by how it is named in the data: a term's IRI, or the code.
        unnamed: how many rows have no coder, so that nobody knows whose judgment they are.
        tables: the databases that hold the rest, in the tables `agreement_...`.
    """

    coders: tuple[str, ...]
    coded: tuple[int, ...]
    incidents: int
    shared: int
    codes: Mapping[str, str]
    unnamed: int
    tables: Sequence[duckdb.DuckDBPyConnection]

    @property
    def told_apart(self) -> bool:
        """Whether it is known who said what."""
        return len(self.coders) <= NAMED

    def judged(self) -> Counter[int]:
        """How many shared incidents were judged by whom."""
        counts: Counter[int] = Counter()
        for mask, count in self._rows("SELECT mask, count(*) FROM agreement_judged GROUP BY mask"):
            counts[mask] += count
        return counts

    def by_code(self) -> dict[str, Counter[Masks]]:
        """For each code, how many shared incidents were judged in which way."""
        judged, found = self.judged(), {code: Counter[Masks]() for code in self.codes}
        names = [*self.codes]
        for code, mask, yes, count in self._rows(
            """SELECT y.code, j.mask, y.mask, count(*) FROM agreement_yes y JOIN agreement_judged j USING (incident)
               GROUP BY ALL"""
        ):
            found[names[code]][mask, yes] += count
        for units in found.values():
            said: Counter[int] = Counter()
            for (mask, _), count in units.items():
                said[mask] += count
            units.update({(mask, 0): count - said[mask] for mask, count in judged.items() if count > said[mask]})
        return found

    def judgments(self, masks: Masks) -> Judged:
        """Masks as what each coder said: yes, no, or None."""
        mask, yes = masks
        if not self.told_apart:
            return (True,) * yes + (False,) * (mask - yes)
        return tuple(bool(yes >> at & 1) if mask >> at & 1 else None for at in range(len(self.coders)))

    def added(self, influences: Sequence[Mapping[Masks, float]]) -> list[tuple[float, float]]:
        """What shared incidents add to some estimates, over all codes: for each the sum and the sum of squares.

        Args:
            influences: for each estimate what a unit adds that was judged in a certain way.
        """
        masks = {masks for one in influences for masks in one}
        masks |= {(mask, 0) for mask in self.judged()}
        names = [f"u{at}" for at in range(len(influences))]
        rows = [(*key, *(one.get(key, 0.0) for one in influences)) for key in sorted(masks)]
        whole = ", ".join(
            f"coalesce(s.{name}, 0) + ({len(self.codes)} - coalesce(s.n, 0)) * z.{name} AS {name}" for name in names
        )
        sums = ", ".join(f"sum(i.{name}) AS {name}" for name in names)
        totals = [[0.0, 0.0] for _ in names]
        for table in self.tables:
            columns = ", ".join(f"{name} DOUBLE" for name in names)
            small_table(table, "agreement_influence", f"mask BIGINT, yes BIGINT, {columns}", rows)
            given = table.execute(
                f"""WITH said AS (
                        SELECT y.incident, count(*) AS n, {sums}
                        FROM agreement_yes y JOIN agreement_judged j USING (incident)
                        JOIN agreement_influence i ON i.mask = j.mask AND i.yes = y.mask GROUP BY y.incident),
                    whole AS (
                        SELECT {whole} FROM agreement_judged j LEFT JOIN said s USING (incident)
                        JOIN agreement_influence z ON z.mask = j.mask AND z.yes = 0)
                    SELECT {", ".join(f"fsum({name}), fsum({name} * {name})" for name in names)} FROM whole"""
            ).fetchall()[0]
            table.execute("DROP TABLE agreement_influence")
            for total, pair in zip(totals, zip(given[::2], given[1::2], strict=True), strict=True):
                total[0] += pair[0] or 0.0
                total[1] += pair[1] or 0.0
        return [(total, squares) for total, squares in totals]

    def sets(self) -> Counter[tuple[frozenset[int], ...]]:
        """How many incidents have which sets of codes, one set a coder; of very many incidents, an even part of them.

        The part is the same in every run: the incidents are taken in the order of a digest of their ids.
        """
        judges = [next(self._rows_of(table, "SELECT count(*) FROM agreement_judge"))[0] for table in self.tables]
        most = [COMPARED_SETS * one // max(sum(judges), COMPARED_SETS) for one in judges]
        found: Counter[tuple[frozenset[int], ...]] = Counter()
        for table, room in zip(self.tables, most, strict=True):
            here: dict[str, list[frozenset[int]]] = {}
            for incident, codes in self._rows_of(
                table,
                f"""WITH kept AS (
                        SELECT incident FROM (
                            SELECT incident, sum(n) OVER (ORDER BY md5(incident), incident) AS so_far
                            FROM (SELECT incident, count(*) AS n FROM agreement_judge GROUP BY incident))
                        WHERE so_far <= {room}),
                    said AS (
                        SELECT incident, k.n AS judge, list(DISTINCT a.n) AS codes
                        FROM coding c SEMI JOIN kept USING (incident) JOIN agreement_coder k ON k.coder = c.coder
                        JOIN agreement_code a ON a.code = coalesce(c.term, c.code) WHERE NOT c.absent GROUP BY ALL)
                    SELECT incident, coalesce(codes, []) FROM agreement_judge SEMI JOIN kept USING (incident)
                    LEFT JOIN said USING (incident, judge) ORDER BY incident, judge""",
            ):
                here.setdefault(incident, []).append(frozenset(codes))
            found.update(tuple(sets) for sets in here.values())
        return found

    def far(self, sets: Counter[frozenset[int]]) -> dict[frozenset[int], float]:
        """How far each set is from all sets together, by MASI (`measures.masi`, here for many at once)."""
        words = range(-(-len(self.codes) // _WORD) or 1)
        rows = [(at, count, *(_word(one, word) for word in words)) for at, (one, count) in enumerate(sets.items())]
        table = self.tables[0]
        small_table(
            table, "agreement_set", ", ".join(("id BIGINT", "n BIGINT", *(f"w{w} BIGINT" for w in words))), rows
        )

        def bits(sign: str) -> str:
            return " + ".join(f"bit_count(a.w{w} {sign} b.w{w})" for w in words)

        def all_(condition: str) -> str:
            return " AND ".join(condition.format(w=w) for w in words)

        within = f"({all_('a.w{w} & b.w{w} = a.w{w}')}) OR ({all_('a.w{w} & b.w{w} = b.w{w}')})"
        apart = table.execute(
            f"""SELECT a.id, sum(b.n * CASE WHEN a.id = b.id THEN 0.0 WHEN {bits("&")} = 0 THEN 1.0
                ELSE 1 - ({bits("&")}) / ({bits("|")}) * if({within}, 2, 1) / 3 END)
                FROM agreement_set a CROSS JOIN agreement_set b GROUP BY a.id ORDER BY a.id"""
        ).fetchall()
        table.execute("DROP TABLE agreement_set")
        return {one: far for one, (_, far) in zip(sets, apart, strict=True)}

    def _rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        for table in self.tables:
            yield from self._rows_of(table, query)

    @staticmethod
    def _rows_of(table: duckdb.DuckDBPyConnection, query: str) -> Iterator[tuple[Any, ...]]:
        asked = table.execute(query)
        while rows := asked.fetchmany(10_000):
            yield from rows


_WORD = 60
"""Codes whose bits stand in one number."""


def _word(codes: frozenset[int], word: int) -> int:
    return sum(1 << code % _WORD for code in codes if code // _WORD == word)


@contextmanager
def coded(bundles: Sequence[Bundle], only: Sequence[str] = ()) -> Iterator[Coded]:
    """What coders coded in some bundles; a coder of the same name is the same coder in all of them.

    Args:
        only: the coders to compare; else all.
    """
    tables = [bundle.database for bundle in bundles]
    coders = sorted({coder for bundle in bundles for coder in bundle.coders() if not only or coder in only})
    mask = "bit_or(1::BIGINT << k.n)" if len(coders) <= NAMED else "count(*)"
    try:
        for table in tables:
            small_table(
                table, "agreement_coder", "coder VARCHAR, n INTEGER", zip(coders, range(len(coders)), strict=True)
            )
            table.execute(
                """CREATE TABLE agreement_judge AS
                   SELECT incident, judge FROM (
                       SELECT DISTINCT c.incident, k.n AS judge FROM coding c JOIN agreement_coder k USING (coder))
                   QUALIFY count(*) OVER (PARTITION BY incident) > 1"""
            )
            table.execute(
                f"""CREATE TABLE agreement_judged AS
                    SELECT incident, {mask} AS mask
                    FROM (SELECT incident, judge AS n FROM agreement_judge) k GROUP BY incident"""
            )
        found: dict[str, bool] = {}
        for table in tables:
            for code, is_term in table.execute(
                """SELECT DISTINCT coalesce(term, code), term IS NOT NULL FROM coding
                   SEMI JOIN agreement_judged USING (incident) SEMI JOIN agreement_coder USING (coder)
                   WHERE NOT absent AND NOT beside"""
            ).fetchall():
                found[code] = is_term
        codes = _called(found)
        for table in tables:
            small_table(table, "agreement_code", "code VARCHAR, n INTEGER", zip(codes, range(len(codes)), strict=True))
            table.execute(
                f"""CREATE TABLE agreement_yes AS
                    SELECT incident, code, {mask} AS mask
                    FROM (SELECT DISTINCT c.incident, a.n AS code, k.n
                          FROM coding c SEMI JOIN agreement_judged USING (incident)
                          JOIN agreement_coder k ON k.coder = c.coder
                          JOIN agreement_code a ON a.code = coalesce(c.term, c.code) WHERE NOT c.absent) k
                    GROUP BY incident, code"""
            )
        yield _summed(tuple(coders), codes, tables)
    finally:
        for table in tables:
            for name in ("coder", "judge", "judged", "code", "yes", "influence", "set"):
                table.execute(f"DROP TABLE IF EXISTS agreement_{name}")


def _summed(coders: tuple[str, ...], codes: Mapping[str, str], tables: Sequence[duckdb.DuckDBPyConnection]) -> Coded:
    """What is counted over all tables."""
    each: Counter[str] = Counter()
    incidents = shared = unnamed = 0
    for table in tables:
        each.update(
            dict(
                table.execute(
                    """SELECT coder, count(DISTINCT incident) FROM coding SEMI JOIN agreement_coder USING (coder)
                       GROUP BY coder"""
                ).fetchall()
            )
        )
        counts = table.execute(
            """SELECT (SELECT count(DISTINCT incident) FROM coding SEMI JOIN agreement_coder USING (coder)),
                      (SELECT count(*) FROM agreement_judged),
                      (SELECT count(DISTINCT "row") FROM coding WHERE coder IS NULL)"""
        ).fetchall()[0]
        incidents, shared, unnamed = (sum(pair) for pair in zip((incidents, shared, unnamed), counts, strict=True))
    return Coded(coders, tuple(each[one] for one in coders), incidents, shared, codes, unnamed, tables)


def _called(codes: Mapping[str, bool]) -> dict[str, str]:
    """What stands for each code: the last part of a term's IRI, or its short form where that is another code too."""
    short = {code: local(code) if is_term else code for code, is_term in codes.items()}
    often = Counter(short.values())
    called = {code: curie(code) if codes[code] and often[name] > 1 else name for code, name in short.items()}
    return dict(sorted(called.items(), key=lambda pair: (pair[1], pair[0])))
