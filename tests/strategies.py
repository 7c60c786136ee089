"""Hypothesis strategies: small bundles that hit the rules of DESIGN 4 to 6 hard, and `write`, which stores one.

Why: rows drawn at random seldom make a story. So a bundle starts from propositions: their slots are given fitting
elements in a line of incidents, some of these are then bent (valence, bearer, step, place, absence, a class above), and
noise, links and faults come on top. Every draw's first choice is the plain one, so that what fails shrinks to a story.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise, product
from pathlib import Path
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from oracle import (
    CLASSES,
    DEFINED,
    PROPOSITIONS,
    ROLES,
    VALENCES,
    ActorRow,
    Bundle,
    CodingRow,
    IncidentRow,
    Proposition,
    Slot,
    above,
)

T = TypeVar("T")

ONLINE = ("Forum", "SocialMedia", "ReviewSite", "Email", "LiveChat", "BrandWebsite", "MobileApp", "OnlineChannel")
CODES = tuple(sorted(name for name in CLASSES if "Element" in above(name, CLASSES) and name not in DEFINED))
ACTORS = ("anna", "ben", "kim", "city")
CODERS = ("c1", "c2", "c3", "")
BENT = ("valence", "mixed", "no valence", "bearer", "any bearer", "step", "class", "absent", "place", "drop")


@dataclass(frozen=True)
class _Event:
    """What some coders code alike: the row they write, and who they are."""

    row: CodingRow
    coders: tuple[str, ...]


def below(name: str) -> list[str]:
    """The class and all classes below it that can be coded, the class first."""
    return [name, *(code for code in CODES if code != name and name in above(code, CLASSES))]


def _pick(draw: DrawFn, choices: Sequence[T]) -> T:
    return draw(st.sampled_from(list(choices)))


def _once_in(draw: DrawFn, times: int) -> bool:
    """True about once in so many times, and false where nothing else is needed."""
    return draw(st.integers(0, times - 1)) == times - 1


@st.composite
def _actors(draw: DrawFn) -> list[ActorRow]:
    rows = []
    for name in ACTORS[: draw(st.integers(0, len(ACTORS)))]:
        usual = ["customer", "customer", "", "employee;customer", "customer;stakeholder", "stakeholder", "government"]
        if _once_in(draw, 3):
            roles = ";".join(draw(st.lists(st.sampled_from(list(ROLES)), max_size=2, unique=True)))
        else:
            roles = _pick(draw, usual)
        rows.append(ActorRow(name, roles))
    return rows


@st.composite
def _incidents(draw: DrawFn, actors: Sequence[str], most: int) -> list[IncidentRow]:
    names = [f"I{number}" for number in range(1, draw(st.integers(1, most)) + 1)]
    rows = []
    for at, name in enumerate(names):
        follows = _pick(draw, ["", *reversed(names[:at]), *names[:at]])
        if _once_in(draw, 12):
            follows = _pick(draw, [*names, "nowhere"])
        channel = _pick(draw, ["Forum", "Forum", *ONLINE]) if not _once_in(draw, 6) else ""
        if channel == "":
            channel = _pick(draw, ["", "Channel", "OfflineChannel"])
        told_by = _pick(draw, ["", "", *actors])
        if _once_in(draw, 20):
            told_by = _pick(draw, ["nobody", "customer"])
        rows.append(IncidentRow(name, channel, follows=follows, told_by=told_by))
    return rows


def _line(rows: Sequence[IncidentRow], last: str) -> list[str]:
    """The incidents up to the last along `follows`, earliest first."""
    follows = {row.incident: row.follows for row in rows}
    line: list[str] = []
    at: str | None = last
    while at and at not in line:
        line.insert(0, at)
        at = follows.get(at)
    return [name for name in line if name in follows]


def _fitting_bearers(slot: Slot, actors: Sequence[ActorRow]) -> list[str]:
    """Roles and actors that a slot's bearer may be; blank and customer too where it asks for none."""
    if not slot.bearer or slot.bearer == ("Actor",):
        return ["customer", *ROLES, *(actor.actor or "" for actor in actors)]
    roles = [role for role, kind in ROLES.items() if not above(kind, CLASSES).isdisjoint(slot.bearer)]
    named = [
        actor.actor or ""
        for actor in actors
        if any(
            not above(ROLES[role], CLASSES).isdisjoint(slot.bearer) for role in (actor.role or "").split(";") if role
        )
    ]
    return [*roles, *named]


