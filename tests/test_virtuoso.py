"""The same from Virtuoso 7 as from Oxigraph: propositions, what is sent there and comes back, the commands.

A run starts one server. Each test uses graphs of its own names, since a query may see any number of these as one.
"""

from __future__ import annotations

import csv
import json
import re
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from oracle import Bundle
from strategies import EDGES, bundles, write
from test_endpoint import said
from virtuoso import Virtuoso, virtuoso

from kgtools.answers import Answers
from kgtools.cli import main
from kgtools.derive import COLUMNS
from kgtools.endpoint import Endpoint
from kgtools.model import CODER_SETS, Finding
from kgtools.pipeline import Job, derive_all, import_bundles, validate_all
from kgtools.pipeline.carry import lifted, view_graph
from kgtools.pipeline.query import Here, There, ready
from kgtools.questions import CompetencyQuestion, catalog
from kgtools.read.endpoint import whole
from kgtools.validate import validate
from kgtools.view import view
from kgtools.vocabulary import ONTOLOGY_IRI, PREFIXES

pytestmark = pytest.mark.virtuoso

CASES = Path(__file__).parent / "cases"
THEORY = CASES / "theory" / "habit.ttl"
EXAMPLE = Path(__file__).parents[1] / "examples" / "online-service"
FOLDERS = [*sorted((CASES / "propositions").iterdir()), CASES / "verdicts", CASES / "theory" / "habit", EXAMPLE]
CODERS = ("any", "majority", "all", "c1", "c2")

Rows = list[tuple[str, ...]]


@pytest.fixture(scope="session")
def server() -> Iterator[Virtuoso]:
    """A server that holds nothing of ours at first."""
    with virtuoso() as running:
        yield running


@lru_cache
def job(coders: str) -> Job:
    """All theories, judged for some coders."""
    return Job((THEORY,), coders)


