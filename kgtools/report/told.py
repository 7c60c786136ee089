"""Incidents in detail: what was kept of them goes in, what the page tells of each comes out, elements by number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kgtools.model import CODER_SETS, Actor, Coding, Element, Finding, Incident, Verdict, elements
from kgtools.report.facts import Said, Shown
from kgtools.report.marks import Piece, Unplaced, marked
from kgtools.report.place import UnitName
from kgtools.vocabulary import local

if TYPE_CHECKING:
    from kgtools.report.page import Page
    from kgtools.theory import Proposition, Slot


@dataclass(frozen=True)
class ToldElement:
    """An element of an incident, with its number in it."""

    number: int
    anchor: str
    label: str
    element: Element
    coders: tuple[str, ...]
    inferred: bool
    counts: bool
    bearer: str
    toward: str
    purposes: tuple[str, ...]
    links: tuple[Ref, ...]
    quotes: tuple[str, ...]

    @property
    def ids(self) -> str:
        """The ids of its codings."""
        return ", ".join(dict.fromkeys(coding.id for coding in self.element.codings))


@dataclass(frozen=True)
class Ref:
    """Where an element is told: its incident, its number there, its class and its coders; no anchor if it is not."""

    incident: str
    number: int
    label: str
    anchor: str
    coders: tuple[str, ...] = ()


@dataclass(frozen=True)
class ToldSlot:
    """A slot of a verdict: what fills it and what opposes it."""

    slot: Slot
    fills: tuple[Ref, ...]
    opposes: tuple[Ref, ...]


@dataclass(frozen=True)
class ToldVerdict:
    """A verdict with its slots, who coded its evidence, and who alone yields it (None where that is not known)."""

    unit: str
    chain: bool
    proposition: Proposition
    verdict: Verdict
    slots: tuple[ToldSlot, ...]
    coders: tuple[str, ...]
    alone: tuple[str, ...] | None

    @property
    def named(self) -> tuple[str, ...]:
        """The coders that it is found by: who alone yields it; where that is not known, who coded its evidence."""
        return self.coders if self.alone is None else self.alone

    @property
    def rank(self) -> int:
        """Its place among verdicts: supports, mixed, contradicts."""
        return ("supports", "mixed", "contradicts").index(self.verdict.verdict)


@dataclass(frozen=True)
class ToldIncident:
    """An incident with its narrative in pieces, its elements, its verdicts and what was found in it."""

    anchor: str
    name: str
    incident: Incident
    facts: tuple[tuple[str, str], ...]
    pieces: tuple[Piece, ...]
    unplaced: tuple[Unplaced, ...]
    elements: tuple[ToldElement, ...]
    numbers: Mapping[str, tuple[Ref, ...]]
    others: tuple[Coding, ...]
    verdicts: tuple[ToldVerdict, ...]
    findings: tuple[Finding, ...]
    coders: tuple[str, ...]

    def refs(self, codings: Iterable[Coding]) -> list[Ref]:
        """The elements that some codings are of."""
        return list(dict.fromkeys(ref for coding in codings for ref in self.numbers.get(coding.iri, ())))


@dataclass(frozen=True)
class ToldChain:
    """A chain: its incidents in order, and what it says as a whole."""

    anchor: str
    name: str
    incidents: tuple[ToldIncident, ...]
    verdicts: tuple[ToldVerdict, ...]


UNNAMED = "no coder named"


def told_chains(page: Page) -> list[ToldChain]:
    """The incidents that a page tells, chain by chain."""
    groups: dict[tuple[str, str], list[Shown]] = {}
    for one in page.facts.shown:
        groups.setdefault((one.bundle, one.incident.chain), []).append(one)
    return [_Chain(page, bundle, root, members).told() for (bundle, root), members in groups.items()]


class _Chain:
    """The incidents of one chain, at work."""

    def __init__(self, page: Page, bundle: str, root: str, members: Sequence[Shown]) -> None:
        self.page, self.unit, self.members = page, UnitName(bundle, root, chain=True), members
        self.refs: dict[str, Ref] = {}
        self.present = {one.incident.id: _numbered(one) for one in members}
        self.rows: dict[str, list[Ref]] = {}
        for one in members:
            name = UnitName(bundle, one.incident.id)
            for number, element in enumerate(self.present[one.incident.id], 1):
                anchor = f"{page.anchor(name)}:{number}"
                label = local(element.term) + (" (absent)" if element.absent else "")
                ref = Ref(page.unit(name), number, label, anchor, _coders(element.codings))
                self.refs[element.iri] = ref
                for coding in element.codings:
                    self.rows.setdefault(coding.id, []).append(ref)

    def told(self) -> ToldChain:
        return ToldChain(
            self.page.anchor(self.unit),
            self.page.unit(self.unit),
            tuple(self._incident(one) for one in self.members),
            tuple(self._verdict(verdict) for verdict in self.members[0].of_chain),
        )

    def _incident(self, one: Shown) -> ToldIncident:
        incident = one.incident
        name = UnitName(one.bundle, incident.id)
        numbers: dict[str, tuple[Ref, ...]] = {}
        for element in self.present[incident.id]:
            for coding in element.codings:
                numbers[coding.iri] = (*numbers.get(coding.iri, ()), self.refs[element.iri])
        actors = {actor.id: actor for actor in one.actors}
        pieces, unplaced = marked(incident.narrative or "", _once(one.codings))
        return ToldIncident(
            anchor=self.page.anchor(name),
            name=self.page.unit(name),
            incident=incident,
            facts=tuple(_facts(incident, actors)),
            pieces=tuple(pieces),
            unplaced=tuple(unplaced),
            elements=tuple(self._element(each, one, actors) for each in self.present[incident.id]),
            numbers=numbers,
            others=tuple(coding for coding in one.codings if coding.term is None),
            verdicts=tuple(self._verdict(verdict) for verdict in one.verdicts),
            findings=one.findings,
            coders=_coders(one.codings),
        )

    def _element(self, element: Element, one: Shown, actors: Mapping[str, Actor]) -> ToldElement:
        ref = self.refs[element.iri]
        links = {end: None for coding in element.codings for id in coding.leads_to for end in self.rows.get(id, ())}
        return ToldElement(
            number=ref.number,
            anchor=ref.anchor,
            label=local(element.term),
            element=element,
            coders=ref.coders,
            inferred=all(coding.inferred for coding in element.codings),
            counts=element.iri not in one.uncounted,
            bearer=_who(element.bearer, actors),
            toward=_who(element.toward, actors),
            purposes=tuple(sorted({coding.purpose for coding in element.codings if coding.purpose})),
            links=tuple(links),
            quotes=()
            if one.incident.narrative
            else tuple(dict.fromkeys(coding.segment for coding in element.codings if coding.segment)),
        )

    def _verdict(self, said: Said) -> ToldVerdict:
        verdict = said.verdict
        proposition = self.page.by_id[verdict.proposition].proposition
        used: dict[tuple[str, bool], list[Ref]] = {}
        for use in verdict.uses:
            ref = self.refs.get(use.element) or Ref("", 0, "an element of an incident that is not shown", "")
            used.setdefault((use.slot, use.opposes), []).append(ref)
        slots = [
            ToldSlot(slot, *(tuple(sorted(used.get((slot.id, opposes), ()), key=_place)) for opposes in (False, True)))
            for slot in proposition.slots
        ]
        coders = {coder for refs in used.values() for ref in refs for coder in ref.coders}
        asked = self.page.about.coders
        return ToldVerdict(
            self.page.unit(UnitName(self.unit.bundle, verdict.unit)),
            verdict.unit_type == "chain",
            proposition,
            verdict,
            tuple(slots),
            tuple(sorted(coders)) if asked in CODER_SETS else (asked,),
            said.alone,
        )


def _place(ref: Ref) -> tuple[str, int]:
    return ref.incident, ref.number


def _numbered(one: Shown) -> list[Element]:
    """The elements of an incident by step; those without one come last, in the order of the table."""
    found = elements(one.incident, one.codings)
    return sorted(found, key=lambda element: (element.step is None, element.step or 0))


def _coders(codings: Iterable[Coding]) -> tuple[str, ...]:
    return tuple(sorted({coding.coder or UNNAMED for coding in codings}))


def _once(codings: Iterable[Coding]) -> list[Coding]:
    """What coders marked, each row once (a crosswalk makes several things of a row)."""
    return list({coding.iri: coding for coding in reversed([*codings])}.values())[::-1]


def _who(name: str | None, actors: Mapping[str, Actor]) -> str:
    if name is None:
        return ""
    label = actors[name].label if name in actors else None
    return f"{name} ({label})" if label else name


def _facts(incident: Incident, actors: Mapping[str, Actor]) -> Iterable[tuple[str, str]]:
    """What is recorded of an incident, in words."""
    yes_no = {True: "yes", False: "no", None: None}
    cells = (
        ("channel", local(incident.channel) if incident.channel else None),
        ("platform", incident.platform),
        ("occurred on", incident.occurred_on),
        ("told by", _who(incident.told_by, actors)),
        ("follows", incident.follows),
        ("context", incident.context),
        ("monopoly", yes_no[incident.monopoly]),
        ("resources limited", yes_no[incident.resources_limited]),
        ("common cause", yes_no[incident.common_cause]),
        ("corpus", incident.corpus),
        *incident.extra,
    )
    return ((name, cell) for name, cell in cells if cell)
