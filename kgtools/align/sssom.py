"""SSSOM: a file of mappings goes in, its rows come out as an `Alignment`, or one line on what is wrong; and back.

Why the table is cut into rows here, and only each row and the head are given to the library: it counts lines from one
too few, shifts the cells after a column without a name, and drops what the head says in `other`.
SSSOM/TSV: https://mapping-commons.github.io/sssom/spec-formats-tsv/.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from kgtools.align.table import ENDING, Alignment, Correspondence, other
from kgtools.errors import InputError

if TYPE_CHECKING:
    from pydantic import ValidationError
    from sssom_pydantic.models import Record

_UPPER = "upper ontology "
_NEEDED = ("subject_id", "predicate_id", "object_id", "mapping_justification")
_OURS = (
    *("subject_id", "subject_label", "predicate_id", "predicate_modifier", "object_id", "object_label"),
    *("mapping_justification", "confidence", "comment"),
)
"""The columns that a `Correspondence` has fields for."""

NO_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')
"""What no IRI has in it (RDF 1.1 Turtle, IRIREF)."""

_IRIS = {
    "mapping_set_id": "https://example.org/alignments/mine",
    "license": "https://creativecommons.org/licenses/by/4.0/",
}
"""What of the head is written into bridges as IRIs, each with one that would be right."""


def read_alignment(path: Path) -> Alignment:
    """Read a table of mappings.

    Raises:
        InputError: the file is missing or is no SSSOM table, or a row of it is wrong; with the line.
    """
    from sssom_pydantic.constants import DEFAULT_PREFIX_MAP

    lines = _lines(path)
    head = 0
    while head < len(lines) and lines[head].startswith("#"):
        head += 1
    said = _head(lines[:head], path)
    declared = said.pop("curie_map", None) or {}
    prefixes = {**DEFAULT_PREFIX_MAP, **_declared(declared, path)}
    about = _about(said, path)
    columns, rows = _rows(lines[head:], head, path)
    known, unknown = _columns(columns, head + 1, path)
    found = tuple(
        _correspondence(row, {name: row_cells[at] for name, at in known.items() if row_cells[at]}, prefixes, path)
        for row, row_cells in rows
    )
    return Alignment(
        id=path.name.removesuffix(".tsv").removesuffix(".sssom"),
        iri=str(about["mapping_set_id"]),
        title=str(about.get("mapping_set_title") or path.name),
        path=path,
        prefixes=prefixes,
        correspondences=found,
        upper=_upper(about),
        metadata=about,
        unknown=unknown,
    )


def _lines(path: Path) -> list[str]:
    from kgtools.read.text import text_of

    text = text_of(path, f"a table, FILE{ENDING}")
    if "\0" in text:
        raise InputError("is no text; name a table of mappings (SSSOM), with tabs between its cells", path)
    return list(StringIO(text, newline=""))


def _head(lines: list[str], path: Path) -> dict[str, Any]:
    """What the lines that begin with `#` say: YAML, in which all is taken as text."""
    from kgtools.read.yaml import composed, plain

    said = plain(composed("".join(line.lstrip("#") for line in lines), path))
    if not isinstance(said, dict):
        raise InputError(
            "has no head; a table of mappings (SSSOM) begins with lines like `#mapping_set_id: IRI` and `#curie_map:`",
            path,
            1,
        )
    return said


def _declared(said: object, path: Path) -> dict[str, str]:
    if not isinstance(said, dict) or not all(isinstance(start, str) for start in said.values()):
        raise InputError("`curie_map` has a line for each prefix, such as `#  evco: https://w3id.org/evco#`", path)
    for prefix, start in said.items():
        if not re.fullmatch(r"[^\W\d_][\w.-]*", prefix) or prefix.endswith("."):
            raise InputError(f"`{prefix}` in `curie_map` can be no prefix; begin it with a letter", path)
        if not _is_iri(start):
            raise InputError(f"`{prefix}` in `curie_map` stands for `{start}`, which is no IRI", path)
    return dict(said)


def _about(said: Mapping[str, Any], path: Path) -> dict[str, object]:
    """The head, if the library finds it right."""
    from pydantic import ValidationError
    from sssom_pydantic import MappingSetRecord

    for name, example in _IRIS.items():
        if name in said and not _is_iri(str(said[name])):
            raise InputError(
                f"its head: `{name}` is `{said[name]}`, which is no IRI; write one, such as {example}", path
            )
    try:
        MappingSetRecord.model_validate(said)
    except ValidationError as error:
        raise InputError(f"its head: {_in_words(error)}", path) from error
    return {key: value for key, value in said.items() if key in MappingSetRecord.model_fields}


def _is_iri(text: str) -> bool:
    """Whether a text is an IRI that means the same wherever the file lies."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*:.", text) is not None and not NO_IRI.search(text)


def _upper(about: Mapping[str, object]) -> str | None:
    named = (part.removeprefix(_UPPER).strip() for part in other(about) if part.startswith(_UPPER))
    return next(named, None) or None


