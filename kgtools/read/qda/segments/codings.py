"""Codings: a coding program's table as read, and what its columns are, go in; the raw table of codings comes out.

A row a coding, under our names, by SQL over whole columns; only cells that join several codes are looked at one by one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kgtools.model import LONGEST_SEGMENT, Finding
from kgtools.read.cells import is_moment, moment
from kgtools.read.columns import CODING, INCIDENT
from kgtools.read.qda.export import OF_DOCUMENT, SELECTION, Export
from kgtools.read.qda.project import Code
from kgtools.read.qda.remarks import short
from kgtools.read.qda.segments.dialects import LONGEST_NAME, NATIVE, Fit
from kgtools.read.qda.segments.joined import part
from kgtools.read.qda.values import PATH, apart, without_folders
from kgtools.read.tables import Loaded, keys, quoted, small_table, text, told_apart

if TYPE_CHECKING:
    import duckdb

_NUMBER = r"[0-9]+(?:\.0+)?"
_DATE = "2026-11-21T14:30:00"
_CLOCK = r"[0-9]+:[0-9]{1,2}(?::[0-9]{1,2})?(?:[.,:][0-9]+)?"


@dataclass
class _Sql:
    """How the raw table is made of the table as read: its rows, and the cells that all forms have in their own way."""

    source: str
    code: str
    place: str = "0"
    beside: tuple[tuple[str, str], ...] = ()


def codings(database: duckdb.DuckDBPyConnection, name: str, raw: str, found: Fit, loaded: Loaded, label: str) -> Export:
    """Make the raw table of codings of the table as read, and say what is odd in it.

    Args:
        name: what the table to make is called.
        raw: what the table as read is called; it is dropped.
        found: what its columns are.
        loaded: what they are called in the file, and what was found when they were loaded.
        label: the file's name, for findings.
    """
    dialect, columns = found.dialect, loaded.columns
    findings = list(loaded.findings)
    cell = {place: f"r.{quoted(key)}" for place, key in enumerate(keys(columns))}
    if found.codes is not None:
        form = _split(database, name, raw, found, cell, findings, label)
    elif found.applied:
        form = _applied(found, raw, cell)
        findings += _unclear(database, found, raw, cell, label)
    else:
        form = _Sql(f"{quoted(raw)} r", _path(cell[found.columns["code"]], dialect.separators))
        form.code = _under(form.code, [cell[place] for place in found.categories])
    cells = _cells(found, cell, form.code)
    undated = []
    if "coded_at" in cells:
        written = cells["coded_at"]
        cells["coded_at"] = _date(written, dialect.dates)
        undated = _undated(database, raw, written, cells["coded_at"], label)
    if "id" in cells and dialect.shared_id:
        cells[SELECTION] = cells["id"]
        cells["id"] = f"{cells['id']} || '/' || {form.code}"
    known = found.known() - ({found.span} if found.span is not None else set())
    extra = [(columns[place], cell[place]) for place in range(len(columns)) if place not in known]
    if undated:
        extra.append((columns[found.columns["coded_at"]], f"if({cells['coded_at']} IS NULL, {written}, NULL)"))
        findings += undated
    order = [one for one in dict.fromkeys((*CODING, *INCIDENT, *OF_DOCUMENT, *NATIVE, SELECTION)) if one in cells]
    called = {one: columns[found.columns[one]] for one in order if one in found.columns}
    if found.codes is not None:
        called["code"] = columns[found.codes]
    if found.span is not None:
        called |= dict.fromkeys(NATIVE[:2], columns[found.span])
    made = [*((one, cells[one]) for one in order), *form.beside, *extra]
    names = told_apart([one for one, _ in made])
    selected = ", ".join(f"{sql} AS {quoted(key)}" for (_, sql), key in zip(made, keys(names), strict=True))
    where = f"WHERE {form.code} IS NOT NULL" if dialect.uncoded or form.place != "0" else ""
    number = 'r."row"' if form.place == "0" else f'row_number() OVER (ORDER BY r."row", {form.place})'
    database.execute(
        f"""CREATE OR REPLACE TABLE {quoted(name)} AS SELECT {number} AS "row", r."row" AS lineno, {selected}
            FROM {form.source} {where} ORDER BY "row" """
    )
    findings += _uncoded(database, name, raw, label) if where else []
    if "id" in cells:
        _make_unique(database, name, keys(names)[names.index("id")])
    if "document" in cells:
        _without_folders(database, name, keys(names)[names.index("document")])
    database.execute(f"DROP TABLE {quoted(raw)}; DROP TABLE IF EXISTS {quoted(f'{name} codes')}")
    codes = [Code(code, tuple(re.split(" > ", _parted(code, dialect.separators)))) for code in found.applied]
    return Export(dialect.program, names, called, loaded.header, codes, findings)


def _cells(found: Fit, cell: Mapping[int, str], code: str) -> dict[str, str]:
    """SQL for what stands in the columns that the table has of ours."""
    cells = {name: cell[place] for name, place in found.columns.items()} | {"code": code}
    if found.span is not None:
        ends = [f"regexp_extract({cell[found.span]}, '^({_NUMBER})\\s*[-–]\\s*({_NUMBER})$', {n})" for n in (1, 2)]
        cells |= {"native_start": f"nullif({ends[0]}, '')", "native_end": f"nullif({ends[1]}, '')"}
    for own, words in found.dialect.placeholders.items():
        if own in cells:
            cells[own] = f"if({cells[own]} IN ({', '.join(map(text, words))}), NULL, {cells[own]})"
    for end in NATIVE[:2]:
        if end in cells:
            cells[end] = f"regexp_replace({cells[end]}, '^([0-9]+)\\.0+$', '\\1')"
    if "native_start" in cells and found.dialect.unit:
        cells["offset_rule"] = (
            f"CASE WHEN regexp_full_match({cells['native_start']}, '{_NUMBER}') THEN {text(found.dialect.unit)} "
            f"WHEN regexp_full_match({cells['native_start']}, '{_CLOCK}') THEN 'time' "
            f"WHEN {cells['native_start']} IS NOT NULL THEN 'other' END"
        )
    return cells


def _pattern(separators: Sequence[str]) -> str:
    """A regular expression for what stands between the parts of a code's path."""
    each = [
        rf"\s+{re.escape(one.strip())}\s+" if one != one.strip() else rf"\s*{re.escape(one)}\s*" for one in separators
    ]
    return "|".join(each)


