"""Engines: RDF and shapes go in, validation results come out, the same from each engine.

pySHACL is the reference, and answers for small data; shacl-rust is compiled, and answers in bulk. Tests hold the two to
the same answers. Each gives a report in its own words, so reports are reduced to what the W3C standard fixes: focus
node, path, value, component, shape, severity.
"""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgtools.errors import EngineError, InputError
from kgtools.model import SEVERITIES, Severity
from kgtools.read.limits import TOO_LONG
from kgtools.validate.asked import answers
from kgtools.validate.shapes import Shapes
from kgtools.validate.timed import in_time, patience
from kgtools.vocabulary import PREFIXES, Vocabulary, curie, local

if TYPE_CHECKING:
    import pyoxigraph as ox
    import rdflib

ENGINES = ("auto", "pyshacl", "shacl-rust")

SMALL = 1000
"""Up to so many triples, `auto` takes pySHACL."""

_SH = PREFIXES["sh"]
_SPARQL = _SH + "SPARQLConstraintComponent"


@dataclass(frozen=True, slots=True, order=True)
class Result:
    """One validation result, as SHACL defines it (W3C SHACL, 3.6.2).

    Args:
        focus: the focus node, as N-Triples writes it; `value` too, empty where there is none.
        path: a property path as SPARQL writes it, IRIs in full; empty where there is none.
        component: the IRI of the constraint component that was not met.
        shape: the IRI of the shape that says so.
    """

    focus: str
    path: str
    value: str
    component: str
    shape: str
    severity: Severity


def class_tree(vocabulary: Vocabulary) -> str:
    """What shapes ask the ontology for, as N-Triples: which class is below which."""
    below = f"<{PREFIXES['rdfs']}subClassOf>"
    return "".join(
        f"<{iri}> {below} <{parent}> .\n"
        for iri in sorted(vocabulary.parents)
        for parent in sorted(vocabulary.parents[iri])
    )


def results(
    data: str | bytes | Iterable[str],
    shapes: Iterable[Path] | Shapes | None = None,
    engine: str = "auto",
    vocabulary: Vocabulary | None = None,
    timeout: float | None = None,
) -> list[Result]:
    """As `validate`, but yields the results as SHACL defines them, sorted; the same whichever engine is used.

    Args:
        timeout: the seconds that an engine may take; None for what is plenty for so much data.
    """
    loaded = read_shapes(shapes)
    text = text_of(data)
    if engine not in ENGINES:
        raise InputError(f"`{engine}` is no engine; there are {', '.join(ENGINES)}")
    if engine == "auto":
        engine = "pyshacl" if text.count("\n") <= SMALL else "shacl-rust"
    whole = class_tree(vocabulary or Vocabulary.read()) + text
    answer = _pyshacl if engine == "pyshacl" else _shacl_rust
    found = in_time(lambda: list(answer(whole, loaded)), engine, timeout or patience(whole.count("\n")))
    return sorted(set(found))


def read_shapes(shapes: Iterable[Path] | Shapes | None) -> Shapes:
    """Shapes from files, or as they are; those that come with kgtools where there are none."""
    if shapes is None:
        return Shapes.of_data()
    return shapes if isinstance(shapes, Shapes) else Shapes.read(shapes)


def text_of(data: str | bytes | Iterable[str]) -> str:
    """N-Quads as one text."""
    if isinstance(data, str):
        return data
    return data.decode() if isinstance(data, bytes) else "\n".join(data)


def _severity(iri: str) -> Severity:
    return next((severity for severity in SEVERITIES if severity == local(iri).lower()), "violation")


def _shacl_rust(data: str, shapes: Shapes) -> Iterable[Result]:
    import shacl_rust

    at_once = shapes.asked and "_:" not in data  # a store gives blank nodes other labels than an engine
    rules = shapes.rest if at_once else shapes.triples
    try:
        report = shacl_rust.validate_file(
            io.BytesIO(data.encode()),
            io.BytesIO(rules.encode()),
            data_format="nq",
            shapes_format="nt",
            experimental_index=True,
        )
    except BaseException as error:
        _quads(data)  # the data is to blame, if it is no N-Quads
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise EngineError(f"shacl-rust failed: {error}") from error
        raise
    for found in report["results"]:
        component, focus, path = (
            found["sourceConstraintComponent"][1:-1],
            found["focusNode"],
            found.get("resultPath", ""),
        )
        for message in found.get("messages", ()):
            if component == _SPARQL and message.startswith(("SPARQL parse error", "SPARQL execution error")):
                raise EngineError(f"shacl-rust failed at {curie(found['sourceShape'][1:-1])}: {message}")
        value = found.get("value") or (focus if component == _SPARQL and not path else "")
        yield Result(focus, path, value, component, found["sourceShape"][1:-1], _severity(found["severity"][1:-1]))
    if at_once:
        for one, focus, value in answers(data, shapes.asked):
            path = one.path and f"<{one.path}>"
            yield Result(focus, path, value or ("" if path else focus), _SPARQL, one.shape, _severity(one.severity))


