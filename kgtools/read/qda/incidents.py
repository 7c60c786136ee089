"""What an incident is: raw tables of codings, documents, cases go in; each coding's incident, and its text, come out.

A document is one incident unless the crosswalk says otherwise: a case, a row, or the passages that are marked with a
code (`Incident 12`). An incident is thus made of parts of documents, and its narrative of their texts, one after the
other. Offsets are moved along, for they count characters of the narrative.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kgtools.errors import InputError
from kgtools.model import Finding, Severity
from kgtools.read.cells import LONGEST_TEXT
from kgtools.read.crosswalk import ByCode, parts_of
from kgtools.read.qda.export import OF_DOCUMENT, Export
from kgtools.read.qda.remarks import MOST_OF_A_KIND, short
from kgtools.read.tables import column_key, findings_of, keys, quoted, text

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

Rule = ByCode | str | None

_BETWEEN = r"e'\n\n'"
"""SQL: what stands between the parts of a narrative."""
_NAMED = 3
_MADE_OF_PARTS = ("part", "coded", "placed", "placed_part", "placed_code", "pair")


def say_incidents(database: duckdb.DuckDBPyConnection, export: Export, rule: Rule, path: Path) -> list[str] | None:
    """Put the column `incident` before the others of `raw_codings`; make `raw_incidents` where there are documents.

    A table whose column for incidents the crosswalk names keeps to that.

    Args:
        export: what was loaded; its columns and findings are added to.
        rule: what an incident is: `document` (or None), `case`, `row`, or what is marked with a code.
        path: the file, for errors.

    Returns:
        The columns of `raw_incidents`, the first being `incident`; None where there is no such table.

    Raises:
        InputError: the file does not have what the rule asks for.
    """
    run = database.execute
    if own := "incident" in export.columns:
        rule = None
    needed = {"case": "case", "row": None}.get(rule if isinstance(rule, str) else "document", "document")
    if needed and not own and needed not in export.columns and not (needed == "case" and _has_cases(database, export)):
        raise InputError(
            f"does not say which {needed} its codings are of, so no incident can be told; "
            "say in the crosswalk what one is (incident: document, case, row, or {code: …})",
            path,
        )
    document = _cell(export.columns, "document")
    run(
        f"""CREATE TABLE coded_at AS
            SELECT "row", {document} AS document, {_where(export.columns)} FROM raw_codings"""
    )
    if own:
        named = column_key(export.columns, "incident")
        run(f'CREATE TABLE said AS SELECT "row", {named} AS incident, 0::BIGINT AS shift FROM raw_codings')
    elif rule == "row":
        # A row of a table may hold several codings; what stands on one line of a project may be all of it.
        # Of a project no text is kept then, so its offsets have nothing to count.
        at, shift = ("lineno", "0") if export.documents is None else ('"row"', "NULL")
        cells = f"'row-' || {at} AS incident, {shift}::BIGINT AS shift"
        run(f'CREATE TABLE said AS SELECT "row", {cells} FROM raw_codings')
    elif isinstance(rule, ByCode):
        _by_code(database, export, rule, path)
    elif rule == "case" and "case" not in export.columns:
        _by_case(database, export)
    elif rule == "case":
        key = column_key(export.columns, "case")
        run(f'CREATE TABLE said AS SELECT "row", {key} AS incident, 0::BIGINT AS shift FROM raw_codings')
        export.outside = (
            "the row names no case, so it is of no incident; name one, or let something else be an incident"
        )
    else:
        run(f"CREATE TABLE said AS {_by_document(export)}")
        export.outside = "the row names no document, so it is of no incident; name the document that it is of"
    columns = _incidents(database, export, rule)
    shortened = columns is not None and _without_long_texts(database, export, columns)
    _rewrite(database, export, moved=isinstance(rule, ByCode) or rule in ("case", "row") or shortened)
    for table in ("coded_at", "said", "mark", *_MADE_OF_PARTS):
        run(f"DROP TABLE IF EXISTS {table}")
    return columns


_PARTS = ["case", *("document", "start", "end", "native_start", "native_end", "segment", "fragment")]


def _has_cases(database: duckdb.DuckDBPyConnection, export: Export) -> bool:
    return bool(export.cases) and bool(database.execute("SELECT 1 FROM raw_cases LIMIT 1").fetchall())


def _cell(columns: list[str], name: str) -> str:
    """SQL for a cell of a raw table; NULL where it has no such column."""
    return column_key(columns, name) if name in columns else "NULL"


def _where(columns: list[str]) -> str:
    """SQL for where a segment lies, as numbers: characters, or what the program counts in, or a part of a picture."""
    cell = {name: _cell(columns, name) for name in ("start", "end", "native_start", "native_end", "fragment")}
    paragraphs = f"({_cell(columns, 'offset_rule')} IS NOT DISTINCT FROM 'paragraph')::INTEGER"
    times, box = (
        f"TRY_CAST(regexp_extract({cell['fragment']}, '{pattern}', %d) AS DOUBLE)" for pattern in (_TIMES, _BOX)
    )
    sides = ", ".join(f"{box % n} AS {name}" for n, name in enumerate(_SIDES, 1))
    return f"""{_cell(columns, "segment")} AS words,
               coalesce(TRY_CAST({cell["native_start"]} AS DOUBLE), TRY_CAST({cell["start"]} AS DOUBLE),
                        {times % 1}) AS since,
               coalesce(TRY_CAST({cell["native_end"]} AS DOUBLE) + {paragraphs}, TRY_CAST({cell["end"]} AS DOUBLE),
                        {times % 2}) AS until,
               TRY_CAST({cell["start"]} AS BIGINT) AS from_, TRY_CAST({cell["end"]} AS BIGINT) AS to_, {sides},
               coalesce({cell["native_start"]}, {cell["start"]}, {cell["fragment"]},
                        {_cell(columns, "segment")}) IS NULL AS whole"""


_TIMES = "^t=([0-9.]*),([0-9.]*)$"
_BOX = "^(?:page=([0-9]+)&viewrect=|xywh=)([0-9.]+),([0-9.]+),([0-9.]+),([0-9.]+)$"
_SIDES = ("page", "left_", "top_", "width", "height")
"""What the groups of a fragment for a part of a picture, or of a page, say."""


def _by_document(export: Export) -> str:
    """A document is an incident; documents of one name in several groups are told apart by the group's."""
    document, group = _cell(export.columns, "document"), _cell(export.columns, "document_group")
    return f"""SELECT "row", 0::BIGINT AS shift,
                      if(count(DISTINCT coalesce({group}, '')) OVER (PARTITION BY {document}) > 1
                           AND {group} IS NOT NULL, {group} || ' > ' || {document}, {document}) AS incident
               FROM raw_codings"""


