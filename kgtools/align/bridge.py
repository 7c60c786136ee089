"""Bridges: an alignment goes in, an ontology module in Turtle comes out: its axioms (OWL), or all of it (SKOS).

Why two. What is logically true of every instance can be reasoned with; what is alike, broader or related cannot, and
is told as annotations, which no reasoner touches. A bridge imports EVCO and never the target, so that it opens
offline; it declares the terms of the target that it names, so that it is OWL 2 DL by itself. Each statement carries
why, and how sure it is, as an axiom annotation, in the way of SSSOM's own serialization in OWL
(https://mapping-commons.github.io/sssom/spec-formats-owl/).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kgtools.align.table import LOGICAL, NOT_FOUND
from kgtools.align.terms import ANNOTATION, CLASS, DATA, INDIVIDUAL, OBJECT, Terms, is_ours
from kgtools.vocabulary import ONTOLOGY_IRI, PREFIXES, Names, folder

if TYPE_CHECKING:
    from kgtools.align.table import Alignment, Correspondence

Form = Literal["owl", "skos"]

_SSSOM = "https://w3id.org/sssom/"
_DECLARED = {
    CLASS: "owl:Class",
    OBJECT: "owl:ObjectProperty",
    DATA: "owl:DatatypeProperty",
    ANNOTATION: "owl:AnnotationProperty",
    INDIVIDUAL: "owl:NamedIndividual",
}


def bridge(alignment: Alignment, form: Form = "owl", theories: Iterable[Path] = ()) -> str:
    """An ontology module of what an alignment says, as Turtle. Rows that say `Not` are in none.

    Args:
        form: `owl` for the rows that are axioms, `skos` for all of them.
        theories: theory files, where subjects are terms of theirs.
    """
    ours = Terms.ours(theories)
    rows = [row for row in alignment.correspondences if not row.negated and row.object != NOT_FOUND]
    if form == "owl":
        rows = [row for row in rows if row.predicate in LOGICAL]
    names = _Names(alignment)
    statements = list(dict.fromkeys((row.subject, _said(row, form), row.object) for row in rows))
    first = {(row.subject, _said(row, form), row.object): row for row in reversed(rows)}
    body = [
        _header(alignment, form, rows, names),
        *_annotation_properties(form, rows, names),
        *_declarations(statements, ours, form, names),
        *(line for key in statements for line in _statement(key, first[key], names)),
    ]
    return "\n".join([*names.lines(), "", *body, ""])


def _said(row: Correspondence, form: Form) -> str:
    return row.lexical if form == "skos" else row.predicate


class _Names:
    """IRIs as they are written in Turtle, and the prefixes that this needs."""

    def __init__(self, alignment: Alignment) -> None:
        self._known = {**alignment.prefixes, **PREFIXES, "sssom": _SSSOM}
        self._names = Names(self._known)
        self._used: set[str] = set()

    def of(self, iri: str) -> str:
        found = self._names.short(iri)
        if not found.startswith("<"):
            self._used.add(found.partition(":")[0])
        return found

    def lines(self) -> Iterator[str]:
        used = self._used | {"owl"}
        for prefix in sorted(used, key=lambda name: (name != "evco", name)):
            yield f"@prefix {prefix}: <{self._known[prefix]}> ."


def _literal(text: str) -> str:
    """A text in Turtle."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(one if one.isprintable() else f"\\U{ord(one):08X}" for one in plain) + '"'


def iri_of(alignment: Alignment, form: Form) -> str:
    """The ontology IRI of a bridge."""
    return alignment.iri + (".skos" if form == "skos" else "")


def _header(alignment: Alignment, form: Form, rows: Sequence[Correspondence], names: _Names) -> str:
    said = alignment.metadata
    dcterms = PREFIXES["dcterms"]
    imports = dict.fromkeys([ONTOLOGY_IRI, *(iri for row in rows if (iri := _defining(row.subject)))])
    targets = dict.fromkeys(_namespace(row.object) for row in alignment.correspondences if not row.negated)
    kind = "axioms (OWL)" if form == "owl" else "mappings (SKOS)"
    parts = [f"<{iri_of(alignment, form)}> a owl:Ontology"]
    if version := said.get("mapping_set_version"):
        parts.append(f"owl:versionInfo {_literal(str(version))}")
    parts.append(f"owl:imports {' , '.join(f'<{iri}>' for iri in imports)}")
    parts.append(f"{names.of(dcterms + 'title')} {_literal(f'{alignment.title}: {kind}')}")
    if description := said.get("mapping_set_description"):
        parts.append(f"{names.of(dcterms + 'description')} {_literal(str(description))}")
    if license := said.get("license"):
        parts.append(f"{names.of(dcterms + 'license')} <{license}>")
    if targets:
        parts.append(f"{names.of(dcterms + 'references')} {' , '.join(f'<{iri}>' for iri in targets)}")
    return " ;\n    ".join(parts) + " ."


