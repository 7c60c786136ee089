"""Told: agreement between coders goes in, a table for spreadsheets, programs or people comes out."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from kgtools.agreement.estimates import COHEN, MASI, MEASURES, PERCENT, SETS, WHOLE, Agreement, Estimate
from kgtools.agreement.interval import LEVEL
from kgtools.write import no_formula, one_line

if TYPE_CHECKING:
    from rich.console import Console

COLUMNS = tuple(field.name for field in fields(Estimate))

HEADS = {
    PERCENT: "agree",
    COHEN: "Cohen's κ",
    "fleiss-kappa": "Fleiss' κ",
    "krippendorff-alpha": "Krippendorff's α",
    "gwet-ac1": "Gwet's AC1",
}
"""What measures are called above a column."""


def as_csv(agreement: Agreement) -> str:
    """A line for each estimate; coders have `;` between them, and no cell is one that a spreadsheet would compute."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in agreement.estimates:
        writer.writerow(no_formula(_cell(getattr(one, name))) for name in COLUMNS)
    return text.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, tuple):
        return ";".join(value)
    return "" if value is None else str(value)


def as_json(agreement: Agreement) -> str:
    """What was compared, and the estimates."""
    told = {
        "coders": [
            {"name": name, "incidents": count} for name, count in zip(agreement.coders, agreement.coded, strict=True)
        ],
        "incidents": agreement.incidents,
        "incidents_of_several_coders": agreement.shared,
        "incidents_whose_sets_were_compared": agreement.sets_of,
        "codes": agreement.codes,
        "rows_without_coder": agreement.unnamed,
        "level": LEVEL,
        "estimates": [asdict(one) for one in agreement.estimates],
    }
    return json.dumps(told, indent=1, ensure_ascii=False) + "\n"


def show(agreement: Agreement, console: Console) -> None:
    """Tables for people: over all codes, by pair of coders, by code, by proposition; and what is undefined, and why."""
    from rich.text import Text

    def line(text: str) -> None:
        console.print(Text(one_line(text)), soft_wrap=True)

    coded = ", ".join(f"{name} ({count})" for name, count in zip(agreement.coders, agreement.coded, strict=True))
    line(f"{agreement.shared} of {agreement.incidents} incidents were coded by two coders or more: {coded}")
    if agreement.unnamed:
        unnamed = "1 row names" if agreement.unnamed == 1 else f"{agreement.unnamed} rows name"
        line(f"{unnamed} no coder, so nobody knows whose judgment that is: left out")
    whole = [one for one in agreement.estimates if one.of in (WHOLE, SETS) and one.by == "overall"]
    if whole:
        console.print()
        line(f"All {agreement.codes} codes together; the unit is an incident and a code:")
        _table(console, "", [[one for one in whole if one.measure != MASI]])
        sets = next(one for one in whole if one.measure == MASI)
        part = "" if sets.units == agreement.shared else f", an even part of {agreement.shared}"
        line(f"Krippendorff's α of the sets of codes of {sets.units} incidents{part} (MASI distance): {said(sets)}")
    for by, head in (("pair", "pair of coders"), ("code", "code"), ("proposition", "proposition")):
        rows = rows_of(agreement.estimates, by)
        if by == "proposition":  # most theories say nothing of most data
            rows = [row for row in rows if any(one.value is not None for one in row if one.measure != PERCENT)]
        if rows:
            console.print()
            _table(console, head, rows)
    undefined: dict[str, dict[str, None]] = {}
    for each in agreement.estimates:
        if each.value is None:
            undefined.setdefault(each.reason, {})[", ".join(each.coders) if each.by == "pair" else each.of] = None
    if undefined:
        console.print()
    for reason, names in undefined.items():
        line(f"undefined: {reason} ({', '.join(names)})")


def rows_of(estimates: Iterable[Estimate], by: str) -> list[list[Estimate]]:
    """The estimates of each code, pair or proposition, in their order."""
    grouped: dict[tuple[str, tuple[str, ...]], list[Estimate]] = {}
    for one in estimates:
        if one.by == by:
            grouped.setdefault((one.of, one.coders), []).append(one)
    return [*grouped.values()]


def _table(console: Console, head: str, rows: Sequence[Sequence[Estimate]]) -> None:
    from rich.table import Table
    from rich.text import Text

    names = [name for name in MEASURES if any(one.measure == name for row in rows for one in row)]
    table = Table(box=None, pad_edge=False, header_style="bold")
    if head:
        table.add_column(head, overflow="fold")
    table.add_column("found in" if head == "code" else "units", justify="right", no_wrap=True)
    for name in names:
        table.add_column(_head(name, rows), no_wrap=True)
    for row in rows:
        by_name = {one.measure: one for one in row}
        first = row[0]
        name = ", ".join(first.coders) if first.by == "pair" else first.of
        count = first.yes if head == "code" else max(one.units for one in row)
        cells = (said(by_name[each]) if each in by_name else "" for each in names)
        table.add_row(*([Text(one_line(name))] if head else []), str(count), *map(Text, cells))
    console.print(table)


def _head(name: str, rows: Sequence[Sequence[Estimate]]) -> str:
    several = name == COHEN and any(len(one.coders) > 2 for row in rows for one in row)
    return "mean Cohen's κ" if several else HEADS[name]


def said(one: Estimate) -> str:
    """`.71 [.52, .90]`; for the share that agrees, in percent."""
    if one.value is None:
        return "undefined"
    form = percent if one.measure == PERCENT else decimals
    return form(one.value) + (f" [{form(one.low)}, {form(one.high)}]" if None not in (one.low, one.high) else "")


def percent(value: float | None) -> str:
    """A share in percent, such as `97%`."""
    return "" if value is None else f"{value:.0%}"


def decimals(value: float | None) -> str:
    """A coefficient with two decimals and no zero before the point, such as `.71`."""
    if value is None:
        return ""
    said = f"{value:.2f}".replace("0.", ".", 1)
    return ".00" if said == "-.00" else said
