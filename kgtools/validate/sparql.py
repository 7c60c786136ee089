"""Queries in shapes: a statement that holds SPARQL goes in, what is wrong with it comes out.

W3C SHACL, 5.3 and 6.2, fix what is bound before a query runs, and appendix A which queries cannot be run so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from kgtools.validate.said import Said, Statement
from kgtools.validate.terms import SH
from kgtools.vocabulary import PREFIXES

_WORDS = re.compile(
    r"""#[^\n]*|<[^<>"{}|^`\\\s]*>|"{3}(?:[^"\\]|\\.|"(?!""))*"{3}|'{3}(?:[^'\\]|\\.|'(?!''))*'{3}"""
    r"""|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|(?P<word>[?$]?\w+(?![\w:])|\w*:[\w.-]*|[^\s\w])""",
    re.S,
)
_BOUND = ("this", "shapesGraph", "currentShape")


def fault(
    said: Said, statement: Statement, form: str, with_path: bool, bound: Iterable[str] = ()
) -> Iterator[tuple[Statement, str]]:
    """What is wrong with a query.

    Args:
        statement: the one whose object is the query.
        form: `select` or `ask`.
        with_path: whether `$PATH` stands for a path.
        bound: the variables that are bound before the query runs, beside those that always are.
    """
    import pyoxigraph as ox

    text = statement.object
    if not isinstance(text, ox.Literal) or text.datatype.value != PREFIXES["xsd"] + "string":
        yield statement, f"sh:{form} is {said.short(text)}; write the query as a plain string"
        return
    head, wrong = _prefixes(said, statement.subject)
    yield from wrong
    words = [match["word"] for match in _WORDS.finditer(text.value) if match["word"]]
    for kind in ("MINUS", "VALUES", "SERVICE"):
        if kind in (word.upper() for word in words):
            said_wrong = f"the query has {kind}, which SHACL does not allow where variables are bound before"
            yield statement, said_wrong + ("; use FILTER NOT EXISTS" if kind == "MINUS" else "; write it without")
            return
    for word, after in pairwise(words):
        if word.upper() == "AS" and after[0] in "?$" and after[1:] in (*_BOUND, *bound):
            yield statement, f"the query binds {after}, which is bound before it runs; choose another name"
            return
    if not _returns_this(words):
        yield statement, "a query within the query does not return $this; write `SELECT $this` there"
        return
    query = re.sub(r"[?$]PATH\b", "<urn:path>", text.value) if with_path else text.value
    try:
        answers: Any = ox.Store().query(head + query)
    except SyntaxError as error:
        yield said.at_line(statement, query, str(error.msg)), _plainly(head + query, str(error.msg))
        return
    if isinstance(answers, ox.QuerySolutions) != (form == "select") or isinstance(answers, ox.QueryTriples):
        yield statement, f"sh:{form} holds a query of another form; write {form.upper()}"
    elif form == "select" and "this" not in (variable.value for variable in answers.variables):
        yield statement, "the query does not return $this; write `SELECT $this …`"


def _plainly(query: str, wrong: str) -> str:
    """What a parser says: what was not understood rather than all that could stand there."""
    if "Prefix not found" in wrong:
        return "the query has a prefix that is not declared; declare it with sh:prefixes and sh:declare"
    match = re.match(r"error at (\d+):", wrong)
    line = query.split("\n")[int(match[1]) - 1].strip() if match else query
    return f"the query is no SPARQL, at `{line if len(line) <= 60 else line[:59] + '…'}`; look for what is wrong there"


def _prefixes(said: Said, holder: Any) -> tuple[str, list[tuple[Statement, str]]]:
    """The prefixes that a query may use, as SPARQL declares them, and what is wrong with them."""
    lines: dict[str, str] = {}
    wrong = []
    todo = [one.object for one in said.of(holder, SH + "prefixes")]
    seen = set()
    while todo:
        node = todo.pop()
        if node in seen:
            continue
        seen.add(node)
        todo += [one.object for one in said.of(node, PREFIXES["owl"] + "imports")]
        for link in said.of(node, SH + "declare"):
            prefix, space = (said.of(link.object, SH + name) for name in ("prefix", "namespace"))
            if len(prefix) != 1 or len(space) != 1:
                wrong.append((link, "a prefix needs one sh:prefix and one sh:namespace"))
                continue
            lines[prefix[0].object.value] = space[0].object.value
    return "".join(f"PREFIX {prefix}: <{space}> " for prefix, space in sorted(lines.items())), wrong


def _returns_this(words: list[str]) -> bool:
    """Whether each query within a query returns `$this`, so that it can be bound there."""
    for at, word in enumerate(words):
        if word.upper() == "SELECT" and at and words[at - 1] == "{":
            end = next((later for later in range(at, len(words)) if words[later] == "{"), len(words))
            if not {"?this", "$this"} & set(words[at:end]):
                return False
    return True
