"""Queries in another ontology's terms: rules say what a table's rows do, and nothing is written where the data are."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from servers import held, oxigraph, put
from test_mappings import FILES, TARGETS, needs_targets

import kgtools
from kgtools.align import alignments, named, read_alignment
from kgtools.align.asked import in_terms_of
from kgtools.align.patterns import NoPatternError, Patterns
from kgtools.align.rules import Rule, rules, without_rule
from kgtools.cli import main
from kgtools.copied import Copied
from kgtools.errors import EngineError, InputError
from kgtools.pipeline import Job, ready
from kgtools.pipeline.query import Here
from kgtools.reason import instances
from kgtools.sparql import asks_openly, named_in
from kgtools.store import Store, triples_of
from kgtools.vocabulary import EVCO, PREFIXES, Vocabulary, curie, local

CASE = Path("tests/cases/in-terms-of")
EXAMPLE = "examples/online-service"
TABLE = CASE / "mine.sssom.tsv"
VOCABULARY = Vocabulary.read()
WITHOUT_FILE = {"org", "qb", "time", "ufo-s"}
THEIRS = "https://example.org/their#"
LOGICAL = ("owl:equivalentClass", "rdfs:subClassOf", "owl:equivalentProperty", "rdfs:subPropertyOf", "owl:inverseOf")

COVER = """SELECT ?subject ?experience (COUNT(DISTINCT ?gain) AS ?gains) (COUNT(DISTINCT ?loss) AS ?losses) {
  { ?gain a cover:GainEvent ; cover:valueEventHasValueExperience ?experience .
    ?subject gufo:participatedIn ?gain ; a cover:ValueSubject }
  UNION
  { ?loss a cover:LossEvent ; cover:valueEventHasValueExperience ?experience .
    ?subject gufo:participatedIn ?loss ; a cover:ValueSubject }
} GROUP BY ?subject ?experience"""
SCHEMA = "SELECT ?review ?agent { ?review a schema:ReviewAction ; schema:agent ?agent }"
DECLARED = {
    COVER: "PREFIX cover: <https://purl.org/krdb-core/cover#> PREFIX gufo: <http://purl.org/nemo/gufo#>",
    SCHEMA: "PREFIX schema: <http://schema.org/>",
}


@pytest.fixture(scope="module")
def here() -> Here:
    """The case, to be asked in terms of the made-up ontology."""
    found = ready([CASE / "bundle"], Job(), in_terms_of=in_terms_of([str(TABLE)], VOCABULARY))
    assert isinstance(found, Here)
    return found


@pytest.fixture(scope="module")
def study() -> kgtools.Data:
    """The example, loaded once for each alignment."""
    return kgtools.open(EXAMPLE)


@pytest.fixture(scope="module")
def made(here: Here) -> dict[str, list[str]]:
    """What each rule makes of the case, by the row's subject, in short."""
    return {
        curie(rule.subject) or rule.why: sorted(short(here, one) for one in constructed(here.store, rule))
        for rule in here.applied.asked[0].rules
    }


def constructed(store: Store, rule: Rule) -> set[ox.Triple]:
    """What a rule makes."""
    found = store.inner.query(rule.construct, use_default_graph_as_union=True)
    assert isinstance(found, ox.QueryTriples)
    return set(found)


def value(term: object) -> str:
    """The IRI or text of a term."""
    return str(getattr(term, "value", term))


def short(here: Here, triple: ox.Triple) -> str:
    """A triple by the names of what it speaks of."""

    def called(term: object) -> str:
        if isinstance(term, ox.NamedNode) and term.value.startswith("urn:"):
            quads = here.store.inner.quads_for_pattern(term, ox.NamedNode(f"{EVCO}elementName"), None, None)
            return next((value(quad.object) for quad in quads), term.value.rpartition("/")[2])
        return curie(value(term)).replace(f"{THEIRS}", "their:").replace("https://example.org/their/deep#", "deep:")

    what = called(triple.predicate)
    return f"{called(triple.subject)} {'a' if what == 'rdf:type' else what} {called(triple.object)}"


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[str, str]:
    """What `kgtools query` writes to stdout and stderr."""
    capsys.readouterr()
    assert code == main(["query", *arguments])
    written = capsys.readouterr()
    return written.out, written.err


# Rules


def test_rules_make_what_was_worked_out_by_hand(made: dict[str, list[str]]) -> None:
    """Each kind of row makes the triples that follow from it for two small incidents, and no others."""
    expected: dict[str, list[str]] = {}
    with (CASE / "expected.csv").open() as file:
        for row in csv.DictReader(file):
            expected.setdefault(row["rule"], []).append(row["made"])

    assert {rule: sorted(lines) for rule, lines in expected.items()} == {rule: one for rule, one in made.items() if one}
    assert set(made) - set(expected) == {"evco:collective"}  # of which the bundle says nothing


