"""Edits: a unit before a proposition goes in, small changes of its codings come out, each with its words.

Nothing here judges. An edit is a guess at what would matter, made from slots alone; `whatif` tries it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from kgtools.explain.reasons import listed
from kgtools.explain.situation import NearMiss, Situation
from kgtools.model import ANY, CODER_SETS, Coding, Element, Incident, Place
from kgtools.read import Chunk
from kgtools.theory import ACTOR, Slot
from kgtools.vocabulary import local

Kind = Literal["alter", "add", "channel", "remove", "counter", "without", "coders", "steps", "links"]
"""What an edit does: alters a near miss, adds what fills, records a channel, takes away or turns what opposes, adds
what opposes, takes away what fills, asks other coders, records steps or links."""


@dataclass(frozen=True)
class Edit:
    """A change of a chain, not yet made.

    Args:
        changed: codings, each with what stands in its place; None before or after for one that is added or left out.
        channels: incidents, each with the channel that is recorded for it.
        further: an incident that is added.
    """

    kind: Kind
    words: str
    changed: tuple[tuple[Coding | None, Coding | None], ...] = ()
    channels: tuple[tuple[str, str], ...] = ()
    further: Incident | None = None

    def apply(self, chunk: Chunk) -> Chunk:
        """The chain with the change made."""
        instead = {before: after for before, after in self.changed if before is not None}
        added = [after for before, after in self.changed if before is None and after is not None]
        channels = dict(self.channels)
        incidents = [
            replace(one, channel=channels[one.id]) if one.id in channels else one
            for one in (*chunk.incidents, *([self.further] if self.further else []))
        ]
        codings = {
            incident.id: tuple(
                after
                for coding in chunk.codings.get(incident.id, ())
                for after in [instead.get(coding, coding)]
                if after is not None
            )
            + tuple(coding for coding in added if coding.incident == incident.id)
            for incident in incidents
        }
        return replace(chunk, incidents=tuple(incidents), codings=codings)


def article(noun: str) -> str:
    """The noun with a or an."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def called(situation: Situation, element: Element) -> str:
    """An element in a few words: its class, and the codings that it is known by."""
    absent = " recorded absent" if element.absent else ""
    return f"{local(element.term)}{absent} ({situation.name(element)})"


@dataclass(frozen=True)
class _Spot:
    """Where something may be added: in which incident, at which step, linked from what, and how that is said."""

    incident: str
    step: int | None
    words: str
    after: tuple[Element, ...] = ()
    further: Incident | None = None


def added(situation: Situation, slot: Slot, *, opposing: bool = False) -> Iterator[list[Edit]]:
    """Ways to code something for a slot: each a list of edits that differ in the class alone.

    Args:
        opposing: for what opposes the slot, not for what fills it.
    """
    absent = opposing and slot.opposing is None
    terms = [term for term in (slot.absences if absent else slot.classes) if term in situation.vocabulary.elements]
    valence = None if absent else slot.opposing if opposing else slot.valence
    for spot in _spots(situation, slot):
        if absent and spot.after:
            continue  # what is absent has no part in links
        for bearer in _bearers(situation, slot):
            for toward in _towards(situation, slot):
                yield [
                    _coded(situation, term, local(valence) if valence else None, bearer, toward, absent, spot)
                    for term in terms
                ]


