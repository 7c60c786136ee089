"""Written: answers and a form go in; bytes come out.

csv, tsv, json and xml are what the W3C says of them (SPARQL 1.1 Query Results CSV and TSV Formats; JSON Format; SPARQL
Query Results XML Format), by Oxigraph. So a csv cell that begins with `=` is written as it is: a spreadsheet that is
told to open it would compute it, and a program that reads it gets the value. A table, Markdown and HTML are for people.
"""

from __future__ import annotations

import json
import re
from io import StringIO
from typing import IO, TYPE_CHECKING, Any

from kgtools.answers import shown
from kgtools.answers.forms import require_form
from kgtools.errors import InputError
from kgtools.vocabulary import PREFIXES

if TYPE_CHECKING:
    import pyoxigraph as ox

    from kgtools.answers import Answers
    from kgtools.sparql.terms import Term

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML 1.0 (2.2) has no way to write."""


def write(answers: Answers, form: str, file: IO[bytes]) -> None:
    """Write answers; see `kgtools.answers.Answers.write`."""
    require_form(form, graph=answers.is_graph)
    if answers.triples is not None:
        _write_graph(answers.triples, form, file)
    elif form == "table":
        file.write(_table(answers).encode())
    elif form == "markdown":
        file.write(shown.markdown(answers.variables, answers.terms, answers.labels).encode())
    else:
        file.write(_by_the_book(answers, form))


def _table(answers: Answers) -> str:
    """The table as text without a terminal."""
    from rich.console import Console

    text = StringIO()
    answers.show(Console(file=text, no_color=True, width=120, highlight=False, emoji=False))
    return "".join(f"{line.rstrip()}\n" for line in text.getvalue().splitlines())


def _by_the_book(answers: Answers, form: str) -> bytes:
    """One of the W3C's forms."""
    import pyoxigraph as ox

    if form == "xml":
        _require_writable_in_xml(answers)
    results = ox.parse_query_results(json.dumps(_as_json(answers)), ox.QueryResultsFormat.JSON)
    written = results.serialize(format=getattr(ox.QueryResultsFormat, form.upper())) or b""
    if form == "xml":
        written = written.replace(b"\r", b"&#13;")  # whoever reads XML takes a bare one for the end of a line
    return written if written.endswith(b"\n") else written + b"\n"


def _as_json(answers: Answers) -> dict[str, Any]:
    if answers.truth is not None:
        return {"head": {}, "boolean": answers.truth}
    bindings = [
        {name: _binding(term) for name, term in zip(answers.variables, row, strict=True) if term is not None}
        for row in answers.terms
    ]
    return {"head": {"vars": answers.variables}, "results": {"bindings": bindings}}


def _binding(term: Term) -> dict[str, Any]:
    import pyoxigraph as ox

    if isinstance(term, ox.Triple):  # RDF 1.2
        parts = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
        return {"type": "triple", "value": {name: _binding(part) for name, part in parts.items()}}
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    if term.language is not None:
        return {"type": "literal", "value": term.value, "xml:lang": term.language}
    return {"type": "literal", "value": term.value, "datatype": term.datatype.value}


def _require_writable_in_xml(answers: Answers) -> None:
    for row in answers.terms:
        for term in row:
            if term is not None and _NOT_IN_XML.search(getattr(term, "value", "")):
                raise InputError(f"XML cannot hold a control character, as {str(term)!a} has; write json or tsv")


def _write_graph(triples: list[ox.Triple], form: str, file: IO[bytes]) -> None:
    import pyoxigraph as ox

    if form == "n-triples":
        file.writelines(sorted(f"{triple} .\n".encode() for triple in triples))
        return
    if form == "turtle":
        text = (ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=dict(PREFIXES)) or b"").decode()
        head = re.match(r"(@prefix .*\n)*", text)
        said = text[head.end() if head else 0 :]
        used = [name for name in sorted(PREFIXES) if re.search(rf"(?<![\w:.-]){name}:", said)]
        file.write("".join([*(f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in used), said]).encode())
    else:
        written = ox.serialize(triples, format=ox.RdfFormat.JSON_LD) or b""
        text = json.dumps(json.loads(written), indent=1, ensure_ascii=False)
        file.write(f"{text}\n".encode())
