"""Plain shapes: a shapes graph goes in; the same, said so that no engine misreads it, and all named, comes out.

Why: engines differ in what they take for `true` and in how they leave out what is deactivated, and they name what has
no name in their own ways. Said plainly, there is nothing to differ in.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from kgtools.validate.shapes.paths import looked_up
from kgtools.vocabulary import PREFIXES, local

if TYPE_CHECKING:
    import pyoxigraph as ox

_SH, _RDF, _XSD = PREFIXES["sh"], PREFIXES["rdf"], PREFIXES["xsd"]

NAMELESS = "urn:kgtools:nameless:"
"""What the names of shapes and constraints begin with that have none of their own."""

_TRUTHS = {_SH + name for name in ("uniqueLang", "closed", "deactivated", "qualifiedValueShapesDisjoint")}


def plainly(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """The same shapes without what is deactivated, and with `true` or nothing where only `true` counts.

    W3C SHACL (2.1.6, 4.4.5, 4.8.1) names the term `true`; `"1"^^xsd:boolean` is another term, and means nothing there.
    Prefixes that are declared behind owl:imports (5.2.1) are declared where they are used.
    """
    import pyoxigraph as ox

    kept = [one for one in triples if one.predicate.value not in _TRUTHS or str(one.object) == _TRUE]
    kept += _imported(kept)
    off = {one.subject for one in kept if one.predicate.value == _SH + "deactivated"}
    if not off:
        return kept
    constraints = {one.object for one in kept if one.predicate.value == _SH + "sparql"}
    found = []
    for one in kept:
        if one.subject in off and one.predicate.value != _SH + "path":
            continue
        if one.predicate.value == _SH + "sparql" and one.object in off:
            continue
        found.append(one)
    kind, node_shape = ox.NamedNode(_RDF + "type"), ox.NamedNode(_SH + "NodeShape")
    with_path = {one.subject for one in found if one.predicate.value == _SH + "path"}
    bare = sorted(off - with_path - constraints, key=str)
    return [*found, *(ox.Triple(shape, kind, node_shape) for shape in bare)]


def _imported(triples: list[ox.Triple]) -> list[ox.Triple]:
    """The prefix declarations that sh:prefixes finds behind owl:imports."""
    import pyoxigraph as ox

    told = looked_up(triples)
    found: list[ox.Triple] = []
    starts: list[Any] = [one.object for one in triples if one.predicate.value == _SH + "prefixes"]
    for start in dict.fromkeys(starts):
        todo, seen = list(told(start, _IMPORTS)), {start}
        while todo:
            behind = todo.pop()
            if behind not in seen:
                seen.add(behind)
                todo += told(behind, _IMPORTS)
                found += [ox.Triple(start, ox.NamedNode(_SH + "declare"), one) for one in told(behind, _SH + "declare")]
    return found


_IMPORTS = PREFIXES["owl"] + "imports"
_TRUE = f'"true"^^<{_XSD}boolean>'


def named(triples: list[ox.Triple]) -> list[ox.Triple]:
    """The triples, each nameless shape that a report can speak of named, and each nameless SPARQL-based constraint.

    A property shape is named by the shape that holds it and its property, others by what they are.
    """
    import pyoxigraph as ox

    told = looked_up(triples)
    names: dict[Any, ox.NamedNode] = {}
    taken: dict[str, int] = {}

    def give(node: Any, name: str) -> None:
        taken[name] = taken.get(name, 0) + 1
        number = f"-{taken[name]}" if taken[name] > 1 else ""
        names[node] = ox.NamedNode(f"{NAMELESS}{name}{number}")
        below(node, f"{name}{number}")

    def below(holder: Any, name: str) -> None:
        for inner in told(holder, _SH + "property"):
            if isinstance(inner, ox.BlankNode) and inner not in names:
                path = next(iter(told(inner, _SH + "path")), None)
                give(inner, f"{name}/{local(path.value) if isinstance(path, ox.NamedNode) else 'property'}")
        for inner in told(holder, _SH + "sparql"):
            if isinstance(inner, ox.BlankNode) and inner not in names:
                give(inner, f"{name}/sparql")

    subjects = list(dict.fromkeys(one.subject for one in triples))
    for subject in subjects:
        if isinstance(subject, ox.NamedNode):
            below(subject, subject.value)
    targets = {one.subject for one in triples if one.predicate.value.startswith(_SH + "target")}
    for subject in subjects:
        if isinstance(subject, ox.BlankNode) and subject in targets and subject not in names:
            path = next(iter(told(subject, _SH + "path")), None)
            word = local(path.value) if isinstance(path, ox.NamedNode) else "shape"
            give(subject, f"#nameless/{word}")
    return [ox.Triple(names.get(t.subject, t.subject), t.predicate, names.get(t.object, t.object)) for t in triples]
