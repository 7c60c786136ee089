"""Old workbooks: a file goes in, whether it is an .xls that can be read comes out.

An encrypted .xlsx lies in the same container as an .xls, but has no stream of the name that a workbook has there.

Source: [MS-CFB] 2.6.1 (names of streams are UTF-16), [MS-XLS] 2.1.2 (the stream `Workbook`; in Excel 5, `Book`).
"""

from __future__ import annotations

from pathlib import Path

from kgtools.errors import InputError

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAMS = tuple(f"{name}\0".encode("utf-16-le") for name in ("Workbook", "WORKBOOK", "Book", "BOOK"))
_PIECE = 2**20


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
