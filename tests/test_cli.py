"""The command line as a stranger meets it: outputs, exit codes, and one clear line where something is wrong."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kgtools.cli import main

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples/online-service"
CASES = Path(__file__).parent / "cases"

Captured = pytest.CaptureFixture[str]


def faulty(tmp_path: Path) -> Path:
    """A bundle with one row that is wrong in one cell, and one good one."""
    folder = tmp_path / "faulty"
    folder.mkdir()
    (folder / "codings.csv").write_text("incident,code,valence\nI1,Delight,splendid\nI1,Review,positive\n", "utf-8")
    return folder


WRONG_CALLS = {
    "no such file": (["derive", "nowhere"], "nowhere: no such file or folder"),
    "a typo in an option": (["derive", str(EXAMPLE), "--coder", "any"], "No such option '--coder'"),
    "a typo in a command": (["dervie"], "No such command 'dervie'"),
    "an unknown coder": (
        ["derive", str(EXAMPLE), "--coders", "ina"],
        "no coder `ina`; there are any, majority, all, ines, marc",
    ),
    "an unknown proposition": (["propositions", "Z-bliss"], "no proposition `Z-bliss`; there are J-access"),
    "no output": (["run", str(EXAMPLE)], "Missing option"),
    "a theory that is not there": (["derive", str(EXAMPLE), "--theory", "no.ttl"], "no.ttl: cannot be read"),
    "a crosswalk that is not there": (["derive", str(EXAMPLE), "--crosswalk", "no.yaml"], "no.yaml: cannot be read"),
    "two targets": (["import", str(EXAMPLE), "-o", "a.nq", "--store", "b"], "not several"),
    "an ending that is none": (["import", str(EXAMPLE), "-o", "a.xyz"], "is no RDF file by its ending"),
    "an address that is none": (["import", str(EXAMPLE), "--endpoint", "localhost"], "is no address of a server"),
    "nothing to reason on": (["reason"], "name some DATA, or say --ontology"),
    "the same bundle twice": (["derive", str(EXAMPLE), str(EXAMPLE)], "is called `online-service` like another bundle"),
    "a base that is none": (["import", str(EXAMPLE), "--base", "my data/"], "--base"),
}


@pytest.mark.parametrize(("arguments", "said"), WRONG_CALLS.values(), ids=WRONG_CALLS)
def test_a_wrong_call_ends_in_one_line(
    arguments: list[str], said: str, capsys: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong with a call or its input is one line on stderr, exit code 2, and nothing is written."""
    monkeypatch.chdir(tmp_path)

    code = main(arguments)
    out, err = capsys.readouterr()

    assert code == 2
    assert said in err
    assert err.count("\n") == 1
    assert out == ""
    assert list(tmp_path.iterdir()) == []


def test_exit_codes_follow_the_findings(capsys: Captured, tmp_path: Path) -> None:
    """0 where nothing is found at or above `--fail-on`, 1 where something is; deriving goes on with the good rows."""
    bundle = str(faulty(tmp_path))

    assert main(["validate", bundle]) == 1
    assert main(["validate", bundle, "--fail-on", "never"]) == 0
    assert main(["validate", str(EXAMPLE)]) == 0
    assert main(["validate", str(EXAMPLE), "--fail-on", "info"]) == 1
    assert main(["run", bundle, "-o", str(tmp_path / "out")]) == 1
    assert main(["derive", bundle]) == 1
    assert main(["derive", bundle, "--fail-on", "never"]) == 0
    assert "codings.csv:2" in capsys.readouterr().err


def test_run_writes_what_it_says(tmp_path: Path, capsys: Captured) -> None:
    """`run` writes its files, the same bytes each time, and nothing else."""
    for name in ("one", "two"):
        assert main(["run", str(EXAMPLE), "-o", str(tmp_path / name), "--quiet"]) == 0
    names = ["findings.csv", "graph.nq", "report.html", "report.ttl", "summary.json", "verdicts.csv", "verdicts.ttl"]

    assert names == sorted(path.name for path in (tmp_path / "one").iterdir())
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert capsys.readouterr().out == ""


def test_a_view_is_the_same_bytes_each_time() -> None:
    """What is imported with its view does not depend on how Python happens to order its sets."""
    command = [sys.executable, "-m", "kgtools", "import", str(EXAMPLE), "--view", "any", "--quiet"]
    made = {
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in ("1", "2", "3")
    }

    assert len(made) == 1


