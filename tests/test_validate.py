"""Shapes and engines: what each shape finds, that the two engines find the same, and how findings are told.

`cases/shapes/` holds a folder for each shape of the data: data with one mistake, which it names, and what is found.
"""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random

import pyoxigraph as ox
import pytest
from drawn import drawn, some
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rdflib import RDF, RDFS, SH, Graph, Literal, URIRef

from kgtools.errors import EngineError, InputError
from kgtools.lift import lift, lift_frame
from kgtools.model import Finding
from kgtools.read import read
from kgtools.validate import (
    SHAPES,
    Places,
    Result,
    ShapeFinding,
    Shapes,
    engines,
    report_graph,
    results,
    routes,
    validate,
    validate_ontology,
    validate_theory,
)
from kgtools.validate.page import page
from kgtools.vocabulary import EVCO, Vocabulary, folder, local, theory_files

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in (HERE / "cases" / "shapes").glob("*/data.ttl"))
PROPOSITIONS = sorted(path.parent for path in (HERE / "cases" / "propositions").glob("*/codings.csv"))
VERDICTS = HERE / "cases" / "verdicts"
EXAMPLE = HERE.parent / "examples" / "online-service"
ENGINES = ("shacl-rust", "pyshacl")
RDF_TYPE = f"<{RDF.type}>"


def triples(turtle: str) -> list[str]:
    """Turtle as N-Triples."""
    return [f"{quad.triple} ." for quad in ox.parse(turtle, ox.RdfFormat.TURTLE)]


@cache
def lifted(bundle: Path) -> tuple[str, ...]:
    """A bundle of tables as N-Quads."""
    vocabulary = Vocabulary.read()
    lines: list[str] = []
    for one in read(bundle, vocabulary):
        lines += lift_frame(one)
        for chunk in one.chunks():
            lines += lift(chunk, vocabulary)
    return tuple(lines)


def rows(findings: list[ShapeFinding]) -> list[dict[str, str]]:
    """Findings as the rows of `expected.csv`."""
    columns = ("severity", "shape", "focus", "path", "value")
    return [{name: getattr(finding, name) for name in columns} for finding in findings]


def shapes_of(*names: str) -> Graph:
    """Shapes files as one graph of rdflib."""
    graph = Graph()
    for name in names:
        graph.parse(folder("shapes") / name)
    return graph


def with_targets(graph: Graph) -> set[URIRef]:
    """The shapes that say what they are about."""
    return {s for s, p in graph.subject_predicates() if str(p).startswith(str(SH) + "target") and isinstance(s, URIRef)}


