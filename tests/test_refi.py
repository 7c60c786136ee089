"""Exchange projects and codebooks (REFI-QDA): what is read of each, whatever program wrote it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import duckdb
import pytest
from refi_writer import ATLAS, MAXQDA, NVIVO, QUALCODER, Mark, Style, Text, guid, write_project

from kgtools.read import read_bundle
from kgtools.read.qda.project import Project, Source
from kgtools.read.qda.refi import read_refi
from kgtools.read.qda.refi.archive import is_project
from kgtools.read.qda.refi.parts import words_in
from kgtools.read.qda.values import PATH, without_folders
from kgtools.vocabulary import Vocabulary

SHARED = Path(__file__).parents[2] / "shared/data/refi-qda"
SAMPLES = SHARED / "samples"

needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample projects are not in `../shared`")


def shapes(project: Project) -> dict[str, int]:
    """How many findings there are of each kind, those of the schema aside."""
    return dict(Counter(found.shape for found in project.findings if not found.shape.startswith("refi:schema")))


@needs_samples
def test_a_project_of_qc() -> None:
    """158 selections with 205 codings, 262 codes seven deep, texts found without a scheme in their paths."""
    project = read_refi(SAMPLES / "qc-demo.qdpx")

    assert (262, 158, 205) == (len(project.codes), len(project.selections), len(project.codings))
    assert max(len(code.path) for code in project.codes) == 7
    assert ["board_2017.txt", "admin-1.txt"] == [source.name for source in project.sources]
    assert [52543, 31906] == [len(source.text or b"") for source in project.sources]
    assert {"cp"} == {coding.coder for coding in project.codings}
    assert all(selection.words is None for selection in project.selections)  # their names are line numbers
    assert {} == shapes(project)


@needs_samples
def test_the_annex_of_the_standard() -> None:
    """Of 16 elements `Coding` two are mirror images of others, in the text of a PDF: 14 codings, on 13 selections."""
    project = read_refi(SAMPLES / "atlasti8-annex.qdpx")

    assert (14, 12, 13, 14) == (len(project.codes), len(project.sources), len(project.selections), len(project.codings))
    both = [selection for selection in project.selections if selection.start is not None and selection.fragment]
    assert [(297, 498, "page=1&viewrect=18,45,559,189"), (62, 69, "page=1&viewrect=335,367,150,53")] == [
        (selection.start, selection.end, selection.fragment) for selection in both
    ]
    assert {"Friedrich Markgraf"} == {coding.coder for coding in project.codings}
    assert ("gender: male", "Simon", "Text files", "age: 67") == next(
        source.groups for source in project.sources if source.name == "Simon.docx"
    )
    assert ["Feelings", "negative feelings", "Breakfast food", "<3", "positive feelings"] == [
        name for name, _ in project.code_sets
    ]
    assert {"refi:text-absent": 8, "refi:left": 1} == shapes(project)
    assert "not taken in of the project: 1 graph, 1 note on nothing coded" == project.findings[-1].message


@needs_samples
def test_words_of_the_annex() -> None:
    """ATLAS.ti's names of selections are their words, cut off or not; a name that the user gave is none."""
    words = [selection.words for selection in read_refi(SAMPLES / "atlasti8-annex.qdpx").selections]

    assert "Oh, that was great. See you tomorrow? Eleven thirty. Mm." == words[0]
    assert str(words[1]).endswith("However, I am really bad…")
    assert words[3] is None  # "damage done by fatty foods", on 219 characters
    assert "granola" == words[10]


@needs_samples
@pytest.mark.parametrize(
    ("name", "codes", "deep", "sets"),
    [("atlasti9-codebook", 5, 2, 2), ("spec-annex-codebook", 6, 1, 0), ("taguette-codebook", 3, 1, 0)],
)
def test_codebooks(name: str, codes: int, deep: int, sets: int) -> None:
    """A codebook is read as a project that has codes and sets alone, whatever its namespace and its GUIDs' braces."""
    project = read_refi(SAMPLES / f"{name}.qdc")

    assert (codes, deep, sets) == (
        len(project.codes),
        max(len(code.path) for code in project.codes),
        len(project.code_sets),
    )
    assert [] == project.sources + project.codings
    assert not any(character in code.key for code in project.codes for character in "{}ABCDEF")
    assert {} == shapes(project)


