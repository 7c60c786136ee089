"""What calamine does not tell: an .xlsx goes in; of a sheet its errors, formulas without a value, and reach come out.

Why a sheet's XML is gone through before calamine reads it: calamine takes an error (`#REF!`) and a formula that nobody
computed for empty cells, and lays a sheet out as one rectangle in memory, however far apart its cells are. A quick look
tells whether there may be anything of the kind; only then a slow one says where. Neither look resolves entities, nor
does calamine, and none of the three opens anything but the file.

Source: ECMA-376, part 1, 18.3.1 (worksheets), and 18.18.11 (types of cells).
"""

from __future__ import annotations

import posixpath
import re
import xml.parsers.expat
import zipfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from kgtools.errors import InputError
from kgtools.read.zipped import DAMAGED

LARGEST = 2**30
"""Bytes that all parts of a workbook may have, unpacked: more may be a file that was made to exhaust the memory."""

_UNUSUAL = [
    re.compile(one)
    for one in (rb'"e"', rb"'e'", rb"<f", rb":(?:c|row|f)[\s/>]", rb"""<(?:c|row)(?! r="[A-Z]?\d{1,6}")[\s/>]""")
]
"""What most sheets do not have; each is several times as fast to look for as what then decides."""

_LOOK = re.compile(
    rb"""\bt\s*=\s*["']e["']"""  # an error
    rb"""|<(?:[\w.-]+:)?f[\s/>]"""  # a formula
    rb"""|\br\s*=\s*["'](?:[A-Za-z]{2,}|[A-Za-z]*\d{7})"""  # a cell far to the right, or far down
    rb"""|<(?:[\w.-]+:)?(?:c|row)(?=[\s/>])(?![^>]*\sr\s*=)[^>]*>"""  # a cell or row that does not say which
)
_REFERENCE = re.compile(r"([A-Za-z]{1,7})(\d{1,9})")
_PIECE = 2**20
_LONGEST_TAG = 2**16


@dataclass
class Unseen:
    """How far a sheet reaches (row, column), and its errors and formulas without a value, by row."""

    reach: tuple[int, int] = (0, 0)
    errors: dict[int, str] = field(default_factory=dict)
    uncomputed: dict[int, str] = field(default_factory=dict)


def unpacked(path: Path) -> set[str]:
    """Unpack a workbook's parts, a piece at a time; which of them are worth a slow look.

    Why all are unpacked: the sizes that a zip file's directory states need not be true.

    Raises:
        InputError: it cannot be read, is no workbook, or is too large unpacked.
    """
    suspicious = set()
    try:
        with zipfile.ZipFile(path) as archive:
            total = 0
            if sum(member.file_size for member in archive.infolist()) > LARGEST:
                raise _too_large(path)
            for member in archive.infolist():
                before = b""
                for piece in _pieces(archive, member):
                    total += len(piece)
                    if total > LARGEST:
                        raise _too_large(path)
                    if member.filename not in suspicious:
                        text = before + piece
                        before = text[text.rfind(b"<") :]  # the last tag may go on in the next piece
                        unusual = any(one.search(text) for one in _UNUSUAL) and _LOOK.search(text)
                        if unusual or len(before) > _LONGEST_TAG:
                            suspicious.add(member.filename)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", path) from error
    except DAMAGED as error:
        raise InputError("is no .xlsx workbook, or is cut off; save it anew as .xlsx", path) from error
    return suspicious


def look_at(path: Path, sheet: str, suspicious: Collection[str]) -> Unseen:
    """A sheet's errors, formulas and reach, where the quick look found a reason to ask.

    Args:
        path: the workbook.
        sheet: the sheet's name.
        suspicious: what `unpacked` says of the workbook.

    Raises:
        InputError: its XML is broken, or does not say which part the sheet is.
    """
    with zipfile.ZipFile(path) as archive:
        members = {_plain(name): name for name in archive.namelist()}
        part = _part_of(archive, members, sheet)
        if part is None:
            raise InputError("its parts do not hang together; save it anew", path)
        return _looked(archive, part) if part in suspicious else Unseen()


def _too_large(path: Path) -> InputError:
    return InputError(f"is larger than {LARGEST >> 20} MiB unpacked; save the table as .csv or .parquet", path)


