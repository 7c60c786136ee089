"""Soundness: shapes that cannot work are refused with their line, those that hardly can are remarked on, others pass.

A folder of `cases/soundness/` holds `shapes.ttl` with one mistake, which it names; `sound.ttl`, its twin without; the
data; and `expected.toml`: the error and its line, or all findings (shape, line, message).
"""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pyoxigraph as ox
import pytest

from kgtools.errors import InputError
from kgtools.validate import validate
from kgtools.validate.shapes.remarks import Terms, remarks
from kgtools.validate.shapes.sound import check, reads_pattern
from kgtools.validate.shapes.terms import PARAMETERS, known_terms
from kgtools.vocabulary import folder

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in (HERE / "cases" / "soundness").glob("*/expected.toml"))
SUITE = HERE.parent.parent / "shared" / "suites" / "shacl"
REMARKS = {"unknown-path", "unknown-class", "target-matches-nothing", "unknown-constraint", "no-effect", "not-imported"}


def quads(path: Path) -> list[ox.Quad]:
    """What a Turtle file says."""
    return list(ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=path.as_uri()))


def terms(path: Path) -> Terms:
    """The terms of a Turtle file."""
    return Terms.of(f"{quad.triple} ." for quad in quads(path))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mistake_in_shapes_is_told(case: Path) -> None:
    """Shapes that cannot work are an error; those that will not do what was meant are warnings; each with its line."""
    expected = tomllib.loads((case / "expected.toml").read_text("utf-8"))
    path = case / "shapes.ttl"
    if "error" in expected:
        with pytest.raises(InputError) as raised:
            check([path])

        assert (path, expected.get("line")) == (raised.value.path, raised.value.row)
        assert expected["error"] == str(raised.value).partition(": ")[2]
        assert "\n" not in str(raised.value)
        return
    check([path])
    found = remarks([path], terms(case / "data.ttl"))

    assert expected["findings"] == [[one.shape, one.row, one.message] for one in found]
    assert {("warning", "shapes.ttl")} == {(one.severity, one.file) for one in found}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("engine", ["pyshacl", "auto"])
def test_the_sound_twin_passes(case: Path, engine: str) -> None:
    """Without the mistake nothing is said, and an engine can work with the shapes."""
    path = case / "sound.ttl"
    check([path])
    text = "".join(f"{quad.triple} .\n" for quad in quads(case / "data.ttl"))

    assert [] == remarks([path], terms(case / "data.ttl"))
    assert isinstance(validate(text, [path], engine), list)


def test_each_remark_has_a_case() -> None:
    """The glob is not empty; every kind of remark is made by a case, and every case names its mistake."""
    found = [tomllib.loads((case / "expected.toml").read_text("utf-8")) for case in CASES]

    assert {f"shapes:{kind}" for kind in REMARKS} == {shape for one in found for shape, *_ in one.get("findings", ())}
    assert all("# MISTAKE: " in (case / "shapes.ttl").read_text("utf-8") for case in CASES)


@pytest.mark.parametrize("path", sorted(folder("shapes").glob("*.ttl")), ids=lambda path: path.stem)
def test_our_shapes_are_sound(path: Path) -> None:
    """The shapes that come along pass, and name no path or class that is nowhere and no constraint that is not run."""
    check([path])

    assert set() == {one.shape for one in remarks([path], Terms())} - {"shapes:target-matches-nothing"}


def suite() -> list[tuple[Path, bool]]:
    """The shapes of the W3C suite, each with whether the suite expects a failure."""
    found = {}
    for path in sorted(SUITE.rglob("*.ttl")):
        said = quads(path)
        for quad in said:
            if quad.predicate.value.endswith("shacl-test#shapesGraph"):
                fails = any(str(other.object).endswith("shacl-test#Failure>") for other in said)
                found[Path(str(quad.object)[8:-1])] = fails
    return sorted(found.items())


@pytest.mark.skipif(not SUITE.is_dir(), reason="the W3C suite is not beside the checkout")
def test_shapes_of_the_suite() -> None:
    """Of the W3C suite all shapes are accepted, apart from those that it expects to fail."""
    refused = set()
    for path, _ in suite():
        try:
            check([path])
        except InputError:
            refused.add(path)

    assert 121 == len(suite())
    assert {path for path, fails in suite() if fails} == refused


