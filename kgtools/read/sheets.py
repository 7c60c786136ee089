"""Workbooks: an xlsx or xls file goes in, of each sheet a DuckDB table of text cells comes out, with each record's row.

Calamine reads the cells; what it does not tell of them is looked for before (`unseen`). An old .xls (`old`) is no XML
and gets no look: what calamine makes of it is all there is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kgtools.errors import InputError
from kgtools.model import Finding
from kgtools.read.old import is_old, read_old
from kgtools.read.tables import Loaded, load_records, lost, told_apart
from kgtools.read.unseen import LARGEST, Unseen, look_at, unpacked

if TYPE_CHECKING:
    import duckdb

WIDEST = 2**25
"""Cells in the rectangle around a sheet's filled ones: as many rows as a sheet can have (2**20), by 32 columns."""

_ROWS, _COLUMNS = 2**20, 2**14

Cell = str | int | float | bool | date | datetime | time | timedelta


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
        self._suspicious = set() if self._old is not None else unpacked(path)
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
        look = Unseen() if self._old is not None else look_at(self.path, sheet, self._suspicious)
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
    rows: Iterator[tuple[int, list[Cell]]], width: int, look: Unseen, label: str, rounded: dict[int, int]
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


def _unfit(row: int, look: Unseen, label: str) -> Finding:
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
