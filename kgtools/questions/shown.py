"""Shown: questions go in; how people read of them in a list, and of one in full, comes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from kgtools.questions import CompetencyQuestion


def mentions(question: CompetencyQuestion, word: str) -> bool:
    """Whether a word stands in what a question says of itself, or in the names of its parameters."""
    said = (question.slug, question.title, question.question, question.source, *question.keywords)
    names = (parameter.name for parameter in question.parameters)
    return word.casefold() in "\n".join((*said, *names)).casefold()


def show_questions(questions: Sequence[CompetencyQuestion], console: Console) -> None:
    """A list of questions by theme: their names, their titles, and what may be set in them."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("question", "title", "may be set"):
        table.add_column(name, no_wrap=name == "question", overflow="fold")
    theme = None
    for one in sorted(questions, key=lambda one: (one.keywords[:1], one.slug)):
        if one.keywords and one.keywords[0] != theme:
            if theme is not None:
                table.add_row()
            theme = one.keywords[0]
            table.add_row(Text(theme, style="italic"))
        table.add_row(Text(f"  {one.slug}"), Text(one.title), Text(", ".join(part.name for part in one.parameters)))
    console.print(table)
    console.print()
    console.print(Text("kgtools query QUESTION tells of one; kgtools query DATA QUESTION --set NAME=VALUE asks it."))


def show_question(question: CompetencyQuestion, console: Console) -> None:
    """What a question asks, what may be set in it, and how to ask it."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    console.print(Text(question.title, style="bold"))
    console.print(Text(question.question))
    if question.parameters:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in ("name", "takes", "default", "what it is"):
            table.add_column(name, no_wrap=name in ("name", "takes"), overflow="fold")
        for one in question.parameters:
            default = "" if one.default == ("UNDEF",) else " ".join(one.default)
            table.add_row(*map(Text, (one.name, one.takes, default, one.text)))
        console.print()
        console.print(Padding(table, (0, 0, 0, 2)))
    console.print()
    for name, said in (("Keywords", ", ".join(question.keywords)), ("Source", question.source)):
        if said:
            console.print(Text(f"{name}: {said}"))
    example = "".join(f" --set {one.name}=…" for one in question.parameters[:1])
    console.print(Text(f"Ask it: kgtools query DATA {question.slug}{example}; --sparql writes its SPARQL."))
