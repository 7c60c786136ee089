"""Limits: an RDF file goes in before it is parsed; what no parser should be given is refused, in one line.

Why: a file of a few lines can ask for all memory of a machine (entities within entities of XML) or all its time
(elements within elements), and one that is no RDF at all is best told by what it is.

A statement may have 16 MiB, which is what the parsers of Turtle, N-Quads and JSON-LD hold at once; so may a text in
RDF/XML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from mmap import ACCESS_READ, mmap
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from kgtools.errors import InputError
from kgtools.read.statements import line_at

if TYPE_CHECKING:
    from xml.parsers.expat import XMLParserType

    import pyoxigraph as ox

LONGEST = 1 << 24
"""Bytes of a statement, or of a text in XML."""

TOO_LONG = (
    f"a text or name is longer than {LONGEST >> 20} MiB; shorten it, or keep it in a file of its own and name that"
)

_DEEPEST = 1_000
"""Elements within elements of XML; parsers take time by the square of it."""

_MAGIC = {
    b"PK\x03\x04": "is a zip archive; unpack it",
    b"\x1f\x8b": "is packed with gzip; unpack it",
    b"BZh": "is packed with bzip2; unpack it",
    b"\xfd7zXZ": "is packed with xz; unpack it",
    b"\x28\xb5\x2f\xfd": "is packed with zstd; unpack it",
    b"%PDF": "is a PDF; export the data as RDF",
    b"SQLite format 3": "is a SQLite database; export the data as RDF",
    b"PAR1": "is a Parquet table; give it the ending .parquet",
    b"\xff\xfe": "is UTF-16; save it as UTF-8",
    b"\xfe\xff": "is UTF-16; save it as UTF-8",
}
_BOM = b"\xef\xbb\xbf"
HEAD = 4_096
"""Bytes that show what a file is."""


@contextmanager
def readable(path: Path, form: ox.RdfFormat, name: Path | str) -> Iterator[Path]:
    """A file that a parser may be given: this one, or a copy without the byte order mark that some stumble over.

    Args:
        form: the syntax that it is said to have.
        name: what errors call it.

    Raises:
        InputError: it is empty, or something else than RDF, or XML with dangerous entities or too deep; or, from
            whoever reads it, a statement is too long.
        OSError: it cannot be read.
    """
    import pyoxigraph as ox

    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head and form in (ox.RdfFormat.RDF_XML, ox.RdfFormat.JSON_LD):
        raise InputError(f"is empty, and {form.name} has at least one element; is it the right file?", name)
    _refuse_strange(head, name)
    if form == ox.RdfFormat.RDF_XML:
        _look_over_xml(path, name)
    try:
        if not head.startswith(_BOM):
            yield path
            return
        with TemporaryDirectory() as folder, path.open("rb") as file:
            file.seek(len(_BOM))
            copy = Path(folder, f"copy{path.suffix}")
            with copy.open("wb") as plain:
                copyfileobj(file, plain)
            yield copy
    except MemoryError as error:
        raise InputError(TOO_LONG, name, _line_too_long(path, form)) from error


def _line_too_long(path: Path, form: ox.RdfFormat) -> int | None:
    """The line at which a parser has more before it than it holds."""
    import pyoxigraph as ox

    from kgtools.read.lines import LineByLine

    with path.open("rb") as file:
        fed = LineByLine(file)
        try:
            for _ in ox.parse(fed, form, base_iri=path.resolve().as_uri()):  # type: ignore[arg-type]  # any readable will do
                pass
        except MemoryError:
            return fed.line
        except SyntaxError:
            pass
    return None


def _refuse_strange(head: bytes, name: Path | str) -> None:
    """Refuse what is no text, by its first bytes."""
    for magic, said in _MAGIC.items():
        if head.startswith(magic):
            raise InputError(said, name)
    if len(head) > 3 and head[:64].count(b"\0") * 3 > len(head[:64]):
        raise InputError("is no text in UTF-8; save it as UTF-8", name)


def in_words(error: SyntaxError, path: Path) -> str:
    """What a parser says of a file, in one line, with what the file looks like if that is not what its ending says."""
    said = " ".join(str(error.msg).split())
    if "LoadDocumentCallback" in said:
        return "its @context is on the web, and nothing is fetched; write that context out in the file"
    with path.open("rb") as file:
        head = file.read(HEAD)
    return (said if len(said) <= _LONGEST_WORDS else said[: _LONGEST_WORDS - 1] + "…") + _likeness(head, path.suffix)


_LONGEST_WORDS = 300
"""Characters of a parser's message."""

