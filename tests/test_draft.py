"""Crosswalks to fill in: every code is listed, only what is called as a term counts, and any name comes out whole."""

from __future__ import annotations

import csv
import doctest
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import pytest
from drawn import drawn
from hypothesis import given, settings
from hypothesis import strategies as st

from kgtools import draft
from kgtools.cli import main
from kgtools.codebook import guid_of
from kgtools.draft import draft_crosswalk, suggested
from kgtools.read import read_bundle
from kgtools.read.bundle import Bundle
from kgtools.read.columns import CODING, INCIDENT
from kgtools.read.crosswalk import Segments, Wide, read_crosswalk
from kgtools.read.qda.project import Code
from kgtools.vocabulary import EVCO, Vocabulary, local

VOCABULARY = Vocabulary.read()
HABIT = Path(__file__).parent / "cases" / "theory" / "habit.ttl"


def table(folder: Path, header: list[str], rows: list[list[str]], name: str = "study.csv") -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def coded(folder: Path, *codes: str) -> Path:
    """A table with a row a code, each in an incident of its own."""
    return table(folder, ["incident", "code"], [[f"I{n}", code] for n, code in enumerate(codes)])


def drafted(path: Path, vocabulary: Vocabulary = VOCABULARY) -> str:
    return draft_crosswalk(path, vocabulary).yaml


def parsed(folder: Path, yaml: str) -> Segments | Wide:
    file = folder / "draft.yaml"
    file.write_text(yaml, "utf-8")
    return read_crosswalk(file, VOCABULARY, frozenset({*CODING, *INCIDENT}))


def filled_in(yaml: str) -> str:
    """The draft with each code that is commented out as a line that counts, mapped to `none`."""
    live = re.sub(r'^( *)# ("|\? "|: TERM)', r"\1\2", yaml, flags=re.M)
    return re.sub(r": TERM(?=  # )", ": none", live)


def line(yaml: str, words: str) -> str:
    """The one line in which some words stand."""
    (found,) = [one.strip() for one in yaml.splitlines() if words in one]
    return found


def rows(bundle: Bundle) -> list[tuple[Any, ...]]:
    run = bundle.database.execute
    return [
        *run("SELECT * FROM coding ORDER BY ALL").fetchall(),
        *run("SELECT * FROM incident ORDER BY ALL").fetchall(),
    ]


# --- One row a coded segment -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "term"),
    [
        ("feeling valued", "FeelingValued"),
        ("Feelings Valued", "FeelingValued"),
        ("service-recoveries", "ServiceRecovery"),
        ("Emotion > DELIGHT", "Delight"),
        ("Emotion\\delights", "Delight"),
        ("Emotion->Desire for Revenge", "DesireForRevenge"),
        ("  POSITIVE   word of mouth ", "PositiveWordOfMouth"),
    ],
)
def test_code_that_is_called_as_a_term(tmp_path: Path, code: str, term: str) -> None:
    """Case, blanks, plural and what a code stands below make no difference; such a line counts at once."""
    crosswalk = parsed(tmp_path, drafted(coded(tmp_path, code)))

    assert isinstance(crosswalk, Segments)
    assert {code.strip(): term} == {key: targets[0].term for key, targets in crosswalk.codes.items()}


@pytest.mark.parametrize(
    ("code", "perhaps"),
    [
        ("delighted", "Delight"),
        ("customer delight", "Delight"),
        ("trust and commitment", "Commitment or Trust"),
        ("Delight > joy", ""),
        ("elements", ""),
        ("none", ""),
        ("!?", ""),
    ],
)
def test_code_that_is_called_otherwise(tmp_path: Path, code: str, perhaps: str) -> None:
    """What is only much like a term is a remark on a line that says nothing."""
    yaml = drafted(coded(tmp_path, code))

    assert Segments() == parsed(tmp_path, yaml)
    assert f"# {draft._text(code)}: TERM  # 1 coding in 1 incident{perhaps and f'; perhaps {perhaps}'}" == line(
        yaml, f"{draft._text(code)}: TERM"
    )


