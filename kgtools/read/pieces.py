"""Pieces: a file of RDF goes in; pieces of whole chains come out as N-Triples, each to be checked by itself.

Why: what shapes ask of an incident lies in its chain, and in what several chains refer to and none owns: actors,
channels, coders, files, codes. So a piece holds chains, and a copy of what is said of all that they refer to. Which
node is of which chain is worked out in SQL over hashes of nodes, on all cores, and on disk where memory is short:
whatever the order of the lines, a quad costs the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from kgtools.errors import EngineError, InputError
from kgtools.read.closure import BESIDE, WITHIN, iris
from kgtools.read.limits import LONGEST
from kgtools.read.tables import text
from kgtools.store import write_quads

PIECE = 40_000
"""Lines of a piece, if none of its chains has more: some 400 incidents."""

MEMORY = "1GB"
"""What the cut may hold in memory; the rest goes to disk."""


_TEXTS = iris("oa:hasTarget", "oa:hasSource")

JOINS = tuple(predicate for predicate in WITHIN if predicate not in _TEXTS)
"""Predicates whose subject and object are of one chain."""

REFERS = (*_TEXTS, *BESIDE)
"""Predicates whose object is of the subject's chain if it is of any; if not, it is shared by all that refer to it."""

OWNED = iris("evco:row")
"""Predicates whose subject is of one chain, whoever refers to it: the row of a table."""

COMMON = iris("rdfs:subClassOf")
"""Predicates of what every piece has to know."""

KIND = iris("rdf:type")

_WAYS = {"joins": JOINS, "refers": REFERS, "owned": OWNED, "common": COMMON, "kind": KIND}


@dataclass(frozen=True)
class Cut:
    """A file of N-Quads, taken apart into chains.

    Args:
        database: `quad` (line, hashes of subject and object, and the way in which the predicate joins them) and `node`
            (the nodes of chains, each with the node that its chain is known by).
    """

    database: duckdb.DuckDBPyConnection

    def count(self) -> int:
        """How many lines there are."""
        return int(self.database.execute("SELECT count(*) FROM quad").fetchall()[0][0])

    def has(self, classes: Iterable[str], names: str = "") -> bool:
        """Whether there is an instance of one of some classes, given by their IRIs.

        Args:
            names: what the instance's IRI has to start with.
        """
        asked = ", ".join(f"hash({text(f'<{iri}>')})" for iri in classes)
        instance = f"SELECT 1 FROM quad WHERE way = 'kind' AND o IN ({asked}) AND starts_with(line, $start) LIMIT 1"
        return bool(self.database.execute(instance, {"start": f"<{names}" if names else ""}).fetchall())

    def pieces(self, size: int = PIECE) -> Iterator[tuple[int, str]]:
        """All that is said, in pieces of about `size` lines with whole chains; graphs are taken as one.

        Yields:
            How many lines are in a piece for the first time, and its N-Triples. What chains refer to is in each of
            their pieces.
        """
        run = self.database.execute
        run(
            """CREATE OR REPLACE TABLE refer AS
               SELECT DISTINCT s, o FROM quad WHERE way = 'refers' AND o NOT IN (SELECT s FROM node)"""
        )
        # A chain is placed as a whole; so is each node that is of none and that nothing refers to.
        run(
            f"""CREATE OR REPLACE TABLE placed AS
                WITH whole AS (SELECT s, coalesce(top, s) AS top, min(quad.rowid) AS start, count(*) AS n
                               FROM quad LEFT JOIN node USING (s)
                               WHERE top IS NOT NULL OR s NOT IN (SELECT o FROM refer) GROUP BY ALL),
                     summed AS (SELECT top, (sum(sum(n)) OVER (ORDER BY min(start)) - sum(n)) // {size} AS piece
                                FROM whole GROUP BY top)
                SELECT s, piece, true AS first FROM whole JOIN summed USING (top)"""
        )
        run(
            """INSERT INTO placed
               WITH RECURSIVE copy AS (SELECT o AS s, piece FROM refer JOIN placed USING (s)
                                       UNION SELECT o, piece FROM refer JOIN copy USING (s))
               SELECT s, piece, piece = min(piece) OVER (PARTITION BY s) FROM copy"""
        )
        run("INSERT INTO placed SELECT DISTINCT s, 0, true FROM quad WHERE s NOT IN (SELECT s FROM placed)")
        run(
            """CREATE OR REPLACE TABLE piece AS
               SELECT piece, first, line FROM quad JOIN placed USING (s) WHERE first
               UNION ALL SELECT DISTINCT piece, first, line FROM quad JOIN placed USING (s) WHERE NOT first
               ORDER BY piece"""
        )
        common = self._text("SELECT line FROM quad WHERE way = 'common'")
        for piece, lines in run(
            "SELECT piece, count(*) FILTER (first) FROM piece GROUP BY ALL ORDER BY piece"
        ).fetchall():
            yield lines, common + self._text("SELECT line FROM piece WHERE piece = $asked", {"asked": piece})

    def _text(self, query: str, values: dict[str, int] | None = None) -> str:
        (found,) = self.database.execute(f"SELECT string_agg(line || chr(10), '') FROM ({query})", values).fetchall()
        return found[0] or ""


