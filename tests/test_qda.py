"""Files of coding programs as a whole: from the file as it comes out of the tool to a graph, findings and verdicts.

What each part does (positions, archives, dialects, databases) is held by the tests of that part.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from qda_graphs import VOCABULARY, annotated, ask, codings_of, count, graph_of, quotes, told
from qda_writers import Highlight, write_qualcoder, write_taguette
from refi_writer import ATLAS, MAXQDA, NVIVO, Mark, Person, Style, Text, write_project

from kgtools.cli import main
from kgtools.pipeline.run import WRITTEN
from kgtools.read import read_bundle
from kgtools.read.qda.project import Coded, Project, Source
from kgtools.read.qda.staging import stage_project
from kgtools.vocabulary import EVCO

SHARED = Path(__file__).parents[2] / "shared" / "data"
SAMPLES = {
    "refi-qda/samples/atlasti8-annex.qdpx": (14, 12, 14),
    "refi-qda/samples/qc-demo.qdpx": (205, 2, 262),
    "refi-qda/samples/atlasti9-codebook.qdc": (0, 0, 5),
    "refi-qda/samples/spec-annex-codebook.qdc": (0, 0, 6),
    "refi-qda/samples/taguette-codebook.qdc": (0, 0, 3),
    "maxqda/maxqda12-segments-polish.xls": (402, 39, 7),
}
"""Files that others wrote: how many codings, incidents and codes each has (`../shared/data/README.md`)."""

Captured = pytest.CaptureFixture[str]


def sample(name: str) -> Path:
    path = SHARED / name
    if not path.exists():
        pytest.skip("needs ../shared/data, which is no part of the project")
    return path


# --- Files that others wrote ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLES)
def test_sample(name: str) -> None:
    """A real file is read without a crosswalk, and each coding becomes one annotation."""
    bundle, store = graph_of(sample(name))
    codings, incidents, codes = SAMPLES[name]

    assert (codings, codings, incidents) == (bundle.rows_read, bundle.rows_taken, bundle.count())
    assert (codings, codes) == (annotated(store), count(store, "?one a evco:Code", "DISTINCT ?one"))


@pytest.mark.parametrize("name", SAMPLES)
def test_run_on_a_sample(name: str, tmp_path: Path, capsys: Captured) -> None:
    """The main job goes through on a real file, without a violation, and writes all its files."""
    out = tmp_path / "out"
    code = main(["run", str(sample(name)), "-o", str(out)])
    said = capsys.readouterr().err

    assert (0, sorted(WRITTEN)) == (code, sorted(path.name for path in out.iterdir()))
    assert "0 violations" in said


@pytest.mark.parametrize("name", SAMPLES)
def test_graph_of_a_sample_is_read_again(name: str, tmp_path: Path, capsys: Captured) -> None:
    """The graph of a real file, read again, gives the same quads."""
    first, again = tmp_path / "first.nq", tmp_path / "again.nq"

    assert 0 == main(["import", str(sample(name)), "-o", str(first)])
    assert 0 == main(["import", str(first), "-o", str(again)])
    assert set(first.read_text("utf-8").splitlines()) == set(again.read_text("utf-8").splitlines())
    assert "0 violations" in capsys.readouterr().err


def test_selections_of_a_sample() -> None:
    """The 205 codings of qc's demo are on 158 selections, each cut from its text by what the program counts."""
    _, store = graph_of(sample("refi-qda/samples/qc-demo.qdpx"))
    found = quotes(store).values()

    assert 158 == len({(one.incident, one.native) for one in found})
    assert [one.exact for one in found] == [one.cut() for one in found]
    assert {"code point"} == {one.rule for one in found}


def test_what_is_odd_in_a_sample() -> None:
    """Of the annex's project: each text that it lacks, selections without a code, and what is not taken in."""
    bundle, _ = graph_of(sample("refi-qda/samples/atlasti8-annex.qdpx"))
    found = [shape for _, shape in told(bundle.findings)]

    assert (8, 1, 1) == tuple(map(found.count, ("refi:text-absent", "selection:uncoded", "refi:left")))


