"""Theories: a Turtle file goes in, propositions with slots come out, and of each proposition its SPARQL query.

How a query is built. Everything that the rules of verdicts (DESIGN 5) ask of one element or of two is a triple of the
*view* (`kgtools.view`, `ontology/view.ttl`), so that a query has no path and no word on coders. A *reading* gives every
antecedent slot an element. Each consequent slot is a branch of one UNION, and repeats the reading: that costs lines, but
joining one reading to the UNION makes engines try every pair. Inside a branch nothing but patterns and filters comes
before the last pattern, since VALUES and BIND cut a group in two, and engines then join the parts blindly. The outer
query counts what the branches found and says the verdict.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from textwrap import wrap
from typing import Literal

from kgtools.errors import OntologyError
from kgtools.vocabulary import EVCO, PREFIXES, VIEW, curie, folder, load, local, theory_files

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
    reports: tuple[str, ...] = ()

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
            against.append("absent" if self.absences == self.classes else f"{' or '.join(map(local, self.absences))} absent")
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
            OntologyError: the file is missing, no Turtle, or lacks what a theory needs; `kgtools validate --shapes`
                with `shapes/theory.ttl` says all that is wrong, this says the first thing.
        """
        return _Reader(path).theory()

    def query(self, proposition: Proposition) -> str:
        """The proposition's query: the file under `queries/proposition/` where there is one, else made from its slots."""
        path = folder("queries") / "proposition" / self.id / f"{proposition.id}.rq"
        return path.read_text("utf-8") if path.is_file() and self.path in theory_files() else compile_query(proposition, self)


def read_theories(further: Iterable[Path] = ()) -> list[Theory]:
    """The theories that come with kgtools, and further ones from files.

    Raises:
        OntologyError: a file is no theory, or two of them share an id.
    """
    theories = [Theory.read(path) for path in (*theory_files(), *further)]
    seen: dict[str, Path] = {}
    for theory in theories:
        if theory.id in seen:
            raise OntologyError(f"{theory.path}: the theory `{theory.id}` is in {seen[theory.id]} already; give it another skos:notation")
        seen[theory.id] = theory.path
    return theories


