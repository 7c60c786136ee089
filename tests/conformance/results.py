"""Results: runners go in; what is wrong in each case, what was expected to be, and a page about both come out."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path

from kgtools.validate.shapes.features import FEATURES, Feature

from .judge import fault
from .runners import RUNNERS
from .suite import Case, cases

LEDGER = Path(__file__).parent / "ledger.csv"
TEMPLATE = Path(__file__).parent / "page.md"
ENGINES = ("pyshacl", "shacl-rust")
TITLES = {"kgtools": "kgtools", "pyshacl": "pySHACL", "shacl-rust": "shacl-rust"}


@cache
def known() -> dict[tuple[str, str], str]:
    """The ledger: the cases that a runner is known to fail, and why."""
    with LEDGER.open(encoding="utf-8", newline="") as file:
        return {(row["runner"], row["case"]): row["reason"] for row in csv.DictReader(file)}


def faults(runner: str, some: Iterable[Case]) -> dict[str, str]:
    """The cases that a runner fails, and how."""
    found = {case.name: fault(case, RUNNERS[runner](case)) for case in some}
    return {name: wrong for name, wrong in found.items() if wrong}


def page() -> str:
    """The page of conformance, as Markdown."""
    all_cases = cases()
    wrong = {runner: faults(runner, all_cases) for runner in RUNNERS}
    return TEMPLATE.read_text("utf-8").format(
        versions=", ".join(f"{TITLES[engine]} {version(engine)}" for engine in ENGINES),
        table=_folders(all_cases, wrong),
        ledger=_table(
            ("by", "case", "why"),
            (
                (TITLES[runner], f"`{name}`", known().get((runner, name), "not expected"))
                for runner in RUNNERS
                for name in wrong[runner]
            ),
        ),
        routes=_table(
            ("what shapes use", *(TITLES[engine] for engine in ENGINES), "what the other does"),
            ((one.name, *(_may(one, engine) for engine in ENGINES), one.why) for one in FEATURES),
        ),
    )


def _folders(all_cases: list[Case], wrong: Mapping[str, Mapping[str, str]]) -> str:
    rows = []
    for folder in [*dict.fromkeys(case.folder for case in all_cases), ""]:
        here = [case for case in all_cases if not folder or case.folder == folder]
        passed = (str(sum(case.name not in wrong[runner] for case in here)) for runner in RUNNERS)
        rows.append((f"`{folder}`" if folder else "**all**", str(len(here)), *passed))
    return _table(("folder of the suite", "cases", *(TITLES[runner] for runner in RUNNERS)), rows)


def _may(feature: Feature, engine: str) -> str:
    return "yes" if engine in feature.right else "(yes)" if feature.counts else "no"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (head, ["---"] * len(head), *rows)
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
