"""What was checked: the paths of a call go in; where a finding's file lies, and what its rule is called, come out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from kgtools.model import SEVERITIES, Finding, Severity
from kgtools.validate.rules import Rule


@dataclass(frozen=True)
class Checked:
    """What was checked, and by which rules.

    Args:
        data: the paths that were named.
        shapes: shapes files that were named.
        rules: the shapes that were looked at.
        others: further ones that a finding may be of.
        fail_on: the least severity that makes the check fail; `never` for none.
    """

    data: Sequence[Path] = ()
    shapes: Sequence[Path] = ()
    rules: Sequence[Rule] = ()
    fail_on: str = "violation"
    others: Sequence[Rule] = ()
    _uris: dict[str, str] = field(default_factory=dict, compare=False)

    @cached_property
    def by_id(self) -> dict[str, Rule]:
        """The rules by what findings call them."""
        return {rule.id: rule for rule in self.rules}

    def rule(self, finding: Finding) -> Rule:
        """A finding's rule; those of readers have no shape, and no name but what findings call them.

        A reader may call what it finds like a shape that is about the same cell, and less severe.
        """
        known = self.by_id.get(finding.shape) or next((one for one in self.others if one.id == finding.shape), None)
        return known if known and known.severity == finding.severity else Rule(finding.shape, severity=finding.severity)

    def found(self, findings: Iterable[Finding]) -> list[Rule]:
        """The rules that were looked at, and those that findings name beside them, sorted."""
        beside = {one.shape: self.rule(one) for one in findings if one.shape not in self.by_id}
        return [one for _, one in sorted({**self.by_id, **beside}.items())]

    def fails(self, severity: Severity, otherwise: str = "never") -> bool:
        """Whether findings of a severity make the check fail.

        Args:
            otherwise: what counts where nothing is to fail.
        """
        least = otherwise if self.fail_on == "never" else self.fail_on
        return least != "never" and SEVERITIES.index(severity) <= [str(one) for one in SEVERITIES].index(least)

    def uri(self, file: str) -> str:
        """Where the file of a finding lies, from where the command was called: a relative URI, percent-encoded.

        A file that is nowhere below is called by its name alone. Where a finding names no file, it is the data's.
        """
        if file.startswith(("http://", "https://")):  # a server
            return file
        if file not in self._uris:
            self._uris[file] = quote(self._relative(file), safe="/~", errors="surrogateescape")
        return self._uris[file]

    def sheet(self, file: str) -> str:
        """The sheet of a workbook that a finding's file names; empty for other files."""
        book, mark, sheet = file.rpartition("#")
        return sheet if mark and book.lower().endswith(".xlsx") else ""

    def _relative(self, file: str) -> str:
        name = file[: -len(sheet) - 1] if (sheet := self.sheet(file)) else file
        for path in (*self.data, *self.shapes):
            for candidate in _candidates(path, name):
                if candidate.exists():
                    return _from_here(candidate)
        return _from_here(Path(name)) if name else "standard-input"


def _candidates(path: Path, name: str) -> list[Path]:
    """Where a file of some data may be, if findings call it so: in several bundles, with the bundle's name before."""
    if str(path) == "-":
        return []
    if not name:
        return [path]
    folder = path if path.is_dir() else path.parent
    bundle, _, rest = name.partition("/")
    called = path.resolve().name if path.is_dir() else path.stem
    return [folder / rest if rest and bundle == called else folder / name, *([path] if name == str(path) else [])]


def _from_here(path: Path) -> str:
    here = Path.cwd()
    whole = Path(os.path.normpath(here / path))  # not resolved: a link is where the caller says
    if whole.is_relative_to(here) and whole != here:
        return whole.relative_to(here).as_posix()
    return path.name or whole.name
