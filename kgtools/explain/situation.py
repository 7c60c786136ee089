"""A unit before a proposition: a chain and a set of coders go in; the verdict, and how elements fit slots, come out.

Why a second look at the slots. The verdict and what it rests on come from the query alone (`Verdict.uses`). But a query
does not say why something is not in its answer. So this module reads the same view, slot by slot, for what came near:
each reason is the lack, or the presence, of a triple that the query asks for. It never overrules the query.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Literal

from kgtools.derive import Question, codings_of, derive, names_of
from kgtools.errors import OntologyError
from kgtools.explain.reasons import Facts, Reason, actor_words, valence_words
from kgtools.model import ANY, CODER_SETS, Element, Incident, Verdict, elements
from kgtools.pipeline import Job
from kgtools.read import Chunk
from kgtools.theory import ACTOR, Proposition, Slot, waits_for
from kgtools.view import View, view
from kgtools.vocabulary import EVCO, VIEW, Vocabulary, local

MOST_READINGS = 3000
"""So many ways to fill the slots before one are tried, to find why an element is in none. A verdict tries all."""


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


def judged(chunk: Chunk, coders: str, question: Question, job: Job, incident: str) -> tuple[View, Verdict]:
    """The view of a chain for some coders, and what the chain, or an incident of it, says of one proposition."""
    seen = view(chunk, coders, job.vocabulary, job.named)
    for verdict in derive(seen, coders, [question], every=True):
        if question.proposition.of_chains or verdict.unit == incident:
            return seen, verdict
    raise OntologyError(
        f"the query of {question.proposition.id} has no row for `{incident}`; it needs one for any unit"
    )


def before_each(chunk: Chunk, incident: str, questions: Sequence[Question], job: Job) -> Iterator[Situation]:
    """An incident, or the chain that it is in, before each proposition, for the job's coders."""
    seen = view(chunk, job.coders, job.vocabulary, job.named)
    said = {
        one.proposition: one
        for one in derive(seen, job.coders, questions, every=True)
        if one.unit_type == "chain" or one.unit == incident
    }
    for question in questions:
        yield Situation(chunk, incident, question, job.coders, job, (seen, said[question.proposition.id]))


def in_line(incidents: Sequence[Incident]) -> list[Incident]:
    """The incidents of a chain, each after the one that it follows; a branch is told to its end before the next."""
    after: dict[str | None, list[Incident]] = {}
    for one in incidents:
        after.setdefault(one.follows, []).append(one)
    waiting, line = [*reversed(after.get(None, ()))], []
    while waiting:
        one = waiting.pop()
        line.append(one)
        waiting += reversed(after.get(one.id, ()))
    return line


class Situation:
    """One unit of a chain, before one proposition, for one set of coders.

    Args:
        chunk: a chain, whole.
        incident: the id of one of its incidents, which is the unit unless the proposition speaks of chains.
        known: the view and the verdict, where they are there already.
    """

    def __init__(
        self,
        chunk: Chunk,
        incident: str,
        question: Question,
        coders: str,
        job: Job,
        known: tuple[View, Verdict] | None = None,
    ) -> None:
        self.chunk, self.incident, self.question, self.coders, self.job = chunk, incident, question, coders, job
        self.incidents = {
            one.id: one for one in in_line(chunk.incidents) if question.proposition.of_chains or one.id == incident
        }
        self.view, self.verdict = known or judged(chunk, coders, question, job, incident)
        self.facts = Facts(self.view)

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
        return Facts(view(self.chunk, ANY, self.vocabulary, self.job.named))

    def name(self, element: Element) -> str:
        """What stands for an element in tables: its name, or the ids of its codings."""
        return " ".join(sorted(names_of(element, self.coders) or names_of(element, ANY)))

    def earlier(self, incident: str) -> list[str]:
        """The ids of the incidents before one along `follows`, nearest first."""
        follows = {one.id: one.follows for one in self.chunk.incidents}
        found = []
        before = follows[incident]
        while before is not None:
            found.append(before)
            before = follows[before]
        return found

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
        best: tuple[Reason, ...] | None = None
        for reading in islice(self._readings(before), MOST_READINGS):
            against = [self._between(slot, element, other, reading[other.id]) for other in before]
            found = tuple(reason for reason in against if reason)
            if best is None or len(found) < len(best):
                best = found
            if not found:
                return ()
        if best is not None:
            return best
        found = ()
        for other in before:  # no reading of all of these: each by itself
            against = [self._between(slot, element, other, one) for one in self.candidates[other.id]]
            if against and all(against):
                found = (*found, next(reason for reason in against if reason))
        return found

    def _placed(self, slot: Slot) -> list[Slot]:
        """The slots that must be filled before one is judged."""
        waited = waits_for(slot, self.proposition)
        consequents = [other for other in self.proposition.consequents if other.id in waited]
        return [*self.proposition.antecedents, *consequents]

    def _readings(self, slots: Sequence[Slot]) -> Iterator[dict[str, Element]]:
        """The ways to fill some slots such that each element stands well to the others."""

        def place(at: int, reading: dict[str, Element]) -> Iterator[dict[str, Element]]:
            if at == len(slots):
                yield reading
                return
            slot = slots[at]
            for element in self.candidates[slot.id]:
                if not any(self._between(slot, element, other, reading[other.id]) for other in slots[:at]):
                    yield from place(at + 1, {**reading, slot.id: element})

        return place(0, {})

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
        here = f"{self.name(against)} ({local(against.term)})"
        came_before = facts.came_before(one, other)
        side = ("before", "after") if against is before else ("after", "before")
        if earlier.id in slot.after:
            if chain and not facts.came_before(other, one):
                words = f"recorded {side[0]} {here}" if came_before else f"not recorded {side[1]} {here}"
                return Reason("order", words, against)
            if not chain and facts.says(one, "notAfter", other):
                words = f"recorded {side[0]} {here}" if came_before else f"recorded at the same step as {here}"
                return Reason("order", words, against)
        elif came_before and slot.role == "consequent" and earlier.role == "antecedent":
            return Reason("order", f"recorded {side[0]} {here}", against)
        if earlier.id in slot.same_bearer:
            ours, theirs = facts.values(one, "bearer"), facts.values(other, "bearer")
            unknown = VIEW + "unrecorded"
            if chain and (ours != theirs or unknown in ours):
                missing = unknown in ours | theirs
                words = f"not known to have the same bearer as {here}" if missing else f"has another bearer than {here}"
                return Reason("same bearer", words, against)
            if not chain and any(facts.says(a, "differsFrom", b) for a in theirs for b in ours):
                return Reason("same bearer", f"has another bearer than {here}", against)
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
