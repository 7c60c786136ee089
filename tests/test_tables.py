"""Tables of every ending: csv, tsv, xlsx and parquet of one bundle give one graph, and typed cells stay what they are.

Why sheets of XML are written by hand here: openpyxl writes no stored values of formulas, and nothing that is broken.
"""

from __future__ import annotations

import csv
import math
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import duckdb
import openpyxl
import pytest
from drawn import drawn
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kgtools.cli import main
from kgtools.errors import InputError
from kgtools.model import Coding, Finding, Verdict
from kgtools.pipeline import Job, derive_all
from kgtools.pipeline.carry import lifted
from kgtools.read import Bundle, is_bundle, read, unseen
from kgtools.read.folder import find, load_table
from kgtools.read.sheets import as_text
from kgtools.vocabulary import Vocabulary

CASES = Path(__file__).parent / "cases"
EXAMPLE = Path(__file__).parents[1] / "examples" / "online-service"
VOCABULARY = Vocabulary.read()
JOB = Job(every=True)
ENDINGS = [".tsv", ".xlsx", ".parquet"]
BRIEFLY = settings(max_examples=drawn(20), deadline=None, suppress_health_check=list(HealthCheck))
AT_LENGTH = settings(max_examples=drawn(150), deadline=None, suppress_health_check=list(HealthCheck))

Row = Sequence[Any]


# --- Writing tables --------------------------------------------------------------------------------------------------


def write_sheets(path: Path, **tables: Sequence[Row]) -> Path:
    """A workbook with a sheet a table, its cells as openpyxl types them."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        for number, row in enumerate(rows, 1):
            for place, value in enumerate(row, 1):
                if value not in ("", None):
                    cell = sheet.cell(number, place, value)
                    if isinstance(value, str):
                        # openpyxl does not escape what looks like an escape, and takes `=1` for a formula.
                        cell.value = re.sub("_(x[0-9A-Fa-f]{4}_)", r"_x005F_\1", value)
                        cell.data_type = "s"
    book.save(path)
    book.close()
    return path


def write_parquet(path: Path, columns: dict[str, str], rows: Sequence[Row] = ()) -> Path:
    """A parquet file of columns by their SQL type; without rows, each type is a SQL value that makes the one row."""
    with duckdb.connect() as database:
        if rows:
            types = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            database.execute(f"CREATE TABLE made ({types})")
            database.executemany(
                f"INSERT INTO made VALUES ({', '.join('?' * len(columns))})", [list(row) for row in rows]
            )
        else:
            values = ", ".join(f'{value} AS "{name}"' for name, value in columns.items())
            database.execute(f"CREATE TABLE made AS SELECT {values}")
        database.execute("COPY made TO $path (FORMAT parquet)", {"path": str(path)})
    return path


def convert(source: Path, target: Path) -> None:
    """A csv as a table of another ending; blank lines stay where the ending has room for them."""
    with source.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    if target.suffix == ".xlsx":
        write_sheets(target, **{target.stem: rows})
    elif target.suffix == ".parquet":
        header, *records = rows
        write_parquet(target, dict.fromkeys(header, "VARCHAR"), [[cell or None for cell in row] for row in records])
    else:
        with target.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter="\t" if target.suffix == ".tsv" else ",").writerows(rows)


def converted(folder: Path, above: Path, ending: str) -> Path:
    """A folder's bundle with tables of another ending, under the same name."""
    target = above / folder.name
    target.mkdir(parents=True)
    for file in folder.iterdir():
        if file.suffix == ".csv" and file.stem in ("codings", "incidents", "actors"):
            convert(file, target / f"{file.stem}{ending}")
        elif file.name == "crosswalk.yaml":
            shutil.copy(file, target)
    return target