def told(server: Virtuoso, query: str, graphs: Iterable[str]) -> list[dict[str, str]]:
    """What the server itself answers to a SELECT over some graphs: the texts of its terms."""
    fields = [("query", query), *(("default-graph-uri", graph) for graph in graphs)]
    request = urllib.request.Request(
        server.query, urlencode(fields).encode(), {"Accept": "application/sparql-results+json"}
    )
    with urllib.request.urlopen(request, timeout=120) as answer:
        rows = json.load(answer)["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in rows]


# The propositions


def views(folders: Sequence[Path], coders: str) -> dict[str, list[str]]:
    """The view of each bundle for some coders, by the graph that it belongs into."""
    asked = job(coders)
    found: dict[str, list[str]] = {}
    for folder in folders:
        for bundle in Job((THEORY,)).read([folder]):
            if coders in (*CODER_SETS, *bundle.coders()):
                lines = found.setdefault(view_graph(bundle.iri, coders), [])
                for chunk in bundle.chunks():
                    lines += view(chunk, coders, asked.vocabulary, asked.named).lines
    return found


def as_rows(answers: Iterable[dict[str, str]]) -> Rows:
    """What a proposition's query answers; in what order fillers stand in a text is left open by SPARQL."""
    rows = [{**answer, "fillers": " ".join(sorted(answer["fillers"].split()))} for answer in answers]
    return sorted(tuple(row[name] for name in COLUMNS) for row in rows)


def in_oxigraph(query: str, graphs: dict[str, list[str]]) -> Rows:
    """What the engine here answers."""
    store = ox.Store()
    for lines in graphs.values():
        store.bulk_load("\n".join(lines).encode(), ox.RdfFormat.N_TRIPLES)
    found = store.query(query)
    assert isinstance(found, ox.QuerySolutions)
    return as_rows({name: row[name].value for name in COLUMNS} for row in found)


def send(server: Virtuoso, graphs: dict[str, list[str]]) -> None:
    """Have a server hold triples in graphs."""
    Endpoint(server.query).add(f"{line[:-1]}<{graph}> ." for graph, lines in graphs.items() for line in lines)


@pytest.mark.parametrize("coders", CODERS)
def test_propositions(server: Virtuoso, coders: str) -> None:
    """Each proposition's query, as it is, gives the rows of all worked cases, whose views it sees as one graph."""
    graphs = views(FOLDERS, coders)
    send(server, graphs)
    rows = 0
    for question in job(coders).questions:
        expected = in_oxigraph(question.query, graphs)
        rows += len(expected)

        assert expected == as_rows(told(server, question.query, graphs)), question.proposition.id
    assert rows > len(job(coders).questions) * 10


@settings(
    max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)
@given(st.lists(bundles(), min_size=8, max_size=8), st.sampled_from(CODERS[:4]))
def test_propositions_of_anything(
    server: Virtuoso, tmp_path_factory: pytest.TempPathFactory, drawn: list[Bundle], coders: str
) -> None:
    """So they do with bundles that are drawn, some of them at once."""
    _same(server, tmp_path_factory.mktemp("drawn"), drawn, coders)


def test_propositions_at_their_edges(server: Virtuoso, tmp_path: Path) -> None:
    """So they do with those that draws seldom reach."""
    _same(server, tmp_path, [*EDGES.values()], "any")


def _same(server: Virtuoso, place: Path, drawn: list[Bundle], coders: str) -> None:
    for number, bundle in enumerate(drawn):
        write(bundle, place / f"{place.name}-{number}")
    graphs = views(sorted(place.iterdir()), coders)
    send(server, graphs)
    for question in job(coders).questions:
        expected = in_oxigraph(question.query, graphs)

        assert expected == as_rows(told(server, question.query, graphs)), question.proposition.id


# There and back

XSD = PREFIXES["xsd"]
NUMBERS = tuple(f"{XSD}{kind}" for kind in ("integer", "decimal", "double"))
TEXTS = (
    *(
        "plain",
        "",
        " ",
        'a "b" \\ \\u0022 c:\\new',
        "it's {?x} $y <a> #",
        "two\nlines\r\nand a\ttab",
        "é ü 漢字 \u2028\x85",
    ),
    *(
        "😀 outside the first plane 𝄞",
        "\x01\x07\x1b\x7f",
        "\ufeff\ufffd",
        "x" * 1_899,
        "y" * 1_901,
        "é" * 5_000,
        "😀" * 5_000,
    ),
    *("words and words " * 4_000, "true", "1", "01", "2020-01-01", "NULL", "nodeID://b1"),
)
TYPED = (
    *(
        ("integer", "0"),
        ("integer", "-3"),
        ("integer", "2147483648"),
        ("decimal", "0.8"),
        ("decimal", "1"),
        ("decimal", "1.0"),
    ),
    *(("boolean", "true"), ("boolean", "false"), ("gYear", "2020"), ("gYearMonth", "2020-02"), ("date", "2020-02-29")),
    *(("dateTime", f"2020-02-29T23:59:59{zone}") for zone in ("", "Z", "+05:30")),
)
IRIS = ("urn:evco:data:a%20b", "urn:x:it's", "http://x/é😀", "http://x/a(b);c,d=e&f?g#h", "urn:x:" + "l" * 1_500)


def same(term: ox.NamedNode | ox.Literal | ox.BlankNode | ox.Triple) -> str:
    """A term; a number by its value, since servers write it as they like, and some forget of which type it was."""
    if isinstance(term, ox.Literal) and term.datatype.value in NUMBERS:
        return str(Decimal(term.value).normalize())
    return str(term)


def by_gsp(server: Virtuoso, graph: str, lines: Iterable[str]) -> None:
    """Send triples by SPARQL 1.1 Graph Store HTTP Protocol."""
    address = f"{server.store}?{urlencode({'graph': graph})}"
    content = "".join(f"{line}\n" for line in lines).encode()
    headers = {"Content-Type": "application/n-triples"}
    urllib.request.urlopen(urllib.request.Request(address, content, headers, method="POST"), timeout=60).close()


@pytest.mark.parametrize("way", ["update", "graph store"])
def test_terms_there_and_back(server: Virtuoso, way: str) -> None:
    """Whatever a term has in it, and however it is sent, it comes back by a SELECT and by a CONSTRUCT."""
    terms = [str(ox.Literal(text)) for text in TEXTS] + [str(ox.Literal(text, language="de")) for text in TEXTS[:7]]
    terms += [f'"{text}"^^<{XSD}{kind}>' for kind, text in TYPED] + [f"<{iri}>" for iri in IRIS]
    lines = [f"<urn:s{number}> <urn:p> {term} ." for number, term in enumerate(terms)]
    graph = f"urn:terms:{way}".replace(" ", "-")
    if way == "update":
        send(server, {graph: lines})
    else:
        by_gsp(server, graph, lines)
    endpoint = Endpoint(server.query).over(graph)
    rows = endpoint.select("SELECT ?s ?o WHERE { ?s <urn:p> ?o }")

    assert parsed(lines) == parsed(f"{row['s']} <urn:p> {row['o']} ." for row in rows)
    assert parsed(lines) == parsed(endpoint.construct("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"))


def parsed(lines: Iterable[str]) -> set[tuple[str, str, str]]:
    """N-Triples, each number in them by its value."""
    quads = ox.parse("\n".join(lines), ox.RdfFormat.N_TRIPLES)
    return {(str(quad.subject), str(quad.predicate), same(quad.object)) for quad in quads}


@pytest.fixture(scope="session")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle whose texts, names and columns are full of what languages use for themselves."""
    folder = tmp_path_factory.mktemp("o") / "odd {?x} 'and' \"so\" on"
    folder.mkdir()
    codings: list[dict[str, str]] = []
    incidents: list[dict[str, str]] = []
    for number, text in enumerate(TEXTS):
        name = f"I {number} {text[:20].strip()}" if text.isprintable() else f"I{number}"
        follows = incidents[-1]["incident"] if number % 3 else ""
        incidents.append(
            {
                "incident": name,
                "channel": "Forum",
                "platform": text[:50],
                "occurred_on": "2020-02-29",
                "monopoly": ("true", "false", "")[number % 3],
                "follows": follows,
                "narrative": text,
                "why?": text[:200],
            }
        )
        for code, by in (("Delight", "customer"), ("Review", "customer"), ("EmotionalValue", "firm")):
            codings.append(
                {
                    "incident": name,
                    "code": code,
                    "valence": "positive",
                    "bearer": by,
                    "segment": text[:300],
                    "coder": f"o'{number % 2}",
                    "confidence": ("1", "0.8", "1.0")[number % 3],
                    "coded_at": "2020-02-29T10:00:00",
                    "step": str(number),
                }
            )
    for file, rows in (("codings.csv", codings), ("incidents.csv", incidents)):
        with (folder / file).open("w", encoding="utf-8", newline="") as to:
            writer = csv.DictWriter(to, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    return folder


def imported(server: Virtuoso, folder: Path) -> Endpoint:
    """A server that was sent a bundle, whose graphs are seen and no others."""
    asked = job("any")
    import_bundles([folder], asked, Endpoint(server.query, update_url=server.query), replace=True)
    return Endpoint(server.query, update_url=server.query).over(*graphs_of(folder))


def graphs_of(folder: Path) -> tuple[str, str, str]:
    """Where a bundle lies on a server."""
    [bundle] = job("any").read([folder])
    return bundle.iri, f"{bundle.iri}/codings", ONTOLOGY_IRI


def test_bundle_there_and_back(server: Virtuoso, odd: Path) -> None:
    """All triples of a bundle come back, however odd its names and texts."""
    endpoint = imported(server, odd)

    assert parsed(triples_of(odd)) == parsed(whole(endpoint.over(*endpoint.graphs[:2])))


def triples_of(folder: Path) -> list[str]:
    """What a bundle is lifted to, all graphs as one."""
    return [f"{line.rpartition('<')[0]}." for line in lifted(job("any").read([folder]), job("any"))]


@pytest.mark.parametrize("coders", ["any", "all"])
def test_verdicts_of_what_was_sent(server: Virtuoso, odd: Path, coders: str) -> None:
    """What is read from there is judged as what is read from files."""
    asked = Job((THEORY,), coders, every=True)
    for folder in (EXAMPLE, CASES / "verdicts", odd):
        _, expected = derive_all([folder], asked)
        _, actual = derive_all([imported(server, folder)], asked)

        assert len(expected) > 100
        assert expected == actual


def test_findings_in_what_was_sent(server: Virtuoso, odd: Path) -> None:
    """What is there is validated as a file is, each mistake found."""
    for folder in (EXAMPLE, odd):
        endpoint = imported(server, folder)

        assert said(validate(triples_of(folder), engine="shacl-rust")) == said(
            validate_all([], job("any"), endpoint=endpoint)
        )


def test_each_mistake_is_found(server: Virtuoso) -> None:
    """What a case trips in a file, it trips there."""
    wrong: dict[str, tuple[object, ...]] = {}
    found = 0
    for case in sorted(CASES.glob("shapes/*/data.ttl")):
        lines = [str(quad.triple) + " ." for quad in ox.parse(case.read_bytes(), ox.RdfFormat.TURTLE)]
        graph = f"urn:case:{case.parent.name}"
        by_gsp(server, graph, lines)  # Virtuoso takes no blank nodes in INSERT DATA
        expected = said(as_numbers(validate(lines, engine="shacl-rust")))
        endpoint = Endpoint(server.query).over(graph)
        actual = said(as_numbers(validate_all([], job("any"), endpoint=endpoint)))
        found += len(expected)
        if expected != actual:
            wrong[case.parent.name] = ({*expected} - {*actual}, {*actual} - {*expected})

    assert {} == wrong
    assert found > 90


def as_numbers(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings whose value, where it is a number, is written in one way."""
    for one in findings:
        yield replace(one, value=f"{Decimal(one.value).normalize():f}") if NUMBER.fullmatch(one.value) else one


NUMBER = re.compile(r"-?\d+\.\d*")


# The commands


@pytest.fixture(params=["update", "graph store"])
def place(server: Virtuoso, odd: Path, request: pytest.FixtureRequest) -> list[str]:
    """What tells a command of a server that a bundle was sent to in some way, and where it lies there."""
    to = ["--endpoint", server.query, "--update-endpoint", server.query]
    if request.param == "graph store":
        to += ["--graph-store", server.store]
    assert main(["import", str(odd), *to, "--replace", "--quiet"]) == 0
    return ["--endpoint", server.query, *(word for graph in graphs_of(odd) for word in ("--graph", graph))]


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command that ends well, or with findings, writes."""
    assert main([*arguments, "--quiet"]) in (0, 1)
    return capsys.readouterr().out


def test_derive(place: list[str], odd: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same verdicts from files, from what is read there, and from what the server itself finds in a view."""
    update = ["--update-endpoint", place[1]]
    expected = printed(capsys, "derive", str(odd), "--all", "--format", "csv")
    read = printed(capsys, "derive", *place, "--all", "--format", "csv")
    there = printed(capsys, "derive", *place, *update, "--all", "--format", "csv")

    assert expected.count("\n") > 100
    assert expected == read
    assert expected == there


def test_validate(place: list[str], odd: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The same findings as in a file."""
    file = tmp_path / "graph.nq"
    assert main(["import", str(odd), "-o", str(file), "--quiet"]) == 0
    expected = printed(capsys, "validate", str(file), "--format", "csv")

    assert expected == printed(capsys, "validate", *place, "--format", "csv")


def test_explain(place: list[str], odd: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same account of each kind of unit."""
    for unit in ("I 0 plain", "I 1", "I6"):
        expected = printed(capsys, "explain", str(odd), unit, "Z-delight", "--format", "markdown")

        assert expected == printed(capsys, "explain", *place, unit, "Z-delight", "--format", "markdown")


def test_report(place: list[str], odd: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The same page as of a file, but for where the data lie."""
    file = tmp_path / "graph.nq"
    assert main(["import", str(odd), "-o", str(file), "--quiet"]) == 0
    printed(capsys, "report", str(file), "-o", str(tmp_path / "a.html"))
    printed(capsys, "report", *place, "-o", str(tmp_path / "b.html"))
    expected, actual = ((tmp_path / name).read_text("utf-8") for name in ("a.html", "b.html"))

    assert expected == actual


# The questions


@pytest.fixture(scope="session")
def asked_of(server: Virtuoso) -> list[tuple[Here, There]]:
    """Bundles with their verdicts, and some at once, here and on the server."""
    asked = Job()
    # Other tests send a further theory with the terms, which are asked with every graph.
    Endpoint(server.query, graph_store=server.store).drop_graph(ONTOLOGY_IRI)
    pairs = []
    several = [CASES / name for name in ("questions", "questions-crosswalk", "questions-failure")]
    for folders in ([EXAMPLE], *([folder] for folder in several), [CASES / "verdicts"], several):
        here = ready(folders, asked, ("any", "ana") if set(folders) <= set(several[:2]) else ("any",))
        assert isinstance(here, Here)
        graphs: dict[str, list[str]] = {}
        for quad in here.store.inner:
            # Not the graph of the terms itself: other tests send a further theory there.
            graphs.setdefault(f"{quad.graph_name.value}/asked", []).append(f"{quad.triple} .")
        for graph, lines in graphs.items():
            for start in range(0, len(lines), 20_000):
                by_gsp(server, graph, lines[start : start + 20_000])
        there = ready([Endpoint(server.query, seconds=30).over(*graphs)], asked, ("any",))
        assert isinstance(there, There)
        pairs.append((here, there))
    return pairs


@pytest.mark.parametrize("question", [pytest.param(one, id=one.slug) for one in catalog()])
def test_question(asked_of: list[tuple[Here, There]], question: CompetencyQuestion) -> None:
    """A question has the same answer, in the same order."""
    for here, there in asked_of:
        expected, actual = here.answer(question.sparql), there.answer(question.sparql)

        assert _rows(expected) == _rows(actual)


@pytest.mark.parametrize("slug", [one.slug for one in catalog() if "coders" in {each.name for each in one.parameters}])
def test_question_of_one_coder(asked_of: list[tuple[Here, There]], slug: str) -> None:
    """So it has of one coder's verdicts."""
    (question,) = (one for one in catalog() if one.slug == slug)
    query = question.with_values({"coders": "ana"}, job("any").vocabulary)
    for here, there in asked_of[1:3]:
        expected, actual = here.answer(query), there.answer(query)

        assert _rows(expected) == _rows(actual)


def _rows(answers: Answers) -> list[list[str | None]]:
    """The rows of a SELECT, in their order; the triples of a CONSTRUCT, sorted."""
    if answers.triples is not None:
        return sorted([str(triple)] for triple in answers.triples)
    return [[None if term is None else same(term) for term in row] for row in answers.terms]
