"""Exported tables: what a coding program wrote of its coded segments goes in, the raw table of codings comes out.

Which program it was is seen from the header (`dialects`). The table is loaded as it stands, in bounded memory and each
row with its line; `codings` then brings it to our columns, a row a coding.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from kgtools.errors import InputError
from kgtools.model import Finding
from kgtools.read.columns import CODING
from kgtools.read.encoding import as_utf8
from kgtools.read.old import OLE2
from kgtools.read.qda.export import Export
from kgtools.read.qda.remarks import short
from kgtools.read.qda.segments.codings import codings
from kgtools.read.qda.segments.dialects import LONGEST_NAME, Dialect, Fit, bundled, fit, normal
from kgtools.read.sheets import Workbook
from kgtools.read.tables import (
    DELIMITERS,
    Loaded,
    header,
    load_records,
    records,
    told_apart,
)
from kgtools.read.zipped import ZIP

if TYPE_CHECKING:
    import duckdb

_SEPARATORS = (",", ";", "\t")
_WORKBOOKS = (ZIP, OLE2)
_NO_TABLE = {b"<": "HTML or XML", b"%PDF": "a PDF", b"{\\rtf": "a text with formats (RTF)"}
_SEP_LINE = re.compile(rb'"?sep=([,;\t])"?')
"""A first line that Excel writes and reads, and that is no header."""


class _Expected(NamedTuple):
    """What the columns of a table may be: those of a bundle, those of dialects, and those that a crosswalk names.

    Args:
        ours: our name of a column, to what the table calls it.
    """

    dialects: tuple[Dialect, ...]
    ours: Mapping[str, str]

    def is_own(self, columns: Sequence[str]) -> bool:
        """Whether a table has what a bundle's table of codings must have."""
        return all(name in columns or self.ours.get(name) in columns for name in ("incident", "code"))

    def fits(self, columns: Sequence[str]) -> list[Fit]:
        """What a header makes of each dialect, the best first."""
        fits = [fit(dialect, columns, self.ours) for dialect in self.dialects]
        return sorted(fits, key=lambda one: (len(one.lacking), -one.heard))

    def headers(self) -> frozenset[str]:
        """All headers that mean something, as `normal` writes them."""
        ours = map(normal, (*self.ours.values(), *CODING))
        return frozenset().union(*(dialect.headers() for dialect in self.dialects), ours)


def load_export(
    database: duckdb.DuckDBPyConnection,
    name: str,
    path: Path,
    label: str,
    dialects: Sequence[Dialect],
    ours: Mapping[str, str] | None = None,
) -> Export | None:
    """Load a coding program's table as the raw table `name` (see `Export`).

    Args:
        label: the file's name, for findings.
        dialects: those to try, in order; of several that fit, the one that knows the most columns is taken.
        ours: our name of a column, to what the table calls it, as a crosswalk says.

    Returns:
        None for a table that is no export: one with the columns `incident` and `code` that a bundle has.

    Raises:
        InputError: the file cannot be read, or no dialect fits it.
    """
    expected = _Expected(tuple(dialects), ours or {})
    start = _start(path)
    if start.startswith(b"PAR1"):  # parquet
        return None
    if start.startswith(_WORKBOOKS):
        return _load_workbook(database, name, path, label, expected)
    _require_text(path, start)
    line = start.partition(b"\n")[0].strip()
    if any(expected.is_own(told_apart(_cells(line, separator))) for separator in _SEPARATORS):
        return None  # seen at once, so that a large bundle is not decoded for nothing
    return _load_text(database, name, path, label, expected)


def load_unknown(database: duckdb.DuckDBPyConnection, name: str, path: Path, label: str) -> tuple[Loaded, bool]:
    """Load a table of any program, of whatever encoding and separator, as the table `name`, whatever its columns are.

    Args:
        label: the file's name, for findings.

    Returns:
        What was loaded, and whether it is as a bundle's own tables are: UTF-8, with the separator of its ending.

    Raises:
        InputError: the file cannot be read, or is no table.
    """
    start = _start(path)
    if start.startswith(_WORKBOOKS):
        book = Workbook(path)
        return book.load(database, name, book.sheets[0], label), False
    _require_text(path, start)
    heard = _Expected(bundled(), {}).headers()
    with as_utf8(path, lambda beginning: _heard(beginning, heard)) as (file, encoding):
        separator = _separator(file, label, heard)
        rows = _rows(file, separator, label)
        line, first = next(rows, (1, b""))
        columns = header(first, separator, path)
        loaded = Loaded(columns, line, load_records(database, name, rows, columns, separator, label))
    own = DELIMITERS.get(path.suffix.lower()) == separator
    return loaded, own and line == 1 and encoding in ("utf-8", "utf-8-sig")


def _require_text(path: Path, start: bytes) -> None:
    """Refuse what begins like something else than a text table."""
    for first, kind in _NO_TABLE.items():
        if start.startswith(first):
            raise InputError(f"is {kind}, whatever it is called; export the table as .xlsx or .csv", path)


def _start(path: Path) -> bytes:
    """A file's first bytes, by which it is told what it is; without a mark and blanks before them."""
    try:
        with path.open("rb") as file:
            return file.read(2**16).removeprefix(codecs.BOM_UTF8).lstrip()
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", path) from error