def test_rows_without_a_rule_say_why() -> None:
    """A row that says nothing of instances, or is none that could, gives no rule but a reason."""
    with (CASE / "without.csv").open() as file:
        expected = {row["subject"]: row["reason"] for row in csv.DictReader(file)}

    found = without_rule(named(str(TABLE)), VOCABULARY)

    assert expected == {curie(row.subject): reason for row, reason in found.items()}


def test_strictly_leaves_out_what_is_close() -> None:
    """Strictly, close matches give no rule, nor does what lies beside the table, nor an individual by what is close."""
    table = named(str(TABLE))
    close = {one.subject for one in table.correspondences if curie(one.predicate) == "skos:closeMatch"}
    all_of_them, strict = rules(table, VOCABULARY), rules(table, VOCABULARY, strictly=True)

    assert {one.subject for one in all_of_them} - {one.subject for one in strict} == close | {""}
    assert f"{THEIRS}quality" not in {iri for one in strict for iri in one.makes}
    assert "close" in next(
        reason for row, reason in without_rule(table, VOCABULARY, strictly=True).items() if row.subject in close
    )


def test_rules_need_no_more_than_sparql_and_the_data(here: Here) -> None:
    """Pasted into a store that has no graphs and no ontology, by another engine, a rule makes the same."""
    from rdflib import Graph

    bare = Store()
    bare.add(line for line in here.store.lines() if not line.endswith("<https://w3id.org/evco> ."))
    graph = Graph().parse(data="\n".join(str(quad.triple) + " ." for quad in bare.inner), format="nt")
    for rule in here.applied.asked[0].rules:
        expected = {str(one) for one in constructed(here.store, rule)}

        made = graph.query(rule.construct).graph
        assert made is not None
        assert expected == {" ".join(node.n3() for node in one) for one in made}


def test_logical_rows_make_what_hermit_infers(here: Here) -> None:
    """Two routes: the types and links that rules make of logical rows are those that follow from the OWL axioms."""
    of: dict[str, dict[str, str]] = {"class": {}, "property": {}}
    axioms: list[str] = []
    for row in here.applied.asked[0].alignment.correspondences:
        predicate, kind = curie(row.predicate), Patterns.of(VOCABULARY).kind(row.subject)
        if predicate in LOGICAL and (kind == "class" or predicate != "rdfs:subClassOf") and not row.negated:
            axioms.append(f"<{row.subject}> <{row.predicate}> <{row.object}> .")
            of[str(kind)][row.subject] = row.object
    typed = f"<{PREFIXES['rdf']}type> <{PREFIXES['owl']}"
    axioms += [f"<{one}> {typed}Class> ." for one in of["class"].values()]
    probes: dict[str, tuple[str, str]] = {}
    for ours, theirs in of["property"].items():
        axioms.append(f"<{theirs}> {typed}ObjectProperty> .")
        for place, along in (("subject", f"<{theirs}>"), ("object", f"_:back{local(theirs)}")):
            probe = f"urn:probe:{place}:{local(theirs)}"
            probes[probe] = (ours, place)
            axioms += [
                f"<{probe}> {typed}Class> .",
                f"<{probe}> <{PREFIXES['owl']}equivalentClass> _:{place}{local(theirs)} .",
                f"_:{place}{local(theirs)} {typed}Restriction> .",
                f"_:{place}{local(theirs)} <{PREFIXES['owl']}onProperty> {along} .",
                f"_:{place}{local(theirs)} <{PREFIXES['owl']}someValuesFrom> <{PREFIXES['owl']}Thing> .",
            ]
        axioms.append(f"_:back{local(theirs)} <{PREFIXES['owl']}inverseOf> <{theirs}> .")
    data = [line for line in here.store.lines() if not line.endswith("<https://w3id.org/evco> .")]
    by_subject = {rule.subject: constructed(here.store, rule) for rule in here.applied.asked[0].rules}

    inferred = instances([*data, *axioms], [*of["class"].values(), *probes])

    for ours, theirs in of["class"].items():
        assert {value(one.subject) for one in by_subject[ours]} == inferred[theirs], ours
    for probe, (ours, place) in probes.items():
        assert {value(getattr(one, place)) for one in by_subject[ours]} == inferred[probe], probe


