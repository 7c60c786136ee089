"""What a cell may hold: staged text goes in, the checked tables `coding`, `incident`, `actor` and findings come out.

All of it is SQL over whole columns; only what differs little (the distinct codes and channels, and who follows whom) is
looked at one by one. A row that is wrong in one cell is a finding and is left out whole; the others go through.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from kgtools.model import CODER_SETS, LONGEST_SEGMENT, Finding
from kgtools.read.bundle import Bundle
from kgtools.read.cells import (
    COUNT,
    INTEGER,
    LONGEST_NAME,
    MOMENT_MEANT,
    NUMBER,
    OFFSET,
    SAID,
    is_moment,
    no_such,
    one_of,
    too_long,
)
from kgtools.read.chains import join_chains
from kgtools.read.columns import OVERRULED
from kgtools.read.crosswalk import LEFT_OUT, Segments, Target, Wide, parts_of
from kgtools.read.modifiers import OurCodes, apply_modifiers
from kgtools.read.tables import findings_of, quoted, small_table, text
from kgtools.read.taken import take_codings, take_incidents
from kgtools.vocabulary import EVCO, VALENCES, Vocabulary

if TYPE_CHECKING:
    import duckdb

_NO_INCIDENT = "the cell `incident` is empty; write the id of the incident that the row is about"


def check(
    bundle: Bundle,
    vocabulary: Vocabulary,
    crosswalk: Segments | Wide,
    *,
    alone: bool,
    outside: str = "",
    lifted: bool = False,
) -> None:
    """Check a bundle's staged tables, and make of them the tables that `Bundle` reads from.

    Args:
        alone: whether incidents are described by the rows of codings themselves, so that one may come many times.
        lifted: whether this was lifted before, so that codes have said already what they say of others.
        outside: what is wrong with a coding that is of no incident, where that is no empty cell.
    """
    run = bundle.database
    run.execute(SAID)
    run.execute(
        'CREATE TABLE fault (kind VARCHAR, "row" BIGINT, shape VARCHAR, path VARCHAR, value VARCHAR, message VARCHAR)'
    )
    _actors(run, vocabulary)
    ours = OurCodes(vocabulary)
    _codes(run, vocabulary, crosswalk, ours)
    _code_rows(run, crosswalk, outside or _NO_INCIDENT)
    if not lifted:
        bundle.findings += apply_modifiers(run, crosswalk, ours)
        bundle.findings += _unused(run, crosswalk)
    _incident_rows(run, vocabulary, alone=alone)
    if alone:  # one row says both, so it is left out as both
        run.execute(
            """INSERT INTO fault SELECT if(kind = 'coding', 'incident', 'coding'), "row", NULL, NULL, NULL, NULL
               FROM fault WHERE kind <> 'actor'"""
        )
    take_incidents(bundle, alone=alone, wide=isinstance(crosswalk, Wide))
    take_codings(bundle)
    join_chains(bundle)
    for kind in ("coding", "incident", "actor"):
        bundle.findings += findings_of(
            run,
            f"""SELECT 'violation', shape, message, f.path, f.value, s.file, s.lineno,
                any_value({"NULL" if kind == "actor" else "s.incident"}), any_value(s.iri),
                any_value({f"left(s.segment, {LONGEST_SEGMENT})" if kind == "coding" else "NULL"})
                FROM fault f JOIN staged_{kind} s USING ("row")
                WHERE f.kind = '{kind}' AND shape IS NOT NULL GROUP BY ALL""",
        )
    bundle.findings += findings_of(
        run,
        """SELECT if(state = 'unmapped', 'warning', 'info'), if(state = 'unmapped', 'code:unmapped', 'code:left-out'),
                  if(state = 'unmapped',
                     format('`{}` ({} row{}) is no term and stands in no crosswalk: '
                            || 'kept as it is, and counts for no proposition{}',
                            said(code), count(DISTINCT "row"), if(count(DISTINCT "row") > 1, 's', ''),
                            if(hint = '', '; write a term, or say in crosswalk.yaml which one it is', hint)),
                     format('`{}` ({} row{}) is left out, as the crosswalk says', said(code), count(DISTINCT "row"),
                            if(count(DISTINCT "row") > 1, 's', ''))),
                  if(col = '', 'code', col), code, any_value(file), min(lineno), NULL
           FROM (SELECT * REPLACE (coalesce(own_code, code) AS code) FROM coded)
           WHERE state IN ('unmapped', 'none') AND "row" NOT IN (SELECT "row" FROM fault WHERE kind = 'coding')
           GROUP BY state, col, code, hint""",
    )
    told = f"""(SELECT "row" FROM staged_coding{' UNION SELECT "row" FROM staged_incident' if alone else ""})"""
    bundle.rows_read, lost = run.execute(
        f"""SELECT (SELECT count(DISTINCT "row") FROM {told}),
                   (SELECT count(DISTINCT "row") FROM fault WHERE kind = 'coding' AND "row" IN {told})"""
    ).fetchall()[0]
    bundle.rows_taken = bundle.rows_read - lost
    for kind, name in run.execute(
        """SELECT 'VIEW', view_name FROM duckdb_views() WHERE NOT internal UNION ALL
           SELECT 'TABLE', table_name FROM duckdb_tables() WHERE table_name NOT IN ('coding', 'incident', 'actor')"""
    ).fetchall():
        run.execute(f"DROP {kind} {quoted(name)}")


def _fault(database: duckdb.DuckDBPyConnection, kind: str, source: str, rules: Iterable[tuple[str, str, str]]) -> None:
    """Note the rows of `source` that break a rule.

    Args:
        rules: column, SQL condition that a wrong row meets, SQL text of what is wrong.
    """
    for column, wrong, message in rules:
        database.execute(
            f"""INSERT INTO fault SELECT DISTINCT '{kind}', "row", '{kind}:{column.replace("_", "-")}', '{column}',
                left(CAST("{column}" AS VARCHAR), {LONGEST_NAME}), {message} FROM {source} WHERE {wrong}"""
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
            *too_long(("actor",), ("label",)),
            ("actor", "actor IS NULL", "'the cell `actor` is empty; write what the codings call the actor'"),
            (
                "actor",
                "actor IN (SELECT word FROM role_word)",
                "'`' || said(actor) || '` is the name of a role; call the actor something else, also in the codings'",
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
                f"'`' || said(role) || '` is no role; there are {roles}'",
            )
        ],
    )
    database.execute(
        """INSERT INTO fault SELECT 'actor', "row", 'actor:repeated', 'actor', actor,
                  format('actor `{}` stands {} already; keep one row, with one label, and all roles with `;` between',
                         said(actor), coalesce('in row ' || first, 'elsewhere'))
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