def test_term_as_it_is(tmp_path: Path) -> None:
    """A code that is a term already needs no crosswalk, and a line for it would make of it what somebody inferred."""
    yaml = drafted(coded(tmp_path, "Delight", "evco:Trust"))

    assert Segments() == parsed(tmp_path, yaml)
    assert '# taken for Trust as it is: "evco:Trust"  # 1 coding in 1 incident' == line(yaml, "evco:Trust")


def test_what_is_said_beside_a_term(tmp_path: Path) -> None:
    """A code of our codebook that says something of the others needs no crosswalk either."""
    yaml = drafted(coded(tmp_path, "Valence > positive", "ours > Bearer > by firm"))

    assert Segments() == parsed(tmp_path, yaml)
    said = "# says of what else is coded there that its valence is positive"
    assert f'{said}: "Valence > positive"  # 1 coding in 1 incident' == line(yaml, "Valence > positive")
    assert "its bearer is firm" in line(yaml, "Bearer > by firm")


def test_terms_of_a_theory(tmp_path: Path) -> None:
    """Terms of a user's theory are suggested too."""
    yaml = drafted(coded(tmp_path, "habits"), Vocabulary.read((HABIT,)))

    assert '"habits": Habit  # 1 coding in 1 incident' == line(yaml, "habits")


def test_order_and_counts(tmp_path: Path) -> None:
    """Codes stand with what they stand below, the most used first, each with its codings and incidents."""
    cells = [["I1", "A > x"], ["I1", "A > y"], ["I1", "A > y"], ["I2", "A > y"], ["I2", "B > z"], ["I2", "q"]]
    yaml = drafted(table(tmp_path, ["incident", "code"], cells))
    codes = yaml.partition("\ncodes:\n")[2]

    assert (
        """\
  # "q": TERM  # 1 coding in 1 incident

  # --- "A": 4 codings
  # "A > y": TERM  # 3 codings in 2 incidents
  # "A > x": TERM  # 1 coding in 1 incident

  # --- "B": 1 coding
  # "B > z": TERM  # 1 coding in 1 incident
"""
        == codes
    )


def test_nothing_changes_where_nothing_matches(tmp_path: Path) -> None:
    """With a draft in which no code is called as a term, the rows are those without it."""
    path = table(
        tmp_path,
        ["incident", "code", "Medium", "coder"],
        [["I1", "joy", "Forum", "a"], ["I1", "Trust", "Forum", "b"], ["I2", "A > anger: #1", "Email", "a"]],
    )
    file = tmp_path / "draft.yaml"
    file.write_text(drafted(path), "utf-8")

    assert rows(read_bundle(path, VOCABULARY)) == rows(read_bundle(path, VOCABULARY, file))


def test_only_what_matches_changes(tmp_path: Path) -> None:
    """With a draft, a code that is called as a term becomes it, and the others stay."""
    path = coded(tmp_path, "joy", "delights", "Trust")
    file = tmp_path / "draft.yaml"
    file.write_text(drafted(path), "utf-8")
    bundle = read_bundle(path, VOCABULARY, file)
    found = bundle.database.execute("SELECT code, term, inferred FROM coding ORDER BY code").fetchall()

    assert [("Trust", EVCO + "Trust", 0), ("delights", EVCO + "Delight", 1), ("joy", None, 0)] == found


def test_other_columns(tmp_path: Path) -> None:
    """Columns that are none of ours are listed with their values, and with the name that fits these or theirs."""
    header = ["incident", "code", "Medium", "Judged", "Day", "Plattform", "Ort"]
    yaml = drafted(table(tmp_path, header, [["I1", "x", "Forum", "mixed", "2024-02-01", "Facebook", 'Bad "Ems"']]))

    assert '# channel: "Medium"  # 1 value, such as "Forum"' == line(yaml, "Medium")
    assert '# valence: "Judged"  # 1 value, such as "mixed"' == line(yaml, "Judged")
    assert '# occurred_on: "Day"  # 1 value, such as "2024-02-01"' == line(yaml, "Day")
    assert '# platform: "Plattform"  # 1 value, such as "Facebook"' == line(yaml, "Plattform")
    assert '# COLUMN: "Ort"  # 1 value, such as "Bad \\"Ems\\""' == line(yaml, "Ort")


