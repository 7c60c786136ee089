"""The report: findings go in, a validation report of the W3C standard comes out as Turtle."""

from __future__ import annotations

import re
from collections.abc import Iterable
from io import BytesIO
from typing import IO

from kgtools.model import Finding
from kgtools.validate.engines import Result
from kgtools.validate.findings import ShapeFinding
from kgtools.validate.shapes import SHAPES
from kgtools.vocabulary import PREFIXES


def report_graph(findings: Iterable[Finding]) -> str:
    """The validation report as text; see `write_report_graph`."""
    found = list(findings)
    file = BytesIO()
    write_report_graph(found, file, conforms=not found)
    return file.getvalue().decode()


def write_report_graph(findings: Iterable[Finding], file: IO[bytes], *, conforms: bool) -> None:
    """Write the validation report of SHACL (W3C SHACL, 3.6) as Turtle.

    The same results in the same order give the same bytes.

    Args:
        findings: of shapes, and of readers and other verbs. These become results of the component evcosh:Reading; where
            such a finding has no focus node, its file and row stand for it.
        conforms: whether there is none.
    """
    head = "".join(f"@prefix {name}: <{space}> .\n" for name, space in _REPORT_PREFIXES.items())
    file.write(f"{head}\n[] a sh:ValidationReport ;\n    sh:conforms {str(conforms).lower()}".encode())
    for finding in findings:
        facts = _facts(finding.result) if isinstance(finding, ShapeFinding) and finding.result else _read_facts(finding)
        facts += [
            f"sh:resultSeverity sh:{finding.severity.capitalize()}",
            f"sh:resultMessage {_literal(finding.message, 'en')}",
        ]
        said = " ;\n        ".join(["a sh:ValidationResult", *facts])
        file.write(f" ;\n    sh:result [\n        {said}\n    ]".encode())
    file.write(b" .\n")


_REPORT_PREFIXES = {
    "evcosh": SHAPES,
    **{name: PREFIXES[name] for name in ("evco", "dcterms", "oa", "prov", "rdf", "sh", "xsd")},
}
_LOCAL = re.compile(r"[A-Za-z_]([\w:-]*[\w-])?", re.ASCII)


def _facts(result: Result) -> list[str]:
    """What a result says, as predicates and objects in Turtle."""
    facts = [f"sh:focusNode {_turtle(result.focus)}"]
    plain, inverse = re.fullmatch(r"<[^<>]*>", result.path), re.fullmatch(r"\^(<[^<>]*>)", result.path)
    if plain or inverse:
        facts.append(f"sh:resultPath {_turtle(plain[0]) if plain else f'[ sh:inversePath {_turtle(inverse[1])} ]'}")  # type: ignore[index]
    if result.value:
        facts.append(f"sh:value {_turtle(result.value)}")
    return [
        *facts,
        f"sh:sourceConstraintComponent {_turtle(f'<{result.component}>')}",
        f"sh:sourceShape {_turtle(f'<{result.shape}>')}",
    ]


def _read_facts(finding: Finding) -> list[str]:
    """The same of a finding that no shape made."""
    place = f"{finding.file}:{finding.row}" if finding.row is not None else finding.file or finding.incident
    facts = [f"sh:focusNode {_turtle(f'<{finding.focus}>') if finding.focus else _literal(place)}"]
    if finding.value:
        facts.append(f"sh:value {_literal(finding.value)}")
    return [
        *facts,
        "sh:sourceConstraintComponent evcosh:Reading",
        f"sh:sourceShape {_turtle(f'<{SHAPES}{finding.shape}>')}",
    ]


def _literal(value: str, language: str | None = None) -> str:
    import pyoxigraph as ox

    return str(ox.Literal(value, language=language))


def _turtle(term: str) -> str:
    """A term of N-Triples as Turtle, shortened where a prefix is at hand."""
    if term.startswith("_:"):
        return "[]"
    if term.startswith("<"):
        for prefix, space in _REPORT_PREFIXES.items():
            if term.startswith(f"<{space}") and _LOCAL.fullmatch(term[1 + len(space) : -1]):
                return f"{prefix}:{term[1 + len(space) : -1]}"
    return term
