"""Files of coding programs (MAXQDA, NVivo, ATLAS.ti, …): as they come out of the program go in, raw tables come out.

Two kinds: tables of coded segments (`dialects` says which columns a program writes, `exports` brings them to ours), and
projects, with their texts, codes, coders and cases (`refi` for the exchange format, `taguette` and `qualcoder` for the
databases of these programs; each yields a `Project`, `positions` finds each segment in its text, and `staging` brings
all to the same raw tables). What an incident is in such a file is then said by `incidents`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kgtools.read.qda.project import Project


def is_project(path):
    from kgtools.read.qda.archive import is_project as is_refi
    return is_refi(path)


def read_project(path):
    from kgtools.read.qda.refi import read_refi
    return read_refi(path)