def test_codebook_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a file's codebook has is listed too: codes that nobody used, and what their author says they mean."""
    path = coded(tmp_path, "Mood > joy")
    bundle = read_bundle(path, VOCABULARY)
    codes = [
        Code("1", ("Mood",), codable=False),
        Code("2", ("Mood", "joy"), description="Being\nglad: #yes"),
        Code("3", ("Mood", "envy"), description="Of others"),
        Code("4", ("Valence", "positive")),
        Code(guid_of(EVCO + "Delight"), ("renamed",)),
    ]
    bundle.codes = codes  # type: ignore[attr-defined, unused-ignore]
    monkeypatch.setattr(draft, "read", lambda *_, **__: [bundle])
    yaml = drafted(path)
    listed = yaml.partition("\ncodes:\n")[2]

    assert (
        """\

  # --- "Mood": 1 coding
  # its description: "Being glad: #yes"
  # "Mood > joy": TERM  # 1 coding in 1 incident
  # its description: "Of others"
  # "Mood > envy": TERM  # never used
"""
        == listed
    )
    assert Segments() == parsed(tmp_path, yaml)


def test_no_column_of_incidents(tmp_path: Path) -> None:
    """A table of codes that does not say in which incidents is drafted for, with its columns to choose from."""
    yaml = drafted(table(tmp_path, ["Interview", "code"], [["a", "delights"], ["a", "joy"]]))

    assert "shape: segments" in yaml
    assert '# incident: "Interview"' == line(yaml, '"Interview"')
    assert '"delights": Delight  # 1 row' == line(yaml, "delights")


HOSTILE = [
    "no",
    "~",
    "null",
    "<<",
    "- a",
    "? b",
    "a: b",
    "#c",
    "!d",
    "&e",
    "*f",
    "{g}",
    '"h"',
    "'i",
    "1",
    "%j",
    "|",
    ">",
]
WRITABLE = st.characters(codec="utf-8", exclude_characters="\0")
WORDS = st.text(WRITABLE, min_size=1, max_size=8) | st.sampled_from(
    [*HOSTILE, "Delight", " > ", "\\", "->", ": ", " #"]
)


