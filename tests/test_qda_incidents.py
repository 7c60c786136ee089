"""What an incident is in a coding program's file: each rule of the crosswalk, and what is then known of an incident."""

from __future__ import annotations

import csv
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest
from qda_graphs import VOCABULARY, ask, codings_of, graph_of, quotes
from qda_writers import write_qualcoder
from refi_writer import MAXQDA, Mark, Person, Text, write_project

from kgtools.cli import main
from kgtools.errors import InputError
from kgtools.model import Finding, Incident
from kgtools.read import Bundle, read_bundle
from kgtools.read.cells import LONGEST_TEXT
from kgtools.read.crosswalk import ByCode
from kgtools.read.qda.export import Export
from kgtools.read.qda.incidents import say_incidents
from kgtools.read.qda.staging import _load
from kgtools.read.tables import column_key

FIRST = "The staff was kind to me.\nI was glad, and told all my friends.\nThen nobody answered the phone for days."
SECOND = "They never called back.\nI was angry. A week later they said sorry."


def mark(text: str, words: str, *codes: str, user: str = "Ann") -> Mark:
    """A segment, as code points count."""
    at = text.index(words)
    return Mark(at, at + len(words), codes, user)


def crosswalk(tmp_path: Path, said: str) -> Path:
    path = tmp_path / "crosswalk.yaml"
    path.write_text(said, "utf-8")
    return path


def incidents(bundle: Bundle) -> dict[str, Incident]:
    return {incident.id: incident for chunk in bundle.chunks() for incident in chunk.incidents}


def remarks(bundle: Bundle, *shapes: str) -> list[Finding]:
    return [one for one in bundle.findings if one.shape in shapes]


def maxqda(tmp_path: Path, *rows: str) -> Path:
    """A table as MAXQDA writes it: group, document, code, first and last paragraph, words, coder."""
    path = tmp_path / "segments.csv"
    header = "Color,Document group,Document name,Code,Beginning,End,Segment,Created by"
    path.write_text("\n".join([header, *(f"●,{row}" for row in rows)]) + "\n", "utf-8")
    return path


def placed(path: Path, mapping: Path | None = None) -> dict[str, str]:
    """Incidents by the words coded; what is said of the places is right."""
    _, store = graph_of(path, mapping)
    found = quotes(store).values()

    assert [one.exact for one in found if one.start is not None] == [
        one.cut() for one in found if one.start is not None
    ]
    return {one.exact or "": one.incident for one in found}


# --- Documents -------------------------------------------------------------------------------------------------------


def test_a_document_is_an_incident(tmp_path: Path) -> None:
    """Without a crosswalk each document is an incident, its text the narrative; what groups it is in is kept."""
    texts = [
        Text("Story", FIRST.encode(), [mark(FIRST, "kind", "Polite")], inline=True),
        Text("Story", SECOND.encode(), [mark(SECOND, "angry", "Anger")], inline=True),
        Text("Empty", b"Nothing here.", []),
    ]
    path = write_project(tmp_path / "x.qdpx", texts, sets={"Shops": ["Story"]}, style=MAXQDA)
    bundle, _ = graph_of(path)
    found = incidents(bundle)

    assert {"kind": "Story", "angry": "Story (2)"} == placed(path)
    assert {"Story": FIRST, "Story (2)": SECOND, "Empty": "Nothing here."} == {
        id: incident.narrative for id, incident in found.items()
    }


def test_documents_of_one_name_in_two_groups(tmp_path: Path) -> None:
    """In a table, documents that are called alike in different groups are told apart by the group."""
    path = maxqda(
        tmp_path,
        "Shops,Ann,Delight,1,1,so glad,ina",
        "Calls,Ann,Review,2,2,five stars,ina",
        "Shops,Ben,Delight,1,1,nice,ina",
    )

    assert {"so glad": "Shops > Ann", "five stars": "Calls > Ann", "nice": "Ben"} == placed(path)


