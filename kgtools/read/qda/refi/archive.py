"""What an exchange project is kept in: a file goes in, the bytes of its parts come out, within limits.

It is a zip archive (`.qdpx`, or by any other ending), or the project file alone (`.qde`, `.qdc`), its sources in a
folder `sources` beside it. Nothing is ever unpacked to disk, and nothing but the archive or that folder is opened.

Why an archive with a single bad name is refused as a whole: no program that writes projects makes one, so whoever made
it meant harm, or it is damaged. What an archive says of its members' sizes is checked before it is believed.
"""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import unquote

from kgtools.errors import InputError
from kgtools.read.qda.refi.elements import Readable, root_of
from kgtools.read.qda.remarks import short
from kgtools.read.zipped import DAMAGED, ZIP

LARGEST_READ = 256 << 20
"""Bytes that a member that is read may have."""

LARGEST_ALL = 512 << 20
"""Bytes that all members that are read may have together: the texts of a project are in memory, several times."""

LARGEST_MEMBER = (1 << 31) - 1
"""Bytes that any member may have: what the standard allows (REFI-QDA 1.5, 8.5)."""

MOST_MEMBERS = 100_000

_ENDINGS = (".qdpx", ".qde", ".qdc")
_PIECE = 1 << 20
_BLANK = b"\xef\xbb\xbf \t\r\n"
_OPENINGS = (b"<", b"\xff\xfe", b"\xfe\xff", b"\0<")
_ROOTS = ("Project", "CodeBook")


def is_project(path: Path) -> bool:
    """Whether a file is an exchange project or codebook, by its ending or by a short look at what is in it."""
    if not path.is_file():
        return False
    if path.suffix.lower() in _ENDINGS:
        return True
    try:
        with path.open("rb") as file:
            start = file.read(64)
            if not start.startswith(ZIP):
                if not start.lstrip(_BLANK).startswith(_OPENINGS):  # as most files that are no project
                    return False
                file.seek(0)
                namespace, name = root_of(file) or ("", "")
                return name in _ROOTS and (not namespace or namespace.upper().startswith("URN:QDA-XML:"))
        with zipfile.ZipFile(path) as archive:
            return any(_is_project_file(name) for name in archive.namelist())
    except DAMAGED:
        return False


def _is_project_file(name: str) -> bool:
    """Whether a member is a project file, and not what a file system left behind (`__MACOSX/._project.qde`)."""
    parts = name.replace("\\", "/").split("/")
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in parts)
    return parts[-1].lower().endswith(".qde") and not hidden


class Kept(Protocol):
    """An opened project.

    Args:
        part: the name of the project file in the archive; empty where the file itself is it.
    """

    part: str

    def project(self) -> Readable:
        """The project file, from its beginning, to be read once and closed."""

    def text(self, name: str) -> bytes | None:
        """A source by its name; None where there is none."""


