"""Exchange projects that mean harm or are damaged: each ends in one line, and nothing is written or read beyond it."""

from __future__ import annotations

import io
import os
import stat
import struct
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest
from drawn import drawn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from refi_writer import Mark, Text, write_project

from kgtools.errors import InputError
from kgtools.read.qda.project import Project
from kgtools.read.qda.refi import archive, read_refi
from kgtools.read.qda.refi.archive import is_project

PROJECT = (
    '<Project xmlns="urn:QDA-XML:project:1.0" name="x"><CodeBook><Codes><Code guid="c" name="C"/></Codes></CodeBook>'
    '<Sources><TextSource guid="t" name="T" plainTextPath="internal://t.txt">'
    '<PlainTextSelection guid="s" startPosition="0" endPosition="1"><Coding guid="k"><CodeRef targetGUID="c"/></Coding>'
    "</PlainTextSelection></TextSource></Sources></Project>"
)


def zipped(path: Path, members: list[tuple[str | ZipInfo, bytes | str]], method: int = ZIP_DEFLATED) -> Path:
    """An archive with these members, in any name and number."""
    with ZipFile(path, "w", method) as file:
        for name, content in members:
            file.writestr(name, content)
    return path


def refused(path: Path) -> str:
    """What is said of a file that is not read: one line, with its name; and nothing was written beside it."""
    before = sorted(path.parent.rglob("*"))
    with pytest.raises(InputError) as caught:
        read_refi(path)
    said = str(caught.value)
    assert "\n" not in said
    assert path.name in said
    assert before == sorted(path.parent.rglob("*"))
    return said


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    "name",
    [
        "../t.txt",
        "sources/../../t.txt",
        "..\\t.txt",
        "/etc/t.txt",
        "\\t.txt",
        "C:\\t.txt",
        "c:/t.txt",
        "\\\\host\\t.txt",
        "..",
    ],
)
def test_names_that_point_out_of_the_archive(name: str, tmp_path: Path) -> None:
    """An archive that would write elsewhere if it were unpacked is refused, though it is never unpacked."""
    path = zipped(tmp_path / "x.qdpx", [("project.qde", PROJECT), (name, b"x")])

    assert "points out of the archive; a name within it is needed" in refused(path)


def test_a_name_with_nul(tmp_path: Path) -> None:
    """A name that the library would cut short is refused."""
    path = zipped(tmp_path / "x.qdpx", [("project.qde", PROJECT), ("sources/tXtxt", b"x")])
    path.write_bytes(path.read_bytes().replace(b"tXtxt", b"t\0txt"))

    assert "points out of the archive" in refused(path) or "damaged" in refused(path)