@contextmanager
def cut(path: Path) -> Iterator[Cut]:
    """Take an RDF file in any syntax, a store folder, or standard input (`-`) apart into chains.

    Raises:
        InputError: there is no such file, it is not what its ending says, or a line of it, as N-Quads, is too long.
    """
    with TemporaryDirectory() as folder:
        database = duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": folder})
        try:
            run = database.execute
            run("CREATE TABLE way (predicate VARCHAR, way VARCHAR)")
            rows = ", ".join(f"({text(one)}, '{way}')" for way, predicates in _WAYS.items() for one in predicates)
            run(f"INSERT INTO way VALUES {rows}")
            if path.suffix.lower() not in (".nq", ".nt") or not _load(database, path):
                quads = Path(folder, "quads.nq")
                write_quads(path, quads)
                if not _load(database, quads):
                    raise InputError(f"holds a text of more than {LONGEST >> 20} MiB; take it out", path)
            _join(database)
            yield Cut(database)
        except duckdb.OutOfMemoryException as error:
            raise EngineError(
                f"taking {path.name} apart needs more memory than {MEMORY}; cut it into several"
            ) from error
        finally:
            database.close()


def _load(database: duckdb.DuckDBPyConnection, path: Path) -> bool:
    """Load N-Quads as the table `quad`; False if some are not canonical (W3C RDF 1.1 N-Quads: one space between)."""
    # No terms but literals hold spaces. What is canonical so far, and no N-Quads, is found by who parses a piece.
    try:
        (odd,) = database.execute(
            f"""CREATE OR REPLACE TABLE quad AS
                SELECT CASE WHEN parts[3][1] = '"' THEN regexp_replace(line, ' (<[^<> ]*>|_:\\S+) \\.$', ' .')
                            ELSE concat_ws(' ', parts[1], parts[2], parts[3], '.') END AS line,
                       hash(parts[1]) AS s, way,
                       CASE WHEN way IN ('joins', 'refers', 'kind') AND parts[3][1] IN ('<', '_')
                            THEN hash(parts[3]) END AS o,
                       coalesce(parts[1] NOT LIKE '<%>' AND NOT starts_with(parts[1], '_:') OR parts[2] NOT LIKE '<%>'
                                OR parts[3] NOT LIKE '<%>' AND parts[3][1] NOT IN ('_', '"') OR line NOT LIKE '% .',
                                true) AS odd
                FROM (SELECT line, string_split(line, ' ') AS parts
                      FROM read_csv({text(str(path))}, auto_detect = false, header = false, quote = '', escape = '',
                                    delim = e'\\x01\\x02\\x03', columns = {{line: 'VARCHAR'}},
                                    max_line_size = {LONGEST}))
                     LEFT JOIN way ON predicate = parts[2];
                SELECT count(*) FILTER (odd) FROM quad"""
        ).fetchall()[0]
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error:  # a line that is too long, or bytes that are no UTF-8
        return False
    return not odd


def _join(database: duckdb.DuckDBPyConnection) -> None:
    """Work out the nodes of chains, and which are of one, as the table `node` (Boruvka 1926: each node is joined to the
    least of its neighbors, then each group is one node, until nothing is left to join).
    """
    run = database.execute
    run("CREATE TABLE edge AS SELECT DISTINCT s, o FROM quad WHERE way = 'joins' AND o IS NOT NULL")
    run(
        """CREATE TABLE node AS
           SELECT s, s AS top
           FROM (SELECT s FROM edge UNION SELECT o FROM edge UNION SELECT s FROM quad WHERE way = 'owned')"""
    )
    run("INSERT INTO edge SELECT DISTINCT s, o FROM quad WHERE way = 'refers' AND o IN (SELECT s FROM node)")
    run("INSERT INTO node SELECT DISTINCT s, s FROM edge WHERE s NOT IN (SELECT s FROM node)")
    while run("SELECT count(*) FROM edge").fetchall() != [(0,)]:
        run(
            """CREATE OR REPLACE TABLE up AS SELECT s, min(o) AS top FROM (
                 SELECT s, least(s, o) AS o FROM edge UNION ALL SELECT o, least(s, o) FROM edge) GROUP BY s"""
        )
        while run("SELECT count(*) FROM up JOIN up over ON over.s = up.top WHERE over.top <> up.top").fetchall() != [
            (0,)
        ]:
            run("CREATE OR REPLACE TABLE up AS SELECT up.s, over.top FROM up JOIN up over ON over.s = up.top")
        run(
            """CREATE OR REPLACE TABLE node AS
               SELECT n.s, coalesce(up.top, n.top) AS top FROM node n LEFT JOIN up ON up.s = n.top"""
        )
        run(
            """CREATE OR REPLACE TABLE edge AS SELECT DISTINCT one.top AS s, other.top AS o
               FROM edge JOIN up one ON one.s = edge.s JOIN up other ON other.s = edge.o WHERE one.top <> other.top"""
        )
