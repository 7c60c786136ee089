"""Databases that coding programs keep: what is read from them, and what hostile ones cannot do."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from qda_writers import TAGUETTE, WHEN, Highlight, command, write_qualcoder, write_taguette

from kgtools.errors import InputError
from kgtools.read import Bundle, read_bundle
from kgtools.read.qda.databases.qualcoder import is_qualcoder, read_qualcoder
from kgtools.read.qda.databases.rows import number, text
from kgtools.read.qda.databases.sqlite import opened
from kgtools.read.qda.databases.taguette import is_taguette, plain_text, read_taguette
from kgtools.read.qda.positions import Span, place
from kgtools.read.qda.project import Case, Code, Coded, Project, Selection
from kgtools.vocabulary import Vocabulary

STORY = "<h1>Die Bestellung</h1>\n<p>Ich schrieb 😀 &amp; wartete.<br>Café &lt;zu&gt;</p>\n<p>Niemand kam.</p>"

Read = Callable[[Path], Project]


def quotes(project: Project) -> list[str | None]:
    """What each selection of a text is, as found by its offsets."""
    sources = {source.key: source for source in project.sources}
    found = []
    for one in project.selections:
        source = sources[one.source]
        if one.start is not None and one.end is not None:
            cut = place(source.text or b"", [Span(one.start, one.end, one.words)], source.unit).cuts[0]
            found.append(None if cut is None else cut.quote)
    return found


def violations(bundle: Bundle) -> list[tuple[str, str, int | None]]:
    return [(one.shape, one.file, one.row) for one in bundle.findings if one.severity == "violation"]


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def taguette(tmp_path: Path) -> Path:
    highlights = [
        Highlight("Interview 1", "Ich schrieb 😀 & wartete.", ["complaint", "joy"]),
        Highlight("Interview 1", "Café <zu>", ["complaint"], coder="ben"),
        Highlight("Interview 1", "wartete.Café <zu>\nNiemand kam.", [], coder=None),
    ]
    return write_taguette(tmp_path / "x.bin", {"Interview 1": STORY}, highlights, tags={"joy": "They are glad."})


@pytest.fixture
def qualcoder(tmp_path: Path) -> Path:
    story = "Ich schrieb 😀 und wartete.\nNiemand kam."
    at = story.index("Niemand")
    by = {"owner": "ann", "date": WHEN}
    return write_qualcoder(
        tmp_path / "Study.qda",
        {
            "code_cat": [
                {"catid": 1, "name": "Outcome", "memo": "what came of it"},
                {"catid": 2, "name": "Feelings", "supercatid": 1},
            ],
            "code_name": [
                {"cid": 1, "name": "Delight", "catid": 2, "color": "#F5A9A9", "memo": "glad\n#####\nmine alone"},
                {"cid": 2, "name": "Deep delight", "supercid": 1, "color": "red"},
            ],
            "source": [
                {"id": 1, "name": "Story 1", "fulltext": story, "memo": "told by phone"},
                {"id": 2, "name": "shop.png", "mediapath": "/images/shop.png"},
                {"id": 3, "name": "call.mp3", "mediapath": "audio:/home/somebody/call.mp3"},
                {"id": 4, "name": "letter.pdf", "mediapath": "/docs/letter.pdf", "fulltext": "Sehr geehrte"},
                {"id": 5, "name": "shop.mp4", "mediapath": "/video/shop.mp4", "fulltext": ""},
            ],
            "code_text": [
                {"cid": 1, "fid": 1, "seltext": "Niemand kam.", "pos0": at, "pos1": at + 12, **by, "memo": "sad"},
                {"cid": 1, "fid": 1, "seltext": "Niemand kam.", "pos0": at, "pos1": at + 12, "owner": "ben"},
                {"cid": 2, "fid": 1, "seltext": "Ich schrieb", "pos0": 0, "pos1": 11, **by, "important": 1},
            ],
            "code_image": [
                {"cid": 1, "id": 2, "x1": 10, "y1": 20, "width": 30, "height": 40, **by},
                {"cid": 1, "id": 4, "x1": 1, "y1": 2, "width": 3.5, "height": 4, "pdf_page": 0, **by},
            ],
            "code_av": [{"cid": 2, "id": 3, "pos0": 1500, "pos1": 12000, **by}],
            "annotation": [{"fid": 1, "pos0": at, "pos1": at + 12, "memo": "ask again", **by}],
            "cases": [{"caseid": 1, "name": "Ann", "memo": "a customer"}],
            "case_text": [
                {"caseid": 1, "fid": 1, "pos0": 0, "pos1": len(story)},
                {"caseid": 1, "fid": 2, "pos0": 0, "pos1": 0},
                {"caseid": 1, "fid": 4, "pos0": 0, "pos1": 4},
            ],
            "attribute": [
                {"name": "channel", "attr_type": "file", "value": "Forum", "id": 1},
                {"name": "age", "attr_type": "case", "value": "44", "id": 1},
                {"name": "empty", "attr_type": "case", "value": "", "id": 1},
            ],
            "coder_names": [{"name": "ben", "visibility": 0}, {"name": "cem", "visibility": 1}],
            "journal": [{"name": "Monday", "jentry": "thoughts"}],
        },
    )


def test_taguette(taguette: Path) -> None:
    """Documents, tags, highlights and who tagged them are read; each highlight is found by its bytes."""
    project = read_taguette(taguette)

    assert ("Shop", "Taguette", []) == (project.name, project.program, project.findings)
    assert ["Interview 1"] == [source.name for source in project.sources]
    assert [Code("1", ("joy",), "They are glad.", line=1), Code("2", ("complaint",), line=2)] == project.codes
    assert ["Ich schrieb 😀 & wartete.", "Café <zu>", "wartete.Café <zu>\nNiemand kam."] == quotes(project)
    assert [("1", "2", "admin"), ("1", "1", "admin"), ("2", "2", "ben")] == [
        (coded.selection, coded.code, coded.coder) for coded in project.codings
    ]
    assert {"2026-03-01T10:20:30.123456Z"} == {coded.coded_at for coded in project.codings}


def test_taguette_offsets(taguette: Path) -> None:
    """Offsets are native ones, bytes of the text between tags; the words are those of the snippet without tags."""
    selection = read_taguette(taguette).selections[0]
    start = len("Die Bestellung\n")

    assert Selection("1", "1", start, start + 27, "Ich schrieb 😀 & wartete.", line=1) == selection


def test_taguette_projects(taguette: Path) -> None:
    """Several projects in a file are read as one, their documents apart, and it is told."""
    write_taguette(
        taguette, {"Interview 1": "<p>Other words</p>"}, [Highlight("Interview 1", "Other", ["joy"])], project="B"
    )
    project = read_taguette(taguette)

    assert ["Shop/Interview 1", "B/Interview 1"] == [source.name for source in project.sources]
    assert [("Shop",), ("B",)] == [source.groups for source in project.sources]
    assert [("info", "Shop, B")] == [(finding.severity, finding.value) for finding in project.findings]
    assert "Other" == quotes(project)[-1]


def test_taguette_log(taguette: Path) -> None:
    """Whoever put a tag on a highlight coded it, even if others changed the highlight, or tags were merged."""
    with closing(sqlite3.connect(taguette)) as connection, connection:
        command(connection, "cem", {"type": "highlight_add", "highlight_id": 1, "tags": [1, 2, 3]})
        command(connection, "admin", {"type": "tag_merge", "src_tag_id": 3, "dest_tag_id": 4})
        connection.execute("INSERT INTO tags VALUES (4, 1, 'sadness', '', 2)")
        connection.execute("INSERT INTO highlight_tags VALUES (1, 4)")
        connection.execute("INSERT INTO commands VALUES (99, 'x', 'y', 1, 1, 'no JSON [')")
    project = read_taguette(taguette)

    assert {("1", "1", "admin"), ("1", "2", "admin"), ("2", "2", "ben"), ("1", "4", "cem")} == {
        (coded.selection, coded.code, coded.coder) for coded in project.codings
    }
    assert ("complaint", "sadness") == project.codes[-1].path


def test_taguette_older(taguette: Path) -> None:
    """A database without the columns of later versions is read, too."""
    change(taguette, "ALTER TABLE tags DROP COLUMN parent_id", "DROP TABLE commands")
    project = read_taguette(taguette)

    assert [None, None, None] == [coded.coder for coded in project.codings]


def test_taguette_loose_ends(taguette: Path) -> None:
    """What is of a document that is not there is left out with a warning, a coding of no highlight with a violation."""
    change(
        taguette,
        "INSERT INTO highlights VALUES (7, 99, 0, 1, '')",
        "INSERT INTO highlight_tags VALUES (7, 1)",
        "INSERT INTO highlight_tags VALUES (1, 55)",
    )
    project = read_taguette(taguette)

    assert [("warning", "x.bin#highlights", 7), ("violation", "x.bin#highlight_tags", 4)] == [
        (one.severity, one.file, one.row) for one in project.findings
    ]
    assert "55" == project.codings[-1].code


def test_every_lost_coding_of_taguette_is_told(taguette: Path) -> None:
    """Each coding of no highlight or of no tag is a violation, however many there are, and counts as a row read."""
    lost = [f"INSERT INTO highlight_tags VALUES ({number}, 1)" for number in range(50, 62)]
    untagged = [
        "ALTER TABLE highlight_tags RENAME TO strict",
        "CREATE TABLE highlight_tags (highlight_id INTEGER, tag_id INTEGER)",
        "INSERT INTO highlight_tags SELECT * FROM strict",
        "DROP TABLE strict",
        "INSERT INTO highlight_tags VALUES (1, NULL)",
    ]
    change(taguette, *untagged, *lost)
    bundle = read_bundle(taguette, Vocabulary.read())

    assert [("row:unreadable", "x.bin#highlight_tags", row) for row in [*range(5, 17), 4]] == violations(bundle)
    assert (16, 3) == (bundle.rows_read, bundle.rows_taken)


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>a</p>\n<p>b</p>", "a\nb"),
        ("a &amp;amp; b &lt;p&gt; &#228;&nbsp;", "a &amp; b <p> ä\u00a0"),
        ("1 < 2 <b>and</b> 3 <", "1 < 2 and 3 <"),
        ('<a title="a > b">x</a><!-- <p>no</p> -->y', "xy"),
        ("x<a title='", "x"),
        ("x<!-- no end", "x"),
        ("&am<b>p;</b>", "&amp;"),
        ("a\r\nb\rc", "a\nb\nc"),
    ],
)
def test_plain_text(markup: str, expected: str) -> None:
    """HTML is what a browser has as its text content."""
    assert expected == plain_text(markup)


def test_qualcoder(qualcoder: Path) -> None:
    """Codes below categories, files of every kind, cases with their attributes, and who coded what."""
    project = read_qualcoder(qualcoder)

    assert ("Study", "QualCoder 3.8") == (project.name, project.program)
    assert [
        Code("category-1", ("Outcome",), "what came of it", codable=False, line=1),
        Code("category-2", ("Outcome", "Feelings"), codable=False, line=2),
        Code("code-1", ("Outcome", "Feelings", "Delight"), "glad", "#f5a9a9", line=1),
        Code("code-2", ("Outcome", "Feelings", "Delight", "Deep delight"), line=2),
    ] == project.codes
    assert ["text", "picture", "audio", "pdf", "video"] == [source.kind for source in project.sources]
    assert [True, False, False, True, False] == [source.text is not None for source in project.sources]
    assert ((("channel", "Forum"),), ("told by phone",)) == (project.sources[0].variables, project.sources[0].notes)
    assert [Case("1", "Ann", ("1", "2"), ("4:0-4",), (("age", "44"),), "a customer", 1)] == project.cases


def test_qualcoder_codings(qualcoder: Path) -> None:
    """Codings at one place share a selection, with its note; those of pictures and recordings have a fragment."""
    project = read_qualcoder(qualcoder)
    keys = ["1:27-39", "1:27-39", "1:0-11", "2:xywh=10,20,30,40", "4:page=1&viewrect=1,2,3.5,4", "3:t=1.5,12"]

    assert Selection("1:27-39", "1", 27, 39, "Niemand kam.", notes=("ask again",), line=1) == project.selections[0]
    assert keys == [coded.selection for coded in project.codings]
    first = Coded("code_text-1", "1", "code-1", "1:27-39", "ann", "2026-03-01T10:20:30", ("sad",), 1)
    assert first == project.codings[0]
    assert ("important",) == project.codings[2].notes
    assert ["Niemand kam.", "Ich schrieb", "Sehr"] == quotes(project)


def test_qualcoder_findings(qualcoder: Path) -> None:
    """What is not read, and what is read though it is hidden, is told."""
    found = {finding.shape: finding.message for finding in read_qualcoder(qualcoder).findings}

    assert {
        "qualcoder:hidden": "codings of coders who are hidden in QualCoder are read like any others",
        "qualcoder:journal": "1 journal entry is not read, being of no document",
        "qualcoder:private": "1 memo is read without what is private, after `#####`",
    } == found


def test_nobodys_folder(qualcoder: Path) -> None:
    """The path of a file outside of the project, with somebody's name in it, is not kept."""
    assert "somebody" not in repr(read_qualcoder(qualcoder))


