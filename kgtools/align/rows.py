"""Rows by themselves: a table, our terms and the target's go in; findings on each row come out."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from kgtools.align.table import LEXICAL, LOGICAL, NOT_FOUND, Alignment, Correspondence
from kgtools.align.terms import CLASS, DATA, INDIVIDUAL, OBJECT, PROPERTIES, Terms
from kgtools.model import Finding, Severity
from kgtools.vocabulary import PREFIXES, local

SEMAPV = "https://w3id.org/semapv/vocab/"

_OF_CLASSES = (PREFIXES["owl"] + "equivalentClass", PREFIXES["rdfs"] + "subClassOf")
_INVERSE = PREFIXES["owl"] + "inverseOf"
_EXACT, _CLOSE, _BROAD, _, _RELATED = LEXICAL
_USED = (_EXACT, _CLOSE, _BROAD)
"""Those of SKOS by which our data answer in the target's terms."""

NAMES = {
    "mapping:unknown-subject": "A term of ours that there is not",
    "mapping:unknown-object": "A term that the target does not have",
    "mapping:unknown-predicate": "A predicate that says nothing here",
    "mapping:wrong-kind": "Terms of different kinds",
    "mapping:deprecated": "A term that is not to be used any more",
    "mapping:label": "A label that is not the term's",
    "mapping:confidence": "Nobody said how sure it is",
    "mapping:justification": "Not said how it was found",
    "mapping:column": "A column that SSSOM does not have",
    "mapping:unchecked": "What was not checked",
    "mapping:twice": "One pair, several rows",
    "mapping:contradiction": "Predicates that contradict each other",
    "mapping:exact": "Exact matches that do not survive together",
    "mapping:cycle": "Broader than itself",
    "mapping:refused": "Refused, and yet said",
    "mapping:inconsistent": "Merged, not everything can be true",
    "mapping:unsatisfiable": "Merged, a class can have no instance",
    "mapping:target": "The target's own faults",
    "mapping:left-out": "What the reasoner was not given",
}
"""What findings of alignments are called, each in words."""


def found(table: Alignment, row: Correspondence | None, severity: Severity, shape: str, message: str) -> Finding:
    """A finding on a row of a table, or on all of it."""
    if row is None:
        return Finding(severity, shape, message, focus=table.iri, file=table.file)
    place = {"focus": row.subject, "path": row.predicate, "value": row.object}
    return Finding(severity, shape, message, file=table.file, row=row.row, **place)


def by_row(table: Alignment, ours: Terms, theirs: Terms, *, alone: bool = True) -> Iterator[Finding]:
    """What is wrong with a table's rows, each by itself.

    Args:
        theirs: the terms of all target files; none where no file was given.
        alone: no other table is checked, so that the files are meant for this one.
    """
    for name in table.unknown:
        near = get_close_matches(name, _columns(), 1)
        said = f"; did you mean `{near[0]}`?" if near else ""
        yield found(table, None, "warning", "mapping:column", f"SSSOM has no column `{name}`, so it is not read{said}")
    objects = {row.object for row in table.correspondences} - {NOT_FOUND}
    described = bool(theirs.known) and (alone or not objects.isdisjoint(theirs.known))
    if objects and not described:
        said = "no file of the target was given (--target FILE)" if not theirs.known else "no file given has its terms"
        yield found(
            table, None, "info", "mapping:unchecked", f"{said}, so nobody knows whether the target's terms exist"
        )
    for iri in sorted(theirs.imports) if described else ():
        said = f"the target imports <{iri}>, which is in no file given, so what it says there is not looked at"
        yield found(table, None, "info", "mapping:unchecked", f"{said}; name that file too (--target FILE)")
    for row in table.correspondences:
        yield from _statement(table, row)
        if row.subject != NOT_FOUND:
            yield from _subject(table, row, ours)
        if described and row.object != NOT_FOUND:
            yield from _object(table, row, theirs)
        if not row.negated:
            yield from _kinds(table, row, ours, theirs)


def _columns() -> list[str]:
    from sssom_pydantic.models import Record

    return list(Record.model_fields)


def _statement(table: Alignment, row: Correspondence) -> Iterator[Finding]:
    """What a row says about itself."""
    from curies.vocabulary import matching_processes

    if row.predicate not in (*LOGICAL, *LEXICAL):
        known = ", ".join(map(table.curie, (*LOGICAL, *LEXICAL)))
        message = f"`{table.curie(row.predicate)}` is none of the predicates that are used here: {known}"
        yield found(table, row, "violation", "mapping:unknown-predicate", message)
    if row.confidence is None:
        yield found(table, row, "warning", "mapping:confidence", "say how sure this is, from 0 to 1")
    if not row.justification.startswith(SEMAPV) or row.justification.removeprefix(SEMAPV) not in {
        one.identifier for one in matching_processes
    }:
        known = "such as semapv:ManualMappingCuration or semapv:LexicalMatching"
        message = f"`{table.curie(row.justification)}` is no way of matching of semapv; write one, {known}"
        yield found(table, row, "violation", "mapping:justification", message)


