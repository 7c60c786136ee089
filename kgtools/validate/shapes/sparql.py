"""Queries in shapes: a statement that holds SPARQL goes in, what is wrong with it comes out.

W3C SHACL, 5.3 and 6.2, fix what is bound before a query runs, and appendix A which queries cannot be run so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from kgtools.validate.shapes.prebinding import Query, faults
from kgtools.validate.shapes.said import Said, Statement
from kgtools.validate.shapes.terms import SH
from kgtools.vocabulary import PREFIXES


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
    head, undeclared = _prefixes(said, statement.subject)
    yield from undeclared
    query = re.sub(r"[?$]PATH\b", "<urn:path>", text.value) if with_path else text.value
    try:
        ox.Store().query(head + query)
    except SyntaxError as error:
        yield said.at_line(statement, query, str(error.msg)), _plainly(head + query, str(error.msg))
        return
    before = ("this", "shapesGraph", "currentShape", *bound)
    yield from (
        (statement, wrong) for wrong in islice(faults(Query(statement.subject, form, text.value, head, before)), 1)
    )


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
