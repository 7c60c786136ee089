"""Endpoints: what a server holds is validated as a file is; what a server may do wrong is an error of one line."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pyoxigraph as ox
import pytest
from drawn import drawn, some
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import Dataset
from servers import Answer, Asked, free_port, held, made_up, oxigraph, passed_on, put
from test_validate import CASES, EXAMPLE, STATEMENTS, triples

from benchmarks.generate import write_bundle
from kgtools.endpoint import PASSWORD, USER, Endpoint
from kgtools.errors import EngineError, InputError
from kgtools.lift import lift_terms
from kgtools.model import Finding
from kgtools.pipeline import Job, validate_all
from kgtools.pipeline.carry import lifted
from kgtools.read.closure import Held, Target, pieces
from kgtools.read.endpoint import pieces_of, whole
from kgtools.store import Store
from kgtools.validate import Result, Shapes, results, targets_of, validate
from kgtools.vocabulary import EVCO, PREFIXES, Vocabulary

JOB = Job()
TARGETS = targets_of(Shapes.of_data().triples)
TYPE = f"<{PREFIXES['rdf']}type>"
INCIDENT = f"<urn:i> {TYPE} <{EVCO}Incident> ."
ALL = "SELECT ?s WHERE { ?s ?p ?o }"
GRAPH = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


@pytest.fixture(autouse=True)
def _nobodys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No user and no password from outside."""
    for name in (USER, PASSWORD):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))


