"""Shown: rows of an answer go in; a table for a terminal, Markdown or HTML comes out, with names in place of IRIs.

What is shown is for reading: numbers are rounded, long texts cut. Who calculates takes csv, json or a data frame.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING

from kgtools.answers.names import Names
from kgtools.answers.values import value_of
from kgtools.write import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from kgtools.sparql.terms import Term

    Rows = Sequence[tuple[Term | None, ...]]

_LONGEST = 160
"""Characters of a text that are shown."""

_TEXT, _WIDEST = 60, 400
"""Characters that a text gets beside names, and that a table has at most, where there is no terminal."""

_HTML_ROWS = 200
"""Rows that a notebook shows."""


def iris_of(rows: Rows) -> list[str]:
    """The IRIs in some rows, sorted, each once."""
    import pyoxigraph as ox

    return sorted({term.value for row in rows for term in row if isinstance(term, ox.NamedNode)})


def cells(rows: Rows, labels: Mapping[str, str]) -> list[list[str]]:
    """What is read in each cell."""
    import pyoxigraph as ox

    names = Names(iris_of(rows), labels)
    return [[names[term.value] if isinstance(term, ox.NamedNode) else said(term) for term in row] for row in rows]


def said(term: Term | None) -> str:
    """What is read in place of what is no IRI: text on one line, a number with up to four decimal places."""
    import pyoxigraph as ox

    value = value_of(term)
    if value is None:
        return ""
    if isinstance(value, (Decimal, float)):
        return _rounded(value)
    text = one_line(term.value if isinstance(term, ox.Literal) else str(value))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _rounded(number: Decimal | float) -> str:
    text = str(number)
    if not re.fullmatch(r"-?\d+\.\d{5,}", text) and "e" not in text.lower():
        return text
    if number and not 0.001 <= abs(float(number)) < 1e15:
        return f"{number:.4g}"
    return f"{number:.4f}".rstrip("0").rstrip(".")


def is_of_numbers(rows: Rows, column: int) -> bool:
    """Whether a column has numbers, and nothing else."""
    found = [value_of(row[column]) for row in rows if row[column] is not None]
    return bool(found) and all(isinstance(one, (int, float, Decimal)) and not isinstance(one, bool) for one in found)


def show(variables: Sequence[str], rows: Rows, labels: Mapping[str, str], console: Console) -> None:
    """Rows as a table on a terminal, or as text where that is none."""
    if not rows:
        console.print("No answers.")
        return
    from rich.table import Table
    from rich.text import Text

    texts = cells(rows, labels)
    if not console.is_terminal:
        console.width = max(console.width, _width(variables, rows, texts))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, name in enumerate(variables):
        numbers = is_of_numbers(rows, number)
        table.add_column(Text(one_line(name)), justify="right" if numbers else "left", no_wrap=numbers, overflow="fold")
    for row in texts:
        table.add_row(*map(Text, row))
    console.print(table)


def _width(variables: Sequence[str], rows: Rows, texts: Sequence[Sequence[str]]) -> int:
    """How wide a table is in which no name is cut in two, and texts have room, within bounds."""
    import pyoxigraph as ox
    from rich.cells import cell_len

    width = 0
    for number, name in enumerate(variables):
        natural = max(cell_len(text) for text in [one_line(name), *(row[number] for row in texts)])
        is_text = any(isinstance(row[number], ox.Literal) for row in rows)
        width += 2 + (min(natural, _TEXT) if is_text else natural)
    return min(width, _WIDEST)


def markdown(variables: Sequence[str], rows: Rows, labels: Mapping[str, str]) -> str:
    """Rows as a table of GitHub Flavored Markdown (section 4.10), in which no cell is more than text."""
    rule = ["---:" if is_of_numbers(rows, number) else "---" for number in range(len(variables))]
    lines = [[_plain(name) for name in variables], rule, *([_plain(one) for one in row] for row in cells(rows, labels))]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _plain(text: str) -> str:
    """A text that Markdown shows as it is."""
    escaped = re.sub(r"[\\`*_\[\]|~$]", r"\\\g<0>", escape(one_line(text), quote=False))
    return re.sub(r"(?<=\w)\\_(?=\w)", "_", escaped)  # an underscore within a word is itself


def html(variables: Sequence[str], rows: Rows, labels: Callable[[], Mapping[str, str]]) -> str:
    """Rows as a table of HTML for a notebook: the first of them, and how many there are more."""
    import pyoxigraph as ox

    first = rows[:_HTML_ROWS]
    lines = ["<table>", "<thead><tr>", *(f"<th>{escape(one_line(name))}</th>" for name in variables), "</tr></thead>"]
    lines.append("<tbody>")
    align = [' style="text-align:right"' if is_of_numbers(first, at) else "" for at in range(len(variables))]
    for row, texts in zip(first, cells(first, labels()), strict=True):
        lines.append("<tr>")
        for term, text, side in zip(row, texts, align, strict=True):
            whole = f' title="{escape(one_line(term.value))}"' if isinstance(term, ox.NamedNode) else ""
            lines.append(f"<td{side}{whole}>{escape(text)}</td>")
        lines.append("</tr>")
    lines += ["</tbody>", "</table>"]
    more = len(rows) - len(first)
    lines.append(f"<p>{len(first)} of {len(rows)} rows; a data frame or csv has all</p>" if more else "")
    return "\n".join(line for line in lines if line) + "\n"