def test_sets_of_a_codebook() -> None:
    """A codebook's sets of codes are in the graph, with their members."""
    _, store = graph_of(sample("refi-qda/samples/atlasti9-codebook.qdc"))
    found = ask(
        store,
        """SELECT ?set (COUNT(?code) AS ?n) { ?one a skos:Collection ; rdfs:label ?set ; skos:member ?code }
           GROUP BY ?set ORDER BY ?set""",
    )

    assert [("codeGroup1::codeGroup1.1", "2"), ("codeGroup1::codeGroup1.2", "2")] == found


# --- Positions -------------------------------------------------------------------------------------------------------

STORY = (
    "Ich schrieb 😀😀 dem Café.\r\nNiemand kam 🎉 vorbei, und niemand rief an.\r\n\r\nDann 👍 half Ben sehr freundlich."
)
QUOTES = ("Ich schrieb", "Niemand kam", "vorbei", "half Ben", "sehr freundlich", "niemand rief an", "freundlich")


def nvivo(text: str) -> int:
    """UTF-16 units; CRLF is two, the byte order mark nothing."""
    return len(text.encode("utf-16-le")) // 2


def atlas(text: str) -> int:
    """Code points; CRLF is one."""
    return len(text.replace("\r\n", "\n"))


PROGRAMS = {
    "NVivo": (NVIVO, nvivo, b"\xef\xbb\xbf", "utf-16; CRLF as two; BOM dropped"),
    "ATLAS.ti": (ATLAS, atlas, b"", "code point; CRLF as one"),
    "the standard": (MAXQDA, len, b"", "code point; CRLF as two"),
    "bytes": (Style("Something 1.0"), lambda text: len(text.encode()), b"", "byte; CRLF as two"),
}
"""How offsets are counted: style, count of what stands before a place, what stands before the text, and the rule."""


@pytest.mark.parametrize("program", PROGRAMS)
def test_quotes_of_a_project(program: str, tmp_path: Path) -> None:
    """Every quote is cut exactly, by code points of the text as kept; the program's own offsets and rule stay."""
    style, offset, before, rule = PROGRAMS[program]
    native = {
        quote: (offset(STORY[:at]), offset(STORY[: at + len(quote)])) for quote in QUOTES for at in [STORY.find(quote)]
    }
    marks = [Mark(*native[quote], ["Delight"], "Ann") for quote in QUOTES]
    path = write_project(tmp_path / "x.qdpx", [Text("I1", before + STORY.encode(), marks)], style=style)
    bundle, store = graph_of(path)
    found = sorted(quotes(store).values(), key=lambda one: (one.start or 0, one.end or 0))

    assert sorted(QUOTES, key=lambda quote: native[quote]) == [one.exact for one in found]
    assert [one.exact for one in found] == [one.cut() for one in found]
    assert {rule} == {one.rule for one in found}
    assert {tuple(map(str, places)) for places in native.values()} == {one.native for one in found}
    assert [] == [one for one in bundle.findings if one.severity != "info"]


def test_quotes_of_taguette(tmp_path: Path) -> None:
    """Taguette counts bytes of the text without its marks; the graph has code points."""
    page = f"<p>{STORY.replace(chr(13), '').replace(chr(10) * 2, '</p><p>').replace(chr(10), '<br>')}</p>"
    marks = [Highlight("I1", quote, ["Delight"], "ann") for quote in QUOTES]
    _, store = graph_of(write_taguette(tmp_path / "x.sqlite3", {"I1": page}, marks))
    found = list(quotes(store).values())

    assert sorted(QUOTES) == sorted(one.exact or "" for one in found)
    assert [one.exact for one in found] == [one.cut() for one in found]
    assert {"byte"} == {one.rule for one in found}


