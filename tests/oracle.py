"""Rows of a bundle in, every verdict out: a second reading of DESIGN 3 to 6, to test the first one against.

Why: the verdicts of kgtools are computed in SPARQL over a view. This module works them out from the same text in plain
Python, by trying everything, and shares no code, no query and no ontology file with it. Where the two disagree, one of
them or the text is wrong.

Read it from the bottom: `verdicts` takes the rows in (`take_in`, DESIGN 6), keeps what counts for a set of coders
(`View`, DESIGN 5: coders, links, order, bearers) and judges every unit by every proposition (`judge`: filling, reading,
verdict, grade). Class trees and propositions are arguments, so that other theories can be tried.

Where the text is open, this is the reading taken; each is marked `# OPEN:` where it is used.

Rows
 1. Cells are stripped and read in exact case; "" is no value. Whole numbers may be negative.
 2. A code is a term with or without `evco:`. A term that is no class of elements (`Customer`, `Forum`) is treated like
    an unmapped code. `Element` itself may be coded (as an absence it is above every class).
 3. Of rows with one id, the first that is taken in stays; later ones are left out. A row left out holds no id.
 4. An incidents row with an unknown channel, and an actors row with an unknown role, are left out whole too. Of several
    rows for one incident or one actor the first stays. A bearer that is both an actor and a role means the role.
 5. An unknown `purpose` makes a row wrong. Other columns that no verdict needs (start, end, coded_at, confidence,
    occurred_on, context, ...) are not judged here.
 6. An incident exists if a row that is taken in names it (rows kept as plain annotations do).
 7. A link to or from a plain annotation is one to nowhere.

Order and links
 8. Steps are compared inside one incident only: across branches equal or different steps record nothing.
 9. Links may order elements of different branches of one chain.
10. A link from an element to itself is a circle.
11. Links lead through the whole chain, also where the unit is one incident.

Bearers
12. An unresolved role is the same in all incidents of a chain, whichever branch they are on.
13. An actor recorded as `stakeholder` and the role `government` differ ("not that one nor one below it"), though the
    roles `stakeholder` and `government` do not.
14. `toward` is resolved like a bearer. A slot that only says whose bearer it must not be is not filled by an unknown.

Filling and reading
15. A record of absence with a valence is opposed to no slot that asks for none.
16. One element may fill two consequent slots ("each is judged by itself"), save where one must come after the other.
17. A consequent slot that shares its bearer with another consequent slot needs a filler of that one in the reading,
    as if it had to come after it, order aside (no such slot in the two theories).
18. "Opposed with it" is handed on: to the slot after the slot after.
19. A channel above the scope's class is not recorded; any other that is not below it fails.

What comes out
20. `missing`: the consequent slots neither filled nor opposed. `missing` and `opposed` are given for supports,
    contradicts and mixed only; so is the evidence.
21. Evidence of a completed reading holds the filler of the other consequent slot that it stands on; a slot "opposed
    with" another adds no element.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import product
from typing import NamedTuple

# --- Files (DESIGN 6) -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CodingRow:
    """A row of codings.csv, cells as they stand there."""

    incident: str | None
    code: str | None
    id: str | None = None
    element: str | None = None
    presence: str | None = None
    valence: str | None = None
    bearer: str | None = None
    toward: str | None = None
    step: str | None = None
    leads_to: str | None = None
    purpose: str | None = None
    coder: str | None = None
    segment: str | None = None
    source: str | None = None
    start: str | None = None
    end: str | None = None
    coded_at: str | None = None
    confidence: str | None = None


@dataclass(frozen=True)
class IncidentRow:
    """A row of incidents.csv, cells as they stand there."""

    incident: str | None
    channel: str | None = None
    platform: str | None = None
    occurred_on: str | None = None
    follows: str | None = None
    context: str | None = None
    monopoly: str | None = None
    resources_limited: str | None = None
    common_cause: str | None = None
    narrative: str | None = None
    corpus: str | None = None
    told_by: str | None = None


@dataclass(frozen=True)
class ActorRow:
    """A row of actors.csv, cells as they stand there."""

    actor: str | None
    role: str | None = None
    label: str | None = None


@dataclass(frozen=True)
class Bundle:
    """The three tables."""

    codings: Sequence[CodingRow]
    incidents: Sequence[IncidentRow] = ()
    actors: Sequence[ActorRow] = ()


VALENCES = ("positive", "negative", "neutral", "mixed")
PRESENCES = ("present", "absent")
PURPOSES = ("personal", "collective")
ROLES = {
    "customer": "Customer",
    "employee": "Employee",
    "firm": "Firm",
    "community": "CustomerCommunity",
    "stakeholder": "OtherStakeholder",
    "government": "GovernmentBody",
    "business": "Business",
}

# --- Vocabulary (DESIGN 3) --------------------------------------------------------------------------------------------

_BELOW = {
    "Element": "Act State Circumstance ResourceContribution Effect ValueOutcome",
    "Act": "EngagementBehavior EmployeeConduct Confrontation ProviderAct StakeholderAct",
    "EngagementBehavior": "AugmentingBehavior CodevelopingBehavior InfluencingBehavior MobilizingBehavior Complaint",
    "AugmentingBehavior": "ContentCreation PeerSupport",
    "CodevelopingBehavior": "IdeaSubmission Feedback",
    "InfluencingBehavior": "Review PositiveWordOfMouth NegativeWordOfMouth Recommendation",
    "MobilizingBehavior": "Advocacy Boycott",
    "EmployeeConduct": "HelpfulConduct EmpatheticConduct PoliteConduct ResponsiveConduct RudeConduct"
    " IndifferentConduct",
    "ProviderAct": "OrganizationalIncentive FeedbackSolicitation AccessProvision ControlCeding ServiceRecovery",
    "StakeholderAct": "Recognition Legitimation ResourceGrant",
    "State": "Delight FeelingValued Reciprocity DesireForRevenge Ownership Empowerment ImprovementNeed CommunalConcern"
    " ValueExpectation RelationalState",
    "RelationalState": "Satisfaction Trust Commitment",
    "Circumstance": "CoreServiceFailure TechnologicalFailure TechnologicalSupport ComplaintOutletLack",
    "ResourceContribution": "KnowledgeContribution InformationContribution SkillContribution LaborContribution"
    " TimeContribution MoneyContribution RelationshipContribution",
    "Effect": "OfferingChange StakeholderChange",
    "StakeholderChange": "PerceptionChange PreferenceChange ExpectationChange ActionChange NewRelationship",
    "ValueOutcome": "EconomicValue FunctionalValue EmotionalValue SocialValue CoCreatedValue CoDestroyedValue",
    "Actor": "Customer Employee Firm CustomerCommunity OtherStakeholder",
    "OtherStakeholder": "GovernmentBody Business",
    "Channel": "OnlineChannel OfflineChannel",
    "OnlineChannel": "SocialMedia ReviewSite Forum Email LiveChat BrandWebsite MobileApp",
}

Classes = Mapping[str, Sequence[str]]
"""A class tree: each class and the classes right above it."""

CLASSES: Classes = dict.fromkeys(("Element", "Actor", "Channel"), ()) | {
    child: (parent,) for parent, children in _BELOW.items() for child in children.split()
}
DEFINED = frozenset({"CoCreatedValue", "CoDestroyedValue"})
"""Classes that are inferred and cannot be coded."""


def above(name: str, classes: Classes) -> frozenset[str]:
    """The class and all classes above it."""
    return frozenset({name}).union(*(above(parent, classes) for parent in classes.get(name, ())))


# --- Propositions (DESIGN 4) ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Slot:
    """One part of what a proposition says; empty means: nothing asked."""

    name: str
    role: str
    """antecedent or consequent"""
    classes: tuple[str, ...]
    valence: str | None = None
    opposing: str | None = None
    """the opposing valence"""
    never: str | None = None
    """the valence it never takes"""
    bearer: tuple[str, ...] = ()
    bearer_not: tuple[str, ...] = ()
    toward: tuple[str, ...] = ()
    absence: tuple[str, ...] = ()
    """classes whose recorded absence opposes it"""
    after: tuple[str, ...] = ()
    same_bearer_as: str | None = None


@dataclass(frozen=True)
class Proposition:
    """A claim as data."""

    id: str
    unit: str
    """incident or chain"""
    slots: tuple[Slot, ...]
    scope: str | None = None
    """the class the channel must be of"""

    @property
    def antecedents(self) -> list[Slot]:
        return [slot for slot in self.slots if slot.role == "antecedent"]

    @property
    def consequents(self) -> list[Slot]:
        return [slot for slot in self.slots if slot.role == "consequent"]


def _if(name: str, *classes: str, never: str | None = None, after: tuple[str, ...] = ()) -> Slot:
    return Slot(name, "antecedent", classes, never=never, after=after)


def _zhang(
    id: str, *antecedents: Slot, valence: str = "positive", after: tuple[str, ...] = (), state: str | None = None
) -> Proposition:
    opposing = {"positive": "negative", "negative": "positive"}[valence]
    behavior = Slot("B", "consequent", ("EngagementBehavior",), valence, opposing, after=after, same_bearer_as=state)
    outcome = Slot("O", "consequent", ("ValueOutcome",), valence, opposing)
    return Proposition(id, "incident", (*antecedents, behavior, outcome), "OnlineChannel")


def _creation(id: str, antecedent: str, after: bool = False, state: bool = False) -> Proposition:
    slot = _if("A", antecedent, never="negative")
    return _zhang(id, slot, after=("A",) if after else (), state="A" if state else None)


def _destruction(id: str, antecedent: str, state: bool = False) -> Proposition:
    slot = _if("A", antecedent, never="positive")
    return _zhang(id, slot, valence="negative", state="A" if state else None)


ZHANG = (
    _creation("Z-delight", "Delight", state=True),
    _creation("Z-valued", "FeelingValued", state=True),
    _creation("Z-reciprocity", "Reciprocity", state=True, after=True),
    _creation("Z-incentive", "OrganizationalIncentive"),
    _creation("Z-feedback", "FeedbackSolicitation", after=True),
    _zhang(
        "Z-recovery",
        _if(
            "F",
            "CoreServiceFailure",
            "TechnologicalFailure",
            "RudeConduct",
            "IndifferentConduct",
            "Confrontation",
            never="positive",
        ),
        _if("R", "ServiceRecovery", never="negative", after=("F",)),
        after=("F", "R"),
    ),
    _creation("Z-helpful", "HelpfulConduct"),
    _creation("Z-empathetic", "EmpatheticConduct"),
    _creation("Z-polite", "PoliteConduct"),
    _creation("Z-responsive", "ResponsiveConduct"),
    _destruction("Z-rude", "RudeConduct"),
    _destruction("Z-indifference", "IndifferentConduct"),
    _destruction("Z-confrontation", "Confrontation"),
    _destruction("Z-techfailure", "TechnologicalFailure"),
    _destruction("Z-nooutlet", "ComplaintOutletLack"),
    _destruction("Z-revenge", "DesireForRevenge", state=True),
)


def _gain(name: str, *, bearer: tuple[str, ...] = (), after: tuple[str, ...] = ()) -> Slot:
    return Slot(name, "consequent", ("ValueOutcome",), "positive", "negative", bearer=bearer, after=after)


def _or_absent(name: str, *classes: str, after: tuple[str, ...] = (), same_bearer_as: str | None = None) -> Slot:
    return Slot(name, "consequent", classes, absence=classes, after=after, same_bearer_as=same_bearer_as)


_B_BY_SAME = _or_absent("B", "EngagementBehavior", same_bearer_as="A")
_B_AFTER = _or_absent("B", "EngagementBehavior", after=("A",))
_ACCESS = _if("A", "AccessProvision", "ControlCeding", never="negative")

JAAKKOLA = (
    Proposition(
        "J-resources",
        "incident",
        (
            _if("B", "EngagementBehavior", never="negative"),
            Slot("C", "antecedent", ("ResourceContribution",), bearer=("Customer", "CustomerCommunity")),
            _or_absent("E", "Effect"),
            _gain("O"),
        ),
    ),
    Proposition(
        "J-system",
        "incident",
        (
            _if("B", "EngagementBehavior", never="negative"),
            _gain("O1", bearer=("Customer", "Firm")),
            Slot(
                "O2",
                "consequent",
                ("ValueOutcome", "ActionChange"),
                "positive",
                "negative",
                bearer=("OtherStakeholder", "CustomerCommunity"),
                bearer_not=("Customer", "Firm"),
            ),
        ),
    ),
    Proposition("J-ownership", "incident", (_if("A", "Ownership", "Empowerment", never="negative"), _B_BY_SAME)),
    Proposition("J-access", "incident", (_ACCESS, _B_AFTER)),
    Proposition("J-empower", "incident", (_ACCESS, _or_absent("S", "Ownership", "Empowerment", after=("A",)))),
    Proposition("J-improve", "incident", (_if("A", "ImprovementNeed", never="negative"), _B_BY_SAME)),
    Proposition("J-expectation", "incident", (_if("A", "ValueExpectation", never="negative"), _B_BY_SAME)),
    Proposition(
        "J-recognition",
        "chain",
        (_if("A", "Recognition", "Legitimation", "ResourceGrant", never="negative"), _B_AFTER),
    ),
    Proposition(
        "J-offering",
        "incident",
        (
            _if("A", "AugmentingBehavior", "CodevelopingBehavior"),
            Slot("E", "consequent", ("OfferingChange",), "positive", "negative", absence=("OfferingChange",)),
        ),
    ),
    Proposition(
        "J-reach",
        "incident",
        (_if("A", "InfluencingBehavior", "MobilizingBehavior"), _or_absent("E", "StakeholderChange")),
    ),
    Proposition(
        "J-cycle",
        "chain",
        (
            _if("B1", "EngagementBehavior"),
            Slot("O1", "antecedent", ("ValueOutcome",), "positive", bearer=("Actor",), after=("B1",)),
            Slot(
                "B2",
                "consequent",
                ("EngagementBehavior", "AccessProvision", "ControlCeding", "Recognition"),
                absence=("EngagementBehavior",),
                after=("O1",),
                same_bearer_as="O1",
            ),
            _gain("O2", after=("B2",)),
        ),
    ),
    Proposition(
        "J-relational",
        "chain",
        (
            Slot("R1", "antecedent", ("RelationalState",), never="negative", bearer=("Actor",)),
            Slot("B", "antecedent", ("EngagementBehavior",), after=("R1",), same_bearer_as="R1"),
            Slot(
                "R2",
                "consequent",
                ("RelationalState",),
                "positive",
                "negative",
                after=("B",),
                same_bearer_as="R1",
            ),
        ),
    ),
)

PROPOSITIONS: tuple[Proposition, ...] = (*ZHANG, *JAAKKOLA)

# --- Taking rows in (DESIGN 6) ----------------------------------------------------------------------------------------


class Element(NamedTuple):
    """An element, or a record of absence, by all that makes it one; "" where nothing is recorded."""

    incident: str
    element: str
    code: str
    step: str
    bearer: str
    toward: str
    valence: str
    presence: str


@dataclass(frozen=True)
class Taken:
    """What of a bundle was taken in."""

    incidents: list[str]
    channel: dict[str, str]
    previous: dict[str, str]
    """each incident to the one it follows; nowhere and circles dropped"""
    told_by: dict[str, str]
    """only where it names an actor with the role customer"""
    roles: dict[str, frozenset[str]]
    """each actor's recorded roles"""
    coders: dict[str, set[str]]
    """each incident's coders"""
    coded: dict[Element, set[str]]
    """each element and who coded it"""
    links: dict[tuple[Element, Element], set[str]]
    """each link and in whose rows it stands; nowhere, out of the chain and absence dropped"""

    def line(self, incident: str) -> list[str]:
        """The incident and those before it along `follows`, the first of the chain last."""
        line = [incident]
        while line[-1] in self.previous:
            line.append(self.previous[line[-1]])
        return line

    def first(self, incident: str) -> str:
        return self.line(incident)[-1]

    def earlier(self, incident: str, other: str) -> bool:
        """Whether the other is reached from the incident along `follows`."""
        return incident in self.line(other)[1:]


