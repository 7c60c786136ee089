"""What a cell may hold: staged text goes in, the checked tables `coding`, `incident`, `actor` and findings come out.

All of it is SQL over whole columns; only what differs little (the distinct codes and channels, and who follows whom) is
looked at one by one. A row that is wrong in one cell is a finding and is left out whole; the others go through.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from kgtools.model import CODER_SETS
from kgtools.read.bundle import Bundle
from kgtools.read.chains import join_chains
from kgtools.read.crosswalk import LEFT_OUT, Segments, Target, Wide
from kgtools.read.folder import OVERRULED
from kgtools.read.tables import findings_of, small_table, text
from kgtools.vocabulary import EVCO, VALENCES, Vocabulary

if TYPE_CHECKING:
    import duckdb

_INTEGER = r"[+-]?\d{1,15}(\.0*)?"
_COUNT = r"\d{1,15}(\.0*)?"
_NUMBER = r"[+-]?\d+(\.\d+)?"
_MOMENT = r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:[0-5]\d(?:\.\d+)?)?(?: ?(Z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?))?)?"
_MONTH = r"\d{4}(-(0[1-9]|1[0-2]))?"


def check(bundle: Bundle, vocabulary: Vocabulary, crosswalk: Segments | Wide, *, alone: bool) -> None:
    """Check a bundle's staged tables, and make of them the tables that `Bundle` reads from.

    Args:
        alone: whether incidents are described by the rows of codings themselves, so that one may come many times.
    """
    run = bundle.database
    run.execute(
        'CREATE TABLE fault (kind VARCHAR, "row" BIGINT, shape VARCHAR, path VARCHAR, value VARCHAR, message VARCHAR)'
    )
    _actors(run, vocabulary)
    _codes(run, vocabulary, crosswalk)
    _code_rows(run, crosswalk)
    _incident_rows(run, vocabulary, alone=alone)
    if alone:  # one row says both, so it is left out as both
        run.execute(
            """INSERT INTO fault SELECT if(kind = 'coding', 'incident', 'coding'), "row", NULL, NULL, NULL, NULL
               FROM fault WHERE kind <> 'actor'"""
        )
    _finish_incidents(bundle, alone=alone, wide=isinstance(crosswalk, Wide))
    _finish_codings(bundle)
    join_chains(bundle)
    for kind in ("coding", "incident", "actor"):
        bundle.findings += findings_of(
            run,
            f"""SELECT 'violation', shape, message, f.path, f.value, s.file, s.lineno,
                any_value({"NULL" if kind == "actor" else "s.incident"}), any_value(s.iri)
                FROM fault f JOIN staged_{kind} s USING ("row")
                WHERE f.kind = '{kind}' AND shape IS NOT NULL GROUP BY ALL""",
        )
    bundle.findings += findings_of(
        run,
        """SELECT if(state = 'unmapped', 'warning', 'info'), if(state = 'unmapped', 'code:unmapped', 'code:left-out'),
                  if(state = 'unmapped',
                     format('`{}` ({} row{}) is no term and stands in no crosswalk: '
                            || 'kept as a plain annotation, fills no slot{}',
                            code, count(DISTINCT "row"), if(count(DISTINCT "row") > 1, 's', ''), hint),
                     format('`{}` ({} row{}) is left out, as the crosswalk says', code, count(DISTINCT "row"),
                            if(count(DISTINCT "row") > 1, 's', ''))),
                  if(col = '', 'code', col), code, any_value(file), min(lineno), NULL
           FROM coded
           WHERE state IN ('unmapped', 'none') AND "row" NOT IN (SELECT "row" FROM fault WHERE kind = 'coding')
           GROUP BY state, col, code, hint""",
    )
    told = f"""(SELECT "row" FROM staged_coding{' UNION SELECT "row" FROM staged_incident' if alone else ""})"""
    bundle.rows_read, lost = run.execute(
        f"""SELECT (SELECT count(DISTINCT "row") FROM {told}),
                   (SELECT count(DISTINCT "row") FROM fault WHERE kind = 'coding' AND "row" IN {told})"""
    ).fetchall()[0]
    bundle.rows_taken = bundle.rows_read - lost


def _fault(database: duckdb.DuckDBPyConnection, kind: str, source: str, rules: Iterable[tuple[str, str, str]]) -> None:
    """Note the rows of `source` that break a rule.

    Args:
        rules: column, SQL condition that a wrong row meets, SQL text of what is wrong.
    """
    for column, wrong, message in rules:
        database.execute(
            f"""INSERT INTO fault SELECT DISTINCT '{kind}', "row", '{kind}:{column.replace("_", "-")}', '{column}',
                CAST("{column}" AS VARCHAR), {message} FROM {source} WHERE {wrong}"""
        )


def _one_of(column: str, words: Iterable[str], what: str) -> tuple[str, str, str]:
    known = list(words)
    listed = ", ".join(text(word) for word in known)
    return (
        column,
        f'"{column}" NOT IN ({listed})',
        f"""'`' || "{column}" || '` is no {what}; there are {", ".join(known)}'""",
    )


def _actors(database: duckdb.DuckDBPyConnection, vocabulary: Vocabulary) -> None:
    small_table(database, "role_word", "word VARCHAR, iri VARCHAR", vocabulary.roles.items())
    database.execute(
        """CREATE VIEW staged_role AS
           SELECT "row", trim(unnest(string_split(role, ';'))) AS role FROM staged_actor WHERE role IS NOT NULL"""
    )
    roles = ", ".join(sorted(vocabulary.roles))
    _fault(
        database,
        "actor",
        "staged_actor",
        [
            ("actor", "actor IS NULL", "'the row names no actor'"),
            (
                "actor",
                "actor IN (SELECT word FROM role_word)",
                "'`' || actor || '` is the name of a role; call the actor otherwise'",
            ),
        ],
    )
    _fault(
        database,
        "actor",
        "staged_role",
        [
            (
                "role",
                "role <> '' AND role NOT IN (SELECT word FROM role_word)",
                f"'`' || role || '` is no role; there are {roles}'",
            )
        ],
    )
    database.execute(
        """INSERT INTO fault SELECT 'actor', "row", 'actor:repeated', 'actor', actor,
                  format('actor `{}` stands {} already; put all its roles there, with `;` between',
                         actor, coalesce('in row ' || first, 'elsewhere'))
           FROM (SELECT *, min(lineno) OVER same AS first, row_number() OVER same AS nth FROM staged_actor
                 WHERE "row" NOT IN (SELECT "row" FROM fault WHERE kind = 'actor')
                 WINDOW same AS (PARTITION BY actor ORDER BY "row")) WHERE nth > 1"""
    )
    database.execute(
        """CREATE TABLE actor AS
           SELECT actor, any_value(label) AS label, any_value(a.iri) AS iri, any_value(a.extra) AS extra,
                  coalesce(list(DISTINCT w.iri ORDER BY w.iri) FILTER (w.iri IS NOT NULL), []) AS roles
           FROM staged_actor a LEFT JOIN staged_role r USING ("row") LEFT JOIN role_word w ON w.word = r.role
           WHERE "row" NOT IN (SELECT "row" FROM fault WHERE kind = 'actor') GROUP BY actor"""
    )


def _codes(database: duckdb.DuckDBPyConnection, vocabulary: Vocabulary, crosswalk: Segments | Wide) -> None:
    """What each distinct code stands for: one row a term, or one row that says why there is none."""
    rows: list[tuple[Any, ...]] = []
    for col, code in database.execute(
        "SELECT DISTINCT col, code FROM staged_coding WHERE code IS NOT NULL ORDER BY ALL"
    ).fetchall():
        targets = crosswalk.codes.get(col, {}).get(code) if isinstance(crosswalk, Wide) else crosswalk.mapped(code)
        for n, target in enumerate([Target(term=code)] if targets is None else targets, 1):
            state, term, hint = _meaning(target.term, vocabulary, mapped=targets is not None)
            step = None if target.step is None else str(target.step)
            rows.append(
                (
                    col,
                    code,
                    0 if targets is None else n,
                    state,
                    term,
                    hint,
                    target.presence,
                    target.valence,
                    target.bearer,
                    target.toward,
                    step,
                )
            )
    small_table(
        database,
        "meaning",
        "col VARCHAR, code VARCHAR, n INTEGER, state VARCHAR, term VARCHAR, hint VARCHAR, "
        "presence VARCHAR, valence VARCHAR, bearer VARCHAR, toward VARCHAR, step VARCHAR",
        rows,
    )


def _meaning(name: str, vocabulary: Vocabulary, *, mapped: bool) -> tuple[str, str | None, str]:
    """A name's state (term, none, instead, unmapped), its class, and what a finding adds."""
    if mapped and name == LEFT_OUT:
        return "none", None, ""
    term = vocabulary.resolve(name)
    if term is not None and term in vocabulary.instead:
        return "instead", None, vocabulary.instead[term]
    if term in vocabulary.elements:
        return "term", term, ""
    return "unmapped", None, vocabulary.suggestion(name)


