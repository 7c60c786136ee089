"""A crosswalk to fill in: a file with its author's own codes goes in, YAML that lists them all comes out.

Why most of it is commented out: what a draft says unasked, somebody may take for a reading of the data. So only a code
that is called as a term is stands as a line that counts, and everything else begins with `#`. As it is written, the
draft can be used at once, and changes nothing but what those lines say.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import duckdb

from kgtools.codebook import ELEMENT, labels, modifiers_by_guid, modifiers_by_path, name_of, terms_by_guid
from kgtools.errors import InputError
from kgtools.read import BASE, is_bundle, read
from kgtools.read.columns import CODING, INCIDENT
from kgtools.read.crosswalk import _PATH_SEPARATOR
from kgtools.read.folder import find, load_table
from kgtools.read.tables import column_key
from kgtools.vocabulary import VALENCES, Vocabulary, local

if TYPE_CHECKING:
    from kgtools.read.bundle import Bundle

_VALUES = 50
"""How many different values a column of a wide table may have, and still be one of codes."""

_LONG = 80
"""Characters: what has more is no code, and is cut in a remark."""


class Draft(NamedTuple):
    """What was drafted: the YAML, how many codes it lists, and how many of them it takes for a term."""

    yaml: str
    codes: int
    matched: int


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

    Raises:
        InputError: it cannot be read, has a crosswalk already, or is RDF.
    """
    if path.exists() and not is_bundle(path):
        raise InputError("is RDF, where codes are terms; a crosswalk is for tables and files of coding programs", path)
    crosswalk = find(path).crosswalk if path.is_dir() else None
    if crosswalk:
        raise InputError("is a crosswalk for this already; move it away to have one drafted", crosswalk)
    terms = _Terms(vocabulary)
    try:
        bundle = read(path, vocabulary, base=base)[0]
    except InputError:
        table = _Raw.of(path)
        if table is None or {"incident", "code"} <= {*table.columns}:
            raise
        return _wide(table, terms) if "code" not in table.columns else _segments_of(table, terms)
    return _segments(path.name, bundle, terms)


# --- One row a coded segment -----------------------------------------------------------------------------------------


def _segments(name: str, bundle: Bundle, terms: _Terms) -> Draft:
    """The draft for codings as they were read."""
    database = bundle.database
    counts = [
        _Count(code, often, f"{_many(often, 'coding')} in {_many(incidents, 'incident')}", term)
        for code, often, incidents, term in database.execute(
            """SELECT code, count(DISTINCT "row"), count(DISTINCT incident), any_value(term)
               FROM coding GROUP BY code ORDER BY code"""
        ).fetchall()
    ]
    codebook = [(one, " > ".join(one.path)) for one in getattr(bundle, "codes", ())]
    described = {code: one.description for one, code in codebook}
    used = {count.code for count in counts}
    counts = [count._replace(description=described.get(count.code)) for count in counts]
    for one, code in codebook:
        if code not in used and one.codable and not terms.known(one.key, one.path):
            used.add(code)
            counts.append(_Count(code, 0, "never used", description=one.description))
    columns: dict[str, Counter[str]] = {}
    for column, cell, often in database.execute(
        """SELECT pair."name", pair.cell, sum(n) FROM (
             SELECT unnest(extra) AS pair, count(*) AS n FROM coding GROUP BY extra
             UNION ALL SELECT unnest(extra), count(*) FROM incident GROUP BY extra)
           GROUP BY ALL ORDER BY ALL"""
    ).fetchall():
        columns.setdefault(column, Counter())[cell] = int(often)
    return _segments_text(name, [], _candidates(columns, terms.vocabulary), counts, terms)


def _segments_of(table: _Raw, terms: _Terms) -> Draft:
    """The draft for a table that has codes, but not said in which incidents."""
    counts = [_Count(code, often, _many(often, "row")) for code, often in sorted(table.values("code").items())]
    said = "The table has no column `incident`: say here which of its columns it is."
    candidates = [f"# incident: {_text(name)}" for name in table.columns if name not in (*CODING, *INCIDENT)]
    return _segments_text(table.path.name, [said], candidates, counts, terms)


