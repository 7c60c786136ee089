"""Changes: two states of an ontology go in; term by term, what changed and whether that breaks what others built.

A term that goes without having been deprecated, with a replacement named, breaks data and queries of others. A term
whose axioms change means something else from then on, and verdicts may differ. A new definition may, and people must
judge it. Labels, notes and sources are wording. Kinds of changes as in OWL ontology development practice (the OBO
Foundry's principles FP-004, versioning, and FP-019, stability of terms).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from kgtools.errors import InputError, OntologyError
from kgtools.vocabulary import ONTOLOGY_IRI, PREFIXES, curie, folder, load, ontology_files, theory_files

if TYPE_CHECKING:
    import pyoxigraph as ox
    from rich.console import Console

    Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

Said = tuple[str, str]
"""What is said of a term: a predicate and its object, as Turtle would have them."""

Kind = Literal["removed", "kind", "retired", "deprecated", "meaning", "definition", "added", "wording"]

KINDS: Mapping[Kind, str] = {
    "removed": "gone without a word: data and queries that use it break",
    "kind": "declared as something else: data and queries that use it break",
    "retired": "gone, as was said before: it had been deprecated, with a replacement",
    "deprecated": "to be used no more; dcterms:isReplacedBy says what instead",
    "meaning": "its axioms changed: inferences and verdicts may differ",
    "definition": "its definition changed: read whether it still means the same",
    "added": "new",
    "wording": "label, notes or source changed",
}
"""What can happen to a term, what matters most first."""


@dataclass(frozen=True, order=True)
class Change:
    """What happened to a term.

    Args:
        kind: see `KINDS`.
        term: its IRI.
        before: what is no longer said of it, in Turtle's words, sorted.
        after: what is said now and was not.
    """

    kind: Kind
    term: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    @property
    def breaks(self) -> bool:
        """Whether what others built on it stops working, and nobody was told what to do."""
        told = any(line.startswith(_REPLACED) for line in self.after)
        return self.kind in ("removed", "kind") or (self.kind == "deprecated" and not told)


def current_files() -> list[Path]:
    """All that a release holds: root, modules, the view's vocabulary and the theories."""
    return [*ontology_files(), folder("ontology") / "view.ttl", *theory_files()]


def releases() -> list[Path]:
    """The states that were released, oldest first, each in one file."""
    return sorted(
        folder("ontology").glob("release/*.ttl"),
        key=lambda path: [int(part) if part.isdigit() else -1 for part in path.stem.split(".")],
    )


def changes(before: Iterable[Path], after: Iterable[Path]) -> list[Change]:
    """What changed from one state to the other: what matters most first, then by term.

    Raises:
        OntologyError: a file cannot be read.
    """
    old, new = _described(before), _described(after)
    order = list(KINDS)
    found = [one for term in old.keys() | new.keys() for one in _changed(term, old.get(term), new.get(term))]
    return sorted(found, key=lambda one: (order.index(one.kind), one.term))


def _changed(term: str, old: frozenset[Said] | None, new: frozenset[Said] | None) -> Iterator[Change]:
    """What happened to a term: one change, or two where it was deprecated and changed in other ways too."""
    if old is None:
        yield Change("added", term, (), _lines(new or ()))
        return
    if new is None:
        announced = _OUT in old and _REPLACED in {name for name, _ in old}
        yield Change("retired" if announced else "removed", term, _lines(old))
        return
    gone, come = old - new, new - old
    if _OUT in come:
        notice = {one for one in new if one[0] in (_DEPRECATED, _REPLACED)}
        yield Change("deprecated", term, (), _lines(notice))
        gone, come = gone - notice, come - notice
    names = {name for name, _ in gone | come}
    if not names:
        return
    kinds_before, kinds_now = ({value for name, value in said if name == "rdf:type"} & _DECLARED for said in (old, new))
    kind: Kind = "wording"
    if not kinds_before <= kinds_now:
        kind = "kind"
    elif names - _WORDING - {_DEFINITION}:
        kind = "meaning"
    elif _DEFINITION in names:
        kind = "definition"
    yield Change(kind, term, _lines(gone), _lines(come))


