"""Bundles on disk: a folder, or one file, goes in; which of its files is which, and their raw tables, come out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from kgtools.errors import InputError
from kgtools.model import Finding
from kgtools.read.columns import KINDS
from kgtools.read.parquet import load_parquet
from kgtools.read.qda import is_called_database, is_project
from kgtools.read.sheets import Workbook
from kgtools.read.tables import DELIMITERS, Loaded, load_text

if TYPE_CHECKING:
    import duckdb

ENDINGS = (*DELIMITERS, ".xlsx", ".parquet")
EXPORTED = (".xls", ".tab", ".txt")
"""Of tables that coding programs write, beside the first."""

OTHER_ENDINGS = (".xlsm", ".xlsb", ".xltx", ".ods", ".numbers")
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
    """The tables of a bundle by kind (codings, incidents, actors), the crosswalk beside them, and what is not read.

    Args:
        project: a coding program's project, in place of tables.
    """

    tables: dict[str, Table]
    crosswalk: Path | None = None
    findings: list[Finding] = field(default_factory=list)
    project: Path | None = None


def find(path: Path) -> Found:
    """What there is of a bundle. A workbook may hold all of its tables, as sheets called by their kind.

    Raises:
        InputError: there is no such file or folder, or no table of codings in it.
    """
    if is_project(path) or is_called_database(path):
        return Found({}, project=path)
    if path.is_file():
        if path.suffix.lower() in OTHER_ENDINGS:
            raise InputError("is a spreadsheet that cannot be read; save it as .xlsx", path)
        if path.suffix.lower() not in (*ENDINGS, *EXPORTED):
            raise InputError(f"is no table that can be read; there are {', '.join((*ENDINGS, *EXPORTED))}", path)
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
    projects = _projects(path)
    exported = [file for file in _exported(path) if file not in projects]
    if every or exported or any(file.suffix.lower() != ".qdc" for file in projects):
        projects = [file for file in projects if file.suffix.lower() != ".qdc"]  # a codebook holds no codings
    others = [*projects, *exported]
    if len(every) == 1 and ("codings" in named or not (named or projects)):
        found = _alone(every[0], crosswalk)
        return Found(found.tables, crosswalk, found.findings + _passed_over(others, every[0].name))
    if "codings" not in named:
        if len(others) == 1:
            beside, remarks = _named(named, path)
            remarks += _passed_over([file for file in every if file not in named.values()], others[0].name)
            if projects:
                return Found(beside, crosswalk, remarks, projects[0])
            found = _alone(exported[0], crosswalk)
            return Found(found.tables | beside, crosswalk, found.findings + remarks)
        if others:
            raise InputError(f"has {' and '.join(one.name for one in others)}; give each a folder of its own", path)
        unread = [file.name for file in sorted(path.iterdir()) if file.suffix.lower() in OTHER_ENDINGS]
        advice = f"; save {unread[0]} as .xlsx" if unread else ""
        endings = ", ".join(ENDINGS[1:])
        raise InputError(f"has no table `codings.csv` (or {endings}), one row a coded segment{advice}", path)
    tables, findings = _named(named, path)
    findings += _passed_over(others, named["codings"].name)
    return Found(tables, crosswalk, [*findings, *_unlike(path, named)])


def _named(named: dict[str, Path], path: Path) -> tuple[dict[str, Table], list[Finding]]:
    """The tables of a folder that are called by their kind, and remarks on sheets that are not read."""
    tables: dict[str, Table] = {}
    findings: list[Finding] = []
    for kind, file in named.items():
        tables[kind] = Table(file, file.name)
        if file.suffix.lower() == ".xlsx":
            book = Workbook(file)
            sheet = _sheets(book, path).get(kind, book.sheets[0])
            tables[kind] = Table(file, file.name, book, sheet)
            findings += book.unread([sheet])
    return tables, findings


def _passed_over(files: Sequence[Path], read: str) -> list[Finding]:
    """A remark on each file that is not read, because another one holds the codings."""
    said = f"is not read, since the codings are taken from `{read}`; give it a folder of its own if it holds others"
    return [Finding("warning", "table:unread", said, value=file.name, file=file.name) for file in files]


def _projects(path: Path) -> list[Path]:
    """The projects of coding programs that a folder has."""
    files = [file for file in sorted(path.iterdir()) if not file.name.startswith((".", "~$"))]
    return [file for file in files if is_project(file)]


def _exported(path: Path) -> list[Path]:
    """The tables of a folder that only coding programs write."""
    files = [file for file in sorted(path.iterdir()) if not file.name.startswith((".", "~"))]
    return [file for file in files if file.suffix.lower() in (".xls", ".tab")]


def _alone(path: Path, crosswalk: Path | None = None) -> Found:
    """The tables of a bundle that is one file."""
    if path.suffix.lower() != ".xlsx":
        return Found({"codings": Table(path, path.name)}, crosswalk)
    book = Workbook(path)
    sheets = _sheets(book, path) or {"codings": book.sheets[0]}
    if "codings" not in sheets:
        raise InputError(f"has no sheet `codings`, one row a coded segment; found {', '.join(book.sheets)}", path)
    tables = {
        kind: Table(path, f"{path.name}#{sheet}" if len(sheets) > 1 else path.name, book, sheet)
        for kind, sheet in sheets.items()
    }
    return Found(tables, crosswalk, book.unread(list(sheets.values())))


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


def load_table(database: duckdb.DuckDBPyConnection, name: str, table: Table) -> Loaded:
    """Load a table of a bundle, of whatever ending, as the table `name` of text cells with their rows.

    Raises:
        InputError: it cannot be read.
    """
    if table.book:
        return table.book.load(database, name, table.sheet, table.file)
    ending = table.path.suffix.lower()
    if ending not in ENDINGS:
        raise InputError("has the columns of a bundle's own table; save it as .csv or .xlsx", table.path)
    load = load_parquet if ending == ".parquet" else load_text
    return load(database, name, table.path, table.file)


def _unlike(path: Path, read: Collection[str]) -> list[Finding]:
    """A remark on each file of a folder that is not read, but nearly called like one that would be."""
    found = []
    for file in sorted(path.iterdir()):
        near = get_close_matches(file.stem.lower(), [kind for kind in KINDS if kind not in read], 1, 0.8)
        if near and file.suffix.lower() in ENDINGS and file.stem.lower() not in read:
            said = f"is not read, since it has not the name of a table{meant([near[0] + file.suffix.lower()])}"
            found.append(Finding("warning", "table:unread", said, value=file.name, file=file.name))
    return found


def meant(near: Sequence[str]) -> str:
    return f"; did you mean `{near[0]}`?" if near else ""
