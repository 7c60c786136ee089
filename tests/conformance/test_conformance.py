"""The W3C suite of SHACL 1.0: what passes, and what is known not to, for each engine and for kgtools."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import results
from .judge import JUDGES, fault
from .runners import RUNNERS
from .suite import COUNT, SUITE, Case, cases

CASES = cases() if SUITE.is_dir() else []
PAGE = Path(__file__).resolve().parents[2] / "docs" / "conformance.md"

needs_suite = pytest.mark.skipif(not CASES, reason="the W3C suite is not in `../shared`")


@needs_suite
def test_the_suite_is_whole() -> None:
    """No case is lost between the manifests, and each is of a kind that is judged."""
    assert COUNT == len({case.name for case in CASES})
    assert set(JUDGES) == {case.kind for case in CASES}


@pytest.mark.parametrize("runner", RUNNERS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case(case: Case, runner: str) -> None:
    """A case passes, unless the ledger says that it does not; then it must not."""
    wrong = fault(case, RUNNERS[runner](case))

    assert ((runner, case.name) in results.known()) == bool(wrong), wrong


@needs_suite
def test_the_ledger_names_what_there_is() -> None:
    """Each line of the ledger is about a case and a runner, and says why."""
    names = {case.name for case in CASES}

    assert [] == [
        key for key, why in results.known().items() if key[0] not in RUNNERS or key[1] not in names or not why
    ]


def test_kgtools_conforms() -> None:
    """`kgtools validate` has no line in the ledger."""
    assert [] == [case for runner, case in results.known() if runner == "kgtools"]


@needs_suite
def test_a_judge_can_say_no() -> None:
    """A report that lacks a result, or where one is expected that is none, is found out."""
    [case] = [case for case in CASES if case.name == "core/node/and-001"]
    [refused] = [case for case in CASES if case.name == "sparql/pre-binding/unsupported-sparql-001"]
    report = RUNNERS["pyshacl"](case)
    assert report is not None
    other = report.replace("InvalidRectangle", "ValidRectangle")

    assert "" == fault(case, report)
    assert "lacks" in fault(case, other)
    assert "was refused" == fault(case, None)
    assert "should have been refused, and was answered" == fault(refused, report)


@needs_suite
def test_the_page_is_fresh() -> None:
    """The page of conformance says how it is."""
    assert PAGE.read_text("utf-8") == results.page()