def _lines(said: Iterable[Said]) -> tuple[str, ...]:
    return tuple(sorted(f"{name} {value}" for name, value in said))


def _described(paths: Iterable[Path]) -> dict[str, frozenset[Said]]:
    """Of each term of ours, what is said of it: predicate and object; axioms that nothing owns are each member's."""
    import pyoxigraph as ox

    store, _ = load(paths)
    described: dict[str, set[Said]] = {}
    owned = {quad.object for quad in store}
    for subject in {quad.subject for quad in store}:
        said = {(curie(quad.predicate.value), _value(quad, store)) for quad in _of(store, subject)}
        if isinstance(subject, ox.BlankNode):
            if subject not in owned:
                axiom = " ; ".join(f"{name} {value}" for name, value in sorted(said))
                for term in _members(subject, store):
                    described.setdefault(term, set()).add(("among", f"[ {axiom} ]"))
        elif _ours(subject.value) and ("rdf:type", "owl:Ontology") not in said:
            described.setdefault(subject.value, set()).update(said)
    declared = (term for term, said in described.items() if any(name == "rdf:type" for name, _ in said))
    return {term: frozenset(described[term]) for term in declared}


def state(path: Path) -> list[Path]:
    """The files of an ontology's state: a file, or those of a folder that has `evco.ttl` and `theory/` as ours.

    Raises:
        InputError: there is no such file, or the folder holds no Turtle.
    """
    if path.is_dir():
        files = [*sorted(path.glob("*.ttl")), *sorted(path.glob("theory/*.ttl"))]
        if not files:
            raise InputError("holds no Turtle; name an ontology's folder, or one file", path)
        return files
    if not path.exists():
        raise InputError("no such file or folder; name an ontology's folder, or one file", path)
    return [path]


def release(folder_of_releases: Path) -> Path:
    """Keep the ontology's present state in one file (canonical N-Triples, sorted), named by its version.

    Raises:
        OntologyError: there is a release of this version with other content; a version is one state for ever.
    """
    import pyoxigraph as ox

    files = current_files()
    store, _ = load(files)
    whole = ox.Dataset(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in store)
    whole.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    text = "".join(sorted(f"{quad.triple} .\n" for quad in whole))
    path = folder_of_releases / f"{version_of(files)}.ttl"
    if path.exists() and path.read_text("utf-8") != text:
        raise OntologyError(f"{path}: was released with other content; raise owl:versionInfo of the ontology first")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def _of(store: ox.Store, subject: ox.NamedNode | ox.BlankNode) -> Iterator[ox.Quad]:
    return store.quads_for_pattern(subject, None, None, None)


def _ours(iri: str) -> bool:
    return iri.startswith((f"{ONTOLOGY_IRI}#", f"{ONTOLOGY_IRI}/view#", f"{ONTOLOGY_IRI}/theory/")) and "#" in iri


def _members(node: ox.BlankNode, store: ox.Store, above: tuple[Term, ...] = ()) -> Iterator[str]:
    """The terms of ours that stand anywhere in an expression."""
    import pyoxigraph as ox

    for quad in _of(store, node):
        if isinstance(quad.object, ox.BlankNode):
            if quad.object not in (node, *above):  # as in `_written`
                yield from _members(quad.object, store, (*above, node))
        elif isinstance(quad.object, ox.NamedNode) and _ours(quad.object.value):
            yield quad.object.value


def _written(term: Term, store: ox.Store, above: tuple[Term, ...] = ()) -> str:
    """A term as Turtle would have it; a blank node by what is said of it, so that its label never matters."""
    import pyoxigraph as ox

    if not isinstance(term, ox.BlankNode):
        return curie(term.value) if isinstance(term, ox.NamedNode) else str(term)
    if term in above:  # no OWL has circles of blank nodes, but RDF may
        return "[ … ]"
    above = (*above, term)
    said = list(_of(store, term))
    if any(quad.predicate.value == _FIRST for quad in said):
        return f"( {' '.join(_items(term, store, above))} )"
    return f"[ {' ; '.join(sorted(f'{curie(quad.predicate.value)} {_value(quad, store, above)}' for quad in said))} ]"


