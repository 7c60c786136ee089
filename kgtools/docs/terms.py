"""Terms: Turtle files of an ontology go in; its modules and terms come out, each with all that is said of it.

Nothing about a single term stands here. What a term is shown with follows from the predicates that its file uses, so a
class of a user's theory, or an annotation that nobody thought of, is told like the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kgtools.report.place import anchored
from kgtools.vocabulary import EVCO, PREFIXES, Names, curie, load, local

if TYPE_CHECKING:
    import pyoxigraph as ox

    Node = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

KINDS = {
    "owl:Class": "class",
    "owl:ObjectProperty": "object property",
    "owl:DatatypeProperty": "data property",
    "owl:AnnotationProperty": "annotation property",
    "owl:NamedIndividual": "individual",
}
"""What a term can be declared as, and what it is called then."""

_PLACED = ("evco:AntecedentSlot", "evco:ConsequentSlot", "evco:Proposition", "evco:Implication", "evco:Theory")
"""Parts of a theory: they are told among its propositions, and have no place among the terms."""


PLACES = ("alignment", "construction", "elsewhere", "module", "place", "question", "shape", "theory")
"""What the ids of other places on the page begin with, before a colon."""


def expanded(name: str) -> str:
    """The IRI of a CURIE whose prefix is one of ours."""
    prefix, _, rest = name.partition(":")
    return PREFIXES[prefix] + rest


@dataclass(frozen=True)
class Term:
    """A class, property or individual.

    Args:
        kind: one of the words of `KINDS`.
        anchor: its id on the page.
        module: IRI of the module that it is declared in; empty for a term of another vocabulary.
    """

    iri: str
    kind: str
    label: str
    anchor: str
    module: str


@dataclass(frozen=True)
class Module:
    """A file of the ontology: its header, and the terms that it declares, in alphabetical order.

    Args:
        id: what a theory is called in tables, or else the name of the file.
    """

    iri: str
    id: str
    title: str
    description: str
    version: str
    imports: tuple[str, ...]
    path: Path
    terms: tuple[Term, ...]
    theory: bool

    @property
    def anchor(self) -> str:
        """Where it is told on the page: as a module where it has terms, else as a theory; the root is the whole."""
        if self.terms or self.theory:
            return f"{'module' if self.terms else 'theory'}:{anchored(self.id)}"
        return "place:about"

    def of(self, kind: str) -> list[Term]:
        """Its terms of a kind."""
        return [term for term in self.terms if term.kind == kind]

    @property
    def kinds(self) -> list[str]:
        """The kinds of its terms."""
        return [kind for kind in KINDS.values() if self.of(kind)]


class Ontology:
    """Turtle files, opened.

    Args:
        paths: the files; where two declare the same term, it is the first one's.

    Raises:
        OntologyError: a file is missing or is no Turtle.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self.paths = [*paths]
        self.store, prefixes = load(self.paths)
        self._names = Names({**PREFIXES, **prefixes, **PREFIXES})
        self._said: dict[Node, dict[str, list[Node]]] = {}
        self._of: dict[tuple[str, Node], list[Node]] = {}
        for quad in self.store:
            self._said.setdefault(quad.subject, {}).setdefault(quad.predicate.value, []).append(quad.object)
            self._of.setdefault((quad.predicate.value, quad.object), []).append(quad.subject)

    # What is said

    def objects(self, subject: Node | str, name: str) -> list[Node]:
        """What a subject has as values of a property, given by CURIE, in an order of no meaning."""
        return list(dict.fromkeys(self._said.get(_node(subject), {}).get(expanded(name), ())))

    def subjects(self, name: str, value: Node | str) -> list[Node]:
        """What has a value of a property."""
        return list(dict.fromkeys(self._of.get((expanded(name), _node(value)), ())))

    def iris(self, subject: Node | str, name: str) -> list[str]:
        """The values that are IRIs, sorted by the labels of what they name."""
        return self.sorted(_iris(self.objects(subject, name)))

    def having(self, name: str, value: Node | str) -> list[str]:
        """The IRIs of what has a value, sorted by label."""
        return self.sorted(_iris(self.subjects(name, value)))

    def members(self, node: Node) -> list[Node]:
        """The members of an RDF list."""
        found: list[Node] = []
        seen: set[Node] = set()
        while node not in seen and (first := self.objects(node, "rdf:first")):
            seen.add(node)
            found.append(first[0])
            node = next(iter(self.objects(node, "rdf:rest")), node)
        return found

    def lists_with(self, member: Node | str) -> list[Node]:
        """The RDF lists that something is a member of, by their first nodes."""
        found: list[Node] = []
        for cell in self.subjects("rdf:first", member):
            seen: set[Node] = set()
            while cell not in seen and (before := self.subjects("rdf:rest", cell)):
                seen.add(cell)
                cell = before[0]
            found.append(cell)
        return found

    def said(self, subject: Node | str) -> Mapping[str, list[Node]]:
        """All that is said of a subject: predicate IRIs with their values."""
        return self._said.get(_node(subject), {})

    def texts(self, subject: Node | str, name: str) -> list[str]:
        """The texts of a property in English, or, where none is, in whatever language there are."""
        import pyoxigraph as ox

        every = [one for one in self.objects(subject, name) if isinstance(one, ox.Literal)]
        english = [one for one in every if (one.language or "en").partition("-")[0].lower() == "en"]
        return sorted(one.value for one in english or every)

    def text(self, subject: Node | str, name: str) -> str:
        """The first such text; empty where there is none."""
        return next(iter(self.texts(subject, name)), "")

    def label(self, iri: str) -> str:
        """What something is called: its label, or its short IRI."""
        return self.text(iri, "rdfs:label") or self.text(iri, "dcterms:title") or curie(iri)

    def sorted(self, iris: Iterable[str]) -> list[str]:
        """IRIs, each once, by label."""
        return sorted(set(iris), key=lambda iri: (self.label(iri).lower(), iri))

    # Terms

    @cached_property
    def modules(self) -> list[Module]:
        """The modules, in the order of the files."""
        found: dict[str, Module] = {}
        for path in self.paths:
            header = self._headers.get(path.resolve().as_uri())
            if header is not None:
                name = self.text(header, "skos:notation") or path.stem
                name = header if name in found else name
                found[name] = self._module(path, header, name)
        return [*found.values()]

    def _module(self, path: Path, header: str, name: str) -> Module:
        return Module(
            iri=header,
            id=name,
            title=self.text(header, "dcterms:title") or self.label(header),
            description=self.text(header, "dcterms:description"),
            version=self.text(header, "owl:versionInfo"),
            imports=tuple(self.iris(header, "owl:imports")),
            path=path,
            terms=tuple(self.terms[iri] for iri in self.sorted(self._owned.get(header, ()))),
            theory=expanded("evco:Theory") in self.iris(header, "rdf:type"),
        )

    @cached_property
    def _headers(self) -> dict[str, str]:
        """The IRI of each file's ontology, by the graph that the file was read into."""
        import pyoxigraph as ox

        is_a, ontology = ox.NamedNode(expanded("rdf:type")), ox.NamedNode(expanded("owl:Ontology"))
        quads = self.store.quads_for_pattern(None, is_a, ontology, None)
        named = [(_key(one.graph_name), one.subject.value) for one in quads if isinstance(one.subject, ox.NamedNode)]
        return dict(sorted(named, reverse=True))

    @cached_property
    def _declared(self) -> dict[str, tuple[str, str]]:
        """Declared terms: IRI to kind, and to the IRI of the module; empty for a term of another vocabulary.

        What is an instance of a class of ours is an individual, whether or not the file says so. A term is of another
        vocabulary where no term of its namespace has a label or a definition here.
        """
        import pyoxigraph as ox

        order = {path.resolve().as_uri(): place for place, path in enumerate(self.paths)}
        stated: list[tuple[int, int, str, str, str]] = []
        classes = {_key(one) for one in self.subjects("rdf:type", expanded("owl:Class"))}
        ranks = {expanded(name): (rank, word) for rank, (name, word) in enumerate(KINDS.items())}
        for quad in self.store.quads_for_pattern(None, ox.NamedNode(expanded("rdf:type")), None, None):
            if isinstance(quad.subject, ox.NamedNode):
                kind, graph = _key(quad.object), _key(quad.graph_name)
                rank, word = ranks.get(kind, (len(KINDS), "individual"))
                if kind in ranks or kind in classes:
                    stated.append((rank, order[graph], quad.subject.value, word, graph))
        described = [*self._said_of("rdfs:label"), *self._said_of("skos:definition")]
        spaces = {self._space(iri) for iri in described}
        found: dict[str, tuple[str, str]] = {}
        for _, _, iri, word, graph in sorted(stated):
            ours = self._space(iri) in spaces
            said = [one for one in self.iris(iri, "rdfs:isDefinedBy") if one in self._headers.values()]
            found.setdefault(iri, (word, next(iter(said), self._headers.get(graph, "")) if ours else ""))
        return found

    def _said_of(self, name: str) -> Iterator[str]:
        """The IRIs of what has a property."""
        return _iris(subject for subject, said in self._said.items() if expanded(name) in said)

    def _space(self, iri: str) -> str:
        """The namespace of an IRI: what stands before its last part."""
        return iri.removesuffix(local(iri))

    @cached_property
    def _owned(self) -> dict[str, list[str]]:
        owned: dict[str, list[str]] = {}
        for term in self.terms.values():
            owned.setdefault(term.module, []).append(term.iri)
        return owned

    @cached_property
    def terms(self) -> dict[str, Term]:
        """All terms by IRI, those of other vocabularies too."""
        placed = {expanded(name) for name in _PLACED}
        return {
            iri: Term(iri, kind, self.label(iri), self.anchors[iri], module)
            for iri, (kind, module) in self._declared.items()
            if not placed & {*self.iris(iri, "rdf:type")}
        }

    @cached_property
    def anchors(self) -> dict[str, str]:
        """Where each term, proposition, slot and so on is told on the page, by its IRI; no two at one place.

        A term of ours is found at `#Delight`, as its IRI has it; another one there too, unless that is taken.
        """
        taken: set[str] = set()
        made: dict[str, str] = {}
        for iri in sorted(self._declared, key=lambda iri: (not iri.startswith(EVCO), iri)):
            anchor = anchored(local(iri))
            if not self._declared[iri][1] or anchor in taken or not anchor:
                prefix, colon, rest = self.short(iri).partition(":")
                anchor = f"{anchored(prefix)}:{anchored(rest)}"
                if not colon or prefix in PLACES or anchor in taken:
                    anchor = anchored(iri)
            taken.add(anchor)
            made[iri] = anchor
        return made

    def short(self, iri: str) -> str:
        """The short form of an IRI, by the prefixes of the files too."""
        return self._names.curie(iri)

    @property
    def foreign(self) -> list[Term]:
        """The terms of other vocabularies that are declared here, by name."""
        return sorted((term for term in self.terms.values() if not term.module), key=lambda term: self.short(term.iri))

    def classes(self) -> Iterator[Term]:
        """All classes, by label."""
        yield from (self.terms[iri] for iri in self.sorted(self.terms) if self.terms[iri].kind == "class")


def _node(value: Node | str) -> Node:
    import pyoxigraph as ox

    return ox.NamedNode(value) if isinstance(value, str) else value


def _key(node: object) -> str:
    """The IRI of a node, or the name of one that has none."""
    return str(getattr(node, "value", node))


def _iris(nodes: Iterable[Node]) -> Iterator[str]:
    import pyoxigraph as ox

    return (one.value for one in nodes if isinstance(one, ox.NamedNode))
