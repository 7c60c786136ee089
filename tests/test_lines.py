"""Lines: where an RDF file describes a node, in each syntax, and however it is laid out."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from xml.sax.saxutils import unescape

import pyoxigraph as ox
import pytest
from drawn import drawn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import RDF, BNode, Graph, Literal, URIRef

from kgtools.errors import InputError
from kgtools.read.lines import line_of_mention, lines_of, quads_with_lines
from kgtools.store import FORMATS

# Random graphs, as two libraries write them

SPACES = ["urn:x:", "http://e.org/a#", "http://e.org/é/", "http://e.org/a%20b?q=1#", "https://w3id.org/evco#"]
NAMES = ["a", "b", "a.b", "c-d", "é", "1", "x/y", "m'n", "a~b!c", "n_1", "p,q", "(r)"]
IRIS = st.builds(lambda space, name: URIRef(space + name), st.sampled_from(SPACES), st.sampled_from(NAMES))
PROPERTIES = st.sampled_from([URIRef(f"http://e.org/a#{name}") for name in ("p", "q", "r")])
TEXTS = st.sampled_from(
    [
        "x",
        "a . <urn:x:a> <urn:p> <urn:o> .",
        "line\n<urn:x:b> a <urn:C> .\n",
        'it\'s "quoted" \'\'\'thrice\'\'\' """thrice"""',
        "# no comment",
        "back\\slash\\",
        "\r\n\r",
        '{"@id": "urn:x:a"}',
        "<rdf:Description rdf:about='urn:x:a'/>",
    ]
)
LITERALS = st.builds(Literal, TEXTS, lang=st.sampled_from([None, "en", "en-US"])) | st.builds(
    Literal, st.sampled_from([1, 2.5, True, -3])
)
BLANK = st.sampled_from([BNode("b1"), BNode("b2")])
GRAPHS = st.lists(st.tuples(IRIS | BLANK, PROPERTIES, IRIS | BLANK | LITERALS), min_size=1, max_size=12)
WRITERS = ["rdflib turtle", "rdflib longturtle", "rdflib n3", "rdflib nt", "rdflib xml", "rdflib pretty-xml"]
WRITERS += ["rdflib json-ld", "rdflib trig"]
WRITERS += [f"oxigraph {form}" for form in ("ttl", "nt", "nq", "trig", "rdf", "jsonld")]
ENDING = {"turtle": "ttl", "longturtle": "ttl", "n3": "n3", "nt": "nt", "xml": "rdf", "pretty-xml": "rdf"}
ENDING["json-ld"] = "jsonld"


def written(graph: Graph, writer: str, path: Path) -> Path:
    """The graph as a library writes it."""
    library, form = writer.split()
    path = path.with_suffix("." + ENDING.get(form, form))
    if library == "rdflib":
        graph.serialize(path, format=form, encoding="utf-8")
    else:
        triples = [quad.triple for quad in ox.parse(graph.serialize(format="nt").encode(), ox.RdfFormat.N_TRIPLES)]
        known = ox.RdfFormat.from_extension(form)
        assert known is not None
        prefixes = {"x": "urn:x:", "e": "http://e.org/a#"} if form in ("ttl", "trig") else None
        ox.serialize(triples, str(path), known, prefixes=prefixes)
    return path


def subjects(path: Path) -> dict[str, int | None]:
    """The IRIs that a parser finds as subjects, each with the line on which its first statement is complete."""
    found: dict[str, int | None] = {}
    for quad, line in quads_with_lines(path):
        if isinstance(quad.subject, ox.NamedNode):
            found.setdefault(quad.subject.value, line)
    return found


@pytest.mark.parametrize("writer", WRITERS)
@settings(max_examples=drawn(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(GRAPHS)
def test_every_subject_has_its_line(writer: str, triples: list[tuple[URIRef, URIRef, URIRef]]) -> None:
    """All that a parser finds described has a line, nothing else has; the line names it, before its first statement."""
    graph = Graph()
    for triple in triples:
        graph.add(triple)
    with tempfile.TemporaryDirectory() as folder:
        path = written(graph, writer, Path(folder) / "graph")
        text = path.read_text("utf-8").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        described = subjects(path)
        found = lines_of(path, {str(term) for term in graph.all_nodes()} | {"urn:nowhere"})

        assert set(described) == set(found)
        for iri, line in found.items():
            name = max(SPACES, key=lambda space: len(space) if iri.startswith(space) else 0)
            near = unescape(text[line - 1].replace("\\", ""), {"&apos;": "'"})

            assert iri[len(name) :] in near
            assert described[iri] is None or line <= (described[iri] or 0)


# By hand

PREFIX = "@prefix ex: <urn:x#> .\n"

CASES: dict[str, tuple[str, str, dict[str, int]]] = {
    "strings that look like statements": (
        "ttl",
        PREFIX + 'ex:a ex:p "ex:b ex:p ex:o .", \'ex:b a ex:C .\' ,\n"""x" .\nex:b ex:p "" ex:o .\n""" ,\n'
        "'''\nex:b ex:p '' ex:o .\n''' .\nex:b ex:p 1 .",
        {"urn:x#a": 2, "urn:x#b": 9},
    ),
    "escaped quotes": (
        "ttl",
        PREFIX + 'ex:a ex:p "\\" . ex:b ex:p \\\\", """\\""" . \nex:b ex:p 1 . """ .\nex:b ex:p 1 .',
        {"urn:x#a": 2, "urn:x#b": 4},
    ),
    "number sign in an IRI": (
        "ttl",
        "<urn:x#a> <urn:p#q> <urn:o#r> . <urn:x#b> a <urn:C> . # <urn:x#c> a\n",
        {"urn:x#a": 1, "urn:x#b": 1},
    ),
    "comments": (
        "ttl",
        PREFIX + "# ex:a a ex:C .\nex:b # ex:a . '\n# \"\n a # .\n ex:C . # ex:a\nex:a a ex:C .",
        {"urn:x#b": 3, "urn:x#a": 7},
    ),
    "line ends of Windows": (
        "ttl",
        PREFIX + "\r\nex:a\r\n a ex:C .\r\n\r\nex:b a ex:C .",
        {"urn:x#a": 3, "urn:x#b": 6},
    ),
    "line ends of old": (
        "nt",
        "<urn:x#a> <urn:p> <urn:o> .\r<urn:x#b> <urn:p> <urn:o> .",
        {"urn:x#a": 1, "urn:x#b": 2},
    ),
    "byte order mark": ("ttl", "\ufeffPREFIX ex: <urn:x#>\nex:a a ex:C .", {"urn:x#a": 2}),
    "byte order mark in lines": ("nt", "\ufeff<urn:x#a> <urn:p> <urn:o> .", {"urn:x#a": 1}),
    "prefix declared again": (
        "ttl",
        PREFIX + "ex:a a ex:C .\nPREFIX ex: <urn:y#> ex:a a ex:C .\n@base <http://e.org/x/> .\n<> a ex:C .\n"
        "<y> a ex:C . <#z> a ex:C .\nBASE <../>\n<y> a ex:C .",
        {
            "urn:x#a": 2,
            "urn:y#a": 3,
            "http://e.org/x/": 5,
            "http://e.org/x/y": 6,
            "http://e.org/x/#z": 6,
            "http://e.org/y": 8,
        },
    ),
    "dots in names": (
        "ttl",
        PREFIX + "PREFIX x: <urn:x#> ex:a.b ex:p.q ex:o.r .\nex:a ex:p ex:o.\nex:c ex:p 1.5 , .5 , 1.e3 , 2 .\n"
        "ex:d ex:p 2.x:e ex:p true .\n"
        'ex:f ex:p "x"@en.ex:g ex:p "x".ex:h ex:p <urn:o>.ex:i ex:p [].ex:j ex:p _:k.l.\n_:k.l ex:p 1 .',
        {"urn:x#a.b": 2, "urn:x#a": 3, "urn:x#c": 4, "urn:x#d": 5, "urn:x#e": 5}
        | {f"urn:x#{name}": 6 for name in "fghij"}
        | {"_:k.l": 7},
    ),
    "escapes in names": (
        "ttl",
        PREFIX + "ex:a\\.b\\,c ex:p 1 . ex:%41\\~ ex:p 1 .\n<urn:x#\\u00e9> ex:p 1 .\nex:é😀 ex:p 1 .",
        {"urn:x#a.b,c": 2, "urn:x#%41~": 2, "urn:x#é": 3, "urn:x#é😀": 4},
    ),
    "nameless nodes": (
        "ttl",
        PREFIX + "[] ex:p ex:a .\n[ ex:p ex:a ;\n ex:q [ ex:p ( ex:a 1.5 [ ] ) ] ] .\n"
        "( ex:a ) ex:p ex:b .\nex:b ex:p [ ex:q ex:a ] .\nex:a ex:p [] .",
        {"urn:x#b": 6, "urn:x#a": 7},
    ),
    "graphs": (
        "trig",
        PREFIX + "ex:g { ex:a a ex:C . ex:b a ex:C }\nex:c a ex:C .\nGRAPH ex:h {\nex:d a ex:C }\n{ ex:e a ex:C . }\n"
        "[] { ex:f a ex:C } _:i { _:i a ex:C }",
        {"urn:x#a": 2, "urn:x#b": 2, "urn:x#c": 3, "urn:x#d": 5, "urn:x#e": 6, "urn:x#f": 7, "_:i": 7},
    ),
    "formulas": (
        "n3",
        PREFIX
        + "{ ex:a a ex:C . ex:b a ex:C } => { ex:c a ex:C } .\nex:d ex:p { ex:e a ex:C .\n} ; a ex:C .\nex:f = ex:g .",
        {"urn:x#a": 2, "urn:x#b": 2, "urn:x#c": 2, "urn:x#d": 3, "urn:x#e": 3, "urn:x#f": 5},
    ),
    "annotations": (
        "ttl",
        'VERSION "1.2"\n'
        + PREFIX
        + "ex:a ex:p ex:o {| ex:q ex:r |} .\n<< ex:c ex:p ex:o >> ex:q 1 .\nex:b ex:p <<( ex:c ex:p ex:o )>> .",
        {"urn:x#a": 3, "urn:x#b": 5},
    ),
    "lines, oddly": (
        "nq",
        "# <urn:x#a> <urn:p> <urn:o> .\n\n  <urn:x#a>\t<urn:p> <urn:o> .\n  <urn:x#b>\t<urn:p> <urn:o> .\n"
        "<urn:x#c><urn:p><urn:o><urn:g>.\n"
        '_:d<urn:p><urn:o>.\n_:e\t<urn:p> "<urn:x#f> <urn:p> <urn:o> ." .\n'
        "<urn:x#\\u00e9> <urn:p> <urn:x#f> <urn:x#f> .\n"
        "<urn:x#f> <urn:p> <urn:o> . # <urn:x#g> <urn:p> <urn:o>",
        {"urn:x#a": 3, "urn:x#b": 4, "urn:x#c": 5, "_:d": 6, "_:e": 7, "urn:x#é": 8, "urn:x#f": 9},
    ),
    "XML": (
        "rdf",
        """<?xml version="1.0"?>
<!DOCTYPE rdf:RDF [ <!ENTITY x "urn:x#"> ]>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:ex="urn:x#" xml:base="http://e.org/x/">
<!-- <rdf:Description rdf:about="urn:x#a"><ex:p>1</ex:p></rdf:Description> -->
<rdf:Description rdf:about="&x;b"/>
<rdf:Description
    rdf:about="&x;a">
  <ex:p rdf:resource="urn:x#b"/>
  <ex:q><ex:C rdf:about="urn:x#b"/></ex:q>
  <ex:q rdf:parseType="Resource">
    <ex:q><ex:C rdf:ID="c"/></ex:q>
  </ex:q>
  <ex:r rdf:parseType="Literal"><ex:C rdf:about="urn:x#d"/></ex:r>
  <ex:s rdf:parseType="Collection">
    <rdf:Description rdf:about="urn:x#d" ex:p="1"/>
    <rdf:Description rdf:nodeID="e"><ex:p><![CDATA[<ex:C rdf:about="urn:x#f"/>]]></ex:p></rdf:Description>
  </ex:s>
  <ex:p rdf:resource="f" ex:p="1" xml:base="http://e.org/x/y/"/>
  <ex:p rdf:ID="g">1</ex:p>
</rdf:Description>
<rdf:Description xml:base="http://e.org/x/z/" rdf:about=""><ex:p>1</ex:p></rdf:Description>
</rdf:RDF>""",
        {"urn:x#a": 6, "urn:x#b": 9, "http://e.org/x/#c": 11, "urn:x#d": 15, "_:e": 16, "http://e.org/x/y/f": 18}
        | {"http://e.org/x/#g": 19, "http://e.org/x/z/": 21},
    ),
    "one node of XML": (
        "xml",
        '<ex:C xmlns:ex="urn:x#"\nxmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about="urn:x#a"/>',
        {"urn:x#a": 1},
    ),
    "JSON-LD": (
        "jsonld",
        """{"@context": [{"ex": "urn:x#", "name": {"@id": "ex:name"}, "id": "@id",
   "knows": {"@id": "ex:knows", "@type": "@id"}}, {"@base": "http://e.org/x/", "sub": "ex:sub/"}],
 "@graph": [
  {"@id": "ex:a",
   "knows": {"@id": "ex:c"}, "name": "\\"@id\\": \\"ex:b\\""},
  {"name": "b",
   "knows": [{"name": "c",
      "id": "ex:c"}, {"@type": "ex:C", "knows": "ex:d"}],
   "@id": "ex:b"},
  {"@id": "d", "name": "d"}, {"@id": "_:e", "name": "e"}, {"@id": "sub:f", "name": "\\u0041"}, {"@id": "ex:g"}
 ]}""",
        {"urn:x#a": 4, "urn:x#c": 8, "urn:x#b": 9, "http://e.org/x/d": 10, "_:e": 10, "urn:x#sub/f": 10},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_odd_layouts(case: str, tmp_path: Path) -> None:
    """What looks like a statement is none, and what hardly looks like one is."""
    ending, text, expected = CASES[case]
    path = tmp_path / f"odd.{ending}"
    path.write_bytes(text.encode())
    asked = {*expected, "urn:nowhere", "_:nothing", *(f"urn:x#{letter}" for letter in "abcdefghijklmno")}

    assert expected == lines_of(path, asked)
    if "byte order mark" not in case:
        assert {node for node in expected if node[:2] != "_:"} == {iri for iri in subjects(path) if iri in asked}


@pytest.mark.parametrize("ending", FORMATS)
def test_relative_names_are_as_the_store_has_them(ending: str, tmp_path: Path) -> None:
    """Relative names are relative to the file, in each syntax that knows such names; an empty file has none."""
    path = tmp_path / f"some{ending}"
    path.touch()

    assert {} == lines_of(path, ["urn:x"])
    if ending in (".nt", ".nq"):
        return
    path.write_text(
        {
            ".rdf": f'<r:RDF xmlns:r="{RDF}" xmlns:x="urn:x#">\n<x:C r:ID="a"/></r:RDF>',
            ".json": '{\n"@id": "#a", "@type": "urn:x#C"}',
        }.get({".owl": ".rdf", ".xml": ".rdf", ".jsonld": ".json"}.get(ending, ending), "\n<#a> a <urn:x#C> .")
    )

    assert {path.as_uri() + "#a": 2} == lines_of(path, [path.as_uri() + "#a"])
    assert [path.as_uri() + "#a"] == list(subjects(path))


def test_a_long_line_is_not_kept(tmp_path: Path) -> None:
    """Lines longer than what is read at once, at any offset, are counted as one, and what follows is found."""
    path = tmp_path / "long.nq"
    for size in (2**22 - 40, 2**22, 2**23 + 5):
        with path.open("wb") as file:
            file.write(b'<urn:x#a> <urn:p> "' + b"x" * size + b'" .\r\n<urn:x#b> <urn:p> <urn:o> .\r\n')

        assert {"urn:x#a": 1, "urn:x#b": 2} == lines_of(path, ["urn:x#a", "urn:x#b", "urn:x#c"])


def test_many_lines_take_no_time(tmp_path: Path) -> None:
    """A hundred megabytes of N-Quads are looked through in seconds at the very most."""
    path = tmp_path / "many.nq"
    with path.open("wb") as file:
        for number in range(1000):
            file.write(b"".join(b"<urn:x:%d> <urn:p> <urn:o> .\n" % (number * 400 + at) for at in range(400)))
    start = time.perf_counter()
    found = lines_of(path, [f"urn:x:{number}" for number in range(0, 400_000, 100)] + ["urn:nowhere"])

    assert {f"urn:x:{number}": number + 1 for number in range(0, 400_000, 100)} == found
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    ("name", "content", "said", "line"),
    [
        ("none.ttl", None, "cannot be read", None),
        ("table.csv", "a,b", "is no RDF file by its ending", None),
        ("broken.rdf", "<a>\n<b></a>", "not XML: mismatched tag", 2),
        ("bomb.rdf", '<!DOCTYPE a [\n<!ENTITY a "x"><!ENTITY b "&a;&a;"> ]>\n<a/>', "defines the entity `b`", 2),
        ("theft.rdf", '<!DOCTYPE a [\n<!ENTITY a SYSTEM "/etc/passwd"> ]>\n<a/>', "defines the entity `a`", 2),
    ],
)
def test_files_without_lines(name: str, content: str | None, said: str, line: int | None, tmp_path: Path) -> None:
    """What cannot be read is an error with its line."""
    if content is not None:
        (tmp_path / name).write_text(content)

    with pytest.raises(InputError, match=said) as raised:
        lines_of(tmp_path / name, ["urn:x"])

    assert (tmp_path / name, line) == (raised.value.path, raised.value.row)


def test_line_of_a_mention(tmp_path: Path) -> None:
    """A term is found where the subject's own statements mention it, nameless nodes below it included."""
    path = tmp_path / "shapes.ttl"
    path.write_text(
        PREFIX + "ex:a ex:path ex:typo .\nex:b\n  ex:property [\n    ex:path ex:typo ;\n"
        "    ex:count 'one'\n  ] .\nex:c a ex:D ."
    )

    assert [2, 5, 6, 4, 5] == [
        line_of_mention(path, *asked)
        for asked in (
            ("urn:x#a", "urn:x#typo"),
            ("urn:x#b", "urn:x#typo"),
            ("urn:x#b", "one"),
            ("urn:x#b", "urn:x#property"),
            ("urn:x#b", "urn:x#path"),
        )
    ]
    assert [8, None] == [line_of_mention(path, iri, "urn:x#typo") for iri in ("urn:x#c", "urn:x#none")]