def _code_rows(database: duckdb.DuckDBPyConnection, crosswalk: Segments | Wide) -> None:
    """`coded`: each row with what its code stands for (several rows where a crosswalk makes several terms of it)."""
    last = {name: f", {text(crosswalk.defaults[name])}" if name in crosswalk.defaults else "" for name in OVERRULED}
    cells = ", ".join(f"coalesce(s.{name}, m.{name}{last[name]}) AS {name}" for name in OVERRULED)
    database.execute(
        f"""CREATE TABLE coded AS
            SELECT s.* EXCLUDE (presence, valence, bearer, toward, step, inferred), {cells},
                   coalesce(m.state, 'none') AS state, m.term, m.hint,
                   coalesce(m.n, 0) + coalesce(CAST(s.inferred AS INTEGER), 0) AS inferred
            FROM staged_coding s LEFT JOIN meaning m ON m.col = s.col AND m.code = s.code"""
    )
    known_actor = "NOT IN (SELECT actor FROM actor UNION ALL SELECT word FROM role_word)"
    _fault(
        database,
        "coding",
        "coded",
        [
            ("incident", "incident IS NULL", "'the row names no incident'"),
            ("code", "code IS NULL", "'the row has no code; write a term, such as evco:Delight'"),
            ("code", "state = 'instead'", "'`' || code || '` is inferred, not coded: ' || hint"),
            _one_of("presence", ("present", "absent"), "presence"),
            _one_of("valence", VALENCES, "valence"),
            _one_of("purpose", ("personal", "collective"), "purpose"),
            *(
                (
                    column,
                    f"{column} {known_actor}",
                    f"'`' || {column} || '` is neither an actor of the table `actors` nor a role'",
                )
                for column in ("bearer", "toward")
            ),
            (
                "step",
                f"NOT regexp_full_match(step, '{_INTEGER}')",
                "'`' || step || '` is no whole number; write 1, 2, 3'",
            ),
            (
                "start",
                f"NOT regexp_full_match(start, '{_COUNT}')",
                "'`' || start || '` is no count of characters; write 0, 1, 2'",
            ),
            (
                "end",
                f"NOT regexp_full_match(\"end\", '{_COUNT}')",
                """'`' || "end" || '` is no count of characters; write 0, 1, 2'""",
            ),
            ("confidence", f"NOT regexp_full_match(confidence, '{_NUMBER}')", "'`' || confidence || '` is no number'"),
            (
                "coder",
                f"coder IN ({', '.join(map(text, CODER_SETS))})",
                "'`' || coder || '` is the name of a set of coders; call the coder otherwise'",
            ),
            ("coded_at", f"NOT {_is_moment('coded_at')}", f"'`' || coded_at || '` {_NO_MOMENT}'"),
        ],
    )
    database.execute(
        """INSERT INTO fault SELECT 'coding', "row", 'coding:id', 'id', id,
                  format('id `{}` stands {} already; ids are unique in a bundle',
                         id, coalesce('in row ' || first, 'elsewhere'))
           FROM (SELECT DISTINCT "row", id, min(lineno) OVER (PARTITION BY id) AS first,
                        dense_rank() OVER (PARTITION BY id ORDER BY "row") AS nth
                 FROM staged_coding
                 WHERE id IS NOT NULL AND "row" NOT IN (SELECT "row" FROM fault WHERE kind = 'coding')) WHERE nth > 1"""
    )


