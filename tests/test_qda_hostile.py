"""Files that mean harm, through the command line: one line, soon, in little memory, and nothing is written."""

from __future__ import annotations

import os
import resource
import sqlite3
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from qda_writers import Highlight, write_qualcoder, write_taguette
from refi_writer import NVIVO, Mark, Text, write_project

from kgtools.cli import main

TEXTS = [Text("I01", b"The staff was kind.", [Mark(4, 9, ["Delight"], user="Anna")])]
MEMORY = 2 << 30
SECONDS = 20
JUNK = b"Dear diary,\n" * 99

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is limited by the system")


def program(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The program, started in a folder, with so much memory, and with nowhere else to write than the folder."""
    (folder / "tmp").mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", "kgtools", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | {"TMPDIR": str(folder / "tmp"), "PYTHONPATH": str(Path(__file__).parents[1])},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )


def member(name: str, content: bytes) -> Callable[[Path], None]:
    """A project with one more member."""
    return lambda path: zipped(path, {name: content})


def zipped(path: Path, members: dict[str, bytes]) -> None:
    write_project(path, TEXTS)
    with ZipFile(path, "a", ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(ZipInfo(name), content)


def project(before: str) -> Callable[[Path], None]:
    """A project file that begins with something else than it should, alone or in an archive."""

    def write(path: Path) -> None:
        write_project(path, TEXTS)
        with ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        content = members["project.qde"].replace(b"<Project", before.encode() + b"<Project", 1)
        content = content.replace(b'name="I01"', b'name="&k;"')
        if path.suffix == ".qde":
            path.write_bytes(content)
            return
        with ZipFile(path, "w", ZIP_DEFLATED) as archive:
            for name, old in members.items():
                archive.writestr(name, content if name == "project.qde" else old)

    return write


def declared(size: int) -> Callable[[Path], None]:
    """A project with a film that says that it has so many bytes (APPNOTE 6.3, 4.3.12)."""

    def write(path: Path) -> None:
        zipped(path, {"sources/film.mp4": b"x"})
        content = bytearray(path.read_bytes())
        struct.pack_into("<L", content, content.rindex(b"PK\x01\x02") + 24, size)
        path.write_bytes(content)

    return write


def bomb(size: int, said: int | None = None, name: str = "project.qde", count: int = 1) -> Callable[[Path], None]:
    """A project with members of so many bytes, packed to next to nothing; they say that they have `said`."""

    def write(path: Path) -> None:
        packer = zlib.compressobj(9, wbits=-15)
        piece = b" " * (1 << 20)
        packed = b"".join(packer.compress(piece) for _ in range(size >> 20)) + packer.flush()
        sum_ = 0
        for _ in range(size >> 20):
            sum_ = zlib.crc32(piece, sum_)
        texts = [Text(f"I{number}", b"", [Mark(0, 1, ["Delight"])]) for number in range(count)]
        write_project(path, texts)
        with ZipFile(path) as archive:
            members = {one: archive.read(one) for one in archive.namelist()}
        with path.open("wb") as file:
            directory = b""
            for one, content in members.items():
                big = one == name or (name == "texts" and one != "project.qde")
                body = packed if big else content
                at, given = file.tell(), ((said or size) if big else len(content))
                head = struct.pack("<HHHHHLLLHH", 20, 0, 8 if big else 0, 0, 33, sum_ if big else zlib.crc32(content),
                                   len(body), given, len(one), 0)  # fmt: skip
                file.write(b"PK\x03\x04" + head + one.encode() + body)
                directory += b"PK\x01\x02" + struct.pack("<H", 20) + head + struct.pack("<HHHLL", 0, 0, 0, 0, at)
                directory += one.encode()
            end = struct.pack("<HHHHLLH", 0, 0, len(members), len(members), len(directory), file.tell(), 0)
            file.write(directory + b"PK\x05\x06" + end)

    return write


def cut(path: Path) -> None:
    write_project(path, TEXTS)
    path.write_bytes(path.read_bytes()[:-30])


def junk(path: Path) -> None:
    path.write_bytes(JUNK)


def begins_well(path: Path) -> None:
    path.write_bytes(b"SQLite format 3\0" + JUNK)


def somebodys(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE secrets (a, b)")


def folder_of_junk(path: Path) -> None:
    path.mkdir()
    junk(path / "data.qda")


def damaged(path: Path) -> None:
    """A database with pages that say nothing."""
    write_taguette(path, {"One": "<p>Words</p>" * 999}, [Highlight("One", "Words", ["Delight"])])
    content = bytearray(path.read_bytes())
    content[4096 : 4096 * 3] = b"\xff" * 8192
    path.write_bytes(content)


def views(path: Path) -> None:
    """A database whose table of texts is a view that would never end."""
    write_qualcoder(path, {})
    with closing(sqlite3.connect(path / "data.qda")) as connection, connection:
        connection.execute("DROP TABLE source")
        rows = "WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT id FROM n"
        connection.execute(f"CREATE VIEW source AS SELECT id, 'x' AS name, 'x' AS fulltext FROM ({rows})")


LAUGHS = (
    '<!DOCTYPE Project [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {one} "{f"&{other};" * 10}">' for other, one in zip("abcdefghij", "bcdefghijk", strict=True))
    + "]>"
)
OUTSIDE = '<!DOCTYPE Project [<!ENTITY k SYSTEM "secret.txt">]>'
PARAMETER = '<!DOCTYPE Project [<!ENTITY % k SYSTEM "http://localhost:9/x.dtd"> %k;]>'
DOCTYPE = "has a document type (<!DOCTYPE …>), which no project needs; delete it"
POINTS = "points out of the archive; a name within it is needed"
ANEW = "is damaged or was cut off; export the project anew"

HOSTILE: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "traversal": ("x.qdpx", member("sources/../../../t.txt", b"x"), POINTS),
    "traversal with backslashes": ("x.zip", member("..\\t.txt", b"x"), POINTS),
    "absolute path": ("x.qdpx", member("/etc/cron.d/t", b"x"), POINTS),
    "drive": ("x.qdpx", member("C:\\Windows\\t.txt", b"x"), POINTS),
    "bomb": ("x.qdpx", bomb(300 << 20), "has 314,572,800 bytes; at most 268,435,456 are read"),
    "bomb in a text": ("x.qdpx", bomb(300 << 20, name="texts"), "has 314,572,800 bytes; at most 268,435,456 are read"),
    "bomb that says it is small": ("x.qdpx", bomb(300 << 20, 1000), ANEW),
    "many bombs": ("x.qdpx", bomb(250 << 20, name="texts", count=4), "have more than 536,870,912 bytes in all"),
    "entities of entities": ("x.qde", project(LAUGHS), DOCTYPE),
    "entities of entities, packed": ("x.qdpx", project(LAUGHS), DOCTYPE),
    "an entity of another file": ("x.qde", project(OUTSIDE), DOCTYPE),
    "an entity of another file, packed": ("x.qdpx", project(OUTSIDE), DOCTYPE),
    "an entity of the web": ("x.qdpx", project(PARAMETER), DOCTYPE),
    "2 GB declared": ("x.qdpx", declared(2**31), "says that it has 2,147,483,648 bytes; 2,147,483,647 are allowed"),
    "4 GB declared": ("x.qdpx", declared(2**32 - 2), "says that it has 4,294,967,294 bytes"),
    "truncated": ("x.qdpx", cut, "the zip archive is damaged or was cut off; export the project anew"),
    "no XML": ("x.qde", junk, "is no XML that can be read"),
    "no XML, no archive": ("x.qdpx", junk, "is no XML that can be read"),
    "no XML in the archive": ("x.qdpx", project("Dear diary <"), "is no XML that can be read"),
    "no SQLite: .qda": ("data.qda", junk, "is no SQLite database; name the one that Taguette or QualCoder keeps"),
    "no SQLite: .sqlite3": ("x.sqlite3", junk, "is no SQLite database; name the one that Taguette or QualCoder keeps"),
    "no SQLite: .db": ("x.db", junk, "is no SQLite database; name the one that Taguette or QualCoder keeps"),
    "no SQLite: a folder": ("X.qda", folder_of_junk, "X.qda/data.qda: is no SQLite database; name the one that"),
    "no SQLite beyond its first bytes": ("x.qda", begins_well, "cannot be read as a SQLite database"),
    "SQLite of another program": ("x.db", somebodys, "is a SQLite database, but neither Taguette's nor QualCoder's"),
    "SQLite of any other name": ("x.bin", somebodys, "is a SQLite database, but neither Taguette's nor QualCoder's"),
    "SQLite with damaged pages": ("x.sqlite3", damaged, "is damaged"),
    "a view without end": ("X.qda", views, "is a SQLite database, but neither Taguette's nor QualCoder's"),
    "of no known kind": ("x.docx", junk, "is nothing that can be read; there are tables (.csv, .tsv, .xlsx, .parquet"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_file(case: str, tmp_path: Path) -> None:
    """One line that names the file, exit code 2, nothing written and no other file read, in seconds and 2 GB."""
    name, write, said = HOSTILE[case]
    write(tmp_path / name)
    (tmp_path / "secret.txt").write_text("SECRET")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    start = time.perf_counter()
    done = program(tmp_path, "import", name, "-o", "out.nq", "--jobs", "1")
    seconds = time.perf_counter() - start
    (tmp_path / "tmp").rmdir()  # where nothing is left

    assert (2, "", 1) == (done.returncode, done.stdout, done.stderr.count("\n"))
    assert done.stderr.startswith(f"kgtools: {name}")
    assert said in done.stderr
    assert "SECRET" not in done.stderr
    assert seconds < SECONDS
    assert before == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}


@pytest.mark.parametrize("command", ["run", "validate", "derive", "agreement", "report", "import --draft-crosswalk"])
def test_every_command_refuses(command: str, tmp_path: Path) -> None:
    """Whatever is to be done with a hostile file, it ends in the same line."""
    HOSTILE["traversal"][1](tmp_path / "x.qdpx")
    first, *more = command.split()
    done = program(tmp_path, first, "x.qdpx", *more, "-o", "out.html" if first == "report" else "out")

    assert (2, "") == (done.returncode, done.stdout)
    assert f"kgtools: x.qdpx: the archive's member `sources/../../../t.txt` {POINTS}\n" == done.stderr
    assert ["tmp", "x.qdpx"] == sorted(path.name for path in tmp_path.iterdir())


def test_the_home_of_whoever_exported(tmp_path: Path) -> None:
    """A path of somebody's computer, as `basePath` or of a source, is in no graph and in no remark."""
    home = "C:\\Users\\jdoe\\Documents"
    body = f'<Sources><TextSource guid="a" name="Letter" plainTextPath="absolute://{home}\\letter.txt"/></Sources>'
    write_project(tmp_path / "x.qdpx", TEXTS, style=NVIVO, body=body)
    done = program(tmp_path, "import", "x.qdpx", "-o", "out.nq", "--fail-on", "never")

    assert home in NVIVO.attributes.values()
    assert (0, "") == (done.returncode, done.stdout)
    assert "jdoe" not in (tmp_path / "out.nq").read_text() + done.stderr
    assert '"The staff was kind."' in (tmp_path / "out.nq").read_text()


def test_changes_that_wait_in_a_log(tmp_path: Path) -> None:
    """A database that its program has open is read with what waits in its log, and nothing is written beside it."""
    path = write_taguette(tmp_path / "x.sqlite3", {"One": "<p>Words</p>"}, [])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("UPDATE documents SET name = 'Two'")
        connection.commit()
        before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
        done = program(tmp_path, "import", "x.sqlite3", "-o", "out.nq", "--fail-on", "never")

        after = {name: (tmp_path / name).read_bytes() for name in before}

    assert (0, "") == (done.returncode, done.stdout)
    assert '"Two"' in (tmp_path / "out.nq").read_text()
    assert before == after


@pytest.mark.parametrize("name", ["crosswalk.yaml", "dialects.yaml"])
def test_anchors_within_anchors(name: str, tmp_path: Path) -> None:
    """YAML whose few lines stand for more than any memory holds is refused; anchors that serve are not."""
    laughs = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    (tmp_path / "x.csv").write_text("document,code\nI1,Delight\n")
    told = []
    for content in (f"a0: &a0 x\n{laughs}", "codes:\n  Joy: &joy {term: Delight}\n  Glee: *joy\n"):
        (tmp_path / name).write_text(content)
        option = ["--crosswalk", name] if name == "crosswalk.yaml" else []
        told.append(program(tmp_path, "import", "x.csv", "-o", "out.nq", "--quiet", *option).stderr)

    assert told[0].endswith(f"{name}: names its anchors (&, *) so often that they come to far more than the file\n")
    assert "anchors" not in told[1]
    assert (tmp_path / "out.nq").exists() == (name == "crosswalk.yaml")


@pytest.mark.parametrize("name", ["x.tab", "x.txt", "x.xls"])
def test_a_table_of_our_own_columns_by_another_ending(name: str, tmp_path: Path) -> None:
    """A bundle's own table by an ending that only programs' tables have is told what to be saved as."""
    (tmp_path / name).write_text("incident,code\nI1,Delight\n")
    done = program(tmp_path, "import", name, "-o", "out.nq")

    assert 2 == done.returncode
    assert f"kgtools: {name}: has the columns of a bundle's own table; save it as .csv or .xlsx\n" == done.stderr


def test_too_little_memory(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What needs more memory than there is ends in one line, too."""

    def full(_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("kgtools.read.is_bundle", full)
    code = main(["import", "x.csv"])

    assert 2 == code
    assert "kgtools: there is not enough memory for this; take less data at a time, or a machine with more\n" == (
        capsys.readouterr().err
    )
