"""Telling: a unit before a proposition goes in, its explanation as plain values comes out."""

from __future__ import annotations

from itertools import pairwise

from kgtools.derive import SAYING, codings_of
from kgtools.explain.account import (
    ChangeTold,
    CodingTold,
    ElementTold,
    Explanation,
    IncidentTold,
    LinkTold,
    NearTold,
    OrderTold,
    ScopeTold,
    SlotTold,
    UseTold,
)
from kgtools.explain.reasons import MOST_NAMES, listed
from kgtools.explain.situation import Situation, SlotState
from kgtools.explain.whatif import Change, changes, most_tries
from kgtools.model import ANY, Coding, Element
from kgtools.theory import Slot
from kgtools.vocabulary import EVCO, local

_MANY = 100  # where fewer changes than that may be tried, it is said

_OUTCOME = EVCO + "ValueOutcome"  # what somebody gains or loses: the one thing that only the teller can report

_GRADE_WORDS = {
    "linked": "links that coders drew lead from each condition to each consequence; there is no better grade",
    "ordered": "the order that the claim asks for is recorded, but links do not lead from each condition to each "
    "consequence",
    "co-occurrence": "all is found together; the claim asks for no order, and links do not lead from each condition to "
    "each consequence",
    "unordered": "all is found together, but of the order that the claim asks for not all is recorded; nothing "
    "recorded says otherwise",
}


def told(situation: Situation, *, in_full: bool) -> Explanation:
    """The explanation of a verdict. In short ones nothing is tried that might change it."""
    proposition, verdict = situation.proposition, situation.verdict
    theory = next(one.label for one in situation.job.theories if one.id == proposition.theory)
    found = changes(situation) if in_full else []
    return Explanation(
        unit_type=verdict.unit_type,
        unit=verdict.unit,
        unit_iri=verdict.unit_iri,
        theory=verdict.theory,
        proposition=verdict.proposition,
        proposition_iri=verdict.proposition_iri,
        label=proposition.label,
        statement=" ".join(proposition.statement.split()),
        source=", ".join(part for part in (theory, proposition.locator, proposition.source) if part),
        coders=verdict.coders,
        coded_by=tuple(situation.coder_names),
        verdict=verdict.verdict,
        grade=verdict.grade,
        why=_why(situation),
        grade_words=_GRADE_WORDS.get(verdict.grade, ""),
        in_full=in_full,
        scope=_scope(situation),
        incidents=_incidents(situation),
        slots=tuple(_slot(situation, state) for state in situation.slots.values()),
        missing=verdict.missing,
        opposed=verdict.opposed,
        changes=tuple(_change(one) for one in found),
        no_change=_no_change(situation) if in_full and not found and most_tries(situation) else "",
        untried=_untried(situation) if in_full else "",
        caveats=tuple(_caveats(situation)),
    )


def _change(change: Change) -> ChangeTold:
    return ChangeTold(change.kind, change.words, change.verdict, change.grade)


# Elements


def in_words(element: Element) -> str:
    """An element in half a line, as it was coded."""
    said = [local(element.term)]
    if element.absent:
        said.append("recorded absent")
    if element.valence:
        said.append(element.valence)
    if element.bearer:
        said.append(f"by {element.bearer}")
    if element.toward:
        said.append(f"toward {element.toward}")
    if element.step is not None:
        said.append(f"step {element.step}")
    return ", ".join(said)


def _element(situation: Situation, element: Element) -> ElementTold:
    speaking = codings_of(element, situation.coders) or codings_of(element, ANY)
    return ElementTold(
        iri=element.iri,
        name=situation.name(element),
        words=in_words(element),
        incident=element.incident,
        term=element.term,
        absent=element.absent,
        valence=element.valence,
        bearer=element.bearer,
        toward=element.toward,
        step=element.step,
        codings=tuple(_coding(situation, coding) for coding in speaking),
    )