WORKBOOK = {
    "xl/workbook.xml": """<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
        <sheets><sheet name="codings" sheetId="1" r:id="rId1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": """<Relationships
        xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"
        Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
        Target="worksheets/sheet1.xml"/></Relationships>""",
    "_rels/.rels": """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship
        Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
        Id="rId1" Target="xl/workbook.xml"/></Relationships>""",
    "[Content_Types].xml": """<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>""",
}


def write_xml(path: Path, cells: str, before: str = "") -> Path:
    """A workbook of one sheet, from the XML of its rows."""
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'{before}<worksheet xmlns="{namespace}"><sheetData>{cells}</sheetData></worksheet>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**WORKBOOK, "xl/worksheets/sheet1.xml": sheet}.items():
            archive.writestr(name, content)
    return path


def xml_row(number: int, *cells: str) -> str:
    """A row's XML; a cell that is no XML is text."""
    written = []
    for letter, cell in zip("ABCDEFGH", cells, strict=False):
        text = f'<c t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
        written.append((cell if cell.startswith("<c") else text).replace("<c", f'<c r="{letter}{number}"', 1))
    return f'<row r="{number}">{"".join(written)}</row>'


# --- Reading them ----------------------------------------------------------------------------------------------------


def raw(path: Path) -> list[tuple[Any, ...]]:
    """The rows of a file's table of codings, each after its number, before anything is checked."""
    with duckdb.connect() as database:
        load_table(database, "raw", find(path).tables["codings"])
        return database.execute('SELECT * FROM raw ORDER BY "row"').fetchall()


def one(path: Path) -> Bundle:
    """The bundle of a file or folder."""
    (bundle,) = read(path, VOCABULARY)
    return bundle


def codings(bundle: Bundle) -> list[Coding]:
    """The codings of a bundle."""
    return [coding for chunk in bundle.chunks() for group in chunk.codings.values() for coding in group]


def found(bundle: Bundle) -> list[tuple[str, str, int | None]]:
    """The findings: rule, file and row."""
    return [(finding.shape, finding.file, finding.row) for finding in bundle.findings]


def results(path: Path, ending: str) -> tuple[list[str], list[Verdict], list[Finding]]:
    """Lifted quads, verdicts and findings of a bundle, but for the endings of its files."""
    lines = sorted(line.replace(ending, ".csv") for line in lifted([one(path)], JOB))
    findings, verdicts = derive_all([path], JOB)
    return lines, verdicts, [Finding(**{**_fields(one), "file": one.file.replace(ending, ".csv")}) for one in findings]


def _fields(finding: Finding) -> dict[str, Any]:
    return {name: getattr(finding, name) for name in Finding.__dataclass_fields__}


# --- One bundle, four endings ----------------------------------------------------------------------------------------

CONVERTED = [
    EXAMPLE,
    *(folder for folder in sorted((CASES / "propositions").iterdir()) if folder.name in ("J-cycle", "Z-recovery")),
    *(CASES / "read" / name for name in ("actors", "cells", "follows", "ids", "incidents", "links")),
]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("folder", CONVERTED, ids=lambda folder: folder.name)
def test_same_bundle_same_graph(folder: Path, ending: str, tmp_path: Path) -> None:
    """The same cells give the same quads, verdicts and findings, whatever the tables' ending."""
    expected = results(converted(folder, tmp_path / "csv", ".csv"), ".csv")

    assert expected == results(converted(folder, tmp_path / "other", ending), ending)


def test_whole_bundle_in_a_workbook(tmp_path: Path) -> None:
    """A workbook with sheets called codings, incidents and actors is a bundle by itself."""
    tables = {}
    for name in ("Codings", "INCIDENTS", "actors"):
        with (EXAMPLE / f"{name.lower()}.csv").open(encoding="utf-8", newline="") as file:
            tables[name] = list(csv.reader(file))
    path = write_sheets(tmp_path / "online-service.xlsx", Notes=[["to do"]], **tables)
    expected = [line for line in lifted([one(EXAMPLE)], JOB) if "file/" not in line]
    bundle = one(path)

    assert is_bundle(path)
    assert sorted(expected) == sorted(line for line in lifted([bundle], JOB) if "file/" not in line)
    assert ["online-service.xlsx#Codings", "online-service.xlsx#INCIDENTS"] == bundle.files()
    assert ("table:sheet", "online-service.xlsx", None) in found(bundle)


# --- Cells -----------------------------------------------------------------------------------------------------------

TYPED = {
    "whole number": (2.0, "2"),
    "numeric id": (7, "7"),
    "number": (0.25, "0.25"),
    "small number": (0.0001, "0.0001"),
    "negative number": (-3, "-3"),
    "tweet's id": (570306133677760512, "570306133677760512"),
    "text of digits": ("007", "007"),
    "text with a point": ("2.0", "2.0"),
    "text like a formula": ("=1+1", "=1+1"),
    "text like an error": ("#REF!", "#REF!"),
    "text like a word for truth": ("TRUE", "TRUE"),
    "true": (True, "true"),
    "false": (False, "false"),
    "date": (date(2026, 11, 21), "2026-11-21"),
    "date and time": (datetime(2026, 11, 21, 14, 30), "2026-11-21T14:30:00"),
    "half a second": (datetime(2026, 11, 21, 14, 30, 5, 500000), "2026-11-21T14:30:05.5"),
    "time": (time(14, 30), "14:30:00"),
    "line breaks": ("a\nb", "a\nb"),
    "quotation marks": ('"a", "b"', '"a", "b"'),
    "white space": ("\t a \xa0", "a"),
    "nothing but white space": (" \n", None),
}


@pytest.mark.parametrize(("value", "text"), TYPED.values(), ids=TYPED)
def test_cell_of_a_sheet(value: Any, text: str | None, tmp_path: Path) -> None:
    """A typed cell becomes the text that a csv would have; a text stays what it is."""
    path = write_sheets(tmp_path / "study.xlsx", Sheet1=[["incident", "code"], ["I1", value]])

    assert [(2, "I1", text)] == raw(path)


@pytest.mark.parametrize(("shown", "text"), [("0.00%", "0.25"), ("#,##0.00 €", "0.25"), ("[h]:mm:ss", "6:00:00")])
def test_format_of_a_number(shown: str, text: str, tmp_path: Path) -> None:
    """A percentage and a sum of money are numbers; a duration is shown as one."""
    path = write_sheets(tmp_path / "study.xlsx", Sheet1=[["incident", "code"], ["I1", 0.25]])
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["B2"].number_format = shown
    book.save(path)
    book.close()

    assert [(2, "I1", text)] == raw(path)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (timedelta(hours=30), "30:00:00"),
        (timedelta(seconds=-90), "-0:01:30"),
        (1e21, "1e+21"),
        (1e20, "100000000000000000000"),
        (-0.0, "0"),
        (math.inf, "inf"),
        (math.nan, "nan"),
    ],
)
def test_text_of_an_unusual_value(value: float | timedelta, text: str) -> None:
    """Durations go beyond a day; only numbers that are very large have an exponent."""
    assert text == as_text(value)


