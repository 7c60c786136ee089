"""What was loaded of a coding program's file, whatever its kind: the raw tables' columns, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass, field

from kgtools.model import Finding
from kgtools.read.qda.project import Code

OF_DOCUMENT = ("document", "document_group", "case")
"""Columns of raw codings beside those of a bundle: which document a segment is of, that one's group, and its case."""

BESIDE = ("document group", "case", "description", "note")
"""What programs know beside our columns, and which is kept under these names."""


SELECTION = "(selection)"
"""A column of raw codings: the program's own key of the passage that is coded, which tells equal words apart."""


@dataclass
class Export:
    """The raw table of codings that was made of a coding program's file.

    It has `"row"` (a number of its own for each row), `lineno` (where the row stands in the file, for people), and the
    cells of `columns` as text under the names that `kgtools.read.tables.keys` gives; what says nothing is NULL.

    Args:
        program: what the file is taken for: `MAXQDA`.
        columns: our names for what is known (those of a bundle's codings, and `OF_DOCUMENT`), the file's own for what
            else it has.
        called: our name of a column, to what the file calls it; none for what has no column in it.
        header: the row that the header stands in; 0 where there is none.
        codes: the codebook, where the file has one.
        findings: what could not be taken, and what is odd.
        file: what findings call the part that rows are of.
        documents: columns of `raw_documents`, a row a document by the first column, where there is such a table.
        cases: columns of `raw_cases`, a row a case by the first column, where there is such a table.
        code_sets: names of sets of codes, each with the keys of its codes.
        outside: what to say of a coding that is of no incident.
        lost: how many codings of a project could not be read, and are in no table.
    """

    program: str
    columns: list[str]
    called: dict[str, str] = field(default_factory=dict)
    header: int = 1
    codes: list[Code] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    file: str = ""
    documents: list[str] | None = None
    cases: list[str] | None = None
    code_sets: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    outside: str = ""
    lost: int = 0