def _instance(draw: DrawFn, slot: Slot, who: str, actors: Sequence[ActorRow]) -> CodingRow:
    """A row that fits a slot, but for its place."""
    wanted = _pick(draw, slot.classes)
    code = wanted if draw(st.booleans()) else _pick(draw, below(wanted))
    bearers = _fitting_bearers(slot, actors)
    bearer = who if who in bearers or not slot.bearer else _pick(draw, bearers)
    valence = slot.valence or _pick(draw, ["", "", "positive", "negative"] if slot.role == "consequent" else ["", ""])
    return CodingRow("", code, valence=valence, bearer=bearer)


def _bent(
    draw: DrawFn, row: CodingRow, slot: Slot, actors: Sequence[str], incidents: Sequence[str]
) -> CodingRow | None:
    """A fitting row made to fit less, or not at all; None to leave it out."""
    match _pick(draw, BENT):
        case "valence":
            return replace(row, valence=slot.opposing or slot.never or "negative")
        case "mixed":
            return replace(row, valence="mixed")
        case "no valence":
            return replace(row, valence=_pick(draw, ["", "neutral"]))
        case "bearer":
            return replace(row, bearer=_pick(draw, ["", "community", *actors]))
        case "any bearer":
            return replace(row, bearer=_pick(draw, [*ROLES]))
        case "step":
            return replace(row, step=_pick(draw, ["", "1", "2", "3"]))
        case "class":
            return replace(row, code=_pick(draw, sorted(above(row.code or "", CLASSES))))
        case "absent":
            named = _pick(draw, slot.absence or slot.classes)
            code = _pick(draw, [named, *sorted(above(named, CLASSES)), *below(named)[1:4]])
            return replace(row, code=code, presence="absent", valence=_pick(draw, ["", row.valence or "", *VALENCES]))
        case "place":
            return replace(row, incident=_pick(draw, incidents))
        case _:
            return None


def _contrary(draw: DrawFn, row: CodingRow, slot: Slot) -> CodingRow:
    """A row that fits a consequent slot, made to oppose it, or nearly."""
    if slot.absence and (slot.opposing is None or draw(st.booleans())):
        named = _pick(draw, slot.absence)
        code = _pick(draw, [named, named, *slot.classes, *sorted(above(named, CLASSES)), *below(named)[1:3]])
        return replace(row, code=code, presence="absent", valence=_pick(draw, ["", "", slot.valence or "negative"]))
    return replace(row, valence=_pick(draw, [slot.opposing or "", "mixed"]))


@dataclass(frozen=True)
class _Story:
    """Rows for the slots of a proposition; a row's id is the story's mark and the slot's name."""

    proposition: Proposition
    last: str
    mark: str
    rows: list[CodingRow]

    def ids(self, slots: Sequence[Slot]) -> list[str]:
        ids = [f"{self.mark}{slot.name}" for slot in slots]
        return [row.id for row in self.rows if row.id in ids]


