"""JUnit XML: findings go in, test suites come out, as CI servers show them: a case a rule, that fails or passes.

A file with findings is a suite, with a case for each rule that found something there, which says where, line by line.
The first suite holds the rules that found nothing anywhere, so that a clean run shows what it has looked at, and a rule
keeps its name from run to run. What is found below the severity that fails the check is said in a case that passes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

from junitparser import Attr, Failure, JUnitXml, TestCase, TestSuite

from kgtools.model import Finding
from kgtools.validate.formats.checked import Checked
from kgtools.validate.formats.plain import clipped, where


class _Case(TestCase):
    """A rule in a file, with the attributes that GitLab and others link to a file by."""

    file = Attr()
    line = Attr()


def write(findings: Iterable[Finding], file: IO[bytes], checked: Checked) -> None:
    """Write findings as JUnit XML, in the form that Jenkins, GitLab and others read.

    Where nothing is to fail (`never`), a case fails by violations all the same: the server is to show them.
    """
    lines: dict[tuple[str, str, str], list[str]] = {}
    first: dict[tuple[str, str, str], Finding] = {}
    for one in findings:
        key = (one.file, one.shape, one.severity)
        first.setdefault(key, one)
        lines.setdefault(key, []).append(_line(one))
    broken = {shape for _, shape, _ in lines}
    clean = TestSuite("nothing found")
    for rule in checked.rules:
        if rule.id not in broken:
            clean.append(_Case(clipped(rule.name or rule.id), clipped(rule.id)))
    suites: dict[str, TestSuite] = {}
    for place in sorted(lines):
        suite = suites.setdefault(place[0], TestSuite(clipped(place[0]) or checked.uri("")))
        suite.append(_case(first[place], lines[place], checked))
    whole = JUnitXml("kgtools validate")
    for suite in (clean, *suites.values()):
        whole.append(suite)
    whole.update_statistics()
    whole.write(file, pretty=True)


def _case(first: Finding, lines: list[str], checked: Checked) -> _Case:
    """What one rule found in one file."""
    rule = checked.rule(first)
    case = _Case(clipped(rule.name or rule.id), clipped(rule.id))
    case.file = checked.uri(first.file)
    if first.row is not None:
        case.line = str(first.row)
    told = "\n".join(lines)
    if checked.fails(first.severity, otherwise="violation"):
        count = f"{len(lines)} findings, such as: " if len(lines) > 1 else ""
        failure = Failure(f"{count}{clipped(first.message)}", first.severity)
        failure.text = told
        case.append(failure)
    else:
        case.system_out = told
    return case


def _line(one: Finding) -> str:
    """Where a finding is, and what it says."""
    column = f", column {clipped(one.column)}" if one.column else ""
    return f"{one.severity} {clipped(where(one))}{column}: {clipped(one.message)}"