def _pyshacl(data: str, shapes: Shapes) -> Iterable[Result]:
    import rdflib
    from pyshacl import validate as pyshacl_validate
    from rdflib import RDF, SH

    with _quiet():
        graph = rdflib.Graph()
        for quad in _quads(data):
            graph.add((_rdflib(quad.subject), _rdflib(quad.predicate), _rdflib(quad.object)))
        rules = rdflib.Graph().parse(data=shapes.triples, format="nt")
        try:
            _, report, text = pyshacl_validate(graph, shacl_graph=rules, advanced=False, inplace=True)
        except Exception as error:
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            raise EngineError(f"pySHACL failed: {reason}") from error
    if not isinstance(report, rdflib.Graph):
        raise EngineError(f"pySHACL failed: {text}")
    for top in report.subjects(RDF.type, SH.ValidationReport):
        for found in report.objects(top, SH.result):  # a result that is a detail of another hangs below that one
            yield Result(
                _written(report.value(found, SH.focusNode)),
                _path(report.value(found, SH.resultPath), report),
                _written(report.value(found, SH.value)),
                str(report.value(found, SH.sourceConstraintComponent)),
                str(report.value(found, SH.sourceShape)),
                _severity(str(report.value(found, SH.resultSeverity))),
            )


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep rdflib from remarking on literals that are not what their datatype says: shapes find these."""
    logger = logging.getLogger("rdflib.term")
    before = logger.disabled
    logger.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=UserWarning, module="rdflib")
            yield
    finally:
        logger.disabled = before


def _quads(data: str) -> list[ox.Quad]:
    import pyoxigraph as ox

    try:
        return list(ox.parse(data.encode(), ox.RdfFormat.N_QUADS))
    except MemoryError as error:
        raise InputError(TOO_LONG) from error
    except SyntaxError as error:
        line = (data.splitlines()[(error.lineno or 1) - 1 :] or [""])[0]
        raise InputError(f"not N-Quads: {error.msg}: {line[:120]}") from error


def _rdflib(term: Any) -> Any:
    """A term of pyoxigraph as one of rdflib, its literals as they are written."""
    import pyoxigraph as ox
    import rdflib

    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    plain = term.datatype.value == PREFIXES["xsd"] + "string"
    return rdflib.Literal(term.value, datatype=None if plain else rdflib.URIRef(term.datatype.value), normalize=False)


def _written(term: rdflib.term.Node | None) -> str:
    """A term of rdflib as N-Triples writes it."""
    import pyoxigraph as ox
    import rdflib

    if term is None:
        return ""
    if isinstance(term, rdflib.Literal):
        datatype = ox.NamedNode(str(term.datatype)) if term.datatype and not term.language else None
        return str(ox.Literal(str(term), datatype=datatype, language=term.language))
    return f"_:{term}" if isinstance(term, rdflib.BNode) else f"<{term}>"


def _path(path: rdflib.term.Node | None, graph: rdflib.Graph) -> str:
    """A SHACL property path as SPARQL writes it."""
    import rdflib
    from rdflib import SH

    if path is None or isinstance(path, rdflib.URIRef):
        return _written(path)
    inverse = graph.value(path, SH.inversePath)
    if inverse is not None:
        return "^" + _path(inverse, graph)
    for kind, mark in ((SH.zeroOrMorePath, "*"), (SH.oneOrMorePath, "+"), (SH.zeroOrOnePath, "?")):
        inner = graph.value(path, kind)
        if inner is not None:
            return _path(inner, graph) + mark
    several = graph.value(path, SH.alternativePath)
    steps = [_path(step, graph) for step in graph.items(several or path)]
    return "(" + (" | " if several else " / ").join(steps) + ")"