def _value(quad: ox.Quad, store: ox.Store, above: tuple[Term, ...] = ()) -> str:
    """The object of a statement, where the order of a list matters only if it does to OWL."""
    items = sorted(_items(quad.object, store, above)) if quad.predicate.value in _UNORDERED else []
    return f"( {' '.join(items)} )" if items else _written(quad.object, store, above)


def _items(node: Term | None, store: ox.Store, above: tuple[Term, ...]) -> list[str]:
    import pyoxigraph as ox

    items: list[str] = []
    seen: set[Term] = set()
    while isinstance(node, ox.BlankNode) and node not in seen:
        seen.add(node)
        said = {quad.predicate.value: quad.object for quad in _of(store, node)}
        if _FIRST in said:
            items.append(_written(said[_FIRST], store, above))
        node = said.get(_REST)
    return items


def version_of(paths: Sequence[Path]) -> str:
    """The version that an ontology says it has; empty where it says none."""
    store, _ = load(paths)
    rows = store.query(
        "SELECT ?version { <https://w3id.org/evco> owl:versionInfo ?version }",
        prefixes=dict(PREFIXES),
        use_default_graph_as_union=True,
    )
    return next((row[0].value for row in rows), "")  # type: ignore[union-attr]  # a SELECT has solutions


def as_text(found: Sequence[Change], form: str) -> str:
    """The changes as `csv`, `json` or `markdown` (for a changelog)."""
    if form == "json":
        return json.dumps([_row(one) for one in found], indent=1, ensure_ascii=False) + "\n"
    if form == "markdown":
        kinds = [(kind, [one for one in found if one.kind == kind]) for kind in KINDS]
        return "".join(
            f"- {kind} ({KINDS[kind]}): {', '.join(f'`{curie(one.term)}`' for one in those)}\n"
            for kind, those in kinds
            if those
        )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("change", "term", "before", "after"))
    for one in found:
        row = _row(one)
        writer.writerow([row["change"], row["term"], "\n".join(row["before"]), "\n".join(row["after"])])
    return text.getvalue()


def _row(one: Change) -> dict[str, Any]:
    return {"change": one.kind, "term": curie(one.term), "before": list(one.before), "after": list(one.after)}


def show(found: Sequence[Change], console: Console) -> None:
    """The changes for people, by kind."""
    from rich.text import Text

    if not found:
        console.print("Nothing changed.")
    for kind, words in KINDS.items():
        those = [one for one in found if one.kind == kind]
        if not those:
            continue
        console.print(Text(f"{kind} ({len(those)}): {words}", style="bold"))
        for one in those:
            console.print(Text(f"  {curie(one.term)}"), soft_wrap=True)
            for sign, lines in (("-", one.before), ("+", one.after)):
                for line in lines if kind not in ("added", "removed", "retired") else ():
                    console.print(Text(f"    {sign} {line}", style="red" if sign == "-" else "green"), soft_wrap=True)


_FIRST, _REST = PREFIXES["rdf"] + "first", PREFIXES["rdf"] + "rest"
_DEFINITION, _DEPRECATED, _REPLACED = "skos:definition", "owl:deprecated", "dcterms:isReplacedBy"
_OUT = (_DEPRECATED, '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>')
_DECLARED = {
    f"owl:{kind}" for kind in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "NamedIndividual")
}
_UNORDERED = {
    PREFIXES["owl"] + name
    for name in ("intersectionOf", "unionOf", "oneOf", "members", "distinctMembers", "disjointUnionOf")
}
_WORDING = {
    *("rdfs:label", "rdfs:comment", "rdfs:isDefinedBy", "rdfs:seeAlso"),
    *("skos:prefLabel", "skos:altLabel", "skos:scopeNote", "skos:example", "skos:editorialNote", "skos:changeNote"),
    *("dcterms:source", "dcterms:description", "dcterms:title", "dcterms:bibliographicCitation"),
    *("evco:codeInstead", "evco:statement", "evco:locator", _REPLACED),
}
"""What is said to people, and no engine reads it."""


if __name__ == "__main__":
    release(folder("ontology") / "release")
