"""Asked: a question, or a query of one's own, and values go in; SPARQL and whose verdicts it needs come out.

A query of one's own may have parameters as the questions have, lines `VALUES ?name { default }`. What kind of value
each takes is said by the head of its file, if it has one like the questions, else by its default.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kgtools.errors import InputError
from kgtools.model import ANY
from kgtools.questions import CompetencyQuestion, Kind, Parameter, Value, named
from kgtools.sparql import form_of, parameters_of
from kgtools.sparql.tokens import shown

if TYPE_CHECKING:
    from kgtools.vocabulary import Vocabulary

_CODERS = "coders"
"""The parameter that says whose verdicts are asked for."""

EACH = ""
"""In place of coders: any, majority and all of them, and each by itself. No coder's name is empty."""


@dataclass(frozen=True)
class Asked:
    """What is asked of some data.

    Args:
        sparql: the query, with its values.
        verdicts_of: the coders, or sets of them, whose verdicts it needs; `EACH` for all that there may be.
    """

    sparql: str
    verdicts_of: tuple[str, ...] = ()


def asked(
    question: CompetencyQuestion | str,
    values: Mapping[str, Value | Sequence[Value] | None],
    vocabulary: Vocabulary,
    coders: str = ANY,
    *,
    chosen: bool = False,
    in_other_terms: Callable[[str], bool] = lambda _: False,
) -> Asked:
    """A question, or the text of a query, with values for its parameters.

    Args:
        question: a question of the catalogue, or SPARQL.
        values: a parameter's name to its value, or to several; None leaves it as it is.
        vocabulary: the terms that names in values stand for.
        coders: what a question's `coders` is where the values do not say it, and whose verdicts a query of one's own
            gets.
        chosen: whether someone chose these coders for what is asked, so that they must have an effect.
        in_other_terms: says of a query of one's own whether it asks for verdicts in another ontology's terms.

    Raises:
        InputError: there is no such parameter, it takes no such value (several `coders` only where the rows of a
            SELECT say which they are of), or the text is no query.
    """
    from kgtools.sparql import projects

    of = question if not isinstance(question, str) else _of_text(question, in_other_terms)
    names = {parameter.name for parameter in of.parameters}
    given = {name: value for name, value in values.items() if value is not None}
    if chosen:
        given |= _chosen(of, given, coders)
    every = [one.name for one in of.parameters if of.of_each_coder and one.default == ("UNDEF",)]
    if _CODERS in names and _CODERS not in every and not isinstance(question, str):
        given.setdefault(_CODERS, coders)
    for name in () if not isinstance(question, str) else sorted(set(values) - names):
        there = f"it has {', '.join(f'`{one}`' for one in sorted(names))}" if names else "it has none"
        raise InputError(f"the query has no parameter `{name}`; {there} (a line `VALUES ?name {{ default }}`)")
    if len(_several(given.get(_CODERS, ""))) > 1 and of.form == "SELECT" and not projects(of.sparql, _CODERS):
        raise InputError(
            f"`{_CODERS}` takes one value here, since the rows do not say whose verdicts they are of; ask for each"
        )
    sparql = of.with_values({**values, **given}, vocabulary) if {**values, **given} else of.sparql
    if not of.needs_verdicts:
        return Asked(sparql)
    several = _several(given[_CODERS]) if _CODERS in given else [EACH] if of.of_each_coder else _stated(of, coders)
    return Asked(sparql, tuple(dict.fromkeys([*several, *([EACH] if of.of_each_coder else [])])))


def _chosen(of: CompetencyQuestion, given: Mapping[str, Value | Sequence[Value]], coders: str) -> dict[str, Value]:
    """What the coders that someone chose set."""
    if (said := _several(given.get(_CODERS, coders))) != [coders]:
        raise InputError(f"the coders are `{coders}` and, as a parameter, {', '.join(map(shown, said))}; say it once")
    if any(one.name == _CODERS for one in of.parameters):
        return {_CODERS: coders}
    if of.of_each_coder or not of.needs_verdicts:
        raise InputError(f"the question has no parameter `{_CODERS}`, so `{coders}` has no effect; leave it out")
    return {}


def _several(values: Value | Sequence[Value]) -> list[str]:
    """One value, or several, each once."""
    return [*dict.fromkeys(map(str, [values] if isinstance(values, (str, int)) else values))]


def _stated(question: CompetencyQuestion, otherwise: str) -> list[str]:
    """The coders that a query names by itself where its `coders` are not set; else those of the job."""
    from kgtools.sparql import text_of

    stated = [text_of(term) for one in question.parameters if one.name == _CODERS for term in one.default]
    return [coders for coders in stated if coders is not None] or [otherwise]


def asked_by_name(name: str) -> CompetencyQuestion | str:
    """What a word stands for: SPARQL, if it has a brace or white space in it, else a question of the catalogue.

    Raises:
        InputError: there is no such question.
    """
    return name if re.search(r"[{\s]", name) else named(name)


def from_file(path: Path, text: str) -> CompetencyQuestion | str:
    """What a file asks: a question, if it has the whole head of one, else SPARQL; a title alone is a comment.

    Raises:
        OntologyError: its head is wrong.
    """
    from kgtools.questions.header import NEEDED, read_question

    head = re.match(r"(?:#.*\n)*", text)
    found = set(re.findall(r"^#\s*(\w+)\s*:", head[0] if head else "", re.MULTILINE))
    return read_question(path, private=True) if found.issuperset(NEEDED) else text


def _of_text(text: str, in_other_terms: Callable[[str], bool]) -> CompetencyQuestion:
    """A query of one's own as a question without words."""
    _ = form_of(text)
    parameters = tuple(
        Parameter(name, "string" if name == _CODERS else _kind_of(default), "", tuple(default))
        for name, default in parameters_of(text).items()
    )
    asks = asks_for_verdicts(text) or in_other_terms(text)
    return CompetencyQuestion("", "", "", (), "", asks, parameters, text)


def asks_for_verdicts(text: str) -> bool:
    """Whether a query names what only verdicts have: where it does for another reason, some work is done in vain."""
    return re.search(r"\b(Assessment|onProposition|assesses|verdict|opposedSlot|missingSlot)\b", text) is not None


def _kind_of(default: Sequence[str]) -> Kind:
    """What kind of value takes the place of some terms; where anything may stand, a term."""
    first = default[0]
    if first[0] in "\"'":
        return "string"
    if first in ("true", "false"):
        return "boolean"
    return "integer" if re.fullmatch(r"[+-]?\d+", first) else "term"