def test_text_that_is_too_long(tmp_path: Path) -> None:
    """What is no narrative for its length leaves the incident, its variables and quotes, and one warning for all."""
    long = FIRST + " " * LONGEST_TEXT
    marks = [mark(FIRST, "kind", "Delight")]
    texts = [Text(f"T{n}", long.encode(), marks, variables={"channel": "Forum", "age": "44"}) for n in range(5)]
    path = write_project(tmp_path / "x.qdpx", [*texts, Text("T5", FIRST.encode(), marks)], style=MAXQDA)
    bundle = read_bundle(path, VOCABULARY)
    found = incidents(bundle)

    assert 6 == bundle.rows_taken
    assert {**{f"T{n}": (None, True, "44") for n in range(5)}, "T5": (FIRST, False, None)} == {
        id: (one.narrative, one.channel is not None, dict(one.extra).get("age")) for id, one in found.items()
    }
    assert [("kind", None, None)] * 5 + [("kind", 14, 18)] == [
        (one.segment, one.start, one.end) for one in codings_of(bundle)
    ]
    assert [
        (
            "warning",
            "the text of 5 incidents (`T0`, `T1`, `T2`, …) is longer than 4 MiB and is not kept as a narrative, nor "
            "where codings stand in it; let smaller parts be incidents (crosswalk: incident)",
        )
    ] == [(one.severity, one.message) for one in bundle.findings if one.severity != "info"]


def test_parts_of_a_text_that_is_too_long(tmp_path: Path) -> None:
    """Of a text that is too long for a narrative, parts may be incidents, with theirs."""
    marks = [mark(FIRST, "I was glad", "Incident 1"), mark(FIRST, "glad", "Delight")]
    path = write_project(tmp_path / "x.qdpx", [Text("T", (FIRST + " " * LONGEST_TEXT).encode(), marks)], style=MAXQDA)
    mapping = crosswalk(tmp_path, "incident: {code: Incident *}\n")
    bundle = read_bundle(path, VOCABULARY, mapping)

    assert {"glad": "Incident 1"} == placed(path, mapping)
    assert [(6, 10)] == [(one.start, one.end) for one in codings_of(bundle)]
    assert [] == remarks(bundle, "text:long")


def test_documents_of_one_name_in_a_group_and_in_none(tmp_path: Path) -> None:
    """A document without a group is another one than that of its name in the only group."""
    path = maxqda(tmp_path, "Shops,Ann,Delight,1,1,so glad,ina", ",Ann,Review,2,2,five stars,ina")

    assert {"so glad": "Shops > Ann", "five stars": "Ann"} == placed(path)


# --- Cases -----------------------------------------------------------------------------------------------------------


def people(tmp_path: Path) -> Path:
    """Ann told one story and half of another, Ben the other half; nobody a third."""
    texts = [
        Text("T1", FIRST.encode(), [mark(FIRST, "kind", "Polite"), mark(FIRST, "glad", "Delight")], codes=["Whole"]),
        Text(
            "T2",
            SECOND.encode(),
            [
                mark(SECOND, "They never called back.", "Failure"),
                mark(SECOND, "A week later they said sorry.", "Recovery"),
                mark(SECOND, "sorry", "Sorry"),
                mark(SECOND, "angry", "Anger"),
                mark(SECOND, "back.\nI was", "Across"),
            ],
            variables={"channel": "Forum"},
        ),
        Text("T3", b"Not told by anybody.", [Mark(0, 3, ["Loose"])]),
    ]
    cases = [
        Person("Ann", ["T1"], [("T2", 1)], {"age": "44"}),
        Person("Ben", [], [("T2", 0)], {"age": "33"}),
        Person("Cem", [], []),
    ]
    return write_project(tmp_path / "x.qdpx", texts, cases=cases, style=MAXQDA)


def test_a_case_is_an_incident(tmp_path: Path) -> None:
    """A case holds whole texts and segments of others; its narrative is made of them, and positions are in it."""
    path, mapping = people(tmp_path), crosswalk(tmp_path, "incident: case\n")
    bundle, store = graph_of(path, mapping)
    found = incidents(bundle)
    by_words = {one.exact: one for one in quotes(store).values()}

    assert {
        "kind": "Ann",
        "glad": "Ann",
        "A week later they said sorry.": "Ann",
        "sorry": "Ann",
        "They never called back.": "Ben",
        "back.\nI was": "Ben",
        "": "Ann",
    } == placed(path, mapping)
    assert f"{FIRST}\n\nA week later they said sorry." == found["Ann"].narrative
    assert "They never called back." == found["Ben"].narrative
    assert len(FIRST) + 2 == by_words["A week later they said sorry."].start
    assert ("Cem", None) == (found["Cem"].id, found["Cem"].narrative)