@settings(max_examples=drawn(25), deadline=None)
@given(st.lists(st.lists(WORDS, min_size=1, max_size=4).map("".join), min_size=1, max_size=8), st.integers(1, 150))
def test_any_codes(codes: list[str], times: int) -> None:
    """Whatever codes are called, the draft is a crosswalk, and filled in it has each of them as it is read."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        path = coded(folder, "joy", *codes, codes[0] * times)
        bundle = read_bundle(path, VOCABULARY)
        left = bundle.database.execute("SELECT DISTINCT code FROM coding WHERE term IS NULL ORDER BY code").fetchall()
        yaml = drafted(path)
        crosswalk = parsed(folder, yaml)
        whole = parsed(folder, filled_in(yaml))

    assert isinstance(crosswalk, Segments)
    assert {*crosswalk.codes} <= {code for (code,) in left}
    assert sorted(code for (code,) in left) == sorted(whole.codes)


# --- One row an incident ---------------------------------------------------------------------------------------------


def wide(folder: Path) -> Path:
    return table(
        folder,
        ["Story", "Mood", "Case ID", "channel", "Age"],
        [
            ["x" * 99, "Delights", "1", "Forum", "30"],
            ["y" * 99, "meh", "2", "Forum", "30"],
            ["z", "meh", "3", "Email", ""],
        ],
    )


def test_wide_table(tmp_path: Path) -> None:
    """A table without codes has a row an incident: columns of few short values are listed, and what matches counts."""
    yaml = drafted(wide(tmp_path))
    crosswalk = parsed(tmp_path, yaml)

    assert isinstance(crosswalk, Wide)
    assert {"incident": "Case ID"} == crosswalk.columns
    assert {"Mood": ["Delights"]} == {column: [*codes] for column, codes in crosswalk.codes.items()}
    assert '# "meh": TERM  # 2 rows' == line(yaml, '"meh": TERM')
    assert '# "Age":  # 1 value' == line(yaml, '"Age": ')
    assert '"Story":  #' not in yaml


def test_wide_draft_is_read(tmp_path: Path) -> None:
    """The draft for a wide table can be used as it is."""
    path = wide(tmp_path)
    file = tmp_path / "draft.yaml"
    file.write_text(drafted(path), "utf-8")
    bundle = read_bundle(path, VOCABULARY, file)
    found = bundle.database.execute("SELECT incident, code, term FROM coding ORDER BY incident").fetchall()

    assert ["1", "2", "3"] == bundle.incidents()
    assert [("1", "Delight"), ("2", ""), ("3", "")] == [(id, local(term or "")) for id, _, term in found]


def test_wide_draft_without_a_match_is_read(tmp_path: Path) -> None:
    """Where no value is called as a term, there are incidents, and nothing is coded in them yet."""
    path = table(tmp_path, ["incident", "Mood"], [["1", "meh"], ["2", "meh"]])
    file = tmp_path / "draft.yaml"
    file.write_text(drafted(path), "utf-8")
    bundle = read_bundle(path, VOCABULARY, file)

    assert ["1", "2"] == bundle.incidents()
    assert [] == bundle.database.execute("SELECT * FROM coding").fetchall()


@pytest.mark.parametrize("kind", ["semicolons", "cp1252", "xls"])
def test_table_of_an_unknown_program(kind: str, tmp_path: Path) -> None:
    """A table that no dialect knows is drafted for in whatever form it is written; filled in, the draft is read."""
    rows = [["Datei", "Etikett", "Worte"], ["A", "Delights", "schön, größer"], ["B", "mäßig", "Café"]]
    path = tmp_path / ("study.xls" if kind == "xls" else "study.csv")
    if kind == "xls":
        book = openpyxl.Workbook()
        for row in rows:
            book.worksheets[0].append(row)
        book.save(tmp_path / "study.xlsx")
        (tmp_path / "study.xlsx").rename(path)
    else:
        separator = ";" if kind == "semicolons" else ","
        lines = [separator.join(f'"{cell}"' for cell in row) for row in rows]
        path.write_bytes("\r\n".join(lines).encode("utf-8" if kind == "semicolons" else "cp1252"))
    yaml = drafted(path)
    file = tmp_path / "filled.yaml"
    file.write_text('shape: segments\ncolumns: {code: "Etikett", document: "Datei"}\n', "utf-8")

    assert "only coded segments can be read from it" in yaml
    assert '# "mäßig": TERM  # 1 row' == line(yaml, '"mäßig": TERM')
    assert '"Delights": Delight  # 1 row' == line(yaml, '"Delights": Delight')
    assert ["A", "B"] == read_bundle(path, VOCABULARY, file).incidents()


@pytest.mark.skipif("incident" not in Wide.model_fields, reason="no crosswalk says yet what an incident is")
def test_wide_table_where_nothing_tells_rows_apart(tmp_path: Path) -> None:
    """Where no column can name incidents, each row is one, and the draft lists the columns to choose from."""
    path = table(tmp_path, ["Mood", "Age"], [["delights", "30"], ["meh", "30"], ["meh", "30"]])
    yaml = drafted(path)
    crosswalk = parsed(tmp_path, yaml)

    assert ({}, "row") == (crosswalk.columns, getattr(crosswalk, "incident", ""))
    assert ['# incident: "Mood"', '# incident: "Age"'] == re.findall(r'# incident: "\w+"', yaml)
    assert 3 == read_bundle(path, VOCABULARY, tmp_path / "draft.yaml").count()


@settings(max_examples=drawn(20), deadline=None)
@given(st.lists(WORDS, min_size=2, max_size=4, unique=True), st.lists(WORDS, min_size=1, max_size=5))
def test_any_wide_table(header: list[str], cells: list[str]) -> None:
    """Whatever columns and values are called, the draft is a crosswalk, and so it is filled in."""
    header = [f"x{name}" for name in header]
    with TemporaryDirectory() as name:
        folder = Path(name)
        path = table(
            folder, ["incident", *header], [[f"I{n}", *([cell] * len(header))] for n, cell in enumerate(cells)]
        )
        yaml = drafted(path)
        crosswalk = parsed(folder, yaml)
        whole = parsed(folder, filled_in(yaml))

    assert isinstance(crosswalk, Wide)
    assert isinstance(whole, Wide)
    assert {*crosswalk.codes} <= {*whole.codes}


# --- The command -----------------------------------------------------------------------------------------------------


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`kgtools import FILE --draft-crosswalk` writes it to a file or to stdout, and says how much it found."""
    path, file = coded(tmp_path, "joy", "delights"), tmp_path / "crosswalk.yaml"

    assert 0 == main(["import", str(path), "--draft-crosswalk", "-o", str(file)])
    assert f"Written to {file}: 2 codes, 1 of them called as a term is\n" == capsys.readouterr().err
    assert 0 == main(["import", str(path), "--draft-crosswalk", "--quiet"])
    assert (drafted(path), "") == tuple(capsys.readouterr())
    assert drafted(path) == file.read_text("utf-8")


