"""A program's file among our tables: its columns, coders and incidents go in, fitted to what else a bundle says."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from kgtools.model import CODER_SETS, Finding
from kgtools.read.cells import LONGEST_NAME
from kgtools.read.crosswalk import ByCode, Crosswalk, Segments, Wide
from kgtools.read.qda.export import OF_DOCUMENT, Export
from kgtools.read.qda.remarks import short
from kgtools.read.tables import Loaded, column_key

if TYPE_CHECKING:
    import duckdb


def taken_for(export: Export, mapping: Crosswalk) -> Finding:
    """What a file was taken for, and what an incident is in it."""
    rule = mapping.incident
    what = f"what is coded `{rule.code}`" if isinstance(rule, ByCode) else f"a {rule or 'document'}"
    theirs = export.called.get("document", "")
    column = f" (column `{theirs}`)" if rule in (None, "document") and theirs not in ("", "document") else ""
    if "incident" in mapping.columns:
        what, column = "what the crosswalk says", f" (column `{mapping.columns['incident']}`)"
    said = f"is taken for a file of {export.program}; an incident is {what}{column}"
    return Finding("info", "file:program", said, value=export.program, file=export.file)


def in_our_names(mapping: Segments | Wide, export: Export) -> Segments | Wide:
    """A crosswalk whose `columns` name what was loaded, for a file whose own columns were renamed on loading."""
    renamed = {theirs: ours for ours, theirs in export.called.items() if theirs and ours in export.columns}
    columns = {ours: renamed.get(theirs, theirs) for ours, theirs in mapping.columns.items()}
    return mapping.model_copy(
        update={"columns": {ours: theirs for ours, theirs in columns.items() if ours not in OF_DOCUMENT}}
    )


def names_that_are_taken(database: duckdb.DuckDBPyConnection, file: str) -> list[Finding]:
    """Another name for coders who are called like a set of coders, and none for codings whose id is no name.

    Who codes in a program need not know our words; the ids of some programs are made of codes, however long.
    """
    run = database.execute
    run(f"UPDATE staged_coding SET id = NULL WHERE length(id) > {LONGEST_NAME}")
    names = {name for (name,) in run("SELECT DISTINCT coder FROM staged_coding").fetchall()}
    findings = []
    for name in sorted(names & {*CODER_SETS}):
        other = f"{name} (coder)"
        while other in names:
            other += " (coder)"
        run("UPDATE staged_coding SET coder = $other WHERE coder = $name", {"other": other, "name": name})
        said = f"the coder `{name}` is called `{other}` here, since `{name}` is the name of a set of coders"
        findings.append(Finding("warning", "coding:coder", said, path="coder", value=name, file=file))
    return findings


def unknown_incidents(
    database: duckdb.DuckDBPyConnection, codings: Loaded, table: Loaded, own: str, told: list[str], file: str
) -> list[Finding]:
    """A warning for each row of a table of incidents beside a project that is of no incident of the project.

    Args:
        codings: the raw codings; their first column is the incident.
        own: the table's column that says which incident a row is of.
        told: the columns of `raw_told`, the first being `incident`.
        file: the table, for findings.
    """
    if own not in table.columns:
        return []
    run, named = database.execute, column_key(table.columns, own)
    known = [
        name
        for (name,) in run(
            f"""SELECT DISTINCT {column_key(codings.columns, "incident")} AS name FROM raw_codings
                WHERE name IS NOT NULL UNION SELECT {column_key(told, told[0])} FROM raw_told ORDER BY name"""
        ).fetchall()
    ]
    rows = run(f'SELECT "row", {named} FROM raw_incidents WHERE {named} IS NOT NULL ORDER BY "row"').fetchall()
    alike = {name.casefold(): name for name in known}
    findings = []
    for row, name in rows:
        if name not in alike.values():
            near = alike.get(name.casefold()) or next(iter(get_close_matches(name, known, 1, 0.8)), None)
            said = f"the project has no incident `{short(name, 60)}`" + (f"; did you mean `{near}`?" if near else "")
            findings.append(
                Finding("warning", "incident:unknown", said, path="incident", value=name, file=file, row=row)
            )
    return findings


def with_told(database: duckdb.DuckDBPyConnection, table: Loaded, told: list[str], own: str) -> Loaded:
    """A table of incidents beside a project, with what the project says of them where the table is silent.

    What is left in `raw_told` are the incidents that the table does not name.

    Args:
        told: the columns of `raw_told`, the first being `incident`.
        own: the table's column that says which incident a row is of.
    """
    if own not in table.columns:
        return table
    columns = [*table.columns, *(name for name in told[1:] if name not in table.columns)]
    cells = []
    for name in columns:
        both = [f"t.{column_key(table.columns, name)}"] if name in table.columns else []
        both += [f"p.{column_key(told, name)}"] if name in told[1:] and name != own else []
        cells.append(f"coalesce({', '.join(both)}) AS {column_key(columns, name)}")
    incident, named = column_key(told, told[0]), column_key(table.columns, own)
    database.execute(
        f"""CREATE OR REPLACE TABLE raw_incidents AS
            SELECT t."row", {", ".join(cells)} FROM raw_incidents t LEFT JOIN raw_told p ON p.{incident} = t.{named}
            ORDER BY t."row";
            DELETE FROM raw_told WHERE {incident} IN (SELECT {named} FROM raw_incidents);
            UPDATE raw_told SET "row" = "row" + (SELECT coalesce(max("row"), 0) FROM raw_incidents)"""
    )
    return Loaded(columns, table.header, table.findings)
