"""Routes: shapes and a wish go in; which engines may answer for which of the shapes comes out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from kgtools.errors import InputError
from kgtools.validate.shapes import Shapes
from kgtools.validate.shapes.features import Feature, engines_for, features_of
from kgtools.validate.shapes.paths import Told, looked_up
from kgtools.validate.shapes.uses import is_shape
from kgtools.vocabulary import PREFIXES, local

ENGINES = ("auto", "pyshacl", "shacl-rust")
_NAMES = {"pyshacl": "pySHACL", "shacl-rust": "shacl-rust"}

SMALL = 1000
"""Up to so many triples, `auto` takes pySHACL where both may answer."""

Route = tuple[list[str], Shapes]
"""The engines that may answer, in the order in which they are tried, and the shapes for which they may."""

_SH, _RDF = PREFIXES["sh"], PREFIXES["rdf"]


def routes(shapes: Shapes, engine: str, size: int) -> list[Route]:
    """Who answers for what: as a rule, one engine for all.

    Args:
        engine: which one is wanted, or `auto`.
        size: how many triples there are.

    Raises:
        InputError: there is no such engine, or it gets something wrong that the shapes use.
    """
    if engine not in ENGINES:
        raise InputError(f"`{engine}` is no engine; there are {', '.join(ENGINES)}")
    by_size = ["pyshacl", "shacl-rust"] if size <= SMALL else ["shacl-rust", "pyshacl"]
    if shapes.trusted:
        return [(["shacl-rust" if engine == "auto" else engine], shapes)]
    right = engines_for(shapes.uses, by_size)
    if engine == "auto":
        return [(right, shapes)] if right else _one_by_one(shapes, by_size)
    if engine in right:
        return [([engine], shapes)]
    wrong = next(one for one in shapes.uses if not one.counts and engine not in one.right)
    way_out = f"leave out --engine, or write --engine {right[0]}" if right else "leave out --engine"
    raise InputError(f"{_NAMES[engine]} does not get right {wrong.name}: {wrong.why}; {way_out}")


def _one_by_one(shapes: Shapes, by_size: list[str]) -> list[Route]:
    """The shapes with a target, each with the engines that get it and all that it refers to right."""
    triples: list[Any] = shapes.graph
    told = looked_up(triples)
    starts = list(dict.fromkeys(one.subject for one in triples if _is_target(one, told)))
    for_engine: dict[str, set[Any]] = {}
    for start in starts:
        used = features_of(_reached(start, triples))
        right = engines_for(used, by_size)
        if not right:
            wrong = [one for one in used if not one.counts]
            way_out = "make one shape of each, or say it in another way"
            raise InputError(f"no engine here gets {_called(start)} right{_since(wrong)}; {way_out}")
        for_engine.setdefault(right[0], set()).add(start)
    return [
        ([engine], replace(shapes, triples=_with_targets_of(some, triples)))
        for engine, some in sorted(for_engine.items())
    ]


def _since(wrong: Iterable[Feature]) -> str:
    return ", which uses " + " and ".join(f"{one.name} ({one.why})" for one in wrong)


def _called(shape: Any) -> str:
    return f"the shape {local(shape.value) or shape.value}"


def _is_target(one: Any, told: Told) -> bool:
    """Whether a triple says which nodes a shape is about; a shape that is a class is about its instances."""
    if one.predicate.value.startswith(_SH + "target"):
        return True
    says_class = one.predicate.value == _RDF + "type" and not one.object.value.startswith(_SH)
    return says_class and is_shape(one.subject, told)


def _reached(start: Any, triples: list[Any]) -> list[Any]:
    """What is said of a shape, of all that it refers to, and of the constraint components that it has parameters of."""
    below: dict[Any, list[Any]] = {}
    for one in triples:
        below.setdefault(one.subject, []).append(one)
    holders = {
        path.object: one.subject
        for one in triples
        if one.predicate.value == _SH + "parameter"
        for path in below.get(one.object, ())
        if path.predicate.value == _SH + "path"
    }
    todo, seen, found = [start], {start}, []
    while todo:
        for one in below.get(todo.pop(), ()):
            found.append(one)
            for node in (one.object, holders.get(one.predicate)):
                if node is not None and node not in seen:
                    seen.add(node)
                    todo.append(node)
    return found


def _with_targets_of(some: set[Any], triples: list[Any]) -> str:
    """The graph without the targets of other shapes."""
    told = looked_up(triples)
    return "".join(f"{one} .\n" for one in triples if one.subject in some or not _is_target(one, told))
