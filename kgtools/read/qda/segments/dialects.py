"""Dialects: a YAML file that says which columns a coding program's tables have goes in, checked `Dialect`s come out.

What a table's header makes of a dialect is a `Fit`: which column is which, and what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from kgtools.errors import InputError
from kgtools.read.columns import CODING
from kgtools.read.qda.export import OF_DOCUMENT
from kgtools.read.qda.remarks import short
from kgtools.read.yaml import line_of, plain, tree

NATIVE = ("native_start", "native_end", "offset_rule")
"""Columns of raw codings on where a segment lies, as the program counts, and what it counts."""

NAMES = (*CODING, *OF_DOCUMENT, *NATIVE[:2])
"""Our names for columns that a dialect may know."""

LONGEST_NAME = 30
"""Characters of a column or code in a message that may name several."""

_DATE = re.compile(r"(?:[^%]|%[dmYyHIMSpfbB])*%[Yy](?:[^%]|%[dmYyHIMSpfbB])*")

_YES = {"yes": True, "true": True, "no": False, "false": False}

Flag = Annotated[bool, BeforeValidator(lambda value: _YES.get(value, value))]


def _date(form: str) -> str:
    if not _DATE.fullmatch(form):
        raise ValueError(f"`{form}` is no form of a date; write one such as %d.%m.%Y %H:%M:%S")
    return form


Word = Annotated[str, Field(min_length=1)]

Words = Annotated[tuple[Word, ...], Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Split(_Strict):
    """Rows are segments, and a cell joins the names of their codes."""

    codes: Words
    count: tuple[Word, ...] = ()
    joined_by: Words


class Applied(_Strict):
    """Rows are segments, and each code has columns of its own."""

    before: str = ""
    after: str = ""
    yes: Words
    no: Words = ("false", "0", "no")
    beside: tuple[Word, ...] = ()


class Dialect(_Strict):
    """What a program's table looks like, as `dialects.yaml` says it; see there for what the keys mean."""

    program: str
    columns: dict[str, Words]
    required: Words
    pass_over: tuple[Word, ...] = ()
    separators: tuple[Word, ...] = ()
    categories: tuple[Word, ...] = ()
    span: tuple[Word, ...] = ()
    placeholders: dict[str, Words] = {}
    unit: Literal["paragraph", "code point", "character", "time"] | None = None
    dates: tuple[Annotated[str, AfterValidator(_date)], ...] = ()
    shared_id: Flag = False
    uncoded: Flag = False
    split: Split | None = None
    applied: Applied | None = None

    def headers(self) -> frozenset[str]:
        """All headers that it knows, as `normal` writes them."""
        split = self.split.codes + self.split.count if self.split else ()
        known = [*self.pass_over, *self.categories, *self.span, *split]
        return frozenset(normal(header) for headers in (*self.columns.values(), known) for header in headers)


@dataclass(frozen=True)
class Fit:
    """What a table's header makes of a dialect: places in the header, from 0.

    Args:
        columns: our name of a column, to its place.
        codes: of a split table, the cell with the codes; None where `columns` has the code.
        count: of a split table, the cell with their number.
        applied: of each code, its column, and those beside it by their name.
        categories: columns of codes above the code, the nearest first.
        span: the column with both ends of a segment.
        silent: columns that are passed over.
        lacking: our names of what is required and missing.
        heard: how many columns the dialect itself knows.
    """

    dialect: Dialect
    columns: dict[str, int]
    codes: int | None
    count: int | None
    applied: dict[str, tuple[int, dict[str, int]]]
    categories: tuple[int, ...]
    span: int | None
    silent: tuple[int, ...]
    lacking: tuple[str, ...]
    heard: int = 0

    def known(self) -> set[int]:
        """The places of all columns that mean something."""
        single = [place for place in (self.codes, self.count, self.span) if place is not None]
        applied = [place for own, beside in self.applied.values() for place in (own, *beside.values())]
        return {*self.columns.values(), *single, *applied, *self.categories, *self.silent}


def normal(header: str) -> str:
    """A header as it is compared: without case, byte order mark, and blanks at its ends or repeated."""
    return " ".join(header.replace("\ufeff", "").split()).casefold()


def fit(dialect: Dialect, header: Sequence[str], ours: Mapping[str, str]) -> Fit:
    """See what a header makes of a dialect.

    Args:
        header: names of columns, as `kgtools.read.tables.told_apart` makes them.
        ours: our name of a column, to that of the table's where a crosswalk says so; overrules the dialect.

    Returns:
        Which column is which, and what the dialect requires and the header lacks; each column means one thing at most.
    """
    said = [normal(name) for name in _as_written(header)]
    free = dict.fromkeys(range(len(header)))
    columns = {name: header.index(theirs) for name, theirs in ours.items() if theirs in header}
    from_ours = dict(columns)

    def take(headers: Sequence[str]) -> int | None:
        for one in headers:
            for place in free:
                if said[place] == normal(one):
                    del free[place]
                    return place
        return None

    def take_all(headers: Sequence[str]) -> tuple[int, ...]:
        wanted = {normal(one) for one in headers}
        places = tuple(place for place in free if said[place] in wanted)
        for place in places:
            del free[place]
        return places

    for name, headers in dialect.columns.items():
        # A column that the crosswalk calls otherwise may still be what the program means by it.
        if name not in columns and (place := take(headers)) is not None:
            columns[name] = place
    for place in from_ours.values():
        free.pop(place, None)
    codes = count = span = None
    applied: dict[str, tuple[int, dict[str, int]]] = {}
    lacking = [name for name in dialect.required if name not in columns]
    if dialect.split:
        codes = columns.pop("code") if "code" in columns else take(dialect.split.codes)
        count = take(dialect.split.count)
        lacking += ["code"] if codes is None else []
    if dialect.applied and "code" not in columns:
        applied = _applied(dialect.applied, header, free)
        lacking += [] if applied else ["code"]
    if dialect.span and "native_start" not in columns:
        span = take(dialect.span)
    categories, silent = take_all(dialect.categories), take_all(dialect.pass_over)
    found = Fit(dialect, columns, codes, count, applied, categories, span, silent, tuple(lacking))
    return replace(found, heard=len(found.known() - set(from_ours.values())))