_LOOKS = (
    (r"(<\?xml[^>]*>\s*|<!--.*?-->\s*|<!DOCTYPE[^\[>]*(\[.*?\])?>\s*)*<(\w+:)?RDF\b", "RDF/XML", ".rdf"),
    (r"<!doctype html|<html\b", "a web page", ""),
    (r"[\[{]\s*([\[{\"\]}]|$)", "JSON", ".jsonld"),
    (r"(#[^\n]*\n\s*)*(@prefix|@base|prefix\s|base\s)", "Turtle", ".ttl"),
    (r"(#[^\n]*\n\s*)*(<[^<>\s]*>|_:\w+)\s*<[^<>\s]*>\s*\S[^\n]*\.\s", "N-Triples or N-Quads", ".nq"),
)


def _likeness(head: bytes, ending: str) -> str:
    """A half sentence on what a file looks like, if that is not what its ending says; else empty."""
    text = head.removeprefix(_BOM).decode("utf-8", errors="replace").lstrip()
    for pattern, said, right in _LOOKS:
        if re.match(pattern, text, re.IGNORECASE | re.DOTALL):
            if right == ending or (right, ending) in _ALIKE:
                return ""
            return f"; it looks like {said}" + (
                f": give it the ending {right}" if right else "; download the data itself"
            )
    return ""


_ALIKE = {
    *((".rdf", ".owl"), (".rdf", ".xml"), (".jsonld", ".json"), (".ttl", ".trig"), (".ttl", ".n3"), (".nq", ".nt")),
    *((".nq", ".ttl"), (".nq", ".trig"), (".nq", ".n3")),
}


def _look_over_xml(path: Path, name: Path | str) -> None:
    """Refuse XML that makes much of little, and texts that are too long. What is no XML is left to the parser."""
    from xml.parsers.expat import ExpatError, ParserCreate

    from kgtools.read.nodes import refuse_entities

    parser = ParserCreate()
    entities: dict[bytes, int] = {}
    refuse = refuse_entities(name, lambda: parser.CurrentLineNumber)
    depth = length = 0

    def declared(entity: str, is_parameter: bool, value: str | None, *rest: Any) -> None:
        refuse(entity, is_parameter, value, *rest)
        entities[entity.encode()] = len((value or "").encode())

    def start(_: str, attributes: dict[str, str]) -> None:
        nonlocal depth, length
        depth, length = depth + 1, 0
        if depth > _DEEPEST:
            said = f"has more than {_DEEPEST} elements within one another; write them side by side"
            raise InputError(said, name, parser.CurrentLineNumber)
        if any(len(value) > LONGEST for value in attributes.values()):
            raise InputError(TOO_LONG, name, parser.CurrentLineNumber)

    def end(_: str) -> None:
        nonlocal depth, length
        depth, length = depth - 1, 0

    def text(data: str) -> None:
        nonlocal length
        length += len(data)
        if length > LONGEST:
            raise InputError(TOO_LONG, name, parser.CurrentLineNumber)

    parser.EntityDeclHandler = declared
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    if path.stat().st_size > LONGEST:
        parser.CharacterDataHandler = text
    _refuse_long(path, name)
    with suppress(ExpatError):  # which the parser is to tell of; or that entities come to much, as told here
        feed(parser, path)
    if entities:
        _refuse_many(path, entities, name)


def feed(parser: XMLParserType, path: Path) -> None:
    """Let expat read a file. By large pieces, since it begins a tag anew with each piece that does not end it."""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            parser.Parse(block, False)
        parser.Parse(b"", True)


_BLOCK = 1 << 22


def _refuse_long(path: Path, name: Path | str) -> None:
    """Refuse XML with a tag or a text that is too long: there is no `<` in either."""
    size = path.stat().st_size
    if size <= LONGEST:
        return
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        at = 0
        while size - at > LONGEST:
            found = data.rfind(b"<", at + 1, at + LONGEST)
            if found < 0:
                raise InputError(TOO_LONG, name, line_at(data, at))
            at = found


def _refuse_many(path: Path, entities: dict[bytes, int], name: Path | str) -> None:
    """Refuse a file that names its entities so often that they come to more than it may have."""
    mention = re.compile(rb"&([^\s&;]{1,100});")
    total = 0
    with path.open("rb") as file:
        for line in file:
            total += sum(entities.get(match[1], 0) for match in mention.finditer(line))
    if total > LONGEST + 8 * path.stat().st_size:
        said = "names its entities so often that they come to far more than the file; write out what they stand for"
        raise InputError(said, name)
