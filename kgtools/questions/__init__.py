"""Competency questions: the files of `queries/question/` go in, described questions with their SPARQL come out.

A competency question is what an ontology must be able to answer. Each is a file of plain SPARQL 1.1 whose head says in
words what it asks (`kgtools.questions.header` reads it), so that it can be run without kgtools as well. What may be set
is a line `VALUES ?name { default }`, and a value takes the default's place there (`kgtools.sparql.bound`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kgtools.errors import InputError
from kgtools.vocabulary import ONTOLOGY_IRI, folder

if TYPE_CHECKING:
    from kgtools.sparql import Form
    from kgtools.vocabulary import Vocabulary

Kind = Literal["string", "term", "iri", "integer", "boolean"]
"""What a parameter takes: a text, a term by its name, an IRI, a whole number, or true and false."""

Value = str | int | bool
"""One value of a parameter, as people write it."""


@dataclass(frozen=True)
class Parameter:
    """What may be set in a question.

    Args:
        name: the variable that takes the value, without `?`.
        kind: what it takes.
        text: what it means, in words.
        default: the terms that it is where it is not set, as SPARQL writes them; `UNDEF` is anything.
    """

    name: str
    kind: Kind
    text: str
    default: tuple[str, ...]


@dataclass(frozen=True)
class CompetencyQuestion:
    """A question to the graph.

    Args:
        slug: its name: that of its file, without the ending.
        title: a few words, for lists.
        question: what it asks, in words.
        keywords: what it is about; the first is its theme.
        source: where the question comes from.
        needs_verdicts: whether it asks for verdicts, which the graph must hold then.
        parameters: what may be set, in the order of its head.
        sparql: the file as it is.
        of_each_coder: whether the verdicts that it asks for are those of every coder and set of coders, side by side.
    """

    slug: str
    title: str
    question: str
    keywords: tuple[str, ...]
    source: str
    needs_verdicts: bool
    parameters: tuple[Parameter, ...]
    sparql: str
    of_each_coder: bool = False

    @property
    def iri(self) -> str:
        """What names the question in RDF."""
        return f"{ONTOLOGY_IRI}/question/{self.slug}"

    @cached_property
    def form(self) -> Form:
        """What its query asks for."""
        from kgtools.sparql import form_of

        return form_of(self.sparql)

    def with_values(self, values: Mapping[str, Value | Sequence[Value]], vocabulary: Vocabulary) -> str:
        """The SPARQL with values for parameters; those that are not named keep their default.

        Args:
            values: a parameter's name to its value, or to several of which each will do.
            vocabulary: the terms that names stand for, those of further theories too.

        Raises:
            InputError: there is no such parameter, or it takes no such value; the message says what would be right.
        """
        from kgtools.questions.values import terms
        from kgtools.sparql import bound

        known = {parameter.name: parameter for parameter in self.parameters}
        for name in values:
            if name not in known:
                there = f"it has {', '.join(f'`{one}`' for one in known)}" if known else "it has none"
                raise InputError(f"`{self.slug}` has no parameter `{name}`{nearest(name, known)}; {there}")
        return bound(self.sparql, {name: terms(known[name], value, vocabulary) for name, value in values.items()})


def catalog(place: Path | None = None) -> list[CompetencyQuestion]:
    """The questions that come with kgtools, sorted by slug.

    >>> next(one.title for one in catalog() if one.slug == "propositions-contradicted")
    'Propositions that are contradicted, and where'

    Args:
        place: a folder with other questions.

    Raises:
        OntologyError: a file is wrong; the message names file and line.
    """
    from kgtools.questions.header import read_question

    place = place or folder("queries") / "question"
    return [read_question(path) for path in sorted(place.glob("*.rq"), key=lambda path: path.stem)]


def named(slug: str, place: Path | None = None) -> CompetencyQuestion:
    """The question of this name.

    Raises:
        InputError: there is none; the message names the nearest.
        OntologyError: its file is wrong. Of the others only the names are read.
    """
    from kgtools.questions.header import read_question

    place = place or folder("queries") / "question"
    names = [path.stem for path in sorted(place.glob("*.rq"))]
    if slug not in names:
        raise InputError(f"no question `{slug}`{nearest(slug, names)}; `kgtools query` lists those that there are")
    return read_question(place / f"{slug}.rq")


def nearest(word: str, known: Sequence[str] | Mapping[str, object]) -> str:
    """A half sentence on the nearest of the words that there are, to go on with; empty where none is near."""
    by_lower = {one.lower(): one for one in known}
    near = get_close_matches(word.lower(), by_lower, 1, 0.7)
    return f"; did you mean `{by_lower[near[0]]}`?" if near else ""
