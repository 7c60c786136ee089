"""Files of coding programs (MAXQDA, NVivo, ATLAS.ti, …): as they come out of the program go in, raw tables come out.

Two kinds: tables of coded segments (`segments`), and projects, with their texts, codes, coders and cases (`refi` for
the exchange format, `databases` for those that programs keep). Each kind of project yields a `Project`, `positions`
finds each segment in its text, and `staging` brings all to the same raw tables. What an incident is in such a file is
then said by `incidents`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kgtools.errors import InputError

if TYPE_CHECKING:
    from kgtools.read.qda.project import Project


PROJECTS = (".qdpx", ".qde", ".qdc")
"""Endings of exchange projects and codebooks."""

DATABASES = (".qda", ".sqlite3", ".sqlite", ".db")
"""Endings of databases that coding programs keep."""


def is_project(path: Path) -> bool:
    """Whether a path is a project or a codebook of a coding program, by what is in it, whatever its ending."""
    from kgtools.read.qda.databases.qualcoder import is_qualcoder
    from kgtools.read.qda.databases.taguette import is_taguette
    from kgtools.read.qda.refi.archive import is_project as is_refi

    return any(known(path) for known in (is_refi, is_taguette, is_qualcoder))


def is_called_database(path: Path) -> bool:
    """Whether a path is called as databases of coding programs are, or is a database of whatever program.

    Only of what somebody named: in a folder, a file of that kind may be anything (`Thumbs.db`).
    """
    from kgtools.read.qda.databases.sqlite import is_database

    if path.is_dir():
        return (path / "data.qda").is_file()
    return (path.suffix.lower() in DATABASES and path.is_file()) or is_database(path)


def read_project(path: Path) -> Project:
    """Read a project or codebook.

    Raises:
        InputError: it cannot be read, or was made to do harm.
    """
    from kgtools.read.qda.databases.qualcoder import is_qualcoder, read_qualcoder
    from kgtools.read.qda.databases.sqlite import opened
    from kgtools.read.qda.databases.taguette import is_taguette, read_taguette
    from kgtools.read.qda.refi import read_refi

    if is_taguette(path):
        return read_taguette(path)
    if is_qualcoder(path):
        return read_qualcoder(path)
    if is_called_database(path):
        file = path / "data.qda" if path.is_dir() else path
        with opened(file):  # which says if it is none, or damaged
            raise InputError("is a SQLite database, but neither Taguette's nor QualCoder's", file)
    return read_refi(path)
