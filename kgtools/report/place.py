"""Names and places: units and incidents go in, how a page calls them and what is recorded of where comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from kgtools.model import Incident
from kgtools.vocabulary import local

DIMENSIONS = ("context", "monopoly", "resources_limited", "common_cause", "channel", "corpus")
"""What is recorded of an incident that a claim may or may not hold beyond (DESIGN 4, the review's question)."""

UNRECORDED, VARIES = "not recorded", "differs within the chain"


@dataclass(frozen=True, slots=True, order=True)
class UnitName:
    """What a unit is called: its bundle, its id, and whether it is a chain."""

    bundle: str
    id: str
    chain: bool = False


def place_of(incidents: Sequence[Incident], dimension: str) -> str:
    """What is recorded of one incident, or alike of all of a chain."""
    values = {_said(getattr(incident, dimension)) for incident in incidents}
    return values.pop() if len(values) == 1 else VARIES


def _said(value: str | bool | None) -> str:
    if value is None:
        return UNRECORDED
    return ("yes" if value else "no") if isinstance(value, bool) else local(value) if "#" in value else value


def anchored(name: str) -> str:
    """A name as a part of an id on a page: nothing that an address would have to encode, and no two names alike."""
    return quote(name, safe="").replace("~", "%7E").replace("%", "~")
