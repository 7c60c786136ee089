"""The codebook for coding programs: the vocabulary and theories go in, REFI-QDA XML (.qdc) with its codes comes out.

Why so: coders work where their texts are, in MAXQDA, NVivo, ATLAS.ti or QualCoder, and all of these open a codebook of
the exchange format. What comes back is recognized by GUIDs that are made of the terms' IRIs, whatever coders rename or
move. `evco:Element` itself is no code: that something figures in an incident says nothing more than that it is coded.

A program has codes and no columns beside them. So what a table says beside the term (valence, bearer, toward, presence)
are codes too, in groups of their own: whoever codes the same segment with one as well says it of the other codes there.
No two codes share a name, not even in different groups: QualCoder and ATLAS.ti would keep one of them.

The form is that of the standard's `Codebook.xsd` (REFI-QDA 1.0, https://www.qdasoftware.org).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from kgtools import __version__
from kgtools.vocabulary import (
    EVCO,
    ONTOLOGY_IRI,
    PREFIXES,
    VALENCES,
    Vocabulary,
    load,
    local,
    ontology_files,
    theory_files,
)

if TYPE_CHECKING:
    from lxml.etree import _Element

    from kgtools.theory import Theory

NAMESPACE = "urn:QDA-XML:codebook:1.0"
ELEMENT = EVCO + "Element"

_COLORS = ("#7a9cc6", "#8fb58f", "#d1a96b", "#b48ab5", "#6fb1ad", "#c98b7f")
"""Of the codes at the top, each with all below it; a seventh begins anew."""

_GRAY = "#9a9a9a"

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML 1.0 (2.2) has no way to write."""


@dataclass(frozen=True)
class Entry:
    """A code of the codebook, with the codes below it."""

    guid: str
    name: str
    description: str
    color: str
    codable: bool = True
    below: tuple[Entry, ...] = ()

    def walk(self) -> Iterator[Entry]:
        """The code and all below it."""
        yield self
        for entry in self.below:
            yield from entry.walk()


class CodeSet(NamedTuple):
    """A set of codes: what a theory's propositions are judged by."""

    guid: str
    name: str
    description: str
    members: tuple[str, ...]


class _Modifier(NamedTuple):
    """What is said beside a term: a column of codings, and what may stand in it."""

    column: str
    about: str
    values: tuple[str, ...]
    before: str = ""

    @property
    def group(self) -> str:
        return self.column.capitalize()

    @property
    def guid(self) -> str:
        return guid_of(f"{ONTOLOGY_IRI}/codebook#{self.column}")

    def name_with(self, value: str) -> str:
        return f"{self.before}{value}"

    def guid_with(self, value: str) -> str:
        return guid_of(f"{ONTOLOGY_IRI}/codebook#{self.column}/{value}")


def guid_of(iri: str) -> str:
    """The GUID that stands for an IRI: a version 5 UUID in the namespace of URLs (RFC 9562, 5.5), in lower case.

    >>> guid_of("https://w3id.org/evco#Delight")
    '2dde7d9a-413f-5e98-aa82-278c95eb8086'
    """
    return str(uuid5(NAMESPACE_URL, iri))


def terms_by_guid(vocabulary: Vocabulary) -> dict[str, str]:
    """The IRIs of the terms that can be coded, by the GUIDs of their codes."""
    return {guid_of(iri): iri for iri in sorted(vocabulary.elements)}


def terms_by_path(vocabulary: Vocabulary) -> dict[tuple[str, ...], str]:
    """The IRIs of the terms that the codebook lists, by the names along the paths of their codes there."""
    terms = terms_by_guid(vocabulary)
    found: dict[tuple[str, ...], str] = {}

    def walk(entry: Entry, above: tuple[str, ...]) -> None:
        path = (*above, entry.name)
        if entry.guid in terms:
            found[path] = terms[entry.guid]
        for lower in entry.below:
            walk(lower, path)

    for entry in entries(vocabulary):
        walk(entry, ())
    return found


def modifiers_by_guid(vocabulary: Vocabulary) -> dict[str, tuple[str, str]]:
    """What codes say beside a term, as column and value (`("valence", "positive")`), by their GUIDs."""
    return {one.guid_with(value): (one.column, value) for one in _modifiers(vocabulary) for value in one.values}


def modifiers_by_path(vocabulary: Vocabulary) -> dict[tuple[str, ...], tuple[str, str]]:
    """What codes say beside a term, as column and value, by their paths: `("Valence", "positive")`.

    Of those below `Bearer` and `Toward` the word of the role alone will do too, as somebody may write it without our
    codebook: `("Bearer", "customer")` and, last, `("Bearer", "by customer")`.
    """
    return {
        (one.group, name): (one.column, value)
        for one in _modifiers(vocabulary)
        for value in one.values
        for name in (value, one.name_with(value))
    }