def _story(
    draw: DrawFn,
    proposition: Proposition,
    last: str,
    mark: str,
    incidents: Sequence[IncidentRow],
    actors: Sequence[ActorRow],
) -> _Story:
    """Rows for the slots of a proposition along a line of incidents, some bent."""
    names = [actor.actor or "" for actor in actors]
    where = [row.incident or "" for row in incidents]
    line = _line(incidents, last)
    scattered = proposition.unit == "chain" and _once_in(draw, 4)
    people = _pick(
        draw, [["customer", *names], ["customer"], ["", *ROLES], ["stakeholder", "government", "business", *names]]
    )
    aliases = draw(st.lists(st.sampled_from(people), min_size=1, max_size=2))
    stepped = _pick(draw, ["rising", "none", "equal", "partly"][:: 1 if proposition.unit == "incident" else 2])
    claimed = [slot.name for slot in proposition.consequents]
    contrary = _pick(draw, [[], [], [], claimed, claimed[:1], claimed[-1:]])
    rows = []
    at = 0
    for number, slot in enumerate(proposition.slots):
        if scattered:
            incident = _pick(draw, where)
        elif proposition.unit == "incident":
            incident = line[-1]
        else:
            at = min(at + draw(st.integers(0, 1)), len(line) - 1)
            incident = line[at]
        row = replace(_instance(draw, slot, _pick(draw, aliases), actors), incident=incident, id=f"{mark}{slot.name}")
        if stepped == "rising" or (stepped == "partly" and draw(st.booleans())):
            row = replace(row, step=str(number + 1))
        elif stepped == "equal":
            row = replace(row, step=_pick(draw, ["1", "2", ""]))
        if slot.name in contrary:
            if _once_in(draw, 3):
                rows.append(replace(row, id=f"{mark}not {slot.name}"))
            row = _contrary(draw, row, slot)
        bent: CodingRow | None = row
        if _once_in(draw, 8):
            bent = _bent(draw, row, slot, names, where)
        if bent is not None:
            rows.append(bent)
    return _Story(proposition, last, mark, rows)


def _links(draw: DrawFn, stories: Sequence[_Story], others: Sequence[CodingRow]) -> list[tuple[str, str]]:
    """Pairs of ids: links between stories of one proposition in one place, by way of other rows too."""
    antecedents, consequents = stories[0].proposition.antecedents, stories[0].proposition.consequents
    causes = [id for story in stories for id in story.ids(antecedents)]
    effects = [id for story in stories for id in story.ids(consequents)]
    pairs = list(product(causes, effects))
    if not pairs:
        return []
    links: list[tuple[str, str]] = []
    match _pick(draw, ["none", "in turn", "all", "all but", "each once", "some", "detour"]):
        case "in turn":
            links = [pair for story in stories for pair in pairwise(story.ids(story.proposition.slots))]
        case "all":
            links = pairs
        case "all but":
            without = draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=3))
            links = [pair for pair in pairs if pair not in without]
        case "each once":
            # Each cause's slot to each effect's slot, but not always in one reading.
            for slots in product(antecedents, consequents):
                ends = [[id for story in stories for id in story.ids([slot])] for slot in slots]
                if all(ends):
                    links.append((_pick(draw, ends[0]), _pick(draw, ends[1])))
        case "some":
            links = draw(st.lists(st.sampled_from(list(product(causes + effects, repeat=2))), max_size=4))
        case "detour":
            start, end = _pick(draw, pairs)
            absent = [row.id or "" for row in others if row.presence == "absent"]
            by = _pick(draw, [*absent, *absent, *(row.id or "" for row in others)])
            links = [*(pair for pair in pairs if pair != (start, end) and draw(st.booleans())), (start, by), (by, end)]
    if links and _once_in(draw, 4):
        start, end = _pick(draw, links)
        links.append((end, start))
    return links


def _noise(draw: DrawFn, incidents: Sequence[str], actors: Sequence[str]) -> CodingRow:
    """A row that belongs to no story."""
    return CodingRow(
        _pick(draw, incidents),
        _pick(draw, CODES),
        presence=_pick(draw, ["", "", "", "present", "absent"]),
        valence=_pick(draw, ["", "positive", *VALENCES]),
        bearer=_pick(draw, ["", "customer", *actors, *ROLES]),
        toward=_pick(draw, ["", "", "", *actors, *ROLES]),
        step=_pick(draw, ["", "", "1", "2", "2.0", "3"]),
    )


def _spoiled(draw: DrawFn, row: CodingRow) -> CodingRow:
    """A row that the rules of DESIGN 6 leave out, or keep as an annotation only."""
    match _pick(draw, ["code", "valence", "step", "bearer", "toward", "presence", "defined", "incident"]):
        case "code":
            return replace(row, code="happy customer")
        case "valence":
            return replace(row, valence="good")
        case "step":
            return replace(row, step=_pick(draw, ["1.5", "second"]))
        case "bearer":
            return replace(row, bearer="nobody")
        case "toward":
            return replace(row, toward="nobody")
        case "presence":
            return replace(row, presence="maybe")
        case "defined":
            return replace(row, code=_pick(draw, sorted(DEFINED)))
        case _:
            return replace(row, incident="")