def _coding(situation: Situation, coding: Coding) -> CodingTold:
    reported = EVCO + "purpose" in situation.proposition.reports
    return CodingTold(
        id=coding.id,
        iri=f"{coding.iri}/inferred/{coding.inferred}" if coding.inferred else coding.iri,
        coder=coding.coder,
        quote=coding.segment,
        file=coding.place.file,
        row=coding.place.row,
        code=coding.code if coding.inferred else None,
        inferred=bool(coding.inferred),
        purpose=coding.purpose if reported else None,
    )


# Slots


def _slot(situation: Situation, state: SlotState) -> SlotTold:
    slot = state.slot
    return SlotTold(
        id=slot.id,
        iri=slot.iri,
        role=slot.role,
        label=slot.label,
        asks=slot.in_words(),
        state=_state(situation, state),
        opposed_with=_opposed_with(situation, state),
        fills=tuple(_use(situation, state, element, _also(slot, element)) for element in state.fills),
        opposes=tuple(_use(situation, state, element, _against(slot, element)) for element in state.opposes),
        fits=tuple(_element(situation, element) for element in state.ready),
        would_oppose=tuple(_element(situation, element) for element in state.ready_opposing),
        near=tuple(
            NearTold(_element(situation, miss.element), tuple(reason.words for reason in miss.reasons))
            for miss in state.near
        ),
    )


def _state(situation: Situation, state: SlotState) -> str:
    opposed = state.opposes or state.slot.id in situation.verdict.opposed
    if state.fills:
        return "filled and opposed" if opposed else "filled"
    if opposed:
        return "opposed"
    if state.ready or state.ready_opposing:
        return "there"
    return "unfit" if state.near else "missing"


def _opposed_with(situation: Situation, state: SlotState) -> tuple[str, ...]:
    """The slots that it must come after and that are opposed and not filled, where the verdict calls it opposed."""
    if state.slot.id not in situation.verdict.opposed:
        return ()
    opposed = situation.verdict.opposed
    return tuple(id for id in state.slot.after if id in opposed and not situation.slots[id].fills)


def _against(slot: Slot, element: Element) -> str:
    """Why an element opposes a slot."""
    if element.absent:
        return "it is recorded that there was none"
    asked = f"{local(slot.valence)} is asked for" if slot.valence else f"{local(slot.opposing or '')} opposes"
    return f"{element.valence}, where {asked}"


def _also(slot: Slot, element: Element) -> str:
    """Whether what fills a slot opposes it too."""
    return "mixed, so that it opposes too" if slot.opposing and element.valence == "mixed" else ""


def _use(situation: Situation, state: SlotState, element: Element, why: str) -> UseTold:
    slot = state.slot
    order = tuple(one for after in slot.after for one in _order(situation, situation.slots[after], element))
    links: list[LinkTold] = []
    if slot.role == "consequent" and not element.absent:
        for antecedent in situation.proposition.antecedents:
            links += _links(situation, situation.slots[antecedent.id], element)
    return UseTold(_element(situation, element), why, order, tuple(links))


def _order(situation: Situation, before: SlotState, element: Element) -> list[OrderTold]:
    """What is recorded of an element's coming after those of another slot."""
    said = []
    for other in before.fills:
        if other.iri != element.iri and situation.facts.came_before(other.iri, element.iri):
            name = situation.name(other)
            if other.incident != element.incident and other.incident in situation.earlier(element.incident):
                how, words = "follows", f"{element.incident} comes after {other.incident}"
            elif other.step is not None and element.step is not None and other.step != element.step:
                how, words = "steps", f"step {other.step} < step {element.step}"
            else:
                path = _path(situation, other, element)
                how, words = "links", f"by links: {_arrows(situation, path)}"
            said.append(OrderTold(before.slot.id, name, how, words))
    return said or [OrderTold(before.slot.id, "", "", "not recorded; nothing recorded says otherwise")]


