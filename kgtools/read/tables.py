"""Text tables: a csv or tsv file goes in, a DuckDB table of text cells comes out, with the line of each row.

What tables of other kinds (`sheets`, `parquet`) share with these stands here too.

Why the file is gone through once before DuckDB parses it: a row's line in the file is what a researcher needs to find
it again, and no table engine tells it once cells hold line breaks. So each record gets its line number as first column.
On the way, what would make a parser stumble (bytes that are no UTF-8, a quotation mark never closed) is set aside as a
finding, so that one bad row does not take the others with it.
"""

from __future__ import annotations

import csv
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from kgtools.errors import InputError
from kgtools.model import Finding

if TYPE_CHECKING:
    import duckdb

DELIMITERS = {".csv": ",", ".tsv": "\t"}

_LONGEST_RECORD = 16 * 2**20
"""Bytes. A record that goes on for longer has a quotation mark that nobody closed."""


TRIM = r"nullif(trim({}, e' \t\r\n' || chr(160)), '')"
"""SQL: a cell without white space at its ends; what is then empty is NULL."""


@dataclass(frozen=True)
class Loaded:
    """What was loaded of a table.

    Args:
        columns: the names of its columns, in its order.
        header: the row that they stand in.
        findings: what could not be taken, row by row, and what else is to be said of its cells.
    """

    columns: list[str]
    header: int = 1
    findings: list[Finding] = field(default_factory=list)


def load_text(database: duckdb.DuckDBPyConnection, name: str, path: Path, label: str) -> Loaded:
    """Load a csv or tsv file as the table `name`: `row` (its line in the file) and the file's columns, all text.

    Cells are stripped of white space at their ends; what is then empty is NULL.

    Args:
        label: the file's name, for findings.

    Raises:
        InputError: the file cannot be read, is empty, or is not UTF-8 text.
    """
    delimiter = DELIMITERS[path.suffix.lower()]
    try:
        with path.open("rb") as file:
            rows = records(file, delimiter, label)
            line, first = next(rows, (1, b""))
            columns = header(first, delimiter, path)
            return Loaded(columns, line, load_records(database, name, rows, columns, delimiter, label))
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", path) from error


def load_records(
    database: duckdb.DuckDBPyConnection,
    name: str,
    rows: Iterable[tuple[int, bytes | Finding]],
    columns: list[str],
    delimiter: str,
    label: str,
) -> list[Finding]:
    """Load delimited records, each with its row, as the table `name`; what is no record is handed back."""
    findings = []
    with nameless() as (numbered, where):
        for row, record in rows:
            if isinstance(record, Finding):
                findings.append(record)
            else:
                numbered.write(b"%d%s%s\n" % (row, delimiter.encode(), record))
        numbered.flush()
        return findings + _parse(database, name, where, columns, delimiter, label)


@contextmanager
def nameless() -> Iterator[tuple[BinaryIO, str]]:
    """A temporary file, and where DuckDB finds it.

    Why it has no name on Linux: one that has stays behind when the process is killed.
    """
    if sys.platform == "linux" and Path("/dev/fd").exists():
        with tempfile.TemporaryFile() as file:
            yield file, f"/dev/fd/{file.fileno()}"
    else:
        with tempfile.NamedTemporaryFile(suffix=".csv") as named:
            yield named, named.name  # type: ignore[misc]  # a wrapper of a BinaryIO


def header(record: bytes | Finding, delimiter: str, path: Path) -> list[str]:
    """The columns' names.

    Raises:
        InputError: there are none, or they stand in one cell.
    """
    if isinstance(record, Finding):
        raise InputError(f"the header cannot be read: {record.message}", path, record.row)
    if not record.strip():
        raise InputError("is empty; a header row was expected", path)
    try:
        cells = next(csv.reader([record.decode()], delimiter=delimiter))
    except csv.Error as error:
        raise InputError(f"the header cannot be read: {error}", path, 1) from error
    names = told_apart(cells)
    if len(names) == 1 and re.search(r"[;\t]|,", names[0]):
        raise InputError(
            f"its columns are not separated by {'commas' if delimiter == ',' else 'tabs'} (.csv: commas, .tsv: tabs)",
            path,
            1,
        )
    return names


def told_apart(cells: Iterable[str]) -> list[str]:
    """Names of columns from a header's cells: one that repeats gets a number, one that is empty its place."""
    names: dict[str, None] = {}
    for place, cell in enumerate(cells, 1):
        name = base = cell.strip() or f"column {place}"
        number = 1
        while name in names:
            number += 1
            name = f"{base} {number}"
        names[name] = None
    return list(names)


