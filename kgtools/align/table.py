"""Tables: what a file of mappings holds, as frozen values; those that come along, by their ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property, lru_cache
from pathlib import Path

from kgtools.errors import InputError
from kgtools.vocabulary import PREFIXES, Names, folder

ENDING = ".sssom.tsv"
NOT_FOUND = "https://w3id.org/sssom/NoTermFound"
"""The subject of a refused row where we have no such term."""

_REFUSED = "refused"

LOGICAL: Mapping[str, str] = {
    PREFIXES["owl"] + "equivalentClass": PREFIXES["skos"] + "exactMatch",
    PREFIXES["owl"] + "equivalentProperty": PREFIXES["skos"] + "exactMatch",
    PREFIXES["rdfs"] + "subClassOf": PREFIXES["skos"] + "broadMatch",
    PREFIXES["rdfs"] + "subPropertyOf": PREFIXES["skos"] + "broadMatch",
    PREFIXES["owl"] + "inverseOf": PREFIXES["skos"] + "relatedMatch",
}
"""The predicates that are axioms of OWL, each with what SKOS says in its place."""

LEXICAL = tuple(PREFIXES["skos"] + f"{name}Match" for name in ("exact", "close", "broad", "narrow", "related"))
"""The predicates that are of SKOS, the strongest first."""


@dataclass(frozen=True)
class Correspondence:
    """One row: how a term of ours stands to a term of another ontology.

    Args:
        subject, predicate, object: IRIs. The subject is ours; it is `sssom:NoTermFound` where we have no such term.
        negated: the row says that this does not hold (predicate modifier `Not`).
        justification: IRI of how it was found (semapv).
        confidence: 0 to 1; None where nobody said.
        comment: why.
        row: the line in the file.
        further: the other cells that the row has, each after the name of its column.
    """

    subject: str
    predicate: str
    object: str
    negated: bool
    justification: str
    confidence: float | None
    comment: str
    subject_label: str
    object_label: str
    row: int
    further: tuple[tuple[str, str], ...] = ()

    @property
    def lexical(self) -> str:
        """The predicate, or what SKOS says in place of one of OWL."""
        return LOGICAL.get(self.predicate, self.predicate)


@dataclass(frozen=True)
class Alignment:
    """A table of mappings to one target.

    Args:
        id: what commands call it, such as `cover`.
        iri: of the mapping set.
        prefixes: those that the file declares, and those that SSSOM always has.
        upper: the upper ontology that the target is built on (`gufo` or `bfo`), or None; in the file, among the
            metadata: `other: upper ontology gufo`.
        metadata: all that the head of the file says, but for the prefixes.
        unknown: columns of the file that SSSOM does not have.
    """

    id: str
    iri: str
    title: str
    path: Path
    prefixes: Mapping[str, str]
    correspondences: tuple[Correspondence, ...]
    upper: str | None = None
    metadata: Mapping[str, object] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        """What findings call the file: its name if it came along, else as the user named it."""
        return self.path.name if self.path.parent == folder("ontology") / "alignment" else str(self.path)

    def curie(self, iri: str) -> str:
        """The short form of an IRI by the table's prefixes or ours, else the IRI."""
        return self.names.curie(iri)

    @cached_property
    def names(self) -> Names:
        """Short forms by the table's prefixes and ours."""
        return Names({**PREFIXES, **self.prefixes})


def other(metadata: Mapping[str, object]) -> list[str]:
    """What the head of a file says in `other`, which has bars between its parts."""
    return [part for one in str(metadata.get("other", "")).split("|") if (part := one.strip())]


def _folder() -> Path:
    return folder("ontology") / "alignment"


@lru_cache(maxsize=1)
def alignments() -> tuple[Alignment, ...]:
    """Those that come with kgtools, by id."""
    from kgtools.align.sssom import read_alignment

    paths = sorted(_folder().glob(f"*{ENDING}"), key=lambda path: path.name.removesuffix(ENDING))
    return tuple(read_alignment(path) for path in paths if not path.name.startswith(_REFUSED))


@lru_cache(maxsize=1)
def refused() -> Alignment:
    """The mappings that were thought of and turned down, each with the reason as its comment."""
    from kgtools.align.sssom import read_alignment

    return joined([read_alignment(path) for path in sorted(_folder().glob(f"{_REFUSED}*{ENDING}"))])


def named(word: str) -> Alignment:
    """The alignment that a word stands for: an id, or the path of a table.

    Raises:
        InputError: there is none, or the file is no such table.
    """
    from kgtools.align.sssom import read_alignment

    by_id = {one.id: one for one in alignments()}
    if word in by_id:
        return by_id[word]
    if Path(word).is_file():
        return read_alignment(Path(word))
    near = get_close_matches(word, by_id, 1)
    raise InputError(
        f"no alignment `{word}`{f'; did you mean `{near[0]}`?' if near else ''} (there are {', '.join(by_id)}; "
        f"or name a table, FILE{ENDING})"
    )


def one_upper(tables: Sequence[Alignment]) -> str | None:
    """The upper ontology that all of some tables can be merged on; None where none of them needs any.

    Why: gUFO and BFO cut the world up differently, so what is an instance of both ontologies' classes is soon an
    instance of disjoint ones.

    Raises:
        InputError: they need different ones.
    """
    uppers: dict[str, list[str]] = {}
    for one in tables:
        if one.upper:
            uppers.setdefault(one.upper, []).append(one.id)
    if len(uppers) > 1:
        said = "; ".join(f"{upper}: {', '.join(ids)}" for upper, ids in sorted(uppers.items()))
        raise InputError(f"one upper ontology at a time, and these tables are built on several ({said})")
    return next(iter(uppers), None)


def joined(tables: Sequence[Alignment]) -> Alignment:
    """Several tables as one: its rows are theirs, one table after the other.

    Raises:
        InputError: there is none; or a prefix stands for different namespaces in them.
    """
    from kgtools.read import encoded

    if not tables:
        raise InputError(f"no table of mappings; name one, FILE{ENDING}")
    if len(tables) == 1:
        return tables[0]
    prefixes: dict[str, str] = {}
    for one in tables:
        for prefix, start in one.prefixes.items():
            if prefixes.setdefault(prefix, start) != start:
                raise InputError(
                    f"`{prefix}:` is {start} here and {prefixes[prefix]} in a table before; use another prefix",
                    one.path,
                )
    first, *others = tables
    ids = "+".join(one.id for one in tables)
    kept = {
        key: value for key, value in first.metadata.items() if all(one.metadata.get(key) == value for one in tables)
    }
    title = "; ".join(one.title for one in tables)
    uppers = {one.upper for one in tables if one.upper}
    about = {"mapping_set_title": title, "mapping_set_source": [one.iri for one in tables]}
    if said := " | ".join(dict.fromkeys(part for one in tables for part in other(one.metadata))):
        about["other"] = said
    return Alignment(
        id=ids,
        iri="+".join([first.iri, *(encoded(one.id) for one in others)]),
        title=title,
        path=first.path.with_name(ids + ENDING),
        prefixes=prefixes,
        correspondences=tuple(row for one in tables for row in one.correspondences),
        upper=uppers.pop() if len(uppers) == 1 else None,
        metadata={**kept, **about},
        unknown=tuple(dict.fromkeys(name for one in tables for name in one.unknown)),
    )