def test_names_that_are_paths(taguette: Path, qualcoder: Path) -> None:
    """A document's name that is a path on somebody's machine is its last part, in each program's database."""
    change(taguette, "UPDATE documents SET name = '~/private/somebody/interview.txt'")
    change(qualcoder / "data.qda", "UPDATE source SET name = '/home/somebody/story.txt' WHERE id = 1")

    assert ["interview.txt"] == [source.name for source in read_taguette(taguette).sources]
    assert "story.txt" == read_qualcoder(qualcoder).sources[0].name


def test_qualcoder_first_version(tmp_path: Path) -> None:
    """A database of version 1, whose codings have no id of their own, is read, too."""
    path = write_qualcoder(tmp_path / "Old.qda", {"source": [{"id": 1, "name": "A", "fulltext": "ab cd"}]}) / "data.qda"
    change(
        path,
        "DROP VIEW code_text_visible",
        "DROP TABLE code_text",
        "DROP TABLE coder_names",
        "ALTER TABLE code_name DROP COLUMN supercid",
        "ALTER TABLE code_image DROP COLUMN pdf_page",
        "CREATE TABLE code_text (cid integer, fid integer, seltext text, pos0 integer, pos1 integer, owner text, "
        "date text, memo text, unique(cid, fid, pos0, pos1, owner))",
        "INSERT INTO code_text VALUES (1, 1, 'cd', 3, 5, 'ann', '', '')",
    )

    assert ["cd"] == quotes(read_qualcoder(path))


