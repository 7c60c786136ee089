"""Projects to tables: a `Project` goes in; raw tables of its codings, documents and cases come out.

Segments are looked for in the texts here (`positions`), so that the tables hold offsets in characters of each text as
it is kept, and the words cut from it. Beside them stay the program's own offsets, and by which rule they were read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from kgtools.model import Finding, Severity
from kgtools.read.columns import CODING
from kgtools.read.qda.export import OF_DOCUMENT, SELECTION, Export
from kgtools.read.qda.positions import Placed, Span, place_all
from kgtools.read.qda.project import Code, Coded, Project, Selection, Source
from kgtools.read.qda.remarks import short
from kgtools.read.qda.values import apart
from kgtools.read.tables import keys, nameless, quoted, text

if TYPE_CHECKING:
    import duckdb

    from kgtools.vocabulary import Vocabulary

_CODED = (
    *("document", "id", "code", "coder", "coded_at", "segment", "start", "end"),
    *("native_start", "native_end", "offset_rule", "offset_score", "fragment", "note", SELECTION),
)
Cells = dict[str, str | int | None]
"""A row: names of columns, with what stands in them."""

_OF_TEXT = ("document", "narrative", "document group", "description", "note")
_OF_CASE = ("case", "description")
_NAMED = 3
_PLACE = ("start", "end", "native_start", "native_end", "segment", "fragment")


def stage_project(database: duckdb.DuckDBPyConnection, project: Project, label: str, vocabulary: Vocabulary) -> Export:
    """Make `raw_codings`, `raw_documents`, `raw_cases` and `raw_case_parts` of a project.

    Args:
        label: what findings call the file.
        vocabulary: the terms; a code of our own codebook is known by its GUID, whatever it is called.

    Returns:
        What `Export` says of the codings; of the two other tables, their columns.
    """
    file = f"{label}#{project.file}" if project.file else label
    findings = list(project.findings)
    names = apart([source.name for source in project.sources])
    document = {source.key: name for source, name in zip(project.sources, names, strict=True)}
    codes = _named_codes(project.codes, vocabulary)
    findings += _called_alike(project.codes, file)
    of_source: dict[str, list[Selection]] = {}
    for one in project.selections:
        of_source.setdefault(one.source, []).append(one)
    placed = _place_all(project.sources, of_source)
    kept = {key: one.text for key, one in placed.items()}
    where: dict[str, Cells] = {}
    for key, marked in of_source.items():
        where |= _where(marked, placed.get(key))
    findings += _on_places(project.sources, placed, document, file)
    selections = {one.key: one for one in project.selections}
    rows = []
    unknown: dict[str, list[Coded]] = {}
    for coded in project.codings:
        code = codes.get(coded.code)
        if coded.source not in document:
            said = f"coding `{coded.key}` is of a source that the project does not hold, so it is left out"
            findings.append(_found("violation", "row:unreadable", said, file, coded.line))
            continue
        if code is None:
            unknown.setdefault(coded.code, []).append(coded)
        chosen = selections.get(coded.selection or "")
        cells: Cells = {
            "document": document[coded.source],
            "id": coded.key,
            "code": code or coded.code,
            "coder": coded.coder,
            "coded_at": coded.coded_at,
            "note": "\n\n".join([*coded.notes, *(chosen.notes if chosen else ())]) or None,
            **where.get(coded.selection or "", {}),
            SELECTION: f"selection {coded.selection}" if coded.selection else f"source {coded.source}",
        }
        rows.append((coded.line, cells))
    for first, *more in unknown.values():
        who, it_is = (f"{1 + len(more):,} codings have", "they are") if more else (f"coding `{first.key}` has", "it is")
        said = f"{who} a code that the codebook does not hold; {it_is} kept by the code's id"
        findings.append(Finding("warning", "code:unknown", said, value=short(first.code), file=file, row=first.line))
    _load(database, "raw_codings", _CODED, rows)
    bare = len(project.selections) - len({coded.selection for coded in project.codings if coded.selection})
    if bare > 0:
        said = f"{bare} selection{'s carry' if bare > 1 else ' carries'} no code, so nothing is taken of them"
        findings.append(_found("info", "selection:uncoded", said, file, None))
    documents = _stage_documents(database, project, document, kept)
    cases = _stage_cases(database, project, document, selections, where)
    called = dict.fromkeys(CODING, "") | {name: name for name in _CODED}
    return Export(
        project.program or "a coding program",
        list(_CODED),
        called,
        0,
        [*project.codes],
        findings,
        file,
        documents,
        cases,
        project.code_sets,
        lost=project.lost,
    )


def _found(severity: Severity, shape: str, said: str, file: str, line: int | None) -> Finding:
    return Finding(severity, shape, said, file=file, row=line)


def _named_codes(codes: Iterable[Code], vocabulary: Vocabulary) -> dict[str, str]:
    """What codings call each code: its path; of our own codebook, the term, or the path that it has there."""
    from kgtools.codebook import modifiers_by_guid, modifiers_by_path, name_of, terms_by_guid

    terms, modifiers = terms_by_guid(vocabulary), modifiers_by_guid(vocabulary)
    paths = {said: " > ".join(path) for path, said in modifiers_by_path(vocabulary).items()}
    named = {}
    for code in codes:
        if code.key in terms:
            named[code.key] = name_of(terms[code.key], vocabulary)
        elif code.key in modifiers:
            named[code.key] = paths[modifiers[code.key]]
        else:
            named[code.key] = code.called
    return named


def _place_all(sources: Iterable[Source], of_source: Mapping[str, Sequence[Selection]]) -> dict[str, Placed]:
    """The texts of a project as they are kept, with the places of their selections, by the source's key."""
    texts = {
        source.key: (
            source.text,
            [Span(*at, one.words) for one, at in _in_text(of_source.get(source.key, ()))],
            source.unit,
        )
        for source in sources
        if source.text is not None
    }
    return dict(zip(texts, place_all(list(texts.values())), strict=True))


