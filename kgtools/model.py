"""The nouns, as frozen values: what every reader yields and every verb works on.

A coding is one row's statement about one element of an incident. Cells that say nothing are `None`; what a cell may
hold is in the project's description of bundles (README, "Bundles").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote

Severity = Literal["violation", "warning", "info"]
"""As in SHACL, most severe first."""

SEVERITIES: tuple[Severity, ...] = ("violation", "warning", "info")

CODER_SETS = ANY, MAJORITY, ALL = "any", "majority", "all"
"""The sets of coders that one may ask for beside a single coder by name; so nobody can be called like that."""

VerdictValue = Literal["supports", "contradicts", "mixed", "silent", "not-applicable"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was read: a file, and the line in it (the header is line 1; None for a hand-made graph)."""

    file: str
    row: int | None


@dataclass(frozen=True, slots=True)
class Coding:
    """One coder's statement that something figures in an incident, or is absent from it.

    `term` is the class it is coded as, or None where the code is nobody's term (kept, and fills no slot). `inferred` is
    0 for what a coder said, n for the n-th thing that a crosswalk made of it. `leads_to` holds ids of other rows.
    `start` and `end` count code points of the narrative; `native_start` and `native_end` are what the coding program
    wrote, by `offset_rule`, which fits with `offset_score` (0 to 1); `fragment` is a part of what is no text.
    `beside` says that the code only tells something of what else is coded on the same words.
    """

    iri: str
    id: str
    incident: str
    code: str
    place: Place
    term: str | None = None
    element: str | None = None
    element_iri: str | None = None
    absent: bool = False
    valence: str | None = None
    bearer: str | None = None
    toward: str | None = None
    step: int | None = None
    purpose: str | None = None
    coder: str | None = None
    segment: str | None = None
    source: str | None = None
    start: int | None = None
    end: int | None = None
    coded_at: str | None = None
    confidence: str | None = None
    fragment: str | None = None
    native_start: str | None = None
    native_end: str | None = None
    offset_rule: str | None = None
    offset_score: str | None = None
    leads_to: tuple[str, ...] = ()
    inferred: int = 0
    extra: tuple[tuple[str, str], ...] = ()
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Incident:
    """A critical incident: what happened, where, and after which other one. `channel` is the IRI of a channel class."""

    iri: str
    id: str
    chain: str
    place: Place | None = None
    channel: str | None = None
    platform: str | None = None
    occurred_on: str | None = None
    follows: str | None = None
    context: str | None = None
    monopoly: bool | None = None
    resources_limited: bool | None = None
    common_cause: bool | None = None
    narrative: str | None = None
    corpus: str | None = None
    told_by: str | None = None
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who is named in the data, with the roles recorded for them (class IRIs; none where nothing is known)."""

    iri: str
    id: str
    roles: frozenset[str] = field(default_factory=frozenset)
    label: str | None = None
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Element:
    """What codings that agree speak of: something that figures in an incident, or (`absent`) that was recorded not to.

    Codings of one incident are of one element where they agree in name, term, step, bearer, toward, valence and
    presence, whoever made them.
    """

    iri: str
    incident: str
    term: str
    name: str | None
    absent: bool
    valence: str | None
    bearer: str | None
    toward: str | None
    step: int | None
    codings: tuple[Coding, ...]

    @property
    def alike(self) -> tuple[str | None, str, str | None, bool]:
        """What coders must agree in to have coded it alike (within its incident): name, term, valence and presence."""
        return (self.name, self.term, self.valence, self.absent)


def elements(incident: Incident, codings: tuple[Coding, ...]) -> list[Element]:
    """The elements that an incident's codings speak of, in their order. Codes that are no term make none."""
    alike: dict[tuple[object, ...], list[Coding]] = {}
    for coding in codings:
        if coding.term is not None:
            key = (
                *(coding.element_iri, coding.element, coding.term, coding.step),
                *(coding.bearer, coding.toward, coding.valence, coding.absent),
            )
            alike.setdefault(key, []).append(coding)
    return [
        Element(
            iri=group[0].element_iri or f"{incident.iri}/element/{_element_name(group[0])}",
            incident=incident.id,
            term=group[0].term or "",
            name=group[0].element,
            absent=group[0].absent,
            valence=group[0].valence,
            bearer=group[0].bearer,
            toward=group[0].toward,
            step=group[0].step,
            codings=tuple(group),
        )
        for group in alike.values()
    ]


def _element_name(coding: Coding) -> str:
    """A name that tells an element from any other of its incident, such as `Review;positive;by=customer;step=2`."""
    term = (coding.term or "").removeprefix("https://w3id.org/evco#")
    cells = (
        ("", coding.valence),
        ("by=", coding.bearer),
        ("to=", coding.toward),
        ("step=", coding.step),
        ("named=", coding.element),
    )
    said = [quote(term, safe=""), *(mark + quote(str(cell), safe="") for mark, cell in cells if cell is not None)]
    return ";".join([*said, "absent"] if coding.absent else said)


LONGEST_SEGMENT = 200
"""So many characters of what was coded does a finding keep, to know the place by."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found wrong or remarkable, and where. The columns of `findings.csv`, in their order.

    After them, what is not in the table: `column`, the column of the file that it is about, as the file calls it; and
    `segment`, the first `LONGEST_SEGMENT` characters of the words coded in that row. Both are empty where unknown.
    """

    severity: Severity
    shape: str
    message: str
    focus: str = ""
    path: str = ""
    value: str = ""
    file: str = ""
    row: int | None = None
    incident: str = ""
    column: str = ""
    segment: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """How a verdict uses an element (`element`: its IRI): it fills a slot, or opposes it."""

    slot: str
    opposes: bool
    element: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one unit says of one proposition, for a set of coders: the columns of `verdicts.csv`, in their order.

    After them, what is not in the table: the IRIs of the unit, the proposition, the elements of the evidence and the
    slots named; whether all that it rests on was inferred by a crosswalk; whether it was found in the very corpus that
    the theory was induced from; and which element of the evidence stands in which slot.
    """

    unit_type: Literal["incident", "chain"]
    unit: str
    theory: str
    proposition: str
    verdict: VerdictValue
    grade: str
    coders: str
    evidence: tuple[str, ...]
    missing: tuple[str, ...]
    opposed: tuple[str, ...]
    unit_iri: str = ""
    proposition_iri: str = ""
    evidence_iris: tuple[str, ...] = ()
    missing_iris: tuple[str, ...] = ()
    opposed_iris: tuple[str, ...] = ()
    inferred_alone: bool = False
    own_corpus: bool = False
    uses: tuple[Use, ...] = ()