# The shapes, one by one


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_yields_its_findings(case: Path, engine: str) -> None:
    """Each mistake is found by its shape, at its node, and nothing else is found."""
    with (case / "expected.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))

    actual = rows(validate(triples((case / "data.ttl").read_text("utf-8")), engine=engine))

    assert expected == actual


def test_every_shape_has_a_case() -> None:
    """A shape that no case trips could be broken without anybody knowing; a case is named after its shape."""
    shapes = {local(str(shape)) for shape in with_targets(shapes_of("incident.ttl", "coding.ttl"))}
    tripped = set()
    for case in CASES:
        with (case / "expected.csv").open(encoding="utf-8", newline="") as file:
            found = {row["shape"] for row in csv.DictReader(file)}
        tripped |= {shape for shape in found if case.name.startswith(shape.replace(":", "-"))}

    assert shapes == tripped


@pytest.mark.parametrize("name", ["incident.ttl", "coding.ttl", "theory.ttl", "vocabulary.ttl"])
def test_every_shape_says_what_it_is(name: str) -> None:
    """Shapes with a target are IRIs of ours with a name, a severity and an English message that is a sentence."""
    graph = shapes_of(name)
    shapes = with_targets(graph)

    assert shapes
    for shape in shapes:
        message = graph.value(shape, SH.message)

        assert str(shape).startswith(SHAPES)
        assert isinstance(graph.value(shape, SH.name), Literal)
        assert graph.value(shape, SH.severity) in (SH.Violation, SH.Warning, SH.Info)
        assert isinstance(message, Literal)
        assert message.language == "en"
        assert message.endswith(".")
        assert set(re.findall(r"\{(.*?)\}", message)) <= {"$this", "$value", "$path"}


@pytest.mark.parametrize("name", ["incident.ttl", "coding.ttl", "theory.ttl", "vocabulary.ttl"])
def test_shapes_are_sound(name: str, tmp_path: Path) -> None:
    """The shapes that come along pass the check that a user's shapes have to pass."""
    copy = tmp_path / name
    copy.write_text((folder("shapes") / name).read_text("utf-8"), "utf-8")

    assert Shapes.read([copy]).messages == Shapes.read([folder("shapes") / name]).messages


@pytest.mark.parametrize("name", ["incident.ttl", "coding.ttl"])
def test_shapes_name_terms_that_exist(name: str) -> None:
    """Every term of ours in the shapes is declared in the ontology."""
    ontology = Graph()
    for path in folder("ontology").glob("*.ttl"):
        ontology.parse(path)
    text = "\n".join(line for line in (folder("shapes") / name).read_text("utf-8").splitlines() if line[:1] != "#")
    named = {term for term in re.findall(r"(?<![\w:])evco:(\w+)", text) if f"such as evco:{term}" not in text}

    assert {term for term in named if (URIRef(EVCO + term), RDF.type, None) not in ontology} == set()


def test_the_page_is_fresh() -> None:
    """`docs/shapes.md` says what the shapes say; `make shapes` writes it."""
    assert page() == (HERE.parent / "docs" / "shapes.md").read_text("utf-8")


# A correct coding


def test_a_correct_coding_never_warns() -> None:
    """Of the example bundle, only what is worth knowing is said: value that is told of somebody else."""
    findings = validate(lifted(EXAMPLE))

    assert {("info", "value:attributed")} == {(finding.severity, finding.shape) for finding in findings}


@pytest.mark.parametrize("case", PROPOSITIONS, ids=lambda case: case.name)
def test_propositions_warn_only_of_near_misses(case: Path) -> None:
    """What is coded in full never warns; what a near miss lacks on purpose does, and so does what is not recorded."""
    findings = [finding for finding in validate(lifted(case), engine="shacl-rust") if finding.severity != "info"]
    missing = {"incident:channel", "value:whose"}

    assert [] == [one for one in findings if not one.incident.startswith("near-miss") and one.shape not in missing]
    assert {"warning"} >= {finding.severity for finding in findings}


# Two engines, one answer


@pytest.mark.parametrize(
    "bundle", [VERDICTS] if os.environ.get("CI") else [VERDICTS, EXAMPLE], ids=lambda bundle: bundle.name
)
def test_engines_agree_on_bundles(bundle: Path) -> None:
    """Focus, path, value, component, shape and severity are the same with each engine (in CI, on one bundle)."""
    data = lifted(bundle)

    assert results(data, engine="pyshacl") == results(data, engine="shacl-rust")


@pytest.mark.slow
@pytest.mark.parametrize("bundle", PROPOSITIONS[:: 7 if os.environ.get("CI") else 1], ids=lambda bundle: bundle.name)
def test_engines_agree_on_propositions(bundle: Path) -> None:
    """So they are on every proposition's cases (in CI, on those of every seventh)."""
    data = lifted(bundle)

    assert results(data, engine="pyshacl") == results(data, engine="shacl-rust")


NODES = [
    f"<urn:evco:data:b/{name}>" for name in ("V1", "V2", "e1", "e2", "e3", "a1", "r1", "k1", "k2", "t1", "q1", "p1")
]
OA, PROV, XSD = "http://www.w3.org/ns/oa#", "http://www.w3.org/ns/prov#", "http://www.w3.org/2001/XMLSchema#"
KINDS = (
    "Incident Delight Review EmotionalValue CoCreatedValue AbsenceRecord Customer Employee Firm Actor Forum Channel "
    "CodedSegment InferredCoding Code IncidentReport PoliteConduct FeedbackSolicitation PositiveWordOfMouth Nonsense "
    "Coder Bundle"
)
RELATIONS = (
    "viaChannel follows toldBy reportedIn hasElement recordsAbsence valence bearer beneficiary toward purpose "
    "evidencedBy absenceOf ledTo roleIn leadsTo context inFile"
)
TYPES = [f"<{EVCO}{kind}>" for kind in KINDS.split()] + [
    *(f"<{OA}{kind}>" for kind in ("TextPositionSelector", "TextQuoteSelector", "SpecificResource")),
    *(f"<{PROV}{kind}>" for kind in ("Agent", "SoftwareAgent", "Activity")),
]
TERMS = [f"<{EVCO}{term}>" for term in ("positive", "negative", "odd", "State", "Forum", "publicService", "collective")]
ANY_LITERAL = ['"a"', '"1.5"', f'"x"^^<{XSD}integer>', f'"maybe"^^<{XSD}boolean>', f'"2024-01-02"^^<{XSD}date>']
LITERALS = [*ANY_LITERAL, f'"2023-12-31T10:00:00Z"^^<{XSD}dateTime>', f'"2023"^^<{XSD}gYear>', f'"0.5"^^<{XSD}decimal>']
NUMBERS = ['"a"', f'"0"^^<{XSD}integer>', f'"2"^^<{XSD}nonNegativeInteger>', f'"-3"^^<{XSD}nonNegativeInteger>']
OBJECTS = [f"<{EVCO}{name}>" for name in RELATIONS.split()]
OBJECTS += [f"<{OA}{name}>" for name in ("hasBody", "hasTarget", "hasSource", "hasSelector")]
OBJECTS += [
    *(f"<{PROV}{name}>" for name in ("wasDerivedFrom", "wasAttributedTo", "wasGeneratedBy", "wasAssociatedWith")),
    "<http://purl.org/dc/terms/isPartOf>",
]
NAMES = ("occurredOn", "confidence", "narrative", "monopoly", "step", "corpus", "elementName", "row")
VALUES = [f"<{EVCO}{name}>" for name in NAMES]
VALUES += [
    f"<{OA}exact>",
    f"<{RDFS.label}>",
    *(f"<http://purl.org/dc/terms/{name}>" for name in ("identifier", "created")),
]
STATEMENTS = st.one_of(
    st.tuples(st.sampled_from(NODES), st.just(RDF_TYPE), st.sampled_from(TYPES)),
    st.tuples(st.sampled_from(NODES), st.sampled_from(OBJECTS), st.sampled_from(NODES + TERMS)),
    st.tuples(st.sampled_from(NODES), st.sampled_from(VALUES), st.sampled_from(LITERALS)),
    st.tuples(st.sampled_from(NODES), st.sampled_from([f"<{OA}start>", f"<{OA}end>"]), st.sampled_from(NUMBERS)),
)

UNSHRUNK = (Phase.explicit, Phase.generate)
"""What differs between the engines is small enough to read, and shrinking it takes minutes."""


@settings(
    max_examples=drawn(40), deadline=None, derandomize=True, phases=UNSHRUNK, suppress_health_check=list(HealthCheck)
)
@given(st.lists(STATEMENTS, min_size=10, max_size=60, unique=True))
def test_engines_agree_on_anything(statements: list[tuple[str, str, str]]) -> None:
    """They agree on graphs that make no sense, too: every shape meets nodes that it was not written for."""
    data = [" ".join(statement) + " ." for statement in statements]

    assert results(data, engine="pyshacl") == results(data, engine="shacl-rust")


def _shaped(name: str) -> list[str]:
    """The data of a case."""
    return triples((HERE / "cases" / "shapes" / name / "data.ttl").read_text("utf-8"))


def _incident(name: str) -> str:
    return f"<urn:evco:data:b/{name}> {RDF_TYPE} <{EVCO}Incident> ."


@pytest.mark.parametrize("engine", ENGINES)
def test_all_graphs_are_one(engine: str) -> None:
    """What two graphs say is said once, and what one says completes what another says."""
    data = _shaped("sound")
    twice = [line[:-1] + f"<urn:g{number % 2}> ." for number, line in enumerate(data)]
    twice += [line[:-1] + "<urn:h> ." for line in data if "_:" not in line]

    assert [] == results(twice, engine=engine)


@pytest.mark.parametrize("engine", ENGINES)
def test_classes_of_a_theory_count(engine: str, tmp_path: Path) -> None:
    """A class that a theory puts below one of ours is a class of elements, where the vocabulary knows that theory."""
    theory = tmp_path / "theory.ttl"
    theory.write_text(f"<urn:t#Applause> a <http://www.w3.org/2002/07/owl#Class> ; <{RDFS.subClassOf}> <{EVCO}Act> .")
    data = ["<urn:i> <https://w3id.org/evco#hasElement> <urn:e> .", f"<urn:e> {RDF_TYPE} <urn:t#Applause> ."]
    known = Vocabulary.read((theory,))

    assert "element:class" not in {local(result.shape) for result in results(data, engine=engine, vocabulary=known)}
    assert "element:class" in {local(result.shape) for result in results(data, engine=engine)}


def test_auto_chooses_by_size(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of others' shapes, little data goes to the reference, much to the compiled engine; ours always go to that one."""
    used: list[str] = []

    def engine(name: str) -> Callable[[str, Shapes], list[Result]]:
        def run(_data: str, _shapes: Shapes) -> list[Result]:
            used.append(name)
            return []

        return run

    for name in ("_pyshacl", "_shacl_rust"):
        monkeypatch.setattr(engines, name, engine(name))
    path = tmp_path / "theirs.ttl"
    path.write_text("@prefix sh: <http://www.w3.org/ns/shacl#> . <urn:s> sh:targetClass <urn:c> ; sh:nodeKind sh:IRI .")
    results([_incident("V1")], [path])
    results([_incident(f"V{number}") for number in range(routes.SMALL + 2)], [path])
    results([_incident("V1")])

    assert used == ["_pyshacl", "_shacl_rust", "_shacl_rust"]


# Findings


def test_a_finding_says_where() -> None:
    """File, row and incident come from the data; the message names things as coders do."""
    finding = next(finding for finding in validate(lifted(EXAMPLE)) if finding.incident == "I12")

    assert ("codings.csv", 126, "I12") == (finding.file, finding.row, finding.incident)
    assert "evco:beneficiary" == finding.path
    assert "urn:evco:data:online-service/incident/I12/role/firm" == finding.value
    assert finding.message.startswith("What the firm of incident I12 gained or lost is told by somebody else;")


def test_places_are_found_from_every_node() -> None:
    """An incident knows its row, a selector that of its coding, a role that of its incident."""
    places = Places("\n".join(lifted(EXAMPLE)))
    bundle = "urn:evco:data:online-service"

    assert ("incidents.csv", 2, "I01") == places(f"{bundle}/incident/I01")
    assert ("incidents.csv", 2, "I01") == places(f"{bundle}/report/I01")
    assert ("codings.csv", 2, "I01") == places(f"{bundle}/coding/i01")
    assert ("codings.csv", 2, "I01") == places(f"{bundle}/coding/i01/target/position")
    assert ("incidents.csv", 13, "I12") == places(f"{bundle}/incident/I12/role/firm")
    assert ("", None, "") == places("urn:nowhere")


def test_where_may_be_given() -> None:
    """Whoever knows better where a node comes from may say so."""
    [finding] = validate(_shaped("incident-channel"), where=lambda focus: (f"of {local(focus)}", 7, "V9"))

    assert ("of V1", 7, "V9") == (finding.file, finding.row, finding.incident)


def test_nameless_nodes_are_never_shown() -> None:
    """A blank node's label means nothing to anybody, and is another one on each run."""
    data = [f"_:x {RDF_TYPE} <{EVCO}Incident> .", f"_:x <{EVCO}hasElement> _:y ."]

    findings = validate(data)

    assert findings
    assert not [finding for finding in findings if "_:" in finding.message or finding.focus or "_:" in finding.value]


def test_findings_do_not_depend_on_order() -> None:
    """However the lines stand, findings are the same and in the same order."""
    data = list(lifted(VERDICTS))
    shuffled = list(data)
    Random(7).shuffle(shuffled)

    assert validate(data, engine="shacl-rust") == validate("\n".join(shuffled).encode(), engine="shacl-rust")


# Reports


def test_the_report_is_shacl() -> None:
    """The report has what the standard asks of each result, once, and the same bytes each time."""
    findings = validate(lifted(EXAMPLE))
    text = report_graph(findings)
    graph = Graph().parse(data=text, format="turtle")
    found = list(graph.objects(None, SH.result))

    assert text == report_graph(validate(lifted(EXAMPLE)))
    assert Literal(False) == graph.value(graph.value(None, RDF.type, SH.ValidationReport), SH.conforms)
    assert len(findings) == len(found)
    for result in found:
        for needed in (SH.focusNode, SH.resultSeverity, SH.sourceConstraintComponent, SH.sourceShape, SH.resultMessage):
            assert 1 == len(list(graph.objects(result, needed)))


def test_the_report_holds_what_a_reader_found() -> None:
    """A row that was not taken in has no focus node; its file and row stand for it, and odd characters do no harm."""
    finding = Finding("violation", "coding:step", 'no "number"\n', path="step", value="two", file="codings.csv", row=3)
    graph = Graph().parse(data=report_graph([finding]), format="turtle")
    [result] = graph.objects(None, SH.result)

    assert Literal("codings.csv:3") == graph.value(result, SH.focusNode)
    assert Literal('no "number"\n', lang="en") == graph.value(result, SH.resultMessage)
    assert URIRef(SHAPES + "coding:step") == graph.value(result, SH.sourceShape)


def test_the_report_says_what_paths_are() -> None:
    """An inverse path is written as SHACL writes it."""
    [finding] = validate(_shaped("absence-of-one-incident"))
    graph = Graph().parse(data=report_graph([finding]), format="turtle")
    path = graph.value(next(graph.objects(None, SH.result)), SH.resultPath)

    assert URIRef(EVCO + "recordsAbsence") == graph.value(path, SH.inversePath)


def test_the_report_of_nothing_conforms() -> None:
    """Where nothing is found, the data conforms."""
    graph = Graph().parse(data=report_graph([]), format="turtle")

    assert [Literal(True)] == list(graph.objects(None, SH.conforms))


# Shapes of others

PREFIX = "@prefix sh: <http://www.w3.org/ns/shacl#> .\n@prefix ex: <urn:x#> .\n"


@pytest.fixture
def shapes_file(tmp_path: Path) -> Callable[[str], Path]:
    """Writes a shapes file."""

    def write(text: str) -> Path:
        path = tmp_path / "shapes.ttl"
        path.write_text(PREFIX + text, "utf-8")
        return path

    return write


@pytest.mark.parametrize("engine", ENGINES)
def test_nameless_shapes_get_names(engine: str, shapes_file: Callable[[str], Path]) -> None:
    """A property shape without an IRI is told by the shape that holds it; without a message there is a plain one."""
    path = shapes_file(
        "ex:Person a sh:NodeShape ; sh:targetClass ex:Person ;\n"
        "  sh:property [ sh:path ex:age ; sh:minCount 1 ] , [ sh:path ex:age ; sh:minCount 2 ] ."
    )

    findings = validate([f"<urn:x#p> {RDF_TYPE} <urn:x#Person> ."], [path], engine)

    assert ["Person/age", "Person/age-2"] == sorted(finding.shape for finding in findings)
    assert [
        "p has no value for age; at least 1 is needed.",
        "p has fewer than 2 values for age; at least 2 are needed.",
    ] == [finding.message for finding in findings]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_message_may_stand_at_the_query(engine: str, shapes_file: Callable[[str], Path]) -> None:
    """Messages of SPARQL constraints are used, the English one of several; without a value the focus is meant."""
    path = shapes_file(
        "ex:Rule a sh:NodeShape ; sh:targetClass ex:Person ; sh:sparql [\n"
        '  sh:message "{$this} ist falsch."@de , "{?this} is wrong."@en ;\n'
        '  sh:select "SELECT $this WHERE { $this a ?any }" ] .'
    )

    [finding] = validate([f"<urn:x#p> {RDF_TYPE} <urn:x#Person> ."], [path], engine)

    assert ("p is wrong.", "urn:x#p") == (finding.message, finding.value)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("ex:a ex:b ex:c\nex:d", 4, "not Turtle"),
        (
            "ex:a a sh:NodeShape ; sh:targetClass ex:C ;\n  sh:property [ sh:minCount 77 ] .",
            4,
            "property shape without sh:path",
        ),
        (
            "ex:a a sh:NodeShape ; sh:targetClass ex:C ;\n\n  sh:minCont 3 .",
            5,
            "`sh:minCont` is no term of SHACL; did you mean `sh:minCount`?",
        ),
        (
            'ex:a a sh:NodeShape ; sh:targetClass ex:C ;\n sh:sparql [ sh:select "SELEKT" ] .',
            4,
            "the query is no SPARQL",
        ),
        (
            "ex:a a sh:NodeShape ; sh:targetClass ex:C ; sh:nodeKind sh:IRI ;\n  sh:severity sh:Bad .",
            4,
            "is no severity",
        ),
        ("ex:a ex:b ex:c .", None, "no SHACL shape"),
    ],
    ids=["turtle", "path", "misspelled", "query", "severity", "none"],
)
def test_shapes_that_cannot_work_are_refused(
    text: str, line: int | None, said: str, shapes_file: Callable[[str], Path]
) -> None:
    """A shape that an engine would silently skip is an error with its file and line, not data that conforms."""
    path = shapes_file(text)

    with pytest.raises(InputError, match=re.escape(said)) as raised:
        Shapes.read([path])

    assert (path, line) == (raised.value.path, raised.value.row)