def _coded(
    situation: Situation,
    term: str,
    valence: str | None,
    bearer: str | None,
    toward: str | None,
    absent: bool,
    spot: _Spot,
) -> Edit:
    """One thing coded, by as many coders as it takes to count."""
    alike = any(
        (one.incident, one.term, one.valence, one.bearer, one.toward, one.step, one.absent)
        == (spot.incident, term, valence, bearer, toward, spot.step, absent)
        for one in situation.every
    )
    taken = {coding.id for codings in situation.chunk.codings.values() for coding in codings}
    rows = []
    for number, coder in enumerate(_coders(situation, spot.incident), 1):
        id = next(name for name in _numbered(f"what-if-{number}") if name not in taken)
        rows.append(
            Coding(
                iri=f"{situation.chunk.bundle}/coding/{id}",
                id=id,
                incident=spot.incident,
                code=local(term),
                place=Place("(what if)", None),
                term=term,
                element=f"another ({id})" if alike else None,
                absent=absent,
                valence=valence,
                bearer=bearer,
                toward=toward,
                step=spot.step,
                coder=coder,
            )
        )
    names = [local(term), f" {valence}" if valence else "", f" by {bearer}" if bearer else ""]
    what = ",".join(name for name in [names[0] + (" recorded absent" if absent else ""), *names[1:]] if name)
    if toward:
        what += f", toward {toward}"
    joint = "" if situation.coders == ANY else f", by {_by(situation, spot.incident)}"
    twin = any(one.incident == spot.incident and one.term == term and one.absent == absent for one in situation.every)
    noun = f"another {what}" if twin else article(what)
    links: tuple[tuple[Coding | None, Coding | None], ...] = ()
    if spot.after:
        links = _linked(situation, [(element, row.id) for element in spot.after for row in rows])
    return Edit(
        "counter" if absent else "add",
        f"{noun}, coded {spot.words}{joint}",
        (*((None, row) for row in rows), *links),
        further=spot.further,
    )


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 1
    while True:
        number += 1
        yield f"{name}.{number}"


def _coders(situation: Situation, incident: str) -> list[str | None]:
    """Who must code something for it to count."""
    if situation.coders not in CODER_SETS:
        return [situation.coders]
    known = list(dict.fromkeys(coding.coder for coding in situation.chunk.codings.get(incident, ())))
    if situation.coders == ANY:
        return known[:1] or [None]
    return known or [None]


def _by(situation: Situation, incident: str) -> str:
    return " and ".join(sorted(coder or "the coder without a name" for coder in _coders(situation, incident)))


def _spots(situation: Situation, slot: Slot) -> Iterator[_Spot]:
    """Where to put something for a slot, after what it must follow and before what must follow it."""
    after = [one for other in slot.after for one in situation.slots[other].there]
    before = [
        one
        for other in situation.proposition.slots
        if slot.id in other.after
        for one in situation.slots[other.id].there
    ]
    held = {element.incident for state in situation.slots.values() for element in state.there}
    ids = [*situation.incidents]
    places = [id for id in ids if id in held or id == ids[-1]][:8] if situation.proposition.of_chains else ids
    for id in places:
        low = max((one.step for one in after if one.incident == id and one.step is not None), default=None)
        high = min((one.step for one in before if one.incident == id and one.step is not None), default=None)
        here = [one for one in after if one.incident == id]
        names = ", ".join(situation.name(one) for one in here)
        if low is not None:
            yield _Spot(id, low + 1, f"in {id} at step {low + 1}, after {names}")
        elif high is not None:
            later = ", ".join(situation.name(one) for one in before if one.incident == id)
            yield _Spot(id, high - 1, f"in {id} at step {high - 1}, before {later}")
        yield _Spot(id, None, f"in {id}")
        if here:
            yield _Spot(id, None, f"in {id}, linked from {names}", tuple(here))
    if situation.proposition.of_chains:
        last = situation.incidents[ids[-1]]
        id = next(name for name in _numbered("what-if") if name not in ids)
        further = Incident(f"{situation.chunk.bundle}/incident/{id}", id, last.chain, follows=last.id)
        yield _Spot(
            id, None, f"in a further incident that follows {last.id}", further=replace(further, channel=last.channel)
        )


def _fits(situation: Situation, roles: Iterable[str], asked: tuple[str, ...], never: tuple[str, ...]) -> bool:
    known = frozenset().union(*(situation.vocabulary.above(role) for role in roles))
    wanted = not asked or ACTOR in asked or not known.isdisjoint(asked)
    return wanted and known.isdisjoint(never)


def _people(situation: Situation, asked: tuple[str, ...], never: tuple[str, ...]) -> list[str]:
    """Bearers that are of some classes: whoever figures in the unit already, most often first; then the roles."""
    roles = situation.vocabulary.roles
    seen = Counter(one.bearer for one in situation.every if one.bearer and not one.absent)
    found = []
    for bearer in sorted(seen, key=lambda name: (-seen[name], name)):
        actor = situation.chunk.actors.get(bearer)
        if _fits(situation, actor.roles if actor else [roles[bearer]], asked, never):
            found.append(bearer)
    named = sorted(roles, key=lambda role: (roles[role] not in asked, role))
    found += [role for role in named if _fits(situation, [roles[role]], asked, never)]
    return list(dict.fromkeys(found))