def _codes(
    database: duckdb.DuckDBPyConnection, vocabulary: Vocabulary, crosswalk: Segments | Wide, ours: OurCodes
) -> None:
    """What each distinct code stands for: one row a term, or one row that says why there is none."""
    rows: list[tuple[Any, ...]] = []
    for col, code in database.execute(
        "SELECT DISTINCT col, code FROM staged_coding WHERE code IS NOT NULL ORDER BY ALL"
    ).fetchall():
        targets = crosswalk.codes.get(col, {}).get(code) if isinstance(crosswalk, Wide) else crosswalk.mapped(code)
        for n, target in enumerate([Target(term=code)] if targets is None else targets, 1):
            if (targets is None and ours.modifier(code)) or target.term is None:
                rows.append((col, code, 0, "modifier", *[None] * 7))
                continue
            state, term, hint = _meaning(target.term, vocabulary, ours, mapped=targets is not None)
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


def _unused(database: duckdb.DuckDBPyConnection, crosswalk: Segments | Wide) -> list[Finding]:
    """A remark on what a crosswalk maps and nobody coded; a warning where a code is called much like it."""
    if isinstance(crosswalk, Wide):
        return []
    run = database.execute
    codes = [code for (code,) in run("SELECT DISTINCT code FROM staged_coding WHERE code IS NOT NULL").fetchall()]
    ends = {parts_of(code)[-1] for code in codes}
    mapped = {*codes, *ends}
    near = {name.casefold(): name for name in sorted(mapped - {*crosswalk.codes})}
    findings = []
    for code in crosswalk.codes:
        if code not in mapped:
            close = get_close_matches(code.casefold(), near, 1, 0.8)
            said = f"the crosswalk maps `{code}`, which nothing is coded with"
            said += f"; did you mean `{near[close[0]]}`?" if close else ""
            findings.append(Finding("warning" if close else "info", "crosswalk:unused", said, path="codes", value=code))
    return findings


def _meaning(name: str, vocabulary: Vocabulary, ours: OurCodes, *, mapped: bool) -> tuple[str, str | None, str]:
    """A name's state (term, none, instead, unmapped), its class, and what a finding adds."""
    if mapped and name == LEFT_OUT:
        return "none", None, ""
    term = vocabulary.resolve(name) or ours.term(name)
    if term is not None and term in vocabulary.instead:
        return "instead", None, vocabulary.instead[term]
    if term in vocabulary.elements:
        return "term", term, ""
    return "unmapped", None, vocabulary.suggestion(parts_of(name)[-1])


