"""Terms: files of an ontology, in any RDF syntax, go in; what each term is, is called and stands under comes out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from kgtools.vocabulary import ONTOLOGY_IRI, PREFIXES, ontology_files, theory_files

_OWL, _RDF, _RDFS, _SKOS = (PREFIXES[name] for name in ("owl", "rdf", "rdfs", "skos"))

CLASS, OBJECT, DATA, ANNOTATION, PROPERTY, INDIVIDUAL = (
    *("class", "object property", "data property", "annotation property"),
    *("property", "individual"),
)
PROPERTIES = frozenset({OBJECT, DATA, ANNOTATION, PROPERTY})

_KINDS = {
    **dict.fromkeys((_OWL + "Class", _RDFS + "Class", _OWL + "DeprecatedClass", _OWL + "Restriction"), CLASS),
    **dict.fromkeys(
        (
            _OWL + name
            for name in ("ObjectProperty", "TransitiveProperty", "SymmetricProperty", "InverseFunctionalProperty")
        ),
        OBJECT,
    ),
    **dict.fromkeys((_RDF + "Property", _OWL + "DeprecatedProperty", _OWL + "FunctionalProperty"), PROPERTY),
    _OWL + "DatatypeProperty": DATA,
    _OWL + "AnnotationProperty": ANNOTATION,
}

_LABELS = frozenset({_RDFS + "label", _SKOS + "prefLabel", PREFIXES["dcterms"] + "title"})
_UNDER = frozenset({_RDFS + "subClassOf", _RDFS + "subPropertyOf", _SKOS + "broader", _SKOS + "broadMatch"})
_OVER = frozenset({_SKOS + "narrower", _SKOS + "narrowMatch"})
_SAME = frozenset({_OWL + "equivalentClass", _OWL + "equivalentProperty", _OWL + "sameAs", _SKOS + "exactMatch"})
_DEPRECATED_TYPES = frozenset({_OWL + "DeprecatedClass", _OWL + "DeprecatedProperty"})
_REPLACED = frozenset(
    {
        PREFIXES["dcterms"] + "isReplacedBy",
        "http://schema.org/supersededBy",
        "https://schema.org/supersededBy",
        "http://purl.obolibrary.org/obo/IAO_0100001",
    }
)
_STATUS = "http://www.w3.org/2003/06/sw-vocab-status/ns#term_status"


@dataclass
class Term:
    """What files say of a term: what kinds of thing it is, what it is called, whether it is still to be used."""

    kinds: set[str] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)
    deprecated: bool = False
    instead: str = ""


@dataclass(frozen=True)
class Terms:
    """The terms of an ontology.

    Args:
        known: IRI to what is said of it; each IRI that the files say something of.
        mentioned: IRIs that they only mention.
        above: IRI to those directly above it, classes, properties and concepts alike.
        same: IRI to those that the files call the same.
        imports: the ontologies that the files import and that none of them is.
    """

    known: Mapping[str, Term]
    mentioned: frozenset[str]
    above: Mapping[str, frozenset[str]]
    same: Mapping[str, frozenset[str]]
    imports: frozenset[str] = frozenset()

    @classmethod
    def read(cls, paths: Iterable[Path]) -> Terms:
        """Read files in any RDF syntax.

        Raises:
            InputError: one is missing or is not what its ending says; with the line.
        """
        return _read(tuple(path.resolve() for path in paths))

    @classmethod
    def ours(cls, theories: Iterable[Path] = ()) -> Terms:
        """Those of EVCO and its theories, and of further theory files."""
        return cls.read([*ontology_files(), *theory_files(), *theories])

    def kinds(self, iri: str) -> frozenset[str]:
        """What kinds of thing a term is; empty where nothing is known."""
        return frozenset(self.known[iri].kinds) if iri in self.known else frozenset()


def is_ours(iri: str) -> bool:
    """Whether a term is one of EVCO or a theory that comes along."""
    return iri.startswith(ONTOLOGY_IRI)


@lru_cache(maxsize=64)
def _one(path: Path, _: int) -> tuple[tuple[str, str, str, bool], ...]:
    """The triples of a file that begin at an IRI; the last says whether the object is an IRI."""
    import pyoxigraph as ox

    from kgtools.store import Store

    store = Store()
    store.load(path)
    return tuple(
        (quad.subject.value, quad.predicate.value, quad.object.value, isinstance(quad.object, ox.NamedNode))
        for quad in store.inner
        if isinstance(quad.subject, ox.NamedNode) and not isinstance(quad.object, (ox.BlankNode, ox.Triple))
    )


def _read(paths: tuple[Path, ...]) -> Terms:
    known: dict[str, Term] = {}
    mentioned: set[str] = set()
    above: dict[str, set[str]] = {}
    same: dict[str, set[str]] = {}
    imports: set[str] = set()
    for path in paths:
        for subject, predicate, value, is_iri in _one(path, path.stat().st_mtime_ns if path.exists() else 0):
            term = known.setdefault(subject, Term())
            mentioned.add(predicate)
            if is_iri:
                mentioned.add(value)
            if predicate == _RDF + "type":
                term.kinds.add(_KINDS.get(value, INDIVIDUAL))
                term.deprecated |= value in _DEPRECATED_TYPES
            elif predicate in _LABELS:
                term.labels.add(value)
            elif predicate in _UNDER and is_iri:
                above.setdefault(subject, set()).add(value)
            elif predicate in _OVER and is_iri:
                above.setdefault(value, set()).add(subject)
            elif predicate in _SAME and is_iri:
                same.setdefault(subject, set()).add(value)
                same.setdefault(value, set()).add(subject)
            elif predicate == _OWL + "imports" and is_iri:
                imports.add(value)
            elif predicate == _OWL + "deprecated":
                term.deprecated |= value in ("true", "1")
            elif predicate in _REPLACED:
                term.deprecated, term.instead = True, value
            elif predicate == _STATUS:
                term.deprecated |= value in ("archaic", "deprecated")
    for term in known.values():
        if term.kinds > {INDIVIDUAL}:  # a class is typed as something else too in many an ontology
            term.kinds.discard(INDIVIDUAL)
    return Terms(
        known=known,
        mentioned=frozenset(mentioned - known.keys()),
        above={iri: frozenset(others) for iri, others in above.items()},
        same={iri: frozenset(others) for iri, others in same.items()},
        imports=frozenset(imports - known.keys()),
    )