def test_a_class_that_is_inferred_by_more_has_no_pattern(tmp_path: Path) -> None:
    """Of a class that a theory infers by a number of things, or by a class of others, it is said why it has no rule."""
    theory = tmp_path / "theory.ttl"
    theory.write_text(
        "@prefix evco: <https://w3id.org/evco#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix : <urn:t#> .\n"
        ':Busy a owl:Class ; evco:codeInstead "write what there is" ; owl:equivalentClass [ a owl:Restriction ;\n'
        '  owl:onProperty evco:hasElement ; owl:minCardinality "3"^^xsd:nonNegativeInteger ] .\n'
        ':Foreign a owl:Class ; evco:codeInstead "write what there is" ; owl:equivalentClass [ a owl:Restriction ;\n'
        "  owl:onProperty evco:hasElement ; owl:someValuesFrom <urn:other#Thing> ] .\n"
        ":Led a owl:Class ; owl:equivalentClass [ a owl:Class ; owl:intersectionOf ( evco:Element [\n"
        "  a owl:Restriction ; owl:onProperty evco:ledTo ; owl:someValuesFrom owl:Thing ] ) ] .",
        "utf-8",
    )
    patterns = Patterns.of(Vocabulary.read([theory]))

    with pytest.raises(NoPatternError, match="urn:t#Busy is inferred, by more than classes, values and fillers"):
        patterns.instances("urn:t#Busy", "?thing")
    with pytest.raises(
        NoPatternError, match="urn:t#Foreign is inferred, by urn:other#Thing, which is no class of ours"
    ):
        patterns.instances("urn:t#Foreign", "?thing")
    assert "  ?thing evco:ledTo ?some2 ." in patterns.instances("urn:t#Led", "?thing")


def test_what_lies_beside_a_table_must_be_a_construct(tmp_path: Path) -> None:
    """Another form, or no SPARQL, is one line that names the file."""
    shutil.copy(TABLE, tmp_path)
    table = read_alignment(tmp_path / TABLE.name)
    beside = tmp_path / "mine.rq"
    for text, said in (
        ("SELECT * { ?s ?p ?o }", "is no CONSTRUCT"),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p", "cannot be read from `.s .p` on"),
        ("CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <urn:other> { ?s ?p ?o } }", "has another server asked"),
        ("CONSTRUCT { ?s no:such ?o } WHERE { ?s ?p ?o }", "`no:` in line 1 of the query is not declared"),
    ):
        beside.write_text(text)

        with pytest.raises(InputError, match=said) as caught:
            rules(table, VOCABULARY)
        assert str(caught.value).startswith(f"{beside}: ")
    beside.write_bytes(b"\xff")
    with pytest.raises(InputError, match="UTF-8"):
        rules(table, VOCABULARY)


def test_upper_ontologies_tell_parts_and_bearers(study: kgtools.Data) -> None:
    """In gUFO's terms, and BFO's, what happened is a part of its incident and no state is; a state inheres in one."""
    parts = (
        "SELECT (COUNT(DISTINCT ?part) AS ?n) { ?part PART ?incident . ?part a ?kind . ?kind rdfs:subClassOf* KIND }"
    )
    for id, part in (("gufo", "gufo:isEventProperPartOf"), ("bfo", "obo:BFO_0000132")):
        for kind, some in (("evco:Act", True), ("evco:Effect", True), ("evco:State", False)):
            answers = list(study.query(parts.replace("PART", part).replace("KIND", kind), in_terms_of=id))
            assert some is (int(str(answers[0]["n"])) > 0), (id, kind)
    bearers = list(
        study.query("SELECT ?x (COUNT(DISTINCT ?y) AS ?n) { ?x gufo:inheresIn ?y } GROUP BY ?x", in_terms_of="gufo")
    )
    assert {1} == {int(str(one["n"])) for one in bearers}


def beside(folder: Path, construct: str, seconds: float | None = None) -> Here:
    """The case, to be asked in terms of a table with a CONSTRUCT beside it."""
    shutil.copy(TABLE, table := folder / TABLE.name)
    table.with_name("mine.rq").write_text(construct)
    found = ready([CASE / "bundle"], Job(), in_terms_of=in_terms_of([str(table)], VOCABULARY), seconds=seconds)
    assert isinstance(found, Here)
    return found


def test_rules_are_done_in_the_time_that_a_query_may_take(tmp_path: Path) -> None:
    """A rule that goes on and on is stopped when the query's time is over, and leaves nothing behind."""
    pairs = "?a ?p ?b . ?c ?q ?d . ?e ?r ?f BIND(CONCAT(STR(?a), STR(?b), STR(?c), STR(?d), STR(?e), STR(?f)) AS ?all)"
    here = beside(tmp_path, f"CONSTRUCT {{ ?a their:all ?all }} WHERE {{ {pairs} }}", seconds=0.2)

    with pytest.raises(EngineError, match="the query was not done"):
        here.answer("ASK { ?x their:all ?all }")
    assert not here.store.has("urn:evco:bridge:mine")
    assert here.answer("ASK { ?x a their:Gain }").truth