def _cell(text: str | None) -> str:
    # OPEN: (1) cells are stripped, and read in exact case.
    return (text or "").strip()


def _term(text: str | None) -> str:
    return _cell(text).removeprefix("evco:")


def _parts(text: str | None) -> list[str]:
    return [part.strip() for part in _cell(text).split(";") if part.strip()]


def _whole(text: str) -> str | None:
    """The step as a whole number ("2" for "2.0"), or None if it is none."""
    return str(int(text.split(".")[0])) if re.fullmatch(r"-?[0-9]+(\.0+)?", text) else None


def _actors(rows: Sequence[ActorRow]) -> dict[str, frozenset[str]]:
    roles: dict[str, frozenset[str]] = {}
    for row in rows:
        name, recorded = _cell(row.actor), _parts(row.role)
        # OPEN: (4) a row with an unknown role is left out whole; the first row for an actor stays.
        if name and name not in roles and all(role in ROLES for role in recorded):
            roles[name] = frozenset(recorded)
    return roles


def _incidents(rows: Sequence[IncidentRow], classes: Classes) -> dict[str, IncidentRow]:
    taken: dict[str, IncidentRow] = {}
    for row in rows:
        name, channel = _cell(row.incident), _term(row.channel)
        # OPEN: (4) a row with an unknown channel is left out whole; the first row for an incident stays.
        if name and name not in taken and (not channel or "Channel" in above(channel, classes)):
            taken[name] = row
    return taken


