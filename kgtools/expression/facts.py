"""Facts: a chunk and its view go in; what a reasoner is told of it comes out, as N-Triples.

What this shares with the route of the queries, and what it does not. Which elements count for the coders asked for, who
a bearer is, whether two bearers are known to be two, and what is recorded as coming before what, are worked out once,
by the view. All else is stated as the tables have it: each element with the one class that it was coded as and its
valence, each bearer with the roles recorded, the channel with its kind. Which slots these fill
(what lies below what, which valences there are, what a bearer is and is not, whether the scope holds, and what makes a
reading) is left to the axioms of the ontology and to the expression. No membership of the view is copied.

Open and closed. OWL takes what is not said for unknown, and verdicts take some of it for not so. Therefore what is not
recorded is said where an expression asks for the contrary: the valence of an element is then `view:unrecorded`, and of
a bearer it is not recorded to be of a class that some slot rules out, unless a recorded role is of it. That is stated
as disjoint with the class, so a bearer that is of it by the axioms makes all inconsistent, which the reasoner tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import permutations

from kgtools.expression import MAY_FOLLOW, MAY_FOLLOW_OF_ONE, Expression, not_recorded
from kgtools.model import Element, elements
from kgtools.read import Chunk
from kgtools.theory import ACTOR, INCIDENT
from kgtools.view import View
from kgtools.vocabulary import EVCO, PREFIXES, VIEW, Vocabulary, folder

_TYPE = PREFIXES["rdf"] + "type"


def facts(chunk: Chunk, seen: View, denied: Iterable[str], vocabulary: Vocabulary) -> list[str]:
    """What is stated of the incidents of a chunk, and of what counts in them.

    Args:
        seen: the view of the chunk, which says whose codings count.
        denied: classes of actors that some slot's bearer must not be of.

    Returns:
        N-Triples, a line each.
    """
    work = _Facts(seen, sorted(denied), vocabulary)
    for incident in chunk.incidents:
        work.say(incident.iri, _TYPE, INCIDENT)
        if incident.channel is not None:
            work.say(incident.iri, EVCO + "viaChannel", f"{incident.iri}/channel")
            work.say(f"{incident.iri}/channel", _TYPE, incident.channel)
        counting = [
            element
            for element in elements(incident, chunk.codings[incident.id])
            if element.iri in seen.counting and not element.absent
        ]
        for element in counting:
            work.element(element, incident.iri)
        for one, other in permutations(counting, 2):
            work.pair(one, other)
    return list(dict.fromkeys(work.lines))


def definitions(expressions: Iterable[Expression]) -> Iterator[str]:
    """What a reasoner needs beside ontology and facts, as N-Triples: the expressions' classes, and the view's terms."""
    import pyoxigraph as ox

    turtles = [expression.turtle().encode() for expression in expressions]
    turtles.append((folder("ontology") / "view.ttl").read_bytes())
    for text in turtles:
        yield from (f"{triple} ." for triple in ox.parse(text, ox.RdfFormat.TURTLE))


class _Facts:
    """The facts of one chunk, at work."""

    def __init__(self, seen: View, denied: list[str], vocabulary: Vocabulary) -> None:
        self.seen, self.denied, self.vocabulary = seen, denied, vocabulary
        self.lines: list[str] = []
        self.before = set(seen.pairs("precedes"))
        self.different = set(seen.pairs("differsFrom"))

    def say(self, subject: str, predicate: str, iri: str) -> None:
        self.lines.append(f"<{subject}> <{predicate}> <{iri}> .")

    def element(self, element: Element, incident: str) -> None:
        """What an element is, how it was for somebody, whose it is, and whom it is directed at."""
        self.say(incident, EVCO + "hasElement", element.iri)
        self.say(element.iri, _TYPE, element.term)
        self.say(element.iri, VIEW + "valence", EVCO + element.valence if element.valence else VIEW + "unrecorded")
        bearer = self.seen.bearers.get(element.iri)
        if bearer is not None:
            self.say(element.iri, VIEW + "bearer", bearer.iri)
            self._party(bearer.iri, bearer.roles)
        toward = self.seen.towards.get(element.iri)
        if toward is not None:
            self.say(element.iri, EVCO + "toward", toward.iri)
            self._party(toward.iri, toward.roles)

    def _party(self, iri: str, roles: frozenset[str]) -> None:
        for role in (ACTOR, *sorted(roles)):
            self.say(iri, _TYPE, role)
        known = {above for role in roles for above in self.vocabulary.above(role)}
        for role in self.denied:
            if role not in known:
                self.say(iri, _TYPE, not_recorded(role))

    def pair(self, one: Element, other: Element) -> None:
        """That the one may follow the other, by the same bearer perhaps, where the contrary is not recorded."""
        if (one.iri, other.iri) in self.before:
            return
        bearers = [self.seen.bearers.get(element.iri) for element in (one, other)]
        apart = None not in bearers and tuple(bearer.iri for bearer in bearers if bearer) in self.different
        self.say(one.iri, MAY_FOLLOW if apart else MAY_FOLLOW_OF_ONE, other.iri)
