"""About: what a run read and was asked for goes in, as values; the report's first pages are made from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kgtools import __version__
from kgtools.model import ANY, SEVERITIES, Finding

if TYPE_CHECKING:
    from kgtools.agreement.estimates import Agreement
    from kgtools.read import Bundle
    from kgtools.theory import Theory


@dataclass(frozen=True)
class Source:
    """A bundle that was read.

    Args:
        inferred: how many statements a crosswalk made of codes that are no terms.
        files: the names of the files that rows were taken from.
    """

    name: str
    iri: str
    rows_read: int
    rows_taken: int
    incidents: int
    coders: tuple[str, ...] = ()
    inferred: int = 0
    files: tuple[str, ...] = ()

    @classmethod
    def of(cls, bundle: Bundle) -> Source:
        """What is told of a bundle."""
        return cls(
            bundle.name,
            bundle.iri,
            bundle.rows_read,
            bundle.rows_taken,
            bundle.count(),
            tuple(bundle.coders()),
            bundle.inferred(),
            tuple(bundle.files()),
        )


@dataclass
class Found:
    """Findings, counted by severity and shape, with the first few of each.

    Codes that were left out, or that nothing is mapped to, are told one by one (up to `codes`): they say what of the
    coders' work is not in the verdicts.
    """

    most: int = 3
    codes: int = 200
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    first: dict[tuple[str, str], list[Finding]] = field(default_factory=dict)

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Found:
        """Count findings, each of which is given once, in the order in which they are to be told."""
        made = cls()
        for finding in findings:
            key = (finding.severity, finding.shape)
            made.counts[key] += 1
            kept = made.first.setdefault(key, [])
            if len(kept) < (made.codes if finding.shape.startswith("code:") else made.most):
                kept.append(finding)
        return made

    def by_severity(self) -> dict[str, int]:
        """How many of each severity, most severe first."""
        return {
            severity: sum(count for (each, _), count in self.counts.items() if each == severity)
            for severity in SEVERITIES
        }


@dataclass(frozen=True)
class About:
    """What a report is about, beside the facts: the call, what it read, and what it found wrong.

    Args:
        agreement: how far coders agree in their codes; None where no two coded the same incident.
    """

    bundles: tuple[Source, ...]
    theories: tuple[Theory, ...]
    coders: str = ANY
    found: Found = field(default_factory=Found)
    version: str = __version__
    agreement: Agreement | None = None
