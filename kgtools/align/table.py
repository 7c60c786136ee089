"""Tables: a file of mappings in SSSOM goes in; its rows come out as frozen values, or one line on what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from kgtools.errors import InputError
from kgtools.vocabulary import folder

if TYPE_CHECKING:
    import curies
    import sssom_pydantic

ENDING = ".sssom.tsv"
_REFUSED = "refused"
_UPPER = "upper ontology "


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


@dataclass(frozen=True)
class Alignment:
    """A table of mappings to one target.

    Args:
        id: what commands call it, such as `cover`.
        iri: of the mapping set.
        prefixes: those that the file declares.
        upper: the upper ontology that the target is built on (`gufo` or `bfo`), or None; in the file, among the
            metadata: `other: upper ontology gufo`.
    """

    id: str
    iri: str
    title: str
    path: Path
    prefixes: Mapping[str, str]
    correspondences: tuple[Correspondence, ...]
    upper: str | None = None


@lru_cache(maxsize=1)
def alignments() -> tuple[Alignment, ...]:
    """Those that come with kgtools, by id."""
    paths = sorted(folder("ontology").glob(f"alignment/*{ENDING}"))
    return tuple(read_alignment(path) for path in paths if path.name != _REFUSED + ENDING)


@lru_cache(maxsize=1)
def refused() -> Alignment:
    """The mappings that were thought of and turned down, each with the reason as its comment."""
    return read_alignment(folder("ontology") / "alignment" / (_REFUSED + ENDING))


def named(word: str) -> Alignment:
    """The alignment that a word stands for: an id, or the path of a table.

    Raises:
        InputError: there is none, or the file is no such table.
    """
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


def read_alignment(path: Path) -> Alignment:
    """Read a table of mappings.

    Raises:
        InputError: the file is missing or is no SSSOM table, or a row of it is wrong.
    """
    import sssom_pydantic
    import yaml

    try:
        mappings, converter, about, errors = sssom_pydantic.read(path, return_errors=True)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", path) from error
    except (ValueError, KeyError, yaml.YAMLError) as error:  # pydantic's errors are ValueErrors
        raise InputError(f"is no SSSOM table: {' '.join(str(error).split())[:200]}", path) from error
    for wrong in errors:
        raise InputError(" ".join(str(wrong.exception).split())[:200], path, wrong.line_number)
    prefixes = dict(converter.bimap)
    first = 2 + sum(line.startswith("#") for line in path.read_text("utf-8").splitlines())
    return Alignment(
        id=path.name.removesuffix(ENDING),
        iri=str(about.id),
        title=about.title or path.name,
        path=path,
        prefixes=prefixes,
        correspondences=tuple(_correspondence(one, converter, first + number) for number, one in enumerate(mappings)),
        upper=(about.other or "").removeprefix(_UPPER) or None,
    )


def _correspondence(one: sssom_pydantic.SemanticMapping, converter: curies.Converter, row: int) -> Correspondence:
    def iri(reference: curies.Reference) -> str:
        return converter.expand_reference(reference, strict=True)

    return Correspondence(
        subject=iri(one.subject),
        predicate=iri(one.predicate),
        object=iri(one.object),
        negated=one.predicate_modifier is not None,
        justification=iri(one.justification),
        confidence=one.confidence,
        comment=one.comment or "",
        subject_label=one.subject.name or "",
        object_label=one.object.name or "",
        row=row,
    )