def test_quotes_of_qualcoder(tmp_path: Path) -> None:
    """QualCoder's database counts code points, or UTF-16 units where somebody coded by hand."""
    text = STORY.replace("\r", "")
    marks = [
        {
            "cid": 1,
            "fid": 1,
            "seltext": quote,
            "pos0": nvivo(text[:at]),
            "pos1": nvivo(text[: at + len(quote)]),
            "owner": "ann",
        }
        for quote in QUOTES
        for at in [text.find(quote)]
    ]
    rows = {"code_name": [{"cid": 1, "name": "Delight"}], "source": [{"id": 1, "name": "I1", "fulltext": text}]}
    _, store = graph_of(write_qualcoder(tmp_path / "x.qda", rows | {"code_text": marks}))
    found = list(quotes(store).values())

    assert sorted(QUOTES) == sorted(one.exact or "" for one in found)
    assert [one.exact for one in found] == [one.cut() for one in found]
    assert {"utf-16"} == {one.rule for one in found}


# --- What must not come out ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scheme",
    [
        "internal://",
        "absolute:///C:/Users/jdoe/Documents/",
        "absolute:///home/jdoe/",
        "relative:///../jdoe/",
        "file:///home/jdoe/",
    ],
)
def test_nobodys_folders_come_out(scheme: str, tmp_path: Path, capsys: Captured) -> None:
    """Where a project lay on somebody's machine is in no file of a run, and in nothing that is said."""
    style = replace(NVIVO, scheme=scheme)
    path = write_project(tmp_path / "x.qdpx", [Text("I1", b"So glad.", [Mark(3, 7, ["Delight"], "Ann")])], style=style)
    out = tmp_path / "out"
    main(["run", str(path), "-o", str(out)])
    said = capsys.readouterr()
    written = [file.read_bytes() for file in sorted(out.iterdir())]

    assert len(WRITTEN) == len(written)
    assert [False] * len(written) == [b"jdoe" in one for one in written]
    assert "jdoe" not in said.out + said.err


def test_nobodys_folders_come_out_of_a_database(tmp_path: Path, capsys: Captured) -> None:
    """So with QualCoder's paths of recordings."""
    rows: dict[str, list[dict[str, object]]] = {
        "code_name": [{"cid": 1, "name": "Delight"}],
        "source": [{"id": 1, "name": "call.mp3", "mediapath": "audio:/home/jdoe/call.mp3"}],
        "code_av": [{"cid": 1, "id": 1, "pos0": 0, "pos1": 900, "owner": "ann"}],
    }
    out = tmp_path / "out"
    main(["run", str(write_qualcoder(tmp_path / "x.qda", rows)), "-o", str(out)])
    said = capsys.readouterr()

    assert {False} == {b"jdoe" in file.read_bytes() for file in out.iterdir()}
    assert "jdoe" not in said.out + said.err


# --- Odd names, and what is not there --------------------------------------------------------------------------------

ODD = 'Zoë / "Ä" > x\\y -> z, <b>; 100% #1?'


def test_odd_names(tmp_path: Path, capsys: Captured) -> None:
    """Names of documents, codes, coders, sets and variables may hold anything, and units are asked for by them."""
    mark = Mark(3, 7, [ODD, "two\nlines", "Delight"], ODD)
    texts = [Text(ODD, b"So glad.", [mark], variables={ODD: ODD, "channel": "Forum"})]
    path = write_project(tmp_path / "x.qdpx", texts, sets={ODD: [ODD]}, cases=[Person(ODD, [ODD])])
    bundle, store = graph_of(path)
    out = tmp_path / "out"
    code = main(["run", str(path), "-o", str(out)])
    capsys.readouterr()

    assert (3, 3, [ODD], [ODD]) == (bundle.rows_taken, annotated(store), bundle.incidents(), bundle.coders())
    assert 0 == code
    assert "<b>;" not in (out / "report.html").read_text("utf-8")
    assert 0 == main(["explain", str(path), ODD, "Z-delight"])
    assert "glad" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["any", "majority", "all"])
def test_coder_called_like_a_set_of_coders(name: str, tmp_path: Path) -> None:
    """A coder who is called like a set of coders gets another name, and nothing that the coder said is lost."""
    marks = [Mark(3, 7, ["Delight"], name), Mark(0, 2, ["Delight"], f"{name} (coder)")]
    bundle, _ = graph_of(write_project(tmp_path / "x.qdpx", [Text("I1", b"So glad.", marks)]))
    found = [one.message for one in bundle.findings if one.shape == "coding:coder"]

    assert (2, [f"{name} (coder)", f"{name} (coder) (coder)"]) == (bundle.rows_taken, bundle.coders())
    assert [
        f"the coder `{name}` is called `{name} (coder) (coder)` here, since `{name}` is the name of a set of coders"
    ] == (found)


