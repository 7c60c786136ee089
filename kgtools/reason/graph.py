"""The reasoned graph: ontology files and data go in; the triples that HermiT can take come out, with what was left out.

Why: HermiT stops on datatypes that OWL 2 does not have (`xsd:date`). A statement about a thing with such a literal is
left out alone; an axiom that names such a datatype, in a range or anywhere within a class expression, is left out
whole, since half of an axiom says something else. Both are counted and named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from kgtools.errors import InputError, OntologyError
from kgtools.store import triples_and_prefixes
from kgtools.vocabulary import PREFIXES, curie, ontology_files, theory_files

if TYPE_CHECKING:
    import pyoxigraph as ox

_XSD, _OWL, _RDF, _RDFS = (PREFIXES[name] for name in ("xsd", "owl", "rdf", "rdfs"))

MAPPED = frozenset(
    {
        *(_XSD + name for name in ("string", "boolean", "dateTime", "dateTimeStamp", "anyURI")),
        *(_XSD + name for name in ("decimal", "integer", "double", "float", "hexBinary", "base64Binary")),
        *(_XSD + name for name in ("normalizedString", "token", "language", "Name", "NCName", "NMTOKEN")),
        *(_XSD + name for name in ("nonNegativeInteger", "nonPositiveInteger", "positiveInteger", "negativeInteger")),
        *(_XSD + name for name in ("long", "int", "short", "byte")),
        *(_XSD + name for name in ("unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte")),
        *(_RDF + name for name in ("langString", "PlainLiteral", "XMLLiteral")),
        *(_OWL + name for name in ("real", "rational")),
    }
)
"""The datatypes of the OWL 2 datatype map (OWL 2 Structural Specification, 4). HermiT stops on others."""

_NAMING = frozenset(
    {
        _RDFS + "range",
        _RDFS + "subClassOf",
        _RDF + "first",
        *(
            _OWL + name
            for name in (
                "someValuesFrom",
                "allValuesFrom",
                "onDataRange",
                "onDatatype",
                "datatypeComplementOf",
                "equivalentClass",
                "annotatedTarget",
                "annotatedSource",
            )
        ),
    }
)
"""Where a datatype stands in an axiom."""


_STRUCTURE = (_OWL, _RDF, _XSD)
"""Vocabularies whose properties, said of a blank node, make it part of an axiom and no thing."""


@dataclass
class Graph:
    """What is reasoned over.

    Args:
        sources: each triple with the files that it stands in; data stand in none.
        left_out: what was left out, and how often.
        prefixes: those that are known, and those that the files declare.
    """

    sources: dict[ox.Triple, tuple[Path, ...]] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    prefixes: dict[str, str] = field(default_factory=lambda: dict(PREFIXES))
    _blank: int = 0

    @classmethod
    def of(cls, lines: Iterable[str] = (), theories: Iterable[Path] = (), further: Iterable[Path] = ()) -> Graph:
        """Ontology, theories, data and further files as one graph; only literals have been left out.

        Args:
            lines: data as N-Quads, a line each; all graphs are taken as one.
            theories: files beside those that come with kgtools, in any syntax of RDF.
            further: as `add`.

        Raises:
            OntologyError: a file cannot be read, or is not what its ending says.
        """
        import pyoxigraph as ox

        graph = cls()
        quads = ox.parse("\n".join(lines).encode(), ox.RdfFormat.N_QUADS, lenient=True)
        graph._add((quad.triple for quad in quads), None)
        graph.add([*ontology_files(), *theory_files(), *theories, *further])
        return graph

    def add(self, paths: Iterable[Path]) -> None:
        """Add ontology files in any syntax of RDF. What they import is not looked for.

        Raises:
            OntologyError: a file cannot be read, or is not what its ending says.
        """
        for path in paths:
            try:
                triples, prefixes = triples_and_prefixes(path)
            except InputError as error:
                raise OntologyError(str(error)) from error
            self._add(triples, path)
            for prefix, space in prefixes.items():
                if space not in self.prefixes.values():
                    self.prefixes.setdefault(prefix or path.stem, space)
        self._leave_out_literals()

    def _add(self, triples: Iterable[ox.Triple], path: Path | None) -> None:
        """Add triples; blank nodes are named in the order in which they come, so that two files share none."""
        import pyoxigraph as ox

        names: dict[str, ox.BlankNode] = {}

        def own(node: ox.BlankNode) -> ox.BlankNode:
            if node.value not in names:
                names[node.value] = ox.BlankNode(f"b{self._blank}")
                self._blank += 1
            return names[node.value]

        for triple in triples:
            subject, predicate, value = triple
            if predicate.value == _OWL + "imports":  # what is to be here is here
                continue
            if isinstance(value, ox.Triple):
                self.left_out["triples about triples, which OWL 2 does not have"] += 1
                continue
            if isinstance(subject, ox.BlankNode) or isinstance(value, ox.BlankNode):
                triple = ox.Triple(
                    own(subject) if isinstance(subject, ox.BlankNode) else subject,
                    predicate,
                    own(value) if isinstance(value, ox.BlankNode) else value,
                )
            files = self.sources.get(triple, ())
            self.sources[triple] = files if path is None or path in files else (*files, path)

    def _leave_out_literals(self) -> None:
        """Leave out what is said of a thing by a literal that HermiT stops on."""
        import pyoxigraph as ox

        for triple in list(self.sources):
            value = triple.object
            if isinstance(value, ox.Literal) and value.datatype.value not in MAPPED and not _in_axiom(triple):
                self.left_out[curie(value.datatype.value)] += 1
                del self.sources[triple]

    def leave_out_axioms(self) -> None:
        """Leave out, whole, the axioms that name a datatype, or hold a literal of one, that HermiT stops on."""
        import pyoxigraph as ox

        unknown = self.unknown_datatypes()
        pointing: dict[ox.BlankNode, list[ox.Triple]] = {}
        within: dict[ox.BlankNode, list[ox.Triple]] = {}
        wrong: list[tuple[ox.Triple, str]] = []
        for triple in self.sources:
            subject, predicate, value = triple
            if isinstance(subject, ox.BlankNode):
                within.setdefault(subject, []).append(triple)
            if isinstance(value, ox.BlankNode):
                pointing.setdefault(value, []).append(triple)
            elif isinstance(value, ox.Literal):
                if value.datatype.value not in MAPPED and _in_axiom(triple):
                    wrong.append((triple, value.datatype.value))
            elif value.value in unknown and predicate.value in _NAMING:
                wrong.append((triple, value.value))
        for triple, datatype in wrong:
            if triple not in self.sources:
                continue
            roots = set(self._roots(triple, pointing))
            self.left_out[f"axioms that name {curie(datatype)}"] += len(roots)
            for root in roots:
                self._remove(root, within)

    def unknown_datatypes(self) -> frozenset[str]:
        """Datatypes that are used, are not in the map, and are not defined by others that are."""
        defined, named = set[str](), set[str]()
        for subject, predicate, value in self.sources:
            if predicate.value == _RDF + "type" and value.value == _RDFS + "Datatype":
                named.add(subject.value)
            if predicate.value == _OWL + "equivalentClass":
                defined.add(subject.value)
            if predicate.value in _NAMING and value.value.startswith(_XSD):
                named.add(value.value)
        return frozenset(named - defined - MAPPED - {_RDFS + "Literal"})

    def _roots(self, triple: ox.Triple, pointing: dict[ox.BlankNode, list[ox.Triple]]) -> Iterator[ox.Triple]:
        """The triples that begin the axioms in which a triple stands."""
        import pyoxigraph as ox

        open, seen = [triple], {triple}
        while open:
            one = open.pop()
            above = pointing.get(one.subject, []) if isinstance(one.subject, ox.BlankNode) else []
            if not above:
                yield one
            open += [other for other in above if other not in seen]
            seen.update(above)

    def _remove(self, root: ox.Triple, within: dict[ox.BlankNode, list[ox.Triple]]) -> None:
        """Remove an axiom: the triple that begins it, and all blank nodes below."""
        import pyoxigraph as ox

        open = [root]
        if isinstance(root.subject, ox.BlankNode):
            open += within.get(root.subject, [])
        while open:
            one = open.pop()
            if self.sources.pop(one, None) is not None and isinstance(one.object, ox.BlankNode):
                open += within.get(one.object, [])

    def named(self) -> set[tuple[str, str, str]]:
        """The triples between IRIs."""
        import pyoxigraph as ox

        return {
            (subject.value, predicate.value, value.value)
            for subject, predicate, value in self.sources
            if isinstance(subject, ox.NamedNode) and isinstance(value, ox.NamedNode)
        }

    def circles(self) -> list[list[ox.Triple]]:
        """Facts by which nameless things are joined in more than one way, which OWL 2 DL does not have.

        OWL 2 Structural Specification, 11.2: seen without direction, they are to be a forest.
        """
        import pyoxigraph as ox

        notes = {
            subject.value
            for subject, predicate, value in self.sources
            if predicate.value == _RDF + "type" and value.value == _OWL + "AnnotationProperty"
        }
        tree: dict[ox.BlankNode, dict[ox.BlankNode, ox.Triple]] = {}
        found = []
        for triple in sorted(self.sources, key=str):
            subject, predicate, value = triple
            if (
                not isinstance(subject, ox.BlankNode)
                or not isinstance(value, ox.BlankNode)
                or predicate.value.startswith((*_STRUCTURE, _RDFS))
                or predicate.value in notes
            ):
                continue
            way = [] if subject == value else _way(tree, subject, value)
            if way is None:
                tree.setdefault(subject, {})[value] = triple
                tree.setdefault(value, {})[subject] = triple
            else:
                found.append([*way, triple])
        return found

    def files(self) -> dict[str, frozenset[Path]]:
        """Each IRI with the files that name it; without those of RDF, OWL and datatypes."""
        import pyoxigraph as ox

        named: dict[str, set[Path]] = {}
        for triple, files in self.sources.items():
            for term in triple:
                if isinstance(term, ox.NamedNode) and not term.value.startswith((*_STRUCTURE, _RDFS)):
                    named.setdefault(term.value, set()).update(files)
        return {iri: frozenset(files) for iri, files in named.items()}

    def write(self, path: Path) -> None:
        """Write the triples as N-Triples, sorted."""
        path.write_text("".join(sorted(f"{triple} .\n" for triple in self.sources)), "utf-8")


def _in_axiom(triple: ox.Triple) -> bool:
    """Whether a triple is part of an axiom's structure, and says nothing of a thing by itself."""
    import pyoxigraph as ox

    return isinstance(triple.subject, ox.BlankNode) and triple.predicate.value.startswith(_STRUCTURE)


def _way(
    tree: dict[ox.BlankNode, dict[ox.BlankNode, ox.Triple]], start: ox.BlankNode, end: ox.BlankNode
) -> list[ox.Triple] | None:
    """The triples that lead through a tree from one node to another; None where they are not joined."""
    came: dict[ox.BlankNode, ox.BlankNode] = {start: start}
    open = [start]
    while open:
        node = open.pop()
        if node == end:
            way = []
            while node != start:
                way.append(tree[node][came[node]])
                node = came[node]
            return way
        for other in tree.get(node, {}):
            if other not in came:
                came[other] = node
                open.append(other)
    return None