@pytest.fixture(scope="module", params=["", "--union-default-graph"], ids=["apart", "union"])
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an Oxigraph server, whose default graph is one of its own, or the union of all."""
    with oxigraph(*filter(None, [request.param])) as address:
        yield address


def results_json(*rows: dict[str, dict[str, str]]) -> bytes:
    """SPARQL results."""
    variables = sorted({name for row in rows for name in row} or {"s"})
    return json.dumps({"head": {"vars": variables}, "results": {"bindings": rows}}).encode()


# What is asked, and how


def test_terms_and_triples_come_over(server: str) -> None:
    """IRIs, blank nodes and literals, with whatever is in them, are the same on the other side."""
    said = ['"a \\"b\\"\\n\\\\ é😀\u2028"', '"ja"@de', f'"1"^^<{PREFIXES["xsd"]}integer>', "<urn:ü>"]
    put(server, [f"<urn:s> <urn:p> {one} ." for one in said])
    endpoint = Endpoint(f"{server}/query")

    assert sorted(said) == sorted(row["o"] for row in endpoint.select("SELECT ?o WHERE { ?s ?p ?o }"))
    assert sorted(f"<urn:s> <urn:p> {one} ." for one in said) == sorted(endpoint.construct(GRAPH))
    assert 4 == endpoint.count("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }")
    assert (True, False) == (endpoint.ask("ASK { ?s ?p ?o }"), endpoint.ask("ASK { ?s <urn:q> ?o }"))


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ({"type": "bnode", "value": "b0"}, "_:b0"),
        ({"type": "typed-literal", "value": "1", "datatype": "urn:d"}, '"1"^^<urn:d>'),
        ({"type": "literal", "value": "x", "xml:lang": "en"}, '"x"@en'),
    ],
)
def test_terms_of_older_servers(term: dict[str, str], expected: str) -> None:
    """Terms are read as any server writes them."""
    with made_up(lambda _: Answer(results_json({"s": term}))) as (url, _):
        assert [{"s": expected}] == Endpoint(url).select(ALL)


def test_long_queries_are_posted() -> None:
    """A short query stands in the address, a long one in what is posted; each says what answer it takes."""
    long = f"{ALL[:-1]} VALUES ?s {{ {' '.join(f'<urn:{n}>' for n in range(1000))} }} }}"
    with made_up(lambda _: Answer(results_json())) as (url, asked):
        Endpoint(url).select(ALL)
        Endpoint(url).select(long)
        Endpoint(f"{url}/?key=1").select(ALL)

    assert [("GET", ALL), ("POST", long), ("POST", ALL)] == [(one.method, one.query) for one in asked]
    assert {"application/sparql-results+json"} == {one.headers["Accept"] for one in asked}
    assert "/?key=1" == asked[2].path


def test_turtle_will_do_too() -> None:
    """A server that has no N-Triples may send Turtle."""
    with made_up(lambda _: Answer(b"<urn:s> a <urn:c>, <urn:d> .", "text/turtle")) as (url, asked):
        assert [f"<urn:s> {TYPE} <urn:{one}> ." for one in "cd"] == Endpoint(url).construct(GRAPH)

    assert "application/n-triples, text/turtle;q=0.5" == asked[0].headers["Accept"]


def test_blank_nodes_of_two_answers_are_not_the_same() -> None:
    """What two answers call by one label are two nodes."""
    with made_up(lambda _: Answer(b"_:b <urn:p> <urn:o> .", "application/n-triples")) as (url, _):
        first, second = (Endpoint(url).construct(GRAPH) for _ in range(2))

    assert first != second


# What goes wrong

BROKEN: dict[str, tuple[Answer, str]] = {
    "a page": (Answer(b"<html>hello", "text/html"), "the server sent text/html where results were asked for"),
    "no JSON": (Answer(b"{"), "the server sent what is broken, or was cut off"),
    "no UTF-8": (Answer(b'{"a": "\xff"}'), "the server sent what is broken, or was cut off"),
    "deep": (Answer(b"[" * 200_000), "the server sent what is broken, or was cut off"),
    "a list": (Answer(b"[]"), "the server sent JSON that is no SPARQL results"),
    "no results": (Answer(b'{"boolean": true}'), "the server sent JSON that is no SPARQL results"),
    "no rows": (
        Answer(b'{"head": {"vars": ["s"]}, "results": {"bindings": [1]}}'),
        "the server sent results with a term that is none",
    ),
    "no term": (Answer(results_json({"s": {"type": "uri"}})), "results with a term that is none"),
    "no kind of term": (Answer(results_json({"s": {"type": "triple", "value": "x"}})), "a term that is none"),
    "no IRI": (Answer(results_json({"s": {"type": "uri", "value": "urn:a> ?b"}})), "a term that is none"),
    "cut off": (Answer(results_json(), headers={"Content-Length": "999"}), "was cut off, 54 of 999 bytes"),
    "cut off in a chunk": (
        Answer(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\r\n"),
        "the server did not answer: ",
    ),
    "hangs up": (Answer(raw=b"\r\n"), "the server did not answer: "),
    "refuses": (Answer(b"\n  out of\x1b memory\n  at x.c:1\n", "text/plain", 500), "HTTP 500 .*: out of memory$"),
    "misunderstands": (Answer(b"error at 1:7", "text/plain", 400), "HTTP 400 Bad Request: error at 1:7$"),
    "knows nothing": (
        Answer(b"<h1>Not here</h1>", "text/html", 404),
        r"HTTP 404 Not Found; queries go to .*/query \(Oxigraph",
    ),
    "is busy": (Answer(b"", "text/plain", 503), "HTTP 503 Service Unavailable$"),
    "lets nobody in": (Answer(b"", "text/plain", 401), f"HTTP 401 Unauthorized; put a user .* {USER} and {PASSWORD} "),
    "does not answer": (Answer(wait=20), "the server did not answer: not within 0.3 seconds$"),
    "never ends": (Answer(b" " * 2_000_000), "the server sent more than 1,000,000 bytes at once$"),
}


@pytest.mark.parametrize(("answer", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_server_that_fails(answer: Answer, message: str) -> None:
    """Whatever a server does instead of answering is an error of one line that names the server."""
    with made_up(lambda _: answer) as (url, _), pytest.raises(EngineError) as raised:
        Endpoint(url, seconds=0.3, largest=1_000_000).select(ALL)

    assert str(raised.value).startswith(f"{url}: the server ")
    assert re.search(message, str(raised.value))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("content", "kind", "message"),
    [
        (b"<html>hello", "text/html", "the server sent text/html where RDF was asked for"),
        (b'<urn:s> <urn:p> "o', "application/n-triples", "the server sent what is broken, or was cut off"),
        (b"<urn:s> <urn:p> <urn:o", "text/turtle", "the server sent what is broken, or was cut off"),
        (b"<urn:s> <urn:p> <urn:\\u003E> .", "application/n-triples", "the server sent what is broken"),
        (b"<urn:s> <urn:p> <o> .", "text/turtle", "the server sent what is broken"),
    ],
)
def test_graph_that_is_none(content: bytes, kind: str, message: str) -> None:
    """So it is where triples were asked for."""
    with made_up(lambda _: Answer(content, kind)) as (url, _), pytest.raises(EngineError) as raised:
        Endpoint(url).construct(GRAPH)

    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("content", [results_json(), results_json({"n": {"type": "literal", "value": "-1"}})])
def test_number_that_is_none(content: bytes) -> None:
    """A count is a number, and a truth value is one."""
    with made_up(lambda _: Answer(content)) as (url, _):
        with pytest.raises(EngineError, match="no number where it was asked to count"):
            Endpoint(url).count(ALL)
        with pytest.raises(EngineError, match="neither true nor false"):
            Endpoint(url).ask("ASK { ?s ?p ?o }")


def test_answer_that_trickles_in() -> None:
    """A server that sends a byte now and then is given up, too."""

    def trickle(_: Asked) -> Answer:
        return Answer(raw=b"HTTP/1.0 200 OK\r\n\r\n" + b" " * 10, wait=0.4)

    with made_up(trickle) as (url, _), pytest.raises(EngineError, match=r"not within 0\.2 seconds"):
        Endpoint(url, seconds=0.2).select(ALL)


def test_nobody_is_there() -> None:
    """Where nobody listens, the error says so."""
    with pytest.raises(EngineError, match=r"the server did not answer: .*refused"):
        Endpoint(f"http://127.0.0.1:{free_port()}/query").select(ALL)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("send", [lambda one: one.select(ALL), lambda one: one.drop("urn:g")], ids=["query", "update"])
def test_no_other_address_is_followed(
    status: int, send: Callable[[Endpoint], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that points elsewhere gets a word, and the other one neither query, update nor password."""
    monkeypatch.setenv(USER, "ada")
    monkeypatch.setenv(PASSWORD, "s3cret")
    with made_up(lambda _: Answer(results_json())) as (other, asked):
        to = Answer(status=status, headers={"Location": f"{other.replace('//', '//ada:s3cret@')}/q?key=s3cret"})
        with made_up(lambda _: to) as (url, _), pytest.raises(EngineError) as raised:
            send(Endpoint(url))

    assert f"it points to another address ({other}/q)" in str(raised.value)
    assert "s3cret" not in str(raised.value)
    assert [] == asked


