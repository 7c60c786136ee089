"""Names: where ontology, shapes and queries lie, the prefixes, and the classes that a coding may use.

`Vocabulary` is read from the Turtle files themselves, so that a class added there (or in a user's theory) is known at
once; nothing about a single class or theory stands in Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from kgtools.errors import InputError, OntologyError

if TYPE_CHECKING:
    import curies
    import pyoxigraph as ox

ONTOLOGY_IRI = "https://w3id.org/evco"
EVCO = "https://w3id.org/evco#"
VIEW = "https://w3id.org/evco/view#"

PREFIXES: Mapping[str, str] = {
    "evco": EVCO,
    "view": VIEW,
    "zh": "https://w3id.org/evco/theory/zhang2018#",
    "ja": "https://w3id.org/evco/theory/jaakkola2014#",
    "dcterms": "http://purl.org/dc/terms/",
    "oa": "http://www.w3.org/ns/oa#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

VALENCES = ("positive", "negative", "neutral", "mixed")


def folder(name: str) -> Path:
    """Where `ontology`, `shapes` or `queries` lies: inside an installed wheel, else at the top of the checkout."""
    package = Path(__file__).parent
    for place in (package / "data" / name, package.parent / name):
        if place.is_dir():
            return place
    raise OntologyError(f"the folder `{name}` is missing from this installation; install kgtools again")


def ontology_files() -> list[Path]:
    """The ontology's root and modules, without theories, alignments and the view's vocabulary."""
    return sorted(path for path in folder("ontology").glob("*.ttl") if path.stem != "view")


def theory_files() -> list[Path]:
    """The theories that come with kgtools."""
    return sorted(folder("ontology").glob("theory/*.ttl"))


def load(paths: Iterable[Path]) -> tuple[ox.Store, dict[str, str]]:
    """Parse Turtle files into one store, each into a graph of its own named by its file IRI.

    Returns:
        The store, and the prefixes that the files declare.

    Raises:
        OntologyError: a file is missing or is no Turtle; the message names file and line.
    """
    import pyoxigraph as ox

    from kgtools.read.limits import readable

    store, prefixes = ox.Store(), {}
    for path in paths:
        try:
            with readable(path, ox.RdfFormat.TURTLE, path) as file:
                parser = ox.parse(path=str(file), format=ox.RdfFormat.TURTLE, base_iri=path.resolve().as_uri())
                graph = ox.NamedNode(path.resolve().as_uri())
                store.extend(ox.Quad(quad.subject, quad.predicate, quad.object, graph) for quad in parser)
        except InputError as error:
            raise OntologyError(str(error)) from error
        except SyntaxError as error:
            raise OntologyError(f"{path}:{error.lineno}: not Turtle: {error.msg}") from error
        except OSError as error:
            said = error.strerror or str(error).partition(" (os error")[0]
            raise OntologyError(f"{path}: cannot be read ({said}); name a Turtle file") from error
        prefixes.update(parser.prefixes)
    return store, prefixes


@lru_cache(maxsize=1)
def converter() -> curies.Converter:
    """The prefixes above, as a curies converter."""
    import curies

    return curies.Converter.from_prefix_map(PREFIXES)


def curie(iri: str) -> str:
    """The short form of an IRI where a prefix is known, else the IRI."""
    return converter().compress(iri) or iri


class Names:
    """Short forms of IRIs, by some prefixes: the one with the longest namespace that fits, or the first of these.

    Args:
        prefixes: prefix to what it stands for; an empty prefix or namespace is passed over.
    """

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        known = [(name, space) for name, space in prefixes.items() if name and space]
        self._prefixes = sorted(known, key=lambda one: -len(one[1]))

    def split(self, iri: str) -> tuple[str, str]:
        """The prefix that fits, and what stands after it; without a prefix, the whole IRI."""
        for name, space in self._prefixes:
            if iri.startswith(space):
                return name, iri[len(space) :]
        return "", iri

    def curie(self, iri: str) -> str:
        """The short form as tables and messages have it, whatever stands after the prefix; else the IRI."""
        name, rest = self.split(iri)
        return f"{name}:{rest}" if name else iri

    def short(self, iri: str) -> str:
        """The short form as Turtle and SPARQL read it, else the IRI in angle brackets."""
        name, rest = self.split(iri)
        return f"{name}:{rest}" if name and _PN_LOCAL.fullmatch(rest) else f"<{iri}>"


_PN_LOCAL = re.compile(r"\w(?:[\w.-]*[\w-])?", re.ASCII)
"""Local names that every reader takes: those of Turtle (1.1, 6.5, PN_LOCAL) in ASCII, without colons and escapes."""


def local(iri: str) -> str:
    """What stands after the last `#` or `/` of an IRI."""
    return iri.rpartition("#")[2] if "#" in iri else iri.rpartition("/")[2]


@dataclass(frozen=True)
class Vocabulary:
    """The classes that codings, channels and roles use.

    Args:
        parents: class IRI to the IRIs of its direct superclasses.
        disjoint: pairs of class IRIs declared disjoint.
        instead: classes that are inferred and never coded, to what is to be written instead.
        notations: IRI to the word that stands for it in tables.
        prefixes: the prefixes that the files declare.
        theories: the theory files that were read beside those that come with kgtools.
    """

    parents: Mapping[str, frozenset[str]]
    disjoint: frozenset[tuple[str, str]]
    instead: Mapping[str, str]
    notations: Mapping[str, str]
    prefixes: Mapping[str, str]
    theories: tuple[Path, ...] = ()

    @classmethod
    def read(cls, theories: Iterable[Path] = ()) -> Vocabulary:
        """Read the ontology, the bundled theories, and further theory files.

        Raises:
            OntologyError: a file is missing or is no Turtle.
        """
        return _read(tuple(theories))

    @cached_property
    def _ancestors(self) -> dict[str, frozenset[str]]:
        found: dict[str, frozenset[str]] = {}

        def walk(iri: str, below: tuple[str, ...]) -> frozenset[str]:
            if iri not in found:
                if iri in below:
                    raise OntologyError(f"{curie(iri)} is a subclass of itself")
                above = (walk(parent, (*below, iri)) for parent in self.parents.get(iri, ()))
                found[iri] = frozenset({iri}).union(*above)
            return found[iri]

        for iri in self.parents:
            walk(iri, ())
        return found

    def above(self, iri: str) -> frozenset[str]:
        """The class and all its superclasses."""
        return self._ancestors.get(iri, frozenset({iri}))

    def below(self, iri: str) -> frozenset[str]:
        """The class and all its subclasses."""
        return frozenset(other for other, above in self._ancestors.items() if iri in above) | {iri}

    def excludes(self, iri: str, other: str) -> bool:
        """Whether the files say that nothing is an instance of both classes."""
        return any((a, b) in self.disjoint for a in self.above(iri) for b in self.above(other))

    @cached_property
    def elements(self) -> frozenset[str]:
        """The classes that a coding may use: `evco:Element` and those below it that are not merely inferred."""
        return self.below(EVCO + "Element") - set(self.instead)

    @cached_property
    def channels(self) -> frozenset[str]:
        """The channel classes."""
        return self.below(EVCO + "Channel")

    @cached_property
    def roles(self) -> dict[str, str]:
        """The words for roles in tables, each with its class."""
        return {self.notations[iri]: iri for iri in self.below(EVCO + "Actor") if iri in self.notations}

    @cached_property
    def _by_name(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for iri in sorted(self.parents, key=lambda iri: (iri.startswith(EVCO), iri)):
            names[local(iri)] = iri
        return names

    def resolve(self, name: str) -> str | None:
        """The class that `Delight`, `evco:Delight`, or an IRI (plain or in angle brackets) stands for; else None."""
        if name.startswith("<") and name.endswith(">"):
            name = name[1:-1]
        if name in self.parents:
            return name
        prefix, colon, rest = name.partition(":")
        if colon and prefix in self.prefixes:
            iri = self.prefixes[prefix] + rest
            return iri if iri in self.parents else None
        return self._by_name.get(name)

    def suggestion(self, name: str) -> str:
        """A half sentence on the nearest term, to end a message with; empty where none is near."""
        near = get_close_matches(name.rpartition(":")[2], [local(iri) for iri in self.elements], 1, 0.75)
        return f"; did you mean `{near[0]}`?" if near else ""


@lru_cache(maxsize=8)
def _read(theories: tuple[Path, ...]) -> Vocabulary:
    store, prefixes = load([*ontology_files(), *theory_files(), *theories])

    def rows(query: str) -> list[tuple[str, ...]]:
        answers = store.query(query, prefixes=dict(PREFIXES), use_default_graph_as_union=True)
        return [tuple(term.value for term in row) for row in answers]  # type: ignore[union-attr]  # a SELECT has solutions

    parents: dict[str, set[str]] = {iri: set() for (iri,) in rows("SELECT ?c { ?c a owl:Class . FILTER(isIRI(?c)) }")}
    for iri, parent in rows("SELECT ?c ?p { ?c rdfs:subClassOf ?p . FILTER(isIRI(?p) && isIRI(?c)) }"):
        parents.setdefault(iri, set()).add(parent)
    disjoint = rows(
        """SELECT DISTINCT ?a ?b {
             { ?a owl:disjointWith ?b }
             UNION { ?all a owl:AllDisjointClasses ; owl:members/rdf:rest*/rdf:first ?a, ?b }
             UNION { ?all owl:disjointUnionOf/rdf:rest*/rdf:first ?a, ?b }
             FILTER(isIRI(?a) && isIRI(?b) && ?a != ?b) }"""
    )
    return Vocabulary(
        parents={iri: frozenset(above) for iri, above in parents.items()},
        disjoint=frozenset(pair for a, b in disjoint for pair in ((a, b), (b, a))),
        instead=dict(rows("SELECT ?c ?text { ?c evco:codeInstead ?text }")),  # type: ignore[arg-type]  # rows of two
        notations=dict(rows("SELECT ?c ?text { ?c skos:notation ?text }")),  # type: ignore[arg-type]  # rows of two
        prefixes={**prefixes, **PREFIXES},
        theories=theories,
    )
