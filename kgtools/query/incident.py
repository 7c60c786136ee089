"""Branches of an incident's query: a proposition goes in, the readings and what completes them come out as SPARQL."""

from __future__ import annotations

from collections.abc import Iterator

from kgtools.query.parts import INCIDENT, asked_orders, block, fits, outcome, sign, waited_for
from kgtools.theory import Proposition, Slot


def _stands(slot: Slot, earlier: Slot) -> list[str]:
    """How, in an incident, the element `?slot` stands to that of a slot before it in the reading."""
    name, other = f"?{slot.id}", f"?{earlier.id}"
    said = [f"FILTER({name} != {other})"]
    if earlier.id in slot.after:
        said.append(f"FILTER NOT EXISTS {{ {name} view:notAfter {other} }}")
    elif slot.role == "consequent" and earlier.role == "antecedent":
        said.append(f"FILTER NOT EXISTS {{ {name} view:precedes {other} }}")
    lines = [" ".join(said)]
    if earlier.id in slot.same_bearer:
        one, two = f"{other}_of_{slot.id}", f"{name}_as_{earlier.id}"
        different = f"FILTER NOT EXISTS {{ {one} view:differsFrom {two} }}"
        lines.append(f"{other} view:bearer {one} . {name} view:bearer {two} . {different}")
    return lines


def _reading(proposition: Proposition) -> list[str]:
    """A reading of an incident: an element for each antecedent."""
    lines: list[str] = []
    for nth, slot in enumerate(proposition.antecedents):
        lines += fits(slot, INCIDENT)
        lines += (line for other in proposition.antecedents[:nth] for line in _stands(slot, other))
    return lines


def incident_branches(proposition: Proposition) -> Iterator[str]:
    """The readings of an incident, and what fills or opposes each consequent slot, with its reading."""
    yield block([*_reading(proposition), "BIND(1 AS ?read)"], "a reading")
    for slot in proposition.consequents:
        placed = list(proposition.antecedents)
        before = _reading(proposition)
        for other in waited_for(slot, proposition):
            before += [*fits(other, INCIDENT), *(line for one in placed for line in _stands(other, one))]
            placed.append(other)
        stands = [line for one in placed for line in _stands(slot, one)]
        used = ", ".join(f'"{" " if nth else ""}{other.id}=", STR(?{other.id})' for nth, other in enumerate(placed))
        judged = [*before, *fits(slot, INCIDENT, judged=True), *stands]
        for earlier, later in asked_orders(proposition, [*placed, slot]):
            judged.append(f"OPTIONAL {{ ?{earlier} view:precedes ?{later} . BIND(1 AS ?{earlier}_{later}) }}")
        for antecedent in proposition.antecedents:
            judged.append(
                f"OPTIONAL {{ ?{antecedent.id} view:leadsTo ?{slot.id} . BIND(1 AS ?{antecedent.id}_led_{slot.id}) }}"
            )
        judged += outcome(slot)
        yield block([*judged, f"BIND(CONCAT({used}, {sign(slot)}, STR(?{slot.id})) AS ?used)"], slot.id)
        if slot.absences:
            absent = [*before, *fits(slot, INCIDENT, absent=True), *stands]
            absent += [
                f"BIND(1 AS ?{slot.id}_opposes)",
                f'BIND(CONCAT({used}, " {slot.id}!", STR(?{slot.id})) AS ?used)',
            ]
            yield block(absent, f"{slot.id}, recorded absent")