@st.composite
def bundles(
    draw: DrawFn,
    propositions: Sequence[Proposition] = PROPOSITIONS,
    most_incidents: int = 6,
    repeated_ids: bool = True,
    faults: bool = True,
) -> Bundle:
    """Bundles near the edges of the propositions.

    repeated_ids: whether an id may (seldom) stand in two rows, so that the order of rows matters.
    faults: whether (seldom) a row may be wrong in a cell.
    """
    actors = draw(_actors())
    names = [actor.actor or "" for actor in actors]
    incidents = draw(_incidents(names, most_incidents))
    where = [row.incident or "" for row in incidents]
    coders = draw(st.lists(st.sampled_from(CODERS), min_size=1, max_size=3, unique=True))

    stories: list[_Story] = []
    for number in range(draw(st.integers(1, 3))):
        # Half of the later stories are another of the same kind in the same place: several readings.
        again = draw(st.booleans())
        if stories and again:
            proposition, last = stories[-1].proposition, stories[-1].last
        else:
            proposition, last = _pick(draw, _weighted(propositions)), _pick(draw, where)
        stories.append(_story(draw, proposition, last, f"s{number}", incidents, actors))
    plain = [row for story in stories for row in story.rows]
    plain += [replace(_noise(draw, where, names), id=f"n{number}") for number in range(draw(st.integers(0, 4)))]
    kinds: dict[tuple[str, str], list[_Story]] = {}
    for story in stories:
        kinds.setdefault((story.proposition.id, story.last), []).append(story)
    links = [link for kind in kinds.values() for link in _links(draw, kind, plain)]
    events = []
    for row in plain:
        targets = sorted({end for start, end in links if start == row.id})
        who = coders if len(coders) == 1 or draw(st.booleans()) else draw(_some(coders))
        events.append(_Event(replace(row, leads_to=";".join(targets)), tuple(who)))
    rows = [
        replace(event.row, coder=coder, id=f"{event.row.id}{coder}", leads_to=_targets(event.row, coder, events))
        for event in events
        for coder in event.coders
    ]
    if _once_in(draw, 6):
        rows.append(CodingRow(_pick(draw, where), "happy customer", id="note", coder=_pick(draw, CODERS)))
    ids = [row.id or "" for row in rows]
    for _ in range(draw(st.integers(0, 4)) if rows else 0):
        at = draw(st.integers(0, len(rows) - 1))
        rows[at] = _changed(draw, rows[at], [*ids, "nowhere"])
    if faults and rows and _once_in(draw, 4):
        at = draw(st.integers(0, len(rows) - 1))
        rows[at] = _spoiled(draw, rows[at])
    if repeated_ids and rows and _once_in(draw, 12):
        at = draw(st.integers(0, len(rows) - 1))
        rows[at] = replace(rows[at], id=_pick(draw, ids))
    if _once_in(draw, 10):
        # An incident that only codings name.
        incidents.pop(draw(st.integers(0, len(incidents) - 1)))
    return Bundle(tuple(rows), tuple(incidents), tuple(actors))


def _weighted(propositions: Sequence[Proposition]) -> list[Proposition]:
    """The propositions, those with more rules to get wrong more often."""
    return [
        proposition
        for proposition in propositions
        for _ in range(
            1
            + 2 * (proposition.unit == "chain")
            + sum(len(slot.after) + (slot.same_bearer_as is not None) for slot in proposition.slots)
        )
    ]


