"""For people: findings go in; groups come out, the most severe first, with the first of each and how many there are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kgtools.model import SEVERITIES, Finding
from kgtools.validate.formats.checked import Checked
from kgtools.validate.formats.plain import clipped, where

if TYPE_CHECKING:
    from rich.console import Console

GROUPS = ("shape", "severity", "file", "incident", "none")
FEW = 5
"""So many findings of a group are shown unless the user says otherwise."""

_STYLES = {"violation": "bold red", "warning": "bold yellow", "info": "bold cyan"}


@dataclass
class _Group:
    """Findings that have something in common: the first of them, and how many there are of each severity."""

    first: list[Finding] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SEVERITIES, 0))

    @property
    def severity(self) -> str:
        """The worst."""
        return next(severity for severity in SEVERITIES if self.counts[severity])

    @property
    def count(self) -> int:
        return sum(self.counts.values())


_KEYS: dict[str, Callable[[Finding], str]] = {
    "shape": lambda one: f"{one.severity}\0{one.shape}",
    "severity": lambda one: one.severity,
    "file": lambda one: one.file,
    "incident": lambda one: one.incident,
    "none": lambda _: "",
}


def show(
    findings: Iterable[Finding], console: Console, checked: Checked, group_by: str = "shape", limit: int | None = None
) -> None:
    """Print findings in groups: by shape unless another of `GROUPS` is asked for.

    Args:
        limit: how many of a group are shown, 0 for all; None for a few, and for all where there are no groups.
    """
    from rich.text import Text

    limit = (0 if group_by == "none" else FEW) if limit is None else limit
    groups: dict[str, _Group] = {}
    for one in findings:
        group = groups.setdefault(_KEYS[group_by](one), _Group())
        group.counts[one.severity] += 1
        if not limit or len(group.first) < limit:
            group.first.append(one)
    if not groups:
        console.print("Nothing found.")
    # The most severe first, of these the largest, and then by name.
    order = sorted(
        (SEVERITIES.index(group.severity), *(-count for count in group.counts.values()), key)
        for key, group in groups.items()
    )
    for place, (*_, key) in enumerate(order):
        group = groups[str(key)]
        if group_by != "none":
            console.print(Text.assemble("\n" if place else "", *_heading(group, group_by, checked)), soft_wrap=True)
        for start in range(0, len(group.first), _AT_ONCE):
            parts = [part for one in group.first[start : start + _AT_ONCE] for part in _lines(one, group_by)]
            console.print(Text.assemble(*parts), soft_wrap=True, end="")
        if more := group.count - len(group.first):
            console.print(Text(f"  … and {more:,} more (--limit 0 shows all)", "dim"), soft_wrap=True)


Part = str | tuple[str, str]
"""Text, or text with a style."""


def _heading(group: _Group, group_by: str, checked: Checked) -> list[Part]:
    """What a group has in common, and how many there are."""
    one = group.first[0]
    if group_by in ("shape", "severity"):
        rule = checked.rule(one)
        named = [" ", (clipped(rule.name), "bold"), f" [{clipped(rule.id)}]"] if rule.name else [f" {clipped(rule.id)}"]
        return [(one.severity, _STYLES[one.severity]), *(named if group_by == "shape" else []), f": {group.count:,}"]
    counts = ", ".join(
        f"{count:,} {severity}{'s' if count != 1 and severity != 'info' else ''}"
        for severity, count in group.counts.items()
        if count
    )
    called = {
        "file": one.file or "in no file",
        "incident": f"incident {one.incident}" if one.incident else "no incident",
    }
    return [(clipped(called[group_by]), "bold"), f": {counts}"]


_AT_ONCE = 100
"""Findings that are printed together, which is quicker."""


def _lines(one: Finding, group_by: str) -> list[Part]:
    """Where a finding is, what it says, and below it the words that were coded there."""
    place = [
        where(one),
        f"column {one.column}" if one.column else "",
        f"incident {one.incident}" if one.incident else "",
    ]
    said = ", ".join(clipped(part) for part in place if part)
    severity: list[Part] = [(one.severity, _STYLES[one.severity]), " "] if group_by not in ("shape", "severity") else []
    message = clipped(one.message) + ("" if group_by == "shape" else f" [{clipped(one.shape)}]")
    quoted = one.segment and clipped(one.segment) not in clipped(one.message)
    words: list[Part] = [(f"      “{clipped(one.segment)}”\n", "dim")] if quoted else []
    line = [*severity, f"{said}: {message}" if said else message, _value(one), "\n"]
    return ["  " if group_by != "none" else "", *line, *words]


def _value(one: Finding) -> str:
    """The value, where the message does not say it and it can be read."""
    unsaid = one.value and one.value not in one.message and len(one.value) <= _READABLE
    return f" (`{clipped(one.value)}`)" if unsaid and not _IRI.match(one.value) else ""


_READABLE = 60
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S*\Z")