def _by_case(database: duckdb.DuckDBPyConnection, export: Export) -> None:
    """A case is an incident, with all documents and segments that belong to it."""
    case, document = (column_key(_PARTS, name) for name in _PARTS[:2])
    database.execute(
        f"""CREATE TABLE mark AS SELECT {case} AS incident, {document} AS document, "row" AS place, lineno,
                                        {_where(_PARTS)} FROM raw_case_parts"""
    )
    export.outside = "the coding lies in no case, so in no incident; put its document, or its segment, into a case"
    _by_parts(database, export)


def _by_code(database: duckdb.DuckDBPyConnection, export: Export, rule: ByCode, path: Path) -> None:
    """What is marked with a code is an incident, called by the code's last part, or by all where that is not enough."""
    code = column_key(export.columns, "code")
    last = f"trim(list_last(regexp_split_to_array({code}, ' > |\\\\|->')))"
    # However the parts of a path are joined, in the crosswalk or in the file: by ` > `, a backslash, an arrow.
    path_ = rf"regexp_replace(trim({code}), '\s*( > |\\|->)\s*', ' > ', 'g')"
    written = " > ".join(parts_of(rule.code))
    pattern = text("(?s)" + ".*".join(map(re.escape, written.split("*"))))
    marks = f"(regexp_full_match({path_}, {pattern}) OR regexp_full_match({last}, {pattern}))"
    database.execute(
        f"""CREATE TABLE mark AS
            SELECT if(count(DISTINCT {code}) OVER (PARTITION BY {last}) > 1, {code}, {last}) AS incident, document,
                   row_number() OVER (ORDER BY document, since, "row") AS place, lineno,
                   coded_at.* EXCLUDE ("row", document)
            FROM raw_codings JOIN coded_at USING ("row") WHERE {marks}"""
    )
    ((count, names),) = database.execute("SELECT count(*), count(DISTINCT incident) FROM mark").fetchall()
    if not count:
        raise InputError(f"has no code `{rule.code}`, which the crosswalk says marks incidents", path)
    said = f"{count} codings with `{rule.code}` say what an incident is: there are {names}"
    export.findings.append(Finding("info", "incident:marked", said, value=rule.code, file=export.file))
    across = database.execute(
        """SELECT incident, count(DISTINCT document) FROM mark GROUP BY incident
           HAVING count(DISTINCT document) > 1 ORDER BY min(place)"""
    ).fetchall()
    if across:
        first, documents = across[0]
        more = f" ({len(across) - 1} more likewise)" if len(across) > 1 else ""
        said = (
            f"`{short(first, 60)}` is marked in {documents} documents{more}, and is one incident; "
            "if it is meant to be several, mark each with a code of its own"
        )
        export.findings.append(Finding("warning", "incident:across", said, value=first, file=export.file))
    export.outside = (
        f"the coding lies in nothing that is marked with `{rule.code}`, so in no incident; "
        "mark with such a code what it belongs to"
    )
    database.execute(f"DELETE FROM raw_codings WHERE {marks}")
    _by_parts(database, export)
    apart = database.execute(
        """SELECT incident, document, count(*) FROM part GROUP BY incident, document HAVING count(*) > 1
           ORDER BY min(place)"""
    ).fetchall()
    if apart:
        first, document, passages = apart[0]
        more = f" ({len(apart) - 1} more likewise)" if len(apart) > 1 else ""
        said = (
            f"`{short(first, 60)}` marks {passages} passages of `{short(document, 60)}`{more}, and is one incident; "
            "if they are several, mark each with a code of its own, such as `Incident 1`"
        )
        # Who returns to an incident later marks it twice, and rightly; one code for all that are marked is a mistake.
        severity: Severity = "warning" if names == 1 else "info"
        export.findings.append(Finding(severity, "incident:apart", said, value=first, file=export.file))


