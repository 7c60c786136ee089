"""Parquet: a file of typed columns goes in, a DuckDB table of text cells comes out, as a csv of the same table gives.

Why DuckDB turns the values to text, and not Python: a file may have millions of rows. Its parquet reader is built in,
so nothing is fetched.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kgtools.errors import InputError
from kgtools.model import Finding
from kgtools.read.tables import TRIM, Loaded, keys, lost, quoted, text, told_apart

if TYPE_CHECKING:
    import duckdb

_NUMBER = """CASE WHEN abs({0}) < 1e21 AND {0} = trunc({0}) THEN CAST(CAST({0} AS HUGEINT) AS VARCHAR)
                  ELSE CAST({0} AS VARCHAR) END"""
_TEXTS = {
    "FLOAT": _NUMBER,
    "DOUBLE": _NUMBER,
    "DECIMAL": "regexp_replace(CAST({} AS VARCHAR), '\\.0*$|(\\.\\d*?[1-9])0+$', '\\1')",
    "TIMESTAMP": "replace(CAST({} AS VARCHAR), ' ', 'T')",
    "TIMESTAMP WITH TIME ZONE": "replace(CAST({} AT TIME ZONE 'UTC' AS VARCHAR), ' ', 'T') || 'Z'",
}
"""SQL that gives a value's text, by its type; a plain cast for types that are not listed."""


def load_parquet(database: duckdb.DuckDBPyConnection, name: str, path: Path, label: str) -> Loaded:
    """Load a parquet file as the table `name`: `row` and the file's columns, all text.

    A number that is whole is written without a point, a time as in ISO 8601 (with `Z` where it has a zone), a list with
    `;` between its members. `row` is the record's number + 1, the row of the same record in a csv.

    Returns:
        The columns, and findings on those that hold no cells (nested or binary ones), which are left out, and on rows
        that hold a NUL byte.

    Raises:
        InputError: the file cannot be read, or is no parquet.
    """
    import duckdb

    try:
        with path.open("rb"):  # what the system says of a file that cannot be opened is plainer than what DuckDB says
            pass
        return _load(database, name, path, label)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", path) from error
    except duckdb.Error as error:
        said = str(error).splitlines()[0].replace(str(path.absolute()), path.name)
        raise InputError(f"cannot be read as parquet; write it anew ({said})", path) from error


def _load(database: duckdb.DuckDBPyConnection, name: str, path: Path, label: str) -> Loaded:
    literally = "".join(f"[{one}]" if one in "*?[" else one for one in str(path.absolute()))
    source = f"read_parquet({text(literally)}, hive_partitioning = false, binary_as_string = false)"
    types = [str(kind) for _, kind, *_ in database.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
    columns = told_apart(_names(database, literally))
    findings, kept, cells = [], [], []
    for place, (column, kind) in enumerate(zip(columns, types, strict=True), 1):
        cell = _text(f'"column {place}"', kind)
        if cell is None:
            said = (
                f"column `{column}` is {'binary' if kind == 'BLOB' else 'nested'} and is left out; "
                "write it as text, a number, a time, or a list of such"
            )
            findings.append(Finding("warning", "table:column", said, value=column, file=label, row=1, column=column))
        else:
            kept.append(column)
            cells.append(cell)
    if not kept:
        raise InputError("has no column of text, numbers or times", path)
    named = [quoted(key) for key in keys(kept)]
    aliases = ", ".join(f'"column {place}"' for place in range(1, len(types) + 1))
    listed = ", ".join(f"{cell} AS {key}" for cell, key in zip(cells, named, strict=True))
    trimmed = ", ".join(f"{TRIM.format(key)} AS {key}" for key in named)
    database.execute(
        f"""CREATE OR REPLACE TABLE {quoted(name)} AS SELECT "row", {trimmed}
            FROM (SELECT row_number() OVER () + 1 AS "row", {listed} FROM {source} AS file({aliases}))
            WHERE coalesce({", ".join(TRIM.format(key) for key in named)}) IS NOT NULL"""
    )
    nul = " OR ".join(f"contains({key}, chr(0))" for key in named)
    for (row,) in database.execute(f'DELETE FROM {quoted(name)} WHERE {nul} RETURNING "row"').fetchall():
        findings.append(lost(label, row, "the row holds a NUL character; leave it out"))
    return Loaded(kept, 1, sorted(findings, key=lambda finding: finding.row or 0))


def _names(database: duckdb.DuckDBPyConnection, path: str) -> list[str]:
    """The columns' names as in the file; DuckDB, for which `Code` is `code`, changes some."""
    schema = database.execute(f"SELECT name, num_children FROM parquet_schema({text(path)})").fetchall()
    names, below = [], 0
    for name, children in schema[1:]:
        if below == 0:
            names.append(name)
            below = 1
        below += (children or 0) - 1
    return names


def _text(cell: str, kind: str) -> str | None:
    """SQL for a value's text, or None where it has none."""
    if kind.endswith("[]"):
        member = _text("member", kind[:-2])
        if member is None or kind.endswith("[][]"):
            return None
        return f"array_to_string(list_transform({cell}, lambda member: {member}), ';')"
    if kind.startswith(("STRUCT", "MAP", "UNION", "BLOB", "VARIANT", "GEOMETRY")) or kind.endswith("]"):
        return None
    if kind.startswith("TIMESTAMP"):  # some types say whether they count seconds or nanoseconds
        kind = "TIMESTAMP WITH TIME ZONE" if kind.endswith("TIME ZONE") else "TIMESTAMP"
    return _TEXTS.get(kind.split("(")[0], "CAST({} AS VARCHAR)").format(cell)
