"""Stores: RDF goes in, answers to SPARQL come out, by Oxigraph, which is embedded; `endpoint` speaks to servers.

Queries see all graphs as one unless told otherwise, since engines differ in what their default graph is.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING

from kgtools.errors import InputError
from kgtools.graphs import MARKS, is_of
from kgtools.vocabulary import PREFIXES
from kgtools.write import replacing

if TYPE_CHECKING:
    import pyoxigraph as ox

FORMATS = (".ttl", ".nt", ".nq", ".trig", ".rdf", ".owl", ".xml", ".jsonld", ".json", ".n3")
"""The endings of RDF files that can be read."""


def is_store(path: Path) -> bool:
    """Whether a folder is a store that Oxigraph keeps."""
    return path.is_dir() and (path / "CURRENT").is_file()


class Store:
    """An Oxigraph store, in memory or in a folder.

    Args:
        folder: where it is kept; None for memory.
        read_only: open a folder without the right to write.
    """

    def __init__(self, folder: Path | None = None, *, read_only: bool = False) -> None:
        import pyoxigraph as ox

        try:
            if folder is None:
                self.inner = ox.Store()
            else:
                self.inner = ox.Store.read_only(str(folder)) if read_only else ox.Store(str(folder))
            self.folder = folder
        except OSError as error:
            raise InputError(f"is no store that can be opened ({str(error).splitlines()[0]})", folder) from error

    @classmethod
    def of(cls, path: Path) -> Store:
        """A store with what a store folder or RDF file holds (`-`: standard input, in any syntax but N3).

        Raises:
            InputError: there is no such file, or it is not what its ending says; with the line.
        """
        if is_store(path):
            return cls(path, read_only=True)
        store = cls()
        store.load(path)
        return store

    def load(self, path: Path) -> None:
        """Add what an RDF file holds. Raises InputError as `of`."""
        with _reading(path) as (file, form, base):
            self.inner.bulk_load(path=str(file), format=form, base_iri=base)

    def add(self, lines: Iterable[str]) -> None:
        """Add N-Quads or N-Triples, a line each."""
        import pyoxigraph as ox

        self.inner.bulk_load("\n".join(lines).encode(), ox.RdfFormat.N_QUADS, lenient=True)

    def has(self, graph: str) -> bool:
        """Whether anything is in a named graph."""
        import pyoxigraph as ox

        return self.inner.contains_named_graph(ox.NamedNode(graph))

    def drop(self, bundle: str) -> None:
        """Remove all graphs of a bundle: its data, codings, views and verdicts; its marks go last."""
        for graph in list(self.inner.named_graphs()):
            if is_of(graph.value, bundle) and graph.value != bundle + MARKS:
                self.inner.remove_graph(graph)
        self.unmark(bundle)

    def drop_graph(self, graph: str) -> None:
        """Remove a named graph."""
        import pyoxigraph as ox

        self.inner.remove_graph(ox.NamedNode(graph))

    # Marks: which parts of a bundle are there already, while an import is not at its end

    def put(self, lines: Iterable[str], bundle: str, part: str, digest: str) -> None:
        """Add a part of a bundle, as N-Quads, and the mark that it is there, in one transaction.

        Raises:
            InputError: the store cannot be written.
        """
        import pyoxigraph as ox

        graph = bundle + MARKS
        mark = f'<{graph}/{part}> <{PREFIXES["dcterms"]}identifier> "{digest}" <{graph}> .'
        text = "\n".join((*lines, mark)).encode()
        try:
            self.inner.extend(ox.parse(text, ox.RdfFormat.N_QUADS, lenient=True))
        except OSError as error:
            raise InputError(f"the store cannot be written ({str(error).splitlines()[0]})") from error

    def marks(self, bundle: str) -> dict[str, str]:
        """The parts of a bundle that an unfinished import has written, with their digests; empty if there is none."""
        import pyoxigraph as ox

        graph = bundle + MARKS
        return {
            str(quad.subject)[len(graph) + 2 : -1]: quad.object.value  # type: ignore[union-attr]  # a literal
            for quad in self.inner.quads_for_pattern(None, None, None, ox.NamedNode(graph))
        }

    def unmark(self, bundle: str) -> None:
        """Forget the marks: the bundle is whole."""
        self.drop_graph(bundle + MARKS)

    def lines(self) -> list[str]:
        """All that is in it, as N-Quads, sorted; what is in the default graph, as N-Triples."""
        import pyoxigraph as ox

        return sorted((self.inner.dump(format=ox.RdfFormat.N_QUADS) or b"").decode().split("\n")[:-1])

    def select(self, query: str, bound: Mapping[str, str] | None = None) -> ox.QuerySolutions:
        """The answers to a SELECT, with some variables (which it must return) bound to IRIs."""
        import pyoxigraph as ox

        values: dict[ox.Variable, ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple] = {
            ox.Variable(name): ox.NamedNode(iri) for name, iri in (bound or {}).items()
        }
        answers = self.inner.query(query, use_default_graph_as_union=True, substitutions=values)
        assert isinstance(answers, ox.QuerySolutions)
        return answers

    def csv(self, query: str, bound: Mapping[str, str] | None = None) -> bytes:
        """The answers to a SELECT in the SPARQL 1.1 CSV format."""
        import pyoxigraph as ox

        return self.select(query, bound).serialize(format=ox.QueryResultsFormat.CSV) or b""


def write_quads(path: Path, to: Path) -> None:
    """Write what a store folder or RDF file holds to another file, as canonical N-Quads, a quad at a time.

    Raises:
        InputError: as `Store.of`.
    """
    import pyoxigraph as ox

    if is_store(path):
        Store(path, read_only=True).inner.dump(str(to), ox.RdfFormat.N_QUADS)
        return
    with _reading(path) as (file, form, base):
        quads = ox.parse(path=str(file), format=form, base_iri=base)
        ox.serialize(quads, str(to), ox.RdfFormat.N_QUADS)


def quads_of(path: Path) -> str:
    """What a store folder or RDF file holds as canonical N-Quads, literals as they are written there.

    Raises:
        InputError: as `Store.of`.
    """
    with TemporaryDirectory() as folder:
        file = Path(folder, "quads.nq")
        write_quads(path, file)
        return file.read_text("utf-8")


def triples_of(path: Path) -> list[ox.Triple]:
    """What an RDF file says, in its order; all graphs are taken as one, and its blank nodes are no other file's.

    Raises:
        InputError: as `Store.of`.
    """
    return triples_and_prefixes(path)[0]


def triples_and_prefixes(path: Path) -> tuple[list[ox.Triple], dict[str, str]]:
    """As `triples_of`, and the prefixes that the file declares.

    Raises:
        InputError: as `Store.of`.
    """
    import pyoxigraph as ox

    with _reading(path) as (file, form, base):
        parser = ox.parse(path=str(file), format=form, base_iri=base, rename_blank_nodes=True)
        return [quad.triple for quad in parser], dict(parser.prefixes)


@contextmanager
def _reading(path: Path) -> Iterator[tuple[Path, ox.RdfFormat, str | None]]:
    """An RDF file to read, its syntax and base IRI; for `-`, a file with what standard input holds, which has no base.

    Raises:
        InputError: there is no such file, or, from whoever reads it, it is not what its ending says; with the line.
    """
    import pyoxigraph as ox

    from kgtools.read.limits import in_words, readable

    with spooled(path) as file:
        name = path if file == path else "standard input"
        try:
            form = rdf_format(file)
            with readable(file, form, name) as plain:
                yield plain, form, file.resolve().as_uri() if file == path else None
        except SyntaxError as error:
            said = in_words(error, file)
            line = _xml_line(file) if form == ox.RdfFormat.RDF_XML else error.lineno
            what = "not what its ending says" if file == path else f"no {form.name}"
            raise InputError(f"{what}: {said}", name, line) from error
        except OSError as error:
            raise InputError(f"cannot be read ({error.strerror or error})", name) from error


@contextmanager
def spooled(path: Path) -> Iterator[Path]:
    """A path, as it is; for `-`, a temporary file with what is on standard input, whose ending says its syntax."""
    if str(path) != "-":
        yield path
        return
    with TemporaryDirectory() as folder:
        file = Path(folder, "standard-input")
        with file.open("wb") as copy:
            copyfileobj(sys.stdin.buffer, copy)
        yield file.rename(f"{file}.{_sniffed(file).file_extension}")


def _sniffed(path: Path) -> ox.RdfFormat:
    """The syntax that a file is in by its first lines: N-Quads, JSON-LD, RDF/XML, or else TriG."""
    import pyoxigraph as ox

    with path.open("rb") as file:
        head = file.read(1 << 16).removeprefix(b"\xef\xbb\xbf").lstrip()
    whole = [line for line in head.splitlines(keepends=True) if line.endswith((b"\n", b"\r"))]
    found = [_QUADS_LINE.match(line) for line in whole]
    if any(one and one["graph"] for one in found) or (found and all(found)):
        return ox.RdfFormat.N_QUADS
    if re.match(rb'\{\s*["}]|\[\s*\{', head):
        return ox.RdfFormat.JSON_LD
    if re.match(rb"<(\?xml|!|rdf:RDF)", head):
        return ox.RdfFormat.RDF_XML
    return ox.RdfFormat.TRIG


_QUADS_LINE = re.compile(
    rb'\s*((<[^>]*>|_:\S+)\s*<[^>]*>\s*(<[^>]*>|_:\S+|"([^"\\]|\\.)*"\S*)\s*(?P<graph><[^>]*>|_:\S+)?\s*\.)?\s*(#|$)'
)
"""A line of N-Quads, with a statement or without."""


def write_rdf(lines: Iterable[str], path: Path) -> None:
    """Write N-Quads to a file in the syntax that its ending names. Syntaxes for triples leave out the graphs.

    Raises:
        InputError: the ending is none of RDF, or the file cannot be written.
    """
    import pyoxigraph as ox

    form = rdf_format(path)
    with replacing(path) as file:
        if form == ox.RdfFormat.N_QUADS:
            file.writelines(f"{line}\n".encode() for line in lines)
            return
        quads: Iterable[ox.Quad] = (quad for line in lines for quad in ox.parse(line, ox.RdfFormat.N_QUADS))
        prefixes = dict(PREFIXES) if form in (ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG) else None
        if form == ox.RdfFormat.RDF_XML:
            quads = _writable_in_xml(quads, path)
        told = quads if form.supports_datasets else (quad.triple for quad in quads)
        ox.serialize(told, _PrefixesFirst(file) if prefixes else file, form, prefixes=prefixes)  # type: ignore[arg-type]  # anything with `write`


def put_lines(file: IO[bytes], lines: Iterable[str]) -> None:
    """Write lines of text."""
    file.writelines(f"{line}\n".encode() for line in lines)


def turtle(lines: Iterable[str], file: IO[bytes]) -> None:
    """Write N-Triples or N-Quads as Turtle, which leaves out the graphs."""
    import pyoxigraph as ox

    triples = (quad.triple for quad in ox.parse("\n".join(lines).encode(), ox.RdfFormat.N_QUADS))
    ox.serialize(triples, _PrefixesFirst(file), ox.RdfFormat.TURTLE, prefixes=dict(PREFIXES))  # type: ignore[arg-type]  # anything with `write`


def prefix_lines() -> bytes:
    """What Turtle begins with here."""
    return "".join(f"@prefix {name}: <{space}> .\n" for name, space in sorted(PREFIXES.items())).encode()


def without_prefixes(lines: Iterable[str]) -> bytes:
    """N-Quads as a piece of Turtle that stands after `prefix_lines`."""
    file = BytesIO()
    turtle(lines, file)
    return b"".join(line for line in file.getvalue().splitlines(keepends=True) if not line.startswith(b"@prefix "))


def _writable_in_xml(quads: Iterable[ox.Quad], path: Path) -> Iterator[ox.Quad]:
    """The quads, as long as XML can hold them."""
    for quad in quads:
        if _NOT_IN_XML.search(quad.object.value):  # type: ignore[union-attr]  # a literal
            raise InputError(
                f"XML cannot hold a control character, as {quad.object} has; write Turtle or another syntax", path
            )
        yield quad


class _PrefixesFirst:
    """A file that Turtle is written to, with its prefixes sorted: Oxigraph writes them in another order each time."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.head: bytes | None = b""

    def write(self, data: bytes) -> int:
        if self.head is None:
            return self.file.write(data)
        self.head += data
        *whole, last = self.head.split(b"\n")
        prefixes = [line for line in whole if line.startswith(b"@prefix ")]
        if len(prefixes) < len(whole) or not (last.startswith(b"@prefix ") or b"@prefix ".startswith(last)):
            rest = [*whole[len(prefixes) :], last]
            self.file.write(b"\n".join(sorted(prefixes) + rest))
            self.head = None
        return len(data)

    def flush(self) -> None:
        """Write what is held back: a file with prefixes only."""
        if self.head:
            self.file.write(b"\n".join(sorted(self.head.splitlines())) + b"\n")
            self.head = None
        self.file.flush()


_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML 1.0 (2.2) has no way to write."""


def _xml_line(path: Path) -> int | None:
    """The line where a file stops being XML; None if it is XML, and so what it says is no RDF."""
    from xml.parsers.expat import ExpatError, ParserCreate

    from kgtools.read.limits import feed

    try:
        feed(ParserCreate(), path)
    except ExpatError as error:
        return error.lineno
    return None


def rdf_format(path: Path) -> ox.RdfFormat:
    """The syntax that a file's ending names. Raises InputError where it names none."""
    import pyoxigraph as ox

    ending = path.suffix.lower()
    if ending not in FORMATS:
        raise InputError(f"is no RDF file by its ending; there are {', '.join(FORMATS)}", path)
    found = ox.RdfFormat.from_extension({".xml": "rdf", ".owl": "rdf", ".json": "jsonld"}.get(ending, ending[1:]))
    assert found is not None
    return found