def _by_parts(database: duckdb.DuckDBPyConnection, export: Export) -> None:
    """`said`: for each coding the part that it lies in, or overlaps most; and how far its offsets move.

    Of one incident, marks that overlap (those of two coders, say) are one part. Where parts of several incidents fit
    equally, the smallest, then the first, is taken, with a warning.
    """
    texts = "SELECT NULL AS document, NULL AS text"
    if export.documents is not None:
        name, text_ = (_cell(export.documents, column) for column in ("document", "narrative"))
        texts = f"SELECT {name} AS document, {text_} AS text FROM raw_documents"
    database.execute(
        f"""CREATE TABLE part AS
            WITH kept AS (SELECT *, max(until) OVER (alike ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
                          FROM mark WHERE whole OR NOT EXISTS
                            (FROM mark m WHERE m.whole AND m.incident = mark.incident AND m.document = mark.document)
                          WINDOW alike AS (PARTITION BY incident, document, whole, since IS NULL
                                           ORDER BY since, until DESC, place)),
                 nth AS (SELECT *, sum(if(whole OR (since < reached AND since IS NOT NULL), 0, 1)) OVER
                                     (PARTITION BY incident, document, whole, since IS NULL
                                      ORDER BY since, until DESC, place) AS n FROM kept),
                 joined AS (SELECT incident, document, whole, min(place) AS place, min(lineno) AS lineno,
                                   min(since) AS since, max(until) AS until, min(from_) AS from_, max(to_) AS to_,
                                   arg_max(words, length(words)) AS words,
                                   {", ".join(f"any_value({name}) AS {name}" for name in _SIDES)}
                            FROM nth GROUP BY incident, document, whole, since IS NULL, n)
            SELECT *, sum(coalesce(length(told) + 2, 0)) OVER (PARTITION BY incident ORDER BY place
                            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
            FROM (SELECT joined.*, if(whole, text, coalesce(substr(text, from_ + 1, to_ - from_), words)) AS told
                  FROM joined LEFT JOIN ({texts}) USING (document));
           CREATE TABLE coded AS SELECT * FROM coded_at WHERE "row" IN (SELECT "row" FROM raw_codings);
           -- Places as numbers, document by document, so that two comparisons find what overlaps in one document.
           -- For these DuckDB has a join that is not quadratic, but takes it in no query that keeps a part (a CTE).
           CREATE TABLE placed AS
           SELECT "row", place, any_value(n) FILTER (first) AS since, any_value(n) FILTER (NOT first) AS until
           FROM (SELECT "row", place, first, dense_rank() OVER (ORDER BY document, spot) AS n
                 FROM (SELECT "row", NULL AS place, document,
                              unnest([since, until]) AS spot, unnest([true, false]) AS first FROM coded
                       UNION ALL
                       SELECT NULL, place, document, unnest([since, until]), unnest([true, false]) FROM part)
                 WHERE document IS NOT NULL AND spot IS NOT NULL)
           GROUP BY "row", place HAVING count(*) = 2;
           CREATE TABLE placed_part AS SELECT place, since, until FROM placed WHERE place IS NOT NULL;
           CREATE TABLE placed_code AS SELECT "row", since, until FROM placed WHERE place IS NULL;
           CREATE TABLE pair AS
           SELECT "row", p.place FROM coded c JOIN part p USING (document) WHERE p.whole
           UNION
           SELECT c."row", p.place FROM placed_code c JOIN placed_part p ON c.since < p.until AND p.since < c.until
           UNION
           SELECT "row", p.place FROM coded c JOIN part p USING (document, since)
           UNION
           SELECT "row", p.place FROM coded c JOIN part p
                  ON c.document = p.document AND c.page IS NOT DISTINCT FROM p.page
                     AND c.left_ + c.width / 2 BETWEEN p.left_ AND p.left_ + p.width
                     AND c.top_ + c.height / 2 BETWEEN p.top_ AND p.top_ + p.height
           WHERE c.left_ IS NOT NULL AND p.left_ IS NOT NULL
           UNION
           SELECT "row", p.place FROM coded c JOIN part p USING (document)
           WHERE c.since IS NULL AND contains(p.words, c.words)
           UNION
           SELECT "row", p.place FROM coded c JOIN part p USING (document)
           WHERE p.since IS NULL AND contains(p.words, c.words);
           CREATE TABLE said AS
           WITH near AS (SELECT "row", p.incident, place, p.whole, coalesce(p.from_, 0) AS from_,
                                coalesce(p.before, 0) AS before,
                                if(p.whole, c.from_ IS NOT NULL, c.from_ >= p.from_ AND c.to_ <= p.to_) AS inside,
                                coalesce(contains(p.words, c.words), false) AS holds,
                                if(p.whole, 0, least(c.until, p.until) - greatest(c.since, p.since)) AS shared,
                                coalesce(p.until - p.since, p.width * p.height) AS length
                         FROM pair JOIN coded c USING ("row") JOIN part p USING (place)),
                ranked AS (SELECT *, row_number() OVER best AS nth, count(DISTINCT incident) OVER same AS alike
                           FROM near
                           WINDOW best AS (PARTITION BY "row" ORDER BY whole, holds DESC, shared DESC, length, place),
                                  same AS (PARTITION BY "row", whole, holds, shared, length))
           SELECT "row", incident, if(inside, before - from_, NULL)::BIGINT AS shift, alike,
                  inside IS NOT DISTINCT FROM false AND NOT whole AS beyond
           FROM ranked WHERE nth = 1
           UNION ALL
           SELECT "row", NULL, NULL, 1, false FROM raw_codings WHERE "row" NOT IN (SELECT "row" FROM near)"""
    )
    file = text(export.file)
    several = "'the coding lies in several incidents alike; it is taken for `' || incident || '`', 'incident', incident"
    beyond = """'the coding reaches beyond the incident `' || incident || '`, for which it is taken; '
                  || 'its words are kept, but not where they stand in it', 'start', NULL"""
    for shape, said, which in (("incident:several", several, "alike > 1"), ("incident:beyond", beyond, "beyond")):
        found = findings_of(
            database,
            f"""SELECT 'warning', {text(shape)}, {said}, {file}, lineno, incident
                FROM said JOIN raw_codings USING ("row") WHERE {which} ORDER BY "row" """,
        )
        export.findings += found[:MOST_OF_A_KIND]
        if (more := len(found) - MOST_OF_A_KIND) > 0:
            rest = f"{more:,} more like this ({shape}) are not listed"
            export.findings.append(Finding("warning", shape, rest, file=export.file))
    if export.documents is not None:
        export.findings += findings_of(
            database,
            f"""SELECT 'info', 'incident:none', 'no incident is in `' || document || '`, so nothing is taken of it',
                       NULL, document, {file}, lineno, NULL
                FROM (SELECT {name} AS document, lineno FROM raw_documents)
                WHERE document NOT IN (SELECT document FROM part WHERE document IS NOT NULL)
                ORDER BY lineno, document""",
        )


