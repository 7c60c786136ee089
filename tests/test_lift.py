"""Lifting: what a bundle says is in its graph, traceable to a coder, some words and a row, and always the same."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

import oracle
import pyoxigraph as ox
import pytest
from drawn import drawn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import RDF, RDFS, XSD, Dataset, Graph, Literal, Namespace, URIRef
from strategies import bundles, write

from kgtools.lift import dataset, lift, lift_frame, lift_terms, lift_verdicts, literal
from kgtools.model import Verdict
from kgtools.pipeline import Job
from kgtools.pipeline.carry import lifted
from kgtools.read import read_bundle
from kgtools.vocabulary import EVCO as EVCO_IRI
from kgtools.vocabulary import ONTOLOGY_IRI

JOB = Job()
WORKED = Path(__file__).parent / "cases" / "verdicts"
EVCO = Namespace(EVCO_IRI)
OA = Namespace("http://www.w3.org/ns/oa#")
PROV = Namespace("http://www.w3.org/ns/prov#")
DCTERMS = Namespace("http://purl.org/dc/terms/")
B = Namespace("urn:evco:data:b/")
QUICKLY = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))


def lines(folder: Path) -> list[str]:
    """The quads of a bundle."""
    return list(lifted([read_bundle(folder, JOB.vocabulary)], JOB))


def lift_tables(**tables: str) -> list[str]:
    """The quads of a bundle called `b`, of tables (and a crosswalk) by their name."""
    with tempfile.TemporaryDirectory() as above:
        folder = Path(above) / "b"
        folder.mkdir()
        for name, content in tables.items():
            ending = ".yaml" if name == "crosswalk" else ".csv"
            (folder / f"{name}{ending}").write_text(content, "utf-8", newline="")
        return lines(folder)


def graph(**tables: str) -> Dataset:
    """The same as an rdflib dataset."""
    return dataset(lift_tables(**tables))


def strictly(quads: Iterable[str]) -> set[str]:
    """The quads as a strict parser reads them."""
    return {str(quad) for quad in ox.parse("\n".join(quads), ox.RdfFormat.N_QUADS)}


STORY = {
    "codings": "id,incident,code,valence,bearer,toward,step,leads_to,purpose,coder,segment,source,start,end,coded_at,"
    """confidence,mood
k1,I1,Delight,,customer,,1,k2,,c1,"oh, ""joy"" now",interview,3,12,2026-11-21,0.9,sunny
k2,I1,Review,positive,anna,firm,2,k3,personal,c1,,,,,2026-11-21T10:00Z,,
k3,I1,EmotionalValue,positive,customer,,,,,,,,,,,,
k4,I1,Review,positive,anna,firm,2,,,c2,wow,,,,,,
k5,I1,happy customer,,,,,,,c1,so glad,,,,,,
""",
    "incidents": "incident,channel,platform,occurred_on,context,monopoly,narrative,corpus,told_by,ward\n"
    'I1,Forum,,2026-11,public,true,"One. oh, ""joy"", wow",zhang2018,anna,north\nI2,SocialMedia,Twitter,2026,,,,,,\n',
    "actors": "actor,role,label\nanna,customer;employee,Anna\n",
}


@pytest.fixture(scope="module")
def story() -> Dataset:
    """The graph of one story."""
    return graph(**STORY)


def test_no_blank_nodes() -> None:
    """Every node has an IRI of its own."""
    assert not any("_:" in line.split('"')[0] for line in lines(WORKED))


def test_lines_are_strict_n_quads() -> None:
    """Each line is one quad in a named graph, for a strict parser, and none comes twice in what is said once."""
    quads = lines(WORKED)

    assert len(set(quads)) == len(strictly(quads))
    assert {"<urn:evco:data:verdicts> .", "<urn:evco:data:verdicts/codings> ."} == {
        " ".join(line.split(" ")[-2:]) for line in quads
    }


def test_same_bundle_same_bytes() -> None:
    """Lifting twice gives the same lines in the same order."""
    assert lines(WORKED) == lines(WORKED)


def test_chunks_change_nothing() -> None:
    """However a bundle is cut, its quads are the same."""
    bundle = read_bundle(WORKED, JOB.vocabulary)
    cut = [line for chunk in bundle.chunks(1) for line in lift(chunk, JOB.vocabulary)]

    assert set(lines(WORKED)) == {*lift_frame(bundle), *cut}


def by_row(quads: Iterable[str]) -> set[str]:
    """The quads that say in which row something stood."""
    return {quad for quad in quads if ".csv#row=" in quad}


@QUICKLY
@given(bundles(repeated_ids=False), st.randoms(use_true_random=False))
def test_order_of_rows_changes_nothing(made: oracle.Bundle, chance: object) -> None:
    """But for the rows' numbers, codings in another order give the same quads."""
    named = [row for row in made.codings if row.id]
    mixed = list(named)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    found = []
    with tempfile.TemporaryDirectory() as above:
        for number, codings in enumerate((named, mixed)):
            folder = Path(above) / str(number) / "b"
            write(oracle.Bundle(codings, made.incidents, made.actors), folder)
            quads = set(lines(folder))
            found.append(quads - by_row(quads))

    assert found[0] == found[1]


