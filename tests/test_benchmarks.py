"""Benchmarks: what they are made on is sound, and the contenders give the same answers. No time is asserted."""

from __future__ import annotations

import csv
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks.__main__ import main
from benchmarks.contenders import CONTENDERS
from benchmarks.generate import write_bundle, write_chain
from benchmarks.measure import measure
from benchmarks.results import ANSWERS, differing, verdict_lines
from benchmarks.table import MAIN, VALIDATE, goals, markdown
from benchmarks.validators import VALIDATORS
from kgtools.pipeline import Job, Summary, derive_all, run
from kgtools.theory import read_theories

EXPECTED = {"coding:bearer", "coding:leads-to", "coding:step", "coding:valence", "code:unmapped", "value:attributed"}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_bundle_is_the_same_for_the_same_seed_and_begins_with_a_smaller_one(tmp_path: Path) -> None:
    """Same seed, same bytes; another seed, others; more incidents come after those that there are already."""
    for name, incidents, seed in (("one", 60, 0), ("same", 60, 0), ("other", 60, 1), ("more", 90, 0)):
        write_bundle(tmp_path / name, incidents, seed)
    texts = {
        (name, table): (tmp_path / name / f"{table}.csv").read_bytes()
        for name in ("one", "same", "other", "more")
        for table in ("codings", "incidents", "actors")
    }

    for table in ("codings", "incidents", "actors"):
        assert texts["one", table] == texts["same", table]
        assert texts["one", table] != texts["other", table]
    assert texts["more", "codings"].startswith(texts["one", "codings"])
    assert 60 == len(rows(tmp_path / "one/incidents.csv"))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Summary]:
    """A bundle, and what the main job makes of it."""
    folder = tmp_path_factory.mktemp("study")
    write_bundle(folder / "bundle", 1200)
    return folder / "bundle", run([folder / "bundle"], folder / "out", Job())


def test_a_bundle_validates_but_for_what_is_meant_to_be_wrong(study: tuple[Path, Summary]) -> None:
    """Nothing is found but the rows that are wrong on purpose, and remarks on value for others than who tells."""
    bundle, summary = study
    found = Counter(finding.shape for finding in summary.all_findings)
    codings = rows(bundle / "codings.csv")
    lost = len(codings) - summary.bundles[0]["rows_taken"]

    assert set() == set(found) - EXPECTED
    assert 0 < lost < 0.002 * len(codings)
    assert found["value:attributed"] > 100


def test_every_proposition_is_spoken_to(study: tuple[Path, Summary]) -> None:
    """Each proposition is supported somewhere, and each is contradicted or mixed somewhere: no case is trivial."""
    said = {(verdict.proposition, verdict.verdict == "supports") for verdict in study[1].verdicts}
    known = {proposition.id for theory in read_theories() for proposition in theory.propositions}

    assert {(name, supports) for name in known for supports in (True, False)} == said


def test_a_bundle_is_as_a_study_would_have_it(tmp_path: Path) -> None:
    """Some nine codings an incident, half of the lean ones; one or two coders; a sixth of incidents in chains."""
    write_bundle(tmp_path / "full", 1500)
    write_bundle(tmp_path / "lean", 1500, lean=True)
    codings = {name: rows(tmp_path / name / "codings.csv") for name in ("full", "lean")}
    coders: dict[str, set[str]] = {}
    for row in codings["full"]:
        coders.setdefault(row["incident"], set()).add(row["coder"])
    incidents = rows(tmp_path / "full/incidents.csv")
    chained = {row["follows"] for row in incidents if row["follows"]} | {
        row["incident"] for row in incidents if row["follows"]
    }

    assert 8 < len(codings["full"]) / 1500 < 11
    assert 3 < len(codings["lean"]) / 1500 < 5
    assert {1, 2} == {len(names) for names in coders.values()}
    assert 0.12 < len(chained) / 1500 < 0.2
    assert {""} == {row["segment"] for row in codings["lean"]}