# User and password


def basic(user: str, password: str) -> str:
    """As HTTP sends them."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def test_user_and_password_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both go with queries and with updates; with one of them alone, none does."""
    with made_up(lambda _: Answer(results_json())) as (url, asked):
        monkeypatch.setenv(USER, "ada")
        Endpoint(url).select(ALL)
        monkeypatch.setenv(PASSWORD, "é:1")
        Endpoint(url).select(ALL)
        Endpoint(url).drop("urn:g")

    assert [None, basic("ada", "é:1"), basic("ada", "é:1")] == [one.headers.get("Authorization") for one in asked]


def test_user_and_password_from_netrc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Those of the server's own name are taken, and never those that are for any server."""
    file = tmp_path / "netrc"
    file.write_text("default login anybody password guess\n")
    file.chmod(0o600)
    monkeypatch.setenv("NETRC", str(file))
    with made_up(lambda _: Answer(results_json())) as (url, asked):
        Endpoint(url).select(ALL)
        file.write_text("machine 127.0.0.1 login ada password s3cret\n")
        Endpoint(url).select(ALL)

    assert [None, basic("ada", "s3cret")] == [one.headers.get("Authorization") for one in asked]


def test_netrc_that_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file that is no netrc is named with its line, and nothing of what it holds is told."""
    file = tmp_path / "netrc"
    file.write_text("machine 127.0.0.1\n  s3cret\n")
    monkeypatch.setenv("NETRC", str(file))
    with pytest.raises(InputError, match=r"netrc:\d: is no netrc file that can be used") as raised:
        Endpoint("http://127.0.0.1:1/").select(ALL)

    assert "s3cret" not in str(raised.value)


def test_password_that_a_server_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that repeats what it was sent does not bring the password into an error."""
    monkeypatch.setenv(USER, "ada")
    monkeypatch.setenv(PASSWORD, "s3cret")

    def repeat(asked: Asked) -> Answer:
        return Answer(f"s3cret? {asked.headers['Authorization']}".encode(), "text/plain", 500)

    with made_up(repeat) as (url, _), pytest.raises(EngineError, match=r"HTTP 500 .*: …\? Basic …$"):
        Endpoint(url).select(ALL)