def _bearers(situation: Situation, slot: Slot, most: int = 3) -> Sequence[str | None]:
    """Whose something for a slot may be."""
    sharing = [*slot.same_bearer, *(one.id for one in situation.proposition.slots if slot.id in one.same_bearer)]
    shared = [one.bearer for other in sharing for one in situation.slots[other].there if one.bearer]
    if shared:
        return [*dict.fromkeys(shared)][:most]
    if not (slot.bearers or slot.not_bearers) and not (sharing and situation.proposition.of_chains):
        return [None]
    return [*_people(situation, slot.bearers, slot.not_bearers)][:most]


def _towards(situation: Situation, slot: Slot) -> Sequence[str | None]:
    return [*_people(situation, slot.towards, ())][:2] if slot.towards else [None]


# What is there already


def _with(element: Element, kind: Kind, words: str, **cells: object) -> Edit:
    """All codings of an element with some cells changed."""
    pairs = tuple((coding, replace(coding, **cells)) for coding in element.codings)  # type: ignore[arg-type]  # by name
    return Edit(kind, words, pairs)


def without(situation: Situation, elements: Iterable[Element], kind: Kind = "remove") -> Edit:
    """Some elements not coded."""
    gone = list(elements)
    words = " and ".join(called(situation, element) for element in gone)
    return Edit(kind, f"{words} not coded", tuple((coding, None) for element in gone for coding in element.codings))


def altered(situation: Situation, slot: Slot, miss: NearMiss) -> Iterator[Edit]:
    """A near miss without the one thing that is wrong with it."""
    element, (reason,) = miss.element, miss.reasons
    name = called(situation, element)
    match reason.wrong:
        case "valence" if not element.absent:
            yield from turned(situation, slot, element, "alter")
        case "bearer":
            for bearer in _people(situation, slot.bearers, slot.not_bearers)[:3]:
                yield _with(element, "alter", f"{name} coded as {bearer}'s", bearer=bearer)
        case "same bearer":
            other = reason.against
            if other is not None and other.bearer is not None:
                yield _with(element, "alter", f"{name} coded as {other.bearer}'s", bearer=other.bearer)
            elif other is not None:
                for bearer in _people(situation, slot.bearers, slot.not_bearers)[:2]:
                    both = (_with(element, "alter", "", bearer=bearer), _with(other, "alter", "", bearer=bearer))
                    words = f"{name} and {called(situation, other)} both coded as {bearer}'s"
                    yield Edit("alter", words, tuple(pair for one in both for pair in one.changed))
        case "toward":
            for bearer in _people(situation, slot.towards, ())[:3]:
                yield _with(element, "alter", f"{name} coded as toward {bearer}", toward=bearer)
        case "order" if reason.against is not None:
            yield from _moved(situation, slot, element, reason.against)
        case "coders":
            have = {coding.coder for coding in element.codings}
            first = element.codings[0]
            lacking = [coder for coder in _coders(situation, element.incident) if coder not in have]
            copies = [
                (None, replace(first, iri=f"{first.iri}/as/{n}", id=f"{first.id}-as-{n}", coder=coder, leads_to=()))
                for n, coder in enumerate(lacking, 1)
            ]
            who = " and ".join(coder or "the coder without a name" for coder in lacking)
            yield Edit("alter", f"{name} coded by {who} too", tuple(copies))
        case _:
            return


def turned(situation: Situation, slot: Slot, element: Element, kind: Kind) -> Iterator[Edit]:
    """An element with the valence that a slot asks for, or with another than the one it must not have."""
    never = local(slot.never) if slot.never else ""
    wanted = local(slot.valence) if slot.valence else {"negative": "positive", "positive": "negative"}.get(never)
    if wanted is not None and wanted != element.valence:
        instead = f", not {element.valence}" if element.valence else ""
        yield _with(element, kind, f"{called(situation, element)} coded as {wanted}{instead}", valence=wanted)


