"""A unit before a proposition: a chain and a set of coders go in; the verdict, and how elements fit slots, come out.

Why a second look at the slots. The verdict and what it rests on come from the query alone (`Verdict.uses`). But a query
does not say why something is not in its answer. So this module reads the same view, slot by slot, for what came near:
each reason is the lack, or the presence, of a triple that the query asks for. It never overrules the query.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Literal

from kgtools.derive import Question, codings_of, derive, names_of
from kgtools.explain.reasons import Facts, Reason, Wrong, actor_words, valence_words
from kgtools.explain.unit import by_itself, in_line, judged
from kgtools.model import ANY, CODER_SETS, Element, Verdict, elements
from kgtools.pipeline import Job
from kgtools.read import Chunk
from kgtools.theory import ACTOR, Proposition, Slot, waits_for
from kgtools.view import View, view
from kgtools.vocabulary import EVCO, VIEW, Vocabulary, local

MOST_READINGS = 3000
"""So many ways to fill the slots before one are tried, to find why an element is in none. A verdict tries all."""

_MOST_PLACED = 20_000
"""So many times an element is put into a slot, to find such ways."""


@dataclass(frozen=True)
class NearMiss:
    """An element of a slot's class that the slot does not take, with everything that is wrong with it."""

    element: Element
    reasons: tuple[Reason, ...]
    opposes: bool = False


@dataclass
class SlotState:
    """How the elements of a unit stand to one slot.

    Attributes:
        fills, opposes: what the verdict uses.
        ready, ready_opposing: what would fill or oppose it, but some other slot is not filled, and nothing comes of it.
        near: what is of the slot's class and does not fit.
    """

    slot: Slot
    fills: list[Element] = field(default_factory=list)
    opposes: list[Element] = field(default_factory=list)
    ready: list[Element] = field(default_factory=list)
    ready_opposing: list[Element] = field(default_factory=list)
    near: list[NearMiss] = field(default_factory=list)

    @property
    def there(self) -> list[Element]:
        """What fills it; where nothing does, what would."""
        return self.fills or self.ready

    @property
    def lacking(self) -> bool:
        """Whether nothing fills it, would fill it, or opposes it."""
        return not (self.fills or self.ready or self.opposes or self.ready_opposing)


def before_each(chunk: Chunk, incident: str, questions: Sequence[Question], job: Job) -> Iterator[Situation]:
    """An incident, or the chain that it is in, before each proposition, for the job's coders."""
    seen = view(chunk, job.coders, job.vocabulary, job.named)
    said = {
        one.proposition: one
        for one in derive(seen, job.coders, questions, every=True)
        if one.unit_type == "chain" or one.unit == incident
    }
    facts = Facts(seen)
    for question in questions:
        yield Situation(chunk, incident, question, job.coders, job, (seen, said[question.proposition.id]), facts)


