"""Hardening: whatever bytes are named as RDF or as shapes, one line says what is wrong, in bounded time and memory."""

from __future__ import annotations

import gzip
import io
import resource
import subprocess
import sys
import textwrap
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from kgtools.cli import main
from kgtools.errors import EngineError, InputError
from kgtools.store import Store
from kgtools.validate.shapes.sound import check
from kgtools.validate.timed import in_time, patience

TURTLE = '@prefix ex: <urn:x#> .\nex:a a ex:C ; ex:p "x" .\n'
XML = '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="urn:x#">{}</r:RDF>'
NODE = XML.format('<x:C r:about="urn:a"><x:p>{}</x:p></x:C>')
SHAPES = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <urn:x#> .\n"
TOO_LONG = "a text or name is longer than 16 MiB; shorten it, or keep it in a file of its own and name that"
ENTITY = "which is not just a short text; write out what it stands for"


def zipped() -> bytes:
    """A zip archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.ttl", TURTLE)
    return file.getvalue()


def entities(*defined: str) -> str:
    """A document type that defines entities."""
    return (
        "<!DOCTYPE a [\n"
        + "".join(f'<!ENTITY {name} "{value}">\n' for name, _, value in map(partition, defined))
        + "]>"
    )


def partition(definition: str) -> tuple[str, str, str]:
    """A definition `name=value`, in parts."""
    return definition.partition("=")


LAUGHS = entities("a=lol", *(f"{chr(98 + n)}={('&' + chr(97 + n) + ';') * 10}" for n in range(9)))
NOT = "not what its ending says: "

BROKEN: dict[str, tuple[str, str | bytes, int | None, str]] = {
    "Turtle": ("a.ttl", "@prefix ex: <urn:x#> .\nex:a ex:b", 2, NOT + "Parser error at line 2"),
    "TriG": ("a.trig", "<urn:g> {\n<urn:a> }", 2, NOT + "Parser error at line 2"),
    "N3": ("a.n3", "@prefix : <urn:x#> .\n:a :b", 2, NOT + "Parser error at line 2"),
    "N-Triples": ("a.nt", "<urn:a> <urn:b> <urn:c> .\nwhat", 2, NOT + "Parser error at line 2"),
    "N-Quads": ("a.nq", "<urn:a> <urn:b> <urn:c> .\nwhat", 2, NOT + "Parser error at line 2"),
    "JSON-LD": ("a.jsonld", '{"@id": "urn:a",\n"urn:p":}', 2, NOT + "Parser error at line 2"),
    "RDF/XML": ("a.rdf", XML.format("\n<r:x>"), 2, NOT + "ill-formed document"),
    "XML and no RDF": ("a.rdf", XML.format('<r:Description r:about="a" r:ID="b"/>'), None, NOT),
    "Turtle as RDF/XML": ("a.rdf", TURTLE, 1, "; it looks like Turtle: give it the ending .ttl"),
    "JSON as Turtle": ("a.ttl", '{"@id": "urn:a"}', 1, "; it looks like JSON: give it the ending .jsonld"),
    "RDF/XML as Turtle": ("a.ttl", NODE, 1, "; it looks like RDF/XML: give it the ending .rdf"),
    "RDF/XML as N-Quads": ("a.nq", "<?xml version='1.0'?>\n" + NODE, 1, "; it looks like RDF/XML"),
    "Turtle as N-Quads": ("a.nq", TURTLE, 1, "; it looks like Turtle: give it the ending .ttl"),
    "N-Quads as JSON-LD": ("a.json", "<urn:a> <urn:b> <urn:c> .\n", 1, "; it looks like N-Triples or N-Quads"),
    "a web page": (
        "a.ttl",
        "<!DOCTYPE html>\n<html></html>",
        1,
        "; it looks like a web page; download the data itself",
    ),
    "a zip archive": ("a.ttl", zipped(), None, "is a zip archive; unpack it"),
    "packed": ("a.nq", gzip.compress(TURTLE.encode()), None, "is packed with gzip; unpack it"),
    "nothing": ("a.rdf", "", None, "is empty, and RDF/XML has at least one element; is it the right file?"),
    "nothing in JSON": ("a.jsonld", "", None, "is empty, and JSON-LD has at least one element"),
    "UTF-16": ("a.ttl", TURTLE.encode("utf-16"), None, "is UTF-16; save it as UTF-8"),
    "UTF-16 without a mark": ("a.nq", TURTLE.encode("utf-16-le"), None, "is no text in UTF-8; save it as UTF-8"),
    "Latin-1": ("a.ttl", TURTLE.replace('"x"', '"é"').encode("latin-1"), 2, "Invalid UTF-8"),
    "NUL in a name": ("a.ttl", TURTLE.replace("ex:a", "ex:\0a"), 2, NOT),
    "NUL in JSON": ("a.jsonld", '{"@id": "urn:a", \0}', 1, NOT),
    "a context on the web": (
        "a.jsonld",
        '{"@context": "https://schema.org/", "@id": "urn:a", "name": "x"}',
        None,
        "its @context is on the web, and nothing is fetched; write that context out in the file",
    ),
    "entities of entities": ("a.rdf", LAUGHS + NODE.format("&j;"), 3, f"defines the entity `b`, {ENTITY}"),
    "a long entity": (
        "a.rdf",
        entities("a=" + "x" * 2000) + NODE.format("&a;"),
        2,
        f"defines the entity `a`, {ENTITY}",
    ),
    "an entity of another file": (
        "a.rdf",
        '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + NODE.format("&a;"),
        1,
        f"defines the entity `a`, {ENTITY}",
    ),
    "an entity named too often": (
        "a.rdf",
        entities("a=" + "x" * 1000) + NODE.format("&a;" * 100_000),
        None,
        "names its entities so often that they come to far more than the file; write out what they stand for",
    ),
    "deep XML": (
        "a.rdf",
        XML.format("<x:a><x:b>" * 50_000 + "</x:b></x:a>" * 50_000),
        1,
        "has more than 1000 elements",
    ),
    "deep JSON": ("a.jsonld", "[" * 100_000 + "]" * 100_000, 1, "Max stack size of 65536 reached"),
    "deep JSON objects": (
        "a.jsonld",
        '{"urn:p":' * 100_000 + "1" + "}" * 100_000,
        1,
        "Max stack size of 65536 reached",
    ),
    "deep and open Turtle": ("a.ttl", "<urn:a> <urn:b> " + "[ <urn:b> " * 100_000, 1, NOT),
    "deep quoted triples": ("a.ttl", "<<" * 100_000, 1, NOT),
    "deep graphs": ("a.trig", "{" * 100_000, 1, NOT),
    "deep formulas": ("a.n3", "{" * 100_000, 1, NOT),
}


@pytest.fixture
def shapes(tmp_path: Path) -> Path:
    """Shapes that ask for nearly nothing."""
    path = tmp_path / "shapes.ttl"
    path.write_text(SHAPES + "ex:S sh:targetNode ex:a ; sh:nodeKind sh:IRI .")
    return path


@pytest.mark.parametrize("case", BROKEN)
def test_broken_data_is_one_line(
    case: str, tmp_path: Path, shapes: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file, the line, what is wrong, soon; exit code 2, and nothing on stdout."""
    name, content, line, said = BROKEN[case]
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    start = time.perf_counter()
    code = main(["validate", name, "--shapes", str(shapes), "--quiet"])
    told = capsys.readouterr()

    assert (2, "", 1) == (code, told.out, told.err.count("\n"))
    assert told.err.startswith(f"kgtools: {name}:{line}: " if line else f"kgtools: {name}: ")
    assert said in told.err
    assert len(told.err) < 600
    assert time.perf_counter() - start < 20