@needs_samples
def test_nobody_s_home_directory_gets_in() -> None:
    """`basePath` names a home directory; nothing of it is in the values."""
    project = read_refi(SAMPLES / "atlasti8-annex.qdpx")

    assert "sebpe" not in repr(project)


@needs_samples
@pytest.mark.parametrize("name", ["atlasti8-annex.qdpx", "qc-demo.qdpx", "taguette-codebook.qdc"])
def test_projects_are_known_by_what_is_in_them(name: str, tmp_path: Path) -> None:
    """A project is one under any name."""
    other = tmp_path / "export.dat"
    other.write_bytes((SAMPLES / name).read_bytes())

    assert is_project(other)


@pytest.mark.parametrize(
    ("content", "is_one"),
    [
        (b'<Project xmlns="urn:QDA-XML:project:1.0"/>', True),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- x -->\n<q:CodeBook xmlns:q="urn:QDA-XML:codebook:0:4">', True),
        ('<?xml version="1.0" encoding="utf-16"?><Project name="x"/>'.encode("utf-16"), True),
        (b"<CodeBook/>", True),
        (b"\xef\xbb\xbf\r\n\r\n<CodeBook/>", True),
        (b'<Project xmlns="http://schemas.microsoft.com/project"/>', False),
        (b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>', False),
        (b"id,document,tag,content\n", False),
        (b"PK\x03\x04", False),
        (b"\xd0\xcf\x11\xe0", False),
        (b"", False),
    ],
)
def test_what_is_a_project(content: bytes, is_one: bool, tmp_path: Path) -> None:
    """XML is a project if its outermost element is that of one, in no namespace of another; tables are none."""
    path = tmp_path / "export.dat"
    path.write_bytes(content)

    assert is_one == is_project(path)


SAID = "Staff was kind 😀. I told everyone.".encode()


@pytest.mark.parametrize(
    "style",
    [
        Style(),
        NVIVO,
        ATLAS,
        MAXQDA,
        QUALCODER,
        Style(namespace="urn:QDA-XML:project:0:4"),
        Style(namespace=""),
        Style(prefix="qda"),
        Style(guids="braces"),
        Style(scheme=""),
        Style(scheme="sources/"),
        Style(scheme="internal:///"),
        Style(scheme="relative:///"),
        Style(folder="SOURCES/"),
        Style(folder=""),
        Style(folder="sources\\"),
        Style(member="My project.QDE"),
        Style(member="My project/project.qde", folder="My project/Sources/"),
        Style(bom=True),
        Style(encoding="utf-16"),
        Style(origin=None),
        Style(extra={"__MACOSX/._project.qde": b"\0\5\26\7", "Sources/.DS_Store": b"", "Thumbs.db": b"x"}),
        Style(extra={"Project.qde": b""}),
    ],
    ids=str,
)
def test_each_way_of_writing_says_the_same(style: Style, tmp_path: Path) -> None:
    """Whatever the namespace, members' names, the form of paths and GUIDs, and the encoding: the project is one."""
    texts = [
        Text(
            "I01",
            SAID,
            [Mark(0, 5, ["Help > Kind", "Praise"], user="Anna"), Mark(6, 9)],
            variables={"channel": "forum"},
        )
    ]
    if "Project.qde" in style.extra:  # the same project once more, under a name that differs in case
        plain = write_project(tmp_path / "y.qdpx", texts)
        style = Style(extra={"Project.qde": ZipFile(plain).read("project.qde")})
    project = read_refi(write_project(tmp_path / "x.qdpx", texts, style=style))

    assert [("Help",), ("Help", "Kind"), ("Praise",)] == [code.path for code in project.codes]
    assert [Source(guid("text", "I01"), "I01", "text", SAID, variables=(("channel", "forum"),))] == [
        replace(source, line=None) for source in project.sources
    ]
    assert [(0, 5), (6, 9)] == [(selection.start, selection.end) for selection in project.selections]
    assert [(guid("code", "Help > Kind"), "Anna"), (guid("code", "Praise"), "Anna")] == [
        (coding.code, coding.coder) for coding in project.codings
    ]
    assert {guid("mark", "I01 0")} == {coding.selection for coding in project.codings}
    assert {} == shapes(project)


def test_a_project_file_with_its_sources_beside_it(tmp_path: Path) -> None:
    """A project that was unpacked is read from its `.qde`, its texts from the folder beside it."""
    packed = write_project(tmp_path / "x.qdpx", [Text("I01", SAID, [Mark(0, 5, ["Kind"])])], style=ATLAS)
    with ZipFile(packed) as archive:
        archive.extractall(tmp_path / "unpacked")
    project = read_refi(tmp_path / "unpacked/Project.qde")

    assert [SAID] == [source.text for source in project.sources]
    assert "" == project.file
    assert {} == shapes(project)


def project_of(tmp_path: Path, inside: str, **members: bytes) -> Project:
    """A project of these elements, without what else stands in one."""
    path = tmp_path / "x.qdpx"
    with ZipFile(path, "w") as archive:
        archive.writestr("project.qde", f'<Project xmlns="urn:QDA-XML:project:1.0" name="x">\n{inside}</Project>')
        for name, content in members.items():
            archive.writestr(f"sources/{name}.txt", content)
    return read_refi(path)


CODES = '<CodeBook><Codes><Code guid="c1" name="Kind"/><Code guid="c2" name="Rude"/></Codes></CodeBook>'


def test_coders_of_one_name_stay_apart(tmp_path: Path) -> None:
    """Two users called Anna are two coders; one whom the file does not know is a third; who is not said is none."""
    users = '<Users><User guid="U1" name="Anna"/><User guid="{u2}" name="Anna"/><User guid="u3" id="bob"/></Users>'
    codings = "".join(
        f'<Coding guid="{number}"{by}><CodeRef targetGUID="c1"/></Coding>'
        for number, by in enumerate(
            ["", ' creatingUser="{U1}"', ' creatingUser="U2"', ' creatingUser="u3"', ' creatingUser="u4"']
        )
    )
    selection = f'<PlainTextSelection guid="s" startPosition="0" endPosition="1">{codings}</PlainTextSelection>'
    project = project_of(
        tmp_path, f'{users}{CODES}<Sources><TextSource guid="t" name="T">{selection}</TextSource></Sources>'
    )

    assert [None, "Anna", "Anna (2)", "bob", "Unknown coder 1"] == [coding.coder for coding in project.codings]
    assert {"refi:user-twice": 1, "refi:user-unknown": 1, "refi:text-absent": 1} == shapes(project)


def test_the_selection_s_user_codes_where_the_coding_says_nobody(tmp_path: Path) -> None:
    """A coding without `creatingUser` is by that of its selection."""
    users = '<Users><User guid="u1" name="Anna"/></Users>'
    selection = (
        '<PlainTextSelection guid="s" startPosition="0" endPosition="1" creatingUser="u1">'
        '<Coding guid="k"><CodeRef targetGUID="c1"/></Coding></PlainTextSelection>'
    )
    project = project_of(
        tmp_path, f'{users}{CODES}<Sources><TextSource guid="t" name="T">{selection}</TextSource></Sources>'
    )

    assert ["Anna"] == [coding.coder for coding in project.codings]


def test_recordings_with_transcripts(tmp_path: Path) -> None:
    """Points in time give a transcript's selections offsets and times; a second transcript is a document of its own."""
    script = (
        '<Transcript guid="{0}" name="{0}" plainTextPath="internal://{0}.txt">'
        '<SyncPoint guid="{0}a" position="3" timeStamp="1500"/><SyncPoint guid="{0}b" position="9" timeStamp="12000"/>'
        '<TranscriptSelection guid="{0}s" fromSyncPoint="{0}A" toSyncPoint="{0}b">'
        '<Coding guid="{0}k"><CodeRef targetGUID="c1"/></Coding></TranscriptSelection>'
        '<TranscriptSelection guid="{0}n" fromSyncPoint="{0}a"/></Transcript>'
    )
    project = project_of(
        tmp_path,
        f'{CODES}<Sources><AudioSource guid="a" name="Interview" path="relative:///i.mp3" '
        f'currentPath="absolute:///home/jdoe/i.mp3">{script.format("t1")}{script.format("t2")}'
        '<AudioSelection guid="w" begin="500" end="2250"><Coding guid="wk"><CodeRef targetGUID="c2"/></Coding>'
        "</AudioSelection></AudioSource></Sources>",
        t1=b"first",
        t2=b"second",
    )

    assert [("a", "Interview", "audio", b"first"), ("t2", "t2", "text", b"second")] == [
        (source.key, source.name, source.kind, source.text) for source in project.sources
    ]
    assert [
        ("t1s", "a", 3, 9, "t=1.5,12"),
        ("t1n", "a", None, None, None),
        ("t2s", "t2", 3, 9, "t=1.5,12"),
        ("t2n", "t2", None, None, None),
        ("w", "a", None, None, "t=0.5,2.25"),
    ] == [(of.key, of.source, of.start, of.end, of.fragment) for of in project.selections]
    assert ["a", "t2", "a"] == [coding.source for coding in project.codings]
    assert {"refi:transcript": 1, "refi:sync-point": 2} == shapes(project)
    assert "jdoe" not in repr(project)


def test_pictures_and_whole_sources(tmp_path: Path) -> None:
    """A rectangle may be given by any two corners; a whole source may be coded; a picture's description is its text."""
    project = project_of(
        tmp_path,
        f'{CODES}<Sources><PictureSource guid="p" path="internal://p.png">'
        '<TextDescription guid="d"><PlainTextContent>A desk.</PlainTextContent></TextDescription>'
        '<PictureSelection guid="s" firstX="40" firstY="5" secondX="10" secondY="25"/>'
        '<Coding guid="k"><CodeRef targetGUID="c2"/></Coding></PictureSource></Sources>',
    )

    assert [("p.png", "picture", b"A desk.")] == [(of.name, of.kind, of.text) for of in project.sources]
    assert ["xywh=10,5,30,20"] == [of.fragment for of in project.selections]
    assert [("p", None, "c2")] == [(of.source, of.selection, of.code) for of in project.codings]


def test_cases_variables_sets_and_notes(tmp_path: Path) -> None:
    """Cases hold sources and selections; sets are groups of documents; notes stand where they are referred to."""
    project = project_of(
        tmp_path,
        f'{CODES}<Variables><Variable guid="v1" name="channel" typeOfVariable="Text"/></Variables>'
        '<Cases><Case guid="k1">'
        '<VariableValue><VariableRef targetGUID="v1"/><TextValue>forum</TextValue></VariableValue>'
        '<VariableValue><VariableRef targetGUID="v1"/><TextValue/></VariableValue>'
        '<SourceRef targetGUID="T1"/><SourceRef targetGUID="gone"/><SelectionRef targetGUID="{S1}"/></Case></Cases>'
        '<Sources><TextSource guid="t1" name="One"><PlainTextContent>Kind staff</PlainTextContent>'
        '<PlainTextSelection guid="s1" startPosition="0" endPosition="4"><Description>why?</Description>'
        '<Coding guid="g1"><CodeRef targetGUID="c1"/><NoteRef targetGUID="n1"/></Coding><NoteRef targetGUID="n2"/>'
        '</PlainTextSelection><PlainTextSelection guid="s2" startPosition="5" endPosition="10">'
        '<Coding guid="g2"><CodeRef targetGUID="k1"/></Coding></PlainTextSelection>'
        '<NoteRef targetGUID="n1"/></TextSource></Sources>'
        '<Notes><Note guid="n1"><PlainTextContent>inlined</PlainTextContent></Note>'
        '<Note guid="n2" plainTextPath="internal://n2.txt"/></Notes>'
        '<Links><Link guid="l" originGUID="n1" targetGUID="s2"/></Links>'
        '<Sets><Set guid="x" name="Group"><MemberSource targetGUID="t1"/><MemberCode targetGUID="c2"/></Set></Sets>',
        n2=b"\xef\xbb\xbffrom a file",
    )

    case = project.cases[0]
    assert ("Case 1", ("t1",), ("s1", "s2"), (("channel", "forum"),)) == (
        case.name,
        case.sources,
        case.selections,
        case.variables,
    )
    assert [("why?", "from a file"), ("inlined",)] == [of.notes for of in project.selections]
    assert [("inlined",)] == [of.notes for of in project.codings]
    assert [(("Group",), ("inlined",))] == [(of.groups, of.notes) for of in project.sources]
    assert [("Group", ("c2",))] == project.code_sets
    assert {"refi:case-unnamed": 1, "refi:nowhere": 1, "refi:case-coded": 1} == shapes(project)


def test_nothing_is_lost_silently(tmp_path: Path) -> None:
    """A coding without a code, or in no source, is a violation with its line; one with an unknown code is kept."""
    project = project_of(
        tmp_path,
        f'{CODES}<Sources><TextSource guid="t"><PlainTextContent>Kind</PlainTextContent>\n'
        '<PlainTextSelection guid="s" startPosition="0" endPosition="4">\n<Coding guid="k1"/>\n'
        '<Coding guid="k2"><CodeRef targetGUID="c9"/></Coding></PlainTextSelection></TextSource></Sources>\n'
        '<Coding guid="k3"><CodeRef targetGUID="c1"/></Coding>',
    )

    assert ["c9"] == [of.code for of in project.codings]
    assert [("violation", "refi:coding-lost", 4), ("violation", "refi:coding-lost", 6)] == [
        (of.severity, of.shape, of.row) for of in project.findings if of.severity == "violation"
    ]
    assert {"refi:coding-lost": 2, "refi:code-unknown": 1} == shapes(project)


@pytest.mark.parametrize(
    ("name", "expected"),
    {
        "~/private/anna/interview.txt": "interview.txt",
        "~anna/x.txt": "x.txt",
        "/home/x.txt": "x.txt",
        "../../home/anna/x.txt": "x.txt",
        "%USERPROFILE%\\x.txt": "x.txt",
        "$HOME/x.txt": "x.txt",
        "C:x.txt": "x.txt",
        "c:/Users/anna/x.txt": "x.txt",
        "\\\\server\\anna\\x.txt": "x.txt",
        "\\Users\\anna\\x.txt": "x.txt",
        "Users/anna/x.txt": "x.txt",
        "file:///home/anna/x.txt": "x.txt",
        "Interviews/Anna": "Interviews/Anna",
        "Interviews\\2024\\Anna": "Interviews\\2024\\Anna",
        "A: the first one": "A: the first one",
        "Why /s/ and not /z/": "Why /s/ and not /z/",
        "/s/": "/s/",
        "~ 30 minutes / Anna": "~ 30 minutes / Anna",
        "... and then": "... and then",
        "100% sure/not": "100% sure/not",
    }.items(),
)
def test_names_that_are_paths(name: str, expected: str) -> None:
    """Of a path on somebody's machine the last part is kept, by the same rule in Python and in SQL; a name stays."""
    with duckdb.connect() as database:
        told = database.execute("SELECT regexp_matches($1, $2)", [name, PATH]).fetchall()[0][0]

    assert (expected, expected != name) == (without_folders(name), told)


def test_lost_codings_are_rows_that_were_read(tmp_path: Path) -> None:
    """A coding that is left out counts as a row that was read and not taken."""
    project_of(
        tmp_path,
        f'{CODES}<Sources><TextSource guid="t"><PlainTextContent>Kind</PlainTextContent><Coding guid="k1"/>'
        '<Coding guid="k2"><CodeRef targetGUID="c1"/></Coding></TextSource></Sources>'
        '<Coding guid="k3"><CodeRef targetGUID="c1"/></Coding>',
    )
    bundle = read_bundle(tmp_path / "x.qdpx", Vocabulary.read())

    assert (3, 1) == (bundle.rows_read, bundle.rows_taken)
    assert 2 == sum(one.severity == "violation" for one in bundle.findings)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("blank", ["", "\n"])
def test_lines_far_down(blank: str, encoding: str, tmp_path: Path) -> None:
    """A line beyond what a parser keeps of it is told, whether the element holds white space or not."""
    coding = f'<Coding guid="k">{blank}<CodeRef targetGUID="c9"/></Coding>'
    holder = f'\n\n<PlainTextSelection guid="s{{}}" startPosition="0" endPosition="1">\n{coding}</PlainTextSelection>'
    selections = "".join(holder.format(number).replace('"k"', f'"k{number}"') for number in range(30_000))
    path = tmp_path / "x.qde"
    text = f'<Project name="x">{CODES}<Sources><TextSource guid="t">\u0a0a{selections}</TextSource></Sources></Project>'
    path.write_bytes(text.encode(encoding))
    lines = [coded.line or 0 for coded in read_refi(path).codings]
    starts = [number for number, line in enumerate(text.split("\n"), 1) if "<Coding " in line]

    assert 30_000 == len(lines)
    assert max(abs(told - right) for told, right in zip(lines, starts, strict=True)) <= (
        0 if encoding == "utf-8" else 99
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_notes_in_any_encoding(encoding: str, tmp_path: Path) -> None:
    """A note's text is decoded like that of a source."""
    said = "Über die Grüße der Müllers, für später: schön, größer, natürlich für alle Gäste im Café."
    project = project_of(
        tmp_path,
        f'{CODES}<Sources><TextSource guid="t" name="T"><PlainTextContent>Kind</PlainTextContent>'
        '<NoteRef targetGUID="n"/></TextSource></Sources>'
        '<Notes><Note guid="n" plainTextPath="internal://n.txt"/></Notes>',
        n=said.encode(encoding),
    )

    assert [(said,)] == [source.notes for source in project.sources]


def test_a_guid_that_stands_for_two_things(tmp_path: Path) -> None:
    """The second gets a key of its own, and both are kept; a selection written once a coding is one selection."""
    selection = (
        '<PlainTextSelection guid="s" startPosition="{}" endPosition="4">'
        '<Coding guid="k"><CodeRef targetGUID="c{}"/></Coding></PlainTextSelection>'
    )
    source = '<TextSource guid="t"><PlainTextContent>Kind</PlainTextContent>{}</TextSource>'
    project = project_of(
        tmp_path,
        f"{CODES}<Sources>{source.format(selection.format(0, 1) + selection.format(0, 2))}"
        f"{source.format(selection.format(1, 1))}</Sources>",
    )

    assert ["t", "t-2"] == [of.key for of in project.sources]
    assert [("s", "t"), ("s-2", "t-2")] == [(of.key, of.source) for of in project.selections]
    assert [("k", "s"), ("k-2", "s"), ("k-3", "s-2")] == [(of.key, of.selection) for of in project.codings]


def test_mirror_images_count_once(tmp_path: Path) -> None:
    """What is coded in a PDF's page and in its text counts once a code and coder, else as often as it stands."""

    def codings(part: str, pairs: list[tuple[str, str]]) -> str:
        return "".join(
            f'<Coding guid="{part}{n}" creatingUser="{user}"><CodeRef targetGUID="{code}"/></Coding>'
            for n, (code, user) in enumerate(pairs)
        )

    in_page = codings("p", [("c1", "anna"), ("c1", "bob"), ("c2", "anna"), ("c2", "anna")])
    in_text = codings("t", [("c1", "anna"), ("c2", "anna"), ("c2", "bob")])
    project = project_of(
        tmp_path,
        f'{CODES}<Users><User guid="anna" name="Anna"/><User guid="bob" name="Bob"/></Users>'
        '<Sources><PDFSource guid="d">'
        f'<PDFSelection guid="{{S}}" page="0" firstX="1" firstY="2" secondX="3" secondY="4">{in_page}</PDFSelection>'
        '<Representation guid="r"><PlainTextContent>Kind staff</PlainTextContent>'
        f'<PlainTextSelection guid="s" startPosition="0" endPosition="4">{in_text}</PlainTextSelection>'
        f"{codings('r', [('c1', 'bob')])}</Representation>{codings('w', [('c1', 'bob')])}</PDFSource></Sources>",
    )

    assert [("s", 0, 4, "page=1&viewrect=1,2,2,2")] == [
        (of.key, of.start, of.end, of.fragment) for of in project.selections
    ]
    assert [("c1", "Anna"), ("c1", "Bob"), ("c2", "Anna"), ("c2", "Anna"), ("c2", "Bob"), ("c1", "Bob")] == [
        (of.code, of.coder) for of in project.codings
    ]
    assert [None] == [of.selection for of in project.codings if of.selection != "s"]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("2019-06-06T06:27:01Z", True),
        ("2019-06-06T06:27:01.1234567+02:00", True),
        ("2019-06-06", True),
        ("2019-02-30T06:27:01Z", False),
        ("2019-06-06T25:00:00Z", False),
        ("06/06/2019 06:27", False),
    ],
)
def test_dates(said: str, kept: bool, tmp_path: Path) -> None:
    """A coding's date is kept if it is one; else it is told, and the coding kept without it."""
    project = project_of(
        tmp_path,
        f'{CODES}<Sources><TextSource guid="t"><PlainTextContent>Kind</PlainTextContent>'
        f'<Coding guid="k" creationDateTime="{said}"><CodeRef targetGUID="c1"/></Coding></TextSource></Sources>',
    )

    assert [said if kept else None] == [of.coded_at for of in project.codings]
    assert ({} if kept else {"refi:date": 1}) == shapes(project)