def _incidents(database: duckdb.DuckDBPyConnection, export: Export, rule: Rule) -> list[str] | None:
    """`raw_incidents`: the documents, or cases, with what is known of them, and their narratives."""
    run = database.execute
    if rule == "row" or export.documents is None:
        return None
    documents = export.documents
    if rule is None or rule == "document":
        run("ALTER TABLE raw_documents RENAME TO raw_incidents")
        return ["incident", *documents[1:]]
    texts = f"""SELECT incident, string_agg(told, {_BETWEEN} ORDER BY place) AS narrative, min(place) AS place,
                       min(lineno) AS lineno FROM part GROUP BY incident"""
    of_cases = [] if isinstance(rule, ByCode) else list(export.cases or ())[1:]
    of_documents = [name for name in documents[1:] if name not in (*_OF_ONE_DOCUMENT, *of_cases)]
    shared = _shared(documents, of_documents)
    columns = ["incident", "narrative", *of_cases, *of_documents]
    cells = [f"c.{column_key(export.cases or [], name)}" for name in of_cases]
    cells += [f'"shared {n}"' for n in range(len(of_documents))]
    told = "".join(f", {cell} AS {key}" for cell, key in zip(cells, map(quoted, keys(columns)[2:]), strict=True))
    first, second = (column_key(columns, name) for name in columns[:2])
    if isinstance(rule, ByCode):
        run(
            f"""CREATE TABLE raw_incidents AS
                SELECT row_number() OVER (ORDER BY place) AS "row", lineno, incident AS {first},
                       narrative AS {second}{told}
                FROM ({texts}) LEFT JOIN ({shared}) USING (incident) ORDER BY place"""
        )
    else:
        called = column_key(export.cases or [], "case")
        run(
            f"""CREATE TABLE raw_incidents AS
                SELECT c."row", c.lineno, c.{called} AS {first}, narrative AS {second}{told}
                FROM raw_cases c LEFT JOIN ({texts}) t ON t.incident = c.{called}
                     LEFT JOIN ({shared}) s ON s.incident = c.{called} ORDER BY c."row" """
        )
    return columns


