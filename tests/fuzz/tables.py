"""Damage of tables: a good table goes in, one with other cells, headers, separators, encodings comes out."""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Sequence
from contextlib import suppress
from random import Random
from typing import Any

import openpyxl

from .exchange import archive, timeless
from .values import ENCODINGS, Files, some, spoil, text

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def table(random: Random, files: Files, data: str) -> None:
    """A table: its cells, header, rows; its encoding and separator; or its bytes."""
    content = files[data]
    if content.startswith(b"\xd0\xcf") or random.random() < 0.1:
        files[data] = spoil(random, content) if random.random() < 0.9 else content
        return
    decoded = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "replace")
    separator = max(",;\t", key=decoded.partition("\n")[0].count)
    rows = [row for row in csv.reader(io.StringIO(decoded, newline=""), delimiter=separator) if row]
    for _ in range(some(random, 6)):
        cells(random, rows)
    stem = data.rpartition(".")[0] or data
    if random.random() < 0.2:
        del files[data]
        files[f"{stem}.xlsx"] = workbook(random, rows)
        return
    written = io.StringIO(newline="")
    separator = random.choice((separator, separator, ",", ";", "\t", "|"))
    quoting: Any = random.choice((csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    ends = random.choice(("\n", "\r\n", "\r\n", "\r"))
    with suppress(csv.Error):
        csv.writer(written, delimiter=separator, quoting=quoting, lineterminator=ends).writerows(rows)
    encoding = random.choice(("utf-8", "utf-8", "utf-8-sig", *ENCODINGS))
    ending = random.choice((data[len(stem) :], data[len(stem) :], ".csv", ".tsv", ".txt", ".tab", ".xls", ".CSV"))
    del files[data]
    files[f"{stem}{ending}"] = written.getvalue().encode(encoding, "replace")
    if random.random() < 0.1:
        files[f"{stem}{ending}"] = spoil(random, files[f"{stem}{ending}"])


def cells(random: Random, rows: list[list[str]]) -> None:
    """Damage of a table's cells, or of their order."""
    if not rows:
        rows.append([text(random)])
    row = random.choice(rows if random.random() < 0.75 else rows[:1])
    at = random.randrange(len(row)) if row else 0
    match random.randrange(10):
        case 0 | 1 | 2 | 3 if row:
            row[at] = text(random, row[at])
        case 4:
            row.insert(at, text(random))
        case 5 if row:
            del row[at]
        case 6:
            rows.insert(random.randrange(len(rows) + 1), list(row))
        case 7:
            rows.remove(row)
        case 8:
            for one in rows:
                if at < len(one):
                    one.append(one[at])
        case 9:
            order = sorted(range(len(row)), key=lambda _: random.random())
            for one in rows:
                one[:] = [one[place] for place in order if place < len(one)]


def workbook(random: Random, rows: Sequence[Sequence[str]]) -> bytes:
    """A table as a workbook, with cells of other kinds than text in it."""
    book = openpyxl.Workbook()
    sheet = book.active
    for number, row in enumerate(rows, random.choice((1, 1, 1, 3))):
        for place, cell in enumerate(row, random.choice((1, 1, 1, 1, 2)) if number == 1 else 1):
            others: tuple[Any, ...] = (True, 1.5, -3, 1e300, datetime.datetime(2026, 3, 1, 10, 20), datetime.time(1, 2))
            value = (
                random.choice(others) if number > 1 and random.random() < 0.05 else _NOT_IN_XML.sub("", cell[:32_000])
            )
            with suppress(ValueError):  # a date that Excel does not count
                sheet.cell(number, place, value)
    if random.random() < 0.2:
        sheet.merge_cells("A1:B2")
    sheet.title = random.choice(("codings", "Sheet", "Codierte Segmente", "incidents"))
    if random.random() < 0.2:
        book.create_sheet(random.choice(("incidents", "Codings", "actors", "notes"))).append(["incident", "narrative"])
    file = io.BytesIO()
    book.save(file)
    content = timeless(file.getvalue())
    return archive(random, content, {}) if random.random() < 0.2 else content