NAMES = [
    "a b",
    'say "x"',
    "a>b<c",
    "a/b",
    "a#b",
    "a%20b",
    "é",
    "😀",
    "a\\b",
    "{a}|^`",
    ".",
    "..",
    "a;b",
    "?x=1&y",
    "a\nb",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_are_percent_encoded(name: str) -> None:
    """Whatever an id, coder, actor, platform, column or own code is made of, two strict parsers read the same IRIs."""
    cell = '"' + name.replace('"', '""') + '"'
    quads = lift_tables(
        codings=f"id,incident,code,bearer,element,coder,{cell}\n{cell},{cell},Review,{cell},{cell},{cell},{cell}\n"
        f"k2,{cell},{cell},,,{cell},\n",
        incidents=f"incident,platform,corpus,told_by\n{cell},{cell},{cell},{cell}\n",
        actors=f"actor,role\n{cell},customer\n",
    )
    named = dataset(quads)
    incident = next(named.subjects(RDF.type, EVCO.Incident))

    assert name == str(named.value(incident, DCTERMS.identifier))
    assert str(incident).startswith("urn:evco:data:b/incident/")
    assert str(incident).isascii()
    assert len(strictly(quads)) == len(list(named.quads()))
    assert 1 == len(set(named.subjects(RDF.type, EVCO.Coder)))


def test_names_that_differ_have_iris_that_differ() -> None:
    """No two incidents share an IRI."""
    rows = "".join(f'"{name.replace(chr(34), chr(34) * 2)}",Review\n' for name in NAMES)

    assert len(NAMES) == len(set(graph(codings=f"incident,code\n{rows}").subjects(RDF.type, EVCO.Incident)))


def test_incident(story: Dataset) -> None:
    """What the tables say of an incident is in the graph of data, with literals of the right kind."""
    said = set(story.graph(URIRef("urn:evco:data:b")).predicate_objects(B["incident/I1"]))

    assert {
        (RDF.type, EVCO.Incident),
        (DCTERMS.identifier, Literal("I1")),
        (DCTERMS.isPartOf, URIRef("urn:evco:data:b")),
        (EVCO.reportedIn, B["report/I1"]),
        (EVCO.viaChannel, B["channel/Forum"]),
        (EVCO.occurredOn, Literal("2026-11", datatype=XSD.gYearMonth)),
        (EVCO.context, EVCO.publicService),
        (EVCO.monopoly, Literal(True)),
        (EVCO.corpus, Literal("zhang2018")),
        (EVCO.toldBy, B["actor/anna"]),
        (B["column/ward#cell"], Literal("north")),
        *((EVCO.hasElement, element) for element in story.objects(B["incident/I1"], EVCO.hasElement)),
    } == said
    assert Literal('One. oh, "joy", wow') == story.value(B["report/I1"], EVCO.narrative)


def test_platform_is_an_individual(story: Dataset) -> None:
    """A platform has its channel's class and its own name."""
    platform = story.value(B["incident/I2"], EVCO.viaChannel)

    assert (EVCO.SocialMedia, Literal("Twitter")) == (
        story.value(platform, RDF.type),
        story.value(platform, RDFS.label),
    )


def test_actor_has_its_roles_as_types(story: Dataset) -> None:
    """Somebody named is an instance of each role; a role alone is somebody in the incident."""
    roles = set(story.objects(B["actor/anna"], RDF.type))
    somebody = story.value(B["incident/I1/element/Delight;by=customer;step=1"], EVCO.bearer)

    assert {EVCO.Customer, EVCO.Employee} == roles
    assert B["incident/I1/role/customer"] == somebody
    assert (B["incident/I1"], EVCO.Customer) == (story.value(somebody, EVCO.roleIn), story.value(somebody, RDF.type))


def test_element(story: Dataset) -> None:
    """Rows that agree are one element with several codings; a value's bearer is its beneficiary."""
    review = B["incident/I1/element/Review;positive;by=anna;to=firm;step=2"]
    value = B["incident/I1/element/EmotionalValue;positive;by=customer"]

    assert {
        (RDF.type, EVCO.Review),
        (EVCO.valence, EVCO.positive),
        (EVCO.bearer, B["actor/anna"]),
        (EVCO.toward, B["incident/I1/role/firm"]),
        (EVCO.step, Literal(2)),
        (EVCO.purpose, EVCO.personal),
        (EVCO.ledTo, value),
        (EVCO.evidencedBy, B["coding/k2"]),
        (EVCO.evidencedBy, B["coding/k4"]),
    } == set(story.predicate_objects(review))
    assert B["incident/I1/role/customer"] == story.value(value, EVCO.beneficiary)
    assert None is story.value(value, EVCO.bearer)


def test_coding_is_a_web_annotation(story: Dataset) -> None:
    """A coding has its body, target, selectors, coder and row, in the graph of codings."""
    codings = story.graph(URIRef("urn:evco:data:b/codings"))
    target = B["coding/k1/target"]

    assert {
        (RDF.type, EVCO.CodedSegment),
        (RDF.type, OA.Annotation),
        (DCTERMS.identifier, Literal("k1")),
        (OA.hasBody, B["incident/I1/element/Delight;by=customer;step=1"]),
        (OA.motivatedBy, OA.classifying),
        (OA.hasTarget, target),
        (PROV.wasAttributedTo, B["coder/c1"]),
        (PROV.wasGeneratedBy, B["coding-by/c1"]),
        (PROV.wasDerivedFrom, B["file/codings.csv#row=2"]),
        (EVCO.leadsTo, B["coding/k2"]),
        (DCTERMS.source, Literal("interview")),
        (DCTERMS.created, Literal("2026-11-21", datatype=XSD.date)),
        (EVCO.confidence, Literal("0.9", datatype=XSD.decimal)),
        (B["column/mood#cell"], Literal("sunny")),
    } == set(codings.predicate_objects(B["coding/k1"]))
    assert {(RDF.type, OA.SpecificResource), (OA.hasSource, B["report/I1"])} < set(codings.predicate_objects(target))
    assert {
        ((RDF.type, OA.TextQuoteSelector), (OA.exact, Literal('oh, "joy" now'))),
        (
            (RDF.type, OA.TextPositionSelector),
            (OA.start, Literal("3", datatype=XSD.nonNegativeInteger)),
            (OA.end, Literal("12", datatype=XSD.nonNegativeInteger)),
        ),
    } == {
        tuple(sorted(codings.predicate_objects(one), key=lambda pair: (pair[0] != RDF.type, pair[0] != OA.start)))
        for one in codings.objects(target, OA.hasSelector)
    }


def test_every_coding_is_whole() -> None:
    """Every annotation has its type, motivation, one body, one target, and the row it was derived from."""
    whole = dataset(lines(WORKED))
    annotations = set(whole.subjects(RDF.type, EVCO.CodedSegment))

    assert 187 == len(annotations)
    for one in annotations:
        assert (one, RDF.type, OA.Annotation) in whole
        assert (1, 1, 1) == tuple(
            len(list(whole.objects(one, name))) for name in (OA.hasBody, OA.hasTarget, PROV.wasDerivedFrom)
        )


def test_row_of_a_file(story: Dataset) -> None:
    """A row is an entity that knows its file and its line."""
    row, file = B["file/codings.csv#row=2"], B["file/codings.csv"]

    assert {(RDF.type, PROV.Entity), (EVCO.inFile, file), (EVCO.row, Literal(2))} == set(story.predicate_objects(row))
    assert Literal("codings.csv") == story.value(file, RDFS.label)
    assert B["file/incidents.csv#row=2"] == story.value(B["incident/I1"], PROV.wasDerivedFrom)


def test_coder(story: Dataset) -> None:
    """A coder is an agent who was at work; a row without one is attributed to nobody."""
    assert {EVCO.Coder, PROV.Agent} == set(story.objects(B["coder/c1"], RDF.type))
    assert B["coder/c1"] == story.value(B["coding-by/c1"], PROV.wasAssociatedWith)
    assert None is story.value(B["coding/k3"], PROV.wasAttributedTo)


def test_coding_without_words_is_of_the_report(story: Dataset) -> None:
    """Where no words are marked, the annotation's target is the report as a whole."""
    assert B["report/I1"] == story.value(B["coding/k3"], OA.hasTarget)


def test_half_a_position_is_kept() -> None:
    """A start without an end, or an end without a start, is kept for the shapes to find."""
    half = graph(codings="id,incident,code,start,end\na,I1,Review,3,\nb,I1,Review,,9\n")

    assert 3 == int(str(half.value(B["coding/a/target/position"], OA.start)))
    assert 9 == int(str(half.value(B["coding/b/target/position"], OA.end)))


def test_unmapped_code_is_a_plain_annotation(story: Dataset) -> None:
    """A code that is no term is a coder's annotation with that code as its body, and no element."""
    code = story.value(B["coding/k5"], OA.hasBody)

    assert (EVCO.Code, Literal("happy customer")) == (story.value(code, RDF.type), story.value(code, RDFS.label))
    assert [] == list(story.subjects(EVCO.evidencedBy, B["coding/k5"]))
    assert Literal("so glad") == story.value(B["coding/k5/target/quote"], OA.exact)


def test_absence_is_no_instance() -> None:
    """A record of absence names what it denies, is no element of the incident, and has no such type."""
    denied = graph(codings="id,incident,code,presence,bearer\na,I1,EconomicValue,absent,customer\n")
    record = denied.value(B["incident/I1"], EVCO.recordsAbsence)

    assert {EVCO.AbsenceRecord} == set(denied.objects(record, RDF.type))
    assert EVCO.EconomicValue == denied.value(record, EVCO.absenceOf)
    assert B["incident/I1/role/customer"] == denied.value(record, EVCO.bearer)
    assert None is denied.value(B["incident/I1"], EVCO.hasElement)


def test_what_a_crosswalk_infers() -> None:
    """It is attributed to the crosswalk and derived from the coder's annotation, which has the coder's own code."""
    made = graph(
        codings="id,incident,code,coder,segment,leads_to\nk1,I1,raves,c1,wow,k2\nk2,I1,Trust,c1,,\n",
        crosswalk="codes: {raves: [Review, Delight]}",
    )
    own, first, second = B["coding/k1"], B["coding/k1/inferred/1"], B["coding/k1/inferred/2"]

    assert {first, second} == set(made.subjects(RDF.type, EVCO.InferredCoding))
    assert {B["crosswalk"]} == {made.value(one, PROV.wasAttributedTo) for one in (first, second)}
    assert PROV.SoftwareAgent == made.value(B["crosswalk"], RDF.type)
    assert {own} == {made.value(one, PROV.wasDerivedFrom) for one in (first, second)}
    assert [B["incident/I1/element/Review"], B["incident/I1/element/Delight"]] == [
        made.value(one, OA.hasBody) for one in (first, second)
    ]
    assert (B["code/raves"], B["coder/c1"]) == (made.value(own, OA.hasBody), made.value(own, PROV.wasAttributedTo))
    assert {made.value(own, OA.hasTarget)} == {made.value(one, OA.hasTarget) for one in (first, second)}
    assert {B["incident/I1/element/Trust"]} == set(made.objects(B["incident/I1/element/Review"], EVCO.ledTo))
    assert {first} == set(made.objects(B["incident/I1/element/Review"], EVCO.evidencedBy))


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(max_examples=drawn(200), deadline=None)
@given(TEXT)
def test_literal_survives(value: str) -> None:
    """Any text, with line breaks, quotes and control characters, is the same after strict parsing."""
    (quad,) = ox.parse(f"<urn:a> <urn:b> {literal(value)} .", ox.RdfFormat.N_QUADS)

    assert value == quad.object.value


@QUICKLY
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12))
def test_cell_survives(value: str) -> None:
    """A cell of a table comes out of both parsers as it was, but for white space around it."""
    cell = '"' + value.replace('"', '""') + '"'
    quads = lift_tables(codings=f"id,incident,code,segment\na,I1,Review,{cell}\n")
    exact = {str(one) for one in dataset(quads).objects(None, OA.exact)}

    assert exact == {
        quad.object.value
        for quad in ox.parse("\n".join(quads), ox.RdfFormat.N_QUADS)
        if "exact" in quad.predicate.value
    }
    assert exact == ({value.strip(" \t\r\n\xa0")} - {""})


