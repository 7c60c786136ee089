"""Plain formats: findings go in, one comes out after the other, as a table of aligned columns, csv or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from io import TextIOWrapper
from itertools import chain
from typing import IO

from kgtools import write
from kgtools.model import Finding
from kgtools.validate.formats.checked import Checked
from kgtools.write import FINDING_COLUMNS, cells, one_line

LONGEST_CELL = 1_000
"""So many characters of a cell are shown to people."""


def write_table(findings: Iterable[Finding], file: IO[bytes], _: Checked) -> None:
    """All findings as a table of aligned columns, a line each."""
    widths = [len(name) for name in _SHOWN]
    for row in _rows(findings):
        widths = [max(width, len(cell)) for width, cell in zip(widths, row, strict=True)]
    widths[-1] = 0
    for row in chain([_SHOWN], _rows(findings)):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        file.write(f"{line.rstrip()}\n".encode())


_SHOWN = ("severity", "where", "column", "shape", "incident", "message")


def _rows(findings: Iterable[Finding]) -> Iterator[tuple[str, ...]]:
    for one in findings:
        yield tuple(
            clipped(cell) for cell in (one.severity, where(one), one.column, one.shape, one.incident, one.message)
        )


def where(finding: Finding) -> str:
    """A finding's file and row, or its focus node where it has none."""
    if finding.row is not None:
        return f"{finding.file}:{finding.row}"
    return finding.file or finding.focus


def clipped(text: str) -> str:
    """A text on one line that commands no terminal, and no longer than one can take in."""
    return one_line(text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…")


def write_csv(findings: Iterable[Finding], file: IO[bytes], _: Checked) -> None:
    """The columns of `findings.csv`."""
    text = TextIOWrapper(file, "utf-8", newline="", errors="replace")
    write.write_csv(findings, FINDING_COLUMNS, text)
    text.flush()
    text.detach()


def write_json(findings: Iterable[Finding], file: IO[bytes], checked: Checked) -> None:
    """A list of objects: the columns of `findings.csv`, `column`, `segment`, and the `name` of the shape."""
    between = "[\n "
    for one in findings:
        said = {**cells(one), "column": one.column, "segment": one.segment, "name": checked.rule(one).name}
        file.write((between + json.dumps(said, ensure_ascii=False)).encode("utf-8", "replace"))
        between = ",\n "
    file.write(b"[]\n" if between.startswith("[") else b"\n]\n")