def _path(situation: Situation, start: Element, end: Element) -> list[str]:
    """The shortest way along links from one element to another; empty where there is none."""
    path = [end.iri]
    reached = situation.reached(start.iri)
    while path[-1] in reached:
        path.append(reached[path[-1]])
        if path[-1] == start.iri:
            return path[::-1]
    return []


def _named(situation: Situation, iri: str) -> str:
    element = next((one for one in situation.every if one.iri == iri), None) or situation.view.elements.get(iri)
    return situation.name(element) if element else iri.rpartition("/")[2]


def _arrows(situation: Situation, path: list[str]) -> str:
    return " → ".join(_named(situation, iri) for iri in path)


def _links(situation: Situation, before: SlotState, element: Element) -> list[LinkTold]:
    """The links that lead to an element from those of another slot."""
    said = []
    for other in before.fills:
        path = _path(situation, other, element)
        if path:
            rows = []
            for pair in pairwise(path):
                for coding in situation.view.links[pair]:
                    rows.append(
                        place(coding.place.file, coding.place.row) + (f" {coding.coder}" if coding.coder else "")
                    )
            by = ", ".join(dict.fromkeys(rows))
            names = tuple(_named(situation, iri) for iri in path)
            words = f"{_arrows(situation, path)} ({by})"
            said.append(LinkTold(before.slot.id, names, tuple(dict.fromkeys(rows)), words))
    return said


def place(file: str, row: int | None) -> str:
    """Where something stands: file:row."""
    return f"{file}:{row}" if row is not None else file


# The unit


def _scope(situation: Situation) -> ScopeTold | None:
    scope = situation.proposition.scope
    if scope is None:
        return None
    channels = {
        incident.id: local(incident.channel) if incident.channel else "not recorded"
        for incident in situation.incidents.values()
    }
    by_name: dict[str, list[str]] = {}
    for id, name in channels.items():
        by_name.setdefault(name, []).append(id)
    if len(channels) <= MOST_NAMES:
        where = ", ".join(f"{id}: {name}" if len(channels) > 1 else name for id, name in channels.items())
    elif len(by_name) == 1:
        where = f"{next(iter(by_name))} in all {len(channels):,} incidents"
    else:
        where = "; ".join(f"{name} in {listed(ids)}" for name, ids in by_name.items())
    said = {"holds": "so it holds", "fails": "so it does not hold", "unrecorded": "so it is unknown"}[situation.scope]
    return ScopeTold(scope, situation.scope, f"{local(scope)}; the channel is {where}, {said}")


def _incidents(situation: Situation) -> tuple[IncidentTold, ...]:
    used: dict[str, list[str]] = {id: [] for id in situation.incidents}
    for state in situation.slots.values():
        for elements, sign in ((state.fills, ""), (state.opposes, "against ")):
            for element in elements:
                used[element.incident].append(
                    f"{sign}{state.slot.id}: {local(element.term)} ({situation.name(element)})"
                )
    return tuple(
        IncidentTold(
            id=incident.id,
            iri=incident.iri,
            follows=incident.follows,
            before=len(situation.earlier(incident.id)),
            occurred_on=incident.occurred_on,
            channel=local(incident.channel) if incident.channel else None,
            platform=incident.platform,
            told_by=incident.told_by,
            used=tuple(used[incident.id]),
        )
        for incident in situation.incidents.values()
    )


def _said(states: list[SlotState]) -> str:
    return listed([f"{state.slot.id} ({state.slot.label or state.slot.in_words()})" for state in states])


def _be(states: list[SlotState]) -> str:
    return "is" if len(states) == 1 else "are"


