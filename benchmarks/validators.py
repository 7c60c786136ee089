"""Validators: a lifted graph goes in as N-Quads, a validation report by the field's usual parts comes out.

Each does what its documentation shows: the whole graph at once. Run as `python -m benchmarks.validators NAME GRAPH
FOLDER`.
"""

from __future__ import annotations

import io
import json
import logging
import sys
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.contenders import shapes
from benchmarks.results import shape_findings

Found = Iterable[tuple[str, ...]]
"""Findings: shape, focus node, and what else tells two apart."""


def by_pyshacl(graph: Path, out: Path) -> None:
    """rdflib parses, pySHACL validates, rdflib writes the report."""
    import pyshacl
    from rdflib import Dataset, Graph

    logging.getLogger("rdflib.term").disabled = True
    parsed, data = Dataset(), Graph()
    parsed.parse(graph, format="nquads")
    for subject, predicate, value, _ in parsed.quads():  # pySHACL takes each graph of a dataset by itself
        data.add((subject, predicate, value))
    _, report, _ = pyshacl.validate(data, shacl_graph=Graph().parse(data=shapes(), format="turtle"), inplace=True)
    report.serialize(out / "report.ttl", format="turtle")


def by_shacl_rust(graph: Path, out: Path) -> None:
    """shacl-rust parses and validates; it gives its report as JSON."""
    import shacl_rust

    report = shacl_rust.validate_file(
        graph, io.BytesIO(shapes().encode()), data_format="nq", shapes_format="ttl", experimental_index=True
    )
    (out / "report.json").write_text(json.dumps(report), "utf-8")


SLOW = "pySHACL"
"""The one that gets the fewest incidents only."""

VALIDATORS: dict[str, Callable[[Path, Path], None]] = {SLOW: by_pyshacl, "shacl-rust": by_shacl_rust}


def findings(out: Path) -> list[str]:
    """The findings of a report, as comparable lines."""
    if (out / "report.json").exists():
        report = json.loads((out / "report.json").read_text("utf-8"))
        return shape_findings((one["sourceShape"][1:-1], one["focusNode"].strip("<>")) for one in report["results"])
    return shape_findings(_in_turtle(out / "report.ttl"))


def _in_turtle(report: Path) -> Found:
    import pyoxigraph as ox

    from kgtools.vocabulary import PREFIXES

    store = ox.Store()
    store.bulk_load(path=str(report), format=ox.RdfFormat.TURTLE)
    rows = store.query(
        f"PREFIX sh: <{PREFIXES['sh']}> SELECT ?shape ?focus {{ ?report sh:result ?one ."
        " ?one sh:sourceShape ?shape ; sh:focusNode ?focus }"
    )
    return ((row["shape"].value, row["focus"].value) for row in rows)  # type: ignore[union-attr]  # a SELECT has solutions


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    VALIDATORS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
