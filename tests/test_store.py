"""Stores: every syntax is read and written, what is broken says where, and a real server takes what is sent."""

from __future__ import annotations

import io
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
import pytest
from drawn import drawn
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rdflib import Dataset, Graph
from servers import free_port, held, oxigraph

from kgtools.endpoint import Endpoint
from kgtools.endpoint.quads import updates
from kgtools.errors import EngineError, InputError
from kgtools.lift import lift_terms
from kgtools.pipeline import Job, import_bundles
from kgtools.pipeline.carry import lifted
from kgtools.store import FORMATS, Store, is_store, write_rdf

JOB = Job()
WORKED = Path(__file__).parent / "cases" / "verdicts"
QUADS = [
    '<urn:a> <urn:says> "line\\nbreak, \\"quotes\\", \\\\, \\u0001 and é😀" <urn:g> .',
    "<urn:a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://w3id.org/evco#Incident> <urn:g> .",
    '<urn:a> <urn:when> "2026"^^<http://www.w3.org/2001/XMLSchema#gYear> <urn:h> .',
    '<urn:b> <urn:says> "ja"@de <urn:h> .',
]
IN_XML = [line for line in QUADS if "u0001" not in line]


def triples(lines: list[str]) -> set[str]:
    """What is left of quads where a syntax has no graphs."""
    return {line.rpartition(" <")[0] for line in lines}


@pytest.mark.parametrize("ending", [ending for ending in FORMATS if ending != ".n3"])
def test_what_is_written_is_read(tmp_path: Path, ending: str) -> None:
    """Each syntax gives back what was written; those for triples leave out the graph."""
    path = tmp_path / f"some{ending}"
    given_ = IN_XML if ending in (".rdf", ".owl", ".xml") else QUADS
    write_rdf(given_, path)
    found = Store.of(path).lines()

    if ending in (".nq", ".trig", ".jsonld", ".json"):
        assert sorted(given_) == found
    else:
        assert triples(given_) == {line.removesuffix(" .") for line in found}


@pytest.mark.parametrize(
    ("ending", "name"),
    [(".ttl", "turtle"), (".nt", "nt"), (".nq", "nquads"), (".trig", "trig"), (".rdf", "xml"), (".jsonld", "json-ld")],
)
def test_rdflib_reads_it_too(tmp_path: Path, ending: str, name: str) -> None:
    """A second parser finds as much in each syntax."""
    path = tmp_path / f"some{ending}"
    write_rdf(lifted(JOB.read([WORKED]), JOB), path)
    dataset = Dataset(default_union=True)
    dataset.parse(path, format=name)

    assert len(triples(list(lifted(JOB.read([WORKED]), JOB)))) == len(set(dataset.triples((None, None, None))))


@pytest.mark.parametrize("ending", FORMATS)
def test_writing_is_deterministic(tmp_path: Path, ending: str) -> None:
    """The same quads give the same bytes, every time."""
    paths = [tmp_path / f"{number}{ending}" for number in range(5)]
    for path in paths:
        write_rdf(lifted(JOB.read([WORKED]), JOB), path)

    assert 1 == len({path.read_bytes() for path in paths})


@pytest.mark.parametrize("ending", [".ttl", ".trig"])
def test_prefixes_of_turtle(tmp_path: Path, ending: str) -> None:
    """Turtle starts with its prefixes in order and uses them; where there is nothing to say, it is still Turtle."""
    write_rdf(QUADS, tmp_path / f"some{ending}")
    write_rdf([], tmp_path / f"none{ending}")
    text = (tmp_path / f"some{ending}").read_text("utf-8")
    head = [line for line in text.splitlines() if line.startswith("@prefix")]

    assert sorted(head) == head
    assert "a evco:Incident" in text
    assert [] == Store.of(tmp_path / f"none{ending}").lines()