def test_verdict_table(tmp_path: Path) -> None:
    """`verdicts.csv` has the columns of the design, sorted, and evidence by coding ids or element names."""
    main(["run", str(CASES / "verdicts"), "-o", str(tmp_path), "--quiet", "--fail-on", "never"])
    with (tmp_path / "verdicts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    by_unit = {(row["unit"], row["proposition"]): row for row in rows}

    assert [
        "unit_type",
        "unit",
        "theory",
        "proposition",
        "verdict",
        "grade",
        "coders",
        "evidence",
        "missing",
        "opposed",
    ] == list(rows[0])
    assert rows == sorted(rows, key=lambda row: (row["unit_type"], row["unit"], row["theory"], row["proposition"]))
    assert by_unit["V01", "Z-delight"]["evidence"] == "k001;k002;k003"
    assert by_unit["V57", "J-cycle"]["evidence"] == "first;gain1;gain2;second"
    assert by_unit["V06", "Z-delight"]["missing"] == "O"
    assert by_unit["V06", "Z-delight"]["opposed"] == "B"
    assert by_unit["V47", "J-cycle"]["opposed"] == "B2;O2"


def test_formats_say_the_same(capsys: Captured) -> None:
    """Table, csv and json have the same verdicts."""
    bundle = str(CASES / "verdicts")
    said = {}
    for form in ("table", "csv", "json"):
        assert main(["derive", bundle, "--quiet", "--format", form, "--fail-on", "never"]) == 0
        said[form] = capsys.readouterr().out
    from_csv = [dict(row) for row in csv.DictReader(io.StringIO(said["csv"]))]

    assert from_csv == json.loads(said["json"])
    assert len(from_csv) + 1 == len(said["table"].splitlines())


def test_all_adds_the_silent(capsys: Captured) -> None:
    """`--all` has a row for every unit and proposition."""
    assert main(["derive", str(CASES / "verdicts"), "--quiet", "--all", "--format", "csv"]) == 1
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    units = {(row["unit_type"], row["unit"]) for row in rows}

    assert {"supports", "contradicts", "mixed", "silent", "not-applicable"} == {row["verdict"] for row in rows}
    assert len(rows) == 25 * sum(kind == "incident" for kind, _ in units) + 3 * sum(
        kind == "chain" for kind, _ in units
    )


@pytest.mark.parametrize("ending", [".nq", ".trig", ".ttl", ".nt", ".rdf", ".jsonld"])
def test_verdicts_are_the_same_from_rdf(ending: str, tmp_path: Path, capsys: Captured) -> None:
    """What is imported to any syntax and read back has the verdicts of the bundle."""
    graph = str(tmp_path / f"graph{ending}")
    assert main(["import", str(EXAMPLE), "-o", graph, "--quiet"]) == 0
    for data in (str(EXAMPLE), graph):
        assert main(["derive", data, "--quiet", "--format", "csv", "--coders", "majority"]) == 0
    out = capsys.readouterr().out
    half = len(out) // 2

    assert out[:half] == out[half:]


def test_a_store_keeps_a_bundle_once(tmp_path: Path, capsys: Captured) -> None:
    """A store takes a bundle of a name once, or with `--replace` in place of the old one; verdicts come from it too."""
    store = str(tmp_path / "store")
    small = tmp_path / "online-service"
    shutil.copytree(EXAMPLE, small)
    (small / "codings.csv").write_text("incident,code\nI01,Delight\n", "utf-8")

    assert main(["import", str(EXAMPLE), "--store", store, "--quiet"]) == 0
    assert main(["import", str(small), "--store", store, "--quiet"]) == 2
    assert "--replace" in capsys.readouterr().err
    assert main(["derive", store, "--quiet", "--format", "csv"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 132
    assert main(["import", str(small), "--store", store, "--replace", "--quiet"]) == 0
    assert main(["derive", store, "--quiet", "--format", "csv"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


@pytest.mark.parametrize("ending", [".nq", ".ttl"])
def test_queries_run_on_an_imported_view(ending: str, tmp_path: Path) -> None:
    """With `--view`, a query runs as it is in any store: on the view's graph, or on all in the default graph."""
    import pyoxigraph as ox

    graph = tmp_path / f"graph{ending}"
    assert (
        main(["import", str(CASES / "verdicts"), "--view", "c2", "-o", str(graph), "--quiet", "--fail-on", "never"])
        == 0
    )
    store = ox.Store()
    store.load(path=str(graph))
    default = ox.NamedNode("urn:evco:data:verdicts/view/c2") if ending == ".nq" else ox.DefaultGraph()
    supported = set()
    for path in (ROOT / "queries/proposition").glob("*/*.rq"):
        rows = store.query(path.read_text("utf-8"), default_graph=[default])
        assert isinstance(rows, ox.QuerySolutions)
        supported |= {
            (path.stem, row["unit"].value.rpartition("/")[2]) for row in rows if row["verdict"].value == "supports"
        }

    assert {("Z-polite", "V55"), ("Z-polite", "V56"), ("Z-delight", "V68")} == supported


def test_help_is_quick_and_imports_are_lazy() -> None:
    """`--help` loads none of the engines."""
    code = (
        "import sys; from kgtools.cli import main; main(['--help']); "
        "print([name for name in sys.modules if name in HEAVY], file=sys.stderr)"
    )
    heavy = [
        "duckdb",
        "rdflib",
        "pyoxigraph",
        "pyshacl",
        "owlready2",
        "SPARQLWrapper",
        "rich",
        "pydantic",
        "curies",
        "shacl_rust",
    ]
    done = subprocess.run(
        [sys.executable, "-c", f"HEAVY = {heavy}; {code}"], capture_output=True, text=True, check=True
    )

    assert done.stderr.strip() == "[]"
    for name in ("run", "import", "validate", "derive", "propositions", "reason"):
        assert name in done.stdout


def test_bundles_are_told_apart(tmp_path: Path, capsys: Captured) -> None:
    """Where several bundles are given, units and files have the bundle's name before them."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "codings.csv").write_text(
            "incident,code,valence\nI1,Ownership,\nI1,Review,fine\nI1,Review,\n"
        )

    assert main(["derive", str(tmp_path / "a"), str(tmp_path / "b"), "--format", "csv"]) == 1
    out, err = capsys.readouterr()

    assert ["a/I1", "b/I1"] == [row["unit"] for row in csv.DictReader(io.StringIO(out))]
    assert "a/codings.csv:3" in err
    assert "b/codings.csv:3" in err


def test_a_theory_with_a_mistake_is_refused(tmp_path: Path, capsys: Captured) -> None:
    """What a shape for theories calls a violation stops `--theory`, in one line, before anything is judged."""
    text = (CASES / "theory/habit.ttl").read_text("utf-8")
    for right, wrong in (
        ("evco:slotClass evco:Review", "evco:slotClass evco:Revue"),
        ("evco:slotValence evco:positive", 'evco:slotValence "positive"'),
    ):
        (tmp_path / "wrong.ttl").write_text(text.replace(right, wrong, 1), "utf-8")

        assert main(["derive", str(EXAMPLE), "--theory", str(tmp_path / "wrong.ttl")]) == 2
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)


def test_a_full_disk_is_one_line() -> None:
    """Where stdout takes nothing, that is said in one line."""
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "kgtools", "propositions"], stdout=full, stderr=subprocess.PIPE, check=False
        )

    assert done.returncode == 2
    assert b"kgtools: the result cannot be written (No space left on device); make room" in done.stderr


def test_version_names_the_engines(capsys: Captured) -> None:
    """`--version` says what results were made with."""
    assert main(["--version"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]

    assert [
        "kgtools",
        "rdflib",
        "pyoxigraph",
        "pyshacl",
        "shacl-rust",
        "owlready2",
        "SPARQLWrapper",
        "duckdb",
        "python-calamine",
    ] == names


def test_reason_says_what_it_found(tmp_path: Path, capsys: Captured) -> None:
    """`reason` ends with 0 where all can be true together, and with 1 where it cannot."""
    wrong = tmp_path / "wrong.ttl"
    wrong.write_text("<urn:x> a <https://w3id.org/evco#Delight> , <https://w3id.org/evco#Review> .", "utf-8")

    assert main(["reason", str(EXAMPLE), "--no-profile", "--no-crosscheck"]) == 0
    assert capsys.readouterr().out.startswith("consistent")
    assert main(["reason", str(wrong), "--no-profile", "--format", "turtle"]) == 1
    assert capsys.readouterr() == ("", "inconsistent; --format table says why\n")


def test_rdf_on_stdin() -> None:
    """`-` reads N-Quads, TriG or Turtle from stdin."""
    lifted = subprocess.run(
        [sys.executable, "-m", "kgtools", "import", str(EXAMPLE), "-q"], capture_output=True, check=True
    ).stdout
    done = subprocess.run(
        [sys.executable, "-m", "kgtools", "derive", "-", "-q", "--format", "csv"],
        input=lifted,
        capture_output=True,
        check=True,
    )

    assert len(done.stdout.splitlines()) == 132


@pytest.mark.parametrize("command", ["validate", "derive"])
def test_no_result_is_written_over_what_it_is_made_of(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A table of the bundle, or a file that is named, is not taken for the output."""
    table = tmp_path / "study" / "codings.csv"
    table.parent.mkdir()
    table.write_text("incident,code\nI1,Delight\n", "utf-8")
    for data in (table.parent, table):
        code = main([command, str(data), "--format", "csv", "-o", str(table)])

        assert (
            2,
            f"kgtools: {table}: is read from, and would be written over; name another file for the result\n",
        ) == (
            code,
            capsys.readouterr().err,
        )
    assert "incident,code\nI1,Delight\n" == table.read_text("utf-8")


def test_names_that_are_nearly_right_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file or column called much like one of ours is a warning; an incident without a row is told at a coding."""
    (tmp_path / "codings.csv").write_text("incident,code,valance\nI1,Delight,positive\n", "utf-8")
    (tmp_path / "incident.csv").write_text("incident,channel\nI1,Forum\n", "utf-8")
    (tmp_path / "actors.csv").write_text("actor,role\nanna,customer\n", "utf-8")
    main(["validate", str(tmp_path), "--format", "csv", "--quiet"])
    found = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))

    assert {
        ("table:column", "codings.csv", "1"),
        ("table:unread", "incident.csv", ""),
        ("coding:coder", "codings.csv", "2"),
        ("incident:channel", "codings.csv", "2"),
    } == {(one["shape"], one["file"], one["row"]) for one in found if one["severity"] == "warning"}
