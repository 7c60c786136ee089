"""Competency questions: heads are checked, values become terms, and the catalogue exists as RDF too."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import RDF, RDFS, SH

from kgtools.errors import InputError, OntologyError
from kgtools.pipeline import Job, ready
from kgtools.pipeline.carry import lifted
from kgtools.questions import CompetencyQuestion, Parameter, Value, catalog, named
from kgtools.questions.asked import asked
from kgtools.questions.header import read_question, remark
from kgtools.questions.metadata import metadata
from kgtools.questions.page import page
from kgtools.sparql import parameters_of
from kgtools.store import Store
from kgtools.vocabulary import EVCO, Vocabulary, folder

HERE = Path(__file__).parent
CASE = HERE / "cases" / "catalog"
EXAMPLE = HERE.parent / "examples" / "online-service"
VOCABULARY = Vocabulary.read()
DELIGHTED = named("delighted", CASE)


BY_CODER = """# Title: By coder
# Question: Whose verdicts are there?
# Keywords: robustness
# Source: made up for a test
# Needs: verdicts of each coder
# Parameter: coders (string): Whose. Unset: all that are there.

SELECT DISTINCT ?coders WHERE {
  VALUES ?coders { UNDEF }
  ?assessment <https://w3id.org/evco#coders> ?coders
} ORDER BY ?coders
"""


# Heads


def test_a_head_is_read() -> None:
    """A head becomes a described question; a line that begins with blanks goes on with the one before."""
    assert (
        CompetencyQuestion(
            slug="delighted",
            title="Delight and what is said of it",
            question="Which elements of a class are there, of which incident, and does "
            '"delight" stand in what was coded, or in what was not?',
            keywords=("conditions", "perspective"),
            source="made up for a test",
            needs_verdicts=False,
            parameters=(
                Parameter("class", "term", "The class. Unset: Delight and trust.", ("evco:Delight", "evco:Trust")),
                Parameter("word", "string", 'A word in the incident\'s id, such as "I". Unset: all.', ("UNDEF",)),
                Parameter("least", "integer", "The least step.", ("0",)),
                Parameter("known", "boolean", "Whether the step is known. Unset: either.", ("UNDEF",)),
                Parameter("incident", "iri", "The incident. Unset: all.", ("UNDEF",)),
            ),
            sparql=(CASE / "delighted.rq").read_text("utf-8"),
        )
        == DELIGHTED
    )
    assert ["ASK", "SELECT", "CONSTRUCT"] == [question.form for question in catalog(CASE)]
    assert [True, False, False] == [question.needs_verdicts for question in catalog(CASE)]


def test_remarks_are_read() -> None:
    """What stands between head and query is a remark on the answer, in paragraphs."""
    assert 'Steps count from 1. A "step" that is none is not there.\n\nA second remark.' == remark(DELIGHTED)
    assert "" == remark(named("who-felt-what", CASE))


@pytest.mark.parametrize(
    ("line", "said", "before", "after"),
    [
        (1, "the head has no `# Title: …`", "# Title: Delight and what is said of it\n", ""),
        (4, "`Keyword` is no key; did you mean `Keywords`?", "# Keywords:", "# Keyword:"),
        (4, "is no line of a head", "# Keywords:", "# Keywords"),
        (5, "`Title` is there already", "# Source: made", "# Title: Two\n# Source: made"),
        (
            6,
            "`verdict` is nothing that a question can need",
            "# Parameter: class",
            "# Needs: verdict\n# Parameter: class",
        ),
        (6, "a parameter is described as", "class (term):", "class:"),
        (6, "`class` is no kind of parameter; there are string, term", "class (term)", "class (class)"),
        (7, "the parameter `class` is there already", "word (string)", "class (string)"),
        (
            8,
            "`least` has no line `VALUES ?least { default }` of its own in the query, or unlike ones",
            "  VALUES ?least { 0 }\n",
            "",
        ),
        (1, "the line `VALUES ?other { … }` is a parameter", "  VALUES ?word", "  VALUES ?other { 1 }\n  VALUES ?word"),
        (8, 'the default of `least` is "0", which is no integer', "?least { 0 }", '?least { "0" }'),
        (6, 'the default of `class` is "a", which is no term', "evco:Delight evco:Trust", '"a"'),
        (None, "INSERT is an update", "SELECT ?incident ?element ?class", "INSERT {} "),
        (None, "a question calls no other server", "?element a ?class .", "SERVICE <urn:x> { ?element a ?class }"),
        (None, "what a DESCRIBE tells is up to the engine", "SELECT ?incident ?element ?class", "DESCRIBE ?element"),
        (None, "the text that begins in line", "?element a ?class .", '?element a "'),
    ],
)
def test_what_is_wrong_with_a_head(tmp_path: Path, line: int | None, said: str, before: str, after: str) -> None:
    """A head that is wrong, or does not go with its query, is told with file and line."""
    text = DELIGHTED.sparql
    assert before in text
    path = tmp_path / "wrong.rq"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(OntologyError) as error:
        catalog(tmp_path)

    assert str(error.value).startswith(f"{path}:{line}: " if line else f"{path}: ")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_what_is_no_file_of_a_question(tmp_path: Path) -> None:
    """A file with another name, or in another encoding, is told."""
    for name, content, said in (
        ("Big_Name.rq", DELIGHTED.sparql.encode(), "small letters"),
        ("latin.rq", b"# Title: \xe9", "UTF-8"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(OntologyError, match=said):
            read_question(tmp_path / name)


def test_a_question_is_found_by_name() -> None:
    """A wrong name leads to the nearest one."""
    with pytest.raises(InputError) as error:
        named("delihgted", CASE)

    assert "no question `delihgted`; did you mean `delighted`?" in str(error.value)


def test_a_broken_file_stops_no_other_question(tmp_path: Path) -> None:
    """Who names one question gets it whatever is wrong with the others."""
    (tmp_path / "delighted.rq").write_text(DELIGHTED.sparql, encoding="utf-8")
    (tmp_path / "broken.rq").write_text("# Titel: x", encoding="utf-8")

    assert DELIGHTED == named("delighted", tmp_path)
    with pytest.raises(InputError, match="no question `delihgted`; did you mean `delighted`"):
        named("delihgted", tmp_path)
    with pytest.raises(OntologyError, match=r"broken\.rq:1: "):
        named("broken", tmp_path)


# Values


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("class", "Delight", [f"<{EVCO}Delight>"]),
        ("class", "evco:Delight", [f"<{EVCO}Delight>"]),
        ("class", "Z-delight", ["<https://w3id.org/evco/theory/zhang2018#Z-delight>"]),
        ("class", "ja:J-cycle", ["<https://w3id.org/evco/theory/jaakkola2014#J-cycle>"]),
        ("class", "zhang2018", ["<https://w3id.org/evco/theory/zhang2018>"]),
        ("class", "employeePerspective", [f"<{EVCO}employeePerspective>"]),
        ("class", "customer", [f"<{EVCO}Customer>"]),
        ("class", "<tag:a.example,2026:x>", ["<tag:a.example,2026:x>"]),
        ("class", "skos:Concept", ["<http://www.w3.org/2004/02/skos/core#Concept>"]),
        ("class", ["Trust", "https://a.example/#x"], [f"<{EVCO}Trust>", "<https://a.example/#x>"]),
        ("incident", "urn:evco:data:b/incident/I%201", ["<urn:evco:data:b/incident/I%201>"]),
        ("word", ['"} #', "a"], ['"\\"} #"', '"a"']),
        ("least", 3, ['"3"^^<http://www.w3.org/2001/XMLSchema#integer>']),
        ("least", "-007", ['"-7"^^<http://www.w3.org/2001/XMLSchema#integer>']),
        ("known", True, ['"true"^^<http://www.w3.org/2001/XMLSchema#boolean>']),
        ("known", "false", ['"false"^^<http://www.w3.org/2001/XMLSchema#boolean>']),
    ],
)
def test_values_become_terms(name: str, value: Value | list[Value], expected: list[str]) -> None:
    """A value is written into its parameter's line as the term that it stands for; others keep their default."""
    given = parameters_of(DELIGHTED.with_values({name: value}, VOCABULARY))

    assert {**parameters_of(DELIGHTED.sparql), name: expected} == given


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("klass", "Delight", "`delighted` has no parameter `klass`; did you mean `class`?; it has `class`, `word`"),
        (
            "class",
            "delight",
            "`class` is a term, such as Delight, evco:Delight or an IRI, not `delight`; did you mean `Delight`?",
        ),
        ("class", "evco:Deligth", "did you mean `Delight`?"),
        ("class", "evc:Delight", "not `evc:Delight`; did you mean `Delight`?"),
        ("class", "https://a.example/ x", "`class` is a term"),
        ("class", "https://a.example/> } #", "`class` is a term"),
        ("class", "", "`class` is a term"),
        ("class", True, "`class` is a term"),
        ("class", [], "`class` is given no value"),
        (
            "incident",
            "Delight",
            f"`incident` is an IRI, such as https://…, not `Delight`; did you mean `{EVCO}Delight`?",
        ),
        ("incident", "I1", "`incident` is an IRI, such as https://…, not `I1`"),
        ("word", 3, "`word` is a text, not `3`"),
        ("word", "\ud800", "`word` is a text"),
        ("word", "a\0b", "U+0000"),
        ("least", "3.5", "`least` is a whole number, not `3.5`"),
        ("least", True, "`least` is a whole number, not `True`"),
        ("least", "9" * 5000, "`least` is a whole number"),
        ("least", "٣", "`least` is a whole number"),
        ("known", "yes", "`known` is true or false, not `yes`"),
        ("known", 1, "`known` is true or false, not `1`"),
    ],
)
def test_values_that_a_parameter_does_not_take(name: str, value: Value | list[Value], said: str) -> None:
    """What is no value of a parameter ends in one line that names the parameter and says what would be right."""
    with pytest.raises(InputError) as error:
        DELIGHTED.with_values({name: value}, VOCABULARY)

    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_terms_of_a_theory_of_ones_own() -> None:
    """Names of a further theory stand for its terms."""
    theory = HERE / "cases" / "theory" / "habit.ttl"
    name = re.search(r"^(\w+):(\S+) a .*evco:Proposition", theory.read_text("utf-8"), re.MULTILINE)
    assert name is not None
    with pytest.raises(InputError):
        DELIGHTED.with_values({"class": name[2]}, VOCABULARY)

    assert name[2] in DELIGHTED.with_values({"class": name[2]}, Vocabulary.read([theory]))


