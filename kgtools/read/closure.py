"""Closure: a source of triples goes in; pieces of it come out, each with all that belongs to some whole chains.

Both who validates what a server holds and who reads it take such pieces. Why: what is asked of an incident is asked
within its chain (DESIGN, 8), so pieces can be taken one by one, as long as each holds all that shapes look at from any
of its nodes. What hangs together by a predicate of WITHIN, in either direction, is one piece. What many refer to
(BESIDE: an actor, a channel, a file) comes with each piece as far as it says what it is; others that refer to it do
not. What shapes are about and no incident leads to comes last.

Nodes are written as in N-Triples, and so is what comes out.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from kgtools.errors import EngineError, InputError
from kgtools.vocabulary import EVCO, PREFIXES, Vocabulary


def iris(*names: str) -> tuple[str, ...]:
    """CURIEs in full, as N-Triples writes them."""
    return tuple(f"<{PREFIXES[prefix]}{word}>" for prefix, _, word in (name.partition(":") for name in names))


WITHIN = iris(
    *("evco:hasElement", "evco:recordsAbsence", "evco:reportedIn", "evco:follows", "evco:roleIn"),
    *("evco:ledTo", "evco:evidencedBy", "evco:leadsTo", "oa:hasTarget", "oa:hasSource", "oa:hasSelector"),
)
"""Predicates whose two ends belong to one chain."""

EITHER = iris("oa:hasBody", "prov:wasDerivedFrom")
"""Predicates whose ends belong to one chain if the object is a part of an incident, and not a code, a row or a file."""

BESIDE = (
    *EITHER,
    *iris("evco:viaChannel", "evco:toldBy", "evco:bearer", "evco:beneficiary", "evco:toward", "dcterms:isPartOf"),
    *iris("evco:absenceOf", "evco:valence", "evco:purpose", "evco:context", "evco:inFile"),
    *iris("prov:wasAttributedTo", "prov:wasGeneratedBy", "prov:wasAssociatedWith"),
)
"""Predicates whose object many may refer to."""

PARTS = tuple(
    iri[1:-1]
    for iri in (
        *iris("evco:Incident", "evco:Element", "evco:AbsenceRecord", "evco:IncidentReport", "evco:CodedSegment"),
        *iris("evco:InferredCoding", "oa:Annotation", "oa:SpecificResource"),
        *iris("oa:TextQuoteSelector", "oa:TextPositionSelector"),
    )
)
"""Classes whose instances, and those of classes below, are parts of one incident."""

_TYPE, _BELOW = iris("rdf:type", "rdfs:subClassOf")
_FOLLOWS, _HAS_BODY = iris("evco:follows", "oa:hasBody")
_HOLDS = iris("evco:hasElement", "evco:recordsAbsence")
_NAMING = frozenset((*WITHIN, *EITHER))
_A_PART = frozenset((*WITHIN, _HAS_BODY))
BRIEFLY = (_TYPE, *WITHIN, *BESIDE)
"""What is asked of a node that many refer to, beside what it says in literals."""

LARGEST = 1_000_000
"""Triples that one piece may have."""

CHANGED = "what it holds has changed while it was read; start again when nobody writes there"
"""What is said of a source whose answers do not go together."""

_OURS = (EVCO, PREFIXES["oa"])


@dataclass(frozen=True)
class Target:
    """What a shape is about (W3C SHACL, 2.1.3).

    Args:
        kind: `targetClass`, `targetSubjectsOf` or `targetObjectsOf`.
        iris: the property; or the class and all below it.
    """

    kind: str
    iris: tuple[str, ...]


class Source(Protocol):
    """Where triples come from. Nodes without a name occur only where a source can be asked about them."""

    def about(self, nodes: Collection[str], *, briefly: bool = False) -> Iterable[str]:
        """The triples with these subjects: all, or literals and those of the predicates BRIEFLY."""

    def naming(self, nodes: Collection[str], predicate: str) -> Iterable[str]:
        """The triples with these objects and a predicate."""

    def within(self, nodes: Collection[str]) -> Iterable[str]:
        """The subjects of triples with these objects and a predicate of WITHIN or EITHER."""

    def count(self, target: Target) -> int:
        """How many nodes a target has; literals are none."""

    def focus(self, target: Target) -> Iterable[str]:
        """These nodes."""


def pieces(
    source: Source,
    name: str,
    vocabulary: Vocabulary,
    targets: Iterable[tuple[str, str]],
    at_once: int = 500,
    largest: int = LARGEST,
) -> tuple[int, Iterator[tuple[int, list[str]]]]:
    """Cut what a source holds into pieces of whole chains.

    Args:
        source: it is asked as pieces are taken.
        name: what errors call it.
        vocabulary: classes; those that the source puts below them count too.
        targets: what shapes are about, as kind and IRI (see `Target`).
        at_once: how many incidents make a piece; a longer chain is one piece.
        largest: how many triples a piece may have.

    Returns:
        How many incidents there are, and the pieces: the number of incidents, and N-Triples, sorted.

    Raises:
        InputError: it holds nothing that shapes are about, or an incident that hangs together with too much.
        EngineError: it changes meanwhile.
    """
    tree = _Tree(source, vocabulary, [iri for kind, iri in targets if kind == "targetClass"])
    wanted = {Target(kind, tree.below(iri) if kind == "targetClass" else (iri,)) for kind, iri in targets}
    wanted |= {Target("targetSubjectsOf", (iri[1:-1],)) for iri in (*WITHIN, _HAS_BODY)}
    incidents = sorted(source.focus(Target("targetClass", tree.below(EVCO + "Incident"))))
    ordered = sorted(wanted, key=lambda one: (one.kind, one.iris))
    if not incidents and not any(source.count(one) for one in ordered if one.iris[0].startswith(_OURS)):
        said = "holds no incidents and no codings, which our shapes are about"
        raise InputError(f"{said}; for other data name your own --shapes", name)
    return len(incidents), _Cut(source, name, tree, ordered, at_once, largest).pieces(incidents)


def chains(
    source: Source, name: str, vocabulary: Vocabulary, incidents: Iterable[str], at_once: int, largest: int
) -> Iterator[list[str]]:
    """What a source says of some incidents, their whole chains, and what these refer to: all that reading them needs.

    Args:
        source, name, vocabulary, at_once, largest: as for `pieces`.
        incidents: the nodes of incidents.

    Yields:
        N-Triples, sorted. What several chains refer to may come with each of them.

    Raises:
        InputError: an incident hangs together with too much.
    """
    tree = _Tree(Held(()), vocabulary, ())
    cut = _Cut(source, name, tree, [], at_once, largest)
    return (lines for _, lines in cut.pieces(sorted(incidents)))


class _Tree:
    """Classes: those of the vocabulary, and those that a source puts below them."""

    def __init__(self, source: Source, vocabulary: Vocabulary, further: Iterable[str]) -> None:
        self.lines: list[str] = []
        """What the source says that the vocabulary does not."""
        self._under: dict[str, set[str]] = defaultdict(set)
        for iri, parents in vocabulary.parents.items():
            for parent in parents:
                self._under[parent].add(iri)
        known = {*vocabulary.parents, *PARTS, *further}
        fresh = known
        while fresh:
            found: set[str] = set()
            for line in sorted(set(source.naming({f"<{iri}>" for iri in fresh}, _BELOW))):
                below, _, above = _split(line)
                if below.startswith("<") and below[1:-1] not in self._under[above[1:-1]]:
                    self.lines.append(line)
                    self._under[above[1:-1]].add(below[1:-1])
                    found.add(below[1:-1])
            fresh = found - known
            known = known | fresh

    def below(self, iri: str) -> tuple[str, ...]:
        """A class and all below it, sorted."""
        found, fresh = {iri}, [iri]
        while fresh:
            fresh = [one for above in fresh for one in self._under[above] if one not in found]
            found.update(fresh)
        return tuple(sorted(found))


class _Cut:
    """The cutting of one source, at work."""

    def __init__(
        self, source: Source, name: str, tree: _Tree, targets: list[Target], at_once: int, largest: int
    ) -> None:
        self.source, self.name, self.tree, self.at_once, self.largest = source, name, tree, at_once, largest
        self.parts = frozenset(f"<{iri}>" for part in PARTS for iri in tree.below(part))
        self.met = {target: array("q") for target in targets}
        """The nodes met of each target, as hashes: there may be millions."""
        self.by: dict[str, Mapping[str, list[Target]]] = {}
        for kind in ("targetClass", "targetSubjectsOf", "targetObjectsOf"):
            self.by[kind] = held = defaultdict(list)
            for target in targets:
                for iri in target.iris if target.kind == kind else ():
                    held[f"<{iri}>"].append(target)

    def pieces(self, incidents: list[str]) -> Iterator[tuple[int, list[str]]]:
        """The pieces; what no incident leads to comes last, with no incidents."""
        left = set(incidents)
        batch: list[str] = []
        chains = _chains(incidents, self.source.naming(incidents, _FOLLOWS))
        for number, chain in enumerate(chains, 1):
            batch += [one for one in chain if one in left]
            if batch and (len(batch) >= self.at_once or number == len(chains)):
                lines, within = self._closed(batch)
                yield len(left & within), lines
                left -= within
                batch = []
        for target in self.met:
            yield from self._strays(target)

    def _strays(self, target: Target) -> Iterator[tuple[int, list[str]]]:
        """Pieces with the nodes of a target that were not met so far."""
        expected = self.source.count(target)
        if expected == len(met := set(self.met[target])):
            return
        rest: list[str] = []
        if expected > len(met):
            rest = [node for node in sorted(self.source.focus(target)) if hash(node) not in met]
        for start in range(0, len(rest), 10 * self.at_once):
            met = set(self.met[target])
            nodes = {node for node in rest[start : start + 10 * self.at_once] if hash(node) not in met}
            if nodes and target.kind == "targetObjectsOf":
                nodes |= {_split(line)[0] for line in self.source.naming(nodes, f"<{target.iris[0]}>")}
            if nodes:
                yield 0, self._closed(nodes)[0]
        if expected != len(set(self.met[target])):
            raise EngineError(f"{self.name}: {CHANGED}")

    def _closed(self, start: Collection[str]) -> tuple[list[str], set[str]]:
        """All triples of what some nodes hang together with, sorted; and the nodes that are no others' too."""
        lines: set[str] = set()
        within, beside, bodies = set(start), set[str](), set[str]()
        all_within, all_beside = set(within), set[str]()
        while within or beside:
            more_within, more_beside, more_bodies = set[str](), set[str](), set[str]()
            for line in self.source.about(within):
                lines.add(line)
                _, predicate, end = _split(line)
                if end[0] == '"':
                    continue
                if predicate in WITHIN:
                    more_within.add(end)
                elif predicate in BESIDE:
                    more_beside.add(end)
                    if predicate == _HAS_BODY:
                        more_bodies.add(end)
            for line in self.source.about(beside, briefly=True):
                lines.add(line)
                node, predicate, end = _split(line)
                if predicate in _A_PART or (predicate == _TYPE and end in self.parts):
                    more_within.add(node)
                elif predicate in BESIDE and end[0] != '"':
                    more_beside.add(end)
            more_within.update(self.source.within(within))
            for predicate in _HOLDS:
                more_within.update(_split(line)[2] for line in self.source.naming(bodies, predicate))
            if len(lines) > self.largest:
                raise InputError(
                    f"more than {self.largest:,} triples hang together with {min(start)}, too many to be taken at "
                    "once; look for a node (a report, a role, an element) that too many incidents share",
                    self.name,
                )
            within = more_within - all_within
            all_within |= within
            beside = {node for node in more_beside - all_within - all_beside if not node.startswith(f"<{EVCO}")}
            all_beside |= beside
            bodies = more_bodies & beside
        if self.met:
            self._note(lines)
        return sorted({*lines, *self.tree.lines}), all_within

    def _note(self, lines: Iterable[str]) -> None:
        """Note which nodes of which targets are in some triples."""
        classes, subjects, objects = (self.by[one] for one in ("targetClass", "targetSubjectsOf", "targetObjectsOf"))
        for line in lines:
            node, predicate, end = _split(line)
            targets = classes if predicate == _TYPE else subjects
            for target in targets.get(end if predicate == _TYPE else predicate, ()):
                self.met[target].append(hash(node))
            if predicate in objects and end[0] != '"':
                for target in objects[predicate]:
                    self.met[target].append(hash(end))