def _modifiers(vocabulary: Vocabulary) -> list[_Modifier]:
    roles = tuple(sorted(vocabulary.roles))
    return [
        _Modifier("valence", "How it is judged.", VALENCES),
        _Modifier("bearer", "Who acts, feels, contributes, or is affected.", roles, "by "),
        _Modifier("toward", "Whom it is directed at.", roles, "toward "),
        _Modifier("presence", "Whether it happened at all.", ("absent",)),
    ]


def name_of(iri: str, vocabulary: Vocabulary) -> str:
    """What tables call a class: its local name, with a prefix where something else is called so, or else the IRI."""
    modifiers = _modifiers(vocabulary)
    taken = {one.group for one in modifiers} | {one.name_with(value) for one in modifiers for value in one.values}
    prefixed = sorted(
        f"{prefix}:{iri.removeprefix(space)}"
        for prefix, space in vocabulary.prefixes.items()
        if prefix and iri.startswith(space)
    )
    for name in (local(iri), *prefixed):
        if vocabulary.resolve(name) == iri and name not in taken:
            return name
    return iri


def labels(vocabulary: Vocabulary) -> dict[str, str]:
    """What running text calls the classes that can be coded, by IRI; those without a label are left out."""
    texts = _texts(vocabulary.theories)
    return {iri: text for iri in sorted(vocabulary.elements) if (text := texts.label(iri))}


# --- The codes -------------------------------------------------------------------------------------------------------


def entries(vocabulary: Vocabulary) -> tuple[Entry, ...]:
    """The codes at the top, each with those below it: the terms, then what is said beside them.

    A class stands once, below the nearest class above it that can be coded. Of several such, and among its siblings,
    the ontology's come before a theory's, and then they go by name.
    """
    texts = _texts(vocabulary.theories)
    coded = vocabulary.elements - {ELEMENT}

    def order(iri: str) -> tuple[bool, str, str]:
        return not iri.startswith(EVCO), local(iri), iri

    below: dict[str, list[str]] = {}
    for iri in sorted(coded, key=order):
        above = (vocabulary.above(iri) & coded) - {iri}
        nearest = [one for one in above if not any(one in vocabulary.above(other) for other in above - {one})]
        below.setdefault(min(nearest, key=order) if nearest else ELEMENT, []).append(iri)

    def entry(iri: str, color: str) -> Entry:
        lower = tuple(entry(one, color) for one in below.get(iri, ()))
        return Entry(guid_of(iri), name_of(iri, vocabulary), texts.of(iri), color, below=lower)

    parts = tuple(entry(iri, _COLORS[n % len(_COLORS)]) for n, iri in enumerate(below.get(ELEMENT, ())))
    return (*parts, *(_group(modifier, texts, vocabulary) for modifier in _modifiers(vocabulary)))


def _group(modifier: _Modifier, texts: _Texts, vocabulary: Vocabulary) -> Entry:
    """The codes that say what a column of codings says."""
    terms = {"valence": texts.valences, "presence": {"absent": EVCO + "AbsenceRecord"}}.get(
        modifier.column, vocabulary.roles
    )
    below = tuple(
        Entry(
            modifier.guid_with(value),
            modifier.name_with(value),
            _joined(texts.definition(terms.get(value, "")), _USE),
            _GRAY,
        )
        for value in modifier.values
    )
    return Entry(modifier.guid, modifier.group, _joined(modifier.about, _GROUPS), _GRAY, codable=False, below=below)


_GROUPS = "This only groups the codes below it: code a segment with a term, and with one of them as well."
_USE = "Code a segment with a term, and with this as well: it is said of all terms that you give that segment."


def sets(vocabulary: Vocabulary, theories: Iterable[Theory]) -> tuple[CodeSet, ...]:
    """The codes that each theory is judged by: what its slots name, and all below that.

    A theory of which no code is such has no set: a program may refuse one that is empty.
    """
    theories = list(theories)
    called = Counter(theory.label for theory in theories)
    names = {guid_of(iri): iri for iri in vocabulary.elements}
    listed = [entry.guid for top in entries(vocabulary) for entry in top.walk()]
    made = []
    for theory in theories:
        slots = [slot for proposition in theory.propositions for slot in proposition.slots]
        asked = {iri for slot in slots for above in (*slot.classes, *slot.absences) for iri in vocabulary.below(above)}
        members = tuple(guid for guid in listed if names.get(guid) in asked)
        if members:
            name = theory.label if called[theory.label] == 1 else f"{theory.label} [{theory.id}]"
            said = f"What the propositions of {theory.label} are judged by, with all more special codes."
            made.append(CodeSet(guid_of(theory.iri), name, said, members))
    return tuple(made)


