"""Shapes: RDF files go in, a shapes graph comes out that is sound, with a name and a message for each shape.

Shapes are checked before they are used: engines pass over a constraint that they cannot read, and what was not checked
must never look like what conforms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgtools.errors import InputError
from kgtools.model import SEVERITIES
from kgtools.store import rdf_format
from kgtools.validate.asked import Asked, asked_of
from kgtools.validate.features import Feature, features
from kgtools.validate.plain import named, plainly
from kgtools.validate.prebinding import unfit
from kgtools.validate.restored import Description, descriptions
from kgtools.vocabulary import PREFIXES, folder

if TYPE_CHECKING:
    import pyoxigraph as ox

SHAPES = "https://w3id.org/evco/shapes#"
_SH = PREFIXES["sh"]


@dataclass(frozen=True)
class Shapes:
    """A shapes graph that was read and found sound.

    Args:
        triples: the graph, as N-Triples, said plainly and with names for nameless shapes.
        messages: the English message of each shape that has one, by its IRI.
        asked: the SPARQL-based constraints that may be asked of all nodes at once.
        rest: the triples without these constraints.
        described: what a report needs to know of shapes, constraints and components, by their IRIs.
        trusted: whether these are shapes that come with kgtools, for which tests hold the engines to the same answers.
    """

    triples: str
    messages: Mapping[str, str]
    asked: tuple[Asked, ...] = ()
    rest: str = ""
    described: Mapping[str, Description] = field(default_factory=dict)
    trusted: bool = False

    @cached_property
    def uses(self) -> tuple[Feature, ...]:
        """What these shapes ask of an engine that not every one gets right."""
        import pyoxigraph as ox

        return features(quad.triple for quad in ox.parse(self.triples, ox.RdfFormat.N_TRIPLES))

    @classmethod
    def read(cls, paths: Iterable[Path]) -> Shapes:
        """Read shapes, all files as one graph, whichever syntax of RDF their endings name.

        Raises:
            InputError: a file is missing or not what its ending says, or holds shapes that cannot work; with file and
                line.
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

    found: list[ox.Triple] = []
    for path in paths:
        triples = _triples(path)
        if folder("shapes") not in path.parents:  # those that come along are held sound by tests
            _lint(path, triples)
        found += triples
    found = named(plainly(found))
    lines = "".join(f"{triple} .\n" for triple in found)
    trusted = all(folder("shapes") in path.parents for path in paths)
    return Shapes(lines, _messages(found), described=descriptions(found), trusted=trusted)


def _triples(path: Path) -> list[ox.Triple]:
    """What a file holds; all graphs are taken as one."""
    import pyoxigraph as ox

    form = rdf_format(path)
    try:
        quads = ox.parse(path=str(path), format=form, base_iri=path.resolve().as_uri(), rename_blank_nodes=True)
        return [quad.triple for quad in quads]
    except SyntaxError as error:
        raise InputError(f"not {form.name}: {' '.join(error.msg.split())}", path, error.lineno) from error
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", path) from error


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

    text = path.read_text(encoding="utf-8", errors="replace")
    for query in unfit(triples):
        words = [line.strip() for line in query.text.splitlines() if line.strip()]
        raise InputError(query.message, path, _line_with(text, words))
    try:
        remarks = shacl_rust.validate(
            "", "\n".join(f"{triple} ." for triple in triples), shapes_format="nt", diagnostics=True
        )
    except ValueError as error:
        raise InputError(f"no shapes that can be worked with: {error}", path) from error
    for remark in remarks["diagnostics"]:
        if not remark["code"].startswith("L"):
            continue  # what shapes with sh:targetNode find in no data
        if remark["code"] == "L0004" and not _is_of_shape(remark["actual"] or "", triples):
            continue
        if remark["severity"] == "error" or remark["code"] in _WORKLESS:
            said = f"{remark['title']}: {remark['actual']}" if remark["actual"] else remark["title"]
            raise InputError(f"{said}. {remark['help']}", path, _line(text, remark))
    for triple in triples:
        if triple.predicate.value == _SH + "severity" and not _is_severity(triple.object):
            number = next((n for n, line in enumerate(text.splitlines(), 1) if "severity" in line), None)
            raise InputError(f"{triple.object} is no severity; write sh:Violation, sh:Warning or sh:Info", path, number)
    if not any(triple.predicate.value.startswith(_SH) for triple in triples):
        raise InputError("holds no SHACL shape, so nothing would be checked", path)


def _is_of_shape(term: str, triples: list[ox.Triple]) -> bool:
    """Whether a property of SHACL stands at a shape: data may say what they want."""
    holders = {one.subject for one in triples if one.predicate.value == _SH + term.removeprefix("sh:")}
    said = [one for one in triples if one.subject in holders]
    others = [one for one in said if _SH in f"{one.predicate}{one.object}" and one.predicate.value != _SH + term[3:]]
    return bool(others) or not holders


def _is_severity(term: Any) -> bool:
    """One of SHACL's three, or an IRI of somebody else's (W3C SHACL, 2.1.4)."""
    import pyoxigraph as ox

    if not isinstance(term, ox.NamedNode):
        return False
    return term.value in _SEVERITIES or not term.value.startswith(_SH)


_SEVERITIES = tuple(f"{_SH}{severity.capitalize()}" for severity in SEVERITIES)


def _line(text: str, remark: Mapping[str, Any]) -> int:
    """The line of a file that a remark is about: the first that holds a word of it."""
    words = re.findall(r"sh:(\w+)", remark["actual"] or "")
    for snippet in remark["snippets"]:
        literals = re.findall(r'"((?:[^"\\]|\\.)*)"', snippet["highlight"])
        words += [word.strip() for literal in literals for word in literal.split("\\n") if len(word.strip()) > 2]
        words += reversed(re.findall(r"[#/:](\w+)> ", snippet["highlight"]))
    return _line_with(text, words)


def _line_with(text: str, words: Iterable[str]) -> int:
    """The first line with the first of some words that is anywhere."""
    for word in words:
        for number, line in enumerate(text.splitlines(), 1):
            if word in line:
                return number
    return 1