def test_no_path_of_a_machine_gets_in(tmp_path: Path) -> None:
    """A base path, a current path, an absolute path and a name that is one: no folder of theirs is in the values."""
    homes = ["/home/jdoe/a.txt", "C:\\Users\\jdoe\\b.txt", "absolute:///Users/jdoe/c.txt", "file:///home/jdoe/d.txt"]
    sources = "".join(
        f'<TextSource guid="{n}" name="{home if n % 2 else ""}" plainTextPath="{home}" currentPath="{home}"/>'
        for n, home in enumerate([*homes, *homes[1:]])
    )
    path = write_project(tmp_path / "x.qdpx", [], body=f"<Sources>{sources}</Sources>", style=NVIVO)
    project = read_refi(path)

    assert "jdoe" not in repr(project)
    assert "b.txt" == project.sources[1].name
    assert 7 == shapes(project)["refi:outside"]


@pytest.mark.parametrize(
    ("name", "length", "words"),
    [
        ("The staff was kind.", 19, True),
        ("The staff was kind. I told", 27, True),  # a line end of two characters
        ("The staff was very kind and I…", 400, True),
        ("The staff was very kind and I...", None, True),
        ("The staff was very kind and I…", 12, False),
        ("line:6", 6, False),
        ("Quotation 6:1", 13, False),
        ("00:16.17 – 00:45.35", 19, False),
        ("damage done by fatty foods", 219, False),
        ("Kind…", 400, False),
        ("granola", None, False),
        ("", 0, False),
    ],
)
def test_names_that_are_words(name: str, length: int | None, words: bool) -> None:
    """A selection's name is its words if it is as long, or cut off; what looks like a place is a name."""

    assert words == (words_in(name, length) is not None)