def test_a_rule_that_an_engine_does_not_take_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong when a rule is asked is said of the rule, and of the query only where it is wrong itself."""
    here = beside(tmp_path, "CONSTRUCT { ?a their:all ?b } WHERE { ?a ?p ?b FILTER(<urn:no>(?b)) }")

    with pytest.raises(InputError, match=r"the rule mine\.rq → .*all cannot be asked here \(.*<urn:no>"):
        here.answer("ASK { ?x their:all ?all }")
    with pytest.raises(InputError, match=r"the query cannot be asked here: .*<urn:no>"):
        here.answer("ASK { ?x evco:step ?y FILTER(<urn:no>(?y)) }")

    def fail(*_: object) -> None:
        raise OSError("no disk")

    monkeypatch.setattr(here.applied, "_constructed", fail)
    with pytest.raises(EngineError, match=r"the rule mine\.rq → .*all failed: no disk"):
        here.answer("ASK { ?x their:all ?all }")


def test_targets_without_a_file_are_known() -> None:
    """No alignment goes unchecked because nobody wrote down in which files its target is."""
    assert WITHOUT_FILE == {one.id for one in alignments()} - FILES.keys()


@needs_targets
@pytest.mark.parametrize("id", sorted(FILES))
def test_what_rules_make_is_there_in_the_target(id: str) -> None:
    """Every term that lies in what a rule makes is one of the target's, or of one that it is built on."""
    files = dict.fromkeys((*FILES[id], *FILES["gufo"]))
    known = {value(one.subject) for name in files for one in triples_of(TARGETS / name)}
    made = {iri for rule in rules(named(id), VOCABULARY) for iri in rule.makes}

    assert set() == made - known


# Queries


def test_a_query_names_terms() -> None:
    """Names are found in full and by prefixes, those that are declared first; texts and variables are none."""
    query = r'PREFIX a: <urn:a#> ASK { ?x a:b b:c\-d <urn:\u0065> . ?x a a:T FILTER(?x != "a:no" && ?y != no:known) }'

    assert ["urn:a#b", "urn:b#c-d", "urn:e", "urn:a#T"] == named_in(query, {"a": "urn:other#", "b": "urn:b#"})


@pytest.mark.parametrize(
    ("query", "openly"),
    [
        ("SELECT ?a ?b ?c { ?a e:p ?b ; e:q ?c . } ORDER BY ?a ?b LIMIT 3", False),
        ("SELECT * { ?a e:p ?b . ?b a e:T . FILTER(!BOUND(?c) && ?a != ?b) }", False),
        ("SELECT * { VALUES (?a ?b) { (e:a e:b) } ?a e:p [ a e:T ] . OPTIONAL { ?b e:p 1 } }", False),
        ("ASK { ?a a e:T, e:U . ?b e:p e:U, ?c ; e:q 1.5, +1, -2e3, true, 'x'@en, 'y'^^e:type }", False),
        ("ASK { ?a a e:T. ?b e:p 5. _:b e:q _:c. [] e:p [ e:q ?c ] . [ a e:T ; ] . [] e:r _:d }", False),
        ("ASK { ?a e:p/^e:q ?b ; (e:p|e:q)+ ?c . ?a e:p+ ?b ; e:p +1 }", False),
        ("CONSTRUCT { ?a ?p ?b } WHERE { VALUES ?p { e:p } ?a e:p ?b }", False),
        ("CONSTRUCT WHERE { ?a e:p ?b }", False),
        ("SELECT ?a (EXISTS { ?a e:q ?c } AS ?d) FROM e:g { GRAPH ?g { ?a e:p ?b } } VALUES ?a { e:a }", False),
        (
            "SELECT * { { SELECT ?a (COUNT(?b) AS ?n) { ?a e:p ?b } GROUP BY ?a HAVING (?n > 1) LIMIT 5 } UNION "
            "{ ?a e:q ?b } MINUS { ?b a e:U } FILTER EXISTS { ?b e:p 1 } FILTER REGEX(STR(?b), '{ ?s ?p ?o }') "
            "FILTER e:is(?b) BIND(STR(?a) AS ?c) }",
            False,
        ),
        ("SELECT * { ?a ?p ?b }", True),
        ("SELECT * { ?a a e:T , ?type }", True),
        ("SELECT * { ?a a e:T, [ e:p ?b ] }", True),
        ("SELECT * { ?a a _:type }", True),
        ("SELECT * { ?a (e:p/a) ?type }", True),
        ("SELECT * { ?a (a|e:p) ?type }", True),
        ("SELECT * { ?a a* ?type }", True),
        ("SELECT * { ?a ^a ?b }", True),
        ("SELECT * { ?a (a) e:T }", True),
        ("SELECT * { ?a rdf:type+ e:T }", True),
        ("SELECT * { ?a e:p* ?b }", True),
        ("SELECT * { ?a e:p? ?b }", True),
        ("SELECT * { ?a !(e:p|e:q) ?b }", True),
        ("SELECT * { ?a !^e:p ?b }", True),
        ("SELECT * { ?a !a ?b }", True),
        ("SELECT * { (1 2) ?p ?b }", True),
        ("SELECT * { 1 ?p ?b }", True),
        ("SELECT * { 'x'@en ?p ?b }", True),
        ("SELECT * { [] ?p ?b }", True),
        ("SELECT * { ?a e:p ?b; ; ?q ?c }", True),
        ("SELECT * { ?a a e:T. ?b ?q ?c }", True),
        ("SELECT * { ?a e:p ?b FILTER EXISTS { ?b ?q ?c } }", True),
        ("SELECT (EXISTS { ?a ?q ?c } AS ?d) { ?a e:p ?b }", True),
        ("SELECT * { ?a e:p ?b FILTER(?b > 1 && NOT EXISTS { ?b a ?type }) }", True),
        ("SELECT * { { SELECT ?b { ?b ?q ?c } } }", True),
        ("SELECT * { GRAPH e:g { ?a ?q ?c } }", True),
        ("CONSTRUCT WHERE { ?a ?p ?b }", True),
        ("SELECT * { ?type rdfs:subClassOf e:T }", True),
        ("BASE <urn:e#> SELECT * { ?a a <T> }", True),
        ("SELECT * { << ?a ?p ?b >> e:q ?c }", True),
        ("SELECT * { ?a e:p ?b {| ?q ?c |} }", True),
        ("SELECT * { LATERAL { ?a e:p ?b } }", True),
        ("SELECT * { ?a e:p ?b ; ?q true }", True),
        ("SELECT * { <urn:a> ?p [ e:p ?x ] }", True),
        ("SELECT * { ?a a ?type }", True),
        ("SELECT * { ?a rdf:type ?type }", True),
        ("SELECT * { ?a a/rdfs:subClassOf* e:T }", True),
        ("SELECT * { ?a !e:p ?b }", True),
        ("DESCRIBE <urn:a>", True),
    ],
)
def test_a_query_may_find_what_it_does_not_name(query: str, openly: bool) -> None:
    """By variables in place of properties and classes, by paths, and by DESCRIBE."""
    assert openly is asks_openly(query, {**PREFIXES, "e": "urn:e#"})