def _codings(rows: Sequence[CodingRow], actors: Mapping[str, object]) -> list[CodingRow]:
    """The rows that are right in every cell."""
    taken: list[CodingRow] = []
    ids: set[str] = set()
    for row in rows:
        right = (
            _cell(row.incident) != ""
            and _cell(row.code) != ""
            and _term(row.code) not in DEFINED
            and _cell(row.presence) in ("", *PRESENCES)
            and _cell(row.valence) in ("", *VALENCES)
            and all(not who or who in ROLES or who in actors for who in (_cell(row.bearer), _cell(row.toward)))
            and (not _cell(row.step) or _whole(_cell(row.step)) is not None)
            # OPEN: (5) purpose is judged, other columns that no verdict needs are not.
            and _cell(row.purpose) in ("", *PURPOSES)
            # OPEN: (3) the first row that is taken in holds the id.
            and _cell(row.id) not in ids
        )
        if right:
            taken.append(row)
            ids |= {_cell(row.id)} - {""}
    return taken


def _element(row: CodingRow, classes: Classes) -> Element | None:
    """The element a row codes, or None if its code is no class of elements (a plain annotation)."""
    code = _term(row.code)
    # OPEN: (2) a term that is no class of elements is a plain annotation too; Element itself may be coded.
    if "Element" not in above(code, classes):
        return None
    return Element(
        incident=_cell(row.incident),
        element=_cell(row.element),
        code=code,
        step=_whole(_cell(row.step)) or "",
        bearer=_cell(row.bearer),
        toward=_cell(row.toward),
        valence=_cell(row.valence),
        presence=_cell(row.presence) or "present",
    )