_OF_ONE_DOCUMENT = ("narrative", "description", "note")
"""What is said of a document, and is not said of the incidents in it."""


def _shared(documents: list[str], names: list[str]) -> str:
    """What all documents of an incident say alike (their group, their variables)."""
    cells = "".join(
        f', if(count(DISTINCT {key}) = 1 AND count({key}) = count(*), any_value({key}), NULL) AS "shared {n}"'
        for n, name in enumerate(names)
        for key in [column_key(documents, name)]
    )
    return f"""SELECT incident{cells}
               FROM (SELECT DISTINCT incident, document FROM part)
               JOIN raw_documents ON document = {column_key(documents, documents[0])} GROUP BY incident"""


def _without_long_texts(database: duckdb.DuckDBPyConnection, export: Export, columns: list[str]) -> bool:
    """Empty narratives that no incident may have, and drop where codings stand in them; whether there are any.

    Only here, for parts of such a text may well be narratives.
    """
    if "narrative" not in columns:
        return False
    incident, narrative = (column_key(columns, name) for name in ("incident", "narrative"))
    long = f"strlen({narrative}) > {LONGEST_TEXT}"
    found = database.execute(f'SELECT {incident}, lineno FROM raw_incidents WHERE {long} ORDER BY "row"').fetchall()
    if not found:
        return False
    named = ", ".join(f"`{short(name or '')}`" for name, _ in found[:_NAMED])
    whose = named if len(found) == 1 else f"{len(found):,} incidents ({named}{', …' if len(found) > _NAMED else ''})"
    said = (
        f"the text of {whose} is longer than {LONGEST_TEXT >> 20} MiB and is not kept as a narrative, nor where "
        "codings stand in it; let smaller parts be incidents (crosswalk: incident)"
    )
    export.findings.append(Finding("warning", "text:long", said, file=export.file, row=found[0][1]))
    database.execute(
        f"""UPDATE said SET shift = NULL WHERE incident IN (SELECT {incident} FROM raw_incidents WHERE {long});
            UPDATE raw_incidents SET {narrative} = NULL WHERE {long}"""
    )
    return True


