"""Bundles to staged tables: the files of a bundle and its crosswalk go in, text cells under our names come out.

Staged means: under our names of columns, each cell still the text that stood there (of `leads_to`, a list of them).
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from kgtools.errors import InputError
from kgtools.model import Finding
from kgtools.read.columns import ACTOR, CODING, GRAPH, INCIDENT, OVERRULED
from kgtools.read.crosswalk import Crosswalk, Segments, Wide, read_crosswalk
from kgtools.read.folder import Found, Table, find, load_table, meant
from kgtools.read.qda import read_project
from kgtools.read.qda.export import BESIDE, OF_DOCUMENT, SELECTION, Export
from kgtools.read.qda.fitted import in_our_names, names_that_are_taken, taken_for, unknown_incidents, with_told
from kgtools.read.qda.incidents import say_incidents
from kgtools.read.qda.project import Code
from kgtools.read.qda.segments.dialects import bundled, read_dialects
from kgtools.read.qda.segments.table import load_export
from kgtools.read.qda.staging import stage_project
from kgtools.read.tables import DELIMITERS, Loaded, column_key, quoted, text
from kgtools.vocabulary import Vocabulary

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Staged:
    """What is to be known of a bundle whose tables are staged.

    Args:
        mapping: the crosswalk; an empty one where there is none.
        findings: on rows that are none, columns nobody knows, and sheets that were not read.
        file: the table of codings, as findings call it.
        header: the row of its header; 0 for a project, which has none.
        alone: whether there is no table of incidents.
        columns: what each table, as findings call it, calls our columns, and its own.
        codes: the codebook, where the file has one.
        code_sets: names of sets of codes, each with the keys of its codes.
        outside: what to say of a coding without an incident; empty where the cell is simply to be filled.
        empty: what to say where there is no row.
        lost: how many codings of a project could not be read, and are in no table.
    """

    mapping: Segments | Wide
    findings: list[Finding]
    file: str
    header: int
    alone: bool
    columns: dict[str, dict[str, str]]
    codes: Sequence[Code] = ()
    code_sets: Sequence[tuple[str, tuple[str, ...]]] = ()
    outside: str = ""
    empty: str = "the table has a header and no rows, so there is nothing to judge"
    lost: int = 0


def stage_folder(
    database: duckdb.DuckDBPyConnection, path: Path, vocabulary: Vocabulary, crosswalk: Path | None
) -> Staged:
    """Read a bundle's tables into `staged_coding`, `staged_incident`, `staged_actor`.

    Raises:
        InputError: the bundle lacks what cannot be done without.
    """
    found = find(path)
    tables, findings = found.tables, found.findings
    where = crosswalk or found.crosswalk
    known = frozenset({*CODING, *INCIDENT, *OF_DOCUMENT})
    mapping = read_crosswalk(where, vocabulary, known) if where else Segments()
    loaded: dict[str, Loaded] = {}
    incidents, told = None, False
    export = _exported(database, found, vocabulary, mapping, loaded)
    if export is not None:
        incidents = say_incidents(database, export, mapping.incident, path)
        findings.append(taken_for(export, mapping))
        mapping = in_our_names(mapping, export)
        file = Table(found.project or tables["codings"].path, export.file)
        tables = {kind: table for kind, table in tables.items() if kind != "codings"} | {"codings": file}
        loaded["codings"] = Loaded(export.columns, export.header)
        if told := incidents is not None and "incidents" not in tables:
            tables["incidents"], loaded["incidents"] = file, Loaded(incidents or [], export.header)
        elif incidents is not None:
            database.execute("ALTER TABLE raw_incidents RENAME TO raw_told")
        findings += export.findings
    for kind, table in tables.items():
        if kind not in loaded:
            loaded[kind] = load_table(database, f"raw_{kind}", table)
        findings += loaded[kind].findings
    if incidents is not None and not told:
        own = _theirs(loaded["incidents"].columns, mapping, "incident")
        beside = tables["incidents"].file
        findings += unknown_incidents(database, loaded["codings"], loaded["incidents"], own, incidents, beside)
        loaded["incidents"] = with_told(database, loaded["incidents"], incidents, own)

    table, codings = tables["codings"], loaded["codings"]
    present = codings.columns
    for ours, theirs in mapping.columns.items():
        if not any(theirs in one.columns for one in loaded.values()):
            every = present if incidents is None else list(dict.fromkeys([*present, *incidents[1:]]))
            said = f"no column `{theirs}`, which the crosswalk calls `{ours}`; found {', '.join(every)}"
            raise InputError(said, table.where, codings.header or None)
    if isinstance(mapping, Wide):
        absent = [column for column in mapping.codes if column not in present]
        if absent:
            said = f"no column `{absent[0]}`, which the crosswalk lists under `codes`; found {', '.join(present)}"
            raise InputError(said, table.where, codings.header or None)
        parts = [(column, {"code": f"c.{column_key(present, column)}"}) for column in mapping.codes]
        coding, used = tuple(name for name in CODING if name != "code"), set(mapping.codes)
    else:
        parts, coding, used = [("", {})], CODING, set()
    if export is None and mapping.incident is not None:
        if mapping.incident != "row" or _theirs(present, mapping, "incident") in present:
            said = "the table says what an incident is by its column `incident`; take `incident` out of the crosswalk"
            raise InputError(said, table.where, codings.header or None)
        loaded["codings"] = codings = _by_rows(database, codings)
        present = codings.columns
        parts = [(column, {name: f"c.{column_key(present, column)}" for name in given}) for column, given in parts]
    # In a bundle of one table, each row also says what it knows of the incident.
    alone = "incidents" not in tables
    of_incident = [
        name
        for name in INCIDENT
        if alone and (isinstance(mapping, Wide) or name in mapping.columns or name in mapping.defaults)
    ]
    _require(table, codings, mapping, ("incident",) if isinstance(mapping, Wide) else ("incident", "code"))
    silent = () if export is None else BESIDE
    known_here = (*coding, *of_incident)
    extra = _extras(table, codings, used | _used(present, mapping, known_here), known_here, findings, silent)
    line = 'c."row"' if export is None else "c.lineno"
    segments = not isinstance(mapping, Wide)
    selects = [
        _select("raw_codings", table.file, present, mapping, CODING, extra if segments else (), column, given, line)
        for column, given in parts
    ]
    if not selects:  # a wide crosswalk that maps no column yet: there are incidents, and nothing is coded in them
        none = _select("raw_codings", table.file, present, mapping, CODING, given={"code": "NULL"}, line=line)
        selects = [f"{none} WHERE false"]
    database.execute(f"CREATE TABLE staged_coding AS {' UNION ALL '.join(selects)}")
    if export is not None:
        findings += names_that_are_taken(database, export.file)
    if alone:
        unsaid = {name: "NULL" for name in INCIDENT if name not in {"incident", *of_incident}}
        select = _select(
            "raw_codings", table.file, present, mapping, INCIDENT, () if segments else extra, "", unsaid, line
        )
    else:
        table, described = tables["incidents"], loaded["incidents"]
        _require(table, described, mapping, ("incident",))
        used = _used(described.columns, mapping, INCIDENT)
        extra = _extras(table, described, used, INCIDENT, findings, (*silent, *(() if told else incidents or ())))
        line = "c.lineno" if told else 'c."row"'
        select = _select("raw_incidents", table.file, described.columns, mapping, INCIDENT, extra, line=line)
        if export is not None and incidents is not None and not told:
            used = _used(incidents, mapping, INCIDENT)
            extra = _extras(tables["codings"], Loaded(incidents, 0), used, INCIDENT, findings, silent)
            beside = _select("raw_told", export.file, incidents, mapping, INCIDENT, extra, line="c.lineno")
            select = f"{select} UNION ALL {beside}"
    database.execute(f"CREATE TABLE staged_incident AS {select}")
    if "actors" in tables:
        table, actors = tables["actors"], loaded["actors"]
        _require(table, actors, Segments(), ("actor",))
        extra = _extras(table, actors, set(ACTOR), ACTOR, findings)
        select = _select("raw_actors", table.file, actors.columns, Segments(), ACTOR, extra)
        database.execute(f"CREATE TABLE staged_actor AS {select}")
    else:
        database.execute(
            """CREATE TABLE staged_actor ("row" BIGINT, col TEXT, file TEXT, lineno BIGINT, actor TEXT, role TEXT,
                                          label TEXT, extra STRUCT("name" TEXT, cell TEXT)[], iri TEXT)"""
        )
    read = {"codings": (*CODING, *of_incident), "incidents": INCIDENT, "actors": ACTOR}
    called = {
        tables[kind].file: _called(one.columns, mapping if kind != "actors" else Segments(), read[kind])
        for kind, one in loaded.items()
    }
    staged = Staged(mapping, findings, tables["codings"].file, codings.header, alone, called)
    if export is None:
        return staged
    called[export.file] = called[export.file] | export.called
    staged = replace(staged, codes=export.codes, code_sets=export.code_sets, outside=export.outside, lost=export.lost)
    if export.documents is None:
        return staged
    return replace(staged, empty="the project holds no coding, so there is nothing to judge")


def _exported(
    database: duckdb.DuckDBPyConnection,
    found: Found,
    vocabulary: Vocabulary,
    mapping: Segments | Wide,
    loaded: dict[str, Loaded],
) -> Export | None:
    """What a coding program's file holds, as raw tables; None for a bundle of our own columns.

    Args:
        loaded: takes a sheet that had to be loaded to see its columns.

    Raises:
        InputError: it cannot be read, or is a table that nobody knows.
    """
    if found.project is not None:
        if isinstance(mapping, Wide):
            said = "a project has a row for each coding; write `shape: segments` in the crosswalk"
            raise InputError(said, found.project)
        if "incident" in mapping.columns:
            said = "a project has no column that says what an incident is; say it by `incident:` in the crosswalk"
            raise InputError(said, found.project)
        return stage_project(database, read_project(found.project), found.project.name, vocabulary)
    table = found.tables["codings"]
    if isinstance(mapping, Wide) or table.path.suffix.lower() == ".parquet":
        return None
    if table.book is not None:
        loaded["codings"] = load_table(database, "raw_codings", table)
        present = loaded["codings"].columns
    else:
        present = _first_line(table.path)
    has = [_theirs(present, mapping, name) in present or name in mapping.defaults for name in ("incident", "code")]
    if all(has):
        return None
    own = table.path.with_name("dialects.yaml")
    dialects = (*(read_dialects(own) if own.is_file() else ()), *bundled())
    try:
        export = load_export(database, "raw_codings", table.path, table.file, dialects, mapping.columns)
    except InputError:
        if any(has):  # one of ours, and what it lacks is told elsewhere
            return None
        raise
    if export is not None:
        export.file = table.file
    return export


def _first_line(path: Path) -> list[str]:
    """The cells of a text table's first line, if it is one of ours."""
    with suppress(OSError, UnicodeDecodeError, csv.Error), path.open("rb") as file:
        first = file.readline(1 << 16).decode("utf-8-sig")
        return next(csv.reader([first], delimiter=DELIMITERS.get(path.suffix.lower(), ",")), [])
    return []


