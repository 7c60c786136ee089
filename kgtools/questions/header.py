"""Heads of questions: a file of `queries/question/` goes in, the question that its head describes comes out, checked.

The head is the comment that the file begins with, up to the first empty line: `# Title:`, `# Question:`, `# Keywords:`
(with commas between; the first is the theme), `# Source:`, where the query asks for verdicts `# Needs: verdicts` (or
`verdicts of each coder`, to compare them), and for each parameter `# Parameter: name (kind): what it means`. A line
that begins with three blanks goes on with what is said before. A comment right after the head, behind an empty line, is
a remark on the answer; what concerns the writing of the query stands in the query, or behind a further empty line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn, get_args

from kgtools.errors import InputError, OntologyError
from kgtools.questions import CompetencyQuestion, Kind, Parameter, nearest
from kgtools.sparql import calls_services, form_of, parameters_of

NEEDED = ("Title", "Question", "Keywords", "Source")
"""What every head has."""

_KEYS = (*NEEDED, "Needs", "Parameter")
_NEEDS = ("verdicts", "verdicts of each coder")
_OR = " or "
_KINDS: dict[str, Kind] = {kind: kind for kind in get_args(Kind)}
_DEFAULTS: dict[Kind, str] = {
    "string": r"[\"'].*",
    "term": r"<.*>|[\w.-]*:.*",
    "iri": r"<.*>|[\w.-]*:.*",
    "integer": r"[+-]?[0-9]+",
    "boolean": r"(?i:true|false)",
}
"""What a term of a default looks like."""


def read_question(path: Path, *, private: bool = False) -> CompetencyQuestion:
    """Read a question's file.

    Args:
        path: the file.
        private: whether it is nobody else's, and so may be called anything.

    Raises:
        OntologyError: it cannot be read, its head is wrong, or does not go with its query.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OntologyError(f"{path}: cannot be read as UTF-8; write SPARQL with a head that describes it") from error
    said: dict[str, str] = {}
    parameters: dict[str, tuple[int, Kind, str]] = {}
    for line, key, value in _head(path, text):
        if key == "Parameter":
            name, kind, meaning = _parameter(path, line, value)
            if name in parameters:
                _fail(path, line, f"the parameter `{name}` is there already; describe it once")
            parameters[name] = (line, kind, meaning)
        elif key in said:
            _fail(path, line, f"`{key}` is there already; say it once")
        elif key == "Needs" and value not in _NEEDS:
            _fail(path, line, f"`{value}` is nothing that a question can need; write {_OR.join(_NEEDS)}, or nothing")
        else:
            said[key] = value
    for key in NEEDED:
        if key not in said:
            _fail(path, 1, f"the head has no `# {key}: …`; a question has {', '.join(NEEDED)}")
    if not private and not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", path.stem):
        _fail(path, 1, "the name of a question has small letters, digits and hyphens; rename the file")
    defaults = _defaults(path, text)
    return CompetencyQuestion(
        slug=path.stem,
        title=said["Title"],
        question=said["Question"],
        keywords=tuple(one.strip() for one in said["Keywords"].split(",") if one.strip()),
        source=said["Source"],
        needs_verdicts="Needs" in said,
        parameters=tuple(_described(path, parameters, defaults)),
        sparql=text,
        of_each_coder=said.get("Needs") == _NEEDS[1],
    )


def remark(question: CompetencyQuestion) -> str:
    """What the comment says that comes after a question's head, as paragraphs; empty for none."""
    match = re.match(r"(?:#.*\n)+\s*\n((?:#.*\n)+)", question.sparql)
    paragraphs = re.split(r"\n#\s*\n", match[1]) if match else []
    return "\n\n".join(" ".join(line.lstrip("# ") for line in one.splitlines()) for one in paragraphs)


def query_of(question: CompetencyQuestion) -> str:
    """A question's query without its head and what is remarked on it."""
    return re.sub(r"\A(#[^\n]*\n|\s*\n)*", "", question.sparql).rstrip()


def _fail(path: Path, line: int, message: str) -> NoReturn:
    raise OntologyError(f"{path}:{line}: {message}")


def _head(path: Path, text: str) -> Iterator[tuple[int, str, str]]:
    """What the head says: the line, the key, the value."""
    found: list[tuple[int, str, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("#"):
            break
        match = re.fullmatch(r"# (\w+): *(\S.*?) *", line)
        if line.startswith("#   ") and found:
            before, key, value = found.pop()
            found.append((before, key, f"{value} {line[1:].strip()}"))
        elif match is None:
            _fail(path, number, "is no line of a head; write `# Title: …`, and remarks after an empty line")
        elif match[1] not in _KEYS:
            _fail(path, number, f"`{match[1]}` is no key{nearest(match[1], _KEYS)}; there are {', '.join(_KEYS)}")
        else:
            found.append((number, match[1], match[2]))
    yield from found


def _parameter(path: Path, line: int, value: str) -> tuple[str, Kind, str]:
    match = re.fullmatch(r"(\w+) \((\w+)\): +(.+)", value, re.ASCII)
    if match is None:
        _fail(path, line, "a parameter is described as `# Parameter: name (kind): what it means`")
    if match[2] not in _KINDS:
        _fail(path, line, f"`{match[2]}` is no kind of parameter; there are {', '.join(_KINDS)}")
    return match[1], _KINDS[match[2]], match[3]


def _defaults(path: Path, text: str) -> dict[str, list[str]]:
    """The defaults in the query, which is checked for what no question may do."""
    try:
        form, defaults = form_of(text), parameters_of(text)
        if calls_services(text):
            raise InputError("a question calls no other server; leave SERVICE out")
    except InputError as error:
        raise OntologyError(f"{path}: {error}") from error
    if form == "DESCRIBE":
        raise OntologyError(f"{path}: what a DESCRIBE tells is up to the engine; write a CONSTRUCT")
    return defaults


def _described(
    path: Path, parameters: dict[str, tuple[int, Kind, str]], defaults: dict[str, list[str]]
) -> Iterator[Parameter]:
    """The parameters, each held to its line in the query."""
    for name in defaults:
        if name not in parameters:
            _fail(path, 1, f"the line `VALUES ?{name} {{ … }}` is a parameter; describe it in a line `# Parameter: …`")
    for name, (line, kind, meaning) in parameters.items():
        if name not in defaults:
            line_of = f"`VALUES ?{name} {{ default }}`"
            _fail(path, line, f"`{name}` has no line {line_of} of its own in the query, or unlike ones; write one")
        for term in defaults[name]:
            if term.upper() != "UNDEF" and not re.fullmatch(_DEFAULTS[kind], term, re.DOTALL):
                _fail(path, line, f"the default of `{name}` is {term}, which is no {kind}; write one, or UNDEF")
        yield Parameter(name, kind, meaning, tuple(defaults[name]))
