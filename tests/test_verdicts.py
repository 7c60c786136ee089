"""Verdicts: the worked cases, a case a proposition, and two independent routes to the same answer on random bundles."""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import oracle
import pytest
from drawn import drawn
from hypothesis import HealthCheck, given, settings
from strategies import EDGES, bundles, write

from kgtools.derive import derive
from kgtools.model import Element, Verdict
from kgtools.pipeline import Job
from kgtools.read import read_bundle
from kgtools.view import view
from kgtools.vocabulary import local

CASES = Path(__file__).parent / "cases"
CODERS = ("any", "majority", "all", "c1", "c2")


@lru_cache
def job(coders: str, every: bool = False) -> Job:
    """The bundled theories, judged for a set of coders."""
    return Job(coders=coders, every=every)


def judged(folder: Path, coders: str, every: bool = False) -> Iterator[tuple[Verdict, dict[str, Element]]]:
    """The verdicts on a bundle, each with the elements of its chunk."""
    asked = job(coders, every)
    for chunk in read_bundle(folder, asked.vocabulary).chunks():
        seen = view(chunk, coders, asked.vocabulary, asked.named)
        for verdict in derive(seen, coders, asked.questions, every=every):
            yield verdict, seen.elements


def rows(folder: Path, coders: str) -> set[tuple[str, ...]]:
    """The verdicts that say something, in the columns of `expected.csv`."""
    return {(one.unit_type, one.unit, one.proposition, one.verdict, one.grade) for one, _ in judged(folder, coders)}


def expected(folder: Path, coders: str) -> set[tuple[str, ...]]:
    """What a case must yield."""
    columns = ("unit_type", "unit", "proposition", "verdict", "grade")
    with (folder / "expected.csv").open(encoding="utf-8", newline="") as file:
        return {tuple(row[name] for name in columns) for row in csv.DictReader(file) if row["coders"] == coders}


@pytest.mark.parametrize("coders", CODERS)
def test_worked_cases(coders: str) -> None:
    """The 68 worked cases of the design yield their verdicts, and nothing beyond them, for each set of coders."""
    folder = CASES / "verdicts"

    assert expected(folder, coders) == rows(folder, coders)


def test_worked_cases_are_those_of_the_design() -> None:
    """The copy of the worked cases is the one that the design comes with."""
    original = Path(__file__).parents[2] / "shared/cases/verdicts"
    if not original.is_dir():
        pytest.skip("the folder `../shared` is not here")
    for path in original.iterdir():
        assert path.read_bytes() == (CASES / "verdicts" / path.name).read_bytes()


PROPOSITIONS = sorted((CASES / "propositions").iterdir())


@pytest.mark.parametrize("folder", PROPOSITIONS, ids=lambda folder: folder.name)
def test_case_of_a_proposition(folder: Path) -> None:
    """A proposition's stories (supported, contradicted, one fact short, and so on) yield what they must."""
    assert expected(folder, "any") == rows(folder, "any")


def test_every_proposition_has_its_case() -> None:
    """Each proposition is supported in its own case, contradicted where the rules allow it, and has a near miss."""
    for theory in job("any").theories:
        for proposition in theory.propositions:
            folder = CASES / "propositions" / proposition.id
            said = {verdict for _, _, id, verdict, _ in expected(folder, "any") if id == proposition.id}

            assert {"supports", "contradicts"} <= said
            assert "near-miss" in (folder / "incidents.csv").read_text("utf-8")


def as_oracle(verdict: Verdict, elements: dict[str, Element]) -> oracle.Verdict:
    """A verdict in the oracle's form; where it says nothing, so do evidence and slots there."""
    says = verdict.verdict in ("supports", "contradicts", "mixed")
    return oracle.Verdict(
        verdict.unit_type,
        verdict.unit,
        verdict.proposition,
        verdict.verdict,
        verdict.grade,
        frozenset(verdict.missing if says else ()),
        frozenset(verdict.opposed if says else ()),
        frozenset(key(elements[iri]) for iri in verdict.evidence_iris) if says else frozenset(),
    )


def key(element: Element) -> oracle.Element:
    """What makes an element one, in the oracle's form."""
    return oracle.Element(
        element.incident,
        element.name or "",
        local(element.term),
        "" if element.step is None else str(element.step),
        element.bearer or "",
        element.toward or "",
        element.valence or "",
        "absent" if element.absent else "present",
    )


def compare(bundle: oracle.Bundle) -> None:
    """Both routes give the same verdict, grade, slots and evidence on every unit, for every set of coders."""
    folder = Path(tempfile.mkdtemp())
    try:
        write(bundle, folder)
        known = {row.coder for row in bundle.codings}
        for coders in ("any", "majority", "all", *sorted(coder for coder in known if coder)):
            mine = {as_oracle(*one) for one in judged(folder, coders, every=True)}

            assert set(oracle.verdicts(bundle, coders)) == mine
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize("bundle", EDGES.values(), ids=EDGES)
def test_two_routes_agree_at_the_edges(bundle: oracle.Bundle) -> None:
    """The same on bundles made by hand for rules that random ones seldom reach."""
    compare(bundle)


@settings(max_examples=drawn(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(bundles())
def test_two_routes_agree(bundle: oracle.Bundle) -> None:
    """SPARQL over the view and a plain-Python reading of the design agree on random bundles."""
    compare(bundle)


@pytest.mark.slow
@settings(max_examples=drawn(150), deadline=None, suppress_health_check=list(HealthCheck))
@given(bundles())
def test_two_routes_agree_at_length(bundle: oracle.Bundle) -> None:
    """The same on many more bundles."""
    compare(bundle)