def test_what_lies_in_no_case(tmp_path: Path) -> None:
    """A coding in no case is a violation that says what to do, what reaches beyond its case a warning."""
    path = people(tmp_path)
    bundle = read_bundle(path, VOCABULARY, crosswalk(tmp_path, "incident: case\n"))
    outside = remarks(bundle, "coding:incident")
    beyond = remarks(bundle, "incident:beyond")

    assert (9, 7) == (bundle.rows_read, bundle.rows_taken)
    assert {"the coding lies in no case, so in no incident; put its document, or its segment, into a case"} == {
        one.message for one in outside
    }
    assert {("violation", "angry"), ("violation", "Not")} == {(one.severity, one.segment) for one in outside}
    assert all(one.file == "x.qdpx#project.qde" and one.row for one in (*outside, *beyond))
    assert [("warning", "Ben")] == [(one.severity, one.incident) for one in beyond]
    assert ["T3"] == [one.value for one in remarks(bundle, "incident:none")]


def test_run_on_what_lies_in_no_case(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A run tells what was left out by its exit code, and by file and line in its table of findings."""
    out = tmp_path / "out"
    code = main(
        ["run", str(people(tmp_path)), "--crosswalk", str(crosswalk(tmp_path, "incident: case\n")), "-o", str(out)]
    )
    with (out / "findings.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["severity"] == "violation"]

    assert (1, 2) == (code, len(rows))
    assert {("coding:incident", "x.qdpx#project.qde", True)} == {
        (row["shape"], row["file"], row["row"].isdigit()) for row in rows
    }
    assert "7 of 9 rows taken in" in capsys.readouterr().err


def test_what_is_known_of_a_case(tmp_path: Path) -> None:
    """A case's variables are its incident's, and so is what all of its documents say."""
    bundle = read_bundle(people(tmp_path), VOCABULARY, crosswalk(tmp_path, "incident: case\n"))
    found = incidents(bundle)

    assert {"Ann": "44", "Ben": "33", "Cem": None} == {id: dict(one.extra).get("age") for id, one in found.items()}
    assert {"Ann": None, "Ben": "https://w3id.org/evco#Forum", "Cem": None} == {
        id: one.channel for id, one in found.items()
    }


def test_two_cases_of_one_text(tmp_path: Path) -> None:
    """A coding in a text of two cases is taken for the first, with a warning."""
    texts = [Text("T1", FIRST.encode(), [mark(FIRST, "kind", "Polite")])]
    path = write_project(tmp_path / "x.qdpx", texts, cases=[Person("Ann", ["T1"]), Person("Ben", ["T1"])], style=MAXQDA)
    mapping = crosswalk(tmp_path, "incident: case\n")
    bundle = read_bundle(path, VOCABULARY, mapping)

    assert {"kind": "Ann"} == placed(path, mapping)
    assert ["the coding lies in several incidents alike; it is taken for `Ann`"] == [
        one.message for one in remarks(bundle, "incident:several")
    ]


def test_many_codings_in_two_cases(tmp_path: Path) -> None:
    """What lies in several incidents, or reaches beyond one, is told ten times and then counted."""
    text = FIRST * 2
    marks = [Mark(at, at + 4, ["Polite"]) for at in range(12)]
    across = [Mark(len(FIRST) - 5, len(FIRST) + at, ["Across"]) for at in range(1, 14)]
    texts = [Text("T1", text.encode(), marks), Text("T2", text.encode(), [Mark(0, len(FIRST)), *across])]
    cases = [Person("Ann", ["T1"]), Person("Ben", ["T1"], [("T2", 0)])]
    path = write_project(tmp_path / "x.qdpx", texts, cases=cases, style=MAXQDA)
    bundle = read_bundle(path, VOCABULARY, crosswalk(tmp_path, "incident: case\n"))
    found = [remarks(bundle, shape) for shape in ("incident:several", "incident:beyond")]

    assert (25, 11, 11) == (bundle.rows_taken, *map(len, found))
    assert [
        "2 more like this (incident:several) are not listed",
        "3 more like this (incident:beyond) are not listed",
    ] == [one[-1].message for one in found]


def test_a_project_without_cases(tmp_path: Path) -> None:
    """Where there is no case, none can be an incident: an error that says what else can be."""
    path = write_project(tmp_path / "x.qdpx", [Text("T1", b"Good.", [Mark(0, 4, ["Delight"])])])
    with pytest.raises(InputError, match=r"does not say which case .* \(incident: document, case, row"):
        read_bundle(path, VOCABULARY, crosswalk(tmp_path, "incident: case\n"))


# --- Codes -----------------------------------------------------------------------------------------------------------

MARKED = "incident: {code: 'Incident *'}\n"


def marked(tmp_path: Path) -> Path:
    """Two incidents in one text, the second in two places; two coders marked the first, not quite alike."""
    text = f"{FIRST}\n{SECOND}"
    second = "Then nobody answered the phone for days."
    marks = [
        mark(text, FIRST.split("\nThen")[0], "Incidents > Incident 1"),
        mark(text, FIRST.split(" friends")[0], "Incidents > Incident 1", user="Ben"),
        mark(text, second, "Incidents > Incident 2"),
        mark(text, "A week later they said sorry.", "Incidents > Incident 2"),
        mark(text, "kind", "Polite"),
        mark(text, "friends", "Review", user="Ben"),
        mark(text, "nobody answered", "Failure"),
        mark(text, "sorry", "Recovery"),
        mark(text, "angry", "Anger"),
    ]
    texts = [
        Text("Interview", text.encode(), marks, variables={"channel": "Forum", "age": "44"}),
        Text("Other", b"Hm."),
    ]
    return write_project(tmp_path / "x.qdpx", texts, style=MAXQDA)


def test_marked_with_a_code(tmp_path: Path) -> None:
    """What is marked with a code is an incident; marks that overlap are one part, and others follow as further ones."""
    path, mapping = marked(tmp_path), crosswalk(tmp_path, MARKED)
    bundle, _ = graph_of(path, mapping)
    found = incidents(bundle)

    assert {
        "kind": "Incident 1",
        "friends": "Incident 1",
        "nobody answered": "Incident 2",
        "sorry": "Incident 2",
    } == placed(path, mapping)
    assert {
        "Incident 1": FIRST.split("\nThen")[0],
        "Incident 2": "Then nobody answered the phone for days.\n\nA week later they said sorry.",
    } == {id: one.narrative for id, one in found.items()}
    assert {("https://w3id.org/evco#Forum", "44")} == {(one.channel, dict(one.extra)["age"]) for one in found.values()}


def test_what_lies_in_no_mark(tmp_path: Path) -> None:
    """A coding outside of all incidents is a violation with its file and line; the marks are counted, not codings."""
    bundle = read_bundle(marked(tmp_path), VOCABULARY, crosswalk(tmp_path, MARKED))
    (outside,) = remarks(bundle, "coding:incident")

    assert (5, 4) == (bundle.rows_read, bundle.rows_taken)
    assert ("violation", "angry", "x.qdpx#project.qde") == (outside.severity, outside.segment, outside.file)
    assert (
        "the coding lies in nothing that is marked with `Incident *`, so in no incident; "
        "mark with such a code what it belongs to"
    ) == outside.message
    assert ["4 codings with `Incident *` say what an incident is: there are 2"] == [
        one.message for one in remarks(bundle, "incident:marked")
    ]
    assert ["Other"] == [one.value for one in remarks(bundle, "incident:none")]


def test_marked_in_a_table(tmp_path: Path) -> None:
    """In a table of MAXQDA, a segment is in the incident whose paragraphs it is in; of two, in that with its words."""
    path = maxqda(
        tmp_path,
        "G,Ann,Incident 1,1,3,It was good. They helped me.,ina",
        "G,Ann,Incident 2,3,5,But then nobody came.,ina",
        "G,Ann,Delight,2,2,good,ina",
        "G,Ann,Review,3,3,They helped me,ina",
        "G,Ann,Anger,3,3,nobody came,ina",
        "G,Ann,Trust,5,5,the last,ina",
        "G,Ben,Trust,1,1,another document,ina",
    )
    mapping = crosswalk(tmp_path, MARKED)
    bundle = read_bundle(path, VOCABULARY, mapping)
    (outside,) = remarks(bundle, "coding:incident")

    assert {
        "good": "Incident 1",
        "They helped me": "Incident 1",
        "nobody came": "Incident 2",
        "the last": "Incident 2",
    } == (placed(path, mapping))
    assert ("segments.csv", 8, "another document") == (outside.file, outside.row, outside.segment)


def test_marks_that_end_alike(tmp_path: Path) -> None:
    """Codes that are called alike below different ones are different incidents."""
    path = maxqda(
        tmp_path,
        "G,Ann,Shop > Incident 1,1,3,a,ina",
        "G,Ann,Bank > Incident 1,4,5,b,ina",
        "G,Ann,Incident 2,6,7,c,ina",
        "G,Ann,Delight,2,2,glad,ina",
        "G,Ann,Review,4,4,stars,ina",
        "G,Ann,Trust,6,6,sure,ina",
    )

    assert {"glad": "Shop > Incident 1", "stars": "Bank > Incident 1", "sure": "Incident 2"} == (
        placed(path, crosswalk(tmp_path, MARKED))
    )


@pytest.mark.parametrize(
    ("code", "pattern"),
    [
        ("Incidents > Zurich 1", r"Incidents\Zurich *"),
        ("Incidents > Zurich 1", "Incidents->Zurich *"),
        ("Incidents > Zurich 1", "Incidents > Zurich *"),
        ("Incidents > Zurich 1", "* > Zurich 1"),
        (r"Incidents\Zurich 1", "Incidents > Zurich *"),
        ("Incident [z-a]", "Incident [z-a]"),
        ("Incident [1] (new)?", "Incident [1] (*)?"),
    ],
)
def test_patterns_for_a_code(code: str, pattern: str, tmp_path: Path) -> None:
    """In the code that marks incidents only `*` is special, and its path may be joined as programs join it."""
    path = maxqda(tmp_path, f"G,Ann,{code},1,3,a,ina", "G,Ann,Incident z,4,5,b,ina", "G,Ann,Delight,2,2,glad,ina")
    mapping = crosswalk(tmp_path, f"incident: {{code: '{pattern}'}}\n")

    assert {"glad": code.rpartition(" > ")[2].rpartition("\\")[2]} == placed(path, mapping)


def test_marked_in_several_documents(tmp_path: Path) -> None:
    """An incident that is marked in several documents is one, with a warning, for they may be meant as several."""
    path = maxqda(
        tmp_path,
        *(f"G,{name},{code},1,3,{name} {code},ina" for name in ("Ann", "Ben") for code in ("Incident 1", "Incident 2")),
        "G,Ben,Delight,2,2,glad,ina",
    )
    bundle = read_bundle(path, VOCABULARY, crosswalk(tmp_path, MARKED))

    assert [
        "`Incident 1` is marked in 2 documents (1 more likewise), and is one incident; "
        "if it is meant to be several, mark each with a code of its own"
    ] == [one.message for one in remarks(bundle, "incident:across")]


def test_no_such_code(tmp_path: Path) -> None:
    """A code that nothing is marked with is an error that names it."""
    with pytest.raises(InputError, match=r"has no code `Story \*`, which the crosswalk says marks incidents"):
        read_bundle(marked(tmp_path), VOCABULARY, crosswalk(tmp_path, "incident: {code: Story *}\n"))


def test_parts_of_pictures_and_recordings(tmp_path: Path) -> None:
    """In a picture an incident is what lies in the marked part, in a recording what is in the marked time."""
    by = {"owner": "ann"}
    shape = {"width": 10, "height": 10, **by}
    rows: dict[str, list[dict[str, object]]] = {
        "code_name": [
            {"cid": n, "name": name} for n, name in enumerate(("Incident 1", "Incident 2", "Delight", "Trust"))
        ],
        "source": [
            {"id": 1, "name": "s.png", "mediapath": "/images/s.png"},
            {"id": 2, "name": "c.mp3", "mediapath": "/audio/c.mp3"},
        ],
        "code_image": [
            {"cid": 0, "id": 1, "x1": 0, "y1": 0, "width": 100, "height": 100, **by},
            {"cid": 1, "id": 1, "x1": 0, "y1": 100, "width": 100, "height": 100, **by},
            {"cid": 2, "id": 1, "x1": 10, "y1": 10, **shape},
            {"cid": 3, "id": 1, "x1": 10, "y1": 110, **shape},
            {"cid": 3, "id": 1, "x1": 200, "y1": 0, **shape},
        ],
        "code_av": [
            {"cid": 1, "id": 2, "pos0": 0, "pos1": 5000, **by},
            {"cid": 2, "id": 2, "pos0": 1000, "pos1": 2000, **by},
            {"cid": 3, "id": 2, "pos0": 6000, "pos1": 7000, **by},
        ],
    }
    path = write_qualcoder(tmp_path / "x.qda", rows)
    bundle = read_bundle(path, VOCABULARY, crosswalk(tmp_path, MARKED))
    found = {
        (coding.fragment, coding.code): id
        for chunk in bundle.chunks()
        for id, codings in chunk.codings.items()
        for coding in codings
    }

    assert {
        ("xywh=10,10,10,10", "Delight"): "Incident 1",
        ("xywh=10,110,10,10", "Trust"): "Incident 2",
        ("t=1,2", "Delight"): "Incident 2",
    } == found
    assert 2 == len(remarks(bundle, "coding:incident"))


class Segment(NamedTuple):
    """A part of a text, or all of it, as a program says it."""

    document: str | None
    start: int | None = None
    end: int | None = None
    words: str | None = None


def nearest(row: Segment, marks: Sequence[Segment]) -> tuple[int, bool]:
    """Which mark a coding belongs to (-1 is none), and whether others are as near: all pairs are looked at."""
    near = []
    for place, mark in enumerate(marks):
        whole = mark[1:] == (None, mark.end, None)
        holds = row.words is not None and mark.words is not None and row.words in mark.words
        first = [one.start for one in (row, mark) if one.start is not None]
        last = [one.end for one in (row, mark) if one.end is not None]
        lies = len(first) == 2 and first[0] == first[1]
        if len(first) == len(last) == 2:
            lies = lies or (first[0] < last[1] and first[1] < last[0])
        if row.document == mark.document is not None and (whole or lies or (len(first) < 2 and holds)):
            shared = 0 if whole else min(last) - max(first) if first and last else None
            length = None if mark.start is None or mark.end is None else mark.end - mark.start
            near.append((whole, not holds, shared is None, -(shared or 0), length is None, length or 0, place))
    best = min(near, default=None)
    return (-1, False) if best is None else (best[-1], [one[:-1] for one in near].count(best[:-1]) > 1)


@pytest.mark.parametrize("seed", range(40))
def test_nearest_mark(seed: int) -> None:
    """Each coding is in the mark that is nearest, as found by looking at all of them."""
    dice = random.Random(seed)

    def drawn() -> Segment:
        at = [None, *range(12)]
        words = dice.choice([None, "a", "ab", "abc"])
        return Segment(dice.choice(["A", "A", "B", None]), dice.choice(at), dice.choice(at), words)

    marks = [drawn() for _ in range(dice.randrange(1, 9))]
    marks.sort(key=lambda one: (one.document is None, one.document or "", one.start is None, one.start or 0))
    codings = [drawn() for _ in range(10)]
    rows = [(f"Incident {n}", one) for n, one in enumerate(marks)] + [("Delight", one) for one in codings]
    columns = ["document", "code", "start", "end", "segment"]
    export = Export("a program", columns, file="x.csv")
    with duckdb.connect() as database:
        cells = [(None, dict(zip(columns, (one[0], code, *one[1:]), strict=True))) for code, one in rows]
        _load(database, "raw_codings", columns, cells)
        say_incidents(database, export, ByCode(code="Incident *"), Path("x.csv"))
        found = database.execute(
            f'SELECT {column_key(export.columns, "incident")} FROM raw_codings ORDER BY "row"'
        ).fetchall()
    expected = [nearest(one, marks) for one in codings]

    assert [None if at < 0 else f"Incident {at}" for at, _ in expected] == [incident for (incident,) in found]
    assert [len(marks) + n for n, (_, several) in enumerate(expected, 1) if several] == [
        one.row for one in export.findings if one.shape == "incident:several"
    ]


# --- Rows ------------------------------------------------------------------------------------------------------------


def test_a_row_of_a_survey(tmp_path: Path) -> None:
    """Each row of a wide table without an id is an incident, called by its row."""
    path = tmp_path / "survey.csv"
    path.write_text("how,felt\nForum,glad\nForum,angry\n", "utf-8")
    said = "shape: wide\nincident: row\ncolumns: {channel: how}\ncodes: {felt: {glad: Delight, angry: none}}\n"
    bundle = read_bundle(path, VOCABULARY, crosswalk(tmp_path, said))
    found = incidents(bundle)

    assert {"row-2": "https://w3id.org/evco#Forum", "row-3": "https://w3id.org/evco#Forum"} == {
        id: one.channel for id, one in found.items()
    }


def test_a_row_with_several_codes(tmp_path: Path) -> None:
    """Where a row holds several codes, all of them are of the one incident that the row is."""
    path = tmp_path / "excerpts.csv"
    path.write_text(
        "Media Title,Excerpt Copy,Codes Applied Combined,Code: Delight Applied,Code: Trust Applied\n"
        'Ann,so glad,"Delight, Trust",true,true\nAnn,hm,Trust,false,true\n',
        "utf-8",
    )
    bundle = read_bundle(path, VOCABULARY, crosswalk(tmp_path, "incident: row\n"))

    assert [("row-2", 2), ("row-3", 1)] == [
        (id, len(codings)) for chunk in bundle.chunks() for id, codings in chunk.codings.items()
    ]


@pytest.mark.parametrize("rule", ["document", "case", "row", "{code: A}"])
def test_rule_for_a_table_of_ours(rule: str, tmp_path: Path) -> None:
    """A table with a column `incident` says itself what one is, so a rule beside it is an error."""
    path = tmp_path / "codings.csv"
    path.write_text("incident,code\nI1,Delight\n", "utf-8")
    with pytest.raises(InputError, match="take `incident` out of the crosswalk"):
        read_bundle(path, VOCABULARY, crosswalk(tmp_path, f"incident: {rule}\n"))


# --- Columns ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("columns: {platform: Document group}\n", {"Ann": ("Forum", None), "Ben": ("Email", None)}),
        ("columns: {channel: Document group}\n", {"Ann": (None, "Forum"), "Ben": (None, "Email")}),
        ("columns: {incident: Document group}\n", {"Forum": (None, None), "Email": (None, None)}),
        ("columns: {incident: Segment}\n", {"glad": (None, None), "sad": (None, None)}),
    ],
)
def test_columns_of_a_crosswalk(
    said: str, expected: Mapping[str, tuple[str | None, str | None]], tmp_path: Path
) -> None:
    """A crosswalk names a program's columns as the program does, and what it says of them goes first."""
    path = maxqda(tmp_path, "Forum,Ann,Delight,1,1,glad,ina", "Email,Ben,Review,1,1,sad,ina")
    bundle = read_bundle(path, VOCABULARY, crosswalk(tmp_path, said))

    assert expected == {
        id: (one.platform, one.channel and one.channel.rpartition("#")[2]) for id, one in incidents(bundle).items()
    }


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("shape: wide", "a project has a row for each coding; write `shape: segments` in the crosswalk"),
        (
            "columns: {incident: x}",
            "a project has no column that says what an incident is; say it by `incident:` in the",
        ),
        (
            "columns: {channel: x}",
            "no column `x`, which the crosswalk calls `channel`; found incident, .*, narrative, Kanal",
        ),
    ],
)
def test_crosswalk_that_fits_no_project(said: str, error: str, tmp_path: Path) -> None:
    """What a crosswalk says and a project has not is one error, which says what it has."""
    text = Text("I1", b"So glad.", [Mark(3, 7, ["Delight"])], variables={"Kanal": "Forum"})
    path = write_project(tmp_path / "x.qdpx", [text])
    with pytest.raises(InputError, match=error):
        read_bundle(path, VOCABULARY, crosswalk(tmp_path, f"{said}\n"))