def records(file: BinaryIO, delimiter: str, label: str) -> Iterator[tuple[int, bytes | Finding]]:
    """Each record of UTF-8 text with its line, without its line end; or, for one that cannot be read, a finding."""
    start = file.read(4)
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError("is UTF-16; save the table as UTF-8", label)
    file.seek(3 if start.startswith(b"\xef\xbb\xbf") else 0)
    outside = re.escape(delimiter).encode()
    cell = b'(?:"(?:[^"]++|"")*+"|[^"\r\n' + outside + b"]*+)"
    well_formed = re.compile(cell + b"(?:" + outside + cell + b")*+")
    blank = b' \t"' + delimiter.encode()
    line = 0
    while True:
        begin, first = file.tell(), line + 1
        parts: list[bytes] = []
        size, is_open = 0, False
        for part in iter(file.readline, b""):
            line += 1
            parts.append(part)
            size += len(part)
            is_open = _open_after(part, delimiter.encode(), is_open)
            if not is_open or size > _LONGEST_RECORD:
                break
        if not parts:
            return
        record = b"".join(parts).rstrip(b"\r\n")
        broken = is_open or ((b'"' in record or b"\r" in record) and not well_formed.fullmatch(record))
        if broken and len(parts) > 1:  # do not let it swallow the lines below
            file.seek(begin + len(parts[0]))
            line = first
        if broken and b'"' in record:
            yield (
                first,
                lost(
                    label,
                    first,
                    f"a quoted cell is not closed within {_LONGEST_RECORD // 2**20} MiB; close or shorten it"
                    if size > _LONGEST_RECORD
                    else "a quotation mark is not closed or not doubled; put the cell in quotes, double marks in it",
                ),
            )
        elif broken:
            yield (
                first,
                lost(label, first, "the row holds a carriage return outside quotes; end lines with a line feed"),
            )
        elif len(record) > _LONGEST_RECORD:
            yield (
                first,
                lost(label, first, f"the row is longer than {_LONGEST_RECORD // 2**20} MiB; shorten its cells"),
            )
        elif b"\0" in record:
            yield first, lost(label, first, "the row holds a NUL byte; save the table as UTF-8 text")
        elif not _is_utf8(record):
            yield first, lost(label, first, "the row is not UTF-8; save the table as UTF-8")
        elif record.strip(blank):
            yield first, record


def _open_after(part: bytes, delimiter: bytes, is_open: bool) -> bool:
    """Whether a quoted cell is still open at the end of a line, given whether one was at its start (RFC 4180)."""
    at = part.find(b'"')
    while at >= 0:
        if is_open:
            if part[at + 1 : at + 2] == b'"':
                at += 1
            else:
                is_open = False
        elif at == 0 or part[at - 1 : at] == delimiter:
            is_open = True
        at = part.find(b'"', at + 1)
    return is_open


def _is_utf8(record: bytes) -> bool:
    try:
        record.decode()
    except UnicodeDecodeError:
        return False
    return True


def lost(label: str, line: int | None, message: str) -> Finding:
    """The finding on a row that could not be taken."""
    return Finding("violation", "row:unreadable", message, file=label, row=line)


def _parse(
    database: duckdb.DuckDBPyConnection, name: str, where: str, columns: list[str], delimiter: str, label: str
) -> list[Finding]:
    """Let DuckDB parse the numbered records; what it rejects becomes findings."""
    types = ", ".join(f"{text(column)}: 'VARCHAR'" for column in ["row", *keys(columns)])
    trimmed = ", ".join(f"{TRIM.format(quoted(key))} AS {quoted(key)}" for key in keys(columns))
    database.execute(
        f"""CREATE OR REPLACE TABLE {quoted(name)} AS
            SELECT CAST("row" AS BIGINT) AS "row"{", " + trimmed if trimmed else ""}
            FROM read_csv({text(where)}, auto_detect = false, header = false, delim = {text(delimiter)},
                          quote = '"', escape = '"', columns = {{{types}}}, max_line_size = {2 * _LONGEST_RECORD},
                          new_line = '\\n', strict_mode = true, parallel = false, store_rejects = true)"""
    )
    rejected = database.execute(
        "SELECT csv_line, any_value(error_type), any_value(error_message) FROM reject_errors GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    database.execute("DROP TABLE reject_errors; DROP TABLE reject_scans")
    findings = []
    for record, kind, message in rejected:
        number = re.match(r"\s*(\d+)", record or "")
        counts = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", message)
        if counts:
            cells, names = int(counts[2]) - 1, int(counts[1]) - 1
            said = f"the row has {cells} cells, the header {names}; quote cells that hold a separator"
        else:
            said = f"the row cannot be parsed ({kind.lower()}); quote cells that hold a separator or a quotation mark"
        findings.append(lost(label, int(number[1]) if number else None, said))
    return sorted(findings, key=lambda finding: finding.row or 0)


def keys(columns: list[str]) -> list[str]:
    """Names under which the columns stand in DuckDB, which does not tell `Code` from `code`, and has `row` already."""
    return [f"cell {place}" for place in range(1, len(columns) + 1)]


def findings_of(database: duckdb.DuckDBPyConnection, query: str) -> list[Finding]:
    """Findings from a query for severity, shape, message, path, value, file, row, incident; perhaps focus, segment."""
    return [
        Finding(
            severity,
            shape,
            message,
            rest[0] or "" if rest else "",
            path or "",
            value or "",
            file or "",
            at,
            incident or "",
            segment=rest[1] or "" if rest[1:] else "",
        )
        for severity, shape, message, path, value, file, at, incident, *rest in database.execute(query).fetchall()
    ]


def small_table(database: duckdb.DuckDBPyConnection, name: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """A small table from Python values."""
    database.execute(f"CREATE TABLE {name} ({columns})")
    values = list(rows)
    for start in range(0, len(values), 500):
        part = values[start : start + 500]
        marks = ", ".join("(" + ", ".join("?" * len(part[0])) + ")" for _ in part)
        database.execute(f"INSERT INTO {name} VALUES {marks}", [cell for row in part for cell in row])


def column_key(columns: list[str], name: str) -> str:
    """The quoted DuckDB name of a file's column."""
    return quoted(keys(columns)[columns.index(name)])


def quoted(name: str) -> str:
    """A name as a SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A value as a SQL string."""
    return "'" + value.replace("'", "''") + "'"
