"""What is sent to a server is what is there then: by updates, by its graph store, and by `kgtools import`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pyoxigraph as ox
import pytest
from drawn import drawn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import Graph
from servers import Answer, Asked, held, made_up, oxigraph, passed_on, put
from test_endpoint import as_held
from test_validate import EXAMPLE

from kgtools.cli import main
from kgtools.endpoint import PASSWORD, TOKEN, USER, Endpoint
from kgtools.endpoint.quads import documents, in_graph, updates
from kgtools.errors import EngineError, InputError
from kgtools.lift import lift_terms
from kgtools.pipeline import Job, import_bundles
from kgtools.pipeline.carry import lifted
from kgtools.store import Store

JOB = Job()
BUNDLE = "urn:evco:data:online-service"
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _nobodys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No user, password or token from outside."""
    for name in (USER, PASSWORD, TOKEN):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))


@pytest.fixture(scope="module")
def shared() -> Iterator[str]:
    """The address of an Oxigraph server."""
    with oxigraph() as address:
        yield address


@pytest.fixture
def server(shared: str) -> str:
    """The same, with nothing in it."""
    put(shared, [])
    return shared


def by_updates(server: str) -> Endpoint:
    """A server that takes updates."""
    return Endpoint(f"{server}/query", update_url=f"{server}/update")


def by_graphs(server: str) -> Endpoint:
    """A server that takes graphs."""
    return Endpoint(f"{server}/query", graph_store=f"{server}/store")


WAYS = pytest.mark.parametrize("way", [by_updates, by_graphs], ids=["updates", "graphs"])


# Any terms

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.lists(
    st.sampled_from(
        [
            '"',
            "'",
            "\\",
            "\\u0022",
            "\\U00000022",
            "u",
            "0022",
            "\x01",
            "U",
            "\n",
            "\r",
            "\t",
            "}",
            ">",
            "{",
            "#",
            "\x00",
            "é😀",
        ]
    ),
    max_size=8,
).map("".join)
IRIS = st.sampled_from(["urn:a", "urn:b", "http://ü.example/%22?a=b#c", "urn:evco:data:x/'()*;,&$!~"]).map(ox.NamedNode)
LITERALS = (
    TEXTS.map(ox.Literal)
    | st.builds(lambda text: ox.Literal(text, language="de-at"), TEXTS)
    | st.builds(lambda text: ox.Literal(text, datatype=ox.NamedNode("urn:d")), TEXTS)
)
NAMELESS = st.integers(0, 3).map(lambda number: ox.BlankNode(f"n{number}"))
QUADS = st.lists(
    st.builds(ox.Quad, IRIS | NAMELESS, IRIS, IRIS | NAMELESS | LITERALS, IRIS | st.just(ox.DefaultGraph())),
    max_size=8,
)


def canonical(quads: list[ox.Quad]) -> list[str]:
    """Quads, whatever their nodes without names are called."""
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return sorted(map(str, dataset))


@settings(max_examples=drawn(120), deadline=None, suppress_health_check=list(HealthCheck))
@given(QUADS)
def test_what_is_sent_is_there(shared: str, quads: list[ox.Quad]) -> None:
    """Whatever the terms of quads are, after an update a real server holds them and nothing else."""
    put(shared, [])
    by_updates(shared).add(f"{quad} ." for quad in quads)

    assert canonical(quads) == canonical([*ox.parse("\n".join(held(shared)), ox.RdfFormat.N_QUADS)])


