"""Attribution: an element goes in, whether it is an outcome for somebody other than the one who told it comes out."""

from __future__ import annotations

from collections.abc import Mapping

from kgtools.model import Actor, Element, Incident
from kgtools.vocabulary import EVCO, Vocabulary


def attributed(
    element: Element, incidents: Mapping[str, Incident], actors: Mapping[str, Actor], vocabulary: Vocabulary
) -> bool:
    """Whether an element is a value outcome whose bearer is known not to be the one who told the incident.

    Who tells is named by `told_by`, of the incident or the nearest before it along `follows`; where nobody is named it
    is the incident's customer. A bearer who may be the teller is not counted.

    Args:
        incidents: those of the chain, by id.
        actors: those who are named, by name.
    """
    if element.bearer is None or EVCO + "ValueOutcome" not in vocabulary.above(element.term):
        return False
    customer = EVCO + "Customer"
    role = vocabulary.roles.get(element.bearer) if element.bearer not in actors else None
    if role is not None and customer in vocabulary.above(role):
        return False
    at: str | None = element.incident
    while at is not None and incidents[at].told_by is None:
        at = incidents[at].follows
    teller = incidents[at].told_by if at is not None else None
    if role is None:
        if teller is not None:
            return element.bearer != teller
        roles = actors[element.bearer].roles
        return bool(roles) and not any(customer in vocabulary.above(held) for held in roles)
    held = actors[teller].roles if teller is not None and teller in actors else frozenset()
    return not any(role in vocabulary.above(one) for one in held)
