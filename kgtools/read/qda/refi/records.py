"""Records of an exchange project while it is read; they hold GUIDs, as what those stand for may come later."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kgtools.read.qda.project import Kind

Values = list[tuple[str, str]]
"""GUIDs of variables with their values."""


@dataclass(slots=True)
class Marked:
    """A selection.

    Args:
        tag: its element's name.
        source: the key of its source.
    """

    key: str
    source: str
    tag: str
    line: int
    user: str
    start: int | None = None
    end: int | None = None
    words: str | None = None
    fragment: str | None = None
    said: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Applied:
    """A code on a selection, or on a whole source."""

    key: str
    source: str
    selection: Marked | None
    code: str
    user: str
    made: str | None
    line: int
    notes: list[str]


@dataclass(slots=True)
class Document:
    """A source."""

    key: str
    name: str
    kind: Kind
    line: int
    text: bytes | None = None
    description: str | None = None
    values: Values = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class CodeRecord:
    """A code."""

    key: str
    path: tuple[str, ...]
    description: str | None
    color: str | None
    codable: bool
    line: int
    notes: list[str]


@dataclass(slots=True)
class CaseRecord:
    """A case."""

    key: str
    name: str
    description: str | None
    line: int
    values: Values
    sources: list[str]
    selections: list[str]
