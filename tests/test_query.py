"""The command `query`: the same question has the same answer wherever data lie, and nothing is written or obeyed."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from servers import Answer, Asked, held, made_up, oxigraph, put

from kgtools.cli import main
from kgtools.endpoint import Endpoint
from kgtools.errors import EngineError, InputError
from kgtools.lift import lift_verdicts
from kgtools.pipeline import Job, derive_all, ready, require_askable
from kgtools.pipeline.carry import lifted
from kgtools.pipeline.query import Here, There
from kgtools.questions import CompetencyQuestion, catalog
from kgtools.questions.asked import asked
from kgtools.read import Source
from kgtools.sparql import counting, error_in, in_words, is_ordered, names_graphs, with_prefixes
from kgtools.store import Store

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


def test_a_server_without_verdicts_says_what_brings_them(
    places: dict[str, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is worked out on a server: one line says what to do. With verdicts there, it answers as a bundle does."""
    url = places["server"][1]

    assert (
        f"kgtools: {url}: holds no verdicts of the coders `any`, which the question asks for; "
        f"`kgtools derive --endpoint {url} --update-endpoint URL --coders any --write` puts them there"
    ) == error(capsys, *places["server"], VERDICTS)

    job = Job()
    with oxigraph() as server:
        bundles = job.read([CASE])
        verdicts = lift_verdicts(derive_all([CASE], job)[1], bundles[0].iri)
        put(server, [*Store.of(Path(places["file"][0])).lines(), *verdicts])

        assert (
            ready([CASE], job, ["any"]).answer(VERDICTS).text()
            == ready([Endpoint(f"{server}/query")], job, ["any"]).answer(VERDICTS).text()
        )


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
        capsysbinary, slug, "--sparql", "--set", "coders=a", "--set", "coders=b"
    )


def test_whose_verdicts_are_needed_follows_what_is_set() -> None:
    """A question's `coders` are those set, else the job's; a query of one's own needs verdicts if it names them."""
    question = next(one for one in catalog() if any(part.name == "coders" for part in one.parameters))
    job = Job(coders="all")

    assert ("all",) == asked(question, {}, job.vocabulary, job.coders).verdicts_of
    assert ("any", "marc") == asked(question, {"coders": ["any", "marc"]}, job.vocabulary, job.coders).verdicts_of
    assert ("all",) == asked(VERDICTS, {}, job.vocabulary, job.coders).verdicts_of
    assert () == asked(COUNT, {}, job.vocabulary, job.coders).verdicts_of


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such-question"], "no question `no-such-question`; `kgtools query` lists those that there are"),
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


def test_known_prefixes_need_no_declaration() -> None:
    """Prefixes that kgtools knows are declared for the user, unless the query does so, or it begins as Virtuoso's."""
    declared = "PREFIX evco: <urn:other#> SELECT * { ?s a evco:X }"

    assert declared == with_prefixes(declared)
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
        with pytest.raises(InputError, match=r"give --allow-service$"):
            there.answer(query)


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
        ready([Endpoint(url, graphs=["urn:g"])], Job()).answer("SELECT ?s { ?s ?p ?o }")


def test_labels_from_a_server_do_not_need_its_terms() -> None:
    """A server that has no terms is shown with the same names, since kgtools knows them."""
    job = Job()
    query = (
        "SELECT DISTINCT ?class { ?e a evco:Element, ?class FILTER(?class != evco:Element) } ORDER BY ?class LIMIT 5"
    )
    query = "SELECT DISTINCT ?class { ?i evco:hasElement ?e . ?e a ?class } ORDER BY ?class LIMIT 5"
    with oxigraph() as server:
        put(server, list(lifted(job.read([CASE]), job)))

        assert ready([CASE], job).answer(query).text() == ready([Endpoint(f"{server}/query")], job).answer(query).text()


def test_hand_made_rdf_is_asked_as_it_is(tmp_path: Path) -> None:
    """An RDF file without incidents is asked too; what it lacks of terms is added, what it has is not changed."""
    file = tmp_path / "mine.ttl"
    file.write_text('<urn:a> <http://www.w3.org/2000/01/rdf-schema#label> "mine" ; <urn:p> [ <urn:q> 1 ] .')
    source: Source = file

    assert [{"l": "mine"}] == list(ready([source], Job()).answer("SELECT ?l { <urn:a> rdfs:label ?l }"))
    assert ready([source], Job()).answer("ASK { evco:Delight a owl:Class }")


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

    assert list(ready([CASE], Job(), ["any"]).answer(query)) == list(ready([file], Job(), ["any"]).answer(query))


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
    expected = out(capsysbinary, str(CASE), COUNT, "-q")

    assert [expected] * 3 == [out(capsysbinary, str(CASE), word, "-q") for word in (str(plain), str(headed), "-")]


def test_a_query_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An answer is not written over the query that it is the answer to; else it goes into the file."""
    file, to = tmp_path / "mine.rq", tmp_path / "mine.csv"
    file.write_text(COUNT)

    assert "would be written over" in error(capsys, str(CASE), str(file), "-o", str(file))
    assert main(["query", str(CASE), str(file), "-o", str(to), "--format", "csv", "-q"]) == 0
    assert to.read_text().startswith("class,elements\n")