def test_a_link_in_the_archive(tmp_path: Path) -> None:
    """A member that is a symbolic link is refused."""
    link = ZipInfo("sources/t.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = zipped(tmp_path / "x.qdpx", [("project.qde", PROJECT), (link, b"/etc/passwd")])

    assert "is a link; a file is needed" in refused(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_stands_twice(tmp_path: Path) -> None:
    """Which of two members of one name counts differs by program, so neither does."""
    path = zipped(tmp_path / "x.qdpx", [("project.qde", PROJECT), ("sources/t.txt", b"a"), ("sources/t.txt", b"b")])

    assert "has `sources/t.txt` twice" in refused(path)


@pytest.mark.parametrize("other", ["Project.qde", "old/project.qde", "study.qde"])
def test_two_projects_in_one_archive(other: str, tmp_path: Path) -> None:
    """Two project files that differ are two projects, wherever they are; two that are the same are one."""
    same = zipped(tmp_path / "x.qdpx", [("project.qde", PROJECT), (other, PROJECT)])
    differ = zipped(tmp_path / "y.qdpx", [("project.qde", PROJECT), (other, PROJECT.replace('"x"', '"y"'))])

    assert 1 == len(read_refi(same).codings)
    assert "the archive holds two projects, `" in refused(differ)


def test_no_project_in_the_archive(tmp_path: Path) -> None:
    """An archive of something else is told as that."""
    path = zipped(tmp_path / "x.qdpx", [("xl/workbook.xml", "<workbook/>"), ("__MACOSX/._project.qde", "x")])

    assert "the archive has no project file; it should be called project.qde" in refused(path)
    assert not is_project(path.rename(tmp_path / "x.zip"))


def directory(path: Path, name: str, offset: int, form: str, value: int) -> None:
    """Write another value into a member's entry in the archive's directory (APPNOTE 6.3, 4.3.12)."""
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(name.encode()))
    struct.pack_into(form, content, at + offset, value)
    path.write_bytes(content)


def test_an_encrypted_archive(tmp_path: Path) -> None:
    """An archive with a password is told as such."""
    path = zipped(tmp_path / "x.qdpx", [("project.qde", PROJECT)])
    directory(path, "project.qde", 8, "<H", 1)

    assert "the archive is encrypted" in refused(path)


def test_a_member_that_says_it_has_2_gib(tmp_path: Path) -> None:
    """A member beyond what the standard allows is refused, read or not."""
    path = zipped(tmp_path / "x.qdpx", [("project.qde", PROJECT), ("sources/film.mp4", b"x")])
    directory(path, "sources/film.mp4", 24, "<L", 2**31)

    assert "`sources/film.mp4` says that it has 2,147,483,648 bytes; 2,147,483,647 are allowed" in refused(path)


def test_a_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A member that is small when packed and has gigabytes is not read; one that nothing refers to does no harm."""
    monkeypatch.setattr(archive, "LARGEST_READ", 1_000_000)
    zeros = bytes(1_000_001)
    path = zipped(tmp_path / "x.qdpx", [("project.qde", PROJECT), ("sources/t.txt", zeros)])
    other = zipped(tmp_path / "y.qdpx", [("project.qde", PROJECT.replace("t.txt", "u.txt")), ("sources/t.txt", zeros)])

    assert "`sources/t.txt` has 1,000,001 bytes; at most 1,000,000 are read" in refused(path)
    assert 1 == len(read_refi(other).codings)


@pytest.mark.parametrize("said", [1, 1_000, 20_000_000])
@pytest.mark.parametrize("name", ["sources/t.txt", "project.qde"])
def test_a_bomb_that_lies_about_its_size(said: int, name: str, tmp_path: Path) -> None:
    """What a member says of its size is not believed: more is not read, and less is found."""
    content: dict[str | ZipInfo, bytes | str] = {
        "project.qde": PROJECT + " " * 10_000_000,
        "sources/t.txt": bytes(10_000_000),
    }
    path = zipped(tmp_path / "x.qdpx", list(content.items()))
    directory(path, name, 24, "<L", said)

    assert f"`{name}` is damaged or was cut off" in refused(path)


def test_texts_that_are_too_much_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many members, each within its limit, are stopped too."""
    monkeypatch.setattr(archive, "LARGEST_ALL", 100_000)
    texts = [Text(f"I{number}", bytes(10_000)) for number in range(10)]

    assert "the archive's texts have more than 100,000 bytes in all" in refused(
        write_project(tmp_path / "x.qdpx", texts)
    )


def test_another_way_of_packing(tmp_path: Path) -> None:
    """What can be unpacked only at once, whatever its size, is not unpacked."""
    path = zipped(tmp_path / "x.qdpx", [("project.qde", PROJECT)], ZIP_BZIP2)

    assert "is packed in a way that the standard does not know" in refused(path)


LAUGHS = (
    '<!DOCTYPE Project [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {one} "{f"&{other};" * 10}">' for other, one in zip("abcdefghij", "bcdefghijk", strict=True))
    + "]>"
)


