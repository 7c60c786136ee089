"""The same from Virtuoso 7 as from Oxigraph: propositions, what is sent there and comes back, the commands.

A run starts one server. Each test uses graphs of its own names, since a query may see any number of these as one.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from oracle import Bundle
from strategies import EDGES, bundles, write
from virtuoso import Virtuoso, virtuoso

from kgtools.derive import COLUMNS
from kgtools.endpoint import Endpoint
from kgtools.model import CODER_SETS
from kgtools.pipeline import Job
from kgtools.pipeline.carry import view_graph
from kgtools.view import view

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