class _Texts:
    """What the files say of terms, for people."""

    def __init__(self, said: Mapping[tuple[str, str], list[str]], valences: Mapping[str, str]) -> None:
        self.said = said
        self.valences = valences

    def label(self, iri: str) -> str:
        return self.said.get((iri, "label"), [""])[0]

    def definition(self, iri: str) -> str:
        return self.said.get((iri, "definition"), [""])[0]

    def of(self, iri: str) -> str:
        """Label, definition, examples, remarks and source of a term."""
        every = {kind: self.said.get((iri, kind), []) for kind in ("example", "scopeNote", "source")}
        return _joined(
            ": ".join(filter(None, (self.label(iri), self.definition(iri)))),
            *(f"Example: {text}" for text in every["example"]),
            *every["scopeNote"],
            f"Source: {', '.join(every['source'])}" if every["source"] else "",
        )


def _joined(*lines: str) -> str:
    return "\n".join(filter(None, lines))


@lru_cache(maxsize=8)
def _texts(theories: tuple[Path, ...]) -> _Texts:
    """What the ontology and the theories say of their terms; of several languages English, or else the first."""
    store, _ = load([*ontology_files(), *theory_files(), *theories])
    rows = store.query(
        """SELECT DISTINCT ?term ?kind ?text (lang(?text) AS ?language) {
             VALUES (?property ?kind) { (rdfs:label "label") (skos:definition "definition") (skos:example "example")
                                        (skos:scopeNote "scopeNote") (dcterms:source "source") }
             ?term ?property ?text FILTER(isIRI(?term) && !isBlank(?text)) }""",
        prefixes=dict(PREFIXES),
        use_default_graph_as_union=True,
    )
    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    for term, kind, text, language in rows:  # type: ignore[union-attr]  # a SELECT has solutions
        by_language = found.setdefault((term.value, kind.value), {})
        by_language.setdefault(language.value.lower() if language else "", []).append(" ".join(text.value.split()))
    said = {key: sorted(by_language[min(by_language, key=_preference)]) for key, by_language in found.items()}
    valences = store.query(
        "SELECT ?word ?iri { ?iri a evco:Valence ; skos:notation ?word }",
        prefixes=dict(PREFIXES),
        use_default_graph_as_union=True,
    )
    return _Texts(said, {word.value: iri.value for word, iri in valences})  # type: ignore[union-attr]  # likewise


def _preference(language: str) -> tuple[bool, bool, str]:
    """What languages are sorted by: English, none, any other."""
    return language.partition("-")[0] != "en", language != "", language


# --- The file --------------------------------------------------------------------------------------------------------


def as_qdc(vocabulary: Vocabulary, theories: Iterable[Theory]) -> bytes:
    """The codebook as the exchange format has it: UTF-8, the same bytes for the same terms.

    Args:
        vocabulary: the terms.
        theories: those that are to have a set of codes.
    """
    from lxml import etree

    root = etree.Element(f"{{{NAMESPACE}}}CodeBook", {"origin": f"kgtools {__version__}"}, {None: NAMESPACE})  # type: ignore[dict-item]  # no prefix

    def add(above: _Element, tag: str, /, **attributes: str) -> _Element:
        return etree.SubElement(above, f"{{{NAMESPACE}}}{tag}", {key: _text(said) for key, said in attributes.items()})

    def describe(element: _Element, description: str) -> None:
        if description:
            add(element, "Description").text = _text(description)

    def add_code(above: _Element, entry: Entry) -> None:
        codable = "true" if entry.codable else "false"
        code = add(above, "Code", guid=entry.guid, name=entry.name, isCodable=codable, color=entry.color)
        describe(code, entry.description)
        for lower in entry.below:
            add_code(code, lower)

    codes = add(root, "Codes")
    for entry in entries(vocabulary):
        add_code(codes, entry)
    made = sets(vocabulary, theories)
    if made:
        group = add(root, "Sets")
        for one in made:
            element = add(group, "Set", guid=one.guid, name=one.name)
            describe(element, one.description)
            for guid in one.members:
                add(element, "MemberCode", guid=guid)
    etree.indent(root, " ")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + etree.tostring(root, encoding="utf-8") + b"\n"


def _text(said: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", said)