@contextmanager
def opened(path: Path) -> Iterator[Kept]:
    """Open a project.

    Raises:
        InputError: it cannot be read, is damaged, or is nothing that should be read.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(4) == ZIP
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error}); name a file that can", path) from error
    if not packed:
        yield _Folder(path)
        return
    try:
        archive = zipfile.ZipFile(path)
    except DAMAGED as error:
        raise InputError("the zip archive is damaged or was cut off; export the project anew", path) from error
    with archive:
        yield _Archive(path, archive)


class _Archive:
    """A project in a zip archive."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self._path = path
        self._archive = archive
        self._left = LARGEST_ALL
        members: dict[str, zipfile.ZipInfo] = {}
        if len(archive.infolist()) > MOST_MEMBERS:
            raise InputError(f"the archive has more than {MOST_MEMBERS:,} members; that is no project", path)
        for info in archive.infolist():
            name = self._checked(info)
            if name.endswith("/"):
                continue
            if name in members:
                raise InputError(
                    f"the archive has `{short(name)}` twice, and which one counts cannot be told; export it anew",
                    path,
                )
            members[name] = info
        self._members = members
        self._folded: dict[str, list[str]] = {}
        for name in members:
            self._folded.setdefault(name.casefold(), []).append(name)
        self.part = self._project_file()
        self._folder = self.part.rpartition("/")[0]

    def _checked(self, info: zipfile.ZipInfo) -> str:
        """A member's name with slashes, if it may be what it says.

        Raises:
            InputError: it points out of the archive, is a link, is encrypted or too large.
        """
        name = info.orig_filename.replace("\\", "/")
        parts = name.split("/")
        if name.startswith("/") or ".." in parts or ":" in parts[0] or "\0" in name:
            raise InputError(
                f"the archive's member `{short(name)}` points out of the archive; a name within it is needed",
                self._path,
            )
        if stat.S_ISLNK(info.external_attr >> 16):
            raise InputError(f"the archive's member `{short(name)}` is a link; a file is needed", self._path)
        if info.flag_bits & 1:
            raise InputError("the archive is encrypted; unpack it with its password and pack it without", self._path)
        if info.file_size > LARGEST_MEMBER:
            raise InputError(
                f"the archive's member `{short(name)}` says that it has {info.file_size:,} bytes; "
                f"{LARGEST_MEMBER:,} are allowed",
                self._path,
            )
        return name

    def _project_file(self) -> str:
        """The name of the project file, if no other says something else."""
        found = sorted(
            (name for name in self._members if _is_project_file(name)), key=lambda name: (name.count("/"), name)
        )
        if not found:
            raise InputError("the archive has no project file; it should be called project.qde", self._path)
        # A project packed twice under names that differ in case alone is one project, if both say the same.
        if len(found) > 1 and len({self._content(name) for name in found}) > 1:
            told = " and ".join(f"`{short(name)}`" for name in found[:2])
            raise InputError(f"the archive holds two projects, {told}; keep one of them", self._path)
        return found[0]

    def project(self) -> Readable:
        return _Bounded(self, self.part)

    def text(self, name: str) -> bytes | None:
        wanted = name.replace("\\", "/").lstrip("/")
        base = f"{self._folder}/" if self._folder else ""
        for tried in dict.fromkeys((wanted, unquote(wanted))):
            for place in (f"{base}sources/{tried}", f"{base}Sources/{tried}", f"{base}{tried}"):
                exact = [place] if place in self._members else self._folded.get(place.casefold(), [])
                if len(exact) == 1:
                    return self._content(exact[0])
        return None

    def _content(self, name: str) -> bytes:
        with _Bounded(self, name) as member:
            return b"".join(iter(lambda: member.read(_PIECE), b""))

    def declared(self, name: str) -> tuple[IO[bytes], int]:
        """A member, opened, and the size that it says it has, if that may be read.

        Raises:
            InputError: it is too large, or packed in a way that is not read here.
        """
        info = self._members[name]
        if info.file_size > LARGEST_READ:
            raise InputError(
                f"the archive's `{short(name)}` has {info.file_size:,} bytes; at most {LARGEST_READ:,} are read",
                self._path,
            )
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise InputError(
                f"the archive's member `{short(name)}` is packed in a way that the standard does not know; "
                "pack it as usual (deflate)",
                self._path,
            )
        try:
            return self._archive.open(info), info.file_size
        except DAMAGED as error:
            raise self.damaged(name) from error

    def read(self, count: int) -> None:
        """Count bytes that were read.

        Raises:
            InputError: they are too many in all.
        """
        self._left -= count
        if self._left < 0:
            raise InputError(f"the archive's texts have more than {LARGEST_ALL:,} bytes in all", self._path)

    def damaged(self, name: str) -> InputError:
        """What to say of a member that is not as the archive says."""
        return InputError(
            f"the archive's member `{short(name)}` is damaged or was cut off; export the project anew", self._path
        )


class _Bounded:
    """A member that is read piece by piece, and never further than it says that it goes."""

    def __init__(self, archive: _Archive, name: str) -> None:
        self._archive = archive
        self._name = name
        self._file, self._left = archive.declared(name)

    def read(self, size: int = -1, /) -> bytes:
        try:
            piece = self._file.read(_PIECE if size < 0 else min(size, _PIECE))
        except DAMAGED as error:
            raise self._archive.damaged(self._name) from error
        self._left -= len(piece)
        if self._left < 0 or (not piece and size and self._left):
            raise self._archive.damaged(self._name)
        self._archive.read(len(piece))
        return piece

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> _Bounded:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Folder:
    """A project file with its sources in a folder beside it."""

    part = ""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._left = LARGEST_ALL
        if path.stat().st_size > LARGEST_READ:
            raise InputError(f"has more than {LARGEST_READ:,} bytes; that is no project file", path)
        self._files: dict[str, Path] = {}
        with suppress(OSError):  # a folder that cannot be looked into has no sources
            for folder in sorted(path.parent.iterdir()):
                if folder.name.lower() == "sources" and folder.is_dir() and not folder.is_symlink():
                    for file in sorted(folder.iterdir()):
                        if file.is_file() and not file.is_symlink():
                            self._files.setdefault(file.name.casefold(), file)

    def project(self) -> Readable:
        return self._path.open("rb")

    def text(self, name: str) -> bytes | None:
        folder, _, last = name.replace("\\", "/").lstrip("/").rpartition("/")
        if folder.lower() not in ("", "sources"):
            return None
        file = self._files.get(last.casefold()) or self._files.get(unquote(last).casefold())
        if file is None:
            return None
        size = file.stat().st_size
        if size > LARGEST_READ:
            raise InputError(f"has {size:,} bytes; {LARGEST_READ:,} are read at most", file)
        self._left -= size
        if self._left < 0:
            raise InputError(f"the project's texts have more than {LARGEST_ALL:,} bytes in all", self._path)
        try:
            return file.read_bytes()
        except OSError as error:
            raise InputError(f"cannot be read ({error.strerror or error}); make it readable", file) from error