def test_several_files_are_one_graph(tmp_path: Path) -> None:
    """A shape may stand in one file and be used in another; labels of nameless nodes are a file's own."""
    head = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <urn:x#> .\n"
    one, two = tmp_path / "one.ttl", tmp_path / "two.ttl"
    one.write_text(head + "ex:A sh:targetNode ex:a ; sh:node ex:B ; sh:property _:b .\n_:b sh:path ex:p .")
    two.write_text(head + "ex:B sh:property _:b .\n_:b sh:path ex:q .")
    check([one, two])

    with pytest.raises(InputError, match=r"one\.ttl:2: ex:B is no shape of these files"):
        check([one])

    two.write_text(head + "ex:B sh:property [ sh:path ex:q ;\n sh:not ex:A ] .")
    with pytest.raises(InputError, match=r"two\.ttl:3: shape ex:A leads back to itself"):
        check([one, two])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.nt", "<urn:s> <SHtargetNode> <urn:a> .\n<urn:s> <SHminLenght> <urn:a> ."),
        ("a.trig", "<urn:g> { <urn:s> <SHtargetNode> <urn:a> .\n<urn:s> <SHminLenght> <urn:a> }"),
        (
            "a.rdf",
            '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:s="SH"><s:NodeShape r:about="urn:s">\n'
            "<s:minLenght>1</s:minLenght></s:NodeShape></r:RDF>",
        ),
        ("a.jsonld", '{\n"@id": "urn:s", "SHminLenght": 1, "SHtargetNode": {"@id": "urn:a"}}'),
    ],
)
def test_shapes_in_other_syntaxes(name: str, text: str, tmp_path: Path) -> None:
    """Shapes may be written in each syntax, and have lines there."""
    path = tmp_path / name
    path.write_text(text.replace("SH", "http://www.w3.org/ns/shacl#"))

    with pytest.raises(InputError, match="`sh:minLenght` is no term of SHACL; did you mean `sh:minLength`") as raised:
        check([path])

    assert 2 == raised.value.row


def test_no_parameter_is_a_typing_error() -> None:
    """All terms that shapes use are known, and none is so near another that a slip makes one of it."""
    assert set(PARAMETERS) <= known_terms()
    assert not {name.lower() for name in known_terms() if name not in PARAMETERS} & {"mincout", "min", "max", "count"}


def test_engines_read_different_patterns() -> None:
    """A pattern is refused only where neither engine can read it; which one can is told."""
    assert {"pyshacl": True, "shacl-rust": True} == reads_pattern("^a+$", "i")
    assert {"pyshacl": True, "shacl-rust": False} == reads_pattern("^(?!a)")
    assert {"pyshacl": False, "shacl-rust": True} == reads_pattern(r"^\p{L}")
    assert {"pyshacl": False, "shacl-rust": False} == reads_pattern("(")


def test_terms_of_pieces_are_those_of_the_whole() -> None:
    """Terms are gathered from N-Quads piece by piece."""
    lines = [
        "<urn:a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <urn:C> <urn:g> .",
        "<urn:C> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/2002/07/owl#Class> .",
        "<urn:C> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <urn:D> .\n",
        '<urn:a> <urn:p> "<urn:q> <urn:r> <urn:s>" .',
    ]
    whole, pieces = Terms.of(lines), Terms()
    for line in lines:
        pieces.add(Terms.of([line]))

    assert whole == pieces
    assert {"urn:C", "http://www.w3.org/2002/07/owl#Class"} == whole.classes
    assert ({"urn:C"}, {"urn:C": {"urn:D"}}) == (whole.declared, whole.parents)
    assert "urn:p" in whole.predicates
    assert "urn:q" not in whole.all()


def test_deep_and_long_shapes(tmp_path: Path) -> None:
    """Long lists and chains of shapes are checked in no time; what is too deep for engines, and circles, are found."""
    head = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <urn:x#> .\nex:S0 sh:targetNode ex:a .\n"
    chain = "".join(f"ex:S{n} sh:node ex:S{n + 1} .\n" for n in range(99))
    path = tmp_path / "deep.ttl"
    path.write_text(head + chain + "ex:S99 sh:in ( " + "1 " * 50_000 + ") .")
    check([path])

    path.write_text(head + chain + "ex:S99 sh:not ex:S7 .")
    with pytest.raises(InputError, match="shape ex:S7 leads back to itself") as raised:
        check([path])

    assert 102 == raised.value.row

    path.write_text(head + "".join(f"ex:S{n} sh:node ex:S{n + 1} .\n" for n in reversed(range(5000))))
    path.write_text(path.read_text() + "ex:S5000 sh:nodeKind sh:IRI .")
    with pytest.raises(InputError, match="more than 100 deep; no engine follows that"):
        check([path])

    path.write_text(head + "ex:S0 sh:property [ sh:path " + "[ sh:inversePath " * 500 + "ex:p" + " ]" * 501 + " .")
    with pytest.raises(InputError, match="sh:path is nested too deeply"):
        check([path])


def test_copies_of_our_shapes_are_told_apart(tmp_path: Path) -> None:
    """What is held against a user's shapes is held against a changed copy of ours."""
    path = tmp_path / "incident.ttl"
    shutil.copy(folder("shapes") / "incident.ttl", path)
    path.write_text(path.read_text("utf-8").replace("sh:minCount", "sh:minCuont", 1), "utf-8")

    with pytest.raises(InputError, match="did you mean `sh:minCount`"):
        check([path])
