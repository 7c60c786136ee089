"""Lines: an RDF file and nodes go in, the line of the file in which each is first described comes out.

A node is described where it is a subject. How exact that is, by syntax:

- N-Triples and N-Quads: exact.
- Turtle, TriG, N3: exact; the line where the subject stands. (`kgtools.read.statements`)
- RDF/XML: the line on which the start tag of the node begins.
- JSON-LD: the line of the node's `@id`, which is expanded by the prefixes, `@base` and aliases of the contexts that
  stand before it in the file, all taken as one. What a context says for one type or term only is taken to hold
  everywhere, so such a node may have no line.

A node that has no name in the file has no line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from kgtools.errors import InputError
from kgtools.read.nodes import Found, in_json, in_xml
from kgtools.read.statements import subjects, unescaped

if TYPE_CHECKING:
    import pyoxigraph as ox

_BLOCK = 1 << 22
"""Bytes that are looked at together."""


def lines_of(path: Path, nodes: Collection[str]) -> dict[str, int]:
    """The line of an RDF file in which each node is first described, i.e. is a subject.

    Args:
        path: a file in any syntax that `kgtools.store.Store.of` reads; its ending names the syntax.
        nodes: IRIs, and labels of blank nodes (`_:b1`) as the file writes them.

    Returns:
        Lines, counted from 1; nodes that are not described there, or not by name, are left out.

    Raises:
        InputError: the file cannot be read, its ending is none of RDF, or it is XML that is not well formed or that
            defines entities other than short plain text.
    """
    if not nodes:
        return {}
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"is no RDF file by its ending; there are {', '.join(_READERS)}", path)
    try:
        return reader(path, set(nodes)) if path.stat().st_size else {}
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", path) from error


def quads_with_lines(
    path: Path, form: ox.RdfFormat | None = None, prefixes: dict[str, str] | None = None, base: Path | None = None
) -> Iterator[tuple[ox.Quad, int | None]]:
    """What an RDF file says, each statement with the line on which it is complete (None in JSON-LD, read as a whole).

    The parser is given the file line by line, and tells a statement as soon as its last line is there: in Turtle, the
    line on which the object ends, or that of the next word if only that shows the end.

    Args:
        form: the syntax; None for what the ending names.
        prefixes: is filled with those that the file declares.
        base: the file that relative IRIs are relative to, if that is not the one that is read.

    Raises:
        SyntaxError, OSError: as pyoxigraph does.
    """
    import pyoxigraph as ox

    from kgtools.store import rdf_format

    form = form or rdf_format(path)
    with path.open("rb") as file:
        fed = LineByLine(file)
        parser = ox.parse(fed, form, base_iri=(base or path).resolve().as_uri())  # type: ignore[arg-type]  # any readable will do
        for quad in parser:
            yield quad, None if form == ox.RdfFormat.JSON_LD else fed.line
        if prefixes is not None:
            prefixes.update(parser.prefixes)


def line_of_mention(path: Path, subject: str, term: str) -> int | None:
    """The line on which a term is first mentioned in what an RDF file says of a subject.

    Args:
        subject: an IRI; what is said of nameless nodes that hang below it belongs to it.
        term: the IRI of a property or object, or the text of a literal.

    Returns:
        The line; that of the subject where the term is not mentioned, and None where neither is described.

    Raises:
        InputError: as `lines_of`.
        SyntaxError: the file is not what its ending says.
    """
    said: dict[str, list[tuple[Any, int | None]]] = {}
    for quad, line in quads_with_lines(path):
        said.setdefault(_plain(quad.subject), []).append((quad, line))
    text = path.read_text("utf-8", errors="replace").split("\n")
    todo, seen, lines = [subject], {subject}, []
    while todo:
        for quad, line in said.get(todo.pop(), ()):
            inner = _plain(quad.object)
            if line is not None and term in (quad.predicate.value, inner):
                lines.append(line_above(text, line, term))
            if inner.startswith("_:") and inner not in seen:
                seen.add(inner)
                todo.append(inner)
    return min(lines, default=None) or lines_of(path, [subject]).get(subject)


def line_above(text: Sequence[str], line: int, term: str) -> int:
    """The line at or above one on which a term stands, by the last part of its name or its first words; else that one.

    Args:
        text: the lines of the file.
    """
    word = (re.split(r"[#/:]", term)[-1] or term if re.match(r"\w+:", term) else term).strip().partition("\n")[0]
    return next((at for at in range(min(line, len(text)), 0, -1) if word in text[at - 1]), line)


def _plain(term: Any) -> str:
    """An IRI, the text of a literal, or the label of a blank node."""
    import pyoxigraph as ox

    return str(term) if isinstance(term, ox.BlankNode | ox.Triple) else term.value


class LineByLine:
    """A file that gives one line, or a part of it, at a time."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.line = 0
        self.whole = True

    def read(self, size: int = -1) -> bytes:
        """The next line, or as much of it as is asked for."""
        told = self.file.readline(size)
        self.line += bool(told) and self.whole
        self.whole = told.endswith(b"\n") or (self.whole and not told)
        return told


# N-Triples and N-Quads: the first word of each line

_LONGEST = 1 << 16
"""Bytes of a line that are looked at; none is kept whole."""

_SUBJECT = re.compile(rb"[ \t]*(<[^<>]*>|_:[^\s<\"]+)")


def _in_lines(path: Path, nodes: set[str]) -> Found:
    wanted = {(node if node.startswith("_:") else f"<{node}>").encode(): node for node in nodes}
    found: Found = {}
    last, number = b"", 1
    with path.open("rb") as file:
        for lines in _blocks(file):
            for line in lines:
                subject = line[: line.find(b" ")]
                if subject != last:
                    last = subject if _is_plain(subject) else b"\n"  # which no line holds
                    if subject not in wanted and last == b"\n":
                        match = _SUBJECT.match(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)
                        subject = unescaped(match[1]) if match else b""
                    node = wanted.pop(subject, None)
                    if node is not None:
                        found[node] = number
                        if not wanted:
                            return found
                number += 1
            number -= 1  # the last one goes on in the next block
    return found


def _is_plain(subject: bytes) -> bool:
    return subject[:1] == b"<" and subject[-1:] == b">" and subject.count(b"<") == 1 and b"\\" not in subject


def _blocks(file: BinaryIO) -> Iterator[list[bytes]]:
    """The lines of a file, many at a time; the last of each list is not told to its end, and begins the next list."""
    rest = b""
    while block := file.read(_BLOCK):
        while block[-1:] == b"\r" and (more := file.read(1)):
            block += more
        if b"\r" in block:
            block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = (rest + block).split(b"\n")
        rest = lines[-1][:_LONGEST]
        lines[-1] = b""  # to be seen when it is whole
        yield lines
    yield [rest, b""]


# Turtle and its kin


def _in_turtle(path: Path, nodes: set[str]) -> Found:
    found: Found = {}
    for subject, line in subjects(path, formulas=path.suffix.lower() == ".n3"):
        if subject in nodes and found.setdefault(subject, line) == line and len(found) == len(nodes):
            break
    return found


_READERS: dict[str, Callable[[Path, set[str]], Found]] = {
    **dict.fromkeys((".nt", ".nq"), _in_lines),
    **dict.fromkeys((".ttl", ".trig", ".n3"), _in_turtle),
    **dict.fromkeys((".rdf", ".owl", ".xml"), in_xml),
    **dict.fromkeys((".jsonld", ".json"), in_json),
}