PARQUET = {
    "whole number": ("2", "2"),
    "whole double": ("2.0::DOUBLE", "2"),
    "double": ("0.25::DOUBLE", "0.25"),
    "float": ("0.1::FLOAT", "0.1"),
    "decimal": ("1.50::DECIMAL(5, 2)", "1.5"),
    "whole decimal": ("100.00::DECIMAL(5, 2)", "100"),
    "decimal below ten": ("10.05::DECIMAL(5, 2)", "10.05"),
    "decimal without places": ("100::DECIMAL(5, 0)", "100"),
    "large whole number": ("18446744073709551615::UBIGINT", "18446744073709551615"),
    "truth": ("true", "true"),
    "date": ("DATE '2026-11-21'", "2026-11-21"),
    "time without zone": ("TIMESTAMP '2026-11-21 14:30:00'", "2026-11-21T14:30:00"),
    "half a second": ("TIMESTAMP '2026-11-21 14:30:05.5'", "2026-11-21T14:30:05.5"),
    "nanoseconds": ("TIMESTAMP_NS '2026-11-21 14:30:05.123456789'", "2026-11-21T14:30:05.123456789"),
    "time with zone": ("TIMESTAMPTZ '2026-11-21 14:30:00+01'", "2026-11-21T13:30:00Z"),
    "text of digits": ("'007'", "007"),
    "text with a point": ("'2.0'", "2.0"),
    "white space": ("e'\\t a ' || chr(160)", "a"),
    "category": ("'Review'::ENUM('Review', 'Trust')", "Review"),
    "list of texts": ("['a', 'b']", "a;b"),
    "list of numbers": ("[1.0::DOUBLE, 2.5]", "1;2.5"),
    "empty list": ("[]::VARCHAR[]", None),
    "null": ("NULL", None),
}


@pytest.mark.parametrize(("value", "text"), PARQUET.values(), ids=PARQUET)
def test_cell_of_a_parquet_file(value: str, text: str | None, tmp_path: Path) -> None:
    """A typed value becomes the text that a csv would have; a text stays what it is."""
    path = write_parquet(tmp_path / "study.parquet", {"incident": "'I1'", "code": value})

    assert [(2, "I1", text)] == raw(path)