def _segments_text(
    name: str, remarks: Sequence[str], candidates: Sequence[str], counts: Sequence[_Count], terms: _Terms
) -> Draft:
    groups: dict[str, list[_Count]] = {}
    for count in counts:
        groups.setdefault(_above(count.code), []).append(count)
    lines, matched = [], 0
    for above, group in sorted(groups.items()):
        if above:
            lines += ["", f"# --- {_text(_short(above))}: {_many(sum(one.often for one in group), 'coding')}"]
        for count in sorted(group, key=lambda one: (-one.often, one.code)):
            entry, live = _entry(count, terms)
            lines += entry
            matched += live
    text = [*_head(name), "shape: segments", "", *_INCIDENT, "", "columns:"]
    text += _indented(1, [*(f"# {remark}" for remark in remarks), *(candidates or ["# none are left over"])])
    text += ["", "codes:", *_indented(1, lines)]
    return Draft("\n".join(text) + "\n", len(counts), matched)


def _entry(count: _Count, terms: _Terms) -> tuple[list[str], bool]:
    """The lines for a code, and whether they count."""
    if count.term is not None:
        name = name_of(count.term, terms.vocabulary)
        return [f"# taken for {name} as it is: {_text(_short(count.code))}  # {count.said}"], False
    term = terms.called(count.code)
    lines = [f"# its description: {_text(_short(count.description))}"] if count.description else []
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
        "# Take the # off a line, and write a term for TERM, or none to leave the code out on purpose. What keeps its",
        "# # says nothing: that code is reported, kept in the graph as it is, and counts for no proposition. Lines",
        "# without # are codes that are called as a term is: see whether they mean the same. More than a term:",
        '#   "Told friends": {term: PositiveWordOfMouth, valence: positive, bearer: customer}',
        "# `kgtools codebook` says what the terms mean. Then: kgtools run BUNDLE --crosswalk THIS_FILE -o OUT",
        "",
    ]


# --- One row an incident ---------------------------------------------------------------------------------------------


class _Raw(NamedTuple):
    """A table as it is, whatever its columns are called."""

    path: Path
    database: duckdb.DuckDBPyConnection
    columns: list[str]

    @classmethod
    def of(cls, path: Path) -> _Raw | None:
        """The table of codings of a bundle; None where there is none that can be read."""
        try:
            table = find(path).tables["codings"]
            database = duckdb.connect(config={"threads": 2})
            return cls(path, database, load_table(database, "raw", table).columns)
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


def _wide(table: _Raw, terms: _Terms) -> Draft:
    """The draft for a table with a row an incident, where what is coded stands in columns of its own."""
    columns = {name: table.values(name) for name in table.columns}
    theirs = {name: values for name, values in columns.items() if name not in (*INCIDENT, *CODING)}
    names = [] if "incident" in columns else _unique(theirs, table.rows())
    lines = []
    if "incident" not in columns:
        lines = (
            [f"incident: {_text(names[0])}  # no two rows share one"]
            if names
            else [
                "# The table has no column `incident`, and none where no two rows share a value: say here which it is.",
                *(f"# incident: {_text(name)}" for name in theirs),
            ]
        )
    coded = {name: values for name, values in theirs.items() if name not in names[:1] and _is_coded(values)}
    lines += _candidates({name: values for name, values in theirs.items() if name not in names[:1]}, terms.vocabulary)
    text = [*_head(table.path.name)]
    text += [
        "# One row is taken for an incident. If it is a coded segment, write `shape: segments`, and which columns are",
        '# its code and its incident: columns: {code: "Tag", incident: "Document"}',
        "shape: wide",
        "",
        "columns:",
        *_indented(1, lines or ["# none are left over"]),
        "",
        "codes:",
    ]
    codes = matched = 0
    for name, values in coded.items():
        counts = [_Count(value, often, _many(often, "row")) for value, often in values.items()]
        entries = [_entry(one, terms) for one in sorted(counts, key=lambda one: (-one.often, one.code))]
        live = sum(counts for _, counts in entries)
        perhaps = terms.called(name) or terms.perhaps(name)
        remark = f"{_many(len(values), 'value')}{perhaps and f'; perhaps {perhaps}'}"
        text += _indented(1, ["", f"{_text(name)}:  # {remark}" if live else f"# {_text(name)}:  # {remark}"])
        text += _indented(2, [line for entry, _ in entries for line in entry])
        codes += len(values)
        matched += live
    return Draft("\n".join(text) + "\n", codes, matched)