def test_qualcoder_loops(qualcoder: Path) -> None:
    """Categories and codes that stand below themselves end, and what is of no file is told of."""
    change(
        qualcoder / "data.qda",
        "UPDATE code_cat SET supercatid = 2 WHERE catid = 1",
        "UPDATE code_name SET supercid = 2 WHERE cid = 1",
        "INSERT INTO code_text (cid, fid, pos0, pos1, owner) VALUES (1, 77, 0, 1, 'ann')",
    )
    project = read_qualcoder(qualcoder)

    assert ("Outcome", "Feelings") == project.codes[1].path
    assert [("violation", "data.qda#code_text", 4)] == [
        (one.severity, one.file, one.row) for one in project.findings if one.shape == "row:unreadable"
    ]


def test_every_lost_coding_of_qualcoder_is_told(qualcoder: Path) -> None:
    """Each coding of no file or of no code is a violation, however many there are, and counts as a row read."""
    change(
        qualcoder / "data.qda",
        *(f"INSERT INTO code_text (cid, fid, pos0, pos1) VALUES (1, {file}, 0, 1)" for file in range(70, 82)),
        "INSERT INTO code_text (cid, fid, pos0, pos1) VALUES (NULL, 1, 0, 1)",
        "INSERT INTO code_image (cid, id, x1, y1, width, height) VALUES (1, 70, 0, 0, 1, 1)",
        "INSERT INTO code_av (cid, id, pos0, pos1) VALUES ('', 3, 0, 1)",
    )
    bundle = read_bundle(qualcoder / "data.qda", Vocabulary.read())

    assert [
        *(("row:unreadable", "data.qda#code_text", row) for row in range(4, 17)),
        ("row:unreadable", "data.qda#code_image", 3),
        ("row:unreadable", "data.qda#code_av", 2),
    ] == violations(bundle)
    assert (21, 6) == (bundle.rows_read, bundle.rows_taken)


