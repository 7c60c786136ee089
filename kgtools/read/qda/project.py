"""Projects of coding programs, as values: what every reader of projects yields, and `staging` makes raw tables of.

Nothing here is interpreted yet: offsets are the program's own, codes are its user's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from kgtools.model import Finding

Kind = Literal["text", "pdf", "picture", "audio", "video"]

Unit = Literal["code point", "utf-16", "byte"]
"""What offsets in a text may count; bytes are those of UTF-8."""

Variables = tuple[tuple[str, str], ...]
"""Names of variables with their values as text, in the order of the file. Empty values are not listed."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code of the codebook.

    Args:
        key: what codings refer to it by (a GUID in lower case without braces, or a database's id).
        path: its name, after those of the codes above it.
        color: `#rrggbb`, where known.
        codable: whether segments may be coded with it (some codes only group others).
        line: where it stands (a line of XML, the id of a database's row), where known.
    """

    key: str
    path: tuple[str, ...]
    description: str | None = None
    color: str | None = None
    codable: bool = True
    line: int | None = None

    @property
    def called(self) -> str:
        """Its path as codings have it: `Emotions > Delight`."""
        return " > ".join(self.path)


@dataclass(frozen=True, slots=True)
class Source:
    """A document, picture or recording.

    Args:
        key: what selections and cases refer to it by.
        name: what users call it.
        text: the bytes of its plain text exactly as the program stored them (of a PDF or a recording, those of the
            text made of it); None where it has none, or the file lacks it.
        groups: the sets (document groups) that it is in.
        notes: what users wrote on it.
        unit: what the offsets of selections in its text count, where the program is known to always count that.
    """

    key: str
    name: str
    kind: Kind = "text"
    text: bytes | None = None
    description: str | None = None
    variables: Variables = ()
    groups: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    line: int | None = None
    unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """A part of a source that users marked.

    Args:
        start: in its text, the offset of its first unit, as the program counts; None where it is no part of a text.
        end: that after its last unit.
        words: what the program stored of the words selected; where it cut them off, with `…` or `...` at their end.
        fragment: for what is no text, a media fragment (W3C Media Fragments URI 1.0, 4.2: `xywh=10,20,30,40` in pixels,
            `t=1.5,12` in seconds) or a PDF fragment (RFC 8118, 3: `page=2&viewrect=10,20,30,40`, in the file's units).
        notes: what users wrote on it.
    """

    key: str
    source: str
    start: int | None = None
    end: int | None = None
    words: str | None = None
    fragment: str | None = None
    notes: tuple[str, ...] = ()
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Coded:
    """One coding: a selection, or a whole source, with one code.

    Args:
        key: its id, unique in the project.
        selection: the selection's key; None where the whole source is coded.
        code: the code's key; one that no code has is possible.
        coder: who coded it, by name.
        coded_at: ISO 8601, as `coded_at` in a bundle takes it.
    """

    key: str
    source: str
    code: str
    selection: str | None = None
    coder: str | None = None
    coded_at: str | None = None
    notes: tuple[str, ...] = ()
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A case (a person, an organization): whole sources, and selections in others, that belong to it."""

    key: str
    name: str
    sources: tuple[str, ...] = ()
    selections: tuple[str, ...] = ()
    variables: Variables = ()
    description: str | None = None
    line: int | None = None


@dataclass
class Project:
    """All that a project holds, each list in the order of the file.

    Args:
        name: what its users call it.
        program: what wrote it, as it says itself (`ATLAS.ti 8.4.0`); empty where it does not.
        file: what findings call the part that lines are of, after the file's name: `project.qde`; empty for the file.
        code_sets: names of sets of codes, each with the keys of its codes.
        lost: how many codings could not be read; each is a violation among the findings.
        findings: what is odd in the file, with line (`row`) and `file` as findings call it.
    """

    name: str
    program: str = ""
    file: str = ""
    codes: list[Code] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    selections: list[Selection] = field(default_factory=list)
    codings: list[Coded] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    code_sets: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    lost: int = 0