def test_what_nobody_can_read_to_its_end_is_open() -> None:
    """A query that is nested more deeply than can be followed is taken for one that may find anything."""
    assert asks_openly("ASK " + "{" * 5000 + "?a <urn:p> ?b" + "}" * 5000, {})


def test_a_point_behind_a_name_is_none_of_it() -> None:
    """A name, or a number, may be followed by a point without a blank, which ends a triple."""
    query = r"ASK { ?x a a:T. ?x a:p.q 5. ?x a:r\. 0.5. ?y a a:. }"

    assert ["urn:a#T", "urn:a#p.q", "urn:a#r.", "urn:a#"] == named_in(query, {"a": "urn:a#"})


def test_only_the_rules_that_a_query_needs_are_applied() -> None:
    """A query that names two terms has two rules run; one that asks for any class has all, each once."""
    here = ready([CASE / "bundle"], Job(), in_terms_of=in_terms_of([str(TABLE)], VOCABULARY))
    assert isinstance(here, Here)
    graph = ox.NamedNode("urn:evco:bridge:mine")

    def size() -> int:
        return sum(1 for _ in here.store.inner.quads_for_pattern(None, None, None, graph))

    assert [{"n": 1}] == list(
        here.answer("SELECT (COUNT(*) AS ?n) { ?x a their:Gain FILTER NOT EXISTS { ?x a their:Change } }")
    )
    assert 3 == size()
    types = here.answer("SELECT DISTINCT ?type { ?x a ?type FILTER(STRSTARTS(STR(?type), STR(their:))) }")
    assert {"Gain", "Lesson", "Agent", "Change", "SharedLoss", "Engagement"} == {
        local(str(row["type"])) for row in types
    }
    everything = size()
    here.answer("SELECT * { ?s ?p ?o }")
    assert everything == size() == (CASE / "expected.csv").read_text().count("\n") - 1


