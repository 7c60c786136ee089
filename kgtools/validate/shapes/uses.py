"""Uses: a shapes graph goes in, whether it uses one thing or another comes out. `features` says what that means."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kgtools.errors import InputError
from kgtools.validate.shapes.paths import Told, looked_up, path_pieces, path_text, steps_of
from kgtools.validate.shapes.prebinding import Query, parsed, queries, returned, variables, walk
from kgtools.vocabulary import PREFIXES

if TYPE_CHECKING:
    import pyoxigraph as ox

_SH, _RDF, _RDFS = (PREFIXES[name] for name in ("sh", "rdf", "rdfs"))


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
        """The queries, as they are written and parsed. Raises InputError for one that cannot be parsed."""
        try:
            return [(query, parsed(query)[1]) for query in queries(self.triples)]
        except ValueError as error:
            raise InputError(f"a query of the shapes fails to parse: {error}") from error

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


def asks_of_graphs(graph: Graph) -> bool:
    return any(part.name == "GraphGraphPattern" for _, tree in graph.asked for part in walk(tree))


def path_in_query(graph: Graph) -> bool:
    longer = {shape for shape, path in graph.paths.items() if not re.fullmatch(r"<[^<>]*>", path)}
    named = {query.node: query.of_component for query, _ in graph.asked if re.search(r"[$?]PATH\b", query.text)}
    if any(named.values()) and any(shape in longer for _, shape, _ in graph.parameters()):
        return True
    return any(constraint in named and shape in longer for shape, constraint in graph.objects("sparql"))


def no_value(graph: Graph) -> bool:
    """A SELECT of a property shape that returns no value."""
    held = {constraint for shape, constraint in graph.objects("sparql") if shape in graph.paths}
    return any(query.node in held and tree.projection and "value" not in returned(tree) for query, tree in graph.asked)


def bound_in_no_pattern(graph: Graph) -> bool:
    """Something that is bound beforehand is computed with, where no pattern of the same group names it."""
    return any(
        _loose(part.where, frozenset(query.bound), frozenset(query.bound) if _only_filters(part) else frozenset())
        for query, tree in graph.asked
        for part in walk(tree)
        if part.name in ("SelectQuery", "AskQuery", "SubSelect")
    )


def _only_filters(query: Any) -> bool:
    """Whether an ASK does nothing but compute with what is bound, which both engines do."""
    return query.name == "AskQuery" and all(part.name == "Filter" for part in query.where.part or ())


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


def asked_on_property(graph: Graph) -> bool:
    asking = {
        component
        for component in graph.components
        for word in ("validator", "propertyValidator")
        for validator in graph.told(component, _SH + word)
        if graph.told(validator, _SH + "ask")
    }
    return any(component in asking and shape in graph.paths for component, shape, _ in graph.parameters())


def target_by_subclass(graph: Graph) -> bool:
    """A shape that is a class, but says so by a class other than rdfs:Class."""
    above = {one.subject: one.object for one in graph.triples if one.predicate.value == _RDFS + "subClassOf"}
    for one in graph.triples:
        if one.predicate.value == _RDF + "type" and graph.told(one.subject, _RDF + "type"):
            kind, seen = one.object, set()
            if kind.value == PREFIXES["owl"] + "Class" and is_shape(one.subject, graph.told):
                return True
            while kind in above and kind not in seen:
                seen.add(kind)
                kind = above[kind]
                if kind.value == _RDFS + "Class" and is_shape(one.subject, graph.told):
                    return True
    return False


def is_shape(node: Any, told: Told) -> bool:
    """Whether a node says that it is a shape."""
    kinds = {kind.value.removeprefix(_SH) for kind in told(node, _RDF + "type")}
    return bool(kinds & {"NodeShape", "PropertyShape"})


def repeats(graph: Graph) -> bool:
    return any(query.kind == "select" and tree.modifier != "DISTINCT" for query, tree in graph.asked)


def is_of_rust(text: str, flags: str) -> bool:
    """Whether the regular expressions of Rust can do it: Oxigraph has the same, and leaves open what fails."""
    import pyoxigraph as ox

    rows: Any = ox.Store().query(f"SELECT (REGEX('', {ox.Literal(text)}, '{flags}') AS ?fits) {{}}")
    return any(row["fits"] is not None for row in rows)


def is_of_python(text: str) -> bool:
    """Whether those of Python can."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(text)
    except (re.error, RecursionError, OverflowError):
        return False
    return True


def may_take_forever(text: str) -> bool:
    """Whether a regular expression repeats what repeats, or a choice that is not made by its first character.

    Python's try all ways to match such a thing, and there may be more than anybody can wait for.
    """
    groups: list[list[str]] = [[""]]  # of each group that is open, what each of its choices begins with
    repeating = [False]
    tokens = _TOKENS.findall(text)
    for token, after in zip(tokens, [*tokens[1:], ""], strict=True):
        if token == ")" and len(groups) > 1:
            firsts, repeats = groups.pop(), repeating.pop()
            if _REPEATS.fullmatch(after):
                if repeats or (len(firsts) > 1 and (len(set(firsts)) < len(firsts) or max(map(len, firsts)) > 1)):
                    return True
                repeats = True
            repeating[-1] |= repeats
        elif token.startswith("("):
            groups[-1][-1] = groups[-1][-1] or token
            groups.append([""])
            repeating.append(False)
        elif token == "|":
            groups[-1].append("")
        elif _REPEATS.fullmatch(token):
            repeating[-1] = True
        else:
            groups[-1][-1] = groups[-1][-1] or (token if re.fullmatch(r"[\w -]", token) else f"any {token}")
    return False


_TOKENS = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?(?:[:=!>]|<[=!]|P?<\w+>|[a-z-]+:)?|[()|*+?]|\{\d*,?\d*\}|.", re.DOTALL
)
_REPEATS = re.compile(r"[*+]|\{\d*,\}")

NESTED = re.compile(r"(?<!\\)(?:\\\\)*\[(?:[^\]\\]|\\.)*(?:\[(?!:)|&&|--|~~|\|\|)")