@pytest.mark.parametrize(("zone"), ["America/New_York", "Asia/Tokyo"])
def test_zone_of_the_machine_changes_nothing(zone: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A time with a zone is the same text wherever it is read."""
    value = "TIMESTAMPTZ '2026-07-21 14:30:00+01'"
    path = write_parquet(tmp_path / "study.parquet", {"incident": "'I1'", "code": value})
    monkeypatch.setenv("TZ", zone)

    assert [(2, "I1", "2026-07-21T13:30:00Z")] == raw(path)


SHEET_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"))
LINES = st.text(st.sampled_from("ab \n\t\"',;=#&<>0123456789._x-"), max_size=30)


def agree(cells: list[str]) -> None:
    """Texts are the same cells in a csv, a sheet and a parquet file."""
    rows = [["incident", "code"], *(["x", cell] for cell in cells)]
    with tempfile.TemporaryDirectory() as above:
        for ending in (".csv", *ENDINGS):
            path = Path(above, f"study{ending}")
            with Path(above, "made.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
            if ending == ".tsv":
                with path.open("w", encoding="utf-8", newline="") as file:
                    csv.writer(file, quoting=csv.QUOTE_ALL, delimiter="\t").writerows(rows)
            else:
                convert(Path(above, "made.csv"), path)
            expected = [cell.strip(" \t\r\n\xa0") or None for cell in cells]

            assert expected == [code for _, _, code in raw(path)]


@BRIEFLY
@given(st.lists(SHEET_TEXT | LINES, min_size=1, max_size=5))
@example(["007", "2.0", "1e5", "TRUE", "2026-11-21", "=1+1", "#REF!", "nan", "'a", '"', "_x0041_"])
def test_text_stays_text(cells: list[str]) -> None:
    """Whatever a text looks like, no reader takes it for something else."""
    agree(cells)


@pytest.mark.slow
@AT_LENGTH
@given(st.lists(SHEET_TEXT | LINES, min_size=1, max_size=20))
def test_text_stays_text_at_length(cells: list[str]) -> None:
    """The same, longer."""
    agree(cells)


@BRIEFLY
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53), min_size=1))
@example([1e15, 1e16, 1e20, 1e21, 1e22, 1e-4, 1e-5, 123456789.125, -0.0, 5e-324, 1.7976931348623157e308])
def test_numbers_are_written_alike(numbers: list[float]) -> None:
    """A number in a sheet and in a parquet file is the same text, and that text the same number."""
    with tempfile.TemporaryDirectory() as above:
        rows = [["x", float(number)] for number in numbers]
        parquet = write_parquet(Path(above, "study.parquet"), {"incident": "VARCHAR", "code": "DOUBLE"}, rows)
        texts = [text for _, _, text in raw(parquet)]

    assert [as_text(float(number)) for number in numbers] == texts
    assert [float(number) for number in numbers] == [float(text) for text in texts]


# --- Rows ------------------------------------------------------------------------------------------------------------

HEAD = ("id", "incident", "code", "step")


def test_rows_are_those_of_the_spreadsheet(tmp_path: Path) -> None:
    """Row numbers count the blank rows, above the header and between; blank rows are no findings."""
    rows: list[Row] = [
        [],
        [],
        HEAD,
        [],
        ["a", "I1", "Review", 2],
        [" "],
        ["b", "I1", "Nix"],
        ["c", "I1", "Trust", "two"],
    ]
    bundle = one(write_sheets(tmp_path / "study.xlsx", Sheet1=rows))

    assert ["a", "b"] == [coding.id for coding in codings(bundle)]
    assert {("code:unmapped", "study.xlsx", 7), ("coding:step", "study.xlsx", 8)} == set(found(bundle))


def test_table_that_starts_further_right(tmp_path: Path) -> None:
    """Empty columns to the left of a table are none of it, an empty name inside of it gets its place."""
    rows: list[Row] = [[None, "incident", None, "code"], [None, "I1", "x", "Review"]]
    (coding,) = codings(one(write_sheets(tmp_path / "study.xlsx", Sheet1=rows)))

    assert ("I1", "Review", (("column 2", "x"),)) == (coding.incident, coding.code, coding.extra)


def test_header_of_a_sheet(tmp_path: Path) -> None:
    """Names that repeat get a number; a name may be a number."""
    rows: list[Row] = [["incident", "code", "code", 2.0], ["I1", "Review", "x", "y"]]
    (coding,) = codings(one(write_sheets(tmp_path / "study.xlsx", Sheet1=rows)))

    assert (("code 2", "x"), ("2", "y")) == coding.extra


def test_cells_beyond_the_header(tmp_path: Path) -> None:
    """A row that is wider than the header is a finding, unless what is beyond is empty."""
    rows: list[Row] = [HEAD, ["a", "I1", "Review", 1, "x"], ["b", "I1", "Review", 1, " "]]
    bundle = one(write_sheets(tmp_path / "study.xlsx", Sheet1=rows))

    assert ["b"] == [coding.id for coding in codings(bundle)]
    assert [("row:unreadable", "study.xlsx", 2)] == found(bundle)
    assert (2, 1) == (bundle.rows_read, bundle.rows_taken)


def test_header_without_rows(tmp_path: Path) -> None:
    """A table of a header alone is a warning, in the row of the header."""
    bundle = one(write_sheets(tmp_path / "study.xlsx", Sheet1=[[], HEAD]))

    assert [("table:empty", "study.xlsx", 2)] == found(bundle)


def test_formulas_and_errors(tmp_path: Path) -> None:
    """A formula yields its stored value, one that was never computed an empty cell; an error costs its row."""
    cells = [
        xml_row(1, *HEAD),
        xml_row(2, "a", "I1", "Review", "<c><f>1+1</f><v>2</v></c>"),
        xml_row(3, "b", "I1", '<c t="str"><f>"Re"&amp;"view"</f><v>Review</v></c>'),
        xml_row(4, "c", "I1", "Review", "<c><f>1+1</f></c>"),
        xml_row(5, "d", "I1", "Review", "<c><f>1+1</f><v></v></c>"),
        xml_row(6, "e", "I1", "Review", '<c t="e"><f>1/0</f><v>#DIV/0!</v></c>'),
        xml_row(7, "f", "I1", "Review", "<c t='e'><v>#REF!</v></c>"),
        xml_row(8, "g", "I1", "Review", '<c t="str"><f>""</f><v></v></c>'),
        xml_row(9, "h", "I1", "Review", '<c t="b"><f>1=1</f><v>1</v></c>'),
        xml_row(11, "<c><f>A1</f></c>"),
        xml_row(12, '<c t="e"><v>#N/A</v></c>'),
    ]
    bundle = one(write_xml(tmp_path / "study.xlsx", "".join(cells)))

    assert [("a", 2), ("b", None), ("c", None), ("d", None), ("g", None)] == [(c.id, c.step) for c in codings(bundle)]
    said = {(one.shape, one.row): one.message for one in bundle.findings}

    assert [
        ("coding:step", 9),
        ("row:unreadable", 6),
        ("row:unreadable", 7),
        ("row:unreadable", 11),
        ("row:unreadable", 12),
        ("table:formula", 4),
        ("table:formula", 5),
    ] == sorted(said)
    assert "cell D6 holds the error #DIV/0!; correct it in the spreadsheet" == said["row:unreadable", 6]
    assert said["row:unreadable", 11].startswith("cell A11 holds a formula that was never computed, and the row has no")
    assert said["table:formula", 4].startswith("cell D4 holds a formula that was never computed and is taken as empty;")
    assert (10, 5) == (bundle.rows_read, bundle.rows_taken)


def test_prefixes_and_cells_without_places(tmp_path: Path) -> None:
    """The XML may have prefixes, and cells that do not say where they are; errors are found all the same."""
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rows = [["incident", "code"], ["I1", "Review"], ["I1", ""], ["I1", "Trust"]]
    cells = "".join(
        "<row>"
        + "".join(f'<c t="inlineStr"><is><t>{one}</t></is></c>' if one else '<c t="e"><v>#NAME?</v></c>' for one in row)
        + "</row>"
        for row in rows
    )
    path = write_xml(tmp_path / "study.xlsx", cells)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:")
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(f'xmlns="{namespace}"', f'xmlns:x="{namespace}"')
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    bundle = one(path)

    assert ["Review", "Trust"] == [coding.code for coding in codings(bundle)]
    assert [("row:unreadable", "study.xlsx", 3)] == found(bundle)


def test_control_characters(tmp_path: Path) -> None:
    """A NUL character costs its row, as in a csv; others are text."""
    cells = [xml_row(1, *HEAD), xml_row(2, "a_x0000_", "I1", "Review"), xml_row(3, "b_x0001_c", "I1", "Review")]
    sheet = one(write_xml(tmp_path / "study.xlsx", "".join(cells)))
    values = [["a\0", "I1", "Review"], ["b\x01c", "I1", "Review"]]
    parquet = one(write_parquet(tmp_path / "study.parquet", dict.fromkeys(HEAD[:3], "VARCHAR"), values))

    assert ["b\x01c"] == [coding.id for coding in codings(sheet)] == [coding.id for coding in codings(parquet)]
    assert [("row:unreadable", "study.xlsx", 2)] == found(sheet)
    assert [("row:unreadable", "study.parquet", 2)] == found(parquet)


def test_numbers_that_a_spreadsheet_rounds(tmp_path: Path) -> None:
    """A number of more than 15 digits is a warning, once a column: ids of that length are to be text."""
    rows: list[Row] = [
        HEAD[1:3],
        [570306133677760512, "Review"],
        [570306133677760513, "Review"],
        ["570306133677760513", "Trust"],
    ]
    bundle = one(write_sheets(tmp_path / "study.xlsx", Sheet1=rows))

    assert [("table:digits", "study.xlsx", 2)] == found(bundle)


def test_columns_that_hold_no_cells(tmp_path: Path) -> None:
    """Nested and binary columns of a parquet file are left out, with a warning each; names are those of the file."""
    values = {
        "incident": "'I1'",
        "code": "'Review'",
        "Codx": "'x'",
        "place": "{'lat': 1}",
        "map": "MAP {'a': 1}",
        "bytes": "'a'::BLOB",
        "deep": "[['a']]",
        "file_row_number": "9",
    }
    path = write_parquet(tmp_path / "study.parquet", values)
    path.write_bytes(path.read_bytes().replace(b"Codx", b"Code"))  # DuckDB writes no two names so alike
    bundle = one(path)
    (coding,) = codings(bundle)

    assert (("Code", "x"), ("file_row_number", "9")) == coding.extra
    assert ["place", "map", "bytes", "deep"] == [one.value for one in bundle.findings if one.severity == "warning"]


def test_path_is_taken_literally(tmp_path: Path) -> None:
    """Brackets, stars and equal signs in a path have no meaning."""
    folder = tmp_path / "year=2026" / "study[1]*?"
    folder.mkdir(parents=True)
    write_parquet(folder / "codings.parquet", {"incident": "'I1'", "code": "'Review'"})

    assert [("I1", ())] == [(coding.incident, coding.extra) for coding in codings(one(folder))]


# --- Which sheet, which file -----------------------------------------------------------------------------------------

CODINGS: list[Row] = [["incident", "code"], ["I1", "Review"]]
INCIDENTS: list[Row] = [["incident", "channel"], ["I1", "Forum"]]


def test_first_sheet(tmp_path: Path) -> None:
    """Of a workbook whose sheets have names of their own, the first that is not hidden is the table."""
    path = tmp_path / "study.xlsx"
    book = openpyxl.Workbook()
    hidden, shown = book.worksheets[0], book.create_sheet("Shown")
    book.create_sheet("Lists")
    hidden.title, hidden.sheet_state = "Hidden", "hidden"
    for row in CODINGS:
        shown.append(row)
    book.save(path)
    book.close()
    bundle = one(path)

    assert ["Review"] == [coding.code for coding in codings(bundle)]
    assert ["study.xlsx"] == bundle.files()
    assert ["of the workbook, `Shown` is read, and not `Lists`, `Hidden`"] == [one.message for one in bundle.findings]


def test_workbooks_in_a_folder(tmp_path: Path) -> None:
    """Of each workbook in a folder, the sheet of its kind is read, or else the first."""
    write_sheets(tmp_path / "codings.xlsx", notes=[["x"]], CODINGS=CODINGS)
    write_sheets(tmp_path / "Incidents.xlsx", Sheet1=INCIDENTS)
    (tmp_path / "~$codings.xlsx").write_bytes(b"\x05owner")
    (tmp_path / "._codings.csv").write_bytes(b"\0")
    bundle = one(tmp_path)

    assert ["Incidents.xlsx", "codings.xlsx"] == bundle.files()
    assert [("table:sheet", "codings.xlsx", None)] == found(bundle)


def test_one_workbook_in_a_folder(tmp_path: Path) -> None:
    """A workbook that is the only table of a folder is read as if it were given alone, with the crosswalk beside it."""
    write_sheets(tmp_path / "study.xlsx", codings=[["incident", "code"], ["I1", "nice"]], incidents=INCIDENTS)
    (tmp_path / "crosswalk.yaml").write_text("codes: {nice: Delight}\n", "utf-8")
    bundle = one(tmp_path)

    assert ["study.xlsx#codings", "study.xlsx#incidents"] == bundle.files()
    assert 1 == bundle.inferred()


@pytest.mark.parametrize("ending", ENDINGS)
def test_crosswalk_of_segments(ending: str, tmp_path: Path) -> None:
    """A crosswalk makes the same of the segments of a coding tool, in a table of any ending."""
    folder = tmp_path / "study"
    folder.mkdir()
    columns = "columns: {incident: Document, code: Code, segment: Text, coder: Author}"
    codes = "codes: {Joy > Delighted: Delight, told: {term: PositiveWordOfMouth, valence: positive}, Interviewer: none}"
    (folder / "crosswalk.yaml").write_text(f"{columns}\ndefaults: {{channel: Forum}}\n{codes}\n", "utf-8")
    table = [["Document", "Code", "Text", "Author", "Area"], ["D1", "Joy > Delighted", "Oh!", "ines", "0.4"]]
    table += [
        ["D1", "told", "I told all, twice", "ines", ""],
        ["D1", "Interviewer", "Yes?", "", ""],
        ["D2", "x", "", "", ""],
    ]
    with (folder / "codings.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(table)
    expected = results(folder, ".csv")

    assert expected == results(converted(folder, tmp_path / "other", ending), ending)


@pytest.mark.parametrize("ending", [".xlsx", ".parquet"])
def test_wide_crosswalk(ending: str, tmp_path: Path) -> None:
    """A crosswalk speaks of the columns of a workbook or a parquet file as of those of a csv."""
    codes = "codes: {rating: {5: Satisfaction}, late: {true: CoreServiceFailure}}"
    crosswalk = f"shape: wide\ncolumns: {{incident: tweet}}\n{codes}\n"
    (tmp_path / "crosswalk.yaml").write_text(crosswalk, "utf-8")
    if ending == ".xlsx":
        write_sheets(tmp_path / "tweets.xlsx", Sheet1=[["tweet", "rating", "late"], [7, 5.0, True], [8, 5, False]])
    else:
        columns = {"tweet": "BIGINT", "rating": "DOUBLE", "late": "BOOLEAN"}
        write_parquet(tmp_path / "tweets.parquet", columns, [[7, 5.0, True], [8, 5.0, False]])
    bundle = one(tmp_path)

    assert [("7", "late = true"), ("7", "rating = 5"), ("8", "rating = 5")] == [
        (coding.incident, coding.code) for coding in codings(bundle) if coding.term
    ]


def test_list_of_links(tmp_path: Path) -> None:
    """`leads_to` may be a list in a parquet file."""
    columns = {"id": "VARCHAR", "incident": "VARCHAR", "code": "VARCHAR", "leads_to": "VARCHAR[]"}
    rows: list[Row] = [["a", "I1", "Delight", ["b", "c"]], ["b", "I1", "Review", []], ["c", "I1", "Trust", None]]
    bundle = one(write_parquet(tmp_path / "study.parquet", columns, rows))

    assert [("b", "c"), (), ()] == [coding.leads_to for coding in codings(bundle)]


# --- Files that cannot be read ---------------------------------------------------------------------------------------


def _bytes(name: str, folder: Path) -> bytes:
    """A sound file's bytes."""
    if name.endswith(".parquet"):
        return write_parquet(folder / "sound.parquet", {"incident": "'I1'", "code": "'Review'"}).read_bytes()
    return write_sheets(folder / "sound.xlsx", Sheet1=CODINGS).read_bytes()


OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1024)
REFUSED = {
    "csv called xlsx": ("a.xlsx", b"incident,code\nI1,Review\n", "a.xlsx: is no .xlsx workbook"),
    "password or xls": ("a.xlsx", OLE2, "a.xlsx: is protected by a password, or an old .xls"),
    "empty xlsx": ("a.xlsx", b"", "a.xlsx: is empty; a workbook was expected"),
    "half an xlsx": ("a.xlsx", 0.5, "a.xlsx: is no .xlsx workbook, or is cut off"),
    "csv called parquet": ("a.parquet", b"incident,code\n", "a.parquet: cannot be read as parquet"),
    "empty parquet": ("a.parquet", b"", "a.parquet: cannot be read as parquet"),
    "half a parquet": ("a.parquet", 0.5, "a.parquet: cannot be read as parquet"),
    "parquet in name": ("a.parquet", b"PAR1" + bytes(20) + b"PAR1", "a.parquet: cannot be read as parquet"),
    "xls": ("a.xls", OLE2, "a.xls: is protected by a password, or an old .xls that holds no workbook"),
    "OpenDocument": ("a.ods", b"PK", "a.ods: is a spreadsheet that cannot be read; save it as .xlsx"),
}


