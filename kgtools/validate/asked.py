"""SPARQL-based constraints, asked of all nodes at once: data goes in, what they find comes out.

Why: an engine runs such a query anew for every focus node, which costs more than all other constraints together. Asked
with `$this` left open, and then held to the targets, it answers the same wherever the query says all of `$this` in
patterns; W3C SHACL, 5.3.1, has it bound beforehand. So this serves the shapes that come with kgtools, which tests hold
to what pySHACL finds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from kgtools.vocabulary import PREFIXES

if TYPE_CHECKING:
    import pyoxigraph as ox

_SH = PREFIXES["sh"]


@dataclass(frozen=True)
class Asked:
    """A SPARQL-based constraint of a shape.

    Args:
        query: its SELECT, with its prefixes.
        path: the IRI of the property that it is about; empty for a constraint on nodes.
        severity: the severity's IRI.
        targets: what says which nodes it is about: the target's predicate and its object, as IRIs.
    """

    shape: str
    query: str
    path: str
    severity: str
    targets: tuple[tuple[str, str], ...]


def asked_of(triples: list[ox.Triple]) -> tuple[Asked, ...]:
    """The SPARQL-based constraints of a shapes graph."""
    said: dict[Any, dict[str, list[Any]]] = {}
    for triple in triples:
        told = said.setdefault(triple.subject, {})
        told.setdefault(triple.predicate.value.removeprefix(_SH), []).append(triple.object)
    return tuple(
        Asked(
            shape.value,
            "".join(
                f"PREFIX {said[one]['prefix'][0].value}: <{said[one]['namespace'][0].value}>\n"
                for ontology in said[constraint].get("prefixes", ())
                for one in said[ontology]["declare"]
            )
            + said[constraint]["select"][0].value,
            told["path"][0].value if "path" in told else "",
            told["severity"][0].value,
            tuple((kind, one.value) for kind in _TARGETS for one in told.get(kind, ())),
        )
        for shape, told in said.items()
        for constraint in told.get("sparql", ())
    )


_TARGETS = ("targetClass", "targetSubjectsOf", "targetObjectsOf")


def answers(data: str, asked: tuple[Asked, ...]) -> Iterator[tuple[Asked, str, str]]:
    """What the constraints find: each with a focus node and a value (empty where it names none), as N-Triples has them.

    Args:
        data: N-Quads without blank nodes; all graphs are taken as one.
    """
    import pyoxigraph as ox

    store = ox.Store()
    store.bulk_load(_said_with(data, _looked_at(asked)).encode(), ox.RdfFormat.N_QUADS, lenient=True)
    kind, below = ox.NamedNode(PREFIXES["rdf"] + "type"), f"<{PREFIXES['rdfs']}subClassOf>"

    @cache
    def classes(top: str) -> set[Any]:
        rows: Any = store.query(f"SELECT ?one {{ ?one {below}* <{top}> }}", use_default_graph_as_union=True)
        return {row["one"] for row in rows}

    def is_target(focus: Any, target: str, iri: str) -> bool:
        if target == "targetClass":
            return any(quad.object in classes(iri) for quad in store.quads_for_pattern(focus, kind, None, None))
        subject, value = (focus, None) if target == "targetSubjectsOf" else (None, focus)
        return any(True for _ in store.quads_for_pattern(subject, ox.NamedNode(iri), value, None))

    found: list[tuple[Asked, str, str]] = []
    for one in asked:
        rows: Any = store.query(one.query, use_default_graph_as_union=True)
        for row in rows:
            focus, value = row["this"], row["value"]
            if any(is_target(focus, *target) for target in one.targets):
                found.append((one, str(focus), "" if value is None else str(value)))
    rewritten = {(focus, f"<{one.path}>") for one, focus, value in found if _is_rewritten(one, value)}
    written = _as_written(data, rewritten) if rewritten else {}
    for one, focus, value in found:
        if _is_rewritten(one, value):
            for original in written.get((focus, f"<{one.path}>", value), ()):
                yield one, focus, original
        else:
            yield one, focus, value


@cache
def _looked_at(asked: tuple[Asked, ...]) -> frozenset[str]:
    """The predicates that queries and targets name, and what says the classes of nodes, as N-Triples has them."""
    found = {f"<{PREFIXES['rdf']}type>", f"<{PREFIXES['rdfs']}subClassOf>"}
    for one in asked:
        spaces = dict(re.findall(r"PREFIX (\w+): <([^>]*)>", one.query))
        found |= {f"<{spaces[name]}{rest}>" for name, rest in re.findall(r"(\w+):(\w+)", one.query) if name in spaces}
        found |= {f"<{iri}>" for _, iri in one.targets}
    return frozenset(found)


def _said_with(data: str, predicates: frozenset[str]) -> str:
    """The lines of N-Quads that have one of some predicates: a third of the time of loading all."""
    parted = ((line, line.split(None, 2)) for line in data.split("\n"))
    return "\n".join(line for line, parts in parted if len(parts) == 3 and parts[1] in predicates)


def _is_rewritten(one: Asked, value: str) -> bool:
    """Whether a value of a path is a literal that a store may hold in another form than the data: no plain string."""
    return bool(one.path) and value.startswith('"') and not value.endswith('"')


def _as_written(data: str, places: set[tuple[str, str]]) -> dict[tuple[str, str, str], list[str]]:
    """What the data say at some places (subject and predicate), by that and by the form in which a store has it."""
    import pyoxigraph as ox

    lines = (line for line in data.split("\n") if tuple(line.split(None, 2)[:2]) in places)
    found: dict[tuple[str, str, str], list[str]] = {}
    for quad in ox.parse("\n".join(lines).encode(), ox.RdfFormat.N_QUADS, lenient=True):
        store = ox.Store()
        store.add(quad)
        (stored,) = store
        found.setdefault((str(quad.subject), str(quad.predicate), str(stored.object)), []).append(str(quad.object))
    return found


def targets_of(triples: str) -> tuple[tuple[str, str], ...]:
    """What a shapes graph in N-Triples is about: the kinds of its targets, as `targetClass`, with their IRIs."""
    found = (_TARGET.fullmatch(line) for line in triples.splitlines())
    return tuple(sorted({(match[1], match[2]) for match in found if match}))


_TARGET = re.compile(rf"\S+ <{re.escape(_SH)}({'|'.join(_TARGETS)})> <([^<>]*)> \.")