def _unique(columns: dict[str, Counter[str]], rows: int) -> list[str]:
    """The columns that tell all rows apart, those called like an identifier first, and then short ones."""
    found = [name for name, values in columns.items() if rows and len(values) == rows == values.total()]
    named = re.compile(r"(?i)(^|[^a-z])(id|incident|case|number|no|nr)([^a-z]|$)|ID$")
    return sorted(found, key=lambda name: (not named.search(name), max(map(len, columns[name])) > _LONG))


def _is_coded(values: Counter[str]) -> bool:
    """Whether a column may hold codes: a few, and no long texts."""
    return 0 < len(values) <= _VALUES and max(map(len, values)) <= _LONG


# --- Columns ---------------------------------------------------------------------------------------------------------


def _candidates(columns: dict[str, Counter[str]], vocabulary: Vocabulary) -> list[str]:
    """A line to fill in for each column that is none of ours."""
    lines = []
    for name, values in columns.items():
        ours = _ours(name, values, vocabulary) or "COLUMN"
        such = ", ".join(_text(_short(value, 30)) for value, _ in values.most_common(3))
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


# --- Terms -----------------------------------------------------------------------------------------------------------


class _Terms:
    """The terms by what they are called, for people's spelling: case, blanks and plural make no difference."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.guids = {*terms_by_guid(vocabulary), *modifiers_by_guid(vocabulary)}
        self.paths = modifiers_by_path(vocabulary)

    def known(self, key: str, path: tuple[str, ...]) -> bool:
        """Whether a code of the codebook is one of ours: a term, or what is said beside one."""
        return key in self.guids or path in self.paths

    @cached_property
    def names(self) -> dict[str, list[str]]:
        """What a code may be called, as one word, to the terms that are called so."""
        found: dict[str, set[str]] = {}
        said = labels(self.vocabulary)
        for iri, name in self.listed.items():
            for called in (local(iri), said.get(iri, "")):
                found.setdefault("".join(_words(called)), set()).add(name)
        found.pop("", None)
        return {called: sorted(names) for called, names in sorted(found.items())}

    @cached_property
    def listed(self) -> dict[str, str]:
        """The names of the terms that the codebook lists, by IRI."""
        return {iri: name_of(iri, self.vocabulary) for iri in sorted(self.vocabulary.elements - {ELEMENT})}

    @cached_property
    def words(self) -> list[tuple[frozenset[str], str]]:
        """The words of each term's name."""
        return [(frozenset(_words(local(iri))), name) for iri, name in self.listed.items()]

    def called(self, code: str) -> str | None:
        """The one term that is called as the last part of a code is."""
        names = self.names.get("".join(_words(_last(code))), [])
        return names[0] if len(names) == 1 else None

    def perhaps(self, code: str) -> str:
        """Terms with a name much like a code's last part, or of which all words stand in it; empty where none is."""
        words = _words(_last(code))
        near = get_close_matches("".join(words), self.names, 3, 0.8)
        found = [name for called in near for name in self.names[called]]
        found += [name for parts, name in self.words if parts and parts <= {*words}]
        return " or ".join(list(dict.fromkeys(found))[:3])


def _words(name: str) -> list[str]:
    """The words of a name, in lower case and in the singular.

    >>> _words("FeelingsValued"), _words("service  recoveries")
    (['feeling', 'valued'], ['service', 'recovery'])
    """
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", unicodedata.normalize("NFKC", name))
    return [_singular(word) for word in re.findall(r"[^\W_]+", parted.casefold())]


def _singular(word: str) -> str:
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    return f"{word[:-3]}y" if word.endswith("ies") and len(word) > 4 else word[:-1]


def _last(code: str) -> str:
    """The last part of a code's path."""
    return _PATH_SEPARATOR.split(code)[-1].strip()


def _above(code: str) -> str:
    """What a code stands below: its path without the last part."""
    ends = [found.start() for found in _PATH_SEPARATOR.finditer(code)]
    return code[: ends[-1]] if ends else ""


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


def _short(said: str, most: int = _LONG) -> str:
    return said if len(said) <= most else f"{said[: most - 1]}…"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _indented(depth: int, lines: Iterable[str]) -> list[str]:
    return [f"{'  ' * depth}{line}" if line else "" for line in lines]