def test_parts_of_no_case_are_told(qualcoder: Path) -> None:
    """What belongs to a case that is not there, or to none, is left out with a warning."""
    change(
        qualcoder / "data.qda",
        "INSERT INTO case_text (caseid, fid, pos0, pos1) VALUES (NULL, 1, 0, 1)",
        "INSERT INTO case_text (caseid, fid, pos0, pos1) VALUES (9, 1, 0, 1)",
    )
    project = read_qualcoder(qualcoder)

    assert [("warning", "data.qda#case_text", 4), ("warning", "data.qda#case_text", 5)] == [
        (one.severity, one.file, one.row) for one in project.findings if one.shape == "project:reference"
    ]


def test_qualcoder_mixed_units(tmp_path: Path) -> None:
    """By hand QualCoder counts UTF-16, by search code points; the words stored with each tell which it was."""
    story = "😀 one two 🎉 three four five"
    rows = [("one", 3, 6), ("three", 14, 19), ("four", 20, 24), ("five", 23, 27)]
    path = write_qualcoder(
        tmp_path / "A.qda",
        {
            "source": [{"id": 1, "name": "A", "fulltext": story}],
            "code_text": [
                {"cid": 1, "fid": 1, "seltext": words, "pos0": start, "pos1": end} for words, start, end in rows
            ],
        },
    )
    project = read_qualcoder(path)
    spans = [Span(one.start or 0, one.end or 0, one.words) for one in project.selections]
    placed = place(project.sources[0].text or b"", spans)

    assert ["one", "three", "four", "five"] == [None if cut is None else cut.quote for cut in placed.cuts]
    assert ["utf-16", "code point"] == [cut.rule.unit for cut in placed.cuts[2:] if cut and cut.rule]