def _without_circles(follows: Mapping[str, str]) -> dict[str, str]:
    def in_circle(start: str) -> bool:
        at, seen = follows[start], {start}
        while at in follows and at not in seen:
            seen.add(at)
            at = follows[at]
        return at == start

    return {incident: previous for incident, previous in follows.items() if not in_circle(incident)}


def take_in(bundle: Bundle, classes: Classes = CLASSES) -> Taken:
    """A bundle's rows in; what stands after the rules of DESIGN 6 out."""
    roles = _actors(bundle.actors)
    described = _incidents(bundle.incidents, classes)
    rows = _codings(bundle.codings, roles)
    # OPEN: (6) an incident exists if a row that is taken in names it.
    names = sorted({*described, *(_cell(row.incident) for row in rows)})
    follows = {name: _cell(row.follows) for name, row in described.items() if _cell(row.follows) in names}
    taken = Taken(
        incidents=names,
        channel={name: _term(row.channel) for name, row in described.items() if _term(row.channel)},
        previous=_without_circles(follows),
        told_by={
            name: _cell(row.told_by)
            for name, row in described.items()
            if "customer" in roles.get(_cell(row.told_by), frozenset())
        },
        roles=roles,
        coders={name: set() for name in names},
        coded={},
        links={},
    )
    by_id: dict[str, Element] = {}
    for row in rows:
        taken.coders[_cell(row.incident)].add(_cell(row.coder))
        element = _element(row, classes)
        if element is not None:
            taken.coded.setdefault(element, set()).add(_cell(row.coder))
            by_id[_cell(row.id)] = element
    for row in rows:
        start = _element(row, classes)
        for target in _parts(row.leads_to):
            end = by_id.get(target)
            # OPEN: (7) a link to or from a plain annotation is one to nowhere.
            if (
                start is not None
                and end is not None
                and "absent" not in (start.presence, end.presence)
                and taken.first(start.incident) == taken.first(end.incident)
            ):
                taken.links.setdefault((start, end), set()).add(_cell(row.coder))
    return taken


