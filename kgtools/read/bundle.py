"""A bundle that was read: checked tables in DuckDB go in, chunks of whole chains come out as values of the model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from kgtools.model import Actor, Coding, Finding, Incident, Place

if TYPE_CHECKING:
    import duckdb

    from kgtools.read.qda.project import Code

BASE = "urn:evco:data:"
"""Where data IRIs start unless the user says otherwise. Never w3id.org: that is for terms."""


CHUNK = 500
"""Incidents that are worked on at a time: enough for engines to be quick, and few enough for little memory."""


def encoded(part: str) -> str:
    """A name as one step of an IRI's path: percent-encoded but for ASCII letters, digits and `-._~`."""
    return quote(part, safe="")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some whole chains of one bundle: incidents, the codings of each by its id, and the actors that they name."""

    bundle: str
    name: str
    incidents: tuple[Incident, ...]
    codings: dict[str, tuple[Coding, ...]]
    actors: dict[str, Actor]


@dataclass
class Bundle:
    """Coded incidents that were read and checked.

    Args:
        name: the bundle's name.
        iri: its IRI, which the IRIs of its data begin with.
        database: holds the checked tables `coding`, `incident`, `actor` (made by `kgtools.read.checks`).
        findings: what could not be taken in, or is remarkable, with file and row.
        rows_read: how many rows the table of codings has.
        rows_taken: how many of these were taken in (a code left out on purpose counts as taken).
        columns: what each file, as findings call it, calls our columns.
        codes: the codebook, where the file has one.
        code_sets: names of sets of codes, each with the keys of its codes.
    """

    name: str
    iri: str
    database: duckdb.DuckDBPyConnection
    findings: list[Finding] = field(default_factory=list)
    rows_read: int = 0
    rows_taken: int = 0
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    codes: Sequence[Code] = ()
    code_sets: Sequence[tuple[str, tuple[str, ...]]] = ()

    def in_its_words(self, findings: Iterable[Finding]) -> list[Finding]:
        """Findings with their columns called as the files call them.

        Readers name the column that is wrong as the path; what shapes find has its column already, under our name.
        """
        named = []
        for one in findings:
            ours, called = one.column or (one.path if type(one) is Finding else ""), self.columns.get(one.file)
            theirs = ours if called is None else called.get(ours, "")
            named.append(replace(one, column=theirs) if theirs != one.column else one)
        return named

    def count(self) -> int:
        """How many incidents there are."""
        return int(self.database.execute("SELECT count(*) FROM incident").fetchall()[0][0])

    def coders(self) -> list[str]:
        """The names of the coders, sorted."""
        names = self.database.execute("SELECT DISTINCT coder FROM coding WHERE coder IS NOT NULL ORDER BY coder")
        return [name for (name,) in names.fetchall()]

    def files(self) -> list[str]:
        """The names of the files that rows were taken from, sorted."""
        names = self.database.execute(
            """SELECT DISTINCT file FROM (SELECT file, lineno FROM coding UNION SELECT file, lineno FROM incident)
               WHERE lineno IS NOT NULL ORDER BY file"""
        )
        return [name for (name,) in names.fetchall()]

    def inferred(self) -> int:
        """How many statements a crosswalk made of codes that are no terms."""
        return int(self.database.execute("SELECT count(*) FROM coding WHERE inferred > 0").fetchall()[0][0])

    def chunks(self, size: int = CHUNK) -> Iterator[Chunk]:
        """Whole chains, about `size` incidents at a time (a chain is never cut), in the order of the tables."""
        run = self.database.execute
        run(
            """CREATE OR REPLACE TABLE chunked AS
               WITH line AS (SELECT chain, min(place) AS first, count(*) AS n FROM incident GROUP BY chain),
                    summed AS (SELECT chain, sum(n) OVER (ORDER BY first) - n AS before FROM line)
               SELECT incident, CAST(before // $size AS BIGINT) AS chunk FROM incident JOIN summed USING (chain)""",
            {"size": size},
        )
        for table, order in (("incident", "place"), ("coding", '"row", col, inferred')):
            # in the order of the chunks, so that getting one does not go through all
            run(
                f"""CREATE OR REPLACE TABLE {table} AS SELECT t.* EXCLUDE (chunk), c.chunk
                    FROM {table} t JOIN chunked c USING (incident) ORDER BY c.chunk, {order}"""
            )
        for (number,) in run("SELECT DISTINCT chunk FROM chunked ORDER BY chunk").fetchall():
            yield self._chunk("chunk = $asked", number)

    def incidents(self) -> list[str]:
        """The ids of the incidents, in the order of the tables."""
        return [id for (id,) in self.database.execute("SELECT incident FROM incident ORDER BY place").fetchall()]

    def id_of(self, iri: str) -> str | None:
        """The id of the incident that an IRI names; None where there is none."""
        found = self.database.execute("SELECT incident FROM incident WHERE iri = $iri", {"iri": iri}).fetchall()
        return found[0][0] if found else None

    def chain_of(self, incident: str) -> Chunk | None:
        """The whole chain that an incident is in, as a chunk of its own; None where there is no such incident."""
        chain = "(SELECT chain FROM incident WHERE incident = $asked)"
        chunk = self._chunk(f"incident IN (SELECT incident FROM incident WHERE chain IN {chain})", incident)
        return chunk if chunk.incidents else None

    def _chunk(self, condition: str, asked: int | str) -> Chunk:
        """The incidents that meet a condition in SQL, with their codings."""

        def rows(query: str) -> list[tuple[Any, ...]]:
            return self.database.execute(query, {"asked": asked}).fetchall()

        incidents = tuple(
            Incident(*(iri or f"{self.iri}/incident/{encoded(id)}", id, chain, _place(file, at), *rest, _pairs(extra)))
            for id, chain, file, at, iri, extra, *rest in rows(
                f"""SELECT incident, chain, file, lineno, iri, extra, channel, platform, occurred_on, follows, context,
                          monopoly, resources_limited, common_cause, narrative, corpus, told_by
                   FROM incident WHERE {condition} ORDER BY place"""
            )
        )
        codings: dict[str, list[Coding]] = {incident.id: [] for incident in incidents}
        for iri, row, col, named, id, incident, code, file, at, leads_to, inferred, extra, beside, *rest in rows(
            f"""SELECT iri, "row", col, named, id, incident, code, file, lineno, leads_to, inferred, extra, beside,
                      term,
                      element, element_iri, absent, valence, bearer, toward, step, purpose, coder, segment, source,
                      start, "end", coded_at, confidence, fragment, native_start, native_end, offset_rule,
                      offset_score
               FROM coding WHERE {condition} ORDER BY "row", col, inferred"""
        ):
            name = f"coding/{encoded(id)}" if named else f"row/{row}/{encoded(col)}".removesuffix("/")
            said = (iri or f"{self.iri}/{name}", id, incident, code, Place(file, at), *rest)
            codings[incident].append(Coding(*(*said, tuple(leads_to or ()), inferred, _pairs(extra), beside)))
        named_here = {one.told_by for one in incidents}
        named_here.update(*((one.bearer, one.toward) for group in codings.values() for one in group if one.term))
        actors = {
            id: Actor(iri or f"{self.iri}/actor/{encoded(id)}", id, frozenset(roles), label, _pairs(extra))
            for id, iri, roles, label, extra in self.database.execute(
                """SELECT actor, iri, roles, label, extra FROM actor WHERE actor IN (SELECT unnest($names))
                   ORDER BY actor""",
                {"names": sorted(filter(None, named_here))},
            ).fetchall()
        }
        return Chunk(self.iri, self.name, incidents, {id: tuple(rows) for id, rows in codings.items()}, actors)


def _place(file: str | None, row: int | None) -> Place | None:
    return Place(file, row) if file is not None and row is not None else None


def _pairs(extra: list[dict[str, str]] | None) -> tuple[tuple[str, str], ...]:
    return tuple((pair["name"], pair["cell"]) for pair in extra or ())