def test_missing_shapes_are_an_error(tmp_path: Path) -> None:
    """A shapes file that is not there is named."""
    with pytest.raises(InputError, match=r"none\.ttl: cannot be read"):
        validate([], [tmp_path / "none.ttl"])


# When things go wrong


@pytest.mark.parametrize("engine", ENGINES)
def test_data_has_to_be_n_quads(engine: str) -> None:
    """Data that is no N-Quads is an error that shows the line."""
    with pytest.raises(InputError, match=r"not N-Quads: .*what is this"):
        results(["<urn:a> <urn:b> <urn:c> .", "what is this"], engine=engine)


def test_an_unknown_engine_is_an_error() -> None:
    """Engines are named in the message."""
    with pytest.raises(InputError, match="`jena` is no engine; there are auto, pyshacl, shacl-rust"):
        results([], engine="jena")


def test_a_failing_engine_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an engine throws, and a query that it could not run, are errors and never findings."""
    import pyshacl
    import shacl_rust

    def fail(*_: object, **__: object) -> None:
        raise ValueError("out of order")

    monkeypatch.setattr(pyshacl, "validate", fail)
    monkeypatch.setattr(shacl_rust, "validate_file", fail)
    for engine in ENGINES:
        with pytest.raises(EngineError, match="failed: out of order"):
            results([], engine=engine)

    found = {
        "focusNode": "<urn:a>",
        "messages": ["SPARQL execution error: x"],
        "severity": f"<{SH.Violation}>",
        "sourceConstraintComponent": f"<{SH.SPARQLConstraintComponent}>",
        "sourceShape": "<urn:s>",
    }
    monkeypatch.setattr(shacl_rust, "validate_file", lambda *_, **__: {"results": [found]})
    with pytest.raises(EngineError, match="urn:s: SPARQL execution error"):
        results([], engine="shacl-rust")


def test_engines_are_loaded_when_used() -> None:
    """Importing the module costs no engine: commands that do not validate stay quick."""
    engines = "{'pyshacl', 'rdflib', 'shacl_rust', 'pyoxigraph'}"
    code = f"import sys, kgtools.validate; print(sorted({engines} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=HERE.parent)

    assert "[]" == done.stdout.strip()


def test_results_are_plain_values() -> None:
    """A result is a value that can be compared, sorted and kept in a set; a finding keeps the one it came from."""
    [finding] = validate(_shaped("incident-channel"))
    focus, component = "<urn:evco:data:case/V1>", f"{SH}MinCountConstraintComponent"

    assert Result(focus, f"<{EVCO}viaChannel>", "", component, f"{SHAPES}incident:channel", "warning") == finding.result


# Theories and the ontology


@pytest.mark.parametrize("engine", some(ENGINES, 2))
@pytest.mark.parametrize("theory", theory_files(), ids=lambda path: path.stem)
def test_theories_conform(theory: Path, engine: str) -> None:
    """The theories that come along are as theories should be."""
    assert [] == validate_theory(theory, engine)


@pytest.mark.parametrize("engine", some(ENGINES, 2))
def test_the_ontology_conforms(engine: str) -> None:
    """Every term of the ontology has a label, a definition, a source and a module."""
    assert [] == validate_ontology(engine=engine)


STRAY = 't:X a evco:AntecedentSlot ; skos:notation "X" ; rdfs:label "stray"@en ; evco:slotClass evco:Delight .\n'
SECOND = (
    STRAY
    + 't:two a evco:Proposition ; skos:notation "S-two" ; rdfs:label "two"@en ; evco:statement "So."@en ; evco:slot t:X'
    + ' ; evco:partOfTheory t:theory ; dcterms:source <https://doi.org/10.1000/paper> ; evco:locator "abstract"@en'
    + " ; evco:unit evco:Incident ; evco:perspective evco:customerPerspective .\n"
)

AGAIN = """t:more a evco:Implication ; skos:notation "SI-one" ; rdfs:label "more"@en ; evco:statement "Do more."@en ;
    evco:partOfTheory t:theory ; dcterms:source <https://doi.org/10.1000/paper> ; evco:restsOn t:one .
