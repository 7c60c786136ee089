"""Soundness: shapes files go in; nothing comes out if the shapes can work, else an error with file and line.

Why: engines pass over what they cannot read, and what was not checked must never look like what conforms. So what SHACL
calls ill-formed is refused, and what it leaves undefined (recursion) too. `remarks` then tells of what can work, but
will not do what was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from kgtools.errors import InputError
from kgtools.validate.shapes.said import Said, Statement
from kgtools.validate.shapes.terms import (
    BESIDE,
    NODE_KINDS,
    NOT_RUN,
    ON_PROPERTIES,
    ONCE,
    OTHER,
    PARAMETERS,
    SH,
    TARGETS,
    TO_LISTS_OF_SHAPES,
    TO_SHAPES,
    VALIDATORS,
    Kind,
    closed_namespaces,
    known_terms,
)
from kgtools.validate.shapes.uses import is_of_python, is_of_rust
from kgtools.vocabulary import PREFIXES, local

Fault = tuple[Statement, str]
"""A statement, and what is wrong with it and what would be right."""

_XSD = PREFIXES["xsd"]


def check(paths: Sequence[Path]) -> None:
    """Check shapes, all files as one graph, before they are used.

    Args:
        paths: RDF files; one whose ending names no syntax is read as Turtle.

    Raises:
        InputError: a file cannot be read or is no RDF; a term of SHACL is unknown, a value is not what it has to be, a
            list, path or query is broken, a shape refers to itself, or there is nothing to check; the first such thing,
            with its file and line.
    """
    said = Said.read(paths)
    order = {path: number for number, path in enumerate(said.paths)}
    first = min(
        _faults(said), key=lambda fault: (order[fault[0].path], fault[0].at or fault[0].ends or 0), default=None
    )
    if first is not None:
        statement, message = first
        raise InputError(message, statement.path, said.line(statement))
    if not any(said.targets()):
        wrong = (
            "holds no SHACL shape with a target, so nothing would be checked; give a shape sh:targetClass or the like"
        )
        raise InputError(wrong, paths[0] if paths else None)


def _faults(said: Said) -> Iterator[Fault]:
    shapes = said.shapes
    yield from _unknown(said)
    for shape in shapes:
        yield from _values(said, shape)
    for shape, inside in said.property_shapes.items():
        paths = said.of(shape, SH + "path")
        if not paths:
            yield inside, "property shape without sh:path, so it would check nothing; give it the property's IRI"
        for statement in paths[:1]:
            yield from said.path(statement)[1]
    yield from _recursion(said)
    yield from _queries(said)


# Terms


def _unknown(said: Said) -> Iterator[Fault]:
    """Terms of the namespace of SHACL that SHACL has not, or not for shapes."""
    for statement in said:
        if statement.subject in said.not_run:
            continue
        name = statement.predicate.removeprefix(SH)
        if statement.predicate.startswith(SH):
            if name not in known_terms():
                yield statement, f"`sh:{name}` is no term of SHACL{_meant(name, known_terms())}"
            elif statement.subject in said.shapes and name not in _ON_SHAPES:
                yield statement, f"`sh:{name}` says nothing about a shape{_meant(name, _ON_SHAPES, 0.5)}"
        kind = getattr(statement.object, "value", "")
        if statement.predicate == PREFIXES["rdf"] + "type" and kind.startswith(SH):
            name = kind.removeprefix(SH)
            if name not in known_terms():
                yield statement, f"`sh:{name}` is no class of SHACL{_meant(name, known_terms())}"
        if statement.predicate == SH + "entailment":
            yield statement, "asks for inferences, and nothing is inferred here; leave out sh:entailment"


_ON_SHAPES = {*PARAMETERS, *TARGETS, *OTHER, *BESIDE, *NOT_RUN}


def _meant(name: str, names: Iterable[str], cutoff: float = 0.7) -> str:
    """A half sentence on the nearest of some names, to end a message with."""
    near = get_close_matches(name, sorted(names), 1, cutoff) or [
        other for other in sorted(names) if other.lower() == name.lower()
    ]
    return f"; did you mean `sh:{near[0]}`?" if near else "; look it up in the W3C Recommendation"


# Values


def _values(said: Said, shape: Any) -> Iterator[Fault]:
    """What is wrong with the values that a shape gives to the terms of SHACL."""
    is_property = shape in said.property_shapes
    for predicate, statements in said.about(shape).items():
        name = predicate.removeprefix(SH)
        if not predicate.startswith(SH):
            continue
        if name in ONCE and len(statements) > 1:
            yield statements[1], f"a second sh:{name} for one shape; leave one of them"
        if name in ON_PROPERTIES and not is_property:
            yield statements[0], f"sh:{name} stands in a node shape; put it into a property shape, which has sh:path"
        kind = PARAMETERS.get(name) or TARGETS.get(name) or OTHER.get(name)
        for statement in statements:
            if kind is not None:
                yield from _value(said, statement, name, kind)
    if said.of(shape, SH + "pattern"):
        yield from _pattern(said, shape)


def _value(said: Said, statement: Statement, name: str, kind: Kind) -> Iterator[Fault]:
    import pyoxigraph as ox

    value = statement.object
    wrong = f"sh:{name} is {said.short(value)}; "
    if kind in ("IRI", "literal", "string", "text", "boolean", "count"):
        if (said_wrong := _simple(value, kind)) is not None:
            yield statement, wrong + said_wrong
        elif name == "severity" and value.value.startswith(SH) and value.value not in _SEVERITIES:
            yield statement, f"{said.short(value)} is no severity; write sh:Violation, sh:Warning or sh:Info"
        elif name == "nodeKind" and value.value not in {SH + one for one in NODE_KINDS}:
            yield statement, f"{said.short(value)} is no kind of node; write one of sh:{', sh:'.join(NODE_KINDS)}"
        elif name == "datatype" and value.value.startswith(_XSD) and value.value not in closed_namespaces()[_XSD]:
            yield statement, f"{said.short(value)} is no datatype of XML Schema; look at its spelling"
    elif kind == "shape":
        if isinstance(value, ox.Literal):
            yield statement, wrong + "name a shape"
        elif name != "sparql" and not said.about(value):
            yield statement, f"{said.short(value)} {_NO_SHAPE}"
    elif kind in ("list", "strings", "IRIs", "shapes"):
        members, broken = said.members(value)
        if broken:
            yield statement, f"the value of sh:{name} {broken}; write a list, as in `sh:{name} ( … )`"
        for member in members:
            if kind == "shapes" and isinstance(member, ox.Literal):
                yield statement, f"sh:{name} lists {said.short(member)}; list shapes only"
            elif kind == "shapes" and not said.about(member):
                yield statement, f"{said.short(member)} {_NO_SHAPE}"
            elif kind == "IRIs" and not isinstance(member, ox.NamedNode):
                yield statement, f"sh:{name} lists {said.short(member)}; list IRIs only"
            elif kind == "strings" and _simple(member, "string") is not None:
                yield statement, f"sh:{name} lists {said.short(member)}; list plain strings only"


_NO_SHAPE = "is no shape of these files; look at its spelling, or give its file too"
_SEVERITIES = {SH + "Violation", SH + "Warning", SH + "Info"}
_WHOLE = {_XSD + name for name in ("integer", "nonNegativeInteger", "positiveInteger", "int", "long", "short", "byte")}


def _simple(value: Any, kind: Kind) -> str | None:
    """What would be right instead of a value that is not of a kind; None if it is."""
    import pyoxigraph as ox

    if kind == "IRI":
        return None if isinstance(value, ox.NamedNode) else "write an IRI"
    if not isinstance(value, ox.Literal):
        return {"boolean": "write true or false", "count": "write a whole number"}.get(kind, "write a literal")
    plain = value.datatype.value == _XSD + "string"
    if kind == "string" and not plain:
        return "write a plain string"
    if kind == "text" and not (plain or value.language):
        return "write a string, with or without a language"
    if kind == "boolean" and (value.datatype.value != _XSD + "boolean" or value.value not in _BOOLEANS):
        return "write true or false"
    if kind == "count" and (value.datatype.value not in _WHOLE or not re.fullmatch(r"\+?[0-9]+", value.value)):
        return "write a whole number without quotation marks, as in `1`"
    return None


_BOOLEANS = ("true", "false", "1", "0")


def _pattern(said: Said, shape: Any) -> Iterator[Fault]:
    flags = "".join(getattr(one.object, "value", "") for one in said.of(shape, SH + "flags"))
    if not set(flags) <= set("smixq"):
        yield said.of(shape, SH + "flags")[0], f'sh:flags is "{flags}"; of letters there are s, m, i, x and q'
        return
    for statement in said.of(shape, SH + "pattern"):
        pattern = getattr(statement.object, "value", "")
        if not any(reads_pattern(pattern, flags).values()):
            try:
                re.compile(pattern)
            except (re.error, RecursionError, OverflowError) as error:
                yield statement, f"sh:pattern is no regular expression: {error}"


def reads_pattern(pattern: str, flags: str = "") -> dict[str, bool]:
    """Which engines can read a regular expression: they know different ones, and XPath yet others.

    Returns:
        `pyshacl` (Python's `re`) and `shacl-rust` (Rust's `regex`), each with whether it can.
    """
    return {"pyshacl": is_of_python(pattern), "shacl-rust": is_of_rust(pattern, flags)}


# Recursion


def _recursion(said: Said) -> Iterator[Fault]:
    """Shapes that are reached from themselves: W3C SHACL, 3.4.3, leaves undefined what they mean."""
    links: dict[Any, list[tuple[Statement, Any]]] = {}
    for shape in said.shapes:
        for name in TO_SHAPES:
            links.setdefault(shape, []).extend((one, one.object) for one in said.of(shape, SH + name))
        for name in TO_LISTS_OF_SHAPES:
            for one in said.of(shape, SH + name):
                links.setdefault(shape, []).extend((one, member) for member in said.members(one.object)[0])
    done: dict[Any, int] = {}  # how many shapes are within one another from here
    for start in said.shapes:
        open_ = {start: None}
        walks = [(start, iter(links.get(start, ())))] if start not in done else []
        while walks:
            shape, walk = walks[-1]
            step = next(walk, None)
            if step is None:
                done[shape] = 1 + max((done[inner] for _, inner in links.get(shape, ())), default=0)
                open_.pop(shape)
                walks.pop()
                if done[shape] > _DEEPEST:
                    wrong = f"refers to shapes that refer to shapes, and so on, more than {_DEEPEST} deep"
                    yield said.shapes[shape], f"shape {said.short(shape)} {wrong}; no engine follows that"
                    return
            elif step[1] in open_:
                named = next((one for one in (step[1], *reversed(open_)) if not str(one).startswith("_:")), step[1])
                wrong = "leads back to itself, and SHACL does not say what that means; break the circle"
                yield step[0], f"shape {said.short(named)} {wrong}"
                return
            elif step[1] not in done:
                open_[step[1]] = None
                walks.append((step[1], iter(links.get(step[1], ()))))


_DEEPEST = 100

# Queries


def _queries(said: Said) -> Iterator[Fault]:
    """What is wrong with constraints and validators in SPARQL."""
    from kgtools.validate.shapes.sparql import fault

    for shape in said.shapes:
        for link in said.of(shape, SH + "sparql"):
            selects = said.of(link.object, SH + "select")
            if len(selects) != 1:
                yield link, f"a constraint in SPARQL with {len(selects) or 'no'} sh:select; give it one"
            for one in selects:
                yield from fault(said, one, "select", bool(said.of(shape, SH + "path")))
    for link in (one for name in VALIDATORS for one in said.saying(SH + name)):
        found = [(one, form) for form in ("select", "ask") for one in said.of(link.object, SH + form)]
        if not found:
            yield link, "a validator without sh:select or sh:ask; give it one of them"
        for one, form in found:
            names = [local(path.object.value) for path in said.parameter_paths(link.subject)]
            bound = (*names, *(["value"] if form == "ask" else []))
            yield from fault(said, one, form, link.predicate != SH + "nodeValidator", bound)
    for component in said.components():
        for link in said.of(component, SH + "parameter"):
            if not said.of(link.object, SH + "path"):
                yield link, "a parameter without sh:path; give it the IRI that shapes use for it"
