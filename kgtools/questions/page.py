"""The page on questions: the catalogue and some data go in, `docs/questions.md` comes out, with what each gives.

Why: a list of questions shows what can be asked; what they answer shows what for. Made anew, it never falls behind.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kgtools.questions import CompetencyQuestion, Parameter, catalog
from kgtools.questions.header import remark
from kgtools.write import one_line

if TYPE_CHECKING:
    from kgtools.answers import Answers

_ROWS = 12
"""Rows of an answer that the page shows."""

_LINES = 24
"""Lines of a graph that it shows."""

_HEAD = """# Competency questions

What the graph can be asked, and what it answers for `{data}`. This page is made from
`queries/question/*.rq` by `make questions`; a test holds it fresh, and others hold each question to its answer on a
case made for it, in several engines.

```sh
kgtools query                                  # lists them
kgtools query DATA QUESTION                    # asks one, of a bundle, an RDF file or a store
kgtools query --endpoint URL QUESTION          # asks a server
kgtools query DATA QUESTION --set name=value   # sets a parameter; twice for one of two values
```

A parameter takes a text (string), a term by its name, such as `evco:Review`, or a proposition by its id (term), an IRI
(iri), a whole number (integer), or `true` and `false` (boolean). A term of a class is an individual of it or, where it
has none, a class below it. What is not set is as the last column says. Each file is plain SPARQL 1.1 with all of it in
one graph, so it runs in any engine; in a file, a parameter is a line `VALUES`.
`queries/question/examples.ttl` describes them all as RDF, in the form of SIB's SPARQL examples.

A share of supporting incidents is not a probability: critical incidents sample extremes.
"""


def page(data: Path, questions: Sequence[CompetencyQuestion]) -> str:
    """The page, as Markdown; the same data and questions give the same text.

    Args:
        data: a bundle, RDF file or store.
        questions: what is asked, in this order within a theme.

    Raises:
        KgError: the data cannot be read, or a question cannot be answered.
    """
    from kgtools.pipeline import Job, ready
    from kgtools.questions.asked import asked

    job = Job()
    loaded = cache(lambda verdicts_of: ready([data], job, verdicts_of))
    themes: dict[str, list[CompetencyQuestion]] = {}
    for question in questions:
        themes.setdefault(question.keywords[0], []).append(question)
    parts = [_HEAD.format(data=data.as_posix()), "## Contents\n"]
    for theme in sorted(themes):
        parts.append(f"- [{theme.capitalize()}](#{theme})")
        parts += (f"  - [{one.title}](#{one.slug}): {_plain(one.question)}" for one in themes[theme])
    for theme in sorted(themes):
        parts.append(f"\n## {theme.capitalize()}")
        for question in themes[theme]:
            it = asked(question, {}, job.vocabulary)
            parts += ["", *_told(question, data, loaded(it.verdicts_of).answer(it.sparql))]
    return "\n".join(parts) + "\n"


def write_page(data: Path, file: Path) -> None:
    """Write the page of the questions that come with kgtools."""
    file.write_text(page(data, catalog()), encoding="utf-8")


def _told(question: CompetencyQuestion, data: Path, answers: Answers) -> Iterator[str]:
    """A question: what it asks, how it is asked, and what comes back."""
    yield f'<a id="{question.slug}"></a>'
    yield f"### {question.title}\n"
    yield f"{_plain(question.question)}\n"
    if note := remark(question):
        yield f"{_plain(note)}\n"
    link = f"[{question.slug}.rq](../queries/question/{question.slug}.rq)"
    yield f"Keywords: {', '.join(question.keywords)}. Source: {_plain(question.source)}. Query: {link}."
    if question.parameters:
        yield "\n| parameter | takes | meaning | unless set |\n|---|---|---|---|"
        for parameter in question.parameters:
            cells = (f"`{parameter.name}`", parameter.takes, _plain(parameter.text), _default(parameter))
            yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield f"\n```sh\nkgtools query {data.as_posix()} {question.slug}\n```\n"
    yield from _answered(answers)


def _default(parameter: Parameter) -> str:
    return ", ".join("anything" if term.upper() == "UNDEF" else f"`{term}`" for term in parameter.default)


def _answered(answers: Answers) -> Iterator[str]:
    """What came back, or its beginning."""
    from kgtools.answers import Answers

    if answers.is_graph:
        lines = answers.text("turtle").rstrip("\n").split("\n")
        yield "\n".join(["```turtle", *lines[:_LINES], "```"])
        if len(lines) > _LINES:
            yield f"\nThese are {_LINES} lines of {len(lines)}."
    elif not answers.terms:
        yield "Here the answer is empty."
    else:
        first = Answers(answers.variables, answers.terms[:_ROWS], in_order=True, labels=lambda _: answers.labels)
        yield first.text("markdown").rstrip("\n")
        if len(answers) > _ROWS:
            yield f"\nThese are {_ROWS} rows of {len(answers)}."


def _plain(text: str) -> str:
    """A text as Markdown shows it; what stands between backticks stays code."""
    return "`".join(
        part if place % 2 else part.replace("&", "&amp;").replace("<", "&lt;").replace("*", "\\*")
        for place, part in enumerate(one_line(text).split("`"))
    )
