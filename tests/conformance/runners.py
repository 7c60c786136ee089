"""Runners: a case goes in; the report that an engine by itself, or `kgtools validate`, gives for it comes out.

An engine by itself gets the shapes as they are, without what kgtools checks and says plainly before; what it writes is
put into the form of the W3C report, as kgtools does.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox

from kgtools import cli
from kgtools.errors import EngineError
from kgtools.validate import Shapes, engines, report_graph
from kgtools.validate.findings import Places, explained
from kgtools.validate.shapes.plain import named
from kgtools.validate.shapes.restored import descriptions

from .judge import Outcome
from .suite import Case


def by_engine(engine: str) -> Callable[[Case], Outcome]:
    """Runs an engine by itself."""
    adapters = {"pyshacl": engines._pyshacl, "shacl-rust": engines._shacl_rust}

    def run(case: Case) -> Outcome:
        triples = named(_triples(case.shapes))
        shapes = Shapes("".join(f"{one} .\n" for one in triples), {}, described=descriptions(triples))
        data = "".join(f"{one} .\n" for one in _triples(case.data))
        try:
            found = Counter(adapters[engine](data, shapes))
        except EngineError:
            return None
        results = [replace(result, times=times) for result, times in found.items()]
        return report_graph(explained(results, shapes, Places("")))

    return run


def by_command(case: Case) -> Outcome:
    """Runs `kgtools validate` in this process."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.ttl"
        code = cli.main([
            *("validate", str(case.data), "--shapes", str(case.shapes)),
            *("--format", "turtle", "--output", str(report), "--quiet"),
        ])  # fmt: skip
        return report.read_text("utf-8") if code in (0, 1) else None


RUNNERS: dict[str, Callable[[Case], Outcome]] = {
    "kgtools": by_command,
    "pyshacl": by_engine("pyshacl"),
    "shacl-rust": by_engine("shacl-rust"),
}


def _triples(path: Path) -> list[ox.Triple]:
    quads = ox.parse(path=str(path), format=ox.RdfFormat.TURTLE, base_iri=path.as_uri(), rename_blank_nodes=True)
    return [quad.triple for quad in quads]