@pytest.mark.parametrize("case", [case for case in BROKEN if BROKEN[case][0] == "a.ttl"])
def test_broken_shapes_are_one_line(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same of a shapes file."""
    name, content, _, _ = BROKEN[case]
    monkeypatch.chdir(tmp_path)
    Path("data.ttl").write_text(TURTLE)
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    code = main(["validate", "data.ttl", "--shapes", name, "--quiet"])
    told = capsys.readouterr()

    assert (2, "", 1) == (code, told.out, told.err.count("\n"))
    assert told.err.startswith(f"kgtools: {name}:")


@pytest.mark.parametrize(
    ("name", "content", "statements"),
    [
        ("a.ttl", TURTLE, 2),
        ("a.trig", TURTLE, 2),
        ("a.n3", TURTLE, 2),
        ("a.nq", "<urn:a> <urn:b> <urn:c> .\n", 1),
        ("a.jsonld", '{"@id": "urn:a", "urn:p": 1}', 1),
        ("a.rdf", NODE.format(1), 2),
    ],
)
def test_a_byte_order_mark_is_passed_over(name: str, content: str, statements: int, tmp_path: Path) -> None:
    """Editors on Windows write one before any syntax; names that are relative stay relative to the file."""
    path = tmp_path / name
    path.write_bytes(b"\xef\xbb\xbf" + content.encode())

    assert statements == len(Store.of(path).lines())

    if name == "a.ttl":
        path.write_bytes(b"\xef\xbb\xbf<#a> a <urn:x#C> .")

        assert Store.of(path).lines()[0].startswith(f"<{path.as_uri()}#a>")


def test_entities_that_stand_for_namespaces_are_read(tmp_path: Path) -> None:
    """OWL editors write namespaces as entities."""
    path = tmp_path / "a.owl"
    path.write_text(entities("x=urn:x#") + XML.format('<x:C r:about="&x;a"/>'))

    assert ["<urn:x#a>"] == [line.split()[0] for line in Store.of(path).lines()]


@pytest.mark.parametrize("text", ["[ <urn:b> {} ]", "( {} )"], ids=["nodes", "lists"])
def test_deep_turtle_is_read(text: str, tmp_path: Path) -> None:
    """What is deep and well-formed is read: a hundred thousand nodes or lists within one another."""
    path = tmp_path / "deep.ttl"
    before, after = text.split("{}")
    path.write_text("<urn:a> <urn:b> " + before * 100_000 + "1" + after * 100_000 + " .")

    assert len(Store.of(path).lines()) > 100_000


def limited(*arguments: str, gigabytes: float) -> subprocess.CompletedProcess[str]:
    """The program, in a process that may have so much memory."""
    size = int(gigabytes * 2**30)
    return subprocess.run(
        [sys.executable, "-m", "kgtools", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size)),
    )


LONG: dict[str, Callable[[str], str]] = {
    "a.ttl": lambda text: f'<urn:a> <urn:b> "{text}" .',
    "b.ttl": lambda text: f'<urn:a> <urn:b> 1 .\n<urn:a> <urn:b> """{text}""" .',
    "a.trig": lambda text: f"<urn:a> <urn:b> '{text}' .",
    "a.nq": lambda text: f'<urn:a> <urn:b> "{text}" .',
    "b.nq": lambda text: f"<urn:a> <urn:{text}> <urn:b> .",
    "a.nt": lambda text: f"# {text}",
    "a.jsonld": lambda text: f'{{"@id": "urn:a", "urn:p": "{text}"}}',
    "a.rdf": lambda text: NODE.format(text),
    "b.rdf": lambda text: XML.format(f'<x:C r:about="urn:a" x:p="{text}"/>'),
}


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited by the system")
@pytest.mark.parametrize("name", LONG)
def test_a_hundred_megabytes_in_one_text(name: str, tmp_path: Path, shapes: Path) -> None:
    """A text of 100 MB is refused with its line in seconds, within a gigabyte of memory."""
    path = tmp_path / name
    path.write_text(LONG[name]("y" * 100_000_000))
    start = time.perf_counter()
    done = limited("validate", str(path), "--shapes", str(shapes), "--quiet", gigabytes=2.5)

    assert (2, "") == (done.returncode, done.stdout)
    assert f"kgtools: {path}:{2 if name == 'b.ttl' else 1}: {TOO_LONG}\n" == done.stderr
    assert time.perf_counter() - start < 60


def test_texts_of_megabytes_are_read(tmp_path: Path, shapes: Path) -> None:
    """What is below the limit is read and validated, in each syntax."""
    for name, written in LONG.items():
        path = tmp_path / name
        path.write_text(written("y" * 3_000_000))

        assert main(["validate", str(path), "--shapes", str(shapes), "--quiet", "--fail-on", "never"]) == 0


def test_a_text_that_grows_is_refused(tmp_path: Path, shapes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A text that is longer as N-Quads than a parser holds is one line too."""
    path = tmp_path / "a.ttl"
    path.write_text('<urn:a> <urn:b> """' + "\n" * 10_000_000 + '""" .')
    code = main(["validate", str(path), "--shapes", str(shapes), "--quiet"])
    told = capsys.readouterr()

    assert (2, 1) == (code, told.err.count("\n"))
    assert "longer than 16 MiB" in told.err


def test_nothing_conforms_with_a_remark_only(tmp_path: Path) -> None:
    """An empty file is RDF in some syntaxes; shapes are not without a target there."""
    from kgtools.validate.shapes.remarks import Terms, remarks

    (tmp_path / "empty.ttl").touch()
    (tmp_path / "shapes.ttl").write_text(SHAPES + "ex:S sh:targetSubjectsOf ex:a ; sh:nodeKind sh:IRI .")
    lines = Store.of(tmp_path / "empty.ttl").lines()

    assert [] == lines
    assert ["shapes:target-matches-nothing"] == [
        one.shape for one in remarks([tmp_path / "shapes.ttl"], Terms.of(lines))
    ]
    with pytest.raises(InputError, match="holds no SHACL shape with a target"):
        check([tmp_path / "empty.ttl"])


@pytest.mark.parametrize(
    ("content", "said"),
    [(zipped(), "is a zip archive; unpack it"), (f'<urn:a> <urn:b> "{"y" * 17_000_000}" .'.encode(), TOO_LONG)],
    ids=["zip", "long"],
)
def test_broken_theories_are_one_line(
    content: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same of a theory file."""
    path = tmp_path / "theory.ttl"
    path.write_bytes(content)
    code = main(["propositions", "--theory", str(path)])
    told = capsys.readouterr()

    assert (2, "", 1) == (code, told.out, told.err.count("\n"))
    assert told.err.startswith(f"kgtools: {path}:")
    assert said in told.err


# Time

REGEX = 'ex:S sh:targetNode ex:a ; sh:property [ sh:path ex:p ; sh:pattern "^(a+)+$" ] .'
JOIN = """ex:S sh:targetNode ex:a ; sh:sparql [ sh:message "x" ; sh:select '''
  SELECT $this { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l
                 FILTER (STR(?c) = CONCAT(STR(?f), STR(?i), STR(?l), "x")) $this ?y ?z }''' ] ."""
SLOW = "".join(f'<urn:x#a{number}> <urn:x#p> "{number}" .\n' for number in range(200))
DATA = f'<urn:x#a> <urn:x#p> "{"a" * 40}b" .\n' + SLOW


@pytest.mark.parametrize(
    ("engine", "text"),
    [("pyshacl", JOIN), ("shacl-rust", JOIN)],
    ids=["query", "compiled"],
)
def test_shapes_that_take_for_ever(engine: str, text: str, tmp_path: Path) -> None:
    """A query that explodes ends in time, with one line, whatever the engine."""
    (tmp_path / "data.nq").write_text(DATA)
    (tmp_path / "shapes.ttl").write_text(SHAPES + text)
    code = f"""
        import sys
        import kgtools.validate.timed as timed
        from kgtools.cli import main
        timed.START, timed.PER_TRIPLE = 1.0, 0.0
        sys.exit(main(["validate", "data.nq", "--shapes", "shapes.ttl", "--engine", "{engine}", "--quiet"]))"""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        env={"PYTHONPATH": str(Path(__file__).parent.parent)},
    )

    assert (2, "") == (done.returncode, done.stdout)
    assert done.stderr.startswith(f"kgtools: {engine} was not done after 1 seconds; look in the shapes for a pattern")
    assert 1 == done.stderr.count("\n")
    assert time.perf_counter() - start < 50


def test_a_pattern_that_backtracks_is_answered_by_the_compiled_engine(tmp_path: Path) -> None:
    """Its regular expressions take time by the length of the text only; the other engine is not asked, and says so."""
    from kgtools.validate import results

    (tmp_path / "shapes.ttl").write_text(SHAPES + REGEX)
    for engine in ("auto", "shacl-rust"):
        [found] = results(DATA, [tmp_path / "shapes.ttl"], engine)

        assert "<urn:x#a>" == found.focus
    with pytest.raises(InputError, match="pySHACL does not get right a regular expression that repeats what repeats"):
        results(DATA, [tmp_path / "shapes.ttl"], "pyshacl")


def test_the_timer_is_put_back() -> None:
    """Work in time leaves no timer behind; what work raises is passed on, from a thread too."""

    def fail() -> None:
        raise InputError("as it was")

    for engine in ("pyshacl", "shacl-rust"):
        assert 7 == in_time(lambda: 7, engine, 0.2)
        with pytest.raises(InputError, match="as it was"):
            in_time(fail, engine, 0.2)
        with pytest.raises(EngineError, match=f"{engine} was not done after 0.2 seconds"):
            in_time(lambda: time.sleep(1), engine, 0.2)
    time.sleep(0.4)

    assert patience(10_000) > patience(0) > 30


def test_patterns_in_python_look_out_for_the_timer() -> None:
    """What `--engine pyshacl` rests on: Python's regular expressions can be interrupted, though no thread can."""
    import re

    start = time.perf_counter()
    with pytest.raises(EngineError):
        in_time(lambda: re.match("(a+)+$", "a" * 60 + "b"), "pyshacl", 0.5)

    assert time.perf_counter() - start < 5


def test_shapes_in_a_circle_and_unknown_constraints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the command line: one line with the shapes file and its line."""
    monkeypatch.chdir(tmp_path)
    Path("data.ttl").write_text(TURTLE)
    told = []
    for text in ("ex:S sh:targetNode ex:a ;\nsh:not ex:S .", "ex:S sh:targetNode ex:a ;\nsh:minLenght 3 ."):
        Path("shapes.ttl").write_text(SHAPES + text)
        assert 2 == main(["validate", "data.ttl", "--shapes", "shapes.ttl", "--quiet"])
        from kgtools.validate import shapes as read

        read._read.cache_clear()
        told.append(capsys.readouterr().err)

    assert [
        "kgtools: shapes.ttl:3: shape ex:S leads back to itself, and SHACL does not say what that means; "
        "break the circle\n",
        "kgtools: shapes.ttl:3: `sh:minLenght` is no term of SHACL; did you mean `sh:minLength`?\n",
    ] == told


def test_oxigraph_still_needs_the_guards(tmp_path: Path) -> None:
    """Why files are looked over before they are parsed: the parser itself resolves entities within entities."""
    path = tmp_path / "a.rdf"
    path.write_text(entities("a=lol", "b=&a;&a;&a;&a;") + NODE.format("&b;"))
    [text] = [quad.object for quad in ox.parse(path=str(path)) if isinstance(quad.object, ox.Literal)]

    assert "lol" * 4 == text.value
