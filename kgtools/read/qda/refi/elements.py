"""XML of an exchange file: its bytes go in, its elements come out one by one as they end.

Why one by one: a project of 100 MB as one tree takes several times as much memory. Whoever is done with an element
empties it (`Element.clear`); what stays is its name and place.

Why a document type is refused: no program writes one into a project, and all that it can do is to fetch files, or to
make a few lines ask for all memory of a machine. Without it the parser's own limits can be lifted, which would refuse
long texts.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, Self, cast

from kgtools.errors import InputError

if TYPE_CHECKING:
    from lxml.etree import _Element

DEEPEST = 200
"""Elements within elements, so many as no codebook has levels."""

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
    line: int | None = cast(Any, element).sourceline  # the stubs do not say what it is
    return line or 0


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
        try:
            parser = etree.iterparse(
                file, events=("start", "end"), huge_tree=huge, remove_comments=True, remove_pis=True, **_SAFE
            )
            for event, element in parser:
                if event == "start":
                    depth += 1
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
