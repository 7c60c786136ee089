"""Contenders: a lifted graph and its view go in, verdicts and findings by the field's usual parts come out.

Each does what its parts are known for, in the way that their documentation shows: no chunks, the whole graph at once.
They are spared reading and lifting, making the view, words and rows for findings, and writing. Run as
`python -m benchmarks.contenders NAME GRAPH VIEW FOLDER`.
"""

from __future__ import annotations

import io
import json
import logging
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.results import ANSWERS, Row, shape_findings, write_lines
from kgtools.vocabulary import folder as folder_of


def queries() -> Iterator[tuple[str, str]]:
    """The propositions' queries by their ids."""
    for path in sorted(folder_of("queries").glob("proposition/*/*.rq")):
        yield path.stem, path.read_text("utf-8")


def shapes() -> str:
    """The shapes for coded incidents, as Turtle."""
    return "".join((folder_of("shapes") / name).read_text("utf-8") for name in ("incident.ttl", "coding.ttl"))


class Clock:
    """Seconds between one call and the next, by what was done."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._last = time.perf_counter()

    def __call__(self, done: str) -> None:
        now = time.perf_counter()
        self.spent[done] = now - self._last
        self._last = now


Contender = Callable[[Path, Path, Clock], tuple[list[Row], set[tuple[str, ...]]]]
"""From graph and view to the rows of the queries, and the findings: shape, focus node, what else tells two apart."""


def usual_python(graph: Path, view: Path, clock: Clock) -> tuple[list[Row], set[tuple[str, ...]]]:
    """rdflib parses and queries, pySHACL validates."""
    import pyshacl
    from rdflib import RDF, SH, Dataset, Graph, Variable

    logging.getLogger("rdflib.term").disabled = True
    clock("start")
    parsed, data = Dataset(), Graph()
    parsed.parse(graph, format="nquads")
    for subject, predicate, value, _ in parsed.quads():  # pySHACL takes each graph of a dataset by itself
        data.add((subject, predicate, value))
    seen = Graph().parse(view, format="nt")
    clock("load")
    _, report, _ = pyshacl.validate(data, shacl_graph=Graph().parse(data=shapes(), format="turtle"), inplace=True)
    found = {
        tuple(
            str(report.value(one, name) or "")
            for name in (SH.sourceShape, SH.focusNode, SH.resultPath, SH.value, SH.sourceConstraintComponent)
        )
        for one in report.objects(report.value(None, RDF.type, SH.ValidationReport), SH.result)
    }
    clock("validate")
    asked = [Variable(column) for column in ANSWERS]
    rows = [
        (name, *(str(row[column]) for column in asked))
        for name, query in queries()
        for row in seen.query(query).bindings
    ]
    clock("query")
    return rows, found


def compiled(graph: Path, view: Path, clock: Clock) -> tuple[list[Row], set[tuple[str, ...]]]:
    """pyoxigraph loads and queries, shacl-rust validates."""
    import pyoxigraph as ox
    import shacl_rust

    clock("start")
    store, seen = ox.Store(), ox.NamedNode("urn:view")
    store.bulk_load(path=str(graph), format=ox.RdfFormat.N_QUADS)
    store.bulk_load(path=str(view), format=ox.RdfFormat.N_TRIPLES, to_graph=seen)
    clock("load")
    report = shacl_rust.validate_file(
        graph, io.BytesIO(shapes().encode()), data_format="nq", shapes_format="ttl", experimental_index=True
    )
    found = {
        (
            one["sourceShape"][1:-1],
            one["focusNode"].strip("<>"),
            *(one.get(name) or "" for name in ("resultPath", "value", "sourceConstraintComponent")),
        )
        for one in report["results"]
    }
    clock("validate")
    rows = [
        (name, *(row[column].value for column in ANSWERS))
        for name, query in queries()
        for row in store.query(query, default_graph=seen)  # type: ignore[union-attr]  # a SELECT has solutions
    ]
    clock("query")
    return rows, found


CONTENDERS: dict[str, Contender] = {"rdflib + pySHACL": usual_python, "pyoxigraph + shacl-rust": compiled}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    name, graph, view, out = sys.argv[1], *map(Path, sys.argv[2:])
    clock = Clock()
    rows, found = CONTENDERS[name](graph, view, clock)
    write_lines(out, rows, shape_findings(found))
    (out / "parts.json").write_text(json.dumps(clock.spent), "utf-8")