def test_a_long_chain_supports_every_proposition_on_chains(tmp_path: Path) -> None:
    """Each incident of it holds every slot by the same customer, so the chain supports them all, without findings."""
    write_chain(tmp_path, 6)
    findings, verdicts = derive_all([tmp_path], Job())
    on_chains = {
        proposition.id for theory in read_theories() for proposition in theory.propositions if proposition.of_chains
    }

    assert [] == findings
    assert on_chains == {one.proposition for one in verdicts if one.unit_type == "chain" and one.verdict == "supports"}


def invoke(*words: str) -> dict[str, Any]:
    """Run the benchmarks, and read their results."""
    result = CliRunner().invoke(main, words, catch_exceptions=False)
    assert 0 == result.exit_code, result.output
    results: dict[str, Any] = json.loads((Path(words[-1]) / "results.json").read_text("utf-8"))
    return results


def check_same(results: dict[str, Any], names: set[str]) -> None:
    """Nothing was stopped, and the contenders' answers are those of kgtools."""
    runs = results["runs"]
    others = [run for run in runs if run["name"] != MAIN]
    counts = {(run["size"], *run["counts"].values()) for run in runs}

    assert names == {run["name"] for run in runs}
    assert [""] * len(runs) == [run["stopped"] for run in runs]
    assert [{"verdicts": 0, "findings": 0}] * len(others) == [run["differing"] for run in others]
    assert len(counts) == len(results["sizes"])
    assert all(number > 0 for count in counts for number in count)
    assert all(run["peak"] > 20 * 2**20 for run in runs)


def test_a_small_run_end_to_end(tmp_path: Path) -> None:
    """Steps, main job, the compiled contender and a chain are measured; verdicts and findings are the same."""
    bulk = list(CONTENDERS)[1]
    asked = ("--sizes", "40", "--chains", "4", "--validate", "", "--single", "", "--repeat", "1", "--reference", "0")
    results = invoke(*asked, "-o", str(tmp_path))
    page = (tmp_path / "benchmarks.md").read_text("utf-8")

    check_same(results, {MAIN, bulk})
    assert markdown(results) == page
    assert f"| the same answers as {bulk} at 40 | all " in page
    assert "| read |" in page
    assert (4, "") == (results["chains"][0]["size"], results["chains"][0]["stopped"])


@pytest.mark.slow
def test_the_reference_gives_the_same_answers(tmp_path: Path) -> None:
    """rdflib and pySHACL on 20 incidents come to the verdicts and findings of kgtools."""
    results = invoke(
        "--sizes", "20", "--chains", "", "--validate", "", "--single", "", "--repeat", "1", "-o", str(tmp_path)
    )

    check_same(results, {MAIN, *CONTENDERS})


def test_validators_find_the_same(tmp_path: Path) -> None:
    """pySHACL, shacl-rust and kgtools write reports with the same findings; rates are said for each."""
    asked = ("--sizes", "", "--chains", "", "--validate", "12", "--single", "10", "--repeat", "1")
    results = invoke(*asked, "-o", str(tmp_path))
    page = (tmp_path / "benchmarks.md").read_text("utf-8")
    found = results["validations"]

    assert [VALIDATE, *VALIDATORS] * 2 == [run["name"] for run in found]
    assert [("", 0)] * 6 == [(run["stopped"], run["differing"]["findings"]) for run in found]
    assert 2 == len({(run["size"], run["counts"]["findings"]) for run in found})
    assert found[0]["counts"]["findings"] > 1
    assert "| the same findings as pySHACL at 12 | all " in page


def test_a_run_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    """It says after how long, and its children are stopped with it."""
    code = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({str(tmp_path / "child")!r}, "w").write(str(child.pid))
