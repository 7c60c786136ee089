"""SQLite databases that strangers made: a file goes in, rows of its tables come out, and nothing is written beside it.

Why not simply `sqlite3.connect`: a database brings code of its own (views, triggers, generated columns, virtual tables,
checks), and pages that refer to each other can make a small file yield rows without end. So only real tables are read,
by name and by stored columns, without indexes; functions with effects are not trusted; the structure is checked before;
cells and time are bounded. (https://www.sqlite.org/security.html)

Why changes that are not yet in the file decide how it is opened: `immutable` keeps SQLite from writing lock and index
files beside the database, but lets it overlook a write-ahead log, in which committed changes wait. Where there is one,
database and log are copied, and read together. A rollback journal is not played back: it may name another file,
which SQLite would then delete. Such a database is refused, until its program has opened it once.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from kgtools.errors import InputError
from kgtools.model import Finding

Cell = str | int | float | bytes | None

LARGEST = 2**30
"""Bytes that a database may have."""

LARGEST_CELL = 2**28
"""Bytes that a cell may have."""

PATIENCE = 300.0
"""Seconds that reading a database may take."""

DEEPEST = 100
"""Codes that may stand one below the other."""

_LISTED = 10
_MAGIC = b"SQLite format 3\x00"
_STEPS = 100_000
_WHOLE = re.compile("-?[0-9]{1,18}")


class Database:
    """A database, opened.

    Args:
        path: the file, as errors call it.
        connection: the connection to it, or to its copy.

    Attributes:
        tables: the names of its real tables (no views, no virtual ones).
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        with _told(path):
            found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0")
            self.tables = frozenset(str(name) for (name,) in found)

    def rows(self, table: str, needed: Sequence[str], other: Sequence[str] = ()) -> Iterator[dict[str, Cell]]:
        """The rows of a table, in the order in which they are stored.

        Args:
            table: its name. No row comes of a table that is not there.
            needed: the columns that it must have.
            other: those that only some versions of the program write; None where they are lacking.

        Yields:
            Each row's cells by column, and its id under `rowid`.

        Raises:
            InputError: the table lacks a column, or cannot be read.
        """
        if table not in self.tables:
            return
        with _told(self.path):
            # Generated columns are not listed by this pragma, so they count as lacking.
            pragma = self._connection.execute(f"PRAGMA table_info({_name(table)})")
            listed = {str(column[1]).lower() for column in pragma}
            if missing := [column for column in needed if column not in listed]:
                raise InputError(f"has no column `{missing[0]}` in its table `{table}`", self.path)
            columns = ["rowid", *needed, *(column for column in other if column in listed)]
            query = ", ".join(map(_name, columns))
            for row in self._connection.execute(f"SELECT {query} FROM {_name(table)} NOT INDEXED"):
                yield {**dict.fromkeys(other), **dict(zip(columns, row, strict=True))}

    def keyed(
        self, table: str, key: str, needed: Sequence[str], other: Sequence[str] = ()
    ) -> dict[int, dict[str, Cell]]:
        """The rows of a table by a column of whole numbers that tells them apart; others are no rows of the program."""
        found: dict[int, dict[str, Cell]] = {}
        for row in self.rows(table, (key, *needed), other):
            if (one := number(row[key])) is not None:
                found.setdefault(one, row)
        return found


def is_database(path: Path) -> bool:
    """Whether a file begins like a SQLite database."""
    with suppress(OSError):
        if path.is_file():
            with path.open("rb") as file:
                return file.read(len(_MAGIC)) == _MAGIC
    return False