class _Reader:
    """One theory file, opened."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.store, _ = load([path])

    def values(self, subject: str, name: str) -> tuple[str, ...]:
        import pyoxigraph as ox

        quads = self.store.quads_for_pattern(ox.NamedNode(subject), ox.NamedNode(_expand(name)), None, None)
        return tuple(sorted({quad.object.value for quad in quads}))

    def one(self, subject: str, name: str, *, needed: bool = True) -> str:
        values = self.values(subject, name)
        if len(values) > 1 or (needed and not values):
            raise OntologyError(f"{self.path}: {curie(subject)} has {'more than one' if values else 'no'} {name}")
        return values[0] if values else ""

    def all_of(self, kind: str) -> list[str]:
        import pyoxigraph as ox

        quads = self.store.quads_for_pattern(None, ox.NamedNode(_expand("rdf:type")), ox.NamedNode(EVCO + kind), None)
        return sorted({quad.subject.value for quad in quads})

    def theory(self) -> Theory:
        theories = self.all_of("Theory")
        if len(theories) != 1:
            raise OntologyError(f"{self.path}: a theory file describes one evco:Theory, this one {len(theories) or 'none'}")
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
        return Theory(iri, id, self.one(iri, "rdfs:label", needed=False) or id, self.path, tuple(propositions), implications)

    def proposition(self, iri: str, theory: str) -> Proposition:
        slots = [self.slot(slot) for slot in self.values(iri, "evco:slot")]
        unit = self.one(iri, "evco:unit")
        if unit not in (INCIDENT, CHAIN):
            raise OntologyError(f"{self.path}: {curie(iri)}: evco:unit is evco:Incident or evco:IncidentChain, not {curie(unit)}")
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
            raise OntologyError(f"{self.path}: {curie(iri)}: the skos:notation of a slot is a capital letter, then letters and digits, not `{id}`")
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
            reports=self.values(iri, "evco:reports"),
        )

    def ids(self, iri: str, name: str) -> tuple[str, ...]:
        return tuple(sorted(self.one(other, "skos:notation") for other in self.values(iri, name)))

    def check_slots(self, proposition: Proposition) -> None:
        """What the query takes for granted: relations stay inside the proposition, and an antecedent waits for no consequent."""
        if len(proposition.by_id) < len(proposition.slots):
            raise OntologyError(f"{self.path}: {curie(proposition.iri)} has two slots of one skos:notation")
        for slot in proposition.slots:
            for other in (*slot.after, *slot.same_bearer):
                if other not in proposition.by_id or other == slot.id:
                    raise OntologyError(f"{self.path}: {curie(slot.iri)} refers to `{other}`, which is no other slot of its proposition")
                if slot.role == "antecedent" and proposition.by_id[other].role == "consequent":
                    raise OntologyError(f"{self.path}: {curie(slot.iri)} is an antecedent and refers to the consequent `{other}`")
            for other in slot.same_bearer:
                if proposition.by_id[other].role == "consequent" and other not in slot.after:
                    raise OntologyError(f"{self.path}: {curie(slot.iri)} shares a bearer with the consequent `{other}` but does not come after it")
            if slot.id in _waits_for(slot, proposition):
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


def _waits_for(slot: Slot, proposition: Proposition) -> dict[str, None]:
    """The ids of all slots that a slot comes after, directly or through others."""
    found: dict[str, None] = {}
    waiting = list(slot.after)
    while waiting:
        other = waiting.pop()
        if other not in found:
            found[other] = None
            waiting += proposition.by_id[other].after
    return found


# From slots to SPARQL


def compile_query(proposition: Proposition, theory: Theory) -> str:
    """The proposition's query: plain SPARQL 1.1 over the view, one row a unit.

    Returns:
        The text, with a comment that says what it asks. Its rows hold `unit`, `verdict`, `grade`, `fillers` (`slot=element`
        for what fills or stands in the reading, `slot!element` for what opposes), `missing` and `opposed` (ids of slots).
    """
    indent = "      "
    kind = curie(proposition.unit)
    branches = [f"{{ ?unit a {kind} }}"]
    if proposition.scope:
        scope = curie_or_iri(proposition.scope)
        branches.append(f"{{ ?unit a {kind} ; view:within {scope} . BIND(1 AS ?inside) }}")
        branches.append(f"{{ ?unit a {kind} ; view:outside {scope} . BIND(1 AS ?outside) }}")
    branches.append(_block([*_reading(proposition), "BIND(1 AS ?read)"], "a reading"))
    for slot in proposition.consequents:
        branches += _branches(slot, proposition)
    union = f"\n{indent}UNION ".join(branches)
    aggregates = "\n      ".join(_aggregates(proposition))
    prefixes = sorted({match for match in re.findall(r"\b([a-z]+):[A-Za-z]", union) if match in PREFIXES} | {"evco", "view"})
    return (
        _header(proposition, theory)
        + "\n".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>" for prefix in prefixes)
        + f"""

