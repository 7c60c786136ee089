"""Bundles on disk: a folder of tables (or one file) and its crosswalk go in, staged tables come out.

Staged means: under our names of columns, each cell still the text that stood there (of `leads_to`, a list of them).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from kgtools.errors import InputError
from kgtools.model import Finding
from kgtools.read.columns import ACTOR, CODING, GRAPH, INCIDENT, KINDS, OVERRULED
from kgtools.read.crosswalk import Crosswalk, Segments, Wide, read_crosswalk
from kgtools.read.parquet import load_parquet
from kgtools.read.sheets import Workbook
from kgtools.read.tables import DELIMITERS, Loaded, column_key, load_text, quoted, text
from kgtools.vocabulary import Vocabulary

if TYPE_CHECKING:
    import duckdb

ENDINGS = (*DELIMITERS, ".xlsx", ".parquet")
OTHER_ENDINGS = (".xls", ".xlsm", ".xlsb", ".xltx", ".ods", ".numbers")
"""Of spreadsheets that are not read, but can be saved as one that is."""


@dataclass(frozen=True)
class Table:
    """Where a table of a bundle lies: a file, or a sheet of a workbook.

    Args:
        path: the file.
        file: what findings call it: the file's name, with `#` and the sheet's where the workbook holds several tables.
        book: the workbook, for a sheet.
        sheet: the sheet's name.
    """

    path: Path
    file: str
    book: Workbook | None = None
    sheet: str = ""

    @property
    def where(self) -> Path:
        """What errors call it."""
        return self.path.with_name(self.file)


@dataclass
class Found:
    """The tables of a bundle by kind (codings, incidents, actors), the crosswalk beside them, and what is not read."""

    tables: dict[str, Table]
    crosswalk: Path | None = None
    findings: list[Finding] = field(default_factory=list)


def find(path: Path) -> Found:
    """What there is of a bundle. A workbook may hold all of its tables, as sheets called by their kind.

    Raises:
        InputError: there is no such file or folder, or no table of codings in it.
    """
    if path.is_file():
        if path.suffix.lower() in OTHER_ENDINGS:
            raise InputError("is a spreadsheet that cannot be read; save it as .xlsx", path)
        if path.suffix.lower() not in ENDINGS:
            raise InputError(f"is no table that can be read; there are {', '.join(ENDINGS)}", path)
        return _alone(path)
    if not path.is_dir():
        raise InputError("no such file or folder", path)
    files: dict[str, list[Path]] = {}
    for file in sorted(path.iterdir()):
        # A spreadsheet program marks an open file by one that begins with `~$`, macOS its remarks on one by `._`.
        if file.suffix.lower() in ENDINGS and not file.name.startswith((".", "~$")):
            files.setdefault(file.stem.lower(), []).append(file)
    crosswalks = [file for name in ("crosswalk.yaml", "crosswalk.yml") if (file := path / name).is_file()]
    if len(crosswalks) > 1:
        raise InputError("has crosswalk.yaml and crosswalk.yml; keep one of them", path)
    crosswalk = crosswalks[0] if crosswalks else None
    named: dict[str, Path] = {}
    for kind in KINDS:
        of_kind = files.get(kind, [])
        if len(of_kind) > 1:
            raise InputError(f"has {' and '.join(file.name for file in of_kind)}; keep one of them", path)
        if of_kind:
            named[kind] = of_kind[0]
    every = [file for alike in files.values() for file in alike]
    if len(every) == 1 and ("codings" in named or not named):
        found = _alone(every[0])
        return Found(found.tables, crosswalk, found.findings)
    if "codings" not in named:
        others = [file.name for file in sorted(path.iterdir()) if file.suffix.lower() in OTHER_ENDINGS]
        advice = f"; save {others[0]} as .xlsx" if others else ""
        endings = ", ".join(ENDINGS[1:])
        raise InputError(f"has no table `codings.csv` (or {endings}), one row a coded segment{advice}", path)
    tables, findings = {}, []
    for kind, file in named.items():
        tables[kind] = Table(file, file.name)
        if file.suffix.lower() == ".xlsx":
            book = Workbook(file)
            sheet = _sheets(book, path).get(kind, book.sheets[0])
            tables[kind] = Table(file, file.name, book, sheet)
            findings += _unread(book, [sheet])
    return Found(tables, crosswalk, [*findings, *_unlike(path, named)])


def _alone(path: Path) -> Found:
    """The tables of a bundle that is one file."""
    if path.suffix.lower() != ".xlsx":
        return Found({"codings": Table(path, path.name)})
    book = Workbook(path)
    sheets = _sheets(book, path) or {"codings": book.sheets[0]}
    if "codings" not in sheets:
        raise InputError(f"has no sheet `codings`, one row a coded segment; found {', '.join(book.sheets)}", path)
    tables = {
        kind: Table(path, f"{path.name}#{sheet}" if len(sheets) > 1 else path.name, book, sheet)
        for kind, sheet in sheets.items()
    }
    return Found(tables, None, _unread(book, list(sheets.values())))


def _sheets(book: Workbook, path: Path) -> dict[str, str]:
    """The sheets that are called like a kind of table."""
    sheets: dict[str, str] = {}
    for kind in KINDS:
        of_kind = [sheet for sheet in book.sheets if sheet.strip().lower() == kind]
        if len(of_kind) > 1:
            raise InputError(f"has sheets {' and '.join(f'`{sheet}`' for sheet in of_kind)}; keep one of them", path)
        if of_kind:
            sheets[kind] = of_kind[0]
    return sheets


def _unread(book: Workbook, read: Sequence[str]) -> list[Finding]:
    """A remark on the sheets of a workbook that are not read."""
    unread = [sheet for sheet in book.sheets if sheet not in read]
    if not unread:
        return []
    named = ", ".join(f"`{sheet}`" for sheet in unread)
    said = f"of the workbook, {', '.join(f'`{sheet}`' for sheet in read)} is read, and not {named}"
    return [Finding("info", "table:sheet", said, value=", ".join(unread), file=book.path.name)]


def load_table(database: duckdb.DuckDBPyConnection, name: str, table: Table) -> Loaded:
    """Load a table of a bundle, of whatever ending, as the table `name` of text cells with their rows.

    Raises:
        InputError: it cannot be read.
    """
    if table.book:
        return table.book.load(database, name, table.sheet, table.file)
    load = load_parquet if table.path.suffix.lower() == ".parquet" else load_text
    return load(database, name, table.path, table.file)


@dataclass(frozen=True)
class Staged:
    """What is to be known of a bundle whose tables are staged.

    Args:
        mapping: the crosswalk; an empty one where there is none.
        findings: on rows that are none, columns nobody knows, and sheets that were not read.
        file: the table of codings, as findings call it.
        header: the row of its header.
        alone: whether there is no table of incidents.
        columns: what each table, as findings call it, calls our columns, and its own.
    """

    mapping: Segments | Wide
    findings: list[Finding]
    file: str
    header: int
    alone: bool
    columns: dict[str, dict[str, str]]


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
    mapping = read_crosswalk(where, vocabulary, frozenset({*CODING, *INCIDENT})) if where else Segments()
    loaded: dict[str, Loaded] = {}
    for kind, table in tables.items():
        loaded[kind] = load_table(database, f"raw_{kind}", table)
        findings += loaded[kind].findings

    table, codings = tables["codings"], loaded["codings"]
    present = codings.columns
    for ours, theirs in mapping.columns.items():
        if not any(theirs in one.columns for one in loaded.values()):
            said = f"no column `{theirs}`, which the crosswalk calls `{ours}`; found {', '.join(present)}"
            raise InputError(said, table.where, codings.header)
    if isinstance(mapping, Wide):
        absent = [column for column in mapping.codes if column not in present]
        if absent:
            said = f"no column `{absent[0]}`, which the crosswalk lists under `codes`; found {', '.join(present)}"
            raise InputError(said, table.where, codings.header)
        parts = [(column, {"code": f"c.{column_key(present, column)}"}) for column in mapping.codes]
        coding, used = tuple(name for name in CODING if name != "code"), set(mapping.codes)
    else:
        parts, coding, used = [("", {})], CODING, set()
    # In a bundle of one table, each row also says what it knows of the incident.
    alone = "incidents" not in tables
    of_incident = [
        name
        for name in INCIDENT
        if alone and (isinstance(mapping, Wide) or name in mapping.columns or name in mapping.defaults)
    ]
    _require(table, codings, mapping, ("incident",) if isinstance(mapping, Wide) else ("incident", "code"))
    extra = _extras(
        table, codings, used | _used(present, mapping, (*coding, *of_incident)), (*coding, *of_incident), findings
    )
    keep_with_coding = not isinstance(mapping, Wide)
    selects = [
        _select("raw_codings", table.file, present, mapping, CODING, extra if keep_with_coding else (), column, given)
        for column, given in parts
    ]
    database.execute(f"CREATE TABLE staged_coding AS {' UNION ALL '.join(selects)}")
    if alone:
        own = {name: "NULL" for name in INCIDENT if name not in {"incident", *of_incident}}
        select = _select(
            "raw_codings", table.file, present, mapping, INCIDENT, () if keep_with_coding else extra, "", own
        )
    else:
        table, incidents = tables["incidents"], loaded["incidents"]
        _require(table, incidents, mapping, ("incident",))
        extra = _extras(table, incidents, _used(incidents.columns, mapping, INCIDENT), INCIDENT, findings)
        select = _select("raw_incidents", table.file, incidents.columns, mapping, INCIDENT, extra)
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
    return Staged(mapping, findings, tables["codings"].file, codings.header, alone, called)


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
                loaded.header,
            )


def _theirs(present: list[str], mapping: Crosswalk, name: str) -> str:
    """Which column of a table is ours of that name: the crosswalk's, or where the table has none such, our own."""
    theirs = mapping.columns.get(name, name)
    return theirs if theirs in present else name