def test_what_is_there_already_is_not_there_twice(tmp_path: Path) -> None:
    """What the data or another alignment say too is counted once, and is whole in the graph of each alignment.

    A graph that no query sees unless it names it, such as a view, makes no difference.
    """
    head = (
        "#mapping_set_id: https://example.org/own\n#license: https://creativecommons.org/publicdomain/zero/1.0/\n"
        "#curie_map:\n#  evco: https://w3id.org/evco#\n#  prov: http://www.w3.org/ns/prov#\n"
        "subject_id\tpredicate_id\tobject_id\tmapping_justification\n"
    )
    tables = [tmp_path / f"{name}.sssom.tsv" for name in ("own", "too")]
    for table, ours in zip(tables, ("evco:Coder", "evco:Actor"), strict=True):
        row = "\trdfs:subClassOf\tprov:Agent\tsemapv:ManualMappingCuration\n"
        table.write_text(f"{head}evco:Coder{row}" + (f"{ours}{row}" if ours != "evco:Coder" else ""))
    data = tmp_path / "data.trig"
    agent, kind = f"a <{PREFIXES['prov']}Agent>", f"a <{EVCO}Coder>"
    data.write_text(
        f"<urn:1> {kind}, <{EVCO}Actor> . <urn:2> {kind} . GRAPH <urn:g> {{ <urn:1> {agent} . <urn:3> {agent} }}\n"
        f"GRAPH <urn:evco:bridge:too> {{ <urn:4> {agent} }}\n"
        f"GRAPH <urn:b> {{ <urn:b> <urn:p> <urn:o> }} GRAPH <urn:b/view/any> {{ <urn:2> {agent} }}"
    )
    Store(tmp_path / "store").load(data)
    here = ready([tmp_path / "store"], Job(), in_terms_of=in_terms_of(map(str, tables), VOCABULARY))

    def agents(graphs: str = "", where: str = "?x a prov:Agent") -> list[str]:
        rows = here.answer(f"SELECT ?x {graphs} {{ {where} }}")
        return sorted(str(row["x"]).rpartition(":")[2] for row in rows)

    assert ["1", "2", "3", "4"] == agents()
    assert ["1", "2", "3", "4"] == agents()  # nothing is made twice
    assert ["1", "2"] == agents("FROM <urn:evco:bridge:own>")
    assert ["1", "2", "4"] == agents("FROM <urn:evco:bridge:too>")
    assert ["1", "3"] == agents("FROM <urn:g>")
    assert ["1", "1", "1", "2", "2", "2", "3", "4"] == agents(where="GRAPH ?g { ?x a prov:Agent }")


@pytest.mark.parametrize(("query", "alignment", "rows"), [(COVER, "cover", 56), (SCHEMA, "schema", 6)])
def test_without_the_alignment_there_is_nothing(study: kgtools.Data, query: str, alignment: str, rows: int) -> None:
    """A query in COVER's terms, and one in schema.org's, finds our incidents by the alignment only."""
    assert rows == len(study.query(query, in_terms_of=alignment))
    assert 0 == len(study.query(f"{DECLARED[query]}\n{query}"))


def test_gains_and_losses_in_terms_of_cover_are_those_in_ours(study: kgtools.Data) -> None:
    """Who gains or loses by the alignment is who does by a query in our own terms."""
    ours = """SELECT ?subject ?experience (COUNT(DISTINCT ?gain) AS ?gains) (COUNT(DISTINCT ?loss) AS ?losses) {
      { ?experience evco:hasElement ?gain . ?gain evco:beneficiary ?subject ; evco:valence evco:positive }
      UNION
      { ?experience evco:hasElement ?loss . ?loss evco:beneficiary ?subject ; evco:valence evco:negative }
    } GROUP BY ?subject ?experience"""

    def as_set(rows: Iterable[object]) -> set[str]:
        return {str(row) for row in rows}

    assert as_set(study.query(ours)) == as_set(study.query(COVER, in_terms_of="cover"))


def test_verdicts_are_worked_out_where_a_rule_asks_for_them(study: kgtools.Data) -> None:
    """A query in terms of what supports and disputes a claim finds our verdicts."""
    query = "SELECT DISTINCT ?verdict { ?verdict cito:disputes ?claim . ?claim evco:partOfTheory ?theory }"

    assert 29 == len(study.query(query, in_terms_of="cito"))
    assert 0 == len(study.query("PREFIX cito: <http://purl.org/spar/cito/> " + query))


# Where data are


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the case as a store with a view, and as a file."""
    folder = tmp_path_factory.mktemp("kept")
    assert main(["import", str(CASE / "bundle"), "--store", str(folder / "store"), "--view", "any", "-q"]) == 0
    assert main(["import", str(CASE / "bundle"), "-o", str(folder / "case.nq"), "-q"]) == 0
    return folder


WHO = "SELECT ?what ?who { ?what their:who ?who . ?what a their:Change } ORDER BY ?what"


def test_a_store_is_asked_by_a_copy(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A store gives what the bundle and the file give, and no file of it is touched."""

    def state() -> dict[str, tuple[int, int]]:
        return {one.name: (one.stat().st_mtime_ns, one.stat().st_size) for one in (kept / "store").iterdir()}

    before = state()
    expected = told(capsys, str(CASE / "bundle"), WHO, "--as", str(TABLE), "--format", "csv")

    for place in ("store", "case.nq"):
        assert expected == told(capsys, str(kept / place), WHO, "--as", str(TABLE), "--format", "csv")
    assert 3 == len(expected[0].splitlines())
    assert before == state()


