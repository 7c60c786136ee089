"""Features: a shapes graph goes in, what it asks of an engine comes out, and which engines get that right.

Why: each engine gets something wrong, and some of it in silence. So what is known is written down here, and the shapes
themselves say which engines may answer; what none gets right is refused. `docs/conformance.md` is made from the table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kgtools.validate.lexical import INTEGERS
from kgtools.validate.shapes.uses import (
    NESTED,
    Graph,
    asked_on_property,
    asks_of_graphs,
    bound_in_no_pattern,
    is_of_python,
    is_of_rust,
    may_take_forever,
    no_value,
    path_in_query,
    repeats,
    target_by_subclass,
)
from kgtools.vocabulary import PREFIXES

if TYPE_CHECKING:
    import pyoxigraph as ox

_SH, _RDF, _XSD = (PREFIXES[name] for name in ("sh", "rdf", "xsd"))
_PYSHACL, _RUST = frozenset(["pyshacl"]), frozenset(["shacl-rust"])


@dataclass(frozen=True)
class Feature:
    """Something that shapes may use and that not every engine gets right.

    Args:
        name: what it is called, for people.
        right: the engines that get it right.
        why: what the others do instead.
        used: whether a shapes graph uses it.
        counts: it only decides how often equal results are told, so that an engine may be chosen all the same.
    """

    name: str
    right: frozenset[str]
    why: str
    used: Callable[[Graph], bool]
    counts: bool = False


_LISTS = {_SH + name for name in ("in", "languageIn", "and", "or", "xone")}
_BOUNDS = ("minInclusive", "minExclusive", "maxInclusive", "maxExclusive")
_COMPARED = {"decimal", "double", "float", "string", "boolean", *INTEGERS}
_UNREAD = {
    **{_XSD + name: f"xsd:{name}" for name in ("duration", "dayTimeDuration", "yearMonthDuration")},
    **{_XSD + name: f"xsd:{name}" for name in ("gYear", "gYearMonth", "gMonth", "gMonthDay", "gDay", "dateTimeStamp")},
    **{_XSD + name: f"xsd:{name}" for name in ("hexBinary", "base64Binary", "language")},
    _RDF + "XMLLiteral": "rdf:XMLLiteral",
}
"""Datatypes whose lexical forms shacl-rust does not look at, by their IRIs."""


def _listed(names: Mapping[str, str]) -> str:
    *first, last = (f"`{name}`" for name in names.values())
    return f"{', '.join(first)} or {last}"


FEATURES = (
    Feature(
        "a path with `sh:oneOrMorePath`",
        _PYSHACL,
        "shacl-rust does not come back to the node that it started from",
        lambda graph: any(kind == "+" for kind, _ in graph.steps),
    ),
    Feature(
        "`sh:inversePath` of a path that is no property",
        _PYSHACL,
        "shacl-rust finds no values",
        lambda graph: any(kind == "^" and not isinstance(inner, str) for kind, inner in graph.steps),
    ),
    Feature(
        "`$PATH` in a query, where the path is no property",
        _PYSHACL,
        "shacl-rust takes only a part of the path",
        path_in_query,
    ),
    Feature(
        "`sh:closed` at a property shape",
        _PYSHACL,
        "shacl-rust looks at no value",
        lambda graph: any(value.value == "true" and shape in graph.paths for shape, value in graph.objects("closed")),
    ),
    Feature(
        "a shape that is its own target as an owl:Class or a kind of class of its own",
        _PYSHACL,
        "shacl-rust knows rdfs:Class only",
        target_by_subclass,
    ),
    Feature(
        '`sh:languageIn ( "*" )`',
        _PYSHACL,
        "shacl-rust takes no language for it",
        lambda graph: (
            any(
                one.object.value == "*" for one in graph.triples if one.predicate.value == _RDF + "first" and _text(one)
            )
            and any(True for _ in graph.objects("languageIn"))
        ),
    ),
    Feature(
        "`sh:minLength 0`",
        _RUST,
        "pySHACL lets nameless nodes pass, which have no length",
        lambda graph: any(re.fullmatch(r"[+-]?0+", value.value) for _, value in graph.objects("minLength")),
    ),
    Feature(
        "a list with nothing in it, as in `sh:in ()`",
        _PYSHACL,
        "shacl-rust passes over it",
        lambda graph: any(one.object.value == _RDF + "nil" and one.predicate.value in _LISTS for one in graph.triples),
    ),
    Feature(
        "several `sh:not` at one shape",
        _PYSHACL,
        "shacl-rust looks at one of them",
        lambda graph: any(len(graph.told(shape, _SH + "not")) > 1 for shape, _ in graph.objects("not")),
    ),
    Feature(
        f"`sh:datatype` with {_listed(_UNREAD)}",
        _PYSHACL,
        "shacl-rust takes any text for one",
        lambda graph: any(value.value in _UNREAD for _, value in graph.objects("datatype")),
    ),
    Feature(
        "a bound (`sh:minInclusive` and the like) that is no number, text or boolean",
        _RUST,
        "pySHACL compares what SPARQL does not, such as a date with a dateTime",
        lambda graph: any(
            value.datatype.value.removeprefix(_XSD) not in _COMPARED
            for word in _BOUNDS
            for _, value in graph.objects(word)
        ),
    ),
    Feature(
        "`sh:lessThan` and `sh:lessThanOrEquals`",
        _RUST,
        "pySHACL compares what SPARQL does not, and stops where it cannot compare",
        lambda graph: any(True for word in ("lessThan", "lessThanOrEquals") for _ in graph.objects(word)),
    ),
    Feature(
        "a query without `$this` in a pattern of the group that computes with it",
        _PYSHACL,
        "shacl-rust does not bind it everywhere",
        bound_in_no_pattern,
    ),
    Feature(
        "a query of a property shape that returns no `?value`",
        _PYSHACL,
        "shacl-rust names all values instead of none",
        no_value,
    ),
    Feature(
        "a query with `GRAPH`, `$shapesGraph` among them",
        _RUST,
        "pySHACL refuses it",
        asks_of_graphs,
    ),
    Feature(
        "a constraint component that asks (`sh:ask`) of the values of a property shape",
        _RUST,
        "pySHACL does not name the value",
        asked_on_property,
    ),
    Feature(
        "a constraint component with several values of one parameter",
        _PYSHACL,
        "shacl-rust looks at one of them",
        lambda graph: any(len(values) > 1 for _, _, values in graph.parameters()),
    ),
    Feature(
        "a regular expression that looks around or refers back: `(?=…)`, `(?!…)`, `(?<=…)`, `\\1`",
        _PYSHACL,
        "shacl-rust lets everything pass",
        lambda graph: not all(is_of_rust(text, "".join(sorted({*flags} & {*"ims"}))) for text, flags in graph.patterns),
    ),
    Feature(
        "a regular expression with categories of characters: `\\p{…}`",
        _RUST,
        "pySHACL stops",
        lambda graph: not all(is_of_python(text) for text, _ in graph.patterns),
    ),
    Feature(
        "a regular expression that repeats what repeats, such as `(a+)+`, or what begins alike, such as `(a|ab)*`",
        _RUST,
        "pySHACL tries all ways to match, which may take forever",
        lambda graph: any(may_take_forever(text) for text, _ in graph.patterns),
    ),
    Feature(
        "a regular expression with the flag `m` or `s`",
        _RUST,
        "pySHACL passes over `s`, and is given `$` as the very end of a text",
        lambda graph: any(set(flags) & set("ms") for _, flags in graph.patterns),
    ),
    Feature(
        "a regular expression with a flag other than `i`, `m` and `s`",
        frozenset(),
        "pySHACL passes over it, and shacl-rust lets everything pass",
        lambda graph: any(set(flags) - set("ims") for _, flags in graph.patterns),
    ),
    Feature(
        "a regular expression with one class of characters in another, such as `[a-z-[aeiou]]`",
        frozenset(),
        "each engine takes it for something else",
        lambda graph: any(NESTED.search(text) for text, _ in graph.patterns),
    ),
    Feature(
        "a SELECT without DISTINCT",
        _RUST,
        "pySHACL tells equal solutions once, where the standard wants each",
        repeats,
        counts=True,
    ),
)


def _text(one: Any) -> bool:
    return type(one.object).__name__ == "Literal"


def features_of(triples: Iterable[ox.Triple]) -> tuple[Feature, ...]:
    """What a shapes graph uses of the table; its queries have to be fit."""
    graph = Graph(triples)
    return tuple(feature for feature in FEATURES if feature.used(graph))


def engines_for(used: Iterable[Feature], engines: Iterable[str]) -> list[str]:
    """The engines that get some features right, in the order given; first those that also tell results often enough."""
    may = [engine for engine in engines if all(engine in one.right or one.counts for one in used)]
    return sorted(may, key=lambda engine: sum(engine not in one.right for one in used))