@pytest.mark.parametrize(
    "before",
    [
        LAUGHS,
        '<!DOCTYPE Project [<!ENTITY k SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Project SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE Project [<!ENTITY % k SYSTEM "file:///etc/passwd"> %k;]>',
        '<!DOCTYPE Project PUBLIC "-//x//y" "http://localhost:9/x.dtd">',
        "<!DOCTYPE Project>",
        f"<!--{'x' * 100_000}--><!DOCTYPE Project>",
        f"<!--{'x' * 100_000}-->{LAUGHS}",
    ],
    ids=["laughs", "file", "dtd", "parameter", "public", "bare", "late", "late laughs"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("ending", ["qdpx", "qde"])
def test_document_types(before: str, encoding: str, ending: str, tmp_path: Path) -> None:
    """A document type is refused, whatever is in it; with it go entities that multiply and those that are files."""
    content = f'<?xml version="1.0" encoding="{encoding}"?>{before}{PROJECT.replace("T", "&k;")}'.encode(encoding)
    path = tmp_path / f"x.{ending}"
    if ending == "qdpx":
        zipped(path, [("project.qde", content)])
    else:
        path.write_bytes(content)
    said = refused(path)

    assert "root:" not in said
    assert "document type" in said or "is no XML that can be read" in said


@pytest.mark.parametrize("keep", [1, 3, 4, 30, 100, 0.3, 0.6, 0.9, -30, -1])
def test_a_truncated_archive(keep: float, tmp_path: Path) -> None:
    """An archive that was cut off is told as that."""
    path = write_project(tmp_path / "x.qdpx", [Text("I01", b"kind " * 500, [Mark(0, 4, ["Kind"])])])
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content)) if 0 < keep < 1 else int(keep)])

    assert "damaged or was cut off" in refused(path) or "is no XML" in refused(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" ",
        b"hello",
        b"\0" * 99,
        b"{}",
        b"<html><p>x</html>",
        b"<Project",
        b"\xff\xfe<\0",
        b"<a/>",
        b"<Project/>x",
    ],
)
@pytest.mark.parametrize("ending", ["qdpx", "qde", "qdc"])
def test_no_project_file(content: bytes, ending: str, tmp_path: Path) -> None:
    """A project file that is none is told as that, in an archive or alone."""
    path = tmp_path / f"x.{ending}"
    if ending == "qdpx":
        zipped(path, [("project.qde", content)])
    else:
        path.write_bytes(content)
    said = refused(path)

    assert "is no XML that can be read" in said or "is XML, but no project" in said


def test_levels_without_end(tmp_path: Path) -> None:
    """Codes within codes are read as deep as anybody codes, and refused beyond."""

    def nested(levels: int) -> str:
        inside = '<Code guid="c" name="x">' * levels + "</Code>" * levels
        return f'<CodeBook xmlns="urn:QDA-XML:codebook:1.0"><Codes>{inside}</Codes></CodeBook>'

    path = tmp_path / "x.qdc"
    path.write_text(nested(100).replace('guid="c"', ""))
    deepest = max(len(code.path) for code in read_refi(path).codes)
    path.write_text(nested(100_000))

    assert 100 == deepest
    assert "nested more than 200 deep" in refused(path)


def test_sources_beside_a_project_file_are_no_foreign_files(tmp_path: Path) -> None:
    """Of files beside a `.qde` only those in its folder of sources are read: not links, nor what paths lead to."""
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "project"
    (folder / "Sources").mkdir(parents=True)
    (folder / "beside.txt").write_text("secret")
    (folder / "Sources/link.txt").symlink_to(tmp_path / "secret.txt")
    paths = ["../secret.txt", "internal://../../secret.txt", "internal://link.txt", f"absolute://{tmp_path}/secret.txt"]
    paths += [f"{tmp_path}/secret.txt", "internal://..\\..\\secret.txt", "beside.txt", "relative:///../beside.txt"]
    paths += ["internal://%2e%2e/beside.txt", f"file://{tmp_path}/secret.txt", "internal://Sources/../../beside.txt"]
    sources = "".join(f'<TextSource guid="{n}" plainTextPath="{path}"/>' for n, path in enumerate(paths))
    path = folder / "x.qde"
    path.write_text(f'<Project xmlns="urn:QDA-XML:project:1.0"><Sources>{sources}</Sources></Project>')

    assert [None] * len(paths) == [source.text for source in read_refi(path).sources]