@settings(deadline=None)  # the ontology is read when first asked for
@given(st.dictionaries(st.sampled_from([one.name for one in DELIGHTED.parameters]), st.text()))
def test_no_value_gets_out_of_its_line(values: dict[str, str]) -> None:
    """Whatever values are, either they are refused in one line, or only the lines of their parameters change."""
    query = DELIGHTED.sparql
    try:
        query = DELIGHTED.with_values(values, VOCABULARY)
    except InputError as error:
        refused = str(error)
    else:
        refused = ""

    before, after = DELIGHTED.sparql.split("\n"), query.split("\n")
    assert "\n" not in refused
    assert len(before) == len(after)
    assert {*values} >= {
        re.findall(r"VALUES \?(\w+)", old)[0] for old, new in zip(before, after, strict=True) if old != new
    }
    ox.Store().query(query)


# Verdicts of each coder


def test_coders_are_compared(tmp_path: Path) -> None:
    """A question that compares coders gets the verdicts of all that there are, of tables, files and stores alike."""
    path = tmp_path / "by-coder.rq"
    path.write_text(BY_CODER, encoding="utf-8")
    question, job = read_question(path), Job()
    file, store = tmp_path / "service.nq", tmp_path / "service"
    lines = list(lifted(job.read([EXAMPLE]), job))
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    Store(store).add(lines)
    it = asked(question, {}, job.vocabulary)
    several = [
        [row["coders"] for row in ready([data], job, it.verdicts_of).answer(it.sparql)]
        for data in (EXAMPLE, file, store)
    ]

    assert [["all", "any", "ines", "majority", "marc"]] * 3 == several