def _by_rows(database: duckdb.DuckDBPyConnection, codings: Loaded) -> Loaded:
    """A table with a column `incident` that calls each incident by its row."""
    columns = [*codings.columns, "incident"]
    database.execute(
        f"""CREATE OR REPLACE TABLE raw_codings AS
            SELECT *, 'row-' || "row" AS {column_key(columns, "incident")} FROM raw_codings"""
    )
    return Loaded(columns, codings.header, codings.findings)


def _called(present: list[str], mapping: Crosswalk, names: Sequence[str]) -> dict[str, str]:
    """What a table calls our columns: of a wide one, those that it lacks are in no single column."""
    theirs = {name: _theirs(present, mapping, name) for name in names}
    wide = isinstance(mapping, Wide)
    return {column: column for column in present} | {
        name: "" if wide and one not in present else one for name, one in theirs.items()
    }


def _require(table: Table, loaded: Loaded, mapping: Crosswalk, names: Sequence[str]) -> None:
    present = loaded.columns
    for name in names:
        if _theirs(present, mapping, name) not in present and name not in mapping.defaults:
            raise InputError(
                f"no column `{name}`; found {', '.join(present)}; "
                f"rename one, or say in crosswalk.yaml which it is (columns: {{{name}: …}})",
                table.where,
                loaded.header or None,
            )


