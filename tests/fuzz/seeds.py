"""Good files to begin with: nothing goes in, bundles as coding programs write them come out, by kind."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from qda_writers import WHEN, Highlight, write_qualcoder, write_taguette
from refi_writer import ATLAS, MAXQDA, NVIVO, QUALCODER, Mark, Person, Style, Text, write_project

from .exchange import timeless

DIALECTS = Path(__file__).parents[1] / "cases" / "dialects"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
STORY = "\ufeffIch schrieb 😀 und wartete.\r\nNiemand kam. Café & <zu>.\r\n\r\nDann kam e\u0301iner — zu spät."


@dataclass(frozen=True)
class Seed:
    """A bundle.

    Args:
        name: what it is called here.
        files: each file's content, by its path in the bundle's folder.
        data: the one that is named on the command line.
    """

    name: str
    files: Mapping[str, bytes]
    data: str
    arguments: tuple[str, ...] = field(default=())


@cache
def tables() -> tuple[Seed, ...]:
    """A table of each dialect, and one of many rows where it is there."""
    found = []
    for case in sorted(DIALECTS.iterdir()):
        files = {file.name: file.read_bytes() for file in sorted(case.iterdir())}
        (data,) = (name for name in files if name not in ("dialects.yaml", "expected.csv", "findings.csv"))
        kept = {name: content for name, content in files.items() if name in (data, "dialects.yaml")}
        found.append(Seed(case.name, kept, data))
    return (*found, *_shared("maxqda", "*.xls"))


@cache
def refi() -> tuple[Seed, ...]:
    """Exchange projects and codebooks, in the manner of several programs."""
    found = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        kept = STORY.encode("utf-8")
        plain = STORY.removeprefix("\ufeff").replace("\r\n", "\n")
        styles = {"nvivo": NVIVO, "atlas": ATLAS, "maxqda": MAXQDA, "qualcoder": QUALCODER, "prefix": Style(prefix="q")}
        for called, style in styles.items():
            path = write_project(
                folder / f"{called}.qdpx",
                [
                    Text(
                        "I01",
                        kept,
                        [
                            Mark(4, 11, ["Delight", "Valence > positive"], user="Anna", date="2026-03-01T10:20:30Z"),
                            Mark(15, 30, ["Own > Joy"], user="Ben", name="Niemand kam.", description="why"),
                            Mark(0, 12, ["Incident 1"], user="Anna"),
                        ],
                        codes=["Whole"],
                        user="Ben",
                        variables={"channel": "Forum", "age": "44"},
                    ),
                    Text("I02", plain.encode(), [Mark(0, 3, ["Delight"]), Mark(28, 35, [])], inline=True),
                    Text("I03", None, [Mark(0, 3, ["Own > Joy"], name="Ich")]),
                ],
                users=["Nobody"],
                cases=[Person("Ann", ["I01"], [("I02", 0)], {"age": "44"}), Person(None, ["I02"])],
                sets={"Wave 1": ["I01", "I02"]},
                style=style,
                body=_MEDIA if not style.prefix else "",
            )
            found.append(Seed(called, {path.name: timeless(path.read_bytes())}, path.name))
    alone = {"x.qde": _project(_MEDIA).encode(), "sources/t.txt": STORY.encode("utf-16")}
    found.append(Seed("alone", alone, "x.qde"))
    found.append(Seed("codebook", {"x.qdc": _CODEBOOK.encode()}, "x.qdc"))
    return (*found, *_shared("refi-qda/samples", "*"))


@cache
def databases() -> tuple[Seed, ...]:
    """Databases that coding programs keep."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        html = "<h1>Die Bestellung</h1>\n<p>Ich schrieb 😀 &amp; wartete.<br>Café &lt;zu&gt;</p>\n<p>Niemand kam.</p>"
        highlights = [
            Highlight("One", "Ich schrieb 😀 & wartete.", ["Delight", "Valence > positive"]),
            Highlight("One", "Café <zu>", ["Delight"], coder="ben"),
            Highlight("One", "Niemand kam.", [], coder=None),
        ]
        taguette = write_taguette(folder / "t.sqlite3", {"One": html}, highlights, tags={"joy": "They are glad."})
        at = STORY.index("Niemand")
        by = {"owner": "ann", "date": WHEN}
        qualcoder = write_qualcoder(
            folder / "Study.qda",
            {
                "code_cat": [{"catid": 1, "name": "Outcome"}, {"catid": 2, "name": "Feelings", "supercatid": 1}],
                "code_name": [
                    {"cid": 1, "name": "Delight", "catid": 2, "color": "#F5A9A9", "memo": "glad\n#####\nmine"},
                    {"cid": 2, "name": "Deep delight", "supercid": 1, "color": "red"},
                ],
                "source": [
                    {"id": 1, "name": "Story 1", "fulltext": STORY, "memo": "told by phone"},
                    {"id": 2, "name": "shop.png", "mediapath": "/images/shop.png"},
                    {"id": 3, "name": "call.mp3", "mediapath": "audio:/home/somebody/call.mp3"},
                    {"id": 4, "name": "letter.pdf", "mediapath": "/docs/letter.pdf", "fulltext": "Sehr geehrte"},
                ],
                "code_text": [
                    {"cid": 1, "fid": 1, "seltext": "Niemand kam.", "pos0": at, "pos1": at + 12, **by, "memo": "sad"},
                    {"cid": 2, "fid": 1, "seltext": "Ich schrieb", "pos0": 0, "pos1": 11, **by, "important": 1},
                ],
                "code_image": [{"cid": 1, "id": 2, "x1": 10, "y1": 20, "width": 30, "height": 40, **by}],
                "code_av": [{"cid": 2, "id": 3, "pos0": 1500, "pos1": 12000, **by}],
                "annotation": [{"fid": 1, "pos0": at, "pos1": at + 12, "memo": "ask again", **by}],
                "cases": [{"caseid": 1, "name": "Ann", "memo": "a customer"}],
                "case_text": [
                    {"caseid": 1, "fid": 1, "pos0": 0, "pos1": len(STORY)},
                    {"caseid": 1, "fid": 4, "pos0": 0, "pos1": 4},
                ],
                "attribute": [
                    {"name": "channel", "attr_type": "file", "value": "Forum", "id": 1},
                    {"name": "age", "attr_type": "case", "value": "44", "id": 1},
                ],
                "journal": [{"name": "Monday", "jentry": "thoughts"}],
            },
        )
        content = (qualcoder / "data.qda").read_bytes()
        for path in (taguette, qualcoder / "data.qda"):
            with closing(sqlite3.connect(path)) as connection:
                assert [("ok",)] == connection.execute("PRAGMA integrity_check").fetchall()
        return (
            Seed("taguette", {"t.sqlite3": taguette.read_bytes()}, "t.sqlite3"),
            Seed("qualcoder", {"Study.qda/data.qda": content}, "Study.qda"),
            Seed("data.qda", {"data.qda": content}, "data.qda"),
        )


