"""Tables of coding programs: each dialect, encoding and separator gives the rows that the program meant."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from kgtools.read.qda.dialects import bundled
from kgtools.read.qda.export import Export
from kgtools.read.qda.exports import load_export
from kgtools.read.tables import keys, quoted

SHARED = Path(__file__).parents[2] / "shared" / "data"


def load(path: Path, **options: object) -> tuple[Export, list[dict[str, str]]]:
    """A table as an export, and its raw rows by the names of columns; empty cells left out."""
    with duckdb.connect() as database:
        export = load_export(database, "raw", path, path.name, options.pop("dialects", bundled()), **options)  # type: ignore[arg-type]
        assert export
        cells = ", ".join(f"{quoted(key)}" for key in keys(export.columns))
        rows = database.execute(f'SELECT lineno, {cells} FROM raw ORDER BY "row"').fetchall()
    names = ["lineno", *export.columns]
    return export, [
        {name: str(cell) for name, cell in zip(names, row, strict=True) if cell is not None} for row in rows
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
