"""Shown: tables of mappings go in; lists of them, their rows, and what a term is called elsewhere come out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from kgtools.align.bridge import files_of
from kgtools.align.table import NOT_FOUND, Alignment, Correspondence, alignments, refused
from kgtools.align.terms import Terms, is_ours
from kgtools.errors import InputError
from kgtools.vocabulary import PREFIXES, local

MAPPING_COLUMNS = (
    *("alignment", "subject", "subject_label", "predicate", "object", "object_label"),
    *("confidence", "justification", "comment", "row"),
)
LIST_COLUMNS = ("id", "title", "upper", "rows", "predicates", "bridges")


def listed(tables: Iterable[Alignment]) -> list[dict[str, Any]]:
    """Tables, a record each: how many rows it has by predicate, and the files of its bridges."""
    return [
        {
            "id": one.id,
            "title": one.title,
            "upper": one.upper or "",
            "rows": len(one.correspondences),
            "predicates": dict(sorted(Counter(_predicate(one, row) for row in one.correspondences).items())),
            "bridges": [path.name for path, _ in files_of(one) if path.is_file()],
        }
        for one in tables
    ]


def _predicate(table: Alignment, row: Correspondence) -> str:
    return ("not " if row.negated else "") + table.curie(row.predicate)


def mappings(table: Alignment, rows: Iterable[Correspondence] | None = None) -> list[dict[str, Any]]:
    """The rows of a table, or some of them, a record each, in CURIEs."""
    return [
        {
            "alignment": table.id,
            "subject": "" if row.subject == NOT_FOUND else table.curie(row.subject),
            "subject_label": row.subject_label,
            "predicate": _predicate(table, row),
            "object": table.curie(row.object),
            "object_label": row.object_label,
            "confidence": row.confidence,
            "justification": table.curie(row.justification),
            "comment": row.comment,
            "row": row.row,
        }
        for row in (table.correspondences if rows is None else rows)
    ]


@dataclass(frozen=True)
class Elsewhere:
    """What a term is called elsewhere.

    Args:
        iri: of the term, ours or another ontology's.
        curie: its short form.
        label: what it is called, if that is known.
        mappings: rows in which it stands, as `mappings` has them; refused ones last.
    """

    iri: str
    curie: str
    label: str
    mappings: tuple[dict[str, Any], ...]


def elsewhere(word: str) -> Elsewhere:
    """What all tables say of a term of ours, or of another ontology's, those refused among them.

    Args:
        word: a CURIE (`evco:Customer`, `cover:GainEvent`), an IRI, or the name of a term of ours.

    Raises:
        InputError: there is no such term.
    """
    tables = [*alignments(), refused()]
    ours = Terms.ours()
    iri = _resolved(word, tables, ours)
    rows = [
        record
        for table in tables
        for record in mappings(table, [row for row in table.correspondences if iri in (row.subject, row.object)])
    ]
    labels = ours.known[iri].labels if iri in ours.known else {row["object_label"] for row in rows}
    curie = next((short for table in tables if (short := table.curie(iri)) != iri), iri)
    return Elsewhere(iri, curie, min(labels, default=""), tuple(rows))


def _resolved(word: str, tables: Sequence[Alignment], ours: Terms) -> str:
    mapped = {row.object for table in tables for row in table.correspondences}
    names = {local(iri): iri for iri, term in ours.known.items() if is_ours(iri) and term.kinds}
    prefix, _, rest = word.partition(":")
    starts = [known[prefix] for known in (PREFIXES, *(table.prefixes for table in tables)) if prefix in known]
    for iri in (*(start + rest for start in starts), word.removeprefix("<").removesuffix(">"), names.get(word, "")):
        if iri in mapped or (iri in ours.known and ours.known[iri].kinds):
            return iri
    near = get_close_matches(rest or word, [*names, *(one.id for one in alignments())], 1, 0.7)
    said = f"; did you mean `{near[0]}`?" if near else ""
    ids = ", ".join(one.id for one in alignments())
    raise InputError(f"`{word}` is no alignment ({ids}), no file, no term of EVCO and none that is mapped{said}")
