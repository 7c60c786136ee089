"""Sources of an exchange project, with what is marked and coded: elements go in as they end, records come out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kgtools.read.encoding import decode
from kgtools.read.qda.refi.elements import line_of, local
from kgtools.read.qda.refi.parts import (
    IN_TEXT,
    KINDS,
    SELECTIONS,
    address,
    area_of,
    child_text,
    children,
    guid,
    integer,
    references,
    words_in,
)
from kgtools.read.qda.refi.reading import values_of
from kgtools.read.qda.refi.records import Applied, Document, Marked
from kgtools.read.qda.values import span, without_folders

if TYPE_CHECKING:
    from lxml.etree import _Element

    from kgtools.read.qda.project import Kind
    from kgtools.read.qda.refi.reading import Reading


_CODABLE = frozenset((*KINDS, *SELECTIONS, "Note", "Representation", "TextDescription", "Transcript"))
_WORDED = IN_TEXT | {"PDFSelection"}


class Sources:
    """Reads sources.

    Args:
        reading: what was read so far; records are added to it.
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._keys: dict[_Element, str] = {}
        self._here: dict[tuple[str, str], Marked] = {}
        self._coded: set[str] = set()
        self._unmirrored: dict[tuple[str, str, str], dict[str, int]] = {}
        self._timed: dict[_Element, list[tuple[Marked, str, str, str]]] = {}
        self._absent: set[str] = set()
        self._extra: dict[_Element, Document | None] = {}

    def source(self, element: _Element) -> None:
        """A source, when all that is in it was read."""
        holder = next(children(element, "Representation", "TextDescription"), None)
        scripts = list(children(element, "Transcript"))
        if local(element) == "TextSource":
            text = self._text(element, wanted=True)
        elif holder is not None:
            text = self._text(holder)
            self._codings(holder, self._source_key(element))
        else:
            text = self._text(scripts[0]) if scripts else None
        for script in scripts:
            self._codings(script, self._source_key(element))
            self._synchronize(script)
        for stray in (marked for waiting in self._timed.values() for marked, *_ in waiting):
            self._unplaced(stray)
        self._document(element, KINDS[local(element)], text)
        for script, extra in self._extra.items():
            if extra is not None:
                extra.text = self._text(script)
                self.reading.documents.append(extra)
        self._extra.clear()
        self._timed.clear()

    def _document(self, element: _Element, kind: Kind, text: bytes | None) -> None:
        """Keep a source, and the codings of all of it."""
        self._codings(element, self._source_key(element))
        where = next((found for path in ("plainTextPath", "path") if (found := address(element.get(path)))), None)
        name = without_folders(element.get("name") or "") or (where.name.rpartition("/")[2] if where else "")
        self.reading.documents.append(
            Document(
                self._source_key(element),
                name or f"Source {len(self.reading.documents) + 1}",
                kind,
                line_of(element),
                text,
                child_text(element, "Description"),
                values_of(element),
                references(element),
            )
        )
        self._forget(element)

    def _source_key(self, element: _Element) -> str:
        """The key of the source that is being read, given when its first selection or itself ends."""
        if element not in self._keys:
            self._keys[element] = self.reading.unique("source", guid(element.get("guid")), element)
        return self._keys[element]

    def _text(self, element: _Element, *, wanted: bool = False) -> bytes | None:
        """The plain text of a source: of its file if it has one (as the program stored it), else what is inlined.

        Args:
            wanted: whether a source without any is worth a remark.
        """
        line = line_of(element)
        inlined = next((inner for inner in children(element, "PlainTextContent")), None)
        where = address(element.get("plainTextPath"))
        name = without_folders(element.get("name") or "")
        if where is not None and where.outside:
            self.reading.remarks.add(
                "info", "refi:outside", "a text lies outside of the project and is not opened", line=line, value=name
            )
        elif where is not None:
            found = self.reading.kept.text(where.name)
            if found is not None:
                return found
            if inlined is None and where.name not in self._absent:
                self._absent.add(where.name)
                self.reading.remarks.add(
                    "warning",
                    "refi:text-absent",
                    f"the project lacks the text `{where.name}`; its segments are kept without their words",
                    line=line,
                    value=name,
                )
        elif inlined is None and wanted:
            self.reading.remarks.add(
                "warning",
                "refi:text-absent",
                "a source has no plain text (styled text is not read); its segments are kept without their words",
                line=line,
                value=name,
            )
        return None if inlined is None else "".join(map(str, inlined.itertext())).encode("utf-8", "surrogatepass")

    def _synchronize(self, script: _Element) -> None:
        """Give the selections in a transcript offsets and times from its points in time."""
        points = {guid(point.get("guid")): point for point in children(script, "SyncPoint")}
        for marked, first, last, name in self._timed.pop(script, ()):
            start, end = points.get(first), points.get(last)
            if start is None or end is None:
                self.reading.remarks.add(
                    "warning",
                    "refi:sync-point",
                    "a selection in a transcript starts or ends at no point in time of it; its place is unknown",
                    line=marked.line,
                )
                continue
            places = integer(start.get("position")), integer(end.get("position"))
            self._place(marked, *places)
            times = integer(start.get("timeStamp")), integer(end.get("timeStamp"))
            marked.fragment = marked.fragment or span(*times)
            marked.words = marked.words or _words_of(name, marked)

    def selection(self, element: _Element) -> None:
        """A selection, with its codings."""
        owner = _around(element, (*KINDS, "Note"))
        if owner is None:
            self.reading.remarks.add(
                "warning",
                "refi:selection-lost",
                f"`{local(element)}` stands in no source, so it is left out",
                line=line_of(element),
            )
            return
        marked = self._marked(element, owner)
        if (said := child_text(element, "Description")) is not None:
            marked.said.append(said.strip())
        marked.notes += references(element)
        self._codings(element, marked.source, marked)
        for piece in children(element, "Representation"):
            self._codings(piece, marked.source, marked)

    def coding(self, element: _Element) -> None:
        """A coding is read with what it stands in; here one that stands in nothing that can be coded is told."""
        around = element.getparent()
        if around is None or local(around) not in _CODABLE or _around(element, (*KINDS, "Note")) is None:
            self._lost(element, "stands in no source or selection")

    def note(self, element: _Element) -> None:
        """A note: its text is inlined, in a file, or no more than a description. One that is coded is a source too."""
        text = self._text(element)
        said = decode(text)[0] if text is not None else child_text(element, "Description")
        if said and said.strip():
            self.reading.notes.setdefault(guid(element.get("guid")), said.strip())
        if self._keys.get(element) in self._coded or any(True for _ in children(element, "Coding")):
            self._document(element, "text", text)
        else:  # a selection in it says which place it is on; without a source it is dropped
            self._forget(element)

    def _forget(self, element: _Element) -> None:
        """Be done with a source."""
        self._keys.pop(element, None)
        self._here.clear()
        self._unmirrored.clear()

    def _marked(self, element: _Element, owner: _Element) -> Marked:
        """A selection's record: a new one, or that of its mirror image."""
        tag = local(element)
        key = guid(element.get("guid"))
        of_owner = self._source_key(owner)
        source = self._script(element, of_owner)
        new = Marked(key, source, tag, line_of(element), guid(element.get("creatingUser")))
        if tag == "PlainTextSelection":
            inside = _around(element, ("PDFSelection",))
            if inside is None:  # else its offsets are those of a piece of text that only it has
                self._place(new, integer(element.get("startPosition")), integer(element.get("endPosition")))
        elif tag != "TranscriptSelection":
            new.fragment = area_of(element)
            if new.fragment is None:
                self._unplaced(new)
        new.words = self._words(element, new)
        twin = self._here.get((of_owner, key)) if key else None
        if twin is not None and (twin.tag != tag or (twin.start, twin.end) == (new.start, new.end)):
            record = _merged(twin, new)
        else:
            record = new
            new.key = self.reading.unique("selection", key, element)
            self.reading.selections.append(new)
            if key:
                self._here.setdefault((of_owner, key), new)
        script = element.getparent()
        if tag == "TranscriptSelection" and script is not None:
            ends = guid(element.get("fromSyncPoint")), guid(element.get("toSyncPoint"))
            self._timed.setdefault(script, []).append((record, *ends, element.get("name") or ""))
        return record

    def _place(self, marked: Marked, start: int | None, end: int | None) -> None:
        """Give a selection its offsets, if they can be some."""
        if start is None or end is None or not 0 <= start <= end:
            self._unplaced(marked)
        else:
            marked.start, marked.end = start, end

    def _unplaced(self, marked: Marked) -> None:
        self.reading.remarks.add(
            "warning",
            "refi:place",
            f"a `{marked.tag}` does not say where it is in whole numbers, first before last; its place is unknown",
            line=marked.line,
        )

    def _words(self, element: _Element, marked: Marked) -> str | None:
        """The words selected, where the file has them."""
        for piece in children(element, "Representation"):
            if (text := child_text(piece, "PlainTextContent")) is not None:
                return text
        known = marked.tag == "PDFSelection" or marked.start is not None
        return _words_of(element.get("name"), marked) if known and marked.tag in _WORDED else None

    def _script(self, element: _Element, of_owner: str) -> str:
        """The source that a selection is of: of a recording's second transcript and later ones, one of its own.

        Why: a source has one text here, and offsets in another would be taken for offsets in that.
        """
        script = element.getparent()
        if local(element) != "TranscriptSelection" or script is None or local(script) != "Transcript":
            return of_owner
        if script not in self._extra:
            self._extra[script] = None
            if any(local(before) == "Transcript" for before in script.itersiblings(preceding=True)):
                line = line_of(script)
                name = without_folders(script.get("name") or "") or f"Transcript {len(self._extra)}"
                self.reading.remarks.add(
                    "info",
                    "refi:transcript",
                    "a recording has several transcripts; from the second on, each is a document of its own",
                    line=line,
                    value=name,
                )
                key = self.reading.unique("source", guid(script.get("guid")), script)
                self._extra[script] = Document(key, name, "text", line)
        extra = self._extra[script]
        return of_owner if extra is None else extra.key

    def _codings(self, holder: _Element, source: str, marked: Marked | None = None) -> None:
        """The codings right within an element, but for mirror images of those that were read.

        What is known of a place is how many codings with one code by one coder stand in each of its parts (in the page
        and in its text) whose image in another part did not come yet.
        """
        part = local(holder)
        for coding in children(holder, "Coding"):
            codes = references(coding, "CodeRef")
            if not codes:
                self._lost(coding, "names no code")
            user = guid(coding.get("creatingUser")) or (marked.user if marked else "")
            key = guid(coding.get("guid"))
            for code in codes:
                parts = self._unmirrored.setdefault((marked.key if marked else source, code, user), {})
                image = next((other for other, count in parts.items() if other != part and count), None)
                if image is not None:
                    parts[image] -= 1
                    continue
                parts[part] = parts.get(part, 0) + 1
                self._coded.add(source)
                self.reading.codings.append(
                    Applied(
                        self.reading.unique("coding", key, coding),
                        source,
                        marked,
                        code,
                        user,
                        coding.get("creationDateTime"),
                        line_of(coding),
                        references(coding),
                    )
                )
                key = ""

    def _lost(self, coding: _Element, why: str) -> None:
        self.reading.lost += 1
        self.reading.remarks.add(
            "violation",
            "refi:coding-lost",
            f"a coding {why}, so it is left out; it belongs into a source or selection, with a CodeRef to its code",
            line=line_of(coding),
        )


def _merged(twin: Marked, new: Marked) -> Marked:
    """One selection of two with the same GUID: what the one lacks, the other may know."""
    if new.tag in IN_TEXT and twin.tag not in IN_TEXT:
        twin.source = new.source
    twin.start, twin.end = (twin.start, twin.end) if twin.start is not None else (new.start, new.end)
    twin.fragment = twin.fragment or new.fragment
    # Of a selection that runs over two pages, the page's piece has the words on that page alone.
    twin.words = new.words or twin.words if new.tag in IN_TEXT else twin.words or new.words
    twin.user = twin.user or new.user
    return twin


def _words_of(name: str | None, marked: Marked) -> str | None:
    """A selection's name, if it is its words."""
    known = marked.start is not None and marked.end is not None
    return words_in(name, (marked.end or 0) - (marked.start or 0) if known else None)


def _around(element: _Element, names: tuple[str, ...]) -> _Element | None:
    """The nearest element around another that has one of these names."""
    return next((outer for outer in element.iterancestors() if local(outer) in names), None)
