"""Generating: a number of incidents goes in, a bundle of made-up ones comes out as csv, the same for the same seed.

Why: incidents drawn at random seldom make a story, so each starts from a proposition of the bundled theories: most of
its slots get an element that fits, some one that opposes or records an absence, and unrelated codes come on top. What
slots ask for is read from the theories, so a new proposition is told of at once. A chain of incidents has a random
source of its own: a bundle begins with the incidents of a smaller one, and rows are written as they are made.
"""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from kgtools.theory import ACTOR, Proposition, Slot, read_theories
from kgtools.vocabulary import EVCO, Vocabulary, local

CODING = (
    *("id", "incident", "code", "presence", "valence", "bearer", "step", "leads_to", "purpose", "coder", "segment"),
    *("source", "start", "end"),
)
INCIDENT = (
    *("incident", "channel", "platform", "occurred_on", "follows", "context", "monopoly", "resources_limited"),
    *("common_cause", "narrative", "corpus", "told_by"),
)
ACTORS = ("actor", "role", "label")

WRONG = 0.001
"""The share of codings that are wrong in one cell."""

Write = Callable[[str, Sequence[Any]], None]
"""Takes the name of a table and a row of it."""


@dataclass(frozen=True)
class Planned:
    """An element that an incident is to tell of; cells as in the table of codings."""

    term: str
    valence: str = ""
    bearer: str = ""
    absent: bool = False


@dataclass
class _Chain:
    """Who figures in a chain of incidents, and what is still to be told of in its incidents, by place."""

    number: int
    customer: str
    named: str | None
    firm: str
    plans: list[list[Planned]] = field(default_factory=list)


def write_bundle(folder: Path, incidents: int, seed: int = 0, *, lean: bool = False, single: bool = False) -> None:
    """Write a bundle of incidents as a study would have them: some nine codings each, by one or two coders.

    Each has a narrative of some hundred words, and each coding quotes from it. 17 of 100 incidents are in chains of two
    to four. One coding in a thousand is wrong in one cell.

    Args:
        incidents: how many.
        seed: another one gives other incidents.
        lean: by one coder, without quotes and with little beside the plot: some four codings each.
        single: one coding each, by one coder and without quotes, as a corpus of short texts has them.
    """
    stories = _Stories(lean or single, single)
    with _tables(folder) as write:
        made = number = 0
        for actor, role in stories.pool():
            write("actors", (actor, role, f"{role.split(';')[0]} {actor}"))
        while made < incidents:
            number += 1
            made += stories.chain(number, Random(f"{seed} {number}"), write, made, incidents - made)


def write_chain(folder: Path, incidents: int, seed: int = 0) -> None:
    """Write one chain in which each incident tells of every slot of every chain proposition, by the same customer.

    So any incident may be read with any later one: the most that a proposition on chains can be asked.
    """
    stories = _Stories(lean=False)
    with _tables(folder) as write:
        write("actors", ("anna", "customer", "customer anna"))
        plans = [stories.every_chain_slot("anna") for _ in range(incidents)]
        chain = _Chain(1, "anna", "anna", "firm", plans)
        stories.tell(chain, Random(f"{seed} chain"), write, made=0)


