"""Engines: RDF and shapes go in, validation results come out, the same from each engine.

pySHACL is the reference, and answers for small data; shacl-rust is compiled, and answers in bulk. Tests hold the two to
the same answers. Each gives a report in its own words, so reports are reduced to what the W3C standard fixes; which one
may answer is a matter of what the shapes use (`routes`).
"""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgtools.errors import EngineError, InputError
from kgtools.model import SEVERITIES, Severity
from kgtools.read.limits import TOO_LONG
from kgtools.validate.asked import answers
from kgtools.validate.lexical import is_form_of
from kgtools.validate.routes import routes
from kgtools.validate.shapes import Shapes
from kgtools.validate.shapes.paths import Told, path_text
from kgtools.validate.shapes.restored import NODE, SPARQL, Messages, constraint_of, marks, messages_of
from kgtools.validate.timed import in_time, patience
from kgtools.vocabulary import EVCO, PREFIXES, Vocabulary, curie

if TYPE_CHECKING:
    import pyoxigraph as ox
    import rdflib

_SH = PREFIXES["sh"]


@dataclass(frozen=True, slots=True, order=True)
class Result:
    """One validation result, as SHACL defines it (W3C SHACL, 3.6.2).

    Args:
        focus: the focus node, as N-Triples writes it; `value` too, empty where there is none.
        path: a property path as SPARQL writes it, IRIs in full; empty where there is none.
        component: the IRI of the constraint component that was not met.
        shape: the IRI of the shape that says so; for a nameless one, a name that begins with `shapes.plain.NAMELESS`.
        level: the IRI of a severity that is none of SHACL's three, which counts as a violation; else empty.
        constraint: the IRI of the SPARQL-based constraint, as `shape`; empty where it is known by its shape.
        messages: what the shapes say of it, with their languages; empty where there is one message for each shape.
        times: how often there is such a result, since the standard tells some more than once.
    """

    focus: str
    path: str
    value: str
    component: str
    shape: str
    severity: Severity
    level: str = ""
    constraint: str = ""
    messages: Messages = ()
    times: int = field(default=1, compare=False)


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
    chosen = routes(loaded, engine, text.count("\n"))
    if EVCO in loaded.triples:
        text = class_tree(vocabulary or Vocabulary.read()) + text
    found = Counter(result for engines, some in chosen for result in _answered(text, some, engines, timeout))
    if loaded.trusted:
        return sorted(found)
    return sorted(replace(result, times=times) if times > 1 else result for result, times in found.items())


def _answered(data: str, shapes: Shapes, engines: list[str], timeout: float | None) -> list[Result]:
    """What the first engine finds; where it fails, and others are as right, what the next one does."""
    for number, name in enumerate(engines, 1):
        answer = _pyshacl if name == "pyshacl" else _shacl_rust
        try:
            return in_time(lambda: list(answer(data, shapes)), name, timeout or patience(data.count("\n")))  # noqa: B023
        except EngineError:
            if number == len(engines):
                raise
    raise AssertionError("no engine was named")


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


def _result(
    focus: str,
    path: str,
    value: str,
    component: str,
    shape: str,
    severity: str,
    said: Iterable[str],
    shapes: Shapes,
    constraint: str = "",
) -> Result:
    """A result as the standard has it, from what an engine says of it and what the shapes themselves say."""
    own = shapes.described.get(shape)
    if own is not None and own.path and not re.fullmatch(r"<[^<>]*>", path):
        path = own.path  # engines write it in their own ways
    if component == SPARQL and not value and not (own and own.path):
        value = focus  # W3C SHACL, 5.3.2
    known = next((one for one in SEVERITIES if severity == _SH + one.capitalize()), None)
    level = "" if known else severity
    constraint = constraint or constraint_of(shape, component, said, shapes.described)
    messages = messages_of(shape, component, constraint, said, shapes.described)
    if shapes.trusted:  # one message for each shape, and one constraint
        constraint, messages = "", ()
    return Result(focus, path, value, component, shape, known or "violation", level, constraint, messages)


def _shacl_rust(data: str, shapes: Shapes) -> Iterator[Result]:
    import shacl_rust

    at_once = shapes.asked and "_:" not in data  # a store gives blank nodes other labels than an engine
    rules = shapes.rest if at_once else shapes.triples + marks(shapes.described)
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
            raise EngineError(f"shacl-rust failed: {' '.join(str(error).split())}") from error
        raise
    for found in report["results"]:
        component, shape = found["sourceConstraintComponent"][1:-1], found["sourceShape"][1:-1]
        said = found.get("messages", ())
        for message in said:
            if message.startswith(("SPARQL parse error", "SPARQL execution error")):
                raise EngineError(f"shacl-rust failed at {curie(shape)}: {' '.join(message.split())}")
        yield _result(
            found["focusNode"],
            found.get("resultPath", ""),
            found.get("value") or "",
            component,
            shape,
            found["severity"][1:-1],
            said,
            shapes,
        )
    if at_once:
        for one, focus, value in answers(data, shapes.asked):
            path = one.path and f"<{one.path}>"
            yield _result(focus, path, value, SPARQL, one.shape, one.severity, (), shapes)


