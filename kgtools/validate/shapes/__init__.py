"""Shapes: RDF files go in, a shapes graph comes out that is sound, with a name and a message for each shape.

Shapes are checked before they are used: engines pass over a constraint that they cannot read, and what was not checked
must never look like what conforms. `sound` refuses what cannot work (by what files say, in `said`, and what SHACL has,
in `terms`; queries in `sparql` and `prebinding`), `remarks` warns of what will not do what was meant. `plain` writes a
graph so that every engine reads it alike, `restored` and `paths` put back into results what engines leave out,
`features` and `uses` say what shapes ask of an engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgtools.store import triples_of
from kgtools.validate.asked import Asked, asked_of
from kgtools.validate.shapes.features import Feature, features_of
from kgtools.validate.shapes.plain import named, plainly
from kgtools.validate.shapes.restored import Description, descriptions
from kgtools.validate.shapes.sound import check
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
    def graph(self) -> list[ox.Triple]:
        """The triples, parsed."""
        import pyoxigraph as ox

        return [quad.triple for quad in ox.parse(self.triples, ox.RdfFormat.N_TRIPLES)]

    @cached_property
    def uses(self) -> tuple[Feature, ...]:
        """What these shapes ask of an engine that not every one gets right."""
        return features_of(self.graph)

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
    shapes = _read((folder("shapes") / "incident.ttl", folder("shapes") / "coding.ttl"))
    rest = "".join(f"{triple} .\n" for triple in shapes.graph if triple.predicate.value != _SH + "sparql")
    return replace(shapes, asked=asked_of(shapes.graph), rest=rest)


@lru_cache(maxsize=8)
def _read(paths: tuple[Path, ...]) -> Shapes:
    theirs = [path for path in paths if folder("shapes") not in path.parents]
    if theirs:  # those that come along are held sound by tests
        check(theirs)
    found = named(plainly([triple for path in paths for triple in triples_of(path)]))
    lines = "".join(f"{triple} .\n" for triple in found)
    return Shapes(lines, _messages(found), described=descriptions(found), trusted=not theirs)


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