@pytest.mark.parametrize("url", ["http://ada:s3cret@127.0.0.1/", "https://s3cret@h/q", "ada:s3cret@127.0.0.1/q"])
def test_password_in_an_address(url: str) -> None:
    """An address with a password in it is refused, and not repeated."""
    with pytest.raises(InputError, match=rf"~/\.netrc, or into {USER} and {PASSWORD}") as raised:
        Endpoint(url)

    assert "s3cret" not in str(raised.value)


def test_key_in_an_address() -> None:
    """What may be a key in an address is sent, and is in no error."""
    with pytest.raises(EngineError) as raised:
        Endpoint(f"http://127.0.0.1:{free_port()}/query?apikey=s3cret").select(ALL)

    assert "s3cret" not in str(raised.value)


# The same findings from a server as from a file


def said(findings: Iterable[Finding]) -> list[tuple[object, ...]]:
    """Findings, each once, without the place where that is no row."""
    return sorted(
        {
            (one.severity, one.shape, one.message, one.focus, one.path, one.value, one.incident)
            + ((one.file, one.row) if one.row is not None else ("", 0))
            for one in findings
        }
    )


def from_server(url: str, at_once: int) -> tuple[list[tuple[object, ...]], list[int]]:
    """What is found in what a server holds, and how many incidents are in each piece of it."""
    total, found = pieces_of(Endpoint(f"{url}/query"), JOB.vocabulary, TARGETS, at_once)
    findings: list[Finding] = []
    counts = []
    for incidents, lines in found:
        findings += validate(lines, engine="shacl-rust")
        counts.append(incidents)
    assert sum(counts) == total
    return said(findings), counts


def as_held(lines: list[str]) -> list[str]:
    """N-Quads as a store has them, whose numbers are written in one way."""
    store = Store()
    store.add(lines)
    return store.lines()


def in_graphs(lines: list[str], layout: str) -> list[str]:
    """Triples as quads: in the default graph, in named ones, or in both, some of them twice."""
    quads = [f"{line[:-1]}<urn:g{'' if '_:' in line else number % 3}> ." for number, line in enumerate(lines)]
    if layout == "default":
        return lines
    if layout == "named":
        return quads
    return [pair[number % 2] for number, pair in enumerate(zip(lines, quads, strict=True))] + quads[::3]


@pytest.mark.parametrize("layout", ["default", "both"])
def test_each_mistake_is_found_on_a_server(server: str, layout: str) -> None:
    """What a case trips in a file, it trips on a server, whichever graphs it lies in; nothing else is found."""
    expected, actual, cases = {}, {}, some(CASES, 4)
    for case in cases:
        lines = triples((case / "data.ttl").read_text("utf-8"))
        put(server, in_graphs(lines, layout))
        expected[case.name] = said(validate(as_held(lines), engine="shacl-rust"))
        actual[case.name], _ = from_server(server, 1)

    assert expected == actual
    assert sum(map(len, expected.values())) >= len(cases) - 1


def test_a_bundle_is_found_on_a_server(server: str) -> None:
    """A lifted bundle beside the ontology, as `import` brings it: the same findings, with rows, in many pieces."""
    lines = [*lifted(JOB.read([EXAMPLE]), JOB, with_view=True)]
    put(server, [*lift_terms(JOB.vocabulary), *lines])
    actual, counts = from_server(server, 10)

    assert said(validate(lines, engine="shacl-rust")) == actual
    assert {"incidents.csv", "codings.csv"} & {one[-2] for one in actual}
    assert len([one for one in counts if one]) > 3
    assert all(10 <= one < 20 for one in counts[:-3])