def test_name_that_is_too_long(tmp_path: Path) -> None:
    """A document whose name is too long for one is left out, which is a violation for each coding and the document."""
    texts = [
        Text("x" * 1001, b"So glad.", [Mark(3, 7, ["Delight"], "Ann")]),
        Text("I1", b"Sad.", [Mark(0, 3, ["Review"])]),
    ]
    bundle, _ = graph_of(write_project(tmp_path / "x.qdpx", texts))

    assert (2, 1) == (bundle.rows_read, bundle.rows_taken)
    assert [
        ("violation", "coding:incident"),
        ("violation", "coding:source"),
        ("violation", "incident:incident"),
    ] == told([one for one in bundle.findings if one.severity == "violation"])


def test_id_that_is_made_of_a_long_code(tmp_path: Path) -> None:
    """An id that the reader makes of quotation and code may be too long for one; the coding then goes by its row."""
    code = "x" * 998
    path = tmp_path / "quotations.csv"
    path.write_text(f"ID;Document;Quotation Content;Codes\n1:1;D 1;So glad.;{code}\n1:2;D 1;Hm.;Delight\n", "utf-8")
    bundle, store = graph_of(path)

    assert (2, [code, "Delight"]) == (bundle.rows_taken, [one.code for one in codings_of(bundle)])
    assert ["1:2/Delight", "row-1"] == sorted(quotes(store))


def test_nothing_is_coded(tmp_path: Path, capsys: Captured) -> None:
    """A project without codings is read with its codes and texts, and said to hold none."""
    path = write_project(tmp_path / "x.qdpx", [Text("I1", b"So glad.")], codes=["Delight", "Group > Own"])
    bundle, store = graph_of(path)
    (empty,) = (one for one in bundle.findings if one.shape == "table:empty")

    assert (0, 1, 3) == (bundle.rows_read, bundle.count(), count(store, "?one a evco:Code", "DISTINCT ?one"))
    assert ("the project holds no coding, so there is nothing to judge", None) == (empty.message, empty.row)
    assert 0 == main(["run", str(path), "-o", str(tmp_path / "out")])
    assert "x.qdpx#project.qde: the project holds no coding" in capsys.readouterr().err


def test_text_that_is_not_there(tmp_path: Path) -> None:
    """Where a project lacks a text, its segments stay with the program's offsets, and a whole text may be coded."""
    path = write_project(tmp_path / "x.qdpx", [Text("I1", None, [Mark(3, 7, ["Delight"], "Ann")], codes=["Review"])])
    bundle, store = graph_of(path)
    found = sorted(quotes(store).values(), key=lambda one: one.native or ())

    assert [(None, None, None), (None, None, ("3", "7"))] == [(one.exact, one.start, one.native) for one in found]
    assert ["refi:text-absent"] == [one.shape for one in bundle.findings if one.shape.startswith("refi:text")]


def test_two_coders_and_one_unnamed(tmp_path: Path) -> None:
    """Coders are the project's users; a user without a name is a coder of his own, and nobody is nobody."""
    marks = [Mark(3, 7, ["Delight"], "Ann"), Mark(3, 7, ["Delight"], " "), Mark(3, 7, ["Delight"])]
    bundle, store = graph_of(write_project(tmp_path / "x.qdpx", [Text("I1", b"So glad.", marks)]))
    coders = bundle.coders()

    assert (3, 2, "Ann") == (bundle.rows_taken, len(coders), coders[0])
    assert 2 == count(store, "?one a oa:Annotation ; prov:wasAttributedTo ?who")


# --- What is said beside ---------------------------------------------------------------------------------------------