def _applied(form: Applied, header: Sequence[str], free: dict[int, None]) -> dict[str, tuple[int, dict[str, int]]]:
    """Columns of codes, taken from those that are free."""
    found: dict[str, tuple[int, dict[str, int]]] = {}
    names = {name.strip(): place for place, name in enumerate(header) if place in free}
    ends = len(form.before), len(form.after)
    for name, place in names.items():
        if name.startswith(form.before) and name.endswith(form.after) and len(name) > sum(ends):
            found[name[ends[0] : len(name) - ends[1]].strip()] = (place, {})
    taken = {place for place, _ in found.values()}
    for code, (_, beside) in found.items():
        for end in form.beside:
            other = names.get(f"{form.before}{code}{end}")
            if other is not None and other not in taken:
                beside[end.strip()] = other
    for own, beside in found.values():
        for place in (own, *beside.values()):
            free.pop(place, None)
    return found


def _as_written(header: Sequence[str]) -> list[str]:
    """Names of columns without the numbers that those have which repeat."""
    written = []
    for name in header:
        base, _, number = name.rpartition(" ")
        written.append(base if number.isdecimal() and base in header else name)
    return written


@cache
def bundled() -> tuple[Dialect, ...]:
    """The dialects that come with kgtools."""
    return read_dialects(Path(__file__).with_name("dialects.yaml"))


def read_dialects(path: Path) -> tuple[Dialect, ...]:
    """Read a file of dialects, in its order.

    Args:
        path: a file like the `dialects.yaml` that comes with kgtools, where the form is explained.

    Raises:
        InputError: the file cannot be read, is not YAML, or says something that nobody understands; with its line.
    """
    root = tree(path)
    if not isinstance(root.value, dict):
        raise InputError("dialects are a mapping: the program's name, and below it columns, required, …", path, 1)
    dialects = []
    for program, node in root.value.items():
        line = root.lines[program]
        if not isinstance(node.value, dict):
            raise InputError(f"`{short(program)}` is no mapping; write columns, required, … below it", path, line)
        try:
            dialect = Dialect.model_validate({"program": program, **plain(node)})
        except ValidationError as error:
            # A key that nobody knows explains another that is missing.
            first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
            where = first["loc"]
            at = line_of(node, where) if where[0] in node.value else line
            raise InputError(f"`{short(program)}`: {_say(where, first['type'], first['msg'])}", path, at) from error
        _check(dialect, path, line)
        dialects.append(dialect)
    return tuple(dialects)


def _check(dialect: Dialect, path: Path, line: int) -> None:
    """What a dialect's form alone does not show."""
    called = short(dialect.program)
    unknown = [name for name in (*dialect.columns, *dialect.required, *dialect.placeholders) if name not in NAMES]
    if unknown:
        listed = ", ".join(sorted(NAMES))
        said = f"`{short(unknown[0])}` is no column of ours; there are {listed}"
        raise InputError(f"`{called}`: {said}", path, line)
    unheard = [name for name in dialect.required if name not in dialect.columns]
    if unheard:
        said = f"`{unheard[0]}` is required, but no header is given for it under `columns`"
        raise InputError(f"`{called}`: {said}", path, line)
    ways = [bool(dialect.columns.get("code")), dialect.split is not None, dialect.applied is not None]
    if sum(ways) != 1:
        said = "says in more than one way" if sum(ways) else "does not say"
        raise InputError(f"`{called}` {said} where codes stand: columns: code, split, or applied", path, line)


def _say(where: tuple[int | str, ...], kind: str, message: str) -> str:
    """What is wrong with a key of a dialect."""
    name = short(next((part for part in reversed(where) if isinstance(part, str)), ""))
    if kind == "extra_forbidden":
        form = {"split": Split.model_fields, "applied": Applied.model_fields}.get(str(where[0]), Dialect.model_fields)
        return f"unknown key `{name}`; there are {', '.join(form)}"
    if kind == "missing":
        return f"`{name}` is missing"
    if kind in ("tuple_type", "too_short"):
        return f"`{name}` is a list of words; write [one, another]"
    if kind == "string_too_short":
        return f"`{name}` has an empty word; write it, or take it out"
    if kind == "bool_type":
        return f"`{name}` is yes or no"
    message = message.removeprefix("Value error, ")
    return f"`{name}`: {message[0].lower()}{message[1:]}"
