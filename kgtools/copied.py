"""Copied: a store in a folder goes in; a copy, in a folder that goes when the copy goes, comes out.

Why not Oxigraph's `backup`: of a store that is open for reading it leaves out what is in no table yet.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from shutil import Error as CopyError
from shutil import copyfile, copytree, ignore_patterns, rmtree
from tempfile import mkdtemp
from weakref import finalize

from kgtools.errors import InputError
from kgtools.store import Store


class Copied(Store):
    """A copy of a store in a folder; writing to it leaves that one as it is.

    It takes no time where the two folders are on one disk: files of tables never change once they are written
    (RocksDB, "Checkpoints"), so both folders have the same ones, and only the small others are copied.

    Args:
        folder: where the store is.

    Raises:
        InputError: there is no room for a copy, or the store is written at this moment.
    """

    def __init__(self, folder: Path) -> None:
        place = _Folder()
        to = place.path / "store"
        try:
            copytree(folder, to, copy_function=_linked, ignore=ignore_patterns("LOCK"))
        except (OSError, CopyError) as error:
            raise InputError(f"cannot be copied to {to} ({str(error).splitlines()[0][:200]})", folder) from error
        super().__init__(to)
        self._place = place  # goes after `inner`, which must be closed by then


class _Folder:
    """A temporary folder that goes when nothing holds it, at the latest when the program ends."""

    def __init__(self) -> None:
        self.path = Path(mkdtemp(prefix="kgtools-"))
        finalize(self, rmtree, self.path, ignore_errors=True)


def _linked(source: str, to: str) -> None:
    """Have a table of a store in another folder too; copy what is no table, or cannot be in both."""
    if source.endswith(".sst"):
        with suppress(OSError):
            os.link(source, to)
            return
    copyfile(source, to)
