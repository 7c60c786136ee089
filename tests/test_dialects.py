"""Tables of coding programs: each dialect, encoding and separator gives the rows that the program meant."""

from __future__ import annotations

import csv
import io
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from drawn import drawn
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kgtools.errors import InputError
from kgtools.read.encoding import as_utf8
from kgtools.read.qda.export import SELECTION, Export
from kgtools.read.qda.segments.dialects import Dialect, bundled, read_dialects
from kgtools.read.qda.segments.joined import Parted, part
from kgtools.read.qda.segments.table import load_export
from kgtools.read.tables import keys, quoted

CASES = sorted((Path(__file__).parent / "cases" / "dialects").iterdir())
SHARED = Path(__file__).parents[2] / "shared" / "data"
BRIEFLY = settings(
    max_examples=drawn(int(os.environ.get("FUZZ_EXAMPLES", "60"))),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

Rows = list[dict[str, str]]


def load(path: Path, dialects: Sequence[Dialect] = (), ours: dict[str, str] | None = None) -> tuple[Export, Rows]:
    """A table as an export, and its raw rows by the names of columns; empty cells and inner keys left out."""
    with duckdb.connect() as database:
        export = load_export(database, "raw", path, path.name, (*dialects, *bundled()), ours)
        assert export is not None
        cells = ", ".join(quoted(key) for key in keys(export.columns))
        rows = database.execute(f'SELECT lineno, {cells} FROM raw ORDER BY "row"').fetchall()
    names = ["lineno", *export.columns]
    return export, [
        {name: str(cell) for name, cell in zip(names, row, strict=True) if cell is not None and name != SELECTION}
        for row in rows
    ]


def table(folder: Path, text: str | bytes, name: str = "table.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return path


def as_csv(rows: Sequence[Sequence[Any]], separator: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue()


def rows_of(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return [{name: cell for name, cell in row.items() if cell} for row in csv.DictReader(file)]


# --- Programs --------------------------------------------------------------------------------------------------------


def test_there_are_cases() -> None:
    """Every dialect has a case, so that none can rot."""
    programs = {load(table_of(case), dialects_of(case))[0].program for case in CASES}

    assert {dialect.program for dialect in bundled()} <= programs


def table_of(case: Path) -> Path:
    (path,) = (file for file in case.iterdir() if file.name not in ("dialects.yaml", "expected.csv", "findings.csv"))
    return path


def dialects_of(case: Path) -> tuple[Dialect, ...]:
    own = case / "dialects.yaml"
    return read_dialects(own) if own.exists() else ()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Path) -> None:
    """A table as the program writes it gives the rows and findings beside it, and nothing else."""
    export, rows = load(table_of(case), dialects_of(case))
    expected = case / "findings.csv"
    found = [
        {"severity": one.severity, "shape": one.shape, "row": str(one.row or ""), "message": one.message}
        for one in export.findings
    ]

    assert rows_of(case / "expected.csv") == rows
    assert (rows_of(expected) if expected.exists() else []) == [
        {name: cell for name, cell in one.items() if cell} for one in found
    ]


def test_maxqda_sample() -> None:
    """MAXQDA 12 in Polish, old binary Excel: 402 codings with coder, paragraphs and ISO dates."""
    path = SHARED / "maxqda" / "maxqda12-segments-polish.xls"
    if not path.exists():
        pytest.skip("needs ../shared/data, which is no part of the project")
    export, rows = load(path)

    assert ("MAXQDA", 402, []) == (export.program, len(rows), export.findings)
    assert {
        "lineno": "3",
        "code": "ROLE",
        "coder": "agata",
        "segment": "secretário de estado,",
        "coded_at": "2017-11-30T20:55:31",
        "document": "0_229",
        "native_start": "1",
        "native_end": "1",
        "offset_rule": "paragraph",
        "Waga": "0",
        "Objętość": "21",
        "Obszar %": "3.9179104477611943",
    } == rows[1]
    assert {"agata"} == {row["coder"] for row in rows}
    assert all("T" in row["coded_at"] for row in rows)


def test_called() -> None:
    """It is told what the file calls our columns, so that findings can name them as people see them."""
    export, _ = load(Path(__file__).parent / "cases/dialects/maxqda-polish/segmenty.txt")

    assert {"document": "Nazwa dokumentu", "code": "Kod", "segment": "Fragment", "coder": "Autor"}.items() <= (
        export.called.items()
    )


def test_codes_that_were_never_applied() -> None:
    """Where each code has columns, the codebook is known, with codes that no row has."""
    export, _ = load(Path(__file__).parent / "cases/dialects/dedoose/DedooseChartExcerpts.csv")

    assert [("Staff",), ("Staff", "Helpful"), ("Price Range",)] == [code.path for code in export.codes]


def test_neither_applied_nor_not(tmp_path: Path) -> None:
    """A cell that does not say whether a code applies is a finding, and makes no coding."""
    header = ["Media Title", "Excerpt Copy", "Code: A Applied", "Code: B Applied"]
    path = table(tmp_path, as_csv([header, ["D", "x", "True", "perhaps"], ["D", "y", "false", "TRUE"]]))
    export, rows = load(path)

    assert ["A", "B"] == [row["code"] for row in rows]
    assert [("code:applied", 2, "perhaps")] == [(one.shape, one.row, one.value) for one in export.findings]


HEADER = ["Color", "Document group", "Document name", "Code", "Beginning", "End", "Segment", "Created by", "Created"]
ROW = ["●", "G", "Ana", "Staff > Helpful", "1", "2", "She helped.", "maria", "30.11.2017 20:55"]


@pytest.mark.parametrize("ending", [".csv", ".txt", ".tab", ".dat", ".xlsx", ".xls", ""])
@pytest.mark.parametrize("kind", ["text", "workbook"])
def test_content_not_ending(kind: str, ending: str, tmp_path: Path) -> None:
    """What a file is, its content says: a workbook may be called .csv, and a text table .xls."""
    path = tmp_path / f"table{ending}"
    if kind == "text":
        table(tmp_path, as_csv([HEADER, ROW], "\t"), path.name)
    else:
        book = openpyxl.Workbook()
        sheet = book.worksheets[0]
        for row in (HEADER, ROW):
            sheet.append(row)
        with path.open("wb") as file:
            book.save(file)
        book.close()
    export, rows = load(path)

    assert ("MAXQDA", "Staff > Helpful", "2017-11-30T20:55:00") == (
        export.program,
        rows[0]["code"],
        rows[0]["coded_at"],
    )


def test_second_sheet(tmp_path: Path) -> None:
    """Of a workbook, the first sheet is taken that a program wrote; the others are named."""
    book = openpyxl.Workbook()
    book.worksheets[0].append(["Report of today"])
    sheet = book.create_sheet("Segments")
    for row in (HEADER, ROW):
        sheet.append(row)
    book.save(tmp_path / "two.xlsx")
    book.close()
    export, rows = load(tmp_path / "two.xlsx")

    assert ["She helped."] == [row["segment"] for row in rows]
    assert ["of the workbook, `Segments` is read, and not `Sheet`"] == [one.message for one in export.findings]


def test_cells_with_types(tmp_path: Path) -> None:
    """A workbook's numbers and dates are what a person sees: paragraph 3, not 3.0."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(HEADER)
    sheet.append([*ROW[:4], 3.0, 4, *ROW[6:]])
    book.save(tmp_path / "typed.xlsx")
    book.close()
    _, rows = load(tmp_path / "typed.xlsx")

    assert ("3", "4") == (rows[0]["native_start"], rows[0]["native_end"])


XLS = Path(__file__).parent / "cases/dialects/maxqda-xls/segments.xls"


def test_protected_xls(tmp_path: Path) -> None:
    """An old workbook that is encrypted costs one line."""
    content = bytearray(XLS.read_bytes())
    after = content.index(b"\x09\x08\x10\x00") + 20  # the workbook's first record, BOF, has 4 + 16 bytes
    content[after : after + 2] = b"\x2f\x00"  # FILEPASS ([MS-XLS] 2.4.117)

    with pytest.raises(InputError, match="is protected by a password; save it without one"):
        load(table(tmp_path, bytes(content), "secret.xls"))


def test_xls_that_asks_for_too_much(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """An old workbook whose cells would take hundreds of GiB costs one line, and the process lives on."""
    content = bytearray(XLS.read_bytes())
    cell = content.rindex(b"\xfd\x00\x0a\x00") + 4  # LabelSst ([MS-XLS] 2.4.149): row, column, …
    content[cell : cell + 4] = b"\xff\xff\xff\xff"

    with pytest.raises(InputError, match="cannot be read as a workbook"):
        load(table(tmp_path, bytes(content), "far.xls"))
    assert ("", "") == capfd.readouterr()


@pytest.mark.parametrize("part", [0.2, 0.5, 0.9])
def test_xls_cut_off(part: float, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """An old workbook that is cut off costs one line, with no trace of what read it."""
    content = XLS.read_bytes()

    with pytest.raises(InputError, match=r"cannot be read as a workbook|holds no workbook"):
        load(table(tmp_path, content[: int(len(content) * part)], "half.xls"))
    assert ("", "") == capfd.readouterr()


# --- What is no export, and what is not known ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("incident,code\nI1,Review\n", {}),
        ("tweet,label\nI1,Review\n", {"incident": "tweet", "code": "label"}),
        ("incident,code,Document name,Code,Segment\nI1,Review,a,b,c\n", {}),
    ],
    ids=["own", "by the crosswalk", "both"],
)
def test_own_table(text: str, ours: dict[str, str], tmp_path: Path) -> None:
    """A table with the columns that a bundle must have is none of a program's, whatever else it has."""
    with duckdb.connect() as database:
        assert load_export(database, "raw", table(tmp_path, text), "table.csv", bundled(), ours) is None


def test_parquet_is_no_export(tmp_path: Path) -> None:
    """No program exports parquet; such a file goes the way of bundles."""
    with duckdb.connect() as database:
        assert load_export(database, "raw", table(tmp_path, b"PAR1.."), "table.csv", bundled()) is None


UNKNOWN = {
    "nearest first": (
        "Document name;Kommentar;Code\n",
        "1: is no program's table that is known by its header (Document name, Kommentar, Code): MAXQDA lacks `Segment`",
    ),
    "every dialect": ("Dok,Wer\n", "Dedoose lacks `Media Title`, `Excerpt Copy`, `Code: … Applied`"),
    "what to do": ("Dok,Wer\n", "say in crosswalk.yaml which columns are which (columns: {code: …, document: …})"),
    "web page": ("\ufeff <html><table>", "is HTML or XML, whatever it is called; export the table as .xlsx or .csv"),
    "PDF": ("%PDF-1.7", "is a PDF, whatever it is called"),
    "empty": ("", "is empty; a header row was expected"),
    "open quotes": ('"id,document\n', "1: the header cannot be read: a quotation mark is not closed"),
    "long": ("x" * 9000 + "\n", f"({'x' * 29}…)"),
    "control characters": ("a\x1b[31mb,c\n", "(a [31mb, c)"),
    "many": (",".join(f"c{n}" for n in range(99)), "c10, c11, …)"),
}


@pytest.mark.parametrize(("text", "said"), UNKNOWN.values(), ids=UNKNOWN)
def test_unknown_table(text: str, said: str, tmp_path: Path) -> None:
    """A table that no dialect fits costs one line: its headers, what each dialect missed, and what would help."""
    with pytest.raises(InputError) as error, duckdb.connect() as database:
        load_export(database, "raw", table(tmp_path, text), "table.csv", bundled())

    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 1200


def test_columns_of_a_crosswalk(tmp_path: Path) -> None:
    """A crosswalk may say which columns of an unknown table are which, and overrules a dialect."""
    unknown = table(tmp_path, "Dok;Etikett;Wer\nA;Lob;C\n")
    known = table(tmp_path, as_csv([[*HEADER, "Checked by"], [*ROW, "jonas"]]), "known.csv")
    _, one = load(unknown, ours={"document": "Dok", "code": "Etikett", "coder": "Wer"})
    export, two = load(known, ours={"coder": "Checked by", "incident": "Document name"})

    assert [{"lineno": "2", "document": "A", "code": "Lob", "coder": "C"}] == one
    assert ("jonas", "maria", "Ana", "Ana") == (
        two[0]["coder"],
        two[0]["Created by"],
        two[0]["incident"],
        two[0]["document"],
    )
    assert "MAXQDA" == export.program


def test_rows_that_cannot_be_taken(tmp_path: Path) -> None:
    """A row with too few or too many cells is a finding with its line; the others go through."""
    text = "id,document,tag,content\n1,a,b\n2,a,b,c\n\n3,a,b,c,d\n"
    export, rows = load(table(tmp_path, text))

    assert ["3"] == [row["lineno"] for row in rows]
    assert [("row:unreadable", 2), ("row:unreadable", 5)] == [(one.shape, one.row) for one in export.findings]


def test_first_line_of_excel(tmp_path: Path) -> None:
    """A first line `sep=;` is no header: it says what separates the cells."""
    export, rows = load(table(tmp_path, "sep=;\r\nid;document;tag;content\r\n1;a;b;c,d\r\n"))

    assert (2, [{"lineno": "3", "id": "1/b", "document": "a", "code": "b", "segment": "c,d"}]) == (export.header, rows)


# --- Dialects --------------------------------------------------------------------------------------------------------

WRONG = {
    "unknown key": ("P:\n  colums: {}\n", "2: `P`: unknown key `colums`; there are program, columns, required"),
    "no list": ("P:\n  columns:\n    code: Code\n  required: [code]\n", "3: `P`: `code` is a list of words"),
    "no columns": ("P:\n  required: [code]\n", "1: `P`: `columns` is missing"),
    "no such column": (
        "P:\n  columns: {code: [c], wer: [w]}\n  required: [code]\n",
        "1: `P`: `wer` is no column of ours; there are bearer, case, code",
    ),
    "required without header": (
        "P:\n  columns: {code: [c]}\n  required: [code, document]\n",
        "1: `P`: `document` is required, but no header is given for it under `columns`",
    ),
    "no code": ("P:\n  columns: {coder: [c]}\n  required: [coder]\n", "1: `P` does not say where codes stand"),
    "two ways": (
        "P:\n  columns: {code: [c]}\n  required: [code]\n  split: {codes: [a], joined_by: [b]}\n",
        "1: `P` says in more than one way where codes stand",
    ),
    "flag": ("P:\n  columns: {code: [c]}\n  required: [code]\n  shared_id: maybe\n", "4: `P`: `shared_id`"),
    "unit": ("P:\n  columns: {code: [c]}\n  required: [code]\n  unit: inch\n", "4: `P`: `unit`"),
    "date": ("P:\n  columns: {code: [c]}\n  required: [code]\n  dates: [DD.MM.YYYY]\n", "4: `P`: `dates`"),
    "twice": ("P:\n  required: [code]\nP:\n  required: [code]\n", "3: `P` stands twice"),
    "list": ("- P\n", "1: dialects are a mapping"),
    "word": ("P: Q\n", "1: `P` is no mapping"),
    "split": (
        "P:\n  columns: {coder: [c]}\n  required: [coder]\n  split: {codes: [a]}\n",
        "4: `P`: `joined_by` is missing",
    ),
    "joined by nothing": (
        "P:\n  columns: {coder: [c]}\n  required: [coder]\n  split: {codes: [a], joined_by: ['']}\n",
        "4: `P`: `joined_by` has an empty word",
    ),
    "parted by nothing": (
        "P:\n  columns: {code: [c]}\n  required: [code]\n  separators: ['']\n",
        "4: `P`: `separators` has an empty word",
    ),
    "beside nothing": (
        "P:\n  columns: {coder: [c]}\n  required: [coder]\n  applied: {yes: [x], beside: ['']}\n",
        "4: `P`: `beside` has an empty word",
    ),
}


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=WRONG)
def test_wrong_dialect(text: str, said: str, tmp_path: Path) -> None:
    """A mistake in a file of dialects is one line with file and line, and says what would be right."""
    with pytest.raises(InputError) as error:
        read_dialects(table(tmp_path, text, "dialects.yaml"))

    assert f"dialects.yaml:{said}" in str(error.value)


def test_own_dialect_is_tried_first(tmp_path: Path) -> None:
    """Where a dialect of one's own knows as many columns as one of ours, one's own is taken."""
    own = "Mine:\n  columns: {document: [tag], code: [content], id: [id], segment: [document]}\n  required: [code]\n"
    dialects = read_dialects(table(tmp_path, own, "dialects.yaml"))
    export, rows = load(table(tmp_path, "id,document,tag,content\n1,a,b,c\n"), dialects)

    assert ("Mine", {"lineno": "2", "id": "1", "segment": "a", "document": "b", "code": "c"}) == (
        export.program,
        rows[0],
    )


def test_names_beside_a_code_that_are_ours(tmp_path: Path) -> None:
    """What stands beside a code may be called as a dialect likes, also like columns of ours."""
    own = "Mine:\n  columns: {document: [Doc]}\n  required: [document]\n"
    own += "  applied: {after: ' On', yes: [x], beside: [' Code', ' code', ' place', ' end 2']}\n"
    dialects = read_dialects(table(tmp_path, own, "dialects.yaml"))
    _, rows = load(table(tmp_path, "Doc,Joy On,Joy Code,Joy code,Joy place,Joy end 2\nd,x,1,2,3,4\n"), dialects)

    assert [("Joy", ["1", "2", "3", "4"])] == [(row["code"], list(row.values())[-4:]) for row in rows]


def test_documents_that_are_paths(tmp_path: Path) -> None:
    """A document that is called by a path is called by its last part, and stays another than what is called so."""
    documents = ["x.txt", "~/anna/x.txt", "/home/ben/x.txt", "~/anna/x.txt", "Group/y", "C:\\Users\\anna\\z.txt"]
    _, rows = load(
        table(tmp_path, as_csv([["id", "document", "tag", "content"], *([1, d, "t", "c"] for d in documents)]))
    )

    assert ["x.txt", "x.txt (2)", "x.txt (3)", "x.txt (2)", "Group/y", "z.txt"] == [row["document"] for row in rows]


# --- Codes joined in a cell ------------------------------------------------------------------------------------------

JOINED = {
    "one": ({("A, B", 1)}, {("A, B", 1): Parted(("A, B",), True)}),
    "as many as marks": ({("A, B", 2)}, {("A, B", 2): Parted(("A", "B"), True)}),
    "known from another cell": (
        {("B, C", 1), ("A, B, C", 2)},
        {("B, C", 1): Parted(("B, C",), True), ("A, B, C", 2): Parted(("A", "B, C"), True)},
    ),
    "known step by step": (
        {("A", 1), ("A, B, C", 2), ("B, C, D, E", 2)},
        {
            ("A", 1): Parted(("A",), True),
            ("A, B, C", 2): Parted(("A", "B, C"), True),
            ("B, C, D, E", 2): Parted(("B, C", "D, E"), True),
        },
    ),
    "in several ways": ({("A, B, C", 2)}, {("A, B, C", 2): Parted(("A, B", "C"), False)}),
    "both known": (
        {("A", 1), ("A, B", 1), ("B, C", 1), ("C", 1), ("A, B, C", 2)},
        {
            ("A", 1): Parted(("A",), True),
            ("C", 1): Parted(("C",), True),
            ("A, B", 1): Parted(("A, B",), True),
            ("B, C", 1): Parted(("B, C",), True),
            ("A, B, C", 2): Parted(("A, B", "C"), False),
        },
    ),
    "lines": (
        {("A, x\nB", 2), ("C", 1)},
        {("A, x\nB", 2): Parted(("A, x", "B"), True), ("C", 1): Parted(("C",), True)},
    ),
    "line breaks in a name": (
        {("A\nx", 1), ("A\nx\nB", 2)},
        {("A\nx", 1): Parted(("A\nx",), True), ("A\nx\nB", 2): Parted(("A\nx", "B"), True)},
    ),
    "fewer said than lines": ({("A\nB\nC", 2)}, {("A\nB\nC", 2): Parted(("A", "B", "C"), False)}),
    "no number, lines": ({("A, x\r\nB", None)}, {("A, x\r\nB", None): Parted(("A, x", "B"), True)}),
    "no number, known": (
        {("A", None), ("B", None), ("A, B", None)},
        {
            ("A", None): Parted(("A",), True),
            ("B", None): Parted(("B",), True),
            ("A, B", None): Parted(("A", "B"), True),
        },
    ),
    "no number, unknown": ({("A, B", None)}, {("A, B", None): Parted(("A", "B"), False)}),
    "too many said": ({("A, B", 3)}, {("A, B", 3): Parted(("A", "B"), False)}),
}


@pytest.mark.parametrize(("cells", "expected"), JOINED.values(), ids=JOINED)
def test_joined_codes(cells: set[tuple[str, int | None]], expected: dict[tuple[str, int | None], Parted]) -> None:
    """Joined names are cut by their number and by names that are known; what can be cut otherwise is not sure."""
    assert expected == part(cells, ("\n", "; ", ", ", ";", ","))


def test_a_long_chain_of_joined_codes() -> None:
    """Cells of which each makes a name in the next one known are all cut, and not each as often as there are cells."""
    chain = 3_000
    cells = {("0, x", 1), *((f"{n}, x, {n + 1}, x", 2) for n in range(chain))}
    begun = time.monotonic()
    found = part(cells, (", ",))

    assert all(one.sure for one in found.values())
    assert (f"{chain - 1}, x", f"{chain}, x") == found[f"{chain - 1}, x, {chain}, x", 2].names
    assert time.monotonic() - begun < 20


def test_very_many_joined_codes() -> None:
    """A cell of a hundred thousand commas is done with at once."""
    cell = (", ".join("a" * 100_000), 5)

    assert not part({cell}, (", ", ",")).pop(cell).sure


NAMES = st.lists(
    st.text("abc ,", min_size=1, max_size=6).map(str.strip).filter(bool), min_size=1, max_size=6, unique=True
)


@BRIEFLY
@given(names=NAMES, data=st.data())
def test_nothing_of_joined_codes_is_lost(names: list[str], data: st.DataObject) -> None:
    """However a cell is cut, its letters are all there."""
    picked = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=4, unique=True))
    cell = (", ".join(picked), len(picked))
    parted = part({cell, *((name, 1) for name in names)}, ("\n", ", "))[cell]

    def letters(text: str) -> str:
        return text.replace(",", "").replace(" ", "")

    assert letters("".join(picked)) == letters("".join(parted.names))