def test_column_that_xml_could_not_name(tmp_path: Path) -> None:
    """A column of any name can be written as RDF/XML, for which a property's name must end like a word."""
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "codings.csv").write_text("incident,code,1,%,a b 2\nI1,Review,x,y,z\n")
    write_rdf(lifted(JOB.read([tmp_path / "b"]), JOB), tmp_path / "b.rdf")
    found = Graph().parse(tmp_path / "b.rdf", format="xml")

    assert {"x", "y", "z"} == {str(cell) for _, name, cell in found if "/column/" in str(name)}


def test_character_that_xml_cannot_hold(tmp_path: Path) -> None:
    """A control character in a text cannot be written as RDF/XML, and nothing is left behind."""
    with pytest.raises(InputError, match="XML cannot hold a control character"):
        write_rdf(QUADS, tmp_path / "some.rdf")

    assert [] == list(tmp_path.iterdir())


def test_folder_that_is_not_there(tmp_path: Path) -> None:
    """A file in no folder cannot be written."""
    with pytest.raises(InputError, match="cannot be written"):
        write_rdf(QUADS, tmp_path / "nowhere" / "some.nq")


BROKEN: dict[str, tuple[str, bytes, str]] = {
    "Turtle": ("b.ttl", b"<urn:a> <urn:b> <urn:c> .\n<urn:a> oops", "b.ttl:2: not what its ending says"),
    "prefix": ("b.ttl", b"\n<urn:a> ex:b <urn:c> .", "b.ttl:2: not what its ending says"),
    "N-Triples": ("b.nt", b"<urn:a> <urn:b> .\n", "b.nt:1: not what its ending says"),
    "N-Quads": ("b.nq", b"<urn:a> <urn:b> <urn:c> .\n\nhello\n", "b.nq:3: not what its ending says"),
    "TriG": ("b.trig", b"<urn:g> {\n<urn:a> }", "b.trig:2: not what its ending says"),
    "JSON-LD": ("b.jsonld", b'{"@id": "urn:a",\n ]}', "b.jsonld:2: not what its ending says"),
    "JSON-LD from the net": ("b.jsonld", b'{"@context": "http://example.org/c"}', "b.jsonld: not what its ending says"),
    "XML": ("b.rdf", b"<a>\n<b>\n</a>", "b.rdf:3: not what its ending says"),
    "no XML": ("b.owl", b"Ontology()", "b.owl:1: not what its ending says"),
    "no UTF-8": ("b.ttl", b"<urn:a> <urn:b> '\xff' .", "b.ttl:1: not what its ending says"),
    "ending": ("b.docx", b"", "b.docx: is no RDF file by its ending; there are .ttl, .nt"),
    "no ending": ("b", b"", "b: is no RDF file by its ending"),
}


