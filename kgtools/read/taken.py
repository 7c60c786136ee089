"""What is taken: staged rows, and what is wrong with some, go in; tables of the others (`coding`, `incident`) come out.

The tables that go in are made in `checks`: `coded`, each staged coding with what its code stands for, and `fault`.
"""

from __future__ import annotations

from kgtools.read.bundle import Bundle
from kgtools.read.cells import moment, whole
from kgtools.read.tables import findings_of

_DETAILS = (
    "channel",
    "platform",
    "occurred_on",
    "follows",
    "context",
    "monopoly",
    "resources_limited",
    "common_cause",
    "narrative",
    "corpus",
    "told_by",
)


def take_incidents(bundle: Bundle, *, alone: bool, wide: bool) -> None:
    """Make the table `incident`: one row an incident, also for those that only the codings name.

    Args:
        alone: whether incidents are described by the rows of codings themselves, so that one may come many times; where
            these differ in what they say of it, the first counts, and a finding says so.
        wide: whether such a row is one incident, so that a second is worth a remark.
    """
    run = bundle.database
    if alone:
        if wide:
            bundle.findings += findings_of(
                run,
                """SELECT 'warning', 'incident:repeated',
                          format('incident `{}` stands in row {} already; its codings are added',
                                 said(incident), first),
                          'incident', incident, file, lineno, incident
                   FROM (SELECT *, min(lineno) OVER same AS first, row_number() OVER same AS nth
                         FROM staged_incident WHERE incident IS NOT NULL
                         WINDOW same AS (PARTITION BY incident ORDER BY "row")) WHERE nth > 1""",
            )
        for column in _DETAILS:
            bundle.findings += findings_of(
                run,
                f"""SELECT 'warning', 'incident:conflict',
                           format('`{column}` of incident `{{}}` differs from what row {{}} says, and is not taken',
                                  said(incident), at_first),
                           '{column}', {column}, file, lineno, incident
                    FROM (SELECT *, first({column}) OVER same AS told, first(lineno) OVER same AS at_first
                          FROM staged_incident
                          WHERE {column} IS NOT NULL AND incident IS NOT NULL
                            AND "row" NOT IN (SELECT "row" FROM fault WHERE kind = 'incident')
                          WINDOW same AS (PARTITION BY incident ORDER BY "row")) WHERE told <> {column}""",
            )
    details = {column: column for column in _DETAILS}
    details["channel"] = "(SELECT iri FROM channel_class WHERE name = channel)"
    details["occurred_on"] = moment("occurred_on")
    for column in ("monopoly", "resources_limited", "common_cause"):
        details[column] = f"lower({column}) = 'true'"
    firsts = ", ".join(
        f'first({cell} ORDER BY "row") FILTER ({column} IS NOT NULL) AS {column}' for column, cell in details.items()
    )
    run.execute(
        f"""CREATE TABLE incident AS
            WITH told AS (SELECT incident, first(file ORDER BY "row") AS file, min("row") AS place,
                                 min(lineno) AS lineno, any_value(iri) AS iri,
                                 first(extra ORDER BY "row") AS extra, {firsts}
                          FROM staged_incident
                          WHERE incident IS NOT NULL
                            AND "row" NOT IN (SELECT "row" FROM fault WHERE kind = 'incident')
                          GROUP BY incident),
                 coded_too AS (SELECT incident, 2000000000 + min("row") AS place FROM staged_coding
                               WHERE "row" NOT IN (SELECT "row" FROM fault WHERE kind = 'coding') GROUP BY incident)
            SELECT incident, file, coalesce(t.place, c.place) AS place, lineno, iri, extra, {", ".join(_DETAILS)},
                   incident AS chain, CAST(0 AS BIGINT) AS chunk
            FROM told t FULL JOIN coded_too c USING (incident)"""
    )


def take_codings(bundle: Bundle) -> None:
    """Make the table `coding`: one row a statement that was taken in, with ids for those that have none.

    Rows that only say something of others (`kgtools.read.modifiers`) are marked as `beside`.
    """
    run = bundle.database
    run.execute(
        f"""CREATE TABLE coding AS
            SELECT "row", col, file, lineno, incident, iri, element_iri, extra, inferred,
                   coalesce(own_code, if(col = '', '', col || ' = ') || code) AS code, term, element,
                   presence IS NOT DISTINCT FROM 'absent' AS absent, valence, bearer, toward, {whole("step")} AS step,
                   purpose, coder, segment, source, {whole("start")} AS start, {whole('"end"')} AS "end",
                   {moment("coded_at")} AS coded_at, confidence, fragment, native_start, native_end,
                   offset_rule, offset_score, leads_to, id IS NOT NULL AS named,
                   state = 'modifier' AS beside,
                   -- A row without an id is called by its line, unless that is the id of another.
                   coalesce(id, if(line IN (SELECT id FROM coded WHERE id IS NOT NULL), '(' || line || ')', line))
                     || if(col = '', '', '/' || replace(replace(col, '%', '%25'), '/', '%2F')) AS id,
                   CAST(0 AS BIGINT) AS chunk
            FROM (SELECT *, 'row-' || "row" AS line FROM coded)
            WHERE state IN ('term', 'unmapped', 'modifier')
              AND "row" NOT IN (SELECT "row" FROM fault WHERE kind = 'coding')"""
    )
