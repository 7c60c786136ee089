"""The command `query`: the same question has the same answer wherever data lie, and nothing is written or obeyed."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from servers import Answer, Asked, held, made_up, oxigraph, put

from kgtools.answers import Answers
from kgtools.cli import main
from kgtools.endpoint import Endpoint
from kgtools.errors import EngineError, InputError
from kgtools.lift import lift_terms, lift_verdicts
from kgtools.pipeline import Job, derive_all, derive_into, derive_there, import_bundles, ready, require_askable
from kgtools.pipeline.carry import lifted
from kgtools.pipeline.held import lacking_here
from kgtools.pipeline.query import Here, There
from kgtools.questions import CompetencyQuestion, catalog, named
from kgtools.questions.asked import EACH, asked
from kgtools.read import Source
from kgtools.sparql import (
    counting,
    counting_constructed,
    error_in,
    in_words,
    is_ordered,
    names_graphs,
    with_prefixes,
)
from kgtools.store import Store, write_quads

VOCABULARY = Job().vocabulary
CASE = Path("tests/cases/questions")
COUNT = (
    "SELECT ?class (COUNT(?element) AS ?elements) { ?i evco:hasElement ?element . ?element a ?class } GROUP BY ?class"
)
VERDICTS = """SELECT ?proposition ?verdict (COUNT(DISTINCT ?a) AS ?units)
{ ?a evco:onProposition ?proposition ; evco:verdict ?verdict } GROUP BY ?proposition ?verdict"""


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[str]]]:
    """The case as a bundle, a file, a store with a view, and two servers; each as arguments of a command."""
    folder = tmp_path_factory.mktemp("places")
    file, store = folder / "case.nq", folder / "store"
    for to in (["-o", str(file)], ["--store", str(store), "--view", "any"]):
        assert main(["import", str(CASE), *to, "--quiet"]) in (0, 1)
    lines = Store.of(file).lines()
    with oxigraph() as plain, oxigraph("--union-default-graph") as union:
        put(plain, lines)
        put(union, lines)
        yield {
            "bundle": [str(CASE)],
            "file": [str(file)],
            "store": [str(store)],
            "server": ["--endpoint", f"{plain}/query"],
            "union": ["--endpoint", f"{union}/query"],
        }


def out(capsysbinary: pytest.CaptureFixture[bytes], *arguments: str) -> bytes:
    """What a command that ends well writes to stdout."""
    capsysbinary.readouterr()
    assert main(["query", *arguments]) == 0, capsysbinary.readouterr().err.decode()
    return capsysbinary.readouterr().out


def error(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line that a command ends with that does not end well."""
    capsys.readouterr()
    assert main(["query", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err.rstrip("\n")


def answer(sources: Sequence[Source], query: str, *verdicts_of: str) -> Answers:
    """What a query gives over some data, with the verdicts of some coders."""
    return ready(sources, Job(), verdicts_of).answer(query)


@pytest.mark.parametrize("form", ["table", "csv", "tsv", "json", "xml", "markdown"])
def test_the_same_bytes_from_everywhere(
    places: dict[str, list[str]], form: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A query without ORDER BY that counts has the same bytes from bundle, file, store and servers; views count not."""
    written = {name: out(capsysbinary, *place, COUNT, "--format", form, "-q") for name, place in places.items()}

    assert len(written["bundle"].splitlines()) > (0 if form in ("json", "xml") else 10)
    assert dict.fromkeys(written, written["bundle"]) == written


@pytest.mark.parametrize("form", ["turtle", "json-ld", "n-triples"])
def test_the_same_graph_from_everywhere(
    places: dict[str, list[str]], form: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """So has a graph, with blank nodes that the query makes."""
    query = "CONSTRUCT { ?i a evco:Incident ; evco:has [ evco:of ?e ] } WHERE { ?i evco:hasElement ?e }"
    written = {name: out(capsysbinary, *place, query, "--format", form, "-q") for name, place in places.items()}

    assert b"_:b" in written["bundle"]
    assert dict.fromkeys(written, written["bundle"]) == written


@pytest.fixture(scope="module")
def both(places: dict[str, list[str]]) -> tuple[Here | There, Here | There]:
    """The bundle, and the server without a union of its graphs."""
    here, there = ready([CASE], Job()), ready([Endpoint(places["server"][1])], Job())
    return here, there


@pytest.mark.parametrize("question", [one for one in catalog() if not one.needs_verdicts], ids=lambda one: one.slug)
def test_questions_have_the_same_answer_from_everywhere(
    question: CompetencyQuestion, both: tuple[Here | There, Here | There]
) -> None:
    """Each question that needs no verdicts has the same answer, names and all, from a bundle and from a server."""
    here, there = (place.answer(question.sparql).text() for place in both)

    assert here == there


def test_verdicts_are_worked_out_where_they_are_needed(
    places: dict[str, list[str]], capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A question on verdicts has them of the coders asked for; bundle, file and store stay as they are."""
    before = Store.of(Path(places["store"][0])).lines()
    for coders in ("any", "all"):
        _, verdicts = derive_all([CASE], Job(coders=coders))
        written = {
            name: out(capsysbinary, *places[name], VERDICTS, "--format", "json", "-q", "--coders", coders)
            for name in ("bundle", "file", "store")
        }
        rows = json.loads(written["bundle"])["results"]["bindings"]

        assert len(verdicts) == sum(int(row["units"]["value"]) for row in rows)
        assert dict.fromkeys(written, written["bundle"]) == written
    assert before == Store.of(Path(places["store"][0])).lines()


def test_a_store_without_verdicts_says_how_to_keep_them(
    places: dict[str, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    """What is worked out for one question only is said, with the command that keeps it."""
    assert main(["query", *places["store"], VERDICTS]) == 0

    assert f"`kgtools derive {places['store'][0]} --write` keeps them there" in capsys.readouterr().err


def test_a_server_without_verdicts_says_how_to_keep_them(
    places: dict[str, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    """What a server lacks is worked out here, which is said; with verdicts there, it answers as a bundle does."""
    url = places["server"][1]
    assert main(["query", *places["server"], VERDICTS]) == 0

    assert (
        f"{url} has no verdicts (coders: `any`), so its incidents are read, judged and asked here; "
        f"`kgtools derive --endpoint {url} --update-endpoint URL --write` keeps them there"
    ) in capsys.readouterr().err

    with oxigraph() as server:
        verdicts = lift_verdicts(derive_all([CASE], Job())[1], Job().read([CASE])[0].iri)
        put(server, [*Store.of(Path(places["file"][0])).lines(), *verdicts])
        there = ready([Endpoint(f"{server}/query")], Job(), ("any",))

        assert isinstance(there, There)
        assert answer([CASE], VERDICTS, "any").text() == there.answer(VERDICTS).text()


def test_who_names_graphs_means_the_terms_too() -> None:
    """A question that needs the classes is answered alike where only the graphs of a bundle are named."""
    job = Job()
    (bundle,) = job.read([CASE])
    with oxigraph() as server:
        put(server, [*lift_terms(job.vocabulary), *lifted([bundle], job)])
        url = f"{server}/query"
        some = Endpoint(url, graphs=[bundle.iri, f"{bundle.iri}/codings"])
        question = named("drivers-and-behaviors").sparql

        assert ready([Endpoint(url)], job).answer(question).text() == ready([some], job).answer(question).text()
        assert len(ready([some], job).answer(question)) > 0


def bundle_of(folder: Path, *codes: str) -> Path:
    """A bundle of one incident, which two coders have coded: ana as given, ben with what no proposition is about."""
    folder.mkdir()
    rows = [f"a{step},I1,{code},positive,customer,{step},ana\n" for step, code in enumerate(codes, 1)]
    (folder / "codings.csv").write_text(
        "id,incident,code,valence,bearer,step,coder\n" + "".join(rows) + "b1,I1,Trust,positive,customer,1,ben\n"
    )
    (folder / "incidents.csv").write_text("incident,channel\nI1,Forum\n")
    return folder


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    """Two bundles of which propositions say something."""
    codes = ("Delight", "PositiveWordOfMouth", "EmotionalValue")
    return bundle_of(tmp_path / "first", *codes), bundle_of(tmp_path / "second", *codes)


def test_verdicts_on_one_bundle_are_not_taken_for_all(two: tuple[Path, Path], tmp_path: Path) -> None:
    """In a store or a file, a bundle that came after the others were judged is judged too, and only that one."""
    store, file = tmp_path / "store", tmp_path / "both.nq"
    import_bundles(two[:1], Job(), Store(store))
    derive_into(store, Job())
    import_bundles(two[1:], Job(), Store(store))
    write_quads(store, file)
    expected = answer(two, VERDICTS, "any").text()

    assert expected != answer(two[:1], VERDICTS, "any").text()
    for place in (store, file):
        read = Store.of(place)
        assert {"any": {"urn:evco:data:second"}} == lacking_here(read, ("any",))
        assert expected == answer([place], VERDICTS, "any").text()

    derive_into(store, Job())
    assert [] == list(ready([store], Job(), ("any",)).made)


@pytest.mark.parametrize("options", [[], ["--union-default-graph"]], ids=["apart", "union"])
def test_verdicts_on_one_bundle_of_a_server_are_not_taken_for_all(two: tuple[Path, Path], options: list[str]) -> None:
    """So it is on a server; when all are judged there, it is asked itself."""
    with oxigraph(*options) as address:
        server = Endpoint(f"{address}/query", update_url=f"{address}/update")
        import_bundles(two[:1], Job(), server)
        derive_there(server, Job(), write=True)
        import_bundles(two[1:], Job(), server)

        assert answer(two, VERDICTS, "any").text() == answer([server], VERDICTS, "any").text()
        assert isinstance(ready([server], Job(), ("any",)), Here)

        derive_there(server, Job(), write=True)

        assert isinstance(ready([server], Job(), ("any",)), There)
        assert answer(two, VERDICTS, "any").text() == answer([server], VERDICTS, "any").text()


def test_silent_verdicts_are_held_too(two: tuple[Path, Path], tmp_path: Path) -> None:
    """A coder whose codings yield nothing is judged once: what was written says so, in a store and on a server."""
    store = tmp_path / "store"
    import_bundles(two, Job(), Store(store))
    assert ["ben"] == list(ready([store], Job(), ("ben",)).made)
    assert [] == derive_into(store, Job(coders="ben"))[1]
    with oxigraph() as address:
        server = Endpoint(f"{address}/query", update_url=f"{address}/update")
        import_bundles(two, Job(), server)
        assert isinstance(ready([server], Job(), ("ben",)), Here)
        derive_there(server, Job(coders="ben"), write=True)

        assert isinstance(ready([server], Job(), ("ben",)), There)
        assert isinstance(ready([server], Job(), ("ben", EACH)), There)
        assert isinstance(ready([server], Job(), ("ana",)), Here)
    assert [] == list(ready([store], Job(), ("ben",)).made)
    assert ["any", "majority", "all", "ana"] == list(ready([store], Job(), (EACH,)).made)


def test_verdicts_in_turtle_are_held(two: tuple[Path, Path], tmp_path: Path) -> None:
    """What `run` writes says of no bundle that it was judged; there, and in RDF from elsewhere, assessments do."""
    assert main(["run", str(two[0]), "-o", str(tmp_path / "out"), "--quiet"]) in (0, 1)
    judged, elsewhere = Store(), Store()
    for name in ("graph.nq", "verdicts.ttl"):
        judged.load(tmp_path / "out" / name)
    elsewhere.add(line.replace("/assessment/", "/mine/") for line in judged.lines())

    for store in (judged, elsewhere):
        assert {"all"} == set(lacking_here(store, ("any", "all")))


def test_foreign_triples_hide_no_incidents(places: dict[str, list[str]]) -> None:
    """A server whose default graph holds something else is asked of its named graphs, where the incidents are."""
    with oxigraph() as server:
        put(server, [*Store.of(Path(places["file"][0])).lines(), "<urn:x> <urn:y> <urn:z> ."])

        assert answer([CASE], COUNT).text() == answer([Endpoint(f"{server}/query")], COUNT).text()
        put(server, ["<urn:x> <urn:y> <urn:z> .", "<urn:x> <urn:y> <urn:z> <urn:g> ."])
        assert [{"n": 1}] == list(answer([Endpoint(f"{server}/query")], "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"))


def test_nodes_without_a_name_are_called_by_what_they_are(two: tuple[Path, Path]) -> None:
    """Chains and parties known by their role only are called so in tables, Markdown and HTML; csv has their IRIs."""
    query = """SELECT ?party ?chain { ?e evco:beneficiary|evco:bearer ?party
      BIND(IRI(REPLACE(STR(?party), "incident/.*", "chain/I%2019")) AS ?chain) } ORDER BY ?party LIMIT 1"""
    answers = answer(two[:1], query)

    for form in ("table", "markdown"):
        assert "customer of I1" in answers.text(form)
        assert "I 19 (chain)" in answers.text(form)
    assert ">customer of I1</td>" in answers._repr_html_()
    assert "urn:evco:data:first/incident/I1/role/customer,urn:evco:data:first/chain/I%2019" in answers.text("csv")


def test_several_data_are_one(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """A query over several data sees all of them, and the terms once."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "codings.csv").write_text("incident,code\nX1,Delight\nX2,Delight\n")
    query = "SELECT (COUNT(?i) AS ?n) (COUNT(DISTINCT ?c) AS ?d) { { ?i a evco:Incident } UNION { ?c rdfs:label ?l } }"
    alone, both = (json.loads(out(capsysbinary, *data, query, "--format", "json", "-q")) for data in (
        [str(CASE)], [str(CASE), str(other)],
    ))  # fmt: skip
    numbers = [
        {name: int(cell["value"]) for name, cell in one["results"]["bindings"][0].items()} for one in (alone, both)
    ]

    assert 2 == numbers[1]["n"] - numbers[0]["n"]


def test_graphs_can_be_named(places: dict[str, list[str]], capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """A query that names graphs (GRAPH, FROM) sees these, here and on a server."""
    for query in (
        "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?i a evco:Incident } } GROUP BY ?g",
        "SELECT (COUNT(*) AS ?n) FROM <https://w3id.org/evco> { ?s ?p ?o }",
        "SELECT (COUNT(*) AS ?n) FROM <urn:none> { ?s ?p ?o }",
    ):
        written = {name: out(capsysbinary, *place, query, "-q", "--format", "csv") for name, place in places.items()}
        del written["store" if "GRAPH ?g" in query else "union"]  # it has a view too; it knows no FROM

        assert dict.fromkeys(written, written["bundle"]) == written


# Values


def test_values_are_set_and_bound(places: dict[str, list[str]], capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """--set gives a parameter of a query of one's own its value, or several; no value reaches the query as text."""
    query = 'SELECT ?x ?c {\n  VALUES ?x { "none" }\n  VALUES ?c { evco:Delight }\n}'
    hostile = '"} DROP ALL # \\u0022 > \n'
    written = json.loads(
        out(capsysbinary, *places["bundle"], query, "--set", f"x={hostile}", "--set", "x=a=b", "--set", "c=Advocacy",
            "--format", "json"),
    )  # fmt: skip

    rows = [(row["x"]["value"], row["c"]["value"]) for row in written["results"]["bindings"]]
    assert sorted([(hostile, "https://w3id.org/evco#Advocacy"), ("a=b", "https://w3id.org/evco#Advocacy")]) == rows


def test_sparql_writes_the_query_instead(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """--sparql writes the query with its values, for which no data are needed."""
    slug = next(one.slug for one in catalog() if any(part.name == "coders" for part in one.parameters))

    assert b'VALUES ?coders { "marc" }' in out(capsysbinary, slug, "--sparql", "--coders", "marc")
    assert b'VALUES ?coders { "a" "b" }' in out(
        capsysbinary, "support-by-coder", "--sparql", "--set", "coders=a", "--set", "coders=b"
    )


def test_whose_verdicts_are_needed_follows_what_is_set() -> None:
    """A question's `coders` are those set, else the job's; a query of one's own needs verdicts if it names them."""
    question = next(one for one in catalog() if any(part.name == "coders" for part in one.parameters))
    job = Job(coders="all")

    assert ("all",) == asked(question, {}, job.vocabulary, job.coders).verdicts_of
    assert ("marc",) == asked(question, {"coders": ["marc", "marc"]}, job.vocabulary, job.coders).verdicts_of
    assert ("all",) == asked(VERDICTS, {}, job.vocabulary, job.coders).verdicts_of
    assert () == asked(COUNT, {}, job.vocabulary, job.coders).verdicts_of


def test_a_query_of_ones_own_gets_the_verdicts_that_it_names(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """Where a query's line `VALUES ?coders` names coders, their verdicts are worked out, whoever's else are not."""
    query = """SELECT (COUNT(DISTINCT ?a) AS ?n) {
      VALUES ?coders { "all" }
      ?a a evco:Assessment ; evco:coders ?coders }"""
    named = query.replace('"all"', '\'marc\' """any"""')
    unset = query.replace('"all"', "UNDEF")

    assert ("all",) == asked(query, {}, VOCABULARY, "any").verdicts_of
    assert ("any",) == asked(query, {"coders": "any"}, VOCABULARY, "majority").verdicts_of
    assert ("marc", "any") == asked(named, {}, VOCABULARY, "all").verdicts_of
    assert ("majority",) == asked(unset, {}, VOCABULARY, "majority").verdicts_of
    arguments = [str(CASE), query, "--format", "csv", "-q"]
    stated, as_set = out(capsysbinary, *arguments), out(capsysbinary, *arguments, "--coders", "all")
    assert stated == as_set
    assert b"n\r\n0\r\n" != stated


def test_verdicts_of_several_coders_are_not_counted_together() -> None:
    """`coders` takes several values only where the rows say which they are of."""
    several = {"coders": ["any", "marc"]}
    sums = "SELECT (COUNT(?coders) AS ?n) {\nVALUES ?coders { UNDEF }\n?a evco:coders ?coders ; evco:verdict ?v }"
    apart = sums.replace("SELECT", "SELECT ?v (SAMPLE(?coders) AS ?coders)")

    for question in (named("support-by-proposition"), sums):
        with pytest.raises(InputError, match=r"^`coders` takes one value here, since the rows do not say whose"):
            asked(question, several, VOCABULARY, "any")
    for question in (named("support-by-coder"), named("is-it-contradicted"), named("evidence-graph"), apart):
        assert {"any", "marc"} <= {*asked(question, several, VOCABULARY, "any").verdicts_of}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such-question"], "no question `no-such-question` (`kgtools query` lists those that there are"),
        (["."], None),
        ([str(CASE), "q.rq"], "q.rq: no such file with a query"),
        ([str(CASE), "some/where"], "some/where: no such file or folder, and no question of this name"),
        (["no.nq", "SELECT * {}"], "no.nq: no such file or folder; name a folder of tables, a table, an RDF file or a"),
        (["SELECT * {}"], "name some DATA before the query, or a server with --endpoint"),
        (["-", "-"], "standard input (-) can be read once only; name a file for the data or for the query"),
        ([str(CASE), "SELECT * {}", "--set", "x"], "`--set x` sets nothing; write --set NAME=VALUE"),
        ([str(CASE), "SELECT * {}", "--set", "x=1"], "the query has no parameter `x`; it has none"),
        ([str(CASE), "SELECT * {}", "--format", "turtle"], "`turtle` is no form for rows (SELECT) and truth (A"),
        ([str(CASE), "DESCRIBE <urn:x>", "--format", "csv"], "`csv` is no form for triples (CONSTRUCT, DESC"),
        ([str(CASE), "INSERT DATA { <urn:a> <urn:b> 1 }"], "INSERT is an update, and only queries are asked: "),
        ([str(CASE), "ASK { SERVICE <http://x/> {} }"], "the query has another server asked (SERVICE), and "),
        ([str(CASE), VERDICTS, "--coders", "nobody"], "no coder `nobody`; there are any, majority, all, "),
        ([str(CASE), "support-by-coder", "--coders", "nobody"], "no coder `nobody`; there are any, majority, all, "),
        ([str(CASE), "SELECT * {}", "--coders", "nobody"], "the question has no parameter `coders`, so `nobody` has"),
        ([str(CASE), "settings", "--coders", "all"], "the question has no parameter `coders`, so `all` has no effect"),
        (
            [str(CASE), "support-grades", "--coders", "all", "--set", "coders=marc"],
            "the coders are `all` and, as a parameter, `marc`; say it once",
        ),
        ([str(CASE), "settings", "--set", "contxt=x"], "`settings` has no parameter `contxt`; did you mean `context`?"),
        (["--endpoint", "http://127.0.0.1:9/", "a", "b"], "with --endpoint there is no DATA, only a question; is"),
        (["--set", "a=b"], "name a question; `kgtools query` lists those that there are"),
        (["--search", "zzzz"], "no question has `zzzz` in it; `kgtools query` lists all"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line(arguments: list[str], said: str | None, capsys: pytest.CaptureFixture[str]) -> None:
    """A call that cannot be done ends in one line that says what would be right, and exit code 2."""
    if said is None:
        assert main(["query", *arguments]) == 0  # DATA without a question lists the questions
        return

    assert error(capsys, *arguments).startswith(f"kgtools: {said}")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (
            "SELECT ?x {\n ?x a foo:bar }",
            "the prefix `foo:` in line 2 of the query is not declared; write PREFIX name:",
        ),
        (
            "SELECT ?x {\n ?x a evco:Incident .\n ?x ?y\n}",
            "the query cannot be read from `?x ?y }` on (line 3, column 2)",
        ),
        ("SELECT ?x { ?x a ?y", "the query ends too early (line 1, column 20)"),
        ("SELECT ?x { ?x a evco:Incident } LIMIT x", "the query cannot be read from `LIMIT x` on (line 1, column 34)"),
        ("SELECT ?x (COUNT(*) AS ?n) { ?x a ?y }", "the query is no SPARQL (line 1): The SELECT contains a variable"),
    ],
)
def test_errors_of_syntax_name_the_place(query: str, said: str) -> None:
    """What is wrong with a query is said with line and column of what the user wrote."""
    wrong = error_in(with_prefixes(query))
    assert wrong is not None

    assert in_words(wrong, query).startswith(said)
    with pytest.raises(InputError, match=f"^{re.escape(said)}"):
        require_askable(query)


def test_errors_of_syntax_from_a_server_are_the_same(
    places: dict[str, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    """A server's complaint on a query becomes the same line."""
    query = "SELECT ?x {\n ?x a foo:bar }"

    assert error(capsys, *places["bundle"], query, "-q") == error(capsys, *places["server"], query)


@pytest.mark.parametrize(("status", "said"), [(400, "is not declared"), (401, "HTTP 401"), (403, ""), (404, "")])
def test_only_a_query_that_a_server_does_not_understand_is_to_blame(status: int, said: str) -> None:
    """A wrong query is told where the server complains of it (HTTP 400), and not where it lets nobody in."""
    with made_up(lambda _: Answer(status=status)) as (url, _):
        there = There(Endpoint(url, graphs=["urn:g"]), Job().vocabulary)
        with pytest.raises(InputError if status == 400 else EngineError, match=said or f"HTTP {status}"):
            there.answer("SELECT ?x { ?x a foo:bar }")


def test_known_prefixes_need_no_declaration() -> None:
    """Prefixes that kgtools knows are declared for the user, unless the query does so, or it begins as Virtuoso's."""
    declared = "PREFIX evco: <urn:other#> SELECT * { ?s a evco:X }"

    assert declared == with_prefixes(declared)
    for comment in ("# PREFIX evco: <urn:other#>\n", '# such as "prefix evco:"\n'):
        query = f"{comment}SELECT * {{ ?s a evco:X }}"
        assert f"PREFIX evco: <https://w3id.org/evco#>\n{query}" == with_prefixes(query)
    compared = "ASK { ?s ?p ?o FILTER(?s<evco:X&&?o>?s) }"
    assert f"PREFIX evco: <https://w3id.org/evco#>\n{compared}" == with_prefixes(compared)
    commented = '# with\nDEFINE input:inference "x" ASK { ?s a evco:X }'
    assert commented == with_prefixes(commented)
    assert with_prefixes("ASK { ?s skos:note ?o }").startswith("PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n")
    assert 'DEFINE input:inference "x" ASK { ?s a evco:X }' == with_prefixes(
        'DEFINE input:inference "x" ASK { ?s a evco:X }'
    )


@pytest.mark.parametrize(
    ("query", "ordered", "graphs"),
    [
        ("SELECT ?x { ?x a ?y } ORDER BY ?x # none", True, False),
        ("SELECT ?x { ?x a ?y } order\n by ?x", True, False),
        ("SELECT ?x { { SELECT ?x { ?x a ?y } ORDER BY ?x } }", False, False),
        ('SELECT ?x { ?x a "} ORDER BY ?x FROM <urn:g>" } # ORDER BY ?x', False, False),
        ("SELECT ?x FROM <urn:g> { ?x a ?y }", False, True),
        ("SELECT ?x { ?from ?graph <urn:GRAPH> }", False, False),
        ("SELECT ?x { OPTIONAL { graph ?g { ?x a ?y } } }", False, True),
    ],
)
def test_what_a_query_says_of_order_and_graphs(query: str, ordered: bool, graphs: bool) -> None:
    """Whether a query orders its rows or names graphs is read from its keywords, not from texts or comments."""
    assert (ordered, graphs) == (is_ordered(query), names_graphs(query))


@pytest.mark.parametrize(
    "query",
    [
        "PREFIX e: <urn:e#> SELECT ?s ?o { ?s e:p ?o } # all",
        "PREFIX e: <urn:e#> SELECT DISTINCT ?s { ?s e:p ?o } ORDER BY ?s LIMIT 2",
        "PREFIX e: <urn:e#> SELECT ?s (COUNT(*) AS ?n) { ?s e:p ?o } GROUP BY ?s VALUES ?s { <urn:0> <urn:1> <urn:9> }",
    ],
)
def test_rows_are_counted_as_they_are_given(query: str) -> None:
    """The query that counts another one's rows says how many that one gives."""
    store = ox.Store()
    for number in range(12):
        store.add(ox.Quad(ox.NamedNode(f"urn:{number % 5}"), ox.NamedNode("urn:e#p"), ox.Literal(number)))
    rows, counted = store.query(query), store.query(counting(query))
    assert isinstance(rows, ox.QuerySolutions)
    assert isinstance(counted, ox.QuerySolutions)

    assert len(list(rows)) == int(next(counted)["n"].value)


# Here and there


def test_nothing_goes_out_to_the_network_unasked() -> None:
    """However SERVICE is written, it is refused."""
    there = ready([CASE], Job())
    for query in (
        "ASK { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "ASK { { SELECT * { service silent <http://127.0.0.1:9/> { ?s ?p ?o } } } }",
        "ASK { VALUES ?u { <http://127.0.0.1:9/> } SERVICE ?u { ?s ?p ?o } }",
    ):
        with pytest.raises(InputError, match=r"goes out to the network unless you say so$"):
            there.answer(query)


def test_the_command_names_the_option_that_lets_it_out(capsys: pytest.CaptureFixture[str]) -> None:
    """On the command line the refusal names the option."""
    assert error(capsys, str(CASE), "ASK { SERVICE <http://127.0.0.1:9/> {} }").endswith(
        "nothing goes out to the network unless you say so: give --allow-service"
    )


def test_allow_service_lets_it_out() -> None:
    """With --allow-service the other server is asked."""
    with oxigraph() as server:
        put(server, ["<urn:a> <urn:b> <urn:c> ."])
        query = f"SELECT * {{ SERVICE <{server}/query> {{ ?s ?p ?o }} }}"

        assert [{"s": "urn:a", "p": "urn:b", "o": "urn:c"}] == list(ready([CASE], Job(), services=True).answer(query))


def test_a_query_without_end_ends() -> None:
    """A query that joins everything with everything ends after its time, in one line."""
    here = ready([CASE], Job(), seconds=0.3)
    start = time.monotonic()

    with pytest.raises(EngineError, match=r"^the query was not done after 0.3 seconds; ask for less, give LIMIT, or"):
        here.answer("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER(STR(?c) < STR(?f)) . ?g ?h ?i }")
    assert time.monotonic() - start < 5


def test_timeout_ends_the_command() -> None:
    """--timeout ends the program, though the engine is at work."""
    query = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER(STR(?c) < STR(?f)) . ?g ?h ?i }"
    done = subprocess.run(
        [sys.executable, "-m", "kgtools", "query", str(CASE), query, "--timeout", "0.5", "-q"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (2, "") == (done.returncode, done.stdout)
    assert done.stderr.startswith("kgtools: the query was not done after 0.5 seconds;")


def test_a_server_is_only_read(places: dict[str, list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    """An update never reaches a server, and what it holds stays."""
    url = places["server"][1]
    before = held(url.removesuffix("/query"))

    assert "INSERT is an update" in error(capsys, "--endpoint", url, "INSERT DATA { <urn:a> <urn:b> 1 }")
    assert "is at the end of a query" in error(capsys, "--endpoint", url, "ASK {} ; DROP ALL")
    assert before == held(url.removesuffix("/query"))


def test_a_part_of_the_rows_is_no_answer() -> None:
    """A server that gives no more than some round number of rows, and does not say so, is found out."""

    def told(asked: Asked) -> Answer:
        counts = "COUNT(*) AS ?n" in asked.query
        integer = "http://www.w3.org/2001/XMLSchema#integer"
        rows = [{"n": {"type": "literal", "value": "1001", "datatype": integer}}]
        few = [{"s": {"type": "uri", "value": f"urn:{number}"}} for number in range(500)]
        head = {"vars": ["n" if counts else "s"]}
        body = json.dumps({"head": head, "results": {"bindings": rows if counts else few}})
        return Answer(body.encode())

    with made_up(told) as (url, _), pytest.raises(EngineError, match=r": the server sent 500 of 1,001 rows, which it"):
        answer([Endpoint(url, graphs=["urn:g"])], "SELECT ?s { ?s ?p ?o }")


@pytest.mark.parametrize(
    ("query", "solutions", "each"),
    [
        ("PREFIX e: <urn:e#> CONSTRUCT { ?s e:q ?o } WHERE { ?s e:p ?o }", 12, 1),
        ("PREFIX e: <urn:e#> CONSTRUCT { ?s e:q 1 ; e:r 2, 3 } { ?s e:p ?o } # all", 5, 3),
        ("PREFIX e: <urn:e#> CONSTRUCT { ?s e:q [ e:r 1 ] } WHERE { ?s e:p ?o } LIMIT 9", 9, 2),
        ("PREFIX e: <urn:e#> CONSTRUCT WHERE { ?s e:p ?o } ORDER BY ?o LIMIT 7", 7, 1),
        ("PREFIX e: <urn:e#> CONSTRUCT { ?s e:q ?o } FROM <urn:g> WHERE { ?s e:p ?o }", 2, 1),
        ("PREFIX e: <urn:e#> CONSTRUCT FROM <urn:g> where { ?s e:p ?o }", 2, 1),
        ("PREFIX e: <urn:e#> CONSTRUCT { e:a e:b e:c } WHERE { ?s e:p ?o }", 12, 1),
    ],
)
def test_what_is_constructed_is_counted(query: str, solutions: int, each: int) -> None:
    """The query that counts what a CONSTRUCT makes is one, and the graph has no more triples than it says."""
    store = ox.Store()
    for number in range(14):
        graph = ox.NamedNode("urn:g") if number > 11 else ox.DefaultGraph()
        store.add(ox.Quad(ox.NamedNode(f"urn:{number % 5}"), ox.NamedNode("urn:e#p"), ox.Literal(number), graph))
    text, most = counting_constructed(query)
    counted, made = store.query(text), store.query(query)
    assert isinstance(counted, ox.QuerySolutions)
    assert isinstance(made, ox.QueryTriples)

    assert (solutions, each) == (int(next(counted)["n"].value), most)
    assert len(set(made)) <= solutions * each


@pytest.mark.parametrize(
    ("query", "sent", "counted", "said"),
    [
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", 500, 501, "or there are up to 501; ask for them in parts"),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", 501, 800, "or there are up to 800; ask for them in parts"),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", 500, 500, None),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", 502, 9000, None),
        ("DESCRIBE ?s { ?s ?p ?o }", 500, 0, "; ask for them by CONSTRUCT, which can be counted"),
        ("DESCRIBE <urn:1>", 1, 0, None),
    ],
)
def test_a_part_of_a_graph_is_no_answer(query: str, sent: int, counted: int, said: str | None) -> None:
    """So is one that gives a round number of triples, or one more, where there may be others."""

    def told(asked: Asked) -> Answer:
        if "COUNT(*) AS ?n" in asked.query:
            cell = {"type": "literal", "value": str(counted), "datatype": "http://www.w3.org/2001/XMLSchema#integer"}
            return Answer(json.dumps({"head": {"vars": ["n"]}, "results": {"bindings": [{"n": cell}]}}).encode())
        lines = "".join(f"<urn:{number}> <urn:p> <urn:o> .\n" for number in range(sent))
        return Answer(lines.encode(), "application/n-triples")

    with made_up(told) as (url, _):
        server = [Endpoint(url, graphs=["urn:g"])]
        if said is None:
            assert sent == len(answer(server, query))
            return
        with pytest.raises(EngineError, match=f"sent {sent} triples, and does not say whether these are all.*{said}"):
            answer(server, query)


def test_labels_from_a_server_do_not_need_its_terms() -> None:
    """A server that has no terms is shown with the same names, since kgtools knows them."""
    job = Job()
    query = (
        "SELECT DISTINCT ?class { ?e a evco:Element, ?class FILTER(?class != evco:Element) } ORDER BY ?class LIMIT 5"
    )
    query = "SELECT DISTINCT ?class { ?i evco:hasElement ?e . ?e a ?class } ORDER BY ?class LIMIT 5"
    with oxigraph() as server:
        put(server, list(lifted(job.read([CASE]), job)))

        assert answer([CASE], query).text() == answer([Endpoint(f"{server}/query")], query).text()


def test_hand_made_rdf_is_asked_as_it_is(tmp_path: Path) -> None:
    """An RDF file without incidents is asked too; what it lacks of terms is added, what it has is not changed."""
    file = tmp_path / "mine.ttl"
    file.write_text('<urn:a> <http://www.w3.org/2000/01/rdf-schema#label> "mine" ; <urn:p> [ <urn:q> 1 ] .')
    source: Source = file

    assert [{"l": "mine"}] == list(answer([source], "SELECT ?l { <urn:a> rdfs:label ?l }"))
    assert answer([source], "ASK { evco:Delight a owl:Class }")


def test_blank_nodes_have_verdicts_that_lead_back_to_them(tmp_path: Path) -> None:
    """Incidents without names are judged too, and a query gets from the verdict to what happened."""
    file = tmp_path / "nameless.ttl"
    text = Store()
    text.add(lifted(Job().read([CASE]), Job()))
    quads = list(text.inner)
    names = {quad.subject: ox.BlankNode() for quad in quads if str(quad.object).endswith("evco#Incident>")}

    def nameless(term: Any) -> Any:
        return names.get(term, term)

    triples = [ox.Triple(nameless(quad.subject), quad.predicate, nameless(quad.object)) for quad in quads]
    file.write_bytes(ox.serialize(triples, format=ox.RdfFormat.TURTLE) or b"")
    query = "SELECT (COUNT(DISTINCT ?a) AS ?n) { ?a evco:assesses ?i . ?i a evco:Incident }"

    assert list(answer([CASE], query, "any")) == list(answer([file], query, "any"))


# Lists


def test_questions_are_listed_and_described(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a question all are listed, by theme, and --search picks; a question without data is described."""
    assert main(["query"]) == 0
    listed = capsys.readouterr().out
    one = catalog()[0]

    assert [] == [question.slug for question in catalog() if f"  {question.slug} " not in listed]
    assert main(["query", "--search", one.title.upper()]) == 0
    assert one.slug in capsys.readouterr().out
    assert main(["query", one.slug]) == 0
    described = " ".join(capsys.readouterr().out.split())
    assert " ".join(one.question.split()) in described
    assert f"kgtools query DATA {one.slug}" in described


def test_questions_come_from_files_and_standard_input(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file's query, with a head like the questions' or without, and one on standard input, are asked alike."""
    plain, headed = tmp_path / "plain.rq", tmp_path / "headed.rq"
    plain.write_text(COUNT, encoding="utf-8-sig")
    headed.write_text(f"# Title: Mine\n# Question: What?\n# Keywords: data\n# Source: mine\n\n{COUNT}\n")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(COUNT.encode())))
    titled, called = tmp_path / "titled.rq", tmp_path / "My_Own.rq"
    titled.write_text(f"# Title: my own list\n# Note: of elements\n{COUNT}\n")
    called.write_text(headed.read_text())
    expected = out(capsysbinary, str(CASE), COUNT, "-q")
    files = map(str, (plain, headed, titled, called))

    assert [expected] * 5 == [out(capsysbinary, str(CASE), word, "-q") for word in (*files, "-")]


def test_a_query_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An answer is not written over the query that it is the answer to; else it goes into the file."""
    file, to = tmp_path / "mine.rq", tmp_path / "mine.csv"
    file.write_text(COUNT)

    assert "would be written over" in error(capsys, str(CASE), str(file), "-o", str(file))
    assert main(["query", str(CASE), str(file), "-o", str(to), "--format", "csv", "-q"]) == 0
    assert to.read_text().startswith("class,elements\n")