@pytest.mark.slow
def test_many_incidents_are_found_on_a_server(server: str, tmp_path: Path) -> None:
    """Generated incidents, some of them wrong, come in pieces, each of whole chains, and are validated in processes."""
    write_bundle(tmp_path / "many", 1_500, lean=True)
    lines = [*lifted(JOB.read([tmp_path / "many"]), JOB)]
    broken = [line for number, line in enumerate(lines) if number % 1_000 or TYPE not in line]
    put(server, broken)
    told: list[tuple[str, int, int]] = []
    endpoint = Endpoint(f"{server}/query")
    found = validate_all([], JOB, endpoint=endpoint, jobs=2, progress=lambda *one: told.append(one))

    assert said(validate(broken, engine="shacl-rust")) == said(found)
    assert ("validating", 1_499, 1_499) == told[-1]  # one has lost its class
    assert len(told) > 3


@pytest.mark.parametrize("union", [True, False])
def test_another_engine_gives_the_same(union: bool) -> None:
    """What is asked is SPARQL 1.1 and nothing of one engine's own: rdflib answers it alike."""
    dataset = Dataset(default_union=union)
    lines = [*incident("a"), *incident("b", f"<{EVCO}follows> <urn:a>"), *incident("c"), *SHARED]
    dataset.parse(data="\n".join(in_graphs(lines, "both")), format="nquads")

    def answer(asked: Asked) -> Answer:
        found = dataset.query(asked.query)
        if asked.query.startswith("CONSTRUCT"):
            return Answer(found.serialize(format="nt") or b"", "application/n-triples")
        return Answer(found.serialize(format="json") or b"")

    with made_up(answer) as (url, _):
        actual, counts = from_server(url, 1)

    assert said(validate(lines, engine="shacl-rust")) == actual
    assert [2, 1] == counts


def test_file_of_what_has_no_row(server: str) -> None:
    """A finding on what knows no row of a table names the server."""
    put(server, [INCIDENT])

    assert {f"{server}/query"} == {one.file for one in validate_all([], JOB, endpoint=Endpoint(f"{server}/query"))}


def test_shapes_of_ones_own_see_everything(server: str, tmp_path: Path) -> None:
    """They get all that there is, whatever it hangs together with; with ours, both speak."""
    shapes = tmp_path / "own.ttl"
    shapes.write_text(
        """@prefix sh: <http://www.w3.org/ns/shacl#> .
        <urn:own> a sh:NodeShape ; sh:targetSubjectsOf <urn:p> ; sh:property <urn:own2> .
        <urn:own2> a sh:PropertyShape ; sh:path <urn:p> ; sh:class <urn:c> .""",
        "utf-8",
    )
    put(server, [INCIDENT, "<urn:s> <urn:p> <urn:o> <urn:g> .", f"<urn:o> {TYPE} <urn:d> <urn:h> ."])
    endpoint = Endpoint(f"{server}/query")
    alone = [*validate_all([], JOB, [shapes], endpoint=endpoint)]
    own = [one.focus for one in alone if one.file != "own.ttl"]
    both = {one.focus for one in validate_all([], JOB, [shapes], ours=True, endpoint=endpoint)}

    assert ["urn:s"] == own
    assert {"urn:s", "urn:i"} <= both
    assert ["shapes:unknown-class"] == [one.shape for one in alone if one.file == "own.ttl"]


def test_nothing_is_written(server: str) -> None:
    """A server holds afterwards what it held, and was sent nothing but queries."""
    lines = [*lifted(JOB.read([EXAMPLE]), JOB)]
    put(server, lines)
    before = held(server)
    with made_up(passed_on(server)) as (url, asked):
        from_server(url, 20)
        whole(Endpoint(f"{url}/query"))

    assert before == held(server)
    assert {True} == {one.query.startswith(("ASK ", "SELECT ", "CONSTRUCT ")) for one in asked}
    assert {"/query"} == {one.path.partition("?")[0] for one in asked}


