"""A crosswalk to fill in: a file with its author's own codes goes in, YAML that lists them all comes out.

Why most of it is commented out: what a draft says unasked, somebody may take for a reading of the data. So only a code
that is called as a term is stands as a line that counts, and everything else begins with `#`. As it is written, the
draft can be used at once, and changes nothing but what those lines say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import duckdb

from kgtools.codebook import name_of
from kgtools.draft.suggested import Terms, words_of
from kgtools.errors import InputError
from kgtools.read import BASE, is_bundle, read
from kgtools.read.columns import CODING, INCIDENT
from kgtools.read.crosswalk import parts_of
from kgtools.read.folder import find, load_table
from kgtools.read.qda.export import OF_DOCUMENT
from kgtools.read.qda.remarks import short
from kgtools.read.qda.segments.table import load_unknown
from kgtools.read.tables import column_key
from kgtools.vocabulary import VALENCES, Vocabulary

if TYPE_CHECKING:
    from kgtools.read.bundle import Bundle

_VALUES = 50
"""How many different values a column of a wide table may have, and still be one of codes."""

_LONG = 80
"""Characters: a column with longer values holds no codes."""


class Draft(NamedTuple):
    """What was drafted.

    Args:
        yaml: the crosswalk.
        codes: how many codes are to be mapped.
        matched: how many of them it takes for a term.
        ours: how many others are codes of our codebook, or terms, already.
    """

    yaml: str
    codes: int
    matched: int
    ours: int = 0


class _Count(NamedTuple):
    """A code with what is known of it.

    Args:
        said: how often it occurs, for a remark.
        term: what it is taken for already, without a crosswalk.
    """

    code: str
    often: int
    said: str
    term: str | None = None
    description: str | None = None


def draft_crosswalk(path: Path, vocabulary: Vocabulary, base: str = BASE) -> Draft:
    """Draft a crosswalk for a file, or a folder of tables, whose codes are its author's own.

    Codes are listed by what they stand below, the most used first, each with its counts and with the term that is
    called like it. A table without a column of codes is taken for one with a row an incident.

    Args:
        path: the file or folder.
        vocabulary: the terms that codes may be called like.
        base: what the IRIs of data start with.

    Raises:
        InputError: it cannot be read, has a crosswalk already, or is RDF.
    """
    if path.exists() and not is_bundle(path):
        raise InputError("is RDF, where codes are terms; a crosswalk is for tables and files of coding programs", path)
    crosswalk = find(path).crosswalk if path.is_dir() else None
    if crosswalk:
        raise InputError("is a crosswalk for this already; move it away to have one drafted", crosswalk)
    terms = Terms(vocabulary)
    try:
        bundle = read(path, vocabulary, base=base)[0]
    except InputError:
        table = _Raw.of(path)
        if table is None or {"incident", "code"} <= {*table.columns}:
            raise
        return _wide(table, terms) if "code" not in table.columns else _segments_of(table, terms)
    return _segments(path.name, bundle, terms)


# --- One row a coded segment -----------------------------------------------------------------------------------------


def _segments(name: str, bundle: Bundle, terms: Terms) -> Draft:
    """The draft for codings as they were read."""
    database = bundle.database
    counts = [
        _Count(code, often, f"{_many(often, 'coding')} in {_many(incidents, 'incident')}", term)
        for code, often, incidents, term in database.execute(
            """SELECT code, count(DISTINCT "row"), count(DISTINCT incident), any_value(term)
               FROM coding GROUP BY code ORDER BY code"""
        ).fetchall()
    ]
    described = {one.called: one.description for one in bundle.codes}
    used = {count.code for count in counts}
    counts = [count._replace(description=described.get(count.code)) for count in counts]
    for one in bundle.codes:
        if one.called not in used and one.codable and not terms.known(one):
            used.add(one.called)
            counts.append(_Count(one.called, 0, "never used", description=one.description))
    columns: dict[str, Counter[str]] = {}
    for column, cell, often in database.execute(
        """SELECT pair."name", pair.cell, sum(n) FROM (
             SELECT unnest(extra) AS pair, count(*) AS n FROM coding GROUP BY extra
             UNION ALL SELECT unnest(extra), count(*) FROM incident GROUP BY extra)
           GROUP BY ALL ORDER BY ALL"""
    ).fetchall():
        columns.setdefault(column, Counter())[cell] = int(often)
    return _segments_text(name, [], _candidates(columns, terms.vocabulary), counts, terms)


def _segments_of(table: _Raw, terms: Terms) -> Draft:
    """The draft for a table that has codes, but not said in which incidents."""
    counts = [_Count(code, often, _many(often, "row")) for code, often in sorted(table.values("code").items())]
    said = "The table has no column `incident`: say here which of its columns it is."
    candidates = [f"# incident: {_text(name)}" for name in table.columns if name not in (*CODING, *INCIDENT)]
    return _segments_text(table.path.name, [said], candidates, counts, terms)


def _segments_text(
    name: str, remarks: Sequence[str], candidates: Sequence[str], counts: Sequence[_Count], terms: Terms
) -> Draft:
    groups: dict[str, list[_Count]] = {}
    for count in counts:
        groups.setdefault(" > ".join(parts_of(count.code)[:-1]), []).append(count)
    lines, matched = [], 0
    for above, group in sorted(groups.items()):
        if above:
            lines += ["", f"# --- {_text(short(above))}: {_many(sum(one.often for one in group), 'coding')}"]
        for count in sorted(group, key=lambda one: (-one.often, one.code)):
            entry, live = _entry(count, terms)
            lines += entry
            matched += live
    text = [*_head(name), "shape: segments", "", *_INCIDENT, "", "columns:"]
    text += _indented(1, [*(f"# {remark}" for remark in remarks), *(candidates or ["# none are left over"])])
    text += ["", "codes:", *_indented(1, lines)]
    ours = sum(count.term is not None or terms.ours.modifier(count.code) is not None for count in counts)
    return Draft("\n".join(text) + "\n", len(counts) - ours, matched, ours)


def _entry(count: _Count, terms: Terms) -> tuple[list[str], bool]:
    """The lines for a code, and whether they count."""
    if count.term is not None:
        name = name_of(count.term, terms.vocabulary)
        return [f"# taken for {name} as it is: {_text(short(count.code))}  # {count.said}"], False
    beside = terms.ours.modifier(count.code)
    if beside:
        said = f"# says of what else is coded there that its {beside[0]} is {beside[1]}"
        return [f"{said}: {_text(short(count.code))}  # {count.said}"], False
    term = terms.called(count.code)
    lines = [f"# its description: {_text(short(count.description))}"] if count.description else []
    perhaps = "" if term else terms.perhaps(count.code)
    remark = f"{count.said}{perhaps and f'; perhaps {perhaps}'}"
    return [*lines, *_pair(count.code, term, remark)], term is not None


def _pair(key: str, term: str | None, remark: str) -> list[str]:
    """A line that counts where there is a term, else one to fill in. A long key has a line of its own."""
    mark, value = ("# ", "TERM") if term is None else ("", _plain(term))
    if len(_text(key)) < _LONGEST_KEY:
        return [f"{mark}{_text(key)}: {value}  # {remark}"]
    return [f"{mark}? {_text(key)}", f"{mark}: {value}  # {remark}"]


_LONGEST_KEY = 1_000
"""Characters of a key that stands before its colon in one line: YAML 1.2 (8.2.2) allows 1,024."""

_INCIDENT = (
    "# What an incident is in a file of a coding program: a document, if nothing is said here; a case; a row; or what",
    "# a code marks that is called so, where * is anything.",
    "# incident: document",
    "# incident: case",
    "# incident: row",
    '# incident: {code: "Incident *"}',
)


def _head(name: str) -> list[str]:
    return [
        f"# A crosswalk for {_text(name)}: which term each code stands for.",
        "#",
        "# Take the # off a line and write a term for TERM, or none to leave the code out on purpose. A line that",
        "# stays commented out says nothing: that code is reported, kept as it is, and counts for no proposition.",
        "# Lines that count already are codes called as a term is: see whether they mean the same. More than a term:",
        '#   "Told friends": {term: PositiveWordOfMouth, valence: positive, bearer: customer}',
        "# `kgtools codebook` says what the terms mean. Then: kgtools run BUNDLE --crosswalk THIS_FILE -o OUT",
        "",
    ]


# --- One row an incident ---------------------------------------------------------------------------------------------


class _Raw(NamedTuple):
    """A table as it is, whatever its columns are called.

    Args:
        own: whether it is as a bundle's own tables are; others are read as tables of coded segments alone.
    """

    path: Path
    database: duckdb.DuckDBPyConnection
    columns: list[str]
    own: bool = True

    @classmethod
    def of(cls, path: Path) -> _Raw | None:
        """The table of codings of a bundle; None where there is none that can be read."""
        try:
            table = find(path).tables.get("codings")
            if table is None:
                return None
            database = duckdb.connect(config={"threads": 2})
            if table.book is not None or table.path.suffix.lower() == ".parquet":
                return cls(path, database, load_table(database, "raw", table).columns)
            loaded, own = load_unknown(database, "raw", table.path, table.file)
            return cls(path, database, loaded.columns, own)
        except InputError:
            return None

    def values(self, column: str) -> Counter[str]:
        """What stands in a column, and how often."""
        key = column_key(self.columns, column)
        found = self.database.execute(
            f"SELECT {key} AS cell, count(*) FROM raw WHERE cell IS NOT NULL GROUP BY cell ORDER BY cell"
        )
        return Counter(dict(found.fetchall()))

    def rows(self) -> int:
        return int(self.database.execute("SELECT count(*) FROM raw").fetchall()[0][0])


_NOT_OWN = (
    "# As this file is written, only coded segments can be read from it. If a row is an incident, save it as .xlsx, or",
    "# as .csv in UTF-8 with commas, and read that with this crosswalk.",
)


def _wide(table: _Raw, terms: Terms) -> Draft:
    """The draft for a table with a row an incident, where what is coded stands in columns of its own."""
    columns = {name: table.values(name) for name in table.columns}
    theirs = {name: values for name, values in columns.items() if name not in (*INCIDENT, *CODING)}
    text = [
        *_head(table.path.name),
        "# One row is taken for an incident. If it is a coded segment, write `shape: segments`, and which columns are",
        '# its code and its incident: columns: {code: "Tag", incident: "Document"}',
        *([] if table.own else _NOT_OWN),
        "shape: wide",
    ]
    lines = []
    if "incident" not in columns:
        called = _unique(theirs, table.rows())
        if called is None:
            text.append(
                "incident: row  # no column tells all rows apart; where one names incidents, say so below instead"
            )
            lines = [f"# incident: {_text(name)}" for name in theirs]
        else:
            lines = [f"incident: {_text(called)}  # no two rows share one"]
            del theirs[called]
    lines += _candidates(theirs, terms.vocabulary)
    text += ["", "columns:", *_indented(1, lines or ["# none are left over"]), "", "codes:"]
    codes = matched = 0
    for name, values in theirs.items():
        if not _is_coded(values):
            continue
        counts = [_Count(value, often, _many(often, "row")) for value, often in values.items()]
        entries = [_entry(one, terms) for one in sorted(counts, key=lambda one: (-one.often, one.code))]
        live = sum(counts for _, counts in entries)
        perhaps = terms.called(name) or terms.perhaps(name)
        heading = f"{_text(name)}:  # {_many(len(values), 'value')}{perhaps and f'; perhaps {perhaps}'}"
        text += _indented(1, ["", heading if live else f"# {heading}"])
        text += _indented(2, [line for entry, _ in entries for line in entry])
        codes += len(values)
        matched += live
    return Draft("\n".join(text) + "\n", codes, matched)


def _unique(columns: dict[str, Counter[str]], rows: int) -> str | None:
    """The column that tells all rows apart: of several one called like an identifier, else one of short texts."""
    found = [name for name, values in columns.items() if rows and len(values) == rows == values.total()]
    named = {"id", "identifier", "incident", "case", "number", "no", "nr", "key"}
    return min(
        found, key=lambda name: (named.isdisjoint(words_of(name)), max(map(len, columns[name])) > _LONG), default=None
    )


def _is_coded(values: Counter[str]) -> bool:
    """Whether a column may hold codes: a few, and no long texts."""
    return 0 < len(values) <= _VALUES and max(map(len, values)) <= _LONG


# --- Columns ---------------------------------------------------------------------------------------------------------


def _candidates(columns: dict[str, Counter[str]], vocabulary: Vocabulary) -> list[str]:
    """A line to fill in for each column that is none of ours."""
    lines = []
    for name, values in columns.items():
        if name in OF_DOCUMENT:
            continue
        ours = _ours(name, values, vocabulary) or "COLUMN"
        such = ", ".join(_text(short(value, 30)) for value, _ in values.most_common(3))
        lines.append(f"# {ours}: {_text(name)}  # {_many(len(values), 'value')}{such and f', such as {such}'}")
    return lines


def _ours(name: str, values: Iterable[str], vocabulary: Vocabulary) -> str | None:
    """Which of our columns one may be, by what stands in it, or else by its name."""
    values = set(values)
    words = {
        "channel": {value for value in values if vocabulary.resolve(value) in vocabulary.channels},
        "valence": set(VALENCES),
        "bearer": set(vocabulary.roles),
        "presence": {"present", "absent"},
        "purpose": {"personal", "collective"},
        "context": {"public", "commercial"},
        "occurred_on": {value for value in values if re.fullmatch(r"\d{4}-\d\d-\d\d", value)},
    }
    by_value = [ours for ours, known in words.items() if values and values <= known]
    known = [ours for ours in (*INCIDENT, *CODING) if ours not in ("incident", "code")]
    return next(iter(by_value or get_close_matches(name.casefold().replace(" ", "_"), known, 1, 0.75)), None)


# --- YAML ------------------------------------------------------------------------------------------------------------


def _text(said: str) -> str:
    """Text in one line, in quotation marks (YAML 1.2, 7.3.1), with all that cannot be seen as an escape.

    >>> print(_text('say "no"\\n'))
    "say \\"no\\"\\x0a"
    """
    return '"' + "".join(_character(one) for one in said) + '"'


def _character(one: str) -> str:
    if one in '"\\':
        return f"\\{one}"
    if one.isprintable():
        return one
    code = ord(one)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _plain(name: str) -> str:
    """A term's name as it may stand in YAML: bare where that is safe."""
    return name if re.fullmatch(r"[A-Za-z][\w.-]*(:[\w.-]+)?", name) else _text(name)


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _indented(depth: int, lines: Iterable[str]) -> list[str]:
    return [f"{'  ' * depth}{line}" if line else "" for line in lines]