def has_tables(path: Path, names: frozenset[str]) -> bool:
    """Whether a file is a SQLite database that can be read, and has these tables."""
    if not is_database(path):
        return False
    with suppress(InputError), _connected(path, path, "immutable=1") as connection:
        if names <= Database(path, connection).tables:
            return True
    if _waiting(path):
        with suppress(InputError), opened(path) as database:
            return names <= database.tables
    return False


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    """Opens a database to read it, and checks its structure.

    Args:
        path: the file.

    Yields:
        The database.

    Raises:
        InputError: it is no database, is damaged or too large, or was left in the middle of a change.
    """
    try:
        size = path.stat().st_size
        if not is_database(path):
            raise InputError("is no SQLite database; name the one that Taguette or QualCoder keeps", path)
        if size > LARGEST:
            raise InputError(f"is larger than {LARGEST >> 20} MiB; export the project and import that", path)
        if _begins(path, "-journal") not in (b"", b"\x00"):
            raise InputError(
                "was left in the middle of a change; open and close it in its program, then try again", path
            )
        waiting = _waiting(path)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", path) from error
    if not waiting:
        with _connected(path, path, "immutable=1") as connection:
            yield _checked(path, connection)
        return
    with tempfile.TemporaryDirectory(prefix="kgtools-") as folder:
        copy = Path(folder) / "database"
        try:
            if size + _beside(path, "-wal").stat().st_size > LARGEST:
                raise InputError(f"is larger than {LARGEST >> 20} MiB; export the project and import that", path)
            shutil.copyfile(path, copy)
            shutil.copyfile(_beside(path, "-wal"), _beside(copy, "-wal"))
        except OSError as error:
            raise InputError(f"cannot be copied to be read ({error.strerror or error})", path) from error
        with _connected(path, copy, "mode=rw") as connection:
            yield _checked(path, connection)


@contextmanager
def _connected(path: Path, file: Path, how: str) -> Iterator[sqlite3.Connection]:
    """A connection by which nothing can be changed, with its limits."""
    mode = how if how.startswith("mode") else f"mode=ro&{how}"
    with _told(path):
        connection = sqlite3.connect(f"{file.resolve().as_uri()}?{mode}", uri=True, isolation_level=None)
    with closing(connection):
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_CELL)
        connection.text_factory = lambda text: text.decode("utf-8", errors="replace")
        begun = time.monotonic()
        connection.set_progress_handler(lambda: time.monotonic() - begun > PATIENCE, _STEPS)
        with _told(path):
            for pragma in ("query_only = ON", "trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0"):
                connection.execute(f"PRAGMA {pragma}")
        yield connection


def _checked(path: Path, connection: sqlite3.Connection) -> Database:
    with _told(path):
        said = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    if said != "ok":
        raise InputError(f"is damaged ({' '.join(said.split())}); repair it, or take a backup", path)
    return Database(path, connection)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Tells errors of SQLite in one line."""
    try:
        yield
    except UnicodeError as error:
        raise InputError("is damaged (names in it are no text); repair it, or take a backup", path) from error
    except (sqlite3.Error, sqlite3.Warning, OverflowError) as error:
        said = " ".join(str(error).split())
        if said == "interrupted":
            said = f"takes more than {PATIENCE:.0f} seconds"
        raise InputError(f"cannot be read as a SQLite database ({said})", path) from error


def _waiting(path: Path) -> bool:
    """Whether committed changes may wait in a write-ahead log."""
    return bool(_begins(path, "-wal"))


def _begins(path: Path, beside: str) -> bytes:
    """The first byte of a file beside the database; none where there is no such file, or it is empty."""
    other = _beside(path, beside)
    if not other.is_file():
        return b""
    with other.open("rb") as file:
        return file.read(1)


def _beside(path: Path, ending: str) -> Path:
    real = path.resolve()
    return real.with_name(real.name + ending)


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def text(cell: Cell) -> str | None:
    """A cell as text; None where it says nothing. SQLite's columns take values of any type."""
    if cell is None:
        return None
    said = cell.decode("utf-8", errors="replace") if isinstance(cell, bytes) else str(cell)
    return said if said.strip() else None


def number(cell: Cell) -> int | None:
    """A cell as a whole number; None where it is none."""
    if isinstance(cell, int):
        return cell
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() else None
    said = (text(cell) or "").strip()
    return int(said) if _WHOLE.fullmatch(said) else None


def path_to(key: int, names: Mapping[int, str], above: Mapping[int, int | None]) -> tuple[str, ...]:
    """The name of what has this key, after those of what it stands below, each at most once."""
    found: dict[int, str] = {}
    one: int | None = key
    while one is not None and one in names and one not in found and len(found) < DEEPEST:
        found[one] = names[one]
        one = above.get(one)
    return tuple(reversed(found.values()))


def lacking(path: Path, table: str, rows: Sequence[int | None], what: str) -> Iterator[Finding]:
    """A finding for each of the first of these rows, which are left out, and one for all others."""
    label = f"{path.name}#{table}"
    for row in rows[:_LISTED]:
        yield Finding("warning", "project:reference", f"the row is {what}, and is left out", file=label, row=row)
    if len(rows) > _LISTED:
        said = f"{len(rows) - _LISTED} more rows are {what}, and are left out"
        yield Finding("warning", "project:reference", said, file=label)
