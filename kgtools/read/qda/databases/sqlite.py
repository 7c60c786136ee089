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

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from kgtools.errors import InputError
from kgtools.read.qda.databases.rows import Cell, number
from kgtools.read.tables import quoted

LARGEST = 2**30
"""Bytes that a database may have."""

LARGEST_CELL = 2**28
"""Bytes that a cell may have."""

PATIENCE = 300.0
"""Seconds that reading a database may take."""

_MAGIC = b"SQLite format 3\x00"
_STEPS = 100_000


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
            pragma = self._connection.execute(f"PRAGMA table_info({quoted(table)})")
            listed = {str(column[1]).lower() for column in pragma}
            if missing := [column for column in needed if column not in listed]:
                raise InputError(f"has no column `{missing[0]}` in its table `{table}`", self.path)
            columns = ["rowid", *needed, *(column for column in other if column in listed)]
            query = ", ".join(map(quoted, columns))
            for row in self._connection.execute(f"SELECT {query} FROM {quoted(table)} NOT INDEXED"):
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