def _some(coders: Sequence[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(list(coders)), min_size=1, max_size=len(coders), unique=True)


def _targets(row: CodingRow, coder: str, events: Sequence[_Event]) -> str:
    """A coder's links to the coder's own rows, or where the coder has none there, to somebody's."""
    coders = {event.row.id: event.coders for event in events}
    targets = [target for target in (row.leads_to or "").split(";") if target]
    return ";".join(f"{target}{coder if coder in coders[target] else coders[target][0]}" for target in targets)


def _changed(draw: DrawFn, row: CodingRow, ids: Sequence[str]) -> CodingRow:
    """One coder's row made to differ from what others wrote."""
    match _pick(draw, ["leads_to", "step", "element", "no links", "bearer", "id", "term"]):
        case "leads_to":
            return replace(row, leads_to=";".join(part for part in (row.leads_to, _pick(draw, ids)) if part))
        case "step":
            return replace(row, step=_pick(draw, ["", "1", "2.0", "3"]))
        case "element":
            return replace(row, element=_pick(draw, ["first", "second"]))
        case "no links":
            return replace(row, leads_to="")
        case "bearer":
            return replace(row, bearer=_pick(draw, ["", "customer", *ROLES]))
        case "id":
            return replace(row, id="")
        case _:
            return replace(row, code=f"evco:{row.code}")


def _told(*rows: str, follows: Mapping[str, str] | None = None, told_by: Mapping[str, str] | None = None) -> Bundle:
    """A bundle from short rows: incident id code valence bearer step leads_to, "-" for blank, "!" for absent."""
    codings = []
    for row in rows:
        incident, id, code, valence, bearer, step, leads_to = (cell.strip("-") for cell in row.split())
        presence = "absent" if code.startswith("!") else ""
        codings.append(
            CodingRow(incident, code.strip("!"), id, "", presence, valence, bearer, "", step, leads_to, coder="c1")
        )
    names = sorted({row.incident or "" for row in codings})
    follows, told_by = follows or {}, told_by or {}
    incidents = [IncidentRow(name, "Forum", follows=follows.get(name), told_by=told_by.get(name)) for name in names]
    return Bundle(codings, incidents, [ActorRow("anna", "customer"), ActorRow("ben", "customer")])


EDGES: dict[str, Bundle] = {
    "linked in two readings": _told(
        "I1 f CoreServiceFailure - - 1 b1;o",
        "I1 r ServiceRecovery - - 2 b2;o",
        "I1 b1 Review positive - 3 -",
        "I1 b2 Advocacy positive - 3 -",
        "I1 o SocialValue positive - 4 -",
    ),
    "ordered in two readings": _told(
        "I1 f CoreServiceFailure - - 1 b1",
        "I1 r ServiceRecovery - - 2 b2",
        "I1 b1 Review positive - - -",
        "I1 b2 Advocacy positive - - -",
        "I1 o SocialValue positive - - -",
    ),
    "filled and opposed hands nothing on": _told(
        "I1 b1 Review - anna 1 -",
        "I1 o1 SocialValue positive anna 2 -",
        "I1 b2 Review - anna 3 -",
        "I1 no !Act - anna 4 -",
        "I1 o2 SocialValue positive - 5 -",
    ),
    "a detour against the steps": _told(
        "I1 a AccessProvision - - 1 -",
        "I1 b Review - - 2 n",
        "I1 n Satisfaction - - - a",
    ),
    "a detour by another chain": _told(
        "I1 a AccessProvision - - - n",
        "I1 b Review - - - -",
        "I2 n Satisfaction - - - b",
    ),
    "whoever told it last": _told(
        "I1 x Review - anna - -",
        "I2 r1 Trust - ben - -",
        "I3 b Advocacy - customer - -",
        "I4 r2 Trust positive ben - -",
        follows={"I2": "I1", "I3": "I2", "I4": "I3"},
        told_by={"I1": "anna", "I2": "ben"},
    ),
}
"""Bundles for rules that draws seldom reach."""


def write(bundle: Bundle, folder: Path) -> None:
    """The bundle as codings.csv, incidents.csv and actors.csv in a folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    tables: list[tuple[str, type, Sequence[object]]] = [
        ("codings.csv", CodingRow, bundle.codings),
        ("incidents.csv", IncidentRow, bundle.incidents),
        ("actors.csv", ActorRow, bundle.actors),
    ]
    for name, kind, rows in tables:
        columns = [field.name for field in fields(kind)]
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows([getattr(row, column) or "" for column in columns] for row in rows)