"""

TWINS = {
    "theory:label": ('rdfs:label "A small theory"@en .', "rdfs:comment 'small' ."),
    "part:known-class": ("t:advice a evco:Implication ;", "t:advice a evco:Implicaton ;"),
    "part:known-property": ("evco:opposingValence evco:negative ;", "evco:oposingValence evco:negative ;"),
    "part:english": ('rdfs:label "delight"@en ;', 'rdfs:label "Freude"@de ;'),
    "class:known-parent": ("rdfs:subClassOf evco:State ;", "rdfs:subClassOf evco:Stat ;"),
    "class:described": ('skos:definition "They sing."@en .', "rdfs:comment 'They sing.' ."),
    "proposition:source-link": (
        "<https://doi.org/10.1000/paper> ; # proposition",
        '"doi 10.1000/paper" ; # proposition',
    ),
    "proposition:own-notation": ("t:advice a evco:Implication ;", AGAIN + "t:advice a evco:Implication ;"),
    "slot:bearer-both": ("evco:slotBearerNot evco:Firm .", "evco:slotBearerNot evco:Customer ."),
    "implication:label": ('rdfs:label "advice"@en ;', ""),
    "theory:notation": ('skos:notation "small" ;', ""),
    "proposition:notation": ('skos:notation "S-one" ;', 'skos:notation "S one" ;'),
    "proposition:label": ('rdfs:label "one"@en ;', ""),
    "proposition:statement": ('evco:statement "It may be so."@en ;', ""),
    "proposition:theory": ("evco:partOfTheory t:theory ; # proposition", ""),
    "proposition:source": ("dcterms:source <https://doi.org/10.1000/paper> ; # proposition", ""),
    "proposition:locator": ('evco:locator "abstract"@en ;', ""),
    "proposition:perspective": ("evco:perspective evco:customerPerspective ;", "evco:perspective evco:Customer ;"),
    "proposition:scope": ("evco:scope evco:OnlineChannel ;", "evco:scope evco:Delight ;"),
    "proposition:unit": ("evco:unit evco:Incident ;", "evco:unit evco:Customer ;"),
    "proposition:antecedent": ("t:A a evco:AntecedentSlot", "t:A a evco:ConsequentSlot"),
    "proposition:consequent": ("t:advice a", SECOND + "t:advice a"),
    "proposition:slot-ids": ('skos:notation "O" ;', 'skos:notation "B" ;'),
    "slot:role": ("t:A a evco:AntecedentSlot", "t:A a evco:AntecedentSlot , evco:ConsequentSlot"),
    "slot:of-one": ("t:advice a", STRAY + "t:advice a"),
    "slot:id": ('skos:notation "A" ;', 'skos:notation "a-1" ;'),
    "slot:label": ('rdfs:label "delight"@en ;', ""),
    "slot:class": ("evco:slotClass evco:Delight ;", ""),
    "slot:known-class": ("evco:slotClass evco:Delight ;", "evco:slotClass evco:Delihgt ;"),
    "slot:coded-class": ("evco:slotClass evco:ValueOutcome ;", "evco:slotClass evco:CoCreatedValue ;"),
    "slot:bearer": ("evco:slotBearer evco:Customer ;", "evco:slotBearer evco:Forum ;"),
    "slot:bearer-not": ("evco:slotBearerNot evco:Firm .", "evco:slotBearerNot evco:Frim ."),
    "slot:toward": ("evco:slotToward evco:Firm ;", "evco:slotToward evco:Offering ;"),
    "slot:valence": ("evco:slotValence evco:positive ; # B", "evco:slotValence evco:good ;"),
    "slot:never-valence": ("evco:neverValence evco:negative ;", "evco:neverValence evco:bad ;"),
    "slot:opposing-valence": ("evco:opposingValence evco:negative ;", "evco:opposingValence evco:positive ;"),
    "slot:opposing-absence": ("evco:opposingAbsence evco:ValueOutcome .", "evco:opposingAbsence evco:Customer ."),
    "slot:antecedent-valence": ("evco:neverValence evco:negative ;", "evco:opposingValence evco:negative ;"),
    "slot:antecedent-absence": ("evco:neverValence evco:negative ;", "evco:opposingAbsence evco:Delight ;"),
    "slot:antecedent-waits": ("evco:neverValence evco:negative ;", "evco:comesAfter t:O ;"),
    "slot:antecedent-shares": ("evco:neverValence evco:negative ;", "evco:sharesBearerWith t:O ;"),
    "slot:after-own": ("evco:comesAfter t:A .", "evco:comesAfter t:A , t:elsewhere ."),
    "slot:shares-own": ("evco:sharesBearerWith t:A ;", "evco:sharesBearerWith t:A , t:elsewhere ;"),
    "slot:circle": ("evco:comesAfter t:A .", "evco:comesAfter t:A , t:O . t:O evco:comesAfter t:B ."),
    "slot:shares-after": ("evco:sharesBearerWith t:A ;", "evco:sharesBearerWith t:A , t:O ;"),
    "implication:notation": ('skos:notation "SI-one" ;', ""),
    "implication:statement": ('evco:statement "Do so."@en ;', ""),
    "implication:source": ("dcterms:source <https://doi.org/10.1000/paper> ; # implication", ""),
    "implication:theory": ("evco:partOfTheory t:theory ; # implication", ""),
    "implication:rests-on": ("evco:restsOn t:one .", "evco:restsOn t:A ."),
}
"""Of each shape for theories, what to put for what in a sound theory so that it is tripped, and it alone."""

SMALL_THEORY = """
@prefix evco: <https://w3id.org/evco#> .
@prefix t: <urn:theory#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

