"""Branches of a chain's query: a proposition goes in, what stands in some reading of a chain comes out as SPARQL.

Why chains are asked otherwise than incidents. An incident has a handful of elements, and all readings can be listed. A
chain of 200 incidents has millions. So each branch lists the elements of one slot, and asks by nested EXISTS whether
some reading holds them: an engine stops at the first. Inside an EXISTS an engine may not know which of its variables
are bound already, and join in a bad order; so each group there has one pattern, which finds an element from one that
is known by their order, and all else is asked of known elements, which costs one look-up each. An engine need not stop
at the first part of `&&` that fails, but of IF it evaluates only the branch taken: so it looks further only from an
element that fits. What an IF asks is whether an element does not fit, since Virtuoso takes no plain EXISTS beside `&&`
or `||` there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from kgtools.query.parts import CHAIN, block, curie_or_iri, fits, outcome, sign, valences, waited_for
from kgtools.theory import ACTOR, Proposition, Slot


def chain_branches(proposition: Proposition) -> Iterator[str]:
    """A reading; and for each consequent slot its elements, those before it, and links from condition to consequence.

    What a consequent comes after is listed by that one's own branches, since its reading is a completed one too.
    """
    first, *others = antecedents = list(proposition.antecedents)
    yield block([*_with(first, others), "BIND(1 AS ?read)"], "a reading")
    for slot in proposition.consequents:
        waited = waited_for(slot, proposition)
        reading = [*antecedents, *waited]
        found = _with(slot, reading, is_judged=True)
        yield block([*found, *outcome(slot), _used(slot, sign(slot))], slot.id)
        if slot.absences:
            found = _with(slot, reading, absent=True)
            yield block(
                [*found, f"BIND(1 AS ?{slot.id}_opposes)", _used(slot, f'" {slot.id}!"')], f"{slot.id}, recorded absent"
            )
        for one in antecedents:
            others = [other for other in reading if other is not one]
            if not waited:
                found = _with(one, [*others, slot], judged=slot)
                yield block([*found, _used(one, f'" {one.id}="')], f"{one.id}, with {slot.id}")
            both = _Known([one, slot], others)
            tests = [*_tests(one), *_tests(slot)]
            looked_up = " ".join(f"?{slot.id}{both.look_up(slot, tests)} ." for slot in both.held)
            linked = [f"?{one.id} view:inChain ?unit ; view:leadsTo ?{slot.id} . {looked_up}"]
            linked += both.asked([*tests, *_stand(slot, one)])
            yield block([*linked, f"BIND(1 AS ?{one.id}_led_{slot.id})"], f"a link from {one.id} to {slot.id}")


def _with(
    slot: Slot, rest: list[Slot], *, is_judged: bool = False, absent: bool = False, judged: Slot | None = None
) -> list[str]:
    """The elements of a slot that some reading holds, whose other slots are the rest.

    Args:
        is_judged: the slot's element may as well oppose.
        absent: the slot's element is a record of absence, which opposes.
        judged: the slot of the rest whose element may as well oppose.
    """
    known = _Known([slot], rest, judged)
    tests: list[_Test] = []
    also = f" ;{known.look_up(slot, tests)}"
    return [*fits(slot, CHAIN, judged=is_judged, absent=absent, also=also), *known.asked(tests)]


def _used(slot: Slot, sign: str) -> str:
    return f"BIND(CONCAT({sign}, STR(?{slot.id})) AS ?used)"


class _Test(NamedTuple):
    """A condition in SPARQL: that it holds, and that it fails."""

    holds: str
    fails: str

    @classmethod
    def same(cls, one: str, other: str) -> _Test:
        return cls(f"{one} = {other}", f"{one} != {other}")

    @classmethod
    def has(cls, pattern: str) -> _Test:
        return cls(f"EXISTS {{ {pattern} }}", f"NOT EXISTS {{ {pattern} }}")

    @classmethod
    def some(cls, tests: Iterable[_Test]) -> _Test:
        """That one of several holds."""
        first, *others = tests
        if not others:
            return first
        holds, fails = zip(first, *others, strict=True)
        return cls(f"({' || '.join(holds)})", f"({' && '.join(fails)})")

    @classmethod
    def all(cls, tests: Iterable[_Test]) -> _Test:
        """That all of several hold, as one of several conditions."""
        holds, fails = zip(*tests, strict=True)
        return cls(" && ".join(holds), fails[0] if len(fails) == 1 else f"({' || '.join(fails)})")

    def negated(self) -> _Test:
        return _Test(self.fails, f"!({self.fails})" if self.fails.startswith("NOT ") else self.holds)


@dataclass
class _Known:
    """A reading in which the elements of some slots are known, and those of the rest are asked for.

    Args:
        judged: the slot of the rest that may as well be opposed.
        bearers: for slots that share a bearer: the variable that holds it, once one of them is known.
    """

    held: list[Slot]
    rest: list[Slot]
    judged: Slot | None = None
    bearers: dict[str, str] = field(default_factory=dict)

    def look_up(self, slot: Slot, tests: list[_Test]) -> str:
        """What is looked up of an element: its moment, and its bearer where slots share one that is not known yet."""
        shared = self._bearer(slot, tests)
        if not shared:
            return f" view:at ?{slot.id}_at"
        tests.append(_recorded(shared))
        return f" view:at ?{slot.id}_at ; view:bearer {shared}"

    def _bearer(self, slot: Slot, tests: list[_Test]) -> str:
        """The variable for a shared bearer that is not known yet; if it is known, a test that this slot has it."""
        sharers = _sharers(slot, [*self.held, *self.rest])
        if len(sharers) == 1:
            return ""
        if slot.id in self.bearers:
            tests.append(_Test.has(f"?{slot.id} view:bearer {self.bearers[slot.id]}"))
            return ""
        self.bearers.update(dict.fromkeys(sharers, f"?{slot.id}_bearer"))
        return self.bearers[slot.id]

    def asked(self, tests: list[_Test]) -> list[str]:
        """A filter: the tests, and where these are met, some elements for the rest of the reading."""
        return _asked(tests, self._rest())

    def _rest(self) -> list[str]:
        """That there are elements for the rest, each found from one that it comes before or after."""
        if not self.rest:
            return []
        slot, base = next(
            ((one, other) for one in self.rest for other in self.held if _ordered(one, other)), (self.rest[0], None)
        )
        tests = _tests(slot, judged=slot is self.judged)
        if slot is self.judged and slot.absences:
            tests = [_Test.some((_Test.all(tests), _Test.all(_tests(slot, absent=True))))]
        tests += [test for other in self.held for test in _stand(slot, other, found=other is base)]
        after = _Known([*self.held, slot], [one for one in self.rest if one is not slot], self.judged, {**self.bearers})
        shared = after._bearer(slot, tests)
        asked = after.asked([_recorded(shared)] if shared else tests)
        if shared:  # a group of its own, so that no engine begins with all bearers there are
            found = [f"EXISTS {{ ?{slot.id} view:bearer {shared} .", *(f"  {line}" for line in asked)]
            asked = _asked(tests, _closed(found, " }"))
        place = f"?{slot.id} view:inChain ?unit"
        if base is not None:
            earlier, later = (slot, base) if slot.id in base.after else (base, slot)
            place = f"?{earlier.id}_at view:before ?{later.id}_at"
        start = f"EXISTS {{ {place} . FILTER EXISTS {{ ?{slot.id} view:at ?{slot.id}_at ."
        return _closed([start, *(f"  {line}" for line in asked)], " } }")


def _ordered(one: Slot, other: Slot) -> bool:
    return one.id in other.after or other.id in one.after


def _recorded(bearer: str) -> _Test:
    return _Test.same(bearer, "view:unrecorded").negated()


def _asked(tests: list[_Test], exists: list[str]) -> list[str]:
    """A filter for some tests, and for what is looked for only where these are met."""
    if not tests:
        return [f"FILTER {exists[0]}", *exists[1:]] if exists else []
    if not exists:
        first, *more = _wrapped("&&", [test.holds for test in tests])
        return _closed([f"FILTER({first}", *(f"  {line}" for line in more)], ")")
    first, *more = _wrapped("||", [test.fails for test in tests])
    lines = _closed([f"FILTER(IF({first}", *(f"  {line}" for line in more)], ", false,")
    return _closed([*lines, *(f"  {line}" for line in exists)], "))")


def _closed(lines: list[str], end: str) -> list[str]:
    return [*lines[:-1], lines[-1] + end]


def _wrapped(between: str, tests: list[str]) -> list[str]:
    """Some conditions, on as many lines as it takes."""
    lines = tests[:1]
    for test in tests[1:]:
        if len(lines[-1]) + len(test) < 88:
            lines[-1] += f" {between} {test}"
        else:
            lines.append(f"{between} {test}")
    return lines


def _sharers(slot: Slot, reading: list[Slot]) -> set[str]:
    """The slots of a reading that have the same bearer: who shares with a sharer shares too."""
    found = {slot.id}
    for _ in reading:
        found |= {one.id for one in reading if not found.isdisjoint(one.same_bearer)}
        found |= {other for one in reading if one.id in found for other in one.same_bearer}
    return found & {one.id for one in reading}


def _tests(slot: Slot, *, judged: bool = False, absent: bool = False) -> list[_Test]:
    """The slot's own conditions, as `fits`, on an element that is known."""
    name = f"?{slot.id}"

    def has(prop: str, terms: Iterable[str]) -> _Test:
        return _Test.some(_Test.has(f"{name} view:{prop} {term}") for term in terms)

    tests = [has("denies" if absent else "is", map(curie_or_iri, slot.absences if absent else slot.classes))]
    known = slot.bearers or ((ACTOR,) if slot.not_bearers else ())
    for prop, classes in (("bearerIs", known), ("towardIs", slot.towards)):
        if classes:
            tests.append(has(prop, map(curie_or_iri, classes)))
    tests += [has("bearerIs", [curie_or_iri(role)]).negated() for role in slot.not_bearers]
    if absent:
        tests.append(has("valence", ["view:unrecorded", *([curie_or_iri(slot.valence)] if slot.valence else [])]))
    elif slot.valence or (judged and slot.opposing):
        fitting = [*valences(slot, fills=True), *(valences(slot, fills=False) if judged else [])]
        tests.append(has("valence", dict.fromkeys(fitting)))
    elif slot.never:
        tests.append(has("valence", [curie_or_iri(slot.never)]).negated())
    return tests


def _stand(one: Slot, other: Slot, *, found: bool = False) -> list[_Test]:
    """How the elements of two slots of a reading stand to each other in order, whichever comes first.

    Args:
        found: one was found from the other, by their order.
    """
    later = one if other.id in one.after or (one.id not in other.after and one.role > other.role) else other
    earlier = other if later is one else one
    if earlier.id in later.after:
        return [] if found else [_Test.has(f"?{earlier.id}_at view:before ?{later.id}_at")]
    tests = [_Test.same(f"?{later.id}", f"?{earlier.id}").negated()]
    if earlier.role != later.role:
        tests.append(_Test.has(f"?{later.id}_at view:before ?{earlier.id}_at").negated())
    return tests
