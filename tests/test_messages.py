"""Messages: what findings say in words, the same from each engine, of nodes with names and of those without."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from kgtools.lift import lift, lift_frame
from kgtools.model import LONGEST_SEGMENT
from kgtools.read import read
from kgtools.validate import ShapeFinding, validate
from kgtools.validate.rules import Rules
from kgtools.vocabulary import Vocabulary

HERE = Path(__file__).parent
CASE = HERE / "cases" / "messages"
ENGINES = ("pyshacl", "shacl-rust")
HEAD = (
    "@prefix ex: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .\n"
    "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
)


def triples(turtle: str) -> list[str]:
    """Turtle as N-Triples."""
    return [f"{quad.triple} ." for quad in ox.parse(turtle, ox.RdfFormat.TURTLE)]


def found(data: str, shapes: str, folder: Path, engine: str) -> list[ShapeFinding]:
    """What shapes find in data, both in Turtle."""
    (folder / "shapes.ttl").write_text(HEAD + shapes, "utf-8")
    return validate(triples(HEAD + data), [folder / "shapes.ttl"], engine)


@pytest.mark.parametrize("engine", ["auto", "shacl-rust"])  # auto: pySHACL, for those of the shapes that it gets right
def test_shapes_without_a_message(engine: str) -> None:
    """Each constraint component has a sentence, with what is asked for and what is there, whatever the engine."""
    findings = validate(triples((CASE / "data.ttl").read_text("utf-8")), [CASE / "shapes.ttl"], engine)
    said = "".join(f"{line}\n" for line in sorted(f"{one.shape}: {one.message}" for one in findings))

    assert (CASE / "expected.txt").read_text("utf-8") == said
    assert "_:" not in said
    assert "…" not in said


@pytest.mark.parametrize("engine", ENGINES)
def test_a_message_of_one_constraint_is_not_that_of_another(engine: str, tmp_path: Path) -> None:
    """What the SPARQL-based constraint of a shape says is said of its results alone."""
    shapes = """ex:S a sh:NodeShape ; sh:targetClass ex:P ; sh:nodeKind sh:BlankNode ; sh:name "a person" ; sh:sparql [
        sh:message "{$this} is too odd" ; sh:select "SELECT $this WHERE { $this a <http://example.org/P> }" ] ."""
    findings = found("ex:a a ex:P .", shapes, tmp_path, engine)

    assert ["a is not a blank node.", "a is too odd"] == sorted(one.message for one in findings)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ('"eins"@de , "one"@en', "one"),
        ('"eins"@de , "un"@fr', "eins"),
        ('"eins"@de , "one"@en-GB', "one"),
        ('"eins"@de , "one"', "one"),
    ],
)
def test_languages(texts: str, expected: str, tmp_path: Path) -> None:
    """Of several languages English is taken, or what is in none, or else the first."""
    (one,) = found("ex:a a ex:P .", f"ex:S a sh:NodeShape ; sh:targetClass ex:P ; sh:nodeKind sh:Literal ; "
                   f"sh:message {texts} .", tmp_path, "shacl-rust")  # fmt: skip

    assert f"a: {expected}" == one.message  # it does not name the node, so we do


@pytest.mark.parametrize("engine", ENGINES)
def test_a_constraint_without_a_message_takes_none_of_another(engine: str, tmp_path: Path) -> None:
    """Of several SPARQL-based constraints of a shape, each has its own message, or none."""
    shapes = """ex:S a sh:NodeShape ; sh:targetClass ex:P ; sh:sparql [ sh:message "{$this} knows itself" ; sh:select
        "SELECT DISTINCT $this WHERE { $this <http://example.org/knows> $this }" ] ; sh:sparql [ sh:select
        "SELECT DISTINCT $this WHERE { $this <http://example.org/starts> ?day }" ] ."""
    data = "ex:a a ex:P ; ex:knows ex:a . ex:b a ex:P ; ex:starts 1 ."
    findings = found(data, shapes, tmp_path, engine)

    assert ["a knows itself", "b breaks the rule “S”."] == sorted(one.message for one in findings)


@pytest.mark.parametrize("engine", ENGINES)
def test_nameless_nodes_are_told_by_what_they_are_of(engine: str, tmp_path: Path) -> None:
    """A blank node has no label that means anything, so the node that it belongs to is named; a circle has none."""
    data = (
        """ex:Anna ex:home [ a ex:P ; ex:room [ a ex:P ] ] . [] a ex:P . _:a a ex:P ; ex:next _:b . _:b ex:next _:a ."""
    )
    findings = found(data, "ex:S a sh:NodeShape ; sh:targetClass ex:P ; sh:nodeKind sh:IRI .", tmp_path, engine)

    assert [
        "a node without a name is not an IRI.",
        "a node without a name is not an IRI.",
        "the nameless home of Anna is not an IRI.",
        "the nameless room of the home of Anna is not an IRI.",
    ] == sorted(one.message for one in findings)


def test_values_are_short(tmp_path: Path) -> None:
    """A value of a megabyte is shown by its beginning, on one line."""
    data = 'ex:a a ex:P ; ex:text """' + "two\nlines " * 100_000 + '""" .'
    shapes = "ex:S a sh:NodeShape ; sh:targetClass ex:P ; sh:property [ sh:path ex:text ; sh:maxLength 9 ] ."
    (one,) = found(data, shapes, tmp_path, "shacl-rust")

    assert one.message.startswith("`two lines two lines")
    assert one.message.endswith("…`, which a has for text, is longer than 9 characters.")
    assert len(one.message) < 150
    assert len(one.value) == 1_000


def test_shapes_of_one_name_are_told_apart() -> None:
    """Two shapes whose IRIs end alike are called by their IRIs; one that holds another gives it its name."""
    property_, path, kind = (f"<http://www.w3.org/ns/shacl#{word}>" for word in ("property", "path", "nodeKind"))
    rules = Rules(
        f"<http://a.org/S> {kind} <x:> .\n<http://b.org/S> {kind} <x:> .\n"
        f"<http://a.org/T> {property_} <http://a.org/T/age> .\n<http://a.org/T/age> {path} <x:age> .\n"
        f"<http://a.org/U> {property_} <urn:kgtools:nameless:http://a.org/U/age> .\n"
        f"<urn:kgtools:nameless:http://a.org/U/age> {property_} <urn:kgtools:nameless:http://a.org/U/age/in> .\n"
        f"<urn:kgtools:nameless:http://a.org/U/age/in> {path} <x:in> .\n"
    )
    iris = ("a.org/S", "b.org/S", "a.org/T", "a.org/T/age")
    named = ("http://a.org/U/age", "http://a.org/U/age/in")

    assert ["http://a.org/S", "http://b.org/S", "T", "T/age"] == [rules.id(f"http://{iri}") for iri in iris]
    assert ["U/age", "U/age/in"] == [rules.id(f"urn:kgtools:nameless:{name}") for name in named]


LIFTED = """id,incident,code,valence,bearer,toward,step,coder,segment,start,end,source
a,I1,Delight,positive,customer,employee,1,,"So very good, {long}",5,2,x
b,I1,EconomicValue,,,,2,ines,I saved a lot,,,
"""


def test_findings_on_lifted_data_name_column_and_words(tmp_path: Path) -> None:
    """The column is the one that the path was lifted from, the words are those of the row."""
    (tmp_path / "codings.csv").write_text(LIFTED.replace("{long}", "and so on " * 50), "utf-8")
    (tmp_path / "incidents.csv").write_text("incident,channel\nI1,\n", "utf-8")
    (bundle,) = read(tmp_path, Vocabulary.read())
    lines = [*lift_frame(bundle), *(line for chunk in bundle.chunks() for line in lift(chunk, Vocabulary.read()))]
    findings = {one.shape: one for one in validate(lines)}

    assert {
        "coding:coder": ("codings.csv", 2, "coder"),
        "position:order": ("codings.csv", 2, "start"),
        "value:valence": ("codings.csv", 3, "valence"),
        "value:whose": ("codings.csv", 3, "bearer"),
        "incident:channel": ("incidents.csv", 2, "channel"),
        "report:narrative": ("incidents.csv", 2, "narrative"),
    }.items() <= {name: (one.file, one.row, one.column) for name, one in findings.items()}.items()
    assert "I saved a lot" == findings["value:whose"].segment
    assert findings["coding:coder"].segment.startswith("So very good, and so on")
    assert LONGEST_SEGMENT == len(findings["coding:coder"].segment)
    assert "" == findings["incident:channel"].segment
