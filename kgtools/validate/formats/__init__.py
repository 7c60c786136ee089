"""Formats: findings go in, and come out for people, spreadsheets, programs, and servers that show what a check found.

`human` groups them, `plain` has them one by one (table, csv, JSON), `junit` and `sarif` are what CI servers and code
hosts read, and `kgtools.validate.report` writes the report of the W3C standard. Each costs the same per finding however
many there are, and none says when or on which machine it was made: the same findings give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import IO, TYPE_CHECKING

from kgtools.model import Finding
from kgtools.validate.formats.checked import Checked

if TYPE_CHECKING:
    from kgtools.validate.report import Form

FORMATS = ("human", "table", "csv", "json", "turtle", "json-ld", "junit", "sarif")

__all__ = ["FORMATS", "Checked", "write_findings"]


def write_findings(findings: Iterable[Finding], form: str, file: IO[bytes], checked: Checked) -> None:
    """Write findings in a format for programs: one of `FORMATS` but `human`, which `human.show` prints.

    Args:
        findings: sorted; they are gone through more than once.
        checked: what was checked, and by which rules.
    """
    from kgtools.validate.formats import junit, plain, sarif

    writers: dict[str, Callable[[Iterable[Finding], IO[bytes], Checked], None]] = {
        "table": plain.write_table,
        "csv": plain.write_csv,
        "json": plain.write_json,
        "turtle": partial(_write_report, form="turtle"),
        "json-ld": partial(_write_report, form="json-ld"),
        "junit": junit.write,
        "sarif": sarif.write,
    }
    writers[form](findings, file, checked)


def _write_report(findings: Iterable[Finding], file: IO[bytes], _: Checked, form: Form) -> None:
    """A validation report is on data, so what is remarkable about shapes is left out."""
    from kgtools.validate.report import write_report_graph

    found = [one for one in findings if not one.shape.startswith("shapes:")]
    write_report_graph(found, file, conforms=not found, form=form)
