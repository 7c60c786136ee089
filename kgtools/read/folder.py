"""Bundles on disk: a folder of tables (or one table) and its crosswalk go in, staged tables come out.

Staged means: under our names of columns, each cell still the text that stood there (of `leads_to`, a list of them).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kgtools.errors import InputError
from kgtools.model import Finding
from kgtools.read.crosswalk import Crosswalk, Segments, Wide, read_crosswalk
from kgtools.read.tables import DELIMITERS, column_key, load_table, quoted, text
from kgtools.vocabulary import Vocabulary

if TYPE_CHECKING:
    import duckdb

CODING = (
    *("incident", "code", "id", "element", "presence", "valence", "bearer", "toward", "step", "leads_to", "purpose"),
    *("coder", "segment", "source", "start", "end", "coded_at", "confidence"),
)
INCIDENT = (
    *("incident", "channel", "platform", "occurred_on", "follows", "context", "monopoly", "resources_limited"),
    *("common_cause", "narrative", "corpus", "told_by"),
)
ACTOR = ("actor", "role", "label")

OVERRULED = ("presence", "valence", "bearer", "toward", "step")
"""Columns where a crosswalk's `codes` speak after the cell itself and before its `defaults` (see `checks`)."""

GRAPH = {
    "coding": ("iri", "element_iri", "own_code", "inferred"),
    "incident": ("iri",),
    "actor": ("iri",),
}
"""What only a graph says, beyond the columns of a table: its nodes' IRIs, and what a crosswalk once made of what."""


def find(path: Path) -> tuple[dict[str, Path], Path | None]:
    """The tables of a bundle by kind (codings, incidents, actors), and the crosswalk beside them.

    Raises:
        InputError: there is no such file or folder, or no table of codings in it.
    """
    if path.is_file():
        if path.suffix.lower() not in DELIMITERS:
            raise InputError(f"is no table that can be read; there are {', '.join(DELIMITERS)}", path)
        return {"codings": path}, None
    if not path.is_dir():
        raise InputError("no such file or folder", path)
    found: dict[str, list[Path]] = {}
    for file in sorted(path.iterdir()):
        if file.suffix.lower() in DELIMITERS:
            found.setdefault(file.stem.lower(), []).append(file)
    tables = {}
    for kind in ("codings", "incidents", "actors"):
        files = found.pop(kind, [])
        if len(files) > 1:
            raise InputError(f"has {' and '.join(file.name for file in files)}; keep one of them", path)
        if files:
            tables[kind] = files[0]
    if "codings" not in tables:
        others = [file for files in found.values() for file in files]
        if len(others) != 1 or tables:
            raise InputError("has no table `codings.csv` (or .tsv), one row a coded segment", path)
        tables["codings"] = others[0]
    crosswalks = [file for name in ("crosswalk.yaml", "crosswalk.yml") if (file := path / name).is_file()]
    if len(crosswalks) > 1:
        raise InputError("has crosswalk.yaml and crosswalk.yml; keep one of them", path)
    return tables, crosswalks[0] if crosswalks else None


def stage_folder(
    database: duckdb.DuckDBPyConnection, path: Path, vocabulary: Vocabulary, crosswalk: Path | None
) -> tuple[Segments | Wide, list[Finding]]:
    """Read a bundle's tables into `staged_coding`, `staged_incident`, `staged_actor`.

    Returns:
        The crosswalk (an empty one where there is none), and findings on rows that are none and columns nobody knows.

    Raises:
        InputError: the bundle lacks what cannot be done without.
    """
    tables, beside = find(path)
    where = crosswalk or beside
    mapping = read_crosswalk(where, vocabulary, frozenset({*CODING, *INCIDENT})) if where else Segments()
    findings: list[Finding] = []
    columns: dict[str, list[str]] = {}
    for kind, file in tables.items():
        columns[kind], faults = load_table(database, f"raw_{kind}", file, file.name)
        findings += faults

    file, present = tables["codings"], columns["codings"]
    for ours, theirs in mapping.columns.items():
        if not any(theirs in names for names in columns.values()):
            raise InputError(
                f"no column `{theirs}`, which the crosswalk calls `{ours}`; found {', '.join(present)}", file, 1
            )
    if isinstance(mapping, Wide):
        absent = [column for column in mapping.codes if column not in present]
        if absent:
            raise InputError(
                f"no column `{absent[0]}`, which the crosswalk lists under `codes`; found {', '.join(present)}", file, 1
            )
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
    _require(file, present, mapping, ("incident",) if isinstance(mapping, Wide) else ("incident", "code"))
    extra = _extras(file, present, used | _used(present, mapping, (*coding, *of_incident)), findings)
    keep_with_coding = not isinstance(mapping, Wide)
    selects = [
        _select("raw_codings", file, present, mapping, CODING, extra if keep_with_coding else (), column, given)
        for column, given in parts
    ]
    database.execute(f"CREATE TABLE staged_coding AS {' UNION ALL '.join(selects)}")
    if alone:
        own = {name: "NULL" for name in INCIDENT if name not in {"incident", *of_incident}}
        select = _select("raw_codings", file, present, mapping, INCIDENT, () if keep_with_coding else extra, "", own)
    else:
        file, present = tables["incidents"], columns["incidents"]
        _require(file, present, mapping, ("incident",))
        extra = _extras(file, present, _used(present, mapping, INCIDENT), findings)
        select = _select("raw_incidents", file, present, mapping, INCIDENT, extra)
    database.execute(f"CREATE TABLE staged_incident AS {select}")
    if "actors" in tables:
        file, present = tables["actors"], columns["actors"]
        _require(file, present, Segments(), ("actor",))
        extra = _extras(file, present, set(ACTOR), findings)
        select = _select("raw_actors", file, present, Segments(), ACTOR, extra)
        database.execute(f"CREATE TABLE staged_actor AS {select}")
    else:
        database.execute(
            """CREATE TABLE staged_actor ("row" BIGINT, col TEXT, file TEXT, lineno BIGINT, actor TEXT, role TEXT,
                                          label TEXT, extra STRUCT("name" TEXT, cell TEXT)[], iri TEXT)"""
        )
    return mapping, findings


def _require(file: Path, present: list[str], mapping: Crosswalk, names: Sequence[str]) -> None:
    for name in names:
        if _theirs(present, mapping, name) not in present and name not in mapping.defaults:
            raise InputError(
                f"no column `{name}`; found {', '.join(present)}; "
                f"rename one, or say in crosswalk.yaml which it is (columns: {{{name}: …}})",
                file,
                1,
            )


def _theirs(present: list[str], mapping: Crosswalk, name: str) -> str:
    """Which column of a table is ours of that name: the crosswalk's, or where the table has none such, our own."""
    theirs = mapping.columns.get(name, name)
    return theirs if theirs in present else name


def _used(present: list[str], mapping: Crosswalk, names: Iterable[str]) -> set[str]:
    """The columns of a table that are one of ours."""
    return {_theirs(present, mapping, name) for name in names}


def _extras(file: Path, present: list[str], known: set[str], findings: list[Finding]) -> list[str]:
    """The columns that are none of ours, each with a remark."""
    unknown = [column for column in present if column not in known]
    findings += [
        Finding(
            "info",
            "table:column",
            f"column `{column}` is none of ours and is kept as it is",
            value=column,
            file=file.name,
            row=1,
        )
        for column in unknown
    ]
    return unknown


def _select(
    table: str,
    file: Path,
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
    origin = f'c."row", {text(column)} AS col, {text(file.name)} AS file, c."row" AS lineno'
    return f"SELECT {origin}, {', '.join(cells)} FROM {quoted(table)} c{empty}"
