"""Files of coding programs (MAXQDA, NVivo, ATLAS.ti, …): as they come out of the program go in, raw tables come out.

Two kinds: tables of coded segments (`segments`), and projects, with their texts, codes, coders and cases (`refi` for
the exchange format, `databases` for those that programs keep). Each kind of project yields a `Project`, `positions`
finds each segment in its text, and `staging` brings all to the same raw tables. What an incident is in such a file is
then said by `incidents`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kgtools.read.qda.project import Project


def is_project(path: Path) -> bool:
    """Whether a path is a project or a codebook of a coding program, by what is in it, whatever its ending."""
    from kgtools.read.qda.databases.qualcoder import is_qualcoder
    from kgtools.read.qda.databases.taguette import is_taguette
    from kgtools.read.qda.refi.archive import is_project as is_refi

    return any(known(path) for known in (is_refi, is_taguette, is_qualcoder))


def read_project(path: Path) -> Project:
    """Read a project or codebook.

    Raises:
        InputError: it cannot be read, or was made to do harm.
    """
    from kgtools.read.qda.databases.qualcoder import is_qualcoder, read_qualcoder
    from kgtools.read.qda.databases.taguette import is_taguette, read_taguette
    from kgtools.read.qda.refi import read_refi

    if is_taguette(path):
        return read_taguette(path)
    return read_qualcoder(path) if is_qualcoder(path) else read_refi(path)
