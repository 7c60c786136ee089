"""Theories: a Turtle file goes in, propositions with their slots come out, as frozen values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from kgtools.errors import OntologyError
from kgtools.vocabulary import EVCO, PREFIXES, curie, load, local, theory_files

CHAIN = EVCO + "IncidentChain"
INCIDENT = EVCO + "Incident"
ACTOR = EVCO + "Actor"


@dataclass(frozen=True)
class Slot:
    """One part of a proposition: what may fill it, what opposes it, and how it stands to the other slots.

    Classes are IRIs, other slots are named by id. An empty tuple or None asks for nothing.
    """

    iri: str
    id: str
    label: str
    role: Literal["antecedent", "consequent"]
    classes: tuple[str, ...]
    valence: str | None = None
    opposing: str | None = None
    never: str | None = None
    bearers: tuple[str, ...] = ()
    not_bearers: tuple[str, ...] = ()
    towards: tuple[str, ...] = ()
    absences: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    same_bearer: tuple[str, ...] = ()

    def in_words(self) -> str:
        """What the slot asks for, in half a sentence."""
        said = " or ".join(map(local, self.classes))
        if self.valence:
            said += f", {local(self.valence)}"
        if self.never:
            said += f", never {local(self.never)}"
        if self.bearers:
            said += f", by {' or '.join('a known actor' if b == ACTOR else local(b) for b in self.bearers)}"
        if self.not_bearers:
            said += f", not by {' or '.join(map(local, self.not_bearers))}"
        if self.towards:
            said += f", toward {' or '.join(map(local, self.towards))}"
        if self.same_bearer:
            said += f", by the one of {' and '.join(self.same_bearer)}"
        if self.after:
            said += f", after {' and '.join(self.after)}"
        against = [local(self.opposing)] if self.opposing else []
        if self.absences:
            against.append(
                "absent" if self.absences == self.classes else f"{' or '.join(map(local, self.absences))} absent"
            )
        return said + (f" (opposed: {' or '.join(against)})" if against else "")


@dataclass(frozen=True)
class Proposition:
    """A claim of a theory, as data."""

    iri: str
    id: str
    theory: str
    label: str
    statement: str
    source: str
    locator: str
    perspective: str
    unit: str
    slots: tuple[Slot, ...]
    scope: str | None = None
    reports: tuple[str, ...] = ()

    @property
    def of_chains(self) -> bool:
        """Whether it speaks of chains of incidents, not of single ones."""
        return self.unit == CHAIN

    @cached_property
    def by_id(self) -> dict[str, Slot]:
        """The slots by id."""
        return {slot.id: slot for slot in self.slots}

    @cached_property
    def antecedents(self) -> tuple[Slot, ...]:
        """The slots that a reading fills."""
        return tuple(slot for slot in self.slots if slot.role == "antecedent")

    @cached_property
    def consequents(self) -> tuple[Slot, ...]:
        """The slots that are judged."""
        return tuple(slot for slot in self.slots if slot.role == "consequent")

    @cached_property
    def asks_order(self) -> bool:
        """Whether some slot comes after another."""
        return any(slot.after for slot in self.slots)


@dataclass(frozen=True)
class Implication:
    """Advice that a source draws from propositions."""

    iri: str
    id: str
    label: str
    statement: str
    rests_on: tuple[str, ...]


@dataclass(frozen=True)
class Theory:
    """A published framework: propositions and what its authors advise."""

    iri: str
    id: str
    label: str
    path: Path
    propositions: tuple[Proposition, ...]
    implications: tuple[Implication, ...]

    @classmethod
    def read(cls, path: Path) -> Theory:
        """Read a theory file.

        Raises:
            OntologyError: the file is missing, no Turtle, or lacks what a theory needs. This is the first thing that
                is wrong; `kgtools validate` says all.
        """
        return _Reader(path).theory()


def read_theories(further: Iterable[Path] = ()) -> list[Theory]:
    """The theories that come with kgtools, and further ones from files.

    Raises:
        OntologyError: a file is no theory, or two theories or propositions share an id.
    """
    theories = [Theory.read(path) for path in (*theory_files(), *further)]
    seen: dict[str, Path] = {}
    for theory in theories:
        if theory.id in seen:
            raise OntologyError(
                f"{theory.path}: `{theory.id}` is in {seen[theory.id]} already; give the theory another skos:notation"
            )
        seen[theory.id] = theory.path
        for proposition in theory.propositions:
            if proposition.id in seen:
                raise OntologyError(
                    f"{theory.path}: `{proposition.id}` is a proposition of {seen[proposition.id]} already"
                )
            seen[proposition.id] = theory.path
    return theories


class _Reader:
    """One theory file, opened."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.store, _ = load([path])

    def values(self, subject: str, name: str) -> tuple[str, ...]:
        import pyoxigraph as ox

        quads = self.store.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(_expand(name)), None, None)
        return tuple(sorted({quad.object.value for quad in quads if not isinstance(quad.object, ox.Triple)}))

    def one(self, subject: str, name: str, *, needed: bool = True) -> str:
        values = self.values(subject, name)
        if len(values) > 1 or (needed and not values):
            raise OntologyError(f"{self.path}: {curie(subject)} has {'more than one' if values else 'no'} {name}")
        return values[0] if values else ""

    def all_of(self, kind: str) -> list[str]:
        import pyoxigraph as ox

        quads = self.store.quads_for_pattern(None, ox.NamedNode(_expand("rdf:type")), ox.NamedNode(EVCO + kind), None)
        return sorted({quad.subject.value for quad in quads if not isinstance(quad.subject, ox.Triple)})

    def theory(self) -> Theory:
        theories = self.all_of("Theory")
        if len(theories) != 1:
            raise OntologyError(
                f"{self.path}: a theory file describes one evco:Theory, this one {len(theories) or 'none'}"
            )
        iri = theories[0]
        id = self.one(iri, "skos:notation")
        propositions = [self.proposition(found, id) for found in self.all_of("Proposition")]
        if not propositions:
            raise OntologyError(f"{self.path}: the theory `{id}` has no evco:Proposition")
        implications = tuple(
            Implication(
                found,
                self.one(found, "skos:notation"),
                self.one(found, "rdfs:label", needed=False),
                self.one(found, "evco:statement"),
                self.values(found, "evco:restsOn"),
            )
            for found in self.all_of("Implication")
        )
        propositions.sort(key=lambda proposition: proposition.id)
        return Theory(
            iri, id, self.one(iri, "rdfs:label", needed=False) or id, self.path, tuple(propositions), implications
        )

    def proposition(self, iri: str, theory: str) -> Proposition:
        slots = [self.slot(slot) for slot in self.values(iri, "evco:slot")]
        unit = self.one(iri, "evco:unit")
        if unit not in (INCIDENT, CHAIN):
            raise OntologyError(
                f"{self.path}: {curie(iri)}: evco:unit is evco:Incident or evco:IncidentChain, not {curie(unit)}"
            )
        proposition = Proposition(
            iri=iri,
            id=self.one(iri, "skos:notation"),
            theory=theory,
            label=self.one(iri, "rdfs:label", needed=False),
            statement=self.one(iri, "evco:statement", needed=False),
            source=self.one(iri, "dcterms:source", needed=False),
            locator=self.one(iri, "evco:locator", needed=False),
            perspective=self.one(iri, "evco:perspective", needed=False),
            unit=unit,
            slots=_in_order(slots),
            scope=self.one(iri, "evco:scope", needed=False) or None,
            reports=self.values(iri, "evco:reports"),
        )
        if not proposition.antecedents or not proposition.consequents:
            raise OntologyError(f"{self.path}: {curie(iri)} needs an evco:AntecedentSlot and an evco:ConsequentSlot")
        self.check_slots(proposition)
        return proposition

    def slot(self, iri: str) -> Slot:
        roles: dict[str, Literal["antecedent", "consequent"]] = {
            EVCO + "AntecedentSlot": "antecedent",
            EVCO + "ConsequentSlot": "consequent",
        }
        kinds = [roles[kind] for kind in self.values(iri, "rdf:type") if kind in roles]
        if len(kinds) != 1:
            raise OntologyError(f"{self.path}: {curie(iri)} is either an evco:AntecedentSlot or an evco:ConsequentSlot")
        classes = self.values(iri, "evco:slotClass")
        if not classes:
            raise OntologyError(f"{self.path}: {curie(iri)} has no evco:slotClass")
        id = self.one(iri, "skos:notation")
        if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", id):
            raise OntologyError(
                f"{self.path}: {curie(iri)}: a slot's notation is a capital letter, then letters and digits, not `{id}`"
            )
        return Slot(
            iri=iri,
            id=id,
            label=self.one(iri, "rdfs:label", needed=False),
            role=kinds[0],
            classes=classes,
            valence=self.one(iri, "evco:slotValence", needed=False) or None,
            opposing=self.one(iri, "evco:opposingValence", needed=False) or None,
            never=self.one(iri, "evco:neverValence", needed=False) or None,
            bearers=self.values(iri, "evco:slotBearer"),
            not_bearers=self.values(iri, "evco:slotBearerNot"),
            towards=self.values(iri, "evco:slotToward"),
            absences=self.values(iri, "evco:opposingAbsence"),
            after=self.ids(iri, "evco:comesAfter"),
            same_bearer=self.ids(iri, "evco:sharesBearerWith"),
        )

    def ids(self, iri: str, name: str) -> tuple[str, ...]:
        return tuple(sorted(self.one(other, "skos:notation") for other in self.values(iri, name)))

    def check_slots(self, proposition: Proposition) -> None:
        """What a query takes for granted: slots refer to slots beside them, and no antecedent to a consequent."""
        if len(proposition.by_id) < len(proposition.slots):
            raise OntologyError(f"{self.path}: {curie(proposition.iri)} has two slots of one skos:notation")
        for slot in proposition.slots:
            for other in (*slot.after, *slot.same_bearer):
                if other not in proposition.by_id or other == slot.id:
                    raise OntologyError(
                        f"{self.path}: {curie(slot.iri)} refers to `{other}`, which is no other slot of its proposition"
                    )
                if slot.role == "antecedent" and proposition.by_id[other].role == "consequent":
                    raise OntologyError(
                        f"{self.path}: {curie(slot.iri)} is an antecedent and refers to the consequent `{other}`"
                    )
            for other in slot.same_bearer:
                if proposition.by_id[other].role == "consequent" and other not in slot.after:
                    raise OntologyError(
                        f"{self.path}: {curie(slot.iri)} shares a bearer with consequent `{other}`, so must be after it"
                    )
            if slot.id in waits_for(slot, proposition):
                raise OntologyError(f"{self.path}: {curie(slot.iri)} comes after itself")


def _expand(name: str) -> str:
    prefix, _, rest = name.partition(":")
    return PREFIXES[prefix] + rest


def _in_order(slots: list[Slot]) -> tuple[Slot, ...]:
    """Antecedents first, and what comes after something else after it, else by id."""
    ordered: list[Slot] = []
    rest = sorted(slots, key=lambda slot: (slot.role, slot.id))
    while rest:
        placed = {slot.id for slot in ordered}
        following = next((slot for slot in rest if {*slot.after} <= placed), rest[0])
        if following.role == "consequent":
            following = next((slot for slot in rest if slot.role == "antecedent"), following)
        ordered.append(following)
        rest.remove(following)
    return tuple(ordered)


def waits_for(slot: Slot, proposition: Proposition) -> dict[str, None]:
    """The ids of all slots that a slot comes after, directly or through others."""
    found: dict[str, None] = {}
    waiting = list(slot.after)
    while waiting:
        other = waiting.pop()
        if other not in found:
            found[other] = None
            waiting += proposition.by_id[other].after
    return found