_NO_MOMENT = "is no date; write 2026-11-21, or 2026-11-21T14:30:00+01:00"


def _is_moment(column: str) -> str:
    """SQL that holds for dates, and dates with a time, as in ISO 8601; a blank may stand for its T."""
    day, time = (f"regexp_extract({column}, '{_MOMENT}', {group})" for group in (1, 2))
    return (
        f"(regexp_full_match({column}, '{_MONTH}') OR (regexp_full_match({column}, '{_MOMENT}')"
        f" AND TRY_CAST({day} AS DATE) IS NOT NULL"
        f" AND ({time} = '' OR TRY_CAST({time} || ':00' AS TIME) IS NOT NULL)))"
    )


def _moment(column: str) -> str:
    """SQL that writes such a date in the form of XML Schema."""
    day, time, seconds, zone = (f"regexp_extract({column}, '{_MOMENT}', {group})" for group in range(1, 5))
    offset = (
        f"if({zone} IN ('', 'Z'), {zone}, left({zone}, 3) || ':' || if(length({zone}) > 3, right({zone}, 2), '00'))"
    )
    return f"if({time} = '', {column}, {day} || 'T' || {time} || if({seconds} = '', ':00', {seconds}) || {offset})"


def _incident_rows(database: duckdb.DuckDBPyConnection, vocabulary: Vocabulary, *, alone: bool) -> None:
    names = database.execute(
        "SELECT DISTINCT channel FROM staged_incident WHERE channel IS NOT NULL ORDER BY channel"
    ).fetchall()
    channels = ((name, vocabulary.resolve(name)) for (name,) in names)
    small_table(
        database,
        "channel_class",
        "name VARCHAR, iri VARCHAR",
        ((name, iri) for name, iri in channels if iri in vocabulary.channels),
    )
    kinds = ", ".join(sorted(iri.removeprefix(EVCO) for iri in vocabulary.channels if iri.startswith(EVCO)))
    flags = (
        (column, f"lower({column}) NOT IN ('true', 'false')", f"'`' || {column} || '` is neither true nor false'")
        for column in ("monopoly", "resources_limited", "common_cause")
    )
    nameless = "incident IS NULL"
    if alone:  # rows that code something are judged as codings
        nameless += ' AND "row" NOT IN (SELECT "row" FROM staged_coding)'
    _fault(
        database,
        "incident",
        "staged_incident",
        [
            ("incident", nameless, "'the row names no incident'"),
            (
                "channel",
                "channel IS NOT NULL AND channel NOT IN (SELECT name FROM channel_class)",
                f"'`' || channel || '` is no channel; there are {kinds}'",
            ),
            _one_of("context", ("public", "commercial"), "context"),
            ("occurred_on", f"NOT {_is_moment('occurred_on')}", f"'`' || occurred_on || '` {_NO_MOMENT}'"),
            *flags,
        ],
    )
    if not alone:
        database.execute(
            """INSERT INTO fault SELECT 'incident', "row", 'incident:repeated', 'incident', incident,
                      format('incident `{}` stands {} already; an incident has one row',
                             incident, coalesce('in row ' || first, 'elsewhere'))
               FROM (SELECT "row", incident, min(lineno) OVER same AS first, row_number() OVER same AS nth
                     FROM staged_incident WHERE "row" NOT IN (SELECT "row" FROM fault WHERE kind = 'incident')
                     WINDOW same AS (PARTITION BY incident ORDER BY "row")) WHERE nth > 1"""
        )


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


