"""Pre-binding: shapes go in, the SPARQL queries in them that SHACL does not allow come out.

Why: engines put `$this` and its like into a query in different ways, which answer alike only where the query keeps to
what the standard allows (W3C SHACL, 5.2.1 and appendix A). Engines pass over some of what it forbids, so it is checked
here, for every engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from kgtools.vocabulary import PREFIXES, local

if TYPE_CHECKING:
    import pyoxigraph as ox

_SH = PREFIXES["sh"]


class Query(NamedTuple):
    """A SPARQL query of a shapes graph.

    Args:
        node: what it stands at: a constraint or validator.
        kind: `select` or `ask`.
        text: as it is written.
        prefixes: the PREFIX lines that its sh:prefixes declare.
        bound: the variables that are, or may be, bound before it is asked.
        of_component: whether it validates for a constraint component.
    """

    node: Any
    kind: str
    text: str
    prefixes: str
    bound: tuple[str, ...]
    of_component: bool = False


def queries(triples: Iterable[ox.Triple]) -> list[Query]:
    """The queries of SPARQL-based constraints and constraint components, in shapes that were said plainly."""
    said: dict[Any, dict[str, list[Any]]] = {}
    for triple in triples:
        told = said.setdefault(triple.subject, {})
        told.setdefault(triple.predicate.value.removeprefix(_SH), []).append(triple.object)
    found = []
    parameters: dict[Any, list[str]] = {}
    validators = set()
    for told in said.values():
        names = [
            local(path.value)
            for one in told.get("parameter", ())
            for path in said.get(one, {}).get("path", ())
            if hasattr(path, "value")
        ]
        for word in ("validator", "nodeValidator", "propertyValidator"):
            for one in told.get(word, ()):
                validators.add(one)
                parameters.setdefault(one, []).extend(names)
    for node, told in said.items():
        for kind in ("select", "ask"):
            for literal in told.get(kind, ()):
                bound = ["this", "shapesGraph", "currentShape", *sorted(set(parameters.get(node, ())))]
                bound += ["value"] if kind == "ask" else []
                found.append(
                    Query(
                        node, kind, literal.value, _prefixes(node, said), tuple(bound), of_component=node in validators
                    )
                )
    return found


def _prefixes(node: Any, said: dict[Any, dict[str, list[Any]]]) -> str:
    """What sh:prefixes declares (W3C SHACL, 5.2.1), with what was imported already (`plain`)."""
    lines = set()
    for one in said[node].get("prefixes", ()):
        for declared in said.get(one, {}).get("declare", ()):
            what = said.get(declared, {})
            for prefix, space in zip(what.get("prefix", ()), what.get("namespace", ()), strict=False):
                lines.add(f"PREFIX {prefix.value}: <{space.value}>\n")
    return "".join(sorted(lines))


def faults(query: Query) -> Iterator[str]:
    """What is wrong with a query, and what would be right."""
    try:
        tree = parsed(query)
    except ValueError as error:
        yield f"the query of sh:{query.kind} fails to parse: {error}"
        return
    form = tree[1]
    if form.name != {"select": "SelectQuery", "ask": "AskQuery"}[query.kind]:
        yield f"sh:{query.kind} needs {query.kind.upper()}, and here is another kind of query"
        return
    bound = {name for name in query.bound if name not in ("shapesGraph", "currentShape")}
    if query.kind == "select" and form.projection and "this" not in returned(form):
        yield "a SELECT of SHACL must return $this; write `SELECT $this`"
    for part in walk(form):
        if part.name == "MinusGraphPattern":
            yield "SHACL allows no MINUS, since $this is not bound in it; write FILTER NOT EXISTS"
        elif part.name == "InlineData" or (part.name == "ValuesClause" and part.var):
            yield "SHACL allows no VALUES; write FILTER(?variable IN (…))"
        elif part.name == "ServiceGraphPattern":
            yield "SHACL allows no SERVICE; bring what it would answer into the data"
        elif part.name == "Bind" and str(part.var) in {*query.bound, "PATH"}:
            yield f"SHACL binds ${part.var} beforehand, so nothing may be bound `AS ${part.var}`; take another name"
        elif part.name == "vars" and part.evar is not None and str(part.evar) in {*query.bound, "PATH"}:
            yield f"SHACL binds ${part.evar} beforehand, so nothing may be told `AS ${part.evar}`; take another name"
        elif part.name == "SubSelect":
            missing = sorted(bound - returned(part))
            if missing:
                names = " ".join(f"${name}" for name in missing)
                yield f"a SELECT within a query must return what SHACL binds beforehand; add {names} to it"


def parsed(query: Query) -> Any:
    """The query as rdflib's parser has it; raises ValueError with what is wrong where it is no SPARQL."""
    from pyparsing import ParseBaseException
    from rdflib.plugins.sparql.parser import parseQuery

    try:
        tree = parseQuery(query.prefixes + query.text)
        _resolve(tree)
    except ParseBaseException as error:
        raise ValueError(f"{error.msg} at `{error.line.strip()[:60]}`") from None
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    except Exception as error:
        raise ValueError(" ".join(str(error).split())) from None
    return tree


def _resolve(tree: Any) -> None:
    """Raise for a prefix that nothing declares: engines differ in those that they know by themselves."""
    known = {str(one.prefix or "") for one in tree[0] if one.name == "PrefixDecl"}
    for part in walk(tree[1]):
        if part.name == "pname" and str(part.prefix or "") not in known:
            raise ValueError(
                f"nothing declares the prefix `{part.prefix or ''}:`; name it by sh:prefixes and sh:declare"
            )


def walk(part: Any) -> Iterator[Any]:
    """The named parts of a parsed query, from the outside in."""
    from rdflib.plugins.sparql.parserutils import CompValue

    if isinstance(part, CompValue):
        yield part
    for inner in _within(part):
        yield from walk(inner)


def _within(part: Any) -> Iterable[Any]:
    """What a part of a parsed query is made of."""
    from rdflib.plugins.sparql.parserutils import CompValue

    if isinstance(part, CompValue):
        return part.values()
    return part if isinstance(part, list | tuple) or type(part).__name__ in ("ParseResults", "plist") else ()


def variables(part: Any) -> set[str]:
    """The variables in a part of a parsed query."""
    import rdflib

    if isinstance(part, rdflib.Variable):
        return {str(part)}
    return {name for inner in _within(part) for name in variables(inner)}


def returned(select: Any) -> set[str]:
    """The variables that a SELECT returns; all that its patterns bind, for `*`."""
    if select.projection:
        return {str(one.var if one.var is not None else one.evar) for one in select.projection}
    return set(_in_scope(select.where))


def _in_scope(part: Any) -> Iterator[str]:
    """The variables that a pattern binds: those of filters are none (SPARQL 1.1, 18.2.1)."""
    import rdflib
    from rdflib.plugins.sparql.parserutils import CompValue

    if isinstance(part, rdflib.Variable):
        yield str(part)
    elif isinstance(part, CompValue) and part.name == "Filter":
        return
    elif isinstance(part, CompValue) and part.name == "SubSelect":
        yield from returned(part)
    elif isinstance(part, CompValue) and part.name == "Bind":
        yield str(part.var)
    else:
        for inner in _within(part):
            yield from _in_scope(inner)
