"""Features: a shapes graph goes in, what it asks of an engine comes out, and which engines get that right.

Why: each engine gets something wrong, and some of it in silence. So what is known is written down here, and the shapes
themselves say which engines may answer; what none gets right is refused. `docs/conformance.md` is made from the table.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kgtools.validate.paths import Told, looked_up, path_pieces, path_text, steps_of
from kgtools.validate.prebinding import Query, parsed, queries, variables, walk
from kgtools.vocabulary import PREFIXES

if TYPE_CHECKING:
    import pyoxigraph as ox

_SH, _RDF, _RDFS = PREFIXES["sh"], PREFIXES["rdf"], PREFIXES["rdfs"]
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


class Graph:
    """A shapes graph, to look things up in."""

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self.triples: list[Any] = list(triples)
        self.told: Told = looked_up(self.triples)

    def objects(self, word: str) -> Iterator[tuple[Any, Any]]:
        """What stands at a property of SHACL, with its subjects."""
        return ((one.subject, one.object) for one in self.triples if one.predicate.value == _SH + word)

    @cached_property
    def paths(self) -> dict[Any, str]:
        """The path of each property shape, as SPARQL has it."""
        return {shape: path_text(path, self.told) for shape, path in self.objects("path")}

    @cached_property
    def steps(self) -> list[tuple[str, Any]]:
        """All that is done in paths, with what it is done to."""
        return [step for text in self.paths.values() if text for step in steps_of(path_pieces(text))]

    @cached_property
    def asked(self) -> list[tuple[Query, Any]]:
        """The queries, as they are written and parsed."""
        return [(query, parsed(query)[1]) for query in queries(self.triples)]

    @cached_property
    def patterns(self) -> list[tuple[str, str]]:
        """Regular expressions with their flags: those of sh:pattern, and those that stand in queries."""
        found = [
            (one.value, "".join(flags.value for flags in self.told(shape, _SH + "flags")))
            for shape, one in self.objects("pattern")
        ]
        for _, tree in self.asked:
            for part in walk(tree):
                if part.name in ("Builtin_REGEX", "Builtin_REPLACE"):
                    found.append((_literal(part.pattern), _literal(part.flags)))
        return found

    @cached_property
    def components(self) -> dict[Any, list[Any]]:
        """The parameters of each constraint component, as properties."""
        return {
            component: [
                path for one in self.told(component, _SH + "parameter") for path in self.told(one, _SH + "path")
            ]
            for component in {subject for subject, _ in self.objects("parameter")}
        }

    def parameters(self) -> Iterator[tuple[Any, Any, list[Any]]]:
        """Each component with each of its parameters that a shape has, and what the shape has there."""
        for component, paths in self.components.items():
            for path in paths:
                shapes = {one.subject for one in self.triples if one.predicate == path}
                for shape in shapes:
                    yield component, shape, self.told(shape, path.value)


def _literal(part: Any) -> str:
    """The one text that a part of a parsed query holds; empty where it is computed or is none."""
    texts = [str(one.string) for one in walk(part) if one.name == "literal" and one.string is not None]
    return texts[0] if len(texts) == 1 else ""


# What a shapes graph uses


def _has_true(graph: Graph, word: str, where: Callable[[Any], bool]) -> bool:
    return any(value.value == "true" and where(shape) for shape, value in graph.objects(word))


def _asks_of_graphs(graph: Graph) -> bool:
    return any(part.name == "GraphGraphPattern" for _, tree in graph.asked for part in walk(tree))


def _path_in_query(graph: Graph) -> bool:
    of_component = any(query.of_component and re.search(r"[$?]PATH\b", query.text) for query, _ in graph.asked)
    if of_component and any(graph.paths.get(shape, "<>")[0] != "<" for _, shape, _ in graph.parameters()):
        return True
    return any(
        re.search(r"[$?]PATH\b", text.value) and graph.paths.get(shape, "<>")[:1] != "<"
        for shape, constraint in graph.objects("sparql")
        for text in graph.told(constraint, _SH + "select")
    )


def _no_value(graph: Graph) -> bool:
    """A SELECT of a property shape that returns no value."""
    held = {constraint for shape, constraint in graph.objects("sparql") if shape in graph.paths}
    return any(
        query.node in held
        and tree.projection
        and "value" not in {str(one.var if one.var is not None else one.evar) for one in tree.projection}
        for query, tree in graph.asked
    )


def _bound_in_no_pattern(graph: Graph) -> bool:
    """Something that is bound beforehand is computed with, where no pattern of the same group names it."""
    return any(
        _loose(part.where, frozenset(query.bound), frozenset())
        for query, tree in graph.asked
        for part in walk(tree)
        if part.name in ("SelectQuery", "AskQuery", "SubSelect")
    )


def _loose(group: Any, bound: frozenset[str], outer: frozenset[str]) -> bool:
    """Whether a group, or one within it, computes with a variable that neither it nor the one around it names."""
    from rdflib.plugins.sparql.parserutils import CompValue

    if not isinstance(group, CompValue) or not group.part:
        return False
    named = set(outer)
    for part in group.part:
        if part.name == "TriplesBlock":
            named |= variables(part)
        elif part.name == "GraphGraphPattern":
            named |= variables(part.term)
        elif part.name == "Bind":
            named.add(str(part.var))
    for part in group.part:
        if part.name in ("Filter", "Bind"):
            inside = [one for one in walk(part.expr) if one.name in ("Builtin_EXISTS", "Builtin_NOTEXISTS")]
            within = {name for one in inside for name in variables(one)}
            if (variables(part.expr) - within) & bound - named:
                return True
            if any(_loose(one.graph, bound, frozenset(named)) for one in inside):
                return True
        elif part.name == "OptionalGraphPattern":
            if _loose(part.graph, bound, frozenset(named)):
                return True
        elif part.name == "GraphGraphPattern":
            if _loose(part.graph, bound, frozenset(named & {"currentShape", "shapesGraph"})):
                return True
        elif part.name == "GroupOrUnionGraphPattern" and any(
            _loose(one, bound, frozenset()) for one in part.graph if one.name != "SubSelect"
        ):
            return True
    return False


def _asked_on_property(graph: Graph) -> bool:
    asking = {
        component
        for component in graph.components
        for word in ("validator", "propertyValidator")
        for validator in graph.told(component, _SH + word)
        if graph.told(validator, _SH + "ask")
    }
    return any(component in asking and shape in graph.paths for component, shape, _ in graph.parameters())


def _target_by_subclass(graph: Graph) -> bool:
    """A shape that is a class, but says so by a class other than rdfs:Class."""
    above = {one.subject: one.object for one in graph.triples if one.predicate.value == _RDFS + "subClassOf"}
    for one in graph.triples:
        if one.predicate.value == _RDF + "type" and graph.told(one.subject, _RDF + "type"):
            kind, seen = one.object, set()
            if kind.value == PREFIXES["owl"] + "Class" and _is_shape(graph, one.subject):
                return True
            while kind in above and kind not in seen:
                seen.add(kind)
                kind = above[kind]
                if kind.value == _RDFS + "Class" and _is_shape(graph, one.subject):
                    return True
    return False


def _is_shape(graph: Graph, node: Any) -> bool:
    kinds = {kind.value.removeprefix(_SH) for kind in graph.told(node, _RDF + "type")}
    return bool(kinds & {"NodeShape", "PropertyShape"})


def _repeats(graph: Graph) -> bool:
    return any(query.kind == "select" and tree.modifier != "DISTINCT" for query, tree in graph.asked)


def _is_of_rust(text: str, flags: str) -> bool:
    """Whether the regular expressions of Rust can do it: Oxigraph has the same, and leaves open what fails."""
    import pyoxigraph as ox

    known = "".join(sorted(set(flags) & set("ims")))
    rows: Any = ox.Store().query(f"SELECT (REGEX('', {ox.Literal(text)}, '{known}') AS ?fits) {{}}")
    return any(row["fits"] is not None for row in rows)


def _is_of_python(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(text)
    except (re.error, RecursionError, OverflowError):
        return False
    return True


_NESTED = re.compile(r"(?<!\\)(?:\\\\)*\[(?:[^\]\\]|\\.)*(?:\[(?!:)|&&|--|~~|\|\|)")


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
        _path_in_query,
    ),
    Feature(
        "`sh:closed` at a property shape",
        _PYSHACL,
        "shacl-rust looks at no value",
        lambda graph: _has_true(graph, "closed", lambda shape: shape in graph.paths),
    ),
    Feature(
        "a shape that is its own target as an owl:Class or a kind of class of its own",
        _PYSHACL,
        "shacl-rust knows rdfs:Class only",
        _target_by_subclass,
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
        "a query without `$this` in a pattern of the group that computes with it",
        _PYSHACL,
        "shacl-rust does not bind it everywhere",
        _bound_in_no_pattern,
    ),
    Feature(
        "a query of a property shape that returns no `?value`",
        _PYSHACL,
        "shacl-rust names all values instead of none",
        _no_value,
    ),
    Feature(
        "a query with `GRAPH`, `$shapesGraph` among them",
        _RUST,
        "pySHACL refuses it",
        _asks_of_graphs,
    ),
    Feature(
        "a constraint component that asks (`sh:ask`) of the values of a property shape",
        _RUST,
        "pySHACL does not name the value",
        _asked_on_property,
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
        lambda graph: not all(_is_of_rust(text, flags) for text, flags in graph.patterns),
    ),
    Feature(
        "a regular expression with categories of characters: `\\p{…}`",
        _RUST,
        "pySHACL stops",
        lambda graph: not all(_is_of_python(text) for text, _ in graph.patterns),
    ),
    Feature(
        "a regular expression with the flag `s`",
        _RUST,
        "pySHACL passes over it",
        lambda graph: any("s" in flags for _, flags in graph.patterns),
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
        lambda graph: any(_NESTED.search(text) for text, _ in graph.patterns),
    ),
    Feature(
        "a SELECT without DISTINCT",
        _RUST,
        "pySHACL tells equal solutions once, where the standard wants each",
        _repeats,
        counts=True,
    ),
)


def _text(one: Any) -> bool:
    return type(one.object).__name__ == "Literal"


def features(triples: Iterable[ox.Triple]) -> tuple[Feature, ...]:
    """What a shapes graph uses of the table; its queries have to be fit."""
    graph = Graph(triples)
    return tuple(feature for feature in FEATURES if feature.used(graph))


def engines_for(used: Iterable[Feature], engines: Iterable[str]) -> list[str]:
    """The engines that get some features right, in the order given; first those that also tell results often enough."""
    may = [engine for engine in engines if all(engine in one.right or one.counts for one in used)]
    return sorted(may, key=lambda engine: sum(engine not in one.right for one in used))
