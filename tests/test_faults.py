"""Faults: each is reported once, with its row, in words that say what to change; and nothing else is.

`cases/faults/` holds a bundle as a study would hand it in, with faults planted, and `expected.csv`, which names them.
Then studies and faults are drawn at random (`faults.py`).
"""

from __future__ import annotations

import csv
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from drawn import drawn, some
from faults import FAULTS, Expected, Fault, Study, studies
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

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


# Faults at random


def judged(study: Study, folder: Path, engine: str) -> tuple[list[Expected], list[Expected]]:
    """What is found wrong in a study (violations and warnings), and what is remarkable."""
    found = told(study.write(folder), folder / "found.csv", "--engine", engine, "--jobs", "1")
    all_of_them = [(one["severity"], one["shape"], one["file"], int(one["row"] or 0)) for one in found]
    return [one for one in all_of_them if one[0] != "info"], [one for one in all_of_them if one[0] == "info"]


def hold(study: Study, fault: Fault, place: int, engine: str) -> None:
    """A study yields no violation and no warning; with one fault in it, one."""
    bent, expected = fault.bent(study, place)
    with TemporaryDirectory() as name:
        sound, remarks = judged(study, Path(name, "sound"), engine)
        wrong, further = judged(bent, Path(name, "bent"), engine)

    assert [] == sound
    assert [expected] == wrong
    # What one coder's row says alike no more is an element of its own, or of another row, and told as such. A violation
    # costs its row, and what then is missing may be worth a remark that was none before.
    assert expected[0] == "violation" or {one[:3] for one in further} <= {one[:3] for one in remarks}


@pytest.mark.parametrize("fault", some([*FAULTS], 3))
def test_a_fault_gives_its_finding(fault: str) -> None:
    """Whatever the study, a fault gives one finding more, at its row; a sound study gives none."""

    @settings(max_examples=2, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def check(data: st.DataObject) -> None:
        study = data.draw(studies())
        places = list(FAULTS[fault].places(study))
        assume(places)
        hold(study, FAULTS[fault], data.draw(st.sampled_from(places)), "shacl-rust")

    check()


@pytest.mark.slow
@settings(max_examples=drawn(50), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), studies(), st.sampled_from(list(FAULTS.values())))
def test_many_faults_at_random(data: st.DataObject, study: Study, fault: Fault) -> None:
    """So it is of many studies."""
    places = list(fault.places(study))
    assume(places)
    hold(study, fault, data.draw(st.sampled_from(places)), "shacl-rust")


@pytest.mark.slow
@settings(max_examples=4, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), studies(), st.sampled_from(list(FAULTS.values())))
def test_the_reference_finds_the_same(data: st.DataObject, study: Study, fault: Fault) -> None:
    """And so it is with pySHACL."""
    places = list(fault.places(study))
    assume(places)
    hold(study, fault, data.draw(st.sampled_from(places)), "pyshacl")