def _defining(iri: str) -> str | None:
    """The ontology that a term of ours is imported with."""
    return (iri.partition("#")[0] if not iri.startswith(PREFIXES["evco"]) else ONTOLOGY_IRI) if is_ours(iri) else None


def _namespace(iri: str) -> str:
    return iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]


def _annotation_properties(form: Form, rows: Sequence[Correspondence], names: _Names) -> Iterator[str]:
    dcterms = ["title", "description", "license", "references"]
    used = [PREFIXES["dcterms"] + name for name in dcterms]
    used += [_SSSOM + name for name in ("confidence", "mapping_justification")] if rows else []
    used += sorted({_said(row, form) for row in rows}) if form == "skos" else []
    yield ""
    yield from (f"{names.of(iri)} a owl:AnnotationProperty ." for iri in used)


def _declarations(statements: Sequence[tuple[str, str, str]], ours: Terms, form: Form, names: _Names) -> Iterator[str]:
    """What the terms that axioms name are. As annotations they are mere IRIs, which need not be declared."""
    if form == "skos":
        return
    found: dict[str, set[str]] = {}
    for subject, _, target in statements:
        for iri in (subject, target):
            found.setdefault(iri, set()).update(ours.kinds(subject) & _DECLARED.keys())
    yield ""
    for iri in sorted(found):
        for kind in sorted(found[iri]):
            yield f"{names.of(iri)} a {_DECLARED[kind]} ."


def _statement(key: tuple[str, str, str], row: Correspondence, names: _Names) -> Iterator[str]:
    subject, predicate, target = map(names.of, key)
    yield ""
    yield f"{subject} {predicate} {target} ."
    yield "[] a owl:Axiom ;"
    yield f"    owl:annotatedSource {subject} ;"
    yield f"    owl:annotatedProperty {predicate} ;"
    yield f"    owl:annotatedTarget {target} ;"
    if row.comment:
        yield f"    {names.of(PREFIXES['rdfs'] + 'comment')} {_literal(row.comment)} ;"
    if row.confidence is not None:
        decimal = names.of(PREFIXES["xsd"] + "decimal")
        yield f'    {names.of(_SSSOM + "confidence")} "{Decimal(str(row.confidence)):f}"^^{decimal} ;'
    yield f"    {names.of(_SSSOM + 'mapping_justification')} {names.of(row.justification)} ."


def files_of(alignment: Alignment) -> tuple[tuple[Path, Form], ...]:
    """The files that the bridges of an alignment are kept in, beside its table."""
    place = alignment.path.parent
    return (place / f"{alignment.id}.ttl", "owl"), (place / f"{alignment.id}.skos.ttl", "skos")


def write_bridges() -> None:
    """Write anew the bridges of all alignments that come along, and their entries in the catalog."""
    from kgtools.align.table import alignments

    for one in alignments():
        for path, form in files_of(one):
            path.write_text(bridge(one, form), "utf-8")
    path = folder("ontology") / "catalog-v001.xml"
    path.write_text(catalog(path.read_text("utf-8"), alignments()), "utf-8")


def catalog(xml: str, tables: Iterable[Alignment]) -> str:
    """A catalog in which the bridges of some alignments stand last, instead of those that it had.

    Why: a bridge imports EVCO, and whoever imports a bridge finds it here, offline (OASIS XML Catalogs, as Protégé and
    the OWL API read them).
    """
    kept = [line for line in xml.splitlines() if 'uri="alignment/' not in line]
    added = [
        f'    <uri name="{iri_of(one, form)}" uri="alignment/{path.name}"/>'
        for one in tables
        for path, form in files_of(one)
    ]
    end = kept.index("</catalog>")
    return "\n".join([*kept[:end], *added, *kept[end:]]) + "\n"