def _theirs(present: list[str], mapping: Crosswalk, name: str) -> str:
    """Which column of a table is ours of that name: the crosswalk's, or where the table has none such, our own."""
    theirs = mapping.columns.get(name, name)
    return theirs if theirs in present else name


def _used(present: list[str], mapping: Crosswalk, names: Iterable[str]) -> set[str]:
    """The columns of a table that are one of ours."""
    return {_theirs(present, mapping, name) for name in names}


def _extras(
    table: Table,
    loaded: Loaded,
    known: set[str],
    ours: Collection[str],
    findings: list[Finding],
    silent: Collection[str] = (),
) -> list[str]:
    """The columns that are none of ours, each with a remark; a warning if it is much like one that is missing.

    Args:
        silent: columns that need no remark.
    """
    unknown = [column for column in loaded.columns if column not in known and column != SELECTION]
    missing = [name for name in ours if name in known and name not in loaded.columns]
    for column in unknown:
        if column in silent:
            continue
        alike = column.lower()
        near = [alike] if alike in missing else [] if alike in ours else get_close_matches(alike, missing, 1, 0.8)
        findings.append(
            Finding(
                "warning" if near else "info",
                "table:column",
                f"column `{column}` is none of ours and is kept as it is" + meant(near),
                value=column,
                file=table.file,
                row=loaded.header or None,
                column=column,
            )
        )
    return unknown


