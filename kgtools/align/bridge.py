"""Bridges: an alignment goes in, an ontology module in Turtle comes out: its axioms (OWL), or all of it (SKOS).

Why two. What is logically true of every instance can be reasoned with; what is alike, broader or related cannot, and
is told as annotations, which no reasoner touches. A bridge imports EVCO and never the target, so that it opens
offline; it declares the terms of the target that it names, so that it is OWL 2 DL by itself. Each statement carries
why, and how sure it is, as an axiom annotation, in the way of SSSOM's own serialization in OWL
(https://mapping-commons.github.io/sssom/spec-formats-owl/).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from kgtools.align.sssom import NO_IRI
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
        *(line for key in statements for line in _statement(key, first[key], names, _language(alignment))),
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


def version_iri_of(alignment: Alignment, form: Form) -> str | None:
    """The version IRI of a bridge, made as those of our modules; None where a table is not ours, or has no version."""
    version = str(alignment.metadata.get("mapping_set_version", ""))
    if not _is_our_table(alignment) or not _VERSION.fullmatch(version):
        return None
    return f"{ONTOLOGY_IRI}/{version}{iri_of(alignment, form).removeprefix(ONTOLOGY_IRI)}"


_VERSION = re.compile(r"[A-Za-z0-9._-]+")


def _is_our_table(alignment: Alignment) -> bool:
    return alignment.iri.startswith(f"{ONTOLOGY_IRI}/")


def _language(alignment: Alignment) -> str:
    """The language of a table's words, for Turtle: SSSOM has no way to say it, so that it is known of ours alone."""
    return "@en" if _is_our_table(alignment) else ""


def _header(alignment: Alignment, form: Form, rows: Sequence[Correspondence], names: _Names) -> str:
    said, language = alignment.metadata, _language(alignment)
    imports = dict.fromkeys([ONTOLOGY_IRI, *(iri for row in rows if (iri := _defining(row.subject)))])
    kind = "mappings (SKOS)" if form == "skos" else "axioms (OWL)" if rows else "no axioms (OWL)"
    description = str(said.get("mapping_set_description", ""))
    if form == "owl" and not rows:
        description = f"{description} No axioms: every mapping is lexical.".lstrip()
    about = {
        "title": [_literal(f"{alignment.title}: {kind}") + language],
        "description": [_literal(description) + language] if description else [],
        "creator": [_literal(one) for one in _texts(said.get("creator_label"))],
        "created": [_midnight(day, names) for day in _texts(said.get("mapping_date"))],
        "license": [f"<{license}>" for license in _texts(said.get("license"))],
        "references": [f"<{iri}>" for iri in _sources(alignment)],
    }
    parts = [f"<{iri_of(alignment, form)}> a owl:Ontology"]
    if version_iri := version_iri_of(alignment, form):
        parts.append(f"owl:versionIRI <{version_iri}>")
    if version := said.get("mapping_set_version"):
        parts.append(f"owl:versionInfo {_literal(str(version))}")
    parts.append(f"owl:imports {' , '.join(f'<{iri}>' for iri in imports)}")
    for name in _ABOUT:
        if about[name]:
            parts.append(f"{names.of(PREFIXES['dcterms'] + name)} {' , '.join(about[name])}")
    return " ;\n    ".join(parts) + " ."


_ABOUT = ("title", "description", "creator", "created", "license", "references")
"""What is said of a bridge, by terms of Dublin Core."""


def _texts(value: object) -> list[str]:
    """What a slot of the head says, be it one or several."""
    return [] if value is None else [str(one) for one in (value if isinstance(value, list) else [value])]


def _midnight(day: str, names: _Names) -> str:
    """A day as our modules give one; OWL 2 has no datatype of days."""
    return f"{_literal(f'{day}T00:00:00Z')}^^{names.of(PREFIXES['xsd'] + 'dateTime')}"


def _sources(alignment: Alignment) -> list[str]:
    """The ontologies that a table says that it maps to, in its head or in rows; else the namespaces of their terms."""
    rows = [row for row in alignment.correspondences if not row.negated]
    said = [*_texts(alignment.metadata.get("object_source")), *(dict(row.further).get("object_source") for row in rows)]
    curies = [one.partition(":") for one in dict.fromkeys(said) if one]
    found = [alignment.prefixes[prefix] + rest for prefix, _, rest in curies if prefix in alignment.prefixes]
    if not found:
        found = list(dict.fromkeys(_namespace(row.object) for row in rows))
    return [iri for iri in found if not NO_IRI.search(iri)]


def _defining(iri: str) -> str | None:
    """The ontology that a term of ours is imported with."""
    return (iri.partition("#")[0] if not iri.startswith(PREFIXES["evco"]) else ONTOLOGY_IRI) if is_ours(iri) else None


def _namespace(iri: str) -> str:
    return iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]


def _annotation_properties(form: Form, rows: Sequence[Correspondence], names: _Names) -> Iterator[str]:
    used = [PREFIXES["dcterms"] + name for name in _ABOUT]
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


def _statement(key: tuple[str, str, str], row: Correspondence, names: _Names, language: str) -> Iterator[str]:
    subject, predicate, target = map(names.of, key)
    yield ""
    yield f"{subject} {predicate} {target} ."
    yield "[] a owl:Axiom ;"
    yield f"    owl:annotatedSource {subject} ;"
    yield f"    owl:annotatedProperty {predicate} ;"
    yield f"    owl:annotatedTarget {target} ;"
    if row.comment:
        yield f"    {names.of(PREFIXES['rdfs'] + 'comment')} {_literal(row.comment)}{language} ;"
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
        f'    <uri name="{iri}" uri="alignment/{path.name}"/>'
        for one in tables
        for path, form in files_of(one)
        for iri in (iri_of(one, form), version_iri_of(one, form))
        if iri
    ]
    end = kept.index("</catalog>")
    return "\n".join([*kept[:end], *added, *kept[end:]]) + "\n"