def _finish_incidents(bundle: Bundle, *, alone: bool, wide: bool) -> None:
    """`incident`: one row an incident, also for those that only the codings name."""
    run = bundle.database
    if alone:
        if wide:
            bundle.findings += findings_of(
                run,
                """SELECT 'warning', 'incident:repeated',
                          format('incident `{}` stands in row {} already; its codings are added', incident, first),
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
                                  incident, at_first),
                           '{column}', {column}, file, lineno, incident
                    FROM (SELECT *, first({column}) OVER same AS told, first(lineno) OVER same AS at_first
                          FROM staged_incident
                          WHERE {column} IS NOT NULL AND incident IS NOT NULL
                            AND "row" NOT IN (SELECT "row" FROM fault WHERE kind = 'incident')
                          WINDOW same AS (PARTITION BY incident ORDER BY "row")) WHERE told <> {column}""",
            )
    details = {column: column for column in _DETAILS}
    details["channel"] = "(SELECT iri FROM channel_class WHERE name = channel)"
    details["occurred_on"] = _moment("occurred_on")
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
                   incident AS chain
            FROM told t FULL JOIN coded_too c USING (incident)"""
    )


def _finish_codings(bundle: Bundle) -> None:
    """`coding`: one row a statement that was taken in, with ids for those that have none."""
    run = bundle.database
    run.execute(
        f"""CREATE TABLE coding AS
            SELECT "row", col, file, lineno, incident, iri, element_iri, extra, inferred,
                   coalesce(own_code, if(col = '', '', col || ' = ') || code) AS code, term, element,
                   presence IS NOT DISTINCT FROM 'absent' AS absent, valence, bearer, toward, {_whole("step")} AS step,
                   purpose, coder, segment, source, {_whole("start")} AS start, {_whole('"end"')} AS "end",
                   {_moment("coded_at")} AS coded_at, confidence, leads_to, id IS NOT NULL AS named,
                   -- A row without an id is called by its line, unless that is the id of another.
                   coalesce(id, if(line IN (SELECT id FROM coded WHERE id IS NOT NULL), '(' || line || ')', line))
                     || if(col = '', '', '/' || col) AS id
            FROM (SELECT *, 'row-' || "row" AS line FROM coded)
            WHERE state IN ('term', 'unmapped') AND "row" NOT IN (SELECT "row" FROM fault WHERE kind = 'coding')"""
    )


def _whole(column: str) -> str:
    """SQL for a whole number that a spreadsheet may have written as `2.0`."""
    return f"CAST(split_part({column}, '.', 1) AS BIGINT)"
