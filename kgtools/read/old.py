"""Old workbooks: an .xls goes in, its sheets come out, each with its rows.

Why in a process of its own: of a broken .xls, calamine may ask for more memory than there is, which ends the process,
or fall with a trace on the error stream. The process has bounds of memory and time, and nobody hears its error stream.

Source: [MS-CFB] 2.6.1 (names of streams are UTF-16), [MS-XLS] 2.1.2 (the stream `Workbook`; in Excel 5, `Book`).
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

from kgtools.errors import InputError

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""What an .xls starts with, and also an .xlsx that is encrypted."""

_STREAMS = tuple(f"{name}\0".encode("utf-16-le") for name in ("Workbook", "WORKBOOK", "Book", "BOOK"))
_PIECE = 2**20

MOST_MEMORY = 4 * 2**30
"""Bytes of memory to read one with."""

LONGEST = 300
"""Seconds that reading one may take."""

_BROKEN = "cannot be read as a workbook; save it anew as .xlsx"


def is_old(path: Path, largest: int) -> bool:
    """Whether a file is an .xls; it is none if it has not that container.

    Args:
        largest: bytes that it may have.

    Raises:
        InputError: it is empty, or in that container but no workbook, or too large.
    """
    try:
        with path.open("rb") as file:
            start = file.read(len(OLE2))
            if not start:
                raise InputError("is empty; a workbook was expected", path)
            if start != OLE2:
                return False
            if path.stat().st_size > largest:
                raise InputError(f"is larger than {largest >> 20} MiB; save the table as .csv or .parquet", path)
            before = b""
            for piece in iter(lambda: file.read(_PIECE), b""):
                text, before = before + piece, piece[-64:]
                if any(name in text for name in _STREAMS):
                    return True
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", path) from error
    raise InputError(
        "is protected by a password, or an old .xls that holds no workbook; save it as .xlsx without a password", path
    )


def read_old(path: Path) -> dict[str, list[list[Any]]]:
    """The rows of an .xls, by the names of its sheets; those that are hidden last.

    Raises:
        InputError: it is broken, is protected by a password, or takes too much memory or time.
    """
    modules = os.pathsep.join(one for one in sys.path if one)
    try:
        done = subprocess.run(
            # -P: else the folder that somebody stands in comes first, and a module of the data would be run.
            [sys.executable, "-P", "-m", __name__, str(path.resolve())],
            env={**os.environ, "PYTHONPATH": modules},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=LONGEST,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise InputError(f"takes longer than {LONGEST} seconds to read; save it anew as .xlsx", path) from error
    except (subprocess.CalledProcessError, OSError) as error:
        raise InputError(_BROKEN, path) from error
    said, sheets = pickle.loads(done.stdout)
    if said:
        raise InputError(said, path)
    return dict(sheets)


def _read(path: str) -> tuple[str, list[tuple[str, list[list[Any]]]]]:
    """What is wrong with a workbook, or its sheets."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

    try:
        if path.lower().endswith(".xls"):
            book = CalamineWorkbook.from_path(path)
        else:  # calamine must find out what it is, and then does not tell of passwords
            with Path(path).open("rb") as file:
                book = CalamineWorkbook.from_filelike(file)
        listed = [sheet for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
        listed.sort(key=lambda sheet: sheet.visible != SheetVisibleEnum.Visible)
        return "", [(sheet.name, list(book.get_sheet_by_name(sheet.name).iter_rows())) for sheet in listed]
    except PasswordError:
        return "is protected by a password; save it without one", []
    except (CalamineError, ValueError, OSError) as error:
        return f"{_BROKEN} ({' '.join(str(error).split())})", []


def _bound_memory() -> None:
    if sys.platform != "win32":
        import resource

        with contextlib.suppress(ValueError, OSError):  # a lower bound holds already
            resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


if __name__ == "__main__":
    _bound_memory()
    sys.stdout.buffer.write(pickle.dumps(_read(sys.argv[1])))