def _why(situation: Situation) -> str:
    """The verdict in a line: which slots made it."""
    states = [*situation.slots.values()]
    verdict = situation.verdict
    claimed = [state for state in states if state.slot.role == "consequent"]
    filled = [state for state in claimed if state.fills]
    opposed = [state for state in claimed if state.slot.id in verdict.opposed]
    if verdict.verdict == "supports":
        return "the conditions are there, every consequence is there, and nothing opposes"
    if verdict.verdict == "contradicts":
        return f"the conditions are there; {_said(opposed)} {_be(opposed)} opposed, and no consequence is there"
    if verdict.verdict == "mixed":
        against = f"{_said(opposed)} {_be(opposed)} opposed"
        return f"the conditions are there; {_said(filled)} {_be(filled)} there, and {against}"
    if situation.scope == "fails":
        return "outside the scope of the claim"
    said = ["the channel is not recorded, so the scope is unknown"] if situation.scope == "unrecorded" else []
    missing = [state for state in states if state.lacking and not state.near]
    unfit = [state for state in states if state.lacking and state.near]
    if missing:
        said.append(f"{_said(missing)} {_be(missing)} missing")
    if unfit:
        said.append(f"what is coded for {_said(unfit)} does not fit")
    conditions = [situation.slots[slot.id] for slot in situation.proposition.antecedents]
    if any(one.slot.id in verdict.missing for one in conditions) and not any(one.lacking for one in conditions):
        said.append("the conditions are coded, but not each by something of its own that goes with the rest")
    elif not said:
        said.append("what is claimed is coded, but not so that it goes with the conditions")
    return "; ".join(said)


def _no_change(situation: Situation) -> str:
    """What to say where nothing that was tried changes the verdict."""
    lacking = [state for state in situation.slots.values() if not state.there]
    scope = situation.scope in ("fails", "unrecorded")
    if len(lacking) + scope > 1:
        channel = f", and {local(situation.proposition.scope or '')} as the channel" if scope else ""
        return f"no one or two changes that were tried; it would take {_said(lacking)}{channel}."
    return "no single change that was tried."


def _untried(situation: Situation) -> str:
    """Why few changes were tried, or none."""
    most = most_tries(situation)
    if most >= _MANY:
        return ""
    said = f"only {most} were" if most > 1 else "only one was" if most else "none was"
    return f"{said} tried, since the {situation.verdict.unit_type} has many elements ({len(situation.every):,})"


def _caveats(situation: Situation) -> list[str]:
    """What must be said with the verdict, because the method demands it."""
    verdict, said = situation.verdict, []
    if verdict.verdict == "contradicts":
        said.append("A counter-instance does not refute a claim that says what may happen.")
    if verdict.verdict in SAYING:
        attributed = _attributed(situation)
        if attributed:
            said.append(
                f"{listed(attributed)}: a value outcome of somebody other than the one who told the incident is "
                "attributed, not experienced."
            )
    if verdict.inferred_alone:
        said.append("It rests on what a crosswalk made of codes alone; no coder said it in these terms.")
    if verdict.own_corpus and verdict.verdict in SAYING:
        said.append("It is from the corpus that the theory was induced from: it illustrates, it does not test.")
    return said


def _attributed(situation: Situation) -> list[str]:
    """The value outcomes in use whose bearer is known not to be the teller."""
    found = []
    used = {one.iri: one for state in situation.slots.values() for one in (*state.fills, *state.opposes)}
    roles = situation.vocabulary.roles
    for element in used.values():
        if _OUTCOME not in situation.vocabulary.above(element.term) or element.bearer is None:
            continue
        line = [element.incident, *situation.earlier(element.incident)]
        told_by = {one.id: one.told_by for one in situation.chunk.incidents}
        teller = next((told_by[id] for id in line if told_by[id]), None)
        actor = situation.chunk.actors.get(element.bearer)
        known = actor.roles if actor else frozenset({roles[element.bearer]})
        customer = any(EVCO + "Customer" in situation.vocabulary.above(role) for role in known)
        if element.bearer != teller if actor and teller else bool(known) and not customer:
            found.append(f"{local(element.term)} of {element.bearer} ({situation.name(element)})")
    return found