t:theory a evco:Theory ;
    skos:notation "small" ;
    rdfs:label "A small theory"@en .

t:Singing a owl:Class ;
    rdfs:subClassOf evco:State ;
    rdfs:label "singing"@en ;
    skos:definition "They sing."@en .

t:one a evco:Proposition ;
    skos:notation "S-one" ;
    rdfs:label "one"@en ;
    evco:statement "It may be so."@en ;
    evco:partOfTheory t:theory ; # proposition
    dcterms:source <https://doi.org/10.1000/paper> ; # proposition
    evco:locator "abstract"@en ;
    evco:perspective evco:customerPerspective ;
    evco:scope evco:OnlineChannel ;
    evco:unit evco:Incident ;
    evco:slot t:A , t:B , t:O .

t:A a evco:AntecedentSlot ;
    skos:notation "A" ;
    rdfs:label "delight"@en ;
    evco:slotClass evco:Delight ;
    evco:neverValence evco:negative ;
    evco:slotBearer evco:Customer ;
    evco:slotToward evco:Firm ;
    evco:slotBearerNot evco:Firm .

t:B a evco:ConsequentSlot ;
    skos:notation "B" ;
    rdfs:label "engagement"@en ;
    evco:slotClass evco:EngagementBehavior ;
    evco:slotValence evco:positive ; # B
    evco:opposingValence evco:negative ;
    evco:sharesBearerWith t:A ;
    evco:comesAfter t:A .

