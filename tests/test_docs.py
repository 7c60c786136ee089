"""The ontology as web pages: what stands on the page, where its links lead, and what a user's theory adds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from shutil import copytree
from urllib.parse import unquote

import pytest
import rdflib
from lxml import html
from rdflib import OWL, RDF, RDFS

from kgtools import __version__
from kgtools.align import Alignment, Correspondence, alignments
from kgtools.cli import main
from kgtools.docs import write_site
from kgtools.docs.drawing import SIZE, placed, width_of
from kgtools.docs.graphs import classes_of, of_modules, of_theory, properties_of
from kgtools.docs.page import Page
from kgtools.docs.site import beside_page, page_of, rendered
from kgtools.docs.words import in_words, plain
from kgtools.errors import InputError
from kgtools.expression import Expression, expression_of
from kgtools.query import query_of
from kgtools.theory import read_theories
from kgtools.vocabulary import EVCO, PREFIXES, Vocabulary, folder, local, ontology_files, theory_files

HABIT = Path(__file__).parent / "cases" / "theory" / "habit.ttl"
FOUR = ["What is it?", "Where does it come from?", "How is it used?", "What is it called elsewhere?"]


class Site:
    """A folder that was written, and its page."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.page = html.parse(str(place / "index.html"), html.HTMLParser(encoding="utf-8")).getroot()
        self.ids = Counter(self.page.xpath("//@id"))
        self._at = {one.get("id"): one for one in self.page.xpath("//*[@id]")}

    def at(self, id: str) -> html.HtmlElement:
        """What has an id."""
        return self._at[id]

    def answer(self, id: str, question: str) -> html.HtmlElement:
        """What a term answers."""
        (found,) = (row for row in self.at(id).xpath("./dl/div") if row.find("dt").text == question)
        return found.find("dd")

    def text(self, id: str, question: str) -> str:
        """What a term answers, as text."""
        return " ".join(self.answer(id, question).text_content().split())

    def fact(self, id: str, about: str) -> str:
        """What stands beside a word in an answer."""
        (found,) = (row for row in self.at(id).xpath(".//dl[@class='facts']/div") if row.find("dt").text == about)
        return " ".join(found.find("dd").text_content().split())

    def broken(self) -> list[str]:
        """Links that lead nowhere, of the page and its pictures, and ids that stand twice."""
        found = [id for id, times in self.ids.items() if times > 1]
        for link in self.page.xpath("//@href | //@src"):
            file, _, anchor = link.partition("#")
            if link.startswith(("https://", "http://")):
                continue
            if (file and not (self.place / unquote(file)).is_file()) or (not file and unquote(anchor) not in self.ids):
                found.append(link)
        for label in self.page.xpath("//@aria-labelledby | //@for"):
            if label not in self.ids:
                found.append(label)
        return found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The pages of the ontology, written by a program of its own, where names are hashed in another way."""
    place = tmp_path_factory.mktemp("docs") / "new" / "site"
    command = [sys.executable, "-m", "kgtools", "docs", "-o", str(place), "--quiet"]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONHASHSEED": "7"}, capture_output=True, text=True, check=True
    )
    assert "" == done.stdout + done.stderr
    return Site(place)


@pytest.fixture(scope="module")
def page() -> Page:
    """What the page is made of."""
    return page_of(Vocabulary.read(), read_theories())


def declared() -> Iterator[str]:
    """The IRIs of all classes, properties and individuals with a label, read by rdflib; slots and the like are none."""
    graph = rdflib.Graph()
    for path in (*ontology_files(), folder("ontology") / "view.ttl", *theory_files()):
        graph.parse(path)
    parts = {rdflib.URIRef(EVCO + name) for name in ("AntecedentSlot", "ConsequentSlot", "Implication", "Theory")}
    for kind in (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty, OWL.NamedIndividual):
        for subject in graph.subjects(RDF.type, kind):
            if (subject, RDFS.label, None) in graph and not parts & {*graph.objects(subject, RDF.type)}:
                yield str(subject)


def test_every_term_answers_four_questions(site: Site) -> None:
    """A term is found at the last part of its IRI (that of the view where ours has the name), and answers all four."""
    terms = set(declared())
    ours = {local(iri) for iri in terms if iri.startswith(EVCO)}
    anchors = {local(iri) if iri.startswith(EVCO) or local(iri) not in ours else f"view:{local(iri)}" for iri in terms}
    told = {one.get("id"): one for one in site.page.xpath("//article")}

    assert anchors == set(told)
    assert len(terms) == len(told) > 250
    for article in told.values():
        answers = article.xpath("./dl/div")

        assert FOUR == [one.findtext("dt") for one in answers]
        assert all(one.find("dd").text_content().strip() for one in answers), article.get("id")


def test_no_two_entries_of_the_list_look_alike(site: Site) -> None:
    """From A to Z each entry reads otherwise; the view's terms have their prefix, and stand apart as never coded."""
    entries = [" ".join(one.text_content().split()) for one in site.page.xpath("//*[@class='index']//li")]
    (apart,) = site.page.xpath("//*[@class='index']/p")
    view = [one.findtext("code") for one in apart.getnext().xpath("./li")]

    assert len(entries) == len(set(entries)) > 250
    assert "bearer evco:bearer object property" in entries
    assert "bearer view:bearer object property" in entries
    assert "The view’s vocabulary: for queries, never coded" == apart.text
    assert {"view:bearer", "view:valence", "view:mayFollow"} <= set(view)
    assert all((name or "").startswith("view:") for name in view)
    assert len(view) == sum(" view:" in entry for entry in entries)