def _subject(table: Alignment, row: Correspondence, ours: Terms) -> Iterator[Finding]:
    curie = table.curie(row.subject)
    term = ours.known.get(row.subject)
    if term is None or not term.kinds:
        near = _near(row.subject, ours, table)
        yield found(table, row, "violation", "mapping:unknown-subject", f"EVCO has no term `{curie}`{near}")
        return
    if term.deprecated:
        yield found(
            table, row, "warning", "mapping:deprecated", f"`{curie}` is deprecated{_instead(term.instead, table)}"
        )
    yield from _label(table, row, curie, row.subject_label, term.labels)


def _object(table: Alignment, row: Correspondence, theirs: Terms) -> Iterator[Finding]:
    curie = table.curie(row.object)
    term = theirs.known.get(row.object)
    if term is None:
        if row.object in theirs.mentioned:
            message = f"the target names `{curie}`, and does not describe it; add the file that does"
            yield found(table, row, "info", "mapping:unchecked", message)
        else:
            near = _near(row.object, theirs, table)
            yield found(table, row, "violation", "mapping:unknown-object", f"the target has no term `{curie}`{near}")
        return
    if term.deprecated:
        message = f"`{curie}` is deprecated in the target{_instead(term.instead, table)}"
        yield found(table, row, "warning", "mapping:deprecated", message)
    yield from _label(table, row, curie, row.object_label, term.labels)


def _near(iri: str, terms: Terms, table: Alignment) -> str:
    """A half sentence on the nearest term, to end a message with; empty where none is near."""
    name = local(iri)
    by_name: dict[str, list[str]] = {}
    for one, term in terms.known.items():
        if term.kinds:
            by_name.setdefault(local(one), []).append(one)
    best = get_close_matches(name, by_name, 1, 0.75)
    if not best:
        return ""
    same = get_close_matches(iri, by_name[best[0]], 1, 0)
    return f"; did you mean `{table.curie(same[0])}`?"


def _instead(iri: str, table: Alignment) -> str:
    return f"; use `{table.curie(iri)}`" if iri else ""


def _label(table: Alignment, row: Correspondence, curie: str, label: str, labels: set[str]) -> Iterator[Finding]:
    if label and labels and label not in {one.strip() for one in labels}:
        called = " or ".join(f"`{one}`" for one in sorted(labels)[:3])
        yield found(table, row, "warning", "mapping:label", f"`{curie}` is called {called}, not `{label}`")


def _kinds(table: Alignment, row: Correspondence, ours: Terms, theirs: Terms) -> Iterator[Finding]:
    """Whether a row's predicate can hold between what its terms are."""
    kinds, others = ours.kinds(row.subject), theirs.kinds(row.object)
    subject, target = table.curie(row.subject), table.curie(row.object)
    wrong = ""
    if row.predicate in LOGICAL:
        needs = frozenset({CLASS}) if row.predicate in _OF_CLASSES else PROPERTIES
        noun = "classes" if row.predicate in _OF_CLASSES else "properties"
        for curie, is_a in ((subject, kinds), (target, others)):
            if is_a and not is_a & needs:
                wrong = wrong or f"`{table.curie(row.predicate)}` is for {noun}, and `{curie}` is {_a(is_a)}"
        if row.predicate == _INVERSE and DATA in kinds | others:
            wrong = wrong or f"a property whose values are literals has no inverse: `{subject}`, `{target}`"
        if not wrong and {OBJECT, DATA} <= kinds | others and not kinds & others:
            wrong = f"`{subject}` is {_a(kinds)}, and `{target}` {_a(others)}"
    elif kinds and others and bool(kinds & PROPERTIES) != bool(others & PROPERTIES):
        said = f"`{subject}` is {_a(kinds)}, and `{target}` {_a(others)}"
        if row.predicate == _RELATED:  # which says no more than that the two have to do with each other
            yield found(table, row, "info", "mapping:wrong-kind", said)
        else:
            wrong = f"{said}; at most skos:relatedMatch holds between the two"
    elif CLASS in kinds and others <= {INDIVIDUAL} and others and row.predicate in _USED:
        message = f"`{target}` is an individual, so nothing of ours becomes an instance of it"
        yield found(table, row, "info", "mapping:wrong-kind", message)
    if wrong:
        yield found(table, row, "violation", "mapping:wrong-kind", wrong)


def _a(kinds: frozenset[str]) -> str:
    said = " and ".join(sorted(kinds))
    return f"{'an' if said[:1] in 'aio' else 'a'} {said}"