def test_told_apart(taguette: Path, qualcoder: Path, tmp_path: Path) -> None:
    """Each is recognized by what it holds, whatever its name, and nothing else is."""
    other = tmp_path / "other.sqlite3"
    change(other, "CREATE TABLE projects (id)")
    (tmp_path / "empty").write_bytes(b"")
    file = qualcoder / "data.qda"
    rest = [other, tmp_path / "empty", tmp_path / "absent", tmp_path]

    assert [True, False, False] == [is_taguette(path) for path in (taguette, file, qualcoder)]
    assert [False, True, True] == [is_qualcoder(path) for path in (taguette, file, qualcoder)]
    assert not any(is_taguette(path) or is_qualcoder(path) for path in rest)


def test_nothing_is_written(taguette: Path, qualcoder: Path) -> None:
    """Reading leaves the folders as they were, even where the database keeps a write-ahead log."""
    change(taguette, "PRAGMA journal_mode = WAL")
    before = {path: path.read_bytes() for path in taguette.parent.rglob("*") if path.is_file()}
    read_taguette(taguette)
    read_qualcoder(qualcoder)

    assert before == {path: path.read_bytes() for path in taguette.parent.rglob("*") if path.is_file()}


def test_changes_that_wait(taguette: Path) -> None:
    """Changes that are committed, but wait in the write-ahead log of a running program, are read, and stay there."""
    with closing(sqlite3.connect(taguette, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("UPDATE projects SET name = 'Renamed'")
        log = taguette.with_name("x.bin-wal")
        before = log.read_bytes()

        assert b"Renamed" in before
        assert "Renamed" == read_taguette(taguette).name
        assert before == log.read_bytes()


def test_tables_that_wait(tmp_path: Path) -> None:
    """A database is recognized whose tables are still in its write-ahead log."""
    path = tmp_path / "new.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.executescript(TAGUETTE)

        assert is_taguette(path)


def test_change_in_the_middle(taguette: Path) -> None:
    """A database with a journal to play back is refused, as the journal may name files that SQLite would delete."""
    journal = taguette.with_name("x.bin-journal")
    journal.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + bytes(600))

    with pytest.raises(InputError, match=r"x\.bin: was left in the middle of a change"):
        read_taguette(taguette)
    assert is_taguette(taguette)
    assert journal.exists()


def test_finished_journal(taguette: Path) -> None:
    """A journal that was wiped, as some programs leave it, holds nothing up."""
    taguette.with_name("x.bin-journal").write_bytes(bytes(512))

    assert 3 == len(read_taguette(taguette).codings)


def refused(read: Read, path: Path) -> str:
    """What an error says, of which there must be one, in one line."""
    with pytest.raises(InputError) as caught:
        read(path)
    said = str(caught.value)

    assert "\n" not in said
    return said.removeprefix(f"{path}: ").removeprefix(f"{path / 'data.qda'}: ")


@pytest.mark.parametrize("read", [read_taguette, read_qualcoder])
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is no SQLite database; name the one that Taguette or QualCoder keeps"),
        (b"PK\x03\x04", "is no SQLite database; name the one that Taguette or QualCoder keeps"),
        (b"SQLite format 3\x00", "cannot be read as a SQLite database (file is not a database)"),
        (b"SQLite format 3\x00" + bytes(4096), "cannot be read as a SQLite database (file is not a database)"),
    ],
)
def test_no_database(tmp_path: Path, read: Read, content: bytes, expected: str) -> None:
    """What is no database is told in one line."""
    path = tmp_path / "a.qda"
    path.write_bytes(content)

    assert expected == refused(read, path)