def test_every_definition_is_there(site: Site, page: Page) -> None:
    """What a term means, as its file says it, is in its first answer."""
    missing = [
        one.iri
        for one in page.terms
        for text in page.ontology.texts(one.iri, "skos:definition")
        if " ".join(text.split()) not in site.text(one.anchor, FOUR[0])
    ]

    assert [] == missing


def test_all_links_lead_somewhere(site: Site) -> None:
    """Links on the page, in its pictures, and to the files beside it; no id stands twice."""
    assert [] == site.broken()
    assert len(site.page.xpath("//svg//a")) > 300


def test_nothing_comes_from_elsewhere(site: Site) -> None:
    """The page holds its styles, script and pictures itself, and its policy allows no other."""
    policy = site.page.xpath("//meta[@http-equiv]/@content")[0]

    assert [] == site.page.xpath("//link | //img | //iframe | //script[@src] | //*[@style] | //*[@onclick]")
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


def test_the_page_says_what_made_it(site: Site) -> None:
    """A page of ours can be told by its generator from somebody else's, and from a report."""
    assert [f"kgtools docs {__version__}"] == site.page.xpath("/html/head/meta[@name='generator']/@content")


def test_headings_are_in_order(site: Site) -> None:
    """No level of headings is left out, for those who go from one to the next."""
    levels = [int(one.tag[1]) for one in site.page.xpath("//h1|//h2|//h3|//h4|//h5")]

    assert 1 == levels[0]
    assert 1 == levels.count(1)
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_same_ontology_same_bytes(site: Site, page: Page) -> None:
    """Two runs, in two programs, give the same page."""
    expected = rendered(page, beside_page(page.theories))

    assert expected == (site.place / "index.html").read_text("utf-8")


def test_files_lie_beside_as_in_the_project(site: Site) -> None:
    """The Turtle, queries and shapes that the page is made of are copied, so that their own links hold."""
    expected = {
        path.relative_to(folder(name).parent): path.read_bytes()
        for name in ("ontology", "queries", "shapes")
        for path in folder(name).rglob("*")
        if path.is_file()
    }
    found = {path.relative_to(site.place): path.read_bytes() for path in site.place.rglob("*") if path.is_file()}
    found.pop(Path("index.html"))

    assert expected == found


def test_a_site_within_the_ontology_does_not_hold_itself(site: Site, tmp_path: Path) -> None:
    """Where a page is written into a folder that it is made of, what was written there before is no part of it."""
    ontology = tmp_path / "ontology"
    copytree(site.place / "ontology", ontology)
    copytree(site.place, ontology / "site")
    expected = {path.relative_to(site.place / "ontology") for path in (site.place / "ontology").rglob("*.*")}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kgtools.docs.site.folder", lambda name: tmp_path / name)
        found = beside_page([], ontology / "site")
        root = beside_page([], ontology)

    assert expected == {path.relative_to(ontology) for path in found}
    assert not [path for path in root if path.is_relative_to(ontology / "ontology")]