def _shared(folder: str, pattern: str) -> tuple[Seed, ...]:
    """Files of others, where they are there."""
    files = sorted((SHARED / folder).glob(pattern)) if (SHARED / folder).is_dir() else []
    return tuple(Seed(file.stem, {file.name: file.read_bytes()}, file.name) for file in files)


def _project(body: str) -> str:
    space = "urn:QDA-XML:project:1.0"
    coded = f"<Users><User guid='u' name='Ann'/></Users><CodeBook>{_CODES}</CodeBook>"
    return f"<?xml version='1.0'?>\n<Project xmlns='{space}' name='x' basePath='../secret.txt'>{coded}{body}</Project>"


_CODES = (
    "<Codes><Code guid='c' name='C' color='#00FF00'><Description>d</Description><Code guid='d' name='D'/></Code>"
    "</Codes>"
)
_CODEBOOK = (
    f"<CodeBook xmlns='urn:QDA-XML:codebook:1.0'>{_CODES}<Sets><Set guid='s' name='S'><MemberCode targetGUID='c'/>"
    "</Set></Sets></CodeBook>"
)
_CODING = "<Coding guid='k{0}' creatingUser='u'><CodeRef targetGUID='c'/><NoteRef targetGUID='n'/></Coding>"
_MEDIA = (
    "<Sources><PDFSource guid='p' name='P' path='internal://p.pdf'>"
    f"<PDFSelection guid='ps' page='0' firstX='1' firstY='2' secondX='3' secondY='4' name='words'>{_CODING.format(1)}"
    "</PDFSelection><Representation guid='pr' plainTextPath='internal://t.txt'>"
    f"<PlainTextSelection guid='ps' startPosition='4' endPosition='11'>{_CODING.format(2)}</PlainTextSelection>"
    "</Representation></PDFSource>"
    "<PictureSource guid='i' path='relative:///../secret.txt'><TextDescription><PlainTextContent>A shop."
    "</PlainTextContent></TextDescription>"
    f"<PictureSelection guid='is' firstX='1' firstY='2' secondX='3' secondY='4'>{_CODING.format(3)}</PictureSelection>"
    "</PictureSource><AudioSource guid='a' name='call.mp3'><Transcript guid='at' plainTextPath='internal://t.txt'>"
    "<SyncPoint guid='y1' timeStamp='0' position='0'/><SyncPoint guid='y2' timeStamp='1500' position='12'/>"
    f"<TranscriptSelection guid='ts' fromSyncPoint='y1' toSyncPoint='y2'>{_CODING.format(4)}</TranscriptSelection>"
    "</Transcript><Transcript guid='a2'><PlainTextContent>Second.</PlainTextContent></Transcript>"
    f"<AudioSelection guid='as' begin='0' end='1000'>{_CODING.format(5)}</AudioSelection></AudioSource>"
    f"<VideoSource guid='v'><VideoSelection guid='vs' begin='7' end='9'>{_CODING.format(6)}</VideoSelection>"
    f"{_CODING.format(7)}</VideoSource>"
    "<TextSource guid='x' name='secret' plainTextPath='internal://../../secret.txt'>"
    f"<PlainTextSelection guid='xs' startPosition='0' endPosition='5'>{_CODING.format(8)}</PlainTextSelection>"
    "</TextSource></Sources>"
    "<Notes><Note guid='n' name='N' plainTextPath='internal://t.txt'/></Notes>"
    "<Links><Link guid='l' originGUID='ps' targetGUID='is'/></Links><Graphs><Graph guid='g'/></Graphs>"
    "<Sets><Set guid='s' name='S'><MemberCode targetGUID='c'/><MemberSource targetGUID='p'/></Set></Sets>"
)
"""Sources of every kind but plain texts; some of them try to name a file that is none of theirs."""