def _path(sql: str, separators: Sequence[str]) -> str:
    """SQL for a code's path, its parts joined as we do."""
    return f"regexp_replace({sql}, {text(_pattern(separators))}, ' > ', 'g')" if separators else sql


def _parted(code: str, separators: Sequence[str]) -> str:
    return re.sub(_pattern(separators), " > ", code) if separators else code


def _under(code: str, categories: Sequence[str]) -> str:
    """SQL for a code's path from its name and the categories above it, the nearest first."""
    if not categories:
        return code
    return f"if({code} IS NULL, NULL, concat_ws(' > ', {', '.join(reversed(categories))}, {code}))"


def _date(sql: str, forms: Sequence[str]) -> str:
    """SQL for a date as ISO 8601 writes it; NULL for what is none in any form."""
    parsed = [
        f"strftime(try_strptime({sql}, {text(form)}), '%Y-%m-%d{'T%H:%M:%S' if '%M' in form else ''}')"
        for form in forms
    ]
    return f"coalesce(if({is_moment(sql)}, {moment(sql)}, NULL){''.join(f', {one}' for one in parsed)})"


def _undated(database: duckdb.DuckDBPyConnection, raw: str, written: str, date: str, label: str) -> list[Finding]:
    """A finding on the dates that were not understood."""
    count, row, first = database.execute(
        f"""SELECT count(*), min(r."row"), arg_min({written}, r."row") FROM {quoted(raw)} r
            WHERE {written} IS NOT NULL AND {date} IS NULL"""
    ).fetchall()[0]
    if not count:
        return []
    said = f"`{short(first)}` is a date of an unknown form{_times(count)}, and is kept as it is; write {_DATE}"
    return [
        Finding("warning", "coding:coded-at", said, path="coded_at", value=first[:LONGEST_SEGMENT], file=label, row=row)
    ]


def _times(count: int) -> str:
    return f", as in {count} cells" if count > 1 else ""


def _uncoded(database: duckdb.DuckDBPyConnection, name: str, raw: str, label: str) -> list[Finding]:
    """A remark on the rows that no coding was made of."""
    count, row = database.execute(
        f"""SELECT count(*), min("row") FROM {quoted(raw)} WHERE "row" NOT IN (SELECT lineno FROM {quoted(name)})"""
    ).fetchall()[0]
    if not count:
        return []
    said = f"{count} segment{'s have' if count > 1 else ' has'} no code and make{'' if count > 1 else 's'} no coding"
    return [Finding("info", "coding:uncoded", said, path="code", file=label, row=row)]


def _make_unique(database: duckdb.DuckDBPyConnection, name: str, key: str) -> None:
    """Let ids that repeat differ: the second gets `/2` behind it."""
    database.execute(
        f"""UPDATE {quoted(name)} SET {quoted(key)} = {quoted(key)} || '/' || again.nth
            FROM (SELECT "row" AS place, row_number() OVER (PARTITION BY {quoted(key)} ORDER BY "row") AS nth
                  FROM {quoted(name)} WHERE {quoted(key)} IS NOT NULL) again
            WHERE "row" = again.place AND again.nth > 1"""
    )


