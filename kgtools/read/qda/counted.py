"""Offsets as a program counts them, and a text, go in; places in code points of the text as kept come out.

A rule says what is counted. Which one a program follows is for `positions` to find.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

from kgtools.read.encoding import decode
from kgtools.read.qda.project import Unit

UNITS: tuple[Unit, ...] = ("code point", "utf-16", "byte")
"""What offsets may count, the standard's first."""

Place = tuple[int, int]
"""A part of the text as kept: its first code point, and that after its last."""

_CRLF: tuple[Literal["two", "one"], ...] = ("two", "one")
_BOM: tuple[Literal["dropped", "counted"], ...] = ("dropped", "counted")
_BLOCK = 2048
_LOST = "\ufffd"


@dataclass(frozen=True, slots=True)
class Rule:
    """How offsets are counted. As text, such as `utf-16; CRLF as two; BOM dropped`, it is a stable name for it.

    Args:
        unit: what counts as one.
        crlf: whether a line end CRLF counts as two characters or as one; None where the text has none.
        bom: whether the byte order mark is counted; None where the file has none.
    """

    unit: Unit
    crlf: Literal["two", "one"] | None = None
    bom: Literal["dropped", "counted"] | None = None

    def __str__(self) -> str:
        crlf = "" if self.crlf is None else f"; CRLF as {self.crlf}"
        return f"{self.unit}{crlf}" + ("" if self.bom is None else f"; BOM {self.bom}")


def all_rules(unit: Unit | None) -> list[Rule]:
    """The rules that a program may follow, the standard's first: all, or those of a unit."""
    return [Rule(*one) for one in product((unit,) if unit else UNITS, _CRLF, _BOM)]


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it was stored and as it is kept.

    Args:
        raw: its characters, without byte order mark.
        kept: these with each line end a single LF.
        encoding: what its bytes were decoded from.
        marked: whether they had a byte order mark.
        broken: the bytes without byte order mark, where they are UTF-8 with such among them that are none.
    """

    raw: str
    kept: str
    encoding: str
    marked: bool
    broken: bytes | None = None

    @classmethod
    def of(cls, data: bytes) -> Text:
        """A text from its bytes, whatever they are."""
        raw, encoding, marked = decode(data)
        kept = raw.replace("\r\n", "\n").replace("\r", "\n")
        broken = None
        if encoding == "utf-8" and _LOST in raw:
            broken = data[3:] if marked else data
        return cls(raw, kept, encoding, marked, broken)

    def rules(self, unit: Unit | None) -> list[Rule]:
        """The rules that can differ in this text, the standard's first."""
        units: Sequence[Unit] = [unit or UNITS[0]]
        if unit is None and (self.marked or not self.raw.isascii()):
            beyond = len(self.raw.encode("utf-16-le")) != 2 * len(self.raw)
            units = [one for one in UNITS if one != "utf-16" or beyond]
        crlf = _CRLF if "\r\n" in self.raw else (None,)
        return [Rule(*one) for one in product(units, crlf, _BOM if self.marked else (None,))]

    def places(self, rule: Rule, spans: Sequence[tuple[int, int]]) -> list[Place | None]:
        """Where a rule puts each selection in the text as kept; None where it cannot be."""
        mark = 0 if rule.bom != "counted" else 3 if rule.unit == "byte" else 1
        offsets = sorted({offset - mark for span in spans for offset in span})
        counted = self.kept if rule.crlf == "one" else self.raw
        if self.broken is not None and rule.unit == "byte":
            stored = self.broken.replace(b"\r\n", b"\n") if rule.crlf == "one" else self.broken
            at = _counted_broken(counted, stored, offsets)
        else:
            at = _counted(counted, rule.unit, offsets)
        if rule.crlf == "two":
            at = _folded(self.raw, at)
        found: list[Place | None] = []
        for span in spans:
            start, end = at[span[0] - mark], at[span[1] - mark]
            found.append(None if start is None or end is None or start > end else (start, end))
        return found


def of_text(rule: Rule, rules: Sequence[Rule]) -> Rule:
    """What a rule comes to in a text that has these rules: what makes no difference there is not said."""
    unit = rule.unit if any(one.unit == rule.unit for one in rules) else rules[0].unit
    return Rule(unit, rules[0].crlf and rule.crlf, rules[0].bom and rule.bom)


def _counted(text: str, unit: Unit, offsets: list[int]) -> dict[int, int | None]:
    """The code point at each of these offsets (in ascending order); None where there is none, or not at its beginning.

    Why in blocks: encoding and decoding a block is fast, a step in Python for each character is not.
    """
    if unit == "code point":
        return {offset: offset if 0 <= offset <= len(text) else None for offset in offsets}
    encoding, width = ("utf-16-le", 2) if unit == "utf-16" else ("utf-8", 1)
    found: dict[int, int | None] = {}
    index = before = 0
    while index < len(offsets) and offsets[index] < 0:
        found[offsets[index]] = None
        index += 1
    for first in range(0, len(text), _BLOCK):
        if index == len(offsets):
            break
        block = text[first : first + _BLOCK].encode(encoding)
        after = before + len(block) // width
        while index < len(offsets) and offsets[index] < after:
            try:
                found[offsets[index]] = first + len(block[: (offsets[index] - before) * width].decode(encoding))
            except UnicodeDecodeError:
                found[offsets[index]] = None
            index += 1
        before = after
    found.update((offset, len(text) if offset == before else None) for offset in offsets[index:])
    return found


def _counted_broken(text: str, stored: bytes, offsets: list[int]) -> dict[int, int | None]:
    """The same for bytes of which some are no UTF-8: U+FFFD, which stands for them, would be three bytes each."""
    lost: list[tuple[int, int]] = []
    at = 0
    for sound in text.split(_LOST)[:-1]:
        begun = at + len(sound.encode())
        at = begun + _length(stored[begun : begun + 3])
        lost.append((begun, at))
    written: dict[int, int | None] = {}
    index = longer = 0
    for offset in offsets:
        while index < len(lost) and lost[index][1] <= offset:
            longer += 3 - (lost[index][1] - lost[index][0])
            index += 1
        written[offset] = None if index < len(lost) and lost[index][0] < offset else offset + longer
    found = _counted(text, "byte", [offset for offset in written.values() if offset is not None])
    return {offset: None if there is None else found[there] for offset, there in written.items()}


def _length(stored: bytes) -> int:
    """How many bytes became the U+FFFD that stands here (it may have been written as such)."""
    try:
        stored.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.end
    return 3


def _folded(raw: str, at: dict[int, int | None]) -> dict[int, int | None]:
    """The same places in the text whose line ends are folded; between CR and LF there is none."""
    found: dict[int, int | None] = {}
    counted = folded = 0
    for offset, here in at.items():
        if here is None or raw[max(0, here - 1) : here + 1] == "\r\n":
            found[offset] = None
        else:
            folded += raw.count("\r\n", counted, here)
            counted = here
            found[offset] = here - folded
    return found