# --- What counts (DESIGN 5: coders, order, bearers) -------------------------------------------------------------------


class Order(Enum):
    """What is recorded of two elements."""

    BEFORE = "the first comes before the second"
    AFTER = "the first comes after the second"
    NEITHER = "neither comes after the other"
    UNKNOWN = "nothing is recorded"


class Who(NamedTuple):
    """A bearer: an actor (no chain), or a role in a chain."""

    name: str
    chain: str

    @property
    def is_role(self) -> bool:
        return self.chain != ""


@dataclass
class View:
    """What counts for a set of coders: elements, where links lead, order, bearers."""

    taken: Taken
    coders: str
    classes: Classes = field(default_factory=lambda: CLASSES)

    def __post_init__(self) -> None:
        self.above = {name: above(name, self.classes) for name in self.classes}
        self.who_coded_alike: dict[tuple[str, ...], set[str]] = {}
        for element, coders in self.taken.coded.items():
            self.who_coded_alike.setdefault(_alike(element), set()).update(coders)
        self.elements = [element for element in sorted(self.taken.coded) if self.element_counts(element)]
        self.leads = self.links_lead()
        self._order: dict[tuple[Element, Element], Order] = {}
        self._who: dict[tuple[str, str], Who | None] = {}

    # Coders

    def counts(self, coders: set[str], incident: str) -> bool:
        of_incident = self.taken.coders[incident]
        match self.coders:
            case "any":
                return len(coders) > 0
            case "majority":
                return 2 * len(coders) > len(of_incident)
            case "all":
                return coders == of_incident
            case name:
                return name in coders

    def element_counts(self, element: Element) -> bool:
        if self.coders in ("any", "majority", "all"):
            return self.counts(self.who_coded_alike[_alike(element)], element.incident)
        return self.counts(self.taken.coded[element], element.incident)

    # Order

    def links_lead(self) -> dict[Element, set[Element]]:
        """Each element to those that links lead to from it, over any number of links."""
        counting = set(self.elements)
        links = [
            (start, end)
            for (start, end), coders in self.taken.links.items()
            if self.counts(coders, start.incident) and {start, end} <= counting
        ]
        links = [(start, end) for start, end in links if self.along(start, end) is not Order.AFTER]
        reached = _closure(self.elements, links)
        # A link is in a circle if links lead back from its end to its start.
        # OPEN: (10) so is one from an element to itself.
        links = [(start, end) for start, end in links if start != end and start not in reached[end]]
        return _closure(self.elements, links)

    def along(self, one: Element, other: Element) -> Order:
        """The order by `follows` or step."""
        if one.incident != other.incident:
            # OPEN: (8) across branches steps say nothing.
            if self.taken.earlier(one.incident, other.incident):
                return Order.BEFORE
            if self.taken.earlier(other.incident, one.incident):
                return Order.AFTER
        elif one.step and other.step and one.step != other.step:
            return Order.BEFORE if int(one.step) < int(other.step) else Order.AFTER
        return Order.UNKNOWN

    def order(self, one: Element, other: Element) -> Order:
        if (one, other) not in self._order:
            self._order[one, other] = self._work_out_order(one, other)
        return self._order[one, other]

    def _work_out_order(self, one: Element, other: Element) -> Order:
        order = self.along(one, other)
        if order is not Order.UNKNOWN:
            return order
        # OPEN: (9) this holds across branches too. (11) Links may lead through other incidents of the chain.
        if other in self.leads[one]:
            return Order.BEFORE
        if one in self.leads[other]:
            return Order.AFTER
        if one.incident == other.incident and one.step and one.step == other.step:
            return Order.NEITHER
        return Order.UNKNOWN

    # Bearers

    def who(self, incident: str, name: str) -> Who | None:
        """Whom a bearer's or toward's cell means in an incident; None if it is blank."""
        if (incident, name) not in self._who:
            self._who[incident, name] = self._work_out_who(incident, name)
        return self._who[incident, name]

    def _work_out_who(self, incident: str, name: str) -> Who | None:
        if not name:
            return None
        # OPEN: (4) what is both an actor and a role is read as the role.
        if name not in ROLES:
            return Who(name, "")
        if name == "customer":
            for at in self.taken.line(incident):
                if at in self.taken.told_by:
                    return Who(self.taken.told_by[at], "")
        # OPEN: (12) one and the same over all branches of the chain.
        return Who(name, self.taken.first(incident))

    def is_a(self, who: Who | None, asked: tuple[str, ...], barred: tuple[str, ...] = ()) -> bool:
        """Whether a bearer is of one of the classes asked for, and of none barred."""
        if not asked and not barred:
            return True
        # OPEN: (14) an unknown one does not fit where only something is barred either.
        if who is None:
            return False
        roles = {who.name} if who.is_role else self.taken.roles[who.name]
        kinds = {"Actor"}.union(*(self.above[ROLES[role]] for role in roles))
        return (not asked or not kinds.isdisjoint(asked)) and kinds.isdisjoint(barred)

    def same(self, one: Element, other: Element) -> bool:
        who = self.who(one.incident, one.bearer)
        return who is not None and who == self.who(other.incident, other.bearer)

    def different(self, one: Element, other: Element) -> bool:
        a, b = self.who(one.incident, one.bearer), self.who(other.incident, other.bearer)
        if a is None or b is None or a == b:
            return False
        if a.is_role and b.is_role:
            return not self.role_at_or_above(a.name, b.name) and not self.role_at_or_above(b.name, a.name)
        if not a.is_role and not b.is_role:
            return True
        role, actor = (a, b) if a.is_role else (b, a)
        recorded = self.taken.roles[actor.name]
        # OPEN: (13) a recorded role above that one does not make the two agree.
        return len(recorded) > 0 and not any(self.role_at_or_above(role.name, other) for other in recorded)

    def role_at_or_above(self, role: str, other: str) -> bool:
        return ROLES[role] in self.above[ROLES[other]]