def test_a_folder_of_sources_that_is_a_link(tmp_path: Path) -> None:
    """A folder of sources that lies elsewhere is not gone into."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/t.txt").write_text("secret")
    (tmp_path / "project").mkdir()
    (tmp_path / "project/sources").symlink_to(tmp_path / "elsewhere")
    path = tmp_path / "project/x.qde"
    path.write_text(PROJECT)

    assert [None] == [source.text for source in read_refi(path).sources]


def test_no_file(tmp_path: Path) -> None:
    """What is not there, or is a folder, is told as that."""
    (tmp_path / "folder.qdpx").mkdir()

    assert "cannot be read (No such file or directory)" in refused(tmp_path / "x.qdpx")
    assert "cannot be read (Is a directory)" in refused(tmp_path / "folder.qdpx")
    assert not is_project(tmp_path / "folder.qdpx")


def test_repetition_takes_no_time_by_its_square(tmp_path: Path) -> None:
    """Thousands of codings with one GUID in one place, of users with one name, of sets with one name: seconds."""
    many = 20_000
    users = "".join(f'<User guid="u{n}" name="Anna"/>' for n in range(many))
    coding = '<Coding guid="k" creatingUser="u1"><CodeRef targetGUID="c"/></Coding>'
    sets = '<Set guid="s" name="S"><MemberSource targetGUID="t"/></Set>' * many
    path = tmp_path / "x.qde"
    path.write_text(
        f'<Project xmlns="urn:QDA-XML:project:1.0"><Users>{users}</Users><Sources><PDFSource guid="t">'
        f'<PDFSelection guid="p" page="0">{coding * many}</PDFSelection><Representation>'
        f'<PlainTextSelection guid="p" startPosition="0" endPosition="1">{coding * many}</PlainTextSelection>'
        f"</Representation>{coding * many}</PDFSource></Sources><Sets>{sets}</Sets></Project>"
    )
    project = read_refi(path)

    assert 2 * many == len(project.codings)
    assert {"Anna (2)"} == {coded.coder for coded in project.codings}


def outcome(path: Path) -> Project | str:
    """A project, or the one line that says why it is none."""
    try:
        return read_refi(path)
    except InputError as error:
        return " or ".join(str(error).splitlines())


WELL = io.BytesIO()
with ZipFile(WELL, "w", ZIP_STORED) as _file:
    _file.writestr("project.qde", PROJECT)
    _file.writestr("sources/t.txt", "a text")

few = settings(
    max_examples=drawn(150 * int(os.environ.get("FUZZ", "1"))),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@few
@given(
    changes=st.lists(st.tuples(st.integers(0, len(WELL.getvalue()) - 1), st.integers(0, 255)), min_size=1, max_size=8),
    cut=st.integers(0, 40),
)
def test_archives_with_random_damage(changes: list[tuple[int, int]], cut: int, tmp_path: Path) -> None:
    """Whatever bytes are changed in an archive, it is read or refused."""
    content = bytearray(WELL.getvalue())
    for at, value in changes:
        content[at] = value
    path = tmp_path / "x.qdpx"
    path.write_bytes(content[: len(content) - cut] if cut > 30 else content)

    assert outcome(path)


@few
@given(
    changes=st.lists(st.tuples(st.integers(0, len(PROJECT) - 1), st.integers(0, 255)), min_size=1, max_size=4),
    encoding=st.sampled_from(["", "utf-8", "utf-16", "latin-1", "ebcdic-cp-us", "x-unknown", "UCS-4"]),
)
def test_project_files_with_random_damage(changes: list[tuple[int, int]], encoding: str, tmp_path: Path) -> None:
    """Whatever bytes are changed in a project file, and whatever encoding it claims, it is read or refused."""
    content = bytearray(PROJECT.encode())
    for at, value in changes:
        content[at] = value
    path = tmp_path / "x.qde"
    path.write_bytes((f'<?xml version="1.0" encoding="{encoding}"?>'.encode() if encoding else b"") + content)

    assert outcome(path)


@few
@given(content=st.binary(max_size=300))
def test_random_bytes(content: bytes, tmp_path: Path) -> None:
    """Whatever a file holds, it is read or refused."""
    path = tmp_path / "x.qdpx"
    path.write_bytes(content)

    assert outcome(path)


PIECES = [
    '<CodeBook>', '</CodeBook>', '<Codes>', '</Codes>', '<Code guid="c" name="n">', '</Code>', "<Code/>", "<Sources>",
    "</Sources>", '<TextSource guid="t">', "</TextSource>", "<PDFSource>", "</PDFSource>", "<Representation>",
    "</Representation>", '<PDFSelection guid="s" page="1">', "</PDFSelection>", "</PlainTextSelection>",
    '<PlainTextSelection guid="s" startPosition="1" endPosition="x">', '<Coding guid="k">', "</Coding>",
    '<CodeRef targetGUID="c"/>', '<NoteRef targetGUID="n"/>', '<Note guid="n">', "</Note>", "<AudioSource>",
    "</AudioSource>", '<Transcript guid="t">', "</Transcript>", '<SyncPoint guid="p" position="1"/>', "<Case>",
    '<TranscriptSelection fromSyncPoint="p" toSyncPoint="p">', "</TranscriptSelection>", "</Case>", "<VariableValue>",
    "</VariableValue>", '<VariableRef targetGUID="v"/>', "<TextValue>x</TextValue>", '<Variable guid="v"/>', "<Set>",
    "</Set>", '<MemberSource targetGUID="t"/>', '<Link originGUID="n" targetGUID="s"/>', "<Graph/>", "text", "<x/>",
    '<PictureSelection guid="s" firstX="99999999999999999999"/>', "<!-- -->", "<?x y?>", "&#x1F600;", "&lt;", "<User/>",
    '<VideoSelection begin="-1" end="x"/>', '<AudioSelection guid="s" begin="1" end="2"/>',
    "<PlainTextContent>a</PlainTextContent>",
]  # fmt: skip


def balanced(pieces: list[str]) -> str:
    """XML of these pieces: what is not open is not closed, and what is open is closed at the end."""
    opened: list[str] = []
    said = []
    for piece in pieces:
        if piece.startswith("</"):
            if piece[2:-1] not in opened:
                continue
            while (name := opened.pop()) != piece[2:-1]:
                said.append(f"</{name}>")
        elif piece.startswith("<") and piece[1].isalpha() and not piece.endswith("/>") and "</" not in piece:
            opened.append(piece[1:-1].split(" ")[0])
        said.append(piece)
    return "".join(said) + "".join(f"</{name}>" for name in reversed(opened))


@few
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=60))
def test_elements_in_any_order(pieces: list[str], tmp_path: Path) -> None:
    """Whatever elements stand within whatever others, the project is read, and what refers to something finds it."""
    path = tmp_path / "x.qde"
    path.write_text(f'<Project xmlns="urn:QDA-XML:project:1.0">{balanced(pieces)}</Project>')
    project = read_refi(path)
    sources = {source.key for source in project.sources}
    selections = {selection.key for selection in project.selections}

    assert all(coding.source in sources for coding in project.codings)
    assert all(coding.selection is None or coding.selection in selections for coding in project.codings)
    assert all(selection.source in sources for selection in project.selections)
    assert len(project.codings) == len({coding.key for coding in project.codings})
    assert len(project.sources) == len(sources)
    assert len(project.selections) == len(selections)


def test_the_helper_s_bytes_are_a_project(tmp_path: Path) -> None:
    """The archive that damage is done to is one that is read."""
    path = tmp_path / "x.qdpx"
    path.write_bytes(WELL.getvalue())

    assert [b"a text"] == [source.text for source in read_refi(path).sources]