def test_lacking(tmp_path: Path, taguette: Path) -> None:
    """An absent file, another program's database, and a table without a column are each told."""
    assert "cannot be read (No such file or directory)" == refused(read_taguette, tmp_path / "absent")
    assert "is no database of QualCoder, as it lacks the table `case_text`" == refused(read_qualcoder, taguette)
    change(taguette, "ALTER TABLE highlights RENAME COLUMN end_offset TO tail")
    assert "has no column `end_offset` in its table `highlights`" == refused(read_taguette, taguette)


def test_truncated(taguette: Path) -> None:
    """A database that breaks off is told of as damaged."""
    with closing(sqlite3.connect(taguette)) as connection, connection:
        connection.executemany(
            "INSERT INTO highlights VALUES (?, 1, 0, 3, ?)", [(100 + row, "word " * 200) for row in range(200)]
        )
    os.truncate(taguette, taguette.stat().st_size // 2)

    assert refused(read_taguette, taguette).startswith(("is damaged", "cannot be read as a SQLite database"))


def test_views_are_no_tables(tmp_path: Path) -> None:
    """A view in place of a table is not read, as it may compute without end."""
    path = tmp_path / "a"
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    script = TAGUETTE.replace("CREATE INDEX ix_highlights_document_id ON highlights (document_id);", "")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(script)
        connection.execute("DROP TABLE tags")
        connection.execute(f"CREATE VIEW tags AS {endless} SELECT i AS id, 'x' AS path, '' AS description FROM n")

    assert not is_taguette(path)
    assert "is no database of Taguette, as it lacks the table `tags`" == refused(read_taguette, path)


def test_generated_columns(tmp_path: Path) -> None:
    """A column that is computed is none that the program wrote."""
    path = tmp_path / "Computed.qda"
    write_qualcoder(path, {})
    change(
        path / "data.qda",
        "DROP VIEW code_text_visible",
        "DROP TABLE source",
        "CREATE TABLE source (id integer primary key, name text, fulltext text AS (hex(zeroblob(1000 * id))))",
        "INSERT INTO source (name) VALUES ('x')",
    )

    assert "has no column `fulltext` in its table `source`" == refused(read_qualcoder, path)


def test_large_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell beyond the limit is told, not loaded."""
    monkeypatch.setattr("kgtools.read.qda.databases.sqlite.LARGEST_CELL", 1000)
    path = write_qualcoder(tmp_path / "A.qda", {"source": [{"id": 1, "name": "A", "fulltext": "x" * 2000}]})

    assert "cannot be read as a SQLite database (string or blob too big)" == refused(read_qualcoder, path)


def test_large_files(taguette: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database beyond the limit is told, not read."""
    monkeypatch.setattr("kgtools.read.qda.databases.sqlite.LARGEST", 2**12)

    assert "is larger than 0 MiB; export the project and import that" == refused(read_taguette, taguette)


def test_patience(taguette: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes too long is broken off."""
    monkeypatch.setattr("kgtools.read.qda.databases.sqlite.PATIENCE", -1.0)
    monkeypatch.setattr("kgtools.read.qda.databases.sqlite._STEPS", 1)

    assert "takes more than -1 seconds" in refused(read_taguette, taguette)


def test_any_type(taguette: Path) -> None:
    """SQLite's columns take anything: cells of another type than the program writes break nothing."""
    change(
        taguette,
        "UPDATE highlights SET start_offset = 'x', end_offset = 1.5, snippet = x'ff00' WHERE id = 1",
        "UPDATE documents SET name = x'4142', description = 7",
        "UPDATE projects SET name = 12.5",
        "UPDATE commands SET payload = '[1]', date = 3",
    )
    project = read_taguette(taguette)

    assert ("12.5", "AB", "7") == (project.name, project.sources[0].name, project.sources[0].description)
    assert (None, None, "\ufffd") == (
        project.selections[0].start,
        project.selections[0].end,
        (project.selections[0].words or "")[:1],
    )


@pytest.mark.parametrize(
    ("cell", "said", "whole"),
    [
        (None, None, None),
        ("  ", None, None),
        (" 7 ", " 7 ", 7),
        ("--7", "--7", None),
        (b"\xff", "\ufffd", None),
        (2.0, "2.0", 2),
        (2.5, "2.5", None),
        (float("inf"), "inf", None),
        ("9" * 30, "9" * 30, None),
    ],
)
def test_cells(cell: str | int | float | bytes | None, said: str | None, whole: int | None) -> None:
    """A cell of any type is text, or a whole number, or says nothing."""
    assert (said, whole) == (text(cell), number(cell))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 2**16), to=st.binary(min_size=1, max_size=40))
def test_damaged_anywhere(taguette: Path, at: int, to: bytes) -> None:
    """Whatever bytes of a database are changed: it is read, or refused in one line."""
    whole = taguette.read_bytes()
    at %= len(whole)
    copy = taguette.with_name("damaged")
    copy.write_bytes(whole[:at] + to + whole[at + len(to) :])
    try:
        said = repr(read_taguette(copy).name)
    except InputError as error:
        said = str(error)

    assert "\n" not in said


def test_only_read(qualcoder: Path) -> None:
    """Nothing can be written through the connection, not even to the copy that is read with a log."""
    with opened(qualcoder / "data.qda") as database, pytest.raises(sqlite3.OperationalError, match="readonly"):
        database._connection.execute("DELETE FROM source")