def test_defaults_of_a_crosswalk(tmp_path: Path) -> None:
    """Defaults hold for a project's codings and incidents, where it says nothing itself."""
    texts = [
        Text("I1", b"So glad.", [Mark(3, 7, ["Delight"])], variables={"channel": "Forum"}),
        Text("I2", b"So glad.", [Mark(3, 7, ["Delight"], "Ann")]),
    ]
    path = write_project(tmp_path / "x.qdpx", texts)
    said = "defaults: {channel: Email, coder: Ben, valence: positive}\n"
    bundle = read_bundle(path, VOCABULARY, crosswalk(tmp_path, said))
    codings = codings_of(bundle)

    assert ["Forum", "Email"] == [(one.channel or "").rpartition("#")[2] for one in incidents(bundle).values()]
    assert [("Ben", "positive"), ("Ann", "positive")] == [(one.coder, one.valence) for one in codings]


def test_table_with_incidents_beside(tmp_path: Path) -> None:
    """A table of incidents beside a program's table says more of each document."""
    maxqda(tmp_path, "G,Ann,Delight,1,1,glad,ina", "G,Ben,Review,1,1,sad,ina")
    (tmp_path / "segments.csv").rename(tmp_path / "codings.csv")
    (tmp_path / "incidents.csv").write_text("incident,channel,mood\nAnn,Forum,fine\nCem,Email,\n", "utf-8")
    bundle = read_bundle(tmp_path, VOCABULARY)
    found = incidents(bundle)

    assert {"Ann": "Forum", "Ben": None, "Cem": "Email"} == {
        id: one.channel and one.channel.rpartition("#")[2] for id, one in found.items()
    }
    assert (("mood", "fine"),) == found["Ann"].extra