def test_coders_that_are_not_there(tmp_path: Path) -> None:
    """Who compares with a coder whom nobody knows is told so."""
    path = tmp_path / "by-coder.rq"
    path.write_text(BY_CODER, encoding="utf-8")
    it = asked(read_question(path), {"coders": ["ines", "nobody"]}, Job().vocabulary)

    with pytest.raises(InputError, match="no coder `nobody`; there are any, majority, all, ines, marc"):
        ready([EXAMPLE], Job(), it.verdicts_of)


# The catalogue as RDF

SHAPE = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix schema: <https://schema.org/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

[] sh:targetClass sh:SPARQLExecutable ;
   sh:property [ sh:path [ sh:alternativePath ( sh:select sh:ask sh:construct ) ] ; sh:minCount 1 ; sh:maxCount 1 ] ;
   sh:property [ sh:path rdfs:comment ; sh:minCount 1 ; sh:datatype rdf:langString ] ;
   sh:property [ sh:path schema:keywords ; sh:minCount 1 ; sh:pattern "^\\\\S.*\\\\S$" ] ;
   sh:property [ sh:path schema:keyword ; sh:maxCount 0 ] ;
   sh:property [ sh:path schema:target ; sh:minCount 1 ; sh:nodeKind sh:IRI ] .