def test_dataset_has_its_named_graphs() -> None:
    """In rdflib, data and codings are graphs of their own, and the default graph is the union of all."""
    both = dataset(lines(WORKED))
    named = {str(one.identifier): len(one) for one in both.graphs() if isinstance(one, Graph) and len(one)}
    data, codings = "urn:evco:data:verdicts", "urn:evco:data:verdicts/codings"

    assert {data, codings} <= set(named)
    assert len(set(lines(WORKED))) == named[data] + named[codings] == len(both)


def test_terms_of_the_ontology() -> None:
    """What ontology and theories say of named terms is in the ontology's graph, sorted, without blank nodes."""
    said = lift_terms(JOB.vocabulary)

    assert sorted(said) == said
    assert all(line.endswith(f" <{ONTOLOGY_IRI}> .") for line in said)
    assert len(said) == len(strictly(said))
    assert not any(line.startswith("_:") or " _:" in line.split('"')[0] for line in said)


def test_verdict_is_an_assessment() -> None:
    """A verdict assesses a unit on a proposition, with its grade, coders and evidence, in a graph by coders."""
    verdict = Verdict(
        *("incident", "V 1", "zhang2018", "Z-delight", "supports", "linked", "any", ("k1",), (), ("O",)),
        unit_iri=B["incident/V%201"],
        proposition_iri="https://example.org/Z-delight",
        evidence_iris=(B["e1"], B["e2"]),
        opposed_iris=("https://example.org/O",),
    )
    made = dataset(lift_verdicts([verdict], "urn:evco:data:b"))
    iri = B["assessment/any/incident/V%201/Z-delight"]

    assert {
        (RDF.type, EVCO.Assessment),
        (EVCO.assesses, B["incident/V%201"]),
        (EVCO.onProposition, URIRef("https://example.org/Z-delight")),
        (EVCO.verdict, EVCO.supports),
        (EVCO.grade, EVCO.linked),
        (EVCO.coders, Literal("any")),
        (EVCO.evidence, B["e1"]),
        (EVCO.evidence, B["e2"]),
        (EVCO.opposedSlot, URIRef("https://example.org/O")),
    } == set(made.graph(B["verdicts/any"]).predicate_objects(iri))


@QUICKLY
@given(bundles())
def test_any_bundle_is_strict_n_quads(made: oracle.Bundle) -> None:
    """Whatever a bundle holds, its lines are quads to a strict parser."""
    with tempfile.TemporaryDirectory() as above:
        write(made, Path(above) / "b")
        quads = lines(Path(above) / "b")

        assert len(set(quads)) == len(strictly(quads))