def test_variables(tmp_path: Path) -> None:
    """Variables that are columns of ours, or are called so by the crosswalk, say what these do; others are kept."""
    variables = {
        "Kanal": "Forum",
        "platform": "Reddit",
        "context": "commercial",
        "monopoly": "false",
        "incident": "I9",
        "narrative": "Once upon a time",
        "note": "mine",
        "Alter": "44",
    }
    texts = [Text("I1", b"So glad.", [Mark(3, 7, ["Delight"], "Ann")], variables=variables)]
    (tmp_path / "crosswalk.yaml").write_text("columns: {channel: Kanal}\n", "utf-8")
    write_project(tmp_path / "x.qdpx", texts)
    bundle, _ = graph_of(tmp_path)
    ((one,),) = (chunk.incidents for chunk in bundle.chunks())

    assert ("I1", "So glad.", "Reddit", "commercial", False) == (
        one.id,
        one.narrative,
        one.platform,
        one.context,
        one.monopoly,
    )
    assert f"{EVCO}Forum" == one.channel
    assert {
        "variable incident": "I9",
        "variable narrative": "Once upon a time",
        "variable note": "mine",
        "Alter": "44",
    } == dict(one.extra)
    assert ["Alter", "variable incident", "variable narrative", "variable note"] == sorted(
        one.value for one in bundle.findings if one.shape == "table:column"
    )


def test_value_of_a_variable_that_is_none_of_ours(tmp_path: Path) -> None:
    """A value that is no channel is a violation at the document, and says which channels there are."""
    texts = [
        Text("I1", b"So glad.", [Mark(3, 7, ["Delight"], "Ann")], variables={"channel": "Fax"}),
        Text("I2", b"So glad.", [Mark(3, 7, ["Delight"], "Ann")], variables={"channel": "Email"}),
    ]
    bundle, _ = graph_of(write_project(tmp_path / "x.qdpx", texts))
    (found,) = (one for one in bundle.findings if one.severity == "violation")

    assert ("incident:channel", "x.qdpx#project.qde", "I1") == (found.shape, found.file, found.incident)
    assert found.message.startswith("`Fax` is no channel; there are ")
    assert 2 == bundle.rows_taken


def test_notes(tmp_path: Path) -> None:
    """What was written on a segment, and the groups that a document is in, are kept beside coding and incident."""
    mark = Mark(3, 7, ["Delight"], "Ann", description="Is this joy?")
    path = write_project(tmp_path / "x.qdpx", [Text("I1", b"So glad.", [mark])], sets={"Calls": ["I1"], "May": ["I1"]})
    bundle, store = graph_of(path)
    kept = {cell for (cell,) in ask(store, 'SELECT ?cell { ?one ?p ?cell FILTER(CONTAINS(STR(?p), "/column/")) }')}

    assert {"Is this joy?", "Calls; May"} == kept
    assert [] == [one for one in bundle.findings if one.shape == "table:column"]


def test_codes_that_the_codebook_does_not_hold() -> None:
    """A code that is in no codebook is told once, however many codings have it, and with how many these are."""
    codings = [Coded(f"k{n}", "s", code, line=n) for n, code in enumerate(["gone", "lost", "gone", "gone"], 1)]
    project = Project("x", sources=[Source("s", "I1", text=b"So glad.")], codings=codings)
    with duckdb.connect() as database:
        findings = stage_project(database, project, "x", VOCABULARY).findings

    assert [
        ("gone", 1, "3 codings have a code that the codebook does not hold; they are kept by the code's id"),
        ("lost", 2, "coding `k2` has a code that the codebook does not hold; it is kept by the code's id"),
    ] == [(one.value, one.row, one.message) for one in findings if one.shape == "code:unknown"]


def test_codebook_beside_a_study_is_passed_over(tmp_path: Path) -> None:
    """Whoever keeps the codebook beside coded segments, or a project, means these."""
    (tmp_path / "evco.qdc").write_text('<CodeBook xmlns="urn:QDA-XML:codebook:1.0"><Codes/></CodeBook>', "utf-8")
    (tmp_path / "all_tags.csv").write_text("id,document,tag,content\n1,talk,Delight,great\n", "utf-8")
    bundle = read_bundle(tmp_path, VOCABULARY)

    assert (1, 1, ["all_tags.csv"]) == (bundle.rows_read, bundle.rows_taken, bundle.files())