def test_project_with_tables_beside(tmp_path: Path) -> None:
    """Tables of incidents and actors and a crosswalk beside a project say more of what it holds."""
    texts = [
        Text("T1", FIRST.encode(), [mark(FIRST, "kind", "Nice")], variables={"channel": "Email", "age": "44"}),
        Text("T2", SECOND.encode(), [mark(SECOND, "angry", "Anger")], variables={"channel": "Email", "age": "33"}),
    ]
    write_project(tmp_path / "x.qdpx", texts, style=MAXQDA)
    (tmp_path / "incidents.csv").write_text("incident,channel,told_by\nT1,Forum,ann\n", "utf-8")
    (tmp_path / "actors.csv").write_text("actor,role\nann,customer\nshop,firm\n", "utf-8")
    crosswalk(tmp_path, "codes: {Nice: {term: PoliteConduct, bearer: shop}, Anger: none}\n")
    bundle, store = graph_of(tmp_path)
    found = incidents(bundle)

    assert ("https://w3id.org/evco#Forum", "ann", FIRST) == (
        found["T1"].channel,
        found["T1"].told_by,
        found["T1"].narrative,
    )
    assert {"T1": "44", "T2": "33"} == {id: dict(one.extra).get("age") for id, one in found.items()}
    assert [("T1", "shop")] == ask(
        store,
        """SELECT ?incident ?who { ?one evco:hasElement ?e ; dcterms:identifier ?incident .
           ?e evco:bearer/dcterms:identifier ?who }""",
    )