SELECT ?unit ?verdict ?grade ?fillers ?missing ?opposed
WHERE {{
  {{
    SELECT ?unit
      {aggregates}
    WHERE {{
      {union}
    }}
    GROUP BY ?unit
  }}
"""
        + "".join(f"  {line}\n" for line in _judgment(proposition))
        + "}\n"
    )


def curie_or_iri(iri: str) -> str:
    """A term as SPARQL writes it: short where our prefixes allow it, else in angle brackets."""
    short = curie(iri)
    return short if re.fullmatch(r"[a-z]+:[A-Za-z0-9_-]+", short) and short != iri else f"<{iri}>"


def _header(proposition: Proposition, theory: Theory) -> str:
    rules = [f"{slot.id}: {slot.in_words()}." for slot in proposition.slots]
    scope = f" Scope: {local(proposition.scope)}." if proposition.scope else ""
    paragraphs = [
        f"{proposition.id}: {proposition.label}" if proposition.label else proposition.id,
        f"Claim: {proposition.statement}",
        f"Rule ({'chain' if proposition.of_chains else 'incident'}): {' '.join(rules)}{scope}",
        f"Source: {proposition.source}, {proposition.locator}; {theory.label}.",
        f"Made from ontology/theory/{theory.path.name} by `make queries`." if theory.path in theory_files() else f"Made from {theory.path.name}.",
    ]
    lines = (line for text in paragraphs for line in wrap(" ".join(text.split()), 116, subsequent_indent="  ", break_long_words=False))
    return "".join(f"# {line}\n" for line in lines) + "\n"


def _block(lines: list[str], comment: str) -> str:
    inner = "".join(f"        {line}\n" for line in lines)
    return f"{{ # {comment}\n{inner}      }}"


def _any_of(variable: str, classes: tuple[str, ...]) -> tuple[str, list[str]]:
    """One class as it is, several as a variable with its values."""
    if len(classes) == 1:
        return curie_or_iri(classes[0]), []
    return variable, [f"VALUES {variable} {{ {' '.join(map(curie_or_iri, classes))} }}"]


def _fits(slot: Slot, proposition: Proposition, *, judged: bool = False, absent: bool = False) -> Iterator[str]:
    """The slot's own conditions on the element `?slot`. Judged: it may also be what opposes by its valence."""
    name = f"?{slot.id}"
    inside = "view:inChain" if proposition.of_chains else "view:inIncident"
    kind, values = _any_of(f"{name}_class", slot.absences if absent else slot.classes)
    yield from values
    line = f"{name} {inside} ?unit ; {'view:denies' if absent else 'view:is'} {kind}"
    known = slot.bearers or ((ACTOR,) if slot.not_bearers else ())
    for prop, classes in (("bearerIs", known), ("towardIs", slot.towards)):
        if classes:
            role, values = _any_of(f"{name}_{prop}", classes)
            yield from values
            line += f" ; view:{prop} {role}"
    if absent or slot.valence or slot.never or (judged and slot.opposing):
        line += f" ; view:valence {name}_valence"
    yield line + " ."
    for role in slot.not_bearers:
        yield f"FILTER NOT EXISTS {{ {name} view:bearerIs {curie_or_iri(role)} }}"
    if absent:
        yield _one_of(f"{name}_valence", ["view:unrecorded", *([curie_or_iri(slot.valence)] if slot.valence else [])])
    elif judged and (slot.opposing or slot.valence):
        yield _one_of(f"{name}_valence", dict.fromkeys([*_valences(slot, fills=True), *_valences(slot, fills=False)]))
    elif slot.valence:
        yield _one_of(f"{name}_valence", _valences(slot, fills=True))
    elif slot.never:
        yield f"FILTER({name}_valence != {curie_or_iri(slot.never)})"


def _one_of(variable: str, terms: Iterable[str]) -> str:
    return f"FILTER({variable} IN ({', '.join(terms)}))"


def _valences(slot: Slot, *, fills: bool) -> list[str]:
    """The valences that fill a slot, or those that oppose it."""
    mixed = EVCO + "mixed"
    if not fills:
        return [curie_or_iri(valence) for valence in dict.fromkeys((slot.opposing, mixed)) if slot.opposing and valence]
    every = [*(EVCO + valence for valence in ("positive", "negative", "neutral")), VIEW + "unrecorded"]
    fitting = [*([slot.valence] if slot.valence else every), mixed]
    return [curie_or_iri(valence) for valence in dict.fromkeys(fitting) if valence != slot.never]


def _relates(slot: Slot, earlier: list[Slot], proposition: Proposition) -> Iterator[str]:
    """How the element `?slot` stands to the elements already in the reading, a line for each of them."""
    name = f"?{slot.id}"
    for other in earlier:
        said = []
        after = other.id in slot.after
        if after and proposition.of_chains:
            said.append(f"?{other.id} view:precedes {name} .")
        else:
            said.append(f"FILTER({name} != ?{other.id})")
            if after:
                said.append(f"FILTER NOT EXISTS {{ {name} view:notAfter ?{other.id} }}")
            elif slot.role == "consequent" and other.role == "antecedent":
                said.append(f"FILTER NOT EXISTS {{ {name} view:precedes ?{other.id} }}")
        yield " ".join(said)
        if other.id in slot.same_bearer and proposition.of_chains:
            yield f"?{other.id} view:bearer {name}_bearer . {name} view:bearer {name}_bearer . FILTER({name}_bearer != view:unrecorded)"
        elif other.id in slot.same_bearer:
            one, two = f"?{other.id}_of_{slot.id}", f"{name}_as_{other.id}"
            yield f"?{other.id} view:bearer {one} . {name} view:bearer {two} . FILTER NOT EXISTS {{ {one} view:differsFrom {two} }}"


def _reading(proposition: Proposition) -> list[str]:
    lines: list[str] = []
    placed: list[Slot] = []
    for slot in proposition.antecedents:
        lines += [*_fits(slot, proposition), *_relates(slot, placed, proposition)]
        placed.append(slot)
    return lines


def _branches(slot: Slot, proposition: Proposition) -> Iterator[str]:
    """What fills or opposes one consequent slot, with its reading."""
    placed = list(proposition.antecedents)
    before = _reading(proposition)
    for other in proposition.consequents:
        if other.id in _waits_for(slot, proposition):
            before += [*_fits(other, proposition), *_relates(other, placed, proposition)]
            placed.append(other)
    used = ", ".join(f'"{" " if nth else ""}{other.id}=", STR(?{other.id})' for nth, other in enumerate(placed))
    judged = [*before, *_fits(slot, proposition, judged=True), *_relates(slot, placed, proposition)]
    for earlier, later in _orders(proposition, [*placed, slot]):
        judged.append(f"OPTIONAL {{ ?{earlier} view:precedes ?{later} . BIND(1 AS ?{earlier}_{later}) }}")
    for antecedent in proposition.antecedents:
        judged.append(f"OPTIONAL {{ ?{antecedent.id} view:leadsTo ?{slot.id} . BIND(1 AS ?{antecedent.id}_led_{slot.id}) }}")
    if slot.opposing:
        judged.append(f"BIND(IF(?{slot.id}_valence IN ({', '.join(_valences(slot, fills=True))}), 1, 0) AS ?{slot.id}_fills)")
        judged.append(f"BIND(IF(?{slot.id}_valence IN ({', '.join(_valences(slot, fills=False))}), 1, 0) AS ?{slot.id}_opposes)")
    else:
        judged.append(f"BIND(1 AS ?{slot.id}_fills)")
    sign = f'IF(?{slot.id}_fills = 1, " {slot.id}=", " {slot.id}!")' if slot.opposing else f'" {slot.id}="'
    yield _block([*judged, f"BIND(CONCAT({used}, {sign}, STR(?{slot.id})) AS ?used)"], slot.id)
    if slot.absences:
        absent = [*before, *_fits(slot, proposition, absent=True), *_relates(slot, placed, proposition)]
        absent += [f"BIND(1 AS ?{slot.id}_opposes)", f'BIND(CONCAT({used}, " {slot.id}!", STR(?{slot.id})) AS ?used)']
        yield _block(absent, f"{slot.id}, recorded absent")


def _orders(proposition: Proposition, slots: list[Slot]) -> list[tuple[str, str]]:
    """The pairs (earlier, later) that the grade asks after. In a chain proposition the order is recorded in any reading."""
    if proposition.of_chains:
        return []
    ids = [slot.id for slot in slots]
    return [(earlier, slot.id) for slot in slots for earlier in slot.after if earlier in ids]


def _through(slot: Slot, proposition: Proposition) -> list[Slot]:
    """The consequents that a slot comes after and that can be opposed: with them, unfilled, it is opposed too."""
    others = [proposition.by_id[other] for other in slot.after]
    return [other for other in others if other.role == "consequent" and _opposable(other, proposition)]


def _opposable(slot: Slot, proposition: Proposition) -> bool:
    """Whether anything can oppose a slot, itself or one that it waits for."""
    return bool(slot.opposing or slot.absences or _through(slot, proposition))


def _aggregates(proposition: Proposition) -> Iterator[str]:
    """What the branches found of a unit, as truth values."""

    def found(variable: str, name: str) -> str:
        return f"(SUM(COALESCE(?{variable}, 0)) > 0 AS ?{name})"

    if proposition.scope:
        yield found("inside", "inScope")
        yield found("outside", "outOfScope")
    yield found("read", "readable")
    for slot in proposition.consequents:
        yield found(f"{slot.id}_fills", f"{slot.id}_filled")
        if slot.opposing or slot.absences:
            yield found(f"{slot.id}_opposes", f"{slot.id}_contrary" if _through(slot, proposition) else f"{slot.id}_opposed")
    for earlier, later in _orders(proposition, list(proposition.slots)):
        yield found(f"{earlier}_{later}", f"{later}_after_{earlier}")
    for slot in proposition.consequents:
        for antecedent in proposition.antecedents:
            yield found(f"{antecedent.id}_led_{slot.id}", f"{antecedent.id}_to_{slot.id}")
    yield '(GROUP_CONCAT(DISTINCT COALESCE(?used, ""); SEPARATOR=" ") AS ?fillers)'


def _judgment(proposition: Proposition) -> Iterator[str]:
    """From what was found to the verdict (DESIGN 5: the first that holds), its grade, and the slots to name."""
    consequents = proposition.consequents
    for slot in consequents:
        through = [f"(?{other.id}_opposed && !?{other.id}_filled)" for other in _through(slot, proposition)]
        if through:
            own = [f"?{slot.id}_contrary"] if slot.opposing or slot.absences else []
            yield f"BIND({' || '.join(own + through)} AS ?{slot.id}_opposed)"
    filled = [f"?{slot.id}_filled" for slot in consequents]
    opposed = [f"?{slot.id}_opposed" for slot in consequents if _opposable(slot, proposition)]
    yield f"BIND({' && '.join(filled)} AS ?whole)"
    yield f"BIND({' || '.join(filled)} AS ?partly)"
    yield f"BIND({' || '.join(opposed) or 'false'} AS ?contrary)"
    yield "BIND("
    if proposition.scope:
        yield '  IF(?outOfScope, "not-applicable",'
    unread = "!?inScope || !?readable" if proposition.scope else "!?readable"
    yield f'  IF({unread} || (!?contrary && !?whole), "silent",'
    yield '  IF(!?contrary, "supports",'
    yield f'  IF(!?partly, "contradicts", "mixed"))){")" if proposition.scope else ""} AS ?verdict)'
    orders = [f"?{later}_after_{earlier}" for earlier, later in _orders(proposition, list(proposition.slots))]
    links = [f"?{antecedent.id}_to_{slot.id}" for slot in consequents for antecedent in proposition.antecedents]
    yield 'BIND(IF(?verdict != "supports", "",'
    if orders:
        yield f'  IF(!({" && ".join(orders)}), "unordered",'
    least = "ordered" if proposition.asks_order else "co-occurrence"
    yield f'  IF({" && ".join(links)}, "linked", "{least}")){")" if orders else ""} AS ?grade)'
    missing = ['IF(?inScope, "", "scope ")'] if proposition.scope else []
    missing.append(f'IF(?readable, "", "{" ".join(slot.id for slot in proposition.antecedents)}")')
    for slot in consequents:
        met = f"?{slot.id}_filled" + (f" || ?{slot.id}_opposed" if _opposable(slot, proposition) else "")
        missing.append(f'IF({met}, "", " {slot.id}")')
    yield f"BIND(CONCAT({', '.join(missing)}) AS ?missing)"
    named = [f'IF({name}, " {name[1:].removesuffix("_opposed")}", "")' for name in opposed]
    listed = f"CONCAT({', '.join(named)})" if named else '""'
    yield f"BIND({listed} AS ?opposed)"


def write_queries(target: Path | None = None) -> list[Path]:
    """Write the query of every bundled proposition to `queries/proposition/<theory>/<id>.rq` (or below `target`)."""
    root = target or folder("queries") / "proposition"
    written = []
    for theory in read_theories():
        (root / theory.id).mkdir(parents=True, exist_ok=True)
        for proposition in theory.propositions:
            path = root / theory.id / f"{proposition.id}.rq"
            path.write_text(compile_query(proposition, theory), "utf-8")
            written.append(path)
    return written


if __name__ == "__main__":
    write_queries()
