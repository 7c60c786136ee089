"""The account: what is told of a unit before a proposition, as plain frozen values.

This is also the structure of `--format json`: each class below is an object there, with the same names; a tuple is an
array, None is null. Names are added over time, none is renamed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CodingTold:
    """A coding that counts: who says so, by which words, in which row. `row` is the line in the file, header = 1.

    `inferred`: a crosswalk made it of the coder's own `code`, which is told then. `purpose` is told where the
    proposition reports it.
    """

    id: str
    iri: str
    coder: str | None
    quote: str | None
    file: str
    row: int | None
    code: str | None
    inferred: bool
    purpose: str | None


@dataclass(frozen=True)
class ElementTold:
    """An element of an incident, or a record of absence, as it was coded.

    `name` is what stands for it in verdict tables. `words` says it in half a line.
    """

    iri: str
    name: str
    words: str
    incident: str
    term: str
    absent: bool
    valence: str | None
    bearer: str | None
    toward: str | None
    step: int | None
    codings: tuple[CodingTold, ...]


@dataclass(frozen=True)
class OrderTold:
    """How the order that a slot asks for was found: after which slot, and what is recorded of which element of it.

    `how` is `follows`, `steps`, `links`, or empty where nothing is recorded and nothing says otherwise.
    """

    after: str
    element: str
    how: str
    words: str


@dataclass(frozen=True)
class LinkTold:
    """A path of links from an element of a condition to this one: the elements on it, and the rows that drew it."""

    slot: str
    path: tuple[str, ...]
    rows: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class UseTold:
    """An element in a slot: what it is, why it opposes (too), how order and links to it were found."""

    element: ElementTold
    why: str
    order: tuple[OrderTold, ...] = ()
    links: tuple[LinkTold, ...] = ()


@dataclass(frozen=True)
class NearTold:
    """An element of a slot's class that does not fit, and what is wrong with it."""

    element: ElementTold
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class SlotTold:
    """A slot, and how the unit stands to it.

    `state` is `filled`, `opposed`, `filled and opposed`, `there` (what would fill or oppose it is coded, but another
    slot is not filled, so that nothing comes of it), `unfit` (what is coded does not fit) or `missing` (nothing of its
    class is coded). `fits` and `would_oppose` list what is there or stands in no reading that the verdict uses; `near`
    what does not fit. `opposed_with` names slots that it must come after and that are opposed, and it with them.
    """

    id: str
    iri: str
    role: str
    label: str
    asks: str
    state: str
    opposed_with: tuple[str, ...]
    fills: tuple[UseTold, ...]
    opposes: tuple[UseTold, ...]
    fits: tuple[ElementTold, ...]
    would_oppose: tuple[ElementTold, ...]
    near: tuple[NearTold, ...]


@dataclass(frozen=True)
class IncidentTold:
    """An incident of the unit. `before` counts the incidents before it along `follows`; `used` says what of it stands
    in which slot."""

    id: str
    iri: str
    follows: str | None
    before: int
    occurred_on: str | None
    channel: str | None
    platform: str | None
    told_by: str | None
    used: tuple[str, ...]


@dataclass(frozen=True)
class ScopeTold:
    """The scope asked for, whether it `holds`, `fails` or is `unrecorded`, and where the unit took place."""

    asked: str
    state: str
    words: str


@dataclass(frozen=True)
class ChangeTold:
    """A change that was tried on a copy, and the verdict and grade that come of it."""

    kind: str
    words: str
    verdict: str
    grade: str


@dataclass(frozen=True)
class Explanation:
    """What one unit says of one proposition, and why. `why` says it in a line; `in_full` is false for short ones.

    `no_change` says what was tried in vain; `untried` why few changes, or none, were tried.
    """

    unit_type: str
    unit: str
    unit_iri: str
    theory: str
    proposition: str
    proposition_iri: str
    label: str
    statement: str
    source: str
    coders: str
    coded_by: tuple[str, ...]
    verdict: str
    grade: str
    why: str
    grade_words: str
    in_full: bool
    scope: ScopeTold | None
    incidents: tuple[IncidentTold, ...]
    slots: tuple[SlotTold, ...]
    missing: tuple[str, ...]
    opposed: tuple[str, ...]
    changes: tuple[ChangeTold, ...]
    no_change: str
    untried: str
    caveats: tuple[str, ...]


@dataclass(frozen=True)
class FindingTold:
    """A row of the unit that was left out or is remarkable, as in `findings.csv`."""

    severity: str
    message: str
    file: str
    row: int | None
    incident: str


@dataclass(frozen=True)
class Account:
    """All that is told of a unit: the top of `--format json`. `chain` is the first incident of its chain."""

    bundle: str
    unit: str
    chain: str
    coders: str
    explanations: tuple[Explanation, ...]
    findings: tuple[FindingTold, ...]
