"""Crosswalks: a YAML file that says how somebody else's codes and columns map to ours; out comes a checked `Crosswalk`.

The form is strict: an unknown key, a key that stands twice, or a term that does not exist is an error with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from kgtools.errors import InputError
from kgtools.vocabulary import VALENCES, Vocabulary

LEFT_OUT = "none"
"""What a code maps to that is left out on purpose."""

_PATH_SEPARATOR = re.compile(r" > |\\|->")


class Target(BaseModel):
    """What one code becomes: a term, and what the crosswalk adds to it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    term: str
    valence: Literal["positive", "negative", "neutral", "mixed"] | None = None
    bearer: str | None = None
    toward: str | None = None
    presence: Literal["present", "absent"] | None = None
    step: int | None = None


def _targets(value: Any) -> Any:
    """Let a bare word or a single mapping stand for a list of one."""
    several = value if isinstance(value, list) else [value]
    return tuple({"term": one} if isinstance(one, str) else one for one in several)


Targets = Annotated[tuple[Target, ...], BeforeValidator(_targets)]


class Crosswalk(BaseModel):
    """A crosswalk as written (DESIGN: `shape`, `columns`, `defaults`, `codes`).

    Args:
        columns: our name of a column, to theirs.
        defaults: our name of a column, to the value where the cell is empty or the column missing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: dict[str, str] = {}
    defaults: dict[str, str] = {}


class Segments(Crosswalk):
    """One row a coded segment; `codes` by the code."""

    shape: Literal["segments"] = "segments"
    codes: dict[str, Targets] = {}

    def mapped(self, code: str) -> tuple[Target, ...] | None:
        """What a code becomes, by its full path or else by its last part; None where the crosswalk is silent."""
        return self.codes.get(code, self.codes.get(_PATH_SEPARATOR.split(code)[-1].strip()))


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
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        tree = YAML(typ="rt").load(path.read_text("utf-8-sig"))
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", path) from error
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8; save it as UTF-8", path) from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise InputError(f"not a YAML file that can be read: {error.problem}", path, line) from error
    except YAMLError as error:
        raise InputError(f"not a YAML file that can be read: {str(error).splitlines()[0]}", path) from error
    if not isinstance(tree, dict):
        raise InputError("a crosswalk is a mapping with the keys shape, columns, defaults, codes", path, 1)
    form = Wide if tree.get("shape") == "wide" else Segments
    try:
        crosswalk = form.model_validate(_plain({key: value for key, value in tree.items() if value is not None}))
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(_say(first), path, _line(tree, first["loc"])) from error
    for part in ("columns", "defaults"):
        for name in getattr(crosswalk, part):
            if name not in columns:
                raise InputError(
                    f"`{part}` has `{name}`, which is no column of ours; there are {', '.join(sorted(columns))}",
                    path,
                    _line(tree, (part, name)),
                )
    for where, target in _all_targets(crosswalk):
        line = _line(tree, where)
        if target.term == LEFT_OUT:
            continue
        term = vocabulary.resolve(target.term)
        if term in vocabulary.instead:
            raise InputError(f"`{target.term}` is inferred, not coded: {vocabulary.instead[term]}", path, line)
        if term not in vocabulary.elements:
            raise InputError(f"`{target.term}` is no term that can be coded{vocabulary.suggestion(target.term)}", path, line)
    valence = crosswalk.defaults.get("valence")
    if valence is not None and valence not in VALENCES:
        raise InputError(f"`{valence}` is no valence; there are {', '.join(VALENCES)}", path, _line(tree, ("defaults", "valence")))
    return crosswalk


def _plain(value: Any) -> Any:
    """Plain Python values, with numbers and booleans that stand as keys or cells turned back to text."""
    if isinstance(value, dict):
        return {_text(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value


def _text(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)


def _all_targets(crosswalk: Segments | Wide) -> Iterator[tuple[tuple[str, ...], Target]]:
    """Every target, with the keys that lead to it."""
    if isinstance(crosswalk, Wide):
        for column, codes in crosswalk.codes.items():
            yield from ((("codes", column, code), target) for code, targets in codes.items() for target in targets)
    else:
        yield from ((("codes", code), target) for code, targets in crosswalk.codes.items() for target in targets)


def _say(error: Any) -> str:
    name = next((part for part in reversed(error["loc"]) if isinstance(part, str)), "")
    if error["type"] == "extra_forbidden":
        known = "term, valence, bearer, toward, presence, step" if len(error["loc"]) > 1 else "shape, columns, defaults, codes"
        return f"unknown key `{name}`; there are {known}"
    if error["type"] == "missing":
        return f"`{name}` is missing: each entry of a list names a term"
    return f"`{name}`: {error['msg'][0].lower()}{error['msg'][1:]}"


def _line(tree: Any, where: tuple[Any, ...]) -> int | None:
    """The line of the innermost part of `where` that stands in the file."""
    line = None
    for part in where:
        if isinstance(part, int) and isinstance(tree, list) and part < len(tree):
            line, tree = tree.lc.item(part)[0] + 1, tree[part]
        elif isinstance(tree, dict):
            key = next((key for key in tree if _text(key) == str(part)), None)
            if key is not None:
                line, tree = tree.lc.key(key)[0] + 1, tree[key]
    return line
