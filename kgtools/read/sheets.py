"""Workbooks: an xlsx or xls file goes in, of each sheet a DuckDB table of text cells comes out, with each record's row.

Why a sheet's XML is gone through before calamine reads it: calamine takes an error (`#REF!`) and a formula that nobody
computed for empty cells, and lays a sheet out as one rectangle in memory, however far apart its cells are. A quick look
tells whether there may be anything of the kind; only then a slow one says where. Neither look resolves entities, nor
does calamine, and none of the three opens anything but the file. An old .xls (`old`) is no XML and gets no look: what
calamine makes of it is all there is.

Source: ECMA-376, part 1, 18.3.1 (worksheets), and 18.18.11 (types of cells).
"""

from __future__ import annotations

import math
import posixpath
import re
import xml.parsers.expat
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kgtools.errors import InputError
from kgtools.model import Finding
from kgtools.read.old import is_old, read_old
from kgtools.read.tables import Loaded, load_records, lost, told_apart
from kgtools.read.zipped import DAMAGED

if TYPE_CHECKING:
    import duckdb

LARGEST = 2**30
"""Bytes that all parts of a workbook may have, unpacked: more may be a file that was made to exhaust the memory."""

WIDEST = 2**25
"""Cells in the rectangle around a sheet's filled ones: as many rows as a sheet can have (2**20), by 32 columns."""

_ROWS, _COLUMNS = 2**20, 2**14
_UNUSUAL = [
    re.compile(one)
    for one in (rb'"e"', rb"'e'", rb"<f", rb":(?:c|row|f)[\s/>]", rb"""<(?:c|row)(?! r="[A-Z]?\d{1,6}")[\s/>]""")
]
"""What most sheets do not have; each is several times as fast to look for as what then decides."""

_LOOK = re.compile(
    rb"""\bt\s*=\s*["']e["']"""  # an error
    rb"""|<(?:[\w.-]+:)?f[\s/>]"""  # a formula
    rb"""|\br\s*=\s*["'](?:[A-Za-z]{2,}|[A-Za-z]*\d{7})"""  # a cell far to the right, or far down
    rb"""|<(?:[\w.-]+:)?(?:c|row)(?=[\s/>])(?![^>]*\sr\s*=)[^>]*>"""  # a cell or row that does not say which
)
_REFERENCE = re.compile(r"([A-Za-z]{1,7})(\d{1,9})")
_PIECE = 2**20
_LONGEST_TAG = 2**16

Cell = str | int | float | bool | date | datetime | time | timedelta


@dataclass
class _Look:
    """What calamine does not tell of a sheet: how far it reaches, its errors and formulas without a value, by row."""

    reach: tuple[int, int] = (0, 0)
    errors: dict[int, str] = field(default_factory=dict)
    uncomputed: dict[int, str] = field(default_factory=dict)


