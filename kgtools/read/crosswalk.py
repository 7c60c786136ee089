"""Crosswalks: a YAML file that says how somebody else's codes and columns map to ours; out comes a checked `Crosswalk`.

The form is strict: an unknown key, a key that stands twice, or a term that does not exist is an error with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from kgtools.errors import InputError
from kgtools.read.qda.remarks import short
from kgtools.read.yaml import line_of, plain, tree
from kgtools.vocabulary import VALENCES, Vocabulary, local

LEFT_OUT = "none"
"""What a code maps to that is left out on purpose."""

_PATH_SEPARATOR = re.compile(r" > |\\|->")


def parts_of(code: str) -> list[str]:
    """The names along a code's path, the uppermost first."""
    return [part.strip() for part in _PATH_SEPARATOR.split(code)]


class Target(BaseModel):
    """What one code becomes: a term, and what the crosswalk adds to it.

    Without a term the code says something of what else is coded on the same words (see `kgtools.read.modifiers`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    term: str | None = None
    valence: Literal["positive", "negative", "neutral", "mixed"] | None = None
    bearer: str | None = None
    toward: str | None = None
    presence: Literal["present", "absent"] | None = None
    step: int | None = None


def _targets(value: Any) -> Any:
    """Let a bare word or a single mapping stand for a list of one."""
    several = value if isinstance(value, list | tuple) else [value]
    return tuple({"term": one} if isinstance(one, str) else one for one in several)


Targets = Annotated[tuple[Target, ...], BeforeValidator(_targets)]


class ByCode(BaseModel):
    """An incident is what is marked with one code: `code` is its name, `*` standing for anything."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str


class Crosswalk(BaseModel):
    """A crosswalk as written (DESIGN: `shape`, `columns`, `defaults`, `codes`; and `incident`).

    Args:
        columns: our name of a column, to theirs.
        defaults: our name of a column, to the value where the cell is empty or the column missing.
        incident: what an incident is, where no column says so: a document (None means that too), a case, a row, or
            what is marked with a code.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: dict[str, str] = {}
    defaults: dict[str, str] = {}
    incident: Literal["document", "case", "row"] | ByCode | None = None


class Segments(Crosswalk):
    """One row a coded segment; `codes` by the code."""

    shape: Literal["segments"] = "segments"
    codes: dict[str, Targets] = {}

    def mapped(self, code: str) -> tuple[Target, ...] | None:
        """What a code becomes, by its full path or else by its last part; None where the crosswalk is silent."""
        return self.codes.get(code, self.codes.get(parts_of(code)[-1]))


class Wide(Crosswalk):
    """One row an incident; `codes` by the column, then by what stands in it."""

    shape: Literal["wide"]
    codes: dict[str, dict[str, Targets]] = {}


def read_crosswalk(path: Path, vocabulary: Vocabulary, columns: frozenset[str]) -> Segments | Wide:
    """Read a crosswalk and check it against the vocabulary.

    Args:
        path: the YAML file.
        vocabulary: the terms that codes may map to.
        columns: the names that `columns` and `defaults` may use.

    Raises:
        InputError: the file cannot be read, is not YAML, or says something that nobody understands; with its line.
    """
    root = tree(path)
    if not isinstance(root.value, dict):
        raise InputError("a crosswalk is a mapping with the keys shape, incident, columns, defaults, codes", path, 1)
    written = {key: value for key, value in plain(root).items() if value != ""}
    form = Wide if written.get("shape") == "wide" else Segments
    try:
        crosswalk = form.model_validate(written)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(_say(first), path, line_of(root, first["loc"])) from error
    for part in ("columns", "defaults"):
        for name in getattr(crosswalk, part):
            if name not in columns:
                raise InputError(
                    f"`{part}` has `{short(name)}`, which is no column of ours; there are {', '.join(sorted(columns))}",
                    path,
                    line_of(root, (part, name)),
                )
    for where, target in _all_targets(crosswalk):
        line = line_of(root, where)
        if target.term == LEFT_OUT:
            continue
        if target.term is None:
            alone = isinstance(crosswalk, Segments) and len(crosswalk.codes[str(where[1])]) == 1
            if not alone or not target.model_dump(exclude_none=True):
                said = "the entry names no term; write `term: Delight`, or a valence or the like alone, for one code"
                raise InputError(said, path, line)
            continue
        if not target.term:
            raise InputError("the code stands for nothing; write a term, or none to leave the code out", path, line)
        term = vocabulary.resolve(target.term)
        if term is not None and term in vocabulary.instead:
            raise InputError(f"`{short(target.term)}` is inferred, not coded: {vocabulary.instead[term]}", path, line)
        if term not in vocabulary.elements:
            hint = vocabulary.suggestion(target.term) or "; write one such as Delight, or none to leave the code out"
            raise InputError(f"`{short(target.term)}` is no term that can be coded{hint}", path, line)
    known: tuple[tuple[str, Sequence[str]], ...] = (
        ("valence", VALENCES),
        ("presence", ("present", "absent")),
        ("purpose", ("personal", "collective")),
        ("context", ("public", "commercial")),
        *((name, ("true", "false")) for name in ("monopoly", "resources_limited", "common_cause")),
    )
    channel = crosswalk.defaults.get("channel")
    if channel is not None and vocabulary.resolve(channel) not in vocabulary.channels:
        kinds = ", ".join(sorted(local(iri) for iri in vocabulary.channels))
        raise InputError(f"`{channel}` is no channel; there are {kinds}", path, line_of(root, ("defaults", "channel")))
    for name, words in known:
        word = crosswalk.defaults.get(name)
        if word is not None and word not in words:
            line = line_of(root, ("defaults", name))
            raise InputError(f"`{short(word)}` is no {name}; there are {', '.join(words)}", path, line)
    return crosswalk


def _all_targets(crosswalk: Segments | Wide) -> Iterator[tuple[tuple[str | int, ...], Target]]:
    """Every target, with the keys that lead to it."""
    tables = crosswalk.codes.items() if isinstance(crosswalk, Wide) else [("", crosswalk.codes)]
    for column, codes in tables:
        for code, targets in codes.items():
            for place, target in enumerate(targets):
                yield ("codes", column, code, place) if column else ("codes", code, place), target


def _say(error: Any) -> str:
    name = next((part for part in reversed(error["loc"]) if isinstance(part, str)), "")
    if error["type"] == "extra_forbidden":
        known = (
            "term, valence, bearer, toward, presence, step"
            if len(error["loc"]) > 1
            else "shape, incident, columns, defaults, codes"
        )
        return f"unknown key `{short(name)}`; there are {known}"
    if error["loc"][0] == "incident":
        return "`incident` is document, case, row, or {code: …} with the code that marks incidents, such as Incident *"
    if error["loc"] == ("shape",):
        return f"`{short(str(error['input']))}` is no shape; there are segments, wide"
    given = error["input"]
    said = (
        f"`{short(given)}`" if isinstance(given, str) else "a list" if isinstance(given, list | tuple) else "a mapping"
    )
    meant = {
        "literal_error": "there are " + ", ".join(re.findall(r"'(\w+)'", error.get("ctx", {}).get("expected", ""))),
        "dict_type": "write lines `name: value` below it, each further to the right",
        "string_type": "write one word or text",
        "int_parsing": "write a whole number",
        "int_type": "write a whole number",
    }.get(error["type"], error["msg"])
    return f"`{short(name)}` is {said}; {meant}"
