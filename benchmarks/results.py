"""Results: what a run answered goes in, verdicts and findings as comparable lines come out, and how far two differ.

A verdict is compared as unit, proposition, verdict, grade, missing and opposed slots; a finding of a shape as shape and
focus node.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from kgtools.derive import SAYING
from kgtools.validate import SHAPES
from kgtools.vocabulary import folder

Row = tuple[str, ...]
"""A proposition's id, and of a row of its query what ANSWERS names."""

ANSWERS = ("unit", "verdict", "grade", "missing", "opposed")

ONCE = frozenset({"code:no-term"})
"""Shapes whose findings kgtools does not repeat, since its reader says the same once for all rows."""


@cache
def our_shapes() -> frozenset[str]:
    """The names of the shapes for coded incidents."""
    import pyoxigraph as ox

    return frozenset(
        quad.subject.value.removeprefix(SHAPES)
        for name in ("incident.ttl", "coding.ttl")
        for quad in ox.parse(path=str(folder("shapes") / name), format=ox.RdfFormat.TURTLE)
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(SHAPES)
    )


def shape_findings(found: Iterable[tuple[str, ...]]) -> list[str]:
    """Findings as lines, from shape, focus node and whatever else tells two apart."""
    named = ((one[0].removeprefix(SHAPES), one[1]) for one in found)
    return sorted(f"{shape} {focus}" for shape, focus in named if shape not in ONCE)


def verdict_lines(rows: Iterable[Row]) -> list[str]:
    """Verdicts that say something as lines, from rows of queries."""
    lines = []
    for proposition, unit, verdict, grade, missing, opposed in rows:
        if verdict in SAYING:
            kind, name = unit.rsplit("/", 2)[1:]
            slots = (";".join(missing.split()), ";".join(opposed.split()))
            lines.append(
                " ".join((kind, unquote(name), proposition, verdict, grade or "-", *(s or "-" for s in slots)))
            )
    return sorted(lines)


def write_lines(out: Path, rows: Iterable[Row], findings: list[str]) -> None:
    """Leave a contender's answers in a folder."""
    for name, lines in (("verdicts.txt", verdict_lines(rows)), ("findings.txt", findings)):
        (out / name).write_text("".join(f"{line}\n" for line in lines), "utf-8")


def contenders_answers(out: Path) -> tuple[list[str], list[str]]:
    """Verdicts and findings that a contender left in a folder."""
    verdicts, findings = ((out / name).read_text("utf-8").splitlines() for name in ("verdicts.txt", "findings.txt"))
    return verdicts, findings


def our_answers(out: Path) -> tuple[list[str], list[str]]:
    """Verdicts and findings of shapes that `kgtools run` left in a folder."""
    columns = ("unit_type", "unit", "proposition", "verdict", "grade", "missing", "opposed")
    with (out / "verdicts.csv").open(encoding="utf-8", newline="") as file:
        verdicts = sorted(" ".join(row[name] or "-" for name in columns) for row in csv.DictReader(file))
    with (out / "findings.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["shape"], row["focus"]) for row in csv.DictReader(file)]
    return verdicts, shape_findings((shape, focus) for shape, focus in rows if focus and shape in our_shapes())


def differing(ours: list[str], theirs: list[str]) -> list[str]:
    """The lines that only one of the two has."""
    one, other = Counter(ours), Counter(theirs)
    return sorted(((one - other) + (other - one)).elements())
