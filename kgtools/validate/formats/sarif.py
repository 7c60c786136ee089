"""SARIF 2.1.0: findings go in, the log comes out that code hosts show beside the lines it is about (OASIS, errata 01).

Shapes are rules. A finding's file is a relative URI, its row the first line of a region (of a workbook, the row of the
sheet named beside it), its incident and column are logical locations. A fingerprint is of what is said of which node,
and not of the row, so that a finding stays the same when rows are put in above it. What readers could not take in
whole, so that no shape has seen it as it stands, is a notification of the run as well.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import IO, Any

from kgtools import __version__
from kgtools.model import Finding, Severity
from kgtools.validate.findings import ShapeFinding
from kgtools.validate.formats.checked import Checked
from kgtools.validate.formats.plain import clipped
from kgtools.validate.rules import Rule

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: dict[Severity, str] = {"violation": "error", "warning": "warning", "info": "note"}


def write(findings: Iterable[Finding], file: IO[bytes], checked: Checked) -> None:
    """Write findings as a SARIF log of one run, a line each."""
    rules = checked.found(findings)
    place = {rule.id: number for number, rule in enumerate(rules)}
    driver = {"name": "kgtools", "version": __version__, "rules": [_rule(rule) for rule in rules]}
    head = [
        ("tool", {"driver": driver}),
        ("invocations", [_invocation(findings, checked)]),
        ("columnKind", "unicodeCodePoints"),
    ]
    file.write(f'{{"$schema": "{_SCHEMA}",\n"version": "2.1.0",\n"runs": [{{\n'.encode())
    for name, said in head:
        file.write(f'"{name}": {_json(said)},\n'.encode())
    between = '"results": [\n'
    for one in _results(findings, checked, place):
        file.write(f"{between}{_json(one)}".encode())
        between = ",\n"
    file.write(b'"results": []\n}]}\n' if between.startswith('"') else b"\n]\n}]}\n")


def _json(said: object) -> str:
    """JSON in ASCII: no mark in it can turn what a page shows around."""
    return json.dumps(said)


def _message(text: str) -> dict[str, str]:
    """A text that is nothing but text: no link (SARIF, 3.11.6), and no place for an argument (3.11.5)."""
    return {"text": _ARGUMENT.sub(r"{\g<0>}", clipped(text).replace("](", "] ("))}


_ARGUMENT = re.compile(r"\{\d+\}")


def _rule(rule: Rule) -> dict[str, Any]:
    name = rule.name or rule.id
    return {
        "id": rule.id,
        "shortDescription": _message(name),
        "fullDescription": _message(rule.help or name),
        "help": _message(rule.help or name),
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _invocation(findings: Iterable[Finding], checked: Checked) -> dict[str, Any]:
    """How the run went, and which rows no shape has seen as they stand."""
    failed, unseen = False, Counter[tuple[str, int | None]]()
    for one in findings:
        failed = failed or checked.fails(one.severity)
        if one.severity == "violation" and not isinstance(one, ShapeFinding):
            unseen[one.file, one.row] += 1
    rows = Counter(file for file, _ in unseen)
    return {
        "executionSuccessful": True,
        "exitCode": int(failed),
        "toolExecutionNotifications": [
            {
                "level": "warning",
                "message": _message(
                    f"{count} row{'s' if count > 1 else ''} of {file or 'the data'} could not be taken in whole, so "
                    "that shapes have not seen all that stands there; the results say what is wrong"
                ),
                "locations": [{"physicalLocation": {"artifactLocation": {"uri": checked.uri(file)}}}],
            }
            for file, count in sorted(rows.items())
        ],
    }


def _results(findings: Iterable[Finding], checked: Checked, place: dict[str, int]) -> Iterator[dict[str, Any]]:
    times = Counter[str]()
    for one in findings:
        what = "\0".join((one.shape, one.file, one.focus, one.path, one.value, one.incident))
        mark = sha256(what.encode("utf-8", "replace")).hexdigest()[:32]
        times[mark] += 1
        yield {
            "ruleId": one.shape,
            "ruleIndex": place[one.shape],
            "level": _LEVELS[one.severity],
            "message": _message(one.message or one.shape),
            "locations": [_location(one, checked)],
            "partialFingerprints": {"primaryLocationLineHash": f"{mark}:{times[mark]}"},
        }


def _location(one: Finding, checked: Checked) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": checked.uri(one.file)}}
    if one.row is not None and one.row > 0:
        physical["region"] = {"startLine": one.row}
        if one.segment:
            physical["region"]["snippet"] = {"text": clipped(one.segment)}
    logical = [
        {"name": clipped(name), "kind": kind}
        for kind, name in (("incident", one.incident), ("sheet", checked.sheet(one.file)), ("column", one.column))
        if name
    ]
    return {"physicalLocation": physical, **({"logicalLocations": logical} if logical else {})}
