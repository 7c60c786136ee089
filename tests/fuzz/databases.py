"""Damage of databases: a good one goes in, one with other values, rows, tables comes out."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from random import Random

from .values import Files, some, spoil, text


def database(random: Random, files: Files, data: str) -> None:
    """A database: its rows and tables, or its bytes; and files that stand beside one in use."""
    name = next(one for one in files if one == data or one.startswith(f"{data}/"))
    if random.random() < 0.15:
        files[name] = spoil(random, files[name])
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes(files[name])
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA ignore_check_constraints = 1")
            for _ in range(some(random, 6)):
                with suppress(sqlite3.Error):
                    statement(random, connection)
        files[name] = path.read_bytes()
    if random.random() < 0.05:
        files[f"{name}{random.choice(('-wal', '-journal', '-shm'))}"] = random.choice(
            (b"", b"x", bytes(random.randbytes(600)))
        )
    if random.random() < 0.1:
        files[name] = spoil(random, files[name])


def statement(random: Random, connection: sqlite3.Connection) -> None:
    """Damage of a database by one statement."""
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    filled = [name for name in names if connection.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchall()]
    name = random.choice(filled or names)
    columns = [column[1] for column in connection.execute(f'PRAGMA table_info("{name}")')]
    column = random.choice(columns)
    one = f'rowid = (SELECT rowid FROM "{name}" ORDER BY rowid LIMIT 1 OFFSET {random.randrange(3)})'
    match random.randrange(12):
        case 0 | 1 | 2 | 3 | 4 | 5:
            where = one if random.random() < 0.7 else "true"
            connection.execute(f'UPDATE "{name}" SET "{column}" = ? WHERE {where}', (value(random),))
        case 6:
            connection.execute(f'DELETE FROM "{name}" WHERE {one}')
        case 7:
            listed = ", ".join(f'"{other}"' for other in columns[1:])
            connection.execute(f'INSERT INTO "{name}" ({listed}) SELECT {listed} FROM "{name}" WHERE {one}')
        case 8:
            connection.execute(f'ALTER TABLE "{name}" RENAME COLUMN "{column}" TO "{column.upper()}2"')
        case 9:
            connection.execute(f'ALTER TABLE "{name}" DROP COLUMN "{column}"')
        case 10 if random.random() < 0.4:
            connection.execute(f'DROP TABLE "{random.choice(names)}"')
        case 11 if random.random() < 0.4:
            connection.execute(f'ALTER TABLE "{name}" RENAME TO hidden')
            connection.execute(f'CREATE VIEW "{name}" AS SELECT * FROM hidden, hidden AS h2')


def value(random: Random) -> object:
    """A value of any kind for a cell of a database."""
    match random.randrange(6):
        case 0:
            return None
        case 1:
            return random.choice((0, 1, -1, 2, 3, 5, 9, 14, 30, 2**31, 2**63 - 1, -(2**63), 10**18))
        case 2:
            return random.choice((float("inf"), float("nan"), 1.5, -0.0, 1e300))
        case 3:
            return random.choice((b"", b"\0", b"\xff\xfe", b"I\xff", bytes(range(256)), "é".encode("utf-16")))
        case _:
            return text(random)