def _in_text(selections: Iterable[Selection]) -> list[tuple[Selection, tuple[int, int]]]:
    """Those selections that are parts of a text."""
    return [(one, (one.start, one.end)) for one in selections if one.start is not None and one.end is not None]


def _where(selections: Sequence[Selection], placed: Placed | None) -> dict[str, Cells]:
    """Where a source's selections are: the cells of each, by the selection's key."""
    where: dict[str, Cells] = {}
    in_text = [one for one, _ in _in_text(selections)]
    cuts = dict(zip((one.key for one in in_text), placed.cuts, strict=True)) if placed else {}
    for one in selections:
        cells: Cells = {"segment": one.words, "fragment": one.fragment}
        if one.start is not None:
            cells |= {"native_start": one.start, "native_end": one.end}
        if placed is not None and (cut := cuts.get(one.key)) is not None:
            cells |= {"segment": cut.quote, "start": cut.start, "end": cut.end}
            # Without a rule, all that fit put it here.
            if (rule := cut.rule or placed.rule) is not None:
                cells |= {"offset_rule": str(rule), "offset_score": f"{placed.score:.3f}".rstrip("0").rstrip(".")}
        where[one.key] = cells
    return where


def _on_places(
    sources: Iterable[Source], placed: Mapping[str, Placed], document: Mapping[str, str], file: str
) -> list[Finding]:
    """What is to be said of places: one finding, however many sources have selections that are nowhere."""
    findings = []
    missing = [source for source in sources if source.key in placed and placed[source.key].remark]
    if missing:
        said = "; ".join(
            f"`{short(document[source.key])}`: {short(placed[source.key].remark, 200)}" for source in missing[:_NAMED]
        )
        if len(missing) > _NAMED:
            said = f"{len(missing):,} texts have selections without a position: {said}; …"
        findings.append(_found("warning", "text:positions", said, file, missing[0].line))
    if pooled := sum(one.pooled for one in placed.values()):
        said = "1 text alone does" if pooled == 1 else f"{pooled:,} texts alone do"
        said += " not tell how their offsets count; the project's other texts do"
        findings.append(_found("info", "text:pooled", said, file, None))
    return findings


def _stage_documents(
    database: duckdb.DuckDBPyConnection,
    project: Project,
    document: Mapping[str, str],
    kept: Mapping[str, str],
) -> list[str]:
    """`raw_documents`: a row a source, with its text, and its variables as columns."""
    of_case: dict[str, dict[str, str]] = {}
    for case in project.cases:
        for key in case.sources:
            for name, value in case.variables:
                of_case.setdefault(key, {}).setdefault(name, value)
    rows = []
    for source in project.sources:
        variables = of_case.get(source.key, {}) | dict(source.variables)
        rows.append(
            (
                source.line,
                {
                    "document": document[source.key],
                    "narrative": kept.get(source.key),
                    "document group": "; ".join(source.groups) or None,
                    "description": source.description,
                    "note": "\n\n".join(source.notes) or None,
                    **{_of_ours(name): value for name, value in variables.items()},
                },
            )
        )
    columns = _columns(_OF_TEXT, rows)
    _load(database, "raw_documents", columns, rows)
    return columns


