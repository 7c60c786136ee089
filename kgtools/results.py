"""Results in Python: findings and verdicts go in; sequences that become tables and data frames come out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, overload

from kgtools.answers import frames
from kgtools.answers.frames import Kind
from kgtools.derive import SAYING
from kgtools.model import SEVERITIES, Finding, Severity, Verdict, VerdictValue
from kgtools.write import FINDING_COLUMNS, VERDICT_COLUMNS, one_line

if TYPE_CHECKING:
    from typing import Self

    import pandas
    import polars

Record = TypeVar("Record", Finding, Verdict)

VERDICTS: tuple[VerdictValue, ...] = ("supports", "contradicts", "mixed", "silent", "not-applicable")

_SHOWN = 100
"""Rows that a notebook shows of a table; frames have all."""


class Records(Sequence[Record], Generic[Record]):
    """Records in the order of their table, which a notebook shows as such.

    Args:
        records: the records, sorted.
    """

    columns: ClassVar[Mapping[str, Kind]] = {}
    """The columns of data frames, and what is in them."""

    shown: ClassVar[tuple[str, ...]] = ()
    """The columns that a notebook shows."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._records: tuple[Record, ...] = tuple(records)

    @overload
    def __getitem__(self, index: int) -> Record: ...

    @overload
    def __getitem__(self, index: slice) -> Self: ...

    def __getitem__(self, index: int | slice) -> Record | Self:
        return type(self)(self._records[index]) if isinstance(index, slice) else self._records[index]

    def __len__(self) -> int:
        return len(self._records)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self._records == other._records

    def __hash__(self) -> int:
        return hash(self._records)

    @property
    def counts(self) -> Mapping[Any, int]:
        """How many records there are of each kind."""
        raise NotImplementedError

    def __repr__(self) -> str:
        counted = ", ".join(f"{count} {kind}" for kind, count in self.counts.items() if count)
        return f"<{type(self).__name__}: {counted or 'none'}>"

    def to_polars(self) -> polars.DataFrame:
        """A polars frame, a row a record; several values of a cell are a list.

        Raises:
            InputError: polars is not installed.
        """
        return frames.to_polars(self._columns(), self.columns)

    def to_pandas(self) -> pandas.DataFrame:
        """A pandas frame, a row a record; several values of a cell are a list.

        Raises:
            InputError: pandas is not installed.
        """
        return frames.to_pandas(self._columns(), self.columns)

    def _columns(self) -> dict[str, list[Any]]:
        return {name: [getattr(one, name) for one in self._records] for name in self.columns}

    def _repr_html_(self) -> str:
        """The table that a notebook shows."""
        head = "".join(f"<th>{escape(name)}</th>" for name in self.shown)
        rows = "".join(
            f"<tr>{''.join(f'<td>{escape(_cell(getattr(one, name)))}</td>' for name in self.shown)}</tr>\n"
            for one in self._records[:_SHOWN]
        )
        more = f"<p>… and {len(self) - _SHOWN:,} more</p>\n" if len(self) > _SHOWN else ""
        return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n{more}"


class Findings(Records[Finding]):
    """What was found wrong or remarkable, the most severe first; the columns are those of `findings.csv`.

    >>> from kgtools import Finding, Findings
    >>> findings = Findings([Finding("warning", "channel:missing", "Say which channel.", file="incidents.csv", row=7)])
    >>> findings, findings[0].row, findings.conforms
    (<Findings: 1 warning>, 7, False)
    >>> findings.to_pandas()["row"].dtype
    Int64Dtype()
    """

    columns: ClassVar[Mapping[str, Kind]] = {name: "integer" if name == "row" else "text" for name in FINDING_COLUMNS}
    shown = ("severity", "file", "row", "incident", "message", "shape")

    @property
    def counts(self) -> Mapping[Severity, int]:
        """How many findings there are of each severity, the most severe first."""
        counted = Counter(one.severity for one in self)
        return {severity: counted[severity] for severity in SEVERITIES}

    @property
    def conforms(self) -> bool:
        """Whether nothing was found, of any severity: `sh:conforms` of a validation report (W3C SHACL, 3.6.1.1)."""
        return not self


class Verdicts(Records[Verdict]):
    """Verdicts, sorted by unit type, unit, theory and proposition; the columns of `verdicts.csv`, and a few more.

    A share of supporting incidents is not a probability: critical incidents sample extremes.

    >>> import kgtools
    >>> verdicts = kgtools.open("examples/online-service").derive()
    >>> verdicts[0].unit, verdicts[0].unit_type, verdicts[0].verdict, verdicts[0].grade
    ('I05', 'chain', 'supports', 'ordered')
    >>> verdicts.to_polars().filter(unit="I24")["verdict"].to_list()
    ['contradicts', 'contradicts', 'contradicts']

    Args:
        verdicts: the verdicts.
        findings: what was found in reading the data; a row that could not be taken in says nothing in a verdict.
    """

    columns: ClassVar[Mapping[str, Kind]] = {
        **{name: "texts" if name in ("evidence", "missing", "opposed") else "text" for name in VERDICT_COLUMNS},
        **{"inferred_alone": "truth", "own_corpus": "truth", "unit_iri": "text", "proposition_iri": "text"},
    }
    shown = ("unit_type", "unit", "proposition", "verdict", "grade", "evidence", "missing", "opposed")

    def __init__(self, verdicts: Iterable[Verdict] = (), findings: Iterable[Finding] = ()) -> None:
        super().__init__(verdicts)
        self.findings = Findings(findings)

    @property
    def counts(self) -> Mapping[VerdictValue, int]:
        """How many there are of each verdict; of `silent` and `not-applicable` only where these were asked for."""
        counted = Counter(one.verdict for one in self)
        return {value: counted[value] for value in VERDICTS if counted[value] or value in SAYING}


def _cell(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return "" if value is None else one_line(str(value))