def _moved(situation: Situation, slot: Slot, element: Element, other: Element) -> Iterator[Edit]:
    """An element at another step of its incident, on the side of another where its slot must be."""
    if element.incident != other.incident:
        return
    name = called(situation, element)
    order = [one.id for one in situation.proposition.slots]
    there = next((id for id, state in situation.slots.items() if other in situation.candidates[id]), slot.id)
    later = order.index(slot.id) >= order.index(there)
    if other.step is None:
        steps = (1, 2) if later else (2, 1)
        both = (_with(other, "alter", "", step=steps[0]), _with(element, "alter", "", step=steps[1]))
        words = f"{called(situation, other)} recorded at step {steps[0]} and {name} at step {steps[1]}"
        yield Edit("alter", words, tuple(pair for one in both for pair in one.changed))
        return
    step = other.step + (1 if later else -1)
    was = f", not {element.step}" if element.step is not None else ""
    yield _with(element, "alter", f"{name} recorded at step {step}{was}", step=step)


def channel(situation: Situation) -> Iterator[Edit]:
    """The channels of the unit recorded as of the scope's class."""
    scope = situation.proposition.scope
    if scope is None or situation.scope == "holds":
        return
    every, above = situation.incidents.values(), situation.vocabulary.above
    outside = [one for one in every if one.channel is None or scope not in above(one.channel)]
    names = listed([f"{one.id} (now {local(one.channel) if one.channel else 'not recorded'})" for one in outside])
    yield Edit(
        "channel",
        f"{local(scope)} recorded as the channel of {names}",
        channels=tuple((incident.id, scope) for incident in outside),
    )


# What makes a support stronger


def _linked(
    situation: Situation, pairs: Iterable[tuple[Element, str]]
) -> tuple[tuple[Coding | None, Coding | None], ...]:
    """The codings of some elements, each leading to another coding, in as many rows as it takes to count."""
    ends: dict[Coding, list[str]] = {}
    for element, target in pairs:
        speaking = element.codings
        if situation.coders == ANY:
            speaking = speaking[:1]
        elif situation.coders not in CODER_SETS:
            speaking = tuple(coding for coding in speaking if coding.coder == situation.coders)
        for coding in speaking:
            ends.setdefault(coding, []).append(target)
    return tuple(
        (coding, replace(coding, leads_to=tuple(dict.fromkeys((*coding.leads_to, *targets)))))
        for coding, targets in ends.items()
    )


def links(situation: Situation, reading: dict[str, Element]) -> Edit | None:
    """Links from each antecedent's element to each consequent's, as far as there are none; None where none lack."""
    lacking = [
        (reading[one.id], reading[other.id])
        for one in situation.proposition.antecedents
        for other in situation.proposition.consequents
        if not situation.facts.says(reading[one.id].iri, "leadsTo", reading[other.id].iri)
    ]
    if not lacking:
        return None
    ends: dict[str, list[str]] = {}
    for one, other in lacking:
        ends.setdefault(called(situation, one), []).append(called(situation, other))
    words = ", and ".join(f"from {one} to {' and '.join(others)}" for one, others in ends.items())
    pairs = [(one, id) for one, other in lacking for id in situation.speaking(other)[:1]]
    return Edit("links", f"{'links' if len(lacking) > 1 else 'a link'} recorded {words}", _linked(situation, pairs))


def steps(situation: Situation, reading: dict[str, Element]) -> Edit:
    """Steps in the order that the proposition asks for, on one reading."""
    pairs: list[tuple[Coding | None, Coding | None]] = []
    said = []
    for step, slot in enumerate(situation.proposition.slots, 1):
        element = reading[slot.id]
        if any(element == one for id, one in reading.items() if id != slot.id):
            return Edit("steps", "")
        if any(slot.id in other.after for other in situation.proposition.slots) or slot.after:
            pairs += _with(element, "steps", "", step=step).changed
            said.append(f"{step} for {called(situation, element)}")
    return Edit("steps", f"steps recorded: {', '.join(said)}", tuple(pairs))