def _load_workbook(
    database: duckdb.DuckDBPyConnection, name: str, path: Path, label: str, expected: _Expected
) -> Export | None:
    """Load the first sheet that a dialect fits."""
    book = Workbook(path)
    raw = f"{name} as read"
    unlike = None
    for sheet in book.sheets:
        try:
            loaded = book.load(database, raw, sheet, label)
        except InputError:
            if len(book.sheets) == 1:
                raise
            continue
        if expected.is_own(loaded.columns):
            return None
        fits = expected.fits(loaded.columns)
        if fits and not fits[0].lacking:
            export = codings(database, name, raw, fits[0], loaded, label)
            export.findings += book.unread([sheet])
            return export
        unlike = unlike or _no_dialect(path, loaded.columns, loaded.header, fits)
    raise unlike or InputError("has no sheet with a table; one row a coded segment was expected", path)


def _load_text(
    database: duckdb.DuckDBPyConnection, name: str, path: Path, label: str, expected: _Expected
) -> Export | None:
    """Load a text table, of whatever encoding and separator."""
    heard = expected.headers()
    with as_utf8(path, lambda beginning: _heard(beginning, heard)) as (file, encoding):
        separator = _separator(file, label, heard)
        rows = _rows(file, separator, label)
        line, first = next(rows, (1, b""))
        columns = header(first, separator, path)
        if expected.is_own(columns):
            return None
        fits = expected.fits(columns)
        if not fits or fits[0].lacking:
            raise _no_dialect(path, columns, line, fits)
        raw = f"{name} as read"
        if fits[0].categories:
            rows = _filled(rows, separator, len(columns), max(fits[0].categories) + 1)
        loaded = Loaded(columns, line, load_records(database, raw, rows, columns, separator, label))
        export = codings(database, name, raw, fits[0], loaded, label)
    if encoding not in ("utf-8", "utf-8-sig"):
        called = encoding.upper().replace("_", "-")
        said = f"is not UTF-8 and was read as {called}; if letters are wrong, save the table as UTF-8"
        export.findings.insert(0, Finding("info", "table:encoding", said, value=called, file=label))
    return export


def _heard(beginning: str, heard: frozenset[str]) -> int:
    """How many headers of a text's first lines are known."""
    lines = [line for line in beginning[: 2**16].splitlines() if line.strip()][:2]
    cells = [cell for line in lines for separator in _SEPARATORS for cell in line.split(separator)]
    return sum(normal(cell.strip('"')) in heard for cell in cells)


def _separator(file: BinaryIO, label: str, heard: frozenset[str]) -> str:
    """What separates cells: what Excel's first line says, or what gives the most headers that are known."""
    file.seek(0)
    said = _SEP_LINE.fullmatch(file.readline(16).strip())
    if said:
        return said[1].decode()
    scores = []
    for separator in _SEPARATORS:
        file.seek(0)
        _, first = next(records(file, separator, label), (1, b""))
        cells = [] if isinstance(first, Finding) else _cells(first, separator)
        scores.append((sum(normal(cell) in heard for cell in cells), len(cells), separator))
    return max(scores, key=lambda score: score[:2])[2]


def _rows(file: BinaryIO, separator: str, label: str) -> Iterator[tuple[int, bytes | Finding]]:
    """The table's records from its header on."""
    file.seek(0)
    rows = records(file, separator, label)
    for line, record in rows:
        if line > 1 or isinstance(record, Finding) or not _SEP_LINE.fullmatch(record.strip()):
            yield line, record
            break
    yield from rows


def _cells(record: bytes, separator: str) -> list[str]:
    """A record's cells; none where it cannot be taken apart."""
    try:
        return next(csv.reader(io.StringIO(record.decode("utf-8", "replace"), newline=""), delimiter=separator), [])
    except csv.Error:
        return []


def _filled(
    rows: Iterable[tuple[int, bytes | Finding]], separator: str, width: int, at: int
) -> Iterator[tuple[int, bytes | Finding]]:
    """Records that have fewer cells than the header, with empty ones put in behind the categories that they have."""
    for line, record in rows:
        cells = [] if isinstance(record, Finding) else _cells(record, separator)
        if not 0 < len(cells) < width:
            yield line, record
            continue
        lacking = width - len(cells)
        cells[max(at - lacking, 0) : max(at - lacking, 0)] = [""] * lacking
        text = io.StringIO()
        csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator="").writerow(cells)
        yield line, text.getvalue().encode()


def _no_dialect(path: Path, columns: Sequence[str], line: int, fits: Sequence[Fit]) -> InputError:
    """That no dialect fits, and why, in one line."""
    lacks = []
    for one in sorted(fits, key=lambda one: -one.heard)[:6]:
        headers = [(one.dialect.columns.get(name) or _codes(one.dialect))[0] for name in one.lacking]
        lacks.append(f"{one.dialect.program} lacks {', '.join(f'`{header}`' for header in headers)}")
    more = f", and {len(fits) - 6} more" if len(fits) > 6 else ""
    named = ", ".join(short(column, LONGEST_NAME) for column in columns[:12]) + (", …" if len(columns) > 12 else "")
    return InputError(
        f"is no program's table that is known by its header ({named}): {'; '.join(lacks)}{more}; say in crosswalk.yaml "
        "which columns are which (columns: {code: …, document: …}), or describe the program in dialects.yaml",
        path,
        line,
    )


def _codes(dialect: Dialect) -> tuple[str, ...]:
    if dialect.split:
        return dialect.split.codes
    return (f"{dialect.applied.before}…{dialect.applied.after}",) if dialect.applied else ("code",)