def _rows(lines: list[str], head: int, path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The names of the columns, and the rows, each with the line that it begins in."""
    reader = csv.reader(lines, delimiter="\t", strict=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        while True:
            line = head + reader.line_num + 1
            cells = [cell.strip() for cell in next(reader)]
            if any(cells):
                rows.append((line, cells))
    except StopIteration:
        pass
    except csv.Error as error:
        said = "a cell that begins with a quotation mark must end with one; double those within it"
        raise InputError(f"{said} ({error})", path, head + max(reader.line_num, 1)) from error
    if not rows:
        raise InputError(f"has no columns; they are {', '.join(_OURS)}, with tabs between them", path)
    columns = rows[0][1]
    for line, cells in rows[1:]:
        if any(cells[len(columns) :]):
            raise InputError(f"has {len(cells)} cells, and there are {len(columns)} columns; remove a tab", path, line)
        cells += [""] * (len(columns) - len(cells))
    return columns, rows[1:]


def _columns(columns: list[str], line: int, path: Path) -> tuple[dict[str, int], tuple[str, ...]]:
    """Where each column of SSSOM is, and the names of the others."""
    from sssom_pydantic.models import Record

    twice = next((name for name in columns if name and columns.count(name) > 1), None)
    if twice:
        raise InputError(f"has two columns `{twice}`; keep one", path, line)
    for name in _NEEDED:
        if name not in columns:
            tabs = "" if len(columns) > 1 else "; between columns are tabs"
            raise InputError(f"has no column `{name}`{tabs}", path, line)
    known = {name: at for at, name in enumerate(columns) if name in Record.model_fields and name != "extensions"}
    return known, tuple(name for name in columns if name and name not in known)


def _correspondence(row: int, cells: dict[str, str], prefixes: Mapping[str, str], path: Path) -> Correspondence:
    from pydantic import ValidationError
    from sssom_pydantic.models import Record

    def iri(column: str) -> str:
        curie = cells[column]
        prefix, colon, rest = curie.partition(":")
        if not colon or prefix not in prefixes:
            said = f"its prefix is not in `curie_map`: {', '.join(sorted(prefixes))}" if colon else "it has no prefix"
            raise InputError(f"`{column}` is `{curie}`, and {said}", path, row)
        if NO_IRI.search(rest):
            raise InputError(f"`{column}` is `{curie}`, which makes no IRI", path, row)
        return prefixes[prefix] + rest

    for name in _NEEDED:
        if name not in cells:
            raise InputError(f"`{name}` is empty", path, row)
    try:
        record = _record(cells)
    except ValidationError as error:
        raise InputError(_in_words(error), path, row) from error
    return Correspondence(
        subject=iri("subject_id"),
        predicate=iri("predicate_id"),
        object=iri("object_id"),
        negated=record.predicate_modifier is not None,
        justification=iri("mapping_justification"),
        confidence=record.confidence,
        comment=record.comment or "",
        subject_label=record.subject_label or "",
        object_label=record.object_label or "",
        row=row,
        further=tuple((name, cells[name]) for name in Record.model_fields if name in cells and name not in _OURS),
    )


def _record(cells: Mapping[str, str]) -> Record:
    """A row as the library has it, which checks it."""
    from sssom_pydantic.api import row_to_record
    from sssom_pydantic.constants import BUILTIN_CONVERTER

    return row_to_record(dict(cells), converter=BUILTIN_CONVERTER)


def _in_words(error: ValidationError) -> str:
    """The first thing that the library finds wrong, in one line."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "missing":
        return f"`{where}` is missing"
    value = " ".join(str(first["input"]).split())[:100]
    return f"`{where}` is `{value}`; {first['msg'][:1].lower()}{first['msg'][1:]}"


def write_sssom(alignment: Alignment, file: IO[bytes]) -> None:
    """Write a table of mappings, with the columns in the order of the standard, and all the prefixes that it uses.

    Raises:
        InputError: an IRI begins with none of the table's prefixes.
    """
    import sssom_pydantic
    from sssom_pydantic import MappingSetRecord

    about = {
        **alignment.metadata,
        "mapping_set_id": alignment.iri,
        "mapping_set_title": alignment.title,
        "curie_map": dict(_used(alignment)),
    }
    text = StringIO()
    sssom_pydantic.write_unprocessed(
        [_record(_cells(one, alignment)) for one in alignment.correspondences],
        text,
        metadata=MappingSetRecord.model_validate(about),
        columns=_written(alignment.correspondences),
        condense=False,
    )
    file.write(text.getvalue().replace("\r\n", "\n").encode())


def _written(rows: Iterable[Correspondence]) -> list[str]:
    """The columns that are written: those that every table has, and what else some row has."""
    from sssom_pydantic.models import Record

    rows = list(rows)
    further = {name for row in rows for name, _ in row.further}
    negated = {"predicate_modifier"} if any(row.negated for row in rows) else set()
    always = set(_OURS) - {"predicate_modifier"}
    return [name for name in Record.model_fields if name in always | negated | further]


def _cells(row: Correspondence, alignment: Alignment) -> dict[str, str]:
    """A row as it stands in a file."""

    def short(iri: str) -> str:
        if not alignment.names.split(iri)[0]:
            raise InputError(f"no prefix of this table fits {iri}; add one to its prefixes", alignment.path, row.row)
        return alignment.curie(iri)

    said = {
        "subject_id": short(row.subject),
        "subject_label": row.subject_label,
        "predicate_id": short(row.predicate),
        "predicate_modifier": "Not" if row.negated else "",
        "object_id": short(row.object),
        "object_label": row.object_label,
        "mapping_justification": short(row.justification),
        "confidence": "" if row.confidence is None else repr(row.confidence),
        "comment": row.comment,
        **dict(row.further),
    }
    return {name: cell for name, cell in said.items() if cell}


def _used(alignment: Alignment) -> Iterator[tuple[str, str]]:
    """The prefixes of a written table: those that its cells use, sorted."""
    from kgtools.vocabulary import PREFIXES

    known = {**PREFIXES, **alignment.prefixes}
    mentioned = [
        cell.partition(":")[0]
        for row in alignment.correspondences
        for cell in _cells(row, alignment).values()
        if ":" in cell
    ]
    mentioned += [word.partition(":")[0] for value in alignment.metadata.values() for word in _words(value)]
    yield from sorted((prefix, known[prefix]) for prefix in set(mentioned) if prefix in known)


def _words(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]
