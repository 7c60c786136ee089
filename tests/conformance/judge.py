"""Judging: an expected report and the one that a runner gave go in; what is wrong with the latter comes out.

As the suite's own text asks ("SHACL Test Suite and Implementation Report", Validate RDF data): both are cut down to the
report, its results, their paths and the properties that the suite compares, and then have to be isomorphic.
sh:resultMessage counts where the expected report has one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyoxigraph as ox

from .suite import RDF, SHT, Case

SH = "http://www.w3.org/ns/shacl#"
COMPARED = (
    *("focusNode", "resultPath", "resultSeverity", "sourceConstraint", "sourceConstraintComponent"),
    *("sourceShape", "value"),
)

Outcome = str | None
"""A report as Turtle, or None where the runner refused."""


def fault(case: Case, outcome: Outcome) -> str:
    """What is wrong with what a runner gave for a case; empty where nothing is."""
    return JUDGES[case.kind](case, outcome)


def _validate(case: Case, outcome: Outcome) -> str:
    if case.result == ox.NamedNode(SHT + "Failure"):
        return "" if outcome is None else "should have been refused, and was answered"
    if outcome is None:
        return "was refused"
    given = [quad.triple for quad in ox.parse(outcome, ox.RdfFormat.TURTLE)]
    [report] = [
        one.subject for one in given if _is(one, RDF + "type") and one.object == ox.NamedNode(SH + "ValidationReport")
    ]
    with_messages = any(_is(one, SH + "resultMessage") for one in _report(case.result, case.graph, with_messages=True))
    expected, actual = (
        _canonical(_report(node, graph, with_messages=with_messages))
        for node, graph in ((case.result, case.graph), (report, given))
    )
    if expected == actual:
        return ""
    return f"lacks {len(expected - actual)} triples of {len(expected)}, and has {len(actual - expected)} others"


JUDGES = {SHT + "Validate": _validate}
"""From a kind of test to what judges it."""


def _is(triple: Any, predicate: str) -> bool:
    return bool(triple.predicate.value == predicate)


def _report(report: Any, graph: Iterable[ox.Triple], *, with_messages: bool) -> list[ox.Triple]:
    """What the suite compares of a report."""
    graph = list(graph)
    known = {SH + name for name in (*COMPARED, *(("resultMessage",) if with_messages else ()))}
    found: list[ox.Triple] = []
    results: set[Any] = set()
    for one in graph:
        if one.subject == report and one.predicate.value in (SH + "conforms", SH + "result", RDF + "type"):
            found.append(one)
            if _is(one, SH + "result"):
                results.add(one.object)
    paths: list[Any] = []
    for one in graph:
        if one.subject in results and (one.predicate.value in known or _is(one, RDF + "type")):
            found.append(one)
            if _is(one, SH + "resultPath"):
                paths.append(one.object)
    seen: set[Any] = set()
    while paths:
        node = paths.pop()
        if isinstance(node, ox.BlankNode) and node not in seen:
            seen.add(node)
            below = [one for one in graph if one.subject == node]
            found += below
            paths += [one.object for one in below]
    return found


def _canonical(triples: Iterable[ox.Triple]) -> set[str]:
    dataset = ox.Dataset(ox.Quad(*one) for one in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}