def test_a_copy_goes_when_it_is_done_with(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a copy writes is not in the store, and its folder is removed with it."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    store = Store(kept / "store", read_only=True)
    size = len(store.inner)
    copy = Copied(kept / "store")
    copy.add(["<urn:s> <urn:p> <urn:o> ."])

    assert (size, size + 1) == (len(Store(kept / "store", read_only=True).inner), len(copy.inner))
    assert [] != list(tmp_path.iterdir())
    del copy
    assert [] == list(tmp_path.iterdir())


def test_no_room_for_a_copy_is_one_line(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the copy cannot be made, that is said."""

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kgtools.copied.copytree", full)

    with pytest.raises(InputError, match=r"store: cannot be copied to .* \(.*No space left"):
        Copied(kept / "store")


@pytest.fixture(scope="module")
def server(kept: Path) -> Iterator[str]:
    """A server that has the case."""
    with oxigraph("--union-default-graph") as address:
        put(address, Store.of(kept / "case.nq").lines())
        yield address


def test_a_servers_incidents_are_asked_here(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A server gives the same rows, is not written, and it is said that its incidents are read."""
    before = held(server)
    expected, _ = told(capsys, str(CASE / "bundle"), WHO, "--as", str(TABLE), "--format", "csv")
    found, said = told(capsys, "--endpoint", f"{server}/query", WHO, "--as", str(TABLE), "--format", "csv")

    assert expected == found
    assert f"nothing is written to {server}/query; `kgtools query --sparql --as {TABLE}` writes the rules" in said
    assert before == held(server)


# What is said


def test_rules_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr stands each rule that was applied, with how sure the row is and why; --quiet leaves it out."""
    arguments = (str(CASE / "bundle"), "SELECT ?x { ?x a their:Gain ; deep:gains ?y }", "--as", str(TABLE))

    assert [
        "evco:ValueGain → their:Gain (skos:closeMatch, 0.8: Both are gains.)",
        "mine.rq → deep:gains (Who gains what.)",
    ] == told(capsys, *arguments)[1].splitlines()
    assert "" == told(capsys, *arguments, "--quiet")[1]


def test_terms_without_a_rule_are_told(here: Here, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of a term without a rule it is said why: by rows that give none, what was turned down, or a slip of the pen."""
    shutil.copy(TABLE, table := tmp_path / "refused.sssom.tsv")
    table.write_text(
        table.read_text().replace("A state of mind is no nation", "Not even of many")
        + "sssom:NoTermFound\tskos:exactMatch\tNot\ttheir:Fate\tsemapv:ManualMappingCuration\t\tNobody codes fate.\n"
    )
    monkeypatch.setattr("kgtools.align.asked.refused", lambda: read_alignment(table))
    query = "ASK { ?x a their:Ripple, their:Nation, their:Fate, their:Gian, their:Nought ; their:nought ?y }"
    below = "; with the target's file as DATA, a/rdfs:subClassOf* finds what may be below it"

    assert [
        "their:Ripple has no rule (evco:Effect skos:narrowMatch their:Ripple: of a skos:narrowMatch nothing follows for"
        " instances)",
        "nothing of ours is mapped to their:Nation; thought of and turned down: evco:State: Not even of many.; "
        f"evco:State: A state of mind is no nation{below}",
        "nothing of ours is mapped to their:Fate; thought of and turned down: sssom:NoTermFound: Nobody codes fate"
        f"{below}",
        "nothing of ours is mapped to their:Gian; did you mean their:Gain?",
        f"nothing of ours is mapped to their:Nought{below}",
        "nothing of ours is mapped to their:nought",
    ] == here.told(query)


def test_what_lies_below_a_term_is_told_of(tmp_path: Path) -> None:
    """Where the data have the other ontology's tree, it is said how to ask by it, unless a query does so."""
    tree = tmp_path / "their.ttl"
    tree.write_text(
        f"@prefix their: <{THEIRS}> . @prefix rdfs: <{PREFIXES['rdfs']}> .\n"
        "their:Gain rdfs:subClassOf their:Turn . their:Turn rdfs:subClassOf their:Change2, their:Turn .\n"
        "their:Void rdfs:subClassOf their:Nought ."
    )
    here = ready([CASE / "bundle", tree], Job(), in_terms_of=in_terms_of([str(TABLE)], VOCABULARY))
    assert isinstance(here, Here)

    assert [
        "nothing of ours is mapped to their:Change2 itself; a/rdfs:subClassOf* finds what is below it",
        "nothing of ours is mapped to their:Void",
    ] == here.told("ASK { ?x a their:Change2, their:Void }")
    openly = "SELECT DISTINCT ?x { ?x a/rdfs:subClassOf* their:Change2 }"
    assert 1 == len(list(here.answer(openly)))
    assert ["the query may find terms that it does not name, so all 16 rules of mine are applied"] == here.told(openly)


def test_what_lies_beside_is_missed_strictly() -> None:
    """Strictly, of a term that only the CONSTRUCT beside the table makes it is said that this was left out."""
    here = ready([CASE / "bundle"], Job(), in_terms_of=in_terms_of([str(TABLE)], VOCABULARY, strictly=True))
    assert isinstance(here, Here)

    assert [
        "deep:gains has no rule (mine.rq makes it, and no more is asked for than what holds strictly)"
    ] == here.told("ASK { ?x deep:gains ?y }")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (
            "ASK { ?x a evco:Review }",
            "the query names no term of mine, so none of its rules is applied; its prefixes: deep: <https://example.org/",
        ),
        ("ASK { ?x a ?type }", "the query may find terms that it does not name, so all 16 rules of mine are applied"),
        ("ASK { ?x a ?type, their:Lesson }", "so all 15 other rules of mine are applied"),
        ("ASK FROM <urn:g> { ?x a their:Gain }", "what the rules make is in <urn:evco:bridge:mine>"),
    ],
)
def test_what_else_is_told(query: str, said: str, here: Here) -> None:
    """That a query has none of the terms, may find any, or asks graphs of its own."""
    assert said in here.told(query)[-1]