# --- Encodings and separators ----------------------------------------------------------------------------------------

TEXTS = {
    "cp1252": "très déçu, l’été – 100 € für Käse, coração",
    "cp1250": "Zażółć gęślą jaźń, Příliš žluťoučký kůň",
    "iso8859_2": "Zażółć gęślą jaźń, usługa była świetna",
    "cp1251": "Мне не понравилось обслуживание",
    "koi8_r": "Мне не понравилось обслуживание",
    "cp1253": "Η εξυπηρέτηση ήταν πολύ καλή",
    "mac_roman": "très déçu, l'été",
    "gb18030": "服务非常好，店员也很热情，我很满意",
    "utf-8": "Žluťoučký 🐎 — 服务",
    "utf-8-sig": "Žluťoučký 🐎 — 服务",
    "utf-16": "Žluťoučký 🐎 — 服务",
    "utf-16-le": "Žluťoučký 🐎",
    "utf-16-be": "Žluťoučký 🐎",
    "utf-32": "Žluťoučký 🐎 — 服务",
}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize(("encoding", "said"), TEXTS.items(), ids=TEXTS)
def test_encoding(encoding: str, said: str, end: str, tmp_path: Path) -> None:
    """Text in every encoding that occurs, with every line end, is read as it was meant, and told where not Unicode."""
    path = table(
        tmp_path,
        as_csv([["id", "document", "tag", "content"], ["1", "a", "b", said]]).replace("\r\n", end),
        encoding=encoding,
    )
    export, rows = load(path)

    assert [said] == [row["segment"] for row in rows]
    assert (encoding[:5] != "utf-8") == ("table:encoding" in [one.shape for one in export.findings])