# Servers that keep something back


def capped(server: str, most: int) -> Callable[[Asked], Answer]:
    """A server that gives no more than some rows or triples, and does not say so."""
    ask = passed_on(server)

    def answer(asked: Asked) -> Answer:
        got = ask(asked)
        if got.kind == "application/n-triples":
            got.content = b"".join(got.content.splitlines(keepends=True)[:most])
        elif b'"bindings"' in got.content:
            told = json.loads(got.content)
            told["results"]["bindings"] = told["results"]["bindings"][:most]
            got.content = json.dumps(told).encode()
        return got

    return answer


def test_server_that_gives_little_at_a_time(server: str) -> None:
    """Where too few rows come, less is asked at once, and nothing is missed."""
    lines = [*lifted(JOB.read([EXAMPLE]), JOB)]
    put(server, lines)
    with made_up(capped(server, 100)) as (url, _):
        actual, counts = from_server(url, 20)
        every = whole(Endpoint(f"{url}/query"))

    assert said(validate(lines, engine="shacl-rust")) == actual
    assert len(counts) > 2
    assert every == sorted({f"{quad.triple} ." for quad in ox.parse("\n".join(as_held(lines)), ox.RdfFormat.N_QUADS)})


def test_server_that_gives_too_little(server: str) -> None:
    """Where not even one node can be told of, that is an error, and never taken for all that there is."""
    put(server, [*lifted(JOB.read([EXAMPLE]), JOB)])
    with made_up(capped(server, 5)) as (url, _), pytest.raises(EngineError) as raised:
        from_server(url, 20)

    assert re.search(
        r"the server gives only \d of its triples with <.*>.*; raise its limit on results$", str(raised.value)
    )


def test_server_that_fails_midway(server: str) -> None:
    """A server that gives up is an error, however much it has told before."""
    put(server, [*lifted(JOB.read([EXAMPLE]), JOB)])
    ask = passed_on(server)
    left = iter(range(30))

    def answer(asked: Asked) -> Answer:
        return ask(asked) if next(left, None) is not None else Answer(b"no more", "text/plain", 500)

    with made_up(answer) as (url, _), pytest.raises(EngineError, match=r"HTTP 500 .*: no more$"):
        from_server(url, 20)


@pytest.mark.parametrize("name", ["urn:a> } ; DROP ALL ; #", 'urn:a" . ?s ?p ?o', "urn:a\\u003E", "a b", ""])
def test_name_that_is_none(name: str) -> None:
    """A server cannot bring its own words into the next query: what is no IRI is asked nothing about."""

    def answer(asked: Asked) -> Answer:
        if asked.query.startswith("ASK"):
            return Answer(json.dumps({"boolean": "isBlank" not in asked.query}).encode())
        if asked.query.startswith("CONSTRUCT"):
            return Answer(b'<urn:kgtools:there> <urn:kgtools:are> "0" .', "application/n-triples")
        many = {"n": {"type": "literal", "value": "1"}}
        return Answer(results_json(many if "COUNT" in asked.query else {"node": {"type": "uri", "value": name}}))

    with made_up(answer) as (url, asked), pytest.raises(EngineError):
        from_server(url, 1)

    assert all("DROP" not in one.query and name not in one.query for one in asked if name)


# What belongs together


def cut(lines: Iterable[str], at_once: int = 1, largest: int = 1_000) -> list[tuple[int, list[str]]]:
    """The pieces of some triples."""
    return [*pieces(Held(lines), "somewhere", JOB.vocabulary, TARGETS, at_once, largest)[1]]


def test_pieces_tell_what_the_whole_tells() -> None:
    """Bent incidents give the same findings in pieces as in one."""
    quads = ox.parse("\n".join(lifted(JOB.read([EXAMPLE]), JOB)), ox.RdfFormat.N_QUADS)
    lines = sorted({f"{quad.triple} ." for quad in quads})
    linked = [line for line in lines if line.endswith("> .") and "isPartOf" not in line]
    random = Random(4)
    for _ in range(5):
        bent = set(lines)
        for line in random.sample(linked, 12):
            subject, predicate, _ = line.split(" ", 2)
            other = random.choice([one for one in linked if one.split(" ", 2)[1] == predicate]).split(" ", 2)[2]
            bent -= {line} if random.random() < 0.7 else set()
            bent |= {f"{subject} {predicate} {other}"} if random.random() < 0.7 else set()
        expected = said(validate(sorted(bent), engine="shacl-rust"))
        found = cut(sorted(bent), 2, 100_000)

        assert expected == said(one for _, piece in found for one in validate(piece, engine="shacl-rust"))