@pytest.mark.parametrize(("name", "content", "said"), REFUSED.values(), ids=REFUSED)
def test_file_that_is_refused(
    name: str, content: bytes | float, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is not what its ending says costs one line and exit code 2."""
    path = tmp_path / name
    if isinstance(content, float):
        whole = _bytes(name, tmp_path)
        content = whole[: int(len(whole) * content)]
    path.write_bytes(content)
    code = main(["derive", str(path)])
    (line,) = capsys.readouterr().err.splitlines()

    assert 2 == code
    assert said in line


def test_any_damage_is_one_line(tmp_path: Path) -> None:
    """Wherever a byte of a file is wrong, it is read, or refused in one line."""
    for ending in (".xlsx", ".parquet"):
        whole = _bytes(f"a{ending}", tmp_path)
        refused = 0
        for place in range(0, len(whole), max(1, len(whole) // 25)):
            path = tmp_path / f"damaged{ending}"
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
            said = ""
            try:
                one(path)
            except InputError as error:
                said = str(error)
                refused += 1

            assert "\n" not in said
        assert refused > 0


def test_sheets_that_are_missing(tmp_path: Path) -> None:
    """Incidents alone are no bundle, two sheets of one kind are one too many, and a sheet may be empty."""
    alone = write_sheets(tmp_path / "alone.xlsx", incidents=INCIDENTS)
    twice = write_sheets(tmp_path / "twice.xlsx", **{"codings": CODINGS, "Codings ": CODINGS})
    empty = write_sheets(tmp_path / "empty.xlsx", Sheet1=[])

    for path, said in (
        (alone, "alone.xlsx: has no sheet `codings`, one row a coded segment; found incidents"),
        (twice, "twice.xlsx: has sheets `codings` and `Codings `; keep one of them"),
        (empty, "empty.xlsx#Sheet1: is empty; a header row was expected"),
    ):
        with pytest.raises(InputError) as raised:
            one(path)

        assert str(raised.value).endswith(said)


def test_folder_with_an_old_workbook(tmp_path: Path) -> None:
    """A folder whose table is of another ending is told what to do with it."""
    (tmp_path / "codings.ods").write_bytes(b"PK")

    with pytest.raises(InputError, match=r"has no table `codings\.csv` .*; save codings\.ods as \.xlsx"):
        one(tmp_path)


def test_column_that_is_missing(tmp_path: Path) -> None:
    """An error about a sheet's header names the workbook, the sheet and the row."""
    path = write_sheets(tmp_path / "study.xlsx", codings=[[], ["incident"]], incidents=INCIDENTS)

    with pytest.raises(InputError, match=r"study\.xlsx#codings:2: no column `code`; found incident"):
        one(path)


# --- Files that were made to do harm ---------------------------------------------------------------------------------


@pytest.mark.parametrize("entity", ['"I1"', 'SYSTEM "secret.txt"', 'SYSTEM "http://127.0.0.1:9/"'])
def test_entities_are_not_resolved(entity: str, tmp_path: Path) -> None:
    """An entity in a workbook's XML is refused, wherever it points."""
    (tmp_path / "secret.txt").write_text("secret")
    for last in ("", xml_row(3, '<c t="e"><v>#REF!</v></c>')):  # with a quick look, and with a slow one
        cells = xml_row(1, *HEAD) + xml_row(2, "a", "I1", "Review").replace("I1", "&who;") + last
        path = write_xml(tmp_path / "study.xlsx", cells, f"<!DOCTYPE worksheet [<!ENTITY who {entity}>]>")

        with pytest.raises(InputError, match=r"unrecognized entity|document type definition"):
            one(path)


@pytest.mark.parametrize("cell", ["XFD1048576", "A4294967296", "A99999999999", "ZZZZZZ1"])
def test_cell_far_away(cell: str, tmp_path: Path) -> None:
    """A cell that would stretch a sheet beyond all memory is refused before it is laid out."""
    cells = xml_row(1, *HEAD) + xml_row(2, "a", "I1", "Review") + f'<row r="3"><c r="{cell}"><v>1</v></c></row>'

    with pytest.raises(InputError, match=r"its cells reach to row|which is none"):
        one(write_xml(tmp_path / "study.xlsx", cells))


def test_ordinary_sheet_needs_no_slow_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet of several pieces without formulas and errors is gone through by the quick look alone."""
    monkeypatch.setattr(unseen, "_PIECE", 101)
    monkeypatch.setattr(unseen, "_looked", None)
    path = write_sheets(tmp_path / "study.xlsx", codings=[HEAD, *([f"a{i}", "I1", "Review", 1] for i in range(100))])

    assert 100 == len(codings(one(path)))


@pytest.mark.parametrize("size", [1, 2, 7, 64])
def test_quick_look_across_pieces(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the quick look asks for is seen however the XML falls into pieces."""
    monkeypatch.setattr(unseen, "_PIECE", size)
    rows = xml_row(1, "incident", "code") + xml_row(2, "I1", "Review")
    for number, strange in enumerate(
        ("<c r='C2' t = 'e'><v>#REF!</v></c>", '<c r="C2"><f>1</f></c>', '<c r="AB2"/>', "<c  />")
    ):
        path = write_xml(tmp_path / f"{number}.xlsx", rows.replace("</row>", f"{strange}</row>"))

        assert {"xl/worksheets/sheet1.xml"} <= unseen.unpacked(path)


def test_cells_without_places_that_go_far(tmp_path: Path) -> None:
    """The same where cells do not say where they are, but are many."""
    cells = xml_row(1, *HEAD) + "<row/>" * 100_000 + "<row>" + "<c><v>1</v></c>" * 10_000 + "</row>"

    with pytest.raises(InputError, match="its cells reach to row 100002 and column 10000"):
        one(write_xml(tmp_path / "study.xlsx", cells))


@pytest.mark.parametrize("honest", [True, False])
def test_workbook_that_unpacks_to_too_much(honest: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workbook is refused for its size unpacked, whether its directory tells it or not."""
    monkeypatch.setattr(unseen, "LARGEST", 2**20)
    path = write_xml(tmp_path / "study.xlsx", xml_row(1, *HEAD) + " " * 2**21)
    if not honest:
        with zipfile.ZipFile(path) as archive:
            stated = struct.pack("<L", archive.getinfo("xl/worksheets/sheet1.xml").file_size)
        content = path.read_bytes()
        path.write_bytes(content.replace(stated, struct.pack("<L", 100)))
        with zipfile.ZipFile(path) as archive:
            assert 100 == archive.getinfo("xl/worksheets/sheet1.xml").file_size

    with pytest.raises(InputError, match="is larger than 1 MiB unpacked"):
        one(path)


# --- What reading leaves behind --------------------------------------------------------------------------------------

KILLED = """
import os, signal, sys
from pathlib import Path
from kgtools.read import read, tables
from kgtools.vocabulary import Vocabulary
parse = tables._parse
def killed(*given):
    parse(*given)
    sys.stdout.write("parsed")
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)
tables._parse = killed
read(Path(sys.argv[1]), Vocabulary.read())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only there a temporary file has no name")
@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_killed_reader_leaves_nothing(ending: str, tmp_path: Path) -> None:
    """A process that is killed while it reads a table leaves no file behind."""
    folder, temporary = tmp_path / "data", tmp_path / "temporary"
    temporary.mkdir()
    path = converted(EXAMPLE, folder, ending)
    environment = {**os.environ, "TMPDIR": str(temporary)}
    done = subprocess.run([sys.executable, "-c", KILLED, path], env=environment, capture_output=True, check=False)

    assert (-signal.SIGKILL, b"parsed") == (done.returncode, done.stdout)
    assert [] == list(temporary.iterdir())
