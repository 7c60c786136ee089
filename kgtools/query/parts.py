"""Parts of queries: what a slot asks of an element, and how a branch says what it found, in lines of SPARQL."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kgtools.theory import ACTOR, Proposition, Slot, waits_for
from kgtools.vocabulary import EVCO, PREFIXES, VIEW, Names

curie_or_iri = Names(PREFIXES).short
"""A term as SPARQL writes it."""


def block(lines: list[str], comment: str) -> str:
    inner = "".join(f"        {line}\n" for line in lines)
    return f"{{ # {comment}\n{inner}      }}"


INCIDENT, CHAIN = "view:inIncident", "view:inChain"
"""What says of which unit an element is."""


def fits(slot: Slot, inside: str, *, judged: bool = False, absent: bool = False, also: str = "") -> Iterator[str]:
    """The slot's own conditions on the element `?slot`.

    Args:
        inside: the property that says of which unit an element is.
        judged: it may also be what opposes by its valence.
        absent: a record of absence that opposes.
        also: what else is looked up of it.
    """
    name = f"?{slot.id}"
    kind, values = any_of(f"{name}_class", slot.absences if absent else slot.classes)
    yield from values
    line = f"{name} {inside} ?unit ; {'view:denies' if absent else 'view:is'} {kind}"
    known = slot.bearers or ((ACTOR,) if slot.not_bearers else ())
    for prop, classes in (("bearerIs", known), ("towardIs", slot.towards)):
        if classes:
            role, values = any_of(f"{name}_{prop}", classes)
            yield from values
            line += f" ; view:{prop} {role}"
    if absent or slot.valence or slot.never or (judged and slot.opposing):
        line += f" ; view:valence {name}_valence"
    yield f"{line}{also} ."
    for role in slot.not_bearers:
        yield f"FILTER NOT EXISTS {{ {name} view:bearerIs {curie_or_iri(role)} }}"
    if absent:
        yield one_of(f"{name}_valence", ["view:unrecorded", *([curie_or_iri(slot.valence)] if slot.valence else [])])
    elif judged and (slot.opposing or slot.valence):
        yield one_of(f"{name}_valence", dict.fromkeys([*valences(slot, fills=True), *valences(slot, fills=False)]))
    elif slot.valence:
        yield one_of(f"{name}_valence", valences(slot, fills=True))
    elif slot.never:
        yield f"FILTER({name}_valence != {curie_or_iri(slot.never)})"


def any_of(variable: str, classes: tuple[str, ...]) -> tuple[str, list[str]]:
    """One class as it is, several as a variable with its values."""
    if len(classes) == 1:
        return curie_or_iri(classes[0]), []
    return variable, [f"VALUES {variable} {{ {' '.join(map(curie_or_iri, classes))} }}"]


def one_of(variable: str, terms: Iterable[str]) -> str:
    return f"FILTER({variable} IN ({', '.join(terms)}))"


def valences(slot: Slot, *, fills: bool) -> list[str]:
    """The valences that fill a slot, or those that oppose it."""
    mixed = EVCO + "mixed"
    if not fills:
        return [curie_or_iri(valence) for valence in dict.fromkeys((slot.opposing, mixed)) if slot.opposing and valence]
    every = [*(EVCO + valence for valence in ("positive", "negative", "neutral")), VIEW + "unrecorded"]
    fitting = [*([slot.valence] if slot.valence else every), mixed]
    return [curie_or_iri(valence) for valence in dict.fromkeys(fitting) if valence != slot.never]


def outcome(slot: Slot) -> list[str]:
    """Whether an element fills the slot or opposes it, by its valence."""
    if not slot.opposing:
        return [f"BIND(1 AS ?{slot.id}_fills)"]
    return [
        f"BIND(IF(?{slot.id}_valence IN ({', '.join(valences(slot, fills=fills))}), 1, 0) AS ?{slot.id}_{name})"
        for fills, name in ((True, "fills"), (False, "opposes"))
    ]


def sign(slot: Slot) -> str:
    return f'IF(?{slot.id}_fills = 1, " {slot.id}=", " {slot.id}!")' if slot.opposing else f'" {slot.id}="'


def waited_for(slot: Slot, proposition: Proposition) -> list[Slot]:
    """The consequents that a slot comes after, in their order."""
    waited = waits_for(slot, proposition)
    return [other for other in proposition.consequents if other.id in waited]


def asked_orders(proposition: Proposition, slots: list[Slot]) -> list[tuple[str, str]]:
    """The pairs (earlier, later) that the grade asks after. In a reading of a chain the order is recorded anyway."""
    if proposition.of_chains:
        return []
    ids = [slot.id for slot in slots]
    return [(earlier, slot.id) for slot in slots for earlier in slot.after if earlier in ids]