def _alike(element: Element) -> tuple[str, ...]:
    return (element.incident, element.element, element.code, element.valence, element.presence)


def _closure(elements: Sequence[Element], links: Sequence[tuple[Element, Element]]) -> dict[Element, set[Element]]:
    direct: dict[Element, set[Element]] = {}
    for start, end in links:
        direct.setdefault(start, set()).add(end)
    reached: dict[Element, set[Element]] = {}
    for element in elements:
        found: set[Element] = set()
        todo = list(direct.get(element, ()))
        while todo:
            at = todo.pop()
            if at not in found:
                found.add(at)
                todo.extend(direct.get(at, ()))
        reached[element] = found
    return reached


# --- Verdicts (DESIGN 5) ----------------------------------------------------------------------------------------------


class Verdict(NamedTuple):
    """A row of the verdict table; evidence by what makes an element one."""

    unit_type: str
    unit: str
    proposition: str
    verdict: str
    grade: str = ""
    missing: frozenset[str] = frozenset()
    opposed: frozenset[str] = frozenset()
    evidence: frozenset[Element] = frozenset()


def _fits_but_for_valence(slot: Slot, element: Element, view: View) -> bool:
    return (
        element.presence == "present"
        and not view.above[element.code].isdisjoint(slot.classes)
        and view.is_a(view.who(element.incident, element.bearer), slot.bearer, slot.bearer_not)
        and view.is_a(view.who(element.incident, element.toward), slot.toward)
    )