def test_encoding_by_the_header(tmp_path: Path) -> None:
    """Where the letters alone leave it open, the header that a program writes decides."""
    header = ["Nazwa dokumentu", "Kod", "Początek", "Fragment"]
    for encoding in ("cp1250", "iso8859_2"):
        _, rows = load(table(tmp_path, as_csv([header, ["A", "ą", "1", "x"]], ";"), encoding=encoding))

        assert ("ą", "1") == (rows[0]["code"], rows[0]["native_start"])


def test_damaged_utf8(tmp_path: Path) -> None:
    """A table that is UTF-8 but for a byte stays that: the row is a finding, and no other row changes its letters."""
    text = "id,document,tag,content\n1,a,b,Zażółć gęślą\n".encode() + b"2,a,b,caf\xe9\n" + "3,a,b,jaźń\n".encode()
    export, rows = load(table(tmp_path, text))

    assert ["Zażółć gęślą", "jaźń"] == [row["segment"] for row in rows]
    assert [("row:unreadable", 3)] == [(one.shape, one.row) for one in export.findings]


def test_decoding_in_pieces(tmp_path: Path) -> None:
    """A letter that lies across two pieces of a large file is whole."""
    text = "a" + "ž" * (2**20 + 1)
    path = table(tmp_path, text, encoding="utf-16")
    with as_utf8(path, lambda _: 0) as (file, encoding):
        assert (text, "utf-16") == (file.read().decode(), encoding)


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12).map(str.strip)
GRID = st.lists(st.tuples(CELLS, CELLS.filter(bool), CELLS), min_size=1, max_size=5)