@pytest.mark.parametrize(
    ("table", "read", "unread"),
    [("codings.csv", "codings.csv", "x.qdpx"), ("people.csv", "x.qdpx#project.qde", "people.csv")],
)
def test_table_and_project_in_a_folder(table: str, read: str, unread: str, tmp_path: Path) -> None:
    """Of a table of codings and a project the table is read, of any other table and a project the project."""
    write_project(tmp_path / "x.qdpx", [Text("I1", b"So glad.", [Mark(3, 7, ["Delight"])])])
    (tmp_path / table).write_text("incident,code\nI2,Delight\n", "utf-8")
    bundle = read_bundle(tmp_path, VOCABULARY)

    assert [read] == bundle.files()
    assert [("warning", unread)] == [(one.severity, one.file) for one in remarks(bundle, "table:unread")]


@pytest.mark.parametrize("others", [[], ["people.csv"]])
def test_codings_beside_an_exported_table(others: list[str], tmp_path: Path) -> None:
    """A table that a program exported is not read beside a table of codings, which is told."""
    for name in ("codings.csv", "b.xls", "a.tab", *others):
        (tmp_path / name).write_text("incident,code\nI2,Delight\n", "utf-8")
    bundle = read_bundle(tmp_path, VOCABULARY)

    assert ["codings.csv"] == bundle.files()
    assert [("warning", "a.tab"), ("warning", "b.xls")] == [
        (one.severity, one.file) for one in remarks(bundle, "table:unread")
    ]


