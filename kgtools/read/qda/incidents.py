"""What an incident is: raw tables of codings, documents, cases go in; each coding's incident, and its text, come out.

A document is one incident unless the crosswalk says otherwise: a case, a row, or the passages that are marked with a
code (`Incident 12`). An incident is thus made of parts of documents, and its narrative of their texts, one after the
other. Offsets are moved along, for they count characters of the narrative.
"""

from __future__ import annotations

from fnmatch import translate
from typing import TYPE_CHECKING

from kgtools.errors import InputError
from kgtools.model import Finding
from kgtools.read.crosswalk import ByCode
from kgtools.read.qda.export import OF_DOCUMENT, Export
from kgtools.read.tables import column_key, findings_of, keys, quoted, text

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

Rule = ByCode | str | None

_BETWEEN = r"e'\n\n'"
"""SQL: what stands between the parts of a narrative."""


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
    if needed and not own and needed not in export.columns and not (needed == "case" and export.cases):
        raise InputError(
            f"does not say which {needed} its codings are of, so no incident can be told; "
            "say in the crosswalk what one is (incident: document, case, row, or {code: …})",
            path,
        )
    run(f"CREATE TABLE coded_at AS {_positions(export)}")
    if own:
        named = column_key(export.columns, "incident")
        run(f'CREATE TABLE said AS SELECT "row", {named} AS incident, 0::BIGINT AS shift FROM raw_codings')
    elif rule == "row":
        run('CREATE TABLE said AS SELECT "row", \'row-\' || "row" AS incident, NULL::BIGINT AS shift FROM raw_codings')
    elif isinstance(rule, ByCode):
        _by_code(database, export, rule, path)
    elif rule == "case" and export.cases:
        cell = {name: column_key(_PARTS, name) for name in _PARTS}
        run(
            f"""CREATE TABLE mark AS
                SELECT {cell["case"]} AS incident, {cell["document"]} AS document, "row" AS place,
                       {cell["native_start"]}::DOUBLE AS at, {cell["native_end"]}::DOUBLE AS until,
                       {cell["start"]}::BIGINT AS from_, {cell["end"]}::BIGINT AS to_, {cell["segment"]} AS words,
                       {cell["native_start"]} IS NULL AND {cell["segment"]} IS NULL AS whole
                FROM raw_case_parts"""
        )
        _by_parts(database, export)
    elif rule == "case":
        key = column_key(export.columns, "case")
        run(f'CREATE TABLE said AS SELECT "row", {key} AS incident, 0::BIGINT AS shift FROM raw_codings')
    else:
        run(f"CREATE TABLE said AS {_by_document(export)}")
    columns = _incidents(database, export, rule)
    _rewrite(database, export, moved=isinstance(rule, ByCode) or rule == "case")
    for table in ("coded_at", "said", "mark", "part"):
        run(f"DROP TABLE IF EXISTS {table}")
    return columns


_PARTS = ["case", "document", "start", "end", "native_start", "native_end", "segment"]


def _cell(columns: list[str], name: str) -> str:
    """SQL for a cell of a raw table; NULL where it has no such column."""
    return column_key(columns, name) if name in columns else "NULL"


def _positions(export: Export) -> str:
    """Each coding's place in its document, as numbers: characters, or what the program counts in."""
    cell = {name: _cell(export.columns, name) for name in ("document", "start", "end", "native_start", "native_end")}
    paragraphs = f"({_cell(export.columns, 'offset_rule')} IS NOT DISTINCT FROM 'paragraph')::INTEGER"
    times = f"regexp_extract({_cell(export.columns, 'fragment')}, '^t=([0-9.]*),([0-9.]*)$', %d)"
    return f"""SELECT "row", {cell["document"]} AS document, {_cell(export.columns, "segment")} AS words,
                      coalesce(TRY_CAST({cell["native_start"]} AS DOUBLE), TRY_CAST({cell["start"]} AS DOUBLE),
                               TRY_CAST({times % 1} AS DOUBLE)) AS at,
                      coalesce(TRY_CAST({cell["native_end"]} AS DOUBLE) + {paragraphs},
                               TRY_CAST({cell["end"]} AS DOUBLE), TRY_CAST({times % 2} AS DOUBLE)) AS until,
                      TRY_CAST({cell["start"]} AS BIGINT) AS from_, TRY_CAST({cell["end"]} AS BIGINT) AS to_
               FROM raw_codings"""


def _by_document(export: Export) -> str:
    """A document is an incident; documents of one name in several groups are told apart by the group's."""
    document, group = _cell(export.columns, "document"), _cell(export.columns, "document_group")
    return f"""SELECT "row", 0::BIGINT AS shift,
                      if(count(DISTINCT {group}) OVER (PARTITION BY {document}) > 1 AND {group} IS NOT NULL,
                         {group} || ' > ' || {document}, {document}) AS incident
               FROM raw_codings"""