def _rewrite(database: duckdb.DuckDBPyConnection, export: Export, *, moved: bool) -> None:
    """`raw_codings` with the column `incident` in front, the document as `source`, and offsets in the narrative."""
    before = export.columns
    kept = [name for name in before if name not in OF_DOCUMENT and name != "incident"]
    cells = {name: column_key(before, name) for name in kept}
    if moved:
        for name in ("start", "end"):
            if name in cells:
                cells[name] = f"CAST(TRY_CAST({cells[name]} AS BIGINT) + shift AS VARCHAR)"
    document = _cell(before, "document")
    source = f"coalesce({cells.pop('source', 'NULL')}, {document})"
    columns = {"incident": "incident", "source": source, **cells}
    if "document_group" in before:
        columns["document group"] = column_key(before, "document_group")
    if "case" in before:
        columns["case"] = column_key(before, "case")
    under = keys(list(columns))
    taken = ", ".join(f"{cell} AS {quoted(key)}" for key, cell in zip(under, columns.values(), strict=True))
    database.execute(
        f"""CREATE OR REPLACE TABLE raw_codings AS
            SELECT "row", lineno, {taken} FROM raw_codings JOIN said USING ("row") ORDER BY "row" """
    )
    export.columns = list(columns)
    for ours, theirs in (("incident", "document"), ("source", "document"), ("document group", "document_group")):
        export.called.setdefault(ours, export.called.get(theirs, ""))