def test_nothing_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A crosswalk that is there stays, since somebody may have filled it in."""
    path, file = coded(tmp_path, "joy"), tmp_path / "crosswalk.yaml"
    file.write_text("mine", "utf-8")

    assert 2 == main(["import", str(path), "--draft-crosswalk", "-o", str(file)])
    assert "is there already, and may have been filled in; name another file" in capsys.readouterr().err
    assert "mine" == file.read_text("utf-8")


@pytest.mark.parametrize(
    "option", [["--store", "x"], ["--endpoint", "http://x"], ["--view", "any"], ["--replace"], ["--crosswalk", "x"]]
)
def test_it_goes_alone(tmp_path: Path, option: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What says where a graph goes, or what is in a crosswalk already, makes no sense beside it."""
    assert 2 == main(["import", str(coded(tmp_path, "joy")), "--draft-crosswalk", *option])
    assert "--draft-crosswalk goes without --store, --endpoint, --view, --replace and --crosswalk" in (
        capsys.readouterr().err
    )


def test_what_no_crosswalk_is_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Several bundles, RDF, what is not there, and a folder that has a crosswalk are told of in one line each."""
    path = coded(tmp_path, "joy")
    graph = tmp_path / "data.ttl"
    graph.write_text("", "utf-8")
    folder = tmp_path / "study"
    folder.mkdir()
    coded(folder, "joy").rename(folder / "codings.csv")
    (folder / "crosswalk.yaml").write_text("", "utf-8")
    said = []
    for paths in ([path, path], [graph], [tmp_path / "none.csv"], [folder]):
        assert 2 == main(["import", *map(str, paths), "--draft-crosswalk"])
        said.append(capsys.readouterr().err)

    assert [1] * 4 == [len(one.splitlines()) for one in said]
    assert "one BUNDLE at a time" in said[0]
    assert "is RDF, where codes are terms" in said[1]
    assert "none.csv: no such file or folder" in said[2]
    assert "crosswalk.yaml: is a crosswalk for this already" in said[3]


def test_examples_in_docstrings() -> None:
    """The examples in docstrings are true."""
    for module in (draft, suggested):
        assert (0, 1) == (doctest.testmod(module).failed, doctest.testmod(module).attempted > 0)