time.sleep(60)
"""
    measured = measure(["-c", code], 2, 2**40, tmp_path / "log")
    child = Path(f"/proc/{(tmp_path / 'child').read_text()}/stat")
    for _ in range(100):
        if not child.exists() or ") Z " in child.read_text():
            break
        time.sleep(0.1)

    assert "not finished after 2 s" == measured.stopped
    assert 2 <= measured.seconds < 30
    assert not child.exists() or ") Z " in child.read_text()


def test_a_run_that_takes_too_much_memory_is_stopped(tmp_path: Path) -> None:
    """Memory is seen while it is held."""
    code = "import time; held = bytearray(300 * 2**20); held[:] = b'x' * len(held); time.sleep(60)"
    measured = measure(["-c", code], 50, 200 * 2**20, tmp_path / "log")

    assert "not finished within 0.2 GiB" == measured.stopped
    assert measured.peak > 200 * 2**20


def test_a_run_that_fails_says_its_last_words(tmp_path: Path) -> None:
    """A contender that breaks is no fast one."""
    measured = measure(["-c", "raise SystemExit('out of luck')"], 50, 2**40, tmp_path / "log")

    assert "ended with code 1: out of luck" == measured.stopped


def test_what_differs_is_counted() -> None:
    """A verdict that only one has, or that they say differently, is no match; silence is not compared."""
    unit = "urn:evco:data:b/incident/I1"
    row = dict(zip(ANSWERS, (unit, "supports", "linked", "", ""), strict=True))
    ours = verdict_lines([("P", *row.values()), ("Q", unit, "silent", "", "A", "")])
    theirs = verdict_lines([("P", *(row | {"grade": "ordered"}).values())])

    assert ["incident I1 P supports linked - -"] == ours
    assert ["incident I1 P supports linked - -", "incident I1 P supports ordered - -"] == differing(ours, theirs)
    assert [] == differing(ours, ours)


def made_up(times: dict[int, float], peak: int = 2**30) -> dict[str, Any]:
    """Results of the main job alone."""
    runs = [{"name": MAIN, "size": size, "seconds": time, "peak": peak, "stopped": ""} for size, time in times.items()]
    return {"sizes": [*times], "runs": runs, "chains": [], "steps": [], "validations": []}


def validated(
    name: str, size: int, seconds: float, peak: int = 2**30, differing: int = 0, single: bool = False
) -> dict[str, Any]:
    """A run of a validator."""
    what = {"counts": {"findings": 1}, "differing": {"findings": differing}}
    return {"name": name, "size": size, "seconds": seconds, "peak": peak, "stopped": "", "single": single, **what}


def test_goals_are_judged_by_what_was_measured() -> None:
    """Met, not met, or not measured; the cost of one is that of 100,000 against that of 10,000."""
    well = made_up({350: 1.9, 10_000: 10.0, 100_000: 119.0})
    badly = made_up({350: 2.1, 10_000: 10.0, 100_000: 131.0}, 3 * 2**30)
    unknown = made_up({})
    well["validations"] = [validated("pySHACL", 1_000, 41.0)]
    well["validations"] += [validated(VALIDATE, 10_000, 2.4), validated(VALIDATE, 100_000, 24.0)]
    well["validations"] += [validated(VALIDATE, 10_000, 1.4, single=True), validated("pySHACL", 1_000, 15, single=True)]
    badly["validations"] = [validated("pySHACL", 1_000, 25.0, differing=1)]
    badly["validations"] += [validated(VALIDATE, 10_000, 2.6), validated(VALIDATE, 100_000, 26.0, 2**32)]
    badly["validations"] += [
        validated(VALIDATE, 10_000, 2.6, single=True),
        validated("pySHACL", 1_000, 5, differing=1, single=True),
    ]

    assert [True] * 11 == [met for _, _, met in goals(well)]
    assert [False] * 11 == [met for _, _, met in goals(badly)]
    assert [None] * 9 == [met for _, _, met in goals(unknown)]