@BRIEFLY
@given(
    cells=GRID,
    separator=st.sampled_from([",", ";", "\t"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    order=st.permutations(range(4)),
)
def test_round_trip(
    cells: list[tuple[str, str, str]],
    separator: str,
    encoding: str,
    order: list[int],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """What is written as a program's table, in any order of columns, separator and Unicode encoding, is read again."""
    header = ["Document name", "Code", "Segment", "Weight score"]
    grid = [
        [document, code.replace(">", "").replace("\\", "").strip() or "c", segment, "0"]
        for document, code, segment in cells
    ]
    text = as_csv([[row[place] for place in order] for row in [header, *grid]], separator)
    path = table(tmp_path_factory.mktemp("trip"), text, encoding=encoding)
    export, rows = load(path)

    assert "MAXQDA" == export.program
    names = ("document", "code", "segment", "Weight score")
    assert grid == [[row.get(name, "") for name in names] for row in rows]


# --- Whatever comes --------------------------------------------------------------------------------------------------

STARTS = [table_of(case).read_bytes() for case in CASES]


def survives(content: bytes, folder: Path) -> None:
    path = table(folder, content, "any.csv")
    with duckdb.connect() as database:
        try:
            load_export(database, "raw", path, path.name, bundled())
        except InputError as error:
            said = str(error)
        else:
            said = ""

    assert "\n" not in said


@BRIEFLY
@given(content=st.binary(max_size=400))
@example(content=b"PK\x03\x04")
@example(content=b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1W\0o\0r\0k\0b\0o\0o\0k\0\0\0")
@example(content=b"\xff\xfe\x00")
@example(content=b"\xff\xfe\x00\x00")
@example(content=b"sep=;\n")
@example(content=b"id,document,tag,content\n\x00")
def test_any_bytes(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever a file holds, it is read or is an error of ours, in one line."""
    survives(content, tmp_path_factory.mktemp("any"))


@BRIEFLY
@given(data=st.data())
def test_mutated_tables(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A program's table with bytes cut out, put in or changed is read or is an error of ours."""
    content = bytearray(data.draw(st.sampled_from(STARTS)))
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(content)))
        gone = data.draw(st.integers(0, 8))
        content[at : at + gone] = data.draw(st.binary(max_size=8))
    survives(bytes(content), tmp_path_factory.mktemp("mutated"))