def test_rules_are_written_as_queries(capsys: pytest.CaptureFixture[str], here: Here) -> None:
    """With --sparql the rules that a query needs are written, and it, each a query that an engine takes; or all."""
    query = "SELECT ?x { ?x a their:Gain }"
    written, _ = told(capsys, query, "--as", str(TABLE), "--sparql")
    rule, asked = written.split("\n\n")
    everything, _ = told(capsys, "--as", str(TABLE), "--sparql")

    assert rule.startswith(
        "# evco:ValueGain → their:Gain (skos:closeMatch, 0.8: Both are gains. Theirs is measured.)\n"
    )
    made = here.store.inner.query(rule, use_default_graph_as_union=True)
    assert isinstance(made, ox.QueryTriples)
    assert 1 == len(list(made))
    assert "# The query\nPREFIX their: <https://example.org/their#>\nSELECT ?x { ?x a their:Gain }\n" == asked
    parts = everything.split("\n\n")
    assert len(parts) == len(here.applied.asked[0].rules)
    for part in parts:
        assert isinstance(here.store.inner.query(part), ox.QueryTriples)


def test_several_alignments_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    """A query may use the terms of two ontologies; each one's rules are shown."""
    query = "SELECT ?x { ?x a their:Engagement, schema:Action }"

    found, said = told(capsys, str(CASE / "bundle"), query, "--as", str(TABLE), "--as", "schema", "--format", "csv")

    assert 2 == len(found.splitlines())
    assert ["their:Engagement", "schema:Action"] == [line.split()[2] for line in said.splitlines()][:2]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((EXAMPLE, "ASK { ?s ?p ?o }", "--as", "covr"), "no alignment `covr`; did you mean `cover`?"),
        ((EXAMPLE, "ASK { ?s ?p ?o }", "--as", "README.md"), "README.md:1: has no head"),
        ((EXAMPLE, "ASK { ?s ?p ?o }", "--strictly"), "--strictly is for a query in another ontology's terms"),
        (("--as", "cover"), "name a question"),
        ((EXAMPLE, "ASK {\n?s a no:X ; a cover:X }", "--as", "cover"), "the prefix `no:` in line 2"),
        ((EXAMPLE, "ASK {\n?s a cover:X ; }}", "--as", "cover"), "`}` is at the end of a query"),
    ],
)
def test_what_is_wrong_is_one_line(arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A table that is none, an option in vain, an error in the query: one line that says so, in the user's lines."""
    _, error = told(capsys, *arguments, code=2)

    assert said in error
    assert 1 == len(error.splitlines())


def test_a_table_is_not_written_over(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The result does not go where the mappings are."""
    shutil.copy(TABLE, table := tmp_path / "own.sssom.tsv")

    told(capsys, str(CASE / "bundle"), "ASK { ?x a their:Gain }", "--as", str(table), "-o", str(table), code=2)

    assert TABLE.read_text() == table.read_text()


def test_python_asks_in_other_terms_too() -> None:
    """`Data.query` takes a name, a file, or several; strictly is for these alone; our own terms stay as they were."""
    study = kgtools.open(CASE / "bundle")
    gain = f"PREFIX their: <{THEIRS}> ASK {{ ?x a their:Gain }}"

    assert study.query("ASK { ?x a their:Gain }", in_terms_of=TABLE).truth
    assert study.query("ASK { ?x a their:Gain . ?y a schema:ReviewAction }", in_terms_of=[TABLE, "schema"]).truth
    assert not study.query(gain, in_terms_of=TABLE, strictly=True).truth
    assert not study.query(gain).truth
    with pytest.raises(InputError, match="`strictly` is for a query in another ontology's terms"):
        study.query(gain, strictly=True)
    with pytest.raises(InputError, match="no alignment `covr`"):
        study.query(gain, in_terms_of="covr")


def test_labels_of_their_terms_are_the_tables(study: kgtools.Data) -> None:
    """In an answer a term of theirs is called what the table calls it."""
    answers = study.query("SELECT DISTINCT ?t { ?x a ?t, cover:GainEvent }", in_terms_of="cover")

    assert answers.labels["https://purl.org/krdb-core/cover#GainEvent"] == "Gain Event"