def fits(slot: Slot, element: Element, view: View) -> bool:
    return (
        _fits_but_for_valence(slot, element, view)
        and (slot.valence is None or element.valence in (slot.valence, "mixed"))
        and (slot.never is None or element.valence != slot.never)
    )


def opposes(slot: Slot, element: Element, view: View) -> bool:
    if element.presence == "present":
        # Whether it is of the valence that the slot never takes does not matter here.
        return (
            slot.opposing is not None
            and element.valence in (slot.opposing, "mixed")
            and _fits_but_for_valence(slot, element, view)
        )
    return (
        any(element.code in view.above[absent] for absent in slot.absence)
        # OPEN: (15) where no valence is asked for, a record with one opposes nothing.
        and element.valence in ("", slot.valence)
        and view.is_a(view.who(element.incident, element.bearer), slot.bearer, slot.bearer_not)
        and view.is_a(view.who(element.incident, element.toward), slot.toward)
    )


Reading = dict[str, Element]
"""Slot names to elements."""


@dataclass
class Case:
    """One unit before one proposition."""

    proposition: Proposition
    elements: Sequence[Element]
    view: View

    def __post_init__(self) -> None:
        slots = self.proposition.slots
        self.fitting = {slot.name: [e for e in self.elements if fits(slot, e, self.view)] for slot in slots}
        self.opposing = {slot.name: [e for e in self.elements if opposes(slot, e, self.view)] for slot in slots}

    def comes_after(self, later: Element, sooner: Element) -> bool:
        order = self.view.order(sooner, later)
        if self.proposition.unit == "chain":
            return order is Order.BEFORE
        return order in (Order.BEFORE, Order.UNKNOWN)

    def bearers_agree(self, one: Element, other: Element) -> bool:
        if self.proposition.unit == "chain":
            return self.view.same(one, other)
        return not self.view.different(one, other)

    def holds(self, slot: Slot, element: Element, reading: Reading) -> bool:
        """Whether an element may stand in a slot beside what the reading has already."""
        others = [other for name, other in reading.items() if name != slot.name]
        sharing = reading.get(slot.same_bearer_as) if slot.same_bearer_as is not None else None
        return (
            element not in others
            and all(self.comes_after(element, reading[name]) for name in slot.after if name in reading)
            and (sharing is None or self.bearers_agree(element, sharing))
        )

    def readings(self) -> Iterator[Reading]:
        antecedents = self.proposition.antecedents
        for elements in product(*(self.fitting[slot.name] for slot in antecedents)):
            reading = {slot.name: element for slot, element in zip(antecedents, elements, strict=True)}
            if all(self.holds(slot, reading[slot.name], reading) for slot in antecedents):
                yield reading

    def completions(self, reading: Reading, slot: Slot, candidates: Mapping[str, list[Element]]) -> Iterator[Reading]:
        """The reading with each candidate that completes it, and the fillers of the slots that it stands on."""
        consequents = {consequent.name: consequent for consequent in self.proposition.consequents}
        # OPEN: (17) a consequent slot whose bearer it shares is one that it stands on.
        stands_on = [name for name in consequents if name in slot.after or name == slot.same_bearer_as]
        for element in candidates[slot.name]:
            if not self.holds(slot, element, reading) or any(
                self.view.order(element, antecedent) is Order.BEFORE for antecedent in reading.values()
            ):
                continue
            # OPEN: (16) only a slot that it stands on keeps its filler to itself.
            bases = product(*(list(self.completions(reading, consequents[name], self.fitting)) for name in stands_on))
            for base in bases:
                whole = dict(reading)
                for part in base:
                    whole |= part
                agree = all(whole[name] == found for part in base for name, found in part.items())
                if agree and self.holds(slot, element, whole):
                    yield whole | {slot.name: element}