class _tables:  # noqa: N801
    """A bundle's csv tables, open for writing."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.stack = folder, ExitStack()

    def __enter__(self) -> Write:
        self.folder.mkdir(parents=True, exist_ok=True)
        writers = {}
        for name, columns in (("codings", CODING), ("incidents", INCIDENT), ("actors", ACTORS)):
            path = self.folder / f"{name}.csv"
            file = self.stack.enter_context(path.open("w", encoding="utf-8", newline=""))
            writers[name] = csv.writer(file, lineterminator="\n")
            writers[name].writerow(columns)
        return lambda table, row: writers[table].writerow(row)

    def __exit__(self, *error: object) -> None:
        self.stack.close()


@cache
class _Stories:
    """What incidents can tell of: the ontology, the theories' slots, and story.toml."""

    def __init__(self, lean: bool, single: bool = False) -> None:
        self.lean, self.single = lean, single
        self.vocabulary = Vocabulary.read()
        self.told: dict[str, Any] = tomllib.loads((Path(__file__).parent / "story.toml").read_text("utf-8"))
        self.propositions = [proposition for theory in read_theories() for proposition in theory.propositions]
        self.on_chains = [proposition for proposition in self.propositions if proposition.of_chains]
        self.terms = sorted(self.vocabulary.elements - {EVCO + "Element"})
        self.of = {name: {term: self._nearest(name, term) for term in self.terms} for name in ("bearers", "valences")}
        self.candidates: dict[tuple[str, str, bool], list[str]] = {}

    def _nearest(self, table: str, term: str) -> list[str]:
        """What story.toml says of the class, or of the nearest class above it."""
        waiting = [term]
        for iri in waiting:
            if local(iri) in self.told[table]:
                return list(self.told[table][local(iri)])
            waiting += sorted(self.vocabulary.parents.get(iri, ()))
        return ["", *self.told["bearers"]["ValueOutcome"]] if table == "bearers" else [""]

    def pool(self) -> Iterator[tuple[str, str]]:
        """Actors that many incidents share, with their roles."""
        for number in range(1, 41):
            yield f"f{number:02}", "firm;government" if number % 8 == 0 else "firm"
            yield f"s{number:02}", ("stakeholder", "business", "government", "community")[number % 4]

    # What a chain tells of

    def chain(self, number: int, random: Random, write: Write, made: int, most: int) -> int:
        """Write a chain of one to four incidents, and return how many it has."""
        length = min(random.choice((2, 3, 4)) if random.random() < 0.056 else 1, most)
        named = f"c{number}" if random.random() < 0.6 else None
        firm = f"f{random.randint(1, 40):02}" if random.random() < 0.4 else "firm"
        if named is not None:
            write("actors", (named, "customer;employee" if random.random() < 0.03 else "customer", f"customer {named}"))
        customer = named if named is not None and random.random() < 0.7 else "customer"
        chain = _Chain(number, customer, named, firm, [[] for _ in range(length)])
        if length > 1 or random.random() < 0.05:
            self._spread(chain, random.choice(self.on_chains), random)
        for plan in chain.plans:
            plan += self._plot(chain, random.choice(self.propositions), random)
            plan += (
                self._aside(chain, random) for _ in range(random.choice((0, 1, 2) if self.lean else (1, 2, 3, 4, 5)))
            )
        self.tell(chain, random, write, made)
        return length

    def _spread(self, chain: _Chain, proposition: Proposition, random: Random) -> None:
        """Put the slots of a proposition into the chain's incidents, in their order."""
        plot = self._plot(chain, proposition, random)
        places = sorted(random.randrange(len(chain.plans)) for _ in plot)
        for place, planned in zip(places, plot, strict=True):
            chain.plans[place].append(planned)

    def _plot(self, chain: _Chain, proposition: Proposition, random: Random) -> list[Planned]:
        """An element for most slots, in the order of the slots; now and then one that opposes the slot."""
        found: dict[str, Planned] = {}
        for slot in proposition.slots:
            chance = random.random()
            if chance < 0.06:
                continue
            if slot.absences and chance < 0.14:
                found[slot.id] = Planned(random.choice(slot.absences), absent=True)
                continue
            valence = local(slot.valence) if slot.valence else ""
            if slot.opposing and chance < 0.2:
                valence = local(slot.opposing)
            elif valence and chance < 0.23:
                valence = "mixed"
            shared = next((found[id].bearer for id in slot.same_bearer if id in found), None)
            term = self._fitting(slot, valence, random, by_customer=shared == chain.customer)
            bearer = self._bearer(chain, term, slot, random) if shared is None else shared
            if not valence:
                never = local(slot.never) if slot.never else None
                valence = random.choice([one for one in self.of["valences"][term] if one != never] or [""])
            found[slot.id] = Planned(term, valence, bearer)
        return list(found.values())

    def _fitting(self, slot: Slot, valence: str, random: Random, *, by_customer: bool) -> str:
        """A class of the slot or below, such as goes with the valence and with whoever it is about."""
        key = (slot.iri, valence, by_customer)
        if key not in self.candidates:
            below = sorted({one for name in slot.classes for one in self.vocabulary.below(name)} & {*self.terms})
            by_them = [term for term in below if not by_customer or "customer" in self.of["bearers"][term]]
            fitting = [term for term in by_them if not valence or valence in self.of["valences"][term]]
            self.candidates[key] = fitting or by_them
        return random.choice(self.candidates[key])

    def _bearer(self, chain: _Chain, term: str, slot: Slot | None, random: Random) -> str:
        """Somebody who fits the slot, if it asks for anybody, and else one whom the class is usually said of."""
        role = random.choice(self.of["bearers"][term])
        if slot is not None and slot.bearers:
            above = {word: self.vocabulary.above(iri) for word, iri in sorted(self.vocabulary.roles.items())}
            fitting = [
                word
                for word, classes in above.items()
                if not classes.isdisjoint(slot.bearers) and classes.isdisjoint(slot.not_bearers)
            ]
            if ACTOR in slot.bearers:
                role = "customer"
            elif role not in fitting:
                role = random.choice(fitting)
        if role == "customer":
            return chain.customer
        if role == "firm":
            return chain.firm
        if role in ("stakeholder", "business", "government", "community") and random.random() < 0.3:
            return random.choice([name for name, kind in self.pool() if kind == role])
        return role

    def _aside(self, chain: _Chain, random: Random) -> Planned:
        """Something that has nothing to do with the plot."""
        term = random.choice(self.terms)
        return Planned(term, random.choice(self.of["valences"][term]), self._bearer(chain, term, None, random))

    def every_chain_slot(self, customer: str) -> list[Planned]:
        """An element for each slot of each proposition on chains, one for those that ask for the same classes."""
        found: dict[tuple[str, ...], Planned] = {}
        for proposition in self.on_chains:
            for slot in proposition.slots:
                below = sorted({one for name in slot.classes for one in self.vocabulary.below(name)} & {*self.terms})
                fitting = [
                    term
                    for term in (*slot.classes, *below)
                    if not slot.same_bearer or "customer" in self.of["bearers"].get(term, ())
                ]
                used = {planned.term for planned in found.values()}
                term = next((term for term in fitting if term not in used), fitting[0])
                roles = self.of["bearers"][term]
                found.setdefault(slot.classes, Planned(term, "positive", customer if "customer" in roles else roles[0]))
        return list(found.values())

    # How it is told and coded

    def tell(self, chain: _Chain, random: Random, write: Write, made: int) -> None:
        """Write a chain's incidents and codings."""
        day = date(2015, 1, 1) + timedelta(days=chain.number * 7 % 3650)
        context = random.choice(("public", "commercial", "commercial"))
        before = ""
        for place, plan in enumerate(chain.plans):
            incident = f"I{made + place + 1:06}"
            (channel,) = random.choices(self.told["channels"], self.told["channel_weights"])
            narrative, spans = self._narrative(plan := self._distinct(plan), random)
            said = (context, *(random.choice(("true", "false", "")) for _ in range(3)), narrative, self.told["corpus"])
            platform = random.choice(self.told["platforms"])
            write("incidents", (incident, channel, platform, day, before, *said, chain.named or ""))
            self._code(incident, plan, spans, narrative, random, write)
            before = incident
            day += timedelta(days=random.randint(0, 20))

    def _distinct(self, plan: Sequence[Planned]) -> list[Planned]:
        """Each element once; what would be both present and absent is what it was first told of as."""
        above, kept = self.vocabulary.above, list[Planned]()
        for one in dict.fromkeys(plan[:1] if self.single else plan):
            if one.absent:
                clashes = any(one.term in above(other.term) for other in kept if not other.absent)
            else:
                clashes = any(other.term in above(one.term) for other in kept if other.absent)
            if not clashes:
                kept.append(one)
        return kept

    def _narrative(self, plan: Sequence[Planned], random: Random) -> tuple[str, list[tuple[int, int]]]:
        """A text that tells of the elements, and where each stands in it."""
        sentences, spans, at = [], [], 0
        for planned in plan:
            words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", local(planned.term)).lower()
            pattern = random.choice(self.told["sentences"]["absent" if planned.absent else "told"])
            who = f"the {planned.bearer}" if planned.bearer in self.vocabulary.roles else planned.bearer
            sentence = pattern.format(who=who or "nobody in particular", what=words)
            spans.append((at, at + len(sentence)))
            sentences.append(sentence)
            at += len(sentence) + 1
        sentences.append(random.choice(self.told["sentences"]["between"]))
        return " ".join(sentences), spans

    def _code(
        self,
        incident: str,
        plan: Sequence[Planned],
        spans: Sequence[tuple[int, int]],
        narrative: str,
        random: Random,
        write: Write,
    ) -> None:
        """Write the codings of one or two coders: the second misses a fifth, and marks fewer words."""
        coders = random.sample(self.told["coders"], 2 if random.random() < 0.75 and not self.lean else 1)
        stepped, linked = random.random() < 0.8, random.random() < 0.25
        purposes = [random.choice(("personal", "collective", "", "", "")) for _ in plan]
        for nth, coder in enumerate(coders):
            seen = [place for place in range(len(plan)) if nth == 0 or random.random() < 0.8]
            for place in seen:
                planned, (start, end) = plan[place], spans[place]
                if nth == 1:
                    end = narrative.rindex(" ", start, end - 12)
                after = next((other for other in seen if other > place), None)
                leads = linked and after is not None and not planned.absent and not plan[after].absent
                row = {
                    "id": f"{incident}-{coder}-{place + 1}",
                    "incident": incident,
                    "code": local(planned.term),
                    "presence": "absent" if planned.absent else random.choice(("present", "")),
                    "valence": planned.valence,
                    "bearer": planned.bearer,
                    "step": str(place + 1) if stepped else "",
                    "leads_to": f"{incident}-{coder}-{after + 1}" if leads and after is not None else "",
                    "purpose": purposes[place],
                    "coder": coder,
                    "segment": narrative[start:end],
                    "source": f"narrative {incident}",
                    "start": start,
                    "end": end,
                }
                if self.lean:
                    row |= {"segment": "", "source": "", "start": "", "end": ""}
                if random.random() < WRONG:
                    wrong = random.choice(self.told["wrong"])
                    row[wrong["column"]] = wrong["cell"]
                write("codings", tuple(row[name] for name in CODING))