t:O a evco:ConsequentSlot ;
    skos:notation "O" ;
    rdfs:label "value"@en ;
    evco:slotClass evco:ValueOutcome ;
    evco:opposingAbsence evco:ValueOutcome .

t:advice a evco:Implication ;
    skos:notation "SI-one" ;
    rdfs:label "advice"@en ;
    evco:statement "Do so."@en ;
    evco:partOfTheory t:theory ; # implication
    dcterms:source <https://doi.org/10.1000/paper> ; # implication
    evco:restsOn t:one .
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_a_small_theory_conforms(engine: str, tmp_path: Path) -> None:
    """The theory that the faulty twins are made of is sound."""
    path = tmp_path / "small.ttl"
    path.write_text(SMALL_THEORY, "utf-8")

    assert [] == validate_theory(path, engine)


@pytest.mark.parametrize("shape", some([*TWINS], 3))
def test_a_faulty_theory_is_found(shape: str, tmp_path: Path) -> None:
    """Each slip trips its shape, in both engines alike, and names the file."""
    sound, faulty = TWINS[shape]
    path = tmp_path / "small.ttl"
    path.write_text(SMALL_THEORY.replace(sound, faulty), "utf-8")

    findings = validate_theory(path, "shacl-rust")

    assert 1 == SMALL_THEORY.count(sound)
    assert findings == validate_theory(path, "pyshacl")
    assert {(shape, "small.ttl")} == {(finding.shape, finding.file) for finding in findings}


