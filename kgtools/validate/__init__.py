"""Validation: RDF and SHACL shapes go in, findings come out that say in which row something is wrong and what to do.

`shapes` reads and checks the shapes, `routes` says which engines get them right, `engines` gets the results, the same
from each, `asked` what SPARQL finds in bulk; `findings` says results in words (`rules`, `sentences`) and with their
rows, `formats` and `report` write them down, `page` describes our own shapes.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kgtools.store import triples_of
from kgtools.validate.asked import targets_of
from kgtools.validate.engines import Result, read_shapes, results, text_of
from kgtools.validate.findings import Places, ShapeFinding, Where, explained
from kgtools.validate.report import report_graph, write_report_graph
from kgtools.validate.shapes import SHAPES, Shapes
from kgtools.validate.shapes.remarks import Terms, remarks
from kgtools.vocabulary import PREFIXES, Vocabulary, folder, ontology_files

__all__ = [
    "SHAPES",
    "Places",
    "Result",
    "ShapeFinding",
    "Shapes",
    "Terms",
    "remarks",
    "report_graph",
    "results",
    "targets_of",
    "validate",
    "validate_ontology",
    "validate_theory",
    "write_report_graph",
]


def validate(
    data: str | bytes | Iterable[str],
    shapes: Iterable[Path] | Shapes | None = None,
    engine: str = "auto",
    where: Where | None = None,
    vocabulary: Vocabulary | None = None,
) -> list[ShapeFinding]:
    """Validate RDF against SHACL shapes (W3C SHACL Core and SPARQL-based constraints; nothing is inferred).

    Args:
        data: N-Quads or N-Triples, as text, bytes or lines. All graphs are taken as one; the class tree is added.
        shapes: shapes files, or shapes that were read; None for those that come with kgtools for coded incidents.
        engine: `pyshacl`, `shacl-rust`, or `auto`, which chooses by size.
        where: looks up which row a node comes from; None to look in the data itself.
        vocabulary: classes; None for those of the ontology and the theories that come with kgtools.

    Returns:
        Findings, the most severe first, then by file, row, shape, focus, path and value.

    Raises:
        InputError: the data is no N-Quads, or the shapes cannot work.
        EngineError: an engine failed, which says nothing about the data.
    """
    loaded = read_shapes(shapes)
    text = text_of(data)
    return explained(results(text, loaded, engine, vocabulary), loaded, Places(text), where)


def validate_theory(path: Path, engine: str = "auto") -> list[ShapeFinding]:
    """Check a theory file, together with the ontology, before its propositions are used.

    Raises:
        InputError: there is no such file, or it is no Turtle; with the line.
    """
    return _validate_file([path], folder("shapes") / "theory.ttl", engine)


def validate_ontology(path: Path | None = None, engine: str = "auto") -> list[ShapeFinding]:
    """Check the ontology's modules, and one more file: every term labeled, defined, sourced and at home in a module."""
    return _validate_file([path] if path else [], folder("shapes") / "vocabulary.ttl", engine)


def _validate_file(paths: list[Path], shapes: Path, engine: str) -> list[ShapeFinding]:
    import pyoxigraph as ox

    lines: list[str] = []
    at_home: dict[Any, str] = {}
    for path in [*ontology_files(), *paths]:
        for triple in triples_of(path):
            lines.append(f"{triple} .")
            if triple.predicate.value != PREFIXES["rdfs"] + "subClassOf":
                at_home[triple.subject] = path.name
    return validate(
        lines, [shapes], engine, lambda focus: (at_home.get(ox.NamedNode(focus), "") if focus else "", None, "")
    )
