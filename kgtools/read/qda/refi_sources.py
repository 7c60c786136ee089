"""Sources of an exchange project, with what is marked and coded: elements go in as they end, records come out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kgtools.read.qda.elements import line_of, local
from kgtools.read.qda.refi_parts import (
    IN_TEXT,
    KINDS,
    address,
    area_of,
    child_text,
    children,
    guid,
    integer,
    references,
    time_of,
    without_folders,
    words_in,
)
from kgtools.read.qda.refi_reading import values_of
from kgtools.read.qda.refi_records import Applied, Document, Marked

if TYPE_CHECKING:
    from lxml.etree import _Element

    from kgtools.read.qda.project import Kind
    from kgtools.read.qda.refi_reading import Reading


class Sources:
    """Reads sources.

    Args:
        reading: what was read so far; records are added to it.
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._owner: tuple[_Element, str] | None = None
        self._here: dict[str, Marked] = {}
        self._applied: dict[str, list[Applied]] = {}
        self._timed: list[tuple[Marked, _Element, str, str]] = []
        self._absent: set[str] = set()
        self._extra: dict[_Element, Document] = {}

    def source(self, element: _Element) -> None:
        """A source, when all that is in it was read."""
        holder = next(children(element, "Representation", "TextDescription"), None)
        scripts = list(children(element, "Transcript"))
        if local(element) == "TextSource":
            text = self._text(element, wanted=True)
        elif holder is not None:
            text = self._text(holder)
            self._whole(element, holder)
        else:
            text = self._text(scripts[0]) if scripts else None
        self._document(element, KINDS[local(element)], text)
        for script in scripts:
            self._synchronize(script)
            if (extra := self._extra.get(script)) is not None:
                extra.text = self._text(script)
                self.reading.documents.append(extra)
        self._extra.clear()
        self._timed.clear()

    def _document(self, element: _Element, kind: Kind, text: bytes | None) -> None:
        """Keep a source, and the codings of all of it."""
        self._whole(element, element)
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
        self._owner = None
        self._here.clear()
        self._applied.clear()

    def _source_key(self, element: _Element) -> str:
        """The key of the source that is being read, given when its first selection or itself ends."""
        if self._owner is None or self._owner[0] is not element:
            self._owner = element, self.reading.unique("source", guid(element.get("guid")), element)
        return self._owner[1]

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
        for marked, around, first, last in self._timed:
            if around is not script:
                continue
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
            marked.fragment = marked.fragment or time_of(*times)

    def selection(self, element: _Element) -> None:
        """A selection, with its codings."""
        owner = _around(element, (*KINDS, "Note"))
        if owner is None:
            count = sum(1 for _ in children(element, "Coding"))
            self.reading.remarks.add(
                "violation",
                "refi:selection-lost",
                f"`{local(element)}` stands in no source; it is left out, with its {count} codings",
                line=line_of(element),
            )
            return
        marked = self._marked(element, owner)
        if (said := child_text(element, "Description")) is not None:
            marked.said.append(said.strip())
        marked.notes += references(element)
        for coding in children(element, "Coding"):
            self._coding(coding, marked.source, marked, local(element))

    def _marked(self, element: _Element, owner: _Element) -> Marked:
        """A selection's record: a new one, or that of its mirror image."""
        tag = local(element)
        key = guid(element.get("guid"))
        source = self._script(element, self._source_key(owner))
        new = Marked(key, source, tag, line_of(element), guid(element.get("creatingUser")))
        if tag == "PlainTextSelection":
            inside = _around(element, ("PDFSelection",))
            if inside is None:  # else its offsets are those of a piece of text that only it has
                self._place(new, integer(element.get("startPosition")), integer(element.get("endPosition")))
        elif tag == "TranscriptSelection":
            script = element.getparent()
            assert script is not None  # it stands in a source
            self._timed.append((new, script, guid(element.get("fromSyncPoint")), guid(element.get("toSyncPoint"))))
        else:
            new.fragment = area_of(element)
            if new.fragment is None:
                self._unplaced(new)
        new.words = self._words(element, new)
        twin = self._here.get(key) if key else None
        if twin is not None and (twin.tag != tag or (twin.start, twin.end) == (new.start, new.end)):
            return self._merged(twin, new)
        new.key = self.reading.unique("selection", key, element)
        if key:
            self._here.setdefault(key, new)
        self.reading.selections.append(new)
        return new

    def _merged(self, twin: Marked, new: Marked) -> Marked:
        """One selection of two with the same GUID: what the one lacks, the other may know."""
        if new.tag in IN_TEXT and twin.tag not in IN_TEXT:
            twin.source = new.source
        twin.start, twin.end = (twin.start, twin.end) if twin.start is not None else (new.start, new.end)
        twin.fragment = twin.fragment or new.fragment
        # Of a selection that runs over two pages, the page's piece has the words on that page alone.
        twin.words = new.words or twin.words if new.tag in IN_TEXT else twin.words or new.words
        twin.user = twin.user or new.user
        self._timed = [(twin if of is new else of, script, a, z) for of, script, a, z in self._timed]
        return twin

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
        if marked.tag == "PDFSelection":
            return words_in(element.get("name"), None)
        if marked.tag not in IN_TEXT or marked.start is None or marked.end is None:
            return None
        return words_in(element.get("name"), marked.end - marked.start)

    def _script(self, element: _Element, of_owner: str) -> str:
        """The source that a selection is of: of a recording's second transcript and later ones, one of its own.

        Why: a source has one text here, and offsets in another would be taken for offsets in that.
        """
        script = element.getparent()
        if local(element) != "TranscriptSelection" or script is None or local(script) != "Transcript":
            return of_owner
        number = sum(local(before) == "Transcript" for before in script.itersiblings(preceding=True)) + 1
        if number == 1:
            return of_owner
        if script not in self._extra:
            line = line_of(script)
            name = without_folders(script.get("name") or "") or f"Transcript {number}"
            self.reading.remarks.add(
                "info",
                "refi:transcript",
                "a recording has several transcripts; from the second on, each is a document of its own",
                line=line,
                value=name,
            )
            key = self.reading.unique("source", guid(script.get("guid")), script)
            self._extra[script] = Document(key, name, "text", line)
        return self._extra[script].key

    def _whole(self, source: _Element, holder: _Element) -> None:
        """The codings of a whole source."""
        for coding in children(holder, "Coding"):
            self._coding(coding, self._source_key(source), None, local(holder))

    def _coding(self, element: _Element, source: str, marked: Marked | None, part: str) -> None:
        """A coding, unless it is the mirror image of one that was read."""
        line = line_of(element)
        codes = references(element, "CodeRef")
        if not codes:
            self.reading.remarks.add(
                "violation",
                "refi:code-absent",
                "a coding names no code, so it is left out; a CodeRef with a targetGUID is needed",
                line=line,
            )
            return
        user = guid(element.get("creatingUser")) or (marked.user if marked else "")
        place = marked.key if marked else ""
        same = self._applied.setdefault(place, [])
        for number, code in enumerate(codes):
            for other in same:
                if other.part != part and other.code == code and (other.user == user or not (other.user and user)):
                    other.user = other.user or user
                    other.part = ""  # a second one in this part has no image in that
                    break
            else:
                key = self.reading.unique("coding", guid(element.get("guid")) if not number else "", element)
                made = element.get("creationDateTime")
                new = Applied(key, source, marked, code, user, made, part, line, references(element))
                same.append(new)
                self.reading.codings.append(new)

    def note(self, element: _Element) -> None:
        """A note: its text is inlined, in a file, or no more than a description. One that is coded is a source too."""
        key = guid(element.get("guid"))
        text = self._text(element)
        said = text.decode("utf-8-sig", "replace") if text is not None else child_text(element, "Description")
        if said and said.strip():
            self.reading.notes.setdefault(key, said.strip())
        coded = self._owner is not None and self._owner[0] is element
        if coded or any(True for _ in children(element, "Coding")):
            self._document(element, "text", text)


def _around(element: _Element, names: tuple[str, ...]) -> _Element | None:
    """The nearest element around another that has one of these names."""
    return next((outer for outer in element.iterancestors() if local(outer) in names), None)