def test_every_shape_for_theories_has_a_twin() -> None:
    """As for data: no shape without something that trips it."""
    assert {local(str(shape)) for shape in with_targets(shapes_of("theory.ttl"))} == set(TWINS)


SMALL_NAME = """evco:warmth a owl:Class ; rdfs:label "warmth"@en ; skos:definition "It is not cold."@en ;
    dcterms:source <https://w3id.org/evco> ; rdfs:isDefinedBy <urn:module> .
"""

TERM_TWINS = {
    "term:label": ('rdfs:label "warm welcome"@en ;', ""),
    "term:definition": ('skos:definition "Somebody is glad that one comes."@en ;', ""),
    "term:source": ("dcterms:source <https://w3id.org/evco> ; # class", ""),
    "term:module": ("rdfs:isDefinedBy <urn:module> . # individual", "dcterms:subject <urn:module> ."),
    "term:english": ('"Somebody is glad that one comes."@en', '"Somebody is glad that one comes."'),
    "term:sentence": ("Somebody is glad that one comes.", "somebody is glad that one comes"),
    "term:home": ("rdfs:isDefinedBy <urn:module> . # individual", "rdfs:isDefinedBy <urn:modul> ."),
    "term:class-name": ("evco:ajar a", SMALL_NAME + "evco:ajar a"),
    "term:property-name": ("evco:welcomes a", "evco:Welcomes a"),
    "term:individual-name": ("evco:ajar a", "evco:Ajar a"),
    "term:spelling": ('rdfs:label "warm welcome"@en', 'rdfs:label "warm wellcome"@en'),
    "term:same-label": (
        "evco:welcomedBy a",
        'evco:open-Door a <urn:kind> ; rdfs:label "open door"@en . evco:welcomedBy a',
    ),
    "term:known": ("rdfs:subClassOf evco:Welcome ;", "rdfs:subClassOf evco:Welcome , evco:Wellcome ;"),
    "term:circle": ("rdfs:subClassOf evco:Welcome ;", "rdfs:subClassOf evco:Welcome , evco:WarmWelcome ;"),
    "term:property-circle": (
        "rdfs:domain evco:WarmWelcome ; # by",
        "rdfs:domain evco:WarmWelcome ; rdfs:subPropertyOf evco:welcomedBy ;",
    ),
    "term:domain": ("rdfs:domain evco:WarmWelcome ; # by", ""),
    "term:range": ("rdfs:range evco:Welcome ; # by", ""),
    "term:inverse": ("rdfs:range evco:WarmWelcome ; # inverse", "rdfs:range evco:Welcome ;"),
    "term:kind": ("evco:ajar a owl:NamedIndividual ;", "evco:ajar"),
    "term:replacement": ("dcterms:isReplacedBy evco:openDoor ;", "dcterms:isReplacedBy evco:ajar ;"),
    "term:deprecated": ("dcterms:isReplacedBy evco:openDoor ;", ""),
    "term:code-instead": ('evco:codeInstead "write Welcome"@en ;', ""),
    "module:title": ('dcterms:title "Welcomes"@en ;', ""),
    "module:license": ("dcterms:license <https://creativecommons.org/licenses/by/4.0/> ;", ""),
    "module:version": ("owl:versionIRI <urn:module/1> ;", ""),
}
"""Of each shape for the ontology, what to put for what in a sound module so that it is tripped, and it alone."""

