"""The view: a chunk of chains and a set of coders go in, the triples that proposition queries run on come out.

What counts for these coders, with class membership, chains, order, links and sameness of bearers, each worked out once
(DESIGN 5; the terms are described in `ontology/view.ttl`). It judges no proposition: it does not know one, only the
classes that their slots name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import permutations
from typing import Literal, NamedTuple

from kgtools.model import ALL, ANY, CODER_SETS, LONGEST_SEGMENT, MAJORITY, Coding, Element, Finding, Incident, elements
from kgtools.read import Chunk, encoded
from kgtools.theory import ACTOR, Theory
from kgtools.vocabulary import EVCO, PREFIXES, VIEW, Vocabulary

_TYPE = f"<{PREFIXES['rdf']}type>"
_AGAINST_ORDER = (
    "against the recorded order of incidents or steps, so the link counts for nothing; "
    "turn it round, or correct the order"
)
_CIRCLE = "and back again, so that nothing comes first and the link counts for nothing; take one link out"


@dataclass(frozen=True)
class Named:
    """The classes that the slots of some theories name; the view says no more than these need.

    `chained` are those of elements, present or absent, that propositions on chains name.
    """

    elements: frozenset[str]
    absences: frozenset[str]
    chained: frozenset[str]
    actors: frozenset[str]
    channels: frozenset[str]

    @classmethod
    def by(cls, theories: Iterable[Theory]) -> Named:
        """Gather them from theories."""
        propositions = [proposition for theory in theories for proposition in theory.propositions]
        slots = [slot for proposition in propositions for slot in proposition.slots]
        return cls(
            elements=frozenset(name for slot in slots for name in slot.classes),
            absences=frozenset(name for slot in slots for name in slot.absences),
            chained=frozenset(
                name
                for proposition in propositions
                if proposition.of_chains
                for slot in proposition.slots
                for name in (*slot.classes, *slot.absences)
            ),
            actors=frozenset(name for slot in slots for name in (*slot.bearers, *slot.not_bearers, *slot.towards))
            | {ACTOR},
            channels=frozenset(proposition.scope for proposition in propositions if proposition.scope),
        )


@dataclass(frozen=True)
class Unit:
    """What a verdict is on: an incident, or a chain, named by its first incident; and the corpora that it is from."""

    kind: Literal["incident", "chain"]
    id: str
    corpora: frozenset[str]


class Party(NamedTuple):
    """Somebody, under one name along the chain, with the roles recorded (class IRIs)."""

    iri: str
    roles: frozenset[str]


@dataclass
class View:
    """The view of one chunk for one set of coders.

    Attributes:
        lines: its triples, as N-Triples.
        findings: links that count but contradict what is recorded otherwise, and were dropped.
        units: the IRIs of incidents and chains, to what they are called.
        elements: the IRIs of what counts, to the elements.
        counting: the IRIs of all elements that count, also of those that no slot asks for.
        links: the links that count and were kept, from element to element, each to the codings that drew it.
        bearers, towards: the IRIs of what counts, to its bearer, and to whom it is directed at, where recorded.
    """

    lines: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    units: dict[str, Unit] = field(default_factory=dict)
    elements: dict[str, Element] = field(default_factory=dict)
    counting: set[str] = field(default_factory=set)
    links: dict[tuple[str, str], list[Coding]] = field(default_factory=dict)
    bearers: dict[str, Party] = field(default_factory=dict)
    towards: dict[str, Party] = field(default_factory=dict)

    def pairs(self, predicate: str) -> Iterator[tuple[str, str]]:
        """Subject and object of the triples with a predicate of the view."""
        for line in self.lines:
            subject, found, value, _ = line.split(" ")
            if found == f"<{VIEW}{predicate}>":
                yield subject[1:-1], value[1:-1]

    def say(self, subject: str, predicate: str, value: str) -> None:
        """Add a triple between IRIs, with a predicate of the view."""
        self.lines.append(f"<{subject}> <{VIEW}{predicate}> <{value}> .")


def view(chunk: Chunk, coders: str, vocabulary: Vocabulary, named: Named) -> View:
    """Work out the view of a chunk.

    Args:
        coders: `any`, `majority`, `all`, or one coder's name.
        named: the classes that the propositions to be judged name.
    """
    made = View()
    chains: dict[str, list[Incident]] = {}
    for incident in chunk.incidents:
        chains.setdefault(incident.chain, []).append(incident)
    for root, members in chains.items():
        _Chain(chunk, root, members, coders, vocabulary, named, made).run()
    return made


class _Chain:
    """One chain of incidents, at work."""

    def __init__(
        self,
        chunk: Chunk,
        root: str,
        members: list[Incident],
        coders: str,
        vocabulary: Vocabulary,
        named: Named,
        made: View,
    ) -> None:
        self.chunk, self.coders, self.vocabulary, self.named, self.made = chunk, coders, vocabulary, named, made
        self.iri = f"{chunk.bundle}/chain/{encoded(root)}"
        self.root = root
        self.incidents = {incident.id: incident for incident in members}
        self.earlier = {incident.id: self._earlier(incident) for incident in members}
        self.all = {id: elements(incident, chunk.codings[id]) for id, incident in self.incidents.items()}
        self.counting = {id: self._counting(id) for id in self.incidents}
        self.kinds: dict[str, list[str]] = {}

    def _earlier(self, incident: Incident) -> list[str]:
        """The ids of the incidents before it along `follows`, nearest first."""
        found = []
        while incident.follows is not None:
            incident = self.incidents[incident.follows]
            found.append(incident.id)
        return found

    # Who counts

    def _enough(self, having: Collection[str | None], incident: str) -> bool:
        """Whether these coders are enough for something in an incident to count."""
        if self.coders == ANY:
            return bool(having)
        everyone = {coding.coder for coding in self.chunk.codings[incident]}
        if self.coders == MAJORITY:
            return 2 * len(having) > len(everyone)
        if self.coders == ALL:
            return len(having) == len(everyone)
        return self.coders in having

    def _counting(self, incident: str) -> list[Element]:
        """The elements that count: coded alike by enough coders; for one coder, coded by that one."""
        found = self.all[incident]
        if self.coders not in CODER_SETS:
            return [element for element in found if self.coders in {coding.coder for coding in element.codings}]
        having: dict[object, set[str | None]] = {}
        for element in found:
            having.setdefault(element.alike, set()).update(coding.coder for coding in element.codings)
        return [element for element in found if self._enough(having[element.alike], incident)]

    # The triples

    def run(self) -> None:
        """Add this chain to the view."""
        made = self.made
        corpora = {
            incident.id: frozenset([incident.corpus] if incident.corpus else []) for incident in self.incidents.values()
        }
        made.units[self.iri] = Unit("chain", self.root, frozenset().union(*corpora.values()))
        made.lines.append(f"<{self.iri}> {_TYPE} <{EVCO}IncidentChain> .")
        for incident in self.incidents.values():
            made.units[incident.iri] = Unit("incident", incident.id, corpora[incident.id])
            made.lines.append(f"<{incident.iri}> {_TYPE} <{EVCO}Incident> .")
        for scope in sorted(self.named.channels):
            self._scope(scope)
        links = self._links()
        reach = _reach(links)
        shown: dict[str, list[Element]] = {}
        made.counting.update(element.iri for group in self.counting.values() for element in group)
        for id, counting in self.counting.items():
            shown[id] = [element for element in counting if self._element(element)]
            self._bearers(shown[id])
        self._order(shown, reach)
        visible = {element.iri for group in shown.values() for element in group}
        for start, ends in reach.items():
            for end in sorted(ends):
                if start in visible and end in visible:
                    made.say(start, "leadsTo", end)

    def _scope(self, scope: str) -> None:
        """Where the incidents, and with them the chain, took place."""
        inside, outside = [], []
        for incident in self.incidents.values():
            if incident.channel is not None and scope in self.vocabulary.above(incident.channel):
                inside.append(incident.iri)
            elif incident.channel is not None and self.vocabulary.excludes(incident.channel, scope):
                outside.append(incident.iri)
        for iri in inside + ([self.iri] if len(inside) == len(self.incidents) else []):
            self.made.say(iri, "within", scope)
        for iri in outside + ([self.iri] if outside else []):
            self.made.say(iri, "outside", scope)

    def _element(self, element: Element) -> bool:
        """What one element is; False where no slot could ask for it."""
        say = self.made.say
        if element.absent:
            kinds = [name for name in sorted(self.named.absences) if element.term in self.vocabulary.above(name)]
        else:
            kinds = sorted(self.named.elements & self.vocabulary.above(element.term))
        if not kinds:
            return False
        self.made.elements[element.iri] = element
        self.kinds[element.iri] = kinds
        for kind in kinds:
            say(element.iri, "denies" if element.absent else "is", kind)
        say(element.iri, "inIncident", self.incidents[element.incident].iri)
        say(element.iri, "inChain", self.iri)
        say(element.iri, "valence", EVCO + element.valence if element.valence else VIEW + "unrecorded")
        if element.bearer is None:
            say(element.iri, "bearer", VIEW + "unrecorded")
        else:
            self.made.bearers[element.iri] = bearer = self._party(element.bearer, element.incident)
            say(element.iri, "bearer", bearer.iri)
            for role in self._roles(element.bearer, element.incident):
                say(element.iri, "bearerIs", role)
        if element.toward is not None:
            self.made.towards[element.iri] = self._party(element.toward, element.incident)
            for role in self._roles(element.toward, element.incident):
                say(element.iri, "towardIs", role)
        return True

    # Bearers

    def _actor(self, bearer: str, incident: str) -> str | None:
        """The name of the actor that a bearer is; None where only a role is known."""
        if bearer in self.chunk.actors:
            return bearer
        if self.vocabulary.roles.get(bearer) == EVCO + "Customer":
            tellers = (self.incidents[id].told_by for id in (incident, *self.earlier[incident]))
            return next((teller for teller in tellers if teller is not None), None)
        return None

    def _resolved(self, bearer: str, incident: str) -> str:
        """One name along the chain for a bearer: the actor's, or the role's of the chain."""
        actor = self._actor(bearer, incident)
        return self.chunk.actors[actor].iri if actor else f"{self.iri}/role/{encoded(bearer)}"

    def _recorded(self, bearer: str, incident: str) -> frozenset[str]:
        """The roles recorded for a bearer."""
        actor = self._actor(bearer, incident)
        return self.chunk.actors[actor].roles if actor else frozenset({self.vocabulary.roles[bearer]})

    def _party(self, name: str, incident: str) -> Party:
        return Party(self._resolved(name, incident), self._recorded(name, incident))

    def _roles(self, bearer: str, incident: str) -> list[str]:
        """The classes that slots name and a bearer is known to belong to."""
        known = {ACTOR}.union(*(self.vocabulary.above(role) for role in self._recorded(bearer, incident)))
        return sorted(known & self.named.actors)

    def _bearers(self, group: list[Element]) -> None:
        """Which bearers in an incident are known to be two."""
        bearers = dict.fromkeys((element.bearer, element.incident) for element in group if element.bearer)
        for one, other in permutations(bearers, 2):
            if self._different(one, other):
                self.made.say(self._resolved(*one), "differsFrom", self._resolved(*other))

    def _different(self, one: tuple[str, str], other: tuple[str, str]) -> bool:
        names = self._actor(*one), self._actor(*other)
        if self._resolved(*one) == self._resolved(*other):
            return False
        if all(names):
            return True
        above = self.vocabulary.above
        recorded = self._recorded(*one), self._recorded(*other)
        if not any(names):
            (first,), (second,) = recorded
            return first not in above(second) and second not in above(first)
        (role,), known = recorded if names[1] else reversed(recorded)
        return bool(known) and not any(role in above(held) for held in known)

    # Links and order

    def _links(self) -> dict[str, set[str]]:
        """The links between elements that count, without those against the order, then without circles."""
        at = {element.iri: element for group in self.counting.values() for element in group}
        by_id: dict[str, list[Element]] = {}
        for element in at.values():
            for coding in element.codings:
                by_id.setdefault(coding.id, []).append(element)
        drawn: dict[tuple[str, str], list[Coding]] = {}
        for element in at.values():
            for coding in element.codings:
                for target in coding.leads_to:
                    for other in by_id.get(target, ()):
                        drawn.setdefault((element.iri, other.iri), []).append(coding)
        links: dict[str, set[str]] = {}
        for (start, end), codings in drawn.items():
            if not self._enough({coding.coder for coding in codings}, at[start].incident):
                continue
            if self._recorded_before(at[end], at[start]):
                self._drop(codings, at[end], "link:against-order", _AGAINST_ORDER)
            else:
                links.setdefault(start, set()).add(end)
        reach = _reach(links)
        kept: dict[str, set[str]] = {}
        for start, ends in links.items():
            for end in sorted(ends):
                if start in reach.get(end, ()):
                    self._drop(drawn[start, end], at[end], "link:circle", _CIRCLE)
                else:
                    kept.setdefault(start, set()).add(end)
                    self.made.links[start, end] = drawn[start, end]
        return kept

    def _drop(self, codings: list[Coding], end: Element, shape: str, why: str) -> None:
        targets = {coding.id for coding in end.codings}
        self.made.findings += [
            Finding(
                "warning",
                shape,
                f"leads to `{target}`, {why}",
                coding.iri,
                "leads_to",
                target,
                coding.place.file,
                coding.place.row,
                coding.incident,
                segment=(coding.segment or "")[:LONGEST_SEGMENT],
            )
            for coding in codings
            for target in coding.leads_to
            if target in targets
        ]

    def _recorded_before(self, one: Element, other: Element) -> bool:
        """Whether one comes before the other by `follows` or by steps."""
        if one.incident != other.incident:
            return one.incident in self.earlier[other.incident]
        return one.step is not None and other.step is not None and one.step < other.step

    def _order(self, shown: Mapping[str, list[Element]], reach: Mapping[str, set[str]]) -> None:
        """The recorded order: in an incident between elements, along the chain between the moments of elements.

        Why moments: a long chain has as many pairs of elements as its length squared, and an engine that looks up what
        one element is would go through all that comes after it.
        """
        say = self.made.say
        linked = {*reach, *(end for ends in reach.values() for end in ends)}
        moments: dict[str, dict[str, Element]] = {}
        at: dict[str, str] = {}
        where: dict[str, str] = {}
        for id, group in shown.items():
            alike: dict[object, str] = {}
            moments[id] = {}
            for element in group:
                where[element.iri] = id
                if not self.named.chained.isdisjoint(self.kinds[element.iri]):
                    key = element.iri if element.iri in linked else element.step
                    moment = alike.setdefault(key, f"{self.incidents[id].iri}/moment/{len(alike) + 1}")
                    moments[id].setdefault(moment, element)
                    at[element.iri] = moment
                    say(element.iri, "at", moment)
            for one, other in permutations(group, 2):
                self._order_inside(one, other, reach)
            for (earlier, one), (later, other) in permutations(moments[id].items(), 2):
                if self._before(one, other, reach):
                    say(earlier, "before", later)
        for id in shown:
            for before in self.earlier[id]:
                for earlier in moments[before]:
                    for later in moments[id]:
                        say(earlier, "before", later)
        for start, ends in reach.items():  # branches: nothing but links can order them
            for end in sorted(ends):
                if start in at and end in at and self._apart(where[start], where[end]):
                    say(at[start], "before", at[end])

    def _apart(self, one: str, other: str) -> bool:
        """Whether two incidents are on different branches of the chain."""
        return one != other and one not in self.earlier[other] and other not in self.earlier[one]

    def _order_inside(self, one: Element, other: Element, reach: Mapping[str, set[str]]) -> None:
        say = self.made.say
        if self._before(one, other, reach):
            say(one.iri, "precedes", other.iri)
            say(one.iri, "notAfter", other.iri)
        elif one.step is not None and one.step == other.step and one.iri not in reach.get(other.iri, ()):
            say(one.iri, "notAfter", other.iri)

    @staticmethod
    def _before(one: Element, other: Element, reach: Mapping[str, set[str]]) -> bool:
        """Whether, in one incident, it is recorded that one came before the other: by steps, else by links."""
        if one.step is not None and other.step is not None and one.step != other.step:
            return one.step < other.step
        return other.iri in reach.get(one.iri, ())


def _reach(links: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """What is reached from each start, over one link or more."""
    reached: dict[str, set[str]] = {}
    for start in links:
        seen: set[str] = set()
        waiting = list(links[start])
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                waiting += links.get(node, ())
        reached[start] = seen
    return reached
