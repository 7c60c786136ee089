"""Parameters: a query goes in; its lines `VALUES ?name { default }`, or it with other terms there, come out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kgtools.errors import InputError
from kgtools.sparql.terms import written
from kgtools.sparql.tokens import AMBIGUOUS, Token, readings, tokens, unescaped

if TYPE_CHECKING:
    import pyoxigraph as ox


class _Parameter(NamedTuple):
    """A line `VALUES ?name { default }`: what is in it, and where it stands."""

    name: str
    default: list[str]
    start: int
    end: int


def parameters_of(text: str) -> dict[str, list[str]]:
    """The parameters of a query, each with the terms of its default as they are written.

    A parameter is a line of its own, `VALUES ?name { default }`, with one or more terms. It may stand in several
    branches, with the same default in each; a name with different terms in two lines is none.

    >>> parameters_of('SELECT * {\\n  VALUES ?coders { "any" }\\n  VALUES ?class { UNDEF }\\n}')
    {'coders': ['"any"'], 'class': ['UNDEF']}

    Raises:
        InputError: the text is no SPARQL.
    """
    first, *others = [_named(_parameters(tokens, text)) for tokens, text in readings(text)]
    before = {name: [unescaped(term) for term in default] for name, default in first.items()}
    if any(other != before for other in others):
        raise InputError(AMBIGUOUS)
    return first


def bound(text: str, values: Mapping[str, Sequence[ox.NamedNode | ox.Literal]]) -> str:
    """A query with the defaults of parameters replaced. The rest of it stays as it is, to the letter.

    Args:
        text: the query.
        values: a parameter's name to the terms that it may be, one or more. What stands there twice is written once,
            since it would give rows twice, and Virtuoso 7 may never end.

    Raises:
        InputError: the query has no such parameter, or a value cannot be written.
    """
    known = parameters_of(text)
    for name, given in values.items():
        if name not in known:
            there = f"it has {', '.join(f'`{one}`' for one in known)}" if known else "it has none"
            raise InputError(f"the query has no parameter `{name}`; {there} (a line `VALUES ?name {{ default }}`)")
        if not given:
            raise InputError(f"`{name}` is given no value; give one, or leave it out")
    for parameter in reversed(list(_parameters(list(tokens(text)), text))):
        if parameter.name in values:
            terms = " ".join(dict.fromkeys(written(term) for term in values[parameter.name]))
            text = f"{text[: parameter.start]}VALUES ?{parameter.name} {{ {terms} }}{text[parameter.end :]}"
    return text


def _parameters(tokens: Sequence[Token], text: str) -> Iterator[_Parameter]:
    """The lines that are parameters, from the first to the last."""
    for place, token in enumerate(tokens):
        if token.word != "values" or [one.text for one in tokens[place + 2 : place + 3]] != ["{"]:
            continue
        variable = tokens[place + 1]
        end = next((one for one in range(place + 3, len(tokens)) if tokens[one].text in ("{", "}")), 0)
        terms = _terms(tokens[place + 3 : end]) if end and tokens[end].text == "}" else []
        if not terms or not variable.text.startswith("?") or variable.kind != "var":
            continue
        stop = tokens[end].end
        line_start = text.rfind("\n", 0, token.start) + 1
        line_end = text.find("\n", stop)
        alone = (
            not text[line_start : token.start].strip() and not text[stop : line_end if line_end >= 0 else None].strip()
        )
        if alone and "\n" not in text[token.start : stop]:
            yield _Parameter(variable.text[1:], terms, token.start, stop)


def _terms(tokens: Sequence[Token]) -> list[str]:
    """The terms that tokens spell, each as it is written; none where something else stands among them."""
    found: list[str] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        rest = tokens[place + 1 : place + 4]
        size = 1
        if token.kind == "text" and rest and rest[0].kind == "tag":
            size = 2
        elif token.kind == "text" and [one.text for one in rest[:2]] == ["^", "^"] and len(rest) == 3:
            size = 4
        elif token.text in ("+", "-") and rest and rest[0].kind == "number":
            size = 2
        elif token.kind not in ("iri", "name", "text", "number") and token.word not in ("undef", "true", "false"):
            return []
        found.append("".join(one.text for one in tokens[place : place + size]))
        place += size
    return found


def _named(parameters: Iterable[_Parameter]) -> dict[str, list[str]]:
    """The parameters by name, without names that stand for different things in different lines."""
    found: dict[str, list[list[str]]] = {}
    for parameter in parameters:
        found.setdefault(parameter.name, []).append(parameter.default)
    return {name: first for name, (first, *others) in found.items() if all(other == first for other in others)}