def _stage_cases(
    database: duckdb.DuckDBPyConnection,
    project: Project,
    document: Mapping[str, str],
    selections: Mapping[str, Selection],
    where: Mapping[str, Mapping[str, str | int | None]],
) -> list[str]:
    """`raw_cases`: a row a case with its variables; `raw_case_parts`: what of which document belongs to it."""
    rows: list[tuple[int | None, Cells]] = []
    parts: list[tuple[int | None, Cells]] = []
    for case, name in zip(project.cases, apart([one.name for one in project.cases]), strict=True):
        cells: Cells = {"case": name, "description": case.description}
        for variable, value in case.variables:
            cells[_of_ours(variable)] = value
        rows.append((case.line, cells))
        parts += [(case.line, {"case": name, "document": document[key]}) for key in case.sources if key in document]
        for key in case.selections:
            one = selections.get(key)
            if one is not None and one.source in document:
                at = {column: where[key].get(column) for column in _PLACE}
                parts.append((case.line, {"case": name, "document": document[one.source], **at}))
    columns = _columns(_OF_CASE, rows)
    _load(database, "raw_cases", columns, rows)
    _load(database, "raw_case_parts", ("case", "document", *_PLACE), parts)
    return columns


def _called_alike(codes: Iterable[Code], file: str) -> list[Finding]:
    """A remark on codes that have one path: nothing but a key, which nobody sees, tells them apart."""
    of_path: dict[str, list[Code]] = {}
    for code in codes:
        of_path.setdefault(code.called, []).append(code)
    findings = []
    for called, alike in of_path.items():
        if len(alike) > 1:
            short = " ".join(called[:60].split())
            said = f"{len(alike)} codes are called `{short}`, and count as one; rename them if they differ"
            findings.append(
                Finding("warning", "code:repeated", said, path="code", value=called, file=file, row=alike[1].line)
            )
    return findings


def _of_ours(variable: str) -> str:
    """A variable's name as a column: one that a project's own columns have already gets a word in front."""
    taken = {"incident", "narrative", *_OF_TEXT, *OF_DOCUMENT}
    return f"variable {variable}" if variable in taken else variable


def _columns(first: Sequence[str], rows: Iterable[tuple[int | None, Mapping[str, str | int | None]]]) -> list[str]:
    """The columns that rows have, in the order of their coming."""
    names = dict.fromkeys(first)
    for _, cells in rows:
        names.update(dict.fromkeys(cells))
    filled = {name for _, cells in rows for name, cell in cells.items() if cell is not None}
    return [name for name in names if name in filled or name == first[0]]


def _load(
    database: duckdb.DuckDBPyConnection,
    name: str,
    columns: Sequence[str],
    rows: Sequence[tuple[int | None, Mapping[str, str | int | None]]],
) -> None:
    """A raw table from Python values: `"row"`, `lineno`, and the cells as text."""
    under = keys(list(columns))
    longest = 1 << 16
    with nameless() as (file, where):
        for number, (line, cells) in enumerate(rows, 1):
            made = [number, line or number, *(_cell(cells.get(column)) for column in columns)]
            longest = max(longest, file.write(json.dumps(made).encode() + b"\n"))
        file.flush()
        taken = ", ".join(f"CAST(json ->> {place + 2} AS VARCHAR) AS {quoted(key)}" for place, key in enumerate(under))
        database.execute(
            f"""CREATE OR REPLACE TABLE {quoted(name)} AS
                SELECT CAST(json ->> 0 AS BIGINT) AS "row", CAST(json ->> 1 AS BIGINT) AS lineno
                       {", " + taken if taken else ""}
                -- DuckDB takes twice that much memory, and more than once.
                FROM read_ndjson_objects({text(where)}, maximum_object_size = {longest})"""
        )


def _cell(value: str | int | None) -> str | None:
    """A cell as text that every engine reads: no NUL, no half of a surrogate pair; what is empty says nothing."""
    if value is None or value == "":
        return None
    return str(value).replace("\0", "\ufffd").encode("utf-8", "replace").decode()