"""
"""What SIB's collection asks of an example, in our words."""


def test_the_metadata_are_fresh() -> None:
    """`examples.ttl` says what the heads say; `make queries` writes it."""
    assert metadata(catalog()) == (folder("queries") / "question" / "examples.ttl").read_text("utf-8")


@pytest.mark.parametrize("place", [None, CASE], ids=["ours", "made-up"])
def test_the_metadata_fit_the_form(place: Path | None) -> None:
    """With the address of a server, each question is an example of the form; its query is that of its file."""
    questions = catalog(place)
    graph = rdflib.Graph().parse(data=metadata(questions, "https://a.example/sparql"), format="turtle")
    conforms, _, said = pyshacl.validate(graph, shacl_graph=rdflib.Graph().parse(data=SHAPE, format="turtle"))

    assert conforms, said
    assert {question.iri for question in questions} == {
        str(one) for one in graph.subjects(RDF.type, SH.SPARQLExecutable)
    }
    for question in questions:
        node = rdflib.URIRef(question.iri)
        [text] = graph.objects(node, SH[question.form.lower()])
        assert question.sparql.rstrip().endswith(f"\n{text}")
        assert question.question == str(graph.value(node, RDFS.comment))
        names = {str(graph.value(one, SH.path)).partition("#")[2] for one in graph.objects(node, SH.parameter)}
        assert {one.name for one in question.parameters} == names


def test_prefixes_mean_one_thing(tmp_path: Path) -> None:
    """Prefixes are declared once for all questions, so that each means the same in all of them."""
    for name, space in (("one", EVCO), ("two", "urn:other#")):
        (tmp_path / f"{name}.rq").write_text(DELIGHTED.sparql.replace(EVCO, space), encoding="utf-8")

    with pytest.raises(OntologyError, match=r"two\.rq: the prefix `evco` is https://w3id\.org/evco# elsewhere"):
        metadata(catalog(tmp_path))


# The page


def test_the_page_is_fresh() -> None:
    """`docs/questions.md` says what the questions and the example say; `make questions` writes it."""
    assert page(EXAMPLE.relative_to(HERE.parent), catalog()) == (HERE.parent / "docs" / "questions.md").read_text(
        "utf-8"
    )


def test_what_the_page_shows() -> None:
    """Of each question the page shows what it asks, what may be set, how to ask it, and how the answer begins."""
    text = page(EXAMPLE, catalog(CASE))

    assert "- [Verdicts](#verdicts)\n  - [Anything contradicted](#anything-contradicted): Is any proposition" in text
    assert "| `least` | integer | The least step. | `0` |" in text
    assert "| `class` | term | The class. Unset: Delight and trust. | `evco:Delight`, `evco:Trust` |" in text
    assert f"kgtools query {EXAMPLE.as_posix()} delighted\n" in text
    assert "| true |" in text
    assert "```turtle\n" in text
    assert re.search(r"These are 24 lines of \d{3,}\.", text)


def test_questions_are_sorted() -> None:
    """The catalogue has questions, in the order of their names, each once."""
    slugs = [question.slug for question in catalog()]

    assert all(one < other for one, other in pairwise(slugs))
    assert len(slugs) >= 30
