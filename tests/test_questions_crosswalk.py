"""The competency questions once more, of what their first case has not: a crosswalk between coders, and absences.

`cases/questions-crosswalk` is the bundle, its `expected` what some questions must answer: by default, and, where the
name ends so, for one coder. Both cases in one store answer what each answers alone.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from test_questions import QUESTIONS, VOCABULARY, quads, short, stored, verdicts

from kgtools.questions import Value

CASE = Path(__file__).parent / "cases" / "questions-crosswalk"
CODERS = ("any", "majority", "all", "ana", "ben", "cem")
EXPECTED = sorted((CASE / "expected").iterdir())

Rows = list[tuple[str, ...]]

every_answer = pytest.mark.parametrize("path", EXPECTED, ids=lambda path: path.stem)


def named(value: object) -> str:
    """A value as the expected answers write it: nodes of the data without the bundle's IRI before them."""
    return re.sub(r"^urn:evco:data:[^/]+/", "", short(value))


def mine() -> tuple[ox.Quad, ...]:
    """This case, with the terms and the verdicts for each set of its coders."""
    return quads(CASE, CODERS)


@cache
def stores() -> dict[str, ox.Store]:
    """The case as it is lifted, with each triple in two graphs, the first case, and both."""
    copy = ox.NamedNode("urn:copy")
    return {
        "graphs": stored(mine()),
        "twice": stored(two for one in mine() for two in (one, ox.Quad(one.subject, one.predicate, one.object, copy))),
        "first": stored(quads()),
        "both": stored([*quads(), *mine()]),
    }


@cache
def reference() -> rdflib.Graph:
    """The case as a graph of rdflib."""
    graph = rdflib.Graph()
    graph.parse(data="\n".join(f"{one.triple} ." for one in mine()), format="nt")
    return graph


def asked(query: str, where: str = "graphs") -> Rows:
    """What Oxigraph answers, the header first."""
    answer: Any = stores()[where].query(query, use_default_graph_as_union=True)
    return [tuple(one.value for one in answer.variables), *(tuple(map(named, row)) for row in answer)]


def graph(coders: str, proposition: str) -> set[tuple[str, ...]]:
    """The evidence of a proposition as a graph."""
    query = QUESTIONS["evidence-graph"].with_values({"coders": coders, "proposition": proposition}, VOCABULARY)
    answer: Any = stores()["graphs"].query(query, use_default_graph_as_union=True)
    return {tuple(map(named, triple)) for triple in answer}


def query_of(path: Path) -> str:
    """The query that a file of expected answers, `<question>.csv` or `<question>.<coder>.csv`, is of."""
    slug, _, coder = path.stem.partition(".")
    values: dict[str, Value] = {"coders": coder} if coder else {}
    return QUESTIONS[slug].with_values(values, VOCABULARY)


def rows_of(path: Path) -> Rows:
    """What must be answered, the header first."""
    with path.open(encoding="utf-8", newline="") as file:
        return [tuple(row) for row in csv.reader(file)]


@every_answer
@pytest.mark.parametrize("where", ["graphs", "twice"])
def test_answer_in_oxigraph(path: Path, where: str) -> None:
    """Oxigraph gives the expected answer, also where a triple stands in two graphs."""
    assert rows_of(path) == asked(query_of(path), where)


@every_answer
def test_answer_in_rdflib(path: Path) -> None:
    """So does rdflib, in the same order."""
    answer: Any = reference().query(query_of(path))

    assert rows_of(path) == [tuple(map(str, answer.vars)), *(tuple(map(named, row)) for row in answer)]


@pytest.mark.parametrize(
    "slug", [slug for slug, one in QUESTIONS.items() if re.search(r"SELECT[^{]*\?(incident|unit)\b(?! AS)", one.sparql)]
)
def test_two_bundles_answer_what_each_answers(slug: str) -> None:
    """Rows on incidents and chains of two bundles in one store are those of the one and those of the other."""
    query = QUESTIONS[slug].sparql
    header, *rows = asked(query, "both")
    if {"incident", "unit"} & set(header):
        apart = [*asked(query, "first")[1:], *asked(query)[1:]]

        assert sorted(apart) == sorted(rows)


@pytest.mark.parametrize("coders", CODERS)
def test_codings_are_those_of_the_coders(coders: str) -> None:
    """What a verdict rests on for one coder are that coder's codings, as in the table of verdicts."""
    said = verdicts(coders, CASE)
    rows = asked(QUESTIONS["verdict-provenance"].with_values({"coders": coders}, VOCABULARY))[1:]
    alone = asked(QUESTIONS["crosswalk-only-verdicts"].with_values({"coders": coders}, VOCABULARY))[1:]

    assert {(named(one.proposition_iri), named(one.unit_iri), id) for one in said for id in one.evidence} == {
        (*row[:2], row[5].split("/")[1]) for row in rows
    }
    assert {(named(one.proposition_iri), named(one.unit_iri)) for one in said if one.inferred_alone} == {
        row[:2] for row in alone
    }


def test_the_graph_of_evidence_is_that_of_the_coder() -> None:
    """The graph of a coder's evidence has the quotes of that coder only."""
    quotes = {o for _, p, o in graph("ana", "Z-delight") if p == "oa:exact"}

    assert {"They thrilled me", "I told others"} == quotes
    assert {"thrilled"} == {o for _, p, o in graph("any", "Z-delight") if p == "oa:exact"} - quotes
