"""Parts of an exchange project: elements of XML go in, plain values come out (ids, words, offsets, media fragments)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from kgtools.read.qda.refi.elements import local
from kgtools.read.qda.values import area, span

if TYPE_CHECKING:
    from lxml.etree import _Element

    from kgtools.read.qda.project import Kind

KINDS: dict[str, Kind] = {
    "TextSource": "text",
    "PDFSource": "pdf",
    "PictureSource": "picture",
    "AudioSource": "audio",
    "VideoSource": "video",
}
SELECTIONS = frozenset(
    (
        "PlainTextSelection",
        "PDFSelection",
        "PictureSelection",
        "AudioSelection",
        "VideoSelection",
        "TranscriptSelection",
    )
)
IN_TEXT = frozenset(("PlainTextSelection", "TranscriptSelection"))

SHORTEST_CUT = 20
"""Characters that a name must have before its `…` to be taken for words cut off."""

_INTEGER = re.compile(r"\s*([+-]?\d{1,18})\s*", re.ASCII)
_ADDRESS = re.compile(r"(line|quotation|segment|selection|zitat|p|page|§|#)?[\s:.#-]*[\d:.,–—\s-]+", re.IGNORECASE)
"""What programs call a selection by its place: `line:6`, `Quotation 6:1`, `00:16.17 – 00:45.35`."""

_LONGEST_ADDRESS = 60


def guid(said: str | None) -> str:
    """A GUID as keys have it: lower case, without braces; empty where there is none."""
    return (said or "").strip().strip("{}").lower()


def integer(said: str | None) -> int | None:
    """A whole number; None for what is none."""
    found = _INTEGER.fullmatch(said or "")
    return int(found[1]) if found else None


def children(element: _Element, *names: str) -> Iterator[_Element]:
    """The elements right within an element that are called so."""
    return (inner for inner in element if local(inner) in names)


def child_text(element: _Element, name: str) -> str | None:
    """The text of the first element within that is called so; None where there is none, or it is blank."""
    for inner in children(element, name):
        text = "".join(map(str, inner.itertext()))
        return text if text.strip() else None
    return None


def references(element: _Element, name: str = "NoteRef") -> list[str]:
    """What elements within refer to; sets of codebooks say `guid`, those of projects `targetGUID`."""
    found = (guid(inner.get("targetGUID") or inner.get("guid")) for inner in children(element, name))
    return [key for key in found if key]


def words_in(name: str | None, length: int | None) -> str | None:
    """A selection's name, if it is what was selected; None where it is a name.

    Why it takes a rule: the standard has no place for the words, so ATLAS.ti writes their first 100 characters with `…`
    as the name, QualCoder all of them, and others a name of their own or the user's. What looks like a place is a name.
    Else it is the words if it is as long as the selection, but for an eighth (units other than characters, line ends of
    two characters, blanks run together); or shorter, and cut off with `…` or `...` at its end. What fits by accident
    does no harm: where the text is at hand, words are held against it.

    Args:
        length: the offset after the selection less that of its start; None where unknown.
    """
    said = (name or "").strip()
    if not said or (len(said) <= _LONGEST_ADDRESS and _ADDRESS.fullmatch(said)):
        return None
    cut = next((mark for mark in ("…", "...") if said.endswith(mark)), "")
    if cut and len(said) > SHORTEST_CUT + len(cut) and (length is None or len(said) - len(cut) <= length):
        return said
    if length is None:
        return None
    return said if abs(length - len(said)) <= max(2, length // 8) else None


def area_of(element: _Element) -> str | None:
    """Where a selection lies in what is no text, as a fragment (see `Selection.fragment`); None where it is not said.

    Pages count from 0 in the file: so they do in the standard's annex.
    """
    if local(element) in ("AudioSelection", "VideoSelection"):
        return span(integer(element.get("begin")), integer(element.get("end")))
    x, y, to_x, to_y = (integer(element.get(side)) for side in ("firstX", "firstY", "secondX", "secondY"))
    corner = None
    if x is not None and y is not None and to_x is not None and to_y is not None:
        corner, size = (min(x, to_x), min(y, to_y)), (abs(to_x - x), abs(to_y - y))
    if local(element) == "PictureSelection":
        return area(*corner, *size) if corner and min(corner) >= 0 else None
    page = integer(element.get("page"))
    if page is None or page < 0:
        return None
    return area(*corner, *size, page) if corner else f"page={page + 1}"


class Address(NamedTuple):
    """Where a source's file is.

    Args:
        name: its name within the project; empty where it has none.
        outside: whether it lies outside of the project, where nothing is opened.
    """

    name: str
    outside: bool


def address(said: str | None) -> Address | None:
    """What a path of the file points to; None for no path.

    What is said to be relative is looked for in the project: some programs call sources so that they packed.
    """
    path = (said or "").strip()
    if not path:
        return None
    scheme, slashes, rest = path.rpartition("://")
    inner = (rest if slashes else path).replace("\\", "/")
    if slashes and scheme.lower() in ("internal", "relative"):
        inner = inner.lstrip("/")
    elif slashes:
        return Address("", outside=True)
    if inner.startswith("/") or ".." in inner.split("/") or ":" in inner.split("/")[0]:
        return Address("", outside=True)
    return Address(inner, outside=False)