class Workbook:
    """An xlsx or xls file, opened.

    Args:
        path: the file.

    Attributes:
        sheets: the names of its worksheets (no charts), those that are hidden last.

    Raises:
        InputError: it is no workbook, is protected by a password, is broken, or too large unpacked.
    """

    def __init__(self, path: Path) -> None:
        from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

        self.path = path
        self._old = read_old(path) if is_old(path, LARGEST) else None
        self._suspicious = set() if self._old is not None else _unpacked(path)
        if self._old is not None:
            self.sheets = list(self._old)
        else:
            if path.suffix.lower() == ".xlsx":
                self._book = _calamine(path, lambda: CalamineWorkbook.from_path(path))
            else:  # calamine must find out what it is
                with path.open("rb") as file:
                    self._book = _calamine(path, lambda: CalamineWorkbook.from_filelike(file))
            sheets = [sheet for sheet in self._book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
            self.sheets = [one.name for one in sorted(sheets, key=lambda one: one.visible != SheetVisibleEnum.Visible)]
        if not self.sheets:
            raise InputError("has no worksheet", path)

    def load(self, database: duckdb.DuckDBPyConnection, name: str, sheet: str, label: str) -> Loaded:
        """Load a sheet as the table `name`: `row` (its number in the spreadsheet) and the sheet's columns, all text.

        The header is the first row that is not empty. A row that holds an error is a finding and is left out; a formula
        that was never computed is an empty cell, and a finding.

        Args:
            label: the sheet's name for findings.

        Raises:
            InputError: the sheet is empty, broken, or reaches too far.
        """
        where = f"{self.path}#{sheet}"
        look = self._look(sheet)
        if math.prod(look.reach) > WIDEST or look.reach[0] > _ROWS or look.reach[1] > _COLUMNS:
            far = f"row {look.reach[0]} and column {look.reach[1]}"
            raise InputError(f"its cells reach to {far}; delete what stands far outside of the table", where)
        rows = enumerate(self._rows(sheet, where), 1)
        for header, cells in rows:
            if header in look.errors or header in look.uncomputed:
                cell = look.errors.get(header) or look.uncomputed[header]
                raise InputError(f"the header cannot be read: {cell}; write a name there", where, header)
            names = [as_text(cell).strip() for cell in cells]
            if any(names):
                break
        else:
            raise InputError("is empty; a header row was expected", where)
        while not names[-1]:
            names.pop()
        columns = told_apart(names)
        rounded: dict[int, int] = {}
        found = load_records(database, name, _records(rows, len(columns), look, label, rounded), columns, ",", label)
        found += [
            Finding(
                "warning",
                "table:formula",
                f"{said} and is taken as empty; open and save it in a spreadsheet program",
                file=label,
                row=row,
            )
            for row, said in look.uncomputed.items()
            if row > header and not any(one.row == row for one in found)
        ]
        for place, row in rounded.items():
            column = columns[place]
            said = f"column `{column}` has numbers of more than 15 digits, which spreadsheets round; keep ids as text"
            found.append(Finding("warning", "table:digits", said, value=column, file=label, row=row, column=column))
        return Loaded(columns, header, sorted(found, key=lambda finding: finding.row or 0))

    def unread(self, read: Collection[str]) -> list[Finding]:
        """A remark on the sheets that are not read, if there are any."""
        unread = ", ".join(f"`{sheet}`" for sheet in self.sheets if sheet not in read)
        said = f"of the workbook, {', '.join(f'`{sheet}`' for sheet in read)} is read, and not {unread}"
        return [Finding("info", "table:sheet", said, value=unread, file=self.path.name)] if unread else []

    def _rows(self, sheet: str, where: str) -> Iterable[list[Cell]]:
        """The rows of a sheet from its first on, empty or not."""
        if self._old is not None:
            return self._old[sheet]
        return cast(Iterable[list[Cell]], _calamine(where, lambda: self._book.get_sheet_by_name(sheet)).iter_rows())

    def _look(self, sheet: str) -> _Look:
        """A sheet's errors, formulas and reach, where the quick look found a reason to ask."""
        if self._old is not None:
            return _Look()
        with zipfile.ZipFile(self.path) as archive:
            members = {_plain(name): name for name in archive.namelist()}
            part = _part_of(archive, members, sheet)
            if part is None:
                raise InputError("its parts do not hang together; save it anew", self.path)
            return _looked(archive, part) if part in self._suspicious else _Look()


def as_text(cell: Cell) -> str:
    """A cell's value as a csv of the same table has it: `2` for 2.0, `true`, `2026-11-21`, `2026-11-21T14:30:00`."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e21 else repr(cell)
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, timedelta):
        seconds = round(cell.total_seconds())
        return f"{'-' * (seconds < 0)}{abs(seconds) // 3600}:{abs(seconds) // 60 % 60:02}:{abs(seconds) % 60:02}"
    if isinstance(cell, (datetime, time)):
        return re.sub(r"(\.\d*?)0+$", r"\1", cell.isoformat())
    return cell.isoformat()


def _records(
    rows: Iterator[tuple[int, list[Cell]]], width: int, look: _Look, label: str, rounded: dict[int, int]
) -> Iterator[tuple[int, bytes | Finding]]:
    """Each row that is not empty as a line of csv, or a finding where it cannot be taken."""
    last = 0
    for row, cells in rows:
        last = row
        texts = [as_text(cell) for cell in cells]
        filled = [place for place, one in enumerate(texts, 1) if one.strip()]
        if row in look.errors or (not filled and row in look.uncomputed):
            yield row, _unfit(row, look, label)
        elif not filled:
            continue
        elif filled[-1] > width:
            said = f"the row has {filled[-1]} cells, the header {width}; give each column a name"
            yield row, lost(label, row, said)
        elif any("\0" in one for one in texts):
            yield row, lost(label, row, "the row holds a NUL character; delete it")
        else:
            for place, cell in enumerate(cells[:width]):
                if isinstance(cell, float) and abs(cell) >= 1e15:
                    rounded.setdefault(place, row)
            texts = texts[:width] + [""] * (width - len(texts))
            yield row, ",".join(f'"{one.replace(chr(34), chr(34) * 2)}"' for one in texts).encode()
    for row in sorted({*look.errors, *look.uncomputed}):
        if row > last:  # calamine takes these rows for the empty ones below a table
            yield row, _unfit(row, look, label)


def _unfit(row: int, look: _Look, label: str) -> Finding:
    """The finding on a row with an error, or with nothing but formulas that were never computed."""
    if row in look.errors:
        return lost(label, row, f"{look.errors[row]}; correct it in the spreadsheet")
    return lost(
        label, row, f"{look.uncomputed[row]}, and the row has nothing else; open and save it in a spreadsheet program"
    )


def _calamine(where: Path | str, read: Callable[[], Any]) -> Any:
    """What calamine answers; its errors, and panics, as one of ours."""
    from python_calamine import CalamineError, PasswordError

    try:
        return read()
    except PasswordError as error:
        raise InputError("is protected by a password; save it without one", where) from error
    except (CalamineError, ValueError, OSError) as error:
        said = " ".join(str(error).split())
        raise InputError(f"cannot be read as a workbook; save it anew as .xlsx ({said})", where) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of pyo3, which does not let it be imported
            raise
        raise InputError("cannot be read as a workbook; save it anew as .xlsx", where) from error


def _unpacked(path: Path) -> set[str]:
    """Unpack a workbook's parts, a piece at a time; which of them are worth a slow look.

    Why all are unpacked: the sizes that a zip file's directory states need not be true.
    """
    suspicious = set()
    try:
        with zipfile.ZipFile(path) as archive:
            total = 0
            if sum(member.file_size for member in archive.infolist()) > LARGEST:
                raise _too_large(path)
            for member in archive.infolist():
                before = b""
                for piece in _pieces(archive, member):
                    total += len(piece)
                    if total > LARGEST:
                        raise _too_large(path)
                    if member.filename not in suspicious:
                        text = before + piece
                        before = text[text.rfind(b"<") :]  # the last tag may go on in the next piece
                        unusual = any(one.search(text) for one in _UNUSUAL) and _LOOK.search(text)
                        if unusual or len(before) > _LONGEST_TAG:
                            suspicious.add(member.filename)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", path) from error
    except DAMAGED as error:
        raise InputError("is no .xlsx workbook, or is cut off; save it anew as .xlsx", path) from error
    return suspicious


def _too_large(path: Path) -> InputError:
    return InputError(f"is larger than {LARGEST >> 20} MiB unpacked; save the table as .csv or .parquet", path)


def _pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    member.file_size = LARGEST + 1  # to its end, whatever size was stated
    with archive.open(member) as part:
        yield from iter(lambda: part.read(_PIECE), b"")


def _plain(name: str) -> str:
    """A part's name, as calamine compares them."""
    return posixpath.normpath(name.replace("\\", "/").lstrip("/")).lower()


def _part_of(archive: zipfile.ZipFile, members: dict[str, str], sheet: str) -> str | None:
    """The member of the archive that holds a sheet, found from the package's relations on (ECMA-376, part 2, 6.5)."""
    ids: list[str] = []

    def sheets(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "sheet" and attributes.get("name") == sheet:
            ids.extend(value for name, value in attributes.items() if name.endswith(":id"))

    books = [target for kind, target in _relations(archive, members, "").values() if kind == "officeDocument"]
    if not books or books[0] not in members:
        return None
    _parse(archive, members[books[0]], start=sheets)
    related = _relations(archive, members, books[0])
    return members.get(related[ids[0]][1]) if ids and ids[0] in related else None


def _relations(archive: zipfile.ZipFile, members: dict[str, str], part: str) -> dict[str, tuple[str, str]]:
    """What a part is related to, by the relation's id: its kind, and the part."""
    folder, name = posixpath.split(part)
    related: dict[str, tuple[str, str]] = {}

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "Relationship":
            target = _plain(posixpath.join("/" + folder, attributes.get("Target", "").replace("\\", "/")))
            related[attributes.get("Id", "")] = attributes.get("Type", "").rpartition("/")[2], target

    listed = members.get(posixpath.join(folder, "_rels", f"{name}.rels"))
    if listed:
        _parse(archive, listed, start=relation)
    return related


def _looked(archive: zipfile.ZipFile, part: str) -> _Look:
    """Go through a sheet's cells, counting rows and columns as calamine does where a cell does not say its own."""
    look = _Look()
    row = column = lowest = widest = 0
    reference = kind = value = ""
    formula = reading = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, reference, kind, value, formula, reading, lowest, widest
        tag = tag.rpartition(":")[2]
        if tag == "c":
            reference, kind, value, formula = attributes.get("r", ""), attributes.get("t", ""), "", False
            if said := _REFERENCE.fullmatch(reference):
                row, column = int(said[2]), _number(said[1])
            elif reference:
                raise InputError(f"has a cell `{reference}`, which is none", archive.filename)
            else:
                column += 1
            lowest, widest = row if row > lowest else lowest, column if column > widest else widest
        elif tag == "row":
            row, column = int(attributes["r"]) if attributes.get("r", "").isdecimal() else row + 1, 0
        elif tag == "f":
            formula = True
        elif tag == "v":
            reading = True

    def end(tag: str) -> None:
        nonlocal reading
        tag = tag.rpartition(":")[2]
        if tag == "v":
            reading = False
        elif tag == "c" and (kind == "e" or formula):
            called = reference or f"{column} of the row"
            if kind == "e":
                look.errors.setdefault(row, f"cell {called} holds the error {value[:20]}")
            elif not value and kind not in ("str", "inlineStr"):
                look.uncomputed.setdefault(row, f"cell {called} holds a formula that was never computed")

    def read(data: str) -> None:
        nonlocal value
        if reading:
            value += data

    _parse(archive, part, start, end, read)
    look.reach = lowest, widest
    return look


@cache
def _number(letters: str) -> int:
    """A column's number: 1 for A, 27 for AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _parse(
    archive: zipfile.ZipFile,
    part: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    read: Callable[[str], None] | None = None,
) -> None:
    """Go through a part's XML; a document type definition is refused."""

    def refuse(*_: object) -> None:
        raise InputError("holds a document type definition, which no workbook has", archive.filename)

    parser = xml.parsers.expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = read
    try:
        for piece in _pieces(archive, archive.getinfo(part)):
            parser.Parse(piece)
        parser.Parse(b"", True)
    except xml.parsers.expat.ExpatError as error:
        raise InputError(f"holds XML that cannot be read ({part}: {error}); save it anew", archive.filename) from error