SMALL_MODULE = """
@prefix evco: <https://w3id.org/evco#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<urn:module> a owl:Ontology ;
    owl:versionIRI <urn:module/1> ;
    dcterms:title "Welcomes"@en ;
    dcterms:license <https://creativecommons.org/licenses/by/4.0/> ;
    rdfs:comment "Words for being received."@en .

# A term of others needs nothing, and neither does a class without a name.
<urn:theirs> a owl:Class .
[] a owl:Class .

evco:Welcome a owl:Class ;
    rdfs:label "welcome"@en ;
    skos:definition "Somebody is received."@en ;
    dcterms:source <https://w3id.org/evco> ;
    rdfs:isDefinedBy <urn:module> .

evco:WarmWelcome a owl:Class ;
    rdfs:subClassOf evco:Welcome ;
    owl:equivalentClass [ owl:intersectionOf ( evco:Welcome [ owl:onProperty evco:valence ; owl:hasValue 1 ] ) ] ;
    evco:codeInstead "write Welcome"@en ;
    rdfs:label "warm welcome"@en ;
    skos:definition "Somebody is glad that one comes."@en ;
    dcterms:source <https://w3id.org/evco> ; # class
    rdfs:isDefinedBy <urn:module> .

evco:welcomedBy a owl:ObjectProperty ;
    rdfs:domain evco:WarmWelcome ; # by
    rdfs:range evco:Welcome ; # by
    rdfs:label "welcomed by"@en ;
    skos:definition "Says who received somebody."@en ;
    dcterms:source <https://w3id.org/evco> ;
    rdfs:isDefinedBy <urn:module> .

evco:welcomes a owl:ObjectProperty ;
    owl:inverseOf evco:welcomedBy ;
    rdfs:domain evco:Welcome ;
    rdfs:range evco:WarmWelcome ; # inverse
    rdfs:label "welcomes"@en ;
    skos:definition "Says whom somebody received."@en ;
    dcterms:source <https://w3id.org/evco> ;
    rdfs:isDefinedBy <urn:module> .

evco:openDoor a owl:NamedIndividual ;
    rdfs:label "open door"@en ;
    skos:definition "Nobody is kept out."@en ;
    dcterms:source <https://w3id.org/evco> ;
    rdfs:isDefinedBy <urn:module> . # individual

evco:ajar a owl:NamedIndividual ;
    owl:deprecated true ;
    dcterms:isReplacedBy evco:openDoor ;
    rdfs:label "ajar"@en ;
    skos:definition "Whoever pushes comes in."@en ;
    dcterms:source <https://w3id.org/evco> ;
    rdfs:isDefinedBy <urn:module> .
"""


def _found_in_module(text: str, engine: str) -> list[ShapeFinding]:
    alone = Vocabulary({}, frozenset(), {}, {}, {})  # without the classes of the ontology
    return validate(triples(text), [folder("shapes") / "vocabulary.ttl"], engine, vocabulary=alone)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_small_module_conforms(engine: str) -> None:
    """The module that the faulty twins are made of is sound."""
    assert [] == _found_in_module(SMALL_MODULE, engine)


@pytest.mark.parametrize("shape", some([*TERM_TWINS], 3))
def test_a_faulty_module_is_found(shape: str) -> None:
    """Each slip in a term or a module's header trips its shape alone, in both engines alike."""
    sound, faulty = TERM_TWINS[shape]
    text = SMALL_MODULE.replace(sound, faulty)

    findings = _found_in_module(text, "shacl-rust")

    assert 1 == SMALL_MODULE.count(sound)
    assert findings == _found_in_module(text, "pyshacl")
    assert [shape] == [finding.shape for finding in findings]


def test_every_shape_for_the_ontology_has_a_twin() -> None:
    """As for data and theories: no shape without something that trips it."""
    assert {local(str(shape)) for shape in with_targets(shapes_of("vocabulary.ttl"))} == set(TERM_TWINS)