def _pieces(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    member.file_size = LARGEST + 1  # to its end, whatever size was stated
    with archive.open(member) as part:
        yield from iter(lambda: part.read(_PIECE), b"")


def _plain(name: str) -> str:
    """A part's name, as calamine compares them."""
    return posixpath.normpath(name.replace("\\", "/").lstrip("/")).lower()


def _part_of(archive: zipfile.ZipFile, members: dict[str, str], sheet: str) -> str | None:
    """The member of the archive that holds a sheet, found from the package's relations on (ECMA-376, part 2, 6.5)."""
    ids: list[str] = []

    def sheets(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "sheet" and attributes.get("name") == sheet:
            ids.extend(value for name, value in attributes.items() if name.endswith(":id"))

    books = [target for kind, target in _relations(archive, members, "").values() if kind == "officeDocument"]
    if not books or books[0] not in members:
        return None
    _parse(archive, members[books[0]], start=sheets)
    related = _relations(archive, members, books[0])
    return members.get(related[ids[0]][1]) if ids and ids[0] in related else None


def _relations(archive: zipfile.ZipFile, members: dict[str, str], part: str) -> dict[str, tuple[str, str]]:
    """What a part is related to, by the relation's id: its kind, and the part."""
    folder, name = posixpath.split(part)
    related: dict[str, tuple[str, str]] = {}

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "Relationship":
            target = _plain(posixpath.join("/" + folder, attributes.get("Target", "").replace("\\", "/")))
            related[attributes.get("Id", "")] = attributes.get("Type", "").rpartition("/")[2], target

    listed = members.get(posixpath.join(folder, "_rels", f"{name}.rels"))
    if listed:
        _parse(archive, listed, start=relation)
    return related


def _looked(archive: zipfile.ZipFile, part: str) -> Unseen:
    """Go through a sheet's cells, counting rows and columns as calamine does where a cell does not say its own."""
    look = Unseen()
    row = column = lowest = widest = 0
    reference = kind = value = ""
    formula = reading = False

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, reference, kind, value, formula, reading, lowest, widest
        tag = tag.rpartition(":")[2]
        if tag == "c":
            reference, kind, value, formula = attributes.get("r", ""), attributes.get("t", ""), "", False
            if said := _REFERENCE.fullmatch(reference):
                row, column = int(said[2]), _number(said[1])
            elif reference:
                raise InputError(f"has a cell `{reference}`, which is none", archive.filename)
            else:
                column += 1
            lowest, widest = row if row > lowest else lowest, column if column > widest else widest
        elif tag == "row":
            row, column = int(attributes["r"]) if attributes.get("r", "").isdecimal() else row + 1, 0
        elif tag == "f":
            formula = True
        elif tag == "v":
            reading = True

    def end(tag: str) -> None:
        nonlocal reading
        tag = tag.rpartition(":")[2]
        if tag == "v":
            reading = False
        elif tag == "c" and (kind == "e" or formula):
            called = reference or f"{column} of the row"
            if kind == "e":
                look.errors.setdefault(row, f"cell {called} holds the error {value[:20]}")
            elif not value and kind not in ("str", "inlineStr"):
                look.uncomputed.setdefault(row, f"cell {called} holds a formula that was never computed")

    def read(data: str) -> None:
        nonlocal value
        if reading:
            value += data

    _parse(archive, part, start, end, read)
    look.reach = lowest, widest
    return look


@cache
def _number(letters: str) -> int:
    """A column's number: 1 for A, 27 for AA."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _parse(
    archive: zipfile.ZipFile,
    part: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    read: Callable[[str], None] | None = None,
) -> None:
    """Go through a part's XML; a document type definition is refused."""

    def refuse(*_: object) -> None:
        raise InputError("holds a document type definition, which no workbook has", archive.filename)

    parser = xml.parsers.expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = read
    try:
        for piece in _pieces(archive, archive.getinfo(part)):
            parser.Parse(piece)
        parser.Parse(b"", True)
    except xml.parsers.expat.ExpatError as error:
        raise InputError(f"holds XML that cannot be read ({part}: {error}); save it anew", archive.filename) from error
