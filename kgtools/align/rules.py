"""Rules: an alignment goes in; the SPARQL that says what our data hold in the other ontology's terms comes out.

A row gives a rule where every instance of ours is one of theirs: `owl:equivalentClass`, `rdfs:subClassOf`, the same of
properties, `owl:inverseOf`, `skos:exactMatch`, and `skos:broadMatch` (the object is broader). `skos:closeMatch` says
that the two may stand for each other in some uses (W3C SKOS Reference, 10.1), of which asking is one; whoever wants no
more than what holds strictly leaves it out. Narrower and related terms give none: not every gain is a refund. An
individual of ours stands for one of theirs where a property leads to it for which the table has one of theirs.

What no row can say, that two of their terms hang together in a certain way where ours do in another, is said by one
CONSTRUCT beside the table, in a file of its name that ends in `.rq`. It may use our terms only, and asks no other
server: whoever sends a table with such a file along would else have data sent wherever they say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kgtools.align.patterns import NoPatternError, Patterns, short
from kgtools.align.table import ENDING, Alignment, Correspondence
from kgtools.errors import InputError
from kgtools.sparql import calls_services, error_in, form_of, in_words, named_in, prefixes_in, with_prefixes
from kgtools.sparql.tokens import tokens
from kgtools.vocabulary import PREFIXES, Names, Vocabulary, curie

_OF_CLASSES = ("owl:equivalentClass", "rdfs:subClassOf")
_OF_PROPERTIES = ("owl:equivalentProperty", "rdfs:subPropertyOf", "owl:inverseOf")
_OF_BOTH = ("skos:exactMatch", "skos:broadMatch")
_CLOSE = "skos:closeMatch"
_INVERSE = "owl:inverseOf"
_A = {"class": "a class", "property": "a property", "individual": "an individual"}


@dataclass(frozen=True)
class Rule:
    """What makes of our data what the other ontology would say.

    Args:
        subject, object: IRIs of our term and theirs; empty for the CONSTRUCT beside the table, which has no one.
        why: the predicate of the row, as a CURIE; the file's name for the CONSTRUCT beside the table.
        confidence: that of the row; None where nobody said.
        construct: a query that any engine for SPARQL 1.1 takes, whatever its graphs, with its prefixes.
        comment: the row's, or the first lines of the file.
        makes: the IRIs of the terms that are used in what it makes.
    """

    subject: str
    object: str
    why: str
    confidence: float | None
    construct: str
    comment: str
    makes: frozenset[str]


def rules(alignment: Alignment, vocabulary: Vocabulary, strictly: bool = False) -> tuple[Rule, ...]:
    """The rules of an alignment, in the order of its rows; last what is beside the table.

    >>> from kgtools.align import read_alignment
    >>> table = read_alignment(Path("tests/cases/in-terms-of/mine.sssom.tsv"))
    >>> [(curie(one.subject), one.why) for one in rules(table, Vocabulary.read())][0]
    ('evco:ValueGain', 'skos:closeMatch')

    Args:
        vocabulary: our terms, those of further theories among them.
        strictly: without close matches, and without what is beside the table.

    Raises:
        InputError: what is beside the table is no CONSTRUCT, or has another server asked.
    """
    found = [_rule(row, alignment, vocabulary, strictly) for row in alignment.correspondences]
    last = None if strictly else beside(alignment)
    return tuple(one for one in (*found, last) if isinstance(one, Rule))


def without_rule(alignment: Alignment, vocabulary: Vocabulary, strictly: bool = False) -> dict[Correspondence, str]:
    """The rows that give no rule, each with the reason."""
    found = {row: _rule(row, alignment, vocabulary, strictly) for row in alignment.correspondences if not row.negated}
    return {row: reason for row, reason in found.items() if isinstance(reason, str)}


def prefixes_of(alignment: Alignment) -> dict[str, str]:
    """The prefixes that queries in an alignment's terms need not declare: ours, then its own, then those beside it.

    Raises:
        InputError: what is beside the table is no SPARQL.
    """
    path = _path_beside(alignment)
    return {**(prefixes_in(_text_beside(path)) if path.is_file() else {}), **alignment.prefixes, **PREFIXES}


def _rule(row: Correspondence, alignment: Alignment, vocabulary: Vocabulary, strictly: bool) -> Rule | str:
    """The rule that a row gives, or why it gives none."""
    predicate = curie(row.predicate)
    if row.negated:
        return "it says what does not hold"
    if predicate == _CLOSE and strictly:
        return "it is close, and no more is asked for than what holds strictly"
    if predicate not in (*_OF_CLASSES, *_OF_PROPERTIES, *_OF_BOTH, _CLOSE):
        return f"of a {predicate} nothing follows for instances"
    patterns = Patterns.of(vocabulary)
    kind = patterns.kind(row.subject)
    if kind is None:
        return f"{curie(row.subject)} is no term of ours"
    if predicate in {"class": _OF_PROPERTIES, "property": _OF_CLASSES}.get(kind, (*_OF_CLASSES, *_OF_PROPERTIES)):
        return f"{curie(row.subject)} is {_A[kind]}, of which {predicate} says nothing"
    prefixes = prefixes_of(alignment)
    theirs = Names(prefixes).short(row.object)
    makes = frozenset({row.object})
    try:
        if kind == "class":
            made, where = f"?thing a {theirs}", patterns.instances(row.subject, "?thing")
        elif kind == "property":
            made = f"?to {theirs} ?from" if predicate == _INVERSE else f"?from {theirs} ?to"
            where = [patterns.between(row.subject, "?from", "?to")]
        else:
            by = {one.subject: one.object for one in alignment.correspondences if _is_by(one, patterns, strictly)}
            if not by:
                return (
                    f"{curie(row.subject)} is an individual, and the table has no property of theirs that leads to it"
                )
            made, makes = f"?thing ?by {theirs}", makes | set(by.values())
            where = _to_individual(row.subject, by, patterns, prefixes)
    except NoPatternError as error:
        return str(error)
    lines = "".join(f"  {line}\n" for line in where)
    return Rule(
        subject=row.subject,
        object=row.object,
        why=predicate,
        confidence=row.confidence,
        construct=with_prefixes(f"CONSTRUCT {{ {made} }}\nWHERE {{\n{lines}}}\n", prefixes),
        comment=row.comment,
        makes=makes,
    )


def _is_by(row: Correspondence, patterns: Patterns, strictly: bool) -> bool:
    """Whether a row says which property of theirs leads where one of ours does."""
    predicates = {*_OF_PROPERTIES, *_OF_BOTH, *(() if strictly else (_CLOSE,))} - {_INVERSE}
    return not row.negated and curie(row.predicate) in predicates and patterns.kind(row.subject) == "property"


def _to_individual(iri: str, by: Mapping[str, str], patterns: Patterns, prefixes: Mapping[str, str]) -> list[str]:
    """What finds the things from which properties of ours lead to an individual, and the property of theirs."""
    lines: list[str] = []
    for ours, theirs in sorted(by.items()):
        lines += [
            "UNION {" if lines else "{",
            f"  VALUES ?by {{ {Names(prefixes).short(theirs)} }}",
            f"  {patterns.between(ours, '?thing', short(iri))}",
            "}",
        ]
    return lines


def beside(alignment: Alignment) -> Rule | None:
    """The rule of the file beside a table; None where there is none. Raises InputError if it is no CONSTRUCT."""
    path = _path_beside(alignment)
    if not path.is_file():
        return None
    text = _text_beside(path)
    prefixes = prefixes_of(alignment)
    construct = with_prefixes(text, prefixes)
    try:
        if form_of(text) != "CONSTRUCT":
            raise InputError("is no CONSTRUCT, which what lies beside a table of mappings must be")
        if calls_services(construct):
            raise InputError("has another server asked (SERVICE), and a rule makes what it makes of your data alone")
        if (wrong := error_in(construct)) is not None:
            raise InputError(in_words(wrong, text, prefixes))
    except InputError as error:
        raise InputError(str(error), path) from error
    head = re.match(r"(?:#.*\n)*", text)
    told = " ".join(line.lstrip("# ") for line in (head[0] if head else "").splitlines())
    return Rule("", "", path.name, None, construct, told, _made_by(construct))


def _path_beside(alignment: Alignment) -> Path:
    return alignment.path.with_name(alignment.path.name.removesuffix(ENDING) + ".rq")


def _text_beside(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("cannot be read; it must be SPARQL in UTF-8", path) from error


def _made_by(construct: str) -> frozenset[str]:
    """The IRIs in the template of a CONSTRUCT."""
    read = list(tokens(construct))
    start = next(place for place, token in enumerate(read) if token.text == "{")
    end = next(place for place, token in enumerate(read) if token.text == "}")  # templates nest no braces
    prologue = construct[: next(token.start for token in read if token.word == "construct")]
    template = construct[read[start].start : read[end].end]
    return frozenset(named_in(f"{prologue}CONSTRUCT {template}", {}))