def _scope(proposition: Proposition, incidents: Sequence[str], view: View) -> str:
    """holds, fails or unrecorded"""
    if proposition.scope is None:
        return "holds"
    found = set()
    for incident in incidents:
        channel = view.taken.channel.get(incident)
        if channel is None or (channel != proposition.scope and channel in view.above[proposition.scope]):
            # OPEN: (19) a channel above the scope's class is not recorded.
            found.add("unrecorded")
        elif proposition.scope not in view.above[channel]:
            found.add("fails")
    return next((outcome for outcome in ("fails", "unrecorded") if outcome in found), "holds")


def _grade(proposition: Proposition, completed: Sequence[Reading], view: View) -> str:
    afters = [(slot.name, sooner) for slot in proposition.slots for sooner in slot.after]
    for later, sooner in afters:
        if not any(
            later in reading and sooner in reading and view.order(reading[sooner], reading[later]) is Order.BEFORE
            for reading in completed
        ):
            return "unordered"
    if all(
        any(cause.name in r and effect.name in r and r[effect.name] in view.leads[r[cause.name]] for r in completed)
        for cause in proposition.antecedents
        for effect in proposition.consequents
    ):
        return "linked"
    return "ordered" if afters else "co-occurrence"


def judge(proposition: Proposition, unit: str, incidents: Sequence[str], view: View) -> Verdict:
    """The verdict on one unit, which is made of these incidents."""
    row = Verdict(proposition.unit, unit, proposition.id, "silent")
    scope = _scope(proposition, incidents, view)
    if scope == "fails":
        return row._replace(verdict="not-applicable")
    if scope == "unrecorded":
        return row
    case = Case(proposition, [element for element in view.elements if element.incident in incidents], view)
    completed: list[Reading] = []
    countered: list[Reading] = []
    filled: set[str] = set()
    opposed: set[str] = set()
    for reading in case.readings():
        for slot in proposition.consequents:
            for whole in case.completions(reading, slot, case.fitting):
                completed.append(whole)
                filled.add(slot.name)
            for whole in case.completions(reading, slot, case.opposing):
                countered.append(whole)
                opposed.add(slot.name)
    for _ in proposition.consequents:
        # OPEN: (18) what is opposed with a slot hands that on.
        opposed |= {slot.name for slot in proposition.consequents if (opposed - filled).intersection(slot.after)}
    missing = {slot.name for slot in proposition.consequents} - filled
    if missing and not opposed:
        return row
    grade = ""
    if not opposed:
        verdict, grade = "supports", _grade(proposition, completed, view)
    else:
        verdict = "mixed" if filled else "contradicts"
    return row._replace(
        verdict=verdict,
        grade=grade,
        # OPEN: (20) what is opposed is not missing.
        missing=frozenset(missing - opposed),
        opposed=frozenset(opposed),
        # OPEN: (21) with the fillers that it stands on.
        evidence=frozenset(element for reading in completed + countered for element in reading.values()),
    )


def verdicts(
    bundle: Bundle,
    coders: str = "any",
    propositions: Sequence[Proposition] = PROPOSITIONS,
    classes: Classes = CLASSES,
) -> list[Verdict]:
    """Every verdict on every unit of a bundle, silent and not-applicable ones too, sorted.

    coders: `any`, `majority`, `all`, or a coder's name.
    """
    taken = take_in(bundle, classes)
    view = View(taken, coders, classes)
    chains: dict[str, list[str]] = {}
    for incident in taken.incidents:
        chains.setdefault(taken.first(incident), []).append(incident)
    units = {"incident": {incident: [incident] for incident in taken.incidents}, "chain": chains}
    return sorted(
        (
            judge(proposition, unit, incidents, view)
            for proposition in propositions
            for unit, incidents in units[proposition.unit].items()
        ),
        key=lambda row: row[:3],
    )