@pytest.mark.parametrize("name", ["index.html", "ontology/evco.ttl"])
def test_only_a_page_of_ours_is_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """In a folder without a page of ours, what is there and is something else stays, and one line says so."""
    monkeypatch.setattr("kgtools.docs.site.page_of", lambda *_: None)
    monkeypatch.setattr("kgtools.docs.site.rendered", lambda *_: "new")
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine", "utf-8")

    with pytest.raises(InputError, match=f"{name}: is there already, and no page of `kgtools docs`"):
        write_site(tmp_path, Vocabulary.read(), [])

    assert "mine" == path.read_text("utf-8")
    assert [path] == [one for one in tmp_path.rglob("*") if one.is_file()]


def test_a_page_of_ours_is_written_anew(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an earlier page lies, it and the files beside it are replaced."""
    monkeypatch.setattr("kgtools.docs.site.page_of", lambda *_: None)
    monkeypatch.setattr("kgtools.docs.site.rendered", lambda *_: "new")
    copytree(site.place, tmp_path, dirs_exist_ok=True)
    (tmp_path / "ontology/evco.ttl").write_text("as it was", "utf-8")

    write_site(tmp_path, Vocabulary.read(), [])

    assert "new" == (tmp_path / "index.html").read_text("utf-8")
    assert (folder("ontology") / "evco.ttl").read_bytes() == (tmp_path / "ontology/evco.ttl").read_bytes()


@pytest.mark.parametrize(
    ("id", "about", "expected"),
    [
        ("ValueGain", "equivalent to", "value outcome and (valence value positive)"),
        (
            "CoDestroyedValue",
            "equivalent to",
            "value outcome and (element of some (has element some engagement behavior)) and (valence value negative)",
        ),
        (
            "EngagementBehavior",
            "subclass of",
            "act; bearer only (customer or customer community or other stakeholder)",
        ),
        ("follows", "characteristics", "asymmetric, functional, irreflexive"),
        ("follows", "inverse of", "is followed by"),
        ("isFollowedBy", "inverse of", "follows"),
        ("inChain", "follows from", "follows, then in chain"),
        ("bearer", "superproperty of", "beneficiary"),
        ("bearer", "domain", "absence record or element"),
        ("Delight", "disjoint with", "desire for revenge"),
        ("publicService", "different from", "commercial service"),
        ("Valence", "instances", "mixed; negative; neutral; positive"),
        ("Delight", "coded", "table codings, column code: Delight"),
        ("Forum", "coded", "table incidents, column channel: Forum"),
        (
            "Customer",
            "coded",
            "table actors, column role: customer; or table codings, column bearer: customer; "
            "or table codings, column toward: customer",
        ),
        ("positive", "coded", "table codings, column valence: positive"),
        ("publicService", "coded", "table incidents, column context: public"),
        ("follows", "coded", "table incidents, column follows"),
        ("Delight", "in propositions", "Z-delight A condition"),
        ("CoreServiceFailure", "in propositions", "Z-recovery F condition"),
        ("Boycott", "as mobilizing behavior", "J-reach A"),
        ("serviceDesignPerspective", "perspective of", "Z-nooutlet, Z-recovery"),
    ],
)
def test_facts(site: Site, id: str, about: str, expected: str) -> None:
    """What is said of a term, and how it is used, in words that those who know OWL or the tables know."""
    assert expected == site.fact(id, about)


def test_inferred_classes_say_what_to_code_instead(site: Site) -> None:
    """What is never coded says what to write in its place."""
    expected = (
        "never, but inferred: write the kind of value, such as EconomicValue or EmotionalValue, with valence positive"
    )

    assert expected == site.fact("CoCreatedValue", "coded")


def test_questions_and_shapes_that_name_a_term(site: Site, page: Page) -> None:
    """A term is led to from each question and shape that names it in its SPARQL, and from no other."""
    asked = {
        one.slug
        for one in page.questions
        if "evco:toldBy" in one.sparql.replace("evco:toldByX", "") and f"<{PREFIXES['evco']}>" in one.sparql
    }
    links = site.answer("toldBy", FOUR[2]).xpath(".//a/@href")

    assert {f"#question:{slug}" for slug in asked} == {link for link in links if link.startswith("#question:")} != set()
    assert "#shape:incident~3Aone-channel" in site.answer("viaChannel", FOUR[2]).xpath(".//a/@href")


def test_propositions_with_slots_and_queries(site: Site, page: Page) -> None:
    """Each proposition shows its statement, its slots in order, the query that judges it, and its class in OWL."""
    for theory in page.theories:
        for one in theory.propositions:
            article = site.at(local(one.iri))
            slots = article.xpath(".//tbody/tr")

            assert one.statement in article.text_content()
            assert [local(slot.iri) for slot in one.slots] == [row.get("id") for row in slots]
            assert [slot.id for slot in one.slots] == [row.findtext("th") for row in slots]
            assert query_of(one, theory) == article.findtext(".//pre/code")
            made = expression_of(one, page.uses.vocabulary)
            if isinstance(made, Expression):
                assert made.manchester() == article.findtext(".//code[@class='manchester']")
            else:
                assert f"It is no OWL class expression: {made.reason}." in article.text_content()


def test_queries_say_what_they_run_on(site: Site, page: Page) -> None:
    """Where a query or class has terms of the view, it is said which file defines them, and what else it takes."""
    for theory in page.theories:
        for one in theory.propositions:
            for block in site.at(local(one.iri)).xpath(".//details[pre]"):
                assert "view:" in block.findtext("pre/code")
                assert "ontology/view.ttl" in block.xpath("./p//a/@href")
                assert re.search("kgtools (import BUNDLE --view any|reason DATA)", block.find("p").text_content())


def test_pictures_show_all_and_hide_nothing(page: Page) -> None:
    """In the pictures of modules each class and property stands; boxes never overlap, and hold their texts."""
    for module in page.modules:
        both = classes_of(page.ontology, module), properties_of(page.ontology, module)
        shown = {line.anchor for graph in both for box in graph.boxes.values() for line in box.lines}
        missing = {term.anchor for term in module.terms if term.kind != "individual"} - shown

        assert set() == missing
    graphs = [
        graph
        for module in page.modules
        for graph in (classes_of(page.ontology, module), properties_of(page.ontology, module))
    ]
    for graph in (*graphs, of_modules(page.ontology), *(of_theory(page.ontology, one) for one in page.theories)):
        if graph.boxes:
            boxes, arrows, width, height = placed(graph)

            assert len(graph.arrows) == len(arrows)
            for number, one in enumerate(boxes):
                assert all(width_of(line.line.text) <= one.width - SIZE for line in one.lines)
                assert one.y + SIZE < one.lines[0].y <= one.lines[-1].y < one.y + one.height - SIZE / 3
                assert 0 <= one.x <= one.x + one.width <= width
                assert 0 <= one.y <= one.y + one.height <= height
                for other in boxes[:number]:
                    assert (
                        one.x + one.width < other.x
                        or other.x + other.width < one.x
                        or one.y + one.height < other.y
                        or other.y + other.height < one.y
                    ), (graph.title, one.box, other.box)


def test_tree_has_every_class_below_its_parents(site: Site) -> None:
    """A class of ours stands in the tree under each class that its file puts it under."""
    graph = rdflib.Graph()
    for path in ontology_files():
        graph.parse(path)
    expected = {
        (local(str(parent)), local(str(child)))
        for child, parent in graph.subject_objects(RDFS.subClassOf)
        if isinstance(parent, rdflib.URIRef) and str(parent).startswith(EVCO)
    }
    found = set()
    for item in site.page.xpath("//ul[@class='tree']//li"):
        for below in item.xpath("./ul/li/a/@href"):
            found.add((item.find("a").get("href").removeprefix("#"), below.removeprefix("#")))

    assert expected == {(parent, child) for parent, child in found if ":" not in parent}


def mapping(**said: object) -> Correspondence:
    """A row of a table of mappings."""
    made = Correspondence(
        subject=EVCO + "Delight",
        predicate=PREFIXES["skos"] + "closeMatch",
        object="https://example.org/other#Joy",
        negated=False,
        justification="https://w3id.org/semapv/vocab/ManualMappingCuration",
        confidence=0.7,
        comment="Joy need not be beyond what was expected.",
        subject_label="delight",
        object_label="Joy",
        row=9,
    )
    return replace(made, **said)  # type: ignore[arg-type]


def test_what_a_term_is_called_elsewhere(page: Page, tmp_path: Path) -> None:
    """Mappings stand with their term and in their table, with what was turned down and why; none is told as held."""
    rows = (
        mapping(),
        mapping(object="https://example.org/other#Fun", negated=True, comment="Fun <b>is</b> an activity."),
        mapping(subject="https://w3id.org/sssom/NoTermFound", subject_label="Mood", negated=True, comment="No moods."),
    )
    prefixes = {"o": "https://example.org/other#"}
    table = Alignment("other", "urn:x:other", "EVCO to Other", tmp_path / "other.sssom.tsv", prefixes, rows)
    made = Page(page.ontology, page.uses, [table], [])
    (tmp_path / "index.html").write_text(
        rendered(made, {**dict.fromkeys([table.path], "other.sssom.tsv"), **paths(page)})
    )
    site = Site(tmp_path)
    told = site.text("Delight", FOUR[3])
    refused = site.at("place:refused").getparent().xpath(".//tbody/tr")

    assert told.startswith(
        "1 mapping, 1 turned down means nearly the same as o:Joy Joy confidence 0.7, EVCO to Other Joy need not be"
    )
    assert told.endswith("Turned down: not: means nearly the same as o:Fun Joy Fun <b>is</b> an activity.")
    assert ["delight", "Mood no such term here"] == [" ".join(row.find("th").text_content().split()) for row in refused]
    assert ["delight"] == [
        row.find("th").text_content() for row in site.at("alignment:other").getparent().xpath(".//tbody/tr")
    ]
    assert "No mapping is recorded." == site.text("Trust", FOUR[3])


def test_what_is_above_a_term_is_called_something_elsewhere(site: Site) -> None:
    """A term without a mapping leads to the nearest terms above it that have one; without any, none is recorded."""
    graph = rdflib.Graph()
    for path in (*ontology_files(), *theory_files()):
        graph.parse(path)
    told = {local(row.subject) for one in alignments() for row in one.correspondences if not row.negated}
    for path in folder("ontology").glob("alignment/*.rq"):
        told |= {*re.findall(r"evco:(\w+)", path.read_text("utf-8"))}
    above = {
        local(str(one)): {local(str(each)) for each in graph.transitive_objects(one, RDFS.subClassOf) if each != one}
        for one in graph.subjects(RDF.type, OWL.Class)
        if isinstance(one, rdflib.URIRef) and str(one).startswith(EVCO)
    }
    said = {name: site.text(name, FOUR[3]) for name in above}

    assert {name for name in above if name not in told and above[name] & told} == {
        name for name, text in said.items() if text.startswith("None of its own; see ")
    }
    assert "None of its own; see mobilizing behavior." == said["Boycott"]
    assert ["#elsewhere:MobilizingBehavior"] == site.answer("Boycott", FOUR[3]).xpath("./p/a/@href")


@pytest.mark.parametrize("path", sorted(folder("ontology").glob("alignment/*.rq")), ids=lambda path: path.stem)
def test_constructions_stand_with_what_they_name(site: Site, path: Path) -> None:
    """The query beside a table stands in its section, with what it is for, and is told with each term that it names."""
    text = path.read_text("utf-8")
    head = " ".join(line.removeprefix("# ") for line in text.splitlines() if line.startswith("#"))
    told = site.at(f"construction:{path.stem}")
    named = set(re.findall(r"evco:(\w+)", text))
    links = {
        article.get("id")
        for article in site.page.xpath("//article")
        if f"#construction:{path.stem}" in article.xpath("./dl/div[4]//a/@href")
    }

    assert head.partition(". ")[0] in told.text_content()
    assert head.partition(". ")[2] in told.text_content()
    assert text[text.index("CONSTRUCT") :].strip() in told.getnext().findtext("pre/code")
    assert named == links


def paths(page: Page) -> dict[Path, str]:
    """Where the files lie beside the page."""
    return beside_page(page.theories)


HOSTILE = """
@prefix n: <https://example.org/new#> .
@prefix evco: <https://w3id.org/evco#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dcterms: <http://purl.org/dc/terms/> .

n:Delight a owl:Class ; rdfs:subClassOf h:Habit ;
    rdfs:label "<script>alert(1)</script>"@en , "Entzücken"@de ;
    skos:definition "\\"><img src=x onerror=alert(1)>" ;
    dcterms:source <javascript:alert(1)> ;
    rdfs:seeAlso <https://example.org/?a=1&b=2> ;
    rdfs:subClassOf _:circle .
_:circle a owl:Class ; owl:complementOf _:circle .
n:filter a owl:DatatypeProperty ; rdfs:label "a property without anything" .
<https://example.org/new#a%20b> a evco:Perspective ; rdfs:label "a perspective that nobody declared" .
"""


def test_a_theory_of_a_user(tmp_path: Path) -> None:
    """Its classes, propositions and pictures stand on the page; names that are taken get another place, and no text is
    markup. What others keep in the folder stays as it is."""
    theory = tmp_path / "my theory.ttl"
    theory.write_text(HABIT.read_text("utf-8") + HOSTILE, "utf-8")
    (tmp_path / "site" / "ontology").mkdir(parents=True)
    (tmp_path / "site" / "ontology" / "mine.txt").write_text("mine")
    code = main(["docs", "-o", str(tmp_path / "site"), "--theory", str(theory), "-q"])
    site = Site(tmp_path / "site")

    assert 0 == code
    assert "mine" == (tmp_path / "site" / "ontology" / "mine.txt").read_text()
    assert theory.read_bytes() == (tmp_path / "site" / "ontology" / "theory" / "habit.ttl").read_bytes()
    assert [] == site.broken()
    assert "Whoever is nostalgic may engage again" in site.at("return").text_content()
    assert "three times make a habit" in site.at("thrice").text_content()
    assert "class" == site.at("Habit").findtext("h4/small")
    assert "<script>alert(1)</script>" == site.at("n:Delight").findtext("h4/a")
    assert "delight" == site.at("Delight").findtext("h4/a")
    assert "individual" == site.at("a~2520b").findtext("h4/small")
    assert 1 == len(site.page.xpath("//script"))
    assert [] == [link for link in site.page.xpath("//@href") if link.startswith("javascript:")]
    assert "table codings, column code: n:Delight" == site.fact("n:Delight", "coded")


def test_a_folder_that_cannot_be(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where the folder is a file, one line says so, and nothing else happens."""
    place = tmp_path / "file"
    place.write_text("")
    code = main(["docs", "-o", str(place)])

    assert 2 == code
    assert f"kgtools: {place}: cannot be written (File exists); " in capsys.readouterr().err
    assert "" == place.read_text()


def test_words_of_rare_expressions(tmp_path: Path) -> None:
    """Cardinalities, Self, complements, inverses, enumerations and bounds are told too; what is odd ends nothing."""
    from kgtools.docs.terms import Ontology

    text = """
    @prefix : <urn:x:> .
    @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    :a :is [ owl:onProperty :p ; owl:minQualifiedCardinality 2 ; owl:onClass :C ] .
    :b :is [ owl:onProperty [ owl:inverseOf :p ] ; owl:maxCardinality 1 ] .
    :c :is [ owl:complementOf [ owl:onProperty :p ; owl:hasSelf true ] ] .
    :d :is [ owl:oneOf ( :y :x "z" ) ] .
    :e :is [ owl:onProperty :q ; owl:someValuesFrom [ owl:onDatatype xsd:integer ;
             owl:withRestrictions ( [ xsd:minInclusive 1 ] [ xsd:maxExclusive 9 ] ) ] ] .
    :f :is [ :odd true ] .
    :g :is [ owl:onProperty :p ] .
    """
    (tmp_path / "x.ttl").write_text(text)
    ontology = Ontology([tmp_path / "x.ttl"])
    said = [
        plain(ontology, in_words(ontology, node))
        for name in "abcdefg"
        for node in ontology.said(f"urn:x:{name}")["urn:x:is"]
    ]

    assert [
        "urn:x:p min 2 urn:x:C",
        "(inverse of urn:x:p) max 1",
        "not (urn:x:p Self)",
        "{urn:x:x, urn:x:y, “z”}",
        "urn:x:q some (xsd:integer[< 9, ≥ 1])",
        "something that is described without a name",
        "urn:x:p of some kind",
    ] == said