def _by_code(database: duckdb.DuckDBPyConnection, export: Export, rule: ByCode, path: Path) -> None:
    """What is marked with a code is an incident, called by the last part of the code."""
    code = column_key(export.columns, "code")
    last = f"trim(list_last(regexp_split_to_array({code}, ' > |\\\\|->')))"
    # Patterns as in file names (fnmatch); RE2, DuckDB's engine, has no \Z and no atomic groups, nor are they needed.
    pattern = text(translate(rule.code).replace("\\Z", "").replace("(?>", "(?:").replace("\\z", ""))
    marks = f"(regexp_full_match({code}, {pattern}) OR regexp_full_match({last}, {pattern}))"
    database.execute(
        f"""CREATE TABLE mark AS
            SELECT {last} AS incident, document, row_number() OVER (ORDER BY document, "at", "row") AS place, "at",
                   until, from_, to_, words, "at" IS NULL AND words IS NULL AS whole
            FROM raw_codings JOIN coded_at USING ("row") WHERE {marks}"""
    )
    ((count, names),) = database.execute("SELECT count(*), count(DISTINCT incident) FROM mark").fetchall()
    if not count:
        raise InputError(f"has no code `{rule.code}`, which the crosswalk says marks incidents", path)
    said = f"{count} codings with `{rule.code}` say what an incident is: there are {names}"
    export.findings.append(Finding("info", "incident:marked", said, value=rule.code, file=export.file))
    database.execute(f"DELETE FROM raw_codings WHERE {marks}")
    _by_parts(database, export)


def _by_parts(database: duckdb.DuckDBPyConnection, export: Export) -> None:
    """`said`: for each coding the part that it lies in, or overlaps most; and how far its offsets move.

    Where several parts fit equally, the smallest, then the first, is taken, with a warning.
    """
    texts = "SELECT NULL AS document, NULL AS text, NULL AS lineno"
    if export.documents is not None:
        name, text_ = (_cell(export.documents, column) for column in ("document", "narrative"))
        texts = f"SELECT {name} AS document, {text_} AS text, lineno FROM raw_documents"
    database.execute(
        f"""CREATE TABLE part AS
            SELECT *, sum(coalesce(length(told) + 2, 0)) OVER (PARTITION BY incident ORDER BY place
                            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
            FROM (SELECT mark.*, lineno,
                         if(whole, text, coalesce(substr(text, from_ + 1, to_ - from_), words)) AS told
                  FROM mark LEFT JOIN ({texts}) USING (document));
           CREATE TABLE said AS
           WITH near AS (SELECT c."row", p.incident, p.place, p.whole, coalesce(p.from_, 0) AS from_,
                                coalesce(p.before, 0) AS before,
                                p.whole OR (c.from_ >= p.from_ AND c.to_ <= p.to_) AS inside,
                                coalesce(contains(p.words, c.words), false) AS holds,
                                if(p.whole, 0, least(c.until, p.until) - greatest(c.at, p.at)) AS shared,
                                p.until - p.at AS length
                         FROM coded_at c JOIN part p USING (document)
                         WHERE p.whole OR (c.at < p.until AND p.at < c.until)
                           OR ((c.at IS NULL OR p.at IS NULL) AND contains(p.words, c.words))),
                ranked AS (SELECT *, row_number() OVER best AS nth, count(DISTINCT incident) OVER same AS alike
                           FROM near
                           WINDOW best AS (PARTITION BY "row" ORDER BY whole, holds DESC, shared DESC, length, place),
                                  same AS (PARTITION BY "row", whole, holds, shared, length))
           SELECT "row", incident, if(inside, before - from_, NULL)::BIGINT AS shift, alike FROM ranked WHERE nth = 1
           UNION ALL
           SELECT "row", NULL, NULL, 1 FROM raw_codings WHERE "row" NOT IN (SELECT "row" FROM near)"""
    )
    export.findings += findings_of(
        database,
        f"""SELECT 'warning', 'incident:several',
                   'the coding lies in several incidents alike; it is taken for `' || incident || '`',
                   'incident', incident, {text(export.file)}, lineno, incident
            FROM said JOIN raw_codings USING ("row") WHERE alike > 1 ORDER BY "row" """,
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
    if rule == "case" and export.cases:
        columns = ["incident", "narrative", *export.cases[1:]]
        called, *others = (column_key(export.cases, name) for name in export.cases)
        rest = "".join(f", c.{key} AS {column_key(columns, as_)}" for key, as_ in zip(others, columns[2:], strict=True))
        run(
            f"""CREATE TABLE raw_incidents AS
                SELECT c."row", c.lineno, c.{called} AS {column_key(columns, "incident")},
                       narrative AS {column_key(columns, "narrative")}{rest}
                FROM raw_cases c LEFT JOIN ({texts}) ON incident = c.{called} ORDER BY c."row" """
        )
        return columns
    if isinstance(rule, ByCode):
        columns = ["incident", "narrative"]
        run(
            f"""CREATE TABLE raw_incidents AS
                SELECT row_number() OVER (ORDER BY place) AS "row", lineno,
                       incident AS {column_key(columns, "incident")}, narrative AS {column_key(columns, "narrative")}
                FROM ({texts}) ORDER BY place"""
        )
        return columns
    return None


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
