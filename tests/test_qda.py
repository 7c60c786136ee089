"""Files of coding programs as a whole: from the file as it comes out of the tool to a graph, findings and verdicts.

What each part does (positions, archives, dialects, databases) is held by the tests of that part.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from qda_graphs import annotations, ask, count, graph_of, quotes, told
from qda_writers import Highlight, write_qualcoder, write_taguette
from refi_writer import ATLAS, MAXQDA, NVIVO, Mark, Style, Text, write_project

from kgtools.cli import main
from kgtools.pipeline.run import WRITTEN

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
    assert (codings, codes) == (annotations(store), count(store, "?one a evco:Code", "DISTINCT ?one"))


@pytest.mark.parametrize("name", SAMPLES)
def test_run_on_a_sample(name: str, tmp_path: Path, capsys: Captured) -> None:
    """The main job goes through on a real file, without a violation, and writes all its files."""
    out = tmp_path / "out"
    code = main(["run", str(sample(name)), "-o", str(out)])
    said = capsys.readouterr().err

    assert (0, sorted(WRITTEN)) == (code, sorted(path.name for path in out.iterdir()))
    assert "0 violations" in said


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
