"""Restoring: what an engine says of a result goes in, what the W3C standard has of it comes out.

Why: engines write paths as text, leave out which constraint it was, or lose the language of a message. What the shapes
say themselves is taken from there, so that a report is the same from every engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kgtools.validate.shapes.paths import looked_up, path_text
from kgtools.vocabulary import PREFIXES, local

if TYPE_CHECKING:
    import pyoxigraph as ox

_SH = PREFIXES["sh"]
SPARQL = _SH + "SPARQLConstraintComponent"

Messages = tuple[tuple[str, str], ...]
"""Texts with their language tags, which are empty where there is none."""


@dataclass(frozen=True)
class Description:
    """What a report needs to know of a shape, of a constraint or of a constraint component.

    Args:
        path: the path of a property shape, as SPARQL has it; empty for a node shape.
        messages: what its sh:message says.
        constraints: the IRIs of the SPARQL-based constraints of a shape.
        values: what a shape has for the parameters of constraint components, by their names.
    """

    path: str = ""
    messages: Messages = ()
    constraints: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()


def descriptions(triples: Iterable[ox.Triple]) -> dict[str, Description]:
    """What reports need to know of the shapes of a graph, by their IRIs."""
    graph: list[Any] = list(triples)
    told = looked_up(graph)
    names = {
        path: local(path.value)
        for one in graph
        if one.predicate.value == _SH + "parameter"
        for path in told(one.object, _SH + "path")
    }
    validators = {
        one.object: one.subject
        for one in graph
        if one.predicate.value in (_SH + "validator", _SH + "nodeValidator", _SH + "propertyValidator")
    }
    values: dict[Any, list[tuple[str, str]]] = {}
    for one in graph:
        if one.predicate in names:
            values.setdefault(one.subject, []).append((names[one.predicate], _shown(str(one.object))))
    found: dict[str, Description] = {}
    for node in dict.fromkeys(one.subject for one in graph):
        said = [text for text in told(node, _SH + "message") if hasattr(text, "language")]
        path = next(iter(told(node, _SH + "path")), None)
        description = Description(
            path_text(path, told) if path is not None else "",
            tuple(sorted((text.value, text.language or "") for text in said)),
            tuple(sorted(one.value for one in told(node, _SH + "sparql"))),
            tuple(sorted(values.get(node, ()))),
        )
        if description != Description():
            found[node.value] = description
    for validator, component in validators.items():
        if validator.value in found:
            own = found.get(component.value, Description())
            texts = tuple(sorted({*own.messages, *found[validator.value].messages}))
            found[component.value] = Description(own.path, texts, own.constraints, own.values)
    return found


NODE = "kgtools-node-"
"""What the labels of nameless nodes begin with for pySHACL, whose messages show them as they are."""


def constraint_of(shape: str, component: str, said: Iterable[str], described: Mapping[str, Description]) -> str:
    """The SPARQL-based constraint that made a result: the only one of its shape, or the one whose mark is said."""
    if component != SPARQL or shape not in described:
        return ""
    known = described[shape].constraints
    if len(known) == 1:
        return known[0]
    return next((text.removeprefix(MARK) for text in said if text.startswith(MARK)), "")


MARK = "urn:kgtools:constraint:"
"""Before the IRI of a constraint, as a message that tells which one it is."""


def marks(described: Mapping[str, Description]) -> str:
    """Triples that make a constraint say in its messages which it is, where a shape has several."""
    return "".join(
        f'<{constraint}> <{_SH}message> "{MARK}{constraint}" .\n'
        for description in described.values()
        if len(description.constraints) > 1
        for constraint in description.constraints
    )


def messages_of(
    shape: str, component: str, constraint: str, said: Iterable[str], described: Mapping[str, Description]
) -> Messages:
    """The messages of a result, in each of its languages (W3C SHACL, 2.1.5 and 5.3.2).

    What `{$this}`, `{$value}` and `{$path}` stand for is left to fill in.

    Args:
        said: what the engine says, which alone knows what other variables of a query are.
    """
    nothing = Description()
    own, of_shape = described.get(constraint, nothing), described.get(shape, nothing)
    templates = own.messages or of_shape.messages or described.get(component, nothing).messages
    values = dict(of_shape.values) if not constraint else {}
    return tuple((_filled(text, values, said), language) for text, language in templates)


PLACEHOLDER = re.compile(r"\{[$?](\w+)\}")
"""What a message leaves to be filled in, as `{$this}` (W3C SHACL, 5.3.2)."""

_LEFT = ("this", "value", "path")


def _filled(template: str, values: Mapping[str, str], said: Iterable[str]) -> str:
    names = [name for name in PLACEHOLDER.findall(template) if name not in _LEFT]
    if not names:
        return template
    known = dict(values)
    if set(names) - set(known):
        pieces = PLACEHOLDER.split(template)
        pattern = "".join("(.*?)" if at % 2 else re.escape(piece) for at, piece in enumerate(pieces))
        for text in said:
            match = re.fullmatch(pattern, text, re.DOTALL)
            if match is not None:
                known |= {name: _shown(part) for name, part in zip(pieces[1::2], match.groups(), strict=True)}
                break
    return PLACEHOLDER.sub(lambda one: known.get(one[1], one[0]) if one[1] not in _LEFT else one[0], template)


def _shown(term: str) -> str:
    """A term of N-Triples as a message shows it; what is none stays as it is."""
    if term.startswith(("_:", NODE)):
        return "a node without a name"
    if term.startswith("<") and term.endswith(">"):
        return term[1:-1]
    if not term.startswith('"'):
        return term
    try:
        return literal(term).value
    except (SyntaxError, ValueError):
        return term


def literal(term: str) -> ox.Literal:
    """A literal from N-Triples. Raises SyntaxError or ValueError for what is none."""
    import pyoxigraph as ox

    [quad] = ox.parse(f"<urn:s> <urn:p> {term} .", ox.RdfFormat.N_TRIPLES)
    if not isinstance(quad.object, ox.Literal):
        raise ValueError(f"{term} is no literal")
    return quad.object
