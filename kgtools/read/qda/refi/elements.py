"""XML of an exchange file: its bytes go in, its elements come out one by one as they end.

Why one by one: a project of 100 MB as one tree takes several times as much memory. Whoever is done with an element
empties it (`Element.clear`); what stays is its name and place.

Why a document type is refused: no program writes one into a project, and all that it can do is to fetch files, or to
make a few lines ask for all memory of a machine. Without it the parser's own limits can be lifted, which would refuse
long texts.

Why lines are counted here: libxml2 keeps 16 bits of an element's line, and finds out beyond that by what stands around
it, if anything does. So beyond `_COUNTED` a file is fed line by line, and each element gets its line as it starts.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Generator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, Self, cast

from kgtools.errors import InputError

if TYPE_CHECKING:
    from lxml.etree import _Element

DEEPEST = 200
"""Elements within elements, so many as no codebook has levels."""

LINE = "kgtools-line"
"""The attribute that holds the line of an element far down in a file, where nothing else does."""

_COUNTED = 60_000
"""Lines from which on those of elements are counted here: well below what libxml2 can keep."""

_HEAD = 1 << 16
_NO_DOCTYPE = "has a document type (<!DOCTYPE …>), which no project needs; delete it"
_PIECE = 4_096
_SAFE: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False}


class Readable(Protocol):
    """An opened file, as far as it is needed here."""

    def read(self, size: int = -1, /) -> bytes:
        """At most so many bytes; none at its end."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *args: Any) -> None: ...


def root_of(file: Readable) -> tuple[str, str] | None:
    """Namespace and name of the outermost element, by the file's first bytes; None where it is no XML."""
    from lxml import etree

    start = _first(file)
    return None if start is None else _parts(etree.QName(start))


def local(element: _Element) -> str:
    """An element's name without its namespace."""
    return _local(element.tag)


@lru_cache(maxsize=1_000)  # names are few and asked for millions of times
def _local(tag: Any) -> str:
    return str(tag).rpartition("}")[2]


def line_of(element: _Element) -> int:
    """The line in which an element starts."""
    line: int = cast(Any, element).sourceline or 0  # the stubs do not say what it is
    if line > _COUNTED:
        counted = element.get(LINE, "")
        return int(counted) if counted.isdecimal() and len(counted) < 18 else line
    return line


def empty(element: _Element) -> None:
    """Forget what is in an element, but not what follows it."""
    cast(Any, element).clear(keep_tail=True)  # the stubs do not know of tails that are kept


def elements(opened: Callable[[], Readable], where: str) -> Generator[_Element]:
    """All elements, each as it ends, so that those within it come first.

    Args:
        opened: opens the file from its beginning; it is opened twice.
        where: the file's name, for errors.

    Raises:
        InputError: it is no XML, or XML that should not be read.
    """
    from lxml import etree

    with opened() as file:
        start = _first(file)
    if start is not None and start.getroottree().docinfo.internalDTD is not None:
        raise InputError(_NO_DOCTYPE, where, 1)
    huge = start is not None  # else what comes before the outermost element is long, and may hold a document type
    depth = 0
    with opened() as file:
        counted = _Counted(file)
        try:
            parser = etree.iterparse(
                counted, events=("start", "end"), huge_tree=huge, remove_comments=True, remove_pis=True, **_SAFE
            )
            for event, element in parser:
                if event == "start":
                    depth += 1
                    if counted.line > _COUNTED // 2:
                        element.set(LINE, str(counted.line))
                    if depth == 1 and element.getroottree().docinfo.internalDTD is not None:
                        raise InputError(_NO_DOCTYPE, where, 1)
                    if depth > DEEPEST:
                        raise InputError(
                            f"elements are nested more than {DEEPEST} deep; no codebook has so many levels",
                            where,
                            line_of(element),
                        )
                else:
                    depth -= 1
                    yield element
        except etree.XMLSyntaxError as error:
            said = str(error.msg or "it is empty").splitlines()[0].rpartition(", line ")
            raise InputError(
                f"is no XML that can be read: {said[0] or said[2]}", where, error.lineno or None
            ) from error


class _Counted:
    """A file that is read in pieces, which far down are single lines, and that says how far it was read.

    Args:
        file: the file, at its beginning.

    Attributes:
        line: the line that was read last.
    """

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._piece = b""
        self._at = 0
        self._ends = 0
        self._begun = True
        self._decoder: codecs.IncrementalDecoder | None = None
        self.line = 1

    def read(self, size: int = -1, /) -> bytes:
        """Some of the file; none at its end."""
        if self._at >= len(self._piece):
            self._piece, self._at = self._file.read(_PIECE if self._decoder else size), 0
            if self._begun:
                self._begin()
        self.line = self._ends + 1
        alone = self.line > _COUNTED // 2 and self._decoder is None
        end = self._piece.find(b"\n", self._at) + 1 if alone else 0
        read = self._piece[self._at : end or len(self._piece)]
        self._at += len(read)
        self._ends += read.count(b"\n") if self._decoder is None else self._decoder.decode(read).count("\n")
        return read

    def _begin(self) -> None:
        """See whether characters have several bytes each: UTF-16, where a byte alone does not end a line."""
        self._begun = False
        start = self._piece[:2]
        if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) or b"\0" in start:
            little = start == codecs.BOM_UTF16_LE or start.endswith(b"\0")
            self._decoder = codecs.getincrementaldecoder("utf-16-le" if little else "utf-16-be")("replace")


def _first(file: Readable) -> _Element | None:
    """The outermost element as it starts, if it does within the first bytes."""
    from lxml import etree

    parser = etree.XMLPullParser(events=("start",), **_SAFE)
    left = _HEAD
    try:
        while left > 0 and (piece := file.read(min(_PIECE, left))):
            left -= len(piece)
            parser.feed(piece)
            for _, element in parser.read_events():
                return cast("_Element", element)
    except etree.XMLSyntaxError:
        for _, element in parser.read_events():
            return cast("_Element", element)
    return None


def _parts(name: Any) -> tuple[str, str]:
    """Namespace and local part of a name."""
    return name.namespace or "", name.localname