def _code_rows(database: duckdb.DuckDBPyConnection, crosswalk: Segments | Wide, outside: str) -> None:
    """`coded`: each row with what its code stands for (several rows where a crosswalk makes several terms of it)."""
    last = {name: f", {text(crosswalk.defaults[name])}" if name in crosswalk.defaults else "" for name in OVERRULED}
    cells = ", ".join(f"coalesce(s.{name}, m.{name}{last[name]}) AS {name}" for name in OVERRULED)
    unsaid = ", ".join(f"s.{name} IS NULL" for name in OVERRULED)
    database.execute(
        f"""CREATE TABLE coded AS
            SELECT s.* EXCLUDE (presence, valence, bearer, toward, step, inferred), {cells},
                   coalesce(m.state, 'none') AS state, m.term, m.hint,
                   coalesce(m.n, 0) + coalesce(CAST(s.inferred AS INTEGER), 0) AS inferred,
                   [{unsaid}] AS unsaid
            FROM staged_coding s LEFT JOIN meaning m ON m.col = s.col AND m.code = s.code"""
    )
    known_actor = "NOT IN (SELECT actor FROM actor UNION ALL SELECT word FROM role_word)"
    roles = "(SELECT string_agg(word, ', ' ORDER BY word) FROM role_word)"
    names = (
        *("incident", "code", "id", "element", "bearer", "toward", "coder", "source", "fragment", "native_start"),
        *("native_end", "offset_rule"),
    )
    _fault(
        database,
        "coding",
        "coded",
        [
            *too_long(names, ("segment",)),
            ("incident", "incident IS NULL", text(outside)),
            ("code", "code IS NULL", "'the row has no code; write a term, such as evco:Delight'"),
            ("code", "state = 'instead'", "'`' || said(code) || '` is inferred, not coded: ' || hint"),
            one_of("presence", ("present", "absent"), "presence"),
            one_of("valence", VALENCES, "valence"),
            one_of("purpose", ("personal", "collective"), "purpose"),
            *(
                (
                    column,
                    f"{column} {known_actor}",
                    f"""'{column} `' || said({column}) || if({column} IN (SELECT actor FROM staged_actor),
                          '` is an actor whose row in the table `actors` was left out; correct that row',
                          '` is no actor of the table `actors` and no role; '
                            || 'add a row for the actor there, or write one of ' || {roles})""",
                )
                for column in ("bearer", "toward")
            ),
            (
                "step",
                f"NOT regexp_full_match(step, '{INTEGER}')",
                no_such("step", "whole number; write 1, 2, 3, or leave the cell empty"),
            ),
            (
                "start",
                f"NOT regexp_full_match(start, '{COUNT}')",
                no_such("start", OFFSET),
            ),
            (
                "end",
                f"NOT regexp_full_match(\"end\", '{COUNT}')",
                no_such("end", OFFSET),
            ),
            (
                "confidence",
                f"NOT regexp_full_match(confidence, '{NUMBER}')",
                no_such("confidence", "number; write 0.8, with a point, or leave the cell empty"),
            ),
            (
                "offset_score",
                f"NOT regexp_full_match(offset_score, '{NUMBER}')",
                no_such("offset_score", "number; write 0.9, with a point, or leave the cell empty"),
            ),
            (
                "coder",
                f"coder IN ({', '.join(map(text, CODER_SETS))})",
                "'`' || said(coder) || '` is the name of a set of coders; call the coder something else'",
            ),
            ("coded_at", f"NOT {is_moment('coded_at')}", no_such("coded_at", MOMENT_MEANT)),
        ],
    )
    database.execute(
        """INSERT INTO fault SELECT 'coding', "row", 'coding:id', 'id', id,
                  format('id `{}` stands {} already; give this row another id, or none',
                         said(id), coalesce('in row ' || first, 'elsewhere'))
           FROM (SELECT DISTINCT "row", id, min(lineno) OVER (PARTITION BY id) AS first,
                        dense_rank() OVER (PARTITION BY id ORDER BY "row") AS nth
                 FROM staged_coding
                 WHERE id IS NOT NULL AND "row" NOT IN (SELECT "row" FROM fault WHERE kind = 'coding')) WHERE nth > 1"""
    )


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
        (
            column,
            f"lower({column}) NOT IN ('true', 'false')",
            f"'{column} `' || said({column}) || '` is neither true nor false; write one, or leave the cell empty'",
        )
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
            *too_long(("incident", "follows", "told_by", "platform", "corpus"), ("narrative",)),
            ("incident", nameless, text(_NO_INCIDENT)),
            (
                "channel",
                "channel IS NOT NULL AND channel NOT IN (SELECT name FROM channel_class)",
                f"'`' || said(channel) || '` is no channel; there are {kinds}'",
            ),
            one_of("context", ("public", "commercial"), "context"),
            ("occurred_on", f"NOT {is_moment('occurred_on')}", no_such("occurred_on", MOMENT_MEANT)),
            *flags,
        ],
    )
    if not alone:
        database.execute(
            """INSERT INTO fault SELECT 'incident', "row", 'incident:repeated', 'incident', incident,
                      format('incident `{}` stands {} already; put all that is known of it in one row',
                             said(incident), coalesce('in row ' || first, 'elsewhere'))
               FROM (SELECT "row", incident, min(lineno) OVER same AS first, row_number() OVER same AS nth
                     FROM staged_incident WHERE "row" NOT IN (SELECT "row" FROM fault WHERE kind = 'incident')
                     WINDOW same AS (PARTITION BY incident ORDER BY "row")) WHERE nth > 1"""
        )