def _split(line: str) -> tuple[str, str, str]:
    """Subject, predicate and object of a line."""
    subject, predicate, rest = line.split(" ", 2)
    return subject, predicate, rest[:-2]


def _chains(incidents: Iterable[str], follows: Iterable[str]) -> list[list[str]]:
    """The incidents by chains, in the order of their first ones."""
    group = {one: [one] for one in incidents}
    for line in sorted(set(follows)):
        later, _, before = _split(line)
        one, other = group.setdefault(later, [later]), group[before]
        if one is not other:
            small, large = sorted((one, other), key=len)
            large += small
            group.update(dict.fromkeys(small, large))
    return [chain for first, chain in group.items() if first == min(chain)]


class Held:
    """A source in memory.

    Args:
        lines: N-Triples.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self.subjects: dict[str, list[str]] = defaultdict(list)
        self.objects: dict[str, list[str]] = defaultdict(list)
        self.predicates: dict[str, list[str]] = defaultdict(list)
        for line in lines:
            subject, predicate, end = _split(line)
            self.subjects[subject].append(line)
            self.predicates[predicate].append(line)
            if end[0] != '"' and predicate != _TYPE:
                self.objects[end].append(line)

    def about(self, nodes: Collection[str], *, briefly: bool = False) -> Iterator[str]:
        """See `Source`; the same for the others."""
        for node in nodes:
            for line in self.subjects.get(node, ()):
                _, predicate, end = _split(line)
                if not briefly or end[0] == '"' or predicate in BRIEFLY:
                    yield line

    def naming(self, nodes: Collection[str], predicate: str) -> Iterator[str]:
        return (line for node in nodes for line in self.objects.get(node, ()) if _split(line)[1] == predicate)

    def within(self, nodes: Collection[str]) -> Iterator[str]:
        for node in nodes:
            for line in self.objects.get(node, ()):
                subject, predicate, _ = _split(line)
                if predicate in _NAMING:
                    yield subject

    def count(self, target: Target) -> int:
        return len(self.focus(target))

    def focus(self, target: Target) -> set[str]:
        if target.kind == "targetClass":
            classes = {f"<{iri}>" for iri in target.iris}
            typed = (_split(line) for line in self.predicates.get(_TYPE, ()))
            return {node for node, _, kind in typed if kind in classes}
        at = 0 if target.kind == "targetSubjectsOf" else 2
        found = {_split(line)[at] for line in self.predicates.get(f"<{target.iris[0]}>", ())}
        return {node for node in found if node[0] != '"'}