@settings(max_examples=drawn(25), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(STATEMENTS, min_size=5, max_size=60, unique=True), st.sampled_from([1, 3]))
def test_pieces_of_anything(statements: list[tuple[str, str, str]], at_once: int) -> None:
    """Graphs that make no sense give the same results in pieces too."""
    lines = [" ".join(statement) + " ." for statement in statements]
    found: set[Result] = set()
    with suppress(InputError):  # it is about nothing of ours
        for _, piece in cut(lines, at_once):
            found.update(results(piece, engine="shacl-rust"))

    assert results(lines, engine="shacl-rust") == sorted(found)


def incident(name: str, *further: str) -> list[str]:
    """An incident with an element and its coding, and what else is said: predicates and objects of the incident."""
    return [
        f"<urn:{name}> {TYPE} <{EVCO}Incident> .",
        f"<urn:{name}> <{EVCO}hasElement> <urn:{name}/e> .",
        f"<urn:{name}/e> {TYPE} <{EVCO}Review> .",
        f"<urn:{name}/e> <{EVCO}bearer> <urn:anna> .",
        f"<urn:{name}/e> <{EVCO}evidencedBy> <urn:{name}/k> .",
        f"<urn:{name}/k> {TYPE} <{EVCO}CodedSegment> .",
        f"<urn:{name}/k> <{PREFIXES['oa']}hasBody> <urn:{name}/e> .",
        f"<urn:{name}/k> <{PREFIXES['prov']}wasDerivedFrom> <urn:file> .",
        f"<urn:{name}/k2> <{PREFIXES['oa']}hasBody> <urn:code> .",
        f"<urn:{name}/k2> <{PREFIXES['oa']}hasTarget> <urn:{name}/text> .",
        f"<urn:{name}> <{EVCO}reportedIn> <urn:{name}/text> .",
        *(f"<urn:{name}> {one} ." for one in further),
    ]


SHARED = [
    f"<urn:anna> {TYPE} <{EVCO}Customer> .",
    f"<urn:code> {TYPE} <{EVCO}Code> .",
    f'<urn:file> <{PREFIXES["rdfs"]}label> "a.csv" .',
]


def test_what_many_share_joins_nothing() -> None:
    """An actor, a file and a code come with each incident that leads to them, and do not make one piece of these."""
    found = cut([*incident("a"), *incident("b"), *SHARED])

    assert [(1, sorted([*incident(one), *SHARED])) for one in "ab"] == found


@pytest.mark.parametrize(
    "line",
    [
        f"<urn:b> <{EVCO}follows> <urn:a> .",
        f"<urn:b/e> <{EVCO}ledTo> <urn:a/e> .",
        f"<urn:b/k> <{EVCO}leadsTo> <urn:a/k> .",
        f"<urn:b> <{EVCO}hasElement> <urn:a/e> .",
        f"<urn:b> <{EVCO}reportedIn> <urn:a/text> .",
        f"<urn:b/k> <{PREFIXES['oa']}hasBody> <urn:a/e> .",
    ],
)
def test_what_hangs_together_is_one_piece(line: str) -> None:
    """A chain is one piece, and so are incidents that a mistake joins, since a shape may see it only there."""
    lines = [*incident("a"), *incident("b"), *SHARED, line]

    assert [(2, sorted(lines))] == cut(lines)


def test_long_chain_is_one_piece() -> None:
    """A chain is never cut; others come as many at once as asked for."""
    chain = [line for n in range(30) for line in incident(f"a{n}", *[f"<{EVCO}follows> <urn:a{n + 1}>"][: 29 - n])]
    rest = [line for n in range(5) for line in incident(f"b{n}")]

    assert [30, 2, 2, 1] == [count for count, _ in cut([*rest, *chain], 2)]