def _select(
    table: str,
    file: str,
    present: list[str],
    mapping: Crosswalk,
    names: Sequence[str],
    extra: Sequence[str] = (),
    column: str = "",
    given: dict[str, str] | None = None,
    line: str = 'c."row"',
) -> str:
    """The SELECT that brings one raw table to our columns.

    Args:
        line: SQL for where a row stands in its file.
    """
    kind = {ACTOR: "actor", INCIDENT: "incident"}.get(tuple(names), "coding")
    cells = []
    for name in names:
        theirs = _theirs(present, mapping, name)
        cell = (given or {}).get(name) or (f"c.{column_key(present, theirs)}" if theirs in present else "NULL")
        if name in mapping.defaults and name not in (given or {}) and name not in OVERRULED:
            cell = f"coalesce({cell}, {text(mapping.defaults[name])})"
        cell = f"CAST({cell} AS VARCHAR)"
        if name == "leads_to":
            cell = (
                f"list_filter(list_transform(string_split({cell}, ';'), lambda one: trim(one)), lambda one: one <> '')"
            )
        cells.append(f"{cell} AS {quoted(name)}")
    pairs = ", ".join(f"{{name: {text(name)}, cell: c.{column_key(present, name)}}}" for name in extra)
    kept = f"list_filter([{pairs}], lambda pair: pair.cell IS NOT NULL)" if extra else "NULL"
    cells.append(f"{kept} AS extra")
    for name in GRAPH[kind]:
        told = name == "selection" and SELECTION in present
        cell = f"c.{column_key(present, SELECTION)}" if told else "CAST(NULL AS VARCHAR)"
        cells.append(f"{cell} AS {name}")
    empty = f" WHERE c.{column_key(present, column)} IS NOT NULL" if column else ""
    origin = f'c."row", {text(column)} AS col, {text(file)} AS file, {line} AS lineno'
    return f"SELECT {origin}, {', '.join(cells)} FROM {quoted(table)} c{empty}"