class Situation:
    """One unit of a chain, before one proposition, for one set of coders.

    Args:
        chunk: a chain, whole.
        incident: the id of one of its incidents, which is the unit unless the proposition speaks of chains.
        known: the view and the verdict, where they are there already.
        facts: the view's triples, likewise.
    """

    def __init__(
        self,
        chunk: Chunk,
        incident: str,
        question: Question,
        coders: str,
        job: Job,
        known: tuple[View, Verdict] | None = None,
        facts: Facts | None = None,
    ) -> None:
        self.chunk, self.incident, self.question, self.coders, self.job = chunk, incident, question, coders, job
        self.incidents = {
            one.id: one for one in in_line(chunk.incidents) if question.proposition.of_chains or one.id == incident
        }
        self.view, self.verdict = known or judged(chunk, coders, question, job, incident)
        self.facts = facts or Facts(self.view)
        self._reached: dict[str, dict[str, str]] = {}
        self._first: dict[str, list[dict[str, Element]]] = {}

    @property
    def proposition(self) -> Proposition:
        return self.question.proposition

    @property
    def vocabulary(self) -> Vocabulary:
        return self.job.vocabulary

    @cached_property
    def every(self) -> list[Element]:
        """All elements and records of absence in the unit, whether they count or not, in the order of the tables."""
        return [
            element
            for id, incident in self.incidents.items()
            for element in elements(incident, self.chunk.codings.get(id, ()))
        ]

    @cached_property
    def coder_names(self) -> list[str]:
        """Who coded something in the unit."""
        return sorted({coding.coder for id in self.incidents for coding in self.chunk.codings[id] if coding.coder})

    @cached_property
    def facts_for_any(self) -> Facts:
        """The view of everything that anybody coded, for what does not count."""
        if self.coders == ANY:
            return self.facts
        chunk = self.chunk if self.proposition.of_chains else by_itself(self.chunk, self.incident)
        return Facts(view(chunk, ANY, self.vocabulary, self.job.named))

    def name(self, element: Element) -> str:
        """What stands for an element in tables: its name, or the ids of its codings."""
        return " ".join(sorted(names_of(element, self.coders) or names_of(element, ANY)))

    def earlier(self, incident: str) -> Collection[str]:
        """The ids of the incidents before one along `follows`, nearest first."""
        return self._earlier[incident]

    @cached_property
    def _earlier(self) -> dict[str, dict[str, None]]:
        found: dict[str, dict[str, None]] = {}
        for one in in_line(self.chunk.incidents):
            found[one.id] = {} if one.follows is None else {one.follows: None, **found[one.follows]}
        return found

    def reached(self, start: str) -> dict[str, str]:
        """What links lead to from an element, each with the one before it on a shortest way; by IRIs."""
        if start not in self._reached:
            before: dict[str, str] = {}
            waiting = deque([start])
            while waiting:
                one = waiting.popleft()
                for other in self._ends.get(one, ()):
                    if other not in before:
                        before[other] = one
                        waiting.append(other)
            self._reached[start] = before
        return self._reached[start]

    @cached_property
    def _ends(self) -> dict[str, list[str]]:
        ends: dict[str, list[str]] = {}
        for one, other in sorted(self.view.links):
            ends.setdefault(one, []).append(other)
        return ends

    # Slots

    @cached_property
    def slots(self) -> dict[str, SlotState]:
        """How elements stand to each slot, by its id."""
        states = {slot.id: SlotState(slot) for slot in self.proposition.slots}
        by_iri = self.view.elements
        for use in self.verdict.uses:
            (states[use.slot].opposes if use.opposes else states[use.slot].fills).append(by_iri[use.element])
        place = {element.iri: at for at, element in enumerate(self.every)}
        for state in states.values():
            for group in (state.fills, state.opposes):
                group.sort(key=lambda element: place.get(element.iri, 0))
        for state in states.values():
            self._unused(state)
        return states

    def _unused(self, state: SlotState) -> None:
        """Sort what the verdict does not use for a slot into what would fit and what comes near."""
        used = {element.iri for element in (*state.fills, *state.opposes)}
        for element in self.every:
            if element.iri in used or not self._of_class(state.slot, element):
                continue
            counts = element.iri in self.view.counting
            fills, opposes, reasons = self._alone(state.slot, element, self.facts if counts else self.facts_for_any)
            if not counts:
                reasons = (Reason("coders", self._does_not_count(element)), *reasons)
            elif not reasons:
                reasons = self._among(state.slot, element)
            if state.slot.role == "antecedent" and {reason.wrong for reason in reasons} == {"taken"}:
                reasons = ()  # it would do, but what else is there needs it too
            if reasons:
                state.near.append(NearMiss(element, reasons, opposes and not fills))
            else:
                if fills:
                    state.ready.append(element)
                if opposes:
                    state.ready_opposing.append(element)

    def _of_class(self, slot: Slot, element: Element) -> bool:
        above = self.vocabulary.above(element.term)
        if not element.absent:
            return not above.isdisjoint(slot.classes)
        return any(element.term in self.vocabulary.above(name) or name in above for name in slot.absences)

    def _does_not_count(self, element: Element) -> str:
        by = sorted({coding.coder or "somebody unnamed" for coding in element.codings})
        if self.coders in CODER_SETS:
            return f"coded by {' and '.join(by)} only, which does not count for `{self.coders}`"
        return f"coded by {' and '.join(by)}, not by {self.coders}"

    def _alone(self, slot: Slot, element: Element, facts: Facts) -> tuple[bool, bool, tuple[Reason, ...]]:
        """Whether an element fills or opposes a slot as far as it is concerned itself, and what speaks against it."""
        reasons: list[Reason] = []
        valence = EVCO + element.valence if element.valence else None
        if element.absent:
            fills = False
            opposes = valence is None or valence == slot.valence
            if not any(facts.says(element.iri, "denies", name) for name in slot.absences):
                wide = " or ".join(map(local, slot.absences))
                reasons.append(Reason("narrower", f"its absence is narrower than that of {wide}, and opposes nothing"))
            elif not opposes:
                reasons.append(Reason("valence", f"records the absence of {element.valence} ones alone"))
        else:
            mixed = EVCO + "mixed"
            fills = (slot.valence is None or valence in (slot.valence, mixed)) and (
                slot.never is None or valence != slot.never
            )
            opposes = slot.opposing is not None and valence in (slot.opposing, mixed)
            if not fills and not opposes:
                reasons.append(Reason("valence", valence_words(slot, element)))
        for wrong, bearer, known in (
            ("bearer", element.bearer, facts.values(element.iri, "bearerIs")),
            ("toward", element.toward, facts.values(element.iri, "towardIs")),
        ):
            asked, never = (slot.bearers, slot.not_bearers) if wrong == "bearer" else (slot.towards, ())
            words = actor_words(wrong, bearer, known, asked or ((ACTOR,) if never else ()), never)
            if words:
                reasons.append(Reason("bearer" if wrong == "bearer" else "toward", words))
        return fills, opposes, tuple(reasons)

    # How an element stands to those in other slots

    @cached_property
    def candidates(self) -> dict[str, list[Element]]:
        """What counts and fills each slot as far as it is concerned itself."""
        return {
            slot.id: [
                element
                for element in self.every
                if element.iri in self.view.elements and not element.absent and self._of_class(slot, element)
                for fills, _, reasons in [self._alone(slot, element, self.facts)]
                if fills and not reasons
            ]
            for slot in self.proposition.slots
        }

    def _among(self, slot: Slot, element: Element) -> tuple[Reason, ...]:
        """What speaks against an element that fits by itself, in the reading where least does."""
        before = [one for one in self._placed(slot) if one.id != slot.id]
        if next(self._readings(before, (slot, element)), None) is not None:
            return ()
        best: tuple[Reason, ...] | None = None
        for reading in self._first_readings(slot, before):
            against = [self._between(slot, element, other, reading[other.id]) for other in before]
            found = tuple(reason for reason in against if reason)
            if best is None or len(found) < len(best):
                best = found
            if len(best) == 1:
                return best
        if best:
            return best
        found = ()
        for other in before:  # no reading of all of these: each by itself
            against = [self._between(slot, element, other, one) for one in self.candidates[other.id]]
            if against and all(against):
                found = (*found, next(reason for reason in against if reason))
        return found

    def _first_readings(self, slot: Slot, before: Sequence[Slot]) -> list[dict[str, Element]]:
        """Ways to fill the slots before one; the more elements there are, the fewer, since each is held to them all."""
        if slot.id not in self._first:
            most = max(20, MOST_READINGS // max(1, len(self.every) // 20))
            self._first[slot.id] = [*islice(self._readings(before), most)]
        return self._first[slot.id]

    def _placed(self, slot: Slot) -> list[Slot]:
        """The slots that must be filled before one is judged."""
        waited = waits_for(slot, self.proposition)
        consequents = [other for other in self.proposition.consequents if other.id in waited]
        return [*self.proposition.antecedents, *consequents]

    def _readings(
        self, slots: Sequence[Slot], fixed: tuple[Slot, Element] | None = None
    ) -> Iterator[dict[str, Element]]:
        """The ways to fill some slots such that each element stands well to the others, and to one more in its slot.

        Where these are very many, or found after very many vain attempts alone, not all come.
        """
        fitting = {
            slot.id: [
                element for element in self.candidates[slot.id] if not fixed or not self._between(slot, element, *fixed)
            ]
            for slot in slots
        }
        placed = 0

        def place(at: int, reading: dict[str, Element]) -> Iterator[dict[str, Element]]:
            nonlocal placed
            if at == len(slots):
                yield reading
                return
            slot = slots[at]
            for element in fitting[slot.id]:
                placed += 1
                if placed > _MOST_PLACED:
                    return
                if not any(self._between(slot, element, other, reading[other.id]) for other in slots[:at]):
                    yield from place(at + 1, {**reading, slot.id: element})

        return place(0, {}) if all(fitting.values()) else iter(())

    def complete_readings(self) -> Iterator[dict[str, Element]]:
        """The ways to fill all slots, of a support: an element for each slot by its id."""
        return self._readings(self.proposition.slots)

    def _between(self, slot: Slot, element: Element, other: Slot, placed: Element) -> Reason | None:
        """What is wrong between two elements in two slots, in whichever direction the proposition relates them."""
        if element.iri == placed.iri:
            return Reason("taken", f"it is in {other.id} already", placed)
        order = [one.id for one in self.proposition.slots]
        if order.index(other.id) > order.index(slot.id):
            return self._relation(other, placed, slot, element, placed)
        return self._relation(slot, element, other, placed, placed)

    def _relation(
        self, slot: Slot, element: Element, earlier: Slot, before: Element, against: Element
    ) -> Reason | None:
        """The same, for the slot that a query places later, and one that it places before."""
        facts, chain = self.facts, self.proposition.of_chains
        one, other = element.iri, before.iri
        side = ("before", "after") if against is before else ("after", "before")

        def reason(wrong: Wrong, words: str) -> Reason:
            return Reason(wrong, f"{words} {self.name(against)} ({local(against.term)})", against)

        if earlier.id in slot.after:
            if chain and not facts.came_before(other, one):
                later = facts.came_before(one, other)
                return reason("order", f"recorded {side[0]}" if later else f"not recorded {side[1]}")
            if not chain and facts.says(one, "notAfter", other):
                later = facts.came_before(one, other)
                return reason("order", f"recorded {side[0]}" if later else "recorded at the same step as")
        elif slot.role == "consequent" and earlier.role == "antecedent" and facts.came_before(one, other):
            return reason("order", f"recorded {side[0]}")
        if earlier.id in slot.same_bearer:
            ours, theirs = facts.values(one, "bearer"), facts.values(other, "bearer")
            unknown = VIEW + "unrecorded"
            if chain and (ours != theirs or unknown in ours):
                missing = unknown in ours | theirs
                return reason(
                    "same bearer", "not known to have the same bearer as" if missing else "has another bearer than"
                )
            if not chain and any(facts.says(a, "differsFrom", b) for a in theirs for b in ours):
                return reason("same bearer", "has another bearer than")
        return None

    # The scope

    @property
    def scope(self) -> Literal["holds", "fails", "unrecorded", ""]:
        """Whether the unit lies within the proposition's scope; empty where it has none."""
        if self.proposition.scope is None:
            return ""
        if self.facts.says(self.verdict.unit_iri, "outside", self.proposition.scope):
            return "fails"
        return "holds" if self.facts.says(self.verdict.unit_iri, "within", self.proposition.scope) else "unrecorded"

    def speaking(self, element: Element) -> list[str]:
        """The ids of the codings of an element that count for these coders."""
        return [coding.id for coding in codings_of(element, self.coders)]
