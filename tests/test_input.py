"""Bad input, each a case: one line says file, row and what would be right, and what is good beside it goes through.

A folder of `cases/input/` holds a bundle (`study`) with what goes with it, and `expected.toml`: the command line, the
exit code, and either the one line on stderr (exit code 2) or all findings and verdicts. Bytes that an editor or git
would mangle are written over the copy that a test works on (`bytes` names how).
"""

from __future__ import annotations

import csv
import resource
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from drawn import drawn
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kgtools.cli import main
from kgtools.pipeline import Job
from kgtools.pipeline.carry import lifted
from kgtools.read import encoded, read_bundle
from kgtools.vocabulary import Vocabulary
from kgtools.write import no_formula, one_line

CASES = sorted(path.parent for path in (Path(__file__).parent / "cases" / "input").glob("*/expected.toml"))
HABIT = (Path(__file__).parent / "cases" / "theory" / "habit.ttl").read_bytes()
VOCABULARY = Vocabulary.read()
BRIEFLY = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
AT_LENGTH = settings(max_examples=drawn(150), deadline=None, suppress_health_check=list(HealthCheck))

BYTES: dict[str, Callable[[bytes], bytes]] = {
    "crlf": lambda table: table.replace(b"\n", b"\r\n"),
    "bom": lambda table: b"\xef\xbb\xbf" + table,
    "nul": lambda table: table.replace(b"HERE", b"x\0y"),
    "latin-1": lambda table: table.replace(b"HERE", "café".encode("latin-1")),
    "utf-16": lambda table: table.decode().encode("utf-16"),
    "megabyte": lambda table: table.replace(b"HERE", b"So good " * 2**17),
    "too-long": lambda table: table.replace(b"HERE", b"So good " * 2**20),
}

# fmt: off
COVERED = {
    "actor-called-like-a-role", "broken-utf8", "byte-order-mark", "cell-too-long", "crlf", "crosswalk-broken-yaml",
    "crosswalk-unknown-key", "crosswalk-wrong-term", "empty-file", "empty-table", "explain-unknown-coder",
    "explain-unknown-proposition", "explain-unknown-unit", "explain-unknown-unit-far", "folder-in-place-of-a-table",
    "follows-in-a-circle", "follows-nothing", "formula-in-a-cell", "incident-twice", "leads-to-against-the-steps",
    "leads-to-another-chain", "leads-to-in-a-circle", "leads-to-nothing", "megabyte-in-a-cell", "missing-file",
    "no-incident-column", "nul-bytes", "odd-ids", "output-below-a-file", "output-in-proc", "output-is-a-file",
    "step-no-number", "theory-slot-names-no-class", "two-labels-for-an-actor", "unknown-bearer", "unknown-channel",
    "unknown-code", "unknown-coder", "unknown-column", "unknown-proposition", "unknown-role", "unknown-valence",
}
# fmt: on


def test_each_kind_of_bad_input_has_a_case() -> None:
    """The glob is not empty, and what a stranger may get wrong is in it."""
    assert set() == COVERED - {folder.name for folder in CASES}


