"""Shapes: Turtle files go in, a shapes graph comes out that is sound, with a name and a message for each shape.

Shapes are checked before they are used: engines pass over a constraint that they cannot read, and what was not checked
must never look like what conforms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgtools.errors import InputError
from kgtools.model import SEVERITIES
from kgtools.validate.asked import Asked, asked_of
from kgtools.vocabulary import PREFIXES, folder, local

if TYPE_CHECKING:
    import pyoxigraph as ox

SHAPES = "https://w3id.org/evco/shapes#"
_SH = PREFIXES["sh"]


@dataclass(frozen=True)
class Shapes:
    """A shapes graph that was read and found sound.

    Args:
        triples: the graph, as N-Triples, with names for nameless property shapes.
        messages: the English message of each shape that has one, by its IRI.
        asked: the SPARQL-based constraints that may be asked of all nodes at once.
        rest: the triples without these constraints.
    """

    triples: str
    messages: Mapping[str, str]
    asked: tuple[Asked, ...] = ()
    rest: str = ""

    @classmethod
    def read(cls, paths: Iterable[Path]) -> Shapes:
        """Read shapes in Turtle, all files as one graph.

        Raises:
            InputError: a file is missing or no Turtle, or holds shapes that cannot work; with file and line.
        """
        return _read(tuple(paths))

    @classmethod
    def of_data(cls) -> Shapes:
        """The shapes that come with kgtools for coded incidents."""
        return _of_data()


@cache
def _of_data() -> Shapes:
    import pyoxigraph as ox

    shapes = _read((folder("shapes") / "incident.ttl", folder("shapes") / "coding.ttl"))
    triples = [quad.triple for quad in ox.parse(shapes.triples, ox.RdfFormat.N_TRIPLES)]
    rest = "".join(f"{triple} .\n" for triple in triples if triple.predicate.value != _SH + "sparql")
    return replace(shapes, asked=asked_of(triples), rest=rest)


@lru_cache(maxsize=8)
def _read(paths: tuple[Path, ...]) -> Shapes:
    import pyoxigraph as ox

    found: list[ox.Triple] = []
    for path in paths:
        try:
            triples = [
                quad.triple
                for quad in ox.parse(
                    path=str(path),
                    format=ox.RdfFormat.TURTLE,
                    base_iri=path.resolve().as_uri(),
                    rename_blank_nodes=True,
                )
            ]
        except SyntaxError as error:
            raise InputError(f"not Turtle: {error.msg}", path, error.lineno) from error
        except OSError as error:
            raise InputError(f"cannot be read ({error.strerror or error})", path) from error
        if folder("shapes") not in path.parents:  # those that come along are held sound by tests
            _lint(path, triples)
        found += _named(triples)
    return Shapes("\n".join(f"{triple} ." for triple in found) + "\n", _messages(found))


def _named(triples: list[ox.Triple]) -> list[ox.Triple]:
    """The triples, each nameless property shape named by the shape that holds it and the property."""
    import pyoxigraph as ox

    by_subject: dict[Any, list[ox.Triple]] = {}
    for triple in triples:
        by_subject.setdefault(triple.subject, []).append(triple)
    names: dict[Any, ox.NamedNode] = {}

    def name(holder: Any, holder_name: str) -> None:
        for triple in by_subject.get(holder, ()):
            inner = triple.object
            if triple.predicate.value == _SH + "property" and isinstance(inner, ox.BlankNode) and inner not in names:
                paths = [other.object for other in by_subject.get(inner, ()) if other.predicate.value == _SH + "path"]
                word = local(paths[0].value) if paths and isinstance(paths[0], ox.NamedNode) else "property"
                taken = sum(other.value.startswith(f"{holder_name}/{word}") for other in names.values())
                names[inner] = ox.NamedNode(f"{holder_name}/{word}" + (f"-{taken + 1}" if taken else ""))
                name(inner, names[inner].value)

    for subject in by_subject:
        if isinstance(subject, ox.NamedNode):
            name(subject, subject.value)
    return [ox.Triple(names.get(t.subject, t.subject), t.predicate, names.get(t.object, t.object)) for t in triples]


def _messages(triples: list[ox.Triple]) -> dict[str, str]:
    """Each shape's message, or that of its SPARQL constraint; English where there are several."""
    held: dict[Any, Any] = {t.object: t.subject for t in triples if t.predicate.value == _SH + "sparql"}
    ranked: dict[str, tuple[tuple[bool, bool, str], str]] = {}
    for triple in triples:
        if triple.predicate.value == _SH + "message":
            shape: str = held.get(triple.subject, triple.subject).value
            text: Any = triple.object
            language = text.language or ""
            rank = (triple.subject in held, language.partition("-")[0] not in ("en", ""), language)
            if shape not in ranked or rank < ranked[shape][0]:
                ranked[shape] = (rank, text.value)
    return {shape: text for shape, (_, text) in ranked.items()}


_WORKLESS = {"L0001", "L0002", "L0003", "L0004", "L0007"}
"""Remarks of shacl-rust on shapes whose constraint would silently do nothing."""


def _lint(path: Path, triples: list[ox.Triple]) -> None:
    """Refuse shapes that an engine would silently pass over."""
    import shacl_rust

    text = path.read_text(encoding="utf-8")
    try:
        remarks = shacl_rust.validate(
            "", "\n".join(f"{triple} ." for triple in triples), shapes_format="nt", diagnostics=True
        )
    except ValueError as error:
        raise InputError(f"no shapes that can be worked with: {error}", path) from error
    for remark in remarks["diagnostics"]:
        if remark["severity"] == "error" or remark["code"] in _WORKLESS:
            said = f"{remark['title']}: {remark['actual']}" if remark["actual"] else remark["title"]
            raise InputError(f"{said}. {remark['help']}", path, _line(text, remark))
    for triple in triples:
        if triple.predicate.value == _SH + "severity" and str(triple.object)[1:-1] not in _SEVERITIES:
            number = next(n for n, line in enumerate(text.splitlines(), 1) if "severity" in line)
            raise InputError(f"{triple.object} is no severity; write sh:Violation, sh:Warning or sh:Info", path, number)
    if not any(triple.predicate.value.startswith(_SH + "target") for triple in triples):
        raise InputError("holds no SHACL shape with a target, so nothing would be checked", path)


_SEVERITIES = tuple(f"{_SH}{severity.capitalize()}" for severity in SEVERITIES)


def _line(text: str, remark: Mapping[str, Any]) -> int:
    """The line of a file that a remark is about: the first that holds a word of it."""
    words = re.findall(r"sh:(\w+)", remark["actual"] or "")
    for snippet in remark["snippets"]:
        literals = re.findall(r'"((?:[^"\\]|\\.)*)"', snippet["highlight"])
        words += [word.strip() for literal in literals for word in literal.split("\\n") if len(word.strip()) > 2]
        words += reversed(re.findall(r"[#/:](\w+)> ", snippet["highlight"]))
    for word in words:
        for number, line in enumerate(text.splitlines(), 1):
            if word in line:
                return number
    return 1
