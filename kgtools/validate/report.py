"""The report: findings go in, a validation report of the W3C standard comes out, as Turtle or JSON-LD."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from io import BytesIO
from typing import IO, Any, Literal

from kgtools.model import Finding
from kgtools.validate.engines import Result
from kgtools.validate.findings import ShapeFinding
from kgtools.validate.shapes import SHAPES
from kgtools.validate.shapes.paths import Path, in_json, in_turtle, path_pieces
from kgtools.validate.shapes.plain import NAMELESS
from kgtools.validate.shapes.restored import PLACEHOLDER, SPARQL, Messages, literal
from kgtools.vocabulary import PREFIXES, curie

Form = Literal["turtle", "json-ld"]


def report_graph(findings: Iterable[Finding], form: Form = "turtle") -> str:
    """The validation report as text; see `write_report_graph`."""
    found = list(findings)
    file = BytesIO()
    write_report_graph(found, file, conforms=not found, form=form)
    return file.getvalue().decode()


def write_report_graph(findings: Iterable[Finding], file: IO[bytes], *, conforms: bool, form: Form = "turtle") -> None:
    """Write the validation report of SHACL (W3C SHACL, 3.6).

    The same results in the same order give the same bytes. Findings are written as they come, and none is kept.

    Args:
        findings: of shapes, and of readers and other verbs. These become results of the component evcosh:Reading; where
            such a finding has no focus node, its file and row stand for it.
        conforms: whether there is none.
        form: the syntax.
    """
    nodes = _Nameless()
    said = (facts for finding in findings for facts in _all_facts(finding, nodes))
    if form == "json-ld":
        _write_json(said, file, conforms)
    else:
        _write_turtle(said, file, conforms)


Facts = list[tuple[str, str | Path]]
"""Properties of SHACL with a term of N-Triples, or, for sh:resultPath, a path in pieces."""


class _Nameless:
    """The nameless nodes of one report: what they are called in it, by what they are called elsewhere."""

    def __init__(self) -> None:
        self._labels: dict[str, str] = {}

    def label(self, node: str) -> str:
        """The label of a node, numbered as they come."""
        return self._labels.setdefault(node, f"_:b{len(self._labels) + 1}")

    def of_data(self, term: str) -> str:
        """A term of N-Triples from the data."""
        return self.label(term) if term.startswith("_:") else term

    def of_shapes(self, name: str) -> str:
        """A shape or constraint, by its IRI, or by the name that stands for one without."""
        return self.label(name) if name.startswith((NAMELESS, "_:")) else f"<{name}>"


def _all_facts(finding: Finding, nodes: _Nameless) -> Iterable[Facts]:
    """What each result that a finding tells of says; several results that are equal are one finding."""
    result = finding.result if isinstance(finding, ShapeFinding) else None
    facts = _read_facts(finding) if result is None else _facts(result, nodes)
    level = result.level if result is not None else ""
    messages = _messages(result) if result is not None and result.messages else ((finding.message, "en"),)
    facts.append(("resultSeverity", f"<{level or PREFIXES['sh'] + finding.severity.capitalize()}>"))
    facts += [("resultMessage", _literal(*message)) for message in messages]
    return (facts for _ in range(result.times if result is not None else 1))


def _messages(result: Result) -> Messages:
    """What the shapes say of a result, in each language, with the nodes that it is about."""
    said = {"this": result.focus, "value": result.value, "path": result.path}
    words = {name: _rendered(term) for name, term in said.items()}
    return tuple(
        (PLACEHOLDER.sub(lambda one: words.get(one[1]) or one[0], text), language) for text, language in result.messages
    )


def _rendered(term: str) -> str:
    """A term or path as a message has it: IRIs in short, literals by what they say."""
    if term.startswith("_:"):
        return "a node without a name"
    if term.startswith('"'):
        return literal(term).value
    return re.sub(r"<([^<>]*)>", lambda one: curie(one[1]), term)


def _facts(result: Result, nodes: _Nameless) -> Facts:
    """What a result says."""
    facts: Facts = [("focusNode", nodes.of_data(result.focus))]
    if result.path:
        facts.append(("resultPath", _pieces(result.path)))
    if result.value:
        facts.append(("value", nodes.of_data(result.value)))
    facts.append(("sourceConstraintComponent", f"<{result.component}>"))
    if result.component == SPARQL:
        facts.append(("sourceConstraint", nodes.of_shapes(result.constraint or f"{NAMELESS}{result.shape}/sparql")))
    return [*facts, ("sourceShape", nodes.of_shapes(result.shape))]


_pieces = lru_cache(maxsize=1_000)(path_pieces)


def _read_facts(finding: Finding) -> Facts:
    """The same of a finding that no shape made."""
    place = f"{finding.file}:{finding.row}" if finding.row is not None else finding.file or finding.incident
    facts: Facts = [("focusNode", f"<{finding.focus}>" if finding.focus else _literal(place))]
    if finding.value:
        facts.append(("value", _literal(finding.value)))
    return [
        *facts,
        ("sourceConstraintComponent", f"<{SHAPES}Reading>"),
        ("sourceShape", f"<{SHAPES}{finding.shape}>"),
    ]


@lru_cache(maxsize=10_000)
def _literal(value: str, language: str = "") -> str:
    import pyoxigraph as ox

    return str(ox.Literal(value, language=language or None))


# Turtle

_REPORT_PREFIXES = {
    "evcosh": SHAPES,
    **{name: PREFIXES[name] for name in ("evco", "dcterms", "oa", "prov", "rdf", "sh", "xsd")},
}
_LOCAL = re.compile(r"[A-Za-z_]([\w:-]*[\w-])?", re.ASCII)


def _write_turtle(said: Iterable[Facts], file: IO[bytes], conforms: bool) -> None:
    head = "".join(f"@prefix {name}: <{space}> .\n" for name, space in _REPORT_PREFIXES.items())
    file.write(f"{head}\n[] a sh:ValidationReport ;\n    sh:conforms {str(conforms).lower()}".encode())
    for facts in said:
        lines = (f"sh:{name} {_turtle(value)}" for name, value in facts)
        text = " ;\n        ".join(["a sh:ValidationResult", *lines])
        file.write(f" ;\n    sh:result [\n        {text}\n    ]".encode())
    file.write(b" .\n")


def _turtle(value: str | Path) -> str:
    return _short(value) if isinstance(value, str) else in_turtle(value, _short)


@lru_cache(maxsize=10_000)
def _short(term: str) -> str:
    """A term of N-Triples as Turtle, shortened where a prefix is at hand."""
    if term.startswith("<"):
        for prefix, space in _REPORT_PREFIXES.items():
            if term.startswith(f"<{space}") and _LOCAL.fullmatch(term[1 + len(space) : -1]):
                return f"{prefix}:{term[1 + len(space) : -1]}"
    return term


# JSON-LD

_TERMS = (
    *("ValidationReport", "ValidationResult", "conforms", "result", "focusNode", "resultPath", "value"),
    *("sourceConstraintComponent", "sourceConstraint", "sourceShape", "resultSeverity", "resultMessage"),
    *("inversePath", "alternativePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath"),
)


def _write_json(said: Iterable[Facts], file: IO[bytes], conforms: bool) -> None:
    context = json.dumps({name: PREFIXES["sh"] + name for name in _TERMS}, indent=1).replace("\n", "\n ")
    head = f'"@context": {context},\n "@type": "ValidationReport",\n "conforms": {str(conforms).lower()}'
    file.write(f'{{\n {head},\n "result": ['.encode())
    between = "\n"
    for facts in said:
        result: dict[str, Any] = {"@type": "ValidationResult"}
        for name, value in facts:
            told = _json(value) if isinstance(value, str) else in_json(value, _json)
            if name in result:  # messages in several languages
                before = result[name]
                result[name] = [*before, told] if isinstance(before, list) else [before, told]
            else:
                result[name] = told
        file.write(f"{between}  {json.dumps(result, ensure_ascii=False)}".encode())
        between = ",\n"
    file.write(b"\n ]\n}\n" if between != "\n" else b"]\n}\n")


def _json(term: str) -> dict[str, str]:
    """A term of N-Triples as JSON-LD."""
    if not term.startswith('"'):
        return {"@id": term[1:-1] if term.startswith("<") else term}
    said = literal(term)
    if said.language:
        return {"@value": said.value, "@language": said.language}
    if said.datatype.value == PREFIXES["xsd"] + "string":
        return {"@value": said.value}
    return {"@value": said.value, "@type": said.datatype.value}
