"""Faults: each is reported once, with its row, in words that say what to change; and nothing else is.

`cases/faults/` holds a bundle as a study would hand it in, with faults planted, and `expected.csv`, which names them.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from kgtools.cli import main

HERE = Path(__file__).parent
STUDIES = sorted(path.parent for path in (HERE / "cases" / "faults").glob("*/expected.csv"))


def told(bundle: Path, output: Path, *options: str) -> list[dict[str, str]]:
    """What `kgtools validate` says of a bundle."""
    main(["validate", str(bundle), "--format", "csv", "--quiet", "-o", str(output), *options])
    with output.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("engine", ["pyshacl", "shacl-rust"])
@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_each_planted_fault_is_reported_once(study: Path, engine: str, tmp_path: Path) -> None:
    """The findings are the faults: one each, with severity, shape, file, row, incident, and what to do about it."""
    with (study / "expected.csv").open(encoding="utf-8", newline="") as file:
        planted = list(csv.DictReader(file))
    columns = ("severity", "shape", "file", "row", "incident")

    found = sorted(
        told(study, tmp_path / "found.csv", "--engine", engine), key=lambda one: (one["file"], int(one["row"]))
    )

    assert len(planted) >= 20
    assert [tuple(one[name] for name in columns) for one in planted] == [
        tuple(one[name] for name in columns) for one in found
    ]
    assert [] == [
        (one["fault"], other["message"])
        for one, other in zip(planted, found, strict=True)
        if one["words"] not in other["message"]
    ]