def _without_folders(database: duckdb.DuckDBPyConnection, name: str, key: str) -> None:
    """Let documents that are called by a path on somebody's machine be called by its last part, told apart."""
    cell = quoted(key)
    is_path = f"regexp_matches({cell}, {text(PATH)})"
    if not database.execute(f"SELECT count(*) FROM {quoted(name)} WHERE {is_path}").fetchall()[0][0]:
        return
    called = [
        said
        for (said,) in database.execute(
            f"""SELECT {cell} FROM {quoted(name)} WHERE {cell} IS NOT NULL GROUP BY 1 ORDER BY min("row")"""
        ).fetchall()
    ]
    kept = apart(without_folders(said) or f"document {number}" for number, said in enumerate(called, 1))
    documents = f"{name} documents"
    small_table(database, quoted(documents), "said VARCHAR, kept VARCHAR", zip(called, kept, strict=True))
    database.execute(
        f"""UPDATE {quoted(name)} SET {cell} = kept FROM {quoted(documents)} WHERE {cell} = said;
            DROP TABLE {quoted(documents)}"""
    )


def _applied(found: Fit, raw: str, cell: Mapping[int, str]) -> _Sql:
    """Rows of a table where each code has columns: one for each that is said to apply.

    Why the fields of what is unnested are numbered: a dialect may call what stands beside a code like one of ours.
    """
    form = found.dialect.applied
    assert form is not None
    beside = [end.strip() for end in form.beside]
    kept = [end for end in beside if any(end in others for _, others in found.applied.values())]
    field = {end: f"end {n}" for n, end in enumerate(dict.fromkeys(kept), 1)}
    each = []
    for n, (code, (own, others)) in enumerate(found.applied.items(), 1):
        yes = ", ".join(text(word.lower()) for word in form.yes)
        cells = [f"code: if(lower({cell[own]}) IN ({yes}), {text(_parted(code, found.dialect.separators))}, NULL)"]
        cells += [
            f"{quoted(field[end])}: {cell[others[end]] if end in others else 'CAST(NULL AS VARCHAR)'}" for end in field
        ]
        each.append(f"{{{', '.join(cells)}, place: {n}}}")
    source = f"(SELECT r.*, unnest([{', '.join(each)}]) AS one FROM {quoted(raw)} r) r"
    return _Sql(
        source, "r.one.code", "r.one.place", tuple((end, f"r.one.{quoted(name)}") for end, name in field.items())
    )


def _unclear(
    database: duckdb.DuckDBPyConnection, found: Fit, raw: str, cell: Mapping[int, str], label: str
) -> list[Finding]:
    """A finding on cells that say neither that a code applies nor that it does not."""
    form = found.dialect.applied
    assert form is not None
    known = ", ".join(text(word.lower()) for word in (*form.yes, *form.no))
    each = ", ".join(cell[own] for own, _ in found.applied.values())
    count, row, first = database.execute(
        f"""SELECT count(*), min("row"), arg_min(said, "row")
            FROM (SELECT r."row", unnest([{each}]) AS said FROM {quoted(raw)} r) WHERE lower(said) NOT IN ({known})"""
    ).fetchall()[0]
    if not count:
        return []
    said = f"`{short(first)}` is neither {form.yes[0]} nor {form.no[0]}{_times(count)}, and is taken as the latter"
    return [Finding("warning", "code:applied", said, "", "code", first[:LONGEST_SEGMENT], file=label, row=row)]


def _split(
    database: duckdb.DuckDBPyConnection,
    name: str,
    raw: str,
    found: Fit,
    cell: Mapping[int, str],
    findings: list[Finding],
    label: str,
) -> _Sql:
    """Rows of a table where a cell joins codes: one for each, as `joined` takes them apart."""
    form = found.dialect.split
    assert form is not None
    assert found.codes is not None
    codes = cell[found.codes]
    count = "NULL" if found.count is None else f"TRY_CAST({cell[found.count]} AS DOUBLE)"
    count = f"if({count} BETWEEN 1 AND 1000000, CAST({count} AS BIGINT), NULL)"
    told = database.execute(
        f"""SELECT {codes}, {count}, count(*), min(r."row") FROM {quoted(raw)} r
            WHERE {codes} IS NOT NULL GROUP BY ALL ORDER BY 4"""
    ).fetchall()
    parted = part([(joined, number) for joined, number, _, _ in told], form.joined_by) if told else {}
    rows = []
    for joined, number, times, row in told:
        one = parted[joined, number]
        rows += [(joined, number, n, _parted(code, found.dialect.separators)) for n, code in enumerate(one.names, 1)]
        if not one.sure:
            listed = ", ".join(f"`{short(code, LONGEST_NAME)}`" for code in one.names[:8])
            listed += ", …" if len(one.names) > 8 else ""
            meant = f" into the {number} that it is said to hold" if number else ""
            said = f"the cell can be cut in several ways{meant}{_times(times)}; taken as {len(one.names)}: {listed}"
            findings.append(
                Finding(
                    "warning", "code:joined", said, path="code", value=joined[:LONGEST_SEGMENT], file=label, row=row
                )
            )
    parts = f"{name} codes"
    database.execute(f"DROP TABLE IF EXISTS {quoted(parts)}")
    small_table(database, quoted(parts), "joined VARCHAR, number BIGINT, place BIGINT, code VARCHAR", rows)
    source = f"{quoted(raw)} r JOIN {quoted(parts)} p ON p.joined = {codes} AND p.number IS NOT DISTINCT FROM {count}"
    return _Sql(source, "p.code", "p.place")