def test_strays_come_last() -> None:
    """Elements, codings and actors that no incident leads to are in pieces without incidents."""
    strays = [
        f"<urn:x> {TYPE} <{EVCO}Delight> .",
        f"<urn:y> {TYPE} <{EVCO}CodedSegment> .",
        f"<urn:z> <{EVCO}valence> <urn:very> .",
    ]
    found = cut([*incident("a"), *SHARED, *strays, "<urn:other> <urn:p> <urn:o> ."])

    assert [1, 0] == [count for count, _ in found][:2]
    assert sorted(strays) == sorted(line for count, piece in found if not count for line in piece)


def test_classes_that_the_data_bring() -> None:
    """What the data put below our classes is known in each piece that needs it."""
    below = f"<urn:Joy> <{PREFIXES['rdfs']}subClassOf> <{EVCO}Delight> ."
    lines = [*incident("a"), *SHARED, f"<urn:stray> {TYPE} <urn:Joy> .", below]
    (_, first), (_, last) = cut(lines)

    assert below in first
    assert below in last
    assert "element:of-one-incident" in {one.shape for one in validate(last, engine="shacl-rust")}


def test_too_much_hangs_together() -> None:
    """A piece that would not fit into memory is refused, with a word on what may join it."""
    lines = [line for n in range(100) for line in incident(f"a{n}", f"<{EVCO}reportedIn> <urn:all>")]
    with pytest.raises(InputError, match=r"somewhere: more than 1,000 triples hang together with <urn:a\d+>"):
        cut(lines)


def test_data_that_change_meanwhile() -> None:
    """What is added or taken away while it is read is an error, since nobody knows what was validated."""

    class Changing(Held):
        def count(self, target: Target) -> int:
            return super().count(target) - (target.iris[0] == f"{EVCO}bearer")

    _, found = pieces(Changing([*incident("a"), *SHARED]), "somewhere", JOB.vocabulary, TARGETS)
    with pytest.raises(EngineError, match="somewhere: what it holds has changed while it was read"):
        list(found)


def test_nothing_to_validate(server: str) -> None:
    """Other data are refused with a word, and so is a server that holds nothing."""
    put(server, ["<urn:s> <urn:p> <urn:o> ."])
    with pytest.raises(InputError, match="/query: holds no incidents and no codings"):
        from_server(server, 1)
    put(server, [])
    with pytest.raises(InputError, match="/query: holds no incidents and no codings"):
        from_server(server, 1)
    with pytest.raises(InputError, match="/query: holds nothing"):
        whole(Endpoint(f"{server}/query"))


def test_blank_nodes_are_fetched_at_once(server: str) -> None:
    """Incidents with blank nodes are cut here; where that is too much, the error says what else can be done."""
    nameless = [one.replace("<urn:a/e>", "_:e").replace("<urn:a/k>", "_:k") for one in incident("a")]
    lines = [*nameless, *incident("b"), *SHARED]
    put(server, lines)
    endpoint = Endpoint(f"{server}/query")
    total, found = pieces_of(endpoint, Vocabulary.read(), TARGETS, 1)
    sizes = [(count, len(piece)) for count, piece in found]

    assert (2, [(1, 14), (1, 14)]) == (total, sizes)
    with pytest.raises(InputError, match=r"holds more than 20 triples; it has incidents with blank nodes"):
        pieces_of(endpoint, Vocabulary.read(), TARGETS, 1, 20)


def test_blank_nodes_of_others_do_not_matter(server: str) -> None:
    """Blank nodes that are no part of incidents, such as an ontology's axioms, do not change how these are fetched."""
    put(server, [*incident("a"), *SHARED, f"<urn:c> <{PREFIXES['rdfs']}subClassOf> _:r .", "_:r <urn:p> <urn:o> ."])
    with made_up(passed_on(server)) as (url, asked):
        _, counts = from_server(url, 1)

    assert [1] == counts
    assert not any(one.query.startswith("CONSTRUCT { ?s ?p ?o } ") for one in asked)