def _used(present: list[str], mapping: Crosswalk, names: Iterable[str]) -> set[str]:
    """The columns of a table that are one of ours."""
    return {_theirs(present, mapping, name) for name in names}


def _extras(table: Table, loaded: Loaded, known: set[str], ours: Collection[str], findings: list[Finding]) -> list[str]:
    """The columns that are none of ours, each with a remark; a warning if it is much like one that is missing."""
    unknown = [column for column in loaded.columns if column not in known]
    missing = [name for name in ours if name in known and name not in loaded.columns]
    for column in unknown:
        near = [] if column.lower() in ours else get_close_matches(column.lower(), missing, 1, 0.8)
        findings.append(
            Finding(
                "warning" if near else "info",
                "table:column",
                f"column `{column}` is none of ours and is kept as it is" + _meant(near),
                value=column,
                file=table.file,
                row=loaded.header,
                column=column,
            )
        )
    return unknown


def _meant(near: Sequence[str]) -> str:
    return f"; did you mean `{near[0]}`?" if near else ""


def _unlike(path: Path, read: Collection[str]) -> list[Finding]:
    """A remark on each file of a folder that is not read, but nearly called like one that would be."""
    found = []
    for file in sorted(path.iterdir()):
        near = get_close_matches(file.stem.lower(), [kind for kind in KINDS if kind not in read], 1, 0.8)
        if near and file.suffix.lower() in ENDINGS and file.stem.lower() not in read:
            said = f"is not read, since it has not the name of a table{_meant([near[0] + file.suffix.lower()])}"
            found.append(Finding("warning", "table:unread", said, value=file.name, file=file.name))
    return found


def _select(
    table: str,
    file: str,
    present: list[str],
    mapping: Crosswalk,
    names: Sequence[str],
    extra: Sequence[str] = (),
    column: str = "",
    given: dict[str, str] | None = None,
) -> str:
    """The SELECT that brings one raw table to our columns."""
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
    cells += [f"CAST(NULL AS VARCHAR) AS {name}" for name in GRAPH[kind]]
    empty = f" WHERE c.{column_key(present, column)} IS NOT NULL" if column else ""
    origin = f'c."row", {text(column)} AS col, {text(file)} AS file, c."row" AS lineno'
    return f"SELECT {origin}, {', '.join(cells)} FROM {quoted(table)} c{empty}"