def test_exported_table_beside_others(tmp_path: Path) -> None:
    """Of a table that a program exported and those of no known name the exported one is read, which is told."""
    maxqda(tmp_path, "G,Ann,Delight,1,1,glad,ina").rename(tmp_path / "x.tab")
    for name in ("people.csv", "places.csv"):
        (tmp_path / name).write_text("name\nAnn\n", "utf-8")
    bundle = read_bundle(tmp_path, VOCABULARY)

    assert ["x.tab"] == bundle.files()
    assert ["people.csv", "places.csv"] == [one.file for one in remarks(bundle, "table:unread")]


@pytest.mark.parametrize("names", [["a.xls", "b.xls"], ["x.qdpx", "a.xls"]])
def test_two_exported_files(names: list[str], tmp_path: Path) -> None:
    """Of two files of coding programs in a folder none is chosen: an error names both."""
    for name in names:
        write_project(tmp_path / name, [Text("I1", b"So glad.")]) if name == "x.qdpx" else (tmp_path / name).touch()
    with pytest.raises(InputError, match=f"has {' and '.join(names)}; give each a folder of its own"):
        read_bundle(tmp_path, VOCABULARY)


def test_one_code_for_all_incidents_is_told(tmp_path: Path) -> None:
    """A single code that marks several passages makes one incident of them, and a warning says so."""
    path, crosswalk = tmp_path / "s.csv", tmp_path / "x.yaml"
    rows = ("Critical incident;1;3;a b c", "Delight;2;2;b", "Critical incident;7;9;d e f", "Review;8;8;e")
    path.write_text("Document name;Code;Beginning;End;Segment\n" + "".join(f"talk;{row}\n" for row in rows), "utf-8")
    crosswalk.write_text('incident: {code: "Critical incident"}\n', "utf-8")
    bundle = read_bundle(path, VOCABULARY, crosswalk)
    (found,) = (one for one in bundle.findings if one.shape == "incident:apart")

    assert ("warning", "Critical incident") == (found.severity, found.value)
    assert "marks 2 passages of `talk`" in found.message