def files(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a csv table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_bad_input(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exit code, and the error in one line, or all findings with file, row and message, and the good rows count."""
    expected: dict[str, Any] = tomllib.loads((folder / "expected.toml").read_text("utf-8"))
    work = tmp_path / "work"
    shutil.copytree(folder, work)
    if "bytes" in expected:
        for table in (work / "study").glob("*.csv"):
            table.write_bytes(BYTES[expected["bytes"]](table.read_bytes()))
    before = files(work)
    monkeypatch.chdir(work)
    code = main(expected["command"].split())
    said = capsys.readouterr()
    left = {name: content for name, content in files(work).items() if name not in before}

    assert expected["exit"] == code
    assert before == {name: content for name, content in files(work).items() if name in before}
    assert [] == [name for name in left if name.endswith(".part")]
    if code == 2:
        assert expected["error"] + "\n" == said.err
        assert "" == said.out
        return
    found = [
        [row["severity"], row["shape"], row["file"], int(row["row"] or 0), row["message"]]
        for row in rows(work / "out/findings.csv")
    ]

    assert expected["findings"] == found
    assert expected["verdicts"] == [
        f"{row['unit']} {row['proposition']} {row['verdict']}" for row in rows(work / "out/verdicts.csv")
    ]


# --- Spreadsheets ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=cmd|'/c calc'!A1", "'=cmd|'/c calc'!A1"),
        ("+1+1", "'+1+1"),
        ("-a", "'-a"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r'=1"),
        ("＝1", "'＝1"),
        ("a;=1", "a;'=1"),
        ("a\n=1", "a\n'=1"),
        ("-1", "-1"),
        ("+1.5", "+1.5"),
        ("-1;-2.0;-x", "-1;-2.0;'-x"),
        ("a=b", "a=b"),
        ("I told all; -- or nobody", "I told all; -- or nobody"),
        ("", ""),
    ],
)
def test_no_formula(cell: str, written: str) -> None:
    """What a spreadsheet would compute gets an apostrophe, wherever a cell may begin; plain numbers and text do not."""
    assert written == no_formula(cell)


def test_formula_stays_itself_in_json_and_in_the_graph(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Csv is escaped, in files and on stdout; json and RDF have the value that stood in the cell."""
    cell = "=cmd|'/c calc'!A1"
    (tmp_path / "codings.csv").write_text(f"id,incident,code\nx,{cell},Ownership\n{cell},{cell},Review\n", "utf-8")
    said = {}
    for form in ("csv", "json"):
        assert main(["derive", str(tmp_path), "--format", form, "--quiet"]) == 0
        said[form] = capsys.readouterr().out
    assert main(["import", str(tmp_path), "--quiet"]) == 0
    graph = capsys.readouterr().out

    assert f",'{cell}," in said["csv"]
    assert f",{cell}," not in said["csv"]
    assert f'"unit": "{cell}"' in said["json"]
    assert f'identifier> "{cell}"' in graph


def test_remarks_are_one_line_and_command_no_terminal() -> None:
    """Control characters of a cell are shown, not sent to the terminal."""
    assert "a b \\x1b[31mc \\u202ed" == one_line("a\nb \x1b[31mc \u202ed")


# --- Ids -------------------------------------------------------------------------------------------------------------

NAMES = st.lists(
    st.text(
        st.sampled_from("ab%2F/\n\r\"'<>{}|^`\\ #?;e\u0301\xe9\xc5\u212bA\u030a\u200d\U0001d4b3"),
        min_size=1,
    )
    .map(lambda name: name.strip(" \t\r\n\xa0"))
    .filter(lambda name: name and name.replace("\r", "")),
    min_size=2,
    max_size=8,
    unique=True,
)


def iris(names: list[str], folder: Path) -> None:
    """Bundles with such ids: as many IRIs of each kind as there are names, in RDF that two libraries parse alike."""
    with (folder / "codings.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        table.writerow(["id", "incident", "code", "bearer", "coder", "element"])
        table.writerows([name, name, "Review", f"x{name}", f"x{name}", name] for name in names)
    with (folder / "actors.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        table.writerow(["actor", "role"])
        table.writerows([f"x{name}", "customer"] for name in names)
    bundle = read_bundle(folder, VOCABULARY, base="urn:t:")
    lines = list(lifted([bundle], Job()))
    store = ox.Store()
    store.load("\n".join(lines).encode(), ox.RdfFormat.N_QUADS)
    graph = rdflib.Dataset()
    graph.parse(data="\n".join(lines), format="nquads")
    subjects = {quad.subject.value for quad in store}

    assert [] == bundle.findings
    assert len(store) == len(graph)
    for kind, start in (("incident", ""), ("coding", ""), ("actor", "x"), ("coder", "x")):
        expected = {f"{bundle.iri}/{kind}/{encoded(start + name)}" for name in names}

        assert len(names) == len(expected)
        assert expected <= subjects
    elements = {iri for iri in subjects if "/element/" in iri}

    assert len(names) == len(elements)


@BRIEFLY
@given(NAMES)
@example(["é", "e\u0301"])
@example(["a b", "a%20b", "a+b"])
@example(['http://x.org/?a=b c>"', 'http://x.org/?a=b%20c>"'])
def test_two_ids_are_two_iris(names: list[str]) -> None:
    """Blanks, quotes, percent signs, line breaks, forms of one letter: what differs in a table differs in the graph."""
    with tempfile.TemporaryDirectory() as folder:
        iris(names, Path(folder))


def test_column_with_a_slash_is_no_path(tmp_path: Path) -> None:
    """The ids of a wide row's codings end with their column, and no two come out the same."""
    (tmp_path / "crosswalk.yaml").write_text(
        "shape: wide\ncodes:\n  c: {good: Trust}\n  b/c: {good: Review}\n", encoding="utf-8"
    )
    (tmp_path / "codings.csv").write_text("id,incident,c,b/c\na,I1,good,good\na/b,I1,good,good\n", encoding="utf-8")
    (chunk,) = read_bundle(tmp_path, VOCABULARY).chunks()

    assert 4 == len({coding.iri for coding in chunk.codings["I1"]})
    assert 4 == len({coding.id for coding in chunk.codings["I1"]})


# --- Full disks ------------------------------------------------------------------------------------------------------

GOOD = Path(__file__).parent / "cases" / "input" / "byte-order-mark" / "study"


def kgtools(
    *arguments: str, limit: int | None = None, stdout: Any = subprocess.PIPE
) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own, perhaps with a limit on the size of the files that it writes."""

    def limited() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        [sys.executable, "-m", "kgtools", *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        preexec_fn=limited,
    )


def test_file_that_may_not_grow(tmp_path: Path) -> None:
    """Where a file cannot be written to its end, one line says so, and nothing of it is left."""
    done = kgtools("run", str(GOOD), "-o", str(tmp_path / "out"), limit=2048)

    assert 2 == done.returncode
    assert f"kgtools: {tmp_path}/out/graph.nq: cannot be written (File too large)" in done.stderr
    assert 1 == done.stderr.count("\n")
    assert {} == files(tmp_path)


@contextmanager
def tiny_disk(folder: Path) -> Iterator[Path]:
    """A file system of 16 KiB; needs the right to mount one."""
    folder.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)], capture_output=True, check=False
    ).returncode:
        pytest.skip("no right to mount a file system here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.skipif(sys.platform != "linux" or shutil.which("mount") is None, reason="a small disk is made with mount")
@pytest.mark.parametrize("command", [("run", "-o", "out"), ("import", "-o", "graph.ttl")], ids=["run", "import"])
def test_disk_that_is_full(command: tuple[str, str, str], tmp_path: Path) -> None:
    """On a disk that is too small for the results, one line says so, and nothing half-written is left."""
    with tiny_disk(tmp_path / "disk") as disk:
        (disk / "filler").write_bytes(b"x" * 12 * 1024)
        verb, option, name = command
        done = kgtools(verb, str(GOOD), option, str(disk / name), "--quiet")

        assert 2 == done.returncode
        assert "cannot be written (No space left on device); make room on the disk" in done.stderr
        assert 1 == done.stderr.count("\n")
        assert ["filler"] == list(files(disk))


FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize(
    "arguments",
    [
        ("derive", str(GOOD), "-q"),
        ("run", str(GOOD), "-o", "OUT"),
        ("import", str(GOOD), "-q"),
        ("validate", str(GOOD), "-q"),
        ("--help",),
    ],
    ids=lambda arguments: arguments[0],
)
def test_stdout_that_is_full(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """Where stdout takes nothing, that is one line, also when the interpreter ends."""
    with FULL.open("w") as full:
        done = kgtools(*(str(tmp_path / one) if one == "OUT" else one for one in arguments), stdout=full)

    assert 2 == done.returncode
    assert "kgtools: the result cannot be written (No space left on device); make room on the disk" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


@pytest.mark.skipif(not FULL.is_char_device(), reason="no /dev/full on this system")
def test_device_is_written_to_and_never_replaced(tmp_path: Path) -> None:
    """`-o` with a device writes to it; it does not put a file in its place, whoever asks."""
    device = tmp_path / "full"
    device.symlink_to(FULL)
    done = kgtools("validate", str(GOOD), "--format", "csv", "-o", str(device))

    assert (2, True) == (done.returncode, FULL.is_char_device())
    assert f"kgtools: {device}: cannot be written (No space left on device)" in done.stderr
    assert ["full"] == [path.name for path in tmp_path.iterdir()]


def test_link_stays_a_link(tmp_path: Path) -> None:
    """What is written under a link's name goes where the link leads."""
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")

    assert main(["derive", str(GOOD), "--format", "csv", "--quiet", "-o", str(tmp_path / "link.csv")]) == 0
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text().startswith("unit_type,")


# --- Any bytes, through the command line ------------------------------------------------------------------------------


def ends_well(*arguments: str) -> tuple[int, str]:
    """The exit code of a command line, which is 0, 1 or 2, and stderr; one line of it where it is 2."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(arguments)

    assert code in {0, 1, 2}
    assert code != 2 or 1 == len(err.getvalue().splitlines())
    return code, err.getvalue()


TABLE = (GOOD / "codings.csv").read_bytes()
CROSSWALK = (
    b"shape: segments\ncolumns: {coder: coder}\ndefaults: {channel: Forum}\ncodes:\n  joy: {term: Delight, step: 1}\n"
)


def mutated(content: bytes) -> st.SearchStrategy[bytes]:
    """A file that was right, with some of its bytes replaced, left out or added."""
    strange = st.sampled_from([b"\0", b"\xff", b'"', b"\r", b"\n", b",", b";", b"=", b":", b"\xef\xbb\xbf", b"", b"\t"])
    change = st.tuples(st.integers(0, len(content)), st.integers(0, 3), strange | st.binary(max_size=3))

    def changed(changes: list[tuple[int, int, bytes]]) -> bytes:
        made = content
        for at, width, put in changes:
            made = made[:at] + put + made[at + width :]
        return made

    return st.lists(change, min_size=1, max_size=4).map(changed)


def any_table(content: bytes) -> None:
    """Each row of a table is taken in or a violation, and the command line says findings or one line."""
    with tempfile.TemporaryDirectory() as above:
        study, out = Path(above) / "study", Path(above) / "out"
        study.mkdir()
        (study / "codings.csv").write_bytes(content)
        code, _ = ends_well("run", str(study), "-o", str(out), "--quiet")
        if code == 2:
            assert not out.exists()
            return
        found = [row for row in rows(out / "findings.csv") if row["severity"] == "violation"]
        lost = {row["row"] for row in found if row["file"] == "codings.csv" and row["path"] != "leads_to"}
        bundle = read_bundle(study, VOCABULARY)

        assert bundle.rows_read == bundle.rows_taken + len(lost)
        assert int(bool(found)) == code


def any_crosswalk(content: bytes) -> None:
    """A crosswalk is used, or refused in one line."""
    with tempfile.TemporaryDirectory() as above:
        (Path(above) / "crosswalk.yaml").write_bytes(content)
        ends_well("derive", str(GOOD), "--crosswalk", str(Path(above) / "crosswalk.yaml"), "--quiet")


def any_theory(content: bytes) -> None:
    """A theory is judged by and validated, or refused in one line."""
    with tempfile.TemporaryDirectory() as above:
        (Path(above) / "theory.ttl").write_bytes(content)
        ends_well("derive", str(GOOD), "--theory", str(Path(above) / "theory.ttl"), "--quiet")
        ends_well("validate", str(Path(above) / "theory.ttl"), "--quiet")


TABLES = st.binary(max_size=200) | mutated(TABLE)
CROSSWALKS = st.binary(max_size=60) | mutated(CROSSWALK)
THEORIES = st.binary(max_size=60) | mutated(HABIT)


@BRIEFLY
@given(TABLES)
def test_any_table(content: bytes) -> None:
    """Arbitrary bytes, and tables that are nearly right, never end in a traceback, and no row vanishes."""
    any_table(content)


@BRIEFLY
@given(CROSSWALKS)
def test_any_crosswalk(content: bytes) -> None:
    """Arbitrary and nearly right YAML."""
    any_crosswalk(content)


@settings(BRIEFLY, max_examples=6)
@given(THEORIES)
def test_any_theory(content: bytes) -> None:
    """Arbitrary and nearly right Turtle."""
    any_theory(content)


@pytest.mark.slow
@AT_LENGTH
@given(TABLES)
def test_any_table_at_length(content: bytes) -> None:
    """The same on many more tables."""
    any_table(content)


@pytest.mark.slow
@AT_LENGTH
@given(CROSSWALKS)
def test_any_crosswalk_at_length(content: bytes) -> None:
    """The same on many more crosswalks."""
    any_crosswalk(content)


@pytest.mark.slow
@settings(AT_LENGTH, max_examples=drawn(50))
@given(THEORIES)
def test_any_theory_at_length(content: bytes) -> None:
    """The same on many more theories."""
    any_theory(content)