@pytest.mark.parametrize(("name", "content", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_file_that_is_broken(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    """What is no RDF is an error of one line, with the line of the file where its syntax has lines."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as raised:
        Store.of(tmp_path / name)

    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_file_that_is_not_there(tmp_path: Path) -> None:
    """A missing file, and a folder with the ending of a file."""
    with pytest.raises(InputError, match=r"nowhere\.ttl: cannot be read"):
        Store.of(tmp_path / "nowhere.ttl")
    (tmp_path / "folder.ttl").mkdir()
    with pytest.raises(InputError, match=r"folder\.ttl: cannot be read"):
        Store.of(tmp_path / "folder.ttl")


@settings(max_examples=drawn(100), deadline=None)
@example(b"<a\n>", ".ttl")
@given(st.binary(max_size=80), st.sampled_from(FORMATS))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, content: bytes, ending: str) -> None:
    """Whatever a file holds is RDF or an InputError of one line."""
    path = tmp_path_factory.mktemp("any") / f"some{ending}"
    path.write_bytes(content)
    try:
        Store.of(path)
        said = ""
    except InputError as error:
        said = str(error)

    assert "\n" not in said


@contextmanager
def standard_input(content: bytes) -> Iterator[None]:
    """Bytes on standard input."""
    before = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(content))
    try:
        yield
    finally:
        sys.stdin = before


@pytest.mark.parametrize(
    "content",
    [
        b"@prefix ex: <urn:> . ex:a ex:b ex:c .",
        b"<urn:g> { <urn:a> <urn:b> <urn:c> }",
        b"<urn:a> <urn:b> <urn:c> <urn:g> .\n",
        b"<urn:a> <urn:b> <urn:c> .\n",
        b"# a comment\n\n<urn:a> <urn:b> <urn:c> . # and another\n",
        b"<urn:a> <urn:b> <urn:c> .\n<urn:a> <urn:b> <urn:c>, <urn:c> .\n",
        b'[{"@id": "urn:a", "urn:b": {"@id": "urn:c"}}]',
        b'<?xml version="1.0"?><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:u="urn:">'
        b'<r:Description r:about="urn:a"><u:b r:resource="urn:c"/></r:Description></r:RDF>',
        b"[] <urn:b> <urn:c> .",
    ],
    ids=["Turtle", "TriG", "N-Quads", "N-Triples", "comments", "Turtle in lines", "JSON-LD", "RDF/XML", "nameless"],
)
def test_standard_input(content: bytes) -> None:
    """`-` is RDF on standard input, in any syntax that needs no ending to be told."""
    with standard_input(content):
        assert ["<urn:b> <urn:c>"] == [" ".join(line.split()[1:3]) for line in Store.of(Path("-")).lines()]


def test_standard_input_that_is_broken() -> None:
    """The error names the line, and the syntax that it is taken for."""
    content = b"<urn:a> <urn:b> <urn:c> .\n<urn:a> <urn:b> <urn:c> <urn:g> .\noops\n"
    with standard_input(content), pytest.raises(InputError) as raised:
        Store.of(Path("-"))

    assert str(raised.value).startswith("standard input:3: no N-Quads")


def test_lines_are_quads_whatever_is_in_them() -> None:
    """Characters that Python takes for line breaks do not break lines."""
    store = Store()
    store.add(['<urn:a> <urn:b> "x\u2028y\x85z\u2029" <urn:g> .'])

    assert ['<urn:a> <urn:b> "x\u2028y\x85z\u2029" <urn:g> .'] == store.lines()
    assert [] == Store().lines()


def test_default_graph_is_the_union() -> None:
    """A query sees all graphs as one, and binds what it is told to."""
    store = Store()
    store.add(QUADS)
    asked = store.csv("SELECT ?s ?o { ?s <urn:says> ?o }", {"s": "urn:b"})

    assert b"s,o\r\nurn:b,ja\r\n" == asked


def test_a_bundle_is_dropped_whole() -> None:
    """With a bundle go all its graphs, old views among them; others stay, and none there is no matter."""
    store = Store()
    store.add([*QUADS, "<urn:s> <urn:p> <urn:o> <urn:g/view/any> .", "<urn:s> <urn:p> <urn:o> <urn:g2> ."])
    store.drop("urn:g")
    store.drop("urn:nowhere")

    assert [False, False, True, True] == [store.has(one) for one in ("urn:g", "urn:g/view/any", "urn:g2", "urn:h")]


def test_store_folder(tmp_path: Path) -> None:
    """A folder keeps what was added, opens again for reading, and is known as a store."""
    folder = tmp_path / "kept"
    store = Store(folder)
    store.add(QUADS)
    store.inner.flush()
    del store

    assert (True, False) == (is_store(folder), is_store(tmp_path))
    assert sorted(QUADS) == Store.of(folder).lines()


def test_store_folder_that_is_no_store(tmp_path: Path) -> None:
    """A file is no folder, and a folder of something else no store that is opened for reading."""
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is no store that can be opened"):
        Store(tmp_path / "file")
    with pytest.raises(InputError, match="is no store that can be opened"):
        Store(tmp_path, read_only=True)


# --- A server --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of an Oxigraph server with an empty store."""
    with oxigraph() as address:
        yield address


def as_parsed(lines: list[str]) -> list[str]:
    """Lines as a parser writes them."""
    return sorted(f"{quad} ." for quad in ox.parse("\n".join(lines), ox.RdfFormat.N_QUADS))


def test_server_takes_quads(server: str) -> None:
    """What is sent is there, character by character, in its graphs; dropping them leaves nothing."""
    endpoint = Endpoint(f"{server}/update")
    endpoint.add(QUADS)

    assert as_parsed(QUADS) == held(server)
    endpoint.add(["<urn:s> <urn:p> <urn:o> <urn:g/view/any> ."])
    for bundle in ("urn:g", "urn:h", "urn:nowhere"):
        endpoint.drop(bundle)
    assert [] == held(server)


def test_server_takes_a_bundle(server: str) -> None:
    """A bundle and the ontology's terms come over whole, in several requests, and replace what was there of it."""
    endpoint = Endpoint(f"{server}/update")
    expected = sorted({*as_parsed([*lift_terms(JOB.vocabulary), *lifted(JOB.read([WORKED]), JOB)])})
    import_bundles([WORKED], JOB, endpoint)
    import_bundles([WORKED], JOB, endpoint, replace=True)

    assert expected == held(server)
    assert len(expected) > 5_000


@settings(max_examples=drawn(50), deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_text_survives_an_update(value: str) -> None:
    """Any text is the same after an INSERT DATA, whose escapes are not those of N-Quads."""
    (line,) = (
        f"{quad} ."
        for quad in [ox.Quad(ox.NamedNode("urn:a"), ox.NamedNode("urn:b"), ox.Literal(value), ox.NamedNode("urn:g"))]
    )
    store = ox.Store()
    for update in updates([line]):
        store.update(update)

    assert [value] == [quad.object.value for quad in store]


def test_server_refuses(server: str) -> None:
    """A server that refuses is an EngineError of one line."""
    with pytest.raises(EngineError) as raised:
        Endpoint(f"{server}/query").add(QUADS)
    with pytest.raises(EngineError):
        Endpoint(f"{server}/nowhere").drop("urn:g")

    assert str(raised.value).startswith(f"{server}/query: the server did not take the data: ")
    assert "\n" not in str(raised.value)


def test_server_that_is_not_there() -> None:
    """Nobody listening is an EngineError of one line; nothing is contacted before something is sent."""
    endpoint = Endpoint(f"http://127.0.0.1:{free_port()}/update")
    with pytest.raises(EngineError, match=r"the server did not take the data: .*refused") as raised:
        endpoint.add(QUADS)

    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "answer", [b"", b"220 smtp ready\r\n\r\n", b"HTTP/1.1 500 Oops\r\nContent-Length: 11\r\n\r\ntrace\r\nback"]
)
def test_server_that_speaks_otherwise(answer: bytes) -> None:
    """A server that hangs up, speaks no HTTP, or fails is an EngineError of one line."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(EngineError) as raised:
            Endpoint(f"http://127.0.0.1:{listening.getsockname()[1]}/update").add(QUADS)
        thread.join()

    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("url", ["localhost:7878", "ftp://example.org/", "http://", "", "file:///x"])
def test_address_that_is_none(url: str) -> None:
    """An address is checked before anything is lifted."""
    with pytest.raises(InputError, match="is no address of a server"):
        Endpoint(url)


@pytest.mark.parametrize("url", ["http://[::1/update", "http://exa mple/update", "http://127.0.0.1:99999/update"])
def test_address_that_cannot_be(url: str) -> None:
    """An address that only looks like one fails like a server that is not there."""
    with pytest.raises((InputError, EngineError)) as raised:
        Endpoint(url).add(QUADS)

    assert "\n" not in str(raised.value)