def _pyshacl(data: str, shapes: Shapes) -> Iterator[Result]:
    import rdflib
    from pyshacl import validate as pyshacl_validate
    from rdflib import RDF, SH

    with _quiet():
        graph, rules = (_graph(lines) for lines in (data, _ENDS.sub(_for_python, shapes.triples)))
        try:
            _, report, text = pyshacl_validate(
                graph, shacl_graph=rules, advanced=False, inplace=True, max_validation_depth=_DEEPEST
            )
        except Exception as error:
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            raise EngineError(f"pySHACL failed: {reason}") from error
    if not isinstance(report, rdflib.Graph):
        raise EngineError(f"pySHACL failed: {text}")
    told = _told(report)
    for top in report.subjects(RDF.type, SH.ValidationReport):
        for found in report.objects(top, SH.result):  # a result that is a detail of another hangs below that one
            yield _result(
                _written(report.value(found, SH.focusNode)),
                path_text(path, told) if (path := report.value(found, SH.resultPath)) is not None else "",
                _written(report.value(found, SH.value)),
                str(report.value(found, SH.sourceConstraintComponent)),
                str(report.value(found, SH.sourceShape)),
                str(report.value(found, SH.resultSeverity)),
                [str(message) for message in report.objects(found, SH.resultMessage)],
                shapes,
                str(report.value(found, SH.sourceConstraint) or ""),
            )


def _told(graph: rdflib.Graph) -> Told:
    """A graph of rdflib as something to look things up in."""
    import rdflib

    return lambda node, predicate: list(graph.objects(node, rdflib.URIRef(predicate)))


_DEEPEST = 100
"""Shapes in shapes, before pySHACL takes it for a circle."""

_ENDS = re.compile(rf'(?<=<{re.escape(_SH)}pattern> ")(?:[^"\\]|\\.)*')
_AT_END = re.compile(r"\\\\(?:\\.|.)|\[(?:\\\\(?:\\.|.)|[^\]\\])*\]|\$")


def _for_python(literal: re.Match[str]) -> str:
    r"""A pattern, as N-Triples has it, whose `$` is the very end: Python's is also before a last line break."""
    return _AT_END.sub(lambda one: r"\\Z" if one[0] == "$" else one[0], literal[0])


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep rdflib and pySHACL from remarking on stderr: shapes find what is wrong with data, and shapes are checked."""
    loggers = [logging.getLogger(name) for name in ("rdflib.term", "pyshacl-validate")]
    before = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=UserWarning, module="rdflib")
            yield
    finally:
        for logger, was in zip(loggers, before, strict=True):
            logger.disabled = was


def _quads(data: str) -> list[ox.Quad]:
    import pyoxigraph as ox

    try:
        return list(ox.parse(data.encode(), ox.RdfFormat.N_QUADS))
    except MemoryError as error:
        raise InputError(TOO_LONG) from error
    except SyntaxError as error:
        line = (data.splitlines()[(error.lineno or 1) - 1 :] or [""])[0]
        raise InputError(f"not N-Quads: {error.msg}: {line[:120]}") from error


def _graph(lines: str) -> rdflib.Graph:
    """N-Quads as a graph of rdflib, which would change literals if it read them itself."""
    import rdflib

    graph = rdflib.Graph()
    for quad in _quads(lines):
        graph.add((_rdflib(quad.subject), _rdflib(quad.predicate), _rdflib(quad.object)))
    return graph


def _rdflib(term: Any) -> Any:
    """A term of pyoxigraph as one of rdflib, its literals as they are written."""
    import pyoxigraph as ox
    import rdflib

    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(NODE + term.value)
    if term.language:
        return rdflib.Literal(term.value, lang=term.language)
    datatype = term.datatype.value
    plain = datatype == PREFIXES["xsd"] + "string"
    literal = rdflib.Literal(term.value, datatype=None if plain else rdflib.URIRef(datatype), normalize=False)
    fits = None if plain else is_form_of(term.value, datatype)
    if fits is not None:
        literal._ill_typed = not fits
        literal._value = (term.value if literal._value is None else literal._value) if fits else None
    return literal


def _written(term: rdflib.term.Node | None) -> str:
    """A term of rdflib as N-Triples writes it."""
    import pyoxigraph as ox
    import rdflib

    if term is None:
        return ""
    if isinstance(term, rdflib.Literal):
        datatype = ox.NamedNode(str(term.datatype)) if term.datatype and not term.language else None
        return str(ox.Literal(str(term), datatype=datatype, language=term.language))
    return f"_:{term.removeprefix(NODE)}" if isinstance(term, rdflib.BNode) else f"<{term}>"