@settings(max_examples=drawn(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(QUADS)
def test_what_is_sent_as_graphs_is_there(shared: str, quads: list[ox.Quad]) -> None:
    """The same by the graph store, where nodes without names stay in one graph."""
    named = [one for one in quads if not any(isinstance(term, ox.BlankNode) for term in one.triple)]
    nameless = [
        ox.Quad(one.subject, one.predicate, one.object, ox.NamedNode("urn:g")) for one in quads if one not in named
    ]
    put(shared, [])
    by_graphs(shared).add(f"{quad} ." for quad in [*named, *nameless])

    assert canonical([*named, *nameless]) == canonical([*ox.parse("\n".join(held(shared)), ox.RdfFormat.N_QUADS)])


@settings(max_examples=drawn(60), deadline=None)
@given(TEXTS)
def test_another_reading_of_escapes(text: str) -> None:
    r"""Who reads `\uXXXX` before anything else, as rdflib does, reads the same text."""
    graph = Graph()
    for update in updates([f"{ox.Quad(ox.NamedNode('urn:s'), ox.NamedNode('urn:p'), ox.Literal(text))} ."]):
        graph.update(update)

    assert [text] == [str(value) for value in graph.objects()]


@pytest.mark.parametrize(
    "line",
    [
        "<urn:s> <urn:p> <urn:o> _:g .",
        "<urn:s> <urn:p> <urn:o> <urn:g>",
        "<urn:s> <urn:p> <o> <urn:g> .",
        '"s" <urn:p> <urn:o> <urn:g> .',
        "<urn:s> <urn:p> <urn:a> } } ; DROP ALL ; # <urn:g> .",
        "<urn:s> <urn:p> <urn:o\\u003E> <urn:g> .",
        '<urn:s> <urn:p> "a\nb" <urn:g> .',
        "<urn:s> <urn:p> <urn:o> <urn:g> .\n<urn:s> <urn:p> <urn:o> <urn:h> .",
        "",
    ],
)
@WAYS
def test_line_that_is_no_quad(line: str, way: Callable[[str], Endpoint]) -> None:
    """What is no quad, or none that can be sent, is an error of one line, and nothing is sent."""
    with made_up(lambda _: Answer()) as (url, asked), pytest.raises(InputError) as raised:
        way(url).add([line])

    assert ([], False) == (asked, "\n" in str(raised.value))


@settings(max_examples=drawn(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(TEXTS)
def test_any_name_of_a_bundle(shared: str, name: str) -> None:
    """Whatever a bundle is called, dropping it drops it alone, or is refused."""
    put(shared, OTHERS)
    for one in (by_updates(shared), by_graphs(shared)):
        with suppress(InputError):
            one.drop(f"urn:{name}")

    assert sorted(OTHERS) == held(shared)


OTHERS = ["<urn:s> <urn:p> <urn:o> .", "<urn:s> <urn:p> <urn:o> <http://example.org/g> ."]


# In parts


def test_size_of_a_part() -> None:
    """Updates are of a size that Virtuoso takes too: at most 500 quads, and a megabyte unless one quad has more."""
    many = [f"<urn:s{n}> <urn:p> <urn:o> <urn:g{n % 3}> ." for n in range(1_201)]
    long = [f'<urn:s{n}> <urn:p> "{"x" * 400_000}" .' for n in range(5)]
    one = [f'<urn:s> <urn:p> "{"é" * 1_000_000}" .']

    assert [500, 500, 201] == [text.count("<urn:p>") for text in updates(many)]
    assert [2, 2, 1] == [text.count("<urn:p>") for text in updates(long)]
    assert [1, 1, 1] == [text.count("<urn:p>") for text in updates([*one, *one, *one])]


def test_size_of_a_graph() -> None:
    """Graphs are sent in parts too, each by itself; the default graph has no name."""
    lines = [f"<urn:s{n}> <urn:p> <urn:o>{' <urn:g>' if n % 2 else ''} ." for n in range(50_000)]
    sent = [(graph, triples.count("\n")) for graph, triples in documents(lines)]

    assert [("", 20_000), ("urn:g", 20_000), ("", 5_000), ("urn:g", 5_000)] == sent


def test_nodes_without_names_are_not_torn_apart() -> None:
    """Quads that share a node without a name are in one update, wherever they stand; others may be in another."""
    named = [f"<urn:s{n}> <urn:p> <urn:o> ." for n in range(499)]
    chain = [f"_:a{n} <urn:p> _:a{n + 1} <urn:g> ." for n in range(3)]
    sent = [*updates([chain[0], *named, chain[2], "_:z <urn:p> <urn:o> .", chain[1]])]
    (last,) = (text for text in sent if "_:a0" in text)

    assert all(f"_:a{n}" in last for n in range(4))
    assert [True, False] == [text.startswith("INSERT DATA") for text in sent]


def test_node_without_a_name_in_two_graphs() -> None:
    """A graph store is given graphs one by one, so such a node would be two."""
    with pytest.raises(InputError, match="a node without a name is in two graphs"):
        [*documents(["_:a <urn:p> <urn:o> <urn:g> .", "_:a <urn:p> <urn:o> <urn:h> ."])]


def test_into_one_graph() -> None:
    """Quads of any graphs are put into one, and so are triples."""
    lines = ["<urn:s> <urn:p> <urn:o> <urn:g> .", '<urn:s> <urn:p> "a <urn:x> ." .']

    assert ["<urn:s> <urn:p> <urn:o> <urn:h> .", '<urn:s> <urn:p> "a <urn:x> ." <urn:h> .'] == [
        *in_graph(lines, "urn:h")
    ]


@WAYS
def test_graph_that_is_dropped(way: Callable[[str], Endpoint], server: str) -> None:
    """A graph goes alone, and none there is no matter; a view goes with its parts."""
    put(server, in_graphs("", "/view/any", "/view/any/1", "/view/anyone", "/verdicts/any"))
    for _ in range(2):
        way(server).drop_graph("urn:b")
        way(server).drop_view("urn:b/view/any")

    assert sorted(in_graphs("/view/anyone", "/verdicts/any")) == held(server)


@WAYS
def test_bundle_that_is_dropped(way: Callable[[str], Endpoint], server: str) -> None:
    """All graphs of a bundle go, and none of one whose name only begins alike, or is below it."""
    put(server, in_graphs(*OTHER_GRAPHS, *OWN_GRAPHS))
    way(server).drop("urn:b")

    assert sorted(in_graphs(*OTHER_GRAPHS)) == held(server)


OWN_GRAPHS = ("", "/codings", "/view/any", "/view/any/2", "/verdicts/any", "/verdicts/a%2Fb", "/unfinished")
OTHER_GRAPHS = ("2", "/codings2", "/c", "/c/codings", "/c/view/any", "/c/verdicts/any", "/c/unfinished", "/views/any")


def in_graphs(*names: str) -> list[str]:
    """A quad in each of some graphs that are called after a bundle."""
    return [f"<urn:s> <urn:p> <urn:o> <urn:b{one}> ." for one in names]


def test_bundle_that_is_dropped_from_a_store() -> None:
    """The same in a store."""
    store = Store()
    store.add(in_graphs(*OTHER_GRAPHS, *OWN_GRAPHS))
    store.drop("urn:b")

    assert sorted(in_graphs(*OTHER_GRAPHS)) == store.lines()


@pytest.mark.parametrize("to", ["updates", "graphs", "one graph", "store"])
def test_study_below_another(to: str, server: str) -> None:
    """A bundle that is replaced takes no other with it whose name begins with its own."""
    above, below = Job(base="urn:x:"), Job(base=f"urn:x:{EXAMPLE.name}/")
    place = Store() if to == "store" else by_graphs(server) if to == "graphs" else by_updates(server)
    graph = "urn:one" if to == "one graph" else None
    import_bundles([EXAMPLE], above, place, graph=graph)
    import_bundles([EXAMPLE], below, place, graph=graph)
    before = place.lines() if isinstance(place, Store) else held(server)
    import_bundles([EXAMPLE], above, place, graph=graph, replace=True)

    assert before == (place.lines() if isinstance(place, Store) else held(server))


def test_how_graphs_are_sent() -> None:
    """A graph store is sent N-Triples, in parts, beside what is there."""
    with made_up(lambda _: Answer(b"", "text/plain", 204)) as (url, asked):
        one = Endpoint(url, graph_store=f"{url}/store?key=1")
        one.add(f"<urn:s{n}> <urn:p> <urn:o> <urn:a&b=ü> ." for n in range(20_001))
        one.add(["<urn:s> <urn:p> <urn:o> ."])

    paths = ["/store?key=1&graph=urn%3Aa%26b%3D%C3%BC"] * 2 + ["/store?key=1&default"]
    assert [("POST", path) for path in paths] == [(one.method, one.path) for one in asked]
    assert {"application/n-triples"} == {one.headers["Content-Type"] for one in asked}
    assert "<urn:s> <urn:p> <urn:o> .\n" == asked[2].body


# kgtools import


def call(*arguments: str) -> int:
    """The exit code of an import of the example."""
    return main(["import", str(EXAMPLE), *arguments, "--jobs", "1"])


def meant(view: bool = False) -> list[str]:
    """What a server should hold of the example."""
    return as_held([*lift_terms(JOB.vocabulary), *lifted(JOB.read([EXAMPLE]), JOB, with_view=view)])


ADDRESSES = {
    "one address": ["--endpoint", "{}/update"],
    "two addresses": ["--endpoint", "{}/query", "--update-endpoint", "{}/update"],
    "only updates": ["--update-endpoint", "{}/update"],
    "graphs": ["--endpoint", "{}/query", "--graph-store", "{}/store"],
    "only graphs": ["--graph-store", "{}/store"],
    "all three": ["--endpoint", "{}/query", "--graph-store", "{}/store", "--update-endpoint", "{}/update"],
}


@pytest.mark.parametrize("options", ADDRESSES.values(), ids=ADDRESSES.keys())
def test_import_by_any_address(options: list[str], server: str, capsys: Captured) -> None:
    """A bundle goes whole to a server, by whichever of its addresses are known; what cannot be asked is remarked."""
    known = any("query" in option for option in options)
    code = call(*(option.format(server) for option in options), "--view", "any")
    said = capsys.readouterr()

    assert (0, "") == (code, said.out)
    assert meant(view=True) == held(server)
    assert known is not ("nobody can say whether it had a bundle `online-service` already" in said.err)


@pytest.mark.parametrize("options", [ADDRESSES["two addresses"], ADDRESSES["graphs"]], ids=["updates", "graphs"])
def test_import_twice(options: list[str], server: str, capsys: Captured) -> None:
    """A bundle that the server has is not mixed with another: it is refused, or replaced if that is asked for."""
    addresses = [option.format(server) for option in options]
    stale = f"<urn:s> <urn:p> <urn:o> <{BUNDLE}/view/ines> ."
    put(server, [*OTHERS, stale, f"<{BUNDLE}> <urn:p> <urn:o> <{BUNDLE}> ."])

    assert 2 == call(*addresses)
    assert (
        f"{server}/query: the server has a bundle `online-service` already; give --replace" in capsys.readouterr().err
    )
    assert 4 == len(held(server))
    assert 0 == call(*addresses, "--replace", "--quiet")
    assert sorted([*OTHERS, *meant()]) == held(server)
    assert "" == capsys.readouterr().err


def test_import_into_one_graph(server: str, capsys: Captured) -> None:
    """All goes into the graph that is named; a bundle there is refused and replaced, and others in it stay."""
    other = "<urn:s> <urn:p> <urn:o> <urn:one> ."
    put(server, [*OTHERS, other])
    addresses = ["--endpoint", f"{server}/query", "--update-endpoint", f"{server}/update", "--graph", "urn:one"]
    expected = sorted({*OTHERS, other, *in_graph(meant(), "urn:one")})

    assert 0 == call(*addresses, "--quiet")
    assert expected == held(server)
    assert 2 == call(*addresses)
    assert "has a bundle `online-service` already" in capsys.readouterr().err
    by_updates(server).add([f"<{BUNDLE}/incident/old> <urn:p> <urn:o> <urn:one> ."])
    assert 0 == call(*addresses, "--replace")
    assert expected == held(server)


WRONG = {
    "several graphs": (["--endpoint", "{}/query", "--graph", "urn:a", "--graph", "urn:b"], "not into several"),
    "a graph of no server": (["--graph", "urn:a"], "--graph goes with --endpoint, --update-endpoint or --graph-store"),
    "a graph that is none": (["--endpoint", "{}/query", "--graph", "a b"], "`a b` is no IRI"),
    "a server and a file": (["--graph-store", "{}/store", "-o", "a.nq"], "not several"),
    "graphs that nobody can list": (["--graph-store", "{}/store", "--replace"], "name that with --endpoint"),
    "a part of a graph": (
        ["--endpoint", "{}/query", "--graph-store", "{}/store", "--graph", "urn:a", "--replace"],
        "name with --update-endpoint what takes them",
    ),
    "an address for queries": (["--endpoint", "{}/query"], "HTTP 400 Bad Request: .*; updates go to"),
    "an address for nothing": (["--endpoint", "{}/nowhere"], "HTTP 404 Not Found: .*; updates go to"),
    "a page": (["--endpoint", "{}"], "text/html where results were asked for; queries go to"),
    "two addresses, and the first is wrong": (
        ["--endpoint", "{}/nowhere", "--update-endpoint", "{}/update"],
        "HTTP 404 Not Found: .*; queries go to",
    ),
}


@pytest.mark.parametrize(("options", "said"), WRONG.values(), ids=WRONG.keys())
def test_import_that_is_wrong(options: list[str], said: str, server: str, capsys: Captured) -> None:
    """What is wrong with addresses is one line and exit code 2."""
    code = call(*(option.format(server) for option in options))
    last = capsys.readouterr().err.splitlines()[-1]

    assert 2 == code
    assert re.search(said, last)


@pytest.mark.parametrize("wrong", ["graphs that nobody can list", "a part of a graph"])
def test_replacing_what_cannot_be_removed(wrong: str, server: str) -> None:
    """Where nobody can remove a bundle, nothing is written either."""
    options, _ = WRONG[wrong]
    put(server, OTHERS)

    assert 2 == call(*(option.format(server) for option in options))
    assert sorted(OTHERS) == held(server)


def test_import_that_comes_to_another_place(server: str) -> None:
    """Where the address for queries is not of the server that took the data, that is an error."""
    with (
        oxigraph() as other,
        pytest.raises(EngineError, match="took the data, and does not have them; see whether all"),
    ):
        import_bundles([EXAMPLE], JOB, Endpoint(f"{server}/query", update_url=f"{other}/update"))


def test_import_that_ends_midway(server: str, capsys: Captured) -> None:
    """An import that the server ended is no whole bundle; it is refused after, and --replace begins it anew."""
    ask = passed_on(server)
    left = iter(range(20))

    def answer(asked: Asked) -> Answer:
        if asked.update and next(left, None) is None:
            return Answer(b"disk full", "text/plain", 503)
        return ask(asked)

    with made_up(answer) as (url, asked):
        assert 2 == call("--endpoint", f"{url}/query", "--update-endpoint", f"{url}/update")
        assert 21 == sum(bool(one.update) for one in asked)
    assert "HTTP 503 Service Unavailable: disk full" in capsys.readouterr().err
    addresses = ["--endpoint", f"{server}/query", "--update-endpoint", f"{server}/update"]
    assert 2 == call(*addresses)
    assert 0 == call(*addresses, "--replace")
    assert meant() == held(server)


def test_import_tells_how_far_it_is(server: str) -> None:
    """Progress counts incidents, up to all."""
    told: list[tuple[str, int, int]] = []
    import_bundles([EXAMPLE], JOB, by_updates(server), progress=lambda *one: told.append(one))

    assert ("reading", 0, 0) == told[0]
    assert ("importing", told[-1][2], told[-1][2]) == told[-1]
    assert told[-1][2] > 10


def test_import_asks_what_it_must() -> None:
    """Nothing but one question before, the data, and the same question after goes to a server."""
    truths = iter([b"false", b"true"])

    def answer(asked: Asked) -> Answer:
        return Answer(b'{"boolean": %s}' % next(truths)) if asked.query else Answer(b"", "text/plain", 204)

    with made_up(answer) as (url, asked):
        import_bundles([EXAMPLE], JOB, Endpoint(f"{url}/query", update_url=f"{url}/update"))

    question = f"ASK {{ GRAPH <{BUNDLE}> {{ ?s ?p ?o }} }}"
    assert [question, question] == [one.query for one in asked if one.query]
    assert {True} == {one.update.startswith("INSERT DATA {") for one in asked[1:-1]}
    assert json.dumps([one.path for one in asked[1:-1]]) == json.dumps(["/update"] * (len(asked) - 2))
